"""What the keys of one sport mean, each worked out once: a run brings a million, of which some thousands differ."""

from collections.abc import Container, Iterable

import msgspec

from overround.bookmakers.bet9ja.markets import MarketTable, Slot, has_one_reading, split_key
from overround.bookmakers.memo import LIMIT
from overround.domain.markets import MarketKey

NOT_PLAIN = -1  # stands for a key that is no single outcome of ours: ask for its meaning


class Line(msgspec.Struct, frozen=True, gc=False):
    """One market of ours at one line. Every outcome at every line has a number of its own."""

    key: MarketKey
    names: tuple[str, ...]
    numbers: tuple[int, ...]  # parallel to names


class KnownKey(msgspec.Struct, frozen=True, gc=False):
    """A `Meaning` with the numbers of the outcomes that the key prices."""

    market: str  # theirs
    outcome: str  # theirs
    numbers: tuple[int, ...] = ()  # none: unmapped, or refused with a reason
    refused: str = ""
    doubtful: frozenset[str] = frozenset()


class KeyMemory:
    """
    Numbers the outcomes that keys price, so that a body is mapped by a few passes over plain integers.

    Lines, keys and names are shared by all events that have them. Bounded: `forget_if_full` starts anew.
    """

    def __init__(self, table: MarketTable, sport: str) -> None:
        self._table, self._sport = table, sport
        self.mapped_suffixes = table.suffixes(sport)  # their market id -> suffixes that we map
        self._forget()

    def forget_if_full(self) -> None:
        """Forget everything once there is too much; numbers given so far lose their meaning."""
        if len(self._numbers) > LIMIT:
            self._forget()

    def numbers(self, keys: Iterable[str]) -> list[int]:
        """Return for each key the number of the one outcome that it prices, else `NOT_PLAIN`."""
        return list(map(self._numbers.__getitem__, keys))

    def known(self, key: str, listed: Container[str]) -> KnownKey:
        """Return what a key means in an event that lists these markets of theirs."""
        found = self._known.get(key)
        if found is not None:
            return found
        parts = split_key(key, listed)
        if parts is None:
            found = KnownKey(key[:40], "", refused="key")
        else:
            meaning = self._table.meaning(self._sport, parts)
            numbers = tuple(self._number(slot) for slot in meaning.slots)
            found = KnownKey(parts.market, parts.outcome, numbers, meaning.refused, meaning.doubtful)
        if has_one_reading(key):  # else it depends on the event, and the next one may read it otherwise
            self._known[key] = found
        return found

    def line(self, number: int) -> Line:
        """Return the line that an outcome belongs to."""
        return self.lines[self.first_of[number]]

    def learn(self, key: str) -> int:
        """Return the number for a key that was not seen before."""
        if not has_one_reading(key):
            return NOT_PLAIN
        numbers = self.known(key, ()).numbers
        return numbers[0] if len(numbers) == 1 else NOT_PLAIN

    def _forget(self) -> None:
        self._numbers = _Numbers(self)
        self._known: dict[str, KnownKey] = {}
        self._by_key: dict[MarketKey, Line] = {}
        self.first_of: list[int] = []  # number -> the first number of its line
        self.lines: dict[int, Line] = {}  # by their first number

    def _number(self, slot: Slot) -> int:
        known = self._by_key.get(slot.key)
        if known is None:
            first = len(self.first_of)
            self.first_of += [first] * len(slot.names)
            known = Line(slot.key, slot.names, tuple(range(first, first + len(slot.names))))
            self.lines[first] = self._by_key[slot.key] = known
        return known.numbers[slot.position]


class _Numbers(dict[str, int]):
    def __init__(self, memory: KeyMemory) -> None:
        super().__init__()
        self._memory = memory

    def __missing__(self, key: str) -> int:
        number = self[key] = self._memory.learn(key)
        return number
