"""The board answer: columns that agree with the cache, cell by cell."""

from datetime import timedelta

import msgspec
import pytest

from overround.api.rendering import listing_row
from overround.domain.diff import ListingChanges, Unmapped
from tests.support.api import KICKOFF, header, priced, three_way
from tests.support.clock import START


@pytest.fixture
def filled(world):
    later = header("2", "Cádiz", "Betis", "Spain", "La Liga", KICKOFF + timedelta(hours=1))
    world.offer("2", "bet9ja", [three_way(1.5, 0, 6.0, suspended=0b110)], later)
    world.offer("1", "betpawa", [three_way(), priced("3795", (1.72, 2.05))], header("1"))
    world.offer("1", "sportybet", [three_way(2.5)])
    return world


async def test_columns_point_at_each_other(filled, served):
    """event, bookmaker, market and competition are positions in their lists."""
    board = await served.get("/api/board")
    assert board["events"] == {
        "id": ["1", "2"],
        "home": ["Arsenal", "Cádiz"],
        "away": ["Simba", "Betis"],
        "kickoff_at": ["2026-11-24T15:00:00Z", "2026-11-24T16:00:00Z"],
        "competition": [0, 1],
    }
    assert [place["id"] for place in board["competitions"]] == [
        "football-nigeria-npfl",
        "football-spain-la-liga",
    ]
    assert board["bookmakers"] == ["betpawa", "sportybet", "bet9ja"]
    assert board["bookmaker_names"] == ["BetPawa", "SportyBet", "Bet9ja"]
    assert (board["listings"]["event"], board["listings"]["bookmaker"]) == ([0, 0, 1], [0, 1, 2])
    prices = board["prices"]
    assert (prices["event"], prices["bookmaker"]) == ([0, 0, 0, 1], [0, 0, 1, 2])
    assert [board["markets"][number] for number in prices["market"]] == ["3743|", "3795|", "3743|", "3743|"]
    assert prices["odds"] == [[2.41, 3.2, 3.05], [1.72, 2.05], [2.5, 3.2, 3.05], [1.5, None, 6.0]]
    assert prices["suspended"] == [0, 0, 0, 0b110]
    assert prices["state"] == ["open"] * 4
    assert {len(column) for column in prices.values()} == {4}
    assert {len(column) for column in board["listings"].values()} == {3}


async def test_the_legend_names_markets_outcomes_and_winners(filled, served):
    """A reader needs no catalogue of its own."""
    board = await served.get("/api/board")
    assert board["markets"] == ["3743|", "5000|2.5", "3795|", "4693|"]
    assert board["market_names"] == ["1X2", "O/U 2.5", "BTTS", "DC"]
    assert board["outcomes"] == [["1", "X", "2"], ["Over", "Under"], ["Yes", "No"], ["1X", "X2", "12"]]
    assert board["winners"] == [1, 1, 1, 2]
    assert (board["epoch"], board["seq"], board["revision"]) == (
        served.hub.epoch,
        served.hub.odds.seq,
        board["seq"],
    )
    assert (board["world"], board["now"], board["stale_after_s"]) == (
        "simulated",
        "2026-11-24T12:00:00.000Z",
        600,
    )


async def test_other_markets_may_be_chosen(filled, served):
    """A market without a line by its id, one with lines at one of them or at all that exist."""
    filled.offer("1", "bet9ja", [priced("5000", (1.9, 1.9), "3.5"), priced("5000", (1.3, 3.1), "1.5")])
    assert (await served.get("/api/board?markets=4703,5000"))["markets"] == ["4703|", "5000|1.5", "5000|3.5"]
    assert (await served.get("/api/board?markets=5000:3.50"))["markets"] == ["5000|3.5"]
    assert "markets" in (await served.get("/api/board?markets=5000:x", status=422))["detail"]


async def test_a_listing_says_which_markets_are_offered_but_not_read(filled, served):
    """By our id, in the bookmaker's words; here and in a frame of the WebSocket."""
    gaps = (Unmapped("1", "1X2, now with extra time", 3),)
    filled.accept([ListingChanges("1", "sportybet", filled.clock.now(), unmapped=gaps)])
    listings = (await served.get("/api/board"))["listings"]
    unread = {listings["bookmaker"][row]: each for row, each in enumerate(listings["unread"]) if each}
    assert unread == {1: {"3743": "1X2, now with extra time"}}
    entry = filled.cache.listing("1", "sportybet")
    row = msgspec.json.decode(listing_row(entry, filled.cache.event("1").header, filled.clock.now()))
    assert row["unread"] == {"3743": "1X2, now with extra time"}


async def test_an_empty_cache_is_an_empty_board(served):
    """Every column is there."""
    board = await served.get("/api/board")
    assert board["events"]["id"] == board["prices"]["odds"] == board["listings"]["market_confirmed_at"] == []


async def test_a_kickoff_changes_the_board_though_nothing_was_said(filled, served):
    """What is started follows the clock, and the tag with it."""
    async with served.client.get("/api/board") as answer:
        tag = answer.headers["etag"]
    filled.clock.step_wall(3 * 3600 - 1)
    async with served.client.get("/api/board", headers={"if-none-match": tag}) as same:
        assert same.status == 304
    filled.clock.step_wall(1)
    async with served.client.get("/api/board", headers={"if-none-match": tag}) as answer:
        assert (await answer.json())["listings"]["state"] == ["started", "started", "open"]


async def test_the_board_follows_every_change(filled, served):
    """Prices, removals and bookmakers that are switched off."""
    filled.offer("1", "sportybet", [three_way(2.6)])
    assert [2.6, 3.2, 3.05] in (await served.get("/api/board"))["prices"]["odds"]
    filled.accept(removed=["2"])
    assert (await served.get("/api/board"))["events"]["id"] == ["1"]
    filled.settings.apply({"enabled_bookmakers": ["sportybet"]})
    board = await served.get("/api/board")
    assert (board["bookmakers"], board["prices"]["bookmaker"]) == (["sportybet"], [0])


async def test_an_event_that_moves_takes_its_place_in_time(filled, served):
    """A new header sorts the events anew."""
    moved = header("1", kickoff_at=KICKOFF + timedelta(hours=5))
    filled.accept([ListingChanges("1", "betpawa", START, header=moved)])
    assert (await served.get("/api/board"))["events"]["id"] == ["2", "1"]
