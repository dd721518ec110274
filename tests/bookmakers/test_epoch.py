"""Kickoffs as a count since 1970: the right unit is read, another one is not guessed."""

from datetime import UTC, datetime

import pytest

from overround.bookmakers.epoch import from_ms, from_seconds

KICKOFF = datetime(2026, 5, 6, 11, tzinfo=UTC)


def test_a_kickoff_is_whole_seconds():
    """What stands behind the second is nothing that anyone kicks off at."""
    assert from_seconds(1_778_065_200) == from_ms(1_778_065_200_999) == KICKOFF


@pytest.mark.parametrize("seconds", [1_778_065_200_000, 1_778_065, 0, -1, 10**17, -(10**17)])
def test_a_time_of_no_match_is_an_error(seconds):
    """Milliseconds read as seconds, seconds read as milliseconds, nothing at all."""
    with pytest.raises(OverflowError):
        from_seconds(seconds)


@pytest.mark.parametrize("ms", [1_778_065_200, 0, 10**18])
def test_seconds_are_no_milliseconds(ms):
    """Read as January 1970 the match would have started, and its prices would stand still for good."""
    with pytest.raises(OverflowError):
        from_ms(ms)
