"""
How old the main prices are, with the fast lane at its default budget and with runs alone.

The default world at the real sites' latencies, a run every five minutes; sampled from the end of the first run
until the second one has passed. Ends by itself in eight minutes.
`python -m benchmarks.fast_lane 0.05` lets 5 % of the matches move per minute, which costs a detail each.
"""

import asyncio
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import structlog

from benchmarks.report import Figure, report
from overround import metrics
from overround.config import process_config
from overround.domain.run_stats import percentile
from overround.loop_metrics import TICK_S
from overround.scraping.price_age import PriceAges
from overround.wiring import Engine

BOOKMAKERS = ("betpawa", "sportybet", "bet9ja")
MOVES = 0.0
ENDS_AFTER_S = 350.0
SAMPLE_EVERY_S = 2.0
UNLISTED = {("bet9ja", "3795")}  # prices that no list of the bookmaker carries: they wait for details
NEAR_BAR_S = 20.0
ALL_BARS_S = {"betpawa": 60.0, "sportybet": 60.0, "bet9ja": 120.0}


class Ages:
    """Ages of main prices, seen every two seconds."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._prices = PriceAges(engine.cache, engine.clock)
        self.with_lane: dict[tuple[str, str], list[float]] = defaultdict(list)  # bookmaker, kickoff
        self.unlisted: list[float] = []
        self.runs_alone: dict[str, list[float]] = defaultdict(list)

    async def sample(self) -> None:
        for (code, market, kickoff), seconds in (await self._prices.ages()).items():
            if (code, market) not in UNLISTED:
                self.with_lane[code, kickoff] += seconds
            elif kickoff == "all":
                self.unlisted += seconds
        now = self._engine.clock.now()
        for event in self._engine.cache:
            for code, entry in event.listings.items():
                if entry.listing.state == "open" and entry.confirmed_at:
                    self.runs_alone[code].append((now - entry.confirmed_at).total_seconds())


async def gaps(found: list[float]) -> None:
    """Note how much later than asked the loop comes back."""
    while True:
        before = time.perf_counter()
        await asyncio.sleep(TICK_S)
        found.append(time.perf_counter() - before - TICK_S)


async def measure(folder: Path) -> tuple[Ages, list[float], float]:
    """Return the ages, the loop gaps in seconds between the runs, and the share of a core used there."""
    engine = Engine(process_config(data_dir=folder))
    with engine.data_dir.lock():
        await engine.open()
        ages, loop_gaps = Ages(engine), list[float]()
        started = time.monotonic()
        try:
            engine.schedule_runs()
            engine.scheduler.start()
            engine.fast_lane.start()
            await asyncio.sleep(1)
            if run := engine.runs.active():
                await engine.runs.wait(run.run_id, ENDS_AFTER_S)
            print(f"the first run took {time.monotonic() - started:.0f} s", file=sys.stderr)
            ticking = asyncio.create_task(gaps(loop_gaps))
            cpu, since = time.process_time(), time.monotonic()
            share = 0.0
            while time.monotonic() - started < ENDS_AFTER_S:
                await ages.sample()
                await asyncio.sleep(SAMPLE_EVERY_S)
                if engine.runs.active() and not ticking.done():
                    share = (time.process_time() - cpu) / (time.monotonic() - since)
                    ticking.cancel()
        finally:
            await engine.close()
    return ages, loop_gaps, share


def simulated(moves: float) -> "tuple[subprocess.Popen[str], Mapping[str, str]]":
    """Start the simulator; return it and its base URLs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "overround", "simulate", "--world", "default", "--moves", str(moves), "--with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout
    return process, json.loads(process.stdout.readline())["base_urls"]


def warm() -> None:
    """Let every body be rendered once: a real site's first run does not wait for that either."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "overround", "scrape", "--once", "--data-dir", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def requests(code: str, kind: str) -> float:
    """Return how many requests of a kind the lane has sent to a bookmaker."""
    return sum(
        sample.value
        for metric in metrics.FAST_LANE_REQUESTS.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
        and (sample.labels["bookmaker"], sample.labels["kind"]) == (code, kind)
    )


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    process, base_urls = simulated(float(sys.argv[1]) if len(sys.argv) > 1 else MOVES)
    try:
        for code, url in base_urls.items():
            os.environ[f"OVERROUND_{code.upper()}_BASE_URL"] = url
        os.environ |= {"OVERROUND_BOOKMAKERS": ",".join(BOOKMAKERS), "OVERROUND_WORLD": "simulated"}
        warm()
        with tempfile.TemporaryDirectory() as folder:
            ages, loop_gaps, share = asyncio.run(measure(Path(folder)))
    finally:
        process.terminate()
        process.wait()
    figures: list[Figure] = []
    for code in BOOKMAKERS:
        near, every = ages.with_lane[code, "2h"], ages.with_lane[code, "all"]
        figures += [
            Figure(f"{code}: kickoff within 2 h, p95", percentile(near, 0.95), "s", NEAR_BAR_S),
            Figure(f"{code}: all events, p50", percentile(every, 0.5), "s"),
            Figure(f"{code}: all events, p95", percentile(every, 0.95), "s", ALL_BARS_S[code]),
            Figure(
                f"{code}: all events, runs alone (full answers), p95",
                percentile(ages.runs_alone[code], 0.95),
                "s",
            ),
            Figure(f"{code}: list requests a minute", requests(code, "list") / ENDS_AFTER_S * 60, ""),
            Figure(f"{code}: details a minute", requests(code, "event") / ENDS_AFTER_S * 60, ""),
        ]
    figures += [
        Figure("bet9ja: both teams to score (in no list), p95", percentile(ages.unlisted, 0.95), "s"),
        Figure("loop gap between runs, p99", percentile(loop_gaps, 0.99) * 1000, "ms", 10.0),
        Figure("loop gap between runs, max", max(loop_gaps, default=0.0) * 1000, "ms"),
        Figure("CPU between runs, sampling included", share, "cores"),
    ]
    report("fast_lane", figures)


if __name__ == "__main__":
    main()
