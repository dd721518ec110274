"""The socket on a real server: handshake, limits, a peer that reads nothing, the goodbye."""

import asyncio
import base64
import json
import os
from collections.abc import Callable

import aiohttp
import pytest

from tests.support.api import header, three_way


async def heard(socket: aiohttp.ClientWebSocketResponse, kind: str) -> dict:
    """Return the next message of a kind."""
    while True:
        message = await socket.receive_json()
        if message["type"] == kind:
            return message


async def test_the_server_introduces_itself(served):
    """Build, epoch, heartbeat and world come first, before any question."""
    async with served.client.ws_connect("/api/ws") as socket:
        ack = await socket.receive_json()
    assert (ack["type"], ack["timestamp"]) == ("connection_ack", "2026-11-24T12:00:00.000Z")
    assert ack["data"] == {
        "build": served.context.build,
        "epoch": served.hub.epoch,
        "heartbeat_ms": 5000,
        "world": "simulated",
    }


async def test_a_change_reaches_an_open_page(world, served):
    """From the bus to a browser's socket."""
    world.offer("1", "betpawa", [three_way()], header("1"))
    async with served.client.ws_connect("/api/ws") as socket:
        await socket.send_json({"type": "subscribe", "topics": ["odds_updates"]})
        snapshot = await heard(socket, "snapshot")
        world.offer("1", "betpawa", [three_way(2.5)])
        delta = await heard(socket, "odds_update")
    assert delta["data"]["first_seq"] == snapshot["seq"] + 1


async def test_a_reader_continues_on_the_socket_where_rest_left_off(world, served):
    """X-Epoch and X-Seq are a valid `since`: nothing lies between."""
    world.offer("1", "betpawa", [three_way()], header("1"))
    async with served.client.get("/api/events") as answer:
        since = {"epoch": answer.headers["x-epoch"], "seq": int(answer.headers["x-seq"])}
    world.offer("1", "betpawa", [three_way(2.5)])
    async with served.client.ws_connect("/api/ws") as socket:
        topics = ["odds_updates", "event:1"]
        await socket.send_json({"type": "subscribe", "topics": topics, "since": dict.fromkeys(topics, since)})
        assert (await heard(socket, "subscribed"))["data"]["mode"] == "resumed"
        assert (await heard(socket, "odds_update"))["data"]["first_seq"] == since["seq"] + 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example"},
    ],
)
async def test_foreign_pages_are_refused_before_the_handshake(served, headers):
    """A page of another site can't read the stream, nor one that calls itself by a rebound name."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await served.client.ws_connect("/api/ws", headers=headers)
    assert refused.value.status == 403


async def test_a_page_of_this_machine_is_let_in(served):
    """The development server of the page has another port."""
    async with served.client.ws_connect("/api/ws", headers={"Origin": "http://localhost:5173"}) as socket:
        assert (await socket.receive_json())["type"] == "connection_ack"


async def test_a_message_of_more_than_64_kib_ends_the_connection(served):
    """Close code 1009; nothing was decoded."""
    async with served.client.ws_connect("/api/ws") as socket:
        await heard(socket, "connection_ack")
        await socket.send_str("x" * (64 * 1024 + 1))
        assert (await socket.receive()).type == aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 1009


async def test_bytes_that_are_no_json_are_answered(served):
    """A binary frame is read like text, and refused like it."""
    async with served.client.ws_connect("/api/ws") as socket:
        await socket.send_bytes(b"\xff\xfe")
        assert (await heard(socket, "error"))["data"]["code"] == "bad_message"


async def test_a_peer_that_reads_nothing_is_dropped(world, served):
    """I9 on a real socket: 4008 without waiting for it, and its memory is freed."""
    world.accept(
        [world.answer(str(number), "betpawa", [three_way()], header(str(number))) for number in range(500)]
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port, limit=1024)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET /api/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    writer.write(masked(json.dumps({"type": "subscribe", "topics": ["odds_updates"]})))
    await until(lambda: served.hub.connections.odds_followers("odds_updates"))
    (connection,) = served.hub.connections.all()
    step = 0
    while not connection.closed.is_set():  # fill every buffer on the way, then the five seconds
        step += 1
        prices = three_way(2 + step / 100)
        world.accept([world.answer(str(number), "betpawa", [prices]) for number in range(500)])
        await world.clock.advance(1)
    assert connection.close_code == 4008
    await until(lambda: not len(served.hub.connections))
    writer.transport.abort()


async def until(holds: Callable[[], object]) -> None:
    """Let the loop turn until something holds."""
    while not holds():  # noqa: ASYNC110 -- what is waited for lies beyond a socket
        await asyncio.sleep(0)


def masked(text: str) -> bytes:
    """Return a client's text frame of fewer than 126 bytes, masked with zeros."""
    return bytes([0x81, 0x80 | len(text)]) + bytes(4) + text.encode()


async def test_clients_are_told_before_the_server_stops(live):
    """A drain notice, then close code 4009; the server's own stop ends in time."""
    _, server = live
    async with server.client.ws_connect("/api/ws") as socket:
        await heard(socket, "connection_ack")
        server.server.should_exit = True
        assert (await heard(socket, "drain"))["data"]["grace_ms"] > 0
        assert (await socket.receive()).type == aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 4009
