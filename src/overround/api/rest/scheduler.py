"""What happens by itself: see when the next run is due, hold runs back, let them go on."""

import msgspec
from fastapi import Request, Response

from overround.api.context import context
from overround.api.problems import PROBLEM_RESPONSES
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import iso_ms, optional_ms
from overround.domain.jobs import SCRAPE, JobState

router = guarded_router(prefix="/api/scheduler", tags=["scheduler"])


@router.get("", summary="When the next run is due, and every job")
@needs("viewer")
async def get_schedule(request: Request) -> Response:
    """Return the next run's time, null when none is planned, the run that is on, and every job's times and counts."""
    return json(_schedule(request))


@router.post("/pause", responses={503: PROBLEM_RESPONSES[503]}, summary="Hold runs back")
@needs("operator")
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
async def resume(request: Request) -> Response:
    """
    Let runs begin again; one that fell due meanwhile begins now.

    Raises:
        StorageError: It could not be stored, so nothing changed.
    """
    await context(request).services.schedule.resume()
    return json(_schedule(request))


def _schedule(request: Request) -> dict[str, object]:
    services = context(request).services
    active, jobs = services.runs.active(), services.schedule.jobs()
    return {
        "next_run_at": optional_ms(services.schedule.next_run_at()),
        "interval_minutes": services.settings.number("scrape_interval_minutes"),
        "active_run_id": active.run_id if active else None,
        "paused": services.schedule.paused,
        "scheduled": any(job.name == SCRAPE for job in jobs),  # false with --no-schedule
        "connection_lost_since": optional_ms(services.runs.connection_lost_since),
        "now": iso_ms(services.clock.now()),
        "jobs": [_job(job) for job in jobs],
    }


def _job(job: JobState) -> dict[str, object]:
    times = ("next_run_at", "last_started_at", "last_finished_at")
    return {**msgspec.structs.asdict(job), **{name: optional_ms(getattr(job, name)) for name in times}}
