"""
What the Board costs the browser: 1,200 events at 6 bookmakers in 4 markets, 2,000 price changes a second, half of
them on rows that are on screen.

The server is a process of its own on loopback, filled with a synthetic cache; the page is the built one, in headless
Chromium. `--seconds` shortens the run: heap growth is judged over ten minutes only, the other figures over any time.
"""

import argparse
import asyncio
import gc
import gzip
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import uvloop
from fastapi import FastAPI, Request, Response

from benchmarks.api import described
from benchmarks.report import Figure, report
from overround.api.app import STATIC, create_app, listen, serve
from overround.clock import SystemClock
from overround.config import Settings
from overround.domain.diff import ListingChanges
from overround.domain.markets import ParsedMarket
from tests.support.api import World, priced

EVENTS = 1_200
BOOKMAKERS = ("betpawa", "sportybet", "bet9ja", "msport", "betway", "betika")
UPDATES_PER_S, EVERY_S = 2_000, 0.05
FIRST_ID = 69_000_000  # as `described` numbers them
WEB = Path(__file__).parents[1] / "web"
TEN_MINUTES_S = 600

Book = list[list[int]]  # odds in thousandths by market and outcome

# 1X2, over/under 2.5, both teams to score, double chance: odds that add up to a book of about 105 %.
_MARKETS = (
    ("3743", "", (2.25, 3.3, 3.2)),
    ("5000", "2.5", (1.92, 1.88)),
    ("3795", "", (1.8, 2.0)),
    ("4693", "", (1.33, 1.62, 1.31)),
)


# --- the server's process ------------------------------------------------------------------------------------


class Prices:
    """Every bookmaker's prices, and how they move: one outcome by one step at a time, never far from its start."""

    def __init__(self, world: World) -> None:
        self._world, self._chance = world, random.Random(1)
        self._books = {
            (number, code): _start(self._chance) for number in range(EVENTS) for code in BOOKMAKERS
        }
        self.moved = 0

    def fill(self) -> None:
        """Put all events into the cache, in batches of fifty."""
        for start in range(0, EVENTS, 50):
            keys = [(number, code) for number in range(start, start + 50) for code in BOOKMAKERS]
            listings = [
                self._world.answer(
                    str(FIRST_ID + number), code, _parsed(self._books[number, code]), described(number)
                )
                for number, code in keys
            ]
            confirmed = [self._world.confirmation(one.sportradar_id, one.bookmaker) for one in listings]
            self._world.accept(listings, confirmed)

    async def move(self, visible: Sequence[int]) -> None:
        """Change prices for ever, every other one in a visible event."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due += EVERY_S
            count = round(UPDATES_PER_S * EVERY_S)
            self._world.accept([self._step(visible if turn % 2 else range(EVENTS)) for turn in range(count)])
            self.moved += count
            await asyncio.sleep(max(0.0, due - loop.time()))

    def _step(self, numbers: Sequence[int]) -> ListingChanges:
        number, code = self._chance.choice(numbers), self._chance.choice(BOOKMAKERS)
        book, market = self._books[number, code], self._chance.randrange(len(_MARKETS))
        outcome = self._chance.randrange(len(book[market]))
        start = round(_MARKETS[market][2][outcome] * 1000)
        # Half a percent up or down, back towards the start once it is three percent away.
        away = book[market][outcome] / start - 1
        up = self._chance.random() < 0.5 if abs(away) < 0.03 else away < 0
        book[market][outcome] += max(1, start // 200) * (1 if up else -1)
        return self._world.answer(str(FIRST_ID + number), code, _parsed(book))


def _start(chance: random.Random) -> Book:
    return [[round(odds * chance.uniform(0.985, 1.015) * 1000) for odds in odds_] for _, _, odds_ in _MARKETS]


def _parsed(book: Book) -> list[ParsedMarket]:
    return [
        priced(market_id, [milli / 1000 for milli in odds], line)
        for (market_id, line, _), odds in zip(_MARKETS, book, strict=True)
    ]


def add_benchmark_routes(app: FastAPI, prices: Prices) -> None:
    """Add the switch for moving prices and the count of what moved."""
    tasks: list[asyncio.Task[None]] = []

    async def start_moving(request: Request) -> Response:
        visible = [
            int(sportradar_id) - FIRST_ID for sportradar_id in msgspec.json.decode(await request.body())
        ]
        tasks.append(asyncio.create_task(prices.move(visible)))
        return Response(status_code=204)

    async def count_moved(request: Request) -> Response:
        return Response(str(prices.moved), media_type="application/json")

    app.add_api_route("/api/benchmark/move", start_moving, methods=["POST"])
    app.add_api_route("/api/benchmark/moved", count_moved, methods=["GET"])


async def run_server() -> None:
    """Serve until the process is ended; the first line says the port."""
    world = World(SystemClock(), Settings(BOOKMAKERS))
    prices = Prices(world)
    prices.fill()
    gc.collect()
    gc.freeze()  # as the product does after its warm-up
    app = create_app(world.services())
    add_benchmark_routes(app, prices)
    listener = listen("127.0.0.1", 0)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await serve(app, port=listener.getsockname()[1]).serve(sockets=[listener])


# --- the measuring process -----------------------------------------------------------------------------------


def page_kb() -> float:
    """Return the built page's scripts and styles as a browser receives them, in kB."""
    files = [path for path in (STATIC / "assets").iterdir() if path.suffix in (".js", ".css")]
    return sum(len(gzip.compress(path.read_bytes())) for path in files) / 1000


async def drive(port: int, seconds: int, warm_up: int) -> Mapping[str, float]:
    """Return what the browser measured."""
    measuring = await asyncio.create_subprocess_exec(
        "node", "bench/measure.mjs", f"http://127.0.0.1:{port}", str(seconds), str(warm_up),
        cwd=WEB, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, _ = await measuring.communicate()
    if measuring.returncode != 0:
        raise SystemExit("the browser could not be driven: make web-deps, and Chromium (CHROMIUM=/path)")
    return msgspec.json.decode(output, type=dict[str, float])


def figures_of(measured: Mapping[str, float], seconds: int) -> list[Figure]:
    """Return the table."""
    work = measured["script_ms"] + measured["style_ms"] + measured["layout_ms"]
    growth_bar = 5.0 if seconds >= TEN_MINUTES_S else None
    return [
        Figure("updates a second", measured["updates_per_s"], "1/s", UPDATES_PER_S * 0.95, "at least"),
        Figure("rows on screen", measured["visible_rows"], ""),
        Figure("frames a second, median", measured["fps"], "1/s", 55.0, "at least"),
        Figure("tasks longer than 100 ms", measured["long_tasks"], "", 0.0),
        Figure("longest task (0: below 50 ms)", measured["longest_task_ms"], "ms"),
        Figure("script a second", measured["script_ms"], "ms"),
        Figure("style a second", measured["style_ms"], "ms"),
        Figure("layout a second", measured["layout_ms"], "ms"),
        Figure("script, style and layout a second", work, "ms", 500.0),
        Figure("main thread a second", measured["main_thread_ms"], "ms"),
        Figure("heap at the end", measured["heap_mb"], "MB"),
        Figure(f"heap growth over {seconds} s", measured["heap_growth"] * 100, "%", growth_bar),
        Figure("scripts and styles, gzip", page_kb(), "kB", 180.0),
        Figure("first populated Board, median of 3", measured["first_board_ms"], "ms", 1000.0),
    ]


async def main(seconds: int, warm_up: int) -> None:
    """Start the server, measure, end it, report."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.web", "serve", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        measured = await drive(int(await server.stdout.readline()), seconds, warm_up)
    finally:
        server.terminate()
        await server.wait()
    report("web", figures_of(measured, seconds))


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        uvloop.run(run_server())
    else:
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument("--seconds", type=int, default=TEN_MINUTES_S, help="how long to measure")
        parser.add_argument("--warm-up", type=int, default=60, help="seconds of moving prices before that")
        arguments = parser.parse_args()
        uvloop.run(main(arguments.seconds, arguments.warm_up))
