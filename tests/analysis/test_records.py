"""What the records say of themselves."""

from datetime import timedelta

import msgspec
import pytest

from overround.analysis.records import Exposure, Move
from overround.domain.fair import fair
from overround.domain.markets import MarketKey
from tests.support.clock import START

OPEN = Exposure("1", "69000001", MarketKey("3743"), True, (), 0.98, 0.0204, START, 0.0204, START)


@pytest.mark.parametrize(
    ("change", "is_shown"),
    [
        ({}, True),
        ({"mine": False}, False),
        ({"suppressed": ("profit",)}, False),
        ({"closed_at": START + timedelta(seconds=1), "closed_by": "own_move"}, False),
    ],
)
def test_the_board_shows_what_is_open_ours_and_not_suppressed(change, is_shown):
    """Board and alerts ask one place."""
    assert msgspec.structs.replace(OPEN, **change).shown is is_shown


def test_a_move_says_what_it_means_in_odds_and_in_probability():
    """2.60 to 2.40 is a fall of 7.7 %, and 3 points more in the chance that the market gives it; 0 is no price."""
    move = Move(7, START, "bet9ja", "price", ("1", "X", "2"), (2600, 2400, 4300), (2400, 2400, 4300), 1)
    (moved,) = move.outcomes
    assert (moved.name, moved.from_milli, moved.to_milli) == ("1", 2600, 2400)
    assert moved.change == pytest.approx(-0.0769, abs=1e-4)
    assert moved.points == pytest.approx(fair([2.4, 2.4, 4.3])[0] - 0.372984, abs=1e-6)
    locked = msgspec.structs.replace(move, kind="suspended", after_milli=(0, 2400, 4300))
    assert [(each.to_milli, each.change, each.points) for each in locked.outcomes] == [(0, None, None)]
