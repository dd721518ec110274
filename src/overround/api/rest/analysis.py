"""Where the reference stands: gaps, exposure, movements, and one market over all bookmakers."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Query, Request, Response

from overround.analysis.records import Exclusion, Exposure, MarketView, MoveKind, Movement, Standing
from overround.api.analysis_json import AnalysisRows, ExposureJson, GapJson, MovementJson
from overround.api.analysis_query import Selected, Selection, read_codes
from overround.api.answers import answers
from overround.api.context import context
from overround.api.market_choice import read_choice
from overround.api.parameters import Line, MarketId, SportradarId
from overround.api.problems import PROBLEM_RESPONSES, BadRequest
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import Instant, iso_ms, optional_ms
from overround.config import BOOKMAKERS, REFERENCE
from overround.domain.fair import DEFAULT_METHOD, FairMethod
from overround.domain.markets import MarketKey, MarketState
from overround.errors import UnknownEvent

router = guarded_router(prefix="/api", tags=["analysis"])

_EVENTS_AT_ONCE = 25  # looked at before the loop gets its turn: about 2 ms
_MOVEMENTS_AT_ONCE = 1_000
GapSort = Literal["gap", "-gap", "net_win_gap", "-net_win_gap", "kickoff", "-kickoff"]
Who = Literal["all", "mine", "rivals"]


class AnalysisPage(msgspec.Struct, frozen=True, kw_only=True):
    """What every list of analysis says beside its rows."""

    total: int  # rows that the filters leave, all pages
    page: int
    page_size: int
    now: Instant


class GapsJson(AnalysisPage, frozen=True, kw_only=True):
    """One page of gaps."""

    gaps: list[GapJson]
    reference: str  # what the prices are held against


class ExposuresJson(AnalysisPage, frozen=True, kw_only=True):
    """One page of exposures; the counts are of the whole board, whatever the filters."""

    exposures: list[ExposureJson]
    open: int
    closed_24h: int


class MovementsJson(AnalysisPage, frozen=True, kw_only=True):
    """One page of movements, newest first."""

    movements: list[MovementJson]
    unanswered: int  # of those that the filters leave
    oldest_at: Instant | None  # of those in memory; the history of a market has what is older


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


@router.get("/gaps", responses={422: PROBLEM_RESPONSES[422]}, summary="Own prices out of line")
@needs("viewer")
@answers(GapsJson)
async def list_gaps(
    request: Request,
    selected: Selected,
    reference: Annotated[str, Query(max_length=20, description="median, best, or a competitor's code")] = "median",
    min_gap: Annotated[float, Query(ge=0, le=10, description="Least |gap|, a fraction: 0.02 is 2 %")] = 0.02,
    side: Annotated[Literal["both", "above", "below"], Query(description="Own price above or below")] = "both",
    sort: Annotated[GapSort, Query(description="By size, - before it descends")] = "-gap",
) -> Response:  # fmt: skip
    """
    Return the outcomes whose own price is off by at least `min_gap`, the furthest first.

    Raises:
        BadRequest: Nobody can be held against that reference.
    """
    if reference not in ("median", "best", *BOOKMAKERS) or reference == REFERENCE:
        rivals = ", ".join(code for code in BOOKMAKERS if code != REFERENCE)
        raise BadRequest(f"reference: {reference!r} is none; choose median, best, or one of {rivals}")
    services = context(request).services
    services.analysis.catch_up()
    rows: list[GapJson] = []
    for number, sportradar_id in enumerate(services.analysis.compared_events()):
        rows += _gaps(selected, sportradar_id, reference, min_gap, side)
        if number % _EVENTS_AT_ONCE == 0:
            await asyncio.sleep(0)
    rows.sort(key=lambda row: (row.sportradar_id, row.market_id, row.line))
    rows.sort(key=lambda row: _sort_key(row, sort.removeprefix("-")), reverse=sort.startswith("-"))
    return json(
        GapsJson(
            gaps=rows[selected.part], reference=reference, total=len(rows), page=selected.page,
            page_size=selected.page_size, now=iso_ms(services.clock.now()),
        )
    )  # fmt: skip


@router.get("/exposure", responses={422: PROBLEM_RESPONSES[422]}, summary="Markets crossed by our price")
@needs("viewer")
@answers(ExposuresJson)
async def list_exposures(
    request: Request,
    selected: Selected,
    state: Annotated[Literal["open", "closed"], Query(description="Closed ones of the last three days")] = "open",
    mine_only: Annotated[bool, Query(description="Only where our price is a leg")] = True,
    suppressed: Annotated[bool, Query(description="Also what the rules keep off the board")] = False,
    min_profit: Annotated[float, Query(ge=0, le=10, description="Least profit, or peak of closed ones")] = 0.0,
) -> Response:  # fmt: skip
    """Return crossed markets: open ones by profit, the largest first; closed ones, the newest first."""
    services = context(request).services
    services.analysis.catch_up()
    now = services.clock.now()
    is_open = state == "open"
    found = [
        each
        for each in services.analysis.exposures(closed=not is_open)
        if (each.mine or not mine_only)
        and (suppressed or not each.suppressed)
        and (each.profit if is_open else each.peak) >= min_profit
        and selected.takes_market(each.sportradar_id, each.key)
    ]
    if is_open:
        found.sort(key=lambda each: -each.profit)
    rows = AnalysisRows(services.cache, services.catalogue)
    return json(
        ExposuresJson(
            exposures=[rows.exposure(each, now) for each in found[selected.part]],
            open=sum(each.shown for each in services.analysis.exposures()),
            closed_24h=sum(map(_is_counted_closed, _since_a_day(services.analysis.exposures(True), now))),
            total=len(found), page=selected.page, page_size=selected.page_size, now=iso_ms(now),
        )
    )  # fmt: skip


@router.get("/movements", responses={422: PROBLEM_RESPONSES[422]}, summary="Who moved, and who followed")
@needs("viewer")
@answers(MovementsJson)
async def list_movements(
    request: Request,
    selected: Selected,
    who: Annotated[Who, Query(description="Whose moves")] = "all",
    bookmakers: Annotated[str, Query(max_length=200, description="Comma list; one of them moved")] = "",
    kind: Annotated[MoveKind | None, Query(description="Only with such a move")] = None,
    window_s: Annotated[int, Query(ge=0, le=86_400, description="Not older; 0: all in memory")] = 0,
    min_change: Annotated[float, Query(ge=0, le=10, description="Least |to/from - 1|, a fraction")] = 0.0,
    min_points: Annotated[float, Query(ge=0, le=1, description="Least move of fair probability")] = 0.0,
    closings: Annotated[bool, Query(description="Also what closed or opened: it has no size")] = False,
    unanswered: Annotated[bool, Query(description="Only what waits for our answer")] = False,
    steam: Annotated[bool, Query(description="Only steam")] = False,
) -> Response:  # fmt: skip
    """
    Return movements: all moves of one market in one run, the newest first.

    Raises:
        BadRequest: An unknown bookmaker.
    """
    services = context(request).services
    services.analysis.catch_up()
    now, codes = services.clock.now(), read_codes("bookmakers", bookmakers)
    asked = _MovementFilter(who, codes, kind, min_change, min_points, closings, unanswered, steam)
    since = now - timedelta(seconds=window_s) if window_s else None
    found: list[Movement] = []
    movements = list(services.analysis.movements())
    for number, movement in enumerate(movements):
        if since is not None and movement.changed_at < since:
            continue
        if selected.takes_market(movement.sportradar_id, movement.key) and asked.takes(movement):
            found.append(movement)
        if number % _MOVEMENTS_AT_ONCE == 0:
            await asyncio.sleep(0)
    rows = AnalysisRows(services.cache, services.catalogue)
    return json(
        MovementsJson(
            movements=[rows.movement(each, now) for each in found[selected.part]],
            unanswered=sum(each.is_unanswered for each in found),
            oldest_at=optional_ms(movements[-1].started_at if movements else None),
            total=len(found), page=selected.page, page_size=selected.page_size, now=iso_ms(now),
        )
    )  # fmt: skip


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


class _MovementFilter(msgspec.Struct, frozen=True):
    who: Who
    codes: frozenset[str]
    kind: MoveKind | None
    min_change: float
    min_points: float
    closings: bool
    unanswered: bool
    steam: bool

    def takes(self, movement: Movement) -> bool:
        """Return whether one of its moves is as asked for, and it as a whole too."""
        if (self.unanswered and not movement.is_unanswered) or (self.steam and movement.steam is None):
            return False
        for move in movement.moves:
            if self.codes and move.bookmaker not in self.codes:
                continue
            if self.who != "all" and (move.bookmaker == REFERENCE) != (self.who == "mine"):
                continue
            if self.kind is not None and move.kind != self.kind:
                continue
            if not (self.min_change or self.min_points):
                return True
            if self.closings and move.kind not in ("price", "flicker"):
                return True
            for each in move.outcomes:
                if abs(each.change or 0.0) >= self.min_change and abs(each.points or 0.0) >= self.min_points:
                    return True
        return False


def _gaps(
    selected: Selection, sportradar_id: str, reference: str, min_gap: float, side: str
) -> Iterator[GapJson]:
    services = selected.api.services
    event = services.cache.event(sportradar_id)
    if event is None or not selected.takes_event(event):
        return
    compared = [
        each
        for each in services.analysis.comparisons(sportradar_id)
        if not each.excluded
        and selected.of_market(each.key)
        and (reference != "median" or (each.gap is not None and abs(each.gap) >= min_gap))
    ]
    rows = AnalysisRows(services.cache, services.catalogue)
    for comparison, prices in zip(compared, services.analysis.against(compared, reference), strict=True):
        for place, price in enumerate(prices):
            row = rows.gap(comparison, place, price) if comparison.rank[place] else None
            if row is None or abs(row.gap) < min_gap:
                continue
            if side == "both" or (row.gap > 0) == (side == "above"):
                yield row


def _sort_key(row: GapJson, sort: str) -> Any:
    if sort == "kickoff":
        return row.kickoff_at
    return abs(row.gap if sort == "gap" else row.net_win_gap)


def _since_a_day(closed: Iterable[Exposure], now: Any) -> Iterator[Exposure]:
    since = now - timedelta(hours=24)
    return (each for each in closed if each.closed_at is not None and each.closed_at >= since)


def _is_counted_closed(exposure: Exposure) -> bool:
    return exposure.mine and not exposure.suppressed


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
