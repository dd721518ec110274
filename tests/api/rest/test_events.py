"""The events list and the event: what the trader's scripts read."""

from datetime import timedelta

import pytest

from overround.domain.diff import ListingChanges, Unmapped
from overround.domain.events import Listing
from tests.support.api import KICKOFF, header, priced, three_way, unknown_event
from tests.support.clock import START


def ids(answer: dict) -> list[str]:
    return [event["sportradar_id"] for event in answer["events"]]


@pytest.fixture
def filled(world):
    """Three events: matched, only at the reference, only at competitors; one that has started."""
    league = header("3", "Kano Pillars", "Rivers", "Nigeria", "NPFL", KICKOFF + timedelta(hours=1))
    spain = header("2", "Atlético Madrid", "Cádiz", "Spain", "La Liga", KICKOFF + timedelta(hours=2))
    world.offer("1", "betpawa", [three_way()], header("1"))
    world.offer("1", "sportybet", [three_way(2.5)])
    world.offer("2", "betpawa", [three_way(1.8)], spain)
    world.offer("3", "sportybet", [three_way(1.5)], league)
    world.offer("3", "bet9ja", [three_way(1.55)])
    world.offer("9", "betpawa", [three_way()], header("9", kickoff_at=START - timedelta(minutes=1)))
    return world


async def test_a_market_reads_as_the_contract_says(world, served):
    """Prices are numbers, what is not offered is left out, times carry a Z, the overround is a fraction."""
    world.offer("1", "betpawa", [three_way(2.6, 2.4, 4.3)], header("1"))
    event = (await served.get("/api/events"))["events"][0]
    assert event["kickoff_at"] == "2026-11-24T15:00:00Z"
    assert event["competition"] == {"id": "football-nigeria-npfl", "name": "NPFL", "country": "Nigeria"}
    listing = event["bookmakers"][0]
    assert (listing["bookmaker"], listing["state"]) == ("betpawa", "open")
    assert listing["confirmed_at"] == "2026-11-24T12:00:00.000Z"
    assert listing["markets"] == [
        {
            "market_id": "3743",
            "line": "",
            "name": "1X2",
            "groups": ["popular"],
            "state": "open",
            "suspect": [],
            "overround": 0.03384,
            "winners": 1,
            "changed_at": "2026-11-24T12:00:00.000Z",
            "outcomes": [
                {"name": "1", "odds": 2.6, "state": "open"},
                {"name": "X", "odds": 2.4, "state": "open"},
                {"name": "2", "odds": 4.3, "state": "open"},
            ],
        }
    ]


async def test_a_suspended_outcome_keeps_its_price_or_has_none(world, served):
    """A locked outcome without a price ever is null; one that is not offered is absent; no total of a part."""
    world.offer("1", "betpawa", [three_way(2.41, 0, 3.05)], header("1"))
    world.offer("1", "betpawa", [three_way(0, 0, 3.05, suspended=0b011)])
    market = (await served.get("/api/events/1"))["bookmakers"][0]["markets"][0]
    assert market["outcomes"] == [
        {"name": "1", "odds": 2.41, "state": "suspended"},
        {"name": "X", "odds": None, "state": "suspended"},
        {"name": "2", "odds": 3.05, "state": "open"},
    ]
    assert market["overround"] is None


async def test_a_withdrawn_market_shows_its_last_prices(world, served):
    """The close stays readable after the market has left the site."""
    world.offer("1", "betpawa", [three_way()], header("1"))
    world.offer("1", "betpawa", [])
    market = (await served.get("/api/events/1"))["bookmakers"][0]["markets"][0]
    assert (market["state"], market["overround"]) == ("withdrawn", None)
    assert [outcome["odds"] for outcome in market["outcomes"]] == [2.41, 3.2, 3.05]


async def test_a_handicap_names_both_head_starts(world, served):
    """The line is the home side's; the away side's is its opposite, without a minus before zero."""
    quarter, level = priced("3774", (2.0, 1.8), "-0.5"), priced("3774", (1.9, 1.9), "0")
    world.offer("1", "betpawa", [quarter, level, three_way()], header("1"))
    markets = {m["line"]: m for m in (await served.get("/api/events/1"))["bookmakers"][0]["markets"]}
    assert (markets["-0.5"]["handicap"], markets["-0.5"]["handicap_away"]) == (-0.5, 0.5)
    assert str(markets["0"]["handicap_away"]) == "0.0"
    assert "handicap" not in markets[""]


async def test_the_list_carries_main_markets_unless_others_are_chosen(world, served):
    """`markets` names ids at all lines, or id:line."""
    lines = [priced("5000", (1.9, 1.9), "2.5"), priced("5000", (3.1, 1.3), "3.5")]
    world.offer("1", "betpawa", [three_way(), *lines, priced("4703", (1.5, 2.4))], header("1"))

    async def shown(query: str) -> set[tuple[str, str]]:
        event = (await served.get(f"/api/events{query}"))["events"][0]
        return {(m["market_id"], m["line"]) for m in event["bookmakers"][0]["markets"]}

    assert await shown("") == {("3743", ""), ("5000", "2.5")}
    assert await shown("?markets=5000") == {("5000", "2.5"), ("5000", "3.5")}
    assert await shown("?markets=4703,5000:3.50") == {("4703", ""), ("5000", "3.5")}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["1", "3", "2"]),
        ("?include_started=true", ["9", "1", "3", "2"]),
        ("?q=atletico", ["2"]),
        ("?q=CADIZ", ["2"]),
        ("?q=npfl", ["1", "3"]),
        ("?q=kano%20rivers", ["3"]),
        ("?q=nothing", []),
        ("?country=Spain", ["2"]),
        ("?competition=football-nigeria-npfl", ["1", "3"]),
        ("?from=2026-11-24T16:00:00Z", ["3", "2"]),
        ("?to=2026-11-24T17:00:00%2B01:00", ["1"]),
        ("?to=2026-11-24T17:00:00+01:00", ["1"]),
        ("?bookmakers=betpawa", ["1", "2"]),
        ("?bookmakers=betpawa,sportybet", ["1"]),
        ("?min_bookmakers=2", ["1", "3"]),
        ("?availability=matched", ["1"]),
        ("?availability=reference_only", ["2"]),
        ("?availability=competitors_only", ["3"]),
        ("?sort=-kickoff", ["2", "3", "1"]),
        ("?sort=competition", ["1", "3", "2"]),
        ("?sort=-competition", ["2", "3", "1"]),
        ("?page=2&page_size=2", ["2"]),
        ("?page=9", []),
    ],
)
async def test_a_filter_selects(filled, served, query, expected):
    """Every filter narrows the list, and the order is the one asked for."""
    assert ids(await served.get(f"/api/events{query}")) == expected


async def test_the_total_counts_all_pages(filled, served):
    """A pager knows how far it can go."""
    answer = await served.get("/api/events?page_size=1")
    assert (answer["total"], answer["page"], answer["page_size"]) == (3, 1, 1)
    assert (answer["stale_after_s"], answer["now"]) == (600, "2026-11-24T12:00:00.000Z")


async def test_the_largest_gap_comes_first(world, served):
    """gap = own / median of fresh competitors - 1, by size whichever its sign; incomparable events come last."""
    for number, own in (("1", 2.0), ("2", 2.6), ("3", 2.0)):
        world.offer(number, "betpawa", [three_way(own)], header(number))
    for number, theirs in (("1", 2.1), ("2", 2.0)):
        world.offer(number, "sportybet", [three_way(theirs)])
    assert ids(await served.get("/api/events?sort=-gap")) == ["2", "1", "3"]
    assert ids(await served.get("/api/events?sort=gap")) == ["1", "2", "3"]


async def test_the_margin_sorts_by_the_references_overround(world, served):
    """A thin book comes first when ascending."""
    world.offer("1", "betpawa", [three_way(2.0, 3.0, 3.0)], header("1"))
    world.offer("2", "betpawa", [three_way(2.5, 3.3, 3.2)], header("2"))
    assert ids(await served.get("/api/events?sort=margin")) == ["2", "1"]
    assert ids(await served.get("/api/events?sort=-margin")) == ["1", "2"]


async def test_a_stale_competitor_is_no_measure(world, served):
    """I14: what nobody confirmed for longer than stale_after_s leaves the gap."""
    world.offer("1", "betpawa", [three_way(3.0, 3.0, 2.8)], header("1"))
    world.offer("1", "sportybet", [three_way(2.0)])
    assert ids(await served.get("/api/events?attention=true")) == ["1"]
    world.clock.step_wall(601)
    world.accept(confirmed=[world.confirmation("1", "betpawa")])
    assert ids(await served.get("/api/events?attention=true")) == []


async def test_a_suspect_market_is_shown_and_never_ranked(world, served):
    """I14: it says why it is not believed, and is neither a gap nor a measure nor a margin."""
    world.offer("1", "betpawa", [three_way(2.4, 3.1, 30.0)], header("1"))
    world.offer("1", "sportybet", [three_way(2.4, 3.1, 3.0)])
    world.offer("2", "betpawa", [three_way(2.4, 3.1, 3.0)], header("2"))
    world.offer("2", "sportybet", [three_way(2.4, 3.1, 30.0)])
    world.offer("3", "betpawa", [three_way(2.4, 3.1, 3.0)], header("3"))
    assert ids(await served.get("/api/events?attention=true")) == []
    assert ids(await served.get("/api/events?sort=margin")) == ["2", "3", "1"]
    listing = (await served.get("/api/events/1"))["bookmakers"][0]
    assert listing["markets"][0]["suspect"] == ["sum_low"]
    assert [outcome["odds"] for outcome in listing["markets"][0]["outcomes"]] == [2.4, 3.1, 30.0]


async def test_an_outlier_is_shown_and_never_ranked(world, served):
    """The same price in every answer: list, event and board; the other two are compared without it."""
    home, away = (1.5, 4.2, 6.5), (6.5, 4.2, 1.5)
    for bookmaker, odds in (("betpawa", home), ("sportybet", home), ("bet9ja", away)):
        world.offer("1", bookmaker, [three_way(*odds)], header("1") if bookmaker == "betpawa" else None)
    assert ids(await served.get("/api/events?attention=true")) == []
    for path in ("/api/events?page=1", "/api/events/1"):
        answer = await served.get(path)
        event = answer["events"][0] if "events" in answer else answer
        found = {listing["bookmaker"]: listing["markets"][0]["suspect"] for listing in event["bookmakers"]}
        assert found == {"betpawa": [], "sportybet": [], "bet9ja": ["outlier"]}
    assert (await served.get("/api/board"))["prices"]["suspect"] == [[], [], ["outlier"]]
    world.offer("1", "bet9ja", [three_way(*home)])
    assert (await served.get("/api/board"))["prices"]["suspect"] == [[], [], []]


async def test_a_price_that_moves_flags_another_bookmakers_in_every_answer(world, served):
    """Nothing kept from before is served: the other bookmaker's bytes change though its price did not."""
    home, away = (1.5, 4.2, 6.5), (6.5, 4.2, 1.5)
    for bookmaker, odds in (("betpawa", home), ("sportybet", away), ("bet9ja", away)):
        world.offer("1", bookmaker, [three_way(*odds)], header("1") if bookmaker == "betpawa" else None)
    assert (await served.get("/api/board"))["prices"]["suspect"] == [["outlier"], [], []]
    world.offer("1", "bet9ja", [three_way(*home)])
    assert (await served.get("/api/board"))["prices"]["suspect"] == [[], ["outlier"], []]
    event = await served.get("/api/events/1")
    assert [listing["markets"][0]["suspect"] for listing in event["bookmakers"]] == [[], ["outlier"], []]


async def test_attention_finds_what_is_suspended_only_here(world, served):
    """A competitor still takes bets where we don't."""
    world.offer("1", "betpawa", [three_way(2.0, 3.0, 3.0, suspended=0b111)], header("1"))
    world.offer("1", "sportybet", [three_way(2.0, 3.0, 3.0)])
    world.offer("2", "betpawa", [three_way(2.0, 3.0, 3.0)], header("2"))
    world.offer("2", "sportybet", [three_way(2.0, 3.0, 3.0)])
    assert ids(await served.get("/api/events?attention=true")) == ["1"]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("page_size=501", "page_size"),
        ("page=0", "page"),
        ("page=x", "page"),
        ("sort=speed", "sort"),
        ("sort=" + "a" * 5000, "sort"),
        ("from=2026-11-24", "from"),
        ("from=2026", "from"),
        ("to=1e9", "to"),
        ("from=2026-11-24T12:00:00", "from"),
        ("bookmakers=nobody", "bookmakers"),
        ("availability=both", "availability"),
        ("markets=5000:abc", "markets"),
        ("min_bookmakers=" + "9" * 400, "min_bookmakers"),
        ("include_started=perhaps", "include_started"),
    ],
)
async def test_a_bad_parameter_is_named(served, query, word):
    """One clear sentence says which parameter is refused."""
    problem = await served.get(f"/api/events?{query}", status=422)
    assert problem["detail"].startswith(f"{word}: ")
    assert problem["status"] == 422


async def test_an_event_shows_who_lists_it_and_what_could_not_be_mapped(world, served):
    """Bookmakers that are off, or do not list it, have no entry."""
    world.offer("1", "betpawa", [three_way()], header("1"))
    world.offer("1", "bet9ja", [three_way()])
    world.accept([ListingChanges("1", "bet9ja", START, unmapped=(Unmapped("S_X", "Odd", 2),))])
    world.settings.apply({"enabled_bookmakers": ["sportybet", "bet9ja"]})
    event = await served.get("/api/events/1")
    assert [entry["bookmaker"] for entry in event["bookmakers"]] == ["bet9ja"]
    assert event["bookmakers"][0]["unmapped"] == [{"id": "S_X", "name": "Odd", "outcomes": 2}]


async def test_a_listing_has_started_once_the_kickoff_has_passed(world, served):
    """Nobody has to say so: the clock does."""
    world.offer("1", "betpawa", [three_way()], header("1"))
    assert (await served.get("/api/events/1"))["bookmakers"][0]["state"] == "open"
    world.clock.step_wall(3 * 3600)
    assert (await served.get("/api/events/1"))["bookmakers"][0]["state"] == "started"


async def test_a_withdrawn_listing_is_shown_but_lists_nothing(world, served):
    """Availability counts those who still offer the event."""
    world.offer("1", "betpawa", [three_way()], header("1"))
    world.offer("1", "sportybet", [three_way()])
    world.accept(
        [ListingChanges("1", "sportybet", START, listing=Listing("1", "sportybet", "x", "withdrawn"))]
    )
    event = (await served.get("/api/events?availability=reference_only"))["events"][0]
    assert [entry["state"] for entry in event["bookmakers"]] == ["open", "withdrawn"]


async def test_a_scoped_answer_confirms_only_its_markets(world, served):
    """The listing's own time stands, the market's is beside it."""
    world.offer("1", "betpawa", [three_way()], header("1"))
    world.clock.step_wall(60)
    world.offer("1", "betpawa", [three_way()], scope=frozenset({"3743"}))
    listing = (await served.get("/api/events/1"))["bookmakers"][0]
    assert listing["confirmed_at"] == "2026-11-24T12:00:00.000Z"
    assert listing["market_confirmed_at"] == {"3743": "2026-11-24T12:01:00.000Z"}


async def test_an_unknown_event_is_a_404(served):
    """The sentence says what was looked for."""
    problem = await served.call("POST", "/api/events/404404/refresh", status=404)
    assert "404404" in problem["detail"]


async def test_an_unchanged_list_is_not_sent_twice(world, served):
    """A weak tag lasts until something on the page changes; X-Seq always tells where the stream is."""
    world.offer("1", "betpawa", [three_way()], header("1"))
    async with served.client.get("/api/events") as first:
        tag = first.headers["etag"]
        assert first.headers["x-epoch"] == served.hub.epoch
        assert int(first.headers["x-seq"]) == (await first.json())["revision"]
    world.offer("1", "sportybet", [])
    async with served.client.get("/api/events?bookmakers=bet9ja", headers={"if-none-match": tag}) as other:
        assert other.status == 200
    async with served.client.get("/api/events", headers={"if-none-match": tag}) as changed:
        assert changed.status == 200
        tag = changed.headers["etag"]
    async with served.client.get("/api/events", headers={"if-none-match": f'"x", {tag}'}) as same:
        assert (same.status, await same.read()) == (304, b"")
        assert int(same.headers["x-seq"]) == served.hub.odds.seq


async def test_a_large_answer_is_compressed_where_asked(world, served):
    """And comes plain where it is not, or where gzip is refused."""
    for number in range(10):
        world.offer(str(number), "betpawa", [three_way()], header(str(number)))
    for accepted, coding in (("gzip, br", "gzip"), ("identity", None), ("gzip;q=0", None)):
        async with served.client.get("/api/events", headers={"accept-encoding": accepted}) as answer:
            assert answer.headers.get("content-encoding") == coding
            assert len((await answer.json())["events"]) == 10


async def test_a_refresh_answers_with_the_event(world, served):
    """The prices are those after the fetch."""
    world.offer("1", "betpawa", [three_way()], header("1"))
    event = await served.call("POST", "/api/events/1/refresh")
    assert (event["sportradar_id"], world.refresh.asked) == ("1", ["1"])


@pytest.mark.parametrize(("outcome", "status"), [(TimeoutError(), 504), (unknown_event("1"), 404)])
async def test_a_refresh_that_fails_says_so(world, served, outcome, status):
    """Past the deadline is 504, an event that nobody lists any more 404."""
    world.offer("1", "betpawa", [three_way()], header("1"))
    world.refresh.outcome = outcome
    problem = await served.call("POST", "/api/events/1/refresh", status=status)
    assert problem["detail"]
    assert await served.call("POST", "/api/events/2/refresh", status=404)


async def test_events_sort_by_their_largest_recent_move(world, filled, served):
    """The furthest move of an hour in the chosen markets comes first; what did not move comes last."""
    world.offer("2", "betpawa", [three_way(1.7)])  # 1.80 -> 1.70
    world.offer("3", "bet9ja", [three_way(1.24)])  # 1.55 -> 1.24
    assert ids(await served.get("/api/events?sort=-move")) == ["3", "2", "1"]
    assert ids(await served.get("/api/events?sort=move")) == ["2", "3", "1"]
    assert ids(await served.get("/api/events?sort=-move&markets=5000:2.5")) == ["1", "3", "2"]
    await world.clock.oversleep(3600)
    assert ids(await served.get("/api/events?sort=-move")) == ["1", "3", "2"]
