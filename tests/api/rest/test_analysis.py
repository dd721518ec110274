"""Gaps, exposure, movements and one market over all bookmakers, as a page reads them."""

from datetime import timedelta

import msgspec
import pytest

from tests.support.api import header, priced, three_way

CROSSED = {"betpawa": (2.20, 3.60, 3.10), "sportybet": (2.45, 3.20, 3.00), "bet9ja": (2.30, 3.20, 3.40)}


def offer(world, prices, event="69000001", event_header=None) -> None:
    """Let bookmakers answer a 1X2, and the desk look at it."""
    for code, odds in prices.items():
        world.offer(event, code, [three_way(*odds)], event_header)
    world.analysis.catch_up()


async def test_gaps_come_largest_first_with_all_a_row_needs(world, served):
    """Own 2.20 against the median of 2.45 and 2.30; X and 2 likewise; only those off by 2 % or more."""
    offer(world, CROSSED)
    answer = await served.get("/api/gaps")
    assert [(row["outcome"], row["odds"], row["against"]) for row in answer["gaps"]] == [
        ("X", 3.6, 3.2), ("1", 2.2, 2.375), ("2", 3.1, 3.2)
    ]  # fmt: skip
    first = answer["gaps"][0]
    assert first["gap"] == pytest.approx(3.6 / 3.2 - 1) and first["net_win_gap"] == pytest.approx(
        2.6 / 2.2 - 1
    )
    assert (first["rank"], first["best"], first["competitors"], first["market"]) == (1, 3.6, 2, "1X2")
    assert (first["home"], first["competition"]["country"]) == ("Arsenal", "Nigeria")
    assert (answer["total"], answer["reference"]) == (3, "median")


@pytest.mark.parametrize(
    ("query", "outcomes"),
    [
        ("reference=best", ["1", "2"]),  # against the best of all, where we are not it ourselves
        ("reference=sportybet", ["X", "1", "2"]),
        ("side=below", ["1", "2"]),
        ("min_gap=0.1", ["X"]),
        ("min_gap=0.9", []),
        ("sort=gap", ["2", "1", "X"]),
        ("markets=5000", []),
        ("q=zamalek", []),
        ("country=nigeria&competition=football-nigeria-npfl&event=69000001", ["X", "1", "2"]),
        ("page_size=1&page=2", ["1"]),
    ],
)
async def test_gaps_are_filtered_and_held_against_what_is_asked_for(world, served, query, outcomes):
    """Another reference needs no other state."""
    offer(world, CROSSED)
    answer = await served.get(f"/api/gaps?{query}")
    assert [row["outcome"] for row in answer["gaps"]] == outcomes


@pytest.mark.parametrize(
    "path",
    ["/api/gaps?reference=betpawa", "/api/gaps?reference=pinnacle", "/api/gaps?markets=5000:x", "/api/gaps?min_gap=x",
     "/api/movements?bookmakers=pinnacle", "/api/movements?kind=fast", "/api/exposure?state=new",
     "/api/events/69000001/markets/5000/comparison?line=x"],
)  # fmt: skip
async def test_what_makes_no_sense_is_a_problem(served, path):
    """422 as problem+json, with a sentence."""
    async with served.client.get(path) as answer:
        assert answer.status == 422
        assert answer.content_type == "application/problem+json"


async def test_the_exposure_board_tells_legs_and_their_ages(world, served):
    """Each leg is as old as its last confirmation; the profit is 1/total - 1."""
    offer(world, CROSSED)
    await world.clock.advance(38)
    answer = await served.get("/api/exposure")
    (row,) = answer["exposures"]
    assert [(leg["outcome"], leg["bookmaker"], leg["odds"], leg["age_s"]) for leg in row["legs"]] == [
        ("1", "sportybet", 2.45, 38.0), ("X", "betpawa", 3.6, 38.0), ("2", "bet9ja", 3.4, 38.0)
    ]  # fmt: skip
    assert row["profit"] == pytest.approx(1 / row["total"] - 1) == pytest.approx(row["peak"])
    assert (row["mine"], row["open_s"], row["closed_at"]) == (True, 38.0, None)
    assert (answer["open"], answer["closed_24h"], answer["total"]) == (1, 0, 1)


async def test_closed_exposures_keep_peak_end_and_cause(world, served):
    """Our own move ended it a minute later."""
    offer(world, CROSSED)
    await world.clock.advance(60)
    offer(world, {"betpawa": (2.2, 3.2, 3.1)})
    assert (await served.get("/api/exposure"))["exposures"] == []
    answer = await served.get("/api/exposure?state=closed")
    (row,) = answer["exposures"]
    assert (row["closed_by"], row["open_s"], answer["closed_24h"]) == ("own_move", 60.0, 1)


async def test_what_rules_hide_and_what_is_not_ours_is_shown_on_request(world, served):
    """The board is quiet by default."""
    offer(world, {**CROSSED, "betpawa": (2.2, 3.2, 3.1), "bet9ja": (2.3, 3.6, 3.4)})
    world.settings.apply(world.settings.check({"exposure_min_profit_bp": 1000}))
    shown = [
        len((await served.get(f"/api/exposure?{query}"))["exposures"])
        for query in ("", "mine_only=false", "mine_only=false&suppressed=true",
                      "mine_only=false&suppressed=true&min_profit=0.5")
    ]  # fmt: skip
    assert shown == [0, 0, 1, 0]


async def test_movements_tell_who_moved_first_and_what_waits(world, served):
    """A steam of both competitors, nine minutes ago, unanswered; our price stands beside it."""
    for code in ("betpawa", "sportybet", "bet9ja"):
        offer(world, {code: (2.4, 3.3, 3.0)})
    for code in ("sportybet", "bet9ja"):
        await world.clock.advance(60)
        world.offer("69000001", code, [three_way(2.2, 3.3, 3.4)])
    await world.clock.advance(60)
    answer = await served.get("/api/movements")
    (row,) = answer["movements"]
    assert [move["bookmaker"] for move in row["moves"]] == ["sportybet", "bet9ja"]
    assert row["moves"][0]["outcomes"][0]["from"] == 2.4
    assert row["moves"][0]["outcomes"][0]["points"] > 0.015
    assert (row["steam"]["outcome"], row["steam"]["bookmakers"]) == ("1", ["sportybet", "bet9ja"])
    (waiting,) = row["unanswered"]
    assert (waiting["outcome"], waiting["own_then"], waiting["open_s"], waiting["to"]) == (
        "1",
        2.4,
        120.0,
        2.2,
    )
    assert (row["own"], row["method"], answer["unanswered"]) == ([2.4, 3.3, 3.0], "power", 1)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("who=mine", 0), ("who=rivals", 1), ("bookmakers=sportybet", 0), ("bookmakers=bet9ja,sportybet", 1),
        ("kind=suspended", 0), ("min_change=0.05", 1), ("min_change=0.2", 0), ("min_points=0.2", 0),
        ("unanswered=true", 1), ("steam=true", 0), ("window_s=30", 0), ("window_s=120", 1), ("event=1", 0),
    ],
)  # fmt: skip
async def test_movements_are_filtered(world, served, query, count):
    """One move of Bet9ja a minute ago."""
    for code in ("betpawa", "sportybet", "bet9ja"):
        offer(world, {code: (2.4, 3.3, 3.0)})
    world.offer("69000001", "bet9ja", [three_way(2.2, 3.3, 3.4)])
    await world.clock.advance(60)
    assert (await served.get(f"/api/movements?{query}"))["total"] == count


@pytest.mark.parametrize(
    ("query", "count"), [("", 1), ("min_change=0.2", 0), ("min_change=0.2&closings=true", 1)]
)
async def test_a_market_that_closed_is_told_whatever_the_least_change(world, served, query, count):
    """A suspension has no size, so `closings` keeps it beside large moves."""
    for code in ("betpawa", "sportybet", "bet9ja"):
        offer(world, {code: (2.4, 3.3, 3.0)})
    world.offer("69000001", "bet9ja", [msgspec.structs.replace(three_way(2.4, 3.3, 3.0), suspended=0b111)])
    await world.clock.advance(60)
    assert (await served.get(f"/api/movements?{query}"))["total"] == count


async def test_one_market_over_all_bookmakers(world, served):
    """Prices in one order, who does not count and why, fair prices by a named method."""
    offer(world, {"betpawa": (2.6, 3.3, 2.8), "sportybet": (2.6, 2.4, 4.3), "bet9ja": (9.0, 9.0, 9.0)})
    answer = await served.get("/api/events/69000001/markets/3743/comparison?method=shin")
    by_code = {each["bookmaker"]: each for each in answer["bookmakers"]}
    assert (answer["method"], answer["competitors"], answer["median"]) == ("shin", 1, [2.6, 2.4, 4.3])
    assert by_code["sportybet"]["fair"] == pytest.approx([0.372994, 0.404779, 0.222227], abs=1e-6)
    assert by_code["sportybet"]["overround"] == pytest.approx(0.03384, abs=1e-5)
    assert (by_code["bet9ja"]["excluded"], by_code["bet9ja"]["suspect"]) == ("suspect", ["sum_low"])
    assert answer["edge"] == pytest.approx(
        [1 - 2.6 * 0.372994, 1 - 3.3 * 0.404779, 1 - 2.8 * 0.222227], abs=1e-5
    )
    await served.get("/api/events/69000001/markets/5000/comparison?line=2.5", status=404)


async def test_started_events_have_no_gaps(world, served):
    """I14, from the second of the kickoff."""
    soon = header("69000009", kickoff_at=world.clock.now() + timedelta(seconds=30))
    offer(world, CROSSED, "69000009", soon)
    world.offer("69000009", "bet9ja", [three_way(2.3, 3.2, 3.4), priced("5000", (1.9, 1.9), "2.5")])
    assert (await served.get("/api/gaps"))["total"] == 3
    await world.clock.advance(30)
    assert (await served.get("/api/gaps"))["total"] == 0
