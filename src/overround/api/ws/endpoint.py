"""The socket itself: accepts it, runs its sender, feeds it the client's messages."""

import asyncio
from collections.abc import Callable

from starlette.websockets import WebSocket, WebSocketDisconnect

from overround import metrics
from overround.api.callers import caller
from overround.api.keyring import KeyRing
from overround.api.ws.connections import Connection
from overround.api.ws.hub import Hub
from overround.api.ws.protocol import CLOSE_DRAINING, CLOSE_ERROR, CLOSE_KEY, HEARTBEAT_S
from overround.api.ws.session import Session
from overround.clock import Clock
from overround.config import World
from overround.log import get_logger

log = get_logger(__name__)


class SocketTransport:
    """A socket of our server."""

    def __init__(self, websocket: WebSocket, cut: Callable[[int, str], None]) -> None:
        self._websocket, self._cut = websocket, cut

    async def send(self, text: str) -> None:
        await self._websocket.send({"type": "websocket.send", "text": text})
        metrics.WEBSOCKET_SENT.labels(text[9 : text.index('"', 9)]).inc()  # {"type":"...

    def cut(self, code: int, reason: str) -> None:
        self._cut(code, reason)


class Endpoint:
    """Serves /api/ws."""

    def __init__(self, hub: Hub, ring: KeyRing, clock: Clock, build: str, world: World) -> None:
        self._hub, self._ring, self._clock, self._build, self._world = hub, ring, clock, build, world

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one client until it or we close."""
        if self._hub.draining:
            await websocket.close(CLOSE_DRAINING)
            return
        ticket = websocket.query_params.get("ticket")
        who = caller(websocket) if ticket is None else self._ring.take_ticket(ticket)
        await websocket.accept()
        if who is None:  # only what was accepted can be closed with a code that a page sees
            await websocket.close(CLOSE_KEY, "a valid API key is needed")
            return
        transport = SocketTransport(websocket, websocket.scope["state"]["cut"])
        connection = Connection(transport, self._clock, who)
        self._hub.connections.add(connection)
        connection.say("connection_ack", self._ack())
        sender = asyncio.create_task(connection.run(self._hub.sources), name="websocket-sender")
        sender.add_done_callback(lambda task: _end(connection, task))
        try:
            await _receive(websocket, Session(self._hub, connection))
        finally:
            self._hub.connections.remove(connection)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    def _ack(self) -> dict[str, object]:
        return {
            "build": self._build,
            "epoch": self._hub.epoch,
            "heartbeat_ms": round(HEARTBEAT_S * 1000),
            "world": self._world,
        }


async def _receive(websocket: WebSocket, session: Session) -> None:
    """Hand on what the client says until it leaves or is cut off."""
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        session.receive(message.get("text") or message.get("bytes") or "")


def _end(connection: Connection, sender: "asyncio.Task[None]") -> None:
    """Close a connection whose sender ended by itself: the client has left, or we made an error."""
    if sender.cancelled():
        return
    error = sender.exception()
    if not isinstance(error, WebSocketDisconnect | OSError):
        log.error("websocket_failed", exc_info=error)
    connection.cut(CLOSE_ERROR, "the server made an error")
