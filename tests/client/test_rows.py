"""Rows of changes: what left its list keeps its name and has no price."""

from datetime import UTC, datetime

from overround.client import Change, Competition, Event, Market, Outcome
from overround.client.rows import change_rows

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
EVENT = Event("1", "Arsenal", "Simba", AT, Competition("x", "NPFL", "Nigeria"), "football")


def market(over: float) -> Market:
    outcomes = (Outcome("Over", over, "open"), Outcome("Under", None, "suspended"))
    return Market("1", "bet9ja", "5000", "2.5", "open", ("outlier", "order"), AT, None, outcomes)


def test_a_change_is_a_row_per_outcome():
    """With the odds before; an outcome that never had a price has None."""
    over, under = change_rows(Change(EVENT, "bet9ja", "5000", "2.5", market(2.0), market(2.1)))
    assert (over["home"], over["line"], over["outcome"], over["before"], over["odds"]) == (
        "Arsenal", "2.5", "Over", 2.0, 2.1,
    )  # fmt: skip
    assert (under["state"], under["before"], under["odds"]) == ("suspended", None, None)
    assert over["suspect"] == "outlier,order"


def test_what_left_has_no_price():
    """But what it was."""
    over, _ = change_rows(Change(EVENT, "bet9ja", "5000", "2.5", market(2.0), None))
    assert (over["state"], over["market_state"], over["odds"], over["before"]) == ("gone", "gone", None, 2.0)
