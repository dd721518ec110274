"""What conditions look at: one event, its bookmakers as they count now, and what analysis says of its markets."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

import msgspec

from overround.analysis.reading import Reading
from overround.analysis.records import AnalysisFeed, Exposure, Movement
from overround.cache.odds_cache import CachedEvent, OddsCache
from overround.clock import Clock
from overround.config import Settings
from overround.domain.alerts import Condition
from overround.domain.catalogue import Catalogue, MarketType
from overround.domain.markets import MarketKey
from overround.domain.runs import SourceHealth


class WriterFacts(msgspec.Struct, frozen=True):
    """How far the database is behind."""

    lag: int  # accepted batches that it has not got
    oldest_age_s: float  # of the oldest that waits
    paused: str  # what only an operator can change, "" when it is nothing


class Facts(Protocol):
    """What the process knows of itself; wiring fills it in."""

    def sources(self) -> Sequence[SourceHealth]:
        """Return every configured bookmaker's health."""
        ...

    def writer(self) -> WriterFacts:
        """Return how far the database is behind."""
        ...


class World(msgspec.Struct, frozen=True):
    """The parts of the process that alerting reads."""

    cache: OddsCache
    analysis: AnalysisFeed
    settings: Settings
    catalogue: Catalogue
    clock: Clock
    facts: Facts


class Sight:
    """One event at one time."""

    def __init__(
        self, world: World, event: CachedEvent, movements: Mapping[MarketKey, Sequence[Movement]]
    ) -> None:
        self.world, self.event, self.header = world, event, event.header
        self.now = world.clock.now()
        self._movements = movements
        limit = timedelta(seconds=world.settings.number("stale_after_s"))
        self.reading = Reading(event, self.now, limit, world.settings.enabled_bookmakers)
        self._exposures: dict[MarketKey, Exposure] | None = None

    def kind(self, key: MarketKey) -> MarketType | None:
        """Return the market's row in the catalogue."""
        return self.world.catalogue.find(key.market_id, self.header.sport)

    def column_name(self, key: MarketKey) -> str:
        """Return what people call the market."""
        kind = self.kind(key)
        return kind.column_name(key.line) if kind else f"{key.market_id} {key.line}".strip()

    def movements(self, key: MarketKey) -> Sequence[Movement]:
        """Return the market's movements of the last minutes."""
        return self._movements.get(key, ())

    def exposure(self, key: MarketKey) -> Exposure | None:
        """Return the market's exposure if it is on the board."""
        if self._exposures is None:
            self._exposures = {
                exposure.key: exposure
                for exposure in self.world.analysis.exposures()
                if exposure.sportradar_id == self.header.sportradar_id and exposure.shown
            }
        return self._exposures.get(key)

    def keys(self, condition: Condition) -> list[MarketKey]:
        """Return the markets that a rule of this condition could be about, as few as is sure."""
        if condition in ("move", "steam"):
            return list(self._movements)
        if condition == "gap":
            compared = self.world.analysis.comparisons(self.header.sportradar_id)
            return [each.key for each in compared if each.gap is not None]
        found: dict[MarketKey, None] = {}
        for book in self.reading.books:
            found.update(dict.fromkeys(book.entry.markets))
        return list(found)
