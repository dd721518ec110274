"""Times as the files hold them: whole milliseconds since 1970, read back as aware UTC."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@lru_cache(maxsize=1 << 12)
def to_ms(at: datetime) -> int:
    """
    Return milliseconds since 1970; what is finer than that is cut off.

    Raises:
        ValueError: The time has no zone.

    >>> to_ms(datetime(2026, 11, 24, 12, 0, 0, 250_000, tzinfo=UTC))
    1795521600250
    """
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone")
    return (at - _EPOCH) // _MS


@lru_cache(maxsize=1 << 14)
def from_ms(ms: int) -> datetime:
    """Return the time in UTC; equal times are mostly the same object, which warm-up relies on for memory."""
    return _EPOCH + timedelta(milliseconds=ms)
