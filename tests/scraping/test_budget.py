"""The fast lane's hard limit, whatever is asked for and whenever."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from overround.scraping.budget import Budget
from tests.support.clock import FakeClock


class HandClock(FakeClock):
    """Moves without a loop."""

    def move(self, seconds: float) -> None:
        self._elapsed += seconds


moves = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.floats(0, 30)),
        st.tuples(st.just("reserve"), st.integers(1, 40)),
        st.tuples(st.just("send"), st.integers(1, 40)),
        st.tuples(st.just("release"), st.integers(1, 3)),
    ),
    max_size=60,
)


@given(moves, st.integers(1, 60))
def test_no_minute_ever_sees_more_than_the_limit(moves, limit):
    """Reserved requests may pile up in a queue and leave it all at once."""
    clock, sent, reserved = HandClock(), list[float](), 0
    budget = Budget(lambda: limit, clock)
    for kind, amount in moves:
        if kind == "wait":
            clock.move(amount)
            continue
        for _ in range(int(amount)):
            if kind == "reserve" and budget.wait_s() == 0:
                budget.reserve()
                reserved += 1
            elif kind == "send" and reserved:
                budget.sent()
                sent.append(clock.monotonic())
                reserved -= 1
            elif kind == "release" and reserved:
                budget.release()
                reserved -= 1
    assert all(sum(at <= other <= at + 60 for other in sent) <= limit for at in sent)


@given(st.integers(1, 600))
def test_who_waits_as_told_may_send(limit):
    """The wait is no guess: looked at again after it, the budget has room, and nearly all of it gets used."""
    clock, sent = HandClock(), 0
    budget = Budget(lambda: limit, clock)
    while clock.monotonic() < 600:
        clock.move(budget.wait_s() + 1e-9)
        assert budget.wait_s() < 1e-6
        budget.reserve()
        budget.sent()
        sent += 1
    assert limit * 9 <= sent <= limit * 11


def test_requests_are_evenly_spread():
    """A minute's budget spent in its first second is a burst to the bookmaker."""
    clock, sent = HandClock(), list[float]()
    budget = Budget(lambda: 60, clock)
    while clock.monotonic() < 10:
        if budget.wait_s() == 0:
            budget.reserve()
            budget.sent()
            sent.append(clock.monotonic())
        clock.move(0.01)
    assert len(sent) <= 13  # ten seconds at one a second, and two seconds' worth that had not been used


def test_a_raised_limit_acts_at_once():
    """Nobody waits a minute for a knob."""
    clock, limits = HandClock(), [1]
    budget = Budget(lambda: limits[0], clock)
    budget.reserve()
    budget.sent()
    assert budget.wait_s() > 50
    limits[0] = 600
    assert budget.wait_s() < 0.2


def test_no_budget_is_no_request():
    """0 switches the lane off."""
    assert Budget(lambda: 0, HandClock()).wait_s() == float("inf")


async def test_a_permit_that_never_comes_costs_nothing():
    """A refused bookmaker must not eat the budget of the minute in which it comes back."""
    budget = Budget(lambda: 1, HandClock())

    async def refuse() -> None:
        raise OSError

    budget.reserve()
    with suppress(OSError):
        await budget.spent_on(refuse)
    assert budget.left == 1
