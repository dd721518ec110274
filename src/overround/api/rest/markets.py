"""Which markets can be shown: every mapped market type of the events ahead, with its lines."""

import asyncio
from collections import Counter

from fastapi import Request, Response

from overround.api.answers import answers
from overround.api.context import context
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import LineJson, MarketTypeJson, MarketTypesJson, iso_ms
from overround.cache.odds_cache import CachedEvent
from overround.domain.catalogue import MarketType
from overround.domain.markets import MarketKey

router = guarded_router(prefix="/api/markets", tags=["markets"])

_EVENTS_AT_ONCE = 25  # counted before the loop gets its turn: about 2 ms


@router.get("", summary="Market types on offer and their lines")
@needs("viewer")
@answers(MarketTypesJson)
async def list_markets(request: Request) -> Response:
    """Return every mapped market type of football with a fixed set of outcomes, the most offered first."""
    services = context(request).services
    enabled = services.settings.enabled_bookmakers
    counts: Counter[MarketKey] = Counter()
    for number, event in enumerate(services.cache, 1):
        counts.update(_offered(event, enabled))
        if number % _EVENTS_AT_ONCE == 0:
            await asyncio.sleep(0)
    lines: dict[str, list[LineJson]] = {}
    for key, events in counts.items():
        lines.setdefault(key.market_id, []).append(LineJson(key.line, events))
    found = [(services.catalogue.find(market_id), offered) for market_id, offered in lines.items()]
    rows = [_row(kind, offered) for kind, offered in found if kind is not None and _has_columns(kind)]
    rows.sort(key=lambda row: (-row.events, row.name, row.market_id))
    return json(MarketTypesJson(rows, iso_ms(services.clock.now())))


def _offered(event: CachedEvent, enabled: tuple[str, ...]) -> set[MarketKey]:
    """Return what at least one enabled bookmaker offers of an event."""
    if event.header.sport != "football":
        return set()
    listings = [entry for code, entry in event.listings.items() if code in enabled and entry.is_covered]
    return {key for entry in listings for key, market in entry.markets.items() if market.withdrawn_at is None}


def _has_columns(kind: MarketType) -> bool:
    return bool(kind.outcomes) and not kind.names_players


def _row(kind: MarketType, lines: list[LineJson]) -> MarketTypeJson:
    lines.sort(key=lambda line: float(line.line or 0))
    return MarketTypeJson(
        market_id=kind.id,
        name=kind.name,
        short=kind.short or kind.name,
        groups=kind.groups,
        outcomes=kind.outcomes,
        events=max(line.events for line in lines),
        lines=lines,
    )
