"""
What is deleted when it has become old, table by table; every table of the schema is either here or in `KEPT`.

Deleting goes in slices of listings and in transactions of their own, so that the writer never waits long.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Table, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from overround.clock import Clock
from overround.config import Settings
from overround.errors import CleanupActive, StorageError
from overround.log import get_logger
from overround.storage import schema
from overround.storage.connections import Connections
from overround.storage.sizes import measure

log = get_logger(__name__)

LISTINGS_AT_ONCE = 200
FREE_PAGES_KEPT = 1024  # room for what comes next; what is free beyond goes back to the disk
PAGES_AT_ONCE = 4096

KEPT = {
    "meta": "one row: the world that the database belongs to",
    "setting": "what people chose",
    "alert_rule": "what people chose",
    "alert_channel": "what people chose",
    "market_key": "a number means the same for ever; a few thousand rows",
    "outcome_set": "a number means the same for ever",
    "rollup_series": "a number means the same for ever; a row per competition and main market",
    "rollup_progress": "one row: how far roll-ups came",
    "write_watermark": "how far each spool came; a row per spool",
    "api_key": "who may enter, and who might; a row per key",
}


class Cutoffs(msgspec.Struct, frozen=True):
    """Everything before these times goes."""

    odds: datetime
    matches: datetime  # kickoff, runs, and alerts that ended
    rollups: datetime  # roll-ups, and what the storage notes about itself


class TablePart(msgspec.Struct, frozen=True):
    """What of one table would go, or went."""

    table: str
    rows: int
    bytes: int  # about


class CleanupReport(msgspec.Struct):
    """One cleanup: stored, logged once, shown."""

    started_at: datetime
    trigger: str  # scheduled, manual
    finished_at: datetime | None = None
    rows: int = 0
    bytes: int = 0  # about
    tables: dict[str, int] = {}  # rows deleted, of tables that lost any
    reason: str = ""  # why it ended early


# Where history is divided by day: drops the days that ended before this time, returns about how many rows they held.
DropHistory = Callable[[datetime], Awaitable[int]]


def _old_listings(cutoffs: Cutoffs) -> Any:
    event, listing = schema.event.c, schema.listing.c
    joined = schema.listing.join(schema.event, event.sportradar_id == listing.sportradar_id)
    return select(listing.id).select_from(joined).where(event.kickoff_at < cutoffs.matches)


def _old_runs(cutoffs: Cutoffs) -> Any:
    return select(schema.scrape_run.c.run_id).where(schema.scrape_run.c.started_at < cutoffs.matches)


def _old_alerts(cutoffs: Cutoffs) -> Any:
    return select(schema.alert.c.id).where(schema.alert.c.resolved_at < cutoffs.matches)


def _played_elsewhere(cutoffs: Cutoffs) -> Any:
    return select(schema.event.c.competition_id).where(schema.event.c.kickoff_at >= cutoffs.matches)


def _first_batch_kept(cutoffs: Cutoffs) -> Any:
    """Batches go from the oldest on, so that those left have no gap whatever the clock did."""
    batch = schema.write_batch.c
    newer = select(func.min(batch.change_id)).where(batch.at >= cutoffs.odds).scalar_subquery()
    return func.coalesce(newer, select(func.max(batch.change_id)).scalar_subquery())


# In the order of deleting: what a condition looks at goes after what it is asked for.
RULES: dict[str, Callable[[Cutoffs], ColumnElement[bool]]] = {
    "odds_history": lambda c: (schema.odds_history.c.at < c.odds) | schema.odds_history.c.listing_id.in_(_old_listings(c)),
    "odds_current": lambda c: schema.odds_current.c.listing_id.in_(_old_listings(c)),
    "listing": lambda c: schema.listing.c.id.in_(_old_listings(c)),
    "competition_alias": lambda c: schema.competition_alias.c.competition_id.not_in(_played_elsewhere(c)),
    "competition": lambda c: schema.competition.c.id.not_in(_played_elsewhere(c)),
    "event": lambda c: schema.event.c.kickoff_at < c.matches,
    "write_batch": lambda c: schema.write_batch.c.change_id < _first_batch_kept(c),
    "dead_letter": lambda c: schema.dead_letter.c.settled_at < c.odds,  # those that wait for a person stay
    "scrape_run_bookmaker": lambda c: schema.scrape_run_bookmaker.c.run_id.in_(_old_runs(c)),
    "scrape_run_phase": lambda c: schema.scrape_run_phase.c.run_id.in_(_old_runs(c)),
    "scrape_run_error": lambda c: schema.scrape_run_error.c.run_id.in_(_old_runs(c)),
    "scrape_run_event": lambda c: schema.scrape_run_event.c.run_id.in_(_old_runs(c)),
    "scrape_run": lambda c: schema.scrape_run.c.started_at < c.matches,
    "storage_sample": lambda c: schema.storage_sample.c.at < c.rollups,
    "storage_alert": lambda c: schema.storage_alert.c.at < c.rollups,
    "rollup_margin": lambda c: schema.rollup_margin.c.at < c.rollups,
    "rollup_position": lambda c: schema.rollup_position.c.at < c.rollups,
    "rollup_close": lambda c: schema.rollup_close.c.at < c.rollups,
    "rollup_clv": lambda c: schema.rollup_clv.c.at < c.rollups,
    "exposure": lambda c: schema.exposure.c.closed_at < c.odds,  # open ones are closed by the next start
    "cleanup_run": lambda c: schema.cleanup_run.c.started_at < c.rollups,
    "alert_delivery": lambda c: schema.alert_delivery.c.alert_id.in_(_old_alerts(c)),
    "alert": lambda c: schema.alert.c.resolved_at < c.matches,  # those that are open stay
    "api_session": lambda c: schema.api_session.c.expires_at < c.odds,
    "audit": lambda c: schema.audit.c.at < c.rollups,
}  # fmt: skip
_BY_LISTING = ("odds_history", "odds_current")


class Retention:
    """Previews and deletes what has become old; one cleanup at a time."""

    def __init__(
        self, database: Connections, settings: Settings, clock: Clock, drop_history: DropHistory | None = None
    ) -> None:
        self._database, self._settings, self._clock = database, settings, clock
        self._drop_history = drop_history
        self._is_active = False

    def cutoffs(self) -> Cutoffs:
        """Return what the settings mean now."""
        now, days = self._clock.now(), self._settings.number
        return Cutoffs(
            odds=now - timedelta(days=days("odds_retention_days")),
            matches=now - timedelta(days=days("match_retention_days")),
            rollups=now - timedelta(days=days("rollup_retention_days")),
        )

    async def preview(self) -> list[TablePart]:
        """Return what a cleanup would delete now, tables in the order of deleting. Raises: StorageError."""
        sizes, cutoffs = await measure(self._database), self.cutoffs()
        parts: list[TablePart] = []
        async with self._database.reading() as db:
            for name, condition in RULES.items():
                table = schema.metadata.tables[name]
                counted = select(func.count()).select_from(table).where(condition(cutoffs))
                rows = (await db.execute(counted)).scalar_one()
                parts.append(TablePart(name, rows, sizes.bytes_of(name, rows)))
        return parts

    async def execute(self, trigger: str) -> CleanupReport:
        """
        Delete what is old, give the room back, and note it in `cleanup_run`.

        Raises:
            CleanupActive: One is on.
            StorageError: It ended early; the next one goes on.
        """
        if self._is_active:
            raise CleanupActive
        self._is_active = True
        report = CleanupReport(self._clock.now(), trigger)
        try:
            await self._note(report, is_new=True)
            await self._clean(report)
        except StorageError as exc:
            report.reason = str(exc)
            raise
        finally:
            self._is_active = False
            report.finished_at = self._clock.now()
            log.info("cleanup_finished", **msgspec.structs.asdict(report))
        await self._note(report)
        return report

    async def execute_if_due(self) -> CleanupReport | None:
        """Clean when the last cleanup, of this process or an earlier one, is `cleanup_frequency_hours` ago."""
        last = await self.history(limit=1)
        every = timedelta(hours=self._settings.number("cleanup_frequency_hours"))
        if last and self._clock.now() - last[0].started_at < every - timedelta(minutes=1):
            return None
        return await self.execute("scheduled")

    async def history(self, limit: int = 50) -> list[CleanupReport]:
        """Return cleanups, newest first. Raises: StorageError."""
        row = schema.cleanup_run.c
        statement = select(schema.cleanup_run).order_by(row.started_at.desc()).limit(limit)
        async with self._database.reading() as db:
            found = (await db.execute(statement)).all()
        return [
            CleanupReport(
                row.started_at, row.trigger, row.finished_at, row.rows, row.bytes,
                msgspec.json.decode(row.tables), row.reason,
            )
            for row in found
        ]  # fmt: skip

    async def _clean(self, report: CleanupReport) -> None:
        sizes, cutoffs = await measure(self._database), self.cutoffs()
        if self._drop_history:
            self._count(report, "odds_history", await self._drop_history(cutoffs.odds))
        for name, condition in RULES.items():
            table, wanted = schema.metadata.tables[name], condition(cutoffs)
            async for part in self._slices(table):
                async with self._database.writing() as db:
                    done = await db.execute(delete(table).where(wanted, *part))
                self._count(report, name, done.rowcount)
        report.bytes = sum(sizes.bytes_of(name, rows) for name, rows in report.tables.items())
        await shrink(self._database)

    def _count(self, report: CleanupReport, table: str, rows: int) -> None:
        if rows > 0:
            report.rows += rows
            report.tables[table] = report.tables.get(table, 0) + rows

    async def _slices(self, table: Table) -> AsyncIterator[tuple[ColumnElement[bool], ...]]:
        """Yield conditions that divide a table: by listings where its key begins with them."""
        if table.name not in _BY_LISTING:
            yield ()
            return
        column = table.c.listing_id
        async with self._database.reading() as db:
            first = (await db.execute(select(func.min(column)))).scalar()
            last = (await db.execute(select(func.max(column)))).scalar()
        if first is not None and last is not None:
            for start in range(first, last + 1, LISTINGS_AT_ONCE):
                yield (column >= start, column < start + LISTINGS_AT_ONCE)

    async def _note(self, report: CleanupReport, is_new: bool = False) -> None:
        table = schema.cleanup_run
        values: Mapping[str, Any] = {
            **msgspec.structs.asdict(report),
            "tables": msgspec.json.encode(report.tables).decode(),
        }
        async with self._database.writing() as db:
            if is_new:
                await db.execute(insert(table).values(**values))
            else:
                await db.execute(
                    update(table).where(table.c.started_at == report.started_at).values(**values)
                )


async def shrink(database: Connections) -> None:
    """Give free pages of an SQLite file back to the disk, some at a time; PostgreSQL does it by itself."""
    while True:
        async with database.reading() as db:
            if db.dialect.name != "sqlite":
                return
            before = await _free_pages(db)
            if before <= FREE_PAGES_KEPT:
                return
            driver: Any = (await db.get_raw_connection()).driver_connection
            # A script, because `execute` gives back one page and stops at the row without columns.
            await driver.executescript(
                f"PRAGMA incremental_vacuum({min(PAGES_AT_ONCE, before - FREE_PAGES_KEPT)})"
            )
            if await _free_pages(db) >= before:  # made without auto_vacuum, by a very old version
                return


async def _free_pages(db: AsyncConnection) -> int:
    return (await db.execute(text("PRAGMA freelist_count"))).scalar_one()
