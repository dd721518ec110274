"""How large the storage is, how it grew, and what is alarming about that."""

from typing import Annotated

import msgspec
from fastapi import Query, Request, Response

from overround.api.answers import answers
from overround.api.context import context
from overround.api.problems import PROBLEM_RESPONSES
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import Instant, iso_ms, optional_ms
from overround.storage.growth import Alert, Sample

router = guarded_router(prefix="/api/storage", tags=["storage"], responses={503: PROBLEM_RESPONSES[503]})

ALERTS_SHOWN = 10
Limit = Annotated[int, Query(ge=1, le=2000, description="How many at most")]


class TableSizeJson(msgspec.Struct, frozen=True):
    """One table with its indexes."""

    table: str
    rows: int
    bytes: int


class StorageSampleJson(msgspec.Struct, frozen=True):
    """The storage's size at one time."""

    at: Instant
    database_bytes: int
    free_bytes: int  # of these: to be used again
    spool_bytes: int
    tables: list[TableSizeJson]


class StorageAlertJson(msgspec.Struct, frozen=True):
    """The storage grew faster or larger than it should."""

    at: Instant
    kind: str  # growth, size
    bytes_before: int  # of the sample compared with, or the limit
    bytes_now: int
    detail: str


class StorageJson(msgspec.Struct, frozen=True):
    """Sizes now, the newest sample, the newest alerts."""

    now: Instant
    database_bytes: int
    free_bytes: int
    spool_bytes: int
    disk_free_bytes: int | None  # null where the database is another machine's
    oldest: dict[str, Instant | None]  # how far tables go back
    alert_bytes: int  # an alert comes beyond this
    sample: StorageSampleJson | None  # null before the first
    alerts: list[StorageAlertJson]


class StorageSamplesJson(msgspec.Struct, frozen=True):
    """Daily samples, newest first."""

    samples: list[StorageSampleJson]
    limit: int


class StorageAlertsJson(msgspec.Struct, frozen=True):
    """Alerts about the storage, newest first."""

    alerts: list[StorageAlertJson]
    limit: int


@router.get("", summary="Sizes now, the newest sample, the newest alerts")
@needs("viewer")
@answers(StorageJson)
async def get_sizes(request: Request) -> Response:
    """
    Return sizes in bytes; those per table are of the daily sample, null before the first.

    `disk_free_bytes` is null where the database is another machine's; `oldest` tells how far tables go back.

    Raises:
        StorageError: The database can't be read.
    """
    services = context(request).services
    database, free, spool = await services.storage.size_now()
    free_on_disk, oldest = await services.storage.disk_free(), await services.storage.oldest()
    samples, alerts = await services.storage.samples(1), await services.storage.alerts(ALERTS_SHOWN)
    return json(
        StorageJson(
            now=iso_ms(services.clock.now()),
            database_bytes=database,
            free_bytes=free,
            spool_bytes=spool,
            disk_free_bytes=free_on_disk,
            oldest={table: optional_ms(at) for table, at in oldest.items()},
            alert_bytes=services.settings.number("storage_alert_mib") << 20,
            sample=_sample(samples[0]) if samples else None,
            alerts=[_alert(alert) for alert in alerts],
        )
    )


@router.get("/samples", summary="Daily samples, newest first")
@needs("viewer")
@answers(StorageSamplesJson)
async def list_samples(request: Request, limit: Limit = 100) -> Response:
    """
    Return the storage's size over time.

    Raises:
        StorageError: The database can't be read.
    """
    samples = await context(request).services.storage.samples(limit)
    return json(StorageSamplesJson([_sample(sample) for sample in samples], limit))


@router.get("/alerts", summary="Alerts about the storage, newest first")
@needs("viewer")
@answers(StorageAlertsJson)
async def list_alerts(request: Request, limit: Limit = 100) -> Response:
    """
    Return when the storage grew by more than a fifth in a day, or beyond `storage_alert_mib`.

    Raises:
        StorageError: The database can't be read.
    """
    alerts = await context(request).services.storage.alerts(limit)
    return json(StorageAlertsJson([_alert(alert) for alert in alerts], limit))


def _sample(sample: Sample) -> StorageSampleJson:
    return StorageSampleJson(
        at=iso_ms(sample.at),
        database_bytes=sample.database_bytes,
        free_bytes=sample.free_bytes,
        spool_bytes=sample.spool_bytes,
        tables=[TableSizeJson(name, size.rows, size.bytes) for name, size in sample.tables.items()],
    )


def _alert(alert: Alert) -> StorageAlertJson:
    return StorageAlertJson(iso_ms(alert.at), alert.kind, alert.bytes_before, alert.bytes_now, alert.detail)
