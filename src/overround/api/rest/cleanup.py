"""Deleting what has become old: look at it first, do it, look back."""

from typing import Annotated

import msgspec
from fastapi import Query, Request, Response

from overround.api.context import context
from overround.api.problems import PROBLEM_RESPONSES
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import iso_ms, optional_ms
from overround.storage.retention import CleanupReport

router = guarded_router(prefix="/api/cleanup", tags=["cleanup"], responses={503: PROBLEM_RESPONSES[503]})

_SETTINGS = (
    "odds_retention_days",
    "match_retention_days",
    "rollup_retention_days",
    "cleanup_frequency_hours",
)


@router.get("/preview", summary="What a cleanup would delete now")
@needs("viewer")
async def preview(request: Request) -> Response:
    """
    Return rows and about how many bytes, table by table; nothing is deleted.

    Raises:
        StorageError: The database can't be read.
    """
    services = context(request).services
    parts = await services.storage.cleanup_preview()
    return json(
        {
            "now": iso_ms(services.clock.now()),
            "settings": {key: services.settings.number(key) for key in _SETTINGS},
            "tables": [msgspec.structs.asdict(part) for part in parts],
            "rows": sum(part.rows for part in parts),
            "bytes": sum(part.bytes for part in parts),
        }
    )


@router.post("/execute", responses={409: PROBLEM_RESPONSES[409]}, summary="Delete what is old now")
@needs("admin")
async def execute(request: Request) -> Response:
    """
    Delete, give the room back, and return the report.

    Raises:
        CleanupActive: One is on.
        StorageError: It ended early; the next one goes on where it stopped.
    """
    return json(_report(await context(request).services.storage.cleanup()))


@router.get("/history", summary="Cleanups, newest first")
@needs("viewer")
async def history(request: Request, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> Response:
    """
    Return reports of cleanups; one without `finished_at` goes on, or its process ended.

    Raises:
        StorageError: The database can't be read.
    """
    reports = await context(request).services.storage.cleanups(limit)
    return json({"cleanups": [_report(report) for report in reports], "limit": limit})


def _report(report: CleanupReport) -> dict[str, object]:
    times = {"started_at": iso_ms(report.started_at), "finished_at": optional_ms(report.finished_at)}
    return {**msgspec.structs.asdict(report), **times}
