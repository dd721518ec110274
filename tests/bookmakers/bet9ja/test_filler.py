"""The football keys we know of, and the parts of a body that are made from them."""

import json

import pytest

from overround.bookmakers.bet9ja.filler import (
    categories,
    filler_groups,
    football_markets,
    market_entry,
    priced,
    translations,
)
from overround.bookmakers.bet9ja.markets import split_key
from overround.config import packaged_catalogue
from overround.domain.markets import price_milli
from tests.support.payloads import payload

MARKETS = football_markets()


def test_every_market_has_a_name_and_different_suffixes():
    """279 keys, each with the lines and suffixes that were seen."""
    assert len(MARKETS) == 279
    for market in MARKETS.values():
        assert market.name
        assert len(set(market.outcomes)) == len(market.outcomes) >= 1
        assert len(set(market.lines)) == len(market.lines)
        assert split_key(f"{market.id}_{market.outcomes[0]}").market == market.id


def test_the_catalogue_uses_only_suffixes_that_exist():
    """A rule with a misspelt suffix would never meet a price."""
    for (sport, their_id), fed in packaged_catalogue().rules("bet9ja").items():
        if sport == "football" and their_id not in NEVER_IN_AN_EVENT:
            for _, rule in fed:
                assert set(rule.ids[their_id]) <= set(MARKETS[their_id].outcomes)


# Named by the site's dictionary only. Source: payloads: bet9ja/dc_1x2_1up_catalogue.json.
NEVER_IN_AN_EVENT = {"S_DC1X21"}


@pytest.mark.payloads
def test_the_captured_markets_are_among_them():
    """Names and suffixes as the site's own dictionary has them."""
    for market in json.loads(payload("bet9ja", "prematch.json"))["D"]["MK"]:
        ours = MARKETS[market["ID"]]
        assert ours.name == " ".join(market["DS"].split())
        assert list(ours.outcomes) == market["SGNK"]


def test_groups_are_markets_at_lines_each_once():
    """Every line of every market can fill a body."""
    groups = filler_groups(MARKETS.values())
    assert len({(group.market.id, group.line) for group in groups}) == len(groups)
    assert len(groups) == sum(len(market.lines) or 1 for market in MARKETS.values())


def test_filler_prices_belong_to_the_event():
    """The same at any time, different elsewhere, most of them an offer."""
    groups = filler_groups(MARKETS.values())
    entries = priced(groups, "5")
    assert entries == priced(groups, "5")
    assert entries != priced(groups, "6")
    prices = json.loads(b"{" + b",".join(entries) + b"}")
    assert len(prices) == len(entries)
    offered = sum(price_milli(price) > 0 for price in prices.values())
    assert 0.95 * len(entries) < offered < len(entries)


def test_an_entry_has_the_fields_of_the_real_one():
    """Names run parallel to suffixes."""
    entry = json.loads(market_entry(MARKETS["S_OU"]))
    assert (entry["ID"], entry["DS"], entry["GCAT"]) == ("S_OU", "Over/Under", "POPULAR")
    assert (entry["SGN"], entry["SGNK"]) == (["Over", "Under"], ["O", "U"])


def test_categories_are_those_of_the_markets():
    """One entry per category that has a code."""
    assert categories([MARKETS["S_OU"], MARKETS["S_1X2"], MARKETS["S_CAH"], MARKETS["S_C15M"]]) == [
        {"CODE": "1", "VALUE": "POPULAR"},
        {"CODE": "108", "VALUE": "CORNER"},
    ]


@pytest.mark.parametrize("size", [0, 1, 500, 5_000, 100_000, 10_000_000])
def test_translations_are_valid_at_any_size(size):
    """They are cut between entries and never longer than asked, braces aside."""
    text = translations(size)
    assert isinstance(json.loads(text), dict)
    assert len(text) <= size + 2
    assert len(text) > min(size, 200_000) - 2_500
