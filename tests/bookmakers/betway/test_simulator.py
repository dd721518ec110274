"""The simulated Betway: what it says is what the parser reads, in the real site's shapes."""

import json
from datetime import timedelta

import msgspec
import pytest

from overround.bookmakers.base import Quote, SimulatedRequest, joined
from overround.bookmakers.betway.client import HEADERS
from overround.domain.markets import MarketKey
from overround.errors import EventGone
from tests.bookmakers.betway.server import BETWAY, SIMULATOR, read, simulated_server, world
from tests.support.clock import START
from tests.support.feed_quotes import SQUAD, every_market, said
from tests.support.parts import whole_detail
from tests.support.payloads import payload
from tests.support.price_source import FixedSource, seven_markets

API = "/br/_apis/sport"


def ask(source, path, **query):
    query = {"countryCode": "NG", **query}
    return SIMULATOR.answer(SimulatedRequest("GET", API + path, query, dict(HEADERS), b""), source)


def page(source, skip=0, take=100):
    path = "/v1/MarketGroupings/MarketGroupNamesAndMarketsForEvent"
    event_id = source.listed[0].event_id
    return json.loads(ask(source, path, eventId=event_id, skip=str(skip), take=str(take)).body)


# --- details ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("filler", [0, 1, 150])
@pytest.mark.parametrize("shift", [0, 7])
async def test_a_detail_says_exactly_the_quotes(filler, shift):
    """Every mapped market comes back, locked ones included; what fills the body maps to nothing."""
    quotes = seven_markets(shift)
    parsed = await read(world(quotes=quotes, filler=filler))
    assert said(parsed) == quotes
    assert (parsed.refused, len(parsed.unmapped)) == ({}, bool(filler))


@pytest.mark.parametrize("sport", ["football", "basketball", "tennis"])
async def test_every_market_of_the_catalogue_can_be_said(sport):
    """Whatever the catalogue maps for Betway makes the way there and back, players included."""
    quotes = every_market("betway", sport)
    source = world(quotes=quotes)
    source.listed = [msgspec.structs.replace(source.listed[0], sport=sport)]
    source.squads = SQUAD
    parsed = await read(source)
    assert said(parsed) == quotes
    assert (parsed.sport, parsed.refused, parsed.unmapped) == (sport, {}, ())


async def test_players_come_back_with_their_ids():
    """The outcome id is the player's Sportradar id."""
    source = world(quotes={MarketKey("129108"): {"Kylian Mbappe": Quote(2500), "No Goal": Quote(9000)}})
    source.squads = SQUAD
    market = (await read(source)).markets[MarketKey("129108")]
    players = {player.name: player.sportradar_id for player in market.players if player}
    assert players == {"Kylian Mbappe": "1001"}


async def test_prices_finer_than_cents_come_back_exactly():
    """A price is never rounded on its way."""
    quotes = {MarketKey("3743"): {"1": Quote(1005), "X": Quote(100_000_000), "2": Quote(2415)}}
    assert said(await read(world(quotes=quotes))) == quotes


async def test_a_quote_of_nothing_is_not_offered():
    """Price 0 is written as the real site writes it, on an inactive outcome."""
    quotes = {MarketKey("3743"): {"1": Quote(2400), "X": Quote(0), "2": Quote(3000)}}
    parsed = await read(world(quotes=quotes))
    assert parsed.markets[MarketKey("3743")].odds_milli == (2400, 0, 3000)
    assert parsed.refused == {}


async def test_a_detail_carries_its_event():
    """Identity, teams, kickoff and place are the world's."""
    source = world()
    (listed,) = source.listed
    parsed = await read(source)
    assert (parsed.event_id, parsed.sportradar_id) == (listed.event_id, listed.sportradar_id)
    assert (parsed.home, parsed.away, parsed.kickoff_at) == (listed.home, listed.away, listed.kickoff_at)
    assert (parsed.country, parsed.competition) == (listed.country, listed.competition)


def test_lines_stand_under_a_heading():
    """The heading has no outcomes; those of its lines name it as their market."""
    shown = page(world())
    headings = {
        row["subscriptionId"]: row["marketId"] for row in shown["marketsInGroup"] if row["isSquashedParent"]
    }
    assert set(headings) == {18, 16, 14}
    lines = [row for row in shown["marketsInGroup"] if row["isSquashedMarket"]]
    assert {row["subscriptionId"] for row in lines} == {18, 16, 14}
    over = next(row for row in shown["outcomes"] if row["originalMarketId"].endswith("total=2.5~"))
    assert (over["marketId"], over["name"], over["sbv"]) == (headings[18], "Over ", " (2.5)")


def test_pages_hold_their_own_rows():
    """Together they are the whole, no row twice."""
    source = world(filler=150)
    pages = [page(source, skip) for skip in (0, 100, 200)]
    assert [len(each["marketsInGroup"]) for each in pages] == [100, 68, 0]
    ids = [row["marketId"] for each in pages for row in each["marketsInGroup"]]
    assert len(set(ids)) == len(ids)
    for each in pages:
        markets = {row["marketId"] for row in each["marketsInGroup"]}
        assert {row["originalMarketId"] for row in each["outcomes"]} <= markets
        assert [row["outcomeId"] for row in each["outcomes"]] == [row["outcomeId"] for row in each["prices"]]


@pytest.mark.payloads
@pytest.mark.parametrize("part", ["marketsInGroup", "outcomes", "prices"])
def test_rows_have_the_fields_of_the_captured_ones(part):
    """Nothing that the real page shows is missing."""
    captured = json.loads(payload("betway", "next_goal_and_team_ou.json"))
    ours = page(world())
    assert {name for row in captured[part] for name in row} == {name for row in ours[part] for name in row}
    assert set(captured) - {"sportEvent"} == set(ours)


@pytest.mark.payloads
def test_a_header_has_the_fields_of_the_captured_one():
    """Nested ones too."""
    captured = json.loads(payload("betway", "prematch.json"))
    source = world()
    ours = json.loads(
        ask(source, "/v3/Feeds/Events/EventAndGameState", eventId=source.listed[0].event_id).body
    )
    assert set(captured) == set(ours)
    assert set(captured["sportEvent"]) == set(ours["sportEvent"])
    for part in ("gameStateTimeScore", "sportSpecificProperties"):
        assert set(captured["sportEvent"][part]) == set(ours["sportEvent"][part])


async def test_the_same_world_gives_the_same_bytes_unless_it_is_volatile():
    """A volatile world changes a field that no price depends on."""
    bodies = [
        await whole_detail(BETWAY, simulated_server(world(volatile=volatile)), "69000000")
        for volatile in ("", "", "a", "b")
    ]
    assert bodies[0] == bodies[1]
    assert bodies[2] != bodies[3]
    assert BETWAY.parse_event(bodies[2]) == BETWAY.parse_event(bodies[3])


# --- refusals --------------------------------------------------------------------------------------------------


async def test_an_unknown_event_is_gone():
    """404, as far as we know."""
    with pytest.raises(EventGone):
        await whole_detail(BETWAY, simulated_server(FixedSource([])), "1")


@pytest.mark.parametrize("country", ["KE", "UG", "", "xx"])
def test_a_country_that_betway_left_answers_nothing(country):
    """Status 200 and an empty body."""
    answer = ask(world(), "/v1/BetBook/Upcoming/", countryCode=country, sportId="soccer")
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("path", ["/", "/v1/BetBook/Nothing/", "/v2/Feeds/Events/EventAndGameState"])
def test_an_unknown_path_is_not_found(path):
    """Nor is a version that does not exist."""
    assert ask(world(), path).status == 404


@pytest.mark.parametrize("query", [{"Skip": "x"}, {"Take": "0"}, {"Take": "101"}, {"Skip": "-1"}])
def test_a_bad_parameter_is_refused(query):
    """400."""
    assert ask(world(), "/v1/BetBook/Upcoming/", sportId="soccer", **query).status == 400


# --- lists -----------------------------------------------------------------------------------------------------


def upcoming(source, name="Upcoming", **query):
    return json.loads(ask(source, f"/v1/BetBook/{name}/", sportId="soccer", **query).body)


def test_the_last_page_says_that_it_is():
    """Also when it is full."""
    source = world(40)
    pages = [upcoming(source, Skip=str(skip), Take="20") for skip in (0, 20, 40)]
    assert [len(each["events"]) for each in pages] == [20, 20, 0]
    assert [each["isFinalPage"] for each in pages] == [False, True, True]


def test_a_list_shows_the_main_market_beside_each_event():
    """Only the 1X2 is priced for it."""
    shown = upcoming(world(3), marketTypes="[Win/Draw/Win]")
    assert [row["subscriptionId"] for row in shown["markets"]] == [1, 1, 1]
    assert (len(shown["outcomes"]), len(shown["prices"]), len(shown["scores"])) == (9, 9, 3)


def test_what_has_kicked_off_is_in_play():
    """It leaves Upcoming for LiveInPlay."""
    source = world(2)
    source.at = source.listed[0].kickoff_at
    assert [row["eventId"] for row in upcoming(source)["events"]] == [int(source.listed[1].event_id)]
    (live,) = upcoming(source, "LiveInPlay")["events"]
    assert (live["eventId"], live["isLive"]) == (int(source.listed[0].event_id), True)


def test_highlights_are_few():
    """29, whatever is asked for."""
    assert len(upcoming(world(60), "Highlights", Take="100")["events"]) == 29


def test_regions_name_their_leagues():
    """Each once."""
    answer = ask(world(9), "/v1/Feeds/RegionsAndLeagues/soccer")
    regions = json.loads(answer.body)["regions"]
    assert {region["name"]: [league["name"] for league in region["leagues"]] for region in regions} == {
        "Nigeria": ["League 0", "League 2"],
        "England": ["League 1"],
    }


# --- recorded answers ------------------------------------------------------------------------------------------


def stitched():
    """Return the captured header with a page as they would be before kickoff."""
    return payload("betway", "next_goal_and_team_ou.json").replace(b'"isLive": true', b'"isLive": false')


@pytest.mark.payloads
async def test_a_recorded_detail_is_served_with_its_kickoff_moved():
    """Header and pages are cut from the captured document; every price is as it was."""
    kickoff = START + timedelta(days=1)
    moved = SIMULATOR.with_kickoff(stitched(), kickoff)
    event = SIMULATOR.read_recorded(moved)
    assert event is not None
    assert (event.sportradar_id, event.kickoff_at, event.sport) == ("70926700", kickoff, "football")
    source = FixedSource([event])
    served = await read(source)
    captured = BETWAY.parse_event(stitched())
    assert served == msgspec.structs.replace(captured, kickoff_at=kickoff)
    assert [row["eventId"] for row in upcoming(source)["events"]] == [70926700]


@pytest.mark.payloads
def test_parts_as_the_product_joins_them_are_served_too():
    """A joined detail is a recorded one."""
    document = json.loads(stitched())
    header = json.dumps({"sportEvent": document.pop("sportEvent")}).encode()
    parts = joined([header, json.dumps(document).encode()])
    event = SIMULATOR.read_recorded(parts)
    assert event is not None
    assert BETWAY.parse_event(parts) == BETWAY.parse_event(stitched())
    assert len(page(FixedSource([event]))["marketsInGroup"]) == 100


@pytest.mark.payloads
@pytest.mark.parametrize(
    ("bookmaker", "name"),
    [
        ("betway", "prematch.json"),
        ("betway", "basketball.json"),
        ("betway", "next_goal_and_team_ou.json"),
        ("betika", "prematch.json"),
        ("sportybet", "prematch.json"),
    ],
)
def test_what_is_no_whole_prematch_detail_is_not_served(bookmaker, name):
    """A header without markets, markets without header, a running match, another bookmaker's answer."""
    assert SIMULATOR.read_recorded(payload(bookmaker, name)) is None


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"<html>", b'{"sportEvent":null}'])
def test_what_cannot_be_read_is_not_served(body):
    """Nor is an event that is gone."""
    assert SIMULATOR.read_recorded(body) is None
