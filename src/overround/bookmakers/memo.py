"""A bounded memory for what parsers meet again and again: prices, lines, unmapped rows."""

from collections.abc import Callable, Hashable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

LIMIT = 65_536  # entries; a full world has some thousands of each kind


class Memo(dict[K, V]):
    """
    Remembers what `make` returned per key. Once full it forgets all and fills again with what is in use.

    >>> lengths = Memo(len, limit=2)
    >>> lengths["abc"], lengths["ab"], lengths["a"], len(lengths)
    (3, 2, 1, 1)
    """

    def __init__(self, make: Callable[[K], V], limit: int = LIMIT) -> None:
        super().__init__()
        self._make, self._limit = make, limit

    def __missing__(self, key: K) -> V:
        if len(self) >= self._limit:
            self.clear()
        value = self[key] = self._make(key)
        return value
