"""Times on disk."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given

from overround.storage.times import from_ms, to_ms
from tests.support.changes import times


@given(times)
def test_a_time_to_the_millisecond_comes_back_as_it_was(at: datetime):
    """Stored milliseconds are the whole truth: no float is on the way."""
    assert from_ms(to_ms(at)) == at


def test_another_zone_is_the_same_instant():
    """Lagos is UTC+1 all year; the file holds UTC."""
    lagos = datetime(2026, 11, 24, 13, tzinfo=timezone(timedelta(hours=1)))
    assert from_ms(to_ms(lagos)) == datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert from_ms(to_ms(lagos)).tzinfo is UTC


def test_a_time_without_zone_is_refused():
    """A naive time would be read as UTC whatever was meant."""
    with pytest.raises(ValueError, match="no time zone"):
        to_ms(datetime(2026, 11, 24, 12))  # noqa: DTZ001
