"""MSport's event detail: captured answers, what each part means, and damaged bodies."""

import contextlib
import copy
import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overround.bookmakers.msport.parser import EventParser
from overround.config import packaged_catalogue
from overround.domain.diff import diff
from overround.domain.markets import MAX_ODDS_MILLI, MarketKey
from overround.domain.settle import settle
from overround.errors import EventGone, PayloadChanged
from tests.support.clock import START
from tests.support.msport_server import simulated_body
from tests.support.payloads import FOLDER, payload

PARSER = EventParser(packaged_catalogue())
PAYLOADS = ("prematch.json", "live.json", "basketball.json")


def outcome(outcome_id, odds, is_active=1):
    return {"id": outcome_id, "odds": odds, "isActive": is_active, "description": "?", "probability": "0.5"}


def market(market_id=1, odds=("2.45", "3.25", "2.99"), ids=("1", "2", "3"), **fields):
    outcomes = [outcome(outcome_id, price) for outcome_id, price in zip(ids, odds, strict=True)]
    return {
        "id": market_id,
        "name": f"Market {market_id}",
        "specifiers": "",
        "status": 0,
        "outcomes": outcomes,
    } | fields


def event(*markets, **fields):
    return {
        "eventId": "sr:match:68995116",
        "startTime": 1778065200000,
        "status": 0,
        "homeTeam": "Home",
        "awayTeam": "Away",
        "sportId": "sr:sport:1",
        "sport": "Soccer",
        "category": "China",
        "tournament": "Super League",
        "markets": list(markets) or [market()],
    } | fields


def answer(data, biz_code=10000):
    return json.dumps({"bizCode": biz_code, "innerMsg": None, "message": "success", "data": data}).encode()


def parse(*markets, **fields):
    return PARSER.parse(answer(event(*markets, **fields)))


# --- captured answers ------------------------------------------------------------------------------------------


@pytest.mark.payloads
def test_the_captured_match_has_its_known_prices():
    """SR 68995116, checked by hand against the file: lines, double chance by id, early payout, own ids."""
    parsed = PARSER.parse(payload("msport", "prematch.json"))
    known = {
        ("3743", ""): (2450, 3250, 2990),
        ("4703", ""): (1670, 2040),
        ("3774", "-0.5"): (2330, 1560),
        ("3774", "0.5"): (1390, 2850),
        ("4724", "-1"): (4700, 4200, 1560),
        ("4724", "2"): (1110, 8000, 16000),
        ("28000810", ""): (1690, 3250, 1960),
        ("28000850", ""): (2340, 3250, 2800),
        ("x-home_or_over_ft", "2.5"): (1450, 2490),
    }
    assert {key: parsed.markets[MarketKey(*key)].odds_milli for key in known} == known
    assert parsed.markets[MarketKey("4693")].names == ("1X", "X2", "12")
    assert (parsed.refused, parsed.doubtful) == ({}, frozenset())


@pytest.mark.payloads
def test_the_captured_match_has_its_header():
    """Teams, kickoff, country and competition come from the detail too."""
    parsed = PARSER.parse(payload("msport", "prematch.json"))
    assert (parsed.event_id, parsed.sportradar_id, parsed.genius_id) == (
        "sr:match:68995116",
        "68995116",
        None,
    )
    assert parsed.kickoff_at == datetime(2026, 5, 6, 11, 0, tzinfo=UTC)
    assert (parsed.home, parsed.away) == ("Wuhan Three Towns", "Qingdao Hainiu FC")
    assert (parsed.country, parsed.competition, parsed.sport) == ("China", "Chinese Super League", "football")


@pytest.mark.payloads
def test_99_percent_of_the_captured_matchs_outcomes_are_mapped():
    """942 outcomes, players left aside; what is not ours stands in rows."""
    body = payload("msport", "prematch.json")
    parsed = PARSER.parse(body)
    players = sum(len(market.players) for market in parsed.markets.values())
    unmapped = sum(row.outcomes for row in parsed.unmapped)
    everything = sum(len(market["outcomes"]) for market in json.loads(body)["data"]["markets"])
    assert everything == 942
    assert players == 3 * 50
    assert 1 - unmapped / (everything - players) >= 0.99


@pytest.mark.payloads
def test_the_captured_basketball_match_is_read():
    """Its ids are its own: 236 and 303 by quarter; totals and winner are ours."""
    parsed = PARSER.parse(payload("msport", "basketball.json"))
    assert (parsed.sport, parsed.competition) == ("basketball", "NBA")
    assert MarketKey("4791") in parsed.markets
    assert MarketKey("3743") not in parsed.markets
    assert parsed.refused == {}


@pytest.mark.payloads
def test_a_running_match_may_have_no_market():
    """live.json was captured in such a gap."""
    parsed = PARSER.parse(payload("msport", "live.json"))
    assert (parsed.sportradar_id, parsed.markets) == ("67645534", {})


@pytest.mark.payloads
@pytest.mark.parametrize("name", PAYLOADS)
def test_a_captured_answer_parsed_twice_is_no_change(name):
    """Parsing is a pure function of the bytes, whatever was parsed between."""
    body = payload("msport", name)
    first = PARSER.parse(body)
    parse()
    second = PARSER.parse(body)
    assert first == second
    settled = settle({}, first.markets.values(), START)
    assert diff(settled, settle(settled, second.markets.values(), START)) == ()


# --- what is offered -------------------------------------------------------------------------------------------


def test_ids_may_be_text_or_numbers_and_specifiers_null_or_empty():
    """Market ids are numbers here and text elsewhere in this feed."""
    expected = parse(market()).markets
    assert expected[MarketKey("3743")].odds_milli == (2450, 3250, 2990)
    assert parse(market("1", specifiers=None)).markets == expected
    assert parse(market(1, (2.45, 3.25, 2.99), (1, 2, 3))).markets == expected
    without = market()
    del without["specifiers"]
    assert parse(without).markets == expected


def test_outcomes_are_read_by_id_whatever_their_order_and_text():
    """Double chance arrives as 1 X, 1 2, X 2."""
    one = parse(market(10, ("1.37", "1.34", "1.53"), ("9", "10", "11")))
    other = parse(market(10, ("1.53", "1.37", "1.34"), ("11", "9", "10")))
    assert one.markets == other.markets
    assert one.markets[MarketKey("4693")].odds_milli == (1370, 1530, 1340)


def test_one_market_of_theirs_may_be_two_of_ours():
    """Correct score 45 is the 26-way one, and without Other the full one."""
    parsed = parse(market(45, ("9.80", "35.00"), ("274", "324")))
    full, with_other = parsed.markets[MarketKey("4429")], parsed.markets[MarketKey("28000869")]
    assert [(name, odds) for name, odds in zip(full.names, full.odds_milli, strict=True) if odds] == [
        ("0-0", 9800)
    ]
    assert with_other.odds_milli[with_other.names.index("Other")] == 35_000
    assert parsed.unmapped == ()


@pytest.mark.parametrize("status", [1, 2, -1])
def test_a_market_of_another_status_is_suspended_at_its_prices(status):
    """0 is open."""
    read = parse(market(status=status)).markets[MarketKey("3743")]
    assert (read.odds_milli, read.suspended) == ((2450, 3250, 2990), 0b111)


def test_an_inactive_outcome_is_suspended_if_it_shows_a_price_and_dormant_if_not():
    """0.00 beside isActive 0 shows no price, and that is no fault."""
    outcomes = [outcome("1", "2.45", 0), outcome("2", "0.00", 0), outcome("3", "2.99")]
    parsed = parse(market(outcomes=outcomes))
    read = parsed.markets[MarketKey("3743")]
    assert (read.odds_milli, read.suspended, read.dormant) == ((2450, 0, 2990), 0b001, 0b010)
    assert parsed.refused == {}


def test_what_contradicts_itself_or_cannot_be_read_is_left_out_in_doubt():
    """Twice, a bad line, a comma: counted each, and the rest of the event stands."""
    parsed = parse(
        market(),
        market(),
        market(18, ("1.96", "1.81"), ("12", "13"), specifiers="total=half"),
        market(29, ("1,74", "2.00"), ("74", "76")),
        market(11, ("1.71", "2.10"), ("4", "5")),
    )
    assert list(parsed.markets) == [MarketKey("4703")]
    assert parsed.refused == {"twice": 1, "line": 1, "price": 1}
    assert parsed.doubtful == {"3743", "5000", "3795"}


def test_open_outcomes_without_any_readable_price_fail_the_answer():
    """A renamed or respelt field must not pass for "nothing is offered"."""
    with pytest.raises(PayloadChanged, match="a price we can read"):
        parse(market(odds=(None, None, None)))


def test_what_is_unmapped_is_counted_per_market_type():
    """Under the site's own number and name."""
    rows = parse(market(), market(7, specifiers="score=0:0"), market(7, specifiers="score=0:1")).unmapped
    assert [(row.id, row.name, row.outcomes) for row in rows] == [("7", "Market 7", 6)]


# --- identity and shape ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("biz_code", [19000, 10001, 0, "19000"])
@pytest.mark.parametrize("data", [None, {}, "", [], event()])
def test_a_code_other_than_success_means_the_event_is_gone(biz_code, data):
    """Whatever stands for data."""
    with pytest.raises(EventGone):
        PARSER.parse(answer(data, biz_code))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html></html>",
        b"null",
        b"[]",
        b"{}",
        b'{"bizCode":10000}',
        b'{"bizCode":10000,"data":null}',
        b'{"bizCode":true,"data":{}}',
        b'{"bizCode":10000,"data":' + b"[" * 200_000,
        b'{"bizCode":10000,"data":{"markets":' + b'[{"outcomes":' * 50_000,
        answer(event())[:-1],
        answer(event()).replace(b'"2.45"', b"NaN"),
        answer(event()).replace(b"Home", b"\xff\xfe"),
        answer(event(eventId="sr:season:68995116")),
        answer(event(eventId="sr:match:0")),
        answer(event(startTime=10**17)),
        answer(event(startTime=None)),
        answer(event(startTime="2026-05-06 11:00:00")),
        answer(event(startTime="1778065200000")),
        answer(event(homeTeam=" ")),
        answer(event(awayTeam=None)),
        answer(event(sportId=None)),
        answer(event(markets=None)),
        answer(event(market(outcomes=None))),
        answer(event(market(status=None))),
        answer(event(market(market_id=1.5))),
        answer(event(market(odds=("2.40", {"v": 1}, "3.00")))),
        answer(event() | {"markets": []}),
    ],
)  # fmt: skip
def test_any_other_shape_is_payload_changed(body):
    """Garbage, pages, bombs, bad text, missing parts, a kickoff of another kind, and no market before kickoff."""
    with pytest.raises(PayloadChanged):
        PARSER.parse(body)


def test_no_market_is_readable_once_a_match_has_started():
    """A gap in play is normal, see README."""
    assert PARSER.parse(answer(event(status=1) | {"markets": []})).markets == {}


# --- damaged bodies ------------------------------------------------------------------------------------------------

JUNK = st.sampled_from(
    [None, True, "", "x", "1.00", "NaN", "sr:match:1", 0, -1, 1, 10**30, 1e300, -0.5, [], {}, [[]], {"v": 1}]
)


def survives(body):
    """Parse a damaged body: an error of ours, or prices that are prices."""
    with contextlib.suppress(PayloadChanged, EventGone):
        for read in PARSER.parse(body).markets.values():
            assert len(read.odds_milli) == len(read.names)
            assert all(odds == 0 or 1000 < odds <= MAX_ODDS_MILLI for odds in read.odds_milli)


def replace_somewhere(value, choose, junk):
    """Put junk in place of one value, chosen by descending at random."""
    while isinstance(value, dict | list) and value:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = keys[choose(len(keys))]
        if not isinstance(value[key], dict | list) or choose(6) == 0:
            value[key] = copy.deepcopy(junk)
            return
        value = value[key]


BODIES = [answer(event()), simulated_body(filler=20)]
if FOLDER.is_dir():
    BODIES += [payload("msport", name) for name in PAYLOADS]
FEW = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])


@FEW
@given(st.sampled_from(range(len(BODIES))), st.data())
def test_damaged_bytes_never_crash_and_never_give_a_wrong_price(which, data):
    """Bytes lost, replaced, doubled or cut off."""
    body = BODIES[which]
    at = data.draw(st.integers(0, len(body)))
    length = data.draw(st.integers(0, 40))
    survives(body[:at] + data.draw(st.binary(max_size=20)) + body[at + length :])
    survives(body[:at])


@FEW
@given(st.sampled_from(range(len(BODIES))), st.data())
def test_damaged_values_never_crash_and_never_give_a_wrong_price(which, data):
    """A value of another type, anywhere."""
    document = json.loads(BODIES[which])
    for _ in range(data.draw(st.integers(1, 4))):
        replace_somewhere(document, lambda n: data.draw(st.integers(0, n - 1)), data.draw(JUNK))
    survives(json.dumps(document).encode())
