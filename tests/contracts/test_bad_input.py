"""What every bookmaker's parser does with a body in which one thing is wrong: that is left out, the rest stands."""

import json
from copy import deepcopy
from functools import cache
from typing import Any

import pytest

from overround.bookmakers import registry
from overround.config import packaged_catalogue
from overround.domain.diff import diff
from overround.domain.markets import MarketKey
from overround.domain.settle import settle
from overround.errors import PayloadChanged
from tests.support.clock import START
from tests.support.shapes import SHAPES, detail

ONE_X_TWO, TOTAL = MarketKey("3743"), MarketKey("5000", "2.5")
IDS = frozenset({
    "id", "ID", "EXTID", "eventId", "marketId", "subscriptionId", "match_id", "competition_id", "sub_type_id",
    "outcome_id", "parent_match_id", "shortName", "betradarId", "sport_id", "bizCode",
})  # fmt: skip


@pytest.fixture(params=sorted(SHAPES))
def code(request):
    return request.param


@cache
def _good(code):
    return detail(code)


def good(code):
    return deepcopy(_good(code))


@cache
def _reader(code):
    return registry.create(code, packaged_catalogue())


def parse(code, event):
    return _reader(code).parse_event(json.dumps(event).encode())


def refused_or_unmapped(parsed):
    return sum(parsed.refused.values()) + sum(gap.outcomes for gap in parsed.unmapped)


def but_for(parsed, *keys):
    return {key: market for key, market in parsed.markets.items() if key not in keys}


def assert_only_lost(code, event, key):
    """Check that the damage cost one market, counted and in doubt, and nothing else."""
    before, after = parse(code, good(code)), parse(code, event)
    assert key in before.markets
    assert key not in after.markets
    assert but_for(after, key) == but_for(before, key)
    assert refused_or_unmapped(after) > refused_or_unmapped(before)
    assert after.doubtful == before.doubtful | {key.market_id}


@pytest.mark.parametrize("odds", ["2,41", "2.41 ", "NaN", "-2.41", "evens", None])
def test_odds_that_are_no_number_cost_their_market(code, odds):
    """What they may mean is not guessed, and the last price is not shown as open."""
    event = good(code)
    SHAPES[code].price_home_win(event, odds)
    if code == "bet9ja" and odds is None:  # its object of odds holds no null anywhere
        with pytest.raises(PayloadChanged):
            parse(code, event)
    else:
        assert_only_lost(code, event, ONE_X_TWO)


@pytest.mark.parametrize("line", ["two", "2,5", "2.5.5", "NaN", "1e1", "٢"])
def test_a_line_that_is_no_number_costs_its_market(code, line):
    """At another line the same price is another bet."""
    event = good(code)
    SHAPES[code].move_total(event, line)
    assert_only_lost(code, event, TOTAL)


def test_an_outcome_at_two_prices_costs_its_market(code):
    """Of an (id, specifier) that stands twice neither is believed."""
    event = good(code)
    SHAPES[code].repeat_over(event)
    assert_only_lost(code, event, TOTAL)


def test_a_market_in_doubt_is_locked_at_its_last_prices(code):
    """Its silence is no withdrawal: I16."""
    before = settle({}, parse(code, good(code)).markets.values(), START)
    event = good(code)
    SHAPES[code].repeat_over(event)
    parsed = parse(code, event)
    after = settle(before, parsed.markets.values(), START, None, parsed.doubtful)
    assert (after[TOTAL].state, after[TOTAL].odds_milli) == ("suspended", before[TOTAL].odds_milli)
    assert {change.after.key for change in diff(before, after)} == {TOTAL}


def test_an_outcome_that_nobody_knows_is_counted_and_moves_no_other(code):
    """A market may change its outcomes: what we know stays under its own name, and what is gone is not offered."""
    event = good(code)
    before = parse(code, event)
    SHAPES[code].rename_home_win(event)
    after = parse(code, event)
    assert after.markets[ONE_X_TWO].odds_milli == (0, *before.markets[ONE_X_TWO].odds_milli[1:])
    assert but_for(after, ONE_X_TWO) == but_for(before, ONE_X_TWO)
    assert refused_or_unmapped(after) > refused_or_unmapped(before)


def test_ids_may_be_numbers_where_text_was_and_text_where_numbers_were(code):
    """JSON writers change their minds; 18 and "18" are one id."""
    event = good(code)
    swapped = _with_swapped_ids(event)
    assert swapped != event
    assert parse(code, swapped) == parse(code, event)


@pytest.mark.parametrize(
    ("of", "at"), [(code, at) for code, shape in SHAPES.items() for at in shape.other_kickoffs]
)
def test_a_kickoff_in_another_shape_fails_the_event(of, at):
    """Read in another unit or zone the match would have started, or never end."""
    event = good(of)
    SHAPES[of].kick_off(event, at)
    with pytest.raises(PayloadChanged):
        parse(of, event)


def _with_swapped_ids(value: Any, is_id: bool = False) -> Any:
    if isinstance(value, dict):
        return {key: _with_swapped_ids(part, key in IDS) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_swapped_ids(part) for part in value]
    if is_id and isinstance(value, str) and value.isdecimal() and not value.startswith("0"):
        return int(value)
    return str(value) if is_id and isinstance(value, int) else value
