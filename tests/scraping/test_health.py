"""What the screen says of a source: from its results only, with a reason and since when."""

import pytest

from overround.bookmakers.limiter import Limiter
from overround.bus.memory import MemoryBus
from overround.config import BOOKMAKERS, Settings
from overround.domain.runs import SourceHealth
from overround.errors import (
    BookmakerError,
    BookmakerRefused,
    BookmakerUnavailable,
    EventGone,
    PayloadChanged,
    RateLimited,
)
from overround.scraping.health import Sources
from tests.support.clock import START, FakeClock

DOWN = BookmakerUnavailable("bet9ja", "event", "HTTP 502")
REFUSED = BookmakerRefused("bet9ja", "event", "HTTP 403")
GONE = EventGone("bet9ja", "event", "HTTP 404")
CHANGED = PayloadChanged("bet9ja", "event", "no D")
LIMITED = RateLimited("bet9ja", "event", "HTTP 429", 5)


class Watching:
    """Health of Bet9ja, fed with results through its limiter as the coordinator does."""

    def __init__(self) -> None:
        self.clock, self.bus, self.settings = FakeClock(), MemoryBus(), Settings()
        self.settings.apply({"bet9ja_delay_ms": 0})
        self.limiters = {code: Limiter(code, self.settings, self.clock) for code in BOOKMAKERS}
        self.sources = Sources(self.limiters, self.settings, self.bus, self.clock)

    def results(self, *errors: BookmakerError | None) -> None:
        limiter = self.limiters["bet9ja"]
        for error in errors:
            if limiter.wait_s() == 0:
                limiter.finish(limiter.start(), error)
            self.sources.record("bet9ja", error)

    @property
    def bet9ja(self) -> SourceHealth:
        return next(health for health in self.sources.all() if health.bookmaker == "bet9ja")

    @property
    def state(self) -> str:
        return self.bet9ja.state


def test_before_the_first_answer_nothing_is_claimed():
    assert (Watching().state, Watching().bet9ja.reason) == ("recovering", "not asked yet")


def test_a_complete_discovery_makes_a_source_up():
    watching = Watching()
    watching.sources.record_list("bet9ja", None)
    assert (watching.state, watching.bet9ja.reason) == ("up", "")


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (DOWN, "down", "5 requests failed in a row, the last one: HTTP 502"),
        (REFUSED, "refused", "5 requests failed in a row, the last one: HTTP 403"),
        (CHANGED, "down", "no D"),
    ],
)
def test_failures_in_a_row_say_what_is_wrong(error, state, reason):
    watching = Watching()
    watching.results(None, None, *[error] * 5)
    assert (watching.state, watching.bet9ja.reason) == (state, reason)


def test_one_failure_among_answers_changes_nothing():
    watching = Watching()
    watching.results(*[None] * 19, DOWN)
    assert watching.state == "up"


def test_a_fifth_of_failures_is_lagging():
    watching = Watching()
    watching.results(*[None] * 16, *[DOWN] * 4)
    assert watching.state == "lagging"
    assert watching.bet9ja.reason == "requests fail, the last one: HTTP 502"


def test_events_that_are_gone_are_answers():
    watching = Watching()
    watching.results(*[GONE] * 20)
    assert watching.state == "up"


async def test_being_asked_to_slow_down_is_lagging():
    watching = Watching()
    watching.results(*[None] * 10, LIMITED, None)
    assert (watching.state, watching.bet9ja.reason) == ("lagging", "asked to slow down")


async def test_the_way_back_leads_through_recovering():
    """Five answers in a row after trouble, so that one lucky probe does not turn the chip green."""
    watching = Watching()
    watching.results(*[None] * 5, *[DOWN] * 5)
    await watching.clock.advance(5)
    watching.results(None)
    assert (watching.state, watching.bet9ja.reason) == ("recovering", "answers again")
    watching.results(*[None] * 4)
    assert watching.state in ("up", "lagging")
    watching.results(*[None] * 20)
    assert watching.state == "up"


async def test_since_moves_with_the_state_and_not_with_the_reason():
    watching = Watching()
    watching.results(*[None] * 5)
    await watching.clock.advance(60)
    watching.results(*[CHANGED] * 5)
    since = watching.bet9ja.since
    assert (since - START).total_seconds() == 60
    await watching.clock.advance(60)
    watching.results(*[DOWN] * 20)
    assert watching.bet9ja.since == since


async def test_only_changes_are_published():
    watching = Watching()
    async with watching.bus.subscribe(SourceHealth) as messages:
        watching.results(*[None] * 30)
        watching.results(*[DOWN] * 30)
        states = [health.state for health in messages.take_waiting()]
    assert states == ["recovering", "up", "lagging", "down"]


async def test_a_bookmaker_switched_off_is_off_at_once():
    watching = Watching()
    async with watching.bus.subscribe(SourceHealth) as messages:
        watching.settings.apply({"enabled_bookmakers": [code for code in BOOKMAKERS if code != "bet9ja"]})
        (health,) = messages.take_waiting()
    assert (health.bookmaker, health.state) == ("bet9ja", "off")
    watching.settings.apply({"enabled_bookmakers": list(BOOKMAKERS)})
    assert watching.state == "recovering"
