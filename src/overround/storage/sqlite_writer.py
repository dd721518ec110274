"""Write batches to SQLite: prebuilt rows by `executemany`, in one thread, one transaction per call."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from itertools import repeat
from pathlib import Path
from typing import TypeVar

import msgspec

from overround.domain.diff import Confirmation
from overround.errors import DatabaseRefuses, DatabaseUnavailable, RowRefused, SequenceBroken, StorageError
from overround.storage import rows as sql
from overround.storage.file_identity import FileIdentity
from overround.storage.records import DeadRow, ListingPiece, RunPiece, WriteBatch, decode
from overround.storage.rows import Row, Rows
from overround.storage.times import from_ms, to_ms
from overround.storage.write_handler import Written

T = TypeVar("T")

_CURRENT = """
INSERT INTO odds_current (
    listing_id, market_key_id, outcome_set_id, odds, suspended,
    changed_at, first_seen_at, withdrawn_at, suspect, version
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (listing_id, market_key_id) DO UPDATE SET
    outcome_set_id = excluded.outcome_set_id, odds = excluded.odds, suspended = excluded.suspended,
    changed_at = excluded.changed_at, first_seen_at = excluded.first_seen_at,
    withdrawn_at = excluded.withdrawn_at, suspect = excluded.suspect, version = excluded.version
WHERE excluded.version > odds_current.version
"""
_HISTORY = """
INSERT INTO odds_history (
    listing_id, market_key_id, change_id, at, outcome_set_id, odds, suspended, withdrawn, suspect
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_CONFIRM = """
UPDATE listing SET last_confirmed_at = ?1
WHERE sportradar_id = ?2 AND bookmaker = ?3 AND (last_confirmed_at IS NULL OR last_confirmed_at < ?1)
"""

_BUSY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOMEM,
}
_OPERATORS = {
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_SCHEMA,
}  # fmt: skip
_ROWS = {sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE}


class SqliteRows(Rows):
    """The rows of some batches, current and historical prices each in their table's form."""

    current: list[Row] = msgspec.field(default_factory=list[Row])
    history: list[Row] = msgspec.field(default_factory=list[Row])

    def leave_out_known(self, db: sqlite3.Connection) -> None:
        """Forget headers and listings that the database has: there they may be newer."""
        for rows, query in (
            (self.events, "SELECT 1 FROM event WHERE sportradar_id = ?"),
            (self.listings, "SELECT 1 FROM listing WHERE id = ?"),
            (self.competitions, "SELECT 1 FROM competition WHERE id = ?"),
        ):
            for key in list(rows):
                if db.execute(query, (key,)).fetchone():
                    del rows[key]  # pyright: ignore[reportArgumentType]

    def add_prices(self, piece: ListingPiece, change_id: int) -> None:
        """Add a piece's prices, in the form in which the database takes them."""
        at, listing_id = piece.at, piece.listing_id
        self.current += zip(
            repeat(listing_id), piece.market_keys, piece.outcome_sets, piece.odds, piece.suspended,
            [at - ago for ago in piece.changed_ago], [at - ago for ago in piece.first_seen_ago],
            [None if ago is None else at - ago for ago in piece.withdrawn_ago], piece.suspect,
            repeat(change_id),
        )  # fmt: skip
        self.history += zip(
            repeat(listing_id), piece.market_keys, repeat(change_id), repeat(at), piece.outcome_sets,
            piece.odds, piece.suspended, [ago is not None for ago in piece.withdrawn_ago], piece.suspect,
        )  # fmt: skip


class SqliteWriter:
    """The `WriteHandler` of the default database, for one spool. Its thread is the only one that writes prices."""

    def __init__(self, path: Path, spool_id: str) -> None:
        self._path, self._spool_id = path, spool_id
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._opened: sqlite3.Connection | None = None  # used in the thread only
        self._file = FileIdentity(path)
        self._closed = False

    async def watermark(self) -> int:
        """Return the newest change id in the database; 0 for a spool it has never heard of."""
        return await self._in_thread(None, lambda: self._watermark(self._connection()))

    async def begin(self, seq: int) -> None:
        """Let this spool's batches begin behind `seq`."""
        await self._in_thread(None, lambda: self._connection().execute(sql.WATERMARK, (self._spool_id, seq)))

    async def apply(self, batches: Sequence[WriteBatch], dead: Sequence[DeadRow] = ()) -> tuple[Written, ...]:
        """Write batches exactly once; see `WriteHandler`."""
        first = batches[0].change_id if batches else None
        return await self._in_thread(
            first, lambda: self._transaction(lambda db: self._apply(db, batches, dead))
        )

    async def check(self, batch: WriteBatch) -> None:
        """Write a batch's rows and take them back; see `WriteHandler`."""

        def write(db: sqlite3.Connection) -> None:
            rows = SqliteRows()
            rows.add(batch, decode(batch))
            write_rows(db, rows)

        await self._in_thread(batch.change_id, lambda: self._transaction(write, keep=False))

    async def probe(self) -> None:
        """Write a row and take it back; see `WriteHandler`."""
        await self._in_thread(None, lambda: self._transaction(lambda db: db.execute(sql.PROBE), keep=False))

    async def revive(self, letter_id: int, at: datetime) -> bool:
        """Write a dead letter's row after all; see `WriteHandler`."""
        return await self._in_thread(
            None, lambda: self._transaction(lambda db: _revive(db, letter_id, to_ms(at)))
        )

    async def confirm(self, confirmations: Sequence[Confirmation]) -> int:
        """Move confirmation times forward; see `WriteHandler`."""
        rows = [(to_ms(c.at), c.sportradar_id, c.bookmaker) for c in confirmations if c.markets is None]
        return await self._in_thread(
            None, lambda: self._transaction(lambda db: db.executemany(_CONFIRM, rows).rowcount)
        )

    async def close(self) -> None:
        """Finish the running transaction and close the file, for good."""
        if not self._closed:
            self._closed = True
            await self._in_thread(None, self._disconnect)
            self._thread.shutdown()

    async def _in_thread(self, change_id: int | None, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: self._guarded(change_id, work)
        )

    def _guarded(self, change_id: int | None, work: Callable[[], T]) -> T:
        try:
            return work()
        except StorageError:
            raise
        except Exception as exc:
            self._disconnect()
            raise in_our_words(exc, change_id, self._path.name) from exc

    def _transaction(self, work: Callable[[sqlite3.Connection], T], keep: bool = True) -> T:
        db = self._connection()
        db.execute("BEGIN IMMEDIATE")
        try:
            done = work(db)
        except BaseException:
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise
        db.execute("COMMIT" if keep else "ROLLBACK")
        return done

    def _apply(
        self, db: sqlite3.Connection, batches: Sequence[WriteBatch], dead: Sequence[DeadRow]
    ) -> tuple[Written, ...]:
        applied, rows, written = self._watermark(db), SqliteRows(), list[Written]()
        for batch in batches:
            if batch.change_id <= applied:
                written.append(Written(batch.change_id, skipped=True))
                continue
            if batch.change_id != applied + 1:
                raise SequenceBroken(
                    batch.change_id,
                    f"the database ends at batch {applied}, so batches {applied + 1} to "
                    f"{batch.change_id - 1} are missing",
                )
            written.append(rows.add(batch, decode(batch)))
            applied = batch.change_id
        write_rows(db, rows)
        new = {one.change_id for one in written if not one.skipped}
        db.executemany(sql.DEAD, [sql.dead_values(row) for row in dead if row.change_id in new])
        db.execute(sql.WATERMARK, (self._spool_id, applied))
        return tuple(written)

    def _watermark(self, db: sqlite3.Connection) -> int:
        row = db.execute("SELECT seq FROM write_watermark WHERE spool_id = ?", (self._spool_id,)).fetchone()
        return row[0] if row else 0

    def _connection(self) -> sqlite3.Connection:
        if fault := self._file.fault():
            self._disconnect()
            raise DatabaseRefuses(None, fault)
        if self._opened is None:
            self._opened = connect(self._path)
            self._file.remember()
        return self._opened

    def _disconnect(self) -> None:
        db, self._opened = self._opened, None
        if db is not None:
            with suppress(sqlite3.Error):
                db.close()


def in_our_words(exc: Exception, change_id: int | None, name: str) -> StorageError:
    """Return what an error of SQLite, of the disk or of turning rows into parameters means for the writer."""
    said = f"database {name}: {exc or repr(exc)}"
    if isinstance(exc, (OverflowError, UnicodeError, TypeError, ValueError)):  # a value that is no parameter
        return RowRefused(change_id, said)
    if isinstance(exc, OSError):
        return DatabaseRefuses(change_id, said)
    if not isinstance(exc, sqlite3.Error):
        return StorageError(change_id, said)
    code = getattr(exc, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in _BUSY:
        return DatabaseUnavailable(change_id, said)
    if primary in _OPERATORS or (primary == sqlite3.SQLITE_ERROR and _lacks_schema(str(exc))):
        return DatabaseRefuses(change_id, said)
    if primary in _ROWS or isinstance(
        exc, sqlite3.ProgrammingError | sqlite3.DataError | sqlite3.InterfaceError
    ):
        return RowRefused(change_id, said)
    return StorageError(change_id, said)


def _lacks_schema(message: str) -> bool:
    return message.startswith("no such ") or "has no column named" in message


def _revive(db: sqlite3.Connection, letter_id: int, at_ms: int) -> bool:
    found = db.execute(sql.WAITING, (letter_id,)).fetchone()
    if found is None:
        return False
    change_id, run_id, accepted_at, piece = found
    rows, batch = SqliteRows(), WriteBatch(change_id, run_id, from_ms(accepted_at), (piece,))
    rows.add(batch, decode(batch))
    rows.batches.clear()  # the batch is in
    rows.changed.clear()  # the listing may have changed since
    rows.leave_out_known(db)
    write_rows(db, rows)
    db.execute(sql.REVIVED, (at_ms, letter_id))
    return True


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection for writing that commits to the disk and waits 5 s for another one's lock."""
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", timeout=5, isolation_level=None, uri=True)
    # FULL: the spool forgets a batch after this commit, so the commit has to survive a power cut.
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA cache_size = -32768")  # KiB
    return db


def write_rows(db: sqlite3.Connection, rows: SqliteRows) -> None:
    """Write the rows of all tables inside the caller's transaction."""
    db.executemany(sql.COMPETITION, rows.competitions.values())
    db.executemany(sql.EVENT, rows.events.values())
    db.executemany(sql.MARKET_KEY, rows.market_keys)
    db.executemany(sql.OUTCOME_SET, rows.outcome_sets)
    db.executemany(sql.LISTING, rows.listings.values())
    db.executemany(sql.CHANGED, rows.changed.values())
    db.executemany(_CURRENT, rows.current)
    db.executemany(_HISTORY, rows.history)
    for piece, accepted_at in rows.runs:
        _write_run(db, piece, accepted_at)
    db.executemany(sql.BATCH, rows.batches)


def _write_run(db: sqlite3.Connection, piece: RunPiece, accepted_at: int) -> None:
    """Write a run's state; one that has ended stays as it ended."""
    run_id = piece.report.run_id
    if not db.execute(sql.RUN, sql.run_values(piece, accepted_at)).rowcount:
        return
    for table, statement, children in sql.run_children(piece):
        db.execute(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))
        db.executemany(statement, children)
    if piece.outcomes:
        db.executemany(sql.RUN_EVENT, sql.run_outcomes(piece))
        db.execute(sql.FORGET_RUN_EVENTS, (sql.RUNS_WITH_EVENTS - 1,))
