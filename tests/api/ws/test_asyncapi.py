"""The AsyncAPI document is true: what goes over a real socket fits it, and it is well formed."""

import asyncio
import json
from typing import Any

import jsonschema
import pytest

from overround.analysis.records import Move, Movement
from overround.api.alert_json import alert_json
from overround.api.analysis_json import AnalysisRows
from overround.api.ws.asyncapi import document
from overround.api.ws.messages import CONTROL, FRAMES
from overround.domain.alerts import Alert, Delivery
from overround.domain.markets import MarketKey
from overround.domain.runs import RunFinished, RunProgress, RunReport, SourceHealth
from tests.support.api import CATALOGUE, World, header, priced, three_way
from tests.support.clock import START, settle
from tests.support.stream import StreamClient, start_hub

DOCUMENT = document()


def validator(name: str) -> jsonschema.Draft202012Validator:
    """Return what judges a message of a name."""
    schema = DOCUMENT["components"]["messages"][name]["payload"] | {"components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


X12, NAMES = MarketKey("3743"), ("1", "X", "2")
MOVE = Move(1, START, "betpawa", "price", NAMES, (2000, 3300, 3900), (2100, 3300, 3700), 1)
MOVEMENT = Movement("2-3743-1", "2", X12, None, START, START, (MOVE,))


async def traffic(world: World) -> list[dict[str, Any]]:
    """Return what one client hears while everything happens that can be told."""
    world.offer("1", "betpawa", [three_way()])
    hub = await start_hub(world)
    client = StreamClient(hub, world)
    topics = ["odds_updates", "scrape_progress", "status", "alerts", "movements", "nonsense"]
    client.say(type="subscribe", topics=topics)
    await settle()
    world.offer("1", "betpawa", [three_way(2.5, 0, 3.1, suspended=2), priced("5000", (1.9, 1.9), "2.5")])
    world.offer("1", "sportybet", [three_way()], scope=frozenset({"3743"}))
    world.accept([world.answer("2", "betpawa", [three_way()], header("2"))])
    await settle()
    world.accept(removed=["1"])
    world.bus.publish(RunProgress("r", "fetch", "betpawa", 1, 2))
    world.bus.publish(RunFinished(RunReport("r", "manual", "completed", START)))
    world.bus.publish(SourceHealth("bet9ja", "up", "", START))
    world.settings.apply({"enabled_bookmakers": ["betpawa"]})
    alert = Alert("1", "r", "gaps", "gap", "r|1", "title", "detail", 0.1, START)
    hub.publish_row("alerts", "1", alert_json(alert, [Delivery("1-ops", "1", "ops", "waiting", START)]))
    hub.publish_row("movements", MOVEMENT.id, AnalysisRows(world.cache, CATALOGUE).movement(MOVEMENT, START))
    client.say(type="ping")
    await world.clock.advance(6)
    stopping = asyncio.create_task(hub.drain())
    await world.clock.advance(1)
    await stopping
    await hub.stop()
    return client.news()


async def test_recorded_traffic_fits_the_document(world, served):
    """Every kind of message was heard and fits; the acknowledgement comes from a real socket."""
    async with served.client.ws_connect("/api/ws") as socket:
        heard = [await socket.receive_json()]
    heard += await traffic(World())
    for message in heard:
        validator(message["type"]).validate(message)
    assert {message["type"] for message in heard} == CONTROL.keys() | FRAMES.keys()


@pytest.mark.parametrize(
    ("name", "fits", "message"),
    [
        ("subscribe", True, {"type": "subscribe", "topics": ["odds_updates"], "filter": {"markets": "all"}}),
        ("subscribe", False, {"type": "subscribe", "topics": []}),
        ("subscribe", False, {"type": "subscribe", "topics": ["status"], "conflate_ms": 120_001}),
        ("subscribe", False, {"type": "subscribe", "topics": ["status"], "filter": {"colour": "red"}}),
        ("ping", True, {"type": "ping"}),
        ("pong", False, {"type": "pong", "timestamp": "2026-11-24T12:00:00.000Z", "data": {"x": 1}}),
        ("odds_update", False, {"type": "odds_update", "timestamp": "2026-11-24T12:00:00.000Z", "data": {}}),
    ],
)
def test_the_document_tells_right_from_wrong(name, fits, message):
    """A schema that takes everything would prove nothing."""
    assert validator(name).is_valid(message) is fits


def test_every_reference_leads_somewhere():
    """Tools that read the document resolve all of them."""
    text = json.dumps(DOCUMENT)
    for pointer in {part.split('"')[0] for part in text.split('"$ref": "#/')[1:]}:
        found: Any = DOCUMENT
        for step in pointer.split("/"):
            found = found[step]


async def test_it_is_served(served):
    """Beside the OpenAPI document."""
    assert await served.get("/api/asyncapi.json") == json.loads(json.dumps(DOCUMENT))
