"""
What the stream costs: many clients at a steady rate and at the most that leaves, beside a loop that only sends
ready bytes to the same clients; one client that reads nothing; everybody reconnecting at once; idle memory.

The server is a process of its own on loopback, the clients share this one. Compared phases alternate. With few
clients the saturated ratio says little: accepting a change then costs more than sending it to all of them.
"""

import argparse
import asyncio
import gc
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import aiohttp
import msgspec
import uvloop

from benchmarks.report import Figure, report
from benchmarks.ws_client import TOPIC, Client, Keeping, opened
from benchmarks.ws_server import PATH, run
from overround.client.following import Odds
from overround.client.messages import Market

LOOK_S = 0.05  # between two looks at whether all have arrived
PATIENCE_S = 60.0
WARM_UP_SHARE, STALL_CLIENTS = 20, 50
STALL_RATE, STALL_EVENTS, STALL_S, STALL_WARM_UP_S = (
    50,
    6,
    8.0,
    2.0,
)  # a frame of 9 KB each 20 ms; let go after 5 s
UNREAD_BAR_MIB = 1.25  # the outbox's limit and a socket's buffer
STORM_RATE, STORM_EVENTS, AWAY_S, STORM_S = 10, 2, 1.0, 1.0
STORM_FILTER: dict[str, Any] = {"filter": {"markets": ["3743"]}}
SPARE_FILES = 200

C = TypeVar("C", bound=Client)


class Sizes(msgspec.Struct, frozen=True):
    """How much is measured."""

    clients: int
    deliveries: int  # a second
    seconds: float  # of each phase
    rounds: int  # of saturation
    events: int


class Server:
    """The other process, as this one speaks to it."""

    def __init__(self, port: int, session: aiohttp.ClientSession) -> None:
        self.port, self._session = port, session

    async def prepare(self) -> None:
        """Have the ready bytes made."""
        await self._post("prepare", {})

    async def pace(self, kind: str, rate: float, seconds: float, events: int = 1) -> dict[str, Any]:
        """Have changes sent and return when each one was."""
        asked = {"kind": kind, "rate": str(rate), "seconds": str(seconds), "events": str(events)}
        return await self._post("pace", asked)

    async def saturate(self, kind: str, rounds: int) -> dict[str, Any]:
        """Have changes sent as fast as they leave."""
        return await self._post("saturate", {"kind": kind, "rounds": str(rounds)})

    async def state(self) -> dict[str, Any]:
        """Return memory, connections and newest sequence number."""
        return await self.get(f"{PATH}/state")

    async def get(self, path: str) -> Any:
        """Return the JSON of a GET."""
        async with self._session.get(path) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def _post(self, name: str, asked: dict[str, str]) -> Any:
        async with self._session.post(f"{PATH}/{name}", params=asked) as answer:
            answer.raise_for_status()
            return await answer.json()


async def until(is_so: Callable[[], bool], what: str) -> None:
    """Wait for something."""
    end_at = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > end_at:
            sys.exit(f"after {PATIENCE_S:.0f} s still not: {what}")
        await asyncio.sleep(LOOK_S)


async def connected(server: Server, clients: Sequence[C]) -> Sequence[C]:
    """Connect clients, a hundred at a time, and wait until each has all there is."""
    for start in range(0, len(clients), 100):
        group = clients[start : start + 100]
        await asyncio.gather(*(opened(server.port, client) for client in group))
        await until(
            lambda group=group: all(client.ready.is_set() for client in group), "everybody subscribed"
        )
    return clients


async def disconnected(server: Server, clients: Sequence[Client]) -> None:
    """Let the clients go and wait until the server has noticed."""
    for client in clients:
        client.abort()
    for _ in range(round(PATIENCE_S / LOOK_S)):
        if not (await server.state())["connections"]:
            return
        await asyncio.sleep(LOOK_S)
    sys.exit("the server does not notice that its clients left")


# --- idle ----------------------------------------------------------------------------------------------------


async def idle(server: Server, count: int) -> tuple[list[Figure], Sequence[Client]]:
    """Return the memory of a client that is told nothing, and the clients, connected."""
    await disconnected(
        server, await connected(server, [Client({}) for _ in range(1 + count // WARM_UP_SHARE)])
    )
    before = await server.state()
    clients = await connected(server, [Client({}) for _ in range(count)])
    after = await server.state()
    each = (after["rss_bytes"] - before["rss_bytes"]) / count / 1024
    return [Figure("idle client, server memory", each, "KiB", 45.0)], clients


# --- many clients --------------------------------------------------------------------------------------------


async def delays(server: Server, clients: Sequence[Client], kind: str, sizes: Sizes) -> list[float]:
    """Return the ms from every change to every client."""
    for client in clients:
        client.arrived.clear()
    told = await server.pace(kind, sizes.deliveries / len(clients), sizes.seconds)
    sent_at, first = told["sent_at"], told["first_seq"]
    if kind == "bare":
        await until(
            lambda: all(len(client.arrived) >= len(sent_at) for client in clients), "all bytes arrived"
        )
        return [
            (at - sent) * 1000
            for client in clients
            for (at, _), sent in zip(client.arrived, sent_at, strict=True)
        ]
    assert told["last_seq"] == first + len(sent_at) - 1
    await until(lambda: all(client.seq >= told["last_seq"] for client in clients), "all changes arrived")
    return [delay for client in clients for delay in of_each_change(client.arrived, first, sent_at)]


def of_each_change(arrived: Sequence[tuple[float, int]], first: int, sent_at: Sequence[float]) -> list[float]:
    """Return the ms of each change; a frame brings all changes up to its number that none brought before."""
    found: list[float] = []
    for at, seq in arrived:
        found += [(at - sent) * 1000 for sent in sent_at[len(found) : seq - first + 1]]
    return found


async def steady(server: Server, clients: Sequence[Client], sizes: Sizes) -> list[Figure]:
    """Return how long changes take at a steady rate, beside ready bytes."""
    taken: dict[str, list[float]] = {"hub": [], "bare": []}
    for kind in ("hub", "bare") * 2:
        taken[kind] += await delays(server, clients, kind, sizes)
    hub, bare = (percentiles(taken[kind]) for kind in ("hub", "bare"))
    name = f"{len(clients):,} clients, {sizes.deliveries:,} deliveries/s"
    return [
        Figure(f"{name}: change to client, p50", hub[0], "ms"),
        Figure(f"{name}: change to client, p99", hub[1], "ms", max(100.0, 5 * bare[1])),
        Figure(f"{name}: ready bytes to client, p50", bare[0], "ms"),
        Figure(f"{name}: ready bytes to client, p99", bare[1], "ms"),
    ]


def percentiles(values: Sequence[float]) -> tuple[float, float]:
    """Return the 50th and the 99th."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]


async def flood(server: Server, clients: Sequence[Client], kind: str, rounds: int) -> tuple[float, float]:
    """Return deliveries a second and the server's processor time of one, in us."""
    for client in clients:
        client.arrived.clear()
    told = await server.saturate(kind, rounds)
    if kind == "bare":
        await until(lambda: all(len(client.arrived) >= rounds for client in clients), "all bytes arrived")
    else:
        await until(lambda: all(client.seq >= told["last_seq"] for client in clients), "all changes arrived")
    done_at = max(client.arrived[-1][0] for client in clients)
    count = rounds * len(clients)
    return count / (done_at - told["begun_at"]), told["cpu_s"] / count * 1e6


async def saturated(server: Server, clients: Sequence[Client], sizes: Sizes) -> list[Figure]:
    """Return the most deliveries that leave, beside ready bytes."""
    found: dict[str, list[tuple[float, float]]] = {"hub": [], "bare": []}
    for kind in ("hub", "bare") * 3:
        found[kind].append(await flood(server, clients, kind, sizes.rounds))
    (hub, hub_us), (bare, bare_us) = (
        [statistics.median(column) for column in zip(*found[kind], strict=True)] for kind in ("hub", "bare")
    )
    return [
        Figure("saturated deliveries", hub, "1/s"),
        Figure("saturated deliveries of ready bytes", bare, "1/s"),
        Figure("saturated deliveries against ready bytes", hub / bare, "x", 0.4, "at least"),
        Figure("processor time of a delivery against ready bytes", hub_us / bare_us, "x"),
    ]


# --- one that reads nothing ----------------------------------------------------------------------------------


class Stall(msgspec.Struct, frozen=True):
    """What happened while changes were sent to fifty clients."""

    longest_ms: float  # between two frames at a client that reads
    grown_bytes: int  # by the server's process
    unread_bytes: int  # most that was held for one client
    was_cut: bool  # one client was let go


async def gaps(server: Server, stalls: bool, seconds: float = STALL_S) -> Stall:
    """Send changes to fifty clients, of whom one may read nothing."""
    clients = [Client({}) for _ in range(STALL_CLIENTS)]
    await asyncio.gather(*(opened(server.port, client, is_small=client is clients[0]) for client in clients))
    await until(lambda: all(client.ready.is_set() for client in clients), "everybody subscribed")
    if stalls and clients[0].transport:
        clients[0].transport.pause_reading()
    told = await server.pace("hub", STALL_RATE, seconds, STALL_EVENTS)
    await until(lambda: all(client.seq >= told["last_seq"] for client in clients[1:]), "the others have all")
    left = (await server.state())["connections"]
    longest = 0.0
    for client in clients[1:]:
        times = [told["sent_at"][0], *(at for at, _ in client.arrived)]
        longest = max(longest, *(after - before for before, after in pairwise(times)))
    await disconnected(server, clients)
    return Stall(longest * 1000, told["grown_bytes"], told["unread_bytes"], left == STALL_CLIENTS - 1)


async def stalled(server: Server) -> list[Figure]:
    """
    Return what one stalled client does to the others and to the memory, beside the same without it.

    Held without a bound it would be 2 MiB before the client is let go, so a bar on that can fail; the process as
    a whole grows by the replay ring, too, and informs only.
    """
    await gaps(
        server, stalls=False, seconds=STALL_WARM_UP_S
    )  # what the first changes allocate is no stall's fault
    quiet = await gaps(server, stalls=False)
    with_one = await gaps(server, stalls=True)
    name = f"one stalled client among {STALL_CLIENTS}"
    return [
        Figure(f"longest gap of {STALL_CLIENTS} clients, none stalled", quiet.longest_ms, "ms"),
        Figure(f"{name}: the others' longest gap", with_one.longest_ms, "ms", 100.0),
        Figure(f"{name}: held for it at most", with_one.unread_bytes / 2**20, "MiB", UNREAD_BAR_MIB),
        Figure(
            f"{name}: growth beyond that without", (with_one.grown_bytes - quiet.grown_bytes) / 2**20, "MiB"
        ),
        Figure(f"{name}: let go", float(with_one.was_cut), "", 1.0, "at least"),
    ]


# --- everybody comes back ------------------------------------------------------------------------------------


async def storm(server: Server, count: int) -> list[Figure]:
    """Return how long it takes until all who lost their link stand where the server does, and how many don't."""
    copies = [Odds(TOPIC, {}, initial=False) for _ in range(count)]
    before = await connected(server, [Keeping(STORM_FILTER, odds) for odds in copies])
    await disconnected(server, before)
    await server.pace("hub", STORM_RATE, AWAY_S, STORM_EVENTS)
    begun_at = time.monotonic()
    publishing = asyncio.create_task(server.pace("hub", STORM_RATE, STORM_S, STORM_EVENTS))
    clients = [Keeping(STORM_FILTER, odds) for odds in copies]
    await asyncio.gather(*(opened(server.port, client) for client in clients))
    newest = (await publishing)["last_seq"]
    await until(lambda: all(client.stands_at(newest) for client in clients), "everybody consistent")
    taken_s = time.monotonic() - begun_at
    truth = await offered(server)
    wrong = sum(held(client.odds) != truth for client in clients)
    resumed = sum(client.mode == "resumed" for client in clients) / count
    await disconnected(server, clients)
    name = f"{count:,} clients reconnect at once"
    return [
        Figure(f"{name}: all consistent after", taken_s, "s", 10.0),
        Figure(f"{name}: wrong states", float(wrong), "", 0.0),
        Figure(f"{name}: continued without a new snapshot", resumed, "of 1", 1.0, "at least"),
    ]


Held = dict[tuple[str, str, str, str], tuple[Any, ...]]


def held(odds: Odds) -> Held:
    """Return what a copy says is offered."""
    return {
        (market.sportradar_id, market.bookmaker, market.market_id, market.line): _prices(market)
        for market in odds.book.markets()
    }


def _prices(market: Market) -> tuple[Any, ...]:
    return (market.state, *((outcome.name, outcome.odds, outcome.state) for outcome in market.outcomes))


async def offered(server: Server) -> Held:
    """Return what the server says is offered, by REST: another way than the stream's."""
    answer = await server.get("/api/events?markets=3743&page_size=500")
    assert answer["total"] <= 500
    return {
        (event["sportradar_id"], book["bookmaker"], market["market_id"], market["line"]): (
            market["state"], *((one["name"], one["odds"], one["state"]) for one in market["outcomes"]),
        )
        for event in answer["events"] for book in event["bookmakers"] for market in book["markets"]
    }  # fmt: skip


# --- the whole -----------------------------------------------------------------------------------------------


def raise_file_limit(clients: int) -> None:
    """Allow a file per client; end with a hint where the system does not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = clients + SPARE_FILES
    if hard != resource.RLIM_INFINITY and hard < needed:
        sys.exit(
            f"the system allows {hard} open files and {needed} are needed; say --clients {hard - SPARE_FILES}"
        )
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))  # the server's process inherits it


async def measure(server: Server, sizes: Sizes) -> list[Figure]:
    """Return every figure."""
    await server.prepare()
    figures, clients = await idle(server, sizes.clients)
    figures += await steady(server, clients, sizes)
    figures += await saturated(server, clients, sizes)
    await disconnected(server, clients)
    figures += await stalled(server)
    return figures + await storm(server, sizes.clients)


async def main(sizes: Sizes) -> None:
    """Start the server, measure, end it, report."""
    command = [sys.executable, "-m", "benchmarks.ws", "--serve", "--events", str(sizes.events)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    gc.disable()  # a pause here would count as the server's
    try:
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        patience = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", timeout=patience) as session:
            figures = await measure(Server(port, session), sizes)
    finally:
        process.terminate()
        await process.wait()
    report("ws", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What the WebSocket stream costs; smaller sizes try it out.")
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--deliveries", type=int, default=10_000, help="a second, over all clients")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each steady phase")
    parser.add_argument("--rounds", type=int, default=30, help="changes to everybody in a saturated phase")
    parser.add_argument("--events", type=int, default=200, help="matches in the cache, at most 500")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        uvloop.run(run(options.events))
    else:
        raise_file_limit(options.clients)
        uvloop.run(
            main(Sizes(options.clients, options.deliveries, options.seconds, options.rounds, options.events))
        )
