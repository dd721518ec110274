"""Own prices out of line with the competitors'."""

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response

from overround.api.analysis_json import AnalysisRows, GapJson
from overround.api.analysis_page import AnalysisPage
from overround.api.analysis_query import Selected, Selection
from overround.api.answers import answers
from overround.api.context import context
from overround.api.problems import PROBLEM_RESPONSES, BadRequest
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import iso_ms
from overround.config import BOOKMAKERS, REFERENCE

router = guarded_router(prefix="/api", tags=["analysis"])

_EVENTS_AT_ONCE = 25  # looked at before the loop gets its turn: about 2 ms
GapSort = Literal["gap", "-gap", "net_win_gap", "-net_win_gap", "kickoff", "-kickoff"]


class GapsJson(AnalysisPage, frozen=True, kw_only=True):
    """One page of gaps."""

    gaps: list[GapJson]
    reference: str  # what the prices are held against


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
