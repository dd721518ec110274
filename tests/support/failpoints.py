"""Named moments at which a process dies: the storage's ports, wrapped, so that the product knows nothing of them."""

import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from overround.domain.diff import ListingChanges
from overround.storage.identities import Identities
from overround.storage.postgres_database import PostgresDatabase
from overround.storage.postgres_writer import PostgresWriter
from overround.storage.records import Encoder, ListingPiece, WriteBatch, decode, encode
from overround.storage.sqlite_writer import SqliteWriter
from overround.storage.store import Store

POINTS = (
    "warm_up",
    "before_spool_commit",
    "after_spool_commit",
    "before_watermark",
    "before_commit",
    "after_commit",
)
_WATERMARK = "INSERT INTO write_watermark"


class Failpoint:
    """One of the points, and how often it is passed before the process dies there."""

    def __init__(self, point: str = "", passes: int = 1) -> None:
        self._point, self._left = point, passes

    def reach(self, point: str) -> None:
        """Die here if it is this one's turn."""
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class FrailSpool:
    """A spool with failpoints."""

    def __init__(self, spool: Any, failpoint: Failpoint) -> None:
        self._spool, self._failpoint = spool, failpoint
        self.warming_up = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._spool, name)

    async def accept(self, pieces: Sequence[bytes], run_id: str | None, at: datetime) -> int:
        """Commit a batch."""
        self._failpoint.reach("before_spool_commit")
        change_id = await self._spool.accept(pieces, run_id, at)
        self._failpoint.reach("after_spool_commit")
        return change_id

    async def read(self, after: int, limit: int) -> list[WriteBatch]:
        """Return batches that wait."""
        batches = await self._spool.read(after, limit)
        if self.warming_up:
            self._failpoint.reach("warm_up")
        return batches


class PoisoningEncoder(Encoder):
    """Writes a time that no database can hold into the first market of the changes it is told to spoil."""

    def __init__(self, identities: Identities, spoils: Callable[[ListingChanges], bool]) -> None:
        super().__init__(identities)
        self._spoils = spoils

    def listing_piece(self, changes: ListingChanges, sport: str) -> bytes:
        """Return the stored form, spoilt or not."""
        made = super().listing_piece(changes, sport)
        if not self._spoils(changes):
            return made
        (piece,) = decode(WriteBatch(0, None, changes.at, (made,)))
        assert isinstance(piece, ListingPiece)
        piece.changed_ago[0] = -(2**63)
        return encode(piece)


def frail(store: Store, database_file: Path, failpoint: Failpoint) -> Store:
    """Return the store with failpoints around spool and writer."""
    spool, database = store.spool, store.repository.database
    if isinstance(database, PostgresDatabase):
        writer: Any = PostgresWriter(_FrailSession(database.session, failpoint), spool.spool_id)  # type: ignore[arg-type]
    else:
        writer = _FrailSqliteWriter(database_file, spool.spool_id, failpoint)
    return msgspec.structs.replace(store, spool=FrailSpool(spool, failpoint), writer=writer)


class _FrailSqliteWriter(SqliteWriter):
    def __init__(self, path: Path, spool_id: str, failpoint: Failpoint) -> None:
        super().__init__(path, spool_id)
        self._failpoint = failpoint

    def _connection(self) -> Any:
        return _FrailSqlite(super()._connection(), self._failpoint)


class _FrailSqlite:
    def __init__(self, db: Any, failpoint: Failpoint) -> None:
        self._db, self._failpoint = db, failpoint

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    def execute(self, statement: str, *parameters: Any) -> Any:
        if statement.lstrip().startswith(_WATERMARK):
            self._failpoint.reach("before_watermark")
        if statement != "COMMIT":
            return self._db.execute(statement, *parameters)
        self._failpoint.reach("before_commit")
        done = self._db.execute(statement)
        self._failpoint.reach("after_commit")
        return done


class _FrailSession:
    def __init__(self, session: Any, failpoint: Failpoint) -> None:
        self._session, self._failpoint = session, failpoint

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    async def run(self, change_id: int | None, work: Callable[[Any], Awaitable[Any]]) -> Any:
        return await self._session.run(change_id, lambda db: work(_FrailPostgres(db, self._failpoint)))


class _FrailPostgres:
    def __init__(self, db: Any, failpoint: Failpoint) -> None:
        self._db, self._failpoint = db, failpoint

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    async def execute(self, statement: str, *parameters: Any) -> Any:
        if statement.lstrip().startswith(_WATERMARK):
            self._failpoint.reach("before_watermark")
        return await self._db.execute(statement, *parameters)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[None]:
        transaction = self._db.transaction()
        await transaction.start()
        try:
            yield
        except BaseException:
            await transaction.rollback()
            raise
        self._failpoint.reach("before_commit")
        await transaction.commit()
        self._failpoint.reach("after_commit")
