"""The goals model: markets of one match never contradict each other."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overround.config import packaged_catalogue
from overround.domain.catalogue import MarketType
from overround.simulator.goals import MAX_GOALS, Intensities, Scores, fair, score_matrix

CATALOGUE = packaged_catalogue()
intensities = st.builds(
    Intensities,
    home=st.floats(0.2, 4.5),
    away=st.floats(0.2, 4.5),
    rho=st.floats(-0.12, 0.04),
)
LINES = {"over-under": [f"{n / 4:g}" for n in range(1, 35)], "handicap-2way": [f"{n / 4:g}" for n in range(-18, 19)], "handicap-3way": ["-4", "-3", "-2", "-1", "1", "2", "3", "4"]}  # fmt: skip


def market(canonical: str) -> MarketType:
    return next(kind for kind in CATALOGUE.types if kind.canonical == canonical)


def chances(scores: Scores, canonical: str, line: str = "") -> dict[str, float]:
    return fair(scores, market(canonical), line)


@given(intensities)
def test_scores_are_a_distribution(given_intensities):
    """Every score has a probability, and one of them happens."""
    matrix = score_matrix(given_intensities)
    assert min(map(min, matrix)) >= 0
    assert math.isclose(sum(map(sum, matrix)), 1)


@given(intensities)
def test_every_market_sums_to_its_winners(given_intensities):
    """Fair probabilities of a market add up to W, at every line, and carry the catalogue's names."""
    scores = Scores(given_intensities)
    for kind in CATALOGUE.types:
        for line in LINES.get(kind.kind, [""]):
            outcomes = fair(scores, kind, line)
            assert set(outcomes) == set(kind.outcomes)
            assert math.isclose(sum(outcomes.values()), kind.winners or 1)
            assert all(0 <= chance <= 1 + 1e-12 for chance in outcomes.values())


@given(intensities)
def test_double_chance_is_made_of_1x2(given_intensities):
    """Backing 1X is backing 1 and X."""
    scores = Scores(given_intensities)
    single, double = chances(scores, "1x2_ft"), chances(scores, "double_chance_ft")
    for pair, chance in double.items():
        assert math.isclose(chance, single[pair[0]] + single[pair[1]])


@given(intensities)
def test_handicap_0_is_draw_no_bet(given_intensities):
    """Both give the stake back on a draw."""
    scores = Scores(given_intensities)
    single, no_bet = chances(scores, "1x2_ft"), chances(scores, "draw_no_bet_ft")
    assert chances(scores, "asian_handicap_ft", "0") == no_bet
    assert math.isclose(no_bet["1"], single["1"] / (single["1"] + single["2"]))


@given(intensities)
def test_half_handicaps_are_made_of_the_result(given_intensities):
    """Home -0.5 wins with 1, home +0.5 with 1X; home -1.5 wins where the 3-way -1 has home."""
    scores = Scores(given_intensities)
    assert math.isclose(chances(scores, "asian_handicap_ft", "-0.5")["1"], chances(scores, "1x2_ft")["1"])
    assert math.isclose(
        chances(scores, "asian_handicap_ft", "0.5")["1"], chances(scores, "double_chance_ft")["1X"]
    )
    three_way = chances(scores, "handicap_3way_ft", "-1")
    assert math.isclose(chances(scores, "asian_handicap_ft", "-1.5")["1"], three_way["1"])
    whole = chances(scores, "asian_handicap_ft", "-1")
    assert math.isclose(whole["1"], three_way["1"] / (1 - three_way["X"]))


@given(intensities, st.sampled_from(LINES["over-under"][4:]))
def test_a_fair_price_returns_the_stake(given_intensities, line):
    """At 1/p the expected return of Over is 1, refunds of whole lines and half stakes of quarter lines included."""
    scores = Scores(given_intensities)
    odds = 1 / chances(scores, "over_under_ft", line)["Over"]
    number = float(line)
    halves = [number] if number * 2 % 1 == 0 else [number - 0.25, number + 0.25]
    returned = sum(
        share * (odds if total > half else 1.0 if total == half else 0.0) / len(halves)
        for total, share in enumerate(scores.totals)
        for half in halves
    )
    assert math.isclose(returned, 1, abs_tol=1e-9)


@given(intensities)
def test_a_higher_line_is_harder_to_go_over(given_intensities):
    """Over never grows with its line, home never shrinks with its head start."""
    scores = Scores(given_intensities)
    overs = [chances(scores, "over_under_ft", line)["Over"] for line in LINES["over-under"]]
    homes = [chances(scores, "asian_handicap_ft", line)["1"] for line in LINES["handicap-2way"]]
    assert all(low >= high - 1e-12 for low, high in itertools.pairwise(overs))
    assert all(low <= high + 1e-12 for low, high in itertools.pairwise(homes))


def test_known_match():
    """A worked example: 1.5 and 1.1 expected goals, no correction for low scores."""
    scores = Scores(Intensities(1.5, 1.1, rho=0))
    assert math.isclose(chances(scores, "over_under_ft", "0.5")["Under"], math.exp(-2.6), rel_tol=1e-6)
    assert math.isclose(
        chances(scores, "btts_ft")["Yes"], (1 - math.exp(-1.5)) * (1 - math.exp(-1.1)), rel_tol=1e-6
    )


@pytest.mark.parametrize(
    ("canonical", "line"),
    [
        ("over_under_ft", "2.3"),
        ("over_under_ft", "-1"),
        ("over_under_ft", ""),
        ("handicap_3way_ft", "0.5"),
        ("asian_handicap_ft", str(MAX_GOALS + 1)),
    ],
)
def test_impossible_lines_have_no_price(canonical, line):
    """A line that no bookmaker can mean is refused, not priced."""
    with pytest.raises(ValueError, match=r"line|count|exist|convert"):
        chances(Scores(Intensities(1.5, 1.1)), canonical, line)
