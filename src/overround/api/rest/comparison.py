"""One market over all bookmakers."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from fastapi import Query, Request, Response

from overround.analysis.records import Exclusion, MarketView, Standing
from overround.api.answers import answers
from overround.api.context import context
from overround.api.market_choice import read_choice
from overround.api.parameters import Line, MarketId, SportradarId
from overround.api.problems import PROBLEM_RESPONSES, BadRequest
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import Instant, iso_ms, optional_ms
from overround.domain.fair import DEFAULT_METHOD, FairMethod
from overround.domain.markets import MarketKey, MarketState
from overround.errors import UnknownEvent

router = guarded_router(prefix="/api", tags=["analysis"])


class StandingJson(msgspec.Struct, frozen=True):
    """One bookmaker in one market: its prices, and whether and why they count."""

    bookmaker: str
    odds: list[float | None]  # in the order of `names`
    state: MarketState
    excluded: Exclusion | None  # why its prices don't count
    suspect: tuple[str, ...]
    confirmed_at: Instant | None
    changed_at: Instant
    overround: float | None
    fair: tuple[float, ...] | None  # probabilities
    gaps: tuple[float | None, ...]  # our price / this - 1


class MarketViewJson(msgspec.Struct, frozen=True):
    """One market over all bookmakers, ours first."""

    sportradar_id: str
    market_id: str
    line: str
    names: tuple[str, ...]
    method: FairMethod
    consensus: tuple[float, ...] | None  # probabilities of the competitors that count
    edge: tuple[float | None, ...]  # what is kept of a stake at our price if the consensus is right
    median: list[float | None] | None
    best: list[float | None] | None
    rank: list[int | None] | None  # of our price, 1 is the highest
    competitors: int
    bookmakers: list[StandingJson]


@router.get(
    "/events/{sportradar_id}/markets/{market_id}/comparison",
    responses={404: PROBLEM_RESPONSES[404], 422: PROBLEM_RESPONSES[422]},
    summary="One market over all bookmakers",
)
@needs("viewer")
@answers(MarketViewJson)
async def compare_market(
    request: Request,
    sportradar_id: SportradarId,
    market_id: MarketId,
    line: Line = "",
    method: Annotated[FairMethod, Query(description="How fair prices are made")] = DEFAULT_METHOD,
) -> Response:
    """
    Return every bookmaker's prices, whether and why they count, fair prices, consensus and our edge.

    Raises:
        UnknownEvent: No such event in memory, or nobody has this market of it.
        BadRequest: The line is no number.
    """
    services = context(request).services
    services.analysis.catch_up()
    found = services.analysis.view(sportradar_id, _key(market_id, line), method)
    if found is None:
        raise UnknownEvent(sportradar_id[:40])
    return json(_view_json(found))


def _key(market_id: str, line: str) -> MarketKey:
    if not line:
        return MarketKey(market_id)
    try:
        (key,) = read_choice([f"{market_id}:{line}"]).keys
    except ValueError as exc:
        raise BadRequest(f"line: {exc}") from exc
    return key


def _view_json(view: MarketView) -> MarketViewJson:
    comparison = view.comparison
    return MarketViewJson(
        sportradar_id=view.sportradar_id,
        market_id=view.key.market_id,
        line=view.key.line,
        names=view.names,
        method=view.method,
        consensus=view.consensus,
        edge=view.edge,
        median=_odds(comparison.median_milli) if comparison else None,
        best=_odds(comparison.best_milli) if comparison else None,
        rank=[place or None for place in comparison.rank] if comparison else None,
        competitors=comparison.competitors if comparison else 0,
        bookmakers=[_standing_json(each) for each in view.standings],
    )


def _standing_json(standing: Standing) -> StandingJson:
    return StandingJson(
        bookmaker=standing.bookmaker,
        odds=_odds(standing.odds_milli),
        state=standing.state,
        excluded=standing.excluded or None,
        suspect=standing.suspect,
        confirmed_at=optional_ms(standing.confirmed_at),
        changed_at=iso_ms(standing.changed_at),
        overround=standing.overround,
        fair=standing.fair,
        gaps=standing.gaps,
    )


def _odds(prices: Iterable[float]) -> list[float | None]:
    return [milli / 1000 if milli else None for milli in prices]
