"""Packed odds and masks."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from overround.domain.markets import MAX_ODDS_MILLI
from overround.storage.packing import pack_mask, pack_odds, unpack_mask, unpack_odds

odds = st.lists(st.integers(0, MAX_ODDS_MILLI) | st.just(0) | st.integers(1001, 16_383), max_size=100).map(
    tuple
)


@given(odds)
@example((0, 20_000))  # one byte and three: an even length that is not pairs
@example((20_000, 0))
@example((128, 16_383, 16_384))
def test_odds_come_back_as_they_were(odds_milli: tuple[int, ...]):
    """Whatever mix of one, two, three and four byte numbers they make."""
    assert unpack_odds(pack_odds(odds_milli)) == odds_milli


def test_a_usual_price_takes_two_bytes():
    """History is the largest table: 1X2 at 2.41, 3.29, 3.02 takes six bytes."""
    assert len(pack_odds((2410, 3290, 3020))) == 6


@pytest.mark.parametrize("cut", [b"\x80", b"\xea\x12\xcc", b"\xff\xff"])
def test_bytes_that_end_inside_a_number_are_refused(cut: bytes):
    """Half a price is not a price."""
    with pytest.raises(ValueError, match="inside a number"):
        unpack_odds(cut)


@given(st.integers(0, 2**200))
def test_masks_of_any_length_come_back(mask: int):
    """A player market has more outcomes than a database integer has bits."""
    assert unpack_mask(pack_mask(mask)) == mask


def test_nothing_suspended_takes_no_byte():
    """That is how nearly every row looks."""
    assert pack_mask(0) == b""
