"""
What accepting, writing and warming up cost, on SQLite and PostgreSQL, against the least that could be done.

Every ratio compares two ways on the same data in one process, alternating, best of several rounds each: the
machine and its load cancel out. The data are a first load and an update of 10 % of its markets; warm-up has the
540,000 markets of the full world. PostgreSQL is the server of the tests, durable: it flushes every commit.
"""

import asyncio
import gc
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, registry

from benchmarks import outage
from benchmarks.report import Figure, report
from overround.config import Settings
from overround.domain.diff import ListingChanges, MarketChange
from overround.domain.events import EventHeader, Listing, competition
from overround.domain.markets import Market, MarketKey
from overround.log import configure
from overround.storage import rows as sql
from overround.storage.data_dir import DataDir
from overround.storage.identities import Identities
from overround.storage.migrations import set_up, upgrade
from overround.storage.partitions import look_after_partitions
from overround.storage.postgres import Address
from overround.storage.postgres import connect as connect_postgres
from overround.storage.postgres_database import PostgresDatabase
from overround.storage.postgres_writer import PostgresRows, numbered
from overround.storage.records import Encoder, WriteBatch, decode, pack
from overround.storage.rows import Rows
from overround.storage.schema import metadata
from overround.storage.spool import Spool
from overround.storage.sqlite_writer import SqliteRows, connect
from overround.storage.store import Store, open_repository, open_store
from overround.storage.times import from_ms
from overround.storage.write_handler import apply_waiting
from tests.support.clock import FakeClock
from tests.support.postgres import Databases, Server

EVENTS, BOOKMAKERS, MARKETS, EVENTS_A_BATCH = 400, ("betpawa", "sportybet", "bet9ja"), 100, 50
FULL_EVENTS = 1800  # of 100 markets at three bookmakers each: the full world's 540,000
ROUNDS = 3
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
KICKOFF = AT + timedelta(hours=8)
Pieces = list[tuple[bytes, ...]]  # of a batch each
R = TypeVar("R", bound=Rows)

NAMES = (("1", "X", "2"), ("Over", "Under"), ("Yes", "No"))


def change(event: int, bookmaker: str, at: datetime, markets: range, chance: random.Random) -> ListingChanges:
    """Return one listing's markets at random prices."""
    sportradar_id = str(69_000_000 + event)
    header = EventHeader(
        sportradar_id, f"Home {event}", f"Away {event}", KICKOFF,
        competition("football", "Nigeria", f"League {event % 100}"), "football", "betpawa",
    )  # fmt: skip
    books = tuple(
        Market(
            key=MarketKey(str(3000 + number // 4), f"{number % 4}.5"),
            names=NAMES[number % 3],
            odds_milli=tuple(chance.randrange(1010, 9000, 10) for _ in NAMES[number % 3]),
            suspended=0,
            changed_at=at,
            first_seen_at=AT,
        )
        for number in markets
    )
    return ListingChanges(
        sportradar_id, bookmaker, at, header if bookmaker == "betpawa" else None,
        Listing(sportradar_id, bookmaker, sportradar_id, kickoff_at=KICKOFF),
        tuple(MarketChange(None, book) for book in books),
    )  # fmt: skip


def load(
    encoder: Encoder, chance: random.Random, at: datetime, markets: range, events: int = EVENTS
) -> Pieces:
    """Return the pieces of these markets of every listing, per batch."""
    return [
        tuple(
            encoder.listing_piece(change(event, bookmaker, at, markets, chance), "football")
            for event in range(first, min(first + EVENTS_A_BATCH, events))
            for bookmaker in BOOKMAKERS
        )
        for first in range(0, events, EVENTS_A_BATCH)
    ]


def batches() -> tuple[Pieces, Pieces]:
    """Return the pieces of a first load and of an update of every tenth market, per batch."""
    chance, encoder = random.Random(1), Encoder(Identities())
    later = AT + timedelta(minutes=5)
    return load(encoder, chance, AT, range(MARKETS)), load(encoder, chance, later, range(0, MARKETS, 10))


def numbered_batches(pieces: Pieces, first: int) -> list[WriteBatch]:
    """Return batches as the spool gives them back."""
    return [WriteBatch(first + i, None, AT, each) for i, each in enumerate(pieces)]


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Return how many seconds it took."""
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


# --- accepting -----------------------------------------------------------------------------------------------


async def accepting(folder: Path, pieces: Pieces) -> tuple[float, float]:
    """Return seconds per batch: through the spool, and by a bare commit of the same bytes."""
    spool = Spool(folder / "spool.db", Settings())
    await spool.open()
    ours = await timed(lambda: _accept_all(spool, pieces))
    await spool.close()
    payloads = [pack(each) for each in pieces]
    with closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as bare:
        bare.execute("PRAGMA journal_mode = WAL")
        bare.execute("PRAGMA synchronous = FULL")
        bare.execute("CREATE TABLE batch (seq INTEGER PRIMARY KEY, payload BLOB)")
        started = time.perf_counter()
        for payload in payloads:
            bare.execute("INSERT INTO batch (payload) VALUES (?)", (payload,))
        return ours / len(pieces), (time.perf_counter() - started) / len(pieces)


async def _accept_all(spool: Spool, pieces: Pieces) -> None:
    for each in pieces:
        await spool.accept(each, None, AT)


# --- writing -------------------------------------------------------------------------------------------------


class Backend:
    """One kind of database in one folder."""

    name = "SQLite"

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder, self.url = folder, url

    async def open(self) -> Store:
        """Open spool and database."""
        data_dir, clock = DataDir(self.folder), FakeClock(AT)  # the day of the data is open
        repository = await open_repository(data_dir, "simulated", {}, clock, self.url)
        return await open_store(data_dir, repository, Settings())

    async def by_hand(self, first: Pieces, update: Pieces) -> tuple[float, float]:
        """
        Return seconds for the same rows, built beforehand, by the plainest statements into the same tables.

        One transaction each, rows in the order of their key, no watermark, no check which version is newer.
        """
        times: list[float] = []
        upgrade(self.folder / "bare.db")
        with closing(connect(self.folder / "bare.db")) as db:
            for rows in (prebuilt(SqliteRows, first, 1), prebuilt(SqliteRows, update, len(first) + 1)):
                current, history, events = (
                    sorted(rows.current),
                    sorted(rows.history),
                    list(rows.events.values()),
                )
                listings = [(*row, None, None) for row in rows.listings.values()]
                started = time.perf_counter()
                db.execute("BEGIN")
                db.executemany(f"INSERT OR REPLACE INTO event VALUES ({_marks(8)})", events)
                db.executemany(f"INSERT OR REPLACE INTO listing VALUES ({_marks(10)})", listings)
                db.executemany(f"INSERT OR REPLACE INTO odds_current VALUES ({_marks(10)})", current)
                db.executemany(f"INSERT INTO odds_history VALUES ({_marks(9)})", history)
                db.execute("COMMIT")
                times.append(time.perf_counter() - started)
        return times[0], times[1]

    async def stored_bytes(self, store: Store) -> float:
        """Return the bytes of all prices, current ones and history, with their indexes."""
        return await _one(store, "SELECT sum(s.pgsize) FROM dbstat s JOIN sqlite_schema m ON m.name = s.name "
                          "WHERE m.tbl_name IN ('odds_current', 'odds_history')")  # fmt: skip

    async def history_bytes(self, store: Store) -> float:
        """Return bytes per history row, index included."""
        return await _one(store, "SELECT (SELECT sum(pgsize) FROM dbstat WHERE name = 'odds_history') * 1.0 / "
                          "(SELECT count(*) FROM odds_history)")  # fmt: skip


class Postgres(Backend):
    """A database of the tests' server."""

    name = "PostgreSQL"

    async def by_hand(self, first: Pieces, update: Pieces) -> tuple[float, float]:
        """
        Return seconds for the same rows, built beforehand, by COPY and the plainest merge into the same tables.

        One transaction each, rows in the order of their key, no watermark.
        """
        address = Address(self.url)
        database = PostgresDatabase(address)
        await set_up(database)
        await look_after_partitions(database, AT)
        await database.close()
        db = await connect_postgres(address, "floor", 0)
        times: list[float] = []
        await db.execute(_MEMORY + _TEMPORARY)
        for rows in (prebuilt(PostgresRows, first, 1), prebuilt(PostgresRows, update, len(first) + 1)):
            incoming = sorted(rows.incoming)
            small = [(sql.EVENT, [(*row[:3], _at(row[3]), *row[4:]) for row in rows.events.values()]),
                     (sql.LISTING, [(*row[:7], _at(row[7])) for row in rows.listings.values()])]  # fmt: skip
            started = time.perf_counter()
            async with db.transaction():
                for statement, values in small:
                    await db.executemany(numbered(statement), values)
                await db.copy_records_to_table("floor", records=incoming)
                await db.execute(_FLOOR_HISTORY)
                await db.execute(_FLOOR_CURRENT)
            times.append(time.perf_counter() - started)
        await db.close()
        return times[0], times[1]

    async def stored_bytes(self, store: Store) -> float:
        """Return 0: only SQLite has a bar for all prices together."""
        return 0.0

    async def history_bytes(self, store: Store) -> float:
        """Return bytes per history row of an open day, index included."""
        return await _one(store, "SELECT sum(pg_total_relation_size(inhrelid))::float8 / "
                          "(SELECT count(*) FROM odds_history) FROM pg_inherits "
                          "WHERE inhparent = 'odds_history'::regclass AND pg_relation_size(inhrelid) > 0")  # fmt: skip


_MEMORY = "SET work_mem = '64MB'; SET temp_buffers = '64MB';"
_TEMPORARY = """
CREATE TEMPORARY TABLE floor (
    listing_id int, market_key_id int, outcome_set_id int, odds bytea, suspended bytea, changed_ms bigint,
    first_seen_ms bigint, withdrawn_ms bigint, suspect text, version bigint, at_ms bigint
) ON COMMIT DELETE ROWS
"""
_FLOOR_HISTORY = """
INSERT INTO odds_history SELECT listing_id, market_key_id, version, to_timestamp(at_ms / 1000.0::float8),
    outcome_set_id, odds, suspended, withdrawn_ms IS NOT NULL, suspect FROM floor
"""
_FLOOR_CURRENT = """
MERGE INTO odds_current c USING (
    SELECT listing_id, market_key_id, outcome_set_id, odds, suspended,
        to_timestamp(changed_ms / 1000.0::float8) AS changed_at,
        to_timestamp(first_seen_ms / 1000.0::float8) AS first_seen_at,
        to_timestamp(withdrawn_ms / 1000.0::float8) AS withdrawn_at, suspect, version FROM floor
) n ON c.listing_id = n.listing_id AND c.market_key_id = n.market_key_id
WHEN MATCHED THEN UPDATE SET outcome_set_id = n.outcome_set_id, odds = n.odds, suspended = n.suspended,
    changed_at = n.changed_at, first_seen_at = n.first_seen_at, withdrawn_at = n.withdrawn_at,
    suspect = n.suspect, version = n.version
WHEN NOT MATCHED THEN INSERT VALUES (n.listing_id, n.market_key_id, n.outcome_set_id, n.odds, n.suspended,
    n.changed_at, n.first_seen_at, n.withdrawn_at, n.suspect, n.version)
"""


def _at(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def prebuilt(kind: type[R], pieces: Pieces, first: int) -> R:
    """Return the rows of these batches."""
    rows = kind()
    for batch in numbered_batches(pieces, first):
        rows.add(batch, decode(batch))
    return rows


async def through_the_spool(store: Store, pieces: Pieces) -> float:
    """Return seconds for these batches, reading back from the spool and the watermark included."""
    await _accept_all(store.spool, pieces)
    return await timed(lambda: apply_waiting(store.spool, store.writer))


def by_orm(folder: Path, pieces: Pieces) -> float:
    """Return seconds per price row for an ORM's `add_all` into the same SQLite tables, rows built beforehand."""
    upgrade(folder / "orm.db")
    rows = prebuilt(SqliteRows, pieces, 1)
    orm, kinds = registry(metadata=metadata), list[type[Any]]()
    for table in (metadata.tables["odds_current"], metadata.tables["odds_history"]):
        kind: type[Any] = type(table.name, (), {})
        orm.map_imperatively(kind, table)
        kinds.append(kind)
    engine = create_engine(f"sqlite:///{folder / 'orm.db'}")
    started, count = time.perf_counter(), 0
    with Session(engine) as session:
        for kind, values in zip(kinds, (rows.current, rows.history), strict=True):
            columns = [column.name for column in kind.__table__.columns]
            objects = list[Any]()
            for row in values:
                made = kind()
                for name, value in zip(columns, row, strict=True):
                    setattr(
                        made, name, from_ms(value) if name.endswith("at") and value is not None else value
                    )
                objects.append(made)
            session.add_all(objects)
            count += len(objects)
        session.commit()
    engine.dispose()
    return (time.perf_counter() - started) / count


async def _one(store: Store, query: str) -> Any:
    async with store.repository.database.reading() as db:
        return (await db.execute(text(query))).scalar_one()


# --- warming up ----------------------------------------------------------------------------------------------


async def warming_up(store: Store) -> tuple[float, int]:
    """Return seconds and markets of `load_current`."""
    gc.collect()
    started = time.perf_counter()
    listings = await store.repository.load_current(AT)
    seconds = time.perf_counter() - started
    return seconds, sum(len(listing.markets) for listing in listings)


async def full_world(make: Callable[[Path], Backend]) -> float:
    """Return the best of some warm-ups of the full world."""
    pieces = load(Encoder(Identities()), random.Random(2), AT, range(MARKETS), FULL_EVENTS)
    with tempfile.TemporaryDirectory() as name:
        store = await make(Path(name)).open()
        await _accept_all(store.spool, pieces)
        await apply_waiting(store.spool, store.writer)
        best = 99.0
        for _ in range(ROUNDS):
            seconds, found = await warming_up(store)
            assert found == FULL_EVENTS * len(BOOKMAKERS) * MARKETS
            best = min(best, seconds)
        await store.close()
        return best


async def writing(make: Callable[[Path], Backend], first: Pieces, update: Pieces) -> list[Figure]:
    """Return the figures of one kind of database."""
    load, bare_load, change_, bare_change = ([] for _ in range(4))
    markets = EVENTS * len(BOOKMAKERS) * MARKETS
    history = stored = 0.0
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            backend = make(Path(name))
            store = await backend.open()
            ours = [await through_the_spool(store, first)]
            stored = await backend.stored_bytes(store)
            ours.append(await through_the_spool(store, update))
            history = await backend.history_bytes(store)
            await store.close()
        with tempfile.TemporaryDirectory() as name:
            bare = await make(Path(name)).by_hand(first, update)
        for times, seconds in zip((load, change_, bare_load, bare_change), (*ours, *bare), strict=True):
            times.append(seconds)
    kind, rows = backend.name, 2 * markets  # current and history
    figures = [
        Figure(f"{kind}: first load / the same prebuilt rows by hand", min(load) / min(bare_load), "x", 1.4),
        Figure(f"{kind}: update of 10 % / the same prebuilt rows by hand", min(change_) / min(bare_change), "x", 1.4),
        Figure(f"{kind}: first load", rows / min(load), "rows/s", 100_000, "at least"),
        Figure(f"{kind}: update of 10 %", rows / 10 / min(change_), "rows/s", 60_000, "at least"),
        Figure(f"{kind}: history row and its index", history, "bytes", 45 if kind == "SQLite" else 85),
    ]  # fmt: skip
    if stored:
        figures.append(
            Figure(
                f"{kind}: current and history per market after a first load", stored / markets, "bytes", 100
            )
        )
        with tempfile.TemporaryDirectory() as name:
            per_row = by_orm(Path(name), first[:1])
        figures.append(
            Figure("ORM add_all / ours, per row", per_row / (min(load) / rows), "x", 10, "at least")
        )
    return figures


async def main() -> None:
    """Measure, report, judge."""
    configure("error")
    first, update = batches()
    accept, bare_accept = list[float](), list[float]()
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            ours, bare = await accepting(Path(name), first)
            accept.append(ours)
            bare_accept.append(bare)
    figures = [
        Figure("accept one batch of 150 listings / bare commit of the same bytes", min(accept) / min(bare_accept), "x", 3),
        Figure("accept one batch of 150 listings", min(accept) * 1000, "ms"),
        *await writing(Backend, first, update),
        Figure("SQLite: warm-up of 540,000 markets", await full_world(Backend), "s", 1.5),
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="overround-pg-") as name:
        Path(name).chmod(0o755)  # noqa: ASYNC240
        server = Server(Path(name) / "s", "max_wal_size=4GB", durable=True)
        server.start()
        databases = Databases(server.url())
        try:
            figures += await writing(lambda folder: Postgres(folder, databases.make()), first, update)
            seconds = await full_world(lambda folder: Postgres(folder, databases.make()))
            figures.append(Figure("PostgreSQL: warm-up of 540,000 markets", seconds, "s", 3))
            figures += outage.figures(server)
        finally:
            server.stop(immediate=True)
    report("storage", figures)


if __name__ == "__main__":
    asyncio.run(main())
