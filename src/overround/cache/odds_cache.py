"""OddsCache: frozen entries, swapped whole per event and bookmaker, so a reader never sees half a change."""

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache

import msgspec

from overround.cache.unmapped import UnmappedIndex
from overround.domain.catalogue import Catalogue, MarketType
from overround.domain.current import CurrentListing
from overround.domain.diff import Changes, Confirmation, ListingChanges, OutlierFlip, Unmapped, apply
from overround.domain.events import EventHeader, Listing
from overround.domain.markets import Market, MarketKey, Markets, market_word
from overround.domain.outliers import OTHERS_NEEDED, all_codes, outliers

_NO_MARKETS: Markets = {}


class CachedListing(msgspec.Struct, frozen=True):
    """One event at one bookmaker as of the last accepted change and confirmation."""

    listing: Listing
    markets: Markets = _NO_MARKETS
    confirmed_at: datetime | None = None  # last successful answer that spoke for everything
    changed_at: datetime | None = None
    market_confirmed_at: dict[str, datetime] = {}  # "3743" or one line, "5000:2.5" -> last scoped answer
    unmapped: tuple[Unmapped, ...] = ()
    unread: dict[str, str] = {}  # our market ids that one of `unmapped` may be -> the bookmaker's name of it

    outliers: frozenset[MarketKey] = frozenset()  # its markets that stand too far from the other bookmakers'

    @property
    def is_covered(self) -> bool:
        """Return whether coverage counts it: neither started nor withdrawn."""
        return self.listing.state in ("open", "unknown")

    def fresh_at(self, key: MarketKey) -> datetime | None:
        """Return when this market was last confirmed, by a full answer or a scoped one."""
        scoped = self.market_confirmed_at
        if not scoped:
            return self.confirmed_at
        times = (self.confirmed_at, scoped.get(key.market_id), scoped.get(market_word(key)))
        return max((at for at in times if at is not None), default=None)

    def suspect(self, market: Market) -> tuple[str, ...]:
        """Return every reason not to believe a market of this listing: its record's own codes, and `outlier`."""
        return all_codes(market, self.outliers)


class CachedEvent(msgspec.Struct, frozen=True):
    """One event with every bookmaker that lists it. `revision` grows with each change or confirmation of it."""

    header: EventHeader
    listings: dict[str, CachedListing] = {}  # by bookmaker code
    revision: int = 0


class CacheStats(msgspec.Struct, frozen=True):
    """Sizes of the cache; bytes are estimated from a sample of listings."""

    events: int
    listings: int
    markets: int
    estimated_bytes: int


class OddsCache:
    """
    The newest accepted state of every event. One writer (the event loop), any number of readers.

    `revision` counts every change of any event; two reads with the same revision saw the same state.
    """

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        """Without a catalogue bookmakers are not compared, so there are no outliers; nor is it known what is unread."""
        self._judged: dict[str, dict[str, MarketType]] = {}  # sport -> the rows whose markets are compared
        for kind in catalogue.types if catalogue else ():
            if kind.complete and kind.winners is not None:
                self._judged.setdefault(kind.sport, {})[kind.id] = kind
        self._rules = cache(catalogue.rules) if catalogue else None
        self._events: dict[str, CachedEvent] = {}
        self.unmapped = UnmappedIndex()
        self.revision = 0

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[CachedEvent]:
        return iter(list(self._events.values()))

    def event(self, sportradar_id: str) -> CachedEvent | None:
        """Return the event, None when it is not in memory."""
        return self._events.get(sportradar_id)

    def listing(self, sportradar_id: str, bookmaker: str) -> CachedListing | None:
        """Return the event at one bookmaker, None when not known there."""
        event = self._events.get(sportradar_id)
        return event.listings.get(bookmaker) if event else None

    def apply(self, changes: Changes) -> Changes:
        """Swap in an accepted batch, with its confirmations and removals; return it with what became `flagged`."""
        touched: dict[str, set[MarketKey]] = {}
        for change in changes.listings:
            touched.setdefault(change.sportradar_id, set()).update(self._apply_listing(change))
        for confirmation in changes.confirmed:
            self._confirm(confirmation)
        for sportradar_id in changes.removed:
            if event := self._events.pop(sportradar_id, None):
                self.revision += 1
                for bookmaker in event.listings:
                    self.unmapped.forget((sportradar_id, bookmaker))
        flips = [flip for event, keys in touched.items() if keys for flip in self._flag_outliers(event, keys)]
        return msgspec.structs.replace(changes, flagged=tuple(flips)) if flips else changes

    def load(self, listings: Iterable[CurrentListing]) -> None:
        """Warm up from the database: true ages, no message."""
        touched: dict[str, set[MarketKey]] = {}
        for current in listings:
            entry = CachedListing(
                listing=current.listing,
                markets={market.key: market for market in current.markets},
                confirmed_at=current.confirmed_at,
                changed_at=current.changed_at,
            )
            self._swap(current.header, entry)
            if current.listing.state == "open":
                touched.setdefault(current.listing.sportradar_id, set()).update(entry.markets)
        for sportradar_id, keys in touched.items():
            self._flag_outliers(sportradar_id, keys)

    def evictable(self, now: datetime, grace: timedelta) -> list[str]:
        """Return the ids of events whose kickoff lies more than `grace` back."""
        return [
            event.header.sportradar_id
            for event in self._events.values()
            if event.header.kickoff_at + grace < now
        ]

    def stats(self) -> CacheStats:
        """Return counts and an estimate of the memory held, from up to 50 listings."""
        entries = [entry for event in self._events.values() for entry in event.listings.values()]
        markets = sum(len(entry.markets) for entry in entries)
        sample = entries[:: max(1, len(entries) // 50)]
        sampled = sum(len(entry.markets) for entry in sample)
        size = sum(_bytes_of(entry) for entry in sample)
        return CacheStats(
            events=len(self._events),
            listings=len(entries),
            markets=markets,
            estimated_bytes=round(size * markets / sampled) if sampled else 0,
        )

    def _apply_listing(self, change: ListingChanges) -> Iterable[MarketKey]:
        """Swap in one listing's changes and return the markets that may compare otherwise now."""
        event = self._events.get(change.sportradar_id)
        header = change.header or (event.header if event else None)
        before = event.listings.get(change.bookmaker) if event else None
        listing = change.listing or (before.listing if before else None)
        if header is None:
            return ()  # an event that was evicted while its batch waited
        if listing is None:
            self._events[change.sportradar_id] = msgspec.structs.replace(
                event or CachedEvent(header), header=header, revision=self._next()
            )
            return ()
        compared_before = before is not None and before.listing.state == "open"
        before = before or CachedListing(listing)
        entry = CachedListing(
            listing=listing,
            markets=apply(before.markets, change.markets) if change.markets else before.markets,
            confirmed_at=before.confirmed_at,
            changed_at=change.at if change.markets else before.changed_at,
            market_confirmed_at=before.market_confirmed_at,
            unmapped=before.unmapped if change.unmapped is None else change.unmapped,
            unread=before.unread if change.unmapped is None else self._unread(header.sport, change),
            outliers=before.outliers,
        )
        self._swap(header, entry)
        gaps = entry.unmapped if entry.is_covered else ()
        # A listing that came back by a list alone shows its gaps as of the last answer that had them.
        seen_at = change.at if change.unmapped is not None else entry.confirmed_at or change.at
        self.unmapped.put((change.sportradar_id, change.bookmaker), header.sport, gaps, seen_at)
        if compared_before != (listing.state == "open"):
            return entry.markets
        return [market.after.key for market in change.markets]

    def _unread(self, sport: str, change: ListingChanges) -> dict[str, str]:
        """Return the markets of the catalogue that the listing's unmapped types may be, with the types' names."""
        if not change.unmapped or self._rules is None:
            return {}
        rules = self._rules(change.bookmaker)
        return {kind.id: gap.name for gap in change.unmapped for kind, _ in rules.get((sport, gap.id), ())}

    def _flag_outliers(self, sportradar_id: str, keys: set[MarketKey]) -> list[OutlierFlip]:
        """Compare these markets between the event's open listings anew; return the flags that came and went."""
        event = self._events.get(sportradar_id)
        if event is None:
            return []
        found = self._outliers(event, keys)
        flips: list[OutlierFlip] = []
        for bookmaker, entry in event.listings.items():
            before = entry.outliers & keys
            now = frozenset(key for key, bookmakers in found.items() if bookmaker in bookmakers)
            if now != before:
                kept = msgspec.structs.replace(entry, outliers=entry.outliers - before | now)
                self._swap(event.header, kept)
                flips += [
                    OutlierFlip(sportradar_id, bookmaker, entry.markets[key], key in now)
                    for key in sorted(now ^ before)
                ]
        return flips

    def _outliers(self, event: CachedEvent, keys: Iterable[MarketKey]) -> dict[MarketKey, frozenset[str]]:
        """Return the bookmakers that stand off, of those of these markets where somebody does."""
        books = {
            code: entry.markets for code, entry in event.listings.items() if entry.listing.state == "open"
        }
        if len(books) <= OTHERS_NEEDED:
            return {}
        found: dict[MarketKey, frozenset[str]] = {}
        judged, shelves = self._judged.get(event.header.sport, {}), list(books.items())
        for key in keys:
            kind = judged.get(key.market_id)
            if kind is None:
                continue
            offered = {code: market for code, markets in shelves if (market := markets.get(key)) is not None}
            if len(offered) > OTHERS_NEEDED and (off := outliers(offered, kind)):
                found[key] = off
        return found

    def _confirm(self, confirmation: Confirmation) -> None:
        event = self._events.get(confirmation.sportradar_id)
        entry = event.listings.get(confirmation.bookmaker) if event else None
        if event is None or entry is None:
            return
        if confirmation.markets is None:
            if entry.confirmed_at and entry.confirmed_at >= confirmation.at:
                return
            entry = msgspec.structs.replace(entry, confirmed_at=confirmation.at)
            self.unmapped.confirm((confirmation.sportradar_id, confirmation.bookmaker), confirmation.at)
        else:
            scoped = dict.fromkeys(confirmation.markets, confirmation.at)
            entry = msgspec.structs.replace(
                entry, market_confirmed_at={**entry.market_confirmed_at, **scoped}
            )
        self._swap(event.header, entry)

    def _swap(self, header: EventHeader, entry: CachedListing) -> None:
        event = self._events.get(header.sportradar_id)
        listings = {**(event.listings if event else {}), entry.listing.bookmaker: entry}
        self._events[header.sportradar_id] = CachedEvent(header, listings, self._next())

    def _next(self) -> int:
        self.revision += 1
        return self.revision


def _bytes_of(entry: CachedListing) -> int:
    """Estimate what one listing holds for itself: shared names, keys and times are not counted."""
    size = sys.getsizeof(entry) + sys.getsizeof(entry.markets)
    for market in entry.markets.values():
        size += sys.getsizeof(market) + sys.getsizeof(market.odds_milli)
    return size
