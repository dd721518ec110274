"""Texts that never end must not fill the process."""

from hypothesis import given
from hypothesis import strategies as st

from overround.bookmakers.memo import Memo


@given(st.lists(st.integers(0, 50)), st.integers(1, 8))
def test_a_memo_is_bounded_and_right(keys, limit):
    """Whatever is asked in whatever order, the answer is what `make` gives, and no more than `limit` are kept."""
    memo = Memo(lambda key: key * 2, limit)
    for key in keys:
        assert memo[key] == key * 2
        assert len(memo) <= limit


def test_what_is_remembered_is_the_same_object():
    """Thousands of listings share one record."""
    memo = Memo(lambda key: [key])
    assert memo["a"] is memo["a"]
