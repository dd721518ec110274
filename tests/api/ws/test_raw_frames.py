"""Frames that no library sends, on a real server: what is legal is read, the rest ends with the code of RFC 6455."""

import asyncio
import base64
import json
import os
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest

from tests.api.conftest import Running

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
FIN = 0x80
PING_MESSAGE = b'{"type":"ping"}'


def frame(opcode: int, payload: bytes = b"", fin: int = FIN, mask: bool = True, reserved: int = 0) -> bytes:
    """Return one frame of a client, masked with zeros."""
    length = len(payload)
    flag = 0x80 if mask else 0
    if length < 126:
        size = bytes([flag | length])
    elif length < 65536:
        size = bytes([flag | 126]) + struct.pack("!H", length)
    else:
        size = bytes([flag | 127]) + struct.pack("!Q", length)
    return bytes([fin | reserved | opcode]) + size + (bytes(4) if mask else b"") + payload


class Raw:
    """A socket after the handshake."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def send(self, *frames: bytes) -> None:
        self._writer.write(b"".join(frames))

    async def receive(self) -> tuple[int, bytes]:
        """Return opcode and payload of the next frame."""
        first, second = await self._reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", await self._reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await self._reader.readexactly(8))
        return first & 0xF, await self._reader.readexactly(length)

    async def heard(self, kind: str) -> dict:
        """Return the next message of a kind."""
        while True:
            opcode, payload = await self.receive()
            assert opcode in (TEXT, PING), (opcode, payload)
            if opcode == TEXT and (message := json.loads(payload))["type"] == kind:
                return message

    async def closed_with(self) -> int:
        """Return the code of the close frame that comes."""
        while True:
            opcode, payload = await self.receive()
            if opcode == CLOSE:
                return struct.unpack("!H", payload[:2])[0]

    def abort(self) -> None:
        self._writer.transport.abort()


Open = Callable[[], Awaitable[Raw]]


@pytest.fixture
async def opened(served: Running) -> AsyncGenerator[Open]:
    sockets: list[Raw] = []

    async def open_socket() -> Raw:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET /api/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        await reader.readuntil(b"\r\n\r\n")
        sockets.append(Raw(reader, writer))
        await sockets[-1].heard("connection_ack")
        return sockets[-1]

    yield open_socket
    for each in sockets:
        each.abort()


async def test_a_message_in_fragments_is_read(opened):
    """A control frame may stand between them."""
    raw = await opened()
    raw.send(
        frame(TEXT, PING_MESSAGE[:4], fin=0),
        frame(PING, b"x"),
        frame(CONTINUATION, PING_MESSAGE[4:9], fin=0),
        frame(CONTINUATION, PING_MESSAGE[9:]),
    )
    assert await raw.receive() == (PONG, b"x")
    await raw.heard("pong")


async def test_a_frame_byte_by_byte_is_read(opened):
    """The network may cut anywhere."""
    raw = await opened()
    for byte in frame(TEXT, PING_MESSAGE):
        raw.send(bytes([byte]))
        await asyncio.sleep(0)
    await raw.heard("pong")


HALF = b"x" * (32 * 1024 + 1)
BROKEN = {
    "too long in one frame": (1009, [frame(TEXT, b"x" * (64 * 1024 + 1))]),
    "too long in fragments": (1009, [frame(TEXT, HALF, fin=0), frame(CONTINUATION, HALF)]),
    "a length of 2^62 and nothing behind it": (
        1009,
        [bytes([FIN | TEXT, 0x80 | 127]) + struct.pack("!Q", 2**62) + bytes(4)],
    ),
    "text that is no UTF-8": (1007, [frame(TEXT, b'{"type":"\xff\xfe"}')]),
    "UTF-8 cut off at the end": (1007, [frame(TEXT, b"\xe2\x82")]),
    "a reserved opcode": (1002, [frame(0x3, b"x")]),
    "a reserved control opcode": (1002, [frame(0xB)]),
    "a reserved bit": (1002, [frame(TEXT, PING_MESSAGE, reserved=0x40)]),
    "not masked": (1002, [frame(TEXT, PING_MESSAGE, mask=False)]),
    "a continuation of nothing": (1002, [frame(CONTINUATION, b"x")]),
    "a second beginning": (1002, [frame(TEXT, b"x", fin=0), frame(TEXT, b"x")]),
    "a control frame in fragments": (1002, [frame(PING, b"x", fin=0)]),
    "a control frame of 126 bytes": (1002, [frame(PING, b"x" * 126)]),
    "a close code that may not be sent": (1002, [frame(CLOSE, struct.pack("!H", 1005))]),
    "a close frame of one byte": (1002, [frame(CLOSE, b"x")]),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_a_broken_frame_ends_its_own_connection_only(opened, served, what):
    """With the code that says why; a second client is served on, and nothing is kept of the first."""
    code, frames = BROKEN[what]
    broken, other = await opened(), await opened()
    broken.send(*frames)
    assert await broken.closed_with() == code
    broken.abort()
    other.send(frame(TEXT, PING_MESSAGE))
    await other.heard("pong")
    while len(served.hub.connections) > 1:  # noqa: ASYNC110 -- what is waited for lies beyond a socket
        await asyncio.sleep(0)


async def test_a_peer_that_sends_no_pong_is_dropped(opened, served):
    """Its machine is gone without a word; the connection does not stay for ever."""
    served.server.config.ws_ping_interval = served.server.config.ws_ping_timeout = 0.05
    raw = await opened()
    while (await raw.receive())[0] != PING:
        pass
    assert await raw.closed_with() == 1011
    raw.abort()
    while len(served.hub.connections):  # noqa: ASYNC110 -- what is waited for lies beyond a socket
        await asyncio.sleep(0)
