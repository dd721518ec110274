"""The days of PostgreSQL's price history: a partition each, made ahead, closed afterwards."""

from datetime import UTC, date, datetime, timedelta

import msgspec

from overround.log import get_logger
from overround.storage.postgres import Connection
from overround.storage.postgres_database import PostgresDatabase

log = get_logger(__name__)

DAYS_AHEAD = 14
CLOSED_AFTER = timedelta(hours=1)  # of the next day: what waits in a spool that long still finds its day open
_LATE_DAYS_AT_ONCE = 31  # days made for what had none
_TIMEOUT_S = 1800  # an index over a day of half a billion rows
_PREFIX = "odds_history_"

_DAYS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'odds_history'::regclass AND c.relname ~ '^odds_history_[0-9]{8}$'
"""
_STRAYED = (
    "SELECT (at AT TIME ZONE 'UTC')::date, count(*) FROM odds_history_default GROUP BY 1 ORDER BY 1 LIMIT $1"
)
_INDEX_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)"


class Day(msgspec.Struct, frozen=True):
    """One day of history, by UTC."""

    day: date

    @property
    def table(self) -> str:
        """Return the partition's name."""
        return f"{_PREFIX}{self.day:%Y%m%d}"

    @property
    def bounds(self) -> tuple[str, str]:
        """Return the first instant and the one after the last, as SQL."""
        return f"'{self.day} 00:00:00+00'", f"'{self.day + timedelta(days=1)} 00:00:00+00'"

    def closed(self, now: datetime) -> bool:
        """Return whether nothing new belongs to it any more."""
        end = datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC) + timedelta(days=1)
        return now >= end + CLOSED_AFTER


async def history_days(db: Connection) -> list[Day]:
    """Return the days that have a partition, oldest first."""
    names = [row[0].removeprefix(_PREFIX) for row in await db.fetch(_DAYS)]
    return sorted(
        (Day(datetime.strptime(name, "%Y%m%d").replace(tzinfo=UTC).date()) for name in names),
        key=lambda day: day.day,
    )


async def look_after_partitions(database: PostgresDatabase, now: datetime) -> None:
    """
    Make the days that are missing up to two weeks ahead, take over rows that had no day, index closed days.

    Rows in the default partition mean that this did not run in time: they are counted in a warning.

    Raises:
        StorageError: The database did not answer, or somebody else holds a table; what is done stays done.
    """
    async with database.connected("partitions", _TIMEOUT_S) as db:
        made = await make_days(db, now)
        for day in await history_days(db):
            if day.closed(now):
                await _index(db, day)
    if made:
        log.info("history_days_made", days=len(made), last=made[-1].day.isoformat())


async def drop_days(database: PostgresDatabase, before: datetime) -> int:
    """
    Drop the days that ended before this time, and return about how many rows they held.

    Raises:
        StorageError: The database did not answer, or somebody else holds a table; what is done stays done.
    """
    rows = 0
    async with database.connected("retention", _TIMEOUT_S) as db:
        for day in await history_days(db):
            if datetime(day.day.year, day.day.month, day.day.day, tzinfo=UTC) + timedelta(days=1) > before:
                break
            about = await db.fetchval("SELECT reltuples::bigint FROM pg_class WHERE relname = $1", day.table)
            await db.execute(f"DROP TABLE {day.table}")
            rows += max(0, about)
            log.info("history_day_dropped", day=day.day.isoformat(), rows=about)
    return rows


async def make_days(db: Connection, now: datetime) -> list[Day]:
    """Make the partitions that are missing and return them, in order."""
    there = {day.day for day in await history_days(db)}
    today = now.astimezone(UTC).date()
    strayed = {row[0]: row[1] for row in await db.fetch(_STRAYED, _LATE_DAYS_AT_ONCE)}
    if strayed:
        log.warning(
            "history_rows_strayed", rows=sum(strayed.values()), days=[day.isoformat() for day in strayed]
        )
    wanted = {today + timedelta(days=ahead) for ahead in range(-1, DAYS_AHEAD + 1)} | set(strayed)
    missing = [Day(day) for day in sorted(wanted - there)]
    for day in missing:
        await _make(db, day)
    return missing


async def _make(db: Connection, day: Day) -> None:
    first, after = day.bounds
    async with db.transaction():
        await db.execute("LOCK TABLE odds_history_default IN SHARE ROW EXCLUSIVE MODE")
        await db.execute(f"CREATE TABLE {day.table} (LIKE odds_history INCLUDING DEFAULTS)")
        await db.execute(
            f"WITH moved AS (DELETE FROM odds_history_default WHERE at >= {first} AND at < {after} RETURNING *) "
            f"INSERT INTO {day.table} SELECT * FROM moved"
        )
        await db.execute(
            f"ALTER TABLE odds_history ATTACH PARTITION {day.table} FOR VALUES FROM ({first}) TO ({after})"
        )


async def _index(db: Connection, day: Day) -> None:
    """Give a closed day the index by which one market's history is found."""
    name = f"{day.table}_key"
    valid = await db.fetchval(_INDEX_VALID, name)
    if valid:
        return
    if valid is False:  # an earlier attempt was cut short
        await db.execute(f"DROP INDEX {name}")
    await db.execute(
        f"CREATE INDEX CONCURRENTLY {name} ON {day.table} (listing_id, market_key_id, change_id)"
    )
    log.info("history_day_closed", day=day.day.isoformat())
