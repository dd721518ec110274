"""Competitions and countries with what lies ahead."""

from datetime import timedelta

from tests.support.api import header, three_way
from tests.support.clock import START


async def test_places_count_upcoming_events(world, served):
    """Started events don't count; names come in order."""
    world.offer("1", "betpawa", [three_way()], header("1", country="Spain", league="La Liga"))
    world.offer("2", "betpawa", [three_way()], header("2"))
    world.offer("3", "betpawa", [three_way()], header("3", league="Cup"))
    started = header("4", league="Cup", kickoff_at=START - timedelta(minutes=5))
    world.offer("4", "betpawa", [three_way()], started)
    places = (await served.get("/api/competitions"))["competitions"]
    assert [(place["id"], place["country"], place["events"]) for place in places] == [
        ("football-nigeria-cup", "Nigeria", 1),
        ("football-nigeria-npfl", "Nigeria", 1),
        ("football-spain-la-liga", "Spain", 1),
    ]
    assert (await served.get("/api/countries"))["countries"] == [
        {"name": "Nigeria", "events": 2, "competitions": 2},
        {"name": "Spain", "events": 1, "competitions": 1},
    ]
