"""I9: a stalled client costs nobody else anything, and what waits for it is bounded."""

import asyncio

import pytest

from overround.api.ws.outbox import LIMIT_BYTES
from tests.support.api import header, three_way
from tests.support.clock import settle
from tests.support.stream import StreamClient, start_hub

EVENTS = [str(number) for number in range(400)]


@pytest.fixture
async def hub(world):
    world.accept([world.answer(number, "betpawa", [three_way()], header(number)) for number in EVENTS])
    started = await start_hub(world)
    yield started
    await started.stop()


async def follow(hub, world) -> StreamClient:
    client = StreamClient(hub, world)
    client.say(type="subscribe", topics=["odds_updates"])
    await client.hear()
    return client


def move_all(world, price: float) -> None:
    world.accept([world.answer(number, "betpawa", [three_way(price)]) for number in EVENTS])


async def test_others_are_served_while_one_is_stalled(hub, world):
    """Every move reaches the reader at once, however long the other one reads nothing."""
    reader, stalled = await follow(hub, world), await follow(hub, world)
    stalled.socket.stall()
    for step in range(20):
        move_all(world, 2.0 + step / 100)
        changes = [change for frame in await reader.hear() for change in frame["data"].get("changes", ())]
        assert {change["outcomes"][0]["odds"] for change in changes} == {2.0 + step / 100}
        assert stalled.connection.outbox.feeds["odds_updates"].size <= 2 * LIMIT_BYTES


async def test_what_waits_conflates(hub, world):
    """Twenty moves of the same prices take no more room than one."""
    stalled = await follow(hub, world)
    stalled.socket.stall()
    for step in range(20):
        move_all(world, 2.0 + step / 100)
        await settle()
    feed = stalled.connection.outbox.feeds["odds_updates"]
    size_of_twenty = feed.size
    move_all(world, 2.3)
    await settle()
    assert feed.size <= size_of_twenty * 1.01
    stalled.socket.flow()
    frames = await stalled.hear("odds_update")
    assert len(frames) == 2  # the one that was under way, and all the rest in one
    assert {change["outcomes"][0]["odds"] for change in frames[-1]["data"]["changes"]} == {2.3}


async def test_a_client_that_reads_nothing_for_five_seconds_is_cut_off(hub, world):
    """Code 4008; it may come back and resume."""
    stalled, reader = await follow(hub, world), await follow(hub, world)
    stalled.socket.stall()
    move_all(world, 2.5)
    await settle()
    await world.clock.advance(4)
    assert stalled.socket.cut_with is None
    await world.clock.advance(3)
    assert (stalled.socket.cut_with, reader.socket.cut_with) == (4008, None)


async def test_a_client_that_leaves_more_than_a_mebibyte_unread_is_cut_off(hub, world):
    """Different things can't conflate, so the size is what ends it."""
    stalled = await follow(hub, world)
    stalled.socket.stall()
    move_all(world, 2.5)
    await settle()
    for batch in range(12):
        numbers = [str(10_000 + 400 * batch + number) for number in range(400)]
        world.accept([world.answer(number, "betpawa", [three_way()], header(number)) for number in numbers])
        await settle()
    assert stalled.socket.cut_with == 4008


async def test_a_slow_reader_of_a_burst_is_not_cut_off(hub, world):
    """More than the limit at once is no reason while the socket takes what it is given."""
    client = await follow(hub, world)
    numbers = [str(10_000 + number) for number in range(3000)]
    world.accept([world.answer(number, "betpawa", [three_way()], header(number)) for number in numbers])
    frames = await client.hear("odds_update")
    assert client.socket.cut_with is None
    assert sum(len(frame["data"].get("events", ())) for frame in frames) == 3000


async def test_control_messages_are_lossless(hub, world):
    """A stalled socket that flows again has every answer, in order."""
    client = await follow(hub, world)
    client.socket.stall()
    for topic in ("nonsense", "prices", "alert"):
        client.say(type="subscribe", topics=[topic])
    client.say(type="ping")
    client.socket.flow()
    answers = [message for message in await client.hear() if message["type"] in ("error", "pong")]
    details = [message["data"].get("detail", "pong") for message in answers]
    assert details == [*(f"there is no topic {t}" for t in ("nonsense", "prices", "alert")), "pong"]


async def test_a_client_that_left_is_followed_no_longer(hub, world):
    """Nothing is kept of a closed connection."""
    client = await follow(hub, world)
    await client.leave()
    assert len(hub.connections) == 0
    assert hub.connections.odds_followers("odds_updates") == []


async def test_everybody_is_told_before_the_server_stops(hub, world):
    """A drain notice with the time that is left, then 4009."""
    client = await follow(hub, world)
    move_all(world, 2.5)
    task = asyncio.create_task(hub.drain())
    messages = await client.hear()
    assert {"drain", "odds_update"} <= {message["type"] for message in messages}
    assert client.socket.cut_with is None
    await world.clock.advance(1)
    await task
    assert client.socket.cut_with == 4009
