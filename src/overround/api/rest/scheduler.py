"""What happens by itself: see when the next run is due, hold runs back, let them go on."""

import msgspec
from fastapi import Request, Response

from overround.api.answers import answers
from overround.api.context import context
from overround.api.problems import PROBLEM_RESPONSES
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import Instant, fields_of, iso_ms, optional_ms
from overround.domain.jobs import SCRAPE, JobState

router = guarded_router(prefix="/api/scheduler", tags=["scheduler"])


class JobJson(msgspec.Struct, frozen=True):
    """One thing that happens by itself."""

    name: str
    interval_s: float
    pausable: bool
    running: bool
    next_run_at: Instant | None  # null while it waits for resume
    last_started_at: Instant | None
    last_finished_at: Instant | None
    runs: int  # that came to their end
    failures: int
    missed: int  # times that passed without a run
    last_error: str  # of the newest failure, "" when there was none


class ScheduleJson(msgspec.Struct, frozen=True):
    """When runs begin by themselves."""

    next_run_at: Instant | None
    interval_minutes: int
    active_run_id: str | None
    paused: bool
    scheduled: bool  # false with --no-schedule
    connection_lost_since: Instant | None
    now: Instant
    jobs: list[JobJson]


@router.get("", summary="When the next run is due, and every job")
@needs("viewer")
@answers(ScheduleJson)
async def get_schedule(request: Request) -> Response:
    """Return the next run's time, null when none is planned, the run that is on, and every job's times and counts."""
    return json(_schedule(request))


@router.post("/pause", responses={503: PROBLEM_RESPONSES[503]}, summary="Hold runs back")
@needs("operator")
@answers(ScheduleJson)
async def pause(request: Request) -> Response:
    """
    Begin no run until resumed, also after a restart; the run that is on goes to its end. Manual runs work.

    Raises:
        StorageError: It could not be stored, so nothing changed.
    """
    await context(request).services.schedule.pause()
    return json(_schedule(request))


@router.post("/resume", responses={503: PROBLEM_RESPONSES[503]}, summary="Let runs go on")
@needs("operator")
@answers(ScheduleJson)
async def resume(request: Request) -> Response:
    """
    Let runs begin again; one that fell due meanwhile begins now.

    Raises:
        StorageError: It could not be stored, so nothing changed.
    """
    await context(request).services.schedule.resume()
    return json(_schedule(request))


def _schedule(request: Request) -> ScheduleJson:
    services = context(request).services
    active, jobs = services.runs.active(), services.schedule.jobs()
    return ScheduleJson(
        next_run_at=optional_ms(services.schedule.next_run_at()),
        interval_minutes=services.settings.number("scrape_interval_minutes"),
        active_run_id=active.run_id if active else None,
        paused=services.schedule.paused,
        scheduled=any(job.name == SCRAPE for job in jobs),
        connection_lost_since=optional_ms(services.runs.connection_lost_since),
        now=iso_ms(services.clock.now()),
        jobs=[_job(job) for job in jobs],
    )


def _job(job: JobState) -> JobJson:
    times = ("next_run_at", "last_started_at", "last_finished_at")
    return JobJson(**fields_of(job, **{name: optional_ms(getattr(job, name)) for name in times}))
