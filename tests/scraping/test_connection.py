"""Whether anybody answers at all, from runs and breakers."""

import pytest

from overround.bookmakers.limiter import Limiter
from overround.config import Settings
from overround.errors import BookmakerError, BookmakerRefused, BookmakerUnavailable
from overround.scraping.connection import Connection
from tests.support.clock import START, FakeClock
from tests.support.scripted_site import BOOKMAKERS

SILENT = BookmakerUnavailable("bet9ja", "list", "ClientConnectorError")
BUSY = BookmakerUnavailable("bet9ja", "list", "HTTP 502", answered=True)
REFUSED = BookmakerRefused("bet9ja", "list", "HTTP 403")


class Line:
    """A connection with its limiters."""

    def __init__(self) -> None:
        self.clock, settings = FakeClock(), Settings(BOOKMAKERS)
        settings.apply({f"{code}_delay_ms": 0 for code in BOOKMAKERS})
        self.limiters = {code: Limiter(code, settings, self.clock) for code in BOOKMAKERS}
        self.connection = Connection(self.limiters, settings, self.clock)

    def fail(self, code: str, error: BookmakerError) -> None:
        limiter = self.limiters[code]
        for _ in range(5):
            limiter.finish(limiter.start(), error)


def test_a_run_over_all_without_an_answer_loses_it():
    line = Line()
    line.connection.note(BOOKMAKERS, anyone_answered=False)
    assert line.connection.lost_since == START


def test_silence_at_some_bookmakers_says_nothing_of_the_others():
    line = Line()
    line.connection.note(BOOKMAKERS[:1], anyone_answered=False)
    assert line.connection.lost_since is None


async def test_silence_of_one_does_not_bring_it_back_and_the_first_time_counts():
    line = Line()
    line.connection.note(BOOKMAKERS, anyone_answered=False)
    await line.clock.advance(60)
    line.connection.note(BOOKMAKERS[:1], anyone_answered=False)
    assert line.connection.lost_since == START
    line.connection.note(BOOKMAKERS[:1], anyone_answered=True)
    assert line.connection.lost_since is None


@pytest.mark.parametrize(("error", "is_lost"), [(SILENT, True), (BUSY, False), (REFUSED, False)])
def test_all_stopped_for_silence_in_the_middle_of_a_run_loses_it(error, is_lost):
    """A refusal and a 502 are answers."""
    line = Line()
    for code in BOOKMAKERS:
        line.fail(code, error)
    line.connection.note(BOOKMAKERS, anyone_answered=True)
    assert (line.connection.lost_since is not None) is is_lost


def test_while_lost_the_silent_are_asked_again_and_those_who_refused_are_not():
    line = Line()
    line.fail("betpawa", SILENT)
    line.fail("bet9ja", REFUSED)
    line.connection.ask_again(BOOKMAKERS)
    assert line.limiters["betpawa"].breaker.state == "open"
    line.connection.note(BOOKMAKERS, anyone_answered=False)
    line.connection.ask_again(BOOKMAKERS)
    assert (line.limiters["betpawa"].breaker.state, line.limiters["bet9ja"].breaker.state) == (
        "half_open", "open",
    )  # fmt: skip
