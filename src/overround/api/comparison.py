"""How the reference's prices of an event stand against the competitors': what the list sorts and filters by."""

from datetime import datetime, timedelta
from statistics import median

import msgspec

from overround.api.market_choice import MarketChoice
from overround.api.rendering import overround_of
from overround.cache.odds_cache import CachedEvent, CachedListing
from overround.config import REFERENCE, Settings
from overround.domain.catalogue import Catalogue, MarketType
from overround.domain.markets import Market, MarketKey

ATTENTION_GAP = 0.05  # a price this far off the competitors' median deserves a look


class Comparison(msgspec.Struct, frozen=True, gc=False):
    """One event's figures over the chosen markets; None where nothing can be compared."""

    gap: float | None = None  # largest |own / median of fresh, open, sane competitors - 1|
    margin: float | None = None  # the reference's overround in its first complete market
    attention: bool = False  # a large gap, suspended only here, crossed, or own price stale


class Comparisons:
    """Comparisons of events, kept until the event changes or one of its prices grows stale."""

    def __init__(self, catalogue: Catalogue, settings: Settings) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._kept: dict[str, tuple[object, datetime, Comparison]] = {}

    def of(self, event: CachedEvent, choice: MarketChoice, now: datetime) -> Comparison:
        """Return the event's comparison; started events have none."""
        if event.header.kickoff_at <= now:
            return Comparison()
        limit = timedelta(seconds=self._settings.number("stale_after_s"))
        version = (event.revision, choice, limit, self._settings.enabled_bookmakers)
        kept = self._kept.get(event.header.sportradar_id)
        if kept is None or kept[0] != version or now >= kept[1]:
            reading = _Reading(event, choice, now, limit, self._catalogue, self._settings.enabled_bookmakers)
            kept = self._kept[event.header.sportradar_id] = (
                version,
                reading.good_until,
                reading.comparison(),
            )
        return kept[2]

    def forget(self, sportradar_id: str) -> None:
        """Drop what is kept of an event that left the cache."""
        self._kept.pop(sportradar_id, None)


class _Reading:
    """One look at an event: which prices count now, and until when that stays so."""

    def __init__(
        self,
        event: CachedEvent,
        choice: MarketChoice,
        now: datetime,
        limit: timedelta,
        catalogue: Catalogue,
        enabled: tuple[str, ...],
    ) -> None:
        self._event, self._now, self._limit, self._catalogue = event, now, limit, catalogue
        self.good_until = event.header.kickoff_at
        self._own = event.listings.get(REFERENCE) if REFERENCE in enabled else None
        others = [event.listings[code] for code in enabled if code != REFERENCE and code in event.listings]
        self._competitors = [entry for entry in others if entry.listing.state == "open"]
        self._keys = self._own_keys(choice)

    def comparison(self) -> Comparison:
        """Return the figures."""
        if self._own is None or self._own.listing.state != "open":
            return Comparison()
        own = self._own
        gaps: list[float] = []
        attention = False
        for key in self._keys:
            market = own.markets[key]
            if not self._is_fresh(own, key):
                attention = True
                continue
            rivals = self._rivals(key)
            gaps += _gaps(market, rivals)
            attention |= _suspended_only_here(market, rivals) or self._is_crossed(market, rivals)
        gap = max(map(abs, gaps), default=None)
        return Comparison(gap, self._margin(own), attention or (gap or 0.0) >= ATTENTION_GAP)

    def _own_keys(self, choice: MarketChoice) -> list[MarketKey]:
        """Return the reference's chosen markets that are listed and sane, in a fixed order."""
        if self._own is None:
            return []
        own = self._own
        return sorted(
            key
            for key, market in own.markets.items()
            if choice.takes(key) and market.withdrawn_at is None and not own.suspect(market)
        )

    def _is_fresh(self, entry: CachedListing, key: MarketKey) -> bool:
        at = entry.fresh_at(key)
        if at is None or self._now - at > self._limit:
            return False
        self.good_until = min(self.good_until, at + self._limit + timedelta(milliseconds=1))
        return True

    def _rivals(self, key: MarketKey) -> list[dict[str, float]]:
        """Return the open prices by outcome of each competitor whose market is fresh, listed and sane."""
        rivals: list[dict[str, float]] = []
        for entry in self._competitors:
            market = entry.markets.get(key)
            if market is None or market.withdrawn_at is not None or entry.suspect(market):
                continue
            if self._is_fresh(entry, key):
                rivals.append(open_prices(market))
        return rivals

    def _kind(self, key: MarketKey) -> MarketType | None:
        return self._catalogue.find(key.market_id, self._event.header.sport)

    def _margin(self, own: CachedListing) -> float | None:
        margins = (overround_of(own.markets[key], self._kind(key)) for key in self._keys)
        return next((margin for margin in margins if margin is not None), None)

    def _is_crossed(self, market: Market, rivals: list[dict[str, float]]) -> bool:
        """Return whether the best prices of all together make a book below 100 %."""
        kind = self._kind(market.key)
        if kind is None or kind.winners is None or not kind.complete or not rivals:
            return False
        books = [open_prices(market), *rivals]
        best = [max((book.get(name, 0.0) for book in books), default=0.0) for name in kind.outcomes]
        return all(best) and sum(1 / price for price in best) / kind.winners < 1


def open_prices(market: Market) -> dict[str, float]:
    """Return name -> decimal odds of the outcomes that can be backed."""
    return {
        name: milli / 1000
        for position, (name, milli) in enumerate(zip(market.names, market.odds_milli, strict=True))
        if milli and not market.suspended >> position & 1
    }


def _gaps(market: Market, rivals: list[dict[str, float]]) -> list[float]:
    """Return own / median - 1 for each outcome that a competitor prices too."""
    gaps: list[float] = []
    for name, own in open_prices(market).items():
        if prices := [rival[name] for rival in rivals if name in rival]:
            gaps.append(own / median(prices) - 1)
    return gaps


def _suspended_only_here(market: Market, rivals: list[dict[str, float]]) -> bool:
    return market.state == "suspended" and any(rivals)
