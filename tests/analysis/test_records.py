"""What the records say of themselves."""

from datetime import timedelta

import msgspec
import pytest

from overround.analysis.records import Exposure, Unanswered
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


def test_a_move_is_unanswered_until_it_says_when_it_was_answered():
    """Whatever answered it."""
    waiting = Unanswered("1", "down", "bet9ja", START, 2400)
    assert waiting.answered_at is None and waiting.answered_by is None
