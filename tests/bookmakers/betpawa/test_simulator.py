"""The simulated BetPawa speaks like the real one, and says exactly the prices it is given."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overround.bookmakers.base import Quote, SimulatedAnswer, SimulatedEvent, SimulatedRequest
from overround.bookmakers.betpawa.parser import EventParser
from overround.bookmakers.betpawa.simulator import create
from overround.config import packaged_catalogue
from overround.domain.catalogue import MarketType
from overround.domain.markets import MarketKey, ParsedMarket, Player, shown_outcomes
from overround.errors import PayloadChanged
from tests.support.clock import START
from tests.support.payloads import payload
from tests.support.price_source import FixedSource, expected_markets, seven_markets, simulated_events

API = "/api/sportsbook/v4"
SIMULATOR = create()
CATALOGUE = packaged_catalogue()
PARSER = EventParser(CATALOGUE)
JSON = {"accept": "application/json"}


def get(
    source: FixedSource, path: str, query: Mapping[str, str] | None = None, accept: str = "application/json"
) -> SimulatedAnswer:
    return SIMULATOR.answer(SimulatedRequest("GET", path, query or {}, {"accept": accept}, b""), source)


def detail(source: FixedSource, event: SimulatedEvent) -> bytes:
    return get(source, f"{API}/events/{event.event_id}").body


def listed(source: FixedSource, query: Mapping[str, Any] | None = None, **page: Any) -> list[dict[str, Any]]:
    asked = {"eventType": "UPCOMING", "categories": ["2"], "zones": {}, "hasOdds": True} | dict(query or {})
    q = {"queries": [{"query": asked, "view": {"marketTypes": {}}, "skip": 0, "take": 100} | page]}
    return json.loads(get(source, f"{API}/events/lists/by-queries", {"q": json.dumps(q)}).body)["responses"][
        0
    ]["responses"]


def world(count: int = 1, filler: int = 0) -> FixedSource:
    return FixedSource(simulated_events(count, SIMULATOR.own_id), filler=filler)


# --- round trip ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("filler", [0, 58, 100])
def test_what_is_rendered_is_what_is_read(filler: int):
    """Every mapped market, every line, locked ones too; filler is never mistaken for a market we know."""
    source = world(filler=filler)
    parsed = PARSER.parse(detail(source, source.listed[0]))
    assert parsed.markets == expected_markets(seven_markets(), shows_locked_prices=False)
    assert parsed.refused == {}
    assert (parsed.event_id, parsed.sportradar_id) == (
        source.listed[0].event_id,
        source.listed[0].sportradar_id,
    )
    assert (parsed.home, parsed.away, parsed.kickoff_at) == ("Home 0", "Away 0", source.listed[0].kickoff_at)
    assert (parsed.country, parsed.competition, parsed.sport) == ("Nigeria", "League 0", "football")


OPEN = st.integers(101, 100_000).map(lambda hundredths: Quote(hundredths * 10))
QUOTES = st.one_of(
    OPEN,
    st.integers(101, 5000).map(lambda hundredths: Quote(hundredths * 10, suspended=True)),
    st.just(Quote(0)),
)
OFFERED = {
    sport: [kind for kind in CATALOGUE.types if kind.sport == sport and "betpawa" in kind.books]
    for sport in ("football", "basketball", "tennis")
}
PLAYERS = ("Bukayo Saka", "Kylian Sanmi Mbappe Lottin", "N'Golo Kante", "Thelo Aasgaard", "No Goal")

Book = dict[MarketKey, dict[str, Quote]]


def event_of(sport: str) -> SimulatedEvent:
    return msgspec.structs.replace(simulated_events(1, SIMULATOR.own_id)[0], sport=sport)


def line_of(kind: MarketType, steps: int) -> str:
    return f"{steps * kind.grid:g}" if kind.param else ""


def named_by(kind: MarketType) -> tuple[str, ...]:
    if not kind.names_players:
        return kind.outcomes
    return PLAYERS if kind.outcomes else PLAYERS[:-1]


def whole_book(sport: str) -> Book:
    """Return every market of a sport that BetPawa has, at three lines where it has lines."""
    return {
        MarketKey(kind.id, line_of(kind, steps)): {
            name: Quote(1_500 + 10 * place, suspended=place % 7 == 6)
            for place, name in enumerate(named_by(kind))
        }
        for kind in OFFERED[sport]
        for steps in ((1, 2, 3) if kind.param else (0,))
    }


def expected(book: Book, sport: str) -> dict[MarketKey, ParsedMarket]:
    """Return what must be read: of players only those who are on offer, in the order of the quotes."""
    markets: dict[MarketKey, ParsedMarket] = {}
    for key, quotes in book.items():
        kind = CATALOGUE.find(key.market_id, sport)
        assert kind is not None
        shown = {name: quote for name, quote in quotes.items() if quote.odds_milli or quote.suspended}
        names = tuple(shown) if kind.names_players else kind.outcomes
        said = [shown.get(name, Quote(0)) for name in names]
        markets[key] = ParsedMarket(
            key,
            names,
            tuple(0 if quote.suspended else quote.odds_milli for quote in said),
            sum(1 << place for place, quote in enumerate(said) if quote.suspended),
            players=tuple(None if name == "No Goal" else Player(name) for name in names)
            if kind.names_players
            else (),
        )
    return markets


@pytest.mark.parametrize("sport", OFFERED)
def test_every_market_of_the_catalogue_is_rendered_and_read(sport: str):
    """123 of football, 10 of basketball, 11 of tennis: nothing unmapped, nothing refused, ids within the sport."""
    book = whole_book(sport)
    source = FixedSource([event_of(sport)], book)
    parsed = PARSER.parse(detail(source, source.listed[0]))
    assert parsed.markets == expected(book, sport)
    assert (parsed.sport, parsed.unmapped, parsed.refused, parsed.doubtful) == (sport, (), {}, frozenset())


@st.composite
def books(draw: st.DrawFn, sport: str) -> Book:
    book: Book = {}
    for kind in draw(
        st.lists(st.sampled_from(OFFERED[sport]), min_size=1, max_size=4, unique_by=lambda kind: kind.id)
    ):
        for steps in draw(st.sets(st.integers(-12, 30), min_size=1, max_size=3)) if kind.param else {0}:
            quotes = {name: draw(QUOTES) for name in named_by(kind)}
            if any(quote.odds_milli for quote in quotes.values()):
                book[MarketKey(kind.id, line_of(kind, steps))] = quotes
    return book or {MarketKey(OFFERED[sport][0].id): {"1": Quote(1_900), "2": Quote(1_900)}}


@given(st.sampled_from([*OFFERED]).flatmap(lambda sport: st.tuples(st.just(sport), books(sport))))
def test_any_book_is_rendered_so_that_it_is_read_back(drawn: tuple[str, Book]):
    """Whole, half and quarter lines, outcomes missing, locked or open: nothing lost, nothing invented."""
    sport, book = drawn
    source = FixedSource([event_of(sport)], book, filler=4)
    parsed = PARSER.parse(detail(source, source.listed[0]))
    assert parsed.markets == expected(book, sport)


def test_quotes_of_markets_that_betpawa_lacks_are_not_rendered():
    """What only others share stays with them."""
    source = FixedSource([event_of("tennis")], {MarketKey("x-odd_even_games_tennis"): {"Odd": Quote(1_900)}})
    body = json.loads(detail(source, source.listed[0]))
    assert (body["markets"], body["totalMarketCount"]) == ([], "0")


def test_the_genius_id_is_carried():
    """Other bookmakers may need it to match."""
    source = world()
    source.listed[0] = msgspec.structs.replace(source.listed[0], genius_id="13395068")
    assert PARSER.parse(detail(source, source.listed[0])).genius_id == "13395068"


# --- like the real one --------------------------------------------------------------------------------------


@pytest.mark.payloads
def test_a_simulated_detail_has_the_fields_of_a_real_one():
    """On every level; where the real answer leaves nulls out, so do we."""
    source = world(filler=100)
    source.listed[0] = msgspec.structs.replace(source.listed[0], genius_id="5")
    ours, theirs = (
        json.loads(detail(source, source.listed[0])),
        json.loads(payload("betpawa", "double_chance_1up_ft.json")),
    )
    assert set(ours) == set(theirs)

    def fields(body: dict[str, Any]) -> dict[str, set[str]]:
        markets = body["markets"]
        rows = [row for market in markets for row in market["row"]]
        return {
            "market": {key for market in markets for key in market},
            "marketType": {key for market in markets for key in market["marketType"]},
            "row": {key for row in rows for key in row},
            "price": {key for row in rows for price in row["prices"] for key in price},
            "widget": {key for widget in body["widgets"] for key in widget},
        }

    assert fields(ours) == fields(theirs)


def recorded_book() -> Book:
    """Return the quotes of the captured v4 answer."""
    parsed = PARSER.parse(payload("betpawa", "double_chance_1up_ft.json"))
    return {
        key: {
            name: Quote(round(odds * 1000) if odds else 5_000, state == "suspended")
            for name, odds, state in shown_outcomes(market)
        }
        for key, market in parsed.markets.items()
    }


@pytest.mark.payloads
def test_a_simulated_detail_has_the_size_of_a_real_one():
    """With the same quotes; else sizes and times measured on it mean nothing."""
    real = payload("betpawa", "double_chance_1up_ft.json")
    source = FixedSource(simulated_events(1, SIMULATOR.own_id), recorded_book())
    ours = detail(source, source.listed[0])
    assert 0.9 < len(ours) / len(real) < 1.1
    assert json.loads(ours)["totalMarketCount"] == json.loads(real)["totalMarketCount"] == "87"
    assert json.loads(ours)["marketCounters"] == json.loads(real)["marketCounters"]


@pytest.mark.payloads
def test_a_simulated_detail_lays_out_its_rows_like_a_real_one():
    """Market types in the real order; outcomes in the same rows, each with the same names, handicap and texts."""
    real = json.loads(payload("betpawa", "double_chance_1up_ft.json"))["markets"]
    source = FixedSource(simulated_events(1, SIMULATOR.own_id), recorded_book())
    ours = json.loads(detail(source, source.listed[0]))["markets"]

    def rows(market: dict[str, Any]) -> set[tuple[Any, ...]]:
        return {
            (
                row.get("handicap"),
                "id" in row,
                *((price["name"], price.get("handicap")) for price in row["prices"]),
            )
            for row in market["row"]
        }

    def types(markets: list[dict[str, Any]]) -> list[tuple[int, str]]:
        return sorted((market["marketType"]["priority"], market["marketType"]["id"]) for market in markets)

    assert types(ours) == types(real)
    theirs = {market["marketType"]["id"]: market for market in real}
    for market in ours:
        assert rows(market) == rows(theirs[market["marketType"]["id"]])


def test_a_detail_is_spaced_as_the_real_one():
    """One blank a level; a body put together from kept texts is what a JSON writer would make of it."""
    source = FixedSource([event_of("football")], whole_book("football"), filler=5)
    body = detail(source, source.listed[0])
    assert msgspec.json.format(body, indent=1) == body


@pytest.mark.parametrize("filler", [0, 1, 30, 200])
def test_filler_adds_exactly_the_groups_asked_for(filler: int):
    """Counted as the body counts them: by market type and handicap; the same at every request."""
    source = world(filler=filler)
    answer = detail(source, source.listed[0])
    body = json.loads(answer)
    groups = {
        (market["marketType"]["id"], row.get("handicap"))
        for market in body["markets"]
        for row in market["row"]
    }
    assert len(groups) == int(body["totalMarketCount"]) == len(seven_markets()) + filler
    assert len(PARSER.parse(answer).unmapped) == filler
    assert detail(source, source.listed[0]) == answer


def test_markets_stand_in_betpawas_order_and_outcomes_in_display_rows():
    """1X2 first; a correct score spreads over rows of two without ids, a player stands alone."""
    source = FixedSource([event_of("football")], whole_book("football"))
    markets = json.loads(detail(source, source.listed[0]))["markets"]
    priorities = [market["marketType"]["priority"] for market in markets]
    assert priorities == sorted(priorities) and markets[0]["marketType"]["id"] == "3743"
    rows = {market["marketType"]["id"]: market["row"] for market in markets}
    assert [len(row["prices"]) for row in rows["28000869"]] == [2] * 13
    assert not any("id" in row for row in rows["28000869"])
    assert [row["prices"][0]["name"] for row in rows["129109"]] == [*PLAYERS[:-1], "No Last Goal"]
    assert {row["handicap"] for row in rows["129110"]} == {4, 8, 12}


def test_a_locked_price_is_sent_as_zero():
    """And `suspended` only when true."""
    source = world()
    markets = {
        market["marketType"]["id"]: market
        for market in json.loads(detail(source, source.listed[0]))["markets"]
    }
    yes, no = markets["3795"]["row"][0]["prices"]
    assert "suspended" not in yes and (no["odds"], no["suspended"]) == (0.0, True)


def test_handicap_texts_name_the_side_they_are_for():
    """The away price has the opposite sign, and X flips with the sign: nothing to read a line from."""
    source = world()
    markets = {
        market["marketType"]["id"]: market
        for market in json.loads(detail(source, source.listed[0]))["markets"]
    }
    texts = {
        row["handicap"]: [price["handicap"] for price in row["prices"]] for row in markets["4724"]["row"]
    }
    assert texts == {
        -8: ["Home -2", "Home -2", "Away +2"],
        -4: ["Home -1", "Home -1", "Away +1"],
        4: ["Home +1", "Away -1", "Away -1"],
    }
    assert [price["handicap"] for price in markets["3774"]["row"][0]["prices"]] == ["-1.5", "+1.5"]


def test_a_volatile_world_changes_the_bytes_but_not_the_prices():
    """Fields that change with each request must not look like changed prices."""
    source = world()
    before = detail(source, source.listed[0])
    source.changing = "65"
    after = detail(source, source.listed[0])
    assert before != after and PARSER.parse(before) == PARSER.parse(after)


# --- lists --------------------------------------------------------------------------------------------------


def test_pages_hold_every_event_once():
    """`skip` and `take`, at most 100 a page, in the asked order."""
    source = world(230)
    for sort in ({"competitionPriority": "DESC"}, {"startTime": "ASC"}, {"popularity": "DESC"}, {}):
        pages = [listed(source, skip=skip, take=500, sort=sort) for skip in (0, 100, 200, 300)]
        assert [len(page) for page in pages] == [100, 100, 30, 0]
        assert len({row["id"] for page in pages for row in page}) == 230


def test_the_start_time_filter_includes_its_start_and_not_its_end():
    """gte and lt."""
    source = world(4)
    first, last = (f"{source.listed[n].kickoff_at:%Y-%m-%dT%H:%M:%S.000Z}" for n in (1, 3))
    found = listed(source, {"startTime": {"gte": first, "lt": last}}, sort={"startTime": "ASC"})
    assert [row["id"] for row in found] == [event.event_id for event in source.listed[1:3]]


def test_upcoming_and_live_are_two_lists():
    """A match leaves the upcoming list at its kickoff."""
    source = world(4)
    source.at = source.listed[1].kickoff_at
    assert {row["id"] for row in listed(source)} == {event.event_id for event in source.listed[2:]}
    assert {row["id"] for row in listed(source, {"eventType": "LIVE"})} == {
        event.event_id for event in source.listed[:2]
    }


def test_markets_come_inline_when_asked_for():
    """{} sends none; ids send these, as the detail has them."""
    source = world(filler=20)
    assert listed(source)[0]["markets"] == []
    inline = listed(source, view={"marketTypes": ["3743", "5000"]})[0]["markets"]
    full = json.loads(detail(source, source.listed[0]))["markets"]
    assert inline == [market for market in full if market["marketType"]["id"] in ("3743", "5000")]


def test_some_list_rows_lack_their_sportradar_id():
    """As on the real site; the detail has it."""
    source = world(1000)
    rows = [row for skip in range(0, 1000, 100) for row in listed(source, skip=skip)]
    nameless = [row for row in rows if not any(widget["type"] == "SPORTRADAR" for widget in row["widgets"])]
    assert 0 < len(nameless) < 50
    event = source.event("betpawa", nameless[0]["id"])
    assert event is not None and PARSER.parse(detail(source, event)).sportradar_id == event.sportradar_id


def test_categories_count_and_competitions_lead_to_lists():
    """What the client's fallback walks over."""
    source = world(20)
    source.listed.append(
        SimulatedEvent("5", "9", "A", "B", START + timedelta(hours=1), "X", "Y", "basketball")
    )
    source.at = source.listed[0].kickoff_at
    counts = {
        meta["category"]["id"]: meta["eventCounts"]
        for meta in json.loads(get(source, f"{API}/categories/list/all").body)["onlyMeta"]
    }
    assert counts == {"2": {"upcoming": "19", "live": "1"}, "3": {"upcoming": "0", "live": "1"}}
    tree = json.loads(get(source, f"{API}/categories/list/2", {"includeRegions": "true"}).body)["withRegions"]
    ids = [entry["competition"]["id"] for region in tree[0]["regions"] for entry in region["competitions"]]
    assert len(ids) == len(set(ids)) == 3
    assert sum(len(listed(source, {"zones": {"competitions": [one]}})) for one in ids) == 19


# --- errors -------------------------------------------------------------------------------------------------


def test_an_unknown_event_is_a_404_in_json():
    """Unknown or finished."""
    answer = get(world(), f"{API}/events/1")
    assert (answer.status, answer.content_type) == (404, "application/json")
    assert json.loads(answer.body)


@pytest.mark.parametrize("path", ["/api/sportsbook/v3/events/33289995", f"{API}/nothing", "/api/"])
def test_other_interfaces_are_a_404(path: str):
    """Version 3 is retired."""
    assert get(world(), path).status == 404


@pytest.mark.parametrize("path", ["/", "/event/5", "/nothing"])
def test_anything_else_is_the_page_with_status_200(path: str):
    """As a wrong host answers: a parser has to refuse it."""
    answer = get(world(), path)
    assert (answer.status, answer.content_type) == (200, "text/html")
    with pytest.raises(PayloadChanged):
        PARSER.parse(answer.body)


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_a_list_without_accept_json_is_protobuf(accept: str):
    """So the header is proved to be sent."""
    q = {"queries": [{"query": {"eventType": "UPCOMING", "categories": ["2"]}}]}
    answer = get(world(), f"{API}/events/lists/by-queries", {"q": json.dumps(q)}, accept)
    assert (answer.status, answer.content_type) == (200, "application/x-protobuf")
    with pytest.raises(ValueError, match=r"\S"):
        json.loads(answer.body)


@pytest.mark.parametrize("q", ["", "%7B%7D", "{}", '{"queries":[{"query":{}}]}', "null"])
def test_a_bad_query_is_refused(q: str):
    """A query that is encoded twice, too."""
    assert get(world(), f"{API}/events/lists/by-queries", {"q": q}).status == 400


def test_only_get_is_answered():
    """All four endpoints read."""
    request = SimulatedRequest("POST", f"{API}/events/lists/by-queries", {}, JSON, b"{}")
    assert SIMULATOR.answer(request, world()).status == 405


# --- ids and recordings -------------------------------------------------------------------------------------


@given(st.integers(1, 10**12))
def test_own_ids_are_reversible_and_never_the_sportradar_id(number: int):
    """A product that mixes the two up must fail in the simulation already."""
    own = SIMULATOR.own_id(str(number))
    assert own != str(number) and own.isdigit()
    assert SIMULATOR.own_id(own) == str(number)


@pytest.mark.payloads
@pytest.mark.parametrize("name", ["prematch.json", "double_chance_1up_ft.json"])
def test_a_recorded_detail_is_served_byte_for_byte_but_for_its_kickoff(name: str):
    """Old and new shape; it stands in the list under its own ids."""
    body = payload("betpawa", name)
    kickoff_at = datetime(2026, 11, 26, 11, tzinfo=UTC)
    moved = SIMULATOR.with_kickoff(body, kickoff_at)
    event = SIMULATOR.read_recorded(moved)
    assert event is not None and event.kickoff_at == kickoff_at and event.body == moved
    before = json.loads(body)
    assert json.loads(moved) == before | {"startTime": "2026-11-26T11:00:00Z"}
    assert len(moved) == len(body)
    source = FixedSource([event])
    assert detail(source, event) == moved
    (row,) = listed(
        source, {"zones": {"competitions": [before["competition"]["id"]]}}, view={"marketTypes": ["3743"]}
    )
    assert (row["id"], row["startTime"]) == (before["id"], "2026-11-26T11:00:00Z")
    assert [market["marketType"]["id"] for market in row["markets"]] == ["3743"]
    assert PARSER.parse(moved).markets == PARSER.parse(body).markets


@pytest.mark.payloads
def test_running_events_are_no_recordings():
    """The captured basketball match is in its fourth quarter."""
    assert SIMULATOR.read_recorded(payload("betpawa", "basketball.json")) is None


@pytest.mark.payloads
def test_recorded_events_of_another_sport_stand_in_their_own_list():
    """The same capture, as if before its tip-off."""
    body = json.loads(payload("betpawa", "basketball.json")) | {
        "results": None,
        "additionalInfo": {"live": False},
    }
    event = SIMULATOR.read_recorded(
        SIMULATOR.with_kickoff(json.dumps(body).encode(), START + timedelta(days=1))
    )
    assert event is not None and event.sport == "basketball"
    source = FixedSource([event])
    assert listed(source) == []
    assert [row["id"] for row in listed(source, {"categories": ["3"]})] == ["35318281"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<html>",
        b"[" * 10**5,
        b'{"responses":[{"responses":[]}]}',
        b'{"bizCode":10000,"data":{}}',
        b'{"R":"OK","D":{}}',
    ],
)
def test_what_is_no_detail_of_betpawa_is_no_recording(body: bytes):
    """Lists, other bookmakers' answers, garbage."""
    assert SIMULATOR.read_recorded(body) is None


def test_a_rendered_detail_can_be_recorded():
    """The simulator's own bodies pass for captured ones."""
    source = world()
    event = SIMULATOR.read_recorded(detail(source, source.listed[0]))
    assert event is not None
    assert msgspec.structs.replace(event, body=None) == source.listed[0]
