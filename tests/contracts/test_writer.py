"""What every database's writer has to fulfil."""

from datetime import timedelta
from pathlib import Path

import pytest

from overround.domain.diff import Confirmation
from overround.domain.runs import EventOutcome
from overround.errors import SequenceBroken, StorageError
from overround.storage.packing import pack_odds
from overround.storage.records import WriteBatch
from overround.storage.rows import RUNS_WITH_EVENTS
from overround.storage.write_handler import Written, apply_waiting
from tests.support.changes import changed, market, registered, run_report
from tests.support.clock import START
from tests.support.storage import Backend, accept

LATER = START + timedelta(minutes=5)


async def test_a_batch_becomes_rows_of_every_table(backend: Backend, tmp_path: Path):
    """Header, listing, dimensions, current price, history, batch and watermark in one transaction."""
    async with backend.opened(tmp_path) as store:
        batch = await accept(store, registered(market(2410, 3290, 3020)), run_id="run-1")
        assert await store.writer.apply([batch]) == (Written(1, events=1, inserted=1),)
        spool_id = store.spool.spool_id
    assert backend.rows(tmp_path, "SELECT id, country, name FROM competition") == [
        ("football-nigeria-npfl", "Nigeria", "NPFL")
    ]
    assert backend.rows(tmp_path, "SELECT sportradar_id, home, source FROM event") == [
        ("69000001", "Kano", "betpawa")
    ]
    assert backend.rows(tmp_path, "SELECT id, bookmaker, state FROM listing") == [(1, "betpawa", "open")]
    assert backend.rows(tmp_path, "SELECT * FROM market_key") == [(1, "football", "3743", "")]
    assert backend.rows(tmp_path, "SELECT * FROM outcome_set") == [(1, '["1","X","2"]')]
    assert backend.rows(tmp_path, "SELECT odds, version FROM odds_current") == [
        (pack_odds((2410, 3290, 3020)), 1)
    ]
    assert backend.rows(tmp_path, "SELECT change_id, odds FROM odds_history") == [
        (1, pack_odds((2410, 3290, 3020)))
    ]
    assert backend.rows(tmp_path, "SELECT change_id, run_id FROM write_batch") == [(1, "run-1")]
    assert backend.rows(tmp_path, "SELECT * FROM write_watermark") == [(spool_id, 1)]


async def test_a_batch_that_is_in_already_is_skipped(backend: Backend, tmp_path: Path):
    """A commit whose answer got lost is repeated; the rows must not be."""
    async with backend.opened(tmp_path) as store:
        batch = await accept(store, registered(market(2410, 3290, 3020)))
        await store.writer.apply([batch])
        assert await store.writer.apply([batch]) == (Written(1, skipped=True),)
    assert backend.rows(tmp_path, "SELECT count(*) FROM odds_history") == [(1,)]


async def test_a_gap_in_the_sequence_stops_the_writer_and_writes_nothing(backend: Backend, tmp_path: Path):
    """Going on would hide that batch 2 was lost."""
    async with backend.opened(tmp_path) as store:
        first = await accept(store, registered(market(2410, 3290, 3020)))
        third = WriteBatch(3, None, START, first.pieces)
        with pytest.raises(
            SequenceBroken, match="batch 3: the database ends at batch 1, so batches 2 to 2 are"
        ):
            await store.writer.apply([first, third])
        assert await store.writer.watermark() == 0
    assert backend.rows(tmp_path, "SELECT count(*) FROM odds_history") == [(0,)]


async def test_current_holds_the_newest_and_history_everything(backend: Backend, tmp_path: Path):
    """Withdrawals and returns are rows of the history like any change; a withdrawn market keeps its price."""
    async with backend.opened(tmp_path) as store:
        first = market(2410, 3290, 3020)
        gone = market(2410, 3290, 3020, at=LATER, first_seen_at=START, withdrawn=True)
        back = market(2500, 3290, 2900, at=LATER + timedelta(minutes=5), first_seen_at=START)
        await accept(store, registered(first))
        await accept(store, changed(gone, at=LATER))
        assert await apply_waiting(store.spool, store.writer) == 2
        assert backend.rows(tmp_path, "SELECT odds, withdrawn_at IS NOT NULL, version FROM odds_current") == [
            (pack_odds((2410, 3290, 3020)), 1, 2)
        ]
        await accept(store, changed(back, at=LATER + timedelta(minutes=5)))
        assert await apply_waiting(store.spool, store.writer) == 1
    assert backend.rows(tmp_path, "SELECT odds, withdrawn_at, version FROM odds_current") == [
        (pack_odds((2500, 3290, 2900)), None, 3)
    ]
    assert backend.rows(tmp_path, "SELECT change_id, withdrawn FROM odds_history ORDER BY change_id") == [
        (1, 0), (2, 1), (3, 0),
    ]  # fmt: skip


async def test_an_older_version_never_replaces_a_newer_one(backend: Backend, tmp_path: Path):
    """Whatever brought it: version is the change id, and only growth writes."""
    async with backend.opened(tmp_path) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        await apply_waiting(store.spool, store.writer)
        backend.execute(tmp_path, "UPDATE odds_current SET version = 99")
        await accept(store, changed(market(5000, 3290, 3020)))
        await apply_waiting(store.spool, store.writer)
    assert backend.rows(tmp_path, "SELECT odds FROM odds_current") == [(pack_odds((2410, 3290, 3020)),)]


async def test_other_names_leave_the_old_history_readable(backend: Backend, tmp_path: Path):
    """The market got an outcome more: another set; the old row still means the old names."""
    async with backend.opened(tmp_path) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        await accept(store, changed(market(2410, 3290, 3020, 9000, names=("1", "X", "2", "None"))))
        await apply_waiting(store.spool, store.writer)
    query = "SELECT names FROM odds_history JOIN outcome_set ON id = outcome_set_id ORDER BY change_id"
    assert backend.rows(tmp_path, query) == [('["1","X","2"]',), ('["1","X","2","None"]',)]


async def test_a_damaged_piece_writes_nothing(backend: Backend, tmp_path: Path):
    """Neither the good piece beside it, nor the watermark."""
    async with backend.opened(tmp_path) as store:
        good = await accept(store, registered(market(2410, 3290, 3020)))
        with pytest.raises(StorageError, match="batch 1: a piece can't be read"):
            await store.writer.apply([WriteBatch(1, None, START, (*good.pieces, b"\xc1"))])
        assert await store.writer.watermark() == 0


# --- confirmations -------------------------------------------------------------------------------------------


async def test_confirmations_move_a_listing_forward_only(backend: Backend, tmp_path: Path):
    """I8: one update per listing that moved, none for a time that is not newer, none for a scoped answer."""
    async with backend.opened(tmp_path) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        await accept(store, registered(market(2400, 3290, 3020), bookmaker="bet9ja"))
        await apply_waiting(store.spool, store.writer)
        both = [Confirmation("69000001", code, LATER) for code in ("betpawa", "bet9ja")]
        assert await store.writer.confirm(both) == 2
        assert await store.writer.confirm([*both, Confirmation("69000001", "betpawa", START)]) == 0
        scoped = Confirmation("69000001", "betpawa", LATER + timedelta(minutes=1), markets=("3743",))
        assert await store.writer.confirm([scoped]) == 0
        assert await store.writer.confirm([Confirmation("70000000", "betpawa", LATER)]) == 0
    assert backend.rows(tmp_path, "SELECT count(*) FROM odds_history") == [(2,)]


async def test_a_listing_that_is_written_again_keeps_its_times(backend: Backend, tmp_path: Path):
    """A new state or url says nothing about when prices were confirmed or changed."""
    async with backend.opened(tmp_path) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        await apply_waiting(store.spool, store.writer)
        await store.writer.confirm([Confirmation("69000001", "betpawa", LATER)])
        before = backend.rows(tmp_path, "SELECT last_confirmed_at, last_changed_at FROM listing")
        await accept(store, registered(at=LATER + timedelta(hours=1)))
        await apply_waiting(store.spool, store.writer)
    assert None not in before[0]
    assert backend.rows(tmp_path, "SELECT last_confirmed_at, last_changed_at FROM listing") == before


# --- runs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["failed", "completed", "partial", "connection_failed"])
async def test_a_run_that_has_ended_stays_as_it_ended(end: str, backend: Backend, tmp_path: Path):
    """I6: the watchdog failed it; whatever its task reports afterwards does not count."""
    async with backend.opened(tmp_path) as store:
        for status in ("running", end, "running", "completed" if end != "completed" else "failed"):
            report = run_report(status=status)
            await store.spool.accept([store.encoder.run_piece(report)], report.run_id, START)
        await apply_waiting(store.spool, store.writer)
        assert await store.repository.run("run-1") == run_report(status=end)


async def test_a_running_runs_heartbeat_is_the_newest_one(backend: Backend, tmp_path: Path):
    """I6: whoever reads the database sees when it last made progress, not when it was written."""
    async with backend.opened(tmp_path) as store:
        for minute in (1, 2):
            report = run_report(status="running")
            report.heartbeat_at = START + timedelta(minutes=minute)
            await store.spool.accept([store.encoder.run_piece(report)], report.run_id, LATER)
        await apply_waiting(store.spool, store.writer)
        stored = await store.repository.run("run-1")
        assert stored and stored.heartbeat_at == START + timedelta(minutes=2)
    assert backend.rows(tmp_path, "SELECT count(*) FROM scrape_run_phase") == [(2,)]


async def test_outcomes_per_event_are_kept_of_the_newest_runs_only(backend: Backend, tmp_path: Path):
    """A bookmaker that fails every five minutes must not fill the disk with its failures."""
    failed = [EventOutcome("1", "bet9ja", "failed", "refused", "HTTP 403")]
    async with backend.opened(tmp_path) as store:
        for number in range(RUNS_WITH_EVENTS + 3):
            report = run_report(f"run-{number:04}")
            report.started_at = START + timedelta(minutes=5 * number)
            await store.spool.accept([store.encoder.run_piece(report, failed)], report.run_id, START)
        await apply_waiting(store.spool, store.writer)
    kept = backend.rows(tmp_path, "SELECT run_id FROM scrape_run_event ORDER BY run_id")
    assert [run_id for (run_id,) in kept] == [f"run-{n:04}" for n in range(3, RUNS_WITH_EVENTS + 3)]
