"""Whether the event loop keeps its pace: its gaps, and the garbage collections that make them."""

import asyncio
import gc
from collections import deque
from collections.abc import Mapping
from time import perf_counter

from prometheus_client import Counter, Gauge, Histogram

from overround.clock import Clock

TICK_S = 0.01
LONG_COLLECTION_S = 0.005
WINDOW_S = 60.0  # over which the largest gap is shown: one stall at the start says nothing of today

LOOP_GAP_SECONDS = Histogram(
    "overround_loop_gap_seconds",
    "How much later than asked the event loop came back to a ticker of 10 ms",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.5, 2, 10),
)
LOOP_GAP_MAX_SECONDS = Gauge("overround_loop_gap_max_seconds", "Largest loop gap of the last minute")
LONG_COLLECTION_SECONDS = Histogram(
    "overround_gc_long_collection_seconds",
    "Garbage collections of more than 5 ms, by generation",
    ["generation"],
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 2),
)
COLLECTIONS = Counter("overround_gc_collections_total", "Garbage collections, by generation", ["generation"])


class Collections:
    """Times garbage collections. Its callback runs inside them, so it only notes; `drain` tells the metrics."""

    def __init__(self) -> None:
        self._started = 0.0
        self._ended: deque[tuple[int, float]] = deque(maxlen=10_000)

    def watch(self) -> None:
        """Begin to time every collection of this process."""
        gc.callbacks.append(self.note)

    def unwatch(self) -> None:
        """Stop timing."""
        gc.callbacks.remove(self.note)

    def note(self, phase: str, info: Mapping[str, int]) -> None:
        """Take the collector's word. A metric has a lock, and whoever holds it may be who set the collector off."""
        if phase == "start":
            self._started = perf_counter()
        else:
            self._ended.append((info["generation"], perf_counter() - self._started))

    def drain(self) -> None:
        """Tell the metrics what was noted since the last call."""
        while self._ended:
            generation, seconds = self._ended.popleft()
            COLLECTIONS.labels(str(generation)).inc()
            if seconds > LONG_COLLECTION_S:
                LONG_COLLECTION_SECONDS.labels(str(generation)).observe(seconds)


class LargestGap:
    """The largest gap of the last minute, in steps of a second."""

    def __init__(self) -> None:
        self._by_second: deque[tuple[int, float]] = deque()

    def add(self, at_s: float, gap_s: float) -> None:
        """Take a gap seen at this monotonic time."""
        second = int(at_s)
        if self._by_second and self._by_second[-1][0] == second:
            gap_s = max(gap_s, self._by_second.pop()[1])
        self._by_second.append((second, gap_s))
        while self._by_second[0][0] <= second - WINDOW_S:
            self._by_second.popleft()

    def value(self) -> float:
        """Return it in seconds, 0 before the first."""
        return max((gap for _, gap in self._by_second), default=0.0)


class LoopMetrics:
    """Feeds the metrics of loop and collector while it runs: a hundred short wake-ups a second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.collections, self.largest = Collections(), LargestGap()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to measure; a second call changes nothing."""
        if self._task is None:
            self.collections.watch()
            LOOP_GAP_MAX_SECONDS.set_function(self.largest.value)
            self._task = asyncio.create_task(self._tick(), name="loop-metrics")

    async def stop(self) -> None:
        """Stop measuring."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
            self.collections.unwatch()

    async def _tick(self) -> None:
        before = self._clock.monotonic()
        while True:
            await self._clock.sleep(TICK_S)
            now = self._clock.monotonic()
            gap_s = max(0.0, now - before - TICK_S)
            before = now
            LOOP_GAP_SECONDS.observe(gap_s)
            self.largest.add(now, gap_s)
            self.collections.drain()
