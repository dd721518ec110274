"""The conditions of sources and of the writer: what holds now, by rule."""

from collections.abc import Iterator
from datetime import timedelta

from overround.alerting.conditions import Finding
from overround.alerting.open_alerts import About, Target
from overround.alerting.sight import World, WriterFacts
from overround.analysis.reading import Reading
from overround.cache.odds_cache import CachedEvent
from overround.config import BOOKMAKER_NAMES
from overround.domain.alerts import Rule
from overround.domain.runs import SourceHealth

FEWEST_LISTINGS = 5  # fewer say nothing about a source as a whole

Found = tuple[Target, Finding | None, About]


class StaleCount:
    """Counts, event by event, how many of each bookmaker's listings are stale."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._limit = timedelta(seconds=world.settings.number("stale_after_s"))
        self._listings: dict[str, int] = {}
        self._stale: dict[str, int] = {}

    def add(self, event: CachedEvent) -> None:
        """Count one event."""
        world = self._world
        reading = Reading(event, world.clock.now(), self._limit, world.settings.enabled_bookmakers)
        for book in reading.books:
            if not book.listing_excluded or book.listing_excluded == "unknown":
                self._listings[book.code] = self._listings.get(book.code, 0) + 1
                self._stale[book.code] = self._stale.get(book.code, 0) + (
                    book.is_stale or book.listing_excluded == "unknown"
                )

    def share(self, bookmaker: str) -> float:
        """Return the share of a bookmaker's listings that is stale, 0 where it has too few to tell."""
        listings = self._listings.get(bookmaker, 0)
        return self._stale[bookmaker] / listings if listings >= FEWEST_LISTINGS else 0.0


def find_stale(rule: Rule, world: World, counted: StaleCount) -> Iterator[Found]:
    """Yield every source with whether too much of it is stale."""
    for code in world.settings.enabled_bookmakers:
        share = counted.share(code)
        holds = rule.spec.scope.takes_bookmaker(code) and share >= rule.threshold
        finding = Finding(share, f"{share:.0%} of its listings are stale") if holds else None
        yield Target(bookmaker=code), finding, About(BOOKMAKER_NAMES[code])


def find_down(rule: Rule, world: World, is_open: dict[str, bool]) -> Iterator[Found]:
    """
    Yield every source with whether it is down.

    It begins with down or refused and ends with prices: going to and fro with recovering is one alert.
    """
    for health in world.facts.sources():
        down_s = (world.clock.now() - health.since).total_seconds()
        begins = health.state in ("down", "refused") and down_s >= rule.threshold
        goes_on = is_open.get(health.bookmaker, False) and health.state in ("down", "refused", "recovering")
        finding = None
        if rule.spec.scope.takes_bookmaker(health.bookmaker) and (begins or goes_on):
            finding = Finding(down_s, _state(health))
        yield Target(bookmaker=health.bookmaker), finding, About(BOOKMAKER_NAMES[health.bookmaker])


def find_lag(rule: Rule, facts: WriterFacts) -> Found:
    """Return whether the database is too far behind."""
    finding = None
    if facts.paused:
        finding = Finding(facts.oldest_age_s, f"waits for an operator: {facts.paused}")
    elif facts.oldest_age_s >= rule.threshold:
        finding = Finding(
            facts.oldest_age_s, f"is {facts.oldest_age_s:.0f} s behind, {facts.lag} batches wait in the spool"
        )
    return Target(), finding, About("The database writer")


def _state(health: SourceHealth) -> str:
    return f"{health.state}: {health.reason}" if health.reason else health.state
