"""Bet9ja's bodies to domain values: recorded ones, simulated ones, and whatever they can be damaged into."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overround.bookmakers.bet9ja import key_memory
from overround.bookmakers.bet9ja.client import Bet9ja
from overround.bookmakers.bet9ja.markets import MarketTable, split_key
from overround.bookmakers.bet9ja.parser import EventParser, GroupRef, read_group, read_tree
from overround.bookmakers.betpawa import parser as betpawa
from overround.bookmakers.feed_reading import UNREADABLE, read_price
from overround.config import packaged_catalogue
from overround.domain.diff import Unmapped, diff
from overround.domain.markets import MAX_ODDS_MILLI, MarketKey
from overround.domain.settle import settle
from overround.errors import EventGone, PayloadChanged
from tests.bookmakers.bet9ja.server import BASE_URL, simulated_server
from tests.support.clock import START
from tests.support.payloads import payload
from tests.support.price_source import FixedSource, simulated_events

CATALOGUE = packaged_catalogue()
PARSER = EventParser(CATALOGUE)
GROUP = GroupRef("170880", "England", "Premier League")


def detail(odds=None, /, **fields):
    """Return a small GetEvent body; a field set to None is left out."""
    event = {
        "ID": 769895636,
        "EXTID": "68995116",
        "DS": "Home - Away",
        "STARTDATE": "2026-05-06 11:00:00",
        "S": "Soccer",
        "SID": 1,
        "SG": "China",
        "GN": "Super League",
        "O": {"S_1X2_1": "2.42", "S_1X2_X": "3.1", "S_1X2_2": "2.93"} if odds is None else odds,
    } | fields
    return json.dumps(
        {"R": "OK", "D": {key: value for key, value in event.items() if value is not None}}
    ).encode()


def odds_of(body, market_id="3743", line=""):
    market = PARSER.parse(body).markets.get(MarketKey(market_id, line))
    return None if market is None else market.odds_milli


def simulated_body(filler=40):
    """Return the detail of the only event of a small world."""
    source = FixedSource(simulated_events(1, str), filler=filler)
    return (
        simulated_server(source).answer(Bet9ja(packaged_catalogue(), BASE_URL).event_request("69000000")).body
    )


# --- recorded answers --------------------------------------------------------------------------------------------


@pytest.mark.payloads
def test_the_captured_match():
    """Prices, lines and perspective as read off the captured event by hand."""
    parsed = PARSER.parse(payload("bet9ja", "prematch.json"))
    assert (parsed.event_id, parsed.sportradar_id, parsed.genius_id) == ("769895636", "68995116", None)
    assert parsed.kickoff_at == datetime(2026, 5, 6, 11, tzinfo=UTC)
    assert (parsed.home, parsed.away) == ("Wuhan Three Towns", "Qingdao Hainiu FC")
    assert (parsed.country, parsed.competition, parsed.sport) == ("China", "Chinese Super League", "football")
    odds = {(key.market_id, key.line): market.odds_milli for key, market in parsed.markets.items()}
    assert odds["3743", ""] == (2420, 3100, 2930)
    assert odds["3774", "-0.5"] == (2420, 1480)
    assert odds["4724", "-1"] == (4900, 4050, 1480)
    assert odds["4724", "1"] == (1340, 4100, 6300)
    assert odds["4693", ""] == (1340, 1480, 1300)
    assert odds["3795", ""] == (1670, 2080)
    assert odds["4703", ""] == (1670, 2030)
    assert odds["5000", "2.5"] == (1900, 1800)
    assert odds["5000", "2.25"] == (1620, 2120)
    assert odds["5000", "2"] == (1420, 2590)


@pytest.mark.payloads
def test_one_side_of_a_captured_line_is_enough():
    """S_OU@5.5 and S_OUA@5.75 have no Under, and S_OUA@5 prints it as "1": not offered, whichever way."""
    parsed = PARSER.parse(payload("bet9ja", "prematch.json"))
    assert [parsed.markets[MarketKey("5000", line)].odds_milli for line in ("5.5", "5.75", "5")] == [
        (11250, 0),
        (15000, 0),
        (11500, 0),
    ]
    assert (parsed.refused, parsed.doubtful) == ({"price": 8}, frozenset())


@pytest.mark.payloads
def test_every_captured_outcome_is_mapped_or_counted():
    """At least 80 % of 923 keys are ours, offered or not; the rest stands as unmapped, key by key."""
    body = payload("bet9ja", "prematch.json")
    parsed = PARSER.parse(body)
    keys = json.loads(body)["D"]["O"]
    unmapped = {row.id: row for row in parsed.unmapped}
    assert (len(parsed.markets), len(unmapped), sum(row.outcomes for row in parsed.unmapped)) == (
        213,
        23,
        145,
    )
    mapped = [key for key in keys if key.partition("@")[0].rpartition("_")[0] not in unmapped]
    assert len(mapped) / len(keys) >= 0.8
    assert unmapped["S_CAH2"].name == "Corner Asian Handicap 2HT"
    assert all(market.suspended == 0 for market in parsed.markets.values())


@pytest.mark.payloads
def test_the_house_s_own_outcomes_find_their_equals():
    """At least 84 % of BetPawa's outcomes on the same match, players aside, have an equal at Bet9ja."""
    compared = compared_with_betpawa()
    assert sum(theirs > 0 for _, theirs in compared.values()) / len(compared) >= 0.84


# Genuine: docs/bookmakers/bet9ja.md.
FAR_OFF = {
    (MarketKey("28000209"), "Home by 2"),
    (MarketKey("28000209"), "Home by 3+"),
    (MarketKey("28000209"), "Away by 2"),
}


@pytest.mark.payloads
def test_no_price_is_far_from_the_house_s_own():
    """More than 42 % apart, long shots aside, is a wrong mapping until explained."""
    far_off = {
        place
        for place, (ours, theirs) in compared_with_betpawa().items()
        if theirs and max(ours, theirs) < 15_000 and max(ours, theirs) / min(ours, theirs) > 1.42
    }
    assert far_off == FAR_OFF


def compared_with_betpawa():
    """Return (BetPawa's price, Bet9ja's or 0) of every outcome that BetPawa offers on the captured match."""
    catalogue = packaged_catalogue()
    house = betpawa.EventParser(catalogue).parse(payload("betpawa", "prematch.json"))
    rival = PARSER.parse(payload("bet9ja", "prematch.json"))
    compared = {}
    for key, market in house.markets.items():
        kind = catalogue.find(key.market_id)
        assert kind is not None
        theirs = rival.markets[key].odds_milli if key in rival.markets else (0,) * len(market.names)
        if not kind.names_players:
            compared |= {
                (key, name): (ours, odds)
                for name, ours, odds in zip(market.names, market.odds_milli, theirs, strict=True)
                if ours
            }
    return compared


@pytest.mark.payloads
def test_other_sports_are_readable():
    """Basketball's main markets and lines are mapped, every other key stands as unmapped."""
    parsed = PARSER.parse(payload("bet9ja", "basketball.json"))
    assert (parsed.sport, parsed.sportradar_id, parsed.country) == ("basketball", "71427986", "Germany")
    assert (len(parsed.markets), len(parsed.unmapped)) == (77, 34)
    open_outcomes = sum(odds > 0 for market in parsed.markets.values() for odds in market.odds_milli)
    assert open_outcomes + sum(row.outcomes for row in parsed.unmapped) == 316
    assert (parsed.refused, parsed.doubtful) == ({}, frozenset())
    assert parsed.markets[MarketKey("4791")].names == ("1", "2")


def test_tennis_is_read_by_its_own_catalogue():
    """4429 is the set score there; its word is enough, whatever the id of the sport."""
    odds = {"T_12_1": "1.5", "T_12_2": "2.5", "T_CS3_2:0": "2.2", "T_OUG@22.5_O": "1.9", "S_1X2_1": "2"}
    parsed = PARSER.parse(detail(odds, S="Tennis", SID=None))
    assert parsed.sport == "tennis"
    assert {(key.market_id, key.line): market.odds_milli for key, market in parsed.markets.items()} == {
        ("2043818", ""): (1500, 2500),
        ("4429", ""): tuple(2200 if name == "2-0" else 0 for name in parsed.markets[MarketKey("4429")].names),
        ("4895", "22.5"): (1900, 0),
    }
    assert parsed.unmapped == (Unmapped("S_1X2", "S_1X2", 1),)


@pytest.mark.payloads
def test_a_running_match_is_readable():
    """Its header is in D.AA, its ids in D.A; all prices {"v": 1} and keys of its own."""
    parsed = PARSER.parse(payload("bet9ja", "live.json"))
    assert (parsed.sportradar_id, parsed.sport) == ("67645534", "football")
    assert (parsed.home, parsed.away) == ("FC Tokyo", "JEF United Chiba")
    assert (parsed.country, parsed.competition) == ("Japan", "J1 League")
    assert parsed.kickoff_at == datetime(2026, 5, 6, 6, tzinfo=UTC)
    assert (len(parsed.markets), len(parsed.unmapped)) == (0, 23)
    assert sum(row.outcomes for row in parsed.unmapped) == 69


@pytest.mark.payloads
def test_a_catalogue_of_names_is_no_event():
    """A good answer without event fields or odds is another shape, not an empty event."""
    with pytest.raises(PayloadChanged):
        PARSER.parse(payload("bet9ja", "dc_1x2_1up_catalogue.json"))


@pytest.mark.payloads
def test_reading_twice_changes_nothing():
    """The same bytes give the same markets, also through another parser's memory."""
    body = payload("bet9ja", "prematch.json")
    first = settle({}, PARSER.parse(body).markets.values(), START)
    again = settle(first, EventParser(packaged_catalogue()).parse(body).markets.values(), START)
    assert first
    assert diff(first, again) == ()


@pytest.mark.payloads
@given(st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_the_order_of_keys_means_nothing(order):
    """The odds object has no order to rely on, nor has the dictionary of markets."""
    answer = json.loads(payload("bet9ja", "prematch.json"))
    expected = PARSER.parse(payload("bet9ja", "prematch.json"))
    pairs, markets = list(answer["D"]["O"].items()), answer["D"]["MK"]
    order.shuffle(pairs)
    order.shuffle(markets)
    answer["D"]["O"] = dict(pairs)
    assert PARSER.parse(json.dumps(answer).encode()) == expected


# --- prices and keys ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("price", ["1", "1.0", "0", "0.5", "100001", 1, 0])
def test_a_price_that_is_no_offer_is_left_out_and_counted(price):
    """Only numbers above 1 and up to 100,000 are odds; the market keeps its other outcomes."""
    parsed = PARSER.parse(detail({"S_1X2_1": price, "S_1X2_X": "3.1", "S_1X2_2": "2.93"}))
    assert parsed.markets[MarketKey("3743")].odds_milli == (0, 3100, 2930)
    assert (parsed.refused, parsed.doubtful) == ({"price": 1}, frozenset())


@pytest.mark.parametrize("price", ["2,5", "x", "", "-2", "1e3", "NaN", "inf", -1])
def test_a_price_that_is_no_number_leaves_its_market_out(price):
    """It may be any price: the market is neither shown nor taken for withdrawn; the rest of the event stands."""
    odds = {"S_1X2_1": price, "S_1X2_X": "3.1", "S_OU@2.5_O": "1.9", "S_OU@3.5_O": price}
    parsed = PARSER.parse(detail(odds))
    assert list(parsed.markets) == [MarketKey("5000", "2.5")]
    assert (parsed.refused, parsed.doubtful) == ({"price": 2}, {"3743", "5000"})


def test_a_market_in_doubt_keeps_its_last_prices_locked():
    """What can't be read is not gone; only what the answer leaves out without a doubt is withdrawn."""
    before = PARSER.parse(detail({"S_1X2_1": "2.4", "S_DNB_1": "1.7"}))
    known = settle({}, before.markets.values(), START)
    after = PARSER.parse(detail({"S_1X2_1": "2,4", "S_OU@2.5_O": "1.9"}))
    settled = settle(known, after.markets.values(), START, doubtful=after.doubtful)
    assert settled[MarketKey("3743")].state == "suspended"
    assert settled[MarketKey("4703")].state == "withdrawn"


def test_a_number_is_read_like_its_text():
    """Bet9ja prints text before kickoff and numbers in running."""
    assert odds_of(detail({"S_1X2_1": 2.42, "S_1X2_X": {"v": 3.1}, "S_1X2_2": "2.93"})) == (2420, 3100, 2930)


def test_an_event_that_offers_nothing_has_no_markets():
    """A locked event prints "1" everywhere: readable, and empty."""
    parsed = PARSER.parse(detail({"S_1X2_1": "1", "S_1X2_X": "1", "S_1X2_2": "1"}))
    assert parsed.markets == {}
    assert parsed.refused == {"price": 3}


def test_prices_of_which_none_is_a_number_are_another_shape():
    """A new spelling must not look like an event that offers nothing."""
    with pytest.raises(PayloadChanged, match="number"):
        PARSER.parse(detail({"S_1X2_1": "2,42", "S_1X2_X": "3,1", "S_1X2_2": "2,93"}))


def test_whole_and_half_lines_are_one_market():
    """S_OU and S_OUA feed the same market at their own lines."""
    parsed = PARSER.parse(detail({"S_OU@2.5_O": "1.9", "S_OUA@2_O": "1.42", "S_OUA@2_U": "2.59"}))
    assert {key.line: market.odds_milli for key, market in parsed.markets.items()} == {
        "2": (1420, 2590),
        "2.5": (1900, 0),
    }


@pytest.mark.parametrize("other", ["S_OUA@2_O", "S_OU@2.0_O"])
def test_an_outcome_at_two_prices_leaves_its_line_out(other):
    """Which of the two is right cannot be known, so neither is shown; other lines stand."""
    parsed = PARSER.parse(detail({"S_OU@2_O": "1.4", other: "1.42", "S_OU@2_U": "2.6", "S_OU@2.5_O": "1.9"}))
    assert list(parsed.markets) == [MarketKey("5000", "2.5")]
    assert (parsed.refused, parsed.doubtful) == ({"twice": 1}, {"5000"})


def test_one_line_twice_at_one_price_is_believed():
    """Saying the same twice contradicts nothing."""
    assert odds_of(detail({"S_OU@2.0_O": "1.42", "S_OUA@2_O": "1.42", "S_OUA@2_U": "2.59"}), "5000", "2") == (
        1420,
        2590,
    )


def test_a_key_that_stands_twice_in_the_body_with_one_price_is_believed():
    """JSON allows it, and it contradicts nothing."""
    body = detail().replace(b'"S_1X2_X"', b'"S_1X2_1": "2.42", "S_1X2_X"')
    assert MarketKey("3743") in PARSER.parse(body).markets


@pytest.mark.parametrize("second", [b'"9.9"', b"9.9"])
def test_a_key_that_stands_twice_in_the_body_with_two_prices_leaves_its_market_out(second):
    """Readers keep the last; neither is believed, whichever came last."""
    body = detail({"S_1X2_1": "2.42", "S_1X2_X": "3.1", "S_DNB_1": "1.7"})
    parsed = PARSER.parse(body.replace(b'"S_1X2_X"', b'"S_1X2_1": ' + second + b', "S_1X2_X"'))
    assert list(parsed.markets) == [MarketKey("4703")]
    assert (parsed.refused, parsed.doubtful) == ({"twice": 1}, {"3743"})


def test_a_contradiction_leaves_out_every_market_that_the_key_feeds():
    """One score is an outcome of two markets of ours."""
    body = detail({"S_CSFT_1:0": "7", "S_CSFT_OTH": "30", "S_1X2_1": "2.4"})
    parsed = PARSER.parse(body.replace(b'"S_CSFT_OTH"', b'"S_CSFT_1:0": "8", "S_CSFT_OTH"'))
    assert list(parsed.markets) == [MarketKey("3743")]
    assert (parsed.refused, parsed.doubtful) == ({"twice": 2}, {"4429", "28000869"})


def test_prices_that_are_all_negative_fail_the_answer():
    """They are no way to say that nothing is offered."""
    with pytest.raises(PayloadChanged, match="no price is a decimal number"):
        PARSER.parse(detail({"S_1X2_1": -1, "S_1X2_X": -1}))


@pytest.mark.parametrize("event_id", ["a\nb", "\x00\x1b[2J", "x" * 100_000])
def test_a_refusal_is_one_printable_sentence(event_id):
    """What a body says is quoted in logs and on the terminal: it can break neither."""
    body = detail().replace(b'"ID": 769895636', b'"ID": ' + json.dumps(event_id).encode())
    with pytest.raises(PayloadChanged) as failed:
        PARSER.parse(body)
    assert "is no event id" in str(failed.value)
    assert str(failed.value).isprintable()
    assert len(str(failed.value)) < 200


def test_a_suffix_that_the_market_does_not_list_is_counted():
    """A schema change is counted and never guessed, whatever our own table says."""
    markets = [{"ID": "S_1X2", "DS": "1X2", "SGN": ["1", "X"], "SGNK": ["1", "X"]}]
    parsed = PARSER.parse(detail(MK=markets))
    assert parsed.markets[MarketKey("3743")].odds_milli == (2420, 3100, 0)
    assert parsed.refused == {"suffix": 1}
    assert parsed.unmapped == (Unmapped("S_1X2", "1X2", 1),)


def test_an_unknown_outcome_of_a_known_market_stands_as_unmapped():
    """Coverage is counted by outcome, not only by market."""
    parsed = PARSER.parse(detail({"S_1X2_1": "2.42", "S_1X2_7": "9"}))
    assert parsed.unmapped == (Unmapped("S_1X2", "S_1X2", 1),)


def test_refused_lines_and_keys_are_counted():
    """A line that can't be one, and a text that is no key at all."""
    parsed = PARSER.parse(detail({"S_OU@0:3_O": "1.9", "nonsense": "2", "S_1X2_1": "2.42"}))
    assert (parsed.refused, parsed.doubtful) == ({"line": 1, "key": 1}, {"5000"})
    assert list(parsed.markets) == [MarketKey("3743")]


def test_one_key_can_feed_two_markets():
    """The home team failing to score is also the away team's clean sheet."""
    parsed = PARSER.parse(detail({"S_1SCOREHT_Y": "1.8", "S_1SCOREHT_N": "1.9"}))
    assert parsed.markets[MarketKey("x-home_to_score_1h")].odds_milli == (1800, 1900)
    assert parsed.markets[MarketKey("3801")].odds_milli == (1900, 1800)
    assert parsed.unmapped == ()


def test_one_key_can_hold_both_teams_totals():
    """The suffix says whose: OH and OA full time, HO and AO in a half."""
    parsed = PARSER.parse(detail({"S_HAOU@1.5_OH": "1.8", "S_HAOU@1.5_UA": "1.9", "S_HA1HOU@0.5_AO": "2.1"}))
    assert {(key.market_id, key.line): market.odds_milli for key, market in parsed.markets.items()} == {
        ("5006", "1.5"): (1800, 0),
        ("5003", "1.5"): (0, 1900),
        ("4961", "0.5"): (2100, 0),
    }


def test_what_was_learned_is_forgotten_before_it_is_too_much(monkeypatch):
    """Lines are numbers of any kind, so a body of nonsense must not stay for good; the next one reads the same."""
    monkeypatch.setattr(key_memory, "LIMIT", 3)
    parser = EventParser(packaged_catalogue())
    for _ in range(3):
        for line in ("0.5", "1.5", "2.5"):
            parsed = parser.parse(detail({f"S_OU@{line}_O": "1.9", "S_1X2_1": "2.4", "S_XY_1": "2"}))
            assert set(parsed.markets) == {MarketKey("5000", line), MarketKey("3743")}


def test_what_a_key_means_does_not_depend_on_earlier_events():
    """A key with two possible readings is read by its own event's markets each time."""
    parser = EventParser(packaged_catalogue())
    odds = {"S_AB_CD_E": "2"}
    for market in ("S_AB", "S_AB_CD", "S_AB"):
        body = detail(odds, MK=[{"ID": market, "DS": "", "SGNK": []}])
        assert [row.id for row in parser.parse(body).unmapped] == [market]


def test_keys_and_rows_are_shared_between_events():
    """Thousands of listings hold the same keys, names and unmapped rows: one object each."""
    odds = {"S_OU@2.5_O": "1.9", "S_X_1": "2"}
    first, second = PARSER.parse(detail(odds)), PARSER.parse(detail(odds, ID=2))
    key = MarketKey("5000", "2.5")
    assert first.markets[key].key is second.markets[key].key
    assert first.markets[key].names is second.markets[key].names
    assert first.unmapped[0] is second.unmapped[0]


KEYS = st.sampled_from(
    ["S_1X2_1", "S_1X2_X", "S_1X2_7", "S_OU@2.5_O", "S_OU@2.50_O", "S_OU@2_U", "S_OUA@2_U", "S_OU@x_O", "S_OU_U",
     "S_CSFT_1:0", "S_CSFT_OTH", "S_1SCOREHT_Y", "S_1SCOREHT_N", "S_DCGGNG_12GG", "S_XY_1", "S_XY@3_2", "nonsense"]
)  # fmt: skip
PRICES = st.sampled_from(["2.4", "2.40", "3", "1", "0.5", "2,4", "x"])
LISTED = st.dictionaries(
    st.sampled_from(["S_1X2", "S_OU", "S_CSFT", "S_XY"]), st.sets(st.sampled_from("1XOU"))
)


@given(st.dictionaries(KEYS, PRICES, min_size=1), LISTED)
def test_every_key_is_read_as_if_it_stood_alone(odds, listed):
    """However keys are brought together: one by one, by the table alone, gives the same markets and counts."""
    odds["S_DNB_1"] = "1.5"  # else a body without a single price
    markets = [{"ID": market, "DS": "", "SGNK": sorted(suffixes)} for market, suffixes in listed.items()]
    parsed = PARSER.parse(detail(odds, MK=markets))
    expected = read_one_by_one(odds, listed)
    assert {key: market.odds_milli for key, market in parsed.markets.items()} == expected["markets"]
    assert parsed.refused == expected["refused"]
    assert parsed.doubtful == expected["doubtful"]
    assert {row.id: row.outcomes for row in parsed.unmapped} == expected["unmapped"]


def read_one_by_one(odds, listed):
    """Return what an event of these keys says, by the plainest way there is."""
    table, refused, doubtful, unmapped = MarketTable(CATALOGUE), Counter(), set(), Counter()
    prices = {}  # key -> outcome -> all that was said
    for key, price in odds.items():
        parts = split_key(key, listed)
        if parts is None:
            refused["key"] += 1
            continue
        meaning = table.meaning("football", parts)
        is_listed = not listed.get(parts.market) or parts.outcome in listed[parts.market]
        if meaning.refused:
            refused[meaning.refused] += 1
            doubtful |= meaning.doubtful
        elif is_listed and meaning.slots:
            for slot in meaning.slots:
                outcomes = prices.setdefault(slot.key, {})
                outcomes.setdefault(slot.names[slot.position], []).append(read_price(price))
        else:
            refused["suffix"] += not is_listed
            unmapped[parts.market] += 1
    markets = {}
    for key, outcomes in prices.items():
        is_contradicted = any(len(set(said)) > 1 for said in outcomes.values())
        refused["price"] += sum(said[-1] <= 0 for said in outcomes.values())
        refused["twice"] += is_contradicted
        if is_contradicted or any(UNREADABLE in said for said in outcomes.values()):
            doubtful.add(key.market_id)
        elif any(said[0] for said in outcomes.values()):
            kind = CATALOGUE.find(key.market_id)
            assert kind is not None
            markets[key] = tuple(outcomes.get(name, [0])[0] for name in kind.outcomes)
    return {"markets": markets, "refused": +refused, "doubtful": doubtful, "unmapped": unmapped}


# --- headers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["2026-05-06 11:00:00", "2026-05-06T11:00:00", "2026-05-06T11:00:00Z"])
def test_kickoff_is_utc(text):
    """STARTDATE names no zone; it is UTC, with a space or a T in the middle."""
    assert PARSER.parse(detail(STARTDATE=text)).kickoff_at == datetime(2026, 5, 6, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", [None, "", "2026-05-06", "06.05.2026 11:00", "2026-13-06 11:00:00", "2026-06-31 11:00:00",
             "2026-05-06 11:00:00+01:00", "0000-05-06 11:00:00", "٢٠٢٦-05-06 11:00:00", "2026-05-06 25:00:00"]
)  # fmt: skip
def test_a_kickoff_that_cannot_be_read_is_another_shape(text):
    """A wrong time would hide or show the event at the wrong moment."""
    with pytest.raises(PayloadChanged, match="STARTDATE"):
        PARSER.parse(detail(STARTDATE=text))


@pytest.mark.parametrize(
    ("extid", "expected"),
    [("68995116", "68995116"), (68995116, "68995116"), ("sr:match:68995116", "68995116"), (None, None),
     ("0", None), (0, None), ("", None), ("abc", None), ("12 ", None), ("٢٢", None), (-5, None)],
)  # fmt: skip
def test_the_sportradar_id_is_digits_or_nothing(extid, expected):
    """An event without one can't be matched, but it can be read."""
    assert PARSER.parse(detail(EXTID=extid)).sportradar_id == expected


def test_team_names_are_split_once():
    """A name may hold the separator itself."""
    parsed = PARSER.parse(detail(DS="Home - Away - Reserves"))
    assert (parsed.home, parsed.away) == ("Home", "Away - Reserves")


@pytest.mark.parametrize("field", ["ID", "DS", "STARTDATE", "O"])
def test_an_event_without_what_identifies_it_is_another_shape(field):
    """Own id, teams, kickoff and odds are what an event detail is."""
    with pytest.raises(PayloadChanged):
        PARSER.parse(detail(**{field: None}))


@pytest.mark.parametrize(
    ("word", "sport_id", "expected"),
    [("Soccer", 1, "football"), (None, 1, "football"), ("Tennis", 5, "tennis"), (None, 2, "basketball")],
)
def test_the_sport_is_named_in_our_words(word, sport_id, expected):
    """By name, else by the ids that were captured."""
    assert PARSER.parse(detail(S=word, SID=sport_id)).sport == expected


def test_an_event_of_no_sport_is_another_shape():
    """Without the sport no key can be looked up."""
    with pytest.raises(PayloadChanged, match="sport"):
        PARSER.parse(detail(S=None, SID=77))


def test_a_running_match_may_have_no_odds():
    """At half time the site sends none; before kickoff that is another shape."""
    live = {"A": {"BRMATCHID": 7}, "AA": {"ID": 5, "DS": "A - B", "STARTDATE": "2026-05-06 11:00:00", "SID": 3000001},
            "O": {}}  # fmt: skip
    parsed = PARSER.parse(json.dumps({"R": "D", "D": live}).encode())
    assert (parsed.markets, parsed.sportradar_id, parsed.sport) == ({}, "7", "football")
    with pytest.raises(PayloadChanged, match="before kickoff"):
        PARSER.parse(detail({}))


# --- answers without an event ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [b'{"R":"E"}', b'{"R":"E","D":false}', b'{"R":"E","D":[]}', b'{"R":"OK","D":false}', b'{"D":false}',
             b'{"R":"OK"}', b'{"R":"OK","D":null}']
)  # fmt: skip
def test_an_answer_that_says_there_is_no_event(body):
    """It is one miss, not a change of shape."""
    with pytest.raises(EventGone):
        PARSER.parse(body)


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"{}", b"[]", b"null", b"<html></html>", b'{"R":"OK","D":[]}', b'{"R":"OK","D":true}',
        b'{"R":"OK","D":"x"}', b'{"R":"X","D":false}', b'{"error":"down"}', b'{"R":"OK","D":{"O":NaN}}',
        b'{"R":"OK","D":{"O":' + b'{"a":' * 50_000, b"[" * 200_000, b'{"R":"OK","D":{"DS":"\xff"}}',
        b'{"R":"OK","D":{"E":[]}}', b'{"R":"OK","D":{"O":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    ],
)  # fmt: skip
def test_anything_else_is_another_shape(body):
    """Pages, errors of other kinds, bombs and broken text: nothing of it is believed, nothing crashes."""
    with pytest.raises(PayloadChanged):
        PARSER.parse(body)


@pytest.mark.parametrize(
    "odds",
    [
        [],
        "x",
        5,
        {"S_1X2_1": None},
        {"S_1X2_1": True},
        {"S_1X2_1": []},
        {"S_1X2_1": {}},
        {"S_1X2_1": {"v": "2"}},
    ],
)
def test_odds_of_another_shape_are_refused_as_a_whole(odds):
    """A price that is neither text, number nor {"v": number} is a change of shape."""
    with pytest.raises(PayloadChanged):
        PARSER.parse(detail(odds))


# --- damage ------------------------------------------------------------------------------------------------------


def check(body: bytes) -> None:
    """Parse whatever this is: two errors may come out, and no odds that are no odds."""
    try:
        parsed = PARSER.parse(body)
    except (PayloadChanged, EventGone):
        return
    for market in parsed.markets.values():
        assert len(market.odds_milli) == len(market.names)
        assert any(market.odds_milli)
        assert all(odds == 0 or 1000 < odds <= MAX_ODDS_MILLI for odds in market.odds_milli)


def damaged(draw, body: bytes) -> bytes:
    """Return the body after a few cuts, overwritten stretches and doubled stretches."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(body)))
        kind = draw(st.sampled_from(["cut", "end", "put", "double"]))
        length = draw(st.integers(1, 40))
        if kind == "cut":
            body = body[:start] + body[start + length :]
        elif kind == "end":
            body = body[:start]
        elif kind == "double":
            body = body[: start + length] + body[start:]
        else:
            new = draw(
                st.sampled_from(
                    [b'"', b"{", b"}", b"null", b"NaN", b"-1e400", b"\xff", b"\\u0000", b"@", b"_", b"9" * 30]
                )
            )
            body = body[:start] + new + body[start + draw(st.integers(0, 3)) :]
    return body


@given(st.data())
@settings(max_examples=150)
def test_damaged_simulated_bodies_give_no_wrong_price(data):
    """Whatever is cut, doubled or overwritten."""
    check(damaged(data.draw, SMALL))


@pytest.mark.payloads
@given(st.data())
@settings(max_examples=100)
def test_damaged_recorded_bodies_give_no_wrong_price(data):
    """Also where the real site's bytes are the ones that break."""
    name = data.draw(st.sampled_from(["prematch.json", "live.json", "basketball.json"]))
    body = payload("bet9ja", name)
    # The header and the odds are what is read; most of the rest is skipped.
    check(
        damaged(data.draw, body[:2000]) + body[2000:]
        if data.draw(st.booleans())
        else damaged(data.draw, body)
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from(["ID", "EXTID", "DS", "STARTDATE", "S", "SID", "SG", "GN", "O", "MK", "A", "AA"]), JSON
)
def test_any_value_in_any_field(field, value):
    """A field of another type or with any content never crashes the parser."""
    check(detail(**{field: value}))


@given(
    st.dictionaries(
        st.text(alphabet="S_OUA@1X2.5-H", max_size=12), st.text(alphabet="0123456789.-e", max_size=8)
    )
)
def test_any_keys_and_prices(odds):
    """Nor do keys and prices of any kind."""
    check(detail(odds))


# --- lists -------------------------------------------------------------------------------------------------------


def test_the_tree_names_the_competitions_of_football():
    """Group ids are keys of the tree; other sports' branches are not even read."""
    tree = {"PAL": {"1": {"S_DESC": "Soccer", "SG": {"12016": {"SG_DESC": "China", "G": {"77": {"G_DESC": "CSL"}}}}},
                    "2": "whatever"}}  # fmt: skip
    body = json.dumps({"R": "OK", "D": tree}).encode()
    assert read_tree(body) == [GroupRef("77", "China", "CSL")]


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"R":"E"}', b'{"R":"OK","D":{}}', b'{"R":"OK","D":{"PAL":{"2":{}}}}', b'{"D":false}',
             b'{"R":"OK","D":{"PAL":{"1":[]}}}']
)  # fmt: skip
def test_a_tree_without_football_is_another_shape(body):
    """An empty discovery must never look like "no events"."""
    with pytest.raises(PayloadChanged):
        read_tree(body)


def group_list(*rows, **data):
    return json.dumps({"R": "OK", "D": {"E": rows} | data}).encode()


ROW = {"ID": 5, "EXTID": "7", "DS": "A - B", "STARTDATE": "2026-11-24 18:00:00"}


def test_a_list_row_is_an_event():
    """Names come from the row, else from the list, else from the tree."""
    (event,) = read_group(group_list(ROW), GROUP)
    assert (event.event_id, event.sportradar_id, event.home, event.away) == ("5", "7", "A", "B")
    assert (event.country, event.competition) == ("England", "Premier League")
    assert event.kickoff_at == datetime(2026, 11, 24, 18, tzinfo=UTC)
    (event,) = read_group(group_list(ROW, SG="Spain", GN="Cup"), GROUP)
    assert (event.country, event.competition) == ("Spain", "Cup")
    (event,) = read_group(group_list(ROW | {"GN": "Final"}, SG="Spain", GN="Cup"), GROUP)
    assert event.competition == "Final"


def test_rows_that_are_no_match_are_left_out():
    """Outrights name no two teams; a match without a Sportradar id stays, unidentified."""
    rows = [ROW | {"DS": "Winner 2026"}, ROW | {"DS": None}, {key: ROW[key] for key in ROW if key != "EXTID"}]
    (event,) = read_group(group_list(*rows), GROUP)
    assert event.sportradar_id is None


@pytest.mark.parametrize(
    "body",
    [b"", b'{"R":"E"}', b'{"R":"E","D":false}', b'{"R":"OK","D":{}}', b'{"R":"OK","D":{"E":5}}', b"<html>",
     group_list(ROW | {"ID": None}), group_list(ROW | {"STARTDATE": "soon"})],
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_another_shape(body):
    """Half a list is never a whole one."""
    with pytest.raises(PayloadChanged):
        read_group(body, GROUP)


def test_an_empty_list_is_a_list():
    """A competition may have no match left."""
    assert read_group(group_list(), GROUP) == []


SMALL = simulated_body(10)
