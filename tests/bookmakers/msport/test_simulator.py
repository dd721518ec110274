"""The simulated MSport: what it says is what the parser reads, in the real site's shapes."""

import json
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings

from overround.bookmakers.base import Quote, SimulatedRequest
from overround.bookmakers.msport.client import OPERATORS
from overround.bookmakers.msport.parser import EventParser
from overround.bookmakers.msport.simulator import create
from overround.config import packaged_catalogue
from overround.domain.markets import MarketKey
from overround.errors import EventGone
from tests.support.any_quotes import PLAYERS, any_quotes, in_name_order, markets_of, one_of_each
from tests.support.clock import START
from tests.support.msport_server import PREFIX, simulated_body
from tests.support.payloads import payload
from tests.support.price_source import FixedSource, expected_markets, seven_markets, simulated_events

SIMULATOR = create()
PARSER = EventParser(packaged_catalogue())


def ask(source, path, **query):
    return SIMULATOR.answer(SimulatedRequest("GET", f"{PREFIX}/{path}", query, {"operid": "2"}, b""), source)


def data(answer):
    document = json.loads(answer.body)
    assert document["bizCode"] == 10000
    return document["data"]


def body_of(quotes, sport="football"):
    listed = [msgspec.structs.replace(event, sport=sport) for event in simulated_events(1, SIMULATOR.own_id)]
    source = FixedSource(listed, quotes)
    source.squads = list(PLAYERS)
    return ask(source, "match/detail", eventId=listed[0].event_id).body


# --- details -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("filler", [0, 1, 60, 300])
def test_a_detail_says_exactly_the_quotes(filler):
    """Every mapped market comes back, locked ones included; what fills the body maps to nothing."""
    quotes = seven_markets()
    parsed = PARSER.parse(simulated_body(filler, quotes=quotes))
    assert parsed.markets == expected_markets(quotes, shows_locked_prices=True)
    assert parsed.refused == {}
    assert sum(row.outcomes for row in parsed.unmapped) == 3 * filler


@pytest.mark.parametrize("sport", ["football", "basketball", "tennis"])
def test_every_market_of_the_catalogue_can_be_said(sport):
    """Whatever the catalogue maps for MSport makes the way there and back, at a line of its kind."""
    quotes = one_of_each("msport", sport)
    parsed = PARSER.parse(body_of(quotes, sport))
    assert in_name_order(parsed.markets) == markets_of(quotes, sport)
    assert (parsed.refused, parsed.unmapped, parsed.sport) == ({}, (), sport)


@settings(max_examples=20)
@given(any_quotes("msport"))
def test_any_quotes_are_read_back_exactly(quotes):
    """Prices, locks, lines and players, whatever is offered and whatever is not."""
    parsed = PARSER.parse(body_of(quotes))
    assert in_name_order(parsed.markets) == markets_of(quotes)
    assert (parsed.refused, parsed.doubtful, parsed.unmapped) == ({}, frozenset(), ())


def test_two_of_ours_that_are_one_of_theirs_stand_in_one_object():
    """Correct score with and without Other is market 45, once."""
    both = {"0-0": Quote(9800), "1-0": Quote(8400)}
    quotes = {MarketKey("28000869"): both | {"Other": Quote(35_000)}, MarketKey("4429"): both}
    body = body_of(quotes)
    assert [market["id"] for market in json.loads(body)["data"]["markets"]] == [45]
    assert PARSER.parse(body).markets == markets_of(quotes)


def test_prices_finer_than_cents_come_back_exactly():
    """A price is never rounded on its way."""
    quotes = {MarketKey("3743"): {"1": Quote(1005), "X": Quote(100_000_000), "2": Quote(2415)}}
    assert PARSER.parse(simulated_body(quotes=quotes)).markets == expected_markets(quotes, True)


def test_a_quote_of_nothing_is_not_offered():
    """Price 0 is written 0.00, inactive."""
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


@pytest.mark.payloads
def test_a_detail_has_the_fields_and_the_size_of_the_captured_one():
    """Nothing that the real body shows is missing, at any level, in its order; 1.5 kB a market."""
    real = json.loads(payload("msport", "prematch.json"))
    body = simulated_body(8, quotes=one_of_each("msport"), players=PLAYERS)
    ours = json.loads(body)
    assert list(real) == list(ours)
    assert list(real["data"]) == list(ours["data"])
    assert list(real["data"]["markets"][0]) == list(ours["data"]["markets"][0])
    assert list(real["data"]["markets"][0]["outcomes"][0]) == list(ours["data"]["markets"][0]["outcomes"][0])
    assert 1_000 < len(body) / len(ours["data"]["markets"]) < 1_700
    assert ours["data"]["marketsCount"] == len(ours["data"]["markets"])


def test_no_market_stands_twice_in_a_body():
    """(id, specifiers) is unique."""
    markets = json.loads(simulated_body(400, quotes=one_of_each("msport"), players=PLAYERS))["data"][
        "markets"
    ]
    assert len({(market["id"], market["specifiers"]) for market in markets}) == len(markets)


def test_the_same_world_gives_the_same_bytes_unless_it_is_volatile():
    """A restart shows the same bodies; a volatile world changes a field that no price depends on."""
    assert simulated_body(50) == simulated_body(50)
    one, other = simulated_body(50, volatile="a"), simulated_body(50, volatile="b")
    assert one != other
    assert PARSER.parse(one) == PARSER.parse(other)


# --- refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event_id", ["sr:match:1", "sr:season:1", "", "69000000"])
def test_an_unknown_event_is_refused_in_the_envelope(event_id):
    """HTTP says 200."""
    refused = ask(FixedSource([]), "match/detail", eventId=event_id)
    assert refused.status == 200
    with pytest.raises(EventGone):
        PARSER.parse(refused.body)


@pytest.mark.parametrize("operid", ["1", "", None])
def test_another_countrys_operid_is_refused(operid):
    """bizCode 19000, invalid operId."""
    headers = {} if operid is None else {"operid": operid}
    for path in ("match/detail", "sports-matches-list", "sports"):
        request = SimulatedRequest("GET", f"{PREFIX}/{path}", {}, headers, b"")
        refused = json.loads(SIMULATOR.answer(request, FixedSource([])).body)
        assert (refused["bizCode"], refused["message"]) == (19000, "invalid operId")


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "101"}, {"limit": "many"}, {"lastEventId": "sr:match:404"}]
)
def test_a_bad_parameter_is_19000(query):
    """A cursor that is gone must not look like the end."""
    refused = ask(FixedSource([]), "sports-matches-list", sportId="sr:sport:1", **query)
    assert (refused.status, json.loads(refused.body)["bizCode"]) == (200, 19000)


@pytest.mark.parametrize(
    "path", ["/", "/api/tz/facts-center/query/frontend/sports", "/api/ng/match/detail", f"{PREFIX}/nothing"]
)
def test_an_unknown_path_is_a_page(path):
    """A page, not JSON."""
    page = SIMULATOR.answer(SimulatedRequest("GET", path, {}, {"operid": "2"}, b""), FixedSource([]))
    assert page.content_type.startswith("text/html")
    assert page.body.startswith(b"<!DOCTYPE html>")


# --- lists ---------------------------------------------------------------------------------------------------------


def test_the_pages_hold_each_event_once():
    """Sorted by kickoff; each page names its last event, the page after the last is empty."""
    world = FixedSource(simulated_events(25, SIMULATOR.own_id), filler=7)
    cursor, seen, sizes = "", [], []
    for _ in range(4):
        query = {"sportId": "sr:sport:1", "limit": "10"} | ({"lastEventId": cursor} if cursor else {})
        page = data(ask(world, "sports-matches-list", **query))
        events = [event for tournament in page["tournaments"] for event in tournament["events"]]
        seen += [event["eventId"] for event in events]
        sizes.append(len(events))
        cursor = page["lastEventId"]
    assert sizes == [10, 10, 5, 0]
    assert sorted(seen) == sorted(event.event_id for event in world.listed)
    assert cursor == world.listed[-1].event_id


def test_a_page_is_50_events_unless_more_are_asked_for():
    """The site's default."""
    world = FixedSource(simulated_events(60, SIMULATOR.own_id, every=timedelta(minutes=1)))
    page = data(ask(world, "sports-matches-list", sportId="sr:sport:1"))
    assert sum(len(tournament["events"]) for tournament in page["tournaments"]) == 50
    listed = page["tournaments"][0]["events"][0]
    assert {market["id"] for market in listed["markets"]} == {1, 10, 18, 29}


def test_running_matches_stand_in_the_live_list_only():
    """And sports are counted 0, as the site does."""
    world = FixedSource(simulated_events(3, SIMULATOR.own_id), now=START + timedelta(hours=2, minutes=20))
    upcoming = data(ask(world, "sports-matches-list", sportId="sr:sport:1"))["tournaments"]
    live = data(ask(world, "live-matches/list", sportId="sr:sport:1"))["tournaments"]
    ids = [[e["eventId"] for t in tournaments for e in t["events"]] for tournaments in (upcoming, live)]
    assert ids == [["sr:match:69000002"], ["sr:match:69000000", "sr:match:69000001"]]
    assert data(ask(world, "sports"))["sports"] == [
        {"sportId": "sr:sport:1", "sportName": "Soccer", "count": 0}
    ]


# --- recorded answers ------------------------------------------------------------------------------------------------


@pytest.mark.payloads
def test_a_recorded_detail_is_served_with_its_kickoff_moved():
    """All else is byte for byte as it was captured, and it stands in its sport's list."""
    body = payload("msport", "prematch.json")
    kickoff = START + timedelta(days=1)
    moved = SIMULATOR.with_kickoff(body, kickoff)
    assert moved.replace(b"%d" % (kickoff.timestamp() * 1000), b"1778065200000") == body
    event = SIMULATOR.read_recorded(moved)
    assert event is not None
    assert (event.sportradar_id, event.kickoff_at, event.sport) == ("68995116", kickoff, "football")
    world = FixedSource([event])
    assert ask(world, "match/detail", eventId="sr:match:68995116").body == moved
    (tournament,) = data(ask(world, "sports-matches-list", sportId="sr:sport:1"))["tournaments"]
    assert (tournament["category"], tournament["tournament"]) == ("China", "Chinese Super League")
    assert {market["id"] for market in tournament["events"][0]["markets"]} == {1, 18}


@pytest.mark.payloads
@pytest.mark.parametrize(
    ("bookmaker", "name"),
    [("msport", "live.json"), ("sportybet", "prematch.json"), ("betpawa", "prematch.json"), ("bet9ja", "prematch.json")],
)  # fmt: skip
def test_what_is_no_prematch_detail_of_msport_is_not_served(bookmaker, name):
    """A running match, or another bookmaker's answer."""
    assert SIMULATOR.read_recorded(payload(bookmaker, name)) is None


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"<html>", b'{"bizCode":10000,"data":[]}', b'{"bizCode":19000}']
)
def test_what_cannot_be_read_is_not_served(body):
    """Nor is a list answer."""
    assert SIMULATOR.read_recorded(body) is None


def test_every_country_has_its_paths():
    """As the client asks for them."""
    for country, operid in OPERATORS.items():
        path = f"/api/{country}/facts-center/query/frontend/sports"
        answer = SIMULATOR.answer(SimulatedRequest("GET", path, {}, {"operid": operid}, b""), FixedSource([]))
        assert json.loads(answer.body)["bizCode"] == 10000
