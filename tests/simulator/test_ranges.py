"""Which markets a bookmaker offers on a match."""

import pytest

from overround.config import packaged_catalogue
from overround.domain.catalogue import MAIN_MARKETS
from overround.domain.markets import plain_line
from overround.simulator.calendar import Calendar
from overround.simulator.profiles import PROFILES
from overround.simulator.ranges import market_keys, offered_outcomes, priced_as
from tests.support.clock import START

CATALOGUE = packaged_catalogue()
MATCHES = Calendar(1, 40).ahead(START)
OTHER_SPORTS = [one for one in Calendar(1, 40, ("football", "basketball", "tennis")).ahead(START) if one.sport != "football"]  # fmt: skip


@pytest.mark.parametrize("code", PROFILES)
def test_only_what_the_catalogue_maps_is_offered(code):
    """A market that nobody could map back would be a truth that no test can compare."""
    for one in [*MATCHES, *OTHER_SPORTS]:
        keys = market_keys(code, one, 1_000)
        assert len(set(keys)) == len(keys)
        for key in keys:
            kind = CATALOGUE.find(key.market_id, one.sport)
            assert kind is not None
            assert code in kind.books
            assert bool(kind.param) == bool(key.line)
            assert not key.line or key.line == plain_line(key.line)
            assert not key.line or (float(key.line) / kind.grid).is_integer()
            fixed = kind.books[code].fixed_lines
            assert set(kind.books[code].ids) - set(fixed) or key.line in fixed.values()


@pytest.mark.parametrize("code", PROFILES)
def test_every_mapped_market_is_offered_somewhere(code):
    """Popular markets come first, yet every match has its own taste: in a world of events nothing is missing."""
    matches = Calendar(2, 200).ahead(START)
    keys = {key.market_id for one in matches for key in market_keys(code, one, PROFILES[code].mapped_groups)}
    football = {kind.id for kind in CATALOGUE.types if kind.sport == "football" and code in kind.books}
    assert keys == football


@pytest.mark.parametrize("code", PROFILES)
def test_small_events_have_the_main_markets(code):
    """The size cuts from the end: the four of the board are there first, and a larger event has all of a smaller one."""
    for one in MATCHES:
        small, large = market_keys(code, one, 25), market_keys(code, one, 80)
        assert set(small) <= set(large)
        assert 25 <= len(small) <= 27
        assert set(MAIN_MARKETS) <= set(small)


def test_bookmakers_offer_the_same_on_a_match():
    """What traders put up depends on the match more than on the house, so most of a small range is comparable."""
    for one in MATCHES:
        ours, theirs = set(market_keys("betpawa", one, 60)), set(market_keys("sportybet", one, 100))
        assert len(ours & theirs) > 45


def test_lines_lie_around_the_match():
    """The evenest line comes first: a favourite's handicap is negative, an open match's total is high."""
    one = max(MATCHES, key=lambda match: match.base.home - match.base.away)
    handicaps = [float(key.line) for key in market_keys("sportybet", one, 1_000) if key.market_id == "3774"]
    assert abs(sum(handicaps) / len(handicaps) - (one.base.away - one.base.home)) < 0.6


def test_offered_outcomes_are_those_with_an_id():
    """Bet9ja has only Yes on alternatives; BetPawa's own names are all its own."""
    assert offered_outcomes("betpawa", "football", "3743") == ("1", "X", "2")
    assert offered_outcomes("bet9ja", "football", "x-home_or_btts_ft") == ("Yes",)


@pytest.mark.parametrize("code", PROFILES)
def test_what_one_id_stands_for_is_offered_together(code):
    """One id of theirs can be two markets of ours: the answer speaks of both, so the truth has both."""
    for one in MATCHES:
        keys = set(market_keys(code, one, 60))
        for key in keys:
            if twin := priced_as(code, "football", key.market_id):
                assert any(other.market_id == twin.market_id and other.line == key.line for other in keys)


def test_types_under_one_id_share_their_prices():
    """Bet9ja's "home scores in the first half" is our "away keeps a clean sheet", with Yes and No exchanged."""
    twins = {
        kind.canonical: twin
        for kind in CATALOGUE.types
        if "bet9ja" in kind.books and (twin := priced_as("bet9ja", kind.sport, kind.id))
    }
    assert twins["x-home_to_score_1h"].names == {"Yes": "No", "No": "Yes"}
    assert "away_over_under_ft" not in twins  # under the home team's key, yet none of its outcomes
    assert not any(
        priced_as("betpawa", kind.sport, kind.id) for kind in CATALOGUE.types if "betpawa" in kind.books
    )
