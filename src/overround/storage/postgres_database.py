"""PostgreSQL as everything but the price writer sees it."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from struct import Struct
from typing import Any

from sqlalchemy import BigInteger, Select, column, event, select, table
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import create_async_engine

from overround.errors import StorageError
from overround.storage.database import CURRENT_MARKETS, MARKETS_AT_ONCE, Database, Wanted
from overround.storage.postgres import DRIVER_ERRORS, Address, Connection, connect, in_our_words
from overround.storage.postgres_session import PostgresSession
from overround.storage.postgres_writer import PostgresWriter
from overround.storage.times import from_ms, to_ms
from overround.storage.writer import Writer

READ_TIMEOUT_S = 30
READERS = 5  # connections for the API; the writer has its own
_US_1970_TO_2000 = 946_684_800_000_000
_TIMESTAMP = Struct(">q")  # microseconds since 2000, on the wire


class PostgresDatabase(Database):
    """One database of a server; `session` is the way to write prices, opened when it is first used."""

    driver_errors = DRIVER_ERRORS
    another = "another database with OVERROUND_DATABASE_URL"

    def __init__(self, address: Address) -> None:
        """Prepare to connect."""

        async def opened() -> Connection:
            return await connect(address, "reader", READ_TIMEOUT_S)

        super().__init__(
            create_async_engine(
                "postgresql+asyncpg://", async_creator=opened, pool_size=READERS, max_overflow=READERS,
                pool_pre_ping=True,
            )
        )  # fmt: skip
        event.listen(self._engine.sync_engine, "handle_error", _give_up_silent)
        self.address, self.name, self.place = address, address.shown, address.shown
        self.session = PostgresSession(address)

    async def close(self) -> None:
        """Close every connection, and with the session's let go of the database."""
        await self.session.close()
        await super().close()

    def writer(self, spool_id: str) -> Writer:
        """Return what writes one spool's batches through the session."""
        return PostgresWriter(self.session, spool_id)

    def last_listing(self) -> Select[int]:
        """Ask the sequence that the writer moves: an open day of the history has no index to ask."""
        return select(column("last_value", BigInteger)).select_from(table("listing_number"))

    async def current_markets(self, wanted: Wanted) -> AsyncIterator[Sequence[Sequence[Any]]]:
        """Yield rows on a connection of its own, on which times stay the eight bytes they come as."""
        async with self.connected("warm-up", READ_TIMEOUT_S) as db:
            await db.set_type_codec(
                "timestamptz", schema="pg_catalog", encoder=_wire, decoder=bytes, format="binary"
            )
            async with db.transaction(readonly=True):
                later = isinstance(wanted, datetime)
                condition = "e.kickoff_at > $1" if later else "e.sportradar_id = ANY($1::text[])"
                cursor = await db.cursor(CURRENT_MARKETS.format(wanted=condition), wanted)
                while rows := await cursor.fetch(MARKETS_AT_ONCE):
                    yield rows

    def instant(self, raw: bytes) -> datetime:
        """Return the time of these bytes."""
        return from_ms((_TIMESTAMP.unpack(raw)[0] + _US_1970_TO_2000) // 1000)

    @asynccontextmanager
    async def connected(self, purpose: str, statement_timeout_s: int) -> AsyncGenerator[Connection]:
        """Open a connection beside the pool. Raises: StorageError."""
        try:
            db = await connect(self.address, purpose, statement_timeout_s)
            try:
                yield db
            finally:
                db.terminate()
        except StorageError:
            raise
        except DRIVER_ERRORS as exc:
            raise in_our_words(exc, None, self.name) from exc


def _give_up_silent(context: ExceptionContext) -> None:
    """Never use a connection again that did not answer in time: a line that died may be silent for ever."""
    if isinstance(context.original_exception, TimeoutError):
        context.is_disconnect = True


def _wire(at: datetime) -> bytes:
    return _TIMESTAMP.pack(to_ms(at) * 1000 - _US_1970_TO_2000)
