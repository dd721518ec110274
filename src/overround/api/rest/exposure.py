"""Markets that best prices over all bookmakers cross, ours among them."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response

from overround.analysis.records import Exposure
from overround.api.analysis_json import AnalysisRows, ExposureJson
from overround.api.analysis_page import AnalysisPage
from overround.api.analysis_query import Selected
from overround.api.answers import answers
from overround.api.context import context
from overround.api.problems import PROBLEM_RESPONSES
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import iso_ms

router = guarded_router(prefix="/api", tags=["analysis"])


class ExposuresJson(AnalysisPage, frozen=True, kw_only=True):
    """One page of exposures; the counts are of the whole board, whatever the filters."""

    exposures: list[ExposureJson]
    open: int
    closed_24h: int


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


def _since_a_day(closed: Iterable[Exposure], now: Any) -> Iterator[Exposure]:
    since = now - timedelta(hours=24)
    return (each for each in closed if each.closed_at is not None and each.closed_at >= since)


def _is_counted_closed(exposure: Exposure) -> bool:
    return exposure.mine and not exposure.suppressed
