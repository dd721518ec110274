"""A database as everything but the price writers sees it: connections for reading and for small changes."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import URL, Select, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from overround.errors import StorageError
from overround.storage import schema
from overround.storage.sqlite_writer import SqliteWriter
from overround.storage.times import from_ms, to_ms
from overround.storage.writer import Writer

MARKETS_AT_ONCE = 10_000  # turned into records before the loop gets its turn

Wanted = datetime | Sequence[str]  # events that kick off later than this, or these

# Every wanted price as warm-up needs it.
CURRENT_MARKETS = """
SELECT c.listing_id, c.market_key_id, c.outcome_set_id, c.odds, c.suspended,
       c.changed_at, c.first_seen_at, c.withdrawn_at, c.suspect
FROM odds_current c WHERE c.listing_id IN (
    SELECT l.id FROM listing l JOIN event e ON e.sportradar_id = l.sportradar_id WHERE {wanted}
)
"""


class Database(ABC):
    """Opens connections, and says in our words when that fails."""

    name: str  # what messages call it
    place: str  # and what holds its data
    another: str  # how to choose another one

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """Open a connection for queries."""
        try:
            async with self._engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, *self.driver_errors) as exc:
            raise StorageError(None, f"the database can't be read: {exc}") from exc

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncConnection]:
        """Open a transaction for the few small things that do not come through the spool."""
        try:
            async with self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, *self.driver_errors) as exc:
            raise StorageError(None, f"the database can't be written: {exc}") from exc

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    driver_errors: tuple[type[Exception], ...] = ()  # what passes by SQLAlchemy's own

    @abstractmethod
    def writer(self, spool_id: str) -> Writer:
        """Return what writes one spool's batches."""

    @abstractmethod
    def last_listing(self) -> Select[int]:
        """Return a query for the highest listing number that any price still stored may carry."""

    @abstractmethod
    def current_markets(self, wanted: Wanted) -> AsyncIterator[Sequence[Sequence[Any]]]:
        """
        Yield the rows of `CURRENT_MARKETS`, many at a time; times are as the driver gives them, for `instant`.

        Raises:
            StorageError: The database can't be read.
        """

    @abstractmethod
    def instant(self, raw: Any) -> datetime:
        """Return what a time in `current_markets` means."""


class SqliteDatabase(Database):
    """The default: one file."""

    name, place = "overround.db", "this data directory"
    another = "another directory with --data-dir"

    def __init__(self, path: Path, read_only: bool = False) -> None:
        """
        Prepare to open the file.

        Raises:
            StorageError: There is none; it is not made here, an empty one would be taken for the truth.
        """
        if not path.is_file():
            raise StorageError(None, f"there is no database {path}")
        mode = {"mode": "ro" if read_only else "rw", "uri": "true"}
        url = URL.create("sqlite+aiosqlite", database=path.absolute().as_uri(), query=mode)
        super().__init__(create_async_engine(url, connect_args={"timeout": 10}))
        self.path = path

    def writer(self, spool_id: str) -> Writer:
        """Return what writes one spool's batches; it has a connection and a thread of its own."""
        return SqliteWriter(self.path, spool_id)

    def last_listing(self) -> Select[int]:
        """Ask current and historical prices, whose key begins with it."""
        current, history = schema.odds_current.c.listing_id, schema.odds_history.c.listing_id
        return select(
            func.max(
                select(func.coalesce(func.max(current), 0)).scalar_subquery(),
                select(func.coalesce(func.max(history), 0)).scalar_subquery(),
            )
        )

    async def current_markets(self, wanted: Wanted) -> AsyncIterator[Sequence[Sequence[Any]]]:
        """Yield rows past SQLAlchemy, whose row objects take half of a warm-up."""
        async with self.reading() as db:
            driver: Any = (await db.get_raw_connection()).driver_connection
            if isinstance(wanted, datetime):
                condition, value = "e.kickoff_at > ?", to_ms(wanted)
            else:
                condition = "e.sportradar_id IN (SELECT value FROM json_each(?))"
                value = msgspec.json.encode(wanted).decode()
            cursor = await driver.execute(CURRENT_MARKETS.format(wanted=condition), (value,))
            while rows := await cursor.fetchmany(MARKETS_AT_ONCE):
                yield rows
            await cursor.close()

    def instant(self, raw: int) -> datetime:
        """Return the time of these milliseconds."""
        return from_ms(raw)
