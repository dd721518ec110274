"""The topics' sequences: every frame has a number, and what was sent lately is kept for those who come back."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from overround.api.event_order import EventOrder
from overround.api.rendering import Renderer, listing_row
from overround.api.ws.batch import Batch
from overround.api.ws.delta import Delta, EventDelta
from overround.api.ws.feeds import Message
from overround.api.ws.filters import OddsFilter
from overround.api.ws.ring import Ring
from overround.api.ws.snapshot import Snapshot
from overround.cache.odds_cache import CachedEvent, OddsCache
from overround.domain.diff import Changes, Confirmation, ListingChanges, MarketChange, OutlierFlip
from overround.domain.events import EventHeader

KEEP_S = 120.0
ODDS_RING_BYTES = 48 * 1024 * 1024
PLAIN_RING_BYTES = 1024 * 1024
KEPT_PER_SEQ = 16  # filters whose snapshot or replay is shared while nothing changes
SHARED_FOR = timedelta(seconds=1)  # a snapshot tells the time, so it may not grow old

K = TypeVar("K")
V = TypeVar("V")


class _Known(msgspec.Struct):
    """What subscribers who hold everything know of an event."""

    header: EventHeader
    bookmakers: set[str]


class OddsStream:
    """
    `odds_updates`: one delta per accepted batch, numbered from 1.

    Mirrors how the cache applies a batch: what the cache leaves out (an event that was evicted meanwhile, a
    listing nobody announced) is not told either.
    """

    def __init__(
        self, cache: OddsCache, order: EventOrder, renderer: Renderer, enabled: Callable[[], tuple[str, ...]]
    ) -> None:
        self.seq = 0
        self.ring: Ring[Delta] = Ring(KEEP_S, ODDS_RING_BYTES)
        self._cache, self._order, self._renderer, self._enabled = cache, order, renderer, enabled
        self._known: dict[str, _Known] = {}
        self._snapshots: dict[OddsFilter, Snapshot] = {}
        self._resumes: dict[tuple[OddsFilter, int], Batch] = {}
        self._newest: Delta | None = None

    @property
    def known_events(self) -> int:
        """Return how many events subscribers of everything hold."""
        return len(self._known)

    def reload(self) -> None:
        """Start over from the cache: nobody can resume from before."""
        self._known = {
            event.header.sportradar_id: _Known(event.header, set(event.listings)) for event in self._cache
        }
        self.ring.clear()
        self._advance()

    def take(self, changes: Changes, now: datetime, monotonic: float) -> Delta | None:
        """Number an accepted batch and keep it; None when nothing of it concerns anybody."""
        events: dict[str, EventDelta] = {}
        enabled = self._enabled()
        for change in changes.listings:
            self._take_listing(events, change, change.bookmaker in enabled, now)
        for flip in changes.flagged:
            if flip.bookmaker in enabled:
                self._take_flip(events, flip)
        for confirmation in changes.confirmed:
            if confirmation.bookmaker in enabled:
                self._take_confirmation(events, confirmation)
        for sportradar_id in changes.removed:
            self._take_removal(events, sportradar_id)
        if not events:
            return None
        self._advance()
        if self._newest:
            self._newest.drop_frames()
        self._newest = Delta(self.seq, changes.run_id, now, events, self._renderer)
        self.ring.append(self._newest, monotonic)
        return self._newest

    def snapshot(self, chosen: OddsFilter, now: datetime) -> Snapshot:
        """Return the state of a filter now; readers who come within a second share it until something changes."""
        kept = self._snapshots.get(chosen)
        if kept is not None and abs(now - kept.now) < SHARED_FOR:
            return kept
        snapshot = Snapshot(self.seq, chosen, self._events(chosen), self._enabled(), self._renderer, now)
        if snapshot.shared:
            _keep(self._snapshots, chosen, snapshot)
        return snapshot

    def missed(self, chosen: OddsFilter, seq: int) -> Batch | None:
        """Return all that a filter was told after `seq`, joined; None when a part of it is no longer kept."""
        if (kept := self._resumes.get((chosen, seq))) is not None:
            return kept
        deltas = self.ring.since(seq, self.seq)
        if deltas is None:
            return None
        missed = Batch()
        for delta in deltas:
            missed.fold(delta.select(chosen))
        _keep(self._resumes, (chosen, seq), missed)
        return missed

    def _advance(self) -> None:
        self.seq += 1
        self._snapshots.clear()
        self._resumes.clear()

    def _events(self, chosen: OddsFilter) -> Sequence[CachedEvent]:
        if chosen.events is None:
            return self._order.all()
        found = (self._cache.event(sportradar_id) for sportradar_id in sorted(chosen.events))
        return [event for event in found if event is not None]

    def _take_listing(
        self, events: dict[str, EventDelta], change: ListingChanges, shown: bool, now: datetime
    ) -> None:
        known = self._known.get(change.sportradar_id)
        header = change.header or (known.header if known else None)
        if header is None:
            return
        event = self._touch(events, change.sportradar_id, header)
        known = self._known[change.sportradar_id]
        if change.listing is None and change.bookmaker not in known.bookmakers:
            return
        known.bookmakers.add(change.bookmaker)
        entry = self._cache.listing(change.sportradar_id, change.bookmaker)
        if shown and entry is not None:
            event.listings[change.bookmaker] = listing_row(entry, header, now)
            event.changes.setdefault(change.bookmaker, []).extend(change.markets)
            event.outliers[change.bookmaker] = entry.outliers

    def _take_flip(self, events: dict[str, EventDelta], flip: OutlierFlip) -> None:
        """Tell a market whose outlier flag came or went: same odds, another `suspect`."""
        known = self._known.get(flip.sportradar_id)
        entry = self._cache.listing(flip.sportradar_id, flip.bookmaker)
        if known is None or entry is None or flip.bookmaker not in known.bookmakers:
            return
        event = self._touch(events, flip.sportradar_id, known.header)
        event.changes.setdefault(flip.bookmaker, []).append(MarketChange(flip.market, flip.market))
        event.outliers[flip.bookmaker] = entry.outliers

    def _touch(self, events: dict[str, EventDelta], sportradar_id: str, header: EventHeader) -> EventDelta:
        """Return the event's delta with this header, which becomes the known one."""
        known = self._known.get(sportradar_id)
        event = events.get(sportradar_id)
        if event is None:
            event = events[sportradar_id] = EventDelta(known.header if known else None, header, None)
        event.header = header
        if event.before is not None and event.before != header:
            event.state = self._shown(sportradar_id)
        if known is None:
            self._known[sportradar_id] = _Known(header, set())
        else:
            known.header = header
        return event

    def _shown(self, sportradar_id: str) -> CachedEvent | None:
        """Return the cached event without the listings of bookmakers that are off."""
        event, enabled = self._cache.event(sportradar_id), self._enabled()
        if event is None:
            return None
        listings = {code: entry for code, entry in event.listings.items() if code in enabled}
        return CachedEvent(event.header, listings, event.revision)

    def _take_confirmation(self, events: dict[str, EventDelta], confirmation: Confirmation) -> None:
        known = self._known.get(confirmation.sportradar_id)
        if known is not None and confirmation.bookmaker in known.bookmakers:
            self._touch(events, confirmation.sportradar_id, known.header).confirmed.append(confirmation)

    def _take_removal(self, events: dict[str, EventDelta], sportradar_id: str) -> None:
        known = self._known.get(sportradar_id)
        if known is not None:
            self._touch(events, sportradar_id, known.header).removed = True
            del self._known[sportradar_id]


class PlainStream:
    """A topic without filters (`scrape_progress`, `status`, `alerts`, `movements`): small messages from 1."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.seq = 0
        self.ring: Ring[Message] = Ring(KEEP_S, PLAIN_RING_BYTES)

    def put(self, kind: str, key: str, data: bytes, monotonic: float) -> Message:
        """Number a message and keep it; of equal keys only the newest has to reach a reader."""
        self.seq += 1
        message = Message(self.seq, kind, key, data)
        self.ring.append(message, monotonic)
        return message


def _keep(kept: dict[K, V], key: K, value: V) -> None:
    """Keep a value in place of the oldest one when there are enough: every client may bring its own filter."""
    kept.pop(key, None)
    if len(kept) >= KEPT_PER_SEQ:
        del kept[next(iter(kept))]
    kept[key] = value
