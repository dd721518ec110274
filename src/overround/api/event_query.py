"""What a reader of /api/events asks for: checked once, then run over the cache in plain Python."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from overround.api.comparison import EventComparisons
from overround.api.event_order import EventOrder, kickoff_key, search_text
from overround.api.market_choice import MAIN_CHOICE, MarketChoice, read_choice
from overround.api.problems import BadRequest
from overround.api.recent_moves import RecentMoves
from overround.cache.odds_cache import CachedEvent
from overround.config import BOOKMAKERS, REFERENCE

Availability = Literal["matched", "reference_only", "competitors_only"]
_DATE = re.compile(r"\d{4}-", re.ASCII)
SORTS = ("kickoff", "competition", "gap", "move", "margin")

Instant = Annotated[datetime, Meta(tz=True)]


class EventParameters(msgspec.Struct, frozen=True):
    """The query parameters as they are written; every one has a default."""

    q: Annotated[
        str,
        Meta(max_length=100, description="Text in home, away or competition; case and accents don't matter"),
    ] = ""
    country: Annotated[str, Meta(max_length=100, description="Country as shown")] = ""
    competition: Annotated[str, Meta(max_length=200, description="Slug of a competition")] = ""
    from_: Annotated[Instant | None, Meta(description="Earliest kickoff, ISO 8601 with zone")] = (
        msgspec.field(default=None, name="from")
    )
    to: Annotated[Instant | None, Meta(description="Kickoffs before this time, ISO 8601 with zone")] = None
    bookmakers: Annotated[
        str, Meta(max_length=200, description="Comma list; all of them must list the event")
    ] = ""
    min_bookmakers: Annotated[
        int, Meta(ge=0, le=100, description="Bookmakers that list the event, at least")
    ] = 0
    availability: Annotated[Availability | None, Meta(description="Who lists the event")] = None
    attention: Annotated[bool, Meta(description="Only events whose main markets need a look")] = False
    include_started: Annotated[
        bool,
        Meta(description="Also events whose kickoff has passed; with from or to also those that left memory"),
    ] = False
    sort: Annotated[
        str,
        Meta(
            max_length=20,
            description="kickoff, competition, gap, move (largest of the last hour) or margin; - before it descends",
        ),
    ] = "kickoff"
    page: Annotated[int, Meta(ge=1, le=1_000_000, description="Which page, from 1")] = 1
    page_size: Annotated[int, Meta(ge=1, le=500, description="Rows a page")] = 50
    markets: Annotated[str, Meta(max_length=1000, description="Comma list of ids or id:line; default the main markets")] = ""  # fmt: skip


class EventQuery(msgspec.Struct, frozen=True):
    """A checked query."""

    parameters: EventParameters
    words: tuple[str, ...]
    bookmakers: tuple[str, ...]
    markets: MarketChoice
    sort: str
    descending: bool

    def wants_started(self, now: datetime) -> bool:
        """Return whether started events belong to it: it says so, or its kickoffs all lie in the past."""
        end = self.parameters.to
        return self.parameters.include_started or (end is not None and end <= now)


def read_query(texts: Mapping[str, str]) -> EventQuery:
    """
    Check query parameters; names we don't know are ignored.

    Raises:
        BadRequest: One sentence that names the parameter.
    """
    known = {field.encode_name for field in msgspec.structs.fields(EventParameters)}
    given = {name: text for name, text in texts.items() if name in known and text != ""}
    for name in ("from", "to"):
        if name in given:
            given[name] = _instant(name, given[name])
    try:
        parameters = msgspec.convert(given, EventParameters, strict=False)
        markets = read_choice(parameters.markets.split(",")) if parameters.markets else MAIN_CHOICE
    except msgspec.ValidationError as exc:
        raise BadRequest(_sentence(exc)) from exc
    except ValueError as exc:
        raise BadRequest(f"markets: {exc}") from exc
    return EventQuery(
        parameters=parameters,
        words=tuple(search_text(parameters.q).replace("-", " ").split()),
        bookmakers=_bookmakers(parameters.bookmakers),
        markets=markets,
        sort=_sort(parameters.sort),
        descending=parameters.sort.startswith("-"),
    )


def _instant(name: str, text: str) -> str:
    """Return a time that begins as ISO 8601 does; a bare number would be read as seconds since 1970."""
    if not _DATE.match(text):
        raise BadRequest(f"{name}: must be ISO 8601 with zone, as in 2026-11-24T12:00:00Z")
    return text.replace(" ", "+")  # an unescaped + of the zone arrives as a blank


def _sentence(error: msgspec.ValidationError) -> str:
    reason, _, path = str(error).partition(" - at `$.")
    return f"{path.rstrip('`') or 'query'}: {reason[0].lower()}{reason[1:]}"


def _sort(text: str) -> str:
    name = text.removeprefix("-")
    if name not in SORTS:
        raise BadRequest(
            f"sort: {name!r} is not supported; choose from {', '.join(SORTS)}, with - before it to descend"
        )
    return name


def _bookmakers(text: str) -> tuple[str, ...]:
    codes = tuple(code.strip().lower() for code in text.split(",") if code.strip())
    if unknown := [code for code in codes if code not in BOOKMAKERS]:
        raise BadRequest(f"bookmakers: unknown {', '.join(unknown)}; choose from {', '.join(BOOKMAKERS)}")
    return codes


class EventSearch:
    """Runs queries over the cache."""

    def __init__(
        self,
        order: EventOrder,
        comparisons: EventComparisons,
        moves: RecentMoves,
        enabled: Callable[[], tuple[str, ...]],
    ) -> None:
        self._order = order
        self._comparisons = comparisons
        self._moves = moves
        self._enabled = enabled

    def run(self, query: EventQuery, now: datetime, past: Sequence[CachedEvent] = ()) -> list[CachedEvent]:
        """Return every event that passes all filters, in the order asked for; `past` are those not in memory."""
        events = self._order.all() if query.wants_started(now) else self._order.upcoming(now)
        if past:
            events = sorted([*past, *events], key=kickoff_key)
        for keep in self._filters(query, now):
            events = [event for event in events if keep(event)]
        return self._sorted(events, query, now)

    def _filters(self, query: EventQuery, now: datetime) -> list[Callable[[CachedEvent], bool]]:
        asked = query.parameters
        filters: list[Callable[[CachedEvent], bool]] = []
        if (start := asked.from_) is not None:
            filters.append(lambda event: event.header.kickoff_at >= start)
        if (end := asked.to) is not None:
            filters.append(lambda event: event.header.kickoff_at < end)
        if country := asked.country.casefold():
            filters.append(lambda event: event.header.competition.country.casefold() == country)
        if asked.competition:
            filters.append(lambda event: event.header.competition.id == asked.competition)
        if words := query.words:
            filters.append(lambda event: self._has_words(event, words))
        if query.bookmakers or asked.min_bookmakers or asked.availability:
            filters.append(lambda event: self._is_listed(event, query))
        if asked.attention:
            filters.append(lambda event: self._comparisons.of(event, query.markets, now).attention)
        return filters

    def _has_words(self, event: CachedEvent, words: tuple[str, ...]) -> bool:
        text = self._order.text(event.header)
        return all(word in text for word in words)

    def _is_listed(self, event: CachedEvent, query: EventQuery) -> bool:
        listed = listed_by(event, self._enabled())
        if len(listed) < query.parameters.min_bookmakers:
            return False
        if not all(code in listed for code in query.bookmakers):
            return False
        return query.parameters.availability in (None, availability_of(listed))

    def _sorted(self, events: list[CachedEvent], query: EventQuery, now: datetime) -> list[CachedEvent]:
        if query.sort == "kickoff":
            return events[::-1] if query.descending else events
        if query.sort == "competition":
            return sorted(events, key=_competition_key, reverse=query.descending)
        ranked = [(self._rank(event, query, now), event) for event in events]
        known = [(rank, event) for rank, event in ranked if rank is not None]
        known.sort(key=lambda pair: pair[0], reverse=query.descending)
        # Events without a figure come last whichever way the rest is sorted.
        return [event for _, event in known] + [event for rank, event in ranked if rank is None]

    def _rank(self, event: CachedEvent, query: EventQuery, now: datetime) -> float | None:
        if query.sort == "move":
            return self._moves.largest(event.header.sportradar_id, query.markets, now)
        comparison = self._comparisons.of(event, query.markets, now)
        return comparison.gap if query.sort == "gap" else comparison.margin


def listed_by(event: CachedEvent, enabled: tuple[str, ...]) -> list[str]:
    """Return the enabled bookmakers that list the event and have not withdrawn it."""
    return [
        code
        for code in enabled
        if code in event.listings and event.listings[code].listing.state != "withdrawn"
    ]


def availability_of(listed: list[str]) -> Availability | None:
    """Return whether the reference, competitors or both list an event; None when nobody does."""
    if REFERENCE in listed:
        return "matched" if len(listed) > 1 else "reference_only"
    return "competitors_only" if listed else None


def _competition_key(event: CachedEvent) -> tuple[str, str, datetime, str]:
    header = event.header
    return (
        header.competition.country.casefold(),
        header.competition.name.casefold(),
        header.kickoff_at,
        header.sportradar_id,
    )
