"""The topic `movements`: rows as the REST list has them, of each the newest."""

from overround.api.event_order import EventOrder
from overround.api.ws.hub import Hub
from overround.api.ws.movement_topic import MovementTopic
from tests.support.api import World, three_way
from tests.support.stream import StreamClient


async def test_followers_get_rows_like_the_rest_list():
    """A move is told within a second; what is added to it comes again under the same id; twice in a burst is once."""
    world = World()
    hub = Hub(world.services(), EventOrder(world.cache))
    topic = MovementTopic(world.services(), hub)
    await hub.start()
    await topic.start()
    client = StreamClient(hub, world)
    client.say(type="subscribe", topics=["movements"])
    for code in ("betpawa", "sportybet", "bet9ja"):
        world.offer("69000001", code, [three_way(2.4, 3.3, 3.0)])
    world.offer("69000001", "sportybet", [three_way(2.2, 3.3, 3.4)])
    await world.clock.advance(1)
    (first,) = await client.hear("movement")
    assert (first["topic"], first["seq"]) == ("movements", 1)
    assert [move["bookmaker"] for move in first["data"]["moves"]] == ["sportybet"]
    assert first["data"]["moves"][0]["outcomes"][0]["from"] == 2.4
    world.offer("69000001", "bet9ja", [three_way(2.2, 3.3, 3.4)])
    world.offer("69000001", "betpawa", [three_way(2.3, 3.3, 3.2)])
    await world.clock.advance(1)
    (second,) = await client.hear("movement")
    assert second["data"]["id"] == first["data"]["id"]
    assert second["data"]["steam"]["bookmakers"] == ["sportybet", "bet9ja"]
    assert second["data"]["unanswered"][0]["answered_by"] == "followed"
    await topic.stop()
    await hub.stop()
