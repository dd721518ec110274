"""Finding where what is stored disagrees with itself."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from overround.storage.verification import Check, verify
from overround.storage.write_handler import apply_waiting
from tests.support.changes import changed, market, registered
from tests.support.clock import START
from tests.support.storage import Backend, accept

LATER = START + timedelta(minutes=5)


async def stored(backend: Backend, folder: Path) -> None:
    """Store two markets of one listing and a change, and let one more batch wait in the spool."""
    async with backend.opened(folder) as store:
        total = market(1900, 1900, market_id="5000", line="2.5", names=("Over", "Under"))
        await accept(store, registered(market(2410, 3290, 3020), total))
        gone = market(2410, 3290, 3020, at=LATER, first_seen_at=START, withdrawn=True)
        await accept(store, changed(gone, at=LATER))
        await apply_waiting(store.spool, store.writer)
        await accept(store, changed(market(2500, 3290, 3020, at=LATER), at=LATER))


def spoil(path: Path, *statements: str) -> None:
    """Change a file behind our back."""
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


async def faults(backend: Backend, folder: Path) -> dict[str, Check]:
    """Return the checks that found something, by name."""
    async with backend.opened(folder) as store:
        checks = await verify(store.repository.database, folder / "spool.db", START - timedelta(days=14))
    return {check.name: check for check in checks if check.faults}


async def test_what_was_stored_by_us_agrees_with_itself(backend: Backend, tmp_path: Path):
    """With batches waiting, withdrawals and several markets."""
    await stored(backend, tmp_path)
    assert await faults(backend, tmp_path) == {}


@pytest.mark.parametrize(
    ("statement", "check", "sentence"),
    [
        ("UPDATE odds_current SET odds = suspended WHERE version = 1", "current and history", "market 5000 2.5) is not the last"),
        ("UPDATE odds_current SET withdrawn_at = NULL", "current and history", "market 3743) is not the last"),
        ("DELETE FROM odds_history WHERE change_id = 2", "current and history", "event 69000001 at betpawa"),
        ("UPDATE odds_current SET version = 1", "current and history", "is not the last row"),
        ("DELETE FROM odds_current WHERE version = 1", "history", "has a history and no current price"),
        ("DELETE FROM market_key WHERE market_id = '5000'", "current and market_key", "has no market key"),
        ("DELETE FROM outcome_set WHERE id = 1", "current and outcome_set", "has no outcome set"),
        ("DELETE FROM listing", "current and listing", "an unknown listing"),
        ("DELETE FROM event", "listings", "event 69000001 at betpawa has no event"),
        ("DELETE FROM write_batch WHERE change_id = 2", "batches", "the watermark stands at 2, and the newest batch is 1"),
    ],
)  # fmt: skip
async def test_a_divergence_is_named(
    backend: Backend, tmp_path: Path, statement: str, check: str, sentence: str
):
    """Which price of whom, in one sentence."""
    await stored(backend, tmp_path)
    backend.execute(tmp_path, statement)
    found = await faults(backend, tmp_path)
    assert sentence in found[check].first
    assert found[check].faults >= 1


async def test_history_that_retention_deleted_is_no_divergence(backend: Backend, tmp_path: Path):
    """A price that has not changed for a fortnight has no history left."""
    await stored(backend, tmp_path)
    backend.execute(tmp_path, "DELETE FROM odds_history WHERE change_id = 1")
    async with backend.opened(tmp_path) as store:
        checks = await verify(store.repository.database, tmp_path / "spool.db", LATER)
    assert [check.name for check in checks if check.faults] == []


async def test_a_damaged_batch_in_the_spool_is_named(backend: Backend, tmp_path: Path):
    """Its checksum tells, before it is written."""
    await stored(backend, tmp_path)
    async with backend.opened(tmp_path) as store:
        spoil(tmp_path / "spool.db", "UPDATE batch SET payload = CAST(payload || x'00' AS BLOB)")
        checks = await verify(store.repository.database, tmp_path / "spool.db", START)
    assert "batch 3: the payload is damaged" in next(check for check in checks if check.name == "spool").first


async def test_a_batch_between_spool_and_database_that_is_missing_is_named(backend: Backend, tmp_path: Path):
    """The writer would stop there."""
    await stored(backend, tmp_path)
    async with backend.opened(tmp_path) as store:
        await accept(store, changed(market(2600, 3290, 3020, at=LATER), at=LATER))
        spoil(tmp_path / "spool.db", "DELETE FROM batch WHERE seq = 3")
        checks = await verify(store.repository.database, tmp_path / "spool.db", START)
    assert [check.first for check in checks if check.faults] == [
        "the database ends at batch 2, and the spool begins with 4"
    ]
