"""Which markets can be chosen as columns."""

from tests.support.api import header, priced, three_way


async def test_markets_on_offer_come_with_their_lines_and_counts(world, served):
    """The market that most events have comes first; lines ascend as numbers, not as text."""
    goals = [priced("5000", [1.9, 1.9], line) for line in ("10.5", "2.5")]
    world.offer("1", "betpawa", [three_way(), *goals], header("1"))
    world.offer("1", "bet9ja", [three_way()], header("1"))
    world.offer("2", "bet9ja", [three_way()], header("2"))
    first, second = (await served.get("/api/markets"))["markets"]
    assert (first["market_id"], first["events"], first["lines"], first["outcomes"]) == (
        "3743", 2, [{"line": "", "events": 2}], ["1", "X", "2"],
    )  # fmt: skip
    assert (second["short"], second["lines"]) == (
        "O/U", [{"line": "2.5", "events": 1}, {"line": "10.5", "events": 1}],
    )  # fmt: skip


async def test_markets_of_bookmakers_that_are_off_are_not_on_offer(world, served):
    """What the Board can't show can't be chosen."""
    world.offer("1", "sportybet", [three_way()], header("1"))
    await served.call("PATCH", "/api/settings", json={"enabled_bookmakers": ["betpawa", "bet9ja"]})
    assert (await served.get("/api/markets"))["markets"] == []
