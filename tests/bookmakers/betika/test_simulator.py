"""The simulated Betika: what it says is what the parser reads, in the real site's shapes."""

import json
from datetime import timedelta

import msgspec
import pytest

from overround.bookmakers.base import Quote, SimulatedRequest, joined
from overround.bookmakers.betika.client import HEADERS
from overround.domain.markets import MarketKey
from overround.errors import EventGone
from tests.bookmakers.betika.server import BETIKA, SIMULATOR, read, simulated_server, world
from tests.support.clock import START
from tests.support.feed_quotes import every_market, said, without_locked
from tests.support.parts import whole_detail
from tests.support.payloads import payload
from tests.support.price_source import FixedSource, seven_markets


def ask(source, path="/v1/uo/matches", **query):
    return SIMULATOR.answer(SimulatedRequest("GET", path, query, dict(HEADERS), b""), source)


def matches(source, **query):
    return json.loads(ask(source, **{"sport_id": "14", "period_id": "9", **query}).body)


# --- details ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shift", [0, 7])
async def test_a_detail_says_exactly_the_quotes(shift):
    """Every mapped market comes back but what is locked: Betika does not list that."""
    quotes = {key: quotes for key, quotes in seven_markets(shift).items() if key.market_id != "3774"}
    parsed = await read(world(quotes=quotes))
    assert said(parsed) == without_locked(quotes)
    assert (parsed.refused, parsed.unmapped) == ({}, ())


async def test_every_market_of_the_catalogue_can_be_said():
    """Whatever the catalogue maps for Betika's football makes the way there and back."""
    quotes = every_market("betika", "football")
    parsed = await read(world(quotes=quotes))
    assert said(parsed) == quotes
    assert (parsed.refused, parsed.unmapped) == ({}, ())


@pytest.mark.parametrize(("sport", "sport_id"), [("basketball", "30"), ("tennis", "28")])
def test_markets_of_other_sports_can_be_said(sport, sport_id):
    """Discovery asks for football only; the wire and the parser know no such limit."""
    quotes = every_market("betika", sport)
    source = world(quotes=quotes)
    source.listed = [msgspec.structs.replace(source.listed[0], sport=sport)]
    asked = ask(source, sport_id=sport_id, period_id="9", sub_type_id="186,219,18,16,1,189,223,225,187")
    parsed = BETIKA.parse_event(asked.body)
    assert quotes
    assert (parsed.sport, said(parsed)) == (sport, quotes)


async def test_prices_finer_than_cents_come_back_exactly():
    """A price is never rounded on its way."""
    quotes = {MarketKey("3743"): {"1": Quote(1005), "X": Quote(100_000_000), "2": Quote(2415)}}
    assert said(await read(world(quotes=quotes))) == quotes


async def test_a_detail_carries_its_event():
    """Identity, teams, kickoff and place are the world's."""
    source = world()
    (listed,) = source.listed
    parsed = await read(source)
    assert (parsed.event_id, parsed.sportradar_id) == (listed.event_id, listed.sportradar_id)
    assert (parsed.home, parsed.away, parsed.kickoff_at) == (listed.home, listed.away, listed.kickoff_at)
    assert (parsed.country, parsed.competition) == (listed.country, listed.competition)


def test_only_the_market_types_asked_for_are_sent():
    """One by default, several in a comma list; all lines of a type in one list."""
    source = world()
    event_id, _, competition_id = source.listed[0].event_id.partition(":")
    one = {"match_id": event_id, "competition_id": competition_id}
    (by_default,) = matches(source, **one)["data"]
    (listed,) = matches(source, **one, sub_type_id="18,29")["data"]
    assert [each["sub_type_id"] for each in by_default["odds"]] == ["1"]
    assert [each["sub_type_id"] for each in listed["odds"]] == ["29", "18"]
    lines = {odd["special_bet_value"] for odd in listed["odds"][1]["odds"]}
    assert lines == {"total=0.5", "total=1.5", "total=2.5", "total=3"}
    assert (listed["home_odd"], listed["neutral_odd"], listed["away_odd"]) == ("2.41", "3.29", "3.02")


@pytest.mark.payloads
def test_an_answer_has_the_fields_of_the_captured_one():
    """Nothing that the real body shows is missing, at any level."""
    captured, ours = json.loads(payload("betika", "prematch.json")), matches(world())
    assert set(captured) == set(ours)
    assert set(captured["meta"]) == set(ours["meta"])
    assert set(captured["data"][0]) == set(ours["data"][0])
    real, simulated = captured["data"][0]["odds"][0], ours["data"][0]["odds"][0]
    assert set(real) == set(simulated)
    assert set(real["odds"][0]) == set(simulated["odds"][0])


async def test_the_same_world_gives_the_same_bytes_unless_it_is_volatile():
    """A volatile world changes a field that no price depends on."""
    event_id = world().listed[0].event_id
    bodies = [
        await whole_detail(BETIKA, simulated_server(world(volatile=volatile)), event_id)
        for volatile in ("", "", "a", "b")
    ]
    assert bodies[0] == bodies[1]
    assert bodies[2] != bodies[3]
    assert BETIKA.parse_event(bodies[2]) == BETIKA.parse_event(bodies[3])


# --- ids and refusals ------------------------------------------------------------------------------------------


def test_match_ids_repeat_and_competitions_tell_them_apart():
    """As at the real site; together they are the Sportradar id again."""
    assert SIMULATOR.own_id("69000041") == "69000:42"
    source = world(3)
    assert len(matches(source, match_id="69000")["data"]) == 3
    (one,) = matches(source, match_id="69000", competition_id="2")["data"]
    assert one["parent_match_id"] == "69000001"


async def test_an_unknown_match_is_gone():
    """An empty list, whatever is asked."""
    with pytest.raises(EventGone):
        BETIKA.parse_event(await whole_detail(BETIKA, simulated_server(FixedSource([])), "1:2"))


def test_an_unknown_path_is_not_found():
    """The live host is another one."""
    assert ask(world(), "/v1/uo/nothing").status == 404


@pytest.mark.parametrize("query", [{"page": "x"}, {"page": "0"}, {"limit": "-1"}])
def test_a_bad_parameter_is_refused(query):
    """400."""
    assert ask(world(), **query).status == 400


# --- lists -----------------------------------------------------------------------------------------------------


def test_the_pages_of_a_list_hold_each_match_once():
    """The last one is short, the one after it empty; the total is text, the page a number."""
    source = world(25)
    pages = [matches(source, limit="10", page=str(page)) for page in (1, 2, 3, 4)]
    assert [len(page["data"]) for page in pages] == [10, 10, 5, 0]
    assert [(page["meta"]["total"], page["meta"]["current_page"]) for page in pages] == [
        ("25", page) for page in (1, 2, 3, 4)
    ]
    found = [f"{row['match_id']}:{row['competition_id']}" for page in pages for row in page["data"]]
    assert found == [event.event_id for event in source.listed]


def test_the_default_window_ends_after_48_hours():
    """Only period 9 is everything."""
    source = world(10, every=timedelta(hours=12))
    assert len(matches(source, period_id="-2", limit="100")["data"]) == 4
    assert len(matches(source, limit="100")["data"]) == 10


def test_what_has_kicked_off_is_another_hosts():
    """The prematch list ends with the kickoff."""
    source = world(2)
    source.at = source.listed[0].kickoff_at
    assert [row["parent_match_id"] for row in matches(source)["data"]] == [source.listed[1].sportradar_id]


def test_sports_are_listed():
    """Football is 14."""
    assert {"sport_id": "14", "sport_name": "Soccer"} in json.loads(ask(world(), "/v1/sports").body)["data"]


# --- recorded answers ------------------------------------------------------------------------------------------


@pytest.mark.payloads
@pytest.mark.parametrize("name", ["prematch.json", "markets.json"])
async def test_a_recorded_detail_is_served_with_its_kickoff_moved(name):
    """The market types that are asked for, every price as it was."""
    kickoff = START + timedelta(days=1)
    body = payload("betika", name)
    event = SIMULATOR.read_recorded(SIMULATOR.with_kickoff(body, kickoff))
    assert event is not None
    assert (event.kickoff_at, event.sport) == (kickoff, "football")
    source = FixedSource([event])
    assert await read(source) == msgspec.structs.replace(BETIKA.parse_event(body), kickoff_at=kickoff)
    assert [row["match_id"] for row in matches(source)["data"]] == [event.event_id.partition(":")[0]]


@pytest.mark.payloads
async def test_parts_as_the_product_joins_them_are_served_too():
    """A joined detail is a recorded one; every part's kickoff moves."""
    kickoff = START + timedelta(days=1)
    parts = joined([payload("betika", "markets.json")] * 2)
    event = SIMULATOR.read_recorded(SIMULATOR.with_kickoff(parts, kickoff))
    assert event is not None
    expected = msgspec.structs.replace(BETIKA.parse_event(parts), kickoff_at=kickoff)
    assert await read(FixedSource([event])) == expected


@pytest.mark.payloads
@pytest.mark.parametrize(
    ("bookmaker", "name"),
    [("betika", "live.json"), ("betway", "prematch.json"), ("sportybet", "prematch.json")],
)
def test_what_is_no_prematch_detail_of_betika_is_not_served(bookmaker, name):
    """A running match, or another bookmaker's answer."""
    assert SIMULATOR.read_recorded(payload(bookmaker, name)) is None


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"<html>", b'{"data":[]}'])
def test_what_cannot_be_read_is_not_served(body):
    """Nor is an empty list."""
    assert SIMULATOR.read_recorded(body) is None
