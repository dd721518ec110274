"""
The pipeline without page and API, to be hurt: `python -m tests.support.victim FOLDER FIRST [options]`.

It takes in prices of a few events as fast as they are accepted, and says on its output, one line each, what it is
going to take in ("try N") and what was accepted ("ok CHANGE_ID N N ..."). N is written into the prices, so that an
outsider can tell which batch holds what. It ends in order on SIGTERM, and at once when its input ends.
"""

import argparse
import asyncio
import os
import random
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from overround.cli.loop import run_async, stop_on_signals
from overround.config import ProcessConfig
from overround.domain.diff import Changes, ListingChanges
from overround.domain.events import ListedEvent
from overround.domain.markets import MarketKey, ParsedMarket
from overround.errors import StorageError
from overround.log import configure
from overround.scraping.inputs import ScopedAnswer
from overround.storage.store import Store
from overround.wiring import Engine
from tests.support.failpoints import POINTS, Failpoint, FrailSpool, PoisoningEncoder, frail

EVENTS = 7
MARKETS = 10  # of each event, all moved by one answer
ODDS_OF_0 = 2000  # batch number N has odds x 1000 of this + N
KICKOFF = datetime(2040, 1, 1, tzinfo=UTC)
RETRY_OPEN_S, LOOK_EVERY_S = 1.0, 0.05


class Victim(Engine):
    """An engine whose storage may die at a named moment."""

    def __init__(self, config: ProcessConfig, failpoint: Failpoint, poison: int) -> None:
        super().__init__(config)
        self._failpoint, self._poison = failpoint, poison

    async def _open_store(self) -> Store:
        store = await super()._open_store()
        await store.writer.close()  # another one takes its place; on PostgreSQL they share the session
        encoder = PoisoningEncoder(store.identities, self._spoils)
        store = msgspec.structs.replace(store, encoder=encoder)
        return frail(store, self.data_dir.database, self._failpoint)

    def _spoils(self, changes: ListingChanges) -> bool:
        number = number_in(changes)
        return number is not None and self._poison > 0 and number % self._poison == 0

    async def _warm(self, store: Store) -> None:
        spool = store.spool
        assert isinstance(spool, FrailSpool)
        spool.warming_up = True
        await super()._warm(store)
        spool.warming_up = False


def say(*words: object) -> None:
    """Say one line."""
    print(*words, flush=True)  # noqa: T201


def sportradar_id(number: int) -> str:
    """Return whose prices batch number N holds."""
    return str(69_000_000 + number % EVENTS)


def books(number: int) -> tuple[ParsedMarket, ...]:
    """Return the markets of batch number N."""
    return tuple(
        ParsedMarket(MarketKey("5000", f"{line}.5"), ("Over", "Under"), (ODDS_OF_0 + number, 3000))
        for line in range(MARKETS)
    )


def number_in(changes: ListingChanges) -> int | None:
    """Return the number whose prices these are, None when there are none."""
    return changes.markets[0].after.odds_milli[0] - ODDS_OF_0 if changes.markets else None


async def live(engine: Victim, first: int, pause_s: float) -> None:
    """Open, take in from number `first` on until told to stop, close."""
    stopped = stop_on_signals()
    if await opened(engine, stopped):
        say("ready")
        tasks = [
            asyncio.create_task(work) for work in (tell(engine), watch(engine), feed(engine, first, pause_s))
        ]
        stopping = asyncio.create_task(stopped.wait())
        await asyncio.wait({*tasks, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks[2:]:
            task.cancel()
        await engine.close()
        await asyncio.sleep(0)  # what was accepted while closing is still told
        for task in (*tasks, stopping):
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
    else:
        await engine.close()


async def opened(engine: Victim, stopped: asyncio.Event) -> bool:
    """Open the engine, trying again as the server does; False when stopped."""
    while not stopped.is_set():
        try:
            await engine.open()
        except StorageError as exc:
            say("unopened", exc)
            await asyncio.wait({asyncio.ensure_future(stopped.wait())}, timeout=RETRY_OPEN_S)
        else:
            return True
    return False


async def feed(engine: Victim, first: int, pause_s: float) -> None:
    """Take in list answers, a few to a batch."""
    chance, number = random.Random(first), first
    for event in range(EVENTS):
        key = sportradar_id(event)
        row = ListedEvent(f"own-{key}", key, KICKOFF, f"Home {event}", f"Away {event}", "Nigeria", "NPFL")
        await engine.intake.register({key: {"betpawa": row}}, engine.clock.now())
    while True:
        for _ in range(chance.randint(1, 4)):
            say("try", number)
            fetch, at = engine.intake.number(), engine.clock.now()
            await engine.intake.take_scoped(
                ScopedAnswer("betpawa", sportradar_id(number), fetch, at, books(number))
            )
            number += 1
        await engine.intake.flush()
        await asyncio.sleep(pause_s)


async def tell(engine: Victim) -> None:
    """Say what is published: it is accepted by then."""
    async with engine.bus.subscribe(Changes) as messages:
        async for changes in messages:
            moved = [number for one in changes.listings if (number := number_in(one)) is not None]
            if moved:
                say("ok", changes.change_id, *moved)


async def watch(engine: Victim) -> None:
    """Say when acceptance or the writer begins to wait, with the reason, and when it goes on."""
    said: tuple[str, str] = ("", "")
    while True:
        assert engine.queue is not None
        now = engine.intake.blocked, engine.queue.paused
        for name, before, reason in zip(("accepting", "writing"), said, now, strict=True):
            if bool(before) != bool(reason):
                say(f"{name}-waits" if reason else f"{name}-goes-on", reason)
        said = now
        await asyncio.sleep(LOOK_EVERY_S)


def _end_with_the_input() -> None:
    os.read(sys.stdin.fileno(), 1)  # not by way of its buffer, whose lock would outlive the main thread
    os._exit(1)


def main() -> None:
    """Read the command line and live."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("first", type=int)
    parser.add_argument("--url", default="")
    parser.add_argument("--fail-at", choices=("", *POINTS), default="")
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--poison", type=int, default=0, help="spoil one price of every so manieth number")
    parser.add_argument("--pause", type=float, default=0.0)
    given = parser.parse_args()
    threading.Thread(target=_end_with_the_input, daemon=True).start()
    configure("error")
    config = ProcessConfig(
        data_dir=given.folder, database_url=given.url, bookmakers="betpawa", world="simulated",
        betpawa_base_url="http://127.0.0.1:9/betpawa",
    )  # fmt: skip
    engine = Victim(config, Failpoint(given.fail_at, given.passes), given.poison)
    with engine.data_dir.lock():
        run_async(live(engine, given.first, given.pause))


if __name__ == "__main__":
    main()
