"""Opening a data directory's storage: spool and database fitted to each other (I2, I3, I13)."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from overround.domain.markets import MarketKey
from overround.errors import ConfigError
from overround.storage.write_handler import apply_waiting
from tests.support.changes import changed, listing, market, registered, run_report
from tests.support.clock import START
from tests.support.storage import Backend, accept, opened

NEXT = {"sportradar_id": "69000002"}


def copy_files(source: Path, target: Path, pattern: str) -> None:
    """Copy one of the two databases, as a backup that knows nothing of the other does."""
    target.mkdir(exist_ok=True)
    for path in source.glob(pattern):
        shutil.copy(path, target / path.name)


def move_away(folder: Path, pattern: str) -> None:
    """Remove one of the two databases with its WAL and index."""
    for path in folder.glob(pattern):
        path.unlink()


@pytest.mark.parametrize("written", [True, False], ids=["in the database", "in the spool only"])
async def test_numbers_continue_behind_database_and_spool(written: bool, backend: Backend, tmp_path: Path):
    """I3: a restart neither gives a number to something else nor renumbers what has one."""
    async with backend.opened(tmp_path) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        if written:
            await apply_waiting(store.spool, store.writer)
    async with backend.opened(tmp_path) as store:
        assert store.identities.listing_id(("69000001", "betpawa")) == 1
        assert store.identities.market_key_id(("football", MarketKey("3743"))) == 1
        assert store.identities.outcome_set_id(("1", "X", "2")) == 1
        await accept(store, registered(market(1890, 1910, market_id="5000", line="2.5"), **NEXT))
        await apply_waiting(store.spool, store.writer)
    assert backend.rows(tmp_path, "SELECT id, sportradar_id FROM listing") == [
        (1, "69000001"),
        (2, "69000002"),
    ]
    assert backend.rows(tmp_path, "SELECT id, market_id FROM market_key ORDER BY id") == [
        (1, "3743"),
        (2, "5000"),
    ]


async def test_what_waits_is_replayed_once(backend: Backend, tmp_path: Path):
    """I2: accepted and not written, then a restart: the cache gets it from the spool, the database from the queue."""
    async with backend.opened(tmp_path) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        await apply_waiting(store.spool, store.writer)
        await accept(store, changed(market(2500, 3290, 2900)))
    async with backend.opened(tmp_path) as store:
        waiting = [changes async for changes in store.waiting()]
        assert [changes.change_id for changes in waiting] == [2]
        assert waiting[0].listings[0].markets[0].after == market(2500, 3290, 2900)
        await apply_waiting(store.spool, store.writer)
    async with backend.opened(tmp_path) as store:
        assert [changes async for changes in store.waiting()] == []
    assert backend.rows(tmp_path, "SELECT change_id FROM odds_history ORDER BY change_id") == [(1,), (2,)]


async def test_batches_that_were_written_but_not_trimmed_are_not_replayed(backend: Backend, tmp_path: Path):
    """The process ended between the database's commit and the spool's."""
    async with backend.opened(tmp_path) as store:
        batch = await accept(store, registered(market(2410, 3290, 3020)))
        await store.writer.apply([batch])
    async with backend.opened(tmp_path) as store:
        assert [changes async for changes in store.waiting()] == []
        assert await apply_waiting(store.spool, store.writer) == 0
    assert backend.rows(tmp_path, "SELECT count(*) FROM odds_history") == [(1,)]


async def test_a_new_spool_continues_the_databases_sequence(backend: Backend, tmp_path: Path):
    """The drained spool was removed: change ids go on, and nothing looks written that is not."""
    async with backend.opened(tmp_path) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        await apply_waiting(store.spool, store.writer)
        old = store.spool.spool_id
    move_away(tmp_path, "spool.db*")
    async with backend.opened(tmp_path) as store:
        new = store.spool.spool_id
        assert backend.rows(tmp_path, "SELECT seq FROM write_watermark WHERE spool_id = ?", [new]) == [(1,)]
        await accept(store, changed(market(2500, 3290, 2900)))
        assert await apply_waiting(store.spool, store.writer) == 1
    assert dict(backend.rows(tmp_path, "SELECT spool_id, seq FROM write_watermark")) == {old: 1, new: 2}
    assert backend.rows(tmp_path, "SELECT change_id FROM odds_history ORDER BY change_id") == [(1,), (2,)]


async def test_a_new_spool_whose_noting_was_cut_short_is_taken_up(backend: Backend, tmp_path: Path):
    """The process ended after the spool had its number and before the database knew the spool."""
    async with backend.opened(tmp_path) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        await apply_waiting(store.spool, store.writer)
    move_away(tmp_path, "spool.db*")
    async with backend.opened(tmp_path) as store:
        own = store.spool.spool_id
        backend.execute(tmp_path, f"DELETE FROM write_watermark WHERE seq = 1 AND spool_id = '{own}'")
    async with backend.opened(tmp_path) as store:
        await accept(store, changed(market(2500, 3290, 2900)))
        assert await apply_waiting(store.spool, store.writer) == 1


async def test_a_spool_with_batches_of_another_database_is_refused(backend: Backend, tmp_path: Path):
    """Its numbers mean something else there; the sentence names the ways out."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        async with backend.opened(tmp_path / name) as store:
            await accept(store, registered(market(2410, 3290, 3020)))
            await apply_waiting(store.spool, store.writer)
            await accept(store, changed(market(2500, 3290, 2900)))
    move_away(tmp_path / "b", "spool.db*")
    copy_files(tmp_path / "a", tmp_path / "b", "spool.db*")
    with pytest.raises(
        ConfigError,
        match=r"do not belong together; put back the (overround\.db|database) .* or move spool\.db",
    ):
        async with backend.opened(tmp_path / "b"):
            pass


async def test_a_database_older_than_the_spool_is_refused(tmp_path: Path):
    """A copy from before batch 2 was put back: going on would hide that batch 2 is gone."""
    data = tmp_path / "data"
    data.mkdir()
    async with opened(data) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        await apply_waiting(store.spool, store.writer)
    copy_files(data, tmp_path / "backup", "overround.db*")
    async with opened(data) as store:
        await accept(store, changed(market(2500, 3290, 2900)))
        await apply_waiting(store.spool, store.writer)
    move_away(data, "overround.db*")
    copy_files(tmp_path / "backup", data, "overround.db*")
    with pytest.raises(ConfigError, match=r"goes up to batch 2 while overround\.db ends at batch 1"):
        async with opened(data):
            pass


async def test_a_spool_copy_older_than_the_database_gives_no_number_twice(backend: Backend, tmp_path: Path):
    """A batch with a number that the database has would be skipped as written, that is: lost."""
    data = tmp_path / "data"
    data.mkdir()
    async with backend.opened(data) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        await apply_waiting(store.spool, store.writer)
    copy_files(data, tmp_path / "backup", "spool.db*")
    async with backend.opened(data) as store:
        await accept(store, changed(market(2500, 3290, 2900)))
        await apply_waiting(store.spool, store.writer)
    move_away(data, "spool.db*")
    copy_files(tmp_path / "backup", data, "spool.db*")
    async with backend.opened(data) as store:
        batch = await accept(store, changed(market(2600, 3290, 2900)))
        assert batch.change_id == 3
        assert await apply_waiting(store.spool, store.writer) == 1


# --- runs ----------------------------------------------------------------------------------------------------


async def test_a_run_that_the_process_did_not_survive_is_failed(backend: Backend, tmp_path: Path):
    """On the screen it must not run for ever; its start may be in the database or still in the spool."""
    async with backend.opened(tmp_path) as store:
        for run_id, status in (("done", "completed"), ("written", "running"), ("waiting", "running")):
            report = run_report(run_id, status)
            await store.spool.accept([store.encoder.run_piece(report)], run_id, START)
            if run_id != "waiting":
                await apply_waiting(store.spool, store.writer)
    async with backend.opened(tmp_path) as store:
        orphans = await store.fail_orphans(START + timedelta(hours=1))
        assert sorted(run.run_id for run in orphans) == ["waiting", "written"]
        await apply_waiting(store.spool, store.writer)
        for run_id in ("written", "waiting"):
            run = await store.repository.run(run_id)
            assert run is not None
            assert (run.status, run.finished_at) == ("failed", START + timedelta(hours=1))
            assert run.reason == "the process ended during the run"
            assert (run.heartbeat_at, run.phases) == (run_report().heartbeat_at, run_report().phases)
        assert await store.repository.run("done") == run_report("done")


async def test_a_run_whose_end_waits_in_the_spool_is_no_orphan(backend: Backend, tmp_path: Path):
    """It completed; only the database has not heard of it."""
    async with backend.opened(tmp_path) as store:
        for status in ("running", "completed"):
            report = run_report(status=status)
            await store.spool.accept([store.encoder.run_piece(report)], report.run_id, START)
            if status == "running":
                await apply_waiting(store.spool, store.writer)
    async with backend.opened(tmp_path) as store:
        assert await store.fail_orphans(START) == []
        await apply_waiting(store.spool, store.writer)
        assert await store.repository.run("run-1") == run_report()


async def test_a_header_may_come_before_any_listing(backend: Backend, tmp_path: Path):
    """It is stored without giving the listing a number, which its first listing then gets."""
    first = registered(market(2410, 3290, 3020))
    header_only = changed()
    header_only = type(header_only)("69000001", "betpawa", START, header=first.header)
    async with backend.opened(tmp_path) as store:
        await accept(store, header_only)
        assert store.identities.listings.find(("69000001", "betpawa")) is None
        await accept(store, first)
        await apply_waiting(store.spool, store.writer)
        loaded = await store.repository.load_current(START)
    assert [current.listing for current in loaded] == [listing()]
