"""Daily samples of the storage's size, and what is alarming about them."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from structlog.testing import capture_logs

from overround.config import Settings
from overround.storage import schema
from overround.storage.growth import GROWTH_FLOOR, Growth
from overround.storage.sizes import file_bytes
from overround.storage.store import Store
from overround.storage.write_handler import apply_waiting
from tests.support.changes import market, registered
from tests.support.clock import START, FakeClock
from tests.support.storage import Backend, accept

DAY_S = 86_400
MIB = 1 << 20


async def sampled(store: Store, age: timedelta, used_bytes: int) -> None:
    """Put a sample of the past into the database."""
    async with store.repository.database.writing() as db:
        await db.execute(
            insert(schema.storage_sample).values(
                at=START - age, database_bytes=used_bytes, free_bytes=0, spool_bytes=0, tables="{}"
            )
        )


async def test_a_sample_counts_rows_and_bytes_of_every_table(backend: Backend, tmp_path: Path):
    """What grew is the first question."""
    async with backend.opened(tmp_path) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        await apply_waiting(store.spool, store.writer)
        growth = Growth(store.repository.database, lambda: 4096, Settings(), FakeClock())
        sample = await growth.sample()
        assert await growth.samples() == [sample]
    assert set(sample.tables) == set(schema.metadata.tables)
    assert (sample.tables["odds_history"].rows, sample.spool_bytes) == (1, 4096)
    assert 0 < sample.tables["odds_history"].bytes < sample.database_bytes
    assert sample.used_bytes == sample.database_bytes - sample.free_bytes + 4096


async def test_a_sample_is_due_once_a_day_also_across_restarts(backend: Backend, tmp_path: Path):
    """Not at every start."""
    clock = FakeClock()
    async with backend.opened(tmp_path) as store:
        assert await Growth(store.repository.database, int, Settings(), clock).sample_if_due()
        await clock.advance(DAY_S / 2)
        assert not await Growth(store.repository.database, int, Settings(), clock).sample_if_due()
        await clock.advance(DAY_S / 2)
        assert await Growth(store.repository.database, int, Settings(), clock).sample_if_due()


@pytest.mark.parametrize(
    ("age", "before_mib", "now_mib", "alarms"),
    [
        (timedelta(days=1), 1000, 1201, True),
        (timedelta(days=1), 1000, 1199, False),
        (timedelta(days=2), 1000, 1399, False),  # a fifth a day, not in all
        (timedelta(days=2), 1000, 1500, True),
        (timedelta(hours=1), 1000, 5000, False),  # says nothing of a day
        (timedelta(days=4), 1000, 5000, False),
        (timedelta(days=1), 10, 25, False),  # a young database grows
    ],
)
async def test_growth_of_more_than_a_fifth_a_day_alarms(
    backend: Backend, tmp_path: Path, age: timedelta, before_mib: int, now_mib: int, alarms: bool
):
    """Compared with a sample that is about a day old."""
    async with backend.opened(tmp_path) as store:
        await sampled(store, age, before_mib * MIB)
        database = store.repository.database
        total, free = await file_bytes(database)  # an empty database has a size too
        growth = Growth(database, lambda: now_mib * MIB - (total - free), Settings(), FakeClock())
        with capture_logs() as lines:
            await growth.sample()
        alerts = await growth.alerts()
    assert [alert.kind for alert in alerts] == (["growth"] if alarms else [])
    assert [line["event"] for line in lines if line["log_level"] == "warning"] == ["storage_alerted"] * alarms
    assert GROWTH_FLOOR > 15 * MIB


async def test_a_storage_beyond_its_size_alarms(backend: Backend, tmp_path: Path):
    """The sentence names both figures and the setting."""
    settings = Settings()
    settings.apply({"storage_alert_mib": 64})
    async with backend.opened(tmp_path) as store:
        growth = Growth(store.repository.database, lambda: 100 * MIB, settings, FakeClock())
        await growth.sample()
        (alert,) = await growth.alerts()
    assert (alert.kind, alert.bytes_before) == ("size", 64 * MIB)
    assert alert.bytes_now > 100 * MIB
    assert "MiB of storage_alert_mib" in alert.detail
