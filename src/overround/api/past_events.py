"""Events that memory no longer holds, read from the database into the same values as the cache's."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from overround.api.event_query import EventQuery
from overround.api.ports import Services
from overround.api.problems import BadRequest
from overround.cache.odds_cache import CachedEvent, OddsCache
from overround.domain.current import CurrentListing

LONGEST = timedelta(days=31)  # of kickoffs that one list may reach over; a month is about 30,000 events


class PastEvents:
    """Reads started events that were evicted; one list at a time, so that their memory stays bounded."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turn = asyncio.Lock()

    async def one(self, sportradar_id: str) -> CachedEvent | None:
        """
        Return an event with all its markets, None when the database has no such event.

        Raises:
            StorageError: The database can't be read.
        """
        return next(iter(await self.whole([sportradar_id])), None)

    async def whole(self, sportradar_ids: Sequence[str]) -> list[CachedEvent]:
        """Return those of these events that the database has, with all their markets. Raises: StorageError."""
        if not sportradar_ids:
            return []
        return self._cached(await self._services.storage.events(sportradar_ids))

    async def headers(self, query: EventQuery, now: datetime) -> list[CachedEvent]:
        """
        Return the events of a query's kickoffs that are not in memory, with their listings and no markets.

        Raises:
            BadRequest: The query reaches over more than `LONGEST` of the past.
            StorageError: The database can't be read.
        """
        window = self._window(query, now)
        if window is None:
            return []
        async with self._turn:
            listings = await self._services.storage.listings(*window)
        return self._cached(listings)

    def _window(self, query: EventQuery, now: datetime) -> tuple[datetime, datetime] | None:
        """Return which kickoffs memory may lack, None when it has all that is asked for."""
        start, end = query.parameters.from_, query.parameters.to
        if not query.wants_started(now) or (start is None and end is None):
            return None
        grace = timedelta(minutes=self._services.settings.number("eviction_grace_minutes"))
        until = now if end is None else min(end, now)
        if start is not None and (start >= until or start > now - grace):
            return None
        if start is None or until - start > LONGEST:
            raise BadRequest(
                f"from: past events are listed over at most {LONGEST.days} days; name from and to accordingly"
            )
        return start, until

    def _cached(self, listings: Iterable[CurrentListing]) -> list[CachedEvent]:
        """Return listings as a cache holds them, without those that are in memory."""
        now, memory = self._services.clock.now(), self._services.cache
        cache = OddsCache(self._services.catalogue)
        cache.load(
            _unconfirmed(listing, now)
            for listing in listings
            if memory.event(listing.header.sportradar_id) is None
        )
        return list(cache)


def _unconfirmed(current: CurrentListing, now: datetime) -> CurrentListing:
    """Return a listing as the database may show it: nobody confirms what is not in memory, so none is open."""
    if current.listing.state != "open" or current.header.kickoff_at <= now:
        return current
    return msgspec.structs.replace(current, listing=msgspec.structs.replace(current.listing, state="unknown"))
