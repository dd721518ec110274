"""What was sent lately, so that a client that lost its link misses nothing."""

from collections import deque
from typing import Generic, Protocol, TypeVar


class Sequenced(Protocol):
    """Anything with a place in a topic's stream."""

    @property
    def seq(self) -> int: ...
    @property
    def size(self) -> int: ...


T = TypeVar("T", bound=Sequenced)


class Ring(Generic[T]):
    """The newest items of a topic, by age and bounded in bytes."""

    def __init__(self, keep_s: float, max_bytes: int) -> None:
        self._keep_s, self._max_bytes = keep_s, max_bytes
        self._items: deque[tuple[float, T]] = deque()
        self.size = 0

    def __len__(self) -> int:
        return len(self._items)

    def append(self, item: T, at: float) -> None:
        """Keep an item of monotonic time `at`; what is too old or too much leaves."""
        self._items.append((at, item))
        self.size += item.size
        while self._items and (at - self._items[0][0] > self._keep_s or self.size > self._max_bytes):
            self.size -= self._items.popleft()[1].size

    def clear(self) -> None:
        """Forget everything: nobody can resume from before now."""
        self._items.clear()
        self.size = 0

    def since(self, seq: int, newest: int) -> list[T] | None:
        """Return every item after `seq` up to `newest`, or None when one of them is no longer here."""
        if seq > newest:
            return None
        missed = [item for _, item in self._items if item.seq > seq]
        return missed if len(missed) == newest - seq else None
