"""What every write handler behind AsyncWriteQueue has to fulfil, and what the queue makes of its faults."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from structlog.testing import capture_logs

from overround.config import Settings
from overround.domain.diff import Confirmation
from overround.errors import DatabaseRefuses, DatabaseUnavailable, SequenceBroken, StorageError
from overround.storage.poison import cut_poison, split
from overround.storage.postgres_database import PostgresDatabase
from overround.storage.postgres_writer import PostgresWriter
from overround.storage.records import DeadRow, ListingPiece, WriteBatch, decode, encode
from overround.storage.sqlite_writer import SqliteWriter
from overround.storage.store import Store
from overround.storage.write_handler import Written, apply_waiting
from overround.storage.write_queue import CAPACITY, AsyncWriteQueue
from tests.support.changes import changed, market, registered
from tests.support.clock import START, FakeClock, settle
from tests.support.storage import Backend, accept

T = TypeVar("T")


class Bench:
    """An opened storage, a queue on it and the time they live in."""

    def __init__(self, folder: Path, store: Store, backend: Backend) -> None:
        self.folder, self.store, self.backend = folder, store, backend
        self.clock, self.settings = FakeClock(), Settings()
        self.settings.apply({"confirm_write_interval_s": 300})
        self.confirmations: list[Confirmation] = []
        self.handlers: list[Any] = []

    def handler(self, fault: type[Any] | None = None) -> Any:
        """Return a handler of its own, with a fault mixed in."""
        database = self.store.repository.database
        plain, place = (
            (PostgresWriter, database.session)
            if isinstance(database, PostgresDatabase)
            else (SqliteWriter, self.folder / "overround.db")
        )
        kind: Any = type("Faulty", (fault, plain), {}) if fault else plain
        handler = kind(place, self.store.spool.spool_id)
        self.handlers.append(handler)
        return handler

    def queue(self, handler: Any = None, jitter: float = 1.0) -> AsyncWriteQueue:
        """Return a queue that is not started."""
        return AsyncWriteQueue(
            self.store.spool, handler or self.handler(), self.clock, self.settings,
            lambda: self.confirmations, lambda: jitter,
        )  # fmt: skip

    async def accept(self, count: int = 1) -> list[WriteBatch]:
        """Accept that many batches, each one price of the one listing."""
        batches: list[WriteBatch] = []
        for _ in range(count):
            price = market(2000 + 10 * self.store.spool.last_seq, 3290, 3020)
            change = changed(price) if self.store.spool.last_seq else registered(price)
            batches.append(await accept(self.store, change))
        return batches

    async def meanwhile(self, awaitable: Awaitable[T]) -> T:
        """Await something while the clock goes on, as it does outside of tests."""
        task = asyncio.ensure_future(awaitable)
        while not task.done():
            await self.clock.advance(1.0)
        return await task

    def written(self) -> list[int]:
        """Return the change ids in the history, in order, as often as they are there."""
        return [change_id for (change_id,) in self.rows("SELECT change_id FROM odds_history ORDER BY 1")]

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the database past all our code."""
        return self.backend.rows(self.folder, statement)


@pytest.fixture
async def bench(backend: Backend, tmp_path: Path) -> AsyncGenerator[Bench]:
    """A bench per database."""
    async with backend.opened(tmp_path) as store:
        bench = Bench(tmp_path, store, backend)
        yield bench
        for handler in bench.handlers:
            await handler.close()


class Slow:
    """Applies nothing until it is let go; notes what it applied."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.go, self.groups = asyncio.Event(), list[list[int]]()

    async def apply(self, batches: Sequence[WriteBatch], dead: Sequence[DeadRow] = ()) -> tuple[Written, ...]:
        await self.go.wait()
        self.groups.append([batch.change_id for batch in batches])
        return await super().apply(batches, dead)  # type: ignore[misc]


class Flaky:
    """Fails as often as it is told, with whatever error."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.failures = 0
        self.error: Exception = DatabaseUnavailable(None, "database is locked")
        self.after_commit = False

    async def apply(self, batches: Sequence[WriteBatch], dead: Sequence[DeadRow] = ()) -> tuple[Written, ...]:
        if self.failures and not self.after_commit:
            self.failures -= 1
            raise self.error
        written = await super().apply(batches, dead)  # type: ignore[misc]
        if self.failures:
            self.failures -= 1
            raise self.error
        return written

    async def confirm(self, confirmations: Sequence[Confirmation]) -> int:
        if self.failures:
            self.failures -= 1
            raise self.error
        return await super().confirm(confirmations)  # type: ignore[misc]


class Watched(Flaky):
    """Tells when confirmations have been written."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.confirmed = asyncio.Event()

    async def confirm(self, confirmations: Sequence[Confirmation]) -> int:
        moved = await super().confirm(confirmations)
        self.confirmed.set()
        return moved


# --- the good path -------------------------------------------------------------------------------------------


async def test_what_is_enqueued_is_written_in_order_and_once(bench: Bench):
    """And forgotten by the spool afterwards."""
    queue = bench.queue()
    await queue.start()
    for batch in await bench.accept(3):
        queue.enqueue(batch)
    await queue.drained()
    assert bench.written() == [1, 2, 3]
    await queue.stop()
    assert await bench.store.spool.read(0, 10) == []


async def test_what_the_spool_holds_at_the_start_is_written_first(bench: Bench):
    """Nobody has to enqueue it again."""
    await bench.accept(2)
    queue = bench.queue()
    await queue.start()
    for batch in await bench.accept(1):
        queue.enqueue(batch)
    await queue.drained()
    await queue.stop()
    assert bench.written() == [1, 2, 3]


async def test_every_batch_logs_one_line(bench: Bench):
    """Attempt 1 on the good path; the line is one struct."""
    queue = bench.queue()
    with capture_logs() as lines:
        await queue.start()
        for batch in await bench.accept(2):
            queue.enqueue(batch)
        await queue.drained()
        await queue.stop()
    processed = [line for line in lines if line["event"] == "write_batch_processed"]
    assert [(line["batch"], line["attempt"], line["inserted"]) for line in processed] == [
        (1, 1, 1),
        (2, 1, 1),
    ]


# --- the window ----------------------------------------------------------------------------------------------


async def test_enqueue_never_waits_and_memory_stays_bounded(bench: Bench):
    """120 batches while the database stands still: 50 in memory, none lost, all in order."""
    slow = bench.handler(Slow)
    queue = bench.queue(slow)
    await queue.start()
    for batch in await bench.accept(120):
        queue.enqueue(batch)
    stats = queue.stats()
    assert (stats.depth, stats.capacity, stats.lag) == (CAPACITY, 50, 120)
    slow.go.set()
    await queue.drained()
    assert [change_id for group in slow.groups for change_id in group] == list(range(1, 121))
    assert bench.written() == list(range(1, 121))
    await queue.stop()


async def test_batches_that_come_while_the_rest_is_read_back_keep_their_place(bench: Bench):
    """The window was full once; what comes later must wait behind what only the spool has."""
    slow = bench.handler(Slow)
    queue = bench.queue(slow)
    await queue.start()
    for batch in await bench.accept(CAPACITY + 5):
        queue.enqueue(batch)
    slow.go.set()
    for _ in range(20):
        for batch in await bench.accept(1):
            queue.enqueue(batch)
        assert queue.stats().depth <= CAPACITY
    await queue.drained()
    assert [change_id for group in slow.groups for change_id in group] == list(range(1, CAPACITY + 26))
    await queue.stop()


async def test_stats_tell_how_the_writer_stands(bench: Bench):
    """For health, metrics and people."""
    slow = bench.handler(Slow)
    queue = bench.queue(slow)
    assert not queue.stats().running
    await queue.start()
    for batch in await bench.accept(2):
        queue.enqueue(batch)
    await bench.clock.advance(7.5)
    stats = queue.stats()
    assert (stats.running, stats.depth, stats.lag, stats.oldest_age_s) == (True, 2, 2, 7.5)
    slow.go.set()
    await queue.drained()
    stats = queue.stats()
    assert (stats.depth, stats.lag, stats.oldest_age_s, stats.written, stats.last_error) == (0, 0, 0.0, 2, "")
    assert stats.attempts == 1
    await queue.stop()
    assert not queue.stats().running


# --- faults --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jitter", [1.0, 0.25])
async def test_a_failed_write_is_repeated_for_as_long_as_it_takes(bench: Bench, jitter: float):
    """After 1 s, 2 s, 4 s, ... never more than 30 s, times the jitter."""
    flaky = bench.handler(Flaky)
    flaky.failures = 8
    queue = bench.queue(flaky, jitter)
    (batch,) = await bench.accept()
    with capture_logs() as lines:
        await queue.start()
        queue.enqueue(batch)
        await bench.meanwhile(queue.drained())
        await bench.meanwhile(queue.stop())
    pauses = [line["retry_in_s"] for line in lines if line["event"] == "write_failed"]
    assert pauses == [pause * jitter for pause in (1, 2, 4, 8, 16, 30, 30, 30)]
    assert [line["attempt"] for line in lines if line["event"] == "write_batch_processed"] == [9]
    assert bench.written() == [1]


async def test_the_pause_is_waited_on_our_clock(bench: Bench):
    """Nothing is tried before its time."""
    flaky = bench.handler(Flaky)
    flaky.failures = 2
    queue = bench.queue(flaky)
    await queue.start()
    queue.enqueue((await bench.accept())[0])
    await settle()
    assert (queue.stats().attempts, queue.stats().last_error) == (1, "database is locked")
    await bench.clock.advance(0.9)
    assert queue.stats().attempts == 1
    await bench.clock.advance(0.1)
    assert queue.stats().attempts == 2
    await bench.meanwhile(queue.stop())


@pytest.mark.parametrize(
    "error", [ValueError("nobody expected this"), OSError(28, "No space left on device")]
)
async def test_an_unknown_error_is_repeated_too(bench: Bench, error: Exception):
    """Giving the batch up would lose it; finding the poisoned row in it is not the queue's business."""
    flaky = bench.handler(Flaky)
    flaky.failures, flaky.error = 3, error
    queue = bench.queue(flaky)
    await queue.start()
    for batch in await bench.accept(2):
        queue.enqueue(batch)
    await bench.meanwhile(queue.drained())
    await bench.meanwhile(queue.stop())
    assert bench.written() == [1, 2]
    assert queue.stats().last_error == ""


async def test_a_commit_whose_answer_got_lost_has_one_effect(bench: Bench):
    """The rows are in, the caller heard an error and repeats: watermark and rows share a transaction."""
    flaky = bench.handler(Flaky)
    flaky.failures, flaky.after_commit = 2, True
    queue = bench.queue(flaky)
    await queue.start()
    for batch in await bench.accept(3):
        queue.enqueue(batch)
    await bench.meanwhile(queue.drained())
    await bench.meanwhile(queue.stop())
    assert bench.written() == [1, 2, 3]


async def test_a_gap_stops_the_worker_with_a_reason(bench: Bench):
    """Batch 2 is gone from the spool: no repetition brings it back, and batch 3 must not hide that."""
    slow = bench.handler(Slow)
    queue = bench.queue(slow)
    await queue.start()
    batches = await bench.accept(3)
    queue.enqueue(batches[0])
    await bench.store.spool.trim(2)
    queue.enqueue(batches[2])
    slow.go.set()
    with capture_logs() as lines, pytest.raises(SequenceBroken):
        await queue.drained()
    assert not queue.stats().running
    assert "batches 2 to 2 are missing" in queue.stats().last_error
    assert [line["log_level"] for line in lines if line["event"] == "writer_stopped"] == ["error"]
    queue.enqueue((await bench.accept())[0])  # still accepted, still at once
    await queue.stop()
    assert bench.written() == [1]


async def test_a_spool_that_can_not_be_trimmed_costs_room_only(bench: Bench):
    """The watermark skips what is still there."""
    spool = bench.store.spool
    queue = bench.queue()
    await queue.start()
    (batch,) = await bench.accept()
    read_only = "PRAGMA query_only = 1"
    await spool._in_thread(lambda: spool._connection().execute(read_only))
    with capture_logs() as lines:
        queue.enqueue(batch)
        await queue.drained()
        await queue.stop()
    assert "spool_trim_failed" in [line["event"] for line in lines]
    assert bench.written() == [1]
    assert [left.change_id for left in await spool.read(0, 10)] == [1]


# --- what only an operator can change ------------------------------------------------------------------------


async def test_an_operators_error_pauses_the_writer_with_a_reason(bench: Bench):
    """Said once, tried every 30 s, gone on by itself."""
    flaky = bench.handler(Flaky)
    flaky.failures, flaky.error = 3, DatabaseRefuses(None, "database or disk is full")
    queue = bench.queue(flaky)
    with capture_logs() as lines:
        await queue.start()
        queue.enqueue((await bench.accept())[0])
        await settle()
        assert "disk is full" in queue.paused
        await bench.clock.advance(59.9)
        assert (queue.stats().attempts, queue.stats().dead) == (2, 0)
        await bench.meanwhile(queue.drained())
        await bench.meanwhile(queue.stop())
    assert queue.paused == ""
    said = [line["event"] for line in lines if line["event"] in ("writer_paused", "writer_resumed")]
    assert said == ["writer_paused", "writer_resumed"]
    assert bench.written() == [1]


async def test_a_writer_that_is_paused_goes_on_taking_batches(bench: Bench):
    """They are accepted; the spool has them."""
    flaky = bench.handler(Flaky)
    flaky.failures, flaky.error = 1, DatabaseRefuses(None, "attempt to write a readonly database")
    queue = bench.queue(flaky)
    await queue.start()
    for batch in await bench.accept(3):
        queue.enqueue(batch)
        await settle()
    assert (queue.stats().lag, queue.stats().running) == (3, True)
    await bench.meanwhile(queue.drained())
    await bench.meanwhile(queue.stop())
    assert bench.written() == [1, 2, 3]


async def test_a_damaged_batch_in_the_spool_pauses_the_writer(bench: Bench):
    """What came before it is written; the reason names it; put right, it goes on."""
    spool, queue = bench.store.spool, bench.queue()
    await bench.accept(4)

    def flip() -> None:
        db = spool._connection()
        (payload,) = db.execute("SELECT payload FROM batch WHERE seq = 3").fetchone()
        db.execute("UPDATE batch SET payload = ? WHERE seq = 3", (payload[:-1] + bytes([payload[-1] ^ 1]),))

    await spool._in_thread(flip)
    with capture_logs() as lines:
        await queue.start()
        while not queue.paused:
            await settle()
        assert "batch 3: the payload is damaged" in queue.paused
        assert (bench.written(), queue.stats().lag) == ([1, 2], 2)
        await bench.clock.advance(100)
        await spool._in_thread(flip)
        await bench.meanwhile(queue.drained())
        await bench.meanwhile(queue.stop())
    assert (bench.written(), queue.paused) == ([1, 2, 3, 4], "")
    said = [line["event"] for line in lines if line["event"] in ("writer_paused", "writer_resumed")]
    assert said == ["writer_paused", "writer_resumed"]


# --- poison --------------------------------------------------------------------------------------------------


def poisoned(batch: WriteBatch, *positions: int) -> WriteBatch:
    """Return the batch with a time that no database can hold in these markets of its first piece."""
    piece = decode(batch)[0]
    assert isinstance(piece, ListingPiece)
    for position in positions:
        piece.changed_ago[position] = -(2**63)
    return msgspec.structs.replace(batch, pieces=(encode(piece), *batch.pieces[1:]))


async def accept_poisoned(bench: Bench, count: int, *positions: int) -> WriteBatch:
    """Accept a batch of that many markets, some of them poison."""
    markets = [market(2000 + number, 3000, market_id="5000", line=f"{number}.5") for number in range(count)]
    piece = bench.store.encoder.listing_piece(registered(*markets), "football")
    batch = poisoned(WriteBatch(0, None, START, (piece,)), *positions)
    change_id = await bench.store.spool.accept(batch.pieces, None, START)
    return msgspec.structs.replace(batch, change_id=change_id)


async def test_a_poison_row_goes_to_the_dead_letters_and_the_rest_is_written(bench: Bench):
    """Exactly once, with the watermark behind it; the line says which price it was."""
    queue = bench.queue()
    await queue.start()
    with capture_logs() as lines:
        queue.enqueue(await accept_poisoned(bench, 9, 4))
        for batch in await bench.accept(2):
            queue.enqueue(batch)
        await bench.meanwhile(queue.drained())
        await bench.meanwhile(queue.stop())
    assert bench.written() == [1] * 8 + [2, 3]
    assert bench.rows("SELECT seq FROM write_watermark") == [(3,)]
    letters = bench.rows("SELECT change_id, kind, sportradar_id, bookmaker, state FROM dead_letter")
    assert letters == [(1, "market", "69000001", "betpawa", "waiting")]
    (line,) = [line for line in lines if line["event"] == "row_dead_lettered"]
    assert (line["log_level"], line["sportradar_id"], line["bookmaker"], line["batch"]) == (
        "error", "69000001", "betpawa", 1,
    )  # fmt: skip
    assert line["market"] and line["reason"]
    assert (queue.stats().dead, queue.stats().lag) == (1, 0)


async def test_every_poison_row_is_found(bench: Bench):
    """First, last and all that are neighbours."""
    batch = await accept_poisoned(bench, 13, 0, 6, 7, 12)
    assert await apply_waiting(bench.store.spool, bench.handler()) == 1
    assert batch.change_id == 1
    assert bench.written() == [1] * 9
    assert bench.rows("SELECT count(*) FROM dead_letter") == [(4,)]


async def test_a_piece_that_can_not_be_read_goes_to_the_dead_letters_as_it_is(bench: Bench):
    """Its bytes are all we have."""
    good = bench.store.encoder.listing_piece(registered(market(2000, 3000, 3100)), "football")
    await bench.store.spool.accept([b"\xc1", good], None, START)
    await apply_waiting(bench.store.spool, bench.handler())
    assert bench.written() == [1]
    assert bench.rows("SELECT kind, piece FROM dead_letter") == [("piece", b"\xc1")]


async def test_the_database_going_away_during_the_search_buries_nothing(bench: Bench):
    """Only a database that is well says something of a row."""

    class LostDuringSearch:
        lost = 3

        async def check(self, batch: WriteBatch) -> None:
            if self.lost:
                self.lost -= 1
                raise DatabaseUnavailable(None, "connection lost")
            await super().check(batch)  # type: ignore[misc]

    queue = bench.queue(bench.handler(LostDuringSearch))
    await queue.start()
    queue.enqueue(await accept_poisoned(bench, 5, 2))
    await bench.meanwhile(queue.drained())
    await bench.meanwhile(queue.stop())
    assert bench.written() == [1] * 4
    assert bench.rows("SELECT count(*) FROM dead_letter") == [(1,)]


async def test_an_error_nobody_knows_is_searched_for_only_when_a_probe_succeeds(bench: Bench):
    """Before that it may be the database's, and everything waits."""

    class Ill:
        well = False

        async def apply(
            self, batches: Sequence[WriteBatch], dead: Sequence[DeadRow] = ()
        ) -> tuple[Written, ...]:
            if not self.well:
                raise RuntimeError("nobody expected this")
            return await super().apply(batches, dead)  # type: ignore[misc]

        async def probe(self) -> None:
            if not self.well:
                raise StorageError(None, "the probe failed")

        async def check(self, batch: WriteBatch) -> None:
            assert self.well, "searched on a database that is not well"
            await super().check(batch)  # type: ignore[misc]

    ill = bench.handler(Ill)
    queue = bench.queue(ill)
    await queue.start()
    queue.enqueue(await accept_poisoned(bench, 3, 1))
    await bench.clock.advance(100)
    assert (queue.stats().lag, queue.stats().dead) == (1, 0)
    ill.well = True
    await bench.meanwhile(queue.drained())
    await bench.meanwhile(queue.stop())
    assert queue.stats().dead == 1


async def test_a_batch_that_came_through_leaves_no_second_dead_letter(bench: Bench):
    """The commit's answer got lost, the batch is repeated: rows and letters are there once."""
    batch = await accept_poisoned(bench, 3, 1)
    handler = bench.handler()
    rest, dead = await cut_poison(handler, batch, START)
    for _ in range(2):
        await handler.apply([rest], dead)
    assert bench.rows("SELECT count(*) FROM dead_letter") == [(1,)]
    assert bench.written() == [1, 1]


async def test_a_dead_letter_is_revived_once(bench: Bench):
    """Under its old change id, and never over a newer price."""
    handler = bench.handler()
    await accept_poisoned(bench, 3)
    await apply_waiting(bench.store.spool, handler)
    (batch,) = await bench.accept()
    piece = decode(batch)[0]
    dead = [
        DeadRow(1, None, START, START, part.kind, "69000001", "betpawa", "", "?", part.piece)
        for part in split(encode(piece))
        if part.kind == "market"
    ]
    await handler.apply(
        [msgspec.structs.replace(batch, pieces=())], [msgspec.structs.replace(dead[0], change_id=2)]
    )
    (letter,) = bench.rows("SELECT id FROM dead_letter")
    assert await handler.revive(letter[0], START)
    assert not await handler.revive(letter[0], START)
    assert not await handler.revive(99, START)
    assert bench.written() == [1, 1, 1, 2]
    assert bench.rows("SELECT state FROM dead_letter") == [("replayed",)]


async def test_check_and_probe_leave_nothing(bench: Bench):
    """They only ask."""
    handler = bench.handler()
    (batch,) = await bench.accept()
    await handler.check(batch)
    await handler.probe()
    assert bench.written() == []
    assert await handler.watermark() == 0
    assert bench.rows("SELECT count(*) FROM write_watermark WHERE spool_id = 'probe'") == [(0,)]


# --- stopping ------------------------------------------------------------------------------------------------


async def test_stop_writes_what_waits(bench: Bench):
    """Nothing accepted is left behind when there is time."""
    queue = bench.queue()
    await queue.start()
    for batch in await bench.accept(30):
        queue.enqueue(batch)
    await queue.stop()
    assert bench.written() == list(range(1, 31))


async def test_what_is_not_written_by_the_deadline_waits_in_the_spool(bench: Bench):
    """The database is away: stop returns in time, and the next start writes the rest once."""
    stuck = bench.handler(Slow)
    queue = bench.queue(stuck)
    await queue.start()
    for batch in await bench.accept(3):
        queue.enqueue(batch)
    stopping = asyncio.ensure_future(queue.stop(deadline_s=5))
    await bench.clock.advance(4.9)
    assert not stopping.done()
    await bench.clock.advance(0.1)
    await stopping
    assert bench.written() == []
    again = bench.queue()
    await again.start()
    await again.drained()
    await again.stop()
    assert bench.written() == [1, 2, 3]


# --- confirmations -------------------------------------------------------------------------------------------


def confirmed_at(bench: Bench) -> list[Any]:
    """Return the listings' confirmation times in milliseconds after START."""
    start_ms = round(START.timestamp() * 1000)
    found = bench.rows("SELECT last_confirmed_at FROM listing")
    return [None if at is None else at - start_ms for (at,) in found]


async def test_confirmations_are_written_at_their_interval(bench: Bench):
    """The newest of each listing; in between nothing, and the setting acts on the next round."""
    watched = bench.handler(Watched)
    queue = bench.queue(watched)
    await queue.start()
    queue.enqueue((await bench.accept())[0])
    await queue.drained()
    bench.confirmations = [Confirmation("69000001", "betpawa", START + timedelta(seconds=60))]
    await bench.clock.advance(299)
    assert confirmed_at(bench) == [None]
    with capture_logs() as lines:
        await bench.clock.advance(1)
        await watched.confirmed.wait()
    assert [(line["event"], line["listings"]) for line in lines] == [("confirmations_written", 1)]
    assert confirmed_at(bench) == [60_000]
    await queue.stop()


async def test_the_last_confirmations_are_written_at_the_end(bench: Bench):
    """A clean stop loses none of them."""
    queue = bench.queue()
    await queue.start()
    queue.enqueue((await bench.accept())[0])
    bench.confirmations = [Confirmation("69000001", "betpawa", START + timedelta(seconds=5))]
    await queue.stop()
    assert confirmed_at(bench) == [5_000]


async def test_confirmations_that_fail_are_written_with_the_next(bench: Bench):
    """They are only the newest times; the worker is not held up."""
    watched = bench.handler(Watched)
    queue = bench.queue(watched)
    await queue.start()
    queue.enqueue((await bench.accept())[0])
    await queue.drained()
    bench.confirmations = [Confirmation("69000001", "betpawa", START)]
    watched.failures = 1
    with capture_logs() as lines:
        await bench.clock.advance(600)
        await watched.confirmed.wait()
    assert [line["event"] for line in lines] == ["confirmations_failed", "confirmations_written"]
    assert confirmed_at(bench) == [0]
    await queue.stop()
