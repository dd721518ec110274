"""How long ninety days of margins and positions take to answer: a season's roll-ups of every league, asked over HTTP."""

import asyncio
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.api import connect
from benchmarks.report import Figure
from overround.api.app import create_app, listen, serve
from overround.domain.catalogue import MAIN_MARKETS
from overround.domain.rollup import ALL, BANDS, DAY, PRICE_BANDS, WEEK, start_of
from overround.storage.times import to_ms
from tests.support.api import World
from tests.support.clock import START
from tests.support.storage import opened

LEAGUES, DAYS, BOOKMAKERS = 367, 90, ("betpawa", "sportybet", "bet9ja")
SHARE = 0.6  # of the leagues that have prices on a day
CALLS = 20


async def figures() -> list[Figure]:
    """Fill a database, ask for ninety days again and again."""
    with tempfile.TemporaryDirectory() as name:
        world = World()
        async with opened(Path(name), world.clock) as store:
            _fill(Path(name) / "overround.db")
            world.storage.open(store.repository.database, store.writer, store.spool)
            listener = listen("127.0.0.1", 0)
            port = listener.getsockname()[1]
            server = serve(create_app(world.services()), port=port)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            span = f"from={START - DAYS * DAY:%Y-%m-%dT%H:%M:%SZ}&to={START:%Y-%m-%dT%H:%M:%SZ}"
            margins = await _median_ms(port, f"/api/margins?{span}")
            positions = await _median_ms(port, f"/api/margins/position?by=competition&{span}")
            server.should_exit = True
            await serving
            world.storage.close()
    return [
        Figure("90 days of margins of 1,468 series, median", margins, "ms", 200),
        Figure("90 days of positions by league, median", positions, "ms", 200),
    ]


async def _median_ms(port: int, path: str) -> float:
    connection, times = await connect(port), list[float]()
    for _ in range(CALLS):
        started = time.perf_counter()
        head, _ = await connection.get(path)
        times.append((time.perf_counter() - started) * 1000)
        assert b" 200 " in head.split(b"\r\n", 1)[0], head
    return statistics.median(times)


def _fill(path: Path) -> None:
    """Write the days and weeks that hours of observation would have come to."""
    chance, names = random.Random(3), [(f"football-x-league-{n}", f"League {n}") for n in range(LEAGUES)]
    series = [
        (number, "football", slug, name, "Nigeria", key.market_id, key.line)
        for number, ((slug, name), key) in enumerate(
            ((league, key) for league in [*names, ("", "")] for key in MAIN_MARKETS), 1
        )
    ]
    with closing(sqlite3.connect(path)) as db:
        db.executemany("INSERT INTO rollup_series VALUES (?, ?, ?, ?, ?, ?, ?)", series)
        for grain, at in _periods():
            here = [number for number, *_ in series if grain == 2 or chance.random() < SHARE]
            head, bands = (grain, to_ms(at)), (ALL, *sorted(chance.sample(range(len(BANDS)), 3)))
            margins = [
                (*head, band, number, code, 3600.0, 200.0 + number % 50, 0.04, 0.07, 1800.0, 3600.0)
                for band in bands for number in here for code in BOOKMAKERS
            ]  # fmt: skip
            db.executemany("INSERT INTO rollup_margin VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", margins)
            prices = [(ALL, ALL), *((band, price) for band in bands[1:] for price in range(len(PRICE_BANDS)))]
            positions = [
                (*head, band, number, price, 3600.0, 900.0, 7200.0, 7200.0, 36.0)
                for band, price in prices for number in here if band == ALL or number > len(series) - 4
            ]  # fmt: skip
            db.executemany("INSERT INTO rollup_position VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", positions)
            if grain == 1:
                closes = [(*head, number, code, 3, 2, 0.1, 0.08) for number in here for code in BOOKMAKERS]
                db.executemany("INSERT INTO rollup_close VALUES (?, ?, ?, ?, ?, ?, ?, ?)", closes)
        db.commit()


def _periods() -> Iterator[tuple[int, datetime]]:
    first = start_of(START - DAYS * DAY, 1)
    for number in range(DAYS + 1):
        yield 1, first + number * DAY
    week = start_of(first, 2)
    while week < START - timedelta(days=6):
        yield 2, week
        week += WEEK
