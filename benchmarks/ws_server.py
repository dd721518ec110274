"""
The server's process of benchmarks/ws.py: the product's app over a synthetic cache, and routes that make it send.

`hub` sends as the product does: a change is accepted and published, the hub does the rest. `bare` is what it is
compared with: a loop that hands a ready text to the sockets of the same clients, one after another.
"""

import asyncio
import gc
import random
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import psutil
from fastapi import FastAPI, Request

from benchmarks.api import described
from overround import metrics
from overround.api.app import create_app, listen, serve
from overround.api.context import context_of
from overround.api.ws.connections import Connection
from overround.api.ws.session import Session
from overround.clock import SystemClock
from overround.domain.markets import ParsedMarket
from tests.support.api import World, priced

BOOKMAKERS = ("betpawa", "sportybet", "bet9ja")
PATH = "/api/benchmark"
FIRST_ID = 69_000_000
MEMORY_EVERY = 10  # changes between two looks at the memory


def main_markets(chance: random.Random) -> list[ParsedMarket]:
    """Return the four main markets at random prices."""
    sizes = (("3743", "", 3), ("5000", "2.5", 2), ("3795", "", 2), ("4693", "", 3))
    return [
        priced(market_id, [chance.randrange(1010, 9000) / 1000 for _ in range(count)], line)
        for market_id, line, count in sizes
    ]


class LastText:
    """A socket that keeps what was sent last."""

    def __init__(self) -> None:
        self.text = ""
        self.has_text = asyncio.Event()

    async def send(self, text: str) -> None:
        if text.startswith('{"type":"odds_update"'):
            self.text = text
            self.has_text.set()

    def cut(self, code: int, reason: str) -> None: ...


def unread_bytes(connection: Any) -> int:
    """Return what is held for a client: in its outbox, and in the socket's buffer of this process."""
    socket = connection._transport._cut.__self__.transport
    return sum(feed.size for feed in connection.outbox.feeds.values()) + socket.get_write_buffer_size()


class Bench:
    """Publishes and sends, and says when it did."""

    def __init__(self, world: World, app: FastAPI, events: int) -> None:
        self._world, self._app, self._events = world, app, events
        self._chance = random.Random(1)
        self._process = psutil.Process()
        self._ready = ""

    def fill(self) -> None:
        """Put every event into the cache."""
        for number in range(self._events):
            event = described(number)
            for code in BOOKMAKERS:
                self._world.offer(event.sportradar_id, code, main_markets(self._chance), event)

    def change(self, events: int) -> None:
        """Accept new prices of some events at one bookmaker."""
        code = self._chance.choice(BOOKMAKERS)
        numbers = self._chance.sample(range(self._events), events)
        self._world.accept(
            [
                self._world.answer(str(FIRST_ID + number), code, main_markets(self._chance))
                for number in numbers
            ]
        )

    async def prepare(self) -> None:
        """Keep a frame as the product sends it for a change; call it while nobody follows."""
        hub, last = context_of(self._app).hub, LastText()
        connection = Connection(last, self._world.clock)
        hub.connections.add(connection)
        Session(hub, connection).receive('{"type":"subscribe","topics":["odds_updates"]}')
        sender = asyncio.create_task(connection.run(hub.sources))
        await asyncio.sleep(0.1)  # the snapshot leaves
        self.change(1)
        await last.has_text.wait()
        sender.cancel()
        hub.connections.remove(connection)
        self._ready = last.text

    def sender(self, kind: str, events: int) -> Callable[[], Awaitable[None]]:
        """Return what sends one change to every client."""
        if kind == "hub":

            async def publish() -> None:
                self.change(events)

            return publish
        text, connections = self._ready, context_of(self._app).hub.connections

        async def send() -> None:
            for connection in connections.all():
                await connection._transport.send(text)  # pyright: ignore[reportPrivateUsage]

        return send

    async def pace(self, request: Request) -> dict[str, Any]:
        """Send `rate` changes a second for some seconds; each one's time, and how much memory was used at most."""
        asked = request.query_params
        rate, seconds, events = float(asked["rate"]), float(asked["seconds"]), int(asked["events"])
        send = self.sender(asked["kind"], events)
        gc.collect()
        first_seq = self._seq() + 1
        begun_bytes = peak_bytes = self._process.memory_info().rss
        connections, most_unread = context_of(self._app).hub.connections, 0
        at, sent_at = time.monotonic(), list[float]()
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, at + number / rate - time.monotonic()))
            sent_at.append(time.monotonic())
            await send()
            if number % MEMORY_EVERY == 0:
                peak_bytes = max(peak_bytes, self._process.memory_info().rss)
                most_unread = max(most_unread, *map(unread_bytes, connections.all()), 0)
        return {
            "first_seq": first_seq, "last_seq": self._seq(), "sent_at": sent_at,
            "grown_bytes": peak_bytes - begun_bytes, "unread_bytes": most_unread,
        }  # fmt: skip

    async def saturate(self, request: Request) -> dict[str, Any]:
        """Send changes as fast as they leave; when it began, and the processor time it took."""
        asked = request.query_params
        rounds, kind = int(asked["rounds"]), asked["kind"]
        send, clients = self.sender(kind, 1), len(context_of(self._app).hub.connections)
        sent = metrics.WEBSOCKET_SENT.labels("odds_update")._value
        gc.collect()
        begun_at, begun_cpu_s, begun = time.monotonic(), time.process_time(), sent.get()
        for number in range(rounds):
            await send()
            while sent.get() - begun < (number + 1) * clients:  # noqa: ASYNC110  a counter rings no bell
                await asyncio.sleep(0)
        return {"begun_at": begun_at, "cpu_s": time.process_time() - begun_cpu_s, "last_seq": self._seq()}

    async def state(self) -> dict[str, Any]:
        """Return memory, connections and the newest sequence number."""
        gc.collect()
        return {
            "rss_bytes": self._process.memory_info().rss,
            "connections": len(context_of(self._app).hub.connections),
            "seq": self._seq(),
        }

    def _seq(self) -> int:
        hub = context_of(self._app).hub
        hub.catch_up()
        return hub.odds.seq


async def run(events: int) -> None:
    """Serve until the process is ended; the first line says the port."""
    world = World(SystemClock())
    app = create_app(world.services())
    bench = Bench(world, app, events)
    bench.fill()
    gc.collect()
    gc.freeze()  # as the product does after its warm-up
    app.add_api_route(f"{PATH}/prepare", bench.prepare, methods=["POST"])
    app.add_api_route(f"{PATH}/pace", bench.pace, methods=["POST"])
    app.add_api_route(f"{PATH}/saturate", bench.saturate, methods=["POST"])
    app.add_api_route(f"{PATH}/state", bench.state, methods=["GET"])
    listener = listen("127.0.0.1", 0)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await serve(app, port=listener.getsockname()[1]).serve(sockets=[listener])
