"""Coverage as a queue: what is missing where, why, and what comes first."""

from datetime import timedelta

import pytest

from overround.analysis.coverage import CoverageCount, CoverageReport, Gap
from overround.domain.diff import ListingChanges, Unmapped
from overround.domain.events import Listing
from tests.support.api import CATALOGUE, World, header, priced, three_way
from tests.support.clock import START

BOTH_SCORE = priced("3795", (1.7, 2.1))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def total(line: str):
    return priced("5000", (1.9, 1.8), line)


def counted(world: World) -> CoverageReport:
    count = CoverageCount(CATALOGUE, world.settings.enabled_bookmakers, world.clock.now())
    for event in world.cache:
        count.add(event)
    return count.report()


def found(world: World, side: str, kind: str) -> list[Gap]:
    return [gap for gap in counted(world).gaps if (gap.side, gap.kind) == (side, kind)]


@pytest.fixture
def world() -> World:
    world = World()
    world.settings.apply({"enabled_bookmakers": ["betpawa", "sportybet", "bet9ja"]})
    return world


def test_an_event_that_only_competitors_list_is_missing_here(world):
    """Two of them weigh double; the rest of the competition is there, so it is the event that is missing."""
    for code in ("betpawa", "sportybet", "bet9ja"):
        world.offer("1", code, [three_way()], header("1", kickoff_at=START + DAY))
    for code in ("sportybet", "bet9ja"):
        world.offer("2", code, [three_way()], header("2", kickoff_at=START + DAY))
    world.offer("3", "bet9ja", [three_way()], header("3", kickoff_at=START + DAY))
    gaps = found(world, "here", "event")
    assert [(gap.sample.sportradar_id, gap.offering, gap.score) for gap in gaps] == [
        ("2", ("sportybet", "bet9ja"), 2 * 0.5),
        ("3", ("bet9ja",), 1 * 0.5),
    ]
    assert found(world, "there", "event") == []


def test_the_sooner_kickoff_comes_first(world):
    """Urgency: one at kickoff, half a day before."""
    for sportradar_id, ahead in (("1", 2 * DAY), ("2", HOUR), ("3", DAY)):
        world.offer(sportradar_id, "bet9ja", [three_way()], header(sportradar_id, kickoff_at=START + ahead))
    world.offer("4", "betpawa", [three_way()], header("4"))
    assert [gap.sample.sportradar_id for gap in found(world, "here", "event")] == ["2", "3", "1"]


def test_a_thin_event_weighs_less_than_a_full_one(world):
    """How often it is offered: measured by the markets a bookmaker usually has in an event."""
    soon = START + DAY
    world.offer("1", "bet9ja", [three_way(), BOTH_SCORE], header("1", kickoff_at=soon))
    world.offer("2", "bet9ja", [three_way(), BOTH_SCORE], header("2", kickoff_at=soon))
    world.offer("3", "bet9ja", [three_way()], header("3", kickoff_at=soon))
    world.offer("1", "betpawa", [three_way()], header("1", kickoff_at=soon))
    assert [(gap.sample.sportradar_id, gap.frequency) for gap in found(world, "here", "event")] == [
        ("2", 1.0), ("3", 0.5),
    ]  # fmt: skip


def test_a_competition_without_any_event_here_is_one_gap(world):
    """Not one per event: the work is to open the competition."""
    world.offer("1", "betpawa", [three_way()], header("1"))
    for sportradar_id in ("2", "3"):
        world.offer(sportradar_id, "bet9ja", [three_way()], header(sportradar_id, league="Cup"))
    (gap,) = found(world, "here", "competition")
    assert (gap.competition.name, gap.events, gap.could, gap.frequency) == ("Cup", 2, 2, 1.0)
    assert found(world, "here", "event") == []
    assert [gap.missing_at for gap in found(world, "there", "competition")] == ["bet9ja", "sportybet"]


def test_a_market_and_a_line_are_told_apart(world):
    """A type we lack altogether in an event is a market; another line of one we have is a line."""
    world.offer("1", "betpawa", [three_way(), total("2.5")], header("1"))
    world.offer("1", "bet9ja", [three_way(), total("2.5"), total("3.5"), BOTH_SCORE])
    assert [(gap.market_id, gap.line) for gap in found(world, "here", "market")] == [("3795", "")]
    assert [(gap.market_id, gap.line) for gap in found(world, "here", "line")] == [("5000", "3.5")]
    assert found(world, "there", "market") == found(world, "there", "line") == []


def test_the_reverse_names_the_competitor(world):
    """What we offer and each of them does not."""
    world.offer("1", "betpawa", [three_way(), BOTH_SCORE], header("1"))
    world.offer("1", "bet9ja", [three_way()])
    world.offer("1", "sportybet", [three_way(), BOTH_SCORE])
    (gap,) = found(world, "there", "market")
    assert (gap.missing_at, gap.offering, gap.market_id) == ("bet9ja", ("betpawa",), "3795")


def test_a_market_offered_more_regularly_comes_first(world):
    """Frequency: in how many of the events that they list the competitors have it."""
    for number in range(4):
        sportradar_id = str(number)
        markets = [three_way(), BOTH_SCORE, *([total("2.5")] if number == 0 else [])]
        world.offer(sportradar_id, "bet9ja", markets, header(sportradar_id, kickoff_at=START + DAY))
        world.offer(sportradar_id, "betpawa", [three_way()])
    assert [(gap.market_id, gap.events, gap.could, gap.frequency) for gap in found(world, "here", "market")] == [
        ("3795", 4, 4, 1.0), ("5000", 1, 4, 0.25),
    ]  # fmt: skip


def test_not_offered_is_told_from_offered_but_unmapped(world):
    """By exact id: an unread type of ours that the catalogue knows as this market; any other one says nothing."""
    world.offer("1", "bet9ja", [three_way(), BOTH_SCORE, total("2.5")], header("1"))
    world.offer("1", "betpawa", [three_way()])
    world.accept([ListingChanges("1", "betpawa", START, unmapped=(Unmapped("3795", "Both Teams", 2),))])
    assert {gap.market_id: gap.status for gap in found(world, "here", "market")} == {
        "3795": "unmapped", "5000": "not_offered",
    }  # fmt: skip


def test_withdrawn_started_and_left_out_prices_are_no_offer(world):
    """A suspended market is offered; a withdrawn one, a withdrawn listing and an event that began are not."""
    world.offer("1", "betpawa", [three_way()], header("1"))
    world.offer("1", "bet9ja", [three_way(), BOTH_SCORE, total("2.5")])
    world.offer("1", "bet9ja", [three_way(), priced("5000", (1.9, 1.8), "2.5", suspended=3)])
    world.offer("2", "bet9ja", [three_way()], header("2", kickoff_at=START - HOUR))
    world.offer("3", "bet9ja", [three_way()], header("3"))
    gone = Listing("3", "bet9ja", "own", "withdrawn")
    world.accept([ListingChanges("3", "bet9ja", START, listing=gone)])
    report = counted(world)
    assert [row.header.sportradar_id for row in report.events] == ["1"]
    assert [gap.market_id for gap in report.gaps if gap.side == "here"] == ["5000"]
