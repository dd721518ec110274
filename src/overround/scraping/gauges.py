"""What Prometheus is told of the pipeline's present state, sampled now and then."""

from collections.abc import Callable, Iterable, Sequence

from overround import metrics
from overround.bookmakers.limiter import Limiter
from overround.cache.odds_cache import OddsCache
from overround.domain.runs import RunReport, SourceHealth

ANSWERING = ("up", "lagging")


class PipelineGauges:
    """Sets the gauges of cache, limiters, sources and the run that is on."""

    def __init__(
        self,
        cache: OddsCache,
        limiters: Iterable[Limiter],
        sources: Callable[[], Sequence[SourceHealth]],
        active: Callable[[], RunReport | None],
    ) -> None:
        self._cache, self._limiters, self._sources, self._active = cache, tuple(limiters), sources, active

    async def sample(self) -> None:
        """Set every gauge to what is so now."""
        stats = self._cache.stats()
        metrics.CACHE_EVENTS.set(stats.events)
        metrics.CACHE_LISTINGS.set(stats.listings)
        metrics.CACHE_MARKETS.set(stats.markets)
        metrics.CACHE_BYTES.set(stats.estimated_bytes)
        for limiter in self._limiters:
            metrics.LIMITER_CEILING.labels(limiter.bookmaker).set(limiter.ceiling)
            metrics.LIMITER_IN_FLIGHT.labels(limiter.bookmaker).set(limiter.in_flight)
            metrics.LIMITER_CLOSED_SECONDS.labels(limiter.bookmaker).set(max(0.0, limiter.closed_s()))
        for source in self._sources():
            metrics.SOURCE_UP.labels(source.bookmaker).set(source.state in ANSWERING)
        metrics.RUN_ACTIVE.set(self._active() is not None)
