"""MSport's requests and discovery, against its simulated server in process."""

import json
from datetime import timedelta

import msgspec
import pytest

from overround.bookmakers.base import Window
from overround.bookmakers.msport.client import MAX_PAGES, OPERATORS, MSport, read_page
from overround.config import packaged_catalogue
from overround.errors import BookmakerUnavailable, ConfigError, PayloadChanged
from tests.support.clock import START
from tests.support.msport_server import BASE_URL, simulated_server
from tests.support.price_source import FixedSource, simulated_events

CATALOGUE = packaged_catalogue()
DAY = Window(START, START + timedelta(days=1))
LIST = "sports-matches-list"


def own_id(sportradar_id):
    return f"sr:match:{sportradar_id}"


def msport(country="ng"):
    return MSport(CATALOGUE, BASE_URL, country)


def server(events):
    return simulated_server(FixedSource(events))


def many(count):
    return simulated_events(count, own_id, every=timedelta(minutes=2), competitions=9)


def answer(data):
    return json.dumps({"bizCode": 10000, "message": "success", "innerMsg": None, "data": data}).encode()


def row(**fields):
    return {
        "eventId": "sr:match:1",
        "startTime": 1795521600000,
        "homeTeam": "Home",
        "awayTeam": "Away",
        "status": 0,
    } | fields


def page(*rows, cursor=None, **tournament):
    return answer({"tournaments": [{"events": list(rows), **tournament}], "lastEventId": cursor})


# --- requests ------------------------------------------------------------------------------------------------------


def test_an_event_is_asked_for_at_the_countrys_path_with_its_operid():
    """The real host unless a base URL stands in for it; the path is the same."""
    path = "/api/ke/facts-center/query/frontend/match/detail?eventId=sr:match:68995116&productId=3"
    real = MSport(CATALOGUE, "", "ke").event_request("sr:match:68995116")
    assert real.url == "https://www.msport.com" + path
    assert msport("ke").event_request("sr:match:68995116").url == BASE_URL + path
    assert real.headers == {"clientid": "web", "platform": "web", "operid": "1"}
    assert (real.operation, real.kind, real.method) == ("match/detail", "event", "GET")


@pytest.mark.parametrize(
    ("country", "operid"), [("ng", "2"), ("gh", "3"), ("ke", "1"), ("ug", "4"), ("zm", "5")]
)
def test_each_country_has_its_operid(country, operid):
    """With another one the site answers 19000."""
    request = MSport(CATALOGUE, "", country).event_request("sr:match:1")
    assert f"/api/{country}/" in request.url
    assert request.headers["operid"] == operid
    assert len(OPERATORS) == 5


def test_a_country_it_does_not_serve_stops_the_start():
    """One sentence names the variable and the choice."""
    with pytest.raises(ConfigError, match=r"OVERROUND_MSPORT_COUNTRY: .*'tz'.*ng, gh"):
        MSport(CATALOGUE, "", "tz")


@pytest.mark.parametrize("country", OPERATORS)
async def test_what_is_listed_can_be_asked_for_and_read(country):
    """In every country, lists and details alike."""
    world, client = server(simulated_events(1, own_id)), msport(country)
    (listed,) = await client.discover(world, DAY)
    assert client.parse_event(await world(client.event_request(listed.event_id))).home == listed.home


# --- discovery -------------------------------------------------------------------------------------------------------


async def test_discovery_lists_every_event_of_the_window_with_what_is_known():
    """Ids, teams, kickoff, country and competition come from the list."""
    events = simulated_events(30, own_id)
    listed = await msport().discover(server(events), DAY)
    assert sorted((e.event_id, e.sportradar_id, e.home, e.away, e.kickoff_at, e.country, e.competition) for e in listed) == [
        (e.event_id, e.sportradar_id, e.home, e.away, e.kickoff_at, e.country, e.competition) for e in events
    ]  # fmt: skip


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (99, 2), (100, 2), (101, 3), (450, 6)])
async def test_the_cursor_leads_through_all_pages(count, pages):
    """Each page names its last event; an empty one is the end."""
    world = server(many(count))
    listed = await msport().discover(world, DAY)
    assert len({event.event_id for event in listed}) == len(listed) == count
    assert len(world.requests) == pages
    assert all(request.kind == "list" and request.operation == LIST for request in world.requests)
    assert "lastEventId" not in world.requests[0].url


async def test_a_cursor_that_stays_is_the_end():
    """The site may repeat its last page."""
    world = server([])
    world.change = lambda request, body: page(
        row(startTime=int(START.timestamp() * 1000)), cursor="sr:match:1"
    )
    assert [event.event_id for event in await msport().discover(world, DAY)] == ["sr:match:1"]
    assert len(world.requests) == 2


async def test_a_cursor_that_never_ends_fails_the_discovery():
    """Nobody asks for ever."""
    world = server([])
    world.change = lambda request, body: page(row(), cursor=f"sr:match:{len(world.requests)}")
    with pytest.raises(PayloadChanged, match="more than 200 pages"):
        await msport().discover(world, DAY)
    assert len(world.requests) == MAX_PAGES


async def test_events_outside_the_window_or_of_other_sports_are_left_out():
    """start <= kickoff < end; football only."""
    inside, before, at_end, other = simulated_events(4, own_id)
    events = [
        inside,
        msgspec.structs.replace(before, kickoff_at=START - timedelta(seconds=1)),
        msgspec.structs.replace(at_end, kickoff_at=DAY.end),
        msgspec.structs.replace(other, sport="basketball"),
    ]
    assert [event.event_id for event in await msport().discover(server(events), DAY)] == [inside.event_id]


@pytest.mark.parametrize(
    "broken", [b"<html></html>", b'{"bizCode":19000,"message":"invalid operId"}', answer(None)]
)
@pytest.mark.parametrize("bad_page", [1, 3])
async def test_one_bad_page_fails_the_discovery(bad_page, broken):
    """Half a list is never returned as a whole one."""
    world = server(many(250))
    world.change = lambda request, body: broken if len(world.requests) == bad_page else body
    with pytest.raises(PayloadChanged):
        await msport().discover(world, DAY)


async def test_a_request_that_fails_fails_the_discovery_as_itself():
    """The coordinator sees the bookmaker's error."""
    world = server(many(250))

    def fail(request, body):
        if len(world.requests) == 2:
            raise BookmakerUnavailable("msport", request.operation, "timeout")
        return body

    world.change = fail
    with pytest.raises(BookmakerUnavailable):
        await msport().discover(world, DAY)


# --- reading of lists --------------------------------------------------------------------------------------------------


def test_a_row_without_its_place_takes_it_from_the_tournament():
    """Country and competition may stand above the events only."""
    (event,), cursor = read_page(page(row(), cursor="c", category="England", tournament="Premier League"))
    assert (event.country, event.competition, event.genius_id) == ("England", "Premier League", None)
    assert cursor == "c"


@pytest.mark.parametrize(
    "data",
    [{"tournaments": []}, {"tournaments": None}, {"tournaments": [{"events": None}], "lastEventId": "x"}],
)
def test_a_page_without_a_row_is_the_last(data):
    """Whatever cursor it names."""
    assert read_page(answer(data)) == ([], "")


@pytest.mark.parametrize(
    "data", [None, {}, [], {"tournaments": {}}, {"tournaments": [1]}, {"lastEventId": "x"}]
)
def test_a_page_of_another_shape_is_payload_changed(data):
    """Not an empty one."""
    with pytest.raises(PayloadChanged):
        read_page(answer(data))


@pytest.mark.parametrize(
    "fields",
    [
        {"eventId": "sr:season:118689", "homeTeam": None, "startTime": None},
        {"status": 1},
        {"startTime": 0},
        {"sportId": "sr:sport:2"},
    ],
)
def test_outrights_running_matches_and_other_sports_are_left_out(fields):
    """They are no upcoming football match."""
    other = row(eventId="sr:match:2", sportId="sr:sport:1")
    assert read_page(page(row(**fields), other)) == read_page(page(other))


@pytest.mark.parametrize(
    "fields",
    [{"startTime": None}, {"startTime": 10**18}, {"startTime": 1_778_065_200}, {"startTime": "2026-05-06"}, {"homeTeam": ""}, {"awayTeam": " "}, {"homeTeam": None}, {"eventId": 1}],
)  # fmt: skip
def test_a_match_without_kickoff_or_teams_fails_the_list(fields):
    """Leaving it out would make a short list look whole."""
    with pytest.raises(PayloadChanged):
        read_page(page(row(**fields)))
