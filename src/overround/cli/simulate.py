"""`overround simulate`: bookmakers on loopback, priced by a goals model or served from captured answers."""

import asyncio
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from overround.cli.loop import run_async, stop_on_signals
from overround.clock import Clock, SystemClock
from overround.config import bookmaker_list
from overround.errors import ConfigError
from overround.simulator import recorded, simulators
from overround.simulator.faults import FaultPlan, parse_fault
from overround.simulator.latency import LatencyPlan, parse_factor
from overround.simulator.moment import TimedWorld
from overround.simulator.profiles import MAIN_BOOKMAKERS
from overround.simulator.server import SimulatorServer, running
from overround.simulator.world import World, WorldOptions
from overround.simulator.world_clock import StandingClock


def simulate(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    seed: Annotated[
        int, typer.Option(min=0, help="The same seed shows the same world at the same time.")
    ] = 1,
    events: Annotated[
        int | None,
        typer.Option(min=1, max=20_000, help="Distinct matches ahead; default as many as the world has."),
    ] = None,
    world: Annotated[
        Literal["default", "full"],
        typer.Option(help="default: 1,331 matches of mixed size; full: 1,560, all at full size."),
    ] = "default",
    bookmakers: Annotated[str, typer.Option(help="Comma list of those to serve.")] = ",".join(
        MAIN_BOOKMAKERS
    ),
    moves: Annotated[
        float,
        typer.Option(min=0, max=60, help="Share of the matches whose prices move per minute; 0: they stand."),
    ] = 0.0,
    market_moves: Annotated[
        float,
        typer.Option(min=0, max=60, help="Share of each bookmaker's markets that move alone per minute."),
    ] = 0.0,
    planted: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Share of the matches whose 1X2 shows a surebet, steam, a gap or a withdrawal."
        ),
    ] = 0.0,
    volatile: Annotated[
        bool, typer.Option("--volatile", help="Put fields into bodies that change with each request.")
    ] = False,
    latency: Annotated[
        str, typer.Option(help="default: as the real sites (about 0.3 to 1 s); 0: none; a number scales it.")
    ] = "default",
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="bookmaker:kind[:share of requests], repeatable; bookmaker may be all; kinds: 429, 403, 500, "
            "timeout, html, truncated, bomb, garbage, slow, empty, down."
        ),
    ] = None,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Let the world's time stand still from the start.")
    ] = False,
    at: Annotated[
        str | None, typer.Option(help="ISO time with zone at which the world's time stands still.")
    ] = None,
    recorded: Annotated[
        Path | None, typer.Option(help="Serve captured event details from DIR/<bookmaker>/*.json instead.")
    ] = None,
    keep_times: Annotated[
        bool,
        typer.Option(
            "--keep-times", help="Leave recorded kickoffs; else they move by whole days to 24-48 h ahead."
        ),
    ] = False,
    with_parent: Annotated[bool, typer.Option(hidden=True, help="End when stdin is closed.")] = False,
) -> None:
    """Serve simulated bookmakers on one loopback port until stopped; prints one JSON line when ready."""
    try:
        codes = bookmaker_list("--bookmakers", bookmakers.split(","))
        clock = _clock(at, freeze)
        options = WorldOptions(
            seed, world, events, codes, moves, market_moves, planted=planted, volatile=volatile
        )
        server = SimulatorServer(
            _world(options, clock, recorded, keep_times),
            simulators.create(codes),
            LatencyPlan(parse_factor(latency), seed),
            FaultPlan([one for text in fault or [] for one in parse_fault(text, codes)], seed),
        )
        run_async(_serve(server, port, with_parent))
    except (ValueError, ConfigError, OSError) as exc:
        print(f"overround simulate: {exc}", file=sys.stderr)
        raise typer.Exit(2) from exc


def _clock(at: str | None, freeze: bool) -> Clock:
    clock = SystemClock()
    if at is None:
        return StandingClock(clock.now(), clock) if freeze else clock
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"--at {at}: give an ISO time with a zone, as in 2026-11-24T12:00:00Z")
    return StandingClock(moment, clock)


def _world(options: WorldOptions, clock: Clock, folder: Path | None, keep_times: bool) -> TimedWorld:
    makers = simulators.create(options.bookmakers)
    if folder is None and keep_times:
        raise ValueError("--keep-times belongs to --recorded")
    if folder is None:
        return World(options, clock, makers)
    return recorded.load(folder, makers, clock, _say, keep_times=keep_times)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


async def _serve(server: SimulatorServer, port: int, with_parent: bool) -> None:
    stopped = stop_on_signals()
    if with_parent:
        _stop_with_parent(stopped)
    async with running(server, port) as base_urls:
        print(json.dumps({"world": server.world, "base_urls": base_urls}), flush=True)
        await stopped.wait()


def _stop_with_parent(stopped: asyncio.Event) -> None:
    """Set the event when stdin is closed: whoever holds its other end is gone, however it ended."""
    loop, stdin = asyncio.get_running_loop(), sys.stdin.fileno()

    def read() -> None:
        if not os.read(stdin, 4096):
            loop.remove_reader(stdin)
            stopped.set()

    loop.add_reader(stdin, read)
