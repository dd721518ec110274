"""Who moved, and who followed."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import msgspec
from fastapi import Query, Request, Response

from overround.analysis.records import MoveKind, Movement
from overround.api.analysis_json import AnalysisRows, MovementJson
from overround.api.analysis_page import AnalysisPage
from overround.api.analysis_query import Selected, Selection, read_codes
from overround.api.answers import answers
from overround.api.context import context
from overround.api.problems import PROBLEM_RESPONSES, BadRequest
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import Instant, iso_ms, optional_ms
from overround.config import REFERENCE

router = guarded_router(prefix="/api", tags=["analysis"])

_MOVEMENTS_AT_ONCE = 1_000
Who = Literal["all", "mine", "rivals"]


class MovementsJson(AnalysisPage, frozen=True, kw_only=True):
    """One page of movements, newest first."""

    movements: list[MovementJson]
    unanswered: int  # of those that the filters leave
    oldest_at: Instant | None  # of those in memory; the history of a market has what is older


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
    from_: Annotated[datetime | None, Query(alias="from", description="Began then or later, ISO 8601 with zone; older than memory: up to a day")] = None,
    to: Annotated[datetime | None, Query(description="Began before this time, ISO 8601 with zone")] = None,
    closings: Annotated[bool, Query(description="Also what closed or opened: it has no size")] = False,
    unanswered: Annotated[bool, Query(description="Only what waits for our answer")] = False,
    steam: Annotated[bool, Query(description="Only steam")] = False,
) -> Response:  # fmt: skip
    """
    Return movements: all moves of one market in one run, the newest first.

    What began before those in memory is read from history: with `from` and `to` at most a day apart.

    Raises:
        BadRequest: An unknown bookmaker, a time without zone, or too much of the past.
        StorageError: The past can't be read.
    """
    services = context(request).services
    services.analysis.catch_up()
    now, codes = services.clock.now(), read_codes("bookmakers", bookmakers)
    changed_since = now - timedelta(seconds=window_s) if window_s else None
    since, until = _time("from", from_), _time("to", to)
    asked = _MovementFilter(
        changed_since, since, until, who, codes, kind, min_change, min_points, closings, unanswered, steam
    )
    movements, past = list(services.analysis.movements()), None
    oldest = movements[-1].started_at if movements else None
    if since is not None and (oldest is None or since < oldest):
        movements, past = await context(request).past_moves.read(selected.takes_event, since, until or now)
    found = await _select(movements, selected, asked, of_past=past is not None)
    rows = AnalysisRows(services.cache, services.catalogue, past)
    return json(
        MovementsJson(
            movements=[rows.movement(each, now) for each in found[selected.part]],
            unanswered=sum(each.is_unanswered for each in found),
            oldest_at=optional_ms(oldest),
            total=len(found), page=selected.page, page_size=selected.page_size, now=iso_ms(now),
        )
    )  # fmt: skip


def _time(name: str, at: datetime | None) -> datetime | None:
    if at is None:
        return None
    if at.tzinfo is None:
        raise BadRequest(f"{name}: say the zone, as in 2026-11-24T12:00:00Z")
    return at.astimezone(UTC)


class _MovementFilter(msgspec.Struct, frozen=True):
    changed_since: datetime | None
    since: datetime | None
    until: datetime | None
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
        if self.changed_since is not None and movement.changed_at < self.changed_since:
            return False
        if self.since is not None and movement.started_at < self.since:
            return False
        if self.until is not None and movement.started_at >= self.until:
            return False
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


async def _select(
    movements: list[Movement], selected: Selection, asked: _MovementFilter, *, of_past: bool
) -> list[Movement]:
    """Return what is asked for, letting others run in between; events of the past were selected by who read them."""
    found: list[Movement] = []
    for number, movement in enumerate(movements):
        is_wanted = (
            selected.of_market(movement.key)
            if of_past
            else selected.takes_market(movement.sportradar_id, movement.key)
        )
        if is_wanted and asked.takes(movement):
            found.append(movement)
        if number % _MOVEMENTS_AT_ONCE == 0:
            await asyncio.sleep(0)
    return found
