"""The loop's gaps and long collections are metrics from day one."""

import gc

from prometheus_client import REGISTRY

from overround import loop_metrics
from overround.loop_metrics import Collections, LargestGap, LoopMetrics
from tests.support.clock import FakeClock, settle


def sample(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


class StallingClock(FakeClock):
    """A loop that comes back later than it was asked to, by `late_s` each time."""

    late_s = 0.0

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds + self.late_s)


async def test_a_loop_that_comes_back_late_shows_by_how_much():
    """The gap is what passed beyond the ticker's own 10 ms."""
    clock = StallingClock()
    clock.late_s = 0.25
    meter = LoopMetrics(clock)
    before = sample("overround_loop_gap_seconds_sum")
    meter.start()
    await clock.advance(0.26)
    await meter.stop()
    assert round(sample("overround_loop_gap_seconds_sum") - before, 6) == 0.25
    assert round(sample("overround_loop_gap_max_seconds"), 6) == 0.25


async def test_a_loop_on_time_has_no_gap():
    """Only lateness counts."""
    clock = FakeClock()
    meter = LoopMetrics(clock)
    count, total = sample("overround_loop_gap_seconds_count"), sample("overround_loop_gap_seconds_sum")
    meter.start()
    await clock.advance(0.1)
    await meter.stop()
    assert sample("overround_loop_gap_seconds_count") - count == 10
    assert sample("overround_loop_gap_seconds_sum") - total < 1e-6


def test_the_largest_gap_is_forgotten_after_a_minute():
    """A stall of yesterday does not stand on today's screen."""
    largest = LargestGap()
    largest.add(10.0, 0.5)
    largest.add(10.4, 0.1)
    largest.add(69.9, 0.02)
    assert largest.value() == 0.5
    largest.add(70.0, 0.01)
    assert largest.value() == 0.02


def test_only_long_collections_are_timed_and_all_are_counted(monkeypatch):
    """5 ms is what a reader may notice."""
    times = iter([1.0, 1.004, 2.0, 2.07])
    monkeypatch.setattr(loop_metrics, "perf_counter", lambda: next(times))
    all_before = sample("overround_gc_collections_total", generation="2")
    long_before = sample("overround_gc_long_collection_seconds_sum", generation="2")
    collections = Collections()
    for _ in range(2):
        collections.note("start", {"generation": 2})
        collections.note("stop", {"generation": 2})
    assert (
        sample("overround_gc_collections_total", generation="2") == all_before
    )  # nothing inside a collection
    collections.drain()
    assert sample("overround_gc_collections_total", generation="2") - all_before == 2
    long_s = sample("overround_gc_long_collection_seconds_sum", generation="2") - long_before
    assert round(long_s, 6) == 0.07


async def test_collections_of_the_process_are_seen_while_it_runs_and_not_after():
    """The collector keeps no reference to a stopped meter."""
    clock = FakeClock()
    meter = LoopMetrics(clock)
    meter.start()
    before = sample("overround_gc_collections_total", generation="2")
    gc.collect()
    await clock.advance(0.02)
    assert sample("overround_gc_collections_total", generation="2") - before >= 1
    await meter.stop()
    await settle()
    assert meter.collections.note not in gc.callbacks
