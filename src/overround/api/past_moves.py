"""Movements of a time that memory does not reach, read from history; one question at a time."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from overround.analysis.movements import KEPT_FOR, Movements
from overround.analysis.past_movements import MovementReader
from overround.analysis.records import Movement
from overround.api.ports import Services
from overround.api.problems import BadRequest
from overround.cache.odds_cache import CachedEvent, OddsCache
from overround.domain.current import CurrentListing
from overround.storage.changes import Window

LONGEST = timedelta(days=1)  # that one question may reach over
EVENTS, ROWS = 500, 100_000  # that it may read: some seconds
_NARROW = "name a shorter time between from and to, an event or a competition"


class PastMoves:
    """Reads movements as a process that had watched would have them; answers up to a day later are seen."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turn = asyncio.Lock()

    async def read(
        self, takes: Callable[[CachedEvent], bool], since: datetime, until: datetime
    ) -> tuple[list[Movement], dict[str, CachedEvent]]:
        """
        Return the movements that began from `since` to before `until`, newest first, and their events.

        Raises:
            BadRequest: It would be too much to read.
            StorageError: The database can't be read.
        """
        if until - since > LONGEST:
            raise BadRequest("from: movements of the past are listed over one day at most")
        services = self._services
        async with self._turn:
            events = self._events(await services.storage.changed_listings(since, until))
            wanted = [event.header for event in events.values() if takes(event)]
            if len(wanted) > EVENTS:
                raise BadRequest(f"from: {len(wanted)} events changed since then; {_NARROW}")
            settings, now = services.settings, services.clock.now()
            window = Window(
                since - timedelta(seconds=settings.number("steam_window_s")),
                min(until + KEPT_FOR, now + timedelta(milliseconds=1)),
            )
            into = Movements(settings, kept=ROWS)
            reader = MovementReader(
                services.storage, services.catalogue, settings.enabled_bookmakers, window, ROWS
            )
            if not await reader.read(wanted, into):
                raise BadRequest(f"from: more than {ROWS:,} changes; {_NARROW}")
        return [each for each in into.newest_first() if since <= each.started_at < until], events

    def _events(self, listings: list[CurrentListing]) -> dict[str, CachedEvent]:
        cache = OddsCache()
        cache.load(listings)
        return {event.header.sportradar_id: event for event in cache}
