"""An opened storage of a folder, and batches for it."""

import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import msgspec

from overround.clock import Clock
from overround.config import Settings
from overround.domain.diff import ListingChanges
from overround.storage.data_dir import DataDir
from overround.storage.database import Database, SqliteDatabase
from overround.storage.poison import split
from overround.storage.postgres import Address
from overround.storage.postgres_database import PostgresDatabase
from overround.storage.postgres_writer import numbered
from overround.storage.records import DeadRow, WriteBatch
from overround.storage.store import Store, open_repository, open_store
from tests.support.changes import market, registered
from tests.support.clock import START, FakeClock
from tests.support.postgres import Databases, execute, query


@asynccontextmanager
async def opened(folder: Path, clock: Clock | None = None, url: str = "") -> AsyncGenerator[Store]:
    """Open the storage of a folder as a start does, without the directory's lock."""
    data_dir = DataDir(folder)
    repository = await open_repository(data_dir, "simulated", {"betpawa": "ng"}, clock or FakeClock(), url)
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


async def bury(store: Store) -> None:
    """Put two markets of one batch into the dead letters."""
    books = [market(2000, 3000, market_id="5000", line=f"{number}.5") for number in range(2)]
    batch = await accept(store, registered(*books, sportradar_id="8"))
    parts = [part for piece in batch.pieces for part in split(piece)]
    dead = [
        DeadRow(
            batch.change_id,
            None,
            START,
            START,
            part.kind,
            "8",
            "betpawa",
            "5000",
            "can't be held",
            part.piece,
        )
        for part in parts
        if part.kind == "market"
    ]
    rest = tuple(part.piece for part in parts if part.kind != "market")
    await store.writer.apply([msgspec.structs.replace(batch, pieces=rest)], dead)


def rows(folder: Path, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Ask the database file itself, past all our code."""
    with closing(sqlite3.connect(folder / "overround.db")) as db:
        return db.execute(query, parameters).fetchall()


class Backend:
    """One kind of database: opens the storage of a folder on it, and asks it past all our code."""

    name = "sqlite"

    def url(self, folder: Path) -> str:
        """Return the address of a folder's database, "" for a file in the folder itself."""
        return ""

    def opened(self, folder: Path, clock: Clock | None = None) -> AbstractAsyncContextManager[Store]:
        """Open the storage of a folder as a start does, without the directory's lock."""
        return opened(folder, clock, self.url(folder))

    def reader(self, folder: Path) -> Database:
        """Open a folder's database as a command does that only reads, beside a server or without one."""
        return SqliteDatabase(folder / "overround.db", read_only=True)

    def rows(self, folder: Path, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask the database; parameters are question marks, times milliseconds."""
        return rows(folder, statement, parameters)

    def execute(self, folder: Path, statement: str) -> None:
        """Change the database past all our code."""
        with closing(sqlite3.connect(folder / "overround.db", timeout=10)) as db, db:
            db.execute(statement)


class PostgresBackend(Backend):
    """PostgreSQL: a database per folder, made when it is first used, as a copy of one that was set up once."""

    name = "postgresql"

    def __init__(self, databases: Databases, set_up: str) -> None:
        self._databases, self._set_up, self._urls = databases, set_up, dict[Path, str]()

    def url(self, folder: Path) -> str:
        """Return the address of a folder's database."""
        if folder not in self._urls:
            self._urls[folder] = self._databases.make(like=self._set_up)
        return self._urls[folder]

    def reader(self, folder: Path) -> Database:
        """Open a folder's database as a command does that only reads, beside a server or without one."""
        return PostgresDatabase(Address(self.url(folder)))

    def rows(self, folder: Path, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask the database; parameters are question marks, times milliseconds."""
        return query(self.url(folder), numbered(statement), *parameters)

    def execute(self, folder: Path, statement: str) -> None:
        """Change the database past all our code."""
        execute(self.url(folder), statement)
