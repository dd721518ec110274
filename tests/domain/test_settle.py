"""What an answer's silence means, case by case."""

from datetime import timedelta

import msgspec
from hypothesis import given

from overround.domain.markets import MarketKey
from overround.domain.settle import settle, withdraw
from tests.support.books import answers, histories, parsed
from tests.support.clock import START

KEY, TOTAL = MarketKey("3743"), MarketKey("5000", "2.5")
LATER = START + timedelta(minutes=5)


def test_a_suspended_outcome_keeps_its_last_price():
    """BetPawa sends odds 0 with a suspension; the trader wants the price greyed out, not gone."""
    first = settle({}, [parsed("3743", [2.4, 3.1, 3.0])], START)
    locked = settle(first, [parsed("3743", [0, 3.2, 3.0], suspended=0b001)], LATER)
    assert (locked[KEY].odds_milli, locked[KEY].suspended) == ((2400, 3200, 3000), 0b001)


def test_an_outcome_that_is_no_longer_offered_loses_its_price():
    """Not offered is not suspended: Bet9ja prints 1 and means nothing is for sale."""
    first = settle({}, [parsed("3743", [2.4, 3.1, 3.0])], START)
    assert settle(first, [parsed("3743", [0, 3.1, 3.0])], LATER)[KEY].odds_milli == (0, 3100, 3000)


def test_a_suspended_outcome_without_any_price_is_shown_without_one():
    """It exists, but no number was ever seen."""
    assert settle({}, [parsed("3743", [0, 0, 0], suspended=0b111)], START)[KEY].state == "suspended"


def test_a_dormant_market_is_suspended_at_its_last_prices():
    """SportyBet locks with isActive 0 and odds 0.00: still listed, so neither gone nor withdrawn."""
    first = settle({}, [parsed("3743", [2.4, 3.1, 0])], START)
    asleep = msgspec.structs.replace(parsed("3743", [0, 0, 0]), dormant=0b111)
    locked = settle(first, [asleep], LATER)
    assert (locked[KEY].odds_milli, locked[KEY].suspended) == ((2400, 3100, 0), 0b011)
    assert settle(locked, [asleep], LATER + timedelta(minutes=5))[KEY] is locked[KEY]


def test_a_dormant_market_that_never_had_a_price_is_absent():
    """Inactive without a last price is not offered."""
    assert settle({}, [msgspec.structs.replace(parsed("3743", [0, 0, 0]), dormant=0b111)], START) == {}


def test_a_market_that_disappears_is_withdrawn_with_its_prices():
    """The tombstone keeps what was last offered and says since when it is gone."""
    first = settle({}, [parsed("3743", [2.4, 3.1, 3.0])], START)
    gone = settle(first, [], LATER)[KEY]
    assert (gone.state, gone.withdrawn_at, gone.odds_milli) == ("withdrawn", LATER, (2400, 3100, 3000))
    assert settle({KEY: gone}, [], LATER + timedelta(hours=1))[KEY] is gone


def test_a_market_that_returns_keeps_its_first_seen_time():
    """Opening prices are those of its first appearance."""
    first = settle({}, [parsed("3743", [2.4, 3.1, 3.0])], START)
    back = settle(settle(first, [], LATER), [parsed("3743", [2.5, 3.1, 3.0])], LATER + timedelta(minutes=5))[
        KEY
    ]
    assert (back.state, back.first_seen_at) == ("open", START)


def test_a_scoped_answer_speaks_for_its_markets_only():
    """I16: a list answer with inline main markets withdraws nothing it does not carry."""
    first = settle({}, [parsed("3743", [2.4, 3.1, 3.0]), parsed("5000", [1.9, 1.9], "2.5")], START)
    scoped = settle(first, [parsed("3743", [2.3, 3.1, 3.1])], LATER, scope=frozenset({"3743"}))
    assert scoped[KEY].odds_milli == (2300, 3100, 3100)
    assert scoped[TOTAL] is first[TOTAL]
    assert settle(first, [], LATER, scope=frozenset({"3743"}))[KEY].state == "withdrawn"


def test_an_answer_does_not_speak_outside_its_scope():
    """What it says of other markets is not believed."""
    first = settle({}, [parsed("5000", [1.9, 1.9], "2.5")], START)
    assert settle(first, [parsed("5000", [1.5, 2.5], "2.5")], LATER, scope=frozenset({"3743"})) == first


@given(histories(), answers())
def test_unchanged_records_are_the_same_objects(states, answer):
    """Memory and the diff both rely on it."""
    old = states[-1]
    new = settle(old, answer.values(), LATER)
    for key, market in new.items():
        assert market is old.get(key) or market.changed_at == LATER


@given(histories())
def test_withdrawing_an_event_withdraws_every_market(states):
    """A listing that is gone has no open price left."""
    assert all(market.withdrawn_at is not None for market in withdraw(states[-1], LATER).values())
