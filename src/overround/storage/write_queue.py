"""AsyncWriteQueue: brings accepted batches from the spool into the database, in order, however long it takes."""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice

import msgspec

from overround import metrics
from overround.clock import Clock, within
from overround.config import Settings
from overround.domain.diff import Confirmation
from overround.domain.runs import Phase
from overround.errors import (
    DatabaseRefuses,
    DatabaseUnavailable,
    RowRefused,
    SequenceBroken,
    SpoolDamaged,
    StorageError,
)
from overround.log import get_logger
from overround.storage.poison import MarketName
from overround.storage.records import WriteBatch
from overround.storage.spool import Spool
from overround.storage.write_handler import GROUP, WriteHandler, Written, apply_around

log = get_logger(__name__)

CAPACITY = 50  # batches in memory; the rest waits in the spool only
RETRY_CAP_S = 30.0
PAUSED_RETRY_S = 30.0  # how often a database that only an operator can help is tried


class QueueStats(msgspec.Struct, frozen=True):
    """How the writer stands, for health, metrics and people."""

    depth: int  # batches in memory, those being written included
    capacity: int
    running: bool
    oldest_age_s: float  # since the oldest batch in memory was accepted; 0 when none waits
    attempts: int  # transactions tried
    written: int  # batches in the database since the start
    dead: int  # rows that went to the dead letters since the start
    last_write_ms: float  # of the last successful transaction
    lag: int  # accepted batches that the database has not got, in memory or not
    last_error: str  # of the last attempt; "" when it succeeded
    paused: str  # what only an operator can change, "" when it is nothing


class BatchReport(msgspec.Struct, frozen=True):
    """What writing one batch came to: the line `write_batch_processed`."""

    batch: int
    attempt: int  # 1 on the good path
    write_ms: float  # of the transaction, shared among its batches
    events: int
    inserted: int
    confirmed: int  # listings confirmed in the database since the line before
    dead: int  # rows that went to the dead letters
    skipped: bool
    lag: int


class AsyncWriteQueue:
    """
    A window of at most 50 batches onto the spool, and one worker that writes them.

    `enqueue` never waits: what does not fit is read back from the spool when its turn comes. A failed write is
    repeated after 1 s, 2 s, 4 s, ... up to 30 s (full jitter) for as long as it lasts; what only an operator can
    change pauses the worker, which then tries every 30 s. What is no fault of the database is looked for in the
    batch, row by row. Only a gap in the sequence stops the worker, for no repetition can fill it.
    """

    def __init__(
        self,
        spool: Spool,
        handler: WriteHandler,
        clock: Clock,
        settings: Settings,
        confirmations: Callable[[], Sequence[Confirmation]],
        jitter: Callable[[], float] = random.random,
        on_phase: Callable[[Phase, float], None] = lambda _phase, _seconds: None,
        market_name: MarketName = str,
    ) -> None:
        """
        Make a queue that writes nothing before `start`.

        Args:
            confirmations: Returns the newest confirmation of every listing.
            jitter: A number from 0 to 1, the part of the longest pause to take.
            on_phase: Told the seconds of every transaction (`write`), and of every batch's wait for it (`drain`).
            market_name: Names a market key's number for people.
        """
        self._spool, self._handler, self._clock, self._settings = spool, handler, clock, settings
        self._confirmations, self._jitter, self._on_phase = confirmations, jitter, on_phase
        self._market_name = market_name
        self._window: deque[WriteBatch] = deque()
        self._reading = False  # the window is being filled from the spool
        self._accepted = self._applied = 0
        self._settings_changed = asyncio.Event()
        settings.on_change(lambda _: self._settings_changed.set())
        self._waiting, self._drained = asyncio.Event(), asyncio.Event()
        self._broken: SequenceBroken | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._attempts = self._written = self._dead = 0
        self._confirmed = 0  # listings since the last line of a batch
        self._singly = 0  # batches to write one by one: one of them may hold what the database refuses
        self._last_write_ms, self._last_error, self._paused = 0.0, "", ""

    async def start(self) -> None:
        """
        Begin to write, first what the spool still holds.

        Raises:
            StorageError: The database did not answer.
        """
        self._applied = await self._handler.watermark()
        self._accepted = max(self._accepted, self._spool.last_seq, self._applied)
        self._mark()
        self._tasks = [
            asyncio.create_task(self._work(), name="write-queue"),
            asyncio.create_task(self._confirm_regularly(), name="write-confirmations"),
        ]

    async def stop(self, deadline_s: float = 10.0) -> None:
        """Write what waits for up to `deadline_s`, then end; the rest goes on waiting in the spool."""
        if not self._tasks:
            return
        worker, tasks = self._tasks[0], self._tasks
        drained = asyncio.create_task(self._drain())
        deadline = asyncio.create_task(self._clock.sleep(deadline_s))
        await asyncio.wait({worker, drained, deadline}, return_when=asyncio.FIRST_COMPLETED)
        for task in (*tasks, drained, deadline):
            task.cancel()
        await asyncio.gather(*tasks, drained, deadline, return_exceptions=True)
        self._tasks = []
        log.info("write_queue_stopped", **msgspec.structs.asdict(self.stats()))

    def enqueue(self, batch: WriteBatch) -> None:
        """Take note of an accepted batch; returns at once, always."""
        follows = self._window[-1].change_id if self._window else self._applied
        if not self._reading and len(self._window) < CAPACITY and batch.change_id == follows + 1:
            self._window.append(batch)
        self._accepted = max(self._accepted, batch.change_id)
        self._mark()

    async def drained(self) -> None:
        """
        Return when everything accepted so far is in the database.

        Raises:
            SequenceBroken: The worker has stopped: it never will be.
        """
        await self._drained.wait()
        if self._broken is not None:
            raise self._broken

    def stats(self) -> QueueStats:
        """Return how the writer stands now."""
        age = (self._clock.now() - self._window[0].at).total_seconds() if self._window else 0.0
        return QueueStats(
            depth=len(self._window),
            capacity=CAPACITY,
            running=bool(self._tasks) and not self._tasks[0].done(),
            oldest_age_s=max(0.0, age),
            attempts=self._attempts,
            written=self._written,
            dead=self._dead,
            last_write_ms=self._last_write_ms,
            lag=self._accepted - self._applied,
            last_error=self._last_error,
            paused=self.paused,
        )

    @property
    def paused(self) -> str:
        """Return why nothing is written until a person acts, "" while nobody has to."""
        if self._broken is not None:
            return f"the writer has stopped: {self._broken}"
        return (
            f"the writer waits, what is accepted stays in the spool: {self._paused}" if self._paused else ""
        )

    def log_stats(self) -> None:
        """Write one line with how the writer stands, and set the gauges."""
        stats = self.stats()
        _export(stats)
        log.info("write_queue_stats", **msgspec.structs.asdict(stats))

    def _mark(self) -> None:
        """Tell worker and waiters whether something waits."""
        _export(self.stats())
        if self._accepted > self._applied:
            self._waiting.set()
            self._drained.clear()
        else:
            self._waiting.clear()
            self._drained.set()
        if self._broken is not None:
            self._drained.set()

    async def _work(self) -> None:
        attempt = 0
        while True:
            await self._waiting.wait()
            attempt += 1
            try:
                await self._write_next(attempt)
            except SequenceBroken as exc:
                self._broken, self._last_error = exc, str(exc)
                self._drained.set()
                log.error("writer_stopped", batch=exc.batch_id, reason=str(exc))
                return
            except Exception as exc:  # the task outlives it, and the batch is kept
                await self._wait_after(exc, attempt)
            else:
                attempt = 0

    async def _write_next(self, attempt: int) -> None:
        await self._fill_window()
        group = list(islice(self._window, 1 if self._singly else GROUP))
        began, started = self._clock.now(), self._clock.monotonic()
        self._attempts += 1
        metrics.WRITE_ATTEMPTS.inc()
        written = await self._apply(group)
        write_s = self._clock.monotonic() - started
        metrics.WRITE_SECONDS.observe(write_s)
        self._last_write_ms = write_s * 1000
        self._recovered()
        self._on_phase("write", write_s)
        for batch in group:
            self._on_phase("drain", max(0.0, (began - batch.at).total_seconds()))
        self._applied = group[-1].change_id
        self._accepted = max(self._accepted, self._applied)  # one was read back before it was enqueued
        for _ in group:
            self._window.popleft()
        self._singly = max(0, self._singly - len(group))
        self._written += len(group)
        self._dead += sum(one.dead for one in written)
        metrics.BATCHES_WRITTEN.inc(len(group))
        self._log(written, attempt)
        await self._trim()
        self._mark()

    async def _apply(self, group: Sequence[WriteBatch]) -> Sequence[Written]:
        if not self._singly:
            return await self._handler.apply(group)
        (batch,) = group
        return [await apply_around(self._handler, batch, self._clock.now(), self._market_name)]

    async def _wait_after(self, exc: Exception, attempt: int) -> None:
        """Say what failed and wait for as long as the error asks for."""
        self._last_error = str(exc) or repr(exc)
        if isinstance(exc, DatabaseRefuses | SpoolDamaged):
            self._pause(self._last_error)
            await self._clock.sleep(PAUSED_RETRY_S)
            return
        if not isinstance(exc, DatabaseUnavailable):
            self._singly = self._singly or min(GROUP, len(self._window))
        pause_s = min(RETRY_CAP_S, 2.0 ** min(attempt - 1, 10)) * self._jitter()
        if isinstance(exc, RowRefused) and attempt == 1:
            pause_s = 0.0  # waiting changes nothing
        log.warning(
            "write_failed", batch=self._applied + 1, attempt=attempt, retry_in_s=round(pause_s, 3),
            error=self._last_error,
        )  # fmt: skip
        await self._clock.sleep(pause_s)

    def _pause(self, reason: str) -> None:
        if self._paused != reason:
            log.error("writer_paused", reason=reason, lag=self._accepted - self._applied)
        self._paused = reason
        metrics.QUEUE_PAUSED.set(1)

    def _recovered(self) -> None:
        if self._paused:
            log.warning("writer_resumed", reason=self._paused)
            metrics.QUEUE_PAUSED.set(0)
        self._last_error = self._paused = ""

    async def _fill_window(self) -> None:
        """Read back from the spool when the window is empty; it is never refilled before, which keeps the order."""
        if self._window:
            return
        self._reading = True
        try:
            self._window.extend(await self._spool.read(self._applied, CAPACITY))
        finally:
            self._reading = False
        if not self._window:
            raise SequenceBroken(
                self._applied + 1, "it was accepted, but neither the database nor the spool has it"
            )

    async def _trim(self) -> None:
        try:
            await self._spool.trim(self._applied)
        except StorageError as exc:  # costs room only: the watermark skips what is still there
            log.warning("spool_trim_failed", up_to=self._applied, error=str(exc))

    async def _confirm_regularly(self) -> None:
        last = self._clock.monotonic()
        while True:
            left_s = last + self._settings.number("confirm_write_interval_s") - self._clock.monotonic()
            if left_s <= 0:
                await self._confirm()
                last = self._clock.monotonic()
                continue
            self._settings_changed.clear()
            with suppress(TimeoutError):
                await within(self._clock, left_s, self._settings_changed.wait())

    async def _confirm(self) -> None:
        started = self._clock.monotonic()
        try:
            listings = await self._handler.confirm(self._confirmations())
        except Exception as exc:  # the next round writes the same times or newer ones
            log.warning("confirmations_failed", error=str(exc) or repr(exc))
            if isinstance(exc, DatabaseRefuses):
                self._pause(str(exc))
            return
        if self._accepted == self._applied:
            self._recovered()
        self._confirmed += listings
        write_ms = (self._clock.monotonic() - started) * 1000
        log.info("confirmations_written", listings=listings, write_ms=round(write_ms, 1))

    async def _drain(self) -> None:
        await self.drained()
        await self._confirm()

    def _log(self, written: Sequence[Written], attempt: int) -> None:
        write_ms = round(self._last_write_ms / len(written), 2)
        for one in written:
            report = BatchReport(
                batch=one.change_id,
                attempt=attempt,
                write_ms=write_ms,
                events=one.events,
                inserted=one.inserted,
                confirmed=self._confirmed,
                dead=one.dead,
                skipped=one.skipped,
                lag=self._accepted - self._applied,
            )
            self._confirmed = 0
            log.info("write_batch_processed", **msgspec.structs.asdict(report))
            if one.skipped:
                log.warning(
                    "write_batch_skipped", batch=one.change_id, reason="it is in the database already"
                )


def _export(stats: QueueStats) -> None:
    metrics.QUEUE_DEPTH.set(stats.depth)
    metrics.QUEUE_LAG.set(stats.lag)
    metrics.QUEUE_OLDEST_AGE.set(stats.oldest_age_s)
