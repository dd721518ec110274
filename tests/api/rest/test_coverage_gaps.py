"""Coverage's work queue as REST answers it."""

import msgspec
import pytest

from overround.domain.diff import ListingChanges
from tests.support.api import World, header, priced, three_way
from tests.support.clock import START

BOTH_SCORE = priced("3795", (1.7, 2.1))


@pytest.fixture(autouse=True)
def offers(world: World) -> None:
    """One event on both sides, one only here, one only there in a league of its own, in dispute."""
    world.settings.apply({"enabled_bookmakers": ["betpawa", "bet9ja"]})
    world.offer("1", "betpawa", [three_way()], header("1", "Kano", "Enyimba"))
    world.offer("1", "bet9ja", [three_way(), BOTH_SCORE])
    world.offer("2", "betpawa", [three_way()], header("2"))
    cup = header("3", "Accra", "Kumasi", "Ghana", "Cup")
    world.offer("3", "bet9ja", [three_way()], msgspec.structs.replace(cup, check=True))


async def test_competitions_show_who_lists_how_many(served):
    """Sums per league and over all, as the Coverage page heads them."""
    answer = await served.get("/api/coverage/events")
    assert answer["totals"] == {
        "events": 3, "bookmakers": {"betpawa": 2, "bet9ja": 2}, "missing_here": 1,
        "missing_there": {"bet9ja": 1}, "check": 1, "matched": 1, "only": {"betpawa": 1, "bet9ja": 1},
    }  # fmt: skip
    assert [(row["competition"]["name"], row["missing_here"]) for row in answer["competitions"]] == [
        ("Cup", 1), ("NPFL", 0),
    ]  # fmt: skip
    assert "rows" not in answer["competitions"][0]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("view=all", ["3", "1", "2"]),
        ("view=matched", ["1"]),
        ("view=missing_here", ["3"]),
        ("view=missing_there", ["2"]),
        ("view=check", ["3"]),
        ("country=ghana", ["3"]),
        ("competition=football-nigeria-npfl", ["1", "2"]),
        ("q=kano+npfl", ["1"]),
    ],
)
async def test_events_are_chosen(served, query, expected):
    """Views and filters of the page; one competition lists its events without asking."""
    answer = await served.get(f"/api/coverage/events?with_events=true&{query}")
    assert [row["sportradar_id"] for league in answer["competitions"] for row in league["rows"]] == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [("competition", "betpawa", ""), ("market", "betpawa", "3795")]),
        ("side=there", [("event", "bet9ja", "")]),
        ("kind=market", [("market", "betpawa", "3795")]),
        ("status=unmapped", []),
        ("bookmaker=bet9ja&kind=market", [("market", "betpawa", "3795")]),
        ("q=both+teams", [("market", "betpawa", "3795")]),
        ("country=Ghana", [("competition", "betpawa", "")]),
        ("page_size=1&page=2", [("market", "betpawa", "3795")]),
    ],
)
async def test_gaps_are_chosen(served, query, expected):
    """Side, kind, status, bookmaker, words, country and page."""
    answer = await served.get(f"/api/coverage/gaps?{query}")
    assert [(gap["kind"], gap["missing_at"], gap["market_id"]) for gap in answer["gaps"]] == expected


async def test_the_report_is_of_the_last_half_minute(world, served):
    """Readers share a count; it is made anew when it has grown old, and at once when an event came."""
    world.accept([ListingChanges("1", "betpawa", START, header("1", "Kano", "Heartland"))])
    await served.get("/api/coverage/events")
    world.offer("1", "bet9ja", [three_way()])
    assert (await served.get("/api/coverage/gaps?kind=market"))["total"] == 1
    await world.clock.advance(31)
    assert (await served.get("/api/coverage/gaps?kind=market"))["total"] == 0


async def test_market_groups_count_the_types_offered(served):
    """The share per group is this over the catalogue's own count."""
    groups = (await served.get("/api/coverage/markets"))["groups"]
    football = [row for row in groups if row["sport"] == "football"]
    assert all(row["market_types"] > 0 for row in football)
    most = max(football, key=lambda row: row["bookmakers"]["bet9ja"])
    assert most["bookmakers"]["bet9ja"] >= 1
    assert sum(row["bookmakers"]["betpawa"] for row in football) < sum(
        row["bookmakers"]["bet9ja"] for row in football
    )
