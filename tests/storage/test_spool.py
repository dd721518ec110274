"""The spool: what is accepted, and what is not."""

import errno
import os
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path

import pytest

from overround.config import Settings
from overround.errors import StorageError
from overround.storage.records import WriteBatch
from overround.storage.spool import Spool
from tests.support.clock import START


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncGenerator[Spool]:
    """An empty spool in `tmp_path`."""
    spool = await opened(tmp_path)
    yield spool
    await spool.close()


async def opened(folder: Path) -> Spool:
    """Open the spool of a folder."""
    spool = Spool(folder / "spool.db", Settings())
    await spool.open()
    return spool


def files(folder: Path) -> list[Path]:
    """Return the spool's file, its WAL and its index."""
    return list(folder.glob("spool.db*"))


async def test_what_was_accepted_is_read_back_in_order(spool: Spool):
    """The spool is the queue."""
    for number in range(1, 4):
        assert await spool.accept([b"piece %d" % number, b""], "run-1", START) == number
    assert await spool.read(after=1, limit=10) == [
        WriteBatch(2, "run-1", START, (b"piece 2", b"")),
        WriteBatch(3, "run-1", START, (b"piece 3", b"")),
    ]
    assert [batch.change_id for batch in await spool.read(after=0, limit=2)] == [1, 2]


async def test_it_is_there_for_the_next_process(spool: Spool, tmp_path: Path):
    """Another connection sees a batch as soon as `accept` has returned, and the same spool id."""
    await spool.accept([b"x"], None, START)
    other = await opened(tmp_path)
    assert await other.read(0, 10) == [WriteBatch(1, None, START, (b"x",))]
    assert other.spool_id == spool.spool_id
    assert (other.oldest_stored, other.newest_stored, other.last_seq) == (1, 1, 1)
    await other.close()


async def test_a_commit_is_on_the_disk_before_it_counts(spool: Spool):
    """synchronous=FULL (2) and WAL, whatever the trim before did."""
    await spool.accept([b"x"], None, START)
    await spool.trim(1)
    pragmas = ["synchronous", "journal_mode"]
    values = await spool._in_thread(
        lambda: [spool._connection().execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
    )
    assert values == [2, "wal"]


async def test_a_number_is_never_given_twice(spool: Spool, tmp_path: Path):
    """After a drain SQLite would begin again, and later batches would look written."""
    await spool.accept([b"x"], None, START)
    await spool.trim(1)
    assert await spool.read(0, 10) == []
    await spool.close()
    again = await opened(tmp_path)
    assert await again.accept([b"y"], None, START) == 2
    await again.close()


async def test_a_new_spool_continues_where_it_is_told(spool: Spool):
    """The database has seen batch 41 of an earlier spool."""
    await spool.continue_after(41)
    assert await spool.accept([b"x"], None, START) == 42
    await spool.continue_after(7)  # never back
    assert await spool.accept([b"x"], None, START) == 43


async def test_the_file_is_private(spool: Spool, tmp_path: Path):
    """So are its WAL and its index."""
    await spool.accept([b"x"], None, START)
    assert {path.stat().st_mode & 0o777 for path in files(tmp_path)} == {0o600}


async def test_room_is_given_back_after_a_backlog(spool: Spool, tmp_path: Path):
    """A long outage must not leave a large file for good."""
    for _ in range(60):
        await spool.accept([b"x" * 500_000], None, START)
    held = spool.size_bytes
    assert held > 30_000_000
    for change_id in range(1, 61):
        await spool.trim(change_id)
    await spool.close()
    assert spool.size_bytes < 100_000
    assert (tmp_path / "spool.db").stat().st_size < held / 3


async def test_it_says_when_it_is_full(tmp_path: Path):
    """Scraping slows down at `spool_max_mib`; nothing is refused here."""
    settings = Settings()
    settings.apply({"spool_max_mib": 64})
    spool = Spool(tmp_path / "spool.db", settings)
    await spool.open()
    assert not spool.full
    for _ in range(8):
        await spool.accept([b"x" * (8 << 20)], None, START)
    assert spool.full
    await spool.trim(4)
    assert not spool.full
    await spool.close()


async def test_a_refused_commit_accepts_nothing_and_can_be_tried_again(spool: Spool):
    """A full disk: the batch is not in, its number is not used, and it goes in once there is room."""
    await spool.accept([b"first"], None, START)
    await spool._in_thread(lambda: spool._connection().execute("PRAGMA max_page_count = 1"))
    with pytest.raises(StorageError, match="full"):
        await spool.accept([b"x" * 100_000], None, START)
    assert await spool.accept([b"second"], None, START) == 2  # the connection was opened anew
    assert [batch.pieces for batch in await spool.read(0, 10)] == [(b"first",), (b"second",)]


async def test_on_a_full_disk_the_reserve_is_given_up_for_reading_back(
    spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What waits must be able to leave; until there is room for the reserve again nothing is accepted."""
    await spool.accept([b"first"], None, START)
    assert (tmp_path / "spool.reserve").stat().st_size == 256 * 1024
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left")))
        await spool._in_thread(lambda: spool._connection().execute("PRAGMA max_page_count = 1"))
        with pytest.raises(StorageError, match="full"):
            await spool.accept([b"x" * 100_000], None, START)
        assert not (tmp_path / "spool.reserve").exists()
        with pytest.raises(StorageError, match="No space left"):
            await spool.accept([b"second"], None, START)
        assert [batch.pieces for batch in await spool.read(0, 10)] == [(b"first",)]
        await spool.trim(1)
    assert await spool.accept([b"second"], None, START) == 2
    assert (tmp_path / "spool.reserve").exists()


async def test_a_commit_whose_answer_got_lost_is_not_repeated(spool: Spool, monkeypatch: pytest.MonkeyPatch):
    """The batch is on the disk, the caller heard an error and tries again: one batch, one number."""

    def failing(_: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as broken:
        broken.setattr(spool, "_measure", failing)
        with pytest.raises(StorageError, match="I/O"):
            await spool.accept([b"first"], None, START)
    await spool.trim(1)  # the write queue may have read it meanwhile
    assert await spool.accept([b"first"], None, START) == 1
    assert await spool.accept([b"first"], None, START) == 2  # an equal batch that comes later is another one
    assert [batch.change_id for batch in await spool.read(0, 10)] == [1, 2]


async def test_a_locked_file_is_an_error(tmp_path: Path, spool: Spool):
    """Somebody opened the file with another program and holds a transaction."""
    await spool._in_thread(lambda: spool._connection().execute("PRAGMA busy_timeout = 1"))
    with closing(sqlite3.connect(tmp_path / "spool.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked"):
            await spool.accept([b"x"], None, START)


async def test_a_file_that_vanished_is_not_made_anew(tmp_path: Path, spool: Spool):
    """An empty spool with another identity would be taken for a drained one."""
    for path in files(tmp_path):
        path.unlink()
    await spool._in_thread(spool._disconnect)
    with pytest.raises(StorageError, match="is gone"):
        await spool.accept([b"x"], None, START)


async def test_a_damaged_row_is_named(tmp_path: Path, spool: Spool):
    """The batch's number helps to find it."""
    await spool.accept([b"x" * 100], None, START)
    with closing(sqlite3.connect(tmp_path / "spool.db")) as other, other:
        other.execute("UPDATE batch SET payload = CAST(payload || x'00' AS BLOB)")
    with pytest.raises(StorageError, match="batch 1: the payload is damaged"):
        await spool.read(0, 10)


async def test_a_file_that_is_no_spool_is_an_error(tmp_path: Path):
    """It is left as it is."""
    (tmp_path / "spool.db").write_bytes(b"Not a database at all. " * 100)
    spool = Spool(tmp_path / "spool.db", Settings())
    with pytest.raises(StorageError, match="not a database"):
        await spool.open()
    await spool.close()


async def test_a_spool_that_was_moved_away_accepts_nothing_and_recovers(tmp_path: Path):
    """What a moved file takes would not be found at the next start."""
    path, away = tmp_path / "spool.db", tmp_path / "elsewhere.db"
    spool = Spool(path, Settings())
    await spool.open()
    await spool.accept([b"one"], None, START)
    path.rename(away)
    with pytest.raises(StorageError, match="was moved or deleted"):
        await spool.accept([b"two"], None, START)
    away.rename(path)
    assert await spool.accept([b"two"], None, START) == 2
    assert [batch.pieces for batch in await spool.read(0, 10)] == [(b"one",), (b"two",)]
    await spool.close()
