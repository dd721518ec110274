"""Deleting what has become old."""

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import insert

from overround.config import Settings
from overround.errors import CleanupActive
from overround.storage import schema
from overround.storage.partitions import drop_days, look_after_partitions
from overround.storage.postgres_database import PostgresDatabase
from overround.storage.retention import KEPT, RULES, Retention
from overround.storage.store import Store
from overround.storage.times import to_ms
from overround.storage.write_handler import apply_waiting
from tests.support.changes import changed, market, registered, run_report
from tests.support.clock import START, FakeClock
from tests.support.storage import Backend, accept, opened, rows

DAY = timedelta(days=1)


def test_every_table_is_deleted_from_or_kept_for_a_reason():
    """A table that nobody thought of grows until the disk is full."""
    assert set(RULES) | set(KEPT) == set(schema.metadata.tables)
    assert not set(RULES) & set(KEPT)
    assert all(KEPT.values())


def retention(store: Store, clock: FakeClock, **settings: int) -> Retention:
    """Return the retention of a store that lives at this clock's time."""
    live = Settings()
    live.apply(dict(settings))
    return Retention(store.repository.database, live, clock)


async def played(store: Store, sportradar_id: str, kickoff_at: datetime, *at: datetime) -> None:
    """Store an event whose one market changed at these times."""
    for number, when in enumerate(at):
        book = market(2000 + number, 3000, 3100, at=when, first_seen_at=at[0])
        if number == 0:
            await accept(store, registered(book, sportradar_id=sportradar_id, at=when, kickoff_at=kickoff_at))
        else:
            await accept(store, changed(book, sportradar_id=sportradar_id, at=when))
    await apply_waiting(store.spool, store.writer)


async def test_old_history_goes_and_the_rest_stays(backend: Backend, tmp_path: Path):
    """By the time of the change; the current price is not history."""
    async with backend.opened(tmp_path) as store:
        await played(store, "1", START + DAY, START - 20 * DAY, START - DAY, START)
        report = await retention(store, FakeClock()).execute("manual")
    assert backend.rows(tmp_path, "SELECT at FROM odds_history ORDER BY change_id") == [
        (to_ms(START - DAY),), (to_ms(START),),
    ]  # fmt: skip
    assert backend.rows(tmp_path, "SELECT count(*) FROM odds_current") == [(1,)]
    assert (report.tables, report.rows) == ({"odds_history": 1}, 1)


async def test_an_event_long_past_goes_with_everything_of_it(backend: Backend, tmp_path: Path):
    """Listings, current prices, history and the competition that nobody plays in any more."""
    async with backend.opened(tmp_path) as store:
        await played(store, "1", START - 15 * DAY, START - 16 * DAY)
        await played(store, "2", START - 13 * DAY, START - 13 * DAY)
        await retention(store, FakeClock(), odds_retention_days=365).execute("manual")
    for table in ("event", "listing", "odds_current", "odds_history", "competition"):
        assert backend.rows(tmp_path, f"SELECT count(*) FROM {table}") == [(1,)], table
    assert backend.rows(tmp_path, "SELECT sportradar_id FROM event") == [("2",)]


async def test_old_runs_go_with_their_rows(backend: Backend, tmp_path: Path):
    """Per bookmaker, phase, error and event."""
    async with backend.opened(tmp_path) as store:
        for number, days in enumerate((15, 1)):
            report = run_report(f"run-{number}")
            report.started_at = START - days * DAY
            await store.spool.accept([store.encoder.run_piece(report)], report.run_id, START)
        await apply_waiting(store.spool, store.writer)
        await retention(store, FakeClock()).execute("manual")
    for table in ("scrape_run", "scrape_run_bookmaker", "scrape_run_phase", "scrape_run_error"):
        assert backend.rows(tmp_path, f"SELECT DISTINCT run_id FROM {table}") == [("run-1",)], table


async def test_letters_that_wait_for_a_person_stay(backend: Backend, tmp_path: Path):
    """However old; only those that were settled go."""
    async with backend.opened(tmp_path) as store:
        for state, settled_at in (("waiting", None), ("discarded", START - 20 * DAY), ("replayed", START)):
            async with store.repository.database.writing() as db:
                values = dict.fromkeys(("kind", "sportradar_id", "bookmaker", "market", "reason"), "")
                await db.execute(
                    insert(schema.dead_letter).values(
                        change_id=1, accepted_at=START - 20 * DAY, buried_at=START - 20 * DAY, piece=b"",
                        state=state, settled_at=settled_at, **values,
                    )
                )  # fmt: skip
        await retention(store, FakeClock()).execute("manual")
    assert backend.rows(tmp_path, "SELECT state FROM dead_letter ORDER BY id") == [
        ("waiting",),
        ("replayed",),
    ]


async def test_the_preview_says_what_a_cleanup_will_delete(backend: Backend, tmp_path: Path):
    """Rows exactly, bytes about; and it deletes nothing."""
    async with backend.opened(tmp_path) as store:
        for number in range(30):
            await played(store, str(number), START - 20 * DAY, START - 21 * DAY, START - 20 * DAY)
        await played(store, "99", START, START)
        cleaner = retention(store, FakeClock())
        before = backend.rows(tmp_path, "SELECT count(*) FROM odds_history")
        preview = {part.table: part for part in await cleaner.preview()}
        assert backend.rows(tmp_path, "SELECT count(*) FROM odds_history") == before
        report = await cleaner.execute("manual")
    assert {name: part.rows for name, part in preview.items() if part.rows} == report.tables
    assert report.tables["odds_history"] == 60
    assert report.bytes == sum(part.bytes for part in preview.values()) > 0


async def test_cleanups_are_kept_count_of(backend: Backend, tmp_path: Path):
    """When, why, how much."""
    clock = FakeClock()
    async with backend.opened(tmp_path) as store:
        await played(store, "1", START - 20 * DAY, START - 21 * DAY)
        cleaner = retention(store, clock)
        await cleaner.execute("manual")
        await clock.advance(60)
        await cleaner.execute("scheduled")
        newest, oldest = await cleaner.history()
    assert (newest.trigger, newest.rows, newest.tables) == ("scheduled", 0, {})
    assert (oldest.trigger, oldest.tables["odds_history"], oldest.finished_at) == ("manual", 1, START)


async def test_only_one_cleanup_at_a_time(backend: Backend, tmp_path: Path):
    """A second one would count what the first deletes."""
    async with backend.opened(tmp_path) as store:
        cleaner = retention(store, FakeClock())
        cleaner._is_active = True
        with pytest.raises(CleanupActive):
            await cleaner.execute("manual")


async def test_a_cleanup_is_due_from_the_last_one_also_of_an_earlier_process(
    backend: Backend, tmp_path: Path
):
    """A server that is restarted every day cleans all the same, and not at every start."""
    clock = FakeClock()
    async with backend.opened(tmp_path) as store:
        assert await retention(store, clock).execute_if_due()
        await clock.advance(23 * 3600)
        assert not await retention(store, clock).execute_if_due()
        assert await retention(store, clock, cleanup_frequency_hours=23).execute_if_due()


async def test_the_file_gives_room_back(tmp_path: Path):
    """Deleted rows that stay in the file are no help on a full disk."""
    async with opened(tmp_path) as store:
        async with store.repository.database.writing() as db:
            values = dict.fromkeys(("kind", "sportradar_id", "bookmaker", "market", "reason"), "")
            for _ in range(40):
                await db.execute(
                    insert(schema.dead_letter).values(
                        change_id=1, accepted_at=START, buried_at=START, piece=bytes(1 << 18), state="discarded",
                        settled_at=START - 20 * DAY, **values,
                    )
                )  # fmt: skip
        before = rows(tmp_path, "PRAGMA page_count")[0][0]
        await retention(store, FakeClock()).execute("manual")
        after = rows(tmp_path, "PRAGMA page_count")[0][0]
    assert before > 2560
    assert after < 1400  # 1,024 free pages are kept for what comes next


async def test_days_that_are_over_are_dropped_whole(backend: Backend, tmp_path: Path):
    """PostgreSQL: no row is looked at; days in use, and rows of days without a partition, stay what they are."""
    async with backend.opened(tmp_path) as store:
        database = store.repository.database
        if not isinstance(database, PostgresDatabase):
            pytest.skip("only PostgreSQL divides its history by day")
        await played(store, "1", START + DAY, START - 3 * DAY, START - 2 * DAY, START)
        await look_after_partitions(database, START)
        live = Settings()
        live.apply({"odds_retention_days": 1})
        report = await Retention(database, live, FakeClock(), partial(drop_days, database)).execute("manual")
    assert backend.rows(tmp_path, "SELECT at FROM odds_history") == [(to_ms(START),)]
    days = "SELECT count(*) FROM pg_class WHERE relname IN ('odds_history_20261121', 'odds_history_20261122')"
    assert backend.rows(tmp_path, days) == [(0,)]
    assert report.reason == ""
