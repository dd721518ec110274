"""How large the storage is, how it grew, and what is alarming about that."""

from typing import Annotated

from fastapi import Query, Request, Response

from overround.api.context import context
from overround.api.problems import PROBLEM_RESPONSES
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import iso_ms, optional_ms
from overround.storage.growth import Alert, Sample

router = guarded_router(prefix="/api/storage", tags=["storage"], responses={503: PROBLEM_RESPONSES[503]})

ALERTS_SHOWN = 10


@router.get("", summary="Sizes now, the newest sample, the newest alerts")
@needs("viewer")
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
        {
            "now": iso_ms(services.clock.now()),
            "database_bytes": database,
            "free_bytes": free,
            "spool_bytes": spool,
            "disk_free_bytes": free_on_disk,
            "oldest": {table: optional_ms(at) for table, at in oldest.items()},
            "alert_bytes": services.settings.number("storage_alert_mib") << 20,
            "sample": _sample(samples[0]) if samples else None,
            "alerts": [_alert(alert) for alert in alerts],
        }
    )


@router.get("/samples", summary="Daily samples, newest first")
@needs("viewer")
async def list_samples(request: Request, limit: Annotated[int, Query(ge=1, le=2000)] = 100) -> Response:
    """
    Return the storage's size over time.

    Raises:
        StorageError: The database can't be read.
    """
    samples = await context(request).services.storage.samples(limit)
    return json({"samples": [_sample(sample) for sample in samples], "limit": limit})


@router.get("/alerts", summary="Alerts about the storage, newest first")
@needs("viewer")
async def list_alerts(request: Request, limit: Annotated[int, Query(ge=1, le=2000)] = 100) -> Response:
    """
    Return when the storage grew by more than a fifth in a day, or beyond `storage_alert_mib`.

    Raises:
        StorageError: The database can't be read.
    """
    alerts = await context(request).services.storage.alerts(limit)
    return json({"alerts": [_alert(alert) for alert in alerts], "limit": limit})


def _sample(sample: Sample) -> dict[str, object]:
    return {
        "at": iso_ms(sample.at),
        "database_bytes": sample.database_bytes,
        "free_bytes": sample.free_bytes,
        "spool_bytes": sample.spool_bytes,
        "tables": [
            {"table": name, "rows": size.rows, "bytes": size.bytes} for name, size in sample.tables.items()
        ],
    }


def _alert(alert: Alert) -> dict[str, object]:
    return {
        "at": iso_ms(alert.at),
        "kind": alert.kind,
        "bytes_before": alert.bytes_before,
        "bytes_now": alert.bytes_now,
        "detail": alert.detail,
    }
