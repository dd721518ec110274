"""Booksums against known values."""

import pytest

from overround.domain.odds import fair_multiplicative, overround
from overround.errors import MarketIncomplete


@pytest.mark.parametrize(
    ("odds", "winners", "expected"),
    [
        ([2.6, 2.4, 4.3], 1, 0.033840),
        ([1.5, 2.74], 1, 0.031630),
        ([4.2, 3.7, 1.95], 1, 0.021186),
        ([1.20, 6.5, 13], 1, 0.064103),
        ([1.29, 1.73, 1.34], 2, 0.0497),
    ],
)
def test_overround_equals_the_golden_values(odds, winners, expected):
    """The table every method in this field is checked against."""
    assert overround(odds, winners) == pytest.approx(expected, abs=5e-6 if winners == 1 else 5e-5)


@pytest.mark.parametrize(
    ("odds", "expected"),
    [
        ([2.6, 2.4, 4.3], (0.372026, 0.403028, 0.224946)),
        ([1.5, 2.74], (0.646226, 0.353774)),
        ([4.2, 3.7, 1.95], (0.233156, 0.264663, 0.502181)),
        ([1.20, 6.5, 13], (0.783133, 0.144578, 0.072289)),
    ],
)
def test_multiplicative_fair_prices_equal_the_golden_values(odds, expected):
    """Whatever the unit of the prices."""
    assert fair_multiplicative(odds) == pytest.approx(expected, abs=1e-6)
    assert fair_multiplicative([round(price * 1000) for price in odds]) == pytest.approx(expected, abs=1e-6)


def test_fair_prices_of_two_winners_sum_to_two():
    """Double chance: two of three pay."""
    assert sum(fair_multiplicative([1.29, 1.73, 1.34], winners=2)) == pytest.approx(2)


@pytest.mark.parametrize("odds", [[], [2.0], [2.0, 1.0], [2.0, 0.0]])
def test_an_incomplete_market_has_no_overround(odds):
    """A missing price would read as a surebet."""
    with pytest.raises(MarketIncomplete):
        overround(odds)
    with pytest.raises(MarketIncomplete):
        fair_multiplicative(odds)
