"""Coverage as a work queue: which events are listed where, and what is missing on one side, most urgent first."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, get_args

from fastapi import Query, Request, Response
from msgspec import UNSET

from overround.analysis.coverage import CoverageReport, EventCoverage, Gap, GapKind, GapStatus, Side
from overround.api.answers import answers
from overround.api.context import Context, context
from overround.api.coverage_json import (
    CompetitionCoverageJson,
    CoverageGapJson,
    CoverageGapsJson,
    CoverageTotals,
    CoveredEventJson,
    CoveredListingJson,
    EventCoverageJson,
    EventRefJson,
    GapCounts,
)
from overround.api.parameters import Page, PageSize
from overround.api.problems import PROBLEM_RESPONSES
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import iso_ms, iso_s
from overround.config import REFERENCE, bookmaker_list
from overround.domain.events import Competition, EventHeader

router = guarded_router(prefix="/api/coverage", tags=["coverage"], responses={422: PROBLEM_RESPONSES[422]})

View = Literal["all", "matched", "missing_here", "missing_there", "check"]
Words = Annotated[str, Query(max_length=100, description="Words in home, away, competition or market")]
Country = Annotated[str, Query(max_length=100, description="As shown")]
Slug = Annotated[str, Query(max_length=200, description="Slug of a competition")]


@router.get("/events", summary="Which bookmaker lists which events, by competition")
@needs("viewer")
@answers(EventCoverageJson)
async def list_event_coverage(
    request: Request,
    view: Annotated[View, Query(description="matched: here and at a competitor")] = "all",
    country: Country = "",
    competition: Slug = "",
    q: Words = "",
    with_events: Annotated[bool, Query(description="List each competition's events too")] = False,
) -> Response:
    """
    Return a row per competition and the sums of all of them, over the events that match the filters.

    `missing_here` counts events that a competitor lists and the reference does not; `missing_there` per competitor
    those that the reference lists and it does not. Events are listed with `with_events`, or with one competition.
    """
    api = context(request)
    report = await api.coverage.newest()
    words = q.casefold().split()
    rows = [
        row
        for row in report.events
        if _is_in_view(row, view, api.services.settings.enabled_bookmakers)
        and _is_at(row.header.competition, country, competition)
        and _has(words, row.header.home, row.header.away, row.header.competition.name)
    ]
    enabled = api.services.settings.enabled_bookmakers
    leagues: dict[Competition, list[EventCoverage]] = {}
    for row in rows:
        leagues.setdefault(row.header.competition, []).append(row)
    ordered = sorted(leagues, key=lambda league: (league.country, league.name, league.id))
    return json(
        EventCoverageJson(
            totals=CoverageTotals(**_sums(rows, enabled), **_matched(rows, enabled)),
            competitions=[
                _league_json(league, leagues[league], enabled, with_events or bool(competition))
                for league in ordered
            ],
            bookmakers=enabled,
            counted_at=iso_ms(report.at),
            now=iso_ms(api.services.clock.now()),
        )
    )


@router.get("/gaps", summary="What one side offers and the other doesn't, most urgent first")
@needs("viewer")
@answers(CoverageGapsJson)
async def list_gaps(
    request: Request,
    side: Annotated[
        Side, Query(description="here: the reference lacks it; there: a competitor does")
    ] = "here",
    kind: Annotated[GapKind | None, Query(description="Default all")] = None,
    status: Annotated[GapStatus | None, Query(description="unmapped: an unread type may be it")] = None,
    bookmaker: Annotated[
        str, Query(max_length=100, description="Missing there, or offering it here; default any")
    ] = "",
    country: Country = "",
    competition: Slug = "",
    q: Words = "",
    page: Page = 1,
    page_size: PageSize = 50,
) -> Response:
    """
    Return one page of gaps by falling score: offering bookmakers x urgency x frequency.

    `competition` and `country` leave out markets and lines, which span competitions.

    Raises:
        ConfigError: No bookmaker has this code.
    """
    api = context(request)
    report = await api.coverage.newest()
    code = bookmaker_list("bookmaker", [bookmaker])[0] if bookmaker else ""
    words = q.casefold().split()
    found = [
        gap
        for gap in report.gaps
        if gap.side == side
        and (kind is None or gap.kind == kind)
        and (status is None or gap.status == status)
        and (not code or code == gap.missing_at or (side == "here" and code in gap.offering))
        and _is_at(gap.competition, country, competition)
        and _has(words, *_texts(api, gap))
    ]
    start = (page - 1) * page_size
    return json(
        CoverageGapsJson(
            gaps=[_gap_json(api, gap) for gap in found[start : start + page_size]],
            counts=_counts(report, side),
            total=len(found),
            page=page,
            page_size=page_size,
            counted_at=iso_ms(report.at),
            now=iso_ms(api.services.clock.now()),
        )
    )


def _is_in_view(row: EventCoverage, view: View, enabled: Sequence[str]) -> bool:
    if view == "matched":
        return row.is_here and len(row.listed) > 1
    if view == "missing_here":
        return not row.is_here
    if view == "missing_there":
        return row.is_here and len(row.listed) < len(enabled)
    return view == "all" or row.header.check


def _is_at(place: Competition | None, country: str, slug: str) -> bool:
    if place is None:
        return not (country or slug)
    return slug in ("", place.id) and country.casefold() in ("", place.country.casefold())


def _has(words: Sequence[str], *texts: str) -> bool:
    if not words:
        return True
    text = " ".join(texts).casefold()
    return all(word in text for word in words)


def _sums(rows: Sequence[EventCoverage], enabled: Sequence[str]) -> dict[str, Any]:
    here = [row for row in rows if row.is_here]
    return {
        "events": len(rows),
        "bookmakers": {code: sum(code in row.listed for row in rows) for code in enabled},
        "missing_here": len(rows) - len(here),
        "missing_there": {
            code: sum(code not in row.listed for row in here) for code in enabled if code != REFERENCE
        },
        "check": sum(row.header.check for row in rows),
    }


def _matched(rows: Iterable[EventCoverage], enabled: Sequence[str]) -> dict[str, Any]:
    """Return how many events stand at two bookmakers or more, and how many at one alone."""
    alone = Counter(next(iter(row.listed)) for row in rows if len(row.listed) == 1)
    matched = sum(row.is_here and len(row.listed) > 1 for row in rows)
    return {"matched": matched, "only": {code: alone[code] for code in enabled}}


def _league_json(
    league: Competition, rows: Sequence[EventCoverage], enabled: Sequence[str], with_events: bool
) -> CompetitionCoverageJson:
    return CompetitionCoverageJson(
        competition=league,
        sport=rows[0].header.sport,
        rows=[_event_json(row) for row in rows] if with_events else UNSET,
        **_sums(rows, enabled),
    )


def _event_json(row: EventCoverage) -> CoveredEventJson:
    return CoveredEventJson(
        **_header_json(row.header),
        check=row.header.check,
        bookmakers=[
            CoveredListingJson(
                bookmaker=code,
                state=state,
                kickoff_at=iso_s(row.kickoffs[code]) if code in row.kickoffs else None,
                markets=row.markets[code],
            )
            for code, state in row.listed.items()
        ],
    )


def _header_json(header: EventHeader) -> dict[str, Any]:
    return {
        "sportradar_id": header.sportradar_id,
        "home": header.home,
        "away": header.away,
        "kickoff_at": iso_s(header.kickoff_at),
        "competition": header.competition,
    }


def _texts(api: Context, gap: Gap) -> tuple[str, ...]:
    league = (gap.competition.name,) if gap.competition else ()
    teams = (gap.sample.home, gap.sample.away) if gap.kind == "event" else ()
    return (*league, *teams, _name(api, gap))


def _name(api: Context, gap: Gap) -> str:
    kind = api.services.catalogue.find(gap.market_id, gap.sport) if gap.market_id else None
    return f"{kind.name} {gap.line}".strip() if kind else gap.market_id


def _gap_json(api: Context, gap: Gap) -> CoverageGapJson:
    return CoverageGapJson(
        kind=gap.kind,
        side=gap.side,
        missing_at=gap.missing_at,
        status=gap.status,
        sport=gap.sport,
        competition=gap.competition,
        market_id=gap.market_id,
        line=gap.line,
        name=_name(api, gap),
        events=gap.events,
        could=gap.could,
        offering=gap.offering,
        frequency=round(gap.frequency, 4),
        urgency=round(gap.urgency, 4),
        score=round(gap.score, 4),
        sample_event=EventRefJson(**_header_json(gap.sample)),
    )


def _counts(report: CoverageReport, side: Side) -> dict[GapKind, GapCounts]:
    """Return how many gaps of each kind there are on a side, by status."""
    counts = Counter((gap.kind, gap.status) for gap in report.gaps if gap.side == side)
    kinds: tuple[GapKind, ...] = get_args(GapKind)
    return {kind: GapCounts(counts[kind, "not_offered"], counts[kind, "unmapped"]) for kind in kinds}
