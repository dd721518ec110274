"""Progress is pushed a few times a second at most, and the last state always."""

from overround.bus.memory import MemoryBus
from overround.domain.runs import RunProgress
from overround.scraping.progress import ProgressFeed
from tests.support.clock import FakeClock


async def test_a_thousand_steps_in_a_second_make_four_updates():
    clock, bus = FakeClock(), MemoryBus()
    async with bus.subscribe(RunProgress) as messages:
        feed = ProgressFeed("r", bus, clock, lambda _: 7)
        feed.enter("fetch", {"betpawa": 1000})
        for _ in range(1000):
            await clock.advance(0.001)
            feed.step("betpawa")
        seen = messages.take_waiting()
    assert len([message for message in seen if message.bookmaker == ""]) <= 5
    assert len([message for message in seen if message.bookmaker == "betpawa"]) <= 5


async def test_the_last_state_is_published_whenever_the_one_before_was():
    clock, bus = FakeClock(), MemoryBus()
    async with bus.subscribe(RunProgress) as messages:
        feed = ProgressFeed("r", bus, clock, lambda bookmaker: 3 if bookmaker else 2)
        feed.enter("fetch", {"betpawa": 2, "bet9ja": 4})
        await clock.advance(0.1)
        feed.step("betpawa")
        feed.step("bet9ja", failed=True)
        feed.step("bet9ja")
        feed.publish()
        *_, whole, betpawa, bet9ja = messages.take_waiting()
    assert (whole.bookmaker, whole.current, whole.total, whole.errors, whole.in_flight) == ("", 3, 6, 1, 2)
    assert (betpawa.current, betpawa.total, betpawa.in_flight) == (1, 2, 3)
    assert (bet9ja.current, bet9ja.total, bet9ja.errors) == (2, 4, 1)
    assert (whole.rate_per_s, whole.eta_s) == (30.0, 0.1)


async def test_a_phase_of_unknown_length_has_no_eta():
    clock, bus = FakeClock(), MemoryBus()
    async with bus.subscribe(RunProgress) as messages:
        feed = ProgressFeed("r", bus, clock, lambda _: 0)
        feed.enter("discover", {"betpawa": 0})
        await clock.advance(1)
        feed.step("betpawa")
        *_, whole, _ = messages.take_waiting()
    assert (whole.phase, whole.current, whole.total, whole.eta_s) == ("discover", 1, 0, None)


async def test_work_that_is_found_later_counts_in_the_same_phase():
    """What one bookmaker lists is fetched while another's list is still out."""
    clock, bus = FakeClock(), MemoryBus()
    async with bus.subscribe(RunProgress) as messages:
        feed = ProgressFeed("r", bus, clock, lambda _: 0)
        feed.enter("fetch", {"betpawa": 0, "bet9ja": 0})
        feed.expect({"betpawa": 3})
        await clock.advance(1)
        feed.step("betpawa")
        feed.expect({"bet9ja": 5})
        whole, betpawa, bet9ja = messages.take_waiting()[-3:]
    assert (whole.current, whole.total) == (1, 8)
    assert (betpawa.current, betpawa.total, bet9ja.current, bet9ja.total) == (1, 3, 0, 5)
