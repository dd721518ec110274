"""SportyBet's requests and discovery, against its simulated server in process."""

import json
from datetime import timedelta

import msgspec
import pytest

from overround.bookmakers.base import Window
from overround.bookmakers.sportybet.client import COUNTRIES, SportyBet, read_list, read_tree
from overround.config import packaged_catalogue
from overround.errors import BookmakerUnavailable, ConfigError, PayloadChanged
from tests.support.clock import START
from tests.support.price_source import FixedSource, simulated_events
from tests.support.sportybet_server import BASE_URL, simulated_server

CATALOGUE = packaged_catalogue()
DAY = Window(START, START + timedelta(days=1))


def own_id(sportradar_id):
    return f"sr:match:{sportradar_id}"


def sportybet(country="ng"):
    return SportyBet(CATALOGUE, BASE_URL, country)


def server(events):
    return simulated_server(FixedSource(events))


def answer(data):
    return json.dumps({"bizCode": 10000, "message": "0#0", "data": data}).encode()


def row(**fields):
    return {
        "eventId": "sr:match:1",
        "estimateStartTime": 1795521600000,
        "homeTeamName": "Home",
        "awayTeamName": "Away",
    } | fields


# --- requests ------------------------------------------------------------------------------------------------------


def test_an_event_is_asked_for_at_the_countrys_path():
    """The real host unless a base URL stands in for it; the path is the same."""
    path = "/api/ke/factsCenter/event?eventId=sr:match:68995116&productId=3"
    real = SportyBet(CATALOGUE, "", "ke").event_request("sr:match:68995116")
    assert real.url == "https://www.sportybet.com" + path
    assert sportybet("ke").event_request("sr:match:68995116").url == BASE_URL + path
    assert real.headers == {"clientid": "web", "platform": "web", "operid": "2", "accept-language": "en"}
    assert (real.operation, real.kind, real.method) == ("factsCenter/event", "event", "GET")


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_country_it_serves_is_accepted(country):
    """Seven sites."""
    assert f"/api/{country}/" in SportyBet(CATALOGUE, "", country).event_request("sr:match:1").url


def test_a_country_it_does_not_serve_stops_the_start():
    """One sentence names the variable and the choice."""
    with pytest.raises(ConfigError, match=r"OVERROUND_SPORTYBET_COUNTRY: .*'ug'.*ng, gh"):
        SportyBet(CATALOGUE, "", "ug")


async def test_a_detail_request_is_answered_by_the_event():
    """What discovery lists can be asked for and read."""
    world = server(simulated_events(1, own_id))
    client = sportybet()
    (listed,) = await client.discover(world, DAY)
    assert client.parse_event(await world(client.event_request(listed.event_id))).home == listed.home


# --- discovery -------------------------------------------------------------------------------------------------------


async def test_discovery_lists_every_event_of_the_window_with_what_is_known():
    """Ids, teams, kickoff, country and competition come from the lists."""
    events = simulated_events(30, own_id)
    listed = await sportybet().discover(server(events), DAY)
    assert sorted((e.event_id, e.sportradar_id, e.home, e.away, e.kickoff_at, e.country, e.competition) for e in listed) == [
        (e.event_id, e.sportradar_id, e.home, e.away, e.kickoff_at, e.country, e.competition) for e in events
    ]  # fmt: skip


async def test_tournaments_are_asked_for_twenty_at_a_time():
    """45 tournaments are three bodies besides the tree."""
    world = server(simulated_events(90, own_id, every=timedelta(minutes=5), competitions=45))
    listed = await sportybet().discover(world, DAY)
    assert len(listed) == 90
    asked = [
        json.loads(request.body) for request in world.requests if request.operation == "factsCenter/pcEvents"
    ]
    assert [len(tournaments) for [query] in asked for tournaments in query["tournamentId"]] == [20, 20, 5]
    assert world.requests[0].operation == "factsCenter/popularAndSportList"
    assert all(request.kind == "list" for request in world.requests)
    assert world.requests[1].headers["content-type"] == "application/json"


async def test_events_outside_the_window_or_of_other_sports_are_left_out():
    """start <= kickoff < end; football only."""
    inside, before, at_end, other = simulated_events(4, own_id)
    events = [
        inside,
        msgspec.structs.replace(before, kickoff_at=START - timedelta(seconds=1)),
        msgspec.structs.replace(at_end, kickoff_at=DAY.end),
        msgspec.structs.replace(other, sport="basketball"),
    ]
    assert [event.event_id for event in await sportybet().discover(server(events), DAY)] == [inside.event_id]


async def test_an_event_listed_twice_counts_once():
    """The same match under two tournaments."""
    world = server(simulated_events(3, own_id))
    once = await sportybet().discover(world, DAY)
    world.change = lambda request, body: (
        answer(json.loads(body)["data"] * 2) if request.method == "POST" else body
    )
    assert await sportybet().discover(world, DAY) == once


async def test_no_tournament_is_an_empty_list():
    """Whether to believe it is not for the client to say."""
    assert await sportybet().discover(server([]), DAY) == []


@pytest.mark.parametrize("broken", [b"<html></html>", b'{"bizCode":19000,"message":"Invalid"}', answer(None)])
@pytest.mark.parametrize("operation", ["factsCenter/popularAndSportList", "factsCenter/pcEvents"])
async def test_one_bad_answer_fails_the_discovery(operation, broken):
    """Half a list is never returned as a whole one."""
    world = server(simulated_events(90, own_id, competitions=45))

    def spoil_the_last(request, body):
        last = request.operation == operation and (request.method == "GET" or len(world.requests) == 4)
        return broken if last else body

    world.change = spoil_the_last
    with pytest.raises(PayloadChanged):
        await sportybet().discover(world, DAY)


async def test_a_request_that_fails_fails_the_discovery_as_itself():
    """The coordinator sees the bookmaker's error, not a group of errors."""
    world = server(simulated_events(90, own_id, competitions=45))

    def fail(request, body):
        if request.method == "POST":
            raise BookmakerUnavailable("sportybet", request.operation, "timeout")
        return body

    world.change = fail
    with pytest.raises(BookmakerUnavailable):
        await sportybet().discover(world, DAY)


# --- reading of lists --------------------------------------------------------------------------------------------------


def test_the_tree_is_read_in_both_known_shapes():
    """Sports that hold categories, and categories at the top."""
    categories = [
        {"id": "sr:category:1", "name": "England", "tournaments": [{"id": "sr:tournament:17", "name": "Premier League"}]},
        {"id": "sr:category:2", "name": "Empty", "tournaments": None},
    ]  # fmt: skip
    sports = [
        {"id": "sr:sport:1", "name": "Football", "categories": categories},
        {"id": "sr:sport:2", "categories": [{"id": "c", "tournaments": [{"id": "sr:tournament:99"}]}]},
    ]
    expected = {"sr:tournament:17": ("England", "Premier League")}
    assert read_tree(answer({"sportList": sports})) == expected
    assert read_tree(answer({"sportList": categories})) == expected


@pytest.mark.parametrize("data", [None, {}, [], {"sportList": None}, {"sportList": [1]}])
def test_a_tree_of_another_shape_is_payload_changed(data):
    """Not an empty one."""
    with pytest.raises(PayloadChanged):
        read_tree(answer(data))


def test_a_row_without_its_place_takes_it_from_the_tree():
    """Country and competition may stand in the tree only."""
    listed = [{"id": "sr:tournament:17", "events": [row()]}]
    (event,) = read_list(answer(listed), {"sr:tournament:17": ("England", "Premier League")})
    assert (event.country, event.competition, event.genius_id) == ("England", "Premier League", None)


@pytest.mark.parametrize(
    "fields",
    [
        {"eventId": "sr:season:118689", "homeTeamName": "", "estimateStartTime": None},
        {"status": 1},
        {"status": 3},
        {"estimateStartTime": 0},
        {"sport": {"id": "sr:sport:2", "name": "Basketball"}},
    ],
)
def test_outrights_running_matches_and_other_sports_are_left_out(fields):
    """They are no upcoming football match."""
    assert read_list(
        answer([{"id": "t", "events": [row(**fields), row(eventId="sr:match:2")]}]), {}
    ) == read_list(answer([{"id": "t", "events": [row(eventId="sr:match:2")]}]), {})


@pytest.mark.parametrize(
    "fields",
    [{"estimateStartTime": None}, {"estimateStartTime": 10**18}, {"estimateStartTime": 1_778_065_200}, {"homeTeamName": ""}, {"awayTeamName": " "}, {"eventId": 1}],
)  # fmt: skip
def test_a_match_without_kickoff_or_teams_fails_the_list(fields):
    """Leaving it out would make a short list look whole."""
    with pytest.raises(PayloadChanged):
        read_list(answer([{"id": "t", "events": [row(**fields)]}]), {})
