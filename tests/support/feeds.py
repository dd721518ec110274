"""The Python client against a hub without a network; a test may hold back, repeat, swap and lose what is sent."""

import asyncio
import json
from typing import Any

from overround.api.ws.connections import Connection
from overround.api.ws.hub import Hub
from overround.api.ws.session import Session
from overround.client.feed import Feed
from overround.client.link import Link, LinkLost
from overround.errors import FeedUnreachable
from tests.support.api import World


class HubLink:
    """One link to a hub. While `held`, what the server sends waits in `waiting` for the test to pass it on."""

    def __init__(self, hub: Hub, world: World, held: bool) -> None:
        self.hub, self.held = hub, held
        self.waiting: list[str] = []
        self.said: list[dict[str, Any]] = []
        self._arrived: asyncio.Queue[str | Exception] = asyncio.Queue()
        self._connection = Connection(self, world.clock)
        self._session = Session(hub, self._connection)
        hub.connections.add(self._connection)
        self._connection.say(
            "connection_ack",
            {"build": "test", "epoch": hub.epoch, "heartbeat_ms": 5000, "world": "simulated"},
        )
        self._sender = asyncio.create_task(self._connection.run(hub.sources))

    async def send(self, text: str) -> None:
        """Both sides call it: the client with its messages, the server with frames."""
        if '"timestamp"' in text:
            self.waiting.append(text)
            self.pass_on(0 if self.held else len(self.waiting))
        else:
            self.said.append(json.loads(text))
            self._session.receive(text)

    def pass_on(self, count: int) -> None:
        """Let the oldest of what waits arrive."""
        for text in self.waiting[:count]:
            self._arrived.put_nowait(text)
        del self.waiting[:count]

    async def receive(self) -> str:
        got = await self._arrived.get()
        if isinstance(got, Exception):
            raise got
        return got

    async def close(self) -> None:
        self.lose()

    def lose(self, error: Exception | None = None) -> None:
        """End the link; what was not passed on is lost."""
        self.hub.connections.remove(self._connection)
        self._sender.cancel()
        self._arrived.put_nowait(error or LinkLost("the link was cut"))

    def cut(self, code: int, reason: str) -> None:
        self.lose()


class HubDialler:
    """Opens links to whichever hub is up."""

    def __init__(self, hub: Hub | None, world: World) -> None:
        self.hub, self.world = hub, world
        self.held = False
        self.links: list[HubLink] = []
        self.tries = 0

    @property
    def link(self) -> HubLink:
        return self.links[-1]

    async def __call__(self) -> Link:
        self.tries += 1
        if self.hub is None:
            raise FeedUnreachable("http://test", "nobody listens")
        self.links.append(HubLink(self.hub, self.world, self.held))
        return self.links[-1]

    async def feed(self, chance: float = 0.5) -> Feed:
        """Return a started feed on the world's clock."""
        feed = Feed(self, self.world.clock, lambda: chance)
        await feed.start()
        return feed
