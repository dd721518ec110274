"""SportyBet's event detail: captured answers, what each part means, and damaged bodies."""

import contextlib
import copy
import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overround.bookmakers.sportybet.parser import EventParser
from overround.config import packaged_catalogue
from overround.domain.diff import diff
from overround.domain.markets import MAX_ODDS_MILLI, MarketKey
from overround.domain.settle import settle
from overround.errors import EventGone, PayloadChanged
from tests.support.clock import START
from tests.support.payloads import FOLDER, payload
from tests.support.sportybet_server import simulated_body

PARSER = EventParser(packaged_catalogue())


def outcome(outcome_id, odds, is_active=1):
    return {"id": outcome_id, "odds": odds, "isActive": is_active, "desc": "?", "probability": "0.5"}


def market(market_id="1", odds=("2.40", "3.30", "3.00"), ids=("1", "2", "3"), **fields):
    outcomes = [outcome(outcome_id, price) for outcome_id, price in zip(ids, odds, strict=True)]
    return {
        "id": market_id,
        "name": f"Market {market_id}",
        "status": 0,
        "banned": False,
        "outcomes": outcomes,
    } | fields


def event(*markets, **fields):
    return {
        "eventId": "sr:match:68995116",
        "estimateStartTime": 1778065200000,
        "status": 0,
        "homeTeamName": "Home",
        "awayTeamName": "Away",
        "sport": {
            "id": "sr:sport:1",
            "name": "Football",
            "category": {"id": "sr:category:99", "name": "China", "tournament": {"id": "t", "name": "Super League"}},
        },
        "markets": list(markets) or [market()],
        "banned": False,
    } | fields  # fmt: skip


def answer(data, biz_code=10000):
    return json.dumps({"bizCode": biz_code, "message": "0#0", "data": data}).encode()


def parse(*markets, **fields):
    return PARSER.parse(answer(event(*markets, **fields)))


# --- captured answers ------------------------------------------------------------------------------------------


@pytest.mark.payloads
def test_the_captured_match_has_its_known_prices():
    """SR 68995116, checked by hand against the file: every family of lines, double chance by id."""
    parsed = PARSER.parse(payload("sportybet", "prematch.json"))
    known = {
        ("3743", ""): (2400, 3300, 3000),
        ("4693", ""): (1370, 1530, 1340),  # ours is 1X, X2, 12; theirs 1X, 12, X2
        ("3795", ""): (1740, 2000),
        ("4703", ""): (1710, 2100),
        ("5000", "2"): (1480, 2600),
        ("5000", "2.5"): (1960, 1810),
        ("3774", "-0.5"): (2350, 1570),
        ("3774", "0"): (1710, 2100),
        ("4724", "-1"): (4750, 4250, 1560),
        ("4724", "2"): (1110, 8100, 16000),
    }
    assert {key: parsed.markets[MarketKey(*key)].odds_milli for key in known} == known
    assert parsed.markets[MarketKey("4693")].names == ("1X", "X2", "12")
    assert len(parsed.markets) == 279
    assert (parsed.refused, parsed.doubtful) == ({}, frozenset())


@pytest.mark.payloads
def test_the_captured_match_has_its_header():
    """Teams, kickoff, country and competition come from the detail too."""
    parsed = PARSER.parse(payload("sportybet", "prematch.json"))
    assert (parsed.event_id, parsed.sportradar_id, parsed.genius_id) == (
        "sr:match:68995116",
        "68995116",
        None,
    )
    assert parsed.kickoff_at == datetime(2026, 5, 6, 11, 0, tzinfo=UTC)
    assert (parsed.home, parsed.away) == ("Wuhan Three Towns FC", "Qingdao Hainiu FC")
    assert (parsed.country, parsed.competition, parsed.sport) == ("China", "Chinese Super League", "football")


@pytest.mark.payloads
def test_what_the_captured_match_has_beyond_the_catalogue_is_counted():
    """1,382 outcomes; with and without players at least 75 % are ours, the rest stands in rows."""
    parsed = PARSER.parse(payload("sportybet", "prematch.json"))
    everything = sum(len(market.names) for market in parsed.markets.values())
    players = sum(len(market.names) for market in parsed.markets.values() if market.players)
    unmapped = sum(row.outcomes for row in parsed.unmapped)
    assert (everything - players) / (everything - players + unmapped) >= 0.75
    assert ("60300", "Any Team to lead by 1 Goal", 2) in [
        (row.id, row.name, row.outcomes) for row in parsed.unmapped
    ]


@pytest.mark.payloads
def test_the_captured_scorers_are_players():
    """One object each of first, last and anytime scorer: 49 players by Sportradar id, and No Goal."""
    parsed = PARSER.parse(payload("sportybet", "prematch.json"))
    first, last, anytime = (
        parsed.markets[MarketKey(*key)] for key in (("129110", "1"), ("129109", ""), ("129108", ""))
    )
    assert first.names[0] == "No Goal"
    assert first.players[0] is None
    assert first.players[1:] == last.players[1:] == anytime.players[1:]
    assert all(player and player.sportradar_id and player.name == name
               for player, name in zip(anytime.players[1:], anytime.names[1:], strict=True))  # fmt: skip
    assert "Li Hailong" in anytime.names


@pytest.mark.payloads
@pytest.mark.parametrize("name", ["prematch.json", "live.json", "basketball.json"])
def test_a_captured_answer_parsed_twice_is_no_change(name):
    """Parsing is a pure function of the bytes, whatever was parsed between."""
    body = payload("sportybet", name)
    first = PARSER.parse(body)
    parse()
    second = PARSER.parse(body)
    assert first == second
    settled = settle({}, first.markets.values(), START)
    assert diff(settled, settle(settled, second.markets.values(), START)) == ()


@pytest.mark.payloads
def test_a_running_match_may_have_no_market():
    """live.json was captured in such a gap."""
    parsed = PARSER.parse(payload("sportybet", "live.json"))
    assert (parsed.sportradar_id, parsed.markets) == ("67645534", {})


@pytest.mark.payloads
def test_another_sport_is_read_and_keeps_its_ids_to_itself():
    """Basketball's 18 is not football's over/under."""
    parsed = PARSER.parse(payload("sportybet", "basketball.json"))
    assert (parsed.sport, parsed.competition) == ("basketball", "LNB")
    assert MarketKey("5000", "155.5") not in parsed.markets
    assert (
        sum(row.outcomes for row in parsed.unmapped) + sum(len(m.names) for m in parsed.markets.values())
        == 399
    )


# --- what is offered -------------------------------------------------------------------------------------------


def test_outcomes_are_read_by_id_whatever_their_order_and_text():
    """Double chance arrives as 1X, 12, X2; any order gives the same market."""
    one = parse(market("10", ("1.37", "1.34", "1.53"), ("9", "10", "11")))
    other = parse(market("10", ("1.53", "1.37", "1.34"), ("11", "9", "10")))
    assert one.markets == other.markets
    assert one.markets[MarketKey("4693")].odds_milli == (1370, 1530, 1340)


def test_ids_and_prices_may_be_numbers():
    """Text and numbers stand for each other in this feed."""
    numbers = market(1, (2.4, 3.3, 3), (1, 2, 3))
    assert parse(numbers).markets == parse(market()).markets


@pytest.mark.parametrize(
    ("of_event", "of_market"),
    [({}, {"status": 1}), ({}, {"status": 2}), ({}, {"banned": True}), ({"banned": True}, {})],
)
def test_a_locked_market_is_suspended_at_its_last_prices(of_event, of_market):
    """Status other than 0 and a ban lock every outcome, though isActive stays 1."""
    read = parse(market(**of_market), **of_event).markets[MarketKey("3743")]
    assert (read.odds_milli, read.suspended) == ((2400, 3300, 3000), 0b111)


def test_an_inactive_outcome_is_suspended_if_it_shows_a_price_and_dormant_if_not():
    """0.00 and 1.00 beside isActive 0 show no price, and that is no fault; `settle` knows if there was one."""
    outcomes = [outcome("1", "2.40", 0), outcome("2", "0.00", 0), outcome("3", "1.00", 0)]
    parsed = parse(market(outcomes=outcomes))
    assert parsed.markets[MarketKey("3743")].odds_milli == (2400, 0, 0)
    assert parsed.markets[MarketKey("3743")].suspended == 0b001
    assert parsed.markets[MarketKey("3743")].dormant == 0b110
    assert parsed.refused == {}


@pytest.mark.parametrize("odds", ["1.00", "0.00", "100000.01", 0, 1e300])
def test_an_open_outcome_at_no_offer_is_not_offered_and_counted(odds):
    """Odds are above 1 and at most 100,000; the rest of the market stands."""
    parsed = parse(market(odds=(odds, "3.30", "3.00")))
    assert parsed.markets[MarketKey("3743")].odds_milli == (0, 3300, 3000)
    assert parsed.markets[MarketKey("3743")].suspended == 0
    assert (parsed.refused, parsed.doubtful) == ({"price": 1}, frozenset())


@pytest.mark.parametrize("odds", ["2,40", "-2.5", "1e3", "NaN", "", None, -3])
def test_a_price_that_is_no_number_leaves_its_market_out_in_doubt(odds):
    """Its outcome may be open at any price: the market is neither offered without it nor withdrawn."""
    parsed = parse(market(odds=(odds, "3.30", "3.00")), market("29", ("1.74", "2.00"), ("74", "76")))
    assert list(parsed.markets) == [MarketKey("3795")]
    assert (parsed.refused, parsed.doubtful) == ({"price": 1}, {"3743"})


def test_a_market_that_offers_nothing_is_absent():
    """No outcome shows a price: there is no market, only what was counted."""
    parsed = parse(market(), market("29", ("1.00", "1.00"), ("74", "76")))
    assert list(parsed.markets) == [MarketKey("3743")]
    assert parsed.refused == {"price": 2}


# --- what is refused or unmapped ---------------------------------------------------------------------------------


def test_a_market_sent_twice_is_left_out_and_the_rest_stands():
    """(id, specifier) is unique: neither is believed, and what is left out must not look withdrawn."""
    parsed = parse(
        market(), market(odds=("2.50", "3.30", "3.00")), market("29", ("1.74", "2.00"), ("74", "76"))
    )
    assert list(parsed.markets) == [MarketKey("3795")]
    assert (parsed.refused, parsed.doubtful) == ({"twice": 1}, {"3743"})


def test_two_spellings_of_one_line_are_a_duplicate():
    """2.5 and 2.50 are one market of ours."""
    lines = [
        market("18", ("1.96", "1.81"), ("12", "13"), specifier=f"total={line}") for line in ("2.5", "2.50")
    ]
    parsed = parse(market(), *lines)
    assert list(parsed.markets) == [MarketKey("3743")]
    assert (parsed.refused, parsed.doubtful) == ({"twice": 1}, {"5000"})


def test_a_market_that_names_an_outcome_twice_is_left_out():
    """Two prices for one outcome: neither is believed."""
    parsed = parse(market(ids=("1", "1", "3")), market("29", ("1.74", "2.00"), ("74", "76")))
    assert list(parsed.markets) == [MarketKey("3795")]
    assert (parsed.refused, parsed.doubtful) == ({"twice": 1}, {"3743"})


@pytest.mark.parametrize("odds", [None, "-2.4", "2,40"])
def test_open_outcomes_without_any_readable_price_fail_the_answer(odds):
    """A renamed or respelt field must not pass for "nothing is offered" and withdraw the whole event."""
    with pytest.raises(PayloadChanged, match="a price we can read"):
        parse(market(odds=(odds, odds, odds)))


def test_a_refusal_quotes_the_answer_in_one_printable_line():
    """What a body says is shown in logs and on the terminal: it can break neither."""
    with pytest.raises(EventGone) as gone:
        PARSER.parse(json.dumps({"bizCode": 19000, "message": "no\nsuch\x1b[2J"}).encode())
    assert str(gone.value).isprintable()


def test_an_unreadable_line_is_refused_and_the_rest_stands():
    """It is counted as line, not as unmapped."""
    parsed = parse(market(), market("18", ("1.96", "1.81"), ("12", "13"), specifier="total=half"))
    assert list(parsed.markets) == [MarketKey("3743")]
    assert (parsed.refused, parsed.doubtful, parsed.unmapped) == ({"line": 1}, {"5000"}, ())


def test_unmapped_outcomes_of_a_mapped_market_are_counted():
    """A fourth outcome of 1X2 is unknown; the three known ones stand."""
    parsed = parse(market(odds=("2.40", "3.30", "3.00", "9.00"), ids=("1", "2", "3", "4")))
    assert parsed.markets == parse(market()).markets
    assert [(row.id, row.outcomes) for row in parsed.unmapped] == [("1", 1)]


def test_the_lines_of_an_unmapped_market_make_one_row():
    """Coverage counts market types."""
    lines = [
        market("60399", ("1.96", "1.81"), ("12", "13"), specifier=f"total={line}") for line in (0.5, 1.5)
    ]
    assert [(row.id, row.name, row.outcomes) for row in parse(*lines).unmapped] == [
        ("60399", "Market 60399", 4)
    ]


# --- identity ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "genius_id"),
    [
        ({"preMatchSource": {"sourceType": "BET_GENIUS", "sourceId": "111111113599033"}}, "13599033"),
        ({"preMatchSource": {"sourceType": "BET_GENIUS", "sourceId": 13599033}}, "13599033"),
        ({"preMatchSource": None, "liveSource": {"sourceType": "BET_GENIUS", "sourceId": "5"}}, "5"),
        ({"preMatchSource": {"sourceType": "BET_GENIUS", "sourceId": None}}, None),
        ({"preMatchSource": {"sourceType": "BET_RADAR", "sourceId": "68995116"}}, None),
        (None, None),
    ],
)
def test_the_genius_id_is_read_where_genius_supplies(source, genius_id):
    """Seven 1s before the id are no part of it; the Sportradar id comes from eventId all the same."""
    parsed = parse(eventSource=source)
    assert (parsed.genius_id, parsed.sportradar_id) == (genius_id, "68995116")


@pytest.mark.parametrize("biz_code", [19000, 10001, 0, "19000"])
@pytest.mark.parametrize("data", [None, {}, "", []])
def test_a_code_other_than_success_means_the_event_is_gone(biz_code, data):
    """Whatever stands for data."""
    with pytest.raises(EventGone):
        PARSER.parse(answer(data, biz_code))


def test_the_code_counts_before_the_data():
    """An event beside a refusal is not read."""
    with pytest.raises(EventGone):
        PARSER.parse(answer(event(), 19000))


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
        b'{"bizCode":10000,"data":[]}',
        b'{"bizCode":true,"data":{}}',
        b'{"bizCode":10000,"data":' + b"[" * 200_000,
        b'{"bizCode":10000,"data":{"markets":' + b'[{"outcomes":' * 50_000,
        answer(event())[:-1],
        answer(event()) + b"}",
        answer(event()).replace(b'"2.40"', b"NaN"),
        answer(event()).replace(b'"0.5"', b"NaN"),
        answer(event()).replace(b"Home", b"\xff\xfe"),
        answer(event()).replace(b"Home", b"\\ud800"),
        answer(event(eventId="sr:season:68995116")),
        answer(event(eventId="68995116")),
        answer(event(eventId="sr:match:0")),
        answer(event(eventId=None)),
        answer(event(estimateStartTime=10**17)),
        answer(event(estimateStartTime=-(10**17))),
        answer(event(estimateStartTime=None)),
        answer(event(homeTeamName=" ")),
        answer(event(awayTeamName=None)),
        answer(event(sport=None)),
        answer(event(markets=None)),
        answer(event(markets={})),
        answer(event(market(outcomes=None))),
        answer(event(market(status=None))),
        answer(event(market(odds=("2.40", {"v": 1}, "3.00")))),
        answer(event() | {"markets": []}),
    ],
)  # fmt: skip
def test_any_other_shape_is_payload_changed(body):
    """Garbage, pages, bombs, bad text, missing parts, and no market before kickoff: nothing is believed."""
    with pytest.raises(PayloadChanged):
        PARSER.parse(body)


@pytest.mark.parametrize("status", [1, 3, 4])
def test_no_market_is_readable_once_a_match_has_started(status):
    """A gap in play is normal at SportyBet, see README."""
    assert PARSER.parse(answer(event(status=status) | {"markets": []})).markets == {}


# --- damaged bodies ------------------------------------------------------------------------------------------------

JUNK = st.sampled_from(
    [None, True, "", "x", "1.00", "NaN", "sr:match:1", 0, -1, 1, 10**30, 1e300, -0.5, [], {}, [[]], {"v": 1}]
)


def believable(parsed):
    for read in parsed.markets.values():
        assert len(read.odds_milli) == len(read.names)
        assert all(odds == 0 or 1000 < odds <= MAX_ODDS_MILLI for odds in read.odds_milli)


def survives(body):
    """Parse a damaged body: an error of ours, or prices that are prices."""
    with contextlib.suppress(PayloadChanged, EventGone):
        believable(PARSER.parse(body))


def replace_somewhere(value, choose, junk):
    """Put junk in place of one value, chosen by descending at random."""
    while isinstance(value, dict | list) and value:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = keys[choose(len(keys))]
        if not isinstance(value[key], dict | list) or choose(6) == 0:
            value[key] = copy.deepcopy(junk)
            return
        value = value[key]


def bodies():
    """Return the bodies to damage: a small one, a simulated one, the captured ones."""
    found = [answer(event()), simulated_body(filler=20)]
    if FOLDER.is_dir():
        found += [payload("sportybet", name) for name in ("prematch.json", "live.json", "basketball.json")]
    return found


BODIES = bodies()
FEW = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


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
