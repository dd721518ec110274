"""Coverage: what is mapped and what is not, per bookmaker."""

from datetime import timedelta

import pytest

from overround.domain.diff import Confirmation, ListingChanges, Unmapped
from tests.support.api import World, header, priced, three_way
from tests.support.clock import START


def leave_unmapped(world: World, sportradar_id: str, bookmaker: str, *gaps: Unmapped) -> None:
    """Accept an answer that, beside a mapped 1X2, had these."""
    world.offer(sportradar_id, bookmaker, [three_way()])
    world.accept([ListingChanges(sportradar_id, bookmaker, world.clock.now(), unmapped=gaps)])


@pytest.fixture
def gaps(world: World) -> None:
    """Three types at two bookmakers in two events."""
    leave_unmapped(world, "1", "bet9ja", Unmapped("S_X", "Odd Corners", 2), Unmapped("S_Y", "Café", 40))
    leave_unmapped(world, "2", "bet9ja", Unmapped("S_X", "Odd Corners", 3))
    leave_unmapped(world, "2", "sportybet", Unmapped("60200", "1X2 - 1UP", 3))


def ids(answer: dict) -> list[str]:
    return [row["id"] for row in answer["unmapped"]]


async def test_an_unmapped_type_is_shown_with_its_counts_and_a_sample(world, served):
    """I15: bookmaker, type, name, count, first and last seen, and where to look at it."""
    world.offer("1", "bet9ja", [three_way()], header("1", "Kano", "Enyimba"))
    leave_unmapped(world, "1", "bet9ja", Unmapped("S_X", "Odd Corners", 2))
    later = START + timedelta(minutes=5)
    world.accept(confirmed=[Confirmation("1", "bet9ja", later)])
    assert await served.get("/api/coverage/unmapped") == {
        "unmapped": [
            {
                "bookmaker": "bet9ja", "sport": "football", "id": "S_X", "name": "Odd Corners", "events": 1,
                "outcomes": 2, "times_seen": 1, "first_seen_at": "2026-11-24T12:00:00.000Z",
                "last_seen_at": "2026-11-24T12:05:00.000Z",
                "sample_event": {"sportradar_id": "1", "home": "Kano", "away": "Enyimba"},
            }
        ],
        "total": 1, "page": 1, "page_size": 50, "now": "2026-11-24T12:00:00.000Z", "dropped": 0,
    }  # fmt: skip


@pytest.mark.usefixtures("gaps")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["S_X", "S_Y", "60200"]),
        ("sort=events", ["S_Y", "60200", "S_X"]),
        ("sort=-outcomes", ["S_Y", "S_X", "60200"]),
        ("sort=last_seen", ["S_X", "S_Y", "60200"]),
        ("bookmaker=sportybet", ["60200"]),
        ("bookmaker=BET9JA", ["S_X", "S_Y"]),
        ("q=corners+odd", ["S_X"]),
        ("q=CAF%C3%89", ["S_Y"]),
        ("q=602", ["60200"]),
        ("q=tennis", []),
        ("sport=football", ["S_X", "S_Y", "60200"]),
        ("sport=tennis", []),
        ("page_size=2&page=2", ["60200"]),
        ("page_size=2&page=9", []),
    ],
)
async def test_types_are_filtered_sorted_and_paged(served, query, expected):
    """By events, most first, unless asked otherwise; equal ones in a fixed order."""
    assert ids(await served.get(f"/api/coverage/unmapped?{query}")) == expected


@pytest.mark.usefixtures("gaps")
async def test_the_total_counts_all_pages(served):
    """The pager needs it."""
    answer = await served.get("/api/coverage/unmapped?page_size=1")
    assert (answer["total"], answer["page"], answer["page_size"]) == (3, 1, 1)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("bookmaker=acme", "bookmaker"), ("sort=name", "sort"), ("page=0", "page"), ("page_size=501", "page_size"),
        ("page=x", "page"), ("q=" + "a" * 101, "q"),
    ],
)  # fmt: skip
async def test_a_bad_parameter_is_a_problem_that_names_it(served, query, word):
    """One sentence, as everywhere."""
    async with served.client.get(f"/api/coverage/unmapped?{query}") as answer:
        assert (answer.status, answer.content_type) == (422, "application/problem+json")
        assert (await answer.json(content_type=None))["detail"].startswith(word)


@pytest.mark.usefixtures("gaps")
async def test_a_bookmaker_that_is_off_is_not_shown(world, served):
    """Switched off means neither asked nor shown; its types stay known."""
    world.settings.apply({"enabled_bookmakers": ["betpawa", "sportybet"]})
    assert ids(await served.get("/api/coverage/unmapped")) == ["60200"]
    assert ids(await served.get("/api/coverage/unmapped?bookmaker=bet9ja")) == []
    markets = await served.get("/api/coverage/markets")
    assert [row["bookmaker"] for row in markets["bookmakers"]] == ["betpawa", "sportybet"]


async def test_markets_are_counted_per_bookmaker(world, served):
    """Types once, markets per event and line, outcomes with a price; withdrawn markets and events don't count."""
    totals = [priced("5000", (1.9, 1.8), "2.5"), priced("5000", (2.9, 0), "3.5")]
    world.offer("1", "bet9ja", [three_way(), *totals, priced("3795", (1.7, 2.1))])
    world.offer("1", "bet9ja", [three_way(), *totals])
    world.offer("2", "bet9ja", [three_way()])
    leave_unmapped(world, "2", "bet9ja", Unmapped("S_X", "Odd", 2), Unmapped("S_Y", "Even", 3))
    world.offer("3", "bet9ja", [priced("4693", (1.2, 1.3, 1.4))])
    entry = world.cache.listing("3", "bet9ja")
    withdrawn = type(entry.listing)("3", "bet9ja", "own", "withdrawn")
    world.accept([ListingChanges("3", "bet9ja", START, listing=withdrawn)])
    counted = (await served.get("/api/coverage/markets"))["bookmakers"]
    assert next(row for row in counted if row["bookmaker"] == "bet9ja") == {
        "bookmaker": "bet9ja", "events": 2, "market_types": 2, "markets": 4, "outcomes": 9, "unmapped_types": 2,
        "unmapped_outcomes": 5, "dropped": 0,
    }  # fmt: skip
    assert next(row for row in counted if row["bookmaker"] == "betpawa")["events"] == 0
