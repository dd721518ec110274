"""
What analysis costs beside parsing, and whether its figures are right.

A simulated world moves for some minutes; its bodies are parsed, settled and compared as in a process. Times are the
processor's, for other work on the machine is not ours; each delta of about 100 changed markets is taken once.
"""

import asyncio
import gc
import statistics
import time
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from benchmarks import rollups
from benchmarks.report import Figure, report
from overround.bookmakers import registry
from overround.bookmakers.base import SimulatedRequest
from overround.domain.diff import Confirmation, ListingChanges
from overround.domain.fair import multiplicative, shin
from overround.simulator import simulators
from overround.simulator.profiles import MAIN_BOOKMAKERS
from overround.simulator.world import World, WorldOptions
from tests.support.api import CATALOGUE
from tests.support.desk import DeskWorld

EVENTS, ROUNDS, DELTA = 60, 14, 100
STEP_S = 60
SHIN = {
    (2.6, 2.4, 4.3): (0.372994, 0.404779, 0.222227),
    (1.5, 2.74): (0.650852, 0.349148),
    (4.2, 3.7, 1.95): (0.231572, 0.263574, 0.504854),
    (1.20, 6.5, 13.0): (0.804530, 0.135172, 0.060298),
}


class Read:
    """One body of one listing: what parsing it took and what it changed."""

    def __init__(self, change: ListingChanges, confirmation: Confirmation, parse_s: float) -> None:
        self.change, self.confirmation, self.parse_s = change, confirmation, parse_s


class Measured:
    """A desk over a simulated world."""

    def __init__(self) -> None:
        self.world = DeskWorld()
        self.makers = simulators.create(MAIN_BOOKMAKERS)
        options = WorldOptions(events=EVENTS, moves=0.02, market_moves=0.1, planted=0.1)
        self.simulated = World(options, self.world.clock, self.makers)
        self.bookmakers = {
            code: registry.create(code, CATALOGUE, f"http://x/{code}") for code in MAIN_BOOKMAKERS
        }
        self.deltas: list[tuple[float, float, int]] = []  # parse, analysis, changed markets

    def round(self, measured: bool) -> None:
        """Read every body once and let the desk take it in, in deltas of about 100 changed markets."""
        waiting: list[Read] = []
        moment = self.simulated.moment()
        for code in MAIN_BOOKMAKERS:
            for event in moment.events(code):
                waiting.append(self._read(code, event.event_id, event.sportradar_id))
                if sum(len(read.change.markets) for read in waiting) >= DELTA:
                    self._take(waiting, measured)
                    waiting = []
        if waiting:
            self._take(waiting, False)

    def _read(self, code: str, event_id: str, sportradar_id: str) -> Read:
        bookmaker = self.bookmakers[code]
        parts = urlsplit(bookmaker.event_request(event_id).url)
        asked = SimulatedRequest(
            "GET", parts.path.removeprefix(f"/{code}"), dict(parse_qsl(parts.query)), {}, b""
        )
        body = self.makers[code].answer(asked, self.simulated.moment()).body
        before = time.thread_time()
        parsed = bookmaker.parse_event(body)
        spent = time.thread_time() - before
        change = self.world.answer(sportradar_id, code, parsed.markets.values())
        return Read(change, self.world.confirmation(sportradar_id, code), spent)

    def _take(self, reads: list[Read], measured: bool) -> None:
        changes = self.world.applied([read.change for read in reads], [read.confirmation for read in reads])
        before = time.thread_time()
        self.world.desk.take(changes)
        self.world.desk.catch_up()
        spent = time.thread_time() - before
        changed = sum(len(read.change.markets) for read in reads)
        if measured and changed < 1.5 * DELTA:
            self.deltas.append((sum(read.parse_s for read in reads), spent, changed))

    def differences(self) -> int:
        """Return in how many markets a full recomputation differs from the incremental state."""
        full = self.world.new_desk()
        full.reload()
        full.catch_up()
        kept = {(each.sportradar_id, each.key): each for each in self.world.desk.comparisons()}
        again = {(each.sportradar_id, each.key): each for each in full.comparisons()}
        crossed = {
            (each.sportradar_id, each.key): (each.legs, each.suppressed)
            for each in self.world.desk.exposures()
        }
        crossed_again = {
            (each.sportradar_id, each.key): (each.legs, each.suppressed) for each in full.exposures()
        }
        return len(kept.items() ^ again.items()) + len(crossed.items() ^ crossed_again.items())


def microseconds(work: Callable[[], object], number: int = 5_000) -> float:
    """Return the least time of one call."""
    times: list[float] = []
    for _ in range(7):
        before = time.thread_time()
        for _ in range(number):
            work()
        times.append((time.thread_time() - before) / number * 1e6)
    return min(times)


def main() -> None:
    """Measure and report."""
    measured = Measured()
    measured.round(False)
    gc.collect()
    gc.freeze()
    for _ in range(ROUNDS):
        measured.world.wait(STEP_S)
        measured.round(True)
    parse_s, spent_s, changed = zip(*measured.deltas, strict=True)
    per_hundred = [1000 * spent * DELTA / count for spent, count in zip(spent_s, changed, strict=True)]
    odds = [2.6, 2.4, 4.3]
    error = max(
        abs(found - known)
        for book, golden in SHIN.items()
        for found, known in zip(shin(book), golden, strict=True)
    )
    report(
        "analysis",
        [
            Figure("comparison, exposure and moves of 100 changed markets, median", statistics.median(per_hundred), "ms", 2),
            Figure("the same beside parsing the bodies they came from", sum(spent_s) / sum(parse_s), "x", 0.5),
            Figure("deltas measured", len(per_hundred), "", 20, "at least"),
            Figure("markets compared", sum(1 for _ in measured.world.desk.comparisons()), "", 1000, "at least"),
            Figure("markets that a full recomputation has otherwise", measured.differences(), "", 0),
            Figure("Shin beside multiplicative, three outcomes", microseconds(lambda: shin(odds)) / microseconds(lambda: multiplicative(odds)), "x", 10),
            Figure("Shin's largest distance from the golden table", error, "", 1e-6),
            *asyncio.run(rollups.figures()),
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
