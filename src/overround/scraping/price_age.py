"""Price age: how old the main prices on offer are, which is what freshness means to a trader."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from overround import metrics
from overround.cache.odds_cache import CachedEvent, OddsCache
from overround.clock import Clock
from overround.domain.catalogue import MAIN_MARKETS
from overround.domain.markets import market_word
from overround.domain.run_stats import percentile
from overround.scraping.priority import NEAR

EVENTS_PER_TURN = 50

Series = tuple[str, str, str]  # bookmaker, market, "2h" (kickoff within two hours) or "all"


class PriceAges:
    """Looks at the main markets of every upcoming event that is open."""

    def __init__(self, cache: OddsCache, clock: Clock) -> None:
        self._cache, self._clock = cache, clock
        self._shown: set[Series] = set()

    async def sample(self) -> None:
        """Set the gauges to the ages of now."""
        ages = await self.ages()
        for series in self._shown - ages.keys():
            for quantile in ("0.5", "0.95"):
                metrics.PRICE_AGE_SECONDS.remove(*series, quantile)
        self._shown = set(ages)
        for series, seconds in ages.items():
            metrics.PRICE_AGE_SECONDS.labels(*series, "0.5").set(percentile(seconds, 0.5))
            metrics.PRICE_AGE_SECONDS.labels(*series, "0.95").set(percentile(seconds, 0.95))

    async def ages(self) -> dict[Series, list[float]]:
        """Return the age in seconds of every price, by bookmaker, market and time to kickoff."""
        ages: dict[Series, list[float]] = defaultdict(list)
        for place, event in enumerate(self._cache, 1):
            now = self._clock.now()
            for series, seconds in _ages(event, now):
                ages[series].append(seconds)
            if place % EVENTS_PER_TURN == 0:
                await asyncio.sleep(0)
        return dict(ages)


def _ages(event: CachedEvent, now: datetime) -> Iterator[tuple[Series, float]]:
    for code, entry in event.listings.items():
        kickoff_at = entry.listing.kickoff_at or event.header.kickoff_at
        if entry.listing.state != "open" or kickoff_at <= now:
            continue
        for key in MAIN_MARKETS:
            market, at = entry.markets.get(key), entry.fresh_at(key)
            if market is None or market.withdrawn_at is not None or at is None:
                continue
            seconds = (now - at).total_seconds()
            yield (code, market_word(key), "all"), seconds
            if kickoff_at - now < NEAR:
                yield (code, market_word(key), "2h"), seconds
