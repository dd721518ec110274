"""Kickoffs that arrive as a count since 1970: SportyBet, MSport and SportPesa in ms, Betway in s."""

from datetime import UTC, datetime, timedelta

UNFIXED = 0  # a match that has no kickoff yet: lists leave it out, a detail of it is refused

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds read as ms give January 1970, ms read as seconds the year 58000: neither is a kickoff in another unit.
_FIRST, _END = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def from_seconds(seconds: int) -> datetime:
    """
    Return a kickoff from whole seconds UTC since 1970.

    Raises:
        OverflowError: No time of this century: another unit, or no time at all.

    >>> from_seconds(1778065200).isoformat()
    '2026-05-06T11:00:00+00:00'
    """
    kickoff = _EPOCH + timedelta(seconds=seconds)
    if not _FIRST <= kickoff < _END:
        raise OverflowError(f"{seconds} s since 1970 is no kickoff")
    return kickoff


def from_ms(ms: int) -> datetime:
    """
    Return a kickoff from ms UTC since 1970, to the second.

    Raises:
        OverflowError: As `from_seconds`.
    """
    return from_seconds(ms // 1000)
