"""Coverage: how much of what the bookmakers offer is mapped, and what is not."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response

from overround.api.answers import answers
from overround.api.context import context
from overround.api.parameters import Page, PageSize
from overround.api.problems import PROBLEM_RESPONSES
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import (
    CoverageJson,
    CoverageOfMarketsJson,
    GroupCoverageJson,
    SampleEventJson,
    UnmappedJson,
    UnmappedPageJson,
    iso_ms,
)
from overround.cache.odds_cache import CachedListing, OddsCache
from overround.cache.unmapped import UnmappedTotals, UnmappedType
from overround.config import bookmaker_list
from overround.domain.catalogue import Catalogue

router = guarded_router(prefix="/api/coverage", tags=["coverage"])

Sort = Literal["events", "-events", "outcomes", "-outcomes", "last_seen", "-last_seen"]

_SORT_KEYS: dict[str, Callable[[UnmappedType], Any]] = {
    "events": lambda row: row.events,
    "outcomes": lambda row: row.outcomes,
    "last_seen": lambda row: row.last_seen_at,
}
_EVENTS_AT_ONCE = 25  # counted before the loop gets its turn: about 2 ms


@router.get("/markets", summary="Mapped and unmapped markets per bookmaker")
@needs("viewer")
@answers(CoverageOfMarketsJson)
async def count_markets(request: Request) -> Response:
    """Return what each enabled bookmaker offers in the events that are neither started nor withdrawn there."""
    services = context(request).services
    counts = await _counts(services.cache, services.settings.enabled_bookmakers)
    rows = [count.json(code, services.cache.unmapped.totals(code)) for code, count in counts.items()]
    groups = _groups(services.catalogue, counts)
    return json(CoverageOfMarketsJson(rows, iso_ms(services.clock.now()), groups))


@router.get(
    "/unmapped", responses={422: PROBLEM_RESPONSES[422]}, summary="Market types that could not be mapped"
)
@needs("viewer")
@answers(UnmappedPageJson)
async def list_unmapped(
    request: Request,
    bookmaker: Annotated[str, Query(max_length=100, description="Code; default every enabled one")] = "",
    q: Annotated[str, Query(max_length=100, description="Words in the type's name or id")] = "",
    sport: Annotated[str, Query(max_length=100, description="Sport as in events")] = "",
    sort: Annotated[Sort, Query(description="- before it descends")] = "-events",
    page: Page = 1,
    page_size: PageSize = 50,
) -> Response:
    """
    Return one page of the unmapped market types of the events now listed.

    Raises:
        ConfigError: No bookmaker has this code.
    """
    services = context(request).services
    asked = bookmaker_list("bookmaker", [bookmaker]) if bookmaker else services.settings.enabled_bookmakers
    shown = [code for code in asked if code in services.settings.enabled_bookmakers]
    rows = _sorted(_found(services.cache, shown, q, sport), sort)
    start = (page - 1) * page_size
    return json(
        UnmappedPageJson(
            unmapped=[_unmapped_json(row, services.cache) for row in rows[start : start + page_size]],
            total=len(rows),
            page=page,
            page_size=page_size,
            now=iso_ms(services.clock.now()),
            dropped=sum(services.cache.unmapped.totals(code).dropped for code in shown),
        )
    )


class _Count:
    """One bookmaker's mapped markets."""

    def __init__(self) -> None:
        self.types: set[tuple[str, str]] = set()
        self.events = self.markets = self.outcomes = 0

    def add(self, sport: str, entry: CachedListing) -> None:
        self.events += 1
        for key, market in entry.markets.items():
            if market.withdrawn_at is None:
                self.types.add((sport, key.market_id))
                self.markets += 1
                self.outcomes += len(market.odds_milli) - market.odds_milli.count(0)

    def json(self, bookmaker: str, unmapped: UnmappedTotals) -> CoverageJson:
        return CoverageJson(
            bookmaker, self.events, len(self.types), self.markets, self.outcomes, unmapped.types,
            unmapped.outcomes, unmapped.dropped,
        )  # fmt: skip


def _groups(catalogue: Catalogue, counts: dict[str, _Count]) -> list[GroupCoverageJson]:
    """Return per sport and market group how many of the catalogue's types each bookmaker offers now."""
    groups: dict[tuple[str, str], set[str]] = {}
    for kind in catalogue.types:
        for group in kind.groups:
            groups.setdefault((kind.sport, group), set()).add(kind.id)
    return [
        GroupCoverageJson(
            sport, group, len(types),
            {code: sum((sport, market_id) in count.types for market_id in types) for code, count in counts.items()},
        )
        for (sport, group), types in groups.items()
    ]  # fmt: skip


async def _counts(cache: OddsCache, bookmakers: tuple[str, ...]) -> dict[str, _Count]:
    """Count in slices, each event as it stands when its turn comes."""
    counts = {code: _Count() for code in bookmakers}
    for number, event in enumerate(cache, 1):
        for code, entry in event.listings.items():
            if code in counts and entry.is_covered:
                counts[code].add(event.header.sport, entry)
        if number % _EVENTS_AT_ONCE == 0:
            await asyncio.sleep(0)
    return counts


def _found(cache: OddsCache, bookmakers: list[str], q: str, sport: str) -> list[UnmappedType]:
    words = q.casefold().split()
    rows = [row for row in cache.unmapped.rows() if row.bookmaker in bookmakers and sport in ("", row.sport)]
    if words:
        rows = [row for row in rows if _has_words(row, words)]
    return rows


def _has_words(row: UnmappedType, words: list[str]) -> bool:
    text = f"{row.name} {row.id}".casefold()
    return all(word in text for word in words)


def _sorted(rows: list[UnmappedType], sort: Sort) -> list[UnmappedType]:
    """Return the rows in the order asked for; equal ones by bookmaker, sport and id either way."""
    rows.sort(key=lambda row: (row.bookmaker, row.sport, row.id))
    rows.sort(key=_SORT_KEYS[sort.removeprefix("-")], reverse=sort.startswith("-"))
    return rows


def _unmapped_json(row: UnmappedType, cache: OddsCache) -> UnmappedJson:
    event = cache.event(row.sample)
    sample = SampleEventJson(row.sample, event.header.home, event.header.away) if event else None
    return UnmappedJson(
        bookmaker=row.bookmaker,
        sport=row.sport,
        id=row.id,
        name=row.name,
        events=row.events,
        outcomes=row.outcomes,
        times_seen=row.times_seen,
        first_seen_at=iso_ms(row.first_seen_at),
        last_seen_at=iso_ms(row.last_seen_at),
        sample_event=sample,
    )
