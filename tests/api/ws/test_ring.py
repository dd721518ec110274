"""What can be replayed: everything after a number, or nothing."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from overround.api.ws.ring import Ring


class Item(msgspec.Struct, frozen=True):
    seq: int
    size: int


@given(st.lists(st.tuples(st.floats(0, 50), st.integers(1, 60)), max_size=40), st.integers(-1, 45))
def test_a_replay_is_complete_or_refused(steps, seq):
    """Against a plain list: the answer is every item after `seq`, or None when one of them has left."""
    ring: Ring[Item] = Ring(keep_s=100, max_bytes=300)
    at, items = 0.0, []
    for number, (pause, size) in enumerate(steps, start=1):
        at += pause
        items.append((at, Item(number, size)))
        ring.append(items[-1][1], at)
    newest = len(items)
    missed = ring.since(seq, newest)
    if missed is not None:
        assert missed == [item for _, item in items if item.seq > seq]
    assert ring.size <= 300
    assert sum(item.size for item in ring.since(newest - len(ring), newest) or []) == ring.size
    young = [item for t, item in items if at - t <= 100]
    if sum(item.size for item in young) <= 300:
        assert len(ring) == len(young)


def test_nobody_resumes_from_ahead_of_us():
    """A number that was never given out belongs to another stream."""
    ring: Ring[Item] = Ring(10, 10)
    assert ring.since(0, 0) == []
    assert ring.since(1, 0) is None
