"""Scrape runs: start one, watch it, look back, try again what failed."""

from datetime import timedelta
from typing import Annotated, Literal

import msgspec
from fastapi import Query, Request, Response

from overround.api.answers import answers, reads
from overround.api.audit import is_about
from overround.api.context import context
from overround.api.parameters import Offset, RunId
from overround.api.problems import PROBLEM_RESPONSES, BadRequest, NotFound
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import Instant, RunJson, fields_of, iso_ms, optional_ms, run_json
from overround.domain.run_stats import BookmakerStats, ErrorStats, Spread, run_stats
from overround.domain.runs import EventCounts, EventOutcome, RunReport, RunStatus

router = guarded_router(prefix="/api", tags=["scrape"])

MAX_WAIT_S = 120
MAX_TREND_HOURS = 24 * 31


class RunStartedJson(msgspec.Struct, frozen=True):
    """A run began; its report is at /api/scrape/runs/{run_id}."""

    run_id: str


class RunsJson(msgspec.Struct, frozen=True):
    """Runs, newest first."""

    runs: list[RunJson]
    limit: int
    offset: int


class RunStatsJson(msgspec.Struct, frozen=True):
    """Runs that ended, taken together."""

    runs: int
    first_started_at: Instant | None
    last_started_at: Instant | None
    by_status: dict[str, int]
    by_trigger: dict[str, int]
    completed_share: float | None  # null without runs
    duration_ms: Spread  # of runs that were not cut short
    changes: Spread  # markets changed per run
    bookmakers: list[BookmakerStats]
    errors: list[ErrorStats]  # most frequent first


class RunTrendJson(msgspec.Struct, frozen=True):
    """Runs that ended, oldest first, as columns of one length."""

    now: Instant
    hours: int
    run_id: list[str]
    started_at: list[Instant]
    status: list[RunStatus]
    duration_ms: list[int]
    changes: list[int]
    ok: list[int]  # fetches
    failed: list[int]


class RunEventsJson(msgspec.Struct, frozen=True):
    """What brought no prices in a run."""

    run_id: str
    counts: EventCounts  # of all its fetches
    events: list[EventOutcome]
    total: int  # that the filters leave
    limit: int
    offset: int


class RetryOrder(msgspec.Struct, forbid_unknown_fields=True):
    """What of a run to do again."""

    bookmakers: list[str] | None = None  # None: all that are enabled
    only_failed: bool = True


@router.post(
    "/scrape",
    status_code=202,
    responses={status: PROBLEM_RESPONSES[status] for status in (409, 422, 503)},
    summary="Start a run",
)
@needs("operator")
@answers(RunJson, description="It ended within wait_s: its report")
@answers(RunStartedJson, status=202, description="It goes on")
async def start_run(
    request: Request,
    wait_s: Annotated[float, Query(ge=0, le=MAX_WAIT_S, description="How long to wait for its end")] = 0,
    bookmakers: Annotated[str, Query(max_length=200, description="Comma list; default all enabled")] = "",
) -> Response:
    """
    Start a manual run, at all enabled bookmakers or at those of the comma list.

    Returns:
        202 with the run's id, or 200 with its report when it ended within `wait_s`.
    Raises:
        NotReady: Nothing can be stored now.
        RunActive: One is on already.
        ConfigError: A bookmaker that is unknown or off.
    """
    api = context(request)
    is_about(request, bookmakers)
    api.require_ready()
    runs = api.services.runs
    run_id = runs.start(bookmakers.split(",") if bookmakers else None).run_id
    report = await runs.wait(run_id, wait_s) if wait_s else None
    return json(_run(request, report)) if report else json(RunStartedJson(run_id), 202)


@router.get("/scrape/runs", summary="Runs, newest first")
@needs("viewer")
@answers(RunsJson)
async def list_runs(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at most")] = 50,
    offset: Offset = 0,
) -> Response:
    """Return reports of runs."""
    runs = context(request).services.runs
    reports = await runs.recent(limit, offset)
    found = [run_json(report, runs.silent_s()) for report in reports]
    return json(RunsJson(found, limit, offset))


@router.get("/scrape/stats", summary="How runs went over some time")
@needs("viewer")
@answers(RunStatsJson)
async def stats(
    request: Request, runs: Annotated[int, Query(ge=1, le=500, description="Over how many runs")] = 100
) -> Response:
    """Return durations, success and errors over the newest runs, and each bookmaker's part."""
    services = context(request).services
    found = run_stats(await services.runs.recent(runs))
    first, last = optional_ms(found.first_started_at), optional_ms(found.last_started_at)
    return json(RunStatsJson(**fields_of(found, first_started_at=first, last_started_at=last)))


@router.get("/scrape/trend", summary="Runs over some hours, as columns for a chart")
@needs("viewer")
@answers(RunTrendJson)
async def trend(
    request: Request,
    hours: Annotated[int, Query(ge=1, le=MAX_TREND_HOURS, description="How far back")] = 24,
) -> Response:
    """Return runs that ended, oldest first, as columns of one length; `ok` and `failed` count fetches."""
    services = context(request).services
    now = services.clock.now()
    points = await services.runs.points(now - timedelta(hours=hours))
    return json(
        RunTrendJson(
            now=iso_ms(now),
            hours=hours,
            run_id=[point.run_id for point in points],
            started_at=[iso_ms(point.started_at) for point in points],
            status=[point.status for point in points],
            duration_ms=[round(point.duration_ms) for point in points],
            changes=[point.changes for point in points],
            ok=[point.ok for point in points],
            failed=[point.failed for point in points],
        )
    )


@router.get("/scrape/runs/active", summary="The run that is on")
@needs("viewer")
@answers(RunJson | None, description="The run that is on, null when none is")
async def active_run(request: Request) -> Response:
    """Return the report of the run that is on as far as it is, null when none is."""
    report = context(request).services.runs.active()
    return json(_run(request, report) if report else None)


@router.get("/scrape/runs/{run_id}", responses={404: PROBLEM_RESPONSES[404]}, summary="One run")
@needs("viewer")
@answers(RunJson)
async def get_run(request: Request, run_id: RunId) -> Response:
    """
    Return a run's report.

    Raises:
        NotFound: No run has this id.
    """
    report = await context(request).services.runs.get(run_id)
    if report is None:
        raise NotFound(f"no run has the id {run_id[:60]}")
    return json(_run(request, report))


@router.get(
    "/scrape/runs/{run_id}/events",
    responses={404: PROBLEM_RESPONSES[404]},
    summary="What brought no prices in a run, event by event",
)
@needs("viewer")
@answers(RunEventsJson)
async def run_events(
    request: Request,
    run_id: RunId,
    status: Annotated[Literal["failed", "late"] | None, Query(description="Default both")] = None,
    bookmaker: Annotated[str, Query(max_length=50, description="Code; default all")] = "",
    limit: Annotated[int, Query(ge=1, le=5000, description="How many at most")] = 500,
    offset: Offset = 0,
) -> Response:
    """
    Return the events that failed or came late, with the reason; what went well is counted only.

    Of each bookmaker the first 500 of a run are named, and of the newest 100 runs after a restart; `counts` is
    always complete.

    Raises:
        NotFound: No run has this id.
    """
    runs = context(request).services.runs
    report = await runs.get(run_id)
    if report is None:
        raise NotFound(f"no run has the id {run_id[:60]}")
    found = [
        outcome
        for outcome in await runs.outcomes(run_id)
        if status in (None, outcome.status) and bookmaker in ("", outcome.bookmaker)
    ]
    return json(
        RunEventsJson(
            run_id=run_id,
            counts=report.events,
            events=found[offset : offset + limit],
            total=len(found),
            limit=limit,
            offset=offset,
        )
    )


@router.post(
    "/scrape/runs/{run_id}/retry",
    status_code=202,
    responses={status: PROBLEM_RESPONSES[status] for status in (404, 409, 422, 503)},
    summary="Do again what failed in a run",
)
@needs("operator")
@reads(RetryOrder, {"bookmakers": ["bet9ja"], "only_failed": True}, required=False)
@answers(RunStartedJson, status=202, description="It goes on")
async def retry_run(request: Request, run_id: RunId) -> Response:
    """
    Start a run over what failed in an earlier one, or over all of it with `only_failed: false`.

    Returns:
        202 with the new run's id.
    Raises:
        NotReady: Nothing can be stored now.
        NotFound: No run has this id.
        RunActive: A run is on.
        ConfigError: A bookmaker that is unknown or off.
        StorageError: What it left over can't be read.
    """
    api, body = context(request), await request.body()
    api.require_ready()
    runs = api.services.runs
    if await runs.get(run_id) is None:
        raise NotFound(f"no run has the id {run_id[:60]}")
    try:
        order = msgspec.json.decode(body, type=RetryOrder) if body else RetryOrder()
    except (msgspec.DecodeError, RecursionError) as exc:
        raise BadRequest('the body must be like {"bookmakers": ["bet9ja"], "only_failed": true}') from exc
    report = await runs.retry(run_id, order.bookmakers, order.only_failed)
    return json(RunStartedJson(report.run_id), 202)


def _run(request: Request, report: RunReport) -> RunJson:
    return run_json(report, context(request).services.runs.silent_s(), with_phases=True)
