"""
What a run stores, and what a stopped database costs: the default world at the real sites' latencies, a whole server.

PostgreSQL is stopped for two runs, as many as start in ten minutes, and started again. These runs and the events page
during them are compared with two runs before, when the database was there.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.report import Figure
from benchmarks.run import DEFAULT, Simulated, moment, page_p99_ms
from benchmarks.serving import Serving, serving
from tests.support.postgres import Databases, Server, query

MOVES = ("--moves", "0.1")
MINUTES = 5  # between two runs
OUTAGE_RUNS = 2
ACCEPT_BOUND_S = 0.03
_LOOK_S = 0.02
_BUCKET = 'overround_phase_seconds_bucket{le="%s",phase="accept"}'


def figures(server: Server) -> list[Figure]:
    """Measure on a running PostgreSQL, which is stopped in between and runs again at the end."""
    simulated = Simulated()
    url = Databases(server.url()).make()
    environment = {**simulated.environment, "OVERROUND_DATABASE_URL": url}
    try:
        with tempfile.TemporaryDirectory() as folder:
            simulated.serve(*DEFAULT, "--at", moment(), *MOVES)
            with serving(Path(folder), environment) as served:
                return [*_stored(served, url), *_outage(served, simulated, server)]
    finally:
        simulated.close()


def _stored(served: Serving, url: str) -> list[Figure]:
    """Run twice over a world that stands still: what a first run accepts, and what the second one writes."""
    served.run()
    within, accepted = served.metric(_BUCKET % ACCEPT_BOUND_S), served.metric(_BUCKET % "+Inf")
    _wait_until_written(served)
    (history,) = query(url, "SELECT count(*) FROM odds_history")[0]
    (listings,) = query(url, "SELECT count(*) FROM listing")[0]
    since = len(served.lines)
    served.run()
    _wait_until_written(served)
    (again,) = query(url, "SELECT count(*) FROM odds_history")[0]
    inserted = sum(served.logged("write_batch_processed", "inserted", since))
    confirmed = sum(served.logged("confirmations_written", "listings", since))
    return [
        Figure("accepts within 30 ms during a first run", within / accepted, "share", 0.99, "at least"),
        Figure("unchanged run: history rows written", again - history, "rows", 0),
        Figure("unchanged run: rows written", (inserted + confirmed) / listings, "per listing", 1),
    ]


def _outage(served: Serving, simulated: Simulated, server: Server) -> list[Figure]:
    usual = [_moved_run(served, simulated, 1 + number) for number in range(OUTAGE_RUNS)]
    _wait_until_written(served)
    server.stop()
    during = [_moved_run(served, simulated, 1 + OUTAGE_RUNS + number) for number in range(OUTAGE_RUNS)]
    waiting = served.metric("overround_write_queue_lag")
    assert waiting, "the outage left nothing to write"
    since = len(served.lines)
    server.start()
    started = time.monotonic()
    while not (lags := served.logged("write_batch_processed", "lag", since)):
        time.sleep(_LOOK_S)
    writing = time.monotonic()
    while lags[-1]:
        time.sleep(_LOOK_S)
        lags = served.logged("write_batch_processed", "lag", since)
    drained = time.monotonic()
    return [
        Figure("outage: batches that waited", waiting, "batches"),
        Figure("outage: its backlog drained, from the first batch on", drained - writing, "s", 10),
        Figure("outage: from the database's return to the first batch", writing - started, "s"),
        Figure("outage: runs beside those before it", _mean(during, 0) / _mean(usual, 0), "x", 1.10),
        Figure("outage: p99 of the events page beside the runs before it",
               _mean(during, 1) / _mean(usual, 1), "x", 1.10),
    ]  # fmt: skip


def _mean(runs: Sequence[tuple[float, float]], place: int) -> float:
    return statistics.mean(run[place] for run in runs)


def _moved_run(served: Serving, simulated: Simulated, number: int) -> tuple[float, float]:
    """Let the world move on by some minutes and run; return seconds, and the p99 of the events page in ms."""
    simulated.serve(*DEFAULT, "--at", moment(number * MINUTES), *MOVES)
    started = time.monotonic()
    p99_ms = asyncio.run(page_p99_ms(served))
    return time.monotonic() - started, p99_ms


def _wait_until_written(served: Serving) -> None:
    while served.metric("overround_write_queue_lag"):
        time.sleep(0.5)
