"""One price against others."""

import pytest

from overround.domain.comparing import aligned, gap, median, net_win_gap, open_milli, rank
from tests.support.changes import market


def test_gap_and_net_win_gap_are_those_of_the_glossary():
    """gap = own/ref - 1; net-win gap = (own - 1)/(ref - 1) - 1."""
    assert gap(2100, 2000) == pytest.approx(0.05)
    assert net_win_gap(2100, 2000) == pytest.approx(0.10)


@pytest.mark.parametrize(
    ("own", "others", "place"), [(2400, [2300], 1), (2300, [2300, 2300], 1), (2200, [2300, 2200, 2400], 3)]
)
def test_rank_1_is_the_highest_and_equal_prices_share_the_better(own, others, place):
    """Two at the top are both first."""
    assert rank(own, others) == place


def test_the_median_of_two_is_their_mean():
    """With two rivals nobody is in the middle."""
    assert median([2000, 2300]) == 2150.0
    assert median([1000, 9000, 2000]) == 2000.0
    assert median([1000, 9000, 2000, 3000]) == 2500.0


def test_only_what_can_be_backed_is_open():
    """A locked outcome keeps its price in the record, a withdrawn market all of them."""
    assert open_milli(market(2400, 3200, 3000, suspended=0b010)) == (2400, 0, 3000)
    assert open_milli(market(2400, 3200, 3000, withdrawn=True)) == (0, 0, 0)


def test_prices_are_compared_by_name_not_by_place():
    """Bookmakers may list outcomes in another order, or fewer."""
    listed = market(3000, 2400, names=("2", "1"))
    assert aligned(listed, ("1", "X", "2")) == (2400, 0, 3000)
