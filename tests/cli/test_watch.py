"""`overround watch`: what a changed price reads like, and what is refused before anything is asked."""

from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from overround.cli.watch import described
from overround.client import Change, Competition, Event, Market, Outcome
from overround.errors import ConfigError, FeedRefused, FeedUnreachable
from tests.support.cli import app

AT = datetime(2026, 11, 24, 12, 0, 7, tzinfo=UTC)
EVENT = Event("1", "Arsenal", "Simba", AT, Competition("x", "NPFL", "Nigeria"), "football")


def market(*outcomes: Outcome, line: str = "", state: str = "open", suspect: tuple[str, ...] = ()) -> Market:
    return Market("1", "bet9ja", "5000", line, state, suspect, AT, None, outcomes)


BEFORE = market(Outcome("Over", 2.0, "open"), Outcome("Under", 1.8, "open"), line="2.5")
AFTER = market(
    Outcome("Over", 2.1, "open"), Outcome("Under", 1.8, "suspended"), line="2.5", suspect=("outlier",)
)


@pytest.mark.parametrize(
    ("before", "after", "odds"),
    [
        (BEFORE, AFTER, "Over 2>2.1  Under 1.8 (suspended)  outlier"),
        (None, BEFORE, "Over 2  Under 1.8"),
        (BEFORE, None, "left the list"),
        (None, market(Outcome("Over", None, "suspended"), line="2.5"), "Over - (suspended)"),
    ],
)
def test_a_change_is_one_line(before, after, odds):
    """Odds that moved show what they were; what can't be backed says so."""
    line = described(Change(EVENT, "bet9ja", "5000", "2.5", before, after))
    assert line == f"12:00:07Z  Arsenal - Simba  bet9ja  5000:2.5  {odds}"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--bookmakers", "bet365"], ConfigError),
        (["--url", "ftp://x"], FeedRefused),
        (["--url", "http://127.0.0.1:1"], FeedUnreachable),
    ],
)
def test_what_cannot_work_is_said_at_once(options, error):
    """One sentence instead of a wait."""
    result = CliRunner().invoke(app, ["watch", *options])
    assert isinstance(result.exception, error)
