"""What only PostgreSQL needs: its lock, lost connections, days of history, upgrades by hand."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from structlog.testing import capture_logs

from overround.errors import (
    ConfigError,
    DatabaseInUse,
    DatabaseRefuses,
    DatabaseTaken,
    DatabaseUnavailable,
    RowRefused,
)
from overround.storage import migrations
from overround.storage.data_dir import DataDir
from overround.storage.migrations import head, set_up, upgrade_postgres
from overround.storage.partitions import DAYS_AHEAD, look_after_partitions
from overround.storage.postgres import Address, Connection, application_name, in_our_words
from overround.storage.postgres_database import PostgresDatabase
from overround.storage.postgres_session import LOCK_KEY, PostgresSession
from overround.storage.postgres_writer import PostgresWriter
from overround.storage.store import Store, open_repository
from overround.storage.write_handler import Written
from tests.support.changes import changed, market, registered
from tests.support.clock import START, FakeClock
from tests.support.postgres import Databases, execute, query
from tests.support.storage import accept, opened

T = TypeVar("T")


@pytest.fixture
def url(postgres: Databases) -> str:
    """Return an empty database."""
    return postgres.make()


@asynccontextmanager
async def opened_database(url: str) -> AsyncGenerator[PostgresDatabase]:
    """Connect without holding or changing anything."""
    database = PostgresDatabase(Address(url))
    try:
        yield database
    finally:
        await database.close()


def cut(url: str, purpose: str) -> int:
    """End the sessions of a purpose, as an administrator or a restart of the server does; return how many."""
    own = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND "
    )
    return len(query(url, own + "application_name LIKE $1", f"overround {purpose} %"))


async def again(work: Callable[[], Awaitable[T]]) -> T:
    """Do what the write queue does: try again, for the loss may be noticed only now."""
    try:
        return await work()
    except DatabaseUnavailable:
        return await work()


# --- one writer (I6) -----------------------------------------------------------------------------------------


async def test_a_second_process_is_refused_and_told_who_holds_the_database(tmp_path: Path, url: str):
    """Two that number listings would give one number to two things."""
    async with opened(tmp_path, url=url):
        with pytest.raises(
            DatabaseInUse, match=r"is in use by overround writer .* \(session \d+, from .*\); stop it"
        ):
            await open_repository(DataDir(tmp_path / "other"), "simulated", {}, FakeClock(), url)
    async with opened(tmp_path, url=url):
        pass  # it was let go


async def test_a_lost_connection_comes_back_with_its_lock(tmp_path: Path, url: str):
    """The server was restarted: the writer goes on, and still nobody else may."""
    async with opened(tmp_path, url=url) as store:
        await store.writer.apply([await accept(store, registered(market(2410, 3290, 3020)))])
        assert cut(url, "writer") == 1
        batch = await accept(store, changed(market(2500, 3290, 2900)))
        with capture_logs() as logs:
            assert await again(lambda: store.writer.apply([batch])) == (Written(2, events=1, inserted=1),)
        assert [line["event"] for line in logs] == ["database_lock_retaken"]
        held = query(url, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 "
                     "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())", LOCK_KEY)  # fmt: skip
        assert held == [(1,)]


async def test_a_writer_whose_database_was_taken_over_stops(tmp_path: Path, url: str):
    """Its connection was lost, and another process came first: writing on would mix two numberings."""
    async with opened(tmp_path, url=url) as store:
        await store.writer.apply([await accept(store, registered(market(2410, 3290, 3020)))])
        cut(url, "writer")
        stranger = await _another_process(url)
        try:
            with pytest.raises(DatabaseTaken, match="taken over by overround writer elsewhere"):
                await again(store.writer.watermark)
        finally:
            stranger.terminate()


async def _another_process(url: str) -> Any:
    import asyncpg

    connection = await asyncpg.connect(
        url, server_settings={"application_name": "overround writer elsewhere"}
    )
    assert await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_KEY)
    return connection


async def test_a_writer_that_was_overtaken_while_it_was_away_stops(tmp_path: Path, url: str):
    """The other process is gone again, but what it wrote is there."""
    async with opened(tmp_path, url=url) as store:
        await store.writer.apply([await accept(store, registered(market(2410, 3290, 3020)))])
        cut(url, "writer")
        execute(url, "INSERT INTO write_watermark VALUES ('another spool', 7)")
        with pytest.raises(DatabaseTaken, match="has written to the database while"):
            await again(store.writer.watermark)


def test_a_session_s_name_fits():
    """PostgreSQL cuts off what is longer than 63 characters, which would be the end of the host's name."""
    assert application_name("writer", "0a1b2c3d").startswith("overround writer 0a1b2c3d pid ")
    assert len(application_name("a purpose of many words that goes on and on and on")) == 63


async def test_a_lost_session_of_our_own_makes_way(url: str):
    """The server has not noticed yet that the connection is gone; it need not wait for its time-out."""
    session = PostgresSession(Address(url))
    try:
        await session.hold()
        forgotten, session._opened = session._opened, None
        await session.hold()
        assert forgotten is not None and session._opened is not forgotten
        assert query(url, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'overround writer%' "
                     "AND datname = current_database()") == [(1,)]  # fmt: skip
    finally:
        await session.close()


# --- exactly once --------------------------------------------------------------------------------------------


class CutAfterCommit(PostgresSession):
    """Loses the connection when a transaction has been committed, before its answer arrives."""

    async def run(self, change_id: int | None, work: Callable[[Connection], Awaitable[T]]) -> T:
        async def and_cut(db: Connection) -> T:
            await work(db)
            db.terminate()
            raise ConnectionResetError("cut after COMMIT")

        return await super().run(change_id, and_cut)


async def handed(store: Store, url: str, work: Callable[[PostgresWriter], Awaitable[T]]) -> T:
    """Do something with a writer that hears of no commit."""
    database = store.repository.database
    assert isinstance(database, PostgresDatabase)
    await database.session.close()
    session = CutAfterCommit(Address(url))
    try:
        return await work(PostgresWriter(session, store.spool.spool_id))
    finally:
        await session.close()


async def test_a_commit_whose_answer_got_lost_is_applied_once(tmp_path: Path, url: str):
    """The writer can't know; the watermark does."""
    async with opened(tmp_path, url=url) as store:
        batch = await accept(store, registered(market(2410, 3290, 3020)))
        with pytest.raises(DatabaseUnavailable, match="cut after COMMIT"):
            await handed(store, url, lambda writer: writer.apply([batch]))
        assert await store.writer.apply([batch]) == (Written(1, skipped=True),)
    assert query(url, "SELECT change_id, count(*) FROM odds_history GROUP BY 1") == [(1, 1)]


async def test_a_batch_cut_in_the_middle_leaves_nothing(tmp_path: Path, url: str):
    """Rows and watermark are one transaction."""
    async with opened(tmp_path, url=url) as store:
        batch = await accept(store, registered(market(2410, 3290, 3020)))
        execute(url, "ALTER TABLE write_batch ADD CONSTRAINT never CHECK (change_id < 0)")
        with pytest.raises(RowRefused, match="never"):
            await store.writer.apply([batch])
        assert query(url, "SELECT count(*) FROM odds_history") == [(0,)]
        assert query(url, "SELECT count(*) FROM listing") == [(0,)]
        execute(url, "ALTER TABLE write_batch DROP CONSTRAINT never")
        assert await store.writer.apply([batch]) == (Written(1, events=1, inserted=1),)


async def test_a_write_that_is_given_up_leaves_nothing_and_can_be_repeated(tmp_path: Path, url: str):
    """The process is told to stop while the database is slow."""
    async with opened(tmp_path, url=url) as store:
        batch = await accept(store, registered(market(2410, 3290, 3020)))
        blocker = await _locking(url, "odds_history")
        writing = asyncio.create_task(store.writer.apply([batch]))
        waiting = (
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        while not query(url, waiting):  # noqa: ASYNC110
            await asyncio.sleep(0)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        await blocker.close()
        assert await store.writer.apply([batch]) == (Written(1, events=1, inserted=1),)


async def _locking(url: str, table: str) -> Any:
    import asyncpg

    connection = await asyncpg.connect(url)
    await connection.execute(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    return connection


async def test_numbers_that_no_row_carries_any_more_are_not_given_again(tmp_path: Path, url: str):
    """I3: history outlives its listing's row, and an open day has no index to ask for the highest number."""
    async with opened(tmp_path, url=url) as store:
        await store.writer.apply([await accept(store, registered(market(2410, 3290, 3020)))])
    for table in ("listing", "odds_current"):
        execute(url, f"DELETE FROM {table}")
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    async with opened(fresh, url=url) as store:
        assert store.identities.listing_id(("70000001", "bet9ja")) == 2


# --- errors in our words -------------------------------------------------------------------------------------


class Said(Exception):
    """An error with a SQLSTATE, as the driver raises it."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "means"),
    [
        *((Said(state), DatabaseUnavailable) for state in ("08006", "40001", "40P01", "55P03", "57014", "57P01", "53300")),
        *((Said(state), DatabaseRefuses) for state in ("42P01", "42501", "25006", "53100", "28P01", "3D000", "XX001")),
        *((Said(state), RowRefused) for state in ("22003", "22021", "23505", "23502", "54000")),
        (ConnectionRefusedError("no"), DatabaseUnavailable),
        (TimeoutError(), DatabaseUnavailable),
        (OverflowError("int too big"), RowRefused),
    ],
    ids=lambda value: getattr(value, "sqlstate", None) or getattr(value, "__name__", None) or type(value).__name__,
)  # fmt: skip
def test_each_kind_of_error_says_who_can_help(error: Exception, means: type[Exception]):
    """Retried, left to an operator, or cut out: never one taken for another."""
    assert type(in_our_words(error, 7, "db")) is means


async def test_text_that_the_database_can_not_hold_is_a_rows_fault(tmp_path: Path, url: str):
    """A NUL in a bookmaker's own id: SQLite stores it, PostgreSQL does not."""
    async with opened(tmp_path, url=url) as store:
        change = registered(market(2410, 3290, 3020))
        assert change.listing is not None
        odd = msgspec.structs.replace(change, listing=msgspec.structs.replace(change.listing, event_id="\0"))
        with pytest.raises(RowRefused):
            await store.writer.check(await accept(store, odd))
        await store.writer.probe()


async def test_a_set_of_many_long_names_is_stored(tmp_path: Path, url: str):
    """Ninety players are more text than an entry of an index may hold."""
    names = tuple(f"Player {number} {'of a long name ' * 10}" for number in range(90))
    async with opened(tmp_path, url=url) as store:
        batch = await accept(store, registered(market(*[2410] * 90, names=names)))
        assert await store.writer.apply([batch]) == (Written(1, events=1, inserted=1),)


async def test_a_server_out_of_reach_is_a_storage_error(tmp_path: Path):
    """At the start: not ready, tried again every five seconds; the password is in no message."""
    nowhere = f"postgresql://trader:secret@/odds?host={tmp_path}"
    with pytest.raises(DatabaseUnavailable) as refused:
        await open_repository(DataDir(tmp_path), "simulated", {}, FakeClock(), nowhere)
    assert "secret" not in str(refused.value)
    assert "secret" not in repr(Address(nowhere))


# --- days of history -----------------------------------------------------------------------------------------


def days(url: str) -> list[str]:
    """Return the days that have a partition."""
    names = query(url, "SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid "
                  "WHERE inhparent = 'odds_history'::regclass ORDER BY 1")  # fmt: skip
    return [name.removeprefix("odds_history_") for (name,) in names if not name.endswith("default")]


async def test_days_are_made_ahead(tmp_path: Path, url: str):
    """Two weeks without a look after it, and every row still finds its day."""
    async with opened(tmp_path, url=url):
        made = days(url)
    assert made[0] == f"{START - timedelta(days=1):%Y%m%d}"
    assert made[-1] == f"{START + timedelta(days=DAYS_AHEAD):%Y%m%d}"
    assert len(made) == DAYS_AHEAD + 2


async def test_a_row_lies_in_the_day_its_answer_was_fetched(tmp_path: Path, url: str):
    """By UTC, whatever zone the server lives in."""
    late = datetime(2026, 11, 24, 23, 59, 59, 999_000, tzinfo=UTC)
    async with opened(tmp_path, url=url) as store:
        for at in (late, late + timedelta(milliseconds=1)):
            await store.writer.apply(
                [await accept(store, registered(market(2410, 3290, 3020, at=at), at=at))]
            )
    found = query(url, "SELECT tableoid::regclass::text FROM odds_history ORDER BY change_id")
    assert found == [("odds_history_20261124",), ("odds_history_20261125",)]


async def test_rows_of_a_day_without_a_partition_are_moved_and_reported(tmp_path: Path, url: str):
    """They wait in the default partition; nothing is lost, and somebody is told."""
    old = START - timedelta(days=9)
    async with opened(tmp_path, url=url) as store:
        await store.writer.apply([await accept(store, registered(market(2410, 3290, 3020, at=old), at=old))])
        assert query(url, "SELECT count(*) FROM odds_history_default") == [(1,)]
        database = store.repository.database
        assert isinstance(database, PostgresDatabase)
        with capture_logs() as logs:
            await look_after_partitions(database, START)
    assert query(url, "SELECT count(*) FROM odds_history_default") == [(0,)]
    assert query(url, "SELECT change_id FROM odds_history_20261115") == [(1,)]
    (warning,) = [line for line in logs if line["event"] == "history_rows_strayed"]
    assert (warning["log_level"], warning["rows"], warning["days"]) == ("warning", 1, ["2026-11-15"])


async def test_a_day_gets_its_index_when_it_is_over(tmp_path: Path, url: str):
    """While it is open the index would cost more than the row."""
    async with opened(tmp_path, url=url) as store:
        database = store.repository.database
        assert isinstance(database, PostgresDatabase)
        index = "SELECT indexdef LIKE '%(listing_id, market_key_id, change_id)' FROM pg_indexes WHERE indexname = $1"
        for at, found in (
            (START, []),
            (START + timedelta(hours=12, minutes=59), []),
            (START + timedelta(hours=13), [(True,)]),
        ):
            await look_after_partitions(database, at)
            assert query(url, index, "odds_history_20261124_key") == found


# --- schema --------------------------------------------------------------------------------------------------


def other_migrations(folder: Path, newer: bool) -> Path:
    """Return our migrations with one more, or without the last."""
    shutil.copytree(Path(migrations.__file__).parent, folder)
    if newer:
        (folder / "versions" / "v_next.py").write_text(
            f'revision, down_revision = "next", "{head()}"\ndef upgrade():\n    pass\n'
        )
    else:
        (newest,) = folder.glob(f"versions/v{head()}_*.py")
        newest.unlink()
    return folder


async def test_the_migrations_make_exactly_the_schemas_tables(url: str):
    """What SQLAlchemy reads through and what is there are the same thing."""
    async with opened_database(url) as database:
        await set_up(database)
        async with database.reading() as db:
            assert await db.run_sync(migrations.differences) == []


async def test_an_older_schema_is_refused_until_somebody_upgrades_it(tmp_path: Path, url: str):
    """How long it takes and when is for an operator to choose."""
    async with opened_database(url) as database:
        await set_up(database, other_migrations(tmp_path / "older", newer=False))
        with pytest.raises(ConfigError, match=r"older than this version's .* run `overround db upgrade`$"):
            await set_up(database)
        await upgrade_postgres(database)
        await set_up(database)
    assert query(url, "SELECT version_num FROM alembic_version") == [(head(),)]


async def test_a_newer_schema_is_refused(tmp_path: Path, url: str):
    """An older program would not know what it destroys; an upgrade changes nothing about it either."""
    async with opened_database(url) as database:
        await set_up(database, other_migrations(tmp_path / "newer", newer=True))
        for attempt in (set_up, upgrade_postgres):
            with pytest.raises(
                ConfigError, match=r"has schema next, made by a newer version .*OVERROUND_DATABASE_URL$"
            ):
                await attempt(database)


async def test_a_migration_that_fails_changes_nothing(tmp_path: Path, url: str):
    """PostgreSQL's DDL is part of the transaction."""
    broken = other_migrations(tmp_path / "broken", newer=True)
    (broken / "versions" / "v_next.py").write_text(
        f'revision, down_revision = "next", "{head()}"\nfrom alembic import op\n'
        'def upgrade():\n    op.execute("DROP TABLE odds_history")\n    op.execute("DROP TABLE nonsense")\n'
    )
    async with opened_database(url) as database:
        await set_up(database)
        with pytest.raises(Exception, match="nonsense"):
            await upgrade_postgres(database, broken)
    assert query(url, "SELECT version_num FROM alembic_version") == [(head(),)]
    assert query(url, "SELECT count(*) FROM odds_history") == [(0,)]
