"""I1: the changes between two settled states say all of it, and nothing that is not so."""

from datetime import timedelta
from itertools import pairwise

import msgspec
from hypothesis import given

from overround.domain.diff import MarketChange, apply, diff
from overround.domain.markets import Market, MarketKey, ParsedMarket
from overround.domain.settle import settle
from tests.support.books import histories, parsed
from tests.support.clock import START


@given(histories())
def test_applying_the_changes_gives_the_new_book(states):
    """No change is missed and none invented, whatever two settled books look like."""
    for old, new in pairwise(states):
        assert apply(old, diff(old, new)) == new


@given(histories())
def test_a_book_does_not_differ_from_itself(states):
    """A run in which nothing moved has no changes."""
    assert diff(states[-1], states[-1]) == ()
    assert (
        diff(states[-1], {key: msgspec.structs.replace(market) for key, market in states[-1].items()}) == ()
    )


@given(histories())
def test_a_later_answer_that_says_the_same_changes_nothing(states):
    """Only what is offered counts, not when it was said."""
    last = states[-1]
    repeated = [parsed_again(market) for market in last.values() if market.withdrawn_at is None]
    assert diff(last, settle(last, repeated, START + timedelta(days=1))) == ()


def parsed_again(market: Market) -> ParsedMarket:
    return ParsedMarket(market.key, market.names, market.odds_milli, market.suspended)


def test_previous_odds_are_in_the_order_of_the_new_names():
    """A client pairs them by position."""
    key = MarketKey("3743")
    before = settle({}, [parsed("3743", [2.0, 3.0, 4.0])], START)[key]
    after = msgspec.structs.replace(
        before, names=("2", "1", "X", "Other"), odds_milli=(4100, 2100, 3100, 9000)
    )
    assert MarketChange(before, after).previous == (4000, 2000, 3000, 0)
    assert MarketChange(None, after).previous == (0, 0, 0, 0)
