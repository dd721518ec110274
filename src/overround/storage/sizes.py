"""How large the database is, as a whole and table by table."""

from datetime import datetime

import msgspec
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from overround.storage import schema
from overround.storage.connections import Connections
from overround.storage.schema import metadata

# Pages per table with its indexes. Source: https://www.sqlite.org/dbstat.html
_SQLITE_TABLES = """
SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name
WHERE s.aggregate = TRUE GROUP BY m.tbl_name
"""
_POSTGRES_TABLE = """
SELECT coalesce((SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(CAST(:name AS regclass))),
                pg_total_relation_size(CAST(:name AS regclass)))
"""


_TIMES = (
    schema.write_batch.c.at,
    schema.event.c.kickoff_at,
    schema.scrape_run.c.started_at,
    schema.storage_sample.c.at,
    schema.storage_alert.c.at,
    schema.cleanup_run.c.started_at,
    schema.audit.c.at,
)


class TableSize(msgspec.Struct, frozen=True, array_like=True):
    """One table with its indexes."""

    rows: int
    bytes: int


class Sizes(msgspec.Struct, frozen=True):
    """A database at one moment."""

    database_bytes: int
    free_bytes: int  # of these: to be used again
    tables: dict[str, TableSize]

    def bytes_of(self, table: str, rows: int) -> int:
        """Return about how many bytes that many rows of a table take."""
        size = self.tables.get(table, TableSize(0, 0))
        return round(rows * size.bytes / size.rows) if size.rows else 0


async def measure(database: Connections) -> Sizes:
    """
    Return the database's sizes; reads every page of an SQLite file, so it is for once a day and for people.

    Raises:
        StorageError: It can't be read.
    """
    async with database.reading() as db:
        is_sqlite = db.dialect.name == "sqlite"
        total, free = await (_sqlite_file(db) if is_sqlite else _postgres_database(db))
        sizes = await (_sqlite_tables(db) if is_sqlite else _postgres_tables(db))
        tables: dict[str, TableSize] = {}
        for name, table in metadata.tables.items():
            rows = (await db.execute(select(func.count()).select_from(table))).scalar_one()
            tables[name] = TableSize(rows, sizes.get(name, 0))
    return Sizes(total, free, tables)


async def file_bytes(database: Connections) -> tuple[int, int]:
    """Return the database's size and what of it is free, without looking at any table. Raises: StorageError."""
    async with database.reading() as db:
        return await (_sqlite_file(db) if db.dialect.name == "sqlite" else _postgres_database(db))


async def oldest_times(database: Connections) -> dict[str, datetime | None]:
    """
    Return the first time in each table that keeps times, None for an empty one.

    History goes back as far as the first write batch: its own times are indexed nowhere.

    Raises:
        StorageError: They can't be read.
    """
    async with database.reading() as db:
        times = {
            column.table.name: (await db.execute(select(func.min(column)))).scalar_one() for column in _TIMES
        }
    return {"odds_history": times["write_batch"], **times}


async def _sqlite_file(db: AsyncConnection) -> tuple[int, int]:
    names = ("page_size", "page_count", "freelist_count")
    page, count, free = [(await db.execute(text(f"PRAGMA {name}"))).scalar_one() for name in names]
    return page * count, page * free


async def _sqlite_tables(db: AsyncConnection) -> dict[str, int]:
    try:
        rows = (await db.execute(text(_SQLITE_TABLES))).all()
    except DBAPIError as exc:
        if "no such table" not in str(exc):
            raise
        return {}  # an SQLite without dbstat: rows only
    return {row[0]: row[1] for row in rows}


async def _postgres_database(db: AsyncConnection) -> tuple[int, int]:
    size = (await db.execute(text("SELECT pg_database_size(current_database())"))).scalar_one()
    return int(size), 0


async def _postgres_tables(db: AsyncConnection) -> dict[str, int]:
    return {
        name: int((await db.execute(text(_POSTGRES_TABLE), {"name": name})).scalar_one())
        for name in metadata.tables
    }
