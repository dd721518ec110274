"""Movements from history: the same formulas over stored changes, for a start and for times that memory has not."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

from overround.analysis.movements import KEPT_FOR, Movements, Source
from overround.cache.odds_cache import CachedEvent, CachedListing, OddsCache
from overround.clock import Clock
from overround.config import Settings
from overround.domain.catalogue import Catalogue
from overround.domain.diff import MarketChange
from overround.domain.events import EventHeader, Listing
from overround.domain.markets import Market, MarketKey
from overround.log import get_logger
from overround.storage.changes import StoredChange, Window

log = get_logger(__name__)

BATCHES_AT_ONCE = 50  # before the loop gets its turn: about a millisecond

ROWS_AT_START = 300_000  # changes; the events that changed last come first
WAIT_S, LOOK_EVERY_S = 30.0, 0.5

_Shelf = dict[MarketKey, Market]


class History(Protocol):
    """Where stored changes are read; every method raises StorageError."""

    async def window(
        self, sportradar_id: str, bookmakers: Sequence[str], window: Window, limit: int
    ) -> dict[str, list[StoredChange]] | None:
        """Return an event's changes within a window and what stood before them; None where they are too many."""
        ...

    async def newest_change(self) -> int:
        """Return the newest change id that the database holds."""
        ...


class MovementReader:
    """Reads events' movements of one window into `into`, event by event, until `rows` changes were read."""

    def __init__(
        self, history: History, catalogue: Catalogue, bookmakers: Sequence[str], window: Window, rows: int
    ) -> None:
        self._history, self._catalogue, self._bookmakers = history, catalogue, bookmakers
        self._window, self._most = window, rows
        self.rows = 0

    async def read(self, events: Iterable[EventHeader], into: Movements) -> bool:
        """
        Take in the events' changes; return whether all were read, else there were too many.

        Raises:
            StorageError: The database can't be read; the events before it are in.
        """
        into.fill()
        try:
            for header in events:
                found = await self._history.window(
                    header.sportradar_id, self._bookmakers, self._window, self._most - self.rows
                )
                if found is None:
                    return False
                self.rows += sum(map(len, found.values()))
                for number, _ in enumerate(replayed(header, found, self._window, self._catalogue, into), 1):
                    if number % BATCHES_AT_ONCE == 0:
                        await asyncio.sleep(0)
                into.cut()
            return True
        finally:
            into.settle()


class MovementRebuild:
    """
    Reads the movements of the last day once, beside a start; a start's desk is handed it.

    What is accepted after the start is not read: it comes by the bus, and would stand twice.
    """

    def __init__(
        self,
        history: History,
        cache: OddsCache,
        settings: Settings,
        catalogue: Catalogue,
        clock: Clock,
        newest: int | None,
    ) -> None:
        """Read what was accepted up to `newest`; None: all that the database has."""
        self._history, self._cache, self._settings = history, cache, settings
        self._catalogue, self._clock, self._newest = catalogue, clock, newest

    async def __call__(self, into: Movements) -> None:
        """
        Fill `into`.

        Raises:
            StorageError: The database can't be read; what was read is in.
        """
        await self._until_written()
        now = self._clock.now()
        window = Window(now - KEPT_FOR, now + timedelta(milliseconds=1), self._newest)
        reader = MovementReader(
            self._history, self._catalogue, self._settings.enabled_bookmakers, window, ROWS_AT_START
        )
        events = newest_first(self._cache, window.since)
        complete = await reader.read(events, into)
        log.info(
            "movements_read", events=len(events), rows=reader.rows, movements=len(into), complete=complete
        )

    async def _until_written(self) -> None:
        """Wait, not for ever, for what an earlier process accepted and did not write."""
        if self._newest is None:
            return
        give_up_at = self._clock.monotonic() + WAIT_S
        while await self._history.newest_change() < self._newest and self._clock.monotonic() < give_up_at:
            await self._clock.sleep(LOOK_EVERY_S)


def replayed(
    header: EventHeader,
    stored: Mapping[str, Sequence[StoredChange]],
    window: Window,
    catalogue: Catalogue,
    into: Movements,
) -> Iterator[int]:
    """
    Take in one event's changes as they were accepted, batch by batch; yield after each its change id.

    All bookmakers are taken to have listed the event openly: how a listing stood at a time is not stored.
    """
    shelves: dict[str, _Shelf] = {code: {} for code in stored}
    event = CachedEvent(
        header,
        {
            code: CachedListing(Listing(header.sportradar_id, code, ""), shelf)
            for code, shelf in shelves.items()
        },
    )
    batches = sorted(
        ((code, change) for code, changes in stored.items() for change in changes),
        key=lambda each: each[1].change_id,
    )
    for change_id, batch in groupby(batches, key=lambda each: each[1].change_id):
        moved: list[tuple[str, StoredChange, Market]] = []
        for code, change in batch:
            before = shelves[code].get(change.market.key)
            shelves[code][change.market.key] = change.market
            if before is not None and change.market.changed_at >= window.since:
                moved.append((code, change, before))
        for code, change, before in moved:
            at, kind = change.market.changed_at, catalogue.find(change.market.key.market_id, header.sport)
            if at >= header.kickoff_at:
                into.close_event(header.sportradar_id, "started", header.kickoff_at)
            source = Source(change_id, change.run_id, at, header.sportradar_id, code, kind, event)
            into.take(MarketChange(before, change.market), source)
        yield change_id
    if header.kickoff_at <= window.until:
        into.close_event(header.sportradar_id, "started", header.kickoff_at)


def newest_first(events: Iterable[CachedEvent], since: datetime) -> list[EventHeader]:
    """Return the events in which a price changed since then, the last changed first."""
    changed = [
        (at, event.header)
        for event in events
        if (at := max((each.changed_at for each in event.listings.values() if each.changed_at), default=None))
        and at >= since
    ]
    changed.sort(key=lambda each: each[0], reverse=True)
    return [header for _, header in changed]
