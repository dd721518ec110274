"""How fast a bookmaker may be asked: examples of each rule, then any sequence against a simple model."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from overround.bookmakers.limiter import Limiter, Ticket
from overround.config import Settings
from overround.errors import BookmakerError, BookmakerRefused, BookmakerUnavailable, EventGone, RateLimited
from tests.support.clock import FakeClock


def unavailable(detail: str = "HTTP 502", answered: bool = True) -> BookmakerUnavailable:
    return BookmakerUnavailable("bet9ja", "event", detail, answered)


def limited(retry_after_s: float = 7) -> RateLimited:
    return RateLimited("bet9ja", "event", "HTTP 429", retry_after_s)


class Asking:
    """A limiter with its clock and settings, and short words for what tests do with it."""

    def __init__(self, concurrency: int = 4, delay_ms: int = 0) -> None:
        self.clock, self.settings = FakeClock(), Settings()
        self.set(concurrency, delay_ms)
        self.limiter = Limiter("bet9ja", self.settings, self.clock)

    def set(self, concurrency: int, delay_ms: int = 0) -> None:
        self.settings.apply({"bet9ja_concurrency": concurrency, "bet9ja_delay_ms": delay_ms})

    def results(self, *errors: BookmakerError | None) -> None:
        """Send one request after the other, each ending like this."""
        for error in errors:
            self.limiter.finish(self.limiter.start(), error)

    def fill(self) -> list[Ticket]:
        """Start as many as may start."""
        tickets: list[Ticket] = []
        while self.limiter.wait_s() == 0:
            tickets.append(self.limiter.start())
        return tickets


def test_no_more_than_the_concurrency_are_on_the_wire():
    asking = Asking(concurrency=3)
    first, *_ = tickets = asking.fill()
    assert len(tickets) == 3
    assert asking.limiter.wait_s() == inf
    asking.limiter.finish(first)
    assert asking.limiter.wait_s() == 0


async def test_a_permit_rests_for_the_delay_after_its_request():
    """Spacing is per permit: 15 permits at 25 ms make (latency + 25 ms) / 15 per request."""
    asking = Asking(concurrency=2, delay_ms=25)
    tickets = asking.fill()
    asking.limiter.finish(tickets[0])
    assert asking.limiter.wait_s() == pytest.approx(0.025)
    await asking.clock.advance(0.025)
    assert asking.limiter.wait_s() == 0


async def test_settings_act_at_once():
    """I11: on a limiter that has requests on the wire and permits at rest."""
    asking = Asking(concurrency=2, delay_ms=1000)
    tickets = asking.fill()
    asking.set(concurrency=3, delay_ms=1000)
    tickets += asking.fill()
    assert len(tickets) == 3
    asking.limiter.finish(tickets.pop())
    asking.set(concurrency=3, delay_ms=0)
    assert asking.limiter.wait_s() == 0
    asking.set(concurrency=2, delay_ms=0)
    assert asking.limiter.wait_s() == inf


async def test_no_request_starts_inside_a_retry_after_window():
    asking = Asking()
    asking.results(limited(7))
    assert asking.limiter.wait_s() == 7
    await asking.clock.advance(6.999)
    assert asking.limiter.wait_s() > 0
    await asking.clock.advance(0.001)
    assert asking.limiter.wait_s() == 0


async def test_a_shorter_retry_after_does_not_shorten_the_window():
    asking = Asking()
    tickets = asking.fill()
    asking.limiter.finish(tickets[0], limited(60))
    asking.limiter.finish(tickets[1], limited(1))
    assert asking.limiter.closed_s() == 60


async def test_setting_the_wall_clock_moves_no_window():
    asking = Asking()
    asking.results(limited(7))
    asking.clock.step_wall(2 * 3600)
    assert asking.limiter.wait_s() == 7
    asking.clock.step_wall(-4 * 3600)
    assert asking.limiter.wait_s() == 7


async def test_a_429_halves_the_concurrency_and_successes_win_it_back():
    """One more per twenty successes, up to the setting."""
    asking = Asking(concurrency=10)
    asking.results(limited(1))
    assert asking.limiter.ceiling == 5
    assert asking.limiter.throttled
    await asking.clock.advance(1)
    asking.results(*[None] * 20)
    assert asking.limiter.ceiling == 6
    asking.results(*[None] * 80)
    assert asking.limiter.ceiling == 10
    assert not asking.limiter.throttled


async def test_many_429_to_one_burst_are_one_message():
    """Ten answers to requests sent before we slowed down say nothing about the new speed."""
    asking = Asking(concurrency=10)
    for ticket in asking.fill():
        asking.limiter.finish(ticket, limited(1))
    assert asking.limiter.ceiling == 5


async def test_the_concurrency_never_falls_below_one():
    asking = Asking(concurrency=3)
    for _ in range(4):
        asking.results(limited(1))
        await asking.clock.advance(1)
    assert asking.limiter.ceiling == 1
    assert asking.limiter.wait_s() == 0


# --- the breaker ----------------------------------------------------------------------------------------------


def test_five_failures_in_a_row_open_the_breaker_with_one_reason():
    asking = Asking()
    asking.results(*[unavailable()] * 4, None, *[unavailable()] * 5)
    assert asking.limiter.breaker.state == "open"
    assert asking.limiter.breaker.reason == "5 requests failed in a row, the last one: HTTP 502"


def test_half_of_the_last_twenty_open_it_as_well():
    asking = Asking()
    asking.results(*[unavailable(), None] * 9, None)
    assert asking.limiter.breaker.state == "closed"
    asking.results(unavailable())
    assert asking.limiter.breaker.reason == "10 of the last 20 requests failed, the last one: HTTP 502"


def test_an_event_that_is_gone_and_a_single_429_do_not_open_it():
    asking = Asking(concurrency=50)
    gone = EventGone("bet9ja", "event", "HTTP 404")
    asking.results(*[gone] * 30)
    asking.results(limited(0))
    assert asking.limiter.breaker.state == "closed"


async def test_nothing_but_429_however_slow_we_are_opens_it():
    """Otherwise every request of a run would wait out three windows, one after the other, for hours."""
    asking = Asking(concurrency=15)
    for _ in range(5):
        for ticket in asking.fill():
            asking.limiter.finish(ticket, limited(2))
        await asking.clock.advance(2)
    assert asking.limiter.breaker.state == "open"
    error = asking.limiter.closed_error()
    assert isinstance(error, BookmakerUnavailable) and error.answered
    assert error.detail.endswith("5 requests failed in a row, the last one: HTTP 429")


async def test_a_429_now_and_then_does_not_open_it():
    """Answers between them say that the bookmaker works; slowing down is enough."""
    asking = Asking(concurrency=15)
    for _ in range(12):
        asking.results(limited(1))
        await asking.clock.advance(1)
        asking.results(None, None)
    assert asking.limiter.breaker.state == "closed"


async def test_after_the_pause_one_probe_decides():
    asking = Asking()
    asking.results(*[unavailable()] * 5)
    assert asking.limiter.wait_s() == 5
    await asking.clock.advance(5)
    assert asking.limiter.breaker.state == "half_open"
    (probe,) = asking.fill()
    assert asking.limiter.wait_s() == inf
    asking.limiter.finish(probe)
    assert asking.limiter.breaker.state == "closed"
    assert len(asking.fill()) == 4


async def test_each_failed_probe_doubles_the_pause_up_to_five_minutes():
    asking = Asking()
    asking.results(*[unavailable()] * 5)
    pauses: list[float] = []
    for _ in range(8):
        pauses.append(asking.limiter.wait_s())
        await asking.clock.advance(pauses[-1])
        asking.results(unavailable())
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300]
    assert asking.limiter.breaker.reason == "still failing: HTTP 502"


async def test_answers_to_requests_sent_before_do_not_close_an_open_breaker():
    asking = Asking(concurrency=7)
    tickets = asking.fill()
    for ticket in tickets[:5]:
        asking.limiter.finish(ticket, unavailable())
    asking.limiter.finish(tickets[5])
    asking.limiter.finish(tickets[6], unavailable())
    assert asking.limiter.wait_s() == 5


async def test_an_abandoned_probe_leaves_room_for_the_next():
    asking = Asking()
    asking.results(*[unavailable()] * 5)
    await asking.clock.advance(5)
    asking.limiter.abandon(asking.limiter.start())
    assert asking.limiter.breaker.state == "half_open"
    assert asking.limiter.wait_s() == 0


def test_a_refusal_closes_for_a_quarter_of_an_hour_or_until_a_person_asks():
    """403: stop, say so, do not work around it."""
    asking = Asking()
    asking.results(*[BookmakerRefused("bet9ja", "event", "HTTP 403")] * 5)
    assert asking.limiter.wait_s() == 900
    assert isinstance(asking.limiter.closed_error(), BookmakerRefused)
    asking.limiter.breaker.half_open()
    assert asking.limiter.wait_s() == 0


def test_what_closes_a_limiter_is_what_its_waiting_requests_fail_with():
    asking = Asking()
    asking.results(limited(60))
    error = asking.limiter.closed_error()
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 60
    silent = Asking()
    silent.results(*[unavailable("no answer", answered=False)] * 5)
    error = silent.limiter.closed_error()
    assert isinstance(error, BookmakerUnavailable)
    assert not error.answered
    assert error.detail == "not asked for 5 s: 5 requests failed in a row, the last one: no answer"


# --- any sequence ---------------------------------------------------------------------------------------------

OPERATIONS = st.one_of(
    st.just(("start",)),
    st.tuples(st.just("finish"), st.sampled_from(["ok", "unavailable", "limited", "abandoned"])),
    st.tuples(st.just("advance"), st.sampled_from([0.01, 0.5, 3.0, 20.0])),
    st.tuples(st.just("set"), st.integers(1, 6), st.sampled_from([0, 10, 1000])),
)


class Model:
    """What must hold whatever happens: kept as plain lists of what was done."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.out: list[Ticket] = []
        self.ended: list[float] = []
        self.quiet_until = 0.0
        self.failures_in_a_row = 0

    def check_start(self) -> None:
        """A request that may start breaks none of the rules."""
        now = self.asking.clock.monotonic()
        delay = self.asking.settings.number("bet9ja_delay_ms") / 1000
        resting = sum(end + delay > now + 1e-6 for end in self.ended)
        assert len(self.out) + resting < self.asking.settings.number("bet9ja_concurrency")
        assert now >= self.quiet_until - 1e-6

    async def do(self, operation: tuple) -> None:
        limiter, clock = self.asking.limiter, self.asking.clock
        match operation:
            case ("start",) if limiter.wait_s() == 0:
                self.check_start()
                self.out.append(limiter.start())
            case ("finish", how) if self.out:
                self.finish(self.out.pop(0), how)
            case ("advance", seconds):
                await clock.advance(seconds)
            case ("set", concurrency, delay_ms):
                self.asking.set(concurrency, delay_ms)

    def finish(self, ticket: Ticket, how: str) -> None:
        limiter, now = self.asking.limiter, self.asking.clock.monotonic()
        self.ended.append(now)
        if how == "abandoned":
            limiter.abandon(ticket)
            return
        limiter.finish(ticket, {"unavailable": unavailable(), "limited": limited(2)}.get(how))
        if how == "limited":
            self.quiet_until = max(self.quiet_until, now + 2)
        else:
            self.failures_in_a_row = self.failures_in_a_row + 1 if how == "unavailable" else 0
        if self.failures_in_a_row == 5 and limiter.breaker.state == "closed":
            raise AssertionError("five failures in a row and still asking")


@hypothesis_settings(max_examples=100, deadline=None)
@given(st.lists(OPERATIONS, max_size=60))
async def test_no_sequence_breaks_a_limit_or_locks_the_bookmaker_out(operations):
    """Whatever was sent, answered, set and waited: rules hold at every start, and in the end one may start again."""
    model = Model(Asking(concurrency=3, delay_ms=10))
    for operation in operations:
        await model.do(operation)
    while model.out:
        model.finish(model.out.pop(), "ok")
    await model.asking.clock.advance(1000)
    assert model.asking.limiter.wait_s() == 0
    assert model.asking.limiter.in_flight == 0
