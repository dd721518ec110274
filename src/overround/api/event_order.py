"""The cache's events in kickoff order, kept between reads and rebuilt when headers change."""

from bisect import bisect_right
from datetime import datetime

from overround.cache.odds_cache import CachedEvent, OddsCache
from overround.domain.events import EventHeader, slug


def search_text(*texts: str) -> str:
    """
    Return texts in the form the search compares: no case, no accents, words joined by hyphens.

    >>> search_text("Atlético-MG", "São Paulo")
    'atletico-mg sao-paulo'
    """
    return " ".join(slug(text) or text.casefold() for text in texts)


class EventOrder:
    """Events by kickoff, then competition and id, and each event's search text."""

    def __init__(self, cache: OddsCache) -> None:
        self._cache = cache
        self._revision = -1
        self._headers: dict[str, EventHeader] = {}
        self._texts: dict[str, str] = {}
        self._kickoffs: list[datetime] = []
        self._events: list[CachedEvent] = []

    def all(self) -> list[CachedEvent]:
        """Return every event, earliest kickoff first; the list is shared, so don't change it."""
        if self._cache.revision != self._revision:
            self._refresh()
        return self._events

    def upcoming(self, now: datetime) -> list[CachedEvent]:
        """Return the events whose kickoff lies ahead, earliest first."""
        events = self.all()
        return events[bisect_right(self._kickoffs, now) :]

    def next_kickoff(self, now: datetime) -> datetime | None:
        """Return when the next event starts, None when none is ahead."""
        self.all()
        position = bisect_right(self._kickoffs, now)
        return self._kickoffs[position] if position < len(self._kickoffs) else None

    def text(self, header: EventHeader) -> str:
        """Return the search text of an event: home, away and competition; kept for those in memory."""
        text = self._texts.get(header.sportradar_id)
        if text is None:
            text = search_text(header.home, header.away, header.competition.name)
            if header.sportradar_id in self._headers:
                self._texts[header.sportradar_id] = text
        return text

    def _refresh(self) -> None:
        events = list(self._cache)
        known = self._headers
        same = len(events) == len(known) and all(
            known.get(event.header.sportradar_id) is event.header for event in events
        )
        if same:
            by_id = {event.header.sportradar_id: event for event in events}
            self._events = [by_id[event.header.sportradar_id] for event in self._events]
        else:
            self._sort(events)
        self._revision = self._cache.revision

    def _sort(self, events: list[CachedEvent]) -> None:
        self._events = sorted(events, key=kickoff_key)
        self._headers = {event.header.sportradar_id: event.header for event in self._events}
        self._kickoffs = [event.header.kickoff_at for event in self._events]
        self._texts.clear()


def kickoff_key(event: CachedEvent) -> tuple[datetime, str, str]:
    """Return what orders events: kickoff, then competition and id."""
    header = event.header
    return (header.kickoff_at, header.competition.id, header.sportradar_id)
