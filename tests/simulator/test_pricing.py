"""From the goals model to one bookmaker's prices."""

import math
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overround.bookmakers.base import Quote
from overround.config import packaged_catalogue
from overround.domain.markets import MarketKey
from overround.domain.odds import overround
from overround.simulator.calendar import Calendar, Match
from overround.simulator.movement import seconds_of
from overround.simulator.pricing import LazyQuotes, Pricer, priced, rounded
from overround.simulator.profiles import PROFILES
from overround.simulator.ranges import market_keys, offered_outcomes, priced_as
from tests.support.clock import START

CATALOGUE = packaged_catalogue()
MATCHES = Calendar(1, 60).ahead(START)
NOW_S = seconds_of(START)


def match() -> Match:
    return MATCHES[0]


def quotes_of(pricer: Pricer, code: str, one: Match, seconds: float, groups: int = 25):
    return dict(pricer.quotes(code, one, market_keys(code, one, groups), seconds))


def version_of(pricer: Pricer, code: str, one: Match, seconds: float) -> int:
    return pricer.version(code, one, market_keys(code, one, 25), seconds)


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
    """A bookmaker quotes the markets of its range, under the names it has an id for, and no others."""
    pricer = Pricer(seed=1)
    for one in MATCHES[:20]:
        keys = market_keys(code, one, 300)
        players = {member.player.name for member in pricer.squads(one)}
        offered = pricer.quotes(code, one, keys, NOW_S)
        assert set(offered) <= set(keys)
        for key, outcomes in offered.items():
            kind = CATALOGUE.find(key.market_id)
            assert kind is not None
            names = set(outcomes) - set(offered_outcomes(code, "football", key.market_id))
            assert outcomes
            if kind.kind == "player-ladder":
                names = {name.rpartition(" ")[0] for name in names}
            assert names <= (players if kind.names_players else set())


@pytest.mark.parametrize("code", PROFILES)
def test_no_bookmaker_gives_its_margin_away(code):
    """With W and all outcomes on offer the booksum is at least W and not absurd: the sanity gates find nothing."""
    pricer = Pricer(seed=1)
    for one in MATCHES[:20]:
        for key, outcomes in quotes_of(pricer, code, one, NOW_S, 300).items():
            kind = CATALOGUE.find(key.market_id)
            assert kind is not None
            if kind.winners and kind.complete and len(outcomes) == len(kind.outcomes):
                booksum = sum(1000 / quote.odds_milli for quote in outcomes.values()) / kind.winners
                assert 1 <= booksum < 1.6, key


@pytest.mark.parametrize("code", PROFILES)
def test_ladders_of_totals_stay_monotone(code):
    """Margin, tilt and rounding never make a higher total likelier to be gone over."""
    pricer = Pricer(seed=1)
    for one in MATCHES[:20]:
        overs: dict[str, list[tuple[float, int]]] = {}
        for key, outcomes in quotes_of(pricer, code, one, NOW_S, 300).items():
            kind = CATALOGUE.find(key.market_id)
            if kind is not None and kind.kind == "over-under" and "Over" in outcomes:
                overs.setdefault(key.market_id, []).append((float(key.line), outcomes["Over"].odds_milli))
        for market_id, ladder in overs.items():
            prices = [price for _, price in sorted(ladder)]
            assert prices == sorted(prices), market_id


def test_a_market_is_priced_when_it_is_asked_for():
    """A list shows four of hundreds of markets, so it must not pay for all of them."""
    first, second, empty = market_keys("betpawa", match(), 3)
    asked = []

    def price(key):
        asked.append(key)
        return {} if key == empty else {"1": Quote(2_000)}

    lazy = LazyQuotes([first, second, empty], price)
    assert lazy[first] == lazy.get(first) == {"1": Quote(2_000)}
    assert asked == [first]
    assert empty not in lazy
    assert list(lazy) == [first, second]
    assert len(lazy) == 2
    assert asked == [first, empty, second]


def test_bookmakers_differ_in_price_but_agree_on_the_match():
    """Each has its own margin and view; none is far from the others on a full market."""
    pricer = Pricer(seed=1)
    different = 0
    for one in MATCHES:
        books = [quotes_of(pricer, code, one, NOW_S) for code in PROFILES]
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
            for outcomes in quotes_of(pricer, code, one, NOW_S).values():
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
        version = version_of(pricer, "betpawa", match(), NOW_S + second)
        quotes = quotes_of(pricer, "betpawa", match(), NOW_S + second)
        assert seen.setdefault(version, quotes) == quotes
        versions.append(version)
    assert versions == sorted(versions)
    assert len(seen) > 10


def test_a_market_move_changes_one_market_only():
    """`market_moves` is what a bookmaker's own money does: one market moves, the rest stands."""
    pricer = Pricer(seed=1, market_moves=0.01)
    before, version = (read(pricer, "bet9ja", match(), NOW_S) for read in (quotes_of, version_of))
    for second in range(1, 600):
        if version_of(pricer, "bet9ja", match(), NOW_S + second) == version + 1:
            after = quotes_of(pricer, "bet9ja", match(), NOW_S + second)
            assert sum(after.get(key) != before.get(key) for key in {*after, *before}) <= 1
            return
    pytest.fail("no market moved within ten minutes")


def test_bookmakers_follow_one_after_the_other():
    """A move of the match reaches each bookmaker with its own delay, SportyBet's the shortest on average."""
    pricer = Pricer(seed=1, moves=0.2)

    def moved_at(code: str, one: Match) -> int:
        first = version_of(pricer, code, one, NOW_S)
        return next(s for s in range(0, 3_600, 5) if version_of(pricer, code, one, NOW_S + s) > first)

    delays = {code: sum(moved_at(code, one) for one in MATCHES[:30]) for code in PROFILES}
    assert len(set(delays.values())) == len(PROFILES)
    steps = {code: version_of(pricer, code, match(), NOW_S + 86_400) for code in PROFILES}
    assert max(steps.values()) - min(steps.values()) <= 1


def test_without_moves_prices_stand():
    """A world without moves shows tomorrow what it shows today."""
    pricer = Pricer(seed=1)
    later = seconds_of(START + timedelta(days=1))
    assert quotes_of(pricer, "betpawa", match(), NOW_S) == quotes_of(pricer, "betpawa", match(), later)


def test_one_id_has_one_price():
    """Where a bookmaker writes two of our markets under one id, equal outcomes of theirs have equal quotes."""
    pricer, compared = Pricer(seed=1), 0
    for one in MATCHES:
        quotes = quotes_of(pricer, "bet9ja", one, NOW_S, 200)
        for key, outcomes in quotes.items():
            twin = priced_as("bet9ja", "football", key.market_id)
            other = quotes.get(MarketKey(twin.market_id, key.line), {}) if twin else {}
            for name, theirs in twin.names.items() if twin else ():
                assert outcomes.get(name) == other.get(theirs)
                compared += 1
    assert compared > 1_000
