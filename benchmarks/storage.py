"""
What accepting and writing cost, against the least that could be done with the same bytes and rows.

Every ratio compares two ways on the same data in one process, alternating, best of several rounds each: the
machine and its load cancel out. The data are a first load and an update of 10 % of its markets.
"""

import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.report import Figure, report
from overround.clock import SystemClock
from overround.config import Settings
from overround.domain.diff import ListingChanges, MarketChange
from overround.domain.events import EventHeader, Listing, competition
from overround.domain.markets import Market, MarketKey
from overround.log import configure
from overround.storage.identities import Identities
from overround.storage.migrations import upgrade
from overround.storage.records import Encoder, WriteBatch, decode, pack
from overround.storage.repository import Database, Repository
from overround.storage.spool import Spool
from overround.storage.sqlite_writer import SqliteRows, SqliteWriter, connect
from overround.storage.write_handler import apply_waiting

EVENTS, BOOKMAKERS, MARKETS, EVENTS_A_BATCH = 400, ("betpawa", "sportybet", "bet9ja"), 100, 50
ROUNDS = 3
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
KICKOFF = AT + timedelta(hours=8)
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


def batches() -> tuple[list[tuple[bytes, ...]], list[tuple[bytes, ...]]]:
    """Return the pieces of a first load and of an update of every tenth market, per batch."""
    chance, encoder = random.Random(1), Encoder(Identities())

    def load(at: datetime, markets: range) -> list[tuple[bytes, ...]]:
        return [
            tuple(
                encoder.listing_piece(change(event, bookmaker, at, markets, chance), "football")
                for event in range(first, min(first + EVENTS_A_BATCH, EVENTS))
                for bookmaker in BOOKMAKERS
            )
            for first in range(0, EVENTS, EVENTS_A_BATCH)
        ]

    return load(AT, range(MARKETS)), load(AT + timedelta(minutes=5), range(0, MARKETS, 10))


def numbered(pieces: list[tuple[bytes, ...]], first: int) -> list[WriteBatch]:
    """Return batches as the spool gives them back."""
    return [WriteBatch(first + i, None, AT, each) for i, each in enumerate(pieces)]


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Return how many seconds it took."""
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


# --- accepting -----------------------------------------------------------------------------------------------


async def accepting(folder: Path, pieces: list[tuple[bytes, ...]]) -> tuple[float, float]:
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


async def _accept_all(spool: Spool, pieces: list[tuple[bytes, ...]]) -> None:
    for each in pieces:
        await spool.accept(each, None, AT)


# --- writing -------------------------------------------------------------------------------------------------


async def through_the_spool(
    folder: Path, first: list[tuple[bytes, ...]], update: list[tuple[bytes, ...]]
) -> tuple[float, float]:
    """Return seconds for the first load and the update, reading back from the spool and the watermark included."""
    upgrade(folder / "overround.db")
    spool = Spool(folder / "spool.db", Settings())
    await spool.open()
    writer = SqliteWriter(folder / "overround.db", spool.spool_id)
    times: list[float] = []
    for pieces in (first, update):
        await _accept_all(spool, pieces)
        times.append(await timed(lambda: apply_waiting(spool, writer)))
    await spool.close()
    await writer.close()
    return times[0], times[1]


def by_hand(
    folder: Path, first: list[tuple[bytes, ...]], update: list[tuple[bytes, ...]]
) -> tuple[float, float]:
    """
    Return seconds for the same rows, built beforehand, by the plainest statements into the same tables.

    One transaction each, rows in the order of their key, no watermark, no check which version is newer.
    """
    upgrade(folder / "bare.db")
    times: list[float] = []
    with closing(connect(folder / "bare.db")) as db:
        for pieces, number in ((first, 1), (update, len(first) + 1)):
            rows = SqliteRows()
            for batch in numbered(pieces, number):
                rows.add(batch, decode(batch))
            current, history, events = sorted(rows.current), sorted(rows.history), list(rows.events.values())
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


def _marks(count: int) -> str:
    return ", ".join("?" * count)


# --- warming up ----------------------------------------------------------------------------------------------


async def warming_up(folder: Path) -> tuple[float, int]:
    """Return seconds and markets of `load_current` over what `through_the_spool` wrote."""
    repository = Repository(Database.sqlite(folder / "overround.db", read_only=True), SystemClock())
    started = time.perf_counter()
    listings = await repository.load_current(AT)
    seconds = time.perf_counter() - started
    await repository.close()
    return seconds, sum(len(listing.markets) for listing in listings)


async def main() -> None:
    """Measure, report, judge."""
    configure("error")
    first, update = batches()
    markets = EVENTS * len(BOOKMAKERS) * MARKETS
    accept, bare_accept, load, bare_load, change_, bare_change, warm = ([] for _ in range(7))
    size = 0
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            ours, bare = await accepting(folder, first)
            accept.append(ours)
            bare_accept.append(bare)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            seconds = await through_the_spool(folder, first, update)
            load.append(seconds[0])
            change_.append(seconds[1])
            seconds = by_hand(folder, first, update)
            bare_load.append(seconds[0])
            bare_change.append(seconds[1])
            seconds_warm, found = await warming_up(folder)
            assert found == markets
            warm.append(seconds_warm)
            size = (folder / "overround.db").stat().st_size
    rows = 2 * markets  # current and history
    report(
        "storage",
        [
            Figure(
                "accept one batch of 150 listings / bare commit of the same bytes",
                min(accept) / min(bare_accept),
                "x",
                3,
            ),
            Figure("accept one batch of 150 listings", min(accept) * 1000, "ms"),
            Figure("first load / bare executemany of the prebuilt rows", min(load) / min(bare_load), "x", 2),
            Figure(
                "update of 10 % / bare executemany of the prebuilt rows",
                min(change_) / min(bare_change),
                "x",
                2,
            ),
            Figure("first load", rows / min(load), "rows/s", 60_000, "at least"),
            Figure("update of 10 %", rows / 10 / min(change_), "rows/s", 40_000, "at least"),
            Figure("database per market after first load and 10 % update", size / markets, "bytes", 110),
            Figure("warm-up", min(warm) / markets * 1e6, "us/market", 10),
        ],
    )


if __name__ == "__main__":
    asyncio.run(main())
