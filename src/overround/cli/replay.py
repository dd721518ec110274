"""`overround replay`: a recording through the product again, into a database of its own."""

import tempfile
from pathlib import Path
from time import perf_counter
from typing import Annotated, Literal

import msgspec
import typer
from rich.console import Console

from overround.cli.loop import run_async
from overround.cli.options import DataDirOption
from overround.config import BOOKMAKERS, ProcessConfig, process_config
from overround.errors import ConfigError
from overround.log import configure
from overround.scraping.recording_format import Began, Entry, Recording
from overround.scraping.replay import RecordedClock, Replay, ReplayReport
from overround.wiring import Engine

SPEEDS: dict[str, float | None] = {"1": 1.0, "10": 10.0, "max": None}


def replay(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where --record or record_changed_days wrote.")
    ],
    speed: Annotated[
        Literal["1", "10", "max"], typer.Option(help="As recorded, ten times as fast, or without pauses.")
    ] = "max",
    data_dir: DataDirOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as one JSON object.")] = False,
) -> None:
    """Feed a recording through the product, into an empty data directory; by default a new temporary one."""
    recording = Recording(folder)
    sessions = recording.sessions()
    target = data_dir or Path(tempfile.mkdtemp(prefix="overround-replay-"))
    config = _config(sessions, target)
    configure("warning")
    first = next(recording.entries(), None)
    if first is None:
        raise ConfigError("DIR", f"{folder} holds no recorded input")
    engine = Engine(config, RecordedClock(first.at), queued=False)
    report = ReplayReport(str(target))
    with engine.data_dir.lock():
        if engine.data_dir.database.exists() or engine.data_dir.spool.exists():
            raise ConfigError(
                "--data-dir", f"{target} holds data already; a replay begins in an empty directory"
            )
        run_async(_replay(engine, recording, SPEEDS[speed], report))
    if as_json:
        typer.echo(msgspec.json.encode(report).decode())
    else:
        _print(report)


def _config(sessions: list[Began], data_dir: Path) -> ProcessConfig:
    """
    Return the process that the recording came from, in a world of its own.

    Raises:
        ConfigError: The sessions do not belong together, or name a bookmaker we don't know.
    """
    if len({began.world for began in sessions}) > 1:
        raise ConfigError("DIR", "holds sessions of several worlds; replay them from folders of their own")
    countries: dict[str, str] = {}
    for began in sessions:
        for code, country in began.countries.items():
            if countries.setdefault(code, country) != country:
                raise ConfigError(
                    "DIR", f"holds {code} of several countries; replay them from folders of their own"
                )
    chosen = {f"{code}_country": country for code, country in countries.items() if code in BOOKMAKERS}
    return process_config(
        data_dir=data_dir, world="recorded", bookmakers=",".join(countries), database_url="", **chosen
    )


async def _replay(engine: Engine, recording: Recording, speed: float | None, report: ReplayReport) -> None:
    started = perf_counter()
    player = Replay(engine.intake, report)
    clock = engine.clock
    assert isinstance(clock, RecordedClock)
    try:
        for entry in recording.entries():
            await clock.follow(entry.at, speed)
            if isinstance(entry.record, Began):
                await _begin_session(engine, report)
            _note_time(report, entry)
            await player.feed(entry.record)
        await _end_session(engine)
        stats = engine.cache.stats()
        report.events, report.markets, report.torn = stats.events, stats.markets, sorted(set(recording.torn))
    finally:
        await engine.close()
    report.duration_ms = round((perf_counter() - started) * 1000, 1)


async def _begin_session(engine: Engine, report: ReplayReport) -> None:
    """End the process that recorded before, so far as it is one, and start as the next one did: from its database."""
    if report.sessions:
        await _end_session(engine)
        engine.intake.evict([event.header.sportradar_id for event in engine.cache])
        await engine.close()
    report.sessions += 1
    await engine.open()


async def _end_session(engine: Engine) -> None:
    await engine.intake.flush()
    await engine.finish_writing()


def _note_time(report: ReplayReport, entry: Entry) -> None:
    report.begins_at = report.begins_at or entry.at
    report.ends_at = entry.at


def _print(report: ReplayReport) -> None:
    console = Console()
    answers = report.changed + report.unchanged + report.late + report.failed
    console.print(
        f"{report.sessions} sessions from {report.begins_at} to {report.ends_at}, {report.inputs} inputs: "
        f"{answers} answers, {report.changed} changed something, {report.unchanged} did not, {report.late} were late, "
        f"{report.failed} could not be read; {report.duration_ms / 1000:.1f} s"
    )
    console.print(f"{report.events} events and {report.markets} markets in memory at the end")
    if report.lost or report.torn:
        torn = f"; ending in the middle: {', '.join(report.torn)}" if report.torn else ""
        console.print(f"[bold]not complete:[/] {report.lost} inputs were not recorded{torn}", highlight=False)
    console.print(f"database in {report.data_dir}", soft_wrap=True)
