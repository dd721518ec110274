"""Outliers: who stands too far from the others, and who is only blamed for a neighbour."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overround.config import packaged_catalogue
from overround.domain.markets import Market, MarketKey
from overround.domain.outliers import all_codes, outliers
from tests.support.clock import START

ONE_X_TWO = packaged_catalogue().find("3743")
DOUBLE_CHANCE = packaged_catalogue().find("4693")
BOTH_SCORE = packaged_catalogue().find("3795")
SHOPS = ("betpawa", "sportybet", "bet9ja", "msport", "betway", "betika")


def book(kind, *odds, suspended=0, withdrawn=False, suspect=()):
    return Market(
        MarketKey(kind.id), kind.outcomes, tuple(round(price * 1000) for price in odds), suspended, START, START,
        START if withdrawn else None, suspect,
    )  # fmt: skip


def at(*shares, suspect=()):
    """Return a both-teams-to-score market per bookmaker, whose fair probability of Yes is that share."""
    markets = [book(BOTH_SCORE, 1 / share, 1 / (1 - share), suspect=suspect) for share in shares]
    return dict(zip(SHOPS, markets, strict=False))


HOME, AWAY = (1.5, 4.2, 6.5), (6.5, 4.2, 1.5)


@pytest.mark.parametrize(
    ("shares", "found"),
    [
        ((0.50, 0.52, 0.55), set()),
        ((0.50, 0.50, 0.695), set()),
        ((0.50, 0.50, 0.705), {"bet9ja"}),
        ((0.50, 0.70), set()),  # two disagree: nobody knows which is wrong
        ((0.20, 0.50, 0.80), {"betpawa", "bet9ja"}),
        ((0.20, 0.20, 0.80), {"bet9ja"}),  # the first two lie 0.30 from the mean of the others, but agree
        ((0.20, 0.20, 0.21, 0.80, 0.81), {"msport", "betway"}),
        ((0.20, 0.21, 0.80, 0.81), {"betpawa", "sportybet", "bet9ja", "msport"}),  # no side has the majority
        ((0.30, 0.32, 0.33, 0.31, 0.30, 0.60), {"betika"}),
    ],
)
def test_who_stands_off(shares, found):
    """More than 0.20 from the median of at least two others; who agrees with most is not blamed for the worst."""
    assert outliers(at(*shares), BOTH_SCORE) == found


def test_exchanged_home_and_away_prices_are_found():
    """The classic wrong map: the favourite at the outsider's price."""
    books = {
        "betpawa": book(ONE_X_TWO, *HOME), "sportybet": book(ONE_X_TWO, *AWAY), "bet9ja": book(ONE_X_TWO, *HOME),
    }  # fmt: skip
    assert outliers(books, ONE_X_TWO) == {"sportybet"}


def test_exchanged_double_chances_are_found():
    """Its probabilities sum to two, so a fifth of one is as much as anywhere."""
    assert DOUBLE_CHANCE.outcomes == ("1X", "X2", "12")
    right, swapped = (1.15, 2.3, 1.25), (1.15, 1.25, 2.3)
    books = {"betpawa": right, "sportybet": swapped, "bet9ja": right}
    found = outliers({code: book(DOUBLE_CHANCE, *odds) for code, odds in books.items()}, DOUBLE_CHANCE)
    assert found == {"sportybet"}


@pytest.mark.parametrize(
    "changed",
    [{"suspended": 1}, {"odds_milli": (0, 2000)}, {"withdrawn_at": START}, {"suspect": ("sum_low",)}],
)
def test_only_complete_open_and_sane_markets_are_measured_against(changed):
    """With one of the others gone there is no median left."""
    books = at(0.50, 0.50, 0.75)
    assert outliers(books, BOTH_SCORE) == {"bet9ja"}
    books["betpawa"] = msgspec.structs.replace(books["betpawa"], **changed)
    assert outliers(books, BOTH_SCORE) == set()


def test_a_market_with_a_code_of_its_own_may_stand_off_too():
    """Both are said: it neither adds up nor fits."""
    books = at(0.50, 0.50, 0.75)
    books["bet9ja"] = msgspec.structs.replace(books["bet9ja"], suspect=("ladder",))
    assert outliers(books, BOTH_SCORE) == {"bet9ja"}
    assert all_codes(books["bet9ja"], {books["bet9ja"].key}) == ("ladder", "outlier")
    assert all_codes(books["bet9ja"], set()) == ("ladder",)


def test_markets_without_winners_are_not_compared():
    """Their prices add up to nothing known."""
    assert outliers(at(0.50, 0.50, 0.75), None) == set()
    assert outliers(at(0.50, 0.50, 0.75), msgspec.structs.replace(BOTH_SCORE, winners=None)) == set()


@given(st.lists(st.floats(0.05, 0.95), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_bookmakers_does_not_matter(shares, random):
    """Nobody is believed for being first."""
    books = list(at(*shares).items())
    found = outliers(dict(books), BOTH_SCORE)
    random.shuffle(books)
    assert outliers(dict(books), BOTH_SCORE) == found


@given(st.lists(st.floats(0.05, 0.95), min_size=3, max_size=6))
def test_the_furthest_is_always_found_and_never_the_middle(shares):
    """Nobody within 0.20 of the others' median is called an outlier; if anybody is beyond, the worst is."""
    found = outliers(at(*shares), BOTH_SCORE)
    fair = dict(zip(SHOPS, shares, strict=False))
    off = {
        code: abs(share - middle([other for name, other in fair.items() if name != code]))
        for code, share in fair.items()
    }
    worst = max(off, key=off.__getitem__)
    assert all(off[code] > 0.199 for code in found)
    assert off[worst] < 0.201 or worst in found or any(off[code] > off[worst] - 0.002 for code in found)


def middle(shares):
    ordered = sorted(shares)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
