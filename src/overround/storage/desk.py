"""What people and screens ask of the storage; made before the database is open, so it may have to say so."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from overround.clock import Clock
from overround.config import Settings
from overround.domain.current import CurrentListing
from overround.domain.markets import MarketKey
from overround.errors import StorageError
from overround.storage.changes import StoredChange, Window, event_changes, window_changes
from overround.storage.database import Database, SqliteDatabase
from overround.storage.dead_letters import DeadLetter, DeadLetters, LetterOutcome, LetterState, Revives
from overround.storage.exposures import ExposureStore
from overround.storage.growth import Alert, Growth, Sample
from overround.storage.history import EventHistory, event_history
from overround.storage.repository import Repository
from overround.storage.retention import CleanupReport, DropHistory, Retention, TablePart
from overround.storage.rollups import RollupStore
from overround.storage.sizes import file_bytes, oldest_times
from overround.storage.spool import Spool


class _Opened:
    """The parts, once there is a database."""

    def __init__(
        self,
        database: Database,
        writer: Revives,
        spool: Spool,
        settings: Settings,
        clock: Clock,
        drop_history: DropHistory | None,
    ) -> None:
        self.database, self.writer, self.spool = database, writer, spool
        self.repository = Repository(database, clock)
        self.letters = DeadLetters(database)
        self.retention = Retention(database, settings, clock, drop_history)
        self.rollups = RollupStore(database)
        self.exposures = ExposureStore(database)
        self.growth = Growth(database, lambda: spool.size_bytes, settings, clock)


class StorageDesk:
    """Past events, history, dead letters, sizes and cleanups. Every method raises StorageError while the database is not open."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._parts: _Opened | None = None

    def open(
        self, database: Database, writer: Revives, spool: Spool, drop_history: DropHistory | None = None
    ) -> None:
        """Begin to answer from this database; `drop_history` where its history is divided by day."""
        self._parts = _Opened(database, writer, spool, self._settings, self._clock, drop_history)

    def close(self) -> None:
        """End answering."""
        self._parts = None

    async def history(
        self, sportradar_id: str, key: MarketKey, bookmakers: Sequence[str]
    ) -> EventHistory | None:
        """Return a market's history, None when the database has no such event."""
        return await event_history(self._opened().database, sportradar_id, key, bookmakers)

    async def events(self, sportradar_ids: Sequence[str]) -> list[CurrentListing]:
        """Return the newest state of every listing of these events."""
        return await self._opened().repository.load_events(sportradar_ids)

    async def listings(self, since: datetime, until: datetime) -> list[CurrentListing]:
        """Return the listings of events with since <= kickoff < until, without their markets."""
        return await self._opened().repository.load_listings(since, until)

    def changes(
        self, sportradar_id: str, bookmakers: Sequence[str]
    ) -> AsyncIterator[tuple[str, list[StoredChange]]]:
        """Yield (bookmaker, every stored change of its markets by market, oldest first) for an event."""
        return event_changes(self._opened().database, sportradar_id, bookmakers)

    async def window(
        self, sportradar_id: str, bookmakers: Sequence[str], window: Window, limit: int
    ) -> dict[str, list[StoredChange]] | None:
        """Return an event's changes within a window and what stood before them; None where they are too many."""
        return await window_changes(self._opened().database, sportradar_id, bookmakers, window, limit)

    async def changed_listings(self, since: datetime, until: datetime) -> list[CurrentListing]:
        """Return the listings that may have changed in a time: without markets, none that began before it."""
        return await self._opened().repository.load_changed(since, until)

    async def newest_change(self) -> int:
        """Return the newest change id that the database holds, 0 without any."""
        return max((await self._opened().repository.watermarks()).values(), default=0)

    def rollups(self) -> RollupStore:
        """Return where margins and positions over time are kept. Raises: StorageError."""
        return self._opened().rollups

    def exposures(self) -> ExposureStore:
        """Return where exposures outlive the process. Raises: StorageError."""
        return self._opened().exposures

    async def dead_letters(
        self, state: LetterState | None, limit: int, offset: int
    ) -> tuple[list[DeadLetter], int]:
        """Return letters, newest first, and how many there are."""
        return await self._opened().letters.page(state, limit, offset)

    async def dead_letter(self, letter_id: int) -> tuple[DeadLetter, dict[str, Any]] | None:
        """Return a letter and what it holds."""
        return await self._opened().letters.get(letter_id)

    async def replay(self, letter_ids: Sequence[int]) -> list[LetterOutcome]:
        """Write letters after all."""
        parts = self._opened()
        return await parts.letters.replay(parts.writer, letter_ids, self._clock.now())

    async def discard(self, letter_ids: Sequence[int]) -> list[LetterOutcome]:
        """Give letters up."""
        return await self._opened().letters.discard(letter_ids, self._clock.now())

    async def size_now(self) -> tuple[int, int, int]:
        """Return the bytes of the database, of what is free in it, and of the spool."""
        parts = self._opened()
        return (*await file_bytes(parts.database), parts.spool.size_bytes)

    async def disk_free(self) -> int | None:
        """Return the free bytes of the database's disk, None where that is another machine's."""
        parts = self._opened()
        if not isinstance(parts.database, SqliteDatabase):
            return None
        return await asyncio.to_thread(parts.spool.disk_free)

    async def oldest(self) -> dict[str, datetime | None]:
        """Return how far each table that keeps times goes back."""
        return await oldest_times(self._opened().database)

    async def samples(self, limit: int) -> list[Sample]:
        """Return daily samples, newest first."""
        return await self._opened().growth.samples(limit)

    async def alerts(self, limit: int) -> list[Alert]:
        """Return alerts about the storage's size, newest first."""
        return await self._opened().growth.alerts(limit)

    async def sample_if_due(self) -> Sample | None:
        """Take the daily sample; for the scheduler."""
        return await self._opened().growth.sample_if_due()

    async def cleanup_preview(self) -> list[TablePart]:
        """Return what a cleanup would delete now."""
        return await self._opened().retention.preview()

    async def cleanup(self) -> CleanupReport:
        """Clean now. Raises: CleanupActive."""
        return await self._opened().retention.execute("manual")

    async def cleanup_if_due(self) -> CleanupReport | None:
        """Clean when it is time; for the scheduler."""
        return await self._opened().retention.execute_if_due()

    async def cleanups(self, limit: int) -> list[CleanupReport]:
        """Return cleanups, newest first."""
        return await self._opened().retention.history(limit)

    def _opened(self) -> _Opened:
        if self._parts is None:
            raise StorageError(None, "the database is not open yet")
        return self._parts
