"""Every football key that was ever seen: mapped to its partners, or left out for a reason that is written down."""

import re
from collections.abc import Mapping
from functools import cache

import pytest

from overround.bookmakers.bet9ja.filler import football_markets
from overround.bookmakers.bet9ja.markets import MarketTable, OddsKey, split_key
from overround.config import packaged_catalogue
from tests.bookmakers.bet9ja.unmapped_keys import IN_PART, WHOLE, unmapped_suffixes
from tests.support.payloads import FOLDER

CATALOGUE = packaged_catalogue()
TABLE = MarketTable(CATALOGUE)
SEEN = football_markets()
PAPER = FOLDER.parent / "bet9ja-keys.md"  # the tables of all keys, beside the payloads


@cache
def paper() -> Mapping[str, list[str]]:
    """Return the cells of every row of the paper's key tables by key; skips the test where it is missing."""
    if not PAPER.is_file():
        pytest.skip("bet9ja-keys.md is not here: it lies beside the folder that OVERROUND_PAYLOADS names")
    rows = [line for line in PAPER.read_text("utf-8").splitlines() if line.startswith("| S_")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]
    return {row[0]: row for row in cells}


def slots(key, suffix):
    """Return what a suffix of a market prices, at a line the market was seen with."""
    market = SEEN[key]
    return TABLE.meaning("football", OddsKey(key, next(iter(market.lines), ""), suffix)).slots


@pytest.mark.parametrize("key", SEEN)
def test_every_outcome_is_mapped_or_left_out_for_a_reason(key):
    """Nothing falls between the catalogue and the table of reasons, and nothing is in both."""
    suffixes = SEEN[key].outcomes
    unmapped = {suffix for suffix in suffixes if not slots(key, suffix)}
    assert unmapped == unmapped_suffixes(key, suffixes)


@pytest.mark.parametrize("key", SEEN)
def test_every_line_that_was_seen_is_one_the_market_can_have(key):
    """A line that no market takes would be refused at every event that offers it."""
    for line in SEEN[key].lines:
        for suffix in SEEN[key].outcomes:
            assert TABLE.meaning("football", OddsKey(key, line, suffix)).refused == ""


@pytest.mark.payloads
@pytest.mark.parametrize("key", SEEN)
def test_the_partners_are_those_of_the_paper(key):
    """A key feeds exactly the markets that the paper names, checked there by price on shared matches."""
    _, _, _, _, outcomes, partner = paper()[key]
    named = set(re.findall(r"([a-z0-9_-]+) \(", partner))
    fed = {slot.key.market_id for suffix in SEEN[key].outcomes for slot in slots(key, suffix)}
    assert {kind.canonical for market_id in fed if (kind := CATALOGUE.find(market_id))} == named
    first, is_cut, _ = outcomes.partition(" ...")
    assert SEEN[key].outcomes[: len(first.split())] == tuple(first.split())
    assert is_cut or len(SEEN[key].outcomes) == len(first.split())


@pytest.mark.payloads
def test_the_paper_has_no_further_key():
    """The packaged list of keys is the paper's."""
    assert set(paper()) == set(SEEN)


def test_reasons_are_given_once_and_for_keys_that_exist():
    """No key stands under two reasons."""
    whole = [key for ids in WHOLE.values() for key in ids.split()]
    in_part = [key for markets in IN_PART.values() for key in markets]
    assert len(set(whole + in_part)) == len(whole + in_part)
    assert set(whole + in_part) <= set(SEEN)


@pytest.mark.parametrize(
    ("key", "fed"),
    [
        ("S_HAOU@1.5_OH", {("5006", "1.5", "Over")}),
        ("S_HAOU@1.5_UA", {("5003", "1.5", "Under")}),
        ("S_HA1HOU@0.5_AO", {("4961", "0.5", "Over")}),
        ("S_HA2HOU@0.5_HU", {("4982", "0.5", "Under")}),
        ("S_1SCORE2T_Y", {("3804", "", "No"), ("x-home_to_score_2h", "", "Yes")}),
        ("S_2SCOREHT_N", {("3810", "", "Yes"), ("x-away_to_score_1h", "", "No")}),
        ("S_CSFT_2:1", {("4429", "", "2-1"), ("28000869", "", "2-1")}),
        ("S_CSFT_OTH", {("28000869", "", "Other")}),
        ("S_GNGFSH_GGANDGG", {("x-btts_1h_2h", "", "Yes/Yes"), ("x-btts_both_halves", "", "Yes")}),
        ("S_DCGGNG_12GG", {("28000014", "", "12 - Yes"), ("x-no_draw_btts_ft", "", "Yes")}),
        ("S_DCGGNG_1XGG", {("28000014", "", "1X - Yes")}),
        ("S_CHANCEMIX_XorNG", {("x-draw_or_clean_sheet_ft", "", "Yes")}),
        ("S_CHANCEMIXOU@3.5_2orUn", {("x-away_or_under_ft", "3.5", "Yes")}),
        ("S_TOTAL1T2T_2+AND2+N", {("x-both_halves_over", "1.5", "No")}),
        ("S_GGNGOU@2.5_GGUNDER", {("4613062", "2.5", "Under & Yes")}),
        ("S_GGNGOUN@3.5_NGO", {("4613062", "3.5", "Over & No")}),
        ("S_1X22_X2", {("28000850", "", "X")}),
        ("S_1X21_21", {("28000810", "", "2")}),
        ("S_HTFTOUHT@1.5_1XO", {("x-htft_over_under_1h", "1.5", "1/X and Over")}),
        ("S_1X22TOU@1.5_XU2T", {("25451920", "1.5", "X - Under")}),
        ("S_1STGOAL_X", {("28000224", "1", "None")}),
        ("S_OU35E5@3.5_O", {("x-over_under_early_50min", "3.5", "Over")}),
        ("S_WINMARGIN_AT>2", {("28000209", "", "Away by 3+")}),
        ("S_1X2MULTI3-4_X", {("x-1x2_multigoals_ft", "", "X - 3-4")}),
        ("S_LASTCORNER_X", {("1096795", "", "No Corner")}),
    ],
)
def test_the_pitfalls_of_the_grammar(key, fed):
    """Suffixes that look alike mean different things, and some keys several things at once."""
    parts = split_key(key)
    assert parts is not None
    meaning = TABLE.meaning("football", parts)
    assert {(slot.key.market_id, slot.key.line, slot.names[slot.position]) for slot in meaning.slots} == fed
