"""One data directory's storage, opened in the order that a safe start needs; the caller holds the lock."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime

import msgspec

from overround.clock import Clock
from overround.config import Settings, World
from overround.domain.diff import Changes
from overround.domain.runs import RunReport
from overround.errors import ConfigError, StorageError
from overround.log import get_logger
from overround.storage.data_dir import DataDir
from overround.storage.database import Database, SqliteDatabase
from overround.storage.identities import Identities
from overround.storage.migrations import set_up, upgrade
from overround.storage.partitions import look_after_partitions
from overround.storage.postgres import Address
from overround.storage.postgres_database import PostgresDatabase
from overround.storage.records import Encoder, RunPiece, decode, restore, to_changes
from overround.storage.repository import Repository
from overround.storage.spool import Spool
from overround.storage.writer import Writer

log = get_logger(__name__)

_AT_ONCE = 10  # batches read from the spool at a time


class Store(msgspec.Struct, frozen=True):
    """Spool, writer and numbers of one data directory, fitted to each other."""

    repository: Repository
    spool: Spool
    writer: Writer
    identities: Identities
    encoder: Encoder
    applied: int  # newest change id in the database when it was opened

    def market_name(self, number: int) -> str:
        """Return a market key's number as people know it: market id, and its line if it has one."""
        try:
            key = self.identities.market_keys.key(number)[1]
        except StorageError:
            return f"key {number}"
        return f"{key.market_id}:{key.line}" if key.line else key.market_id

    async def waiting(self) -> AsyncIterator[Changes]:
        """
        Yield what was accepted and is not in the database, oldest first: for the cache, after warm-up.

        Raises:
            StorageError: The spool can't be read.
        """
        after = self.applied
        while batches := await self.spool.read(after, _AT_ONCE):
            for batch in batches:
                yield to_changes(batch, decode(batch), self.identities)
            after = batches[-1].change_id

    async def fail_orphans(self, at: datetime) -> list[RunReport]:
        """
        Mark the runs that an earlier process left unfinished as failed, and return them.

        They are accepted through the spool like any state of a run, so their end can't overtake their start.
        """
        unfinished = {run.run_id: run for run in await self.repository.unfinished_runs()}
        after = self.applied
        while batches := await self.spool.read(after, _AT_ONCE):
            for piece in (piece for batch in batches for piece in decode(batch)):
                if isinstance(piece, RunPiece):
                    _note(unfinished, piece.report)
            after = batches[-1].change_id
        for run in unfinished.values():
            run.status, run.finished_at = "failed", at
            run.reason = "the process ended during the run"
            await self.spool.accept([self.encoder.run_piece(run)], run.run_id, at)
            log.warning("run_orphaned", run_id=run.run_id, started_at=run.started_at.isoformat())
        return list(unfinished.values())

    async def close(self) -> None:
        """Finish what was begun and close every file."""
        await self.spool.close()
        await self.writer.close()
        await self.repository.close()


async def open_repository(
    data_dir: DataDir, world: World, countries: Mapping[str, str], clock: Clock, database_url: str = ""
) -> Repository:
    """
    Bring the database to this version's schema, make sure it is of this world, and return it for reading.

    On PostgreSQL (`database_url`) the database is held from now on until the repository is closed, and only an
    empty one is set up: another version's needs `overround db upgrade`.

    Raises:
        ConfigError: It is of another world or country, or of another version.
        DatabaseInUse: Another process holds it.
        StorageError: It can't be opened.
    """
    if database_url:
        database = await open_postgres(Address(database_url), clock)
    else:
        await asyncio.to_thread(upgrade, data_dir.database)  # another process may hold the file for seconds
        database = SqliteDatabase(data_dir.database)
    repository = Repository(database, clock)
    try:
        await repository.stamp(world, countries)
    except BaseException:
        await repository.close()
        raise
    return repository


def open_for_reading(data_dir: DataDir, database_url: str = "") -> Database:
    """
    Return the database as a command takes it that only looks: nothing is held, made or migrated.

    Raises:
        StorageError: There is none.
    """
    if database_url:
        return PostgresDatabase(Address(database_url))
    return SqliteDatabase(data_dir.database, read_only=True)


async def open_postgres(address: Address, clock: Clock) -> PostgresDatabase:
    """
    Hold a database, set an empty one up, and make the days of its history.

    Raises:
        ConfigError: It is of another version.
        DatabaseInUse: Another process holds it.
        StorageError: It can't be opened.
    """
    database = PostgresDatabase(address)
    try:
        await database.session.hold()
        await set_up(database)
        await look_after_partitions(database, clock.now())
    except BaseException:
        await database.close()
        raise
    return database


async def open_store(data_dir: DataDir, repository: Repository, settings: Settings) -> Store:
    """
    Open the spool, fit it to the database, and continue its numbers behind both.

    Raises:
        ConfigError: The spool holds batches that belong to another database.
        StorageError: A file can't be read.
    """
    spool = Spool(data_dir.spool, settings)
    await spool.open()
    writer = repository.database.writer(spool.spool_id)
    try:
        applied = await _fit(spool, writer, await repository.watermarks(), repository.database.name)
        identities = await _restored(repository, spool, applied)
    except BaseException:
        await spool.close()
        await writer.close()
        raise
    return Store(repository, spool, writer, identities, Encoder(identities), applied)


async def _fit(spool: Spool, writer: Writer, watermarks: Mapping[str, int], database: str) -> int:
    """Make the spool continue where the database ends; return the newest change id in the database."""
    newest, own = max(watermarks.values(), default=0), watermarks.get(spool.spool_id)
    waits = spool.newest_stored > (own or 0)
    if waits:
        fits = own == newest if own is not None else newest == 0 and spool.oldest_stored == 1
    else:
        fits = spool.last_seq <= newest
    if not fits:
        raise ConfigError(
            "spool.db",
            f"goes up to batch {spool.last_seq} while {database} ends at batch {own or newest}, so they do not "
            f"belong together; put back the {'database' if '://' in database else database} it was used with, or move spool.db away to go on without it",
        )
    begin = (own or 0) if waits else newest
    await spool.continue_after(begin)
    if own != begin:
        await writer.begin(begin)
    return begin


async def _restored(repository: Repository, spool: Spool, applied: int) -> Identities:
    identities = Identities()
    identities.restore(await repository.identities())
    while batches := await spool.read(applied, _AT_ONCE):
        for batch in batches:
            restore(identities, decode(batch))
        applied = batches[-1].change_id
    return identities


def _note(unfinished: dict[str, RunReport], report: RunReport) -> None:
    if report.status in ("pending", "running"):
        unfinished[report.run_id] = report
    else:
        unfinished.pop(report.run_id, None)
