"""The markets that fill a simulated body: real ids, each once, and never one that has quotes."""

import json
from itertools import islice

from overround.bookmakers.sportybet.filler import EVENT_MARK, FURTHER, VARIANTS, fragment, further_markets


def test_ids_and_outcomes_stand_once():
    """One row per market id, each outcome id once in it."""
    assert len({market.id for market in FURTHER}) == len(FURTHER)
    for market in FURTHER:
        assert len({outcome_id for outcome_id, _ in market.outcomes}) == len(market.outcomes) >= 2
        assert len(set(market.specifiers)) == len(market.specifiers)


def test_markets_with_quotes_are_left_out():
    """When the catalogue learns a market, its filler goes."""
    taken = {"60200", "19", "775"}
    found = {market.id for market, _ in islice(further_markets(taken), 900)}
    assert not found & taken
    assert {"60100", "20", "776"} <= found


def test_they_never_end_while_a_player_prop_is_left():
    """A body can grow to any size; without props the list ends."""
    assert len(list(islice(further_markets(()), 3000))) == 3000
    props = {"775", "776", "777", "770", "780"}
    assert len(list(further_markets(props))) == sum(len(market.specifiers) for market in FURTHER)


def test_every_fragment_is_a_market_with_prices():
    """Odds are text above 1.00, whatever the variant, and every variant has its own."""
    for market, specifier in islice(further_markets(()), 450):
        fragments = [fragment(market, specifier, variant) for variant in range(VARIANTS)]
        read = [json.loads(text.replace(EVENT_MARK, b"1")) for text in fragments]
        assert all(float(outcome["odds"]) > 1 for each in read for outcome in each["outcomes"])
        assert len(set(fragments)) > 1
        assert read[0]["id"] == market.id
