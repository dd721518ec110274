"""What the database says of coverage."""

from datetime import timedelta
from pathlib import Path

import pytest

from overround.errors import StorageError
from overround.storage.coverage import StoredCoverage, stored_coverage
from overround.storage.write_handler import apply_waiting
from tests.support.changes import KICKOFF, market, registered
from tests.support.clock import START
from tests.support.storage import Backend, accept


async def read(backend: Backend, folder: Path, at=START) -> list[StoredCoverage]:
    database = backend.reader(folder)
    try:
        return await stored_coverage(database, at)
    finally:
        await database.close()


@pytest.fixture
async def folder(backend: Backend, tmp_path: Path) -> Path:
    """Two events at one bookmaker, one at another, with a withdrawn market among them."""
    lines = [market(1890, 1910, market_id="5000", line=line) for line in ("1.5", "2.5")]
    gone = market(1890, 1910, market_id="5000", line="3.5", withdrawn=True)
    async with backend.opened(tmp_path) as store:
        await accept(store, registered(market(2410, 3290, 3020), *lines, gone))
        await accept(store, registered(market(2400, 3300, 3000), bookmaker="bet9ja"))
        later = KICKOFF + timedelta(hours=2)
        await accept(store, registered(sportradar_id="69000002", kickoff_at=later))
        await apply_waiting(store.spool, store.writer)
    return tmp_path


async def test_listings_events_types_and_markets_are_counted(backend: Backend, folder: Path):
    """Market types once per sport, markets per event and line; what was withdrawn does not count."""
    assert await read(backend, folder) == [
        StoredCoverage("bet9ja", listings=1, events=1, market_types=1, markets=1),
        StoredCoverage("betpawa", listings=2, events=2, market_types=2, markets=3),
    ]


async def test_what_kicked_off_is_only_a_listing(backend: Backend, folder: Path):
    """The database keeps events for ever; coverage is about those ahead."""
    assert await read(backend, folder, KICKOFF) == [
        StoredCoverage("bet9ja", listings=1, events=0, market_types=0, markets=0),
        StoredCoverage("betpawa", listings=2, events=1, market_types=0, markets=0),
    ]


async def test_reading_beside_a_writer_needs_no_lock(backend: Backend, tmp_path: Path):
    """The server goes on writing while a command reads."""
    async with backend.opened(tmp_path) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        await apply_waiting(store.spool, store.writer)
        assert [row.markets for row in await read(backend, tmp_path)] == [1]


async def test_a_missing_database_is_an_error(tmp_path: Path):
    """An empty one would be taken for the truth; none is made."""
    with pytest.raises(StorageError, match="there is no database"):
        await read(Backend(), tmp_path)
    with pytest.raises(StorageError):  # still
        await read(Backend(), tmp_path)
