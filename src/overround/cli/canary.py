"""`overround canary`: one discovery page and one event per bookmaker, compared with what we know."""

import sys
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from overround.bookmakers import registry
from overround.bookmakers.base import Bookmaker
from overround.bookmakers.http import Transport
from overround.bookmakers.limiter import Limiter
from overround.cli.loop import run_async
from overround.clock import SystemClock
from overround.config import (
    BOOKMAKER_NAMES,
    BOOKMAKERS,
    ProcessConfig,
    Settings,
    bookmaker_list,
    packaged_catalogue,
    process_config,
)
from overround.errors import ConfigError, one_line
from overround.log import configure
from overround.scraping.admission import Admission
from overround.scraping.canary import MAX_PARTS, CanaryReport, Expectation, expectation, look

EXIT_DRIFTED, EXIT_REFUSED = 1, 4
COLOURS = {"ok": "green", "drifted": "red", "refused": "yellow", "unreachable": "yellow"}
NEW_SHOWN = 5


def canary(
    bookmaker: Annotated[
        str,
        typer.Argument(help=f"Only this one: {', '.join(BOOKMAKERS)}; default: all in OVERROUND_BOOKMAKERS."),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
) -> None:
    """
    Ask each bookmaker for one discovery page and one event, and compare shape and mapping with what we know.

    Exit 0 all as expected, 1 one has drifted, 4 one refused or could not be reached.
    """
    configure("error")
    config = process_config()
    codes = chosen(config, bookmaker)
    expected = {code: expectation(code) for code in codes}
    catalogue = packaged_catalogue()
    bookmakers = [
        registry.create(code, catalogue, config.base_url(code), config.country(code)) for code in codes
    ]
    for one in bookmakers:
        print(announcement(one, expected[one.code], config), file=sys.stderr)
    reports = run_async(_look(bookmakers, expected, config))
    if as_json:
        made = {"verdict": overall(reports), "bookmakers": reports}
        typer.echo(msgspec.json.encode(made).decode())
    else:
        _print(reports)
    raise typer.Exit({"ok": 0, "drifted": EXIT_DRIFTED}.get(overall(reports), EXIT_REFUSED))


def chosen(config: ProcessConfig, bookmaker: str) -> tuple[str, ...]:
    """
    Return whom to ask: the one that is named, else all that this process may ask.

    Raises:
        ConfigError: An unknown one, one outside OVERROUND_BOOKMAKERS, or a real site beside simulated ones.
    """
    codes = bookmaker_list("BOOKMAKER", [bookmaker]) if bookmaker else config.enabled
    if outside := [code for code in codes if code not in config.enabled]:
        raise ConfigError("BOOKMAKER", f"{outside[0]} is outside OVERROUND_BOOKMAKERS; add it there first")
    real = [code for code in codes if not config.base_url(code)]
    if real and config.effective_world() != "live":
        variable = f"OVERROUND_{real[0].upper()}_BASE_URL"
        raise ConfigError(
            variable, f"is needed: the world is {config.effective_world()}, no real site is asked"
        )
    return codes


def announcement(bookmaker: Bookmaker, expected: Expectation, config: ProcessConfig) -> str:
    """Return whom we are about to ask, how often at most, and as whom."""
    host = urlsplit(bookmaker.event_request("1").url).netloc
    most = sum(expected.pages.values()) + MAX_PARTS
    return f"{BOOKMAKER_NAMES[bookmaker.code]}: asks {host} at most {most} times, as {config.user_agent}"


def overall(reports: Sequence[CanaryReport]) -> str:
    """Return the verdict on all: drifted before refused before unreachable before ok."""
    verdicts = {report.verdict for report in reports}
    return next(one for one in ("drifted", "refused", "unreachable", "ok") if one in verdicts)


async def _look(
    bookmakers: Sequence[Bookmaker], expected: dict[str, Expectation], config: ProcessConfig
) -> list[CanaryReport]:
    """Look at one bookmaker after the other."""
    clock, settings = SystemClock(), Settings()
    transport = Transport(config.user_agent, clock)
    limiters = {one.code: Limiter(one.code, settings, clock) for one in bookmakers}
    admission = Admission(limiters, settings, clock)
    try:
        return [
            await look(one, expected[one.code], transport, admission.admit_lists(one.code), clock.now())
            for one in bookmakers
        ]
    finally:
        await transport.close()


def _print(reports: Sequence[CanaryReport]) -> None:
    console = Console()
    table = Table(box=None, pad_edge=False)
    for title in ("bookmaker", "verdict", "requests", "ms", "kB", "listed", "SR ids", "markets", "mapped"):
        table.add_column(title, justify="left" if title in ("bookmaker", "verdict") else "right")
    for report in reports:
        share = "–" if report.mapped_share is None else f"{report.mapped_share:.1%}"
        table.add_row(
            report.bookmaker, f"[{COLOURS[report.verdict]}]{report.verdict}[/]", str(report.requests),
            f"{report.ms:.0f}", f"{report.wire_bytes / 1000:.0f}", str(report.listed), str(report.identified),
            str(report.markets), share,
        )  # fmt: skip
    console.print(table)
    for report in reports:
        for sentence in _details(report):
            console.print(f"[bold]{report.bookmaker}[/] {escape(sentence)}", highlight=False)


def _details(report: CanaryReport) -> list[str]:
    """Return what does not fit into the table, a line each."""
    lines = [one_line(reason) for reason in report.reasons]
    for operation, difference in report.shapes.items():
        if new := difference.new:
            more = f" and {len(new) - NEW_SHOWN} more" if len(new) > NEW_SHOWN else ""
            lines.append(one_line(f"{operation}: new {', '.join(new[:NEW_SHOWN])}{more}"))
    read = ", ".join(f"{count} × {operation}" for operation, count in report.lists_read.items())
    lines.append(one_line(f"lists read: {read}; event: {report.event or 'none'}"))
    if report.refused:
        lines.append("left out: " + ", ".join(f"{count} × {why}" for why, count in report.refused.items()))
    if report.unmapped:
        gaps = "; ".join(f"{gap.id} {gap.name} ({gap.outcomes})" for gap in report.unmapped)
        lines.append(one_line(f"not mapped, largest first: {gaps}"))
    return lines
