"""`overround coverage`: what of each bookmaker's offer is mapped, and which market types are not."""

import asyncio
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from overround.cli.ask_server import DEFAULT_URL, NoServer, UrlOption, ask
from overround.cli.options import DataDirOption
from overround.clock import SystemClock
from overround.config import BOOKMAKERS, ProcessConfig, bookmaker_list, process_config
from overround.errors import StorageError, one_line
from overround.storage.coverage import stored_coverage
from overround.storage.data_dir import DataDir
from overround.storage.store import open_for_reading

NAME_WIDTH = 48
ONLY_A_SERVER_KNOWS = "What is not mapped stands in a running server's memory only: start overround serve."


class Side(StrEnum):
    """Where something is missing: at the reference, or at competitors."""

    here = "here"
    there = "there"


def coverage(
    bookmaker: Annotated[str, typer.Option(help=f"Only this one: {', '.join(BOOKMAKERS)}.")] = "",
    top: Annotated[int, typer.Option(min=1, max=500, help="Unmapped market types to list.")] = 20,
    missing: Annotated[
        Side | None, typer.Option(help="List what is missing instead, most urgent first.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
    url: UrlOption = DEFAULT_URL,
    data_dir: DataDirOption = None,
) -> None:
    """
    Show what of each bookmaker's offer is mapped, and the market types that are not, most frequent first.

    With --missing: the events, competitions, markets and lines that competitors have and we don't (here), or the
    reverse (there).
    """
    code = bookmaker_list("--bookmaker", [bookmaker])[0] if bookmaker else ""
    if missing is not None:
        _show_missing(url, missing.value, code, top, as_json)
        return
    try:
        report = from_server(url, code, top)
    except NoServer as exc:
        config = process_config(data_dir=data_dir)
        report = from_database(config, code, str(exc))
    if as_json:
        typer.echo(msgspec.json.encode(report).decode())
    else:
        _print(report)


def _show_missing(url: str, side: str, bookmaker: str, top: int, as_json: bool) -> None:
    """Print the work queue. Raises: NoServer, ServerRefused: only a running server has it."""
    found = ask(url, "/api/coverage/gaps", {"side": side, "bookmaker": bookmaker, "page_size": top})
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    console = Console()
    console.print(_missing_table(found["gaps"]))
    console.print(f"{found['total']} gaps {side}; events: where it is missing, of those where it could be")


def _missing_table(gaps: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("score", "kind", "missing at", "what", "events", "offered by", "next kickoff", "status"):
        table.add_column(title, justify="right" if title in ("score", "events") else "left")
    for gap in gaps:
        sample, league = gap["sample_event"], gap["competition"]
        what = gap["name"]
        if gap["kind"] == "event":
            what = f"{sample['home']} – {sample['away']}"
        if league:
            what = f"{what}  {league['name']} ({league['country']})".strip()
        table.add_row(
            f"{gap['score']:.2f}", gap["kind"], gap["missing_at"], _shown(what),
            f"{gap['events']} of {gap['could']}", ", ".join(gap["offering"]), _minute(sample["kickoff_at"]),
            gap["status"].replace("_", " "),
        )  # fmt: skip
    return table


def from_server(url: str, bookmaker: str, top: int) -> dict[str, Any]:
    """
    Return the report as `--json` prints it, from the server at `url`.

    Raises:
        NoServer, ServerRefused, ConfigError: As `ask`.
    """
    markets = ask(url, "/api/coverage/markets")
    found = ask(url, "/api/coverage/unmapped", {"bookmaker": bookmaker, "page_size": top})
    return {
        "source": "server",
        "note": "",
        "bookmakers": [row for row in markets["bookmakers"] if bookmaker in ("", row["bookmaker"])],
        "unmapped": found["unmapped"],
        "total": found["total"],
        "dropped": found["dropped"],
    }


def from_database(config: ProcessConfig, bookmaker: str, why: str) -> dict[str, Any]:
    """
    Return the report from the database, opened read-only; what only a server knows is None.

    Raises:
        StorageError: There is no database, or it can't be read.
    """
    folder = DataDir(config.data_dir)
    try:
        stored = asyncio.run(_stored(folder, config.database_url))
    except StorageError as exc:
        raise StorageError(None, f"{why}, and {exc}") from exc
    place = "the PostgreSQL database" if config.database_url else folder.database
    unknown = {"unmapped_types": None, "unmapped_outcomes": None, "dropped": None}
    return {
        "source": "database",
        "note": f"{why}; this is what {place} holds. {ONLY_A_SERVER_KNOWS}",
        "bookmakers": [{**row, **unknown} for row in stored if bookmaker in ("", row["bookmaker"])],
        "unmapped": None,
        "total": None,
        "dropped": None,
    }


async def _stored(folder: DataDir, database_url: str) -> list[dict[str, Any]]:
    database = open_for_reading(folder, database_url)
    try:
        rows = await stored_coverage(database, SystemClock().now())
    finally:
        await database.close()
    return [msgspec.structs.asdict(row) for row in rows]


def _print(report: dict[str, Any]) -> None:
    console = Console()
    if report["note"]:
        Console(stderr=True).print(escape(report["note"]), soft_wrap=True, highlight=False)
    console.print(_bookmaker_table(report))
    if report["unmapped"] is None:
        return
    console.print(f"\n[bold]{report['total']} market types are not mapped[/], most frequent first")
    if report["unmapped"]:
        console.print(_unmapped_table(report["unmapped"]))
    if report["dropped"]:
        console.print(f"{report['dropped']} more sightings found no room in the server's memory")


def _bookmaker_table(report: dict[str, Any]) -> Table:
    columns = {"bookmaker": "bookmaker"}
    if report["source"] == "database":
        columns["listings"] = "listings"
    columns |= {"events": "events ahead", "market_types": "market types", "markets": "markets mapped"}
    if report["source"] == "server":
        columns |= {"unmapped_types": "types not mapped", "unmapped_outcomes": "outcomes not mapped"}
    table = Table(box=None, pad_edge=False)
    for key, title in columns.items():
        table.add_column(title, justify="left" if key == "bookmaker" else "right")
    for row in report["bookmakers"]:
        table.add_row(*(str(row[key]) for key in columns))
    return table


def _unmapped_table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in (
        "bookmaker",
        "sport",
        "id",
        "name",
        "events",
        "outcomes",
        "first seen",
        "last seen",
        "sample",
    ):
        table.add_column(title, justify="right" if title in ("events", "outcomes") else "left")
    for row in rows:
        table.add_row(
            row["bookmaker"], row["sport"], _shown(row["id"]), _shown(row["name"]), str(row["events"]),
            str(row["outcomes"]), _minute(row["first_seen_at"]), _minute(row["last_seen_at"]),
            _sample(row["sample_event"]),
        )  # fmt: skip
    return table


def _shown(text: str) -> str:
    """Return a bookmaker's text fit for a terminal: no control characters, no markup of ours."""
    return escape(one_line(text, NAME_WIDTH))


def _minute(at: str) -> str:
    """
    Return a wire time to the minute.

    >>> _minute("2026-11-24T12:05:07.120Z")
    '2026-11-24 12:05'
    """
    return at[:16].replace("T", " ")


def _sample(event: dict[str, str] | None) -> str:
    return _shown(f"{event['sportradar_id']} {event['home']} – {event['away']}") if event else ""
