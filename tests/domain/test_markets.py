"""Prices and lines: what is an offer, and how a line is written."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overround.domain.markets import MAX_ODDS_MILLI, plain_line, price_milli


@pytest.mark.parametrize(
    "price",
    [
        "1",
        "1.0",
        "0",
        "-2.4",
        "nan",
        "inf",
        "1e2",
        "2,40",
        "",
        " 2.4",
        "2_0",
        "100001",
        "٢",
        None,
        math.nan,
        1,
        0,
        -3,
        True,
    ],
)
def test_what_is_no_offer_has_no_price(price):
    """1 is how Bet9ja prints what it does not sell; the rest is garbage."""
    assert price_milli(price) == 0


@pytest.mark.parametrize(
    ("price", "milli"), [("2.42", 2420), (1.02, 1020), ("100000", 100_000_000), (3, 3000), ("1.001", 1001)]
)
def test_an_offer_becomes_thousandths(price, milli):
    """Integers compare exactly."""
    assert price_milli(price) == milli


@given(st.one_of(st.text(), st.floats(), st.integers(-(10**30), 10**30)))
def test_any_input_gives_an_offer_or_none(price):
    """Never an exception, never a price at or below 1."""
    milli = price_milli(price)
    assert milli == 0 or 1000 < milli <= MAX_ODDS_MILLI


@pytest.mark.parametrize("line", ["abc", "", "nan", "Infinity", "1:0", "99999", "1_0", "1e1", "٢"])
def test_a_line_must_be_a_decimal_number(line):
    """Anything else rejects its market."""
    with pytest.raises(ValueError, match="is not a line"):
        plain_line(line)


@given(st.integers(-40, 40))
def test_equal_lines_are_written_alike(quarters):
    """2, 2.0, +2 and 2.00 are one key."""
    text = plain_line(quarters / 4)
    assert plain_line(f"{quarters / 4:+.2f}") == text
    assert not text.startswith("+") and text != "-0"
