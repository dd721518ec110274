"""What an answer's silence means, case by case."""

from datetime import timedelta
from itertools import pairwise

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from overround.domain.diff import apply, diff
from overround.domain.markets import MarketKey, ParsedMarket
from overround.domain.settle import MAX_NAMES, settle, withdraw
from tests.support.books import answers, histories, parsed
from tests.support.clock import START

KEY, TOTAL = MarketKey("3743"), MarketKey("5000", "2.5")
SCORERS = MarketKey("28000048")
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


def scorers(suspended: int = 0, dormant: int = 0, **odds: int) -> ParsedMarket:
    """Return a market with an open list of outcomes, each at its odds x 1000."""
    return ParsedMarket(SCORERS, tuple(odds), tuple(odds.values()), suspended, dormant=dormant)


def test_a_new_name_stands_behind_the_old_ones():
    """A position means the same outcome for ever, so stored prices can be compared."""
    first = settle({}, [scorers(Musa=2500, Iheanacho=3100)], START)
    longer = settle(first, [scorers(Osimhen=1900, Iheanacho=3200, Musa=2500)], LATER)[SCORERS]
    assert longer.names == ("Musa", "Iheanacho", "Osimhen")
    assert longer.odds_milli == (2500, 3200, 1900)


def test_a_shorter_list_is_no_other_list():
    """Who is left out is not offered, and comes back on his own position."""
    first = settle({}, [scorers(Musa=2500, Iheanacho=3100)], START)
    shorter = settle(first, [scorers(Iheanacho=3100)], LATER)
    assert (shorter[SCORERS].names, shorter[SCORERS].odds_milli) == (("Musa", "Iheanacho"), (0, 3100))
    again = settle(shorter, [scorers(Iheanacho=3100)], LATER + timedelta(minutes=5))
    assert again[SCORERS] is shorter[SCORERS]
    assert settle(shorter, [scorers(Iheanacho=3100, Musa=2600)], LATER)[SCORERS].odds_milli == (2600, 3100)


def test_locks_follow_the_names():
    """Bits count positions of the answer; the record has its own."""
    first = settle({}, [scorers(Musa=2500, Iheanacho=3100)], START)
    locked = settle(first, [scorers(suspended=0b01, dormant=0b10, Iheanacho=0, Musa=0)], LATER)[SCORERS]
    assert (locked.odds_milli, locked.suspended) == ((2500, 3100), 0b11)


def test_names_in_another_order_change_nothing():
    """Some bookmakers sort players by price."""
    first = settle({}, [scorers(Musa=2500, Iheanacho=3100)], START)
    assert settle(first, [scorers(Iheanacho=3100, Musa=2500)], LATER)[SCORERS] is first[SCORERS]


def test_names_of_a_catalogue_row_stay_one_shared_tuple():
    """Half a million records hold a few hundred tuples."""
    one, two = parsed("3743", [2.4, 3.1, 3.0]), parsed("3743", [2.5, 3.1, 3.0])
    assert settle(settle({}, [one], START), [two], LATER)[KEY].names is two.names


def test_a_list_that_never_ends_begins_anew():
    """What a bookmaker may make us remember is bounded; what is on offer now is never cut."""
    many = scorers(**{f"player{number}": 2000 for number in range(MAX_NAMES)})
    old = settle({}, [many], START)
    assert settle(old, [scorers(one_more=2100)], LATER)[SCORERS].names == ("one_more",)
    assert settle(old, [scorers(player7=2100)], LATER)[SCORERS].names == many.names


lists = st.dictionaries(
    st.sampled_from(["Musa", "Iheanacho", "Osimhen", "Simon"]), st.sampled_from([0, 1900, 2000, 3100])
).map(lambda drawn: scorers(**drawn))


@given(st.lists(lists, min_size=1, max_size=6))
def test_an_open_list_says_what_its_last_answer_said(said):
    """Positions never change their meaning, prices are the answer's own, and I1 holds."""
    states = [{}]
    for step, answer in enumerate(said):
        states.append(settle(states[-1], [answer], START + timedelta(minutes=step)))
    for (old, new), answer in zip(pairwise(states), said, strict=True):
        assert apply(old, diff(old, new)) == new
        if SCORERS in old:
            assert new[SCORERS].names[: len(old[SCORERS].names)] == old[SCORERS].names
        if any(answer.odds_milli):
            market = new[SCORERS]
            shown = {name: odds for name, odds in zip(market.names, market.odds_milli, strict=True) if odds}
            assert shown == {
                name: odds for name, odds in zip(answer.names, answer.odds_milli, strict=True) if odds
            }


def test_a_doubtful_market_is_locked_at_its_last_prices():
    """A line that could not be read may be the one we know: neither gone (I16) nor open at its old price."""
    book = [
        parsed("5000", [1.9, 1.9], "2.5"),
        parsed("5000", [3.1, 1.3], "3.5"),
        parsed("3743", [2.4, 3.1, 3.0]),
    ]
    first = settle({}, book, START)
    doubted = settle(first, [parsed("5000", [3.1, 1.3], "3.5")], LATER, doubtful={"5000"})
    assert (doubted[TOTAL].state, doubted[TOTAL].odds_milli) == ("suspended", (1900, 1900))
    assert (doubted[TOTAL].withdrawn_at, doubted[TOTAL].changed_at) == (None, LATER)
    assert doubted[MarketKey("5000", "3.5")] is first[MarketKey("5000", "3.5")]  # restated
    assert doubted[KEY].state == "withdrawn"  # nothing was wrong with it, it is gone
    assert settle(doubted, [parsed("5000", [3.1, 1.3], "3.5")], LATER, doubtful={"5000"}) == doubted


def test_a_doubtful_market_opens_with_the_next_good_answer():
    """The lock lasts as long as the doubt."""
    first = settle({}, [parsed("5000", [1.9, 1.9], "2.5")], START)
    doubted = settle(first, [], LATER, doubtful={"5000"})
    good = settle(doubted, [parsed("5000", [1.9, 1.9], "2.5")], LATER + timedelta(minutes=5))
    assert (good[TOTAL].state, good[TOTAL].odds_milli) == ("open", (1900, 1900))
    gone = settle(doubted, [], LATER + timedelta(minutes=5))
    assert gone[TOTAL].state == "withdrawn"


def test_doubt_brings_nothing_back():
    """What is withdrawn stays so, and what the answer says is not offered goes."""
    gone = withdraw(settle({}, [parsed("5000", [1.9, 1.9], "2.5")], START), START)
    assert settle(gone, [], LATER, doubtful={"5000"})[TOTAL] is gone[TOTAL]
    first = settle({}, [parsed("5000", [1.9, 1.9], "2.5")], START)
    assert (
        settle(first, [parsed("5000", [0, 0], "2.5")], LATER, doubtful={"5000"})[TOTAL].state == "withdrawn"
    )


def test_doubt_counts_only_where_an_answer_may_speak():
    """A market that a later list answer spoke for is not locked by an older full one."""
    first = settle({}, [parsed("5000", [1.9, 1.9], "2.5")], START)
    assert settle(first, [], LATER, frozenset({"3743"}), doubtful={"5000"}) == first
