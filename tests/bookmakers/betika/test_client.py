"""Betika's requests, its lists and the end of their pages."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from overround.bookmakers.base import InParts, Window
from overround.bookmakers.betika.client import (
    MATCHES_PER_PAGE,
    SUB_TYPES_PER_REQUEST,
    Betika,
    listed_events,
    read_list,
)
from overround.config import packaged_catalogue
from overround.errors import BookmakerUnavailable, ConfigError, PayloadChanged
from tests.bookmakers.betika.server import BETIKA, simulated_server, world
from tests.support.clock import START

CATALOGUE = packaged_catalogue()
WEEK = Window(START, START + timedelta(days=7))


def row(**fields):
    return {
        "match_id": "10846988",
        "competition_id": "222",
        "parent_match_id": "70784812",
        "home_team": "Home",
        "away_team": "Away",
        "start_time": "2026-05-13 22:00:00",
        "sport_id": "14",
        "competition_name": "Premier League",
        "category": "England",
        "is_esport": False,
        "is_srl": False,
    } | fields


def list_body(*rows, total=None):
    return json.dumps({"data": rows, "meta": {"total": str(len(rows)) if total is None else total}}).encode()


def listed(*rows):
    return listed_events(read_list(list_body(*rows))[0])


def query(request):
    return parse_qs(urlsplit(request.url).query)


# --- requests --------------------------------------------------------------------------------------------------


def test_a_detail_names_match_and_competition():
    """The match id alone repeats; without period_id=9 the answer ends 48 hours ahead."""
    request = Betika(CATALOGUE).event_request("10846988:222")
    asked = query(request)
    assert request.url.startswith("https://api.betika.com/v1/uo/matches?sport_id=14&period_id=9&")
    assert (asked["match_id"], asked["competition_id"], asked["limit"]) == (["10846988"], ["222"], ["1"])
    assert (request.kind, request.method, dict(request.headers)) == (
        "event",
        "GET",
        {"accept": "application/json"},
    )


def test_the_calls_of_a_detail_ask_for_every_market_type_of_the_catalogue_once():
    """In comma lists of bounded length."""
    assert isinstance(BETIKA, InParts)
    requests, part = [BETIKA.event_request("1:2")], b'{"data":[]}'
    while (further := BETIKA.further_request("1:2", [part] * len(requests))) is not None:
        requests.append(further)
    asked = [query(request)["sub_type_id"][0].split(",") for request in requests]
    assert all(len(each) <= SUB_TYPES_PER_REQUEST for each in asked)
    known = {their_id for sport, their_id in CATALOGUE.rules("betika") if sport == "football"}
    assert sorted(sub_type for each in asked for sub_type in each) == sorted(known)
    assert all("%2C" not in request.url and len(request.url) < 400 for request in requests)


def test_a_part_in_another_shape_ends_the_detail():
    """A page or an error is no answer."""
    with pytest.raises(PayloadChanged):
        BETIKA.further_request("1:2", [b"<html>"])


@pytest.mark.parametrize("country", ["ke", "ug", "tz", "mw", "gh"])
def test_countries_change_nothing(country):
    """One API for all of them."""
    assert Betika(CATALOGUE, country=country).event_request("1:2") == Betika(CATALOGUE).event_request("1:2")


def test_a_country_that_betika_does_not_serve_is_refused():
    """Nigeria, for one."""
    with pytest.raises(ConfigError, match="Betika does not serve 'ng'"):
        Betika(CATALOGUE, country="ng")


# --- lists -----------------------------------------------------------------------------------------------------


def test_a_listed_match_has_its_header():
    """Kickoff in UTC, three hours before what is printed."""
    (event,) = listed(row())
    assert (event.event_id, event.sportradar_id) == ("10846988:222", "70784812")
    assert (event.home, event.away, event.country, event.competition) == (
        "Home",
        "Away",
        "England",
        "Premier League",
    )
    assert event.kickoff_at.isoformat() == "2026-05-13T19:00:00+00:00"


@pytest.mark.parametrize("other", [{"is_esport": True}, {"is_esport": 1}, {"is_srl": True}, {"sport_id": 28}])
def test_what_no_people_play_is_left_out(other):
    """Video games, simulated leagues, other sports."""
    assert [event.event_id for event in listed(row(**other), row(match_id=2))] == ["2:222"]


def test_a_match_id_may_repeat_in_another_competition():
    """They are two events."""
    assert [event.event_id for event in listed(row(), row(competition_id=9))] == [
        "10846988:222",
        "10846988:9",
    ]


@pytest.mark.parametrize(
    "broken",
    [{"home_team": ""}, {"away_team": None}, {"start_time": None}, {"start_time": "13.05.2026 22:00"}],
)
def test_a_match_without_kickoff_or_teams_fails_the_list(broken):
    """Half a list is never believed."""
    with pytest.raises(PayloadChanged):
        listed(row(**broken))


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"data":[]}', b'{"data":null,"meta":{"total":"0"}}',
     list_body(row(), total="many"), list_body(row(), total="-1"), list_body(row(), total=None)[:-1]],
)  # fmt: skip
def test_another_shape_of_a_list_is_payload_changed(body):
    """Without a total nobody can tell whether more is to come."""
    with pytest.raises(PayloadChanged):
        read_list(body)


@pytest.mark.parametrize("total", ["655", 655])
def test_the_total_is_text_or_a_number(total):
    """Text before kickoff, a number on the live host."""
    assert read_list(list_body(total=total))[1] == 655


# --- discovery -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
async def test_discovery_finds_every_match_once(count):
    """Whatever the last page's size, and beyond the 48 hours of the default window."""
    source = world(count, every=timedelta(minutes=30))
    server = simulated_server(source)
    found = await BETIKA.discover(server, WEEK)
    assert [event.event_id for event in found] == [event.event_id for event in source.listed]
    assert len(server.requests) == max(1, -(-count // MATCHES_PER_PAGE))


async def test_discovery_keeps_to_the_window():
    """The list itself has no bounds."""
    source = world(10)
    found = await BETIKA.discover(simulated_server(source), Window(START, source.listed[3].kickoff_at))
    assert [event.event_id for event in found] == [event.event_id for event in source.listed[:3]]


async def test_a_match_that_begins_meanwhile_does_not_fail_the_list():
    """The total shrinks with the list."""
    source = world(150)
    server = simulated_server(source)

    def begin(request, body):
        source.at = source.listed[0].kickoff_at
        return body

    server.change = begin
    assert len(await BETIKA.discover(server, WEEK)) == 149


async def test_a_list_that_ends_before_its_total_is_payload_changed():
    """Half a list is never returned as a whole one."""
    server = simulated_server(world(50))
    server.change = lambda request, body: body.replace(b'"total": "50"', b'"total": "655"')
    with pytest.raises(PayloadChanged, match="ends after 50 of 655"):
        await BETIKA.discover(server, WEEK)


async def test_one_failing_page_fails_the_discovery():
    """Whichever it is."""
    server = simulated_server(world(150))

    def fail(request, body):
        if "page=2" in request.url:
            raise BookmakerUnavailable("betika", request.operation, "HTTP 500")
        return body

    server.change = fail
    with pytest.raises(BookmakerUnavailable):
        await BETIKA.discover(server, WEEK)
