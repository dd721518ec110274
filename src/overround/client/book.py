"""The local copy: everything a filter holds, and what each message changes of it."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from overround.client.messages import Confirmed, Event, Listing, Market, Snapshot, Update

MarketId = tuple[str, str, str]  # bookmaker, market id, line


class Change(msgspec.Struct, frozen=True, gc=False):
    """One market that is another than the reader last saw."""

    event: Event
    bookmaker: str
    market_id: str
    line: str
    before: Market | None  # None: it was not held
    after: Market | None  # None: the match left the filter or the server


class Book:
    """Matches, listings and markets of one filter, level with the server up to one sequence number."""

    def __init__(self) -> None:
        self.events: dict[str, Event] = {}
        self._listings: dict[str, dict[str, Listing]] = {}
        self._markets: dict[str, dict[MarketId, Market]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._markets.values()))

    def market(self, sportradar_id: str, bookmaker: str, market_id: str, line: str = "") -> Market | None:
        """Return a market, None where it is not held."""
        return self._markets.get(sportradar_id, {}).get((bookmaker, market_id, line))

    def markets(self, sportradar_id: str | None = None) -> Iterator[Market]:
        """Return every market, of one match or of all."""
        held = self._markets.values() if sportradar_id is None else [self._markets.get(sportradar_id, {})]
        return (market for markets in held for market in markets.values())

    def listing(self, sportradar_id: str, bookmaker: str) -> Listing | None:
        """Return a match at a bookmaker, None where it is not held."""
        return self._listings.get(sportradar_id, {}).get(bookmaker)

    def listings(self) -> Iterator[Listing]:
        """Return every match at every bookmaker."""
        return (listing for listings in self._listings.values() for listing in listings.values())

    def confirmed_at(self, market: Market) -> datetime | None:
        """Return when the bookmaker last showed this price."""
        listing = self.listing(market.sportradar_id, market.bookmaker)
        if listing is None:
            return None
        alone = listing.market_confirmed_at.get(market.market_id)
        return max((at for at in (listing.confirmed_at, alone) if at is not None), default=None)

    def copy(self) -> "Book":
        """Return the same state, which no longer changes."""
        copied = Book()
        copied.events = dict(self.events)
        copied._listings = {key: dict(held) for key, held in self._listings.items()}
        copied._markets = {key: dict(held) for key, held in self._markets.items()}
        return copied

    def add(self, part: Snapshot) -> None:
        """Take in a part of a whole state."""
        self._put_events(part.events)
        self._put_listings(part.listings)
        for market in part.markets:
            self._put_market(market)

    def update(self, update: Update) -> list[Change]:
        """Take in what changed and return the markets that are others now."""
        changes = [change for gone in update.removed for change in self._remove(gone)]
        self._put_events(update.events)
        self._put_listings(update.listings)
        for market in update.changes:
            before = self._put_market(market)
            if before != market and (event := self.events.get(market.sportradar_id)):
                changes.append(_change(event, before, market))
        for bookmaker, entries in update.confirmed.items():
            for entry in entries:
                self._confirm(bookmaker, entry)
        return changes

    def changes_to(self, newer: "Book") -> list[Change]:
        """Return what a reader of this copy has to be told to stand where `newer` does."""
        changes: list[Change] = []
        for sportradar_id in self.events.keys() | newer.events.keys():
            held = self._markets.get(sportradar_id, {})
            now = newer._markets.get(sportradar_id, {})
            event = newer.events.get(sportradar_id) or self.events[sportradar_id]
            changes += [
                _change(event, held.get(key), now.get(key))
                for key in {**held, **now}
                if held.get(key) != now.get(key)
            ]
        return changes

    def _remove(self, sportradar_id: str) -> list[Change]:
        event = self.events.pop(sportradar_id, None)
        self._listings.pop(sportradar_id, None)
        markets = self._markets.pop(sportradar_id, {})
        return [] if event is None else [_change(event, market, None) for market in markets.values()]

    def _put_events(self, events: Iterable[Event]) -> None:
        for event in events:
            self.events[event.sportradar_id] = event

    def _put_listings(self, listings: Iterable[Listing]) -> None:
        for listing in listings:
            self._listings.setdefault(listing.sportradar_id, {})[listing.bookmaker] = listing

    def _put_market(self, market: Market) -> Market | None:
        """Hold a market and return the one it replaces."""
        held = self._markets.setdefault(market.sportradar_id, {})
        key = (market.bookmaker, market.market_id, market.line)
        before = held.get(key)
        held[key] = market
        return before

    def _confirm(self, bookmaker: str, entry: Confirmed) -> None:
        for sportradar_id in entry.events:
            listing = self.listing(sportradar_id, bookmaker)
            if listing is None:
                continue
            if entry.markets:
                times = listing.market_confirmed_at | dict.fromkeys(entry.markets, entry.at)
                listing = msgspec.structs.replace(listing, market_confirmed_at=times)
            elif listing.confirmed_at is None or listing.confirmed_at < entry.at:
                listing = msgspec.structs.replace(listing, confirmed_at=entry.at)
            self._put_listings([listing])


class Unread:
    """Changes nobody has read yet: one per market, from what was last read to what is now."""

    def __init__(self) -> None:
        self._changes: dict[tuple[str, MarketId], Change] = {}

    def __bool__(self) -> bool:
        return bool(self._changes)

    def put(self, change: Change) -> None:
        """Let a change wait, joined with an older one of its market; both gone when it is as it was read."""
        key = (change.event.sportradar_id, (change.bookmaker, change.market_id, change.line))
        if older := self._changes.pop(key, None):
            change = msgspec.structs.replace(change, before=older.before)
        if change.before != change.after:
            self._changes[key] = change

    def pop(self) -> Change:
        """Return the change that waits longest."""
        return self._changes.pop(next(iter(self._changes)))


def _change(event: Event, before: Market | None, after: Market | None) -> Change:
    market = after or before
    assert market is not None
    return Change(event, market.bookmaker, market.market_id, market.line, before, after)
