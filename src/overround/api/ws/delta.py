"""One accepted batch as the stream tells it: the same for all, selected and encoded once per filter."""

from datetime import datetime

import msgspec

from overround.api.rendering import Renderer, header_json, listing_row
from overround.api.schemas import ENCODER
from overround.api.ws.batch import Batch, Piece, encode_piece
from overround.api.ws.filters import OddsFilter
from overround.cache.odds_cache import CachedEvent
from overround.domain.diff import Confirmation, MarketChange
from overround.domain.events import EventHeader
from overround.domain.markets import MarketKey
from overround.domain.outliers import all_codes

_CHANGE_SIZE = 400  # bytes that one change or listing keeps in the ring, about


class EventDelta(msgspec.Struct, gc=False):
    """What happened to one event."""

    before: EventHeader | None  # None: it was not known
    header: EventHeader  # as it is now
    state: CachedEvent | None  # the whole event, where its header changed and filters may begin to take it
    removed: bool = False
    listings: dict[str, bytes] = {}  # bookmaker -> encoded row
    changes: dict[str, list[MarketChange]] = {}
    outliers: dict[str, frozenset[MarketKey]] = {}  # of the bookmakers in `changes`, as the batch left them
    confirmed: list[Confirmation] = []


class Delta:
    """One frame of `odds_updates` before filtering."""

    def __init__(
        self, seq: int, run_id: str | None, now: datetime, events: dict[str, EventDelta], renderer: Renderer
    ) -> None:
        self.seq = seq
        self.run_id = run_id
        self.events = events
        self._now = now
        self._renderer = renderer
        self._pieces: dict[int, Piece] = {}
        self._batches: dict[OddsFilter, Batch] = {}

    @property
    def size(self) -> int:
        """Return about how many bytes the ring keeps alive with this delta."""
        return _CHANGE_SIZE * sum(
            1 + len(event.listings) + len(event.confirmed) + sum(map(len, event.changes.values()))
            for event in self.events.values()
        )

    def select(self, chosen: OddsFilter) -> Batch:
        """Return what a subscriber of this filter has to be told; shared, so never fold into it."""
        batch = self._batches.get(chosen)
        if batch is None:
            batch = self._batches[chosen] = Batch(self.run_id)
            ids = (
                self.events if chosen.events is None else [key for key in chosen.events if key in self.events]
            )
            for sportradar_id in ids:
                self._tell(batch, chosen, sportradar_id, self.events[sportradar_id])
        return batch

    def drop_frames(self) -> None:
        """Keep no whole frames: a newer delta has come, and few readers still want this one alone."""
        for batch in self._batches.values():
            batch.drop_frame()

    def _tell(self, batch: Batch, chosen: OddsFilter, sportradar_id: str, event: EventDelta) -> None:
        had = event.before is not None and chosen.takes_event(event.before)
        has = not event.removed and chosen.takes_event(event.header)
        if had and not has:
            batch.remove(sportradar_id)
        elif has and not had and event.state is not None and event.before is not None:
            tell_whole(batch, chosen, event.state, self._renderer, self._now)
        elif has:
            self._tell_changes(batch, chosen, sportradar_id, event)

    def _tell_changes(self, batch: Batch, chosen: OddsFilter, sportradar_id: str, event: EventDelta) -> None:
        if event.before != event.header:
            batch.put_event(sportradar_id, ENCODER.encode(header_json(event.header)))
        for bookmaker, row in event.listings.items():
            if chosen.takes_bookmaker(bookmaker):
                batch.put_listing(sportradar_id, bookmaker, row)
        for bookmaker, changes in event.changes.items():
            if chosen.takes_bookmaker(bookmaker):
                for change in changes:
                    if chosen.markets is None or chosen.markets.takes(change.after.key):
                        batch.put_change(sportradar_id, bookmaker, self._piece(event, bookmaker, change))
        for confirmation in event.confirmed:
            if chosen.takes_bookmaker(confirmation.bookmaker):
                batch.confirm(confirmation)

    def _piece(self, event: EventDelta, bookmaker: str, change: MarketChange) -> Piece:
        piece = self._pieces.get(id(change))  # the change lives as long as this delta
        if piece is None:
            suspect = all_codes(change.after, event.outliers[bookmaker])
            piece = encode_piece(self._renderer, event.header, bookmaker, change, suspect)
            self._pieces[id(change)] = piece
        return piece


def tell_whole(
    batch: Batch, chosen: OddsFilter, event: CachedEvent, renderer: Renderer, now: datetime
) -> None:
    """Put everything a filter takes of an event into the batch, for a subscriber that had nothing of it."""
    header = event.header
    batch.put_event(header.sportradar_id, ENCODER.encode(header_json(header)))
    for bookmaker, entry in event.listings.items():
        if not chosen.takes_bookmaker(bookmaker):
            continue
        batch.put_listing(header.sportradar_id, bookmaker, listing_row(entry, header, now))
        for market in entry.markets.values():
            if chosen.markets is None or chosen.markets.takes(market.key):
                change = MarketChange(None, market)
                piece = encode_piece(renderer, header, bookmaker, change, entry.suspect(market))
                batch.put_change(header.sportradar_id, bookmaker, piece)
