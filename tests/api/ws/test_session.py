"""What clients may say, and what becomes of the rest."""

import pytest

from tests.support.api import three_way
from tests.support.clock import settle
from tests.support.stream import StreamClient, start_hub


@pytest.fixture
async def client(world):
    world.offer("1", "betpawa", [three_way()])
    hub = await start_hub(world)
    yield StreamClient(hub, world)
    await hub.stop()


async def test_fields_may_stand_beside_the_type_or_in_data(client):
    """The envelope of the server's messages works for the client's too."""
    client.say(type="subscribe", topics=["odds_updates"])
    client.say(type="subscribe", data={"topics": ["event:1"]})
    assert [m["data"]["topic"] for m in await client.hear("subscribed")] == ["odds_updates", "event:1"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"ping"',
        '{"type":"shout"}',
        '{"type":"subscribe"}',
        '{"type":"subscribe","topics":[]}',
        '{"type":"subscribe","topics":"odds_updates"}',
        '{"type":"subscribe","topics":["odds_updates"],"conflate_ms":-1}',
        '{"type":"subscribe","topics":["odds_updates"],"conflate_ms":120001}',
        '{"type":"subscribe","topics":["odds_updates"],"filter":{"colour":"red"}}',
        '{"type":"subscribe","topics":["odds_updates"],"filter":{"markets":["5000:abc"]}}',
        '{"type":"subscribe","topics":["odds_updates"],"filter":{"from":"2026-11-24T12:00:00"}}',
        '{"type":"subscribe","topics":["odds_updates"],"since":{"odds_updates":{"seq":1}}}',
        "[" * 5000,
        '{"type":"ping","data":' + "[" * 5000,
    ],
)
async def test_a_message_that_makes_no_sense_is_answered(client, text):
    """With one sentence; the connection stays open and nothing is subscribed."""
    client.session.receive(text)
    (error,) = await client.hear()
    assert (error["type"], error["data"]["code"]) == ("error", "bad_message")
    assert error["data"]["detail"]
    assert client.connection.outbox.feeds == {}
    assert not client.connection.closed.is_set()


@pytest.mark.parametrize("topic", ["alert", "event:", "event:x", "event:" + "1" * 21, "odds"])
async def test_a_topic_that_does_not_exist_is_refused(client, topic):
    """The other topics of the message are followed all the same."""
    client.say(type="subscribe", topics=[topic, "status"])
    messages = await client.hear("error", "subscribed")
    assert [message["data"].get("code", "subscribed") for message in messages] == [
        "unknown_topic",
        "subscribed",
    ]


async def test_at_most_64_topics_are_followed(client):
    """One more is refused; one that is followed already may be subscribed again."""
    client.say(type="subscribe", topics=[f"event:{number}" for number in range(65)])
    assert [m["data"]["code"] for m in await client.hear("error")] == ["too_many_topics"]
    client.say(type="subscribe", topics=["event:3"])
    assert len(await client.hear("subscribed")) == 1


async def test_more_than_20_messages_a_second_end_the_connection(client, world):
    """The allowance refills with time."""
    for _ in range(20):
        client.say(type="ping")
    assert len(await client.hear("pong")) == 20
    await world.clock.advance(1)
    for _ in range(21):
        client.say(type="ping")
    assert client.socket.cut_with == 1008


async def test_what_was_unsubscribed_is_silent(client, world):
    """Nothing of the topic arrives, and heartbeats no longer name it."""
    client.say(type="subscribe", topics=["odds_updates", "status"])
    await client.hear()
    client.say(type="unsubscribe", topics=["odds_updates"])
    world.offer("1", "betpawa", [three_way(2.5)])
    await settle()
    await world.clock.advance(5)
    (beat,) = await client.hear()
    assert list(beat["data"]["seq"]) == ["status"]
