"""Deleting what has become old: look at it first, do it, look back."""

from typing import Annotated

import msgspec
from fastapi import Query, Request, Response

from overround.api.answers import answers
from overround.api.context import context
from overround.api.problems import PROBLEM_RESPONSES
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import Instant, fields_of, iso_ms, optional_ms
from overround.storage.retention import CleanupReport, TablePart

router = guarded_router(prefix="/api/cleanup", tags=["cleanup"], responses={503: PROBLEM_RESPONSES[503]})

_SETTINGS = (
    "odds_retention_days",
    "match_retention_days",
    "rollup_retention_days",
    "cleanup_frequency_hours",
)


class CleanupPreviewJson(msgspec.Struct, frozen=True):
    """What a cleanup would delete now."""

    now: Instant
    settings: dict[str, int]  # what decides what is old
    tables: list[TablePart]
    rows: int
    bytes: int  # about


class CleanupJson(msgspec.Struct, frozen=True):
    """One cleanup; without `finished_at` it goes on, or its process ended."""

    started_at: Instant
    trigger: str  # scheduled, manual
    finished_at: Instant | None
    rows: int
    bytes: int  # about
    tables: dict[str, int]  # rows deleted, of tables that lost any
    reason: str  # why it ended early


class CleanupsJson(msgspec.Struct, frozen=True):
    """Cleanups, newest first."""

    cleanups: list[CleanupJson]
    limit: int


@router.get("/preview", summary="What a cleanup would delete now")
@needs("viewer")
@answers(CleanupPreviewJson)
async def preview(request: Request) -> Response:
    """
    Return rows and about how many bytes, table by table; nothing is deleted.

    Raises:
        StorageError: The database can't be read.
    """
    services = context(request).services
    parts = await services.storage.cleanup_preview()
    return json(
        CleanupPreviewJson(
            now=iso_ms(services.clock.now()),
            settings={key: services.settings.number(key) for key in _SETTINGS},
            tables=parts,
            rows=sum(part.rows for part in parts),
            bytes=sum(part.bytes for part in parts),
        )
    )


@router.post("/execute", responses={409: PROBLEM_RESPONSES[409]}, summary="Delete what is old now")
@needs("admin")
@answers(CleanupJson)
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
@answers(CleanupsJson)
async def history(
    request: Request, limit: Annotated[int, Query(ge=1, le=500, description="How many at most")] = 50
) -> Response:
    """
    Return reports of cleanups; one without `finished_at` goes on, or its process ended.

    Raises:
        StorageError: The database can't be read.
    """
    reports = await context(request).services.storage.cleanups(limit)
    return json(CleanupsJson([_report(report) for report in reports], limit))


def _report(report: CleanupReport) -> CleanupJson:
    started_at, finished_at = iso_ms(report.started_at), optional_ms(report.finished_at)
    return CleanupJson(**fields_of(report, started_at=started_at, finished_at=finished_at))
