"""What time alone changes: kickoffs pass, sources fall silent, old events leave."""

from datetime import timedelta

from overround.cache.odds_cache import OddsCache
from overround.clock import Clock
from overround.config import Settings
from overround.scraping.acceptance import ListingId
from overround.scraping.health import Sources
from overround.scraping.intake import Intake


class Upkeep:
    """Jobs for the scheduler; each looks at the cache and moves listings through intake."""

    def __init__(
        self, cache: OddsCache, intake: Intake, sources: Sources, settings: Settings, clock: Clock
    ) -> None:
        self._cache, self._intake, self._sources = cache, intake, sources
        self._settings, self._clock = settings, clock

    async def mark_started(self) -> None:
        """Move listings whose kickoff has passed to `started`: their last prices are the close."""
        now = self._clock.now()
        started = [
            (event.header.sportradar_id, bookmaker)
            for event in self._cache
            for bookmaker, entry in event.listings.items()
            if entry.listing.state in ("open", "unknown")
            and (entry.listing.kickoff_at or event.header.kickoff_at) <= now
        ]
        await self._intake.set_state(started, "started", now)

    async def mark_unknown(self) -> None:
        """
        Move open listings to `unknown` when their source has not been up for `stale_after_s`.

        A listing that was confirmed since stays: a source in trouble still answers for some.
        """
        now, patience_s = self._clock.now(), self._settings.number("stale_after_s")
        stale_since = now - timedelta(seconds=patience_s)
        silent = {
            source.bookmaker
            for source in self._sources.all()
            if self._sources.not_up_s(source.bookmaker) > patience_s
        }
        listings: list[ListingId] = [
            (event.header.sportradar_id, bookmaker)
            for event in (self._cache if silent else ())
            for bookmaker, entry in event.listings.items()
            if bookmaker in silent
            and entry.listing.state == "open"
            and (entry.confirmed_at is None or entry.confirmed_at < stale_since)
        ]
        await self._intake.set_state(listings, "unknown", now)

    async def evict(self) -> None:
        """Take events out of memory when their kickoff is `eviction_grace_minutes` past."""
        grace = timedelta(minutes=self._settings.number("eviction_grace_minutes"))
        self._intake.evict(self._cache.evictable(self._clock.now(), grace))
