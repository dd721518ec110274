"""One data directory's storage, opened in the order that a safe start needs; the caller holds the lock."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime

import msgspec

from overround.clock import Clock
from overround.config import Settings, World
from overround.domain.diff import Changes
from overround.domain.runs import RunReport
from overround.errors import ConfigError
from overround.log import get_logger
from overround.storage.data_dir import DataDir
from overround.storage.identities import Identities
from overround.storage.migrations import upgrade
from overround.storage.records import Encoder, RunPiece, decode, restore, to_changes
from overround.storage.repository import Database, Repository
from overround.storage.spool import Spool
from overround.storage.sqlite_writer import SqliteWriter

log = get_logger(__name__)

_AT_ONCE = 10  # batches read from the spool at a time


class Store(msgspec.Struct, frozen=True):
    """Spool, writer and numbers of one data directory, fitted to each other."""

    repository: Repository
    spool: Spool
    writer: SqliteWriter
    identities: Identities
    encoder: Encoder
    applied: int  # newest change id in the database when it was opened

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
    data_dir: DataDir, world: World, countries: Mapping[str, str], clock: Clock
) -> Repository:
    """
    Bring the database to this version's schema, make sure it is of this world, and return it for reading.

    Raises:
        ConfigError: It is of another world or country, or of a newer version.
        StorageError: It can't be opened.
    """
    await asyncio.to_thread(upgrade, data_dir.database)  # another process may hold the file for seconds
    repository = Repository(Database.sqlite(data_dir.database), clock)
    try:
        await repository.stamp(world, countries)
    except BaseException:
        await repository.close()
        raise
    return repository


async def open_store(data_dir: DataDir, repository: Repository, settings: Settings) -> Store:
    """
    Open the spool, fit it to the database, and continue its numbers behind both.

    Raises:
        ConfigError: The spool holds batches that belong to another database.
        StorageError: A file can't be read.
    """
    spool = Spool(data_dir.spool, settings)
    await spool.open()
    writer = SqliteWriter(data_dir.database, spool.spool_id)
    try:
        applied = await _fit(spool, writer, await repository.watermarks())
        identities = await _restored(repository, spool, applied)
    except BaseException:
        await spool.close()
        await writer.close()
        raise
    return Store(repository, spool, writer, identities, Encoder(identities), applied)


async def _fit(spool: Spool, writer: SqliteWriter, watermarks: Mapping[str, int]) -> int:
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
            f"goes up to batch {spool.last_seq} while overround.db ends at batch {own or newest}, so they do not "
            "belong together; put back the overround.db it was used with, or move spool.db away to go on without it",
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
