"""Booksums against known values."""

import pytest

from overround.domain.odds import overround
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


@pytest.mark.parametrize("odds", [[], [2.0], [2.0, 1.0], [2.0, 0.0]])
def test_an_incomplete_market_has_no_overround(odds):
    """A missing price would read as a surebet."""
    with pytest.raises(MarketIncomplete):
        overround(odds)
