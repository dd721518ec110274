"""
What reading costs: REST answers against the same bytes served statically by the same server, and the time from
a change to a client's socket.

The server is a process of its own on loopback, filled with a synthetic cache; the client here speaks plain HTTP
over one kept connection. Compared calls alternate, so the machine and its load cancel out.
"""

import asyncio
import gc
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import aiohttp
import msgspec
import uvloop
from fastapi import FastAPI, Request, Response

from benchmarks.report import Figure, report
from overround.api.app import create_app, listen, serve
from overround.clock import SystemClock
from overround.domain.diff import ListingChanges
from overround.domain.events import EventHeader, slug
from overround.domain.markets import ParsedMarket
from tests.support.api import CATALOGUE, World, header, priced

EVENTS, BOOKMAKERS = 1_100, ("betpawa", "sportybet", "bet9ja")
GOALS, LINES = "5000", ("2.5", "1.5", "3.5")
MOVE_EVERY_S, EVENTS_A_MOVE, MARKETS_A_MOVE = 0.05, 4, 3
ROUNDS, WARM_UP, DELIVERIES = 600, 50, 200
TURNS = 3  # of what is taken in turns, of which the median counts
PUT_BYTES = 512 * 1024  # below the limit of a body
STATIC = "/api/benchmark/static"
HOSTILE_CALLS = 20
HOSTILE = (
    "/api/events?q=" + "%F0%9F%92%A9" * 2_000,
    "/api/events?page_size=" + "9" * 4_000,
    "/api/events?page=-1&sort=" + "x" * 4_000,
    "/api/events?markets=" + "5000:2.5," * 400,
    "/api/events?from=" + "0" * 2_000,
    "/api/board?markets=" + ":" * 1_000,
    "/api/events/" + "../" * 500 + "etc/passwd",
    "/api/events/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/api/movements?bookmakers=" + "a," * 2_000,
    "/api/export?format=exe&what=current",
)


# --- the server's process ------------------------------------------------------------------------------------


def books(chance: random.Random) -> list[ParsedMarket]:
    """Return BetPawa's own markets at random prices, goals at three lines: about what a bookmaker lists of an event."""
    return [
        priced(kind.id, [chance.randrange(101, 900) / 100 for _ in kind.outcomes], line)
        for kind in CATALOGUE.types
        if kind.sport == "football" and kind.outcomes and not kind.id.startswith("x-")
        for line in (LINES if kind.id == GOALS else LINES[:1] if kind.param else ("",))
    ]


def fill(world: World) -> None:
    """Put the events into the cache, in batches of fifty."""
    for start in range(0, EVENTS, 50):
        listings = [
            world.answer(event.sportradar_id, code, books(_chance(event.sportradar_id, code)), event)
            for event in map(described, range(start, start + 50))
            for code in BOOKMAKERS
        ]
        confirmed = [world.confirmation(one.sportradar_id, one.bookmaker) for one in listings]
        world.accept(listings, confirmed)


def described(number: int) -> EventHeader:
    """Return the header of an event some hours ahead."""
    kickoff_at = SystemClock().now().replace(microsecond=0) + timedelta(hours=5, minutes=number)
    return header(
        str(69_000_000 + number),
        f"Home United {number}",
        f"Away City {number}",
        f"Country {number % 60}",
        f"League {number % 367}",
        kickoff_at,
    )


async def move(world: World, chance: random.Random) -> None:
    """Change prices of some events again and again; the run id of each batch is the moment it was published."""
    while True:
        await asyncio.sleep(MOVE_EVERY_S)
        ids = [str(69_000_000 + number) for number in chance.sample(range(EVENTS), EVENTS_A_MOVE)]
        listings: list[ListingChanges] = [
            world.answer(sportradar_id, code, _moved(books(_chance(sportradar_id, code)), chance))
            for sportradar_id in ids
            for code in BOOKMAKERS
        ]
        world.accept(listings, run_id=repr(time.monotonic()))


def _chance(sportradar_id: str, bookmaker: str) -> random.Random:
    """Return what a listing's first prices are drawn from, the same each time."""
    return random.Random(f"{sportradar_id}/{bookmaker}")


def _moved(markets: list[ParsedMarket], chance: random.Random) -> list[ParsedMarket]:
    moved = {chance.randrange(len(markets)) for _ in range(MARKETS_A_MOVE)}
    return [
        msgspec.structs.replace(market, odds_milli=tuple(odds + 10 for odds in market.odds_milli))
        if number in moved
        else market
        for number, market in enumerate(markets)
    ]


def add_benchmark_routes(app: FastAPI, world: World, chance: random.Random) -> None:
    """Add the static answer to compare with, and the switch for moving prices."""
    kept: dict[str, bytes] = {}
    tasks: list[asyncio.Task[None]] = []

    async def put_static(request: Request) -> Response:
        name = request.query_params["name"]
        kept[name] = kept.get(name, b"") + await request.body()
        return Response(status_code=204)

    async def get_static(request: Request) -> Response:
        return Response(kept[request.query_params["name"]], media_type="application/json")

    async def start_moving(request: Request) -> Response:
        tasks.append(asyncio.create_task(move(world, chance)))
        return Response(status_code=204)

    app.add_api_route(STATIC, put_static, methods=["PUT"])
    app.add_api_route(STATIC, get_static, methods=["GET"])
    app.add_api_route("/api/benchmark/move", start_moving, methods=["POST"])


async def run_server() -> None:
    """Serve until the process is ended; the first line says the port."""
    world, chance = World(SystemClock()), random.Random(1)
    fill(world)
    gc.collect()
    gc.freeze()  # as the product does after its warm-up
    app = create_app(world.services())
    add_benchmark_routes(app, world, chance)
    listener = listen("127.0.0.1", 0)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await serve(app, port=listener.getsockname()[1]).serve(sockets=[listener])


# --- the client's process ------------------------------------------------------------------------------------


class Connection:
    """One kept HTTP connection, as little client as possible."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def get(self, path: str, extra: str = "") -> tuple[bytes, bytes]:
        """Return head and body of an answer."""
        self._writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{extra}\r\n".encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        _, found, rest = head.lower().partition(b"content-length: ")
        length = int(rest.split(b"\r\n", 1)[0]) if found else 0
        return head, await self._reader.readexactly(length)


async def connect(port: int) -> Connection:
    """Open a connection."""
    return Connection(*await asyncio.open_connection("127.0.0.1", port, limit=2**22))


async def alternate(*calls: Callable[[], Awaitable[object]]) -> list[float]:
    """Return each call's median time in ms; the calls take turns."""
    times: list[list[float]] = [[] for _ in calls]
    for number in range(WARM_UP + ROUNDS):
        for call, taken in zip(calls, times, strict=True):
            start = time.perf_counter()
            await call()
            if number >= WARM_UP:
                taken.append((time.perf_counter() - start) * 1000)
    return [statistics.median(taken) for taken in times]


async def against_static(port: int, name: str, path: str, bar: float | None) -> list[Figure]:
    """Return the figures of one answer: its time, the time of its bytes, of a 304, and the ratios."""
    connection = await connect(port)
    head, body = await connection.get(path)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        for start in range(0, len(body), PUT_BYTES):
            await session.put(f"{STATIC}?name={slug(name)}", data=body[start : start + PUT_BYTES])
    etag = head[head.lower().index(b"etag: ") + 6 :].split(b"\r\n", 1)[0].decode()
    held = f"If-None-Match: {etag}\r\n"
    assert b" 304 " in (await connection.get(path, held))[0]
    ours, static, unchanged = await alternate(
        lambda: connection.get(path),
        lambda: connection.get(f"{STATIC}?name={slug(name)}"),
        lambda: connection.get(path, held),
    )
    return [
        Figure(f"{name}, size", len(body) / 1024, "KiB"),
        Figure(f"{name}, static p50", static, "ms"),
        Figure(f"{name}, p50", ours, "ms"),
        Figure(f"{name}, p50 against static", ours / static, "x", bar),
        Figure(f"{name}, 304 against the answer", unchanged / ours, "x", 0.5 if name == "board" else None),
    ]


async def slowest_refusal(port: int) -> float:
    """Return the longest time in ms of answers to hostile requests, each of which must be a 4xx."""
    connection, times = await connect(port), list[float]()
    for path in HOSTILE:
        for _ in range(HOSTILE_CALLS):
            start = time.perf_counter()
            head, _ = await connection.get(path)
            times.append((time.perf_counter() - start) * 1000)
            assert head.split()[1].startswith(b"4"), (path[:80], head[:80])
    return max(times)


async def throughput(port: int, path: str, connections: int = 16, calls: int = 100) -> float:
    """Return answers a second over several connections."""
    opened = [await connect(port) for _ in range(connections)]

    async def ask(connection: Connection) -> None:
        for _ in range(calls):
            await connection.get(path)

    start = time.perf_counter()
    await asyncio.gather(*map(ask, opened))
    return connections * calls / (time.perf_counter() - start)


async def change_to_client(port: int) -> list[float]:
    """Return the ms from publishing a change to a client's having read it, of many changes."""
    delays: list[float] = []
    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
        session.ws_connect("/api/ws", max_msg_size=0) as socket,
    ):
        await socket.send_json({"type": "subscribe", "topics": ["odds_updates"]})
        await session.post("/api/benchmark/move")
        while len(delays) < DELIVERIES:
            message = msgspec.json.decode((await socket.receive()).data)
            if message["type"] == "odds_update":
                delays.append((time.monotonic() - float(message["data"]["run_id"])) * 1000)
    return delays


async def measure(port: int) -> list[Figure]:
    """Return every figure."""
    page = "/api/events?page_size=50"
    figures = await against_static(port, "events page of 50", page, 1.5)
    figures += await against_static(port, "board", "/api/board", 1.5)
    figures += await against_static(port, "event with all markets", "/api/events/69000001", None)
    static_path = f"{STATIC}?name={slug('events page of 50')}"
    rates = [(await throughput(port, page), await throughput(port, static_path)) for _ in range(TURNS)]
    ours, ratio = statistics.median(one for one, _ in rates), statistics.median(a / b for a, b in rates)
    figures += [
        Figure("events page of 50, 16 connections", ours, "1/s", 2_000, "at least"),
        Figure("events page of 50, 16 connections, against static", ratio, "x", 0.4, "at least"),
    ]
    figures.append(Figure("slowest 4xx for hostile requests", await slowest_refusal(port), "ms", 50))
    delays = sorted(await change_to_client(port))
    figures.append(Figure("change to client, p50", statistics.median(delays), "ms", 50.0))
    figures.append(Figure("change to client, p99", delays[len(delays) * 99 // 100], "ms"))
    connection = await connect(port)
    (moving,) = await alternate(lambda: connection.get(page))
    figures.append(Figure("events page of 50 while prices move, p50", moving, "ms"))
    return figures


async def main() -> None:
    """Start the server, measure, end it, report."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.api", "serve", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        figures = await measure(int(await server.stdout.readline()))
    finally:
        server.terminate()
        await server.wait()
    report("api", figures)


if __name__ == "__main__":
    uvloop.run(run_server() if sys.argv[1:] == ["serve"] else main())
