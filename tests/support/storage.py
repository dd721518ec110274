"""An opened storage of a folder, and batches for it."""

import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from overround.clock import Clock
from overround.config import Settings
from overround.domain.diff import ListingChanges
from overround.storage.data_dir import DataDir
from overround.storage.records import WriteBatch
from overround.storage.store import Store, open_repository, open_store
from tests.support.clock import START, FakeClock


@asynccontextmanager
async def opened(folder: Path, clock: Clock | None = None) -> AsyncGenerator[Store]:
    """Open the storage of a folder as a start does, without the lock."""
    data_dir = DataDir(folder)
    repository = await open_repository(data_dir, "simulated", {"betpawa": "ng"}, clock or FakeClock())
    store = await open_store(data_dir, repository, Settings())
    try:
        yield store
    finally:
        await store.close()


async def accept(store: Store, *changes: ListingChanges, run_id: str | None = None) -> WriteBatch:
    """Accept the changes as one batch."""
    pieces = tuple(store.encoder.listing_piece(change, "football") for change in changes)
    change_id = await store.spool.accept(pieces, run_id, START)
    return WriteBatch(change_id, run_id, START, pieces)


def rows(folder: Path, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Ask the database file itself, past all our code."""
    with closing(sqlite3.connect(folder / "overround.db")) as db:
        return db.execute(query, parameters).fetchall()
