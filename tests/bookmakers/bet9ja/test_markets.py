"""The grammar of Bet9ja's odds keys, and what they mean to us."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overround.bookmakers.bet9ja.markets import MarketTable, OddsKey, has_one_reading, split_key, their_ids
from overround.config import packaged_catalogue
from overround.domain.catalogue import load
from overround.domain.markets import price_milli
from overround.errors import CatalogueError
from tests.support.payloads import payload

TABLE = MarketTable(packaged_catalogue())


def meaning(key: str, sport: str = "football"):
    parts = split_key(key)
    assert parts is not None
    return TABLE.meaning(sport, parts)


def target(key: str, sport: str = "football"):
    """Return (market id, line, our outcome) of a key that feeds one market, None for any other."""
    slots = meaning(key, sport).slots
    return (slots[0].key.market_id, slots[0].key.line, slots[0].names[slots[0].position]) if slots else None


# --- the grammar -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "market", "param", "outcome"),
    [
        ("S_1X2_1", "S_1X2", "", "1"),
        ("S_OU@2.5_O", "S_OU", "2.5", "O"),
        ("S_1X2HND@-1_1H", "S_1X2HND", "-1", "1H"),
        ("S_1X2MULTI3-4_X", "S_1X2MULTI3-4", "", "X"),
        ("S_HTFTOU@2.5_1/1O", "S_HTFTOU", "2.5", "1/1O"),
        ("S_WINMARGIN_HT>2", "S_WINMARGIN", "", "HT>2"),
        ("S_CSFT_2:1", "S_CSFT", "", "2:1"),
        ("S_EXACTBOOK_12+", "S_EXACTBOOK", "", "12+"),
        ("B_OUN@155.5_O", "B_OUN", "155.5", "O"),
        ("T_12_1", "T_12", "", "1"),
        ("LIVES_NEXTGOAL@0:3_1", "LIVES_NEXTGOAL", "0:3", "1"),
        ("LIVES_1X2GG_homeandyes", "LIVES_1X2GG", "", "homeandyes"),
        ("LIVES_GOALTYPE@4_FK", "LIVES_GOALTYPE", "4", "FK"),
    ],
)
def test_a_key_has_market_param_and_outcome(key, market, param, outcome):
    """Whatever the sport, with a line, a score, a goal's number or nothing behind the market."""
    assert split_key(key) == OddsKey(market, param, outcome)


def test_without_a_param_the_longest_market_of_the_event_decides():
    """Two markets may begin alike; the dictionary of the event says where the outcome begins."""
    assert split_key("S_AB_CD_E", {"S_AB", "S_AB_CD"}) == OddsKey("S_AB_CD", "", "E")
    assert split_key("S_AB_CD_E", {"S_AB"}) == OddsKey("S_AB", "", "CD_E")
    assert split_key("S_AB_CD_E", {"S_XY"}) == OddsKey("S_AB_CD", "", "E")


def test_a_market_that_is_only_the_beginning_of_a_word_is_not_the_market():
    """S_1X2 is no part of S_1X2HND_1: nothing is matched by prefix."""
    assert split_key("S_1X2HND_1", {"S_1X2", "S"}) == OddsKey("S_1X2HND", "", "1")


@pytest.mark.parametrize(
    "text", ["", "_", "__", "1X2", "S_", "S_1X2", "S__1", "_1X2_1", "S_1X2_", "S_OU@2.5", "S_OU@_O", "@2.5_O",
             "S_OU@2.5_", "S_" + "1" * 200 + "_1"]
)  # fmt: skip
def test_a_text_without_these_parts_is_no_key(text):
    """It is counted by the parser, and nothing of it is guessed."""
    assert split_key(text) is None


@given(st.text(alphabet="S_@12XO.-:/>", max_size=24), st.sets(st.text(alphabet="S_12X", max_size=8)))
def test_parts_make_up_the_key_and_one_reading_means_one(key, market_ids):
    """Splitting loses nothing, and what is called independent of the event's markets is so."""
    parts = split_key(key, market_ids)
    if parts is not None:
        at = "@" if parts.param else ""
        assert f"{parts.market}{at}{parts.param}_{parts.outcome}" == key
    if has_one_reading(key):
        assert parts == split_key(key)


@pytest.mark.payloads
@pytest.mark.parametrize(
    ("name", "types", "groups", "outcomes", "offered"),
    [("prematch.json", 163, 221, 923, 909), ("basketball.json", 51, 141, 316, 316)],
)
def test_every_captured_key_is_read(name, types, groups, outcomes, offered):
    """No failure, no suffix that the event's own dictionary lacks; the counts of payloads/README.md."""
    event = json.loads(payload("bet9ja", name))["D"]
    suffixes = {market["ID"]: set(market["SGNK"]) for market in event["MK"]}
    read = [split_key(key, suffixes) for key in event["O"]]
    assert None not in read
    assert all(key.outcome in suffixes[key.market] for key in read)
    assert len({key.market for key in read}) == types
    assert len({(key.market, key.param) for key in read}) == groups
    assert len(read) == outcomes
    assert sum(price_milli(price) > 0 for price in event["O"].values()) == offered


@pytest.mark.payloads
def test_every_captured_live_key_is_read():
    """Live keys follow the same grammar; 23 groups of 23 markets."""
    read = [split_key(key) for key in json.loads(payload("bet9ja", "live.json"))["D"]["O"]]
    assert None not in read
    assert len({(key.market, key.param) for key in read}) == 23


# --- meaning -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "market_id", "line", "name"),
    [
        ("S_1X2_X", "3743", "", "X"),
        ("S_DC_12", "4693", "", "12"),
        ("S_GGNG_Y", "3795", "", "Yes"),
        ("S_DNB_2", "4703", "", "2"),
        ("S_OU@2.5_O", "5000", "2.5", "Over"),
        ("S_OUA@2_U", "5000", "2", "Under"),
        ("S_OUA@2.0_U", "5000", "2", "Under"),
        ("S_OUA@2.25_O", "5000", "2.25", "Over"),
        ("S_AH@-0.5_2", "3774", "-0.5", "2"),
        ("S_AH@-0_1", "3774", "0", "1"),
        ("S_1X2HND@-1_XH", "4724", "-1", "X"),
    ],
)
def test_a_known_key_is_one_outcome_of_ours(key, market_id, line, name):
    """The line is the param, from the home side for both outcomes, in plain decimal text."""
    assert target(key) == (market_id, line, name)


@pytest.mark.parametrize(
    "key",
    ["S_NCORN_7Corner", "S_1X2HND@-1_1", "S_1X2_3", "S_OU@2.5_Over", "LIVES_1X2_1", "B_1X2_1", "S_AHX@1_1"],
)
def test_an_unknown_market_or_suffix_maps_to_nothing(key):
    """Only exact ids and exact suffixes count."""
    assert meaning(key).slots == ()
    assert meaning(key).refused == ""


def test_a_key_is_looked_up_within_its_sport():
    """Ids of football mean nothing in a basketball event."""
    assert target("S_1X2_1", "football") is not None
    assert target("S_1X2_1", "basketball") is None


@pytest.mark.parametrize(
    "key",
    ["S_OU@abc_O", "S_OU@0:3_O", "S_OU@+2.5_O", "S_OU@2.5.5_O", "S_OU@1e1_O", "S_OU@1_0_O", "S_OU@٢_O",
     "S_OU@99999_O", "S_OU_O", "S_1X2@1_1"],
)  # fmt: skip
def test_a_line_that_the_market_cannot_have_is_refused(key):
    """A lined market needs a decimal one, a market without a line has none."""
    assert meaning(key).slots == ()
    assert meaning(key).refused == "line"


def test_a_fixed_line_needs_no_param_but_agrees_with_one():
    """The line may be part of the id; a param that says otherwise is refused."""
    early = ("x-over_under_first_5min", "0.5", "Over")
    assert target("S_S5MIN_YF5M") == target("S_S5MIN@0.5_YF5M") == early
    assert meaning("S_S5MIN@1.5_YF5M").refused == "line"
    assert meaning("S_S5MIN@1.5_YF5M").doubtful == {"x-over_under_first_5min"}


def test_a_rule_with_a_specifier_is_refused_at_start():
    """Bet9ja's keys have none, so ignoring it would map the wrong market."""
    text = ROW.replace("outcomes =", "only = { bet9ja = { minute = '5' } }\noutcomes =")
    MarketTable(load(ROW.encode()))
    with pytest.raises(CatalogueError, match="early"):
        MarketTable(load(text.encode()))


@pytest.mark.parametrize(("line", "their_id"), [("2.5", "S_OU"), ("2", "S_OUA"), ("2.25", "S_OUA")])
def test_totals_are_listed_by_the_kind_of_their_line(line, their_id):
    """Half lines are S_OU, whole and quarter lines S_OUA, as in all captured events."""
    kind = packaged_catalogue().find("5000")
    assert kind is not None
    assert their_ids(kind.books["bet9ja"], line) == [their_id]


ROW = """
sport = "football"
feed = []

[[market]]
id = "early"
name = "Early goal"
kind = "yes-no"
complete = false
ids = { bet9ja = ["S_S5MIN"] }
outcomes = [{ name = "Yes", bet9ja = "Y" }, { name = "No", bet9ja = "N" }]
"""
