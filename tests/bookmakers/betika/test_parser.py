"""Betika's event detail: captured answers, what each part means, and damaged bodies."""

import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings

from overround.bookmakers.base import joined
from overround.bookmakers.betika.parser import EventParser, kickoff_at
from overround.config import packaged_catalogue
from overround.domain.diff import diff
from overround.domain.markets import MarketKey
from overround.domain.settle import settle
from overround.errors import EventGone, PayloadChanged
from tests.support.clock import START
from tests.support.damage import believable, with_junk, with_other_bytes
from tests.support.payloads import FOLDER, payload

PARSER = EventParser(packaged_catalogue())
WIN, TOTAL, BOTH = MarketKey("3743"), MarketKey("5000", "2.5"), MarketKey("3795")
PAYLOADS = ("prematch.json", "markets.json", "live.json")


def odd(outcome_id, value, specifier="", **fields):
    return {
        "outcome_id": outcome_id,
        "odd_value": value,
        "special_bet_value": specifier,
        "odd_key": "?",
    } | fields


def win(values=("2.40", "3.30", "3.00"), **fields):
    odds = [odd(str(number), value, **fields) for number, value in enumerate(values, start=1)]
    return {"sub_type_id": "1", "name": "1X2", "odds": odds}


def total(*lines, values=("1.96", "1.81")):
    odds = [
        odd(over, value, f"total={line}")
        for line in lines
        for over, value in zip(("12", "13"), values, strict=True)
    ]
    return {"sub_type_id": "18", "name": "TOTAL", "odds": odds}


def match(*sub_types, **fields):
    return {
        "match_id": "10846988",
        "competition_id": "222",
        "parent_match_id": "70784812",
        "home_team": "Home",
        "away_team": "Away",
        "start_time": "2026-05-13 22:00:00",
        "sport_id": "14",
        "sport_name": "Soccer",
        "competition_name": "Premier League",
        "category": "England",
        "odds": list(sub_types) or [win()],
    } | fields


def answer(*matches):
    return json.dumps({"data": list(matches), "meta": {"total": str(len(matches))}}).encode()


def parse(*sub_types, **fields):
    return PARSER.parse(answer(match(*sub_types, **fields)))


# --- captured answers ------------------------------------------------------------------------------------------


@pytest.mark.payloads
def test_the_captured_markets_have_their_known_prices():
    """Valencia v Rayo Vallecano, checked by hand against the file."""
    parsed = PARSER.parse(payload("betika", "markets.json"))
    assert {key: market.odds_milli for key, market in parsed.markets.items()} == {
        WIN: (2300, 3200, 3550),
        MarketKey("4693"): (1330, 1650, 1390),  # ours is 1X, X2, 12; theirs 1X, 12, X2
        MarketKey("5000", "0.5"): (1080, 8600),
        MarketKey("5000", "1.5"): (1370, 3250),
        TOTAL: (2150, 1740),
        MarketKey("5000", "3.5"): (3800, 1290),
        MarketKey("5000", "4.5"): (7800, 1100),
        BOTH: (1860, 1990),
    }
    assert (parsed.unmapped, parsed.refused) == ((), {})


@pytest.mark.payloads
def test_the_captured_match_has_its_header():
    """Kickoff is East Africa Time, the identity needs the competition."""
    parsed = PARSER.parse(payload("betika", "prematch.json"))
    assert (parsed.event_id, parsed.sportradar_id, parsed.genius_id) == ("10846988:222", "70784812", None)
    assert parsed.kickoff_at == datetime(2026, 5, 13, 19, 0, tzinfo=UTC)
    assert (parsed.home, parsed.away) == ("Man City", "Crystal Palace")
    assert (parsed.country, parsed.competition, parsed.sport) == ("England", "Premier League", "football")


@pytest.mark.payloads
def test_the_live_hosts_answer_is_read_too():
    """Ids are numbers there."""
    parsed = PARSER.parse(payload("betika", "live.json"))
    assert (parsed.event_id, parsed.sportradar_id) == ("4734371:701", "71463790")
    assert parsed.kickoff_at == datetime(2026, 5, 13, 13, 0, tzinfo=UTC)
    assert parsed.markets[WIN].odds_milli == (4300, 2200, 2400)


@pytest.mark.payloads
@pytest.mark.parametrize("name", PAYLOADS)
def test_a_captured_answer_parsed_twice_is_no_change(name):
    """Parsing is a pure function of the bytes, whatever was parsed between."""
    captured = payload("betika", name)
    first = PARSER.parse(captured)
    parse()
    second = PARSER.parse(captured)
    assert first == second
    settled = settle({}, first.markets.values(), START)
    assert diff(settled, settle(settled, second.markets.values(), START)) == ()


# --- several answers -------------------------------------------------------------------------------------------


def test_the_answers_for_a_match_make_one_event():
    """Each names other market types."""
    parts = [answer(match(win())), answer(match(total(2.5, 3.5)))]
    assert set(PARSER.parse(joined(parts)).markets) == {WIN, TOTAL, MarketKey("5000", "3.5")}


def test_an_answer_without_the_match_is_an_answer_without_markets():
    """A match may have none of the types that one call names."""
    assert set(PARSER.parse(joined([answer(match()), answer()])).markets) == {WIN}
    assert set(PARSER.parse(joined([answer(), answer(match())])).markets) == {WIN}


def test_what_answers_repeat_counts_once():
    """Equal rows are one."""
    once = parse(win(), total(2.5))
    assert PARSER.parse(joined([answer(match(win(), total(2.5)))] * 2)) == once


def test_answers_that_contradict_each_other_are_not_believed():
    """A price that moved between two calls; the rest stands."""
    parts = [answer(match(win(), total(2.5))), answer(match(total(2.5, values=("1.90", "1.81"))))]
    parsed = PARSER.parse(joined(parts))
    assert (list(parsed.markets), parsed.refused, parsed.doubtful) == ([WIN], {"twice": 1}, {"5000"})


def test_the_newest_header_counts():
    """A kickoff that moved between two calls."""
    parts = [answer(match()), answer(match(start_time="2026-05-13 22:30:00"))]
    assert PARSER.parse(joined(parts)).kickoff_at == datetime(2026, 5, 13, 19, 30, tzinfo=UTC)


def test_two_matches_in_one_detail_are_payload_changed():
    """The match id repeats: without the competition it is no identity."""
    for parts in (
        [answer(match(), match(competition_id="9"))],
        [answer(match()), answer(match(match_id="1"))],
    ):
        with pytest.raises(PayloadChanged, match="more than one match"):
            PARSER.parse(joined(parts))


@pytest.mark.parametrize("body", [answer(), joined([answer()]), joined([answer(), answer()])])
def test_an_answer_without_any_match_means_that_it_is_gone(body):
    """An unknown match is an empty list."""
    with pytest.raises(EventGone):
        PARSER.parse(body)


# --- what is offered -------------------------------------------------------------------------------------------


def test_lines_are_taken_apart_by_their_specifier():
    """All lines of a market type stand in one list."""
    parsed = parse(total(1.5, 2.5))
    assert {key.line: market.odds_milli for key, market in parsed.markets.items()} == {
        "1.5": (1960, 1810),
        "2.5": (1960, 1810),
    }


def test_outcomes_are_read_by_id_whatever_their_order_and_text():
    """`display` is upper or mixed case and holds lines."""
    doubles = [odd("11", "1.65"), odd("9", "1.33"), odd("10", "1.39")]
    read = parse({"sub_type_id": "10", "name": "DC", "odds": doubles}).markets[MarketKey("4693")]
    assert dict(zip(read.names, read.odds_milli, strict=True)) == {"1X": 1330, "X2": 1650, "12": 1390}


def test_ids_and_prices_may_be_text_or_numbers():
    """Text before kickoff, numbers in play."""
    numbers = win()
    numbers["sub_type_id"] = 1
    for each in numbers["odds"]:
        each["outcome_id"], each["odd_value"] = int(each["outcome_id"]), float(each["odd_value"])
        each["special_bet_value"] = None
    ids = {"match_id": 10846988, "competition_id": 222, "parent_match_id": 70784812, "sport_id": 14}
    assert parse(numbers, **ids) == parse()


@pytest.mark.parametrize(
    ("of_match", "of_odds"),
    [({"match_status": "SUSPENDED"}, {}), ({}, {"odd_active": 0}), ({}, {"market_active": 0})],
)
def test_what_the_live_host_locks_is_suspended_at_its_price(of_match, of_odds):
    """Before kickoff none of these fields is sent: what is listed is offered."""
    read = parse(win(**of_odds), **of_match).markets[WIN]
    assert (read.odds_milli, read.suspended) == ((2400, 3300, 3000), 0b111)


def test_what_is_not_listed_is_not_offered():
    """One side of a line alone."""
    one_side = {"sub_type_id": "18", "name": "TOTAL", "odds": [odd("12", "7.25", "total=2.5")]}
    read = parse(one_side).markets[TOTAL]
    assert (read.odds_milli, read.suspended, read.dormant) == ((7250, 0), 0, 0)


def test_a_price_that_is_no_offer_is_counted():
    """At 1.00 nothing is offered; a comma makes the market doubtful."""
    both = {"sub_type_id": "29", "name": "GG/NG", "odds": [odd("74", "1,86"), odd("76", "1.99")]}
    parsed = parse(win(("1.00", "3.30", "3.00")), both)
    assert parsed.markets[WIN].odds_milli == (0, 3300, 3000)
    assert BOTH not in parsed.markets
    assert (parsed.refused, parsed.doubtful) == ({"price": 2}, {"3795"})


@pytest.mark.parametrize("value", [None, "2,40", "x"])
def test_a_body_whose_prices_cannot_be_read_is_payload_changed(value):
    """A renamed or respelt field must not pass for "nothing is offered"."""
    with pytest.raises(PayloadChanged, match="a price we can read"):
        parse(win((value,) * 3))


@pytest.mark.parametrize("line", ["half", "2.5|", "", "2.5|total=3"])
def test_an_unreadable_line_is_refused_and_the_rest_stands(line):
    """It is counted as line, not as unmapped."""
    parsed = parse(win(), total(line))
    assert list(parsed.markets) == [WIN]
    assert (parsed.refused, parsed.unmapped, parsed.doubtful) == ({"line": 1}, (), {"5000"})


def test_unmapped_markets_make_one_row_per_type():
    """Coverage counts market types."""
    other = {"sub_type_id": "999", "name": "OTHER", "odds": [odd("1", "2.00", f"total={n}") for n in (1, 2)]}
    assert [(row.id, row.name, row.outcomes) for row in parse(win(), other).unmapped] == [("999", "OTHER", 2)]


# --- kickoff and shape -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-13T22:00:00",
        "2026-05-13 22:00",
        "2026-05-13 22:00:00Z",
        "2026-13-13 22:00:00",
        "1778679409",
        "",
    ],
)
def test_a_kickoff_in_another_shape_is_not_guessed(text):
    """With a zone, or in another unit, three hours would be wrong."""
    with pytest.raises(ValueError, match=r"is not a time|must be in"):
        kickoff_at(text)
    with pytest.raises(PayloadChanged, match="is no time"):
        parse(start_time=text)


def test_a_match_without_sportradar_id_is_read_unidentified():
    """Some events are not Sportradar's."""
    assert [parse(parent_match_id=of).sportradar_id for of in ("0", None, "", "x")] == [None] * 4


def test_no_market_is_readable_once_a_match_has_started():
    """A gap in play is normal in this feed, see README."""
    assert PARSER.parse(answer(match(match_status="ACTIVE", odds=[]))).markets == {}


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"<!DOCTYPE html><html></html>",
        b"null",
        b"{}",
        b"[{}]",
        b'{"data":null}',
        b'{"data":{}}',
        b"[" * 200_000,
        answer(match(odds=[])),
        answer(match(odds=None)),
        answer(match(odds={})),
        answer(match())[:-1],
        answer(match()).replace(b'"2.40"', b"NaN"),
        answer(match()).replace(b"Home", b"\xff\xfe"),
        answer(match(match_id=None)),
        answer(match(start_time=None)),
        answer(match(start_time="0001-01-01 00:00:00")),
        answer(match(home_team=" ")),
        answer(match(away_team=None)),
        answer(match({"sub_type_id": "1", "odds": None})),
        answer(match({"sub_type_id": "1", "odds": [{"odd_value": "2.40"}]})),
    ],
)
def test_any_other_shape_is_payload_changed(broken):
    """Garbage, pages, bombs, missing parts, and no market before kickoff: nothing is believed."""
    with pytest.raises(PayloadChanged):
        PARSER.parse(broken)


# --- damaged bodies --------------------------------------------------------------------------------------------

BODIES = [joined([answer(match(win(), total(1.5, 2.5))), answer(match(total(3.5)))])]
if FOLDER.is_dir():
    BODIES += [payload("betika", name) for name in PAYLOADS]
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
