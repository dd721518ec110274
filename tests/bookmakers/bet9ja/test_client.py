"""Discovery and requests of Bet9ja, against its simulated server in process."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from overround.bookmakers.base import Bookmaker, Request, Window
from overround.bookmakers.bet9ja.client import HOST, Bet9ja
from overround.bookmakers.bet9ja.simulator import group_id_of
from overround.config import packaged_catalogue
from overround.domain.events import ListedEvent
from overround.errors import BookmakerUnavailable, ConfigError, PayloadChanged
from tests.bookmakers.bet9ja.server import BASE_URL, simulated_server
from tests.support.clock import START
from tests.support.price_source import FixedSource, simulated_events
from tests.support.simulated_ask import SimulatedAsk

WINDOW = Window(START, START + timedelta(hours=168))
CLIENT = Bet9ja(packaged_catalogue(), BASE_URL)


def world(count: int, competitions: int = 3) -> SimulatedAsk:
    server = simulated_server(FixedSource([]))
    server.source.listed = simulated_events(count, server.simulator.own_id, competitions=competitions)
    return server


def listed(event) -> ListedEvent:
    """Return the row that discovery must make of a simulated event."""
    return ListedEvent(
        event_id=event.event_id,
        sportradar_id=event.sportradar_id,
        kickoff_at=event.kickoff_at,
        home=event.home,
        away=event.away,
        country=event.country,
        competition=event.competition,
        group=str(group_id_of(event)),
    )


async def test_every_event_of_the_world_is_discovered():
    """One tree, one list per competition, every field of every row."""
    server = world(120, competitions=8)
    events = await CLIENT.discover(server, WINDOW)
    assert sorted(events, key=lambda e: e.event_id) == [listed(event) for event in server.source.listed]
    assert [request.operation for request in server.requests] == ["GetSports"] + ["GetEventsInGroupV2"] * 8


async def test_only_kickoffs_in_the_window_are_returned():
    """The lists take no times, so the window is ours to hold."""
    server = world(40)
    window = Window(START + timedelta(hours=3), START + timedelta(hours=5))
    events = await CLIENT.discover(server, window)
    expected = [listed(event) for event in server.source.listed if window.holds(event.kickoff_at)]
    assert len(expected) == 8
    assert sorted(events, key=lambda e: e.event_id) == expected


async def test_other_sports_stay_in_their_own_lists():
    """Football is collected; a basketball event is in the tree and is not asked for."""
    server = world(4, competitions=1)
    server.source.listed[0] = msgspec.structs.replace(server.source.listed[0], sport="basketball")
    events = await CLIENT.discover(server, WINDOW)
    assert len(events) == 3
    assert len(server.requests) == 2


async def test_an_event_in_two_lists_is_one_event():
    """Whatever the tree says, an own id is one event."""
    server = world(2, competitions=2)
    lists = {}

    def same_list_everywhere(request: Request, body: bytes) -> bytes:
        return body if request.operation == "GetSports" else lists.setdefault("first", body)

    server.change = same_list_everywhere
    assert len(await CLIENT.discover(server, WINDOW)) == 1
    assert len(server.requests) == 3


async def test_lists_are_asked_at_once():
    """The limiter bounds what is on the wire; discovery must not wait for one list after the other."""
    server = world(30, competitions=10)
    waiting, all_asked = [], asyncio.Event()

    async def ask(request: Request) -> bytes:
        if request.operation != "GetSports":
            waiting.append(request)
            if len(waiting) == 10:
                all_asked.set()
            await all_asked.wait()
        return await server(request)

    async with asyncio.timeout(5):
        assert len(await CLIENT.discover(ask, WINDOW)) == 30


async def test_a_failing_list_fails_the_discovery_and_stops_the_others():
    """Half a list is never returned as a whole one, and no request is left behind."""
    server = world(30, competitions=10)
    stopped = []

    async def ask(request: Request) -> bytes:
        if request.operation == "GetSports":
            return await server(request)
        if not stopped and len(server.requests) == 1:
            server.requests.append(request)
            raise BookmakerUnavailable("bet9ja", request.operation, "reset")
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(request)
        return b""

    with pytest.raises(BookmakerUnavailable):
        await CLIENT.discover(ask, WINDOW)
    assert len(stopped) <= 9
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize("operation", ["GetSports", "GetEventsInGroupV2"])
@pytest.mark.parametrize("body", [b"<html></html>", b'{"R":"E"}', b'{"R":"OK","D":false}', b""])
async def test_a_page_instead_of_a_list_fails_the_discovery(operation, body):
    """A tree or list of another shape is never an empty one."""
    server = world(6)
    server.change = lambda request, said: body if request.operation == operation else said
    with pytest.raises(PayloadChanged) as caught:
        await CLIENT.discover(server, WINDOW)
    assert caught.value.operation == operation


async def test_an_event_is_asked_for_by_its_own_id():
    """The detail request leads to the same event that the list named."""
    server = world(3)
    event = server.source.listed[1]
    request = CLIENT.event_request(event.event_id)
    assert (request.operation, request.kind, request.method) == ("GetEvent", "event", "GET")
    parsed = CLIENT.parse_event(await server(request))
    assert (parsed.event_id, parsed.sportradar_id) == (event.event_id, event.sportradar_id)


def test_without_a_base_url_the_real_host_is_asked():
    """A base URL replaces the host and keeps the path."""
    real, other = (
        urlsplit(Bet9ja(packaged_catalogue(), base).event_request("5").url)
        for base in ("", "http://x:1/bet9ja/")
    )
    assert f"{real.scheme}://{real.netloc}" == HOST
    assert real.path == "/desktop/feapi/PalimpsestAjax/GetEvent"
    assert (other.netloc, other.path) == ("x:1", "/bet9ja" + real.path)
    assert parse_qs(real.query)["EVENTID"] == ["5"]


def test_another_country_is_refused_at_start():
    """Bet9ja serves Nigeria; the message names the variable to change."""
    with pytest.raises(ConfigError) as caught:
        Bet9ja(packaged_catalogue(), country="gh")
    assert caught.value.setting == "OVERROUND_BET9JA_COUNTRY"


def test_it_is_a_bookmaker():
    """What the registry creates has the contract's members."""
    bookmaker: Bookmaker = CLIENT
    assert (bookmaker.code, bookmaker.name) == ("bet9ja", "Bet9ja")
