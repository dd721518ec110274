"""The simulated SportyBet: what it says is what the parser reads, in the real site's shapes."""

import json
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings

from overround.bookmakers.base import Quote, SimulatedRequest
from overround.bookmakers.sportybet.parser import EventParser
from overround.bookmakers.sportybet.simulator import create
from overround.config import packaged_catalogue
from overround.domain.markets import MarketKey
from overround.errors import EventGone
from tests.support.any_quotes import PLAYERS, any_quotes, in_name_order, markets_of, one_of_each
from tests.support.clock import START
from tests.support.payloads import payload
from tests.support.price_source import FixedSource, expected_markets, seven_markets, simulated_events
from tests.support.sportybet_server import simulated_body

SIMULATOR = create()
PARSER = EventParser(packaged_catalogue())


def ask(source, path, method="GET", body=b"", **query):
    request = SimulatedRequest(method, f"/api/ng/factsCenter/{path}", query, {}, body)
    return SIMULATOR.answer(request, source)


def body_of(quotes, sport="football"):
    listed = [msgspec.structs.replace(event, sport=sport) for event in simulated_events(1, SIMULATOR.own_id)]
    source = FixedSource(listed, quotes)
    source.squads = list(PLAYERS)
    return ask(source, "event", eventId=listed[0].event_id).body


def data(answer):
    document = json.loads(answer.body)
    assert document["bizCode"] == 10000
    return document["data"]


# --- details -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("filler", [0, 1, 60, 345, 700])
@pytest.mark.parametrize("shift", [0, 7])
def test_a_detail_says_exactly_the_quotes(filler, shift):
    """Every mapped market comes back, locked ones included; what fills the body maps to nothing."""
    quotes = seven_markets(shift)
    parsed = PARSER.parse(simulated_body(filler, quotes=quotes))
    assert parsed.markets == expected_markets(quotes, shows_locked_prices=True)
    assert parsed.refused == {}


@pytest.mark.parametrize("sport", ["football", "basketball", "tennis"])
def test_every_market_of_the_catalogue_can_be_said(sport):
    """Whatever the catalogue maps for SportyBet makes the way there and back, at a line of its kind."""
    quotes = one_of_each("sportybet", sport)
    parsed = PARSER.parse(body_of(quotes, sport))
    assert in_name_order(parsed.markets) == markets_of(quotes, sport)
    assert (parsed.refused, parsed.unmapped, parsed.sport) == ({}, (), sport)


@settings(max_examples=20)
@given(any_quotes("sportybet"))
def test_any_quotes_are_read_back_exactly(quotes):
    """Prices, locks, lines and players, whatever is offered and whatever is not."""
    parsed = PARSER.parse(body_of(quotes))
    assert in_name_order(parsed.markets) == markets_of(quotes)
    assert (parsed.refused, parsed.doubtful, parsed.unmapped) == ({}, frozenset(), ())


@pytest.mark.payloads
def test_special_markets_are_spelt_as_captured():
    """Ids, specifiers and outcome ids of variants, minutes, goal numbers and scorers are those of the real body."""
    real = json.loads(payload("sportybet", "prematch.json"))["data"]["markets"]
    ours = json.loads(body_of(one_of_each("sportybet")))["data"]["markets"]
    captured = {(market["id"], market.get("specifier")): market for market in real}
    special = [
        market
        for market in ours
        if (market["id"], market.get("specifier")) in captured and market.get("specifier")
    ]
    assert {"15", "21", "25", "41", "71", "93", "100", "105", "169", "182", "38", "39", "40", "900069"} <= {
        market["id"] for market in special
    }
    for market in special:
        ids = {outcome["id"] for outcome in captured[market["id"], market["specifier"]]["outcomes"]}
        said = {outcome["id"] for outcome in market["outcomes"]}
        assert {each for each in said if not each.startswith("sr:player:")} <= ids, market["id"]


def test_prices_finer_than_cents_come_back_exactly():
    """A price is never rounded on its way."""
    quotes = {MarketKey("3743"): {"1": Quote(1005), "X": Quote(100_000_000), "2": Quote(2415)}}
    assert PARSER.parse(simulated_body(quotes=quotes)).markets == expected_markets(quotes, True)


def test_a_quote_of_nothing_is_not_offered():
    """Price 0 is written as the real site writes it: 0.00, inactive."""
    quotes = {MarketKey("3743"): {"1": Quote(2400), "X": Quote(0), "2": Quote(3000)}}
    parsed = PARSER.parse(simulated_body(quotes=quotes))
    assert parsed.markets[MarketKey("3743")].odds_milli == (2400, 0, 3000)
    assert (parsed.markets[MarketKey("3743")].suspended, parsed.refused) == (0, {})


def test_a_detail_carries_its_event():
    """Identity, teams, kickoff and place are the world's."""
    (listed,) = simulated_events(1, SIMULATOR.own_id)
    parsed = PARSER.parse(simulated_body())
    assert (parsed.event_id, parsed.sportradar_id) == (listed.event_id, listed.sportradar_id)
    assert (parsed.home, parsed.away, parsed.kickoff_at) == (listed.home, listed.away, listed.kickoff_at)
    assert (parsed.country, parsed.competition, parsed.sport) == (
        listed.country,
        listed.competition,
        "football",
    )


def test_double_chance_stands_in_their_order():
    """1X, 12, X2: a parser that counts positions fails here."""
    markets = {market["id"]: market for market in json.loads(simulated_body())["data"]["markets"]}
    assert [outcome["id"] for outcome in markets["10"]["outcomes"]] == ["9", "10", "11"]


def test_a_body_has_the_real_size():
    """About 1.5 kB per market at the size of the captured match, 2 MB for the largest."""
    quotes = one_of_each("sportybet")
    body = simulated_body(180, quotes=quotes, players=PLAYERS)
    assert 1300 < len(body) / len(json.loads(body)["data"]["markets"]) < 1650
    assert 1_700_000 < len(simulated_body(1200, quotes=quotes, players=PLAYERS)) < 2_300_000


@pytest.mark.payloads
def test_a_detail_has_the_fields_of_the_captured_one():
    """Nothing that the real body shows is missing, at any level."""
    real, ours = json.loads(payload("sportybet", "prematch.json")), json.loads(simulated_body(100))
    assert set(real) == set(ours)
    assert set(real["data"]) == set(ours["data"])
    rare = {"mode", "parameters", "earlyPayoutMarkets"}
    assert {key for market in real["data"]["markets"] for key in market} - rare == {
        key for market in ours["data"]["markets"] for key in market
    }
    assert set(real["data"]["markets"][0]["outcomes"][0]) == set(ours["data"]["markets"][0]["outcomes"][0])


def test_no_market_stands_twice_in_a_body():
    """(id, specifier) is unique, as at the real site."""
    markets = json.loads(simulated_body(800))["data"]["markets"]
    assert len({(market["id"], market.get("specifier")) for market in markets}) == len(markets) == 815


def test_the_same_world_gives_the_same_bytes_unless_it_is_volatile():
    """A restart shows the same bodies; a volatile world changes a field that no price depends on."""
    assert simulated_body(50) == simulated_body(50)
    one, other = simulated_body(50, volatile="a"), simulated_body(50, volatile="b")
    assert one != other
    assert PARSER.parse(one) == PARSER.parse(other)


def test_an_event_supplied_by_genius_says_so():
    """Both ids come back."""
    (listed,) = simulated_events(1, SIMULATOR.own_id)
    world = FixedSource([msgspec.structs.replace(listed, genius_id="13599033")])
    parsed = PARSER.parse(ask(world, "event", eventId=listed.event_id).body)
    assert (parsed.genius_id, parsed.sportradar_id) == ("13599033", listed.sportradar_id)


# --- refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event_id", ["sr:match:1", "sr:season:1", "68995116", ""])
def test_an_unknown_event_is_refused_with_a_code(event_id):
    """HTTP says 200, bizCode says no: the parser calls that gone."""
    refused = ask(FixedSource([]), "event", eventId=event_id)
    assert refused.status == 200
    with pytest.raises(EventGone):
        PARSER.parse(refused.body)


@pytest.mark.parametrize(
    ("path", "method", "body", "query"),
    [
        ("popularAndSportList", "GET", b"", {}),
        ("pcEvents", "POST", b"", {}),
        ("pcEvents", "POST", b"[]", {}),
        ("pcEvents", "POST", b'{"sportId":"sr:sport:1"}', {}),
        ("pcEvents", "GET", b'[{"sportId":"sr:sport:1","marketId":"1","tournamentId":[[]]}]', {}),
        ("pcUpcomingEvents", "GET", b"", {}),
        ("pcUpcomingEvents", "GET", b"", {"sportId": "sr:sport:1", "pageSize": "many"}),
        ("pcUpcomingEvents", "GET", b"", {"sportId": "sr:sport:1", "pageSize": "101"}),
        ("pcUpcomingEvents", "GET", b"", {"sportId": "sr:sport:1", "pageNum": "0"}),
    ],
)
def test_a_bad_parameter_is_19000(path, method, body, query):
    """The site's "Invalid"."""
    refused = ask(FixedSource([]), path, method, body, **query)
    assert (refused.status, json.loads(refused.body)["bizCode"]) == (200, 19000)


@pytest.mark.parametrize(
    "path", ["/", "/api/xx/factsCenter/event", "/api/ng/factsCenter/nothing", "/api/ng/event"]
)
def test_an_unknown_path_is_a_page(path):
    """A page, not JSON."""
    page = SIMULATOR.answer(SimulatedRequest("GET", path, {}, {}, b""), FixedSource([]))
    assert page.content_type.startswith("text/html")
    assert page.body.startswith(b"<!DOCTYPE html>")


# --- lists ---------------------------------------------------------------------------------------------------------


def test_the_pages_of_upcoming_events_hold_each_event_once():
    """Sorted by kickoff; the last page is short, the one after it empty."""
    world = FixedSource(simulated_events(25, SIMULATOR.own_id), filler=7)
    pages = [
        data(
            ask(
                world,
                "pcUpcomingEvents",
                sportId="sr:sport:1",
                marketId="1,18",
                pageSize="10",
                pageNum=str(n),
            )
        )
        for n in (1, 2, 3, 4)
    ]
    events = [event for page in pages for tournament in page["tournaments"] for event in tournament["events"]]
    assert [page["totalNum"] for page in pages] == [25] * 4
    assert sorted(event["eventId"] for event in events) == sorted(event.event_id for event in world.listed)
    assert {market["id"] for market in events[0]["markets"]} == {"1", "18"}
    assert [market["specifier"] for market in events[0]["markets"] if market["id"] == "18"] == [
        "total=0.5",
        "total=1.5",
        "total=2.5",
    ]
    assert events[0]["totalMarketSize"] >= 7


def test_the_tree_counts_events_per_tournament():
    """The counts add up at every level."""
    (sport,) = data(ask(FixedSource(simulated_events(25, SIMULATOR.own_id)), "popularAndSportList", sportId="sr:sport:1"))["sportList"]  # fmt: skip
    tournaments = [tournament for category in sport["categories"] for tournament in category["tournaments"]]
    assert sport["eventSize"] == sum(tournament["eventSize"] for tournament in tournaments) == 25
    assert len({tournament["id"] for tournament in tournaments}) == 3


# --- recorded answers ------------------------------------------------------------------------------------------------


@pytest.mark.payloads
def test_a_recorded_detail_is_served_with_its_kickoff_moved():
    """All else is byte for byte as it was captured."""
    body = payload("sportybet", "prematch.json")
    kickoff = START + timedelta(days=1)
    moved = SIMULATOR.with_kickoff(body, kickoff)
    assert moved.replace(b"%d" % (kickoff.timestamp() * 1000), b"1778065200000") == body
    event = SIMULATOR.read_recorded(moved)
    assert event is not None
    assert (event.sportradar_id, event.kickoff_at, event.sport) == ("68995116", kickoff, "football")
    assert ask(FixedSource([event]), "event", eventId="sr:match:68995116").body == moved


@pytest.mark.payloads
def test_recorded_events_stand_in_the_lists_of_their_own_sport():
    """The captured basketball match is in sr:sport:2's tree and lists, under its real tournament."""
    events = [
        SIMULATOR.read_recorded(payload("sportybet", name)) for name in ("prematch.json", "basketball.json")
    ]
    world = FixedSource([event for event in events if event])
    assert len(world.listed) == 2
    for sport_id, tournament, match in (
        ("sr:sport:1", "sr:tournament:649", "sr:match:68995116"),
        ("sr:sport:2", "sr:tournament:1680", "sr:match:71550420"),
    ):
        (sport,) = data(ask(world, "popularAndSportList", sportId=sport_id))["sportList"]
        assert [t["id"] for c in sport["categories"] for t in c["tournaments"]] == [tournament]
        body = json.dumps(
            [{"sportId": sport_id, "marketId": "1,18", "tournamentId": [[tournament]]}]
        ).encode()
        (listed,) = data(ask(world, "pcEvents", "POST", body))
        assert [event["eventId"] for event in listed["events"]] == [match]
        assert {market["id"] for market in listed["events"][0]["markets"]} <= {"1", "18"}


@pytest.mark.payloads
@pytest.mark.parametrize(
    ("bookmaker", "name"),
    [("sportybet", "live.json"), ("msport", "prematch.json"), ("betpawa", "prematch.json"), ("bet9ja", "prematch.json")],
)  # fmt: skip
def test_what_is_no_prematch_detail_of_sportybet_is_not_served(bookmaker, name):
    """A running match, or another bookmaker's answer."""
    assert SIMULATOR.read_recorded(payload(bookmaker, name)) is None


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"<html>", b'{"bizCode":10000,"data":[]}', b'{"bizCode":19000}']
)
def test_what_cannot_be_read_is_not_served(body):
    """Nor is a list answer."""
    assert SIMULATOR.read_recorded(body) is None
