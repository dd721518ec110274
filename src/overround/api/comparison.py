"""How the reference's prices of an event stand against the competitors': what the list sorts and filters by."""

from datetime import datetime, timedelta

import msgspec

from overround.analysis.comparison import compare
from overround.analysis.exposure import is_crossed
from overround.analysis.reading import Book, Reading
from overround.api.market_choice import MarketChoice
from overround.api.rendering import overround_of
from overround.cache.odds_cache import CachedEvent
from overround.config import Settings
from overround.domain.catalogue import Catalogue, MarketType
from overround.domain.markets import MarketKey

ATTENTION_GAP = 0.05  # a price this far off the competitors' median deserves a look


class EventFigures(msgspec.Struct, frozen=True, gc=False):
    """One event's figures over the chosen markets; None where nothing can be compared."""

    gap: float | None = None  # largest |own / median of fresh, open, sane competitors - 1|
    margin: float | None = None  # the reference's overround in its first complete market
    attention: bool = False  # a large gap, suspended only here, crossed, or own price stale


class EventComparisons:
    """Figures of events, kept until the event changes or one of its prices grows stale."""

    def __init__(self, catalogue: Catalogue, settings: Settings) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._kept: dict[str, tuple[object, datetime, EventFigures]] = {}

    def of(self, event: CachedEvent, choice: MarketChoice, now: datetime) -> EventFigures:
        """Return the event's figures; started events have none."""
        kickoff_at = event.header.kickoff_at
        if kickoff_at <= now:
            return EventFigures()
        limit = timedelta(seconds=self._settings.number("stale_after_s"))
        version = (event.revision, choice, limit, self._settings.enabled_bookmakers)
        kept = self._kept.get(event.header.sportradar_id)
        if kept is None or kept[0] != version or now >= kept[1]:
            reading = Reading(event, now, limit, self._settings.enabled_bookmakers)
            good_until = min(kickoff_at, reading.good_until or kickoff_at)
            kept = self._kept[event.header.sportradar_id] = (
                version,
                good_until,
                self._figures(reading, choice),
            )
        return kept[2]

    def forget(self, sportradar_id: str) -> None:
        """Drop what is kept of an event that left the cache."""
        self._kept.pop(sportradar_id, None)

    def _figures(self, reading: Reading, choice: MarketChoice) -> EventFigures:
        own = reading.own
        if own is None or own.listing_excluded:
            return EventFigures()
        gap, margin, attention = None, None, False
        for key in _listed_and_sane(own, choice):
            market, kind = own.entry.markets[key], self._kind(reading, key)
            margin = overround_of(market, kind) if margin is None else margin
            if own.excluded(market) == "stale":
                attention = True
                continue
            compared = compare(reading, key)
            if compared is None:
                continue
            attention |= compared.excluded == "suspended" or is_crossed(compared, kind)
            if compared.gap is not None:
                gap = max(gap or 0.0, abs(compared.gap))
        return EventFigures(gap, margin, attention or (gap or 0.0) >= ATTENTION_GAP)

    def _kind(self, reading: Reading, key: MarketKey) -> MarketType | None:
        return self._catalogue.find(key.market_id, reading.event.header.sport)


def _listed_and_sane(own: Book, choice: MarketChoice) -> list[MarketKey]:
    """Return the reference's chosen markets that are listed and sane, in a fixed order."""
    return sorted(
        key
        for key, market in own.entry.markets.items()
        if choice.takes(key) and market.withdrawn_at is None and not own.entry.suspect(market)
    )
