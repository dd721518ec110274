"""The clients of benchmarks/ws.py: thousands in one process, so each does as little as the protocol allows."""

import asyncio
import socket
import struct
import time
from typing import Any, cast

import msgspec

from overround.client.following import Odds
from overround.client.messages import ENVELOPE, HEARTBEAT

TOPIC = "odds_updates"
UPDATE = b'{"type":"odds_update"'
HANDSHAKE = (
    b"GET /api/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
SMALL_BUFFER, SMALL_SEGMENT = 4096, 1000
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def encoded(opcode: int, payload: bytes) -> bytes:
    """Return a client's frame; masked, as the protocol wants, with a mask that changes nothing."""
    size = len(payload)
    head = (
        bytes([0x80 | opcode, 0x80 | size]) if size < 126 else struct.pack("!BBH", 0x80 | opcode, 0xFE, size)
    )
    return head + b"\0\0\0\0" + payload


class Client(asyncio.Protocol):
    """One socket: shakes hands, subscribes, and notes when which sequence number came."""

    def __init__(self, chosen: dict[str, Any]) -> None:
        self.arrived: list[tuple[float, int]] = []  # monotonic, seq
        self.ready = asyncio.Event()  # the snapshot is complete, or the subscription resumed
        self.lost = asyncio.Event()
        self.transport: asyncio.Transport | None = None
        self._chosen, self._buffer, self._is_open = chosen, b"", False

    @property
    def seq(self) -> int:
        """Return the newest sequence number that came with a change."""
        return self.arrived[-1][1] if self.arrived else -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._write(HANDSHAKE)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        at = 0
        if not self._is_open:
            at = data.find(b"\r\n\r\n") + 4
            if at < 4:
                self._buffer = data
                return
            assert data.startswith(b"HTTP/1.1 101"), data[:200]
            self._is_open = True
            self.subscribe(self.since())
        self._buffer = data[self._take(data, at) :]

    def _take(self, data: bytes, at: int) -> int:
        """Take in every whole frame from `at` on and return where the rest begins."""
        length = len(data)
        while length - at >= 2:
            size, body = data[at + 1], at + 2
            if size == 126:
                body = at + 4
                size = int.from_bytes(data[at + 2 : body], "big")
            elif size == 127:
                body = at + 10
                size = int.from_bytes(data[at + 2 : body], "big")
            if length < body + size:
                break
            opcode, at = data[at] & 0x0F, body + size
            if opcode == TEXT:
                self.take(data, body, at)
            elif opcode == PING:
                self._write(encoded(PONG, data[body:at]))
        return at

    def take(self, data: bytes, start: int, end: int) -> None:
        """Take in one text."""
        if data.startswith(UPDATE, start):
            seq = data.index(b'"seq":', start) + 6
            self.arrived.append((time.monotonic(), int(data[seq : data.index(b",", seq)])))
        elif data.startswith(b'{"type":"snapshot"', start) and b'"last":true' in data[start:end]:
            self.ready.set()

    def since(self) -> dict[str, Any] | None:
        """Return where to continue; None to begin anew."""
        return None

    def subscribe(self, since: dict[str, Any] | None) -> None:
        """Ask for the odds."""
        message = {"type": "subscribe", "topics": [TOPIC], **self._chosen}
        if since is not None:
            message["since"] = {TOPIC: since}
        self._write(encoded(TEXT, msgspec.json.encode(message)))

    def _write(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)

    def abort(self) -> None:
        """Lose the connection."""
        assert self.transport is not None
        self.transport.abort()


class Keeping(Client):
    """A client with a local copy, as the Python client keeps it; `odds` outlives the connection."""

    def __init__(self, chosen: dict[str, Any], odds: Odds) -> None:
        super().__init__(chosen)
        self.odds = odds
        self.mode = ""  # how the subscription began: snapshot, resumed

    def since(self) -> dict[str, Any] | None:
        return self.odds.since()

    def subscribe(self, since: dict[str, Any] | None) -> None:
        super().subscribe(since)
        self.odds.ask()

    def take(self, data: bytes, start: int, end: int) -> None:
        envelope = ENVELOPE.decode(data[start:end])
        if envelope.type == "heartbeat":
            self.odds.account(HEARTBEAT.read(envelope).seq.get(TOPIC, -1))
        elif envelope.topic == TOPIC:
            if envelope.type == "subscribed":
                self.mode = msgspec.json.decode(envelope.data)["mode"]
            if ask := self.odds.receive(envelope):
                self.subscribe(None if ask == "anew" else self.odds.since())
        if self.odds.snapshots and not self.odds.is_asked:
            self.ready.set()

    def stands_at(self, seq: int) -> bool:
        """Return whether the copy accounts for everything up to a sequence number."""
        since = self.odds.since()
        return self.ready.is_set() and since is not None and since["seq"] >= seq


async def opened(port: int, client: Client, is_small: bool = False) -> None:
    """Connect a client; a small one has little room for what it does not read."""
    loop = asyncio.get_running_loop()
    sock = socket.socket()
    sock.setblocking(False)
    if is_small:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        sock.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_MAXSEG, SMALL_SEGMENT
        )  # else the sender's buffer grows to MiB
    await loop.sock_connect(sock, ("127.0.0.1", port))
    await loop.create_connection(lambda: client, sock=sock)
