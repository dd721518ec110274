"""
The numbers that stand for listings, market keys and outcome sets in the spool and the database.

They are counted up in memory by the one process that holds the data directory's lock, never by the database: a
number travels in the spool with the first change that uses it, so that the database can be away. After a
restart counting continues behind everything the database and the spool hold.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

import msgspec

from overround.domain.markets import MarketKey
from overround.errors import StorageError

K = TypeVar("K", bound=Hashable)

ListingKey = tuple[str, str]  # (sportradar_id, bookmaker)
SportMarket = tuple[str, MarketKey]  # a market key means something within its sport only
Names = tuple[str, ...]  # outcome names in packing order: any other tuple is another set


class Numbering(Generic[K]):
    """Numbers of one kind of thing, from 1; both ways, one to one, never taken back."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._numbers: dict[K, int] = {}
        self._keys: dict[int, K] = {}
        self._last = 0
        self.find: Callable[[K], int | None] = self._numbers.get
        """Return the key's number, None when it has none yet; asked for every market of every change."""

    def number(self, key: K) -> int:
        """Return the key's number, the next one when it has none yet."""
        number = self._numbers.get(key)
        if number is None:
            number = self._last = self._last + 1
            self._numbers[key], self._keys[number] = number, key
        return number

    def key(self, number: int) -> K:
        """
        Return what has this number.

        Raises:
            StorageError: Nothing has: the spool belongs to another database.
        """
        try:
            return self._keys[number]
        except KeyError:
            raise StorageError(
                None, f"{self._kind} {number} is in neither the database nor the spool"
            ) from None

    def restore(self, number: int, key: K) -> None:
        """
        Take over a number from the database or the spool.

        Raises:
            StorageError: The number stands for something else already, or the key has another number.
        """
        if self._keys.setdefault(number, key) != key or self._numbers.setdefault(key, number) != number:
            raise StorageError(
                None, f"{self._kind} {number} stands for two things: {self._keys[number]} and {key}"
            )
        self._last = max(self._last, number)

    def skip_to(self, number: int) -> None:
        """Never give out a number up to this one, whoever had it."""
        self._last = max(self._last, number)

    def __len__(self) -> int:
        return len(self._numbers)


class StoredIdentities(msgspec.Struct):
    """Every number the database knows, and the highest listing number any of its rows mentions."""

    listings: Iterable[tuple[int, ListingKey]] = ()
    market_keys: Iterable[tuple[int, SportMarket]] = ()
    outcome_sets: Iterable[tuple[int, Names]] = ()
    last_listing: int = 0  # prices outlive their listing's row until retention has passed over both


class Identities:
    """The three numberings of one data directory."""

    def __init__(self) -> None:
        self.listings: Numbering[ListingKey] = Numbering("listing")
        self.market_keys: Numbering[SportMarket] = Numbering("market key")
        self.outcome_sets: Numbering[Names] = Numbering("outcome set")

    def listing_id(self, listing: ListingKey) -> int:
        """Return the number of an event at a bookmaker, a new one at first use."""
        return self.listings.number(listing)

    def market_key_id(self, market: SportMarket) -> int:
        """Return the number of a market key within its sport, a new one at first use."""
        return self.market_keys.number(market)

    def outcome_set_id(self, names: Names) -> int:
        """Return the number of these outcome names in this order, a new one at first use."""
        return self.outcome_sets.number(names)

    def restore(self, stored: StoredIdentities) -> None:
        """Take over what the database holds; the spool's own come with `records.restore`."""
        for number, listing in stored.listings:
            self.listings.restore(number, listing)
        for number, market in stored.market_keys:
            self.market_keys.restore(number, market)
        for number, names in stored.outcome_sets:
            self.outcome_sets.restore(number, names)
        self.listings.skip_to(stored.last_listing)
