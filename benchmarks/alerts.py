"""
From a change of a price to a webhook on loopback, and a receiver that was away.

The world is synthetic, the rest real: clock, SQLite file, sockets, signature. `python -m benchmarks.alerts --outage 60`
keeps the receiver away for that long; without it for 10 s, at which the pauses between attempts are at their longest
already.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import uvloop
from aiohttp import web

from benchmarks.report import Figure, report
from overround.alerting.channels import Channels, from_environment
from overround.alerting.desk import AlertDesk, make_senders
from overround.alerting.guard import Guard, read_networks
from overround.alerting.sight import World as Looked
from overround.clock import SystemClock
from overround.domain.alerts import RuleSpec
from overround.log import configure
from overround.storage.alerts import AlertStore
from tests.support.api import CATALOGUE, World, header, three_way
from tests.support.receivers import FakeFacts
from tests.support.storage import opened

EVENTS, PACE_S, OUTAGE_ALERTS = 150, 0.02, 20  # a rule has 200 alerts open at most


class Receiver:
    """A webhook that notes when each alert came; it can go away and come back on its port."""

    def __init__(self) -> None:
        self.came: dict[str, list[float]] = {}  # by event
        self.port = 0
        self._something = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_post("/hook", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Refuse connections."""
        assert self._runner is not None
        await self._runner.cleanup()

    async def wait_for(self, count: int) -> None:
        """Wait until so many different alerts have come."""
        while len(self.came) < count:
            self._something.clear()
            await self._something.wait()

    async def _take(self, request: web.Request) -> web.Response:
        at, body = time.monotonic(), await request.json()
        self.came.setdefault(body["alert"]["sportradar_id"], []).append(at)
        self._something.set()
        return web.Response(status=204)


@asynccontextmanager
async def alerting(world: World, receiver: Receiver, folder: Path):
    """Run analysis and alerts over the world with one rule and one webhook."""
    clock, senders = SystemClock(), make_senders(Guard(read_networks("127.0.0.1")), SystemClock(), "bench")
    given = from_environment(f"bench=http://127.0.0.1:{receiver.port}/hook", "0123456789abcdef")
    async with opened(folder, clock) as stored:
        store = AlertStore(stored.repository.database)
        looked = Looked(world.cache, world.analysis, world.settings, CATALOGUE, clock, FakeFacts())
        desk = AlertDesk(looked, store, Channels(store, senders, given, clock), senders)
        await world.analysis.start()
        await desk.start()
        await desk.create_rule(RuleSpec(name="gaps", condition="gap", threshold=0.05, channels=("bench",)))
        try:
            yield
        finally:
            await world.analysis.stop()
            await desk.stop()


def list_event(world: World, number: int) -> str:
    """Let three bookmakers price an event alike."""
    event, kickoff_at = f"6900{number:04}", world.clock.now() + timedelta(hours=3)
    for code in ("betpawa", "sportybet", "bet9ja"):
        world.offer(event, code, [three_way()], header(event, kickoff_at=kickoff_at))
    return event


def move(world: World, event: str) -> float:
    """Let our price leave the market; return when."""
    at = time.monotonic()
    world.offer(event, "betpawa", [three_way(2.60)])
    return at


async def measure(outage_s: float, folder: Path) -> list[Figure]:
    """Return the figures."""
    world, receiver = World(SystemClock()), Receiver()
    await receiver.open()
    events = [list_event(world, number) for number in range(EVENTS + OUTAGE_ALERTS)]
    async with alerting(world, receiver, folder):
        moved: dict[str, float] = {}
        for event in events[:EVENTS]:
            moved[event] = move(world, event)
            await asyncio.sleep(PACE_S)
        await receiver.wait_for(EVENTS)
        took = sorted(receiver.came[event][0] - at for event, at in moved.items())
        await receiver.close()
        for event in events[EVENTS:]:
            move(world, event)
        await asyncio.sleep(outage_s)
        await receiver.open()
        back_at = time.monotonic()
        await receiver.wait_for(len(events))
        last = max(receiver.came[event][0] for event in events[EVENTS:])
        await asyncio.sleep(3.0)  # what is there twice would come now
        await receiver.close()
    twice = sum(len(times) - 1 for times in receiver.came.values())
    return [
        Figure("change to delivery, median", statistics.median(took) * 1000, "ms"),
        Figure("change to delivery, p99", took[int(len(took) * 0.99)] * 1000, "ms", 1000),
        Figure(
            f"receiver away {outage_s:g} s: last of {OUTAGE_ALERTS} after its return", last - back_at, "s", 5
        ),
        Figure("delivered more than once", float(twice), "alerts", 0),
        Figure("lost", float(len(events) - len(receiver.came)), "alerts", 0),
    ]


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--outage", type=float, default=10.0, help="seconds")
    outage_s = parser.parse_args().outage
    configure("error")
    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        report("alerts", runner.run(measure(outage_s, Path(folder))))


if __name__ == "__main__":
    main()
