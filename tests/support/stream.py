"""A client of the stream as simple as the protocol allows, and a socket that a test can stall."""

import asyncio
import json
from typing import Any

from overround.api.event_order import EventOrder
from overround.api.ws.connections import Connection
from overround.api.ws.filters import OddsFilter
from overround.api.ws.hub import Hub
from overround.api.ws.session import Session
from tests.support.api import World
from tests.support.clock import settle


class FakeSocket:
    """Keeps what was sent; while `stalled`, sends wait as on a socket whose peer reads nothing."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.sizes: list[int] = []
        self.cut_with: int | None = None
        self._open = asyncio.Event()
        self._open.set()

    async def send(self, text: str) -> None:
        await self._open.wait()
        self.received.append(json.loads(text))
        self.sizes.append(len(text.encode()))

    def cut(self, code: int, reason: str) -> None:
        self.cut_with = code

    def stall(self) -> None:
        self._open.clear()

    def flow(self) -> None:
        self._open.set()


class Copy:
    """What a client holds of one topic: applies frames in the documented order and checks every sequence."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.epoch, self.last = "", -1
        self.events: dict[str, Any] = {}
        self.listings: dict[tuple[str, str], Any] = {}
        self.markets: dict[tuple[str, str, str, str], Any] = {}
        self.modes: list[tuple[str, str | None]] = []

    @property
    def since(self) -> dict[str, Any]:
        return {self.topic: {"epoch": self.epoch, "seq": self.last}}

    def apply(self, message: dict[str, Any]) -> None:
        kind, data = message["type"], message["data"]
        if kind == "heartbeat" and self.topic in data["seq"]:
            self.last = data["seq"][self.topic]
        if message.get("topic") != self.topic:
            return
        if kind == "subscribed":
            self.modes.append((data["mode"], data.get("reason")))
        if kind == "snapshot":
            self._snapshot(message)
        if kind == "odds_update":
            assert data["first_seq"] == self.last + 1
            assert message["epoch"] == self.epoch
            self._update(data)
            self.last = message["seq"]

    def _snapshot(self, message: dict[str, Any]) -> None:
        data = message["data"]
        if data["part"] == 1:
            self.events, self.listings, self.markets = {}, {}, {}
        self._put(data["events"], data["listings"], data["markets"])
        self.epoch = message["epoch"]
        if data["last"]:
            self.last = message["seq"]

    def _update(self, data: dict[str, Any]) -> None:
        for gone in data.get("removed", []):
            self.events.pop(gone, None)
            self.listings = {key: row for key, row in self.listings.items() if key[0] != gone}
            self.markets = {key: row for key, row in self.markets.items() if key[0] != gone}
        self._put(data.get("events", []), data.get("listings", []), data.get("changes", []))
        for bookmaker, entries in data.get("confirmed", {}).items():
            for entry in entries:
                for sportradar_id in entry["events"]:
                    self._confirm(self.listings[sportradar_id, bookmaker], entry)

    def _confirm(self, listing: dict[str, Any], entry: dict[str, Any]) -> None:
        if "markets" not in entry:
            listing["confirmed_at"] = max(listing["confirmed_at"] or "", entry["at"])
        for market_id in entry.get("markets", []):
            listing["market_confirmed_at"][market_id] = entry["at"]

    def _put(self, events: list[Any], listings: list[Any], markets: list[Any]) -> None:
        for event in events:
            self.events[event["sportradar_id"]] = event
        for row in listings:
            self.listings[row["sportradar_id"], row["bookmaker"]] = row
        for row in markets:
            row = {key: value for key, value in row.items() if key != "previous"}
            self.markets[row["sportradar_id"], row["bookmaker"], row["market_id"], row["line"]] = row


class StreamClient:
    """One client of a hub, without a network: connects, subscribes, loses its link."""

    def __init__(self, hub: Hub, world: World) -> None:
        self.hub, self.world = hub, world
        self.socket = FakeSocket()
        self.connection = Connection(self.socket, world.clock)
        self.session = Session(hub, self.connection)
        hub.connections.add(self.connection)
        self._sender = asyncio.create_task(self.connection.run(hub.sources))
        self._read = 0

    def say(self, **message: Any) -> None:
        """Send a message to the server."""
        self.session.receive(json.dumps(message))

    def news(self) -> list[dict[str, Any]]:
        """Return what has arrived since the last call."""
        self._read, start = len(self.socket.received), self._read
        return self.socket.received[start:]

    async def hear(self, *kinds: str) -> list[dict[str, Any]]:
        """Let the server work, then return what has arrived of these kinds, of all without any."""
        await settle()
        return [message for message in self.news() if not kinds or message["type"] in kinds]

    async def leave(self) -> None:
        """Lose the link."""
        self.hub.connections.remove(self.connection)
        self._sender.cancel()
        await asyncio.gather(self._sender, return_exceptions=True)


async def start_hub(world: World) -> Hub:
    """Return a started hub over the world; the test's loop ends its tasks."""
    hub = Hub(world.services(), EventOrder(world.cache))
    await hub.start()
    return hub


def truth(world: World, chosen: OddsFilter) -> tuple[dict[str, str], dict[Any, Any], dict[Any, Any]]:
    """Return what a client of a filter must hold, read straight from the cache: kickoffs, listings, markets."""
    kickoffs: dict[str, str] = {}
    listings: dict[Any, Any] = {}
    markets: dict[Any, Any] = {}
    for event in world.cache:
        if not chosen.takes_event(event.header):
            continue
        sportradar_id = event.header.sportradar_id
        kickoffs[sportradar_id] = f"{event.header.kickoff_at:%Y-%m-%dT%H:%M:%SZ}"
        for code, entry in event.listings.items():
            if code not in world.settings.enabled_bookmakers or not chosen.takes_bookmaker(code):
                continue
            listings[sportradar_id, code] = (
                entry.listing.state,
                entry.confirmed_at,
                entry.changed_at,
                entry.market_confirmed_at,
            )
            for key, market in entry.markets.items():
                if chosen.markets is None or chosen.markets.takes(key):
                    markets[sportradar_id, code, key.market_id, key.line] = (
                        market.state,
                        [
                            (name, odds / 1000 if odds else None, bool(market.suspended >> bit & 1))
                            for bit, (name, odds) in enumerate(
                                zip(market.names, market.odds_milli, strict=True)
                            )
                            if odds or market.suspended >> bit & 1
                        ],
                        market.changed_at,
                        list(entry.suspect(market)),
                    )
    return kickoffs, listings, markets
