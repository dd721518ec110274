"""What is read from a BetPawa event detail, and what is refused."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from overround.bookmakers.base import ParsedEvent, SimulatedRequest
from overround.bookmakers.betpawa.parser import EventParser, read_detail
from overround.bookmakers.betpawa.simulator import create
from overround.config import packaged_catalogue
from overround.domain.diff import Unmapped, diff
from overround.domain.markets import MAX_ODDS_MILLI, MarketKey, Player, shown_outcomes
from overround.domain.settle import settle
from overround.errors import EventGone, PayloadChanged
from tests.support.clock import START
from tests.support.payloads import payload
from tests.support.price_source import FixedSource, simulated_events

Json = dict[str, Any]
PARSER = EventParser(packaged_catalogue())


def group(market_id: str, *rows: Json) -> Json:
    return {"marketType": {"id": market_id, "name": f"Market {market_id}"}, "row": list(rows)}


def row(handicap: object, **odds: object) -> Json:
    return {
        "handicap": handicap,
        "prices": [{"name": name.strip("_"), "odds": price} for name, price in odds.items()],
    }


def event(*groups: Json, **fields: object) -> Json:
    return {
        "id": "36552873",
        "widgets": [
            {"id": "67691078", "type": "SPORTRADAR", "retention": "PREMATCH"},
            {"id": "13395068", "type": "GENIUSSPORTS"},
            {"id": "67691078", "type": "SPORTRADAR", "retention": "INPLAY"},
        ],
        "participants": [{"name": "Away", "position": 2}, {"name": "Home", "position": 1}],
        "startTime": "2026-08-21T09:30:00Z",
        "category": {"id": "2", "name": "Football"},
        "region": {"id": "248", "name": "Australia"},
        "competition": {"id": "12647", "name": "NSW NPL 1"},
        "markets": list(groups) or [group("3743", row(None, _1=4.59, X=3.9, _2=1.68))],
    } | fields


def read(body: Json) -> ParsedEvent:
    return PARSER.parse(json.dumps(body).encode())


def odds(body: Json) -> dict[MarketKey, tuple[int, ...]]:
    return {key: market.odds_milli for key, market in read(body).markets.items()}


# --- captured answers ---------------------------------------------------------------------------------------


@pytest.mark.payloads
def test_the_shared_match_is_read_with_its_known_prices():
    """SR 68995116, the old v3 shape."""
    parsed = PARSER.parse(payload("betpawa", "prematch.json"))
    assert (parsed.event_id, parsed.sportradar_id, parsed.genius_id) == ("33289995", "68995116", "13599033")
    assert (parsed.home, parsed.away) == ("Wuhan Three Towns FC", "Qingdao Hainiu FC")
    assert (parsed.country, parsed.competition, parsed.sport) == ("China", "Chinese Super League", "football")
    assert parsed.kickoff_at == datetime(2026, 5, 6, 11, tzinfo=UTC)
    prices = {key: market.odds_milli for key, market in parsed.markets.items()}
    assert prices[MarketKey("3743")] == (2410, 3290, 3020)
    assert prices[MarketKey("3774", "-0.5")] == (2320, 1540)
    assert prices[MarketKey("4724", "-1")] == (4720, 4230, 1510)
    assert prices[MarketKey("5000", "2.5")] == (1980, 1830)
    assert sorted(key.line for key in prices if key.market_id == "3774") == ["-0.5", "-1.5", "0.5", "1.5"]
    assert len(prices) == 118
    scorers = parsed.markets[MarketKey("129108")]
    assert scorers.names[:2] == ("Jhonder Cadiz", "Carlos Strandberg") and len(scorers.names) == 49
    assert scorers.odds_milli[:2] == (2480, 3010)
    assert scorers.players == tuple(Player(name) for name in scorers.names)


@pytest.mark.payloads
def test_the_current_shape_is_read():
    """v4: `odds`, `suspended` only when true, no nulls."""
    parsed = PARSER.parse(payload("betpawa", "double_chance_1up_ft.json"))
    assert (parsed.sportradar_id, parsed.genius_id) == ("67691078", "13395068")
    prices = {key: market.odds_milli for key, market in parsed.markets.items()}
    assert prices[MarketKey("3743")] == (4590, 3900, 1680)
    assert prices[MarketKey("3774", "2.5")] == (1160, 5000)
    assert prices[MarketKey("4724", "1")] == (2080, 3910, 2680)
    assert len(prices) == 87
    multigoals = parsed.markets[MarketKey("28000047")]
    assert len(multigoals.names) == 17 and multigoals.suspended.bit_count() == 2


@pytest.mark.payloads
def test_a_running_event_of_another_sport_is_read_by_its_own_ids():
    """The old v3 shape of a basketball match in its fourth quarter."""
    parsed = PARSER.parse(payload("betpawa", "basketball.json"))
    assert (parsed.sport, parsed.sportradar_id, parsed.home) == ("basketball", "71453210", "Csb Blazers")
    lines = {key.line for key in parsed.markets if key.market_id == "5009"}
    assert lines == {"131.5", "132.5", "133.5", "134.5", "135.5"}
    assert set(parsed.markets[MarketKey("4389697", "133.5")].names) == {
        f"{side} - {total}" for side in "12" for total in ("Over", "Under")
    }
    assert len(parsed.markets) == 20


@pytest.mark.payloads
@pytest.mark.parametrize("name", ["prematch.json", "double_chance_1up_ft.json", "basketball.json"])
def test_rows_of_one_handicap_are_one_group(name: str):
    """Merged so, the number of groups is the body's own count, so nothing is lost or invented."""
    body = payload("betpawa", name)
    detail = read_detail(body)
    groups = {(kind.market_type.id, row.handicap) for kind in detail.markets for row in kind.row}
    assert len(groups) == int(json.loads(body)["totalMarketCount"])


@pytest.mark.payloads
@pytest.mark.parametrize("name", ["prematch.json", "double_chance_1up_ft.json", "basketball.json"])
def test_every_outcome_of_a_captured_answer_is_mapped(name: str):
    """BetPawa is the catalogue's own bookmaker: nothing of its answers is unmapped, nothing refused."""
    body = payload("betpawa", name)
    outcomes = sum(len(row.prices) for kind in read_detail(body).markets for row in kind.row)
    parsed = PARSER.parse(body)
    shown = sum(len(shown_outcomes(market)) for market in parsed.markets.values())
    assert shown == outcomes
    assert (parsed.unmapped, parsed.refused, parsed.doubtful) == ((), {}, frozenset())


@pytest.mark.payloads
@pytest.mark.parametrize("name", ["prematch.json", "double_chance_1up_ft.json", "basketball.json"])
def test_an_answer_read_twice_has_no_changes(name: str):
    """Two readings of the same bytes settle to the same state."""
    first, second = (
        settle({}, PARSER.parse(payload("betpawa", name)).markets.values(), START) for _ in range(2)
    )
    assert diff(first, second) == ()


# --- shapes -------------------------------------------------------------------------------------------------


def test_home_is_position_one_whatever_the_order():
    """The order of participants means nothing."""
    parsed = read(event())
    assert (parsed.home, parsed.away) == ("Home", "Away")


def test_a_market_spread_over_rows_is_one_market():
    """Rows are a display layout; here one outcome per row, and two market objects of one type."""
    parts = [group("3743", row(None, _1=4.59), row(None, _2=1.68)), group("3743", row(None, X=3.9))]
    assert odds(event(*parts)) == {MarketKey("3743"): (4590, 3900, 1680)}


def test_the_line_comes_from_the_handicap_alone():
    """`specifier` was quarter units in 2026-06; a price's own handicap has the away side's sign."""
    rows = row(-4, _1=4.72, X=4.23, _2=1.51) | {"specifier": {"hcp": "9"}, "formattedHandicap": "8"}
    rows["prices"][2]["handicap"] = "Away +1"
    assert odds(event(group("4724", rows))) == {MarketKey("4724", "-1"): (4720, 4230, 1510)}


def test_both_names_of_the_price_are_read():
    """v4 says `odds`, v3 `price`; ids and prices may be text."""
    body = event(group("3743", row(None, X="3.90")), id=36552873)
    body["markets"][0]["row"][0]["prices"] += [
        {"name": 1, "price": 4.59, "odds": None},
        {"name": "2", "price": "1.68"},
    ]
    assert odds(body) == {MarketKey("3743"): (4590, 3900, 1680)}


def test_a_locked_outcome_has_its_bit_and_no_price():
    """BetPawa prints 0 beside it; `settle` carries the last price."""
    rows = row(None, Yes=0.0, No=2.05)
    rows["prices"][0]["suspended"] = True
    market = read(event(group("3795", rows))).markets[MarketKey("3795")]
    assert (market.odds_milli, market.suspended) == ((0, 2050), 0b01)


def test_an_event_whose_every_price_is_locked_is_read():
    """As BetPawa sends it after the whistle."""
    rows = row(None, Yes=0, No=0)
    for price in rows["prices"]:
        price["suspended"] = True
    parsed = read(event(group("3795", rows)))
    assert parsed.markets[MarketKey("3795")].suspended == 0b11 and parsed.refused == {}


def test_names_and_keys_are_shared_between_answers():
    """A record costs its prices, not its words."""
    first, second = (read(event()).markets[MarketKey("3743")] for _ in range(2))
    assert first.names is second.names and first.key is second.key


def test_unknown_markets_and_outcomes_are_counted():
    """A market without a rule with all its outcomes over all lines; a known one with its unknown outcomes."""
    unknown = group("77", row(2, A=2, B=2), row(6, A=3))
    partly = group("3743", row(None, _1=4.59, X=3.9, _2=1.68, Other=9, Void=8))
    parsed = read(event(unknown, partly))
    assert parsed.unmapped == (Unmapped("77", "Market 77", 3), Unmapped("3743", "Market 3743", 2))
    assert parsed.markets[MarketKey("3743")].odds_milli == (4590, 3900, 1680)


def test_outcomes_are_exact_names():
    """ "over" is not "Over": what is spelt differently is counted, not guessed."""
    parsed = read(event(group("5000", row(10, Over=1.9, under=1.9))))
    assert parsed.markets[MarketKey("5000", "2.5")].odds_milli == (1900, 0)
    assert parsed.unmapped == (Unmapped("5000", "Market 5000", 1),)


@pytest.mark.parametrize(
    ("category", "sport"),
    [
        ({"id": "3", "name": "Basketball"}, "basketball"),
        ({"id": "452", "name": "Tennis"}, "tennis"),
        ({"id": "99", "name": "Futsal"}, "futsal"),
    ],
)
def test_another_sports_market_of_the_same_id_is_not_ours(category: Json, sport: str):
    """Market ids are scoped by sport; football goes by its id, a sport without a known id by its name."""
    parsed = read(event(group("3743", row(None, _1=2)), category=category))
    assert (parsed.sport, parsed.markets) == (sport, {})
    assert parsed.unmapped == (Unmapped("3743", "Market 3743", 1),)


def test_an_id_of_two_sports_is_each_sports_own_market():
    """4429 is football's correct score and tennis's set score."""
    scores = group("4429", row(None, **{"0-0": 7.5, "2-1": 4.2}))
    football = read(event(scores)).markets[MarketKey("4429")]
    tennis = read(event(scores, category={"id": "452", "name": "Tennis"}))
    assert football.odds_milli[football.names.index("0-0")] == 7500
    assert tennis.markets[MarketKey("4429")].names == ("0-2", "1-2", "2-0", "2-1")
    assert tennis.unmapped == (Unmapped("4429", "Market 4429", 1),)


# --- players ------------------------------------------------------------------------------------------------


def players(*names: str, odds: float = 3.5) -> Json:
    return {"handicap": None, "prices": [{"name": name, "odds": odds} for name in names]}


def test_players_are_named_as_betpawa_names_them():
    """An open list, one player a row, in the order of the body; BetPawa says no player's id."""
    names = ("Kylian Sanmi Mbappe Lottin", "Jean-Philippe Mateta", "N'Golo Kante")
    market = read(event(group("28000815", *(players(name) for name in names)))).markets[MarketKey("28000815")]
    assert market.names == names and market.odds_milli == (3500, 3500, 3500)
    assert market.players == tuple(map(Player, names))


@pytest.mark.parametrize(
    ("market_id", "theirs"), [("129108", "No Goal"), ("129109", "No Last Goal"), ("129110", "No Goal")]
)
def test_no_goal_is_an_outcome_without_a_player(market_id: str, theirs: str):
    """BetPawa writes it with the market's own words; where it is missing it is no outcome either."""
    handicap = {"handicap": 4}
    with_it = read(event(group(market_id, players("Bukayo Saka") | handicap, players(theirs) | handicap)))
    without_it = read(event(group(market_id, players("Bukayo Saka") | handicap)))
    key = MarketKey(market_id, "1" if market_id == "129110" else "")
    assert with_it.markets[key].names == ("Bukayo Saka", "No Goal")
    assert with_it.markets[key].players == (Player("Bukayo Saka"), None)
    assert without_it.markets[key].names == ("Bukayo Saka",)


def test_a_scorers_goal_number_is_the_line():
    """Handicap 4 is the first goal, 8 the second."""
    parsed = read(
        event(
            group("129110", players("Bukayo Saka") | {"handicap": 4}, players("Ben White") | {"handicap": 8})
        )
    )
    assert {key.line: market.names for key, market in parsed.markets.items()} == {
        "1": ("Bukayo Saka",),
        "2": ("Ben White",),
    }


def test_a_locked_player_keeps_his_place():
    """As any outcome: its bit, no price."""
    rows = players("Bukayo Saka", "Ben White")
    rows["prices"][1] |= {"odds": 0, "suspended": True}
    market = read(event(group("129108", rows))).markets[MarketKey("129108")]
    assert (market.odds_milli, market.suspended) == ((3500, 0), 0b10)


def test_what_names_no_player_is_counted():
    """Two men in one text, nothing at all: never an outcome of ours."""
    parsed = read(event(group("129108", players("Bukayo Saka", "Saka & White", " "))))
    assert parsed.markets[MarketKey("129108")].names == ("Bukayo Saka",)
    assert parsed.unmapped == (Unmapped("129108", "Market 129108", 2),)


def test_two_prices_under_one_players_name_make_his_market_doubtful():
    """Namesakes, or one man twice: without ids nobody can tell."""
    twice = group("129108", players("Bukayo Saka", "Ben White"), players("Saka, Bukayo", odds=9))
    parsed = read(event(twice, group("3743", row(None, _1=4.59, X=3.9, _2=1.68))))
    assert set(parsed.markets) == {MarketKey("3743")}
    assert (parsed.refused, parsed.doubtful) == ({"twice": 1}, {"129108"})


@pytest.mark.parametrize(
    ("widgets", "sportradar_id"),
    [
        (None, None),
        ([], None),
        ([{"id": 67691078, "type": "SPORTRADAR"}], "67691078"),
        ([{"id": "sr:match:67691078", "type": "SPORTRADAR"}], "67691078"),
        ([{"id": "0", "type": "SPORTRADAR"}], None),
        ([{"id": None, "type": "SPORTRADAR"}], None),
        ([{"id": "x1", "type": "SPORTRADAR"}], None),
        ([{"id": "1", "type": "SPORTRADAR"}, {"id": "2", "type": "SPORTRADAR"}], None),
        ([{"id": "5", "type": "BETGENIUS"}], None),
    ],
)
def test_the_sportradar_id_is_one_number_or_none(widgets: list[Json] | None, sportradar_id: str | None):
    """Two different ids identify nothing: matching never guesses."""
    assert read(event(widgets=widgets)).sportradar_id == sportradar_id


def test_a_kickoff_with_another_zone_is_utc_in_whole_seconds():
    """Aware UTC everywhere."""
    parsed = read(event(startTime="2026-08-21T10:30:00.250+01:00"))
    assert parsed.kickoff_at == datetime(2026, 8, 21, 9, 30, tzinfo=UTC)


# --- refusals -----------------------------------------------------------------------------------------------


FAIR = group("3743", row(None, _1=4.59, X=3.9, _2=1.68))


@pytest.mark.parametrize("handicap", ["two", "2,5", None, 1.5, "", 1e300])
def test_a_line_that_is_none_costs_that_row_and_puts_its_market_in_doubt(handicap: object):
    """The other lines stand; what was known of the market may not be taken for withdrawn."""
    bad = group("5000", row(handicap, Over=1.9, Under=1.9), row(10, Over=1.9, Under=1.9))
    parsed = read(event(bad, FAIR))
    assert set(parsed.markets) == {MarketKey("5000", "2.5"), MarketKey("3743")}
    assert (parsed.refused, parsed.doubtful) == ({"line": 1}, {"5000"})


@pytest.mark.parametrize("price", ["2,5", "x", "", None, -2.5, "-2.5"])
def test_a_price_that_is_no_number_costs_its_market_at_that_line(price: object):
    """It may be any price: the market is neither shown nor withdrawn, the rest of the event stands."""
    bad = group("5000", row(10, Over=price, Under=1.9), row(14, Over=2.9, Under=1.4))
    parsed = read(event(bad, FAIR))
    assert set(parsed.markets) == {MarketKey("5000", "3.5"), MarketKey("3743")}
    assert (parsed.refused, parsed.doubtful) == ({"price": 1}, {"5000"})


@pytest.mark.parametrize("price", [0, 1, "1.00", 1.0, 0.5, 1e7])
def test_a_price_that_is_no_offer_costs_that_outcome_only(price: object):
    """At most 1 or beyond 100,000: not offered, and counted; the other outcomes of its market stay."""
    parsed = read(event(group("3743", row(None, _1=4.59, X=price, _2=1.68))))
    assert parsed.markets[MarketKey("3743")].odds_milli == (4590, 0, 1680)
    assert (parsed.refused, parsed.doubtful) == ({"price": 1}, frozenset())


def test_a_market_of_which_nothing_is_offered_is_absent():
    """Nothing of it is shown and nothing is locked."""
    parsed = read(event(group("4703", row(None, _1=0, _2=1)), FAIR))
    assert set(parsed.markets) == {MarketKey("3743")}
    assert (parsed.refused, parsed.doubtful) == ({"price": 2}, frozenset())


def test_a_locked_outcome_needs_no_price():
    """Whatever stands beside it, it is no offer."""
    rows = row(None, Yes=None, No=2.05)
    rows["prices"][0]["suspended"] = True
    parsed = read(event(group("3795", rows)))
    assert parsed.markets[MarketKey("3795")].suspended == 0b01 and parsed.refused == {}


def test_an_outcome_said_twice_alike_is_said_once():
    """Only a contradiction makes a market doubtful."""
    assert odds(event(group("3743", row(None, _1=4.59, X=3.9, _2=1.68), row(None, X=3.9)))) == {
        MarketKey("3743"): (4590, 3900, 1680)
    }


@pytest.mark.parametrize("second", [{"odds": 3.8}, {"odds": 3.9, "suspended": True}, {"odds": 0}])
def test_an_outcome_that_contradicts_itself_costs_its_market(second: Json):
    """Which of the two is right cannot be known; the rest of the event stands."""
    rows = row(None, _1=4.59, X=3.9, _2=1.68)
    rows["prices"].append({"name": "X", **second})
    parsed = read(event(group("3743", rows), group("4703", row(None, _1=1.7, _2=2.1))))
    assert set(parsed.markets) == {MarketKey("4703")}
    assert (parsed.refused, parsed.doubtful) == ({"twice": 1}, {"3743"})


def test_a_market_in_doubt_is_locked_at_its_last_prices():
    """Together with `settle`: neither the old price as open nor a withdrawal."""
    before = settle({}, read(event(FAIR, group("4703", row(None, _1=1.7, _2=2.1)))).markets.values(), START)
    rows = row(None, _1=4.59, X="3,9", _2=1.68)
    parsed = read(event(group("3743", rows), group("4703", row(None, _1=1.7, _2=2.1))))
    after = settle(before, parsed.markets.values(), START, doubtful=parsed.doubtful)
    assert after[MarketKey("3743")].state == "suspended"
    assert after[MarketKey("3743")].odds_milli == (4590, 3900, 1680)
    assert after[MarketKey("4703")].state == "open"


def without(*path: str) -> Json:
    body = event()
    inner = body
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return body


def renamed_price_field() -> Json:
    body = event()
    for price in body["markets"][0]["row"][0]["prices"]:
        price["quotation"] = price.pop("odds")
    return body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"<!doctype html><html></html>",
        b'{"id": "1"',
        b"\xff\xfe{}",
        json.dumps(event()).encode().replace(b"4.59", b"NaN"),
        json.dumps(event()).encode().replace(b"Home", b"H\xf6me"),
        b"[" * 100_000,
        json.dumps(event())
        .encode()
        .replace(b'"Football"', b'"Football", "x": ' + b"[" * 100_000 + b"]" * 100_000),
        b'{"responses": [{"responses": []}]}',
    ],
)
def test_bytes_of_another_kind_are_refused(body: bytes):
    """Garbage, pages, lists, NaN, broken text, nesting bombs: one class of error."""
    with pytest.raises(PayloadChanged):
        PARSER.parse(body)


@pytest.mark.parametrize(
    "body",
    [
        without("id"),
        without("startTime"),
        without("participants"),
        without("markets"),
        without("category"),
        event(id=""),
        event(startTime="2026-08-21T09:30:00"),
        event(startTime="2026-13-41T09:30:00Z"),
        event(startTime="0001-01-01T00:00:00+05:00"),
        event(startTime=1787304600),
        event(participants=[]),
        event(participants=[{"name": "Home", "position": 1}]),
        event(participants=[{"name": "Home", "position": 1}, {"name": "  ", "position": 2}]),
        event(participants=[{"name": "Home", "position": 1}, {"name": "Also", "position": 1}]),
        event(participants=[{"name": name, "position": place} for place, name in enumerate("ABC", 1)]),
        event(markets=[]),
        event(markets=[group("3743")]),
        event(markets=None),
        event(category={"name": " "}),
        event(group("3743", {"handicap": None, "prices": [{"odds": 2.0}]})),
        event(group("3743", row(None, _1="4,59", X="3,90", _2="1,68"))),
        event(group("5000", row("2.5", Over=1.9, Under=1.9))),
        renamed_price_field(),
    ],
)
def test_a_detail_that_lacks_what_we_rely_on_is_refused(body: Json):
    """Nothing of such a body is believed: an answer without prices must not pass for an empty offer."""
    with pytest.raises(PayloadChanged):
        read(body)


# --- mutations ----------------------------------------------------------------------------------------------


def simulated_bodies() -> list[bytes]:
    simulator = create()
    source = FixedSource(simulated_events(1, simulator.own_id), filler=6)
    request = SimulatedRequest("GET", f"/api/sportsbook/v4/events/{source.listed[0].event_id}", {}, {}, b"")
    rendered = simulator.answer(request, source).body
    return [rendered, json.dumps(json.loads(rendered)).encode(), json.dumps(event()).encode()]


SIMULATED = simulated_bodies()
ODD_VALUES = [
    None,
    True,
    0,
    -1,
    1,
    1e300,
    -1e9,
    10**30,
    "",
    "NaN",
    "-0",
    "1e5",
    [],
    {},
    [[]],
    {"v": 1},
    "\x00",
    "99999999999",
]


def check(body: bytes) -> None:
    """Only our errors come out, and no price that is not one."""
    try:
        parsed = PARSER.parse(body)
    except (PayloadChanged, EventGone):
        return
    for market in parsed.markets.values():
        assert len(market.odds_milli) == len(market.names)
        assert len(market.players) in (0, len(market.names))
        assert all(price == 0 or 1000 < price <= MAX_ODDS_MILLI for price in market.odds_milli)
        assert 0 <= market.suspended < 1 << len(market.names)
    assert parsed.kickoff_at.utcoffset() is not None


def mutate(body: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """Replace, cut or insert some bytes at some places."""
    data = bytearray(body)
    for place, cut, new in edits:
        start = place % (len(data) + 1)
        data[start : start + cut] = new
    return bytes(data)


EDITS = st.lists(
    st.tuples(
        st.integers(0, 10**7),
        st.integers(0, 8),
        st.one_of(
            st.binary(max_size=6), st.sampled_from([b"{", b"]", b'"', b"-", b"9", b"null", b"1e999", b"NaN"])
        ),
    ),
    min_size=1,
    max_size=4,
)


@given(st.sampled_from(SIMULATED), EDITS)
def test_simulated_bytes_mutated_give_only_our_errors(body: bytes, edits: list[tuple[int, int, bytes]]):
    """Whatever a network or a bookmaker does to bytes."""
    check(mutate(body, edits))


@pytest.mark.payloads
@given(st.sampled_from(["prematch.json", "double_chance_1up_ft.json", "basketball.json"]), EDITS)
def test_recorded_bytes_mutated_give_only_our_errors(name: str, edits: list[tuple[int, int, bytes]]):
    """The same for real answers."""
    check(mutate(payload("betpawa", name), edits))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, inner in items for place in places(inner, (*path, key)))]


def changed(body: Json, path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Json:
    body = copy.deepcopy(body)
    inner: Any = body
    for key in path[:-1]:
        inner = inner[key]
    change(inner, path[-1])
    return body


SMALL = json.loads(
    json.dumps(
        event(group("3743", row(None, _1=4.59, X=3.9, _2=1.68)), group("5000", row(10, Over=1.9, Under=1.9)))
    )
)


@given(st.sampled_from([path for path in places(SMALL) if path]), st.sampled_from([*ODD_VALUES, ...]))
@example(("markets", 0, "row", 0, "prices", 0, "odds"), 1e300)
def test_odd_values_in_any_place_give_only_our_errors(path: tuple[Any, ...], value: object):
    """Every field of the body replaced by something strange, or left out."""

    def change(inner: Any, key: Any) -> None:
        if value is ...:
            del inner[key]
        else:
            inner[key] = value

    check(json.dumps(changed(SMALL, path, change)).encode())
