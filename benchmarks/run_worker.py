"""
The measured process of benchmarks/run.py: an engine without page and API that does one run per line on stdin.

Each line read starts a run; each line written is a `Measured` as JSON.
"""

import argparse
import asyncio
import gc
import resource
import sys
import time
from pathlib import Path

import aiohttp
import msgspec

from benchmarks.mapping import bare_decoders
from overround.bookmakers.base import Request
from overround.bookmakers.content_encoding import inflate
from overround.bookmakers.http import RawBody
from overround.cli.loop import run_async
from overround.config import process_config
from overround.log import configure
from overround.storage.records import WriteBatch
from overround.wiring import Engine

CHUNK = 20  # bodies measured bare together, right after they were fetched
TICK_S = 0.01


class Measured(msgspec.Struct):
    """One run, and what it cost this process."""

    status: str
    changes: int
    wall_s: float
    cpu_s: float  # all of this process but `bare_s`
    bare_s: float  # CPU of inflate and typed decode of the same bodies
    written_s: float  # from the last fetched body to the last change in the database
    gaps_ms: list[float]  # loop gaps: p99, p99.9, longest
    peak_mib: float
    markets: int
    latency_ms: dict[str, float]  # what the simulator's plan asked for, lists and events alike
    requests: dict[str, int]
    last_answer_s: dict[str, float]  # when each bookmaker's last event answer came, after the run's start
    bytes_per_key: float = 0.0


class UnwrittenEngine(Engine):
    """Accepts and caches as ever, and leaves the database alone."""

    async def _enqueue(self, batch: WriteBatch) -> None:
        return None


class Meter:
    """Watches an engine's transport and loop."""

    def __init__(self, engine: Engine, measures_bare: bool = True) -> None:
        """Without bare decoding nothing but the product's own work is in its loop."""
        self._fetch, self._decoders = engine.transport.fetch, bare_decoders()
        self._measures_bare = measures_bare
        engine.transport.fetch = self.fetch  # type: ignore[method-assign]
        self.reset()

    def reset(self) -> None:
        self.bare_s = self.last_fetched = 0.0
        self.gaps: list[float] = []
        self.answered: dict[str, float] = {}
        self._bodies: list[tuple[str, RawBody]] = []

    async def fetch(self, bookmaker: str, request: Request) -> RawBody:
        raw = await self._fetch(bookmaker, request)
        if request.kind == "event":
            self.last_fetched = self.answered[bookmaker] = time.monotonic()
            if self._measures_bare:
                self._bodies.append((bookmaker, raw))
            if len(self._bodies) >= CHUNK:
                self.decode_bare()
        return raw

    def decode_bare(self) -> None:
        """Inflate and decode what was fetched since, and count the CPU that took."""
        bodies, self._bodies = self._bodies, []
        started = time.thread_time()
        for bookmaker, raw in bodies:
            self._decoders[bookmaker](inflate(raw.body, raw.encoding))
        self.bare_s += time.thread_time() - started

    async def tick(self) -> None:
        """Note how late a 10 ms ticker is, again and again."""
        while True:
            due = time.perf_counter() + TICK_S
            await asyncio.sleep(TICK_S)
            self.gaps.append(max(0.0, time.perf_counter() - due) * 1000)


async def served(url: str) -> dict[str, dict[str, float]]:
    """Return the simulator's log: bookmaker -> what it has served."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.json()


async def measured_run(engine: Engine, meter: Meter, log_url: str, writes: bool) -> Measured:
    """Do one run to the last change in the database and return what it cost."""
    meter.reset()
    before = await served(log_url)
    ticking = asyncio.create_task(meter.tick())
    started, cpu = time.monotonic(), time.process_time()
    report = await engine.runs.run_once("manual")
    ended = time.monotonic()
    if writes:
        while engine.queue and engine.queue.stats().lag:  # noqa: ASYNC110 - a benchmark may look often
            await asyncio.sleep(0.002)
    written = time.monotonic()
    meter.decode_bare()
    cpu_s = time.process_time() - cpu
    ticking.cancel()
    after = await served(log_url)
    gaps = sorted(meter.gaps)
    return Measured(
        status=report.status,
        changes=report.changes,
        wall_s=ended - started,
        cpu_s=cpu_s - meter.bare_s,
        bare_s=meter.bare_s,
        written_s=max(0.0, written - meter.last_fetched),
        gaps_ms=[gaps[int(len(gaps) * share)] for share in (0.99, 0.999)] + gaps[-1:],
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        markets=engine.cache.stats().markets,
        latency_ms={code: row["latency_ms"] - before[code]["latency_ms"] for code, row in after.items()},
        last_answer_s={code: at - started for code, at in meter.answered.items()},
        requests={code: int(row["requests"] - before[code]["requests"]) for code, row in after.items()},
    )


def bytes_below(root: object) -> int:
    """Return the memory of everything that hangs on an object and on nothing imported."""
    shared = {id(module) for module in sys.modules.values()}
    seen: set[int] = set(shared)
    total, waiting = 0, [root]
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type):
            continue
        seen.add(id(one))
        total += sys.getsizeof(one)
        waiting += gc.get_referents(one)
    return total


async def work(engine: Engine, log_url: str, writes: bool, sized: bool, measures_bare: bool) -> None:
    await engine.open()
    meter = Meter(engine, measures_bare)
    try:
        while await asyncio.to_thread(sys.stdin.readline):
            measured = await measured_run(engine, meter, log_url, writes)
            if sized:
                events = {event.header.sportradar_id: event for event in engine.cache}
                measured.bytes_per_key = bytes_below(events) / max(1, measured.markets)
            sys.stdout.write(msgspec.json.encode(measured).decode() + "\n")
            sys.stdout.flush()
    finally:
        await engine.close()


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--data-dir", type=Path, required=True)
    options.add_argument("--log-url", required=True)
    options.add_argument("--no-writer", action="store_true")
    options.add_argument(
        "--no-bare", action="store_true", help="for loop gaps: decode nothing beside the run"
    )
    options.add_argument("--size", action="store_true", help="weigh the cache after each run")
    chosen = options.parse_args()
    configure("error")
    config = process_config(data_dir=chosen.data_dir)
    engine = UnwrittenEngine(config) if chosen.no_writer else Engine(config)
    with engine.data_dir.lock():
        run_async(
            work(engine, chosen.log_url, not chosen.no_writer, chosen.size, measures_bare=not chosen.no_bare)
        )


if __name__ == "__main__":
    main()
