"""Daily samples of the storage's size, and alerts when it grows faster or larger than it should."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import insert, select

from overround import metrics
from overround.clock import Clock
from overround.config import Settings
from overround.log import get_logger
from overround.storage import schema
from overround.storage.connections import Connections
from overround.storage.sizes import TableSize, measure

log = get_logger(__name__)

SAMPLE_EVERY = timedelta(days=1)
COMPARED_WITHIN = timedelta(days=3)  # an older sample says nothing of growth per day
GROWTH_A_DAY = 0.20
GROWTH_FLOOR = 16 << 20  # bytes; a young database doubles every day and is no alarm
_SLACK = timedelta(minutes=1)
MIB = 1 << 20


class Sample(msgspec.Struct, frozen=True):
    """The storage's size at one time."""

    at: datetime
    database_bytes: int
    free_bytes: int  # of these: to be used again
    spool_bytes: int
    tables: dict[str, TableSize]

    @property
    def used_bytes(self) -> int:
        """Return what is really held, in the database and in the spool."""
        return self.database_bytes - self.free_bytes + self.spool_bytes


class Alert(msgspec.Struct, frozen=True):
    """One thing about the storage that a person may have to look at."""

    at: datetime
    kind: str  # growth, size
    bytes_before: int  # of the sample compared with, or the limit
    bytes_now: int
    detail: str


class Growth:
    """Takes samples and compares each with the one before."""

    def __init__(
        self, database: Connections, spool_bytes: Callable[[], int], settings: Settings, clock: Clock
    ) -> None:
        self._database, self._spool_bytes = database, spool_bytes
        self._settings, self._clock = settings, clock

    async def sample_if_due(self) -> Sample | None:
        """Take a sample when the last one, of this process or an earlier one, is a day old."""
        newest = await self.samples(limit=1)
        if newest and self._clock.now() - newest[0].at < SAMPLE_EVERY - _SLACK:
            return None
        return await self.sample()

    async def sample(self) -> Sample:
        """Take a sample now, and note what is alarming about it. Raises: StorageError."""
        sizes, earlier = await measure(self._database), await self.samples(limit=10)
        now = Sample(
            self._clock.now(), sizes.database_bytes, sizes.free_bytes, self._spool_bytes(), sizes.tables
        )
        alerts = [alert for alert in (self._growth(earlier, now), self._size(now)) if alert]
        row = {**msgspec.structs.asdict(now), "tables": msgspec.json.encode(now.tables).decode()}
        async with self._database.writing() as db:
            await db.execute(insert(schema.storage_sample).values(**row))
            for alert in alerts:
                await db.execute(insert(schema.storage_alert).values(**msgspec.structs.asdict(alert)))
        metrics.DATABASE_BYTES.set(now.database_bytes)
        log.info(
            "storage_sampled", database_bytes=now.database_bytes, free_bytes=now.free_bytes,
            spool_bytes=now.spool_bytes,
        )  # fmt: skip
        for alert in alerts:
            log.warning("storage_alerted", kind=alert.kind, detail=alert.detail)
        return now

    async def samples(self, limit: int = 100) -> list[Sample]:
        """Return samples, newest first. Raises: StorageError."""
        table = schema.storage_sample
        async with self._database.reading() as db:
            rows = (await db.execute(select(table).order_by(table.c.at.desc()).limit(limit))).all()
        return [
            Sample(
                row.at, row.database_bytes, row.free_bytes, row.spool_bytes,
                msgspec.json.decode(row.tables, type=dict[str, TableSize]),
            )
            for row in rows
        ]  # fmt: skip

    async def alerts(self, limit: int = 100) -> list[Alert]:
        """Return alerts, newest first. Raises: StorageError."""
        table = schema.storage_alert
        async with self._database.reading() as db:
            rows = (
                await db.execute(select(table).order_by(table.c.at.desc(), table.c.kind).limit(limit))
            ).all()
        return [Alert(row.at, row.kind, row.bytes_before, row.bytes_now, row.detail) for row in rows]

    def _growth(self, earlier: list[Sample], now: Sample) -> Alert | None:
        """Compare with the newest sample that is about a day old or older."""
        for before in earlier:
            age = now.at - before.at
            if SAMPLE_EVERY - timedelta(hours=1) <= age <= COMPARED_WITHIN:
                break
        else:
            return None
        grown, base = now.used_bytes - before.used_bytes, max(1, before.used_bytes)
        a_day = grown / base / (age / SAMPLE_EVERY)
        if a_day <= GROWTH_A_DAY or grown < GROWTH_FLOOR:
            return None
        detail = (
            f"the storage grew by {a_day:.0%} a day, from {before.used_bytes / MIB:.0f} to "
            f"{now.used_bytes / MIB:.0f} MiB"
        )
        return Alert(now.at, "growth", before.used_bytes, now.used_bytes, detail)

    def _size(self, now: Sample) -> Alert | None:
        limit = self._settings.number("storage_alert_mib") * MIB
        if now.used_bytes <= limit:
            return None
        detail = (
            f"the storage holds {now.used_bytes / MIB:.0f} MiB, more than the {limit / MIB:.0f} MiB of "
            "storage_alert_mib"
        )
        return Alert(now.at, "size", limit, now.used_bytes, detail)
