"""`overround scrape --once`: one run against the configured bookmakers, without a server."""

import asyncio
from collections.abc import Callable, Coroutine
from time import perf_counter
from typing import Annotated, Any, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from overround.bus.memory import MemoryBus
from overround.cli.loop import run_async
from overround.cli.options import (
    RECORD_MAX_MIB,
    DataDirOption,
    RecordMaxOption,
    RecordOption,
    recording_to,
)
from overround.cli.progress import RunBar
from overround.clock import Clock
from overround.config import process_config
from overround.domain.runs import PHASES, RunReport
from overround.errors import ConfigError, StorageError
from overround.log import configure
from overround.wiring import Engine

FAILED = ("failed", "connection_failed")
GIVE_UP_S = 60.0  # without anything accepted
LOOK_EVERY_S = 1.0

T = TypeVar("T")


def scrape(
    once: Annotated[
        bool, typer.Option("--once", help="Do one run and end; the server is what runs regularly.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the run as one JSON object on stdout.")
    ] = False,
    data_dir: DataDirOption = None,
    record: RecordOption = None,
    record_max_mib: RecordMaxOption = RECORD_MAX_MIB,
) -> None:
    """Collect the odds of all bookmakers once and store them. Exit 0 completed or partial, 1 failed."""
    if not once:
        raise ConfigError("scrape", "say --once; for regular runs start overround serve")
    configure("warning")
    config = process_config(data_dir=data_dir)
    with recording_to(record, record_max_mib) as record_to:
        engine = Engine(config, queued=False, record_to=record_to)
        with engine.data_dir.lock():
            report = run_async(_scrape(engine, quiet=as_json))
    if as_json:
        typer.echo(msgspec.json.encode(run_object(report, engine.cache.stats().markets)).decode())
    else:
        _print(report, engine.cache.stats().markets)
    raise typer.Exit(1 if report.status in FAILED else 0)


def run_object(report: RunReport, markets: int) -> dict[str, Any]:
    """Return the run as REST shows it, with `discovered` per bookmaker and all markets now known beside it."""
    made: dict[str, Any] = msgspec.to_builtins(report)
    made["discovered"] = {part.bookmaker: part.discovered for part in report.bookmakers}
    made["markets"] = markets
    return made


async def _scrape(engine: Engine, quiet: bool) -> RunReport:
    await engine.open()
    try:
        watching = asyncio.create_task(_watch(engine.bus)) if not quiet else None
        report = await unless_blocked(_run(engine), lambda: engine.intake.blocked, engine.clock)
        if watching:
            watching.cancel()
        started = perf_counter()
        await engine.finish_writing()
        drain_s = perf_counter() - started
        engine.intake.count_spent("drain", drain_s)
        report.phases_ms["drain"] = round(drain_s * 1000, 3)
        return report
    finally:
        await engine.close()


async def _run(engine: Engine) -> RunReport:
    report = await engine.runs.run_once()
    await engine.intake.flush()
    return report


async def unless_blocked(work: Coroutine[Any, Any, T], blocked: Callable[[], str], clock: Clock) -> T:
    """
    Return what `work` gives; it is cancelled when nothing can be accepted for a whole minute.

    Args:
        blocked: Returns why nothing is accepted now, "" when it is.
    Raises:
        StorageError: Says so; what was accepted before waits in the spool.
    """
    working, waited_s = asyncio.ensure_future(work), 0.0
    try:
        while waited_s < GIVE_UP_S:
            looking = asyncio.ensure_future(clock.sleep(LOOK_EVERY_S))
            await asyncio.wait({working, looking}, return_when=asyncio.FIRST_COMPLETED)
            looking.cancel()
            if working.done():
                return working.result()
            reason = blocked()
            waited_s = waited_s + LOOK_EVERY_S if reason else 0.0
        raise StorageError(
            None, f"gave up after {GIVE_UP_S:.0f} s in which nothing could be accepted ({blocked()}); what was "
            "accepted before is safe and goes on at the next start",
        )  # fmt: skip
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def _watch(bus: MemoryBus) -> None:
    async with RunBar(bus) as bar:
        await bar.show()


def _print(report: RunReport, markets: int) -> None:
    console = Console()
    events = report.events
    console.print(
        f"[bold]{report.status}[/] {report.reason}  {report.matched} events at two bookmakers or more; "
        f"{events.total} fetches: {events.ok} ok ({events.unchanged} unchanged), {events.failed} failed, "
        f"{events.late} late; {report.changes} of {markets} markets changed"
    )
    table = Table(
        "bookmaker", "discovered", "ok", "failed", "unmapped", "p50 ms", "p95 ms", box=None, pad_edge=False
    )
    for part in report.bookmakers:
        table.add_row(
            part.bookmaker, *(str(n) for n in (part.discovered, part.ok, part.failed, part.unmapped)),
            f"{part.p50_ms:.0f}", f"{part.p95_ms:.0f}",
        )  # fmt: skip
    console.print(table)
    console.print(
        "ms per phase: "
        + ", ".join(f"{p} {report.phases_ms[p]:.0f}" for p in PHASES if p in report.phases_ms)
    )
    for error in report.errors:
        console.print(f"{error.count} × {error.bookmaker} {error.kind}: {error.sample}")
