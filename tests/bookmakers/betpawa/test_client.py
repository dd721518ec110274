"""What the BetPawa client asks, and what it makes of the answers; the server is its simulator, in process."""

import json
from collections import Counter
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from overround.bookmakers.base import Request, SimulatedAnswer, SimulatedEvent, Window
from overround.bookmakers.betpawa.client import (
    MAX_IDENTIFIED,
    SITES,
    BetPawa,
    read_competitions,
    read_list,
    read_upcoming,
)
from overround.bookmakers.betpawa.simulator import create
from overround.config import packaged_catalogue
from overround.errors import BookmakerRefused, BookmakerUnavailable, ConfigError, EventGone, PayloadChanged
from tests.support.clock import START
from tests.support.price_source import FixedSource, expected_markets, simulated_events
from tests.support.simulated_ask import SimulatedAsk

BASE = "http://127.0.0.1:8100/betpawa"
WINDOW = Window(START, START + timedelta(days=7))
CLIENT = BetPawa(packaged_catalogue(), BASE)
SIMULATOR = create()
LIST = "events/lists/by-queries"


def world(count: int, competitions: int = 3) -> FixedSource:
    return FixedSource(simulated_events(count, SIMULATOR.own_id, competitions=competitions))


def ask_of(source: FixedSource) -> SimulatedAsk:
    return SimulatedAsk(SIMULATOR, source, "/betpawa")


def query_of(request: Request) -> dict[str, object]:
    return json.loads(parse_qs(urlsplit(request.url).query)["q"][0])["queries"][0]


def rows(*found: object) -> bytes:
    return json.dumps({"responses": [{"responses": list(found)}]}).encode()


class Nameless(SimulatedAsk):
    """Every list row lacks its Sportradar id."""

    def answer(self, request: Request) -> SimulatedAnswer:
        answer = super().answer(request)
        if request.operation != LIST:
            return answer
        body = json.loads(answer.body)
        for row in body["responses"][0]["responses"]:
            row["widgets"] = [{"id": "77", "type": "GENIUSSPORTS"}]
        return SimulatedAnswer(json.dumps(body).encode())


class WithoutSportQuery(SimulatedAsk):
    """The query of the whole sport finds nothing; those of single competitions work."""

    def answer(self, request: Request) -> SimulatedAnswer:
        if request.operation == LIST and not query_of(request)["query"]["zones"]:  # type: ignore[index]
            return SimulatedAnswer(rows())
        return super().answer(request)


# --- where and how ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("country", SITES)
def test_each_country_has_its_host_and_brand(country: str):
    """All of them by https, with the three headers; the brand chooses the country's offer."""
    request = BetPawa(packaged_catalogue(), country=country).event_request("36552873")
    assert request.url.startswith("https://") and request.url.endswith("/api/sportsbook/v4/events/36552873")
    assert request.headers == {
        "accept": "application/json",
        "x-pawa-brand": SITES[country][1],
        "devicetype": "web",
    }
    assert (request.operation, request.kind, request.method) == ("events/{id}", "event", "GET")


@pytest.mark.parametrize(
    ("country", "host", "brand"),
    [
        ("ng", "www.betpawa.ng", "betpawa-nigeria"),
        ("gh", "www.betpawa.com.gh", "betpawa-ghana"),
        ("ke", "www.betpawa.co.ke", "betpawa-kenya"),
        ("ug", "www.betpawa.ug", "betpawa-uganda"),
        ("mz", "www.betpawa.co.mz", "betpawa-mozambique"),
        ("cd", "www.betpawa.cd", "betpawa-drc"),
        ("cg", "cg.betpawa.com", "betpawa-congobrazzaville"),
        ("sl", "sl.betpawa.com", "betpawa-sierraleone"),
    ],
)
def test_hosts_follow_no_single_rule(country: str, host: str, brand: str):
    """Own domains, .co and .com domains, and subdomains of betpawa.com."""
    request = BetPawa(packaged_catalogue(), country=country).event_request("5")
    assert request.url.split("/")[2] == host
    assert request.headers["x-pawa-brand"] == brand


def test_no_two_countries_share_a_site():
    """A copied row would read one country as another."""
    assert (
        len({host for host, _ in SITES.values()})
        == len({brand for _, brand in SITES.values()})
        == len(SITES)
        == 22
    )


def test_a_base_url_replaces_the_host_and_keeps_the_brand():
    """So a simulator or a proxy stands in for one country."""
    request = BetPawa(packaged_catalogue(), BASE + "/", "gh").event_request("5")
    assert request.url == f"{BASE}/api/sportsbook/v4/events/5"
    assert request.headers["x-pawa-brand"] == "betpawa-ghana"


def test_a_country_without_betpawa_is_refused_by_its_setting():
    """One sentence that names the variable."""
    with pytest.raises(ConfigError, match=r"OVERROUND_BETPAWA_COUNTRY.*'de'"):
        BetPawa(packaged_catalogue(), country="de")


def test_an_own_id_cannot_leave_its_place_in_the_path():
    """Ids come from answers."""
    assert CLIENT.event_request("../1?x").url.endswith("/events/..%2F1%3Fx")


# --- discovery ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 99, 100, 101, 250])
async def test_every_page_is_read_and_no_more(count: int):
    """A page of fewer than 100 is the last; after a full one there may be another."""
    source = world(count)
    ask = ask_of(source)
    found = await CLIENT.discover(ask, WINDOW)
    assert {row.event_id for row in found} == {event.event_id for event in source.listed}
    assert len(found) == count
    lists = [query_of(request) for request in ask.requests if request.operation == LIST]
    assert [query["skip"] for query in lists] == list(range(0, count + 1, 100))


async def test_rows_say_who_plays_when():
    """Everything the header needs, without a detail."""
    source = world(3)
    found = {row.event_id: row for row in await CLIENT.discover(ask_of(source), WINDOW)}
    for event in source.listed:
        row = found[event.event_id]
        assert (row.sportradar_id, row.home, row.away) == (event.sportradar_id, event.home, event.away)
        assert (row.kickoff_at, row.country, row.competition) == (
            event.kickoff_at,
            event.country,
            event.competition,
        )
        assert row.sport == "football"


async def test_the_list_is_asked_once_encoded_without_markets_for_the_window():
    """As two public clients ask it."""
    ask = ask_of(world(1))
    await CLIENT.discover(ask, Window(START, START + timedelta(hours=24)))
    assert "%257B" not in ask.requests[0].url and " " not in ask.requests[0].url
    query = query_of(ask.requests[0])
    assert query["view"] == {"marketTypes": {}} and query["take"] == 100
    assert query["query"] == {
        "eventType": "UPCOMING",
        "categories": ["2"],
        "zones": {},
        "hasOdds": True,
        "startTime": {"gte": "2026-11-24T12:00:00.000Z", "lt": "2026-11-25T12:00:00.000Z"},
    }


async def test_only_football_in_the_window_is_listed():
    """Other sports stand in their own lists; a kickoff at the window's end is outside."""
    source = world(4)
    source.listed[1] = SimulatedEvent(
        "5", SIMULATOR.own_id("5"), "A", "B", START + timedelta(hours=3), "C", "D", "basketball"
    )
    end = source.listed[3].kickoff_at
    found = await CLIENT.discover(ask_of(source), Window(START, end))
    assert {row.sportradar_id for row in found} == {"69000000", "69000002"}


async def test_an_id_that_the_list_lacks_comes_from_the_detail():
    """The list's Genius id stays, the detail adds the Sportradar id."""
    source = world(3)
    ask = Nameless(SIMULATOR, source, "/betpawa")
    found = await CLIENT.discover(ask, WINDOW)
    assert {row.sportradar_id for row in found} == {event.sportradar_id for event in source.listed}
    assert {row.genius_id for row in found} == {"77"}
    assert Counter(request.operation for request in ask.requests) == {LIST: 1, "events/{id}": 3}


async def test_details_asked_for_ids_are_bounded_and_the_next_kickoffs_come_first():
    """Discovery must not turn into a second scrape."""
    source = world(MAX_IDENTIFIED + 20)
    ask = Nameless(SIMULATOR, source, "/betpawa")
    found = await CLIENT.discover(ask, WINDOW)
    named = [row for row in found if row.sportradar_id]
    assert len(named) == MAX_IDENTIFIED and len(found) == MAX_IDENTIFIED + 20
    assert max(row.kickoff_at for row in named) < min(
        row.kickoff_at for row in found if not row.sportradar_id
    )


@pytest.mark.parametrize("error", [EventGone, PayloadChanged, BookmakerUnavailable])
async def test_a_detail_that_fails_leaves_its_row_unidentified(error: type[EventGone]):
    """One event must not cost the list."""

    class Failing(Nameless):
        def answer(self, request: Request) -> SimulatedAnswer:
            if request.operation != LIST:
                raise error("betpawa", request.operation, "as the test says")
            return super().answer(request)

    found = await CLIENT.discover(Failing(SIMULATOR, world(2), "/betpawa"), WINDOW)
    assert [row.sportradar_id for row in found] == [None, None]


async def test_an_empty_sport_is_believed_when_betpawa_counts_none():
    """Nothing found and nothing counted; what an empty list means is for discovery to say."""
    ask = ask_of(world(0))
    assert await CLIENT.discover(ask, WINDOW) == []
    assert [request.operation for request in ask.requests] == [LIST, "categories/list/all"]


async def test_competitions_are_walked_when_the_sport_query_is_empty_but_events_are_counted():
    """Each competition is asked alone, all its pages."""
    source = world(260, competitions=2)
    ask = WithoutSportQuery(SIMULATOR, source, "/betpawa")
    found = await CLIENT.discover(ask, WINDOW)
    assert {row.event_id for row in found} == {event.event_id for event in source.listed}
    zones = [query_of(request)["query"]["zones"] for request in ask.requests if request.operation == LIST]  # type: ignore[index]
    assert Counter(str(zone) for zone in zones[1:]).most_common(2)[0][1] == 2 and len(zones) == 1 + 2 + 2


async def test_a_competition_that_fails_fails_the_walk():
    """Half a list is never returned as a whole one."""

    class OneFails(WithoutSportQuery):
        def answer(self, request: Request) -> SimulatedAnswer:
            if request.operation == LIST and self.requests and len(self.requests) == 5:
                raise BookmakerUnavailable("betpawa", LIST, "timeout")
            return super().answer(request)

    with pytest.raises(BookmakerUnavailable):
        await CLIENT.discover(OneFails(SIMULATOR, world(9), "/betpawa"), WINDOW)


async def test_a_page_that_comes_again_ends_in_an_error():
    """A server that ignores `skip` must not keep us forever, nor pass for a complete list."""

    class Deaf(SimulatedAsk):
        def answer(self, request: Request) -> SimulatedAnswer:
            first = CLIENT._list_request(WINDOW, {}, 0)
            return super().answer(first if request.operation == LIST else request)

    with pytest.raises(PayloadChanged, match="repeats"):
        await CLIENT.discover(Deaf(SIMULATOR, world(150), "/betpawa"), WINDOW)


async def test_a_list_without_end_is_an_error():
    """New rows on every page, for ever."""

    class Endless(SimulatedAsk):
        def answer(self, request: Request) -> SimulatedAnswer:
            skip = int(str(query_of(request)["skip"]))
            sides = [{"position": 1, "name": "A"}, {"position": 2, "name": "B"}]
            return SimulatedAnswer(
                rows(
                    *(
                        {"id": skip + n, "startTime": "2026-11-25T12:00:00Z", "participants": sides}
                        for n in range(100)
                    )
                )
            )

    with pytest.raises(PayloadChanged, match="does not end"):
        await CLIENT.discover(Endless(SIMULATOR, world(0), "/betpawa"), WINDOW)


async def test_a_failing_page_fails_the_discovery():
    """Half a list is never returned as a whole one."""

    class SecondPageRefused(SimulatedAsk):
        def answer(self, request: Request) -> SimulatedAnswer:
            if len(self.requests) == 2:
                raise BookmakerRefused("betpawa", request.operation, "status 403")
            return super().answer(request)

    with pytest.raises(BookmakerRefused):
        await CLIENT.discover(SecondPageRefused(SIMULATOR, world(150), "/betpawa"), WINDOW)


async def test_a_list_of_rows_that_cannot_be_read_is_an_error():
    """A renamed field must not pass for an empty list."""

    class Renamed(SimulatedAsk):
        def answer(self, request: Request) -> SimulatedAnswer:
            return SimulatedAnswer(super().answer(request).body.replace(b'"startTime"', b'"kickOff"'))

    with pytest.raises(PayloadChanged, match="not one of 5 rows"):
        await CLIENT.discover(Renamed(SIMULATOR, world(5), "/betpawa"), WINDOW)


# --- answers ------------------------------------------------------------------------------------------------


def test_an_odd_row_costs_only_itself():
    """Outrights have no two sides; ids may be numbers; extra fields mean nothing."""
    sides = [{"position": 1, "name": "A"}, {"position": 2, "name": "B"}]
    good = {"id": 5, "startTime": "2026-11-25T12:00:00Z", "participants": sides, "future": [1]}
    count, found = read_list(
        rows(good, {"id": "6", "startTime": "2026-11-25T12:00:00Z", "participants": []}, 7, None)
    )
    assert count == 4
    assert [(row.event_id, row.home, row.sportradar_id, row.country) for row in found] == [
        ("5", "A", None, "")
    ]


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"<html>", b"\x0a\x0536552873", b'{"responses":[]}', b'{"responses":[{}]}', b"[" * 10**5],
)
def test_a_list_of_another_shape_is_refused(body: bytes):
    """Among them protobuf, which the site sends to `accept: */*`."""
    with pytest.raises(PayloadChanged):
        read_list(body)


@pytest.mark.parametrize(
    ("meta", "count"),
    [
        ([{"category": {"id": "2"}, "eventCounts": {"upcoming": "1125"}}], 1125),
        ([{"id": 3, "eventCounts": {"upcoming": 9}}, {"id": 2, "eventCounts": {"upcoming": 12}}], 12),
        ([{"id": "3", "eventCounts": {"upcoming": 9}}], 0),
        ([{"id": "2"}], 0),
        ([{"id": "2", "eventCounts": {"upcoming": "many"}}], 0),
    ],
)
def test_upcoming_events_are_counted_per_sport(meta: object, count: int):
    """The id stands in `category` or beside the counts; numbers may be text."""
    assert read_upcoming(json.dumps({"onlyMeta": meta}).encode(), "2") == count


def test_the_page_that_some_hosts_send_for_everything_is_no_count():
    """HTML with status 200, as a wrong host answers."""
    with pytest.raises(PayloadChanged):
        read_upcoming(b"<!doctype html>", "2")


def test_competitions_are_listed_once():
    """Nested ids, numbers or text, regions without competitions."""
    one, two = {"competition": {"id": "11965"}}, {"competition": {"id": 7, "name": "Cup"}}
    body = {
        "withRegions": [{"regions": [{"region": {}, "competitions": [one, two, one]}, {"region": {}}]}, {}]
    }
    assert read_competitions(json.dumps(body).encode()) == ["11965", "7"]


async def test_a_listed_event_can_be_fetched_and_read():
    """From the list to prices, as the coordinator goes."""
    source = world(2)
    ask = ask_of(source)
    row = (await CLIENT.discover(ask, WINDOW))[0]
    parsed = CLIENT.parse_event(await ask(CLIENT.event_request(row.event_id)))
    assert parsed.sportradar_id == row.sportradar_id
    assert parsed.markets == expected_markets(source.shared_quotes, shows_locked_prices=False)
