"""Betway's event detail: captured answers, what each part means, and damaged bodies."""

import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings

from overround.bookmakers.base import joined
from overround.bookmakers.betway.parser import EventParser
from overround.config import packaged_catalogue
from overround.domain.diff import diff
from overround.domain.markets import MarketKey
from overround.domain.settle import settle
from overround.errors import EventGone, PayloadChanged
from tests.support.clock import START
from tests.support.damage import believable, with_junk, with_other_bytes
from tests.support.payloads import FOLDER, payload

PARSER = EventParser(packaged_catalogue())
EVENT = 68995116
WIN, TOTAL, BOTH = MarketKey("3743"), MarketKey("5000", "2.5"), MarketKey("3795")


def header(**fields):
    return {
        "sportEvent": {
            "eventId": EVENT,
            "expectedStartEpoch": 1778065200,
            "homeTeam": "Home",
            "awayTeam": "Away",
            "sportId": "soccer",
            "region": "China",
            "league": "Super League",
            "isActive": True,
            "isLive": False,
            "isFinished": False,
        }
        | fields
    }


def market(feed_id=1, specifier="", odds=(2.4, 3.3, 3.0), ids=("1", "2", "3"), active=True, **fields):
    """Return (market row, outcome rows, price rows)."""
    market_id = f"{EVENT}{feed_id}{specifier}"
    row = {"marketId": market_id, "subscriptionId": feed_id, "name": f"Market {feed_id}"}
    outcomes = [
        {
            "outcomeId": market_id + outcome_id,
            "marketId": f"{EVENT}{feed_id}",
            "originalMarketId": market_id,
            "name": "?",
            "isTradingActive": active,
        }
        for outcome_id in ids
    ]
    prices = [
        {"outcomeId": outcome["outcomeId"], "priceDecimal": price}
        for outcome, price in zip(outcomes, odds, strict=True)
    ]
    return row | {"isActive": True, "isSuspended": False} | fields, outcomes, prices


def total(line, odds=(1.96, 1.81), **fields):
    return market(18, f"total={line}~", odds, ("12", "13"), **fields)


def page(*markets):
    return {
        "marketsInGroup": [row for row, _, _ in markets],
        "outcomes": [outcome for _, outcomes, _ in markets for outcome in outcomes],
        "prices": [price for _, _, prices in markets for price in prices],
    }


def body(*parts):
    return joined([json.dumps(part).encode() for part in parts])


def parse(*markets, **fields):
    return PARSER.parse(body(header(**fields), page(*(markets or [market()]))))


# --- captured answers ------------------------------------------------------------------------------------------


@pytest.mark.payloads
def test_the_captured_match_has_its_known_prices():
    """SR 70926700, a header stitched to a page; checked by hand against the file."""
    parsed = PARSER.parse(payload("betway", "next_goal_and_team_ou.json"))
    known = {
        ("3743", ""): (2150, 2450, 4300),
        ("4693", ""): (1150, 1570, 1450),  # ours is 1X, X2, 12; theirs 1X, 12, X2
        ("28000810", ""): (1750, 2450, 2850),
        ("28000850", ""): (2100, 2450, 4200),
        ("28000224", "1"): (1900, 3950, 3050),
        ("5000", "1.5"): (1900, 1650),
        ("5000", "4.5"): (8000, 0),
        ("3774", "-0.5"): (2050, 1600),
        ("4724", "-1"): (5200, 3400, 1650),
        ("4724", "1"): (1200, 5100, 15500),
    }
    assert {key: parsed.markets[MarketKey(*key)].odds_milli for key in known} == known
    assert parsed.markets[MarketKey("5000", "4.5")].dormant == 0b10


@pytest.mark.payloads
def test_nearly_all_of_the_captured_match_is_mapped():
    """495 outcomes; four types have ten that are none of ours, the bar is 93 %."""
    parsed = PARSER.parse(payload("betway", "next_goal_and_team_ou.json"))
    unmapped = sum(row.outcomes for row in parsed.unmapped)
    assert (unmapped, parsed.refused, parsed.doubtful) == (10, {}, frozenset())
    assert 1 - unmapped / 495 > 0.97
    assert len(parsed.markets) == 96


@pytest.mark.payloads
def test_the_captured_match_has_its_header():
    """A running match is read too."""
    parsed = PARSER.parse(payload("betway", "next_goal_and_team_ou.json"))
    assert (parsed.event_id, parsed.sportradar_id, parsed.genius_id) == ("70926700", "70926700", None)
    assert parsed.kickoff_at == datetime(2026, 5, 21, 15, 0, tzinfo=UTC)
    assert (parsed.home, parsed.away) == ("Negelle Arsi", "Shire Endaselassie FC")
    assert (parsed.country, parsed.competition, parsed.sport) == ("Ethiopia", "Premier League", "football")


@pytest.mark.payloads
def test_a_captured_header_alone_is_an_event_without_markets():
    """SR 68995116 as EventAndGameState says it."""
    parsed = PARSER.parse(payload("betway", "prematch.json"))
    assert (parsed.sportradar_id, parsed.markets) == ("68995116", {})
    assert parsed.kickoff_at == datetime(2026, 5, 6, 11, 0, tzinfo=UTC)


@pytest.mark.payloads
def test_a_captured_page_alone_is_no_event():
    """It names neither teams nor kickoff."""
    with pytest.raises(PayloadChanged, match="no sportEvent"):
        PARSER.parse(payload("betway", "basketball.json"))


@pytest.mark.payloads
def test_another_sport_is_read_and_keeps_its_ids_to_itself():
    """Basketball's page under a header; ten outcomes of lines that are not shown have no market row."""
    basketball = header(eventId=71427986, sportId="basketball")
    captured = payload("betway", "basketball.json")
    parsed = PARSER.parse(joined([json.dumps(basketball).encode(), captured]))
    assert parsed.sport == "basketball"
    assert MarketKey("5000", "155.5") not in parsed.markets
    mapped = sum(len(read.names) for read in parsed.markets.values())
    assert mapped > 60
    assert parsed.refused == {}


@pytest.mark.payloads
@pytest.mark.parametrize("name", ["next_goal_and_team_ou.json", "prematch.json"])
def test_a_captured_answer_parsed_twice_is_no_change(name):
    """Parsing is a pure function of the bytes, whatever was parsed between."""
    captured = payload("betway", name)
    first = PARSER.parse(captured)
    parse()
    second = PARSER.parse(captured)
    assert first == second
    settled = settle({}, first.markets.values(), START)
    assert diff(settled, settle(settled, second.markets.values(), START)) == ()


# --- how rows are joined ---------------------------------------------------------------------------------------


def test_the_feed_id_is_the_subscription_and_the_rest_the_specifier():
    """Sixteen is a prefix of 165: digits of a market id are never split."""
    corners = market(165, "hcp=-1.5~", (1.8, 1.9), ("1714", "1715"))
    handicap = market(16, "hcp=-1.5~", (4.1, 1.2), ("1714", "1715"))
    markets = parse(corners, handicap).markets
    assert markets[MarketKey("3774", "-1.5")].odds_milli == (4100, 1200)
    assert sorted(read.odds_milli for read in markets.values()) == [(1800, 1900), (4100, 1200)]


def test_several_keys_of_a_specifier_are_joined_by_a_tilde():
    """1X2 of the first ten minutes."""
    assert MarketKey("28000173") in parse(market(105, "from=1~to=10~")).markets


def test_lines_are_joined_by_their_own_market_not_by_the_heading():
    """Each outcome names the heading as its market and its line as the original one."""
    heading, _, _ = market(18, isSquashedParent=True)
    parsed = parse((heading, [], []), total(2.5), total(3.5, (3.1, 1.3)))
    assert {key.line: read.odds_milli for key, read in parsed.markets.items()} == {
        "2.5": (1960, 1810),
        "3.5": (3100, 1300),
    }
    assert (parsed.refused, parsed.unmapped) == ({}, ())


def test_an_outcome_without_original_market_belongs_to_its_market():
    """As markets without lines might send it."""
    row, outcomes, prices = market()
    bare = [{key: value for key, value in each.items() if key != "originalMarketId"} for each in outcomes]
    assert parse((row, bare, prices)).markets == parse().markets


def test_what_cannot_be_joined_is_refused_and_the_rest_stands():
    """An outcome of an unknown market, one whose id is another market's, and a market of another event."""
    row, outcomes, prices = market(29, "", (1.7, 2.0), ("74", "76"))
    stranger = outcomes[0] | {"originalMarketId": f"{EVENT}999", "marketId": f"{EVENT}999"}
    foreign = outcomes[1] | {"outcomeId": "1~76"}
    other = row | {"marketId": "170"}
    parsed = parse(market(), (row, [stranger, foreign], prices), (other, [], []))
    assert list(parsed.markets) == [WIN]
    assert parsed.refused == {"id": 3}


def test_prices_are_joined_by_outcome_in_any_order():
    """Across the three lists nothing has a place."""
    row, outcomes, prices = market()
    assert parse((row, outcomes[::-1], prices[1:] + prices[:1])).markets == parse().markets


def test_ids_and_prices_may_be_text_or_numbers():
    """Text and numbers stand for each other in this feed."""
    row, outcomes, prices = market()
    numbers = (
        row | {"marketId": int(row["marketId"]), "subscriptionId": "1"},
        [each | {"outcomeId": int(each["outcomeId"]), "originalMarketId": None} for each in outcomes],
        [{"outcomeId": int(each["outcomeId"]), "priceDecimal": str(each["priceDecimal"])} for each in prices],
    )
    assert parse(numbers, eventId=str(EVENT)) == parse()


def test_players_are_known_by_their_sportradar_id():
    """The bare id is the outcome's; No Goal is nobody."""
    row, outcomes, prices = market(40, "type=prematch~", (2.5, 9.0), ("796046", "1716"))
    outcomes[0]["name"], outcomes[1]["name"] = "Mbappe, Kylian", "No Goal"
    read = parse((row, outcomes, prices)).markets[MarketKey("129108")]
    offered = dict(zip(read.names, read.odds_milli, strict=True))
    assert offered == {"Kylian Mbappe": 2500, "No Goal": 9000}
    assert [player.sportradar_id for player in read.players if player] == ["796046"]


# --- several pages ---------------------------------------------------------------------------------------------


def test_the_pages_of_a_detail_make_one_event():
    """Outcomes may stand on another page than their market."""
    row, outcomes, prices = total(2.5)
    parsed = PARSER.parse(body(header(), page(market(), (row, outcomes[:1], [])), page(([], outcomes[1:], prices))
                               | {"marketsInGroup": []}))  # fmt: skip
    assert set(parsed.markets) == {WIN, TOTAL}
    assert parsed.markets[TOTAL].odds_milli == (1960, 1810)


def test_rows_that_pages_repeat_count_once():
    """A market that moved down while the pages were asked for stands on two of them."""
    once = PARSER.parse(body(header(), page(market(), total(2.5))))
    assert PARSER.parse(body(header(), page(market(), total(2.5)), page(total(2.5)))) == once


@pytest.mark.parametrize(
    "again", [total(2.5, (1.9, 1.81)), total(2.5, isSuspended=True), total(2.5, active=False)]
)
def test_rows_that_contradict_each_other_are_not_believed(again):
    """Of two prices or states neither is; the rest of the event stands."""
    parsed = PARSER.parse(body(header(), page(market(), total(2.5)), page(again)))
    assert list(parsed.markets) == [WIN]
    assert "twice" in parsed.refused
    assert parsed.doubtful == {"5000"}


# --- what is offered -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of_event", "of_market"),
    [
        ({}, {"isActive": False}),
        ({}, {"isSuspended": True}),
        ({}, {"active": False}),
        ({"isActive": False}, {}),
        ({"isFinished": True}, {}),
    ],
)
def test_what_is_not_taken_is_suspended_at_its_price(of_event, of_market):
    """Event, market and outcome must all be open."""
    read = parse(market(**of_market), **of_event).markets[WIN]
    assert (read.odds_milli, read.suspended) == ((2400, 3300, 3000), 0b111)


def test_an_inactive_outcome_without_price_is_dormant():
    """Three such stand in the captured match; `settle` knows if there was a price."""
    parsed = parse(market(odds=(2.4, 0, 3.0), active=False))
    assert (parsed.markets[WIN].suspended, parsed.markets[WIN].dormant, parsed.refused) == (0b101, 0b010, {})


def test_an_open_outcome_without_offer_is_counted():
    """Price 0 or 1, or no price row at all for one of them."""
    row, outcomes, prices = market(29, "", (1.7, 2.0), ("74", "76"))
    parsed = parse(market(odds=(0, 3.3, 1)), (row, outcomes, prices[:1]))
    assert parsed.markets[WIN].odds_milli == (0, 3300, 0)
    assert BOTH not in parsed.markets
    assert parsed.refused == {"price": 3}
    assert parsed.doubtful == {"3795"}


@pytest.mark.parametrize("price", [None, "2,40", "x"])
def test_a_body_whose_prices_cannot_be_read_is_payload_changed(price):
    """A renamed or respelt field must not pass for "nothing is offered"."""
    with pytest.raises(PayloadChanged, match="a price we can read"):
        parse(market(odds=(price,) * 3))


@pytest.mark.parametrize("line", ["half", "2.5x", "", "1e3"])
def test_an_unreadable_line_is_refused_and_the_rest_stands(line):
    """It is counted as line, not as unmapped."""
    parsed = parse(market(), total(line))
    assert list(parsed.markets) == [WIN]
    assert (parsed.refused, parsed.unmapped, parsed.doubtful) == ({"line": 1}, (), {"5000"})


def test_unmapped_markets_make_one_row_per_type():
    """Coverage counts market types."""
    parsed = parse(market(), market(7, "score=0:0~"), market(7, "score=1:0~"))
    assert [(row.id, row.name, row.outcomes) for row in parsed.unmapped] == [("7", "Market 7", 6)]


# --- identity and shape ----------------------------------------------------------------------------------------


def test_an_event_that_is_null_is_gone():
    """However many pages follow."""
    for answer in (body({"sportEvent": None}), b'{"sportEvent":null}', body({"sportEvent": None}, page())):
        with pytest.raises(EventGone):
            PARSER.parse(answer)


@pytest.mark.parametrize("state", [{"isLive": True}, {"isFinished": True}])
def test_no_market_is_readable_once_a_match_has_started(state):
    """A gap in play is normal in this feed, see README."""
    assert PARSER.parse(body(header(**state), page())).markets == {}


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b" ",
        b"<!DOCTYPE html><html></html>",
        b"null",
        b"[]",
        b"[{}]",
        b"{}",
        b'{"sportEvent":{}}',
        b"[" * 200_000,
        body(header()),
        body(header(), page()),
        body(page(market()), page(market())),
        body(header(), {}),
        body(header(), {"marketsInGroup": None}),
        body(header(), page(market()))[:-1],
        body(header(), page(market())).replace(b"2.4", b"NaN"),
        body(header(), page(market())).replace(b"Home", b"\xff\xfe"),
        body(header(eventId="x"), page(market())),
        body(header(eventId=0), page(market())),
        body(header(eventId=None), page(market())),
        body(header(expectedStartEpoch=10**17), page(market())),
        body(header(expectedStartEpoch=-(10**17)), page(market())),
        body(header(expectedStartEpoch="2026-05-06T11:00:00Z"), page(market())),
        body(header(expectedStartEpoch=None), page(market())),
        body(header(homeTeam=" "), page(market())),
        body(header(awayTeam=None), page(market())),
        body(header(isLive=None), page(market())),
        body(header(), page(market(isSuspended=None))),
        body(header(), page(market(odds=({"v": 1}, 3.3, 3.0)))),
    ],
)
def test_any_other_shape_is_payload_changed(broken):
    """Garbage, pages, bombs, missing parts, and no market before kickoff: nothing is believed."""
    with pytest.raises(PayloadChanged):
        PARSER.parse(broken)


# --- damaged bodies --------------------------------------------------------------------------------------------

BODIES = [
    body(header(), page(market(), total(2.5), total(3.5)), page(market(29, "", (1.7, 2.0), ("74", "76"))))
]
if FOLDER.is_dir():
    BODIES += [payload("betway", name) for name in ("prematch.json", "next_goal_and_team_ou.json")]
FEW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def survives(damaged):
    """Parse a damaged body: an error of ours, or prices that are prices."""
    with contextlib.suppress(PayloadChanged, EventGone):
        believable(PARSER.parse(damaged))


@FEW
@given(with_junk(BODIES))
def test_junk_in_place_of_values_is_survived(damaged):
    """Only our errors come out."""
    survives(damaged)


@FEW
@given(with_other_bytes(BODIES))
def test_other_bytes_are_survived(damaged):
    """Cut short, or with bytes replaced."""
    survives(damaged)
