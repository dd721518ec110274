"""Which request goes next: never past a limit, never leaving one unused."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from overround.bookmakers.limiter import Limiter
from overround.config import BOOKMAKERS, Settings
from overround.errors import BookmakerError, BookmakerUnavailable, RateLimited
from overround.scraping.admission import EVENTS, LISTS, STARTS_AT_ONCE, URGENT, Admission, Permit, Waiting
from tests.support.clock import FakeClock, settle


class CreepingClock(FakeClock):
    """Time goes on a little with every look at it, as real time does while code runs."""

    def __init__(self, creep_s: float) -> None:
        super().__init__()
        self._creep_s = creep_s

    def monotonic(self) -> float:
        self._elapsed += self._creep_s
        return super().monotonic()


class Gate:
    """An admission and the permits it has granted, in order."""

    def __init__(self, clock: FakeClock | None = None, **settings: int) -> None:
        self.clock, self.settings = clock or FakeClock(), Settings()
        self.set(**{"bet9ja_delay_ms": 0, **settings})
        self.limiters = {code: Limiter(code, self.settings, self.clock) for code in BOOKMAKERS}
        self.blocked = False
        self.admission = Admission(self.limiters, self.settings, self.clock, lambda: self.blocked)
        self.granted: list[tuple[str, str | None]] = []
        self.permits: dict[tuple[str, str | None], Permit] = {}
        self.refused: dict[tuple[str, str | None], BookmakerError] = {}

    def set(self, **settings: int) -> None:
        self.settings.apply(settings)

    def queue(self, bookmaker: str, *events: str | None, priority: float = EVENTS) -> list[Waiting]:
        """Queue requests in this order, without letting any go."""
        return [self._queue(bookmaker, event, (priority, float(place))) for place, event in enumerate(events)]

    def go(self) -> list[tuple[str, str | None]]:
        """Let go what may, and return what went."""
        before = len(self.granted)
        self.admission.pump()
        return self.granted[before:]

    def end(self, bookmaker: str, event: str | None, error: BookmakerError | None = None) -> None:
        self.permits.pop((bookmaker, event)).finish(error)

    def _queue(self, bookmaker: str, event: str | None, priority: tuple[float, ...]) -> Waiting:
        def start(permit: Permit) -> None:
            self.granted.append((bookmaker, event))
            self.permits[bookmaker, event] = permit

        def refuse(error: BookmakerError) -> None:
            self.refused[bookmaker, event] = error

        return self.admission.submit(bookmaker, event, priority, start, refuse)


def limited(retry_after_s: float) -> RateLimited:
    return RateLimited("betpawa", "event", "HTTP 429", retry_after_s)


@pytest.mark.parametrize("looks", range(1, 40))
async def test_a_limiter_that_opens_while_we_look_is_not_missed(looks: int):
    """The pause after a request may end at any look at the clock; the next request goes all the same."""
    gate = Gate(CreepingClock(0.025 / looks), bet9ja_concurrency=1, bet9ja_delay_ms=25)
    gate.queue("bet9ja", None, "a")
    gate.go()
    gate.end("bet9ja", None)
    await gate.clock.advance(1)
    assert gate.granted == [("bet9ja", None), ("bet9ja", "a")]


async def test_an_events_slot_serves_all_its_requests():
    """max_concurrent_events counts events on the wire, not requests."""
    gate = Gate(max_concurrent_events=1)
    for code in BOOKMAKERS:
        gate.queue(code, "a", "b")
    assert sorted(gate.go()) == [(code, "a") for code in sorted(BOOKMAKERS)]
    *first, last = BOOKMAKERS
    for code in first:
        gate.end(code, "a")
    assert gate.admission.events_on_wire == 1
    gate.end(last, "a")
    assert {event for _, event in gate.granted[len(BOOKMAKERS) :]} == {"b"}


async def test_waiting_for_a_limiter_holds_no_slot():
    """The old system's one limit: events sat in their slots while their slowest bookmaker was full."""
    gate = Gate(max_concurrent_events=2, bet9ja_concurrency=1)
    gate.queue("bet9ja", "a", "b", "c")
    assert gate.go() == [("bet9ja", "a")]
    gate.queue("betpawa", "x")
    assert gate.go() == [("betpawa", "x")]


async def test_while_another_has_work_nobody_gets_more_than_half_of_the_slots():
    gate = Gate(max_concurrent_events=6)
    gate.queue("betpawa", *"abcdefgh")
    gate.queue("sportybet", *"pqrstuvw")
    gate.go()
    assert gate.admission.on_wire("betpawa") == 3
    assert gate.admission.on_wire("sportybet") == 3


async def test_a_slow_bookmaker_leaves_the_others_their_slots():
    """It may not collect them one by one either, while the fast one's requests come and go."""
    gate = Gate(max_concurrent_events=6, sportybet_concurrency=3)
    gate.queue("betpawa", *(f"a{number}" for number in range(50)))
    gate.queue("sportybet", *(f"a{number}" for number in range(50)))
    gate.go()
    for number in range(40):
        assert gate.admission.on_wire("sportybet") == 3
        gate.end("sportybet", f"a{number}")


async def test_alone_a_bookmaker_may_use_every_slot():
    gate = Gate(max_concurrent_events=6)
    gate.queue("betpawa", *"abcdefgh")
    assert len(gate.go()) == 6


async def test_a_closed_bookmaker_keeps_no_slots_free():
    """What waits out a Retry-After is not in need of a slot."""
    gate = Gate(max_concurrent_events=6)
    gate.queue("sportybet", "z")
    gate.go()
    gate.end("sportybet", "z", limited(10))
    gate.queue("sportybet", *"pqr")
    gate.queue("betpawa", *"abcdefgh")
    assert len(gate.go()) == 6


async def test_most_work_per_permit_goes_first():
    """The bookmaker that will need longest must never wait for a slot."""
    gate = Gate(max_concurrent_events=2, betpawa_concurrency=50, bet9ja_concurrency=5)
    gate.queue("betpawa", *(f"p{number}" for number in range(20)))
    gate.queue("bet9ja", *(f"n{number}" for number in range(5)))
    assert gate.go()[0] == ("bet9ja", "n0")


async def test_priority_decides_within_a_bookmaker():
    gate = Gate(max_concurrent_events=1)
    gate.queue("betpawa", "late", priority=EVENTS + 2)
    gate.queue("betpawa", "soon", priority=EVENTS)
    gate.queue("betpawa", None, priority=LISTS)
    gate.queue("betpawa", "now", priority=URGENT)
    assert gate.go() == [("betpawa", "now"), ("betpawa", None)]
    gate.end("betpawa", "now")
    assert gate.granted[-1] == ("betpawa", "soon")


async def test_a_refresh_gets_the_next_slot_whoever_has_more_work():
    gate = Gate(max_concurrent_events=1)
    gate.queue("bet9ja", *(f"n{number}" for number in range(30)))
    gate.go()
    gate.queue("betpawa", "now", priority=URGENT)
    gate.end("bet9ja", "n0")
    assert gate.granted[-1] == ("betpawa", "now")


async def test_a_waiting_request_can_be_moved_forward_or_taken_back():
    gate = Gate(max_concurrent_events=1)
    first, _, third = gate.queue("betpawa", "a", "b", "c")
    gate.admission.withdraw(first)
    gate.admission.promote(third, (URGENT,))
    assert gate.go() == [("betpawa", "c")]
    gate.end("betpawa", "c")
    assert gate.granted == [("betpawa", "c"), ("betpawa", "b")]


async def test_time_alone_lets_the_next_one_go():
    """After the spacing, and to the second after a Retry-After."""
    gate = Gate(betpawa_concurrency=1, betpawa_delay_ms=500)
    gate.queue("betpawa", "a", "b", "c")
    gate.go()
    gate.end("betpawa", "a")
    await gate.clock.advance(0.499)
    assert len(gate.granted) == 1
    await gate.clock.advance(0.001)
    assert len(gate.granted) == 2
    gate.end("betpawa", "b", limited(12))
    await gate.clock.advance(11.999)
    assert len(gate.granted) == 2
    await gate.clock.advance(0.001)
    assert len(gate.granted) == 3


async def test_nobody_waits_out_a_long_closure():
    """A run ends in minutes although a bookmaker asked for an hour: its events fail with that reason."""
    gate = Gate(betpawa_concurrency=1)
    gate.queue("betpawa", "a", "b", "c")
    gate.queue("sportybet", "a")
    gate.go()
    gate.end("betpawa", "a", limited(3600))
    assert set(gate.refused) == {("betpawa", "b"), ("betpawa", "c")}
    assert isinstance(gate.refused["betpawa", "b"], RateLimited)
    assert ("sportybet", "a") in gate.granted


async def test_settings_act_at_once():
    gate = Gate(max_concurrent_events=1, betpawa_concurrency=2)
    gate.queue("betpawa", *"abcdef")
    gate.go()
    gate.set(max_concurrent_events=4)
    assert len(gate.granted) == 2
    gate.set(betpawa_concurrency=3)
    assert len(gate.granted) == 3


async def test_while_held_only_lists_go_and_it_looks_again_by_itself():
    """The disk is full, or the parser is behind: fetching waits, discovery does not."""
    gate = Gate()
    gate.blocked = True
    gate.queue("betpawa", "a")
    gate.queue("bet9ja", None, priority=LISTS)
    assert gate.go() == [("bet9ja", None)]
    gate.blocked = False
    await gate.clock.advance(1)
    assert gate.granted[-1] == ("betpawa", "a")


async def test_a_permit_ends_once():
    gate = Gate()
    gate.queue("betpawa", "a")
    gate.go()
    permit = gate.permits["betpawa", "a"]
    permit.finish()
    permit.finish()
    permit.abandon()
    assert gate.limiters["betpawa"].in_flight == 0
    assert gate.admission.events_on_wire == 0


async def test_waiting_time_counts_from_the_head_of_the_queue():
    """Otherwise the sum over a run would be hours, most of it nobody's fault."""
    gate = Gate(betpawa_concurrency=1)
    gate.queue("betpawa", "a", "b", "c")
    gate.go()
    for event in "ab":
        await gate.clock.advance(2)
        gate.end("betpawa", event)
    assert gate.permits["betpawa", "c"].wait_ms == pytest.approx(2000)


@pytest.mark.parametrize("granted_before", [False, True])
async def test_a_cancelled_wait_leaves_nothing_behind(granted_before):
    """Also when the permit came in the very turn in which the waiter was cancelled."""
    gate = Gate(betpawa_concurrency=1)
    gate.queue("betpawa", "a")
    gate.go()
    waiting = asyncio.ensure_future(gate.admission.admit("betpawa", "b", (EVENTS,)))
    await settle()
    if granted_before:
        gate.end("betpawa", "a")
    waiting.cancel()
    if not granted_before:
        gate.end("betpawa", "a")
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert gate.limiters["betpawa"].in_flight == 0


async def test_an_awaited_permit_can_be_refused():
    gate = Gate(betpawa_concurrency=1)
    gate.queue("betpawa", "a")
    gate.go()
    waiting = asyncio.ensure_future(gate.admission.admit("betpawa", "b", (EVENTS,)))
    await settle()
    gate.end("betpawa", "a", limited(3600))
    with pytest.raises(RateLimited):
        await waiting


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("queue"), st.sampled_from(BOOKMAKERS), st.integers(0, 30)),
        st.tuples(
            st.just("end"), st.integers(0, 50), st.sampled_from(["ok", "ok", "ok", "failed", "limited"])
        ),
        st.tuples(st.just("slots"), st.integers(1, 6)),
        st.tuples(st.just("advance"), st.sampled_from([0.01, 1.0, 12.0])),
    ),
    max_size=80,
)


@hypothesis_settings(max_examples=100, deadline=None)
@given(STEPS)
async def test_no_sequence_breaks_the_slots_or_loses_a_request(steps):
    """Every request is started or refused exactly once, and no admission ever exceeds the slots of its time."""
    gate = Gate(max_concurrent_events=3, betpawa_concurrency=3, bet9ja_concurrency=2, bet9ja_delay_ms=10)
    queued: set[tuple[str, str | None]] = set()
    for step in steps:
        before = set(gate.permits)
        match step:
            case ("queue", code, number) if (code, str(number)) not in queued:
                queued.add((code, str(number)))
                gate.queue(code, str(number))
                gate.go()
            case ("end", place, how) if gate.permits:
                code, event = sorted(gate.permits)[place % len(gate.permits)]
                error = {"failed": BookmakerUnavailable(code, "x", "502"), "limited": limited(3)}.get(how)
                gate.end(code, event, error)
            case ("slots", slots):
                gate.set(max_concurrent_events=slots)
            case ("advance", seconds):
                await gate.clock.advance(seconds)
        started = set(gate.permits) - before
        if started:
            assert gate.admission.events_on_wire <= max(
                gate.settings.number("max_concurrent_events"), len({event for _, event in before})
            )
    while len(gate.granted) + len(gate.refused) < len(queued) or gate.permits:
        for code, event in list(gate.permits):
            gate.end(code, event)
        await gate.clock.advance(1)
    assert sorted(gate.granted + list(gate.refused)) == sorted(queued)
    gate.admission.close()


async def test_a_crowd_goes_over_several_turns_of_the_loop():
    """A run's first fifty requests open as many connections; a reader must get its turn between them."""
    gate = Gate(betpawa_concurrency=50)
    gate.queue("betpawa", *map(str, range(25)))
    sizes = [len(gate.go())]
    while len(gate.granted) < 25:
        before = len(gate.granted)
        gate.go()
        assert len(gate.granted) == before, "nothing goes before its turn"
        await asyncio.sleep(0)
        sizes.append(len(gate.granted) - before)
    assert sizes == [STARTS_AT_ONCE, STARTS_AT_ONCE, 25 - 2 * STARTS_AT_ONCE]


async def test_a_closed_admission_starts_nothing_more():
    gate = Gate(betpawa_concurrency=50)
    gate.queue("betpawa", *map(str, range(25)))
    gate.go()
    gate.admission.close()
    await settle()
    assert len(gate.granted) == STARTS_AT_ONCE
