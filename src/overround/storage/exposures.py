"""
Where exposures outlive the process: one row each, written again in full whenever it became another.

So a row that is written twice is the same row, and a process that was killed in between just goes on.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite

from overround.storage import schema
from overround.storage.connections import Connections

ROWS_AT_ONCE = 1000


class ExposureRow(msgspec.Struct, frozen=True):
    """A row, in the order of the table's columns."""

    id: str
    sportradar_id: str
    market_id: str
    line: str
    mine: bool
    legs: str  # JSON
    total: float
    profit: float
    opened_at: datetime
    peak: float
    peak_at: datetime
    suppressed: str
    closed_at: datetime | None
    closed_by: str


class ExposureStore:
    """Reads and writes the table `exposure`. Every method raises StorageError."""

    def __init__(self, database: Connections) -> None:
        self._database = database

    async def load(self, closed_since: datetime, limit: int) -> list[ExposureRow]:
        """Return those that are open, and the newest `limit` of those that closed since then, oldest first."""
        table, row = schema.exposure, schema.exposure.c
        closed = (
            select(row.id).where(row.closed_at >= closed_since).order_by(row.closed_at.desc()).limit(limit)
        )
        wanted = select(table).where(or_(row.closed_at.is_(None), row.id.in_(closed)))
        async with self._database.reading() as db:
            found = await db.execute(wanted.order_by(row.closed_at, row.opened_at, row.id))
            return [ExposureRow(*each) for each in found]

    async def put(self, rows: Sequence[ExposureRow]) -> None:
        """Store rows in place of what is stored of them, all or none."""
        async with self._database.writing() as db:
            dialect = postgresql if db.dialect.name == "postgresql" else sqlite
            statement = dialect.insert(schema.exposure)
            changing = [column.name for column in schema.exposure.c if not column.primary_key]
            statement = statement.on_conflict_do_update(
                index_elements=["id"], set_={name: statement.excluded[name] for name in changing}
            )
            for start in range(0, len(rows), ROWS_AT_ONCE):
                part = rows[start : start + ROWS_AT_ONCE]
                await db.execute(statement, [msgspec.structs.asdict(row) for row in part])
