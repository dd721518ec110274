"""Sanity: which figures of a listing can't be right, code by code, and what is looked at again."""

from datetime import timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overround.bookmakers import registry
from overround.config import packaged_catalogue
from overround.domain.diff import apply, diff
from overround.domain.markets import Market, MarketKey
from overround.domain.outliers import outliers
from overround.domain.sanity import Sanity, broken_rungs, complete_book
from overround.domain.settle import settle, withdraw
from tests.support.books import histories, parsed
from tests.support.clock import START
from tests.support.payloads import payload

CATALOGUE = packaged_catalogue()
SANITY = Sanity(CATALOGUE)
LATER = START + timedelta(minutes=5)


def reviewed(*markets, old=None, at=START, sport="football"):
    """Return what an answer of these parsed markets leads to."""
    old = old or {}
    return SANITY.review(sport, old, settle(old, markets, at), at)


def suspects(*markets):
    """Return (market id, line) -> codes of every market that has some."""
    return {
        (key.market_id, key.line): market.suspect
        for key, market in reviewed(*markets).items()
        if market.suspect
    }


@pytest.mark.parametrize(
    ("market_id", "odds", "found"),
    [
        ("3743", [2.4, 3.1, 3.0], ()),
        ("3743", [3.0, 3.0, 3.0], ()),  # exactly fair
        ("3743", [2.4, 3.1, 30.0], ("sum_low",)),
        ("3743", [2.0, 90.0, 3.6], ("sum_low",)),  # 90.00 for 3.90
        ("3743", [1.8, 1.8, 1.9], ("sum_high",)),
        ("3743", [1.8, 1.8, 0], ()),  # not complete: one of them is not offered
        ("3743", [1.8, 1.8, 1.0], ()),  # 1.00 is no offer
        ("4693", [1.29, 1.34, 1.73], ()),  # two of three pay: 105 %
        ("4693", [1.6, 1.6, 1.6], ("sum_low",)),  # 187 % is less than the two that pay
        ("4693", [1.01, 1.01, 1.05], ()),
        ("4693", [2.4, 3.1, 3.0], ("sum_low",)),  # a 1X2 mapped to double chance
        ("3795", [1.2, 1.3], ("sum_high",)),
        ("3795", [1.25, 1.25], ()),  # exactly 160 %
    ],
)
def test_a_books_sum_tells_a_wrong_price(market_id, odds, found):
    """Below the winners nobody sells, above 1.6 times nobody buys; only complete open books are judged."""
    odds = [0 if price == 1.0 else price for price in odds]
    assert reviewed(parsed(market_id, odds))[MarketKey(market_id)].suspect == found


def test_a_locked_outcome_makes_a_book_incomplete():
    """Its price is an old one."""
    assert suspects(parsed("3743", [2.4, 3.1, 30.0], suspended=0b001)) == {}


def test_long_lists_of_outcomes_may_carry_more_margin():
    """Correct scores come at 170 % and mean it; with more than twelve outcomes the bound is 200 %."""
    kind = next(kind for kind in CATALOGUE.types if kind.complete and len(kind.outcomes) > 12)
    key, count = MarketKey(kind.id), len(kind.outcomes)

    def found(share):
        price = round(1000 * count / share)
        book = Market(key, kind.outcomes, (price,) * count, 0, START, START)
        return SANITY.review(kind.sport, {}, {key: book}, START)[key].suspect

    assert (found(1.7), found(2.1)) == ((), ("sum_high",))


@pytest.mark.parametrize(
    ("market_id", "line", "found"),
    [
        ("5000", "2.5", ()),
        ("5000", "2.25", ()),  # Bet9ja sells quarter lines
        ("5000", "3", ()),
        ("5000", "2.3", ("off_grid",)),
        ("5000", "2.26", ("off_grid",)),
        ("5000", "-0.25", ("off_grid",)),  # BetPawa's handicap of -1 read as a total
        ("5000", "0", ()),
    ],
)
def test_a_line_stands_on_its_grid(market_id, line, found):
    """Totals come in quarters from 0 on; anything else is a misread."""
    assert reviewed(parsed(market_id, [1.9, 1.9], line))[MarketKey(market_id, line)].suspect == found


def test_handicaps_have_the_grid_of_their_row():
    """Three-way handicaps are whole goals, two-way ones quarters."""
    for kind_name, line, found in [
        ("handicap-3way", "-1", ()),
        ("handicap-3way", "-0.5", ("off_grid",)),
        ("handicap-2way", "-0.75", ()),
        ("handicap-2way", "0.6", ("off_grid",)),
    ]:
        kind = next(
            kind
            for kind in CATALOGUE.types
            if kind.kind == kind_name and kind.complete and kind.sport == "football"
        )
        key = MarketKey(kind.id, line)
        fair = round(1000 * len(kind.outcomes) / 1.05)
        book = Market(key, kind.outcomes, (fair,) * len(kind.outcomes), 0, START, START)
        assert SANITY.review("football", {}, {key: book}, START)[key].suspect == found, (kind.id, line)


TOTALS = {"0.5": [1.05, 9.0], "1.5": [1.3, 3.4], "2.5": [1.9, 1.9], "3.5": [3.3, 1.33], "4.5": [6.5, 1.1]}


def ladder(**changed):
    return [
        parsed("5000", changed.get(f"at_{line.replace('.', '_')}", odds), line)
        for line, odds in TOTALS.items()
    ]


def test_a_ladder_that_climbs_is_sane():
    """More goals are less likely."""
    assert suspects(*ladder()) == {}
    assert suspects(*ladder(at_2_5=[1.3, 3.4])) == {}  # equal prices of neighbours happen near the ends


def test_one_wrong_line_among_good_ones_stands_alone():
    """The others agree without it, so they are believed."""
    assert suspects(*ladder(at_2_5=[6.6, 1.12])) == {("5000", "2.5"): ("ladder",)}
    assert suspects(*ladder(at_0_5=[9.0, 1.05])) == {("5000", "0.5"): ("ladder",)}


def test_two_lines_in_exchanged_places_are_both_suspect():
    """Either could be the wrong one."""
    exchanged = suspects(*ladder(at_1_5=TOTALS["2.5"], at_2_5=TOTALS["1.5"]))
    assert exchanged == {("5000", "1.5"): ("ladder",), ("5000", "2.5"): ("ladder",)}


def test_lines_that_are_locked_or_gone_are_no_rungs():
    """An old price proves nothing against a new one."""
    first = reviewed(*ladder(at_2_5=[6.6, 1.12]))
    wrong = MarketKey("5000", "2.5")
    locked = reviewed(*[parsed("5000", [6.6, 1.12], "2.5", suspended=0b11) if m.key == wrong else m
                        for m in ladder()], old=first, at=LATER)  # fmt: skip
    assert locked[wrong].suspect == ()
    gone = reviewed(*[m for m in ladder() if m.key != wrong], old=first, at=LATER)
    assert [key for key, market in gone.items() if market.suspect] == [wrong]  # as it was when it left
    assert gone[wrong].state == "withdrawn"


def test_a_moved_line_changes_its_neighbours_codes():
    """The record of a market that did not move itself is replaced when its code comes or goes."""
    first = reviewed(*ladder())
    moved = reviewed(*ladder(at_1_5=TOTALS["2.5"], at_2_5=TOTALS["1.5"]), old=first, at=LATER)
    below = reviewed(*ladder(at_1_5=[1.95, 1.85]), old=first, at=LATER)
    assert {change.after.key.line for change in diff(first, moved)} == {"1.5", "2.5"}
    assert {change.after.key.line for change in diff(first, below)} == {"1.5", "2.5"}
    other = below[MarketKey("5000", "2.5")]
    assert (other.odds_milli, other.suspect, other.changed_at) == ((1900, 1900), ("ladder",), LATER)
    back = reviewed(*ladder(), old=below, at=LATER)
    assert not any(market.suspect for market in back.values())


def test_totals_of_different_markets_are_different_ladders():
    """A half has fewer goals than the match."""
    half = [msgspec.structs.replace(m, key=MarketKey("4958", m.key.line)) for m in ladder(at_0_5=[1.4, 2.9])][
        :1
    ]
    assert suspects(*ladder(), *half) == {}


rungs = st.lists(st.tuples(st.integers(1010, 9000), st.integers(1010, 9000)), min_size=1, max_size=12).map(
    lambda prices: [(place + 0.5, over, under) for place, (over, under) in enumerate(prices)]
)


@given(rungs)
def test_what_is_believed_of_a_ladder_climbs(ladder):
    """Whatever is left unmarked never contradicts itself."""
    broken = broken_rungs(ladder)
    left = [rung for place, rung in enumerate(ladder) if place not in broken]
    assert broken_rungs(left) == set()


@given(rungs)
def test_a_ladder_is_broken_only_where_it_does_not_climb(ladder):
    """A sane ladder has no suspects, and one that steps back by more than 1 % has some."""
    climbs = all(a[1] <= b[1] and a[2] >= b[2] for a, b in pairwise(ladder))
    falls = any(b[1] < a[1] * 0.98 or b[2] > a[2] * 1.02 for a, b in pairwise(ladder))
    assert not (climbs and broken_rungs(ladder))
    assert not falls or broken_rungs(ladder)


def test_a_price_step_back_is_rounding():
    """Quarter lines are priced by another model: Bet9ja has 1.04 at 0.5 and 1.03 at 0.75."""
    assert broken_rungs([(0.5, 1040, 9700), (0.75, 1030, 8500), (1.5, 1300, 3400)]) == set()
    assert broken_rungs([(0.5, 1040, 9700), (0.75, 1020, 8500), (1.5, 1300, 3400)]) == {0, 1}
    assert broken_rungs([(2.5, 2000, 1800), (3.5, 1980, 1790)]) == set()
    assert broken_rungs([(2.5, 2000, 1800), (3.5, 1970, 1790)]) == {0, 1}


def test_an_absurdly_long_ladder_is_broken_as_a_whole():
    """Nothing real has so many lines, and searching it would hold up everybody."""
    long = [(float(line), 2000 - line % 2 * 50, 2000) for line in range(5000)]
    assert len(broken_rungs(long)) == 5000


@given(histories())
def test_reviewed_states_differ_by_their_changes_alone(states):
    """I1 with codes: applying the diff of two reviewed states gives the second one."""
    old = {}
    for step, settled in enumerate(states[1:]):
        again = [parsed_as(market) for market in settled.values() if market.withdrawn_at is None]
        at = START + timedelta(minutes=step)
        new = SANITY.review("football", old, settle(old, again, at), at)
        assert apply(old, diff(old, new)) == new
        assert new == SANITY.review("football", {}, new, LATER)  # nothing was missed
        old = new


def parsed_as(market):
    market_id, line = market.key.market_id, market.key.line
    return parsed(market_id, [milli / 1000 for milli in market.odds_milli], line, market.suspended)


def test_what_did_not_change_is_not_touched():
    """Most answers change nothing; the very same book comes back."""
    first = reviewed(*ladder(), parsed("3743", [2.4, 3.1, 30.0]))
    again = settle(first, [*ladder(), parsed("3743", [2.4, 3.1, 30.0])], LATER)
    assert SANITY.review("football", first, again, LATER) is again
    assert diff(first, again) == ()


def test_a_code_that_stays_makes_no_change():
    """Its market's record stays the very same one, so nothing is written or sent."""
    first = reviewed(parsed("3743", [2.4, 3.1, 30.0]))
    moved = reviewed(parsed("3743", [2.5, 3.1, 30.0]), old=first, at=LATER)[MarketKey("3743")]
    assert (moved.suspect, moved.suspect is first[MarketKey("3743")].suspect) == (("sum_low",), True)


def test_a_withdrawn_event_keeps_its_codes():
    """The last price stays as it was shown."""
    first = reviewed(parsed("3743", [2.4, 3.1, 30.0]))
    assert withdraw(first, LATER)[MarketKey("3743")].suspect == ("sum_low",)


def test_a_market_outside_the_catalogue_is_never_judged():
    """Without winners nobody knows what should add up; codes of an older catalogue go."""
    key = MarketKey("no-such-market")
    stored = Market(key, ("1", "2"), (9000, 9000), 0, START, START, suspect=("sum_low",))
    assert SANITY.review("football", {}, {key: stored}, START)[key].suspect == ()


def test_the_order_of_names_does_not_matter():
    """A record that was stored before the catalogue's row was written otherwise is judged by name."""
    kind = CATALOGUE.find("3743")
    book = Market(MarketKey("3743"), ("2", "1", "Old", "X"), (3000, 2400, 0, 3100), 0b100, START, START)
    assert complete_book(book, kind) == (2400, 3100, 3000)
    assert complete_book(msgspec.structs.replace(book, suspended=0b010), kind) is None
    assert complete_book(msgspec.structs.replace(book, names=("2", "1", "Old", "Y")), kind) is None


@pytest.mark.payloads
@pytest.mark.parametrize("name", ["prematch.json", "basketball.json"])
def test_captured_books_are_sane(name):
    """Real prices are believed: no code, and nobody stands off. Payloads: betpawa, sportybet, bet9ja, msport."""
    books = {}
    for bookmaker in ("betpawa", "sportybet", "bet9ja", "msport"):
        reader = registry.create(bookmaker, CATALOGUE)
        event = reader.parse_event(payload(bookmaker, name))
        books[bookmaker] = reviewed(*event.markets.values(), sport=event.sport)
        assert books[bookmaker]
    wrong = {
        (bookmaker, key): market.suspect
        for bookmaker, markets in books.items()
        for key, market in markets.items()
        if market.suspect
    }
    assert wrong == {}
    if name == "prematch.json":  # all of them show one match
        shared = set.intersection(*map(set, books.values()))
        assert len(shared) > 50
        for key in shared:
            offered = {bookmaker: markets[key] for bookmaker, markets in books.items()}
            assert outliers(offered, CATALOGUE.find(key.market_id)) == set(), key
