"""What only SQLite's writer has: a file that can be moved away, and errors told apart by SQLite's codes."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from overround.errors import DatabaseRefuses, DatabaseUnavailable, RowRefused, StorageError
from overround.storage.sqlite_writer import in_our_words
from overround.storage.write_handler import apply_waiting
from tests.support.changes import changed, market, registered
from tests.support.storage import accept, opened, rows


async def test_a_database_that_was_moved_away_is_noticed_and_recovers(tmp_path: Path):
    """Prices written to a file that nobody will open again would be lost without a word."""
    path, away = tmp_path / "overround.db", tmp_path / "elsewhere.db"
    async with opened(tmp_path) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        await apply_waiting(store.spool, store.writer)
        await accept(store, changed(market(2500, 3290, 3020)))
        path.rename(away)
        with pytest.raises(DatabaseRefuses, match="was moved or deleted"):
            await apply_waiting(store.spool, store.writer)
        shutil.copy(away, path)
        with pytest.raises(DatabaseRefuses, match="replaced by another file"):
            await apply_waiting(store.spool, store.writer)
        away.rename(path)
        assert await apply_waiting(store.spool, store.writer) == 1
    assert rows(tmp_path, "SELECT count(*) FROM odds_history") == [(2,)]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OverflowError("Python int too large to convert to SQLite INTEGER"), RowRefused),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), RowRefused),
        (OSError(28, "No space left on device"), DatabaseRefuses),
        (RuntimeError("nobody expected this"), StorageError),
    ],
)
def test_errors_are_said_in_our_words(error: Exception, kind: type[StorageError]):
    """What passes is repeated, what an operator must change pauses, what a row is to blame for is cut out."""
    assert type(in_our_words(error, 7, "overround.db")) is kind


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("INSERT INTO nowhere VALUES (1)", DatabaseRefuses),
        ("INSERT INTO setting (colour) VALUES (1)", DatabaseRefuses),
        ("INSERT INTO setting VALUES ('k', NULL, 1)", RowRefused),
        ("SELECT * FROM", StorageError),
    ],
)
async def test_errors_of_sqlite_are_told_apart_by_their_code(
    tmp_path: Path, statement: str, kind: type[StorageError]
):
    """Its texts change, its codes do not."""
    async with opened(tmp_path) as store:
        writer = store.writer
        with pytest.raises(StorageError) as caught:
            await writer._in_thread(None, lambda: writer._connection().execute(statement))  # type: ignore[attr-defined]
    assert type(caught.value) is kind


async def test_a_locked_database_is_unavailable_and_a_read_only_one_refuses(tmp_path: Path):
    """The one passes, the other does not."""
    async with opened(tmp_path) as store:
        batch, writer = await accept(store, registered(market(2410, 3290, 3020))), store.writer
        await writer._in_thread(None, lambda: writer._connection().execute("PRAGMA busy_timeout = 1"))  # type: ignore[attr-defined]
        with closing(sqlite3.connect(tmp_path / "overround.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseUnavailable):
                await writer.apply([batch])
        await writer._in_thread(None, lambda: writer._connection().execute("PRAGMA query_only = 1"))  # type: ignore[attr-defined]
        with pytest.raises(DatabaseRefuses):
            await writer.apply([batch])
