"""The markets that fill a simulated body: real ids, each once, prices whatever they are."""

import json
from itertools import islice

from overround.bookmakers.feed import UNMAPPED, FeedTable
from overround.bookmakers.sportybet.filler import FURTHER, VARIANTS, fragment, further_markets
from overround.config import packaged_catalogue


def test_ids_and_outcomes_stand_once():
    """One row per market id, each outcome id once in it."""
    assert len({market.id for market in FURTHER}) == len(FURTHER)
    for market in FURTHER:
        assert len({outcome_id for outcome_id, _ in market.outcomes}) == len(market.outcomes) >= 2


def test_they_never_end_and_none_stands_twice():
    """A body can grow to any size."""
    found = [(market.id, specifier) for market, specifier in islice(further_markets(), 3000)]
    assert len(set(found)) == 3000


def test_most_of_them_are_of_no_catalogue_row():
    """What the catalogue has is priced by the world; the filler is what it lacks."""
    table = FeedTable(packaged_catalogue(), "sportybet").of("football")
    found = list(islice(further_markets(), 1000))
    assert sum(table.resolve(market.id, specifier) is UNMAPPED for market, specifier in found) > 650
    assert table.resolve("60300", None) is table.resolve("810001", None) is UNMAPPED


def test_every_fragment_is_a_market_with_prices():
    """Odds are text above 1.00, whatever the variant, and every variant has its own."""
    for market, specifier in islice(further_markets(), 200):
        fragments = [fragment(market, specifier, variant) for variant in range(VARIANTS)]
        read = [json.loads(text) for text in fragments]
        assert all(float(outcome["odds"]) > 1 for each in read for outcome in each["outcomes"])
        assert len(set(fragments)) > 1
        assert (read[0]["id"], read[0].get("specifier", "")) == (market.id, specifier)
