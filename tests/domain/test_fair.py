"""Fair prices against known values, and what must hold of every method."""

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from overround.domain.fair import FAIR_METHODS, consensus, fair, house_edge, multiplicative
from overround.errors import MarketIncomplete

GOLDEN = {  # DESIGN: odds -> multiplicative, power, odds ratio, Shin
    (2.6, 2.4, 4.3): {
        "multiplicative": (0.372026, 0.403028, 0.224946),
        "power": (0.372984, 0.405107, 0.221908),
        "odds_ratio": (0.372429, 0.404131, 0.223440),
        "shin": (0.372994, 0.404779, 0.222227),
    },
    (1.5, 2.74): {
        "multiplicative": (0.646226, 0.353774),
        "power": (0.653152, 0.346848),
        "odds_ratio": (0.651018, 0.348982),
        "shin": (0.650852, 0.349148),
    },
    (4.2, 3.7, 1.95): {
        "multiplicative": (0.233156, 0.264663, 0.502181),
        "power": (0.231141, 0.263064, 0.505795),
        "odds_ratio": (0.232005, 0.263641, 0.504354),
        "shin": (0.231572, 0.263574, 0.504854),
    },
    (1.20, 6.5, 13.0): {
        "multiplicative": (0.783133, 0.144578, 0.072289),
        "power": (0.816782, 0.125210, 0.058008),
        "odds_ratio": (0.805049, 0.130558, 0.064393),
        "shin": (0.804530, 0.135172, 0.060298),
    },
}


@st.composite
def books(draw):
    """Return (odds, winners) of a market with an overround between -10 and 60 %, no price near 1.0."""
    winners = draw(st.sampled_from((1, 2)))
    weights = draw(st.lists(st.floats(0.05, 1.0), min_size=winners + 1, max_size=12))
    total = draw(st.floats(0.9, 1.6)) * winners
    assume(total * max(weights) / sum(weights) < 0.98)
    return [sum(weights) / (weight * total) for weight in weights], winners


@pytest.mark.parametrize(("odds", "method"), [(odds, method) for odds in GOLDEN for method in GOLDEN[odds]])
def test_fair_prices_equal_the_golden_values(odds, method):
    """The table every method in this field is checked against."""
    assert fair(odds, 1, method) == pytest.approx(GOLDEN[odds][method], abs=1e-6)


def test_of_two_outcomes_shin_and_additive_are_one():
    """A theorem (Clarke et al. 2017), so each guards the other."""
    assert fair([1.5, 2.74], 1, "additive") == pytest.approx(fair([1.5, 2.74], 1, "shin"), abs=1e-9)


def test_multiplicative_takes_odds_in_thousandths():
    """What records hold, without a division each."""
    assert multiplicative([2600, 2400, 4300]) == pytest.approx(multiplicative([2.6, 2.4, 4.3]), abs=1e-12)


@given(books(), st.sampled_from(FAIR_METHODS))
def test_every_method_sums_to_the_winners_and_keeps_the_order(book, method):
    """Also with two winners, and of a book that adds up to less than it pays."""
    odds, winners = book
    try:
        chances = fair(odds, winners, method)
    except MarketIncomplete:
        assert method == "additive"
        return
    assert sum(chances) == pytest.approx(winners, abs=1e-9)
    assert all(chance > 0 for chance in chances)
    ranked = sorted(zip(odds, chances, strict=True))
    assert all(b <= a + 1e-9 for (_, a), (_, b) in pairwise(ranked))


@given(books())
def test_no_method_that_weighs_long_shots_makes_an_outcome_certain(book):
    """Power, odds ratio and Shin stay below 1 however many outcomes win."""
    odds, winners = book
    for method in ("power", "odds_ratio", "shin"):
        assert max(fair(odds, winners, method)) < 1


def test_additive_refuses_to_leave_an_outcome_without_a_chance():
    """0 or less is no probability; a false number would look like a surebet's."""
    with pytest.raises(MarketIncomplete):
        fair([1.05, 13.0, 100.0], 1, "additive")


@pytest.mark.parametrize("odds", [[], [2.0], [2.0, 1.0], [2.0, 0.0]])
@pytest.mark.parametrize("method", FAIR_METHODS)
def test_an_incomplete_market_has_no_fair_price(odds, method):
    """What is missing can't be guessed from the rest."""
    with pytest.raises(MarketIncomplete):
        fair(odds, 1, method)


def test_the_consensus_is_the_median_scaled_to_the_winners():
    """One bookmaker far off moves it little; two are averaged; nobody agrees on nothing."""
    assert consensus([(0.5, 0.5), (0.52, 0.48), (0.9, 0.1)]) == pytest.approx((0.52, 0.48))
    assert consensus([(0.5, 0.3, 0.2), (0.4, 0.4, 0.2)]) == pytest.approx((0.45, 0.35, 0.2))
    assert sum(consensus([(0.7, 0.2, 0.1), (0.5, 0.4, 0.1), (0.5, 0.1, 0.4)])) == pytest.approx(1)
    assert consensus([]) is None


def test_the_house_loses_where_its_price_is_above_the_fair_one():
    """2.10 on an even chance pays out 105 for every 100 taken."""
    assert house_edge(2.10, 0.5) == pytest.approx(-0.05)
