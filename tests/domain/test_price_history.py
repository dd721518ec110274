"""Prices over time: what thinning keeps, where prices began and closed."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overround.domain.markets import Market, MarketKey
from overround.domain.price_history import closing, odds_by_name, opening, outcome_names, thin
from tests.support.clock import START

KEY = MarketKey("3743")
KICKOFF = START + timedelta(hours=10)


def point(
    minute: float,
    *odds: int,
    names: tuple[str, ...] = ("1", "X", "2"),
    suspended: int = 0,
    withdrawn: bool = False,
) -> Market:
    """Return the market as it was after the change of that minute."""
    at = START + timedelta(minutes=minute)
    return Market(KEY, names, odds, suspended, at, START, at if withdrawn else None)


@st.composite
def series(draw: st.DrawFn) -> list[Market]:
    """Any history of a three-way market."""
    found: list[Market] = []
    for minute in range(draw(st.integers(1, 80))):
        odds = draw(st.tuples(*[st.integers(1010, 9000) | st.just(0)] * 3))
        found.append(
            point(minute, *odds, suspended=draw(st.sampled_from([0, 0, 7])), withdrawn=draw(st.booleans()))
        )
    return found


@given(series(), st.integers(2, 60))
def test_thinning_keeps_ends_gaps_and_extremes_in_order(points: list[Market], wanted: int):
    """A chart that loses a withdrawal or a spike shows another story."""
    kept = thin(points, wanted)
    assert kept == sorted(kept, key=lambda one: one.changed_at)
    assert {id(points[0]), id(points[-1])} <= {id(one) for one in kept}
    assert [one.state for one in points if _begins_state(points, one)] == [
        one.state for one in kept if _begins_state(kept, one)
    ]
    for outcome in range(3):
        priced = [one.odds_milli[outcome] for one in points if one.odds_milli[outcome]]
        if priced:
            shown = [one.odds_milli[outcome] for one in kept if one.odds_milli[outcome]]
            assert (min(shown), max(shown)) == (min(priced), max(priced))


def _begins_state(points: list[Market], one: Market) -> bool:
    place = points.index(one)
    return place == 0 or points[place - 1].state != one.state


def test_a_short_history_is_shown_whole():
    """Thinning is for what doesn't fit."""
    points = [point(minute, 2000 + minute, 3000, 4000) for minute in range(10)]
    assert thin(points, 10) == points


def test_thinning_comes_near_the_number_asked_for():
    """About as many as a screen has room for, spread over the whole time."""
    points = [point(minute, 2000 + minute % 7, 3000 + minute % 11, 4000) for minute in range(5000)]
    kept = thin(points, 200)
    assert 100 <= len(kept) <= 200
    assert sum(one.changed_at < points[2500].changed_at for one in kept) in range(30, 150)


def test_a_spike_of_one_point_survives():
    """Somebody took that price."""
    points = [point(minute, 2000, 3000, 4000 + minute % 2) for minute in range(3000)]
    points[1234] = point(1234, 2000, 9000, 4000)
    assert points[1234] in thin(points, 50)


def test_names_come_from_the_longest_list():
    """A player joins: his price has a place in every row, empty before."""
    before, after = point(0, 2000, 3000, names=("A", "B")), point(1, 2000, 3000, 9000, names=("A", "B", "C"))
    names = outcome_names([before, after])
    assert names == ("A", "B", "C")
    assert odds_by_name(before, names) == [2.0, 3.0, None]
    assert odds_by_name(after, names) == [2.0, 3.0, 9.0]


# --- opening -------------------------------------------------------------------------------------------------


def test_the_opening_price_is_the_first_one():
    """Seen an hour or more before kickoff."""
    mark = opening([point(0, 2000, 3000, 4000), point(5, 2100, 3000, 4000)], START, KICKOFF)
    assert (mark.at, mark.age_s, mark.reason) == (START, 36_000.0, None)
    assert mark.market and mark.market.odds_milli == (2000, 3000, 4000)


@pytest.mark.parametrize(("minutes", "reason"), [(59, "first_seen_late"), (60, None)])
def test_a_market_seen_late_has_no_opening_price(minutes: int, reason: str | None):
    """It had moved before we looked."""
    mark = opening([point(600 - minutes, 2000, 3000, 4000)], None, KICKOFF)
    assert (mark.reason, mark.market is None) == (reason, reason is not None)


def test_without_a_price_there_is_no_opening():
    """Shown locked from the beginning."""
    assert opening([point(0, 0, 0, 0, suspended=7)], START, KICKOFF).reason == "not_offered"
    assert opening([], None, KICKOFF).reason == "not_offered"


def test_an_opening_that_retention_deleted_is_not_replaced_by_a_later_price():
    """The first row that is left is no opening."""
    mark = opening([point(30, 2000, 3000, 4000)], START, KICKOFF)
    assert (mark.reason, mark.at) == ("history_deleted", START)


# --- closing -------------------------------------------------------------------------------------------------

AFTER = KICKOFF + timedelta(hours=1)


def minutes_before(minutes: float) -> datetime:
    return KICKOFF - timedelta(minutes=minutes)


def test_the_closing_price_is_the_last_confirmed_before_kickoff():
    """With its age; what came after kickoff is no prematch price."""
    points = [point(0, 2000, 3000, 4000), point(500, 2100, 3000, 4000), point(601, 9000, 3000, 4000)]
    mark = closing(points, minutes_before(2), KICKOFF, AFTER)
    assert (mark.at, mark.age_s, mark.reason) == (minutes_before(2), 120.0, None)
    assert mark.market and mark.market.odds_milli[0] == 2100
    assert closing(points, AFTER, KICKOFF, AFTER).age_s == 0.0


def test_a_close_nobody_confirmed_within_the_hour_is_missing():
    """The source was down when it mattered."""
    mark = closing([point(0, 2000, 3000, 4000)], minutes_before(61), KICKOFF, AFTER)
    assert (mark.reason, mark.market, mark.age_s) == ("source_down", None, 3660.0)


def test_a_withdrawn_market_has_no_closing_price():
    """Its last price could not be taken any more."""
    points = [point(0, 2000, 3000, 4000), point(300, 2000, 3000, 4000, withdrawn=True)]
    assert closing(points, minutes_before(1), KICKOFF, AFTER).reason == "not_offered"
    assert closing([], None, KICKOFF, AFTER).reason == "not_offered"


def test_before_kickoff_there_is_no_close():
    """The last price is not the closing price yet."""
    assert closing([point(0, 2000, 3000, 4000)], START, KICKOFF, START).reason == "not_started"
