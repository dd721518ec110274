"""Betway's requests, its lists and the end of their pages."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from overround.bookmakers.base import InParts, Window
from overround.bookmakers.betway.client import EVENTS_PER_PAGE, Betway, listed_events, read_list
from overround.config import packaged_catalogue
from overround.errors import BookmakerUnavailable, ConfigError, EventGone, PayloadChanged
from tests.bookmakers.betway.server import BETWAY, simulated_server, world
from tests.support.clock import START
from tests.support.parts import whole_detail

CATALOGUE = packaged_catalogue()
WEEK = Window(START, START + timedelta(days=7))


def row(**fields):
    return {
        "eventId": 68995116,
        "expectedStartEpoch": 1778065200,
        "homeTeam": "Home",
        "awayTeam": "Away",
        "sportId": "soccer",
        "regionId": "china",
        "region": "China",
        "league": "Super League",
    } | fields


def listed(*rows, final=True):
    return listed_events(read_list(json.dumps({"events": rows, "isFinalPage": final}).encode()))


# --- requests --------------------------------------------------------------------------------------------------


def test_a_detail_begins_with_the_header():
    """The path as the site has it, country in capitals."""
    request = Betway(CATALOGUE, country="gh").event_request("68995116")
    assert request.url == (
        "https://feeds-roa2.betwayafrica.com/br/_apis/sport/v3/Feeds/Events/EventAndGameState"
        "?eventId=68995116&countryCode=GH"
    )
    assert (request.kind, request.method, dict(request.headers)) == (
        "event",
        "GET",
        {"accept": "application/json"},
    )


def test_pages_of_markets_follow_until_a_short_one():
    """A hundred at a time; isinstance tells the coordinator to ask for them."""
    assert isinstance(BETWAY, InParts)
    header, full, short = b'{"sportEvent":{}}', page_of(100), page_of(99)
    header = json.dumps({"sportEvent": header_fields()}).encode()
    second = BETWAY.further_request("1", [header])
    third = BETWAY.further_request("1", [header, full])
    assert second is not None
    assert third is not None
    query = parse_qs(urlsplit(second.url).query, keep_blank_values=True)
    assert query == {
        "eventId": ["1"],
        "marketGroupId": [" "],
        "countryCode": ["NG"],
        "cultureCode": ["en-US"],
        "skip": ["0"],
        "take": ["100"],
        "isBuildABetOnly": ["false"],
        "searchQuery": [""],
    }
    assert "marketGroupId=%20&" in second.url
    assert parse_qs(urlsplit(third.url).query)["skip"] == ["100"]
    assert BETWAY.further_request("1", [header, full, short]) is None
    assert BETWAY.further_request("1", [header, full, page_of(0)]) is None


def page_of(count):
    market = {"subscriptionId": 1, "isActive": True, "isSuspended": False}
    return json.dumps({"marketsInGroup": [market | {"marketId": f"1{n}"} for n in range(count)]}).encode()


def header_fields():
    return row(isActive=True, isLive=False, isFinished=False)


def test_nothing_more_is_asked_of_an_event_that_is_gone():
    """The parser says so of the header alone."""
    gone = b'{"sportEvent":null}'
    assert BETWAY.further_request("1", [gone]) is None
    with pytest.raises(EventGone):
        BETWAY.parse_event(b"[" + gone + b"]")


@pytest.mark.parametrize("parts", [[b""], [b"<html>"], [b"{}", b"{}"], [b"{}", b'{"marketsInGroup":null}']])
def test_a_part_in_another_shape_ends_the_detail(parts):
    """Nobody can tell whether more is to come; a dead country answers nothing at all."""
    with pytest.raises(PayloadChanged):
        BETWAY.further_request("1", parts)


def test_a_country_that_betway_does_not_serve_is_refused():
    """Kenya and Uganda were left."""
    with pytest.raises(ConfigError, match="Betway does not serve 'ke'"):
        Betway(CATALOGUE, country="ke")


# --- lists -----------------------------------------------------------------------------------------------------


def test_a_listed_match_has_its_header():
    """The id is the Sportradar id."""
    (event,) = listed(row())
    assert (event.event_id, event.sportradar_id) == ("68995116", "68995116")
    assert (event.home, event.away, event.country, event.competition) == (
        "Home",
        "Away",
        "China",
        "Super League",
    )
    assert event.kickoff_at.isoformat() == "2026-05-06T11:00:00+00:00"


@pytest.mark.parametrize(
    "other",
    [
        {"regionId": "esoccer"},
        {"sportId": "basketball"},
        {"isLive": True},
        {"isFinished": True},
        {"expectedStartEpoch": 0},
        {"isOutright": True, "homeTeam": None, "expectedStartEpoch": None},
    ],
)
def test_what_is_no_upcoming_football_match_is_left_out(other):
    """Video games, other sports, running and finished matches, outrights."""
    assert [event.event_id for event in listed(row(**other), row(eventId="2"))] == ["2"]


@pytest.mark.parametrize(
    "broken",
    [
        {"homeTeam": ""},
        {"awayTeam": None},
        {"expectedStartEpoch": None},
        {"expectedStartEpoch": 10**17},
        {"expectedStartEpoch": 1_778_065_200_000},
    ],
)
def test_a_match_without_kickoff_or_teams_fails_the_list(broken):
    """Half a list is never believed."""
    with pytest.raises(PayloadChanged):
        listed(row(**broken))


@pytest.mark.parametrize(
    "body", [b"", b" ", b"[]", b"{}", b'{"events":[]}', b'{"events":null,"isFinalPage":true}']
)
def test_another_shape_of_a_list_is_payload_changed(body):
    """Without isFinalPage nobody can tell whether more is to come."""
    with pytest.raises(PayloadChanged):
        read_list(body)


# --- discovery -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
async def test_discovery_finds_every_event_once(count):
    """Whatever the last page's size."""
    source = world(count)
    server = simulated_server(source)
    found = await BETWAY.discover(server, WEEK)
    assert [event.event_id for event in found] == [event.event_id for event in source.listed]
    assert len(server.requests) == max(1, -(-count // EVENTS_PER_PAGE))


async def test_a_server_that_gives_fewer_than_asked_for_is_read_to_its_end():
    """The next page begins where the last one ended."""
    source = world(50)
    server = simulated_server(source)

    def answer(request):
        return type(server).answer(server, type(request)(**{
            **{name: getattr(request, name) for name in request.__struct_fields__},
            "url": request.url.replace("Take=100", "Take=20"),
        }))  # fmt: skip

    server.answer = answer
    assert len(await BETWAY.discover(server, WEEK)) == 50
    assert [parse_qs(urlsplit(request.url).query)["Skip"] for request in server.requests] == [
        ["0"],
        ["20"],
        ["40"],
    ]


async def test_discovery_keeps_to_the_window():
    """The list itself has no bounds."""
    source = world(10)
    until = source.listed[3].kickoff_at
    found = await BETWAY.discover(simulated_server(source), Window(START, until))
    assert [event.event_id for event in found] == [event.event_id for event in source.listed[:3]]


@pytest.mark.parametrize("events", [[], [row()]])
async def test_a_list_that_never_ends_is_payload_changed(events):
    """Empty or repeated pages that are not the last."""
    server = simulated_server(world())
    server.change = lambda request, body: json.dumps({"events": events, "isFinalPage": False}).encode()
    with pytest.raises(PayloadChanged, match="nothing new"):
        await BETWAY.discover(server, WEEK)


async def test_one_failing_page_fails_the_discovery():
    """Half a list is never returned as a whole one."""
    server = simulated_server(world(150))

    def fail(request, body):
        if "Skip=100" in request.url:
            raise BookmakerUnavailable("betway", request.operation, "HTTP 500")
        return body

    server.change = fail
    with pytest.raises(BookmakerUnavailable):
        await BETWAY.discover(server, WEEK)


async def test_a_detail_of_several_pages_is_read_whole():
    """More than a hundred rows take two pages."""
    source = world(filler=150)
    server = simulated_server(source)
    parsed = BETWAY.parse_event(await whole_detail(BETWAY, server, source.listed[0].event_id))
    assert len(server.requests) == 3
    assert parsed.unmapped[0].outcomes == 450
