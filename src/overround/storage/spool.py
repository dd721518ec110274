"""
The spool: a local file in which a batch is accepted. From its commit on nothing of it can be lost.

It is the write queue's memory too: what the database has not got yet is read back from here, in order.
"""

import asyncio
import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from overround import metrics
from overround.config import Settings
from overround.errors import SpoolDamaged, StorageError
from overround.storage.file_identity import FileIdentity
from overround.storage.records import WriteBatch, pack, unpack
from overround.storage.times import from_ms, to_ms

T = TypeVar("T")

_TABLES = """
CREATE TABLE IF NOT EXISTS spool (id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS batch (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- otherwise SQLite gives a number again once its row is gone
    run_id TEXT,
    at_ms INTEGER NOT NULL,
    payload BLOB NOT NULL
);
"""
_MIB = 1 << 20
_RESERVE_BYTES = 256 * 1024  # what reading back and forgetting a few batches needs of a full disk
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_FREE_PAGES_KEPT = 1024  # room for the next batches; what is free beyond goes back to the disk
_PAGES_RETURNED_AT_ONCE = 4096


class Spool:
    """
    One spool file; open it before use. Every call works in one thread of its own, so the loop never waits.

    `spool_id` is made with the file: the database remembers per spool how far it has come.

    A reserve file beside it is given up when the disk is full, so that what waits can still be read back and
    forgotten; nothing is accepted until there is room for the reserve again.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path, self._settings = path, settings
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._opened: sqlite3.Connection | None = None  # used in the thread only
        self._file = FileIdentity(path)
        self._reserve = Reserve(path.with_suffix(".reserve"), _RESERVE_BYTES)
        self._closed = False
        self.spool_id = ""
        self.first_seq: int | None = None  # oldest batch in the file when it was opened
        self.last_seq = (
            0  # newest batch that was ever accepted here, or the number it was told to continue at
        )
        self.size_bytes = 0  # of what waits, without the file's free pages

    @property
    def full(self) -> bool:
        """Return whether more waits than `spool_max_mib` allows."""
        return self.size_bytes >= self._settings.number("spool_max_mib") * _MIB

    async def open(self) -> None:
        """
        Open the file, or make it.

        Raises:
            StorageError: The file is unusable.
        """
        await self._in_thread(self._open)

    async def close(self) -> None:
        """Finish what was begun and close the file, for good."""
        if not self._closed:
            self._closed = True
            await self._in_thread(self._disconnect)
            self._thread.shutdown()

    async def accept(self, pieces: Sequence[bytes], run_id: str | None, at: datetime) -> int:
        """
        Make a batch durable and return its change id: one more than the last.

        A cancelled call may still have accepted the batch; wait for it to the end.

        Raises:
            StorageError: Nothing was accepted; the same batch may be tried again.
        """
        return await self._in_thread(lambda: self._accept(pieces, run_id, at))

    async def read(self, after: int, limit: int) -> list[WriteBatch]:
        """
        Return the oldest batches whose change id is greater than `after`, in order, up to a damaged one.

        Raises:
            SpoolDamaged: The first of them, or the file, is not what was written.
            StorageError: The file can't be read.
        """
        return await self._in_thread(lambda: self._read(after, limit))

    async def trim(self, up_to: int) -> None:
        """
        Forget the batches up to this change id: they are in the database for good.

        Raises:
            StorageError: The file can't be written; the batches stay, which costs room only.
        """
        await self._in_thread(lambda: self._trim(up_to))

    async def continue_after(self, seq: int) -> None:
        """Give out no change id up to `seq`: another spool has used them."""
        if seq > self.last_seq:
            await self._in_thread(lambda: self._continue_after(seq))

    def disk_free(self) -> int:
        """Return the free bytes of the disk that it lies on. Raises: OSError."""
        return shutil.disk_usage(self._path.parent).free

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: self._guarded(work))

    def _guarded(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except (sqlite3.Error, OSError) as exc:
            self._disconnect()  # whatever state it is in; the next call opens the file anew
            if _is_full(exc):
                self._reserve.give_up()
            kind = SpoolDamaged if getattr(exc, "sqlite_errorcode", 0) & 0xFF in _DAMAGE else StorageError
            raise kind(None, f"spool {self._path.name}: {exc}") from exc

    def _open(self) -> None:
        self._path.touch(mode=0o600)
        db = self._connection()
        db.executescript(_TABLES)
        db.execute("INSERT INTO spool SELECT ? WHERE NOT EXISTS (SELECT 1 FROM spool)", [os.urandom(8).hex()])
        (self.spool_id,) = db.execute("SELECT id FROM spool").fetchone()
        oldest, newest = db.execute("SELECT min(seq), max(seq) FROM batch").fetchone()
        self.oldest_stored, self.newest_stored = oldest or 0, newest or 0
        row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'batch'").fetchone()
        self.last_seq = row[0] if row else 0
        self._measure(db)

    def _accept(self, pieces: Sequence[bytes], run_id: str | None, at: datetime) -> int:
        self._reserve.hold()
        payload = pack(pieces)
        db = self._connection()
        change_id = self._accepted_unheard(db, payload)
        if change_id is None:
            statement = "INSERT INTO batch (run_id, at_ms, payload) VALUES (?, ?, ?)"
            change_id = db.execute(statement, (run_id, to_ms(at), payload)).lastrowid  # commits by itself
            assert change_id is not None
        self._measure(db)
        self.last_seq = change_id
        return change_id

    def _accepted_unheard(self, db: sqlite3.Connection, payload: bytes) -> int | None:
        """Return the change id of an attempt that reported an error and is on the disk all the same."""
        row = db.execute(
            "SELECT seq FROM batch WHERE seq > ? AND payload = ?", (self.last_seq, payload)
        ).fetchone()
        return row[0] if row else None

    def _read(self, after: int, limit: int) -> list[WriteBatch]:
        rows = self._connection().execute(
            "SELECT seq, run_id, at_ms, payload FROM batch WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit)
        )
        batches: list[WriteBatch] = []
        for seq, run_id, at_ms, payload in rows:
            try:
                batches.append(WriteBatch(seq, run_id, from_ms(at_ms), unpack(payload, seq)))
            except StorageError as exc:
                if batches:  # those before it are good
                    break
                raise SpoolDamaged(None, f"spool {self._path.name}: {exc}; see `overround verify`") from exc
        return batches

    def _trim(self, up_to: int) -> None:
        db = self._connection()
        # A trim that a power cut takes back is harmless, the watermark skips those batches: no fsync for it.
        db.execute("PRAGMA synchronous = NORMAL")
        try:
            # What reported an error and is on the disk all the same stays until its next attempt finds it.
            db.execute("DELETE FROM batch WHERE seq <= ?", (min(up_to, self.last_seq),))
            if not self._reserve.held:  # every page counts
                db.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)")
            elif _pragma(db, "freelist_count") > _FREE_PAGES_KEPT:
                # A script, because `execute` gives back one page and stops at the row without columns.
                db.executescript(f"PRAGMA incremental_vacuum({_PAGES_RETURNED_AT_ONCE})")
        finally:
            db.execute("PRAGMA synchronous = FULL")
        self._measure(db)

    def _continue_after(self, seq: int) -> None:
        db = self._connection()
        db.execute("BEGIN IMMEDIATE")
        db.execute("DELETE FROM sqlite_sequence WHERE name = 'batch'")
        db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('batch', ?)", (seq,))
        db.execute("COMMIT")
        self.last_seq = seq

    def _connection(self) -> sqlite3.Connection:
        if fault := self._file.fault():  # what a moved file takes is not found at the next start
            self._disconnect()
            raise StorageError(None, fault)
        if self._opened is None:
            # mode=rw: a file that vanished under us is an error, not an empty spool with another identity.
            address = f"{self._path.absolute().as_uri()}?mode=rw"
            db = sqlite3.connect(address, timeout=5, isolation_level=None, uri=True)
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")  # only a new file takes it
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute(f"PRAGMA journal_size_limit = {16 * _MIB}")
            self._opened = db
            self._file.remember()
        return self._opened

    def _disconnect(self) -> None:
        db, self._opened = self._opened, None
        if db is not None:
            with suppress(sqlite3.Error):
                db.close()

    def _measure(self, db: sqlite3.Connection) -> None:
        used = _pragma(db, "page_count") - _pragma(db, "freelist_count")
        self.size_bytes = used * _pragma(db, "page_size")
        metrics.SPOOL_BYTES.set(self.size_bytes)


class Reserve:
    """A file that only takes up room, until the room is needed."""

    def __init__(self, path: Path, size: int) -> None:
        self._path, self._size = path, size
        self.held = False

    def hold(self) -> None:
        """
        Make the file if it is not there.

        Raises:
            OSError: There is no room for it.
        """
        if self.held:
            return
        try:
            with open(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(bytes(self._size))
                os.fsync(file.fileno())
        except OSError:
            self.give_up()
            raise
        self.held = True

    def give_up(self) -> None:
        """Let others have the room."""
        self.held = False
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def _is_full(error: Exception) -> bool:
    """Return whether an error says that the disk is full."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return db.execute(f"PRAGMA {name}").fetchone()[0]
