"""From the goals model to one bookmaker's prices."""

import math
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overround.config import packaged_catalogue
from overround.domain.odds import overround
from overround.simulator.calendar import Calendar, Match
from overround.simulator.movement import seconds_of
from overround.simulator.pricing import Pricer, market_keys, priced, rounded
from overround.simulator.profiles import PROFILES
from tests.support.clock import START

CATALOGUE = packaged_catalogue()
MATCHES = Calendar(1, 60).ahead(START)
NOW_S = seconds_of(START)


def match() -> Match:
    return MATCHES[0]


@pytest.mark.parametrize("market_id", ["3743", "4693", "3795"])
@given(margin=st.floats(0.01, 0.12))
def test_an_even_market_bears_exactly_the_margin(market_id, margin):
    """The factor on the odds ratio is made so that the overround of an even market is the margin, whatever W."""
    kind = CATALOGUE.find(market_id)
    assert kind is not None
    winners = kind.winners or 1
    even = dict.fromkeys(kind.outcomes, winners / len(kind.outcomes))
    odds = priced(even, kind, margin)
    assert math.isclose(overround(list(odds.values()), winners), margin)


def test_a_favourite_stays_above_evens_and_a_long_shot_bears_more():
    """A price can't fall to 1 by margin alone; the outsider's price is cut harder."""
    kind = CATALOGUE.find("4703")
    assert kind is not None
    odds = priced({"1": 0.99, "2": 0.01}, kind, 0.08)
    assert 1 < odds["1"] < 1 / 0.99
    assert odds["2"] * 0.01 < odds["1"] * 0.99


@given(st.floats(1.0, 5_000.0), st.sampled_from(list(PROFILES)))
def test_rounded_prices_are_offers_in_whole_hundredths(odds, code):
    """Every price is above 1.01, at most 1,000 and exact at two decimals; else it is no offer."""
    milli = rounded(odds, PROFILES[code].ladder)
    assert milli == 0 or 1_010 < milli <= 1_000_000
    assert milli % 10 == 0
    assert round(milli / 1000, 2) * 1000 == pytest.approx(milli, abs=1e-9)
    assert (milli == 0) == (odds < 1.015)


@pytest.mark.parametrize("code", PROFILES)
def test_quotes_stay_inside_the_range(code):
    """A bookmaker quotes the markets of its range, under the catalogue's outcome names, and no others."""
    pricer = Pricer(seed=1)
    for one in MATCHES:
        keys = market_keys(PROFILES[code], one.base)
        quotes = pricer.quotes(code, one, NOW_S)
        assert set(quotes) <= set(keys)
        assert len(set(keys)) == len(keys)
        for key, outcomes in quotes.items():
            kind = CATALOGUE.find(key.market_id)
            assert kind is not None
            assert set(outcomes) <= set(kind.outcomes)
            assert outcomes


def test_bookmakers_differ_in_price_but_agree_on_the_match():
    """Each has its own margin and view; none is far from the others on a full market."""
    pricer = Pricer(seed=1)
    different = 0
    for one in MATCHES:
        books = [pricer.quotes(code, one, NOW_S) for code in PROFILES]
        key = next(key for key in books[0] if key.market_id == "3743")
        homes = [book[key]["1"].odds_milli for book in books if "1" in book.get(key, {})]
        different += len(set(homes)) > 1
        assert max(homes) / min(homes) < 1.35
    assert different > 50


def test_some_outcomes_are_locked_and_some_withheld():
    """SportyBet locks about 1.7 % of its markets; Bet9ja has no lock, it leaves out an outcome."""
    pricer = Pricer(seed=1)
    states: dict[str, Counter[str]] = {}
    for code in PROFILES:
        states[code] = Counter()
        for one in MATCHES:
            for outcomes in pricer.quotes(code, one, NOW_S).values():
                states[code].update(["markets"])
                states[code].update(["locked"] if any(quote.suspended for quote in outcomes.values()) else [])
    assert 0.008 < states["sportybet"]["locked"] / states["sportybet"]["markets"] < 0.03
    assert states["betpawa"]["locked"]
    assert not states["bet9ja"]["locked"]


def test_prices_change_exactly_with_their_version():
    """Between two equal versions nothing differs: the version is what a rendered body is kept by."""
    pricer = Pricer(seed=1, moves=0.5, market_moves=0.02)
    seen: dict[int, object] = {}
    versions: list[int] = []
    for second in range(0, 1_200, 5):
        version = pricer.version("betpawa", match(), NOW_S + second)
        quotes = pricer.quotes("betpawa", match(), NOW_S + second)
        assert seen.setdefault(version, quotes) == quotes
        versions.append(version)
    assert versions == sorted(versions)
    assert len(seen) > 10


def test_a_market_move_changes_one_market_only():
    """`market_moves` is what a bookmaker's own money does: one market moves, the rest stands."""
    pricer = Pricer(seed=1, market_moves=0.01)
    before, version = pricer.quotes("bet9ja", match(), NOW_S), pricer.version("bet9ja", match(), NOW_S)
    for second in range(1, 600):
        if pricer.version("bet9ja", match(), NOW_S + second) == version + 1:
            after = pricer.quotes("bet9ja", match(), NOW_S + second)
            assert sum(after.get(key) != before.get(key) for key in {*after, *before}) <= 1
            return
    pytest.fail("no market moved within ten minutes")


def test_bookmakers_follow_one_after_the_other():
    """A move of the match reaches each bookmaker with its own delay, SportyBet's the shortest on average."""
    pricer = Pricer(seed=1, moves=0.2)

    def moved_at(code: str, one: Match) -> int:
        first = pricer.version(code, one, NOW_S)
        return next(s for s in range(0, 3_600, 5) if pricer.version(code, one, NOW_S + s) > first)

    delays = {code: sum(moved_at(code, one) for one in MATCHES[:30]) for code in PROFILES}
    assert len(set(delays.values())) == 3
    steps = {code: pricer.version(code, match(), NOW_S + 86_400) for code in PROFILES}
    assert max(steps.values()) - min(steps.values()) <= 1


def test_without_moves_prices_stand():
    """A world without moves shows tomorrow what it shows today."""
    pricer = Pricer(seed=1)
    later = seconds_of(START + timedelta(days=1))
    assert pricer.quotes("betpawa", match(), NOW_S) == pricer.quotes("betpawa", match(), later)
