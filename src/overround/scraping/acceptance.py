"""
Acceptance: how a change becomes durable, visible and known, in that order.

batch -> spool (one commit) -> cache -> bus -> write queue

What waits in a batch is kept as an overlay over the cache, so that the next answer is compared with the
newest state and not with an older one. A batch whose commit failed is kept and tried again, never dropped.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import Protocol

import msgspec

from overround import metrics
from overround.bus.base import Bus
from overround.cache.odds_cache import OddsCache
from overround.clock import Clock, within
from overround.config import Settings
from overround.domain.current import CurrentListing
from overround.domain.diff import Changes, Confirmation, ListingChanges, MarketChange
from overround.domain.events import EventHeader, Listing
from overround.domain.markets import Markets
from overround.domain.outliers import OUTLIER
from overround.domain.runs import EventOutcome, Phase, RunReport
from overround.errors import StorageError
from overround.log import get_logger
from overround.scraping.phases import PhaseTimes
from overround.storage.records import Encoder, WriteBatch

log = get_logger(__name__)

BATCH_OPEN_S = 0.1  # a batch waits no longer for company
SLOW_COMMIT_S = 2.0  # a commit longer than this stops intake until it is through
RETRY_COMMIT_S = LOOK_AGAIN_S = 1.0
STOP_WAIT_S = 3.0  # what the disk may take for the last batches when the process stops
# Of a batch, applied and published in one turn of the loop: about 3 ms. A listing is never divided.
PART_LISTINGS, PART_MARKETS = 5, 150
CLOSED_BATCHES = 4  # batches waiting for the disk before intake has to wait

ListingId = tuple[str, str]  # (sportradar_id, bookmaker)
Deliver = Callable[[WriteBatch], Awaitable[None]]


class Journal(Protocol):
    """Where a batch becomes durable: the spool."""

    @property
    def full(self) -> bool:
        """Return whether more waits for the database than is allowed."""
        ...

    async def accept(self, pieces: Sequence[bytes], run_id: str | None, at: datetime) -> int:
        """
        Commit one batch and return its change id.

        Raises:
            StorageError: It is not durable; may be tried again.
        """
        ...


class Door(msgspec.Struct, frozen=True):
    """What is behind acceptance once the data directory is open."""

    journal: Journal
    encoder: Encoder
    deliver: Deliver
    delivery: Phase = "enqueue"  # what delivering is: handing to the queue, or writing


class Known(msgspec.Struct, frozen=True):
    """The newest settled state of a listing, accepted or not."""

    listing: Listing
    markets: Markets


class _Batch(msgspec.Struct):
    """Changes and confirmations that become durable together; a listing at most once."""

    run_id: str | None = None
    changes: list[ListingChanges] = []
    pieces: list[bytes] = []
    confirmed: list[Confirmation] = []
    events: set[str] = set()
    known: dict[ListingId, Known] = {}  # the states it brings about
    headers: dict[str, EventHeader] = {}
    waiting: list["asyncio.Future[None]"] = []


class Acceptance:
    """The one door to spool, cache, bus and queue. `add` never waits; whoever adds first awaits `room`."""

    def __init__(self, cache: OddsCache, bus: Bus, settings: Settings, clock: Clock) -> None:
        self._cache, self._bus, self._settings, self._clock = cache, bus, settings, clock
        self._door: Door | None = None  # open between start and stop
        self.blocked = ""  # why nothing is accepted now, for people
        self.spent = PhaseTimes()  # since the process started
        self._batch = _Batch()
        self._closed: deque[_Batch] = deque()
        self._batch_closed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._pending: dict[ListingId, Known] = {}
        self._pending_headers: dict[str, EventHeader] = {}
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.Task[None] | None = None

    async def start(self, door: Door) -> None:
        """Begin to accept through this door."""
        self._door = door
        self._task = asyncio.create_task(self._accept(door), name="acceptance")

    async def stop(self) -> None:
        """Accept what was added, then end. What a refusing disk keeps waiting was never accepted."""
        if self._task is None:
            return
        if not self.blocked:
            with suppress(TimeoutError):  # the disk began to refuse just now
                await within(self._clock, STOP_WAIT_S, self.flush())
        for task in (self._task, self._timer):
            if task:
                task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = self._timer = None

    async def room(self) -> None:
        """Wait until more may be added: nothing blocks, and the disk keeps up."""
        await self._room.wait()

    def known(self, listing_id: ListingId) -> Known | None:
        """Return the listing's newest state, None when nobody told of it yet."""
        if pending := self._pending.get(listing_id):
            return pending
        cached = self._cache.listing(*listing_id)
        return Known(cached.listing, cached.markets) if cached else None

    def header(self, sportradar_id: str) -> EventHeader | None:
        """Return the event's newest header."""
        if pending := self._pending_headers.get(sportradar_id):
            return pending
        event = self._cache.event(sportradar_id)
        return event.header if event else None

    def add(
        self,
        change: ListingChanges | None,
        known: Known | None,
        run_id: str | None = None,
        confirmation: Confirmation | None = None,
    ) -> "asyncio.Future[None]":
        """
        Put a change (with the state it leads to) and a confirmation into the open batch.

        Returns what is done when they are durable, in the cache and published. Never waits: between reading
        the newest state and adding the next one nothing else may run.
        """
        if change and (change.sportradar_id, change.bookmaker) in self._batch.known:
            self._close_batch()
        batch = self._batch
        if change and known:
            self._add_change(batch, change, known)
        if confirmation:
            batch.confirmed.append(confirmation)
            batch.events.add(confirmation.sportradar_id)
        batch.run_id = batch.run_id or run_id
        accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        batch.waiting.append(accepted)
        if len(batch.events) >= self._settings.number("batch_size"):
            self._close_batch()
        elif self._timer is None:
            self._timer = asyncio.create_task(self._close_later(), name="acceptance-batch")
        return accepted

    async def record_run(self, report: RunReport, outcomes: Sequence[EventOutcome] = ()) -> None:
        """Make a run's state durable like any change, at its end with what brought no prices; returns when it is."""
        self._batch.pieces.append(self._opened().encoder.run_piece(report, outcomes))
        self._batch.run_id = self._batch.run_id or report.run_id
        await self.flush()

    async def flush(self) -> None:
        """Return when everything added so far is accepted."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._batch.waiting.append(done)
        self._close_batch()
        await done

    def remove(self, sportradar_ids: Sequence[str]) -> None:
        """Take events out of the cache and tell everyone; nothing about it is stored."""
        self._publish(Changes(0, None, self._clock.now(), removed=tuple(sportradar_ids)))

    def recall(self, stored: Sequence[CurrentListing]) -> None:
        """Put listings back into the cache as they are stored, and tell everyone; nothing about it is stored again."""
        now = self._clock.now()
        changes = tuple(
            ListingChanges(
                current.listing.sportradar_id,
                current.listing.bookmaker,
                current.changed_at or now,
                current.header,
                current.listing,
                tuple(MarketChange(None, market) for market in current.markets),
            )
            for current in stored
        )
        confirmed = tuple(
            Confirmation(current.listing.sportradar_id, current.listing.bookmaker, current.confirmed_at)
            for current in stored
            if current.confirmed_at
        )
        if changes:
            self._publish(Changes(0, None, now, changes, confirmed))

    def _add_change(self, batch: _Batch, change: ListingChanges, known: Known) -> None:
        if not change.stored and change.unmapped is None:
            return
        if change.stored:  # first: what can't be encoded must not become visible either
            header = change.header or self.header(change.sportradar_id)
            assert header is not None
            batch.pieces.append(self._opened().encoder.listing_piece(change, header.sport))
            metrics.MARKETS_CHANGED.labels(change.bookmaker).inc(len(change.markets))
            _count_suspects(change)
        listing_id = (change.sportradar_id, change.bookmaker)
        batch.changes.append(change)
        batch.events.add(change.sportradar_id)
        batch.known[listing_id] = self._pending[listing_id] = known
        if change.header:
            batch.headers[change.sportradar_id] = self._pending_headers[change.sportradar_id] = change.header

    async def _close_later(self) -> None:
        await self._clock.sleep(BATCH_OPEN_S)
        self._timer = None
        self._close_batch()

    def _close_batch(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        batch, self._batch = self._batch, _Batch()
        if batch.pieces or batch.changes or batch.waiting:
            self._closed.append(batch)
            self._batch_closed.set()
            self._update_room()

    async def _accept(self, door: Door) -> None:
        try:
            while True:
                await self._batch_closed.wait()
                while self._closed:
                    await self._accept_batch(self._closed[0], door)
                    self._closed.popleft()
                    self._update_room()
                self._batch_closed.clear()
        except Exception as exc:  # our own fault; without a word everything would wait for ever
            log.exception("acceptance_crashed")
            self._block(f"nothing can be accepted until a restart: {type(exc).__name__}: {exc}")

    async def _accept_batch(self, batch: _Batch, door: Door) -> None:
        while batch.pieces and door.journal.full:
            self._block("the spool is full (spool_max_mib): the database does not take what waits in it")
            await self._clock.sleep(LOOK_AGAIN_S)
        with self.spent.measured("accept"):
            change_id = await self._commit(batch, door.journal) if batch.pieces else 0
        at = self._clock.now()
        for part in _parts(
            Changes(change_id, batch.run_id, at, tuple(batch.changes), tuple(batch.confirmed))
        ):
            self._publish(part)
            await asyncio.sleep(0)  # readers are not kept waiting by a whole batch
        self._drop_overlay(batch)
        for done in batch.waiting:
            if not done.cancelled():
                done.set_result(None)
        if change_id:
            with self.spent.measured(door.delivery):
                await door.deliver(WriteBatch(change_id, batch.run_id, at, tuple(batch.pieces)))

    async def _commit(self, batch: _Batch, journal: Journal) -> int:
        """Return the batch's change id once it is on disk; tries as long as it takes and says why it waits."""
        while True:
            commit = asyncio.ensure_future(journal.accept(batch.pieces, batch.run_id, self._clock.now()))
            patience = asyncio.ensure_future(self._clock.sleep(SLOW_COMMIT_S))
            await asyncio.wait({commit, patience}, return_when=asyncio.FIRST_COMPLETED)
            patience.cancel()
            if not commit.done():
                self._block(f"writing to the spool takes longer than {SLOW_COMMIT_S:.0f} s")
            try:
                change_id = await commit
            except StorageError as exc:
                self._block(f"the spool can't be written: {exc}")
                await self._clock.sleep(RETRY_COMMIT_S)
            else:
                self._unblock()
                return change_id

    def _opened(self) -> Door:
        assert self._door is not None, "nothing is added before start"
        return self._door

    def _publish(self, changes: Changes) -> None:
        with self.spent.measured("cache"):
            changes = self._cache.apply(changes)
        for flip in changes.flagged:
            if flip.outlier:
                metrics.SUSPECTS.labels(flip.bookmaker, OUTLIER).inc()
        with self.spent.measured("publish"):
            self._bus.publish(changes)

    def _drop_overlay(self, batch: _Batch) -> None:
        """Forget what the cache now holds, unless a later batch changed it again."""
        for listing_id, known in batch.known.items():
            if self._pending.get(listing_id) is known:
                del self._pending[listing_id]
        for sportradar_id, header in batch.headers.items():
            if self._pending_headers.get(sportradar_id) is header:
                del self._pending_headers[sportradar_id]

    def _block(self, reason: str) -> None:
        if self.blocked != reason:
            log.error("intake_blocked", reason=reason)
        self.blocked = reason
        self._update_room()

    def _unblock(self) -> None:
        if self.blocked:
            log.warning("intake_unblocked", reason=self.blocked)
        self.blocked = ""
        self._update_room()

    def _update_room(self) -> None:
        if self.blocked or len(self._closed) >= CLOSED_BATCHES:
            self._room.clear()
        else:
            self._room.set()


def _parts(changes: Changes) -> Iterator[Changes]:
    """Yield a batch in parts of a few listings; a listing and its confirmation are in one of them."""
    confirmed: dict[ListingId, list[Confirmation]] = {}
    for each in changes.confirmed:
        confirmed.setdefault((each.sportradar_id, each.bookmaker), []).append(each)
    for listings in _portions(changes.listings):
        own = [confirmed.pop((each.sportradar_id, each.bookmaker), []) for each in listings]
        yield msgspec.structs.replace(changes, listings=listings, confirmed=tuple(chain.from_iterable(own)))
    if confirmed:
        rest = tuple(chain.from_iterable(confirmed.values()))
        yield msgspec.structs.replace(changes, listings=(), confirmed=rest)


def _portions(listings: Sequence[ListingChanges]) -> Iterator[tuple[ListingChanges, ...]]:
    portion: list[ListingChanges] = []
    markets = 0
    for each in listings:
        if portion and (len(portion) == PART_LISTINGS or markets + len(each.markets) > PART_MARKETS):
            yield tuple(portion)
            portion, markets = [], 0
        portion.append(each)
        markets += len(each.markets)
    if portion:
        yield tuple(portion)


def _count_suspects(change: ListingChanges) -> None:
    """Count every code that a market did not have before."""
    for market in change.markets:
        if market.after.suspect:
            before = market.before.suspect if market.before else ()
            for code in market.after.suspect:
                if code not in before:
                    metrics.SUSPECTS.labels(change.bookmaker, code).inc()
