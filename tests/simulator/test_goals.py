"""The goals model: the final score, and what it says of the way to it."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overround.simulator.goals import (
    FIRST_HALF,
    SCORES,
    Intensities,
    ever_leads,
    halves_given,
    has_run,
    part_given,
    score_shares,
    share_before,
)

intensities = st.builds(
    Intensities, home=st.floats(0.2, 4.5), away=st.floats(0.2, 4.5), rho=st.floats(-0.12, 0.04)
)
small_scores = st.tuples(st.integers(0, 4), st.integers(0, 4))


def orders(score):
    """Every order in which the goals of a score can fall, "1" and "2"."""
    home, away = score
    return ["".join("1" if place in at else "2" for place in range(home + away)) for at in itertools.combinations(range(home + away), home)]  # fmt: skip


@given(intensities)
def test_scores_are_a_distribution(given_intensities):
    """Every score has a probability, and one of them happens."""
    shares = score_shares(given_intensities)
    assert len(shares) == len(SCORES)
    assert min(shares) >= 0
    assert math.isclose(sum(shares), 1)


def test_low_scores_are_corrected():
    """A negative rho makes 0:0 and 1:1 likelier than independent Poissons do, 1:0 and 0:1 less likely."""
    plain, corrected = (dict(zip(SCORES, score_shares(Intensities(1.4, 1.1, rho)), strict=True)) for rho in (0, -0.1))  # fmt: skip
    assert corrected[0, 0] > plain[0, 0]
    assert corrected[1, 1] > plain[1, 1]
    assert corrected[1, 0] < plain[1, 0]
    assert math.isclose(plain[0, 0], math.exp(-2.5), rel_tol=1e-6)


@given(st.sampled_from(SCORES), st.sampled_from([0.05, FIRST_HALF, share_before(60)]))
def test_the_goals_of_a_part_are_some_of_all(score, share):
    """Whatever the final score, its part is a distribution over no more goals, with that share on average."""
    parts = part_given(share)(score)
    assert math.isclose(sum(chance for chance, _ in parts), 1)
    assert math.isclose(
        sum(chance * sum(inside) for chance, inside in parts), share * sum(score), abs_tol=1e-9
    )
    assert all(home <= score[0] and away <= score[1] for _, (home, away) in parts)


@given(st.sampled_from(SCORES))
def test_halves_add_up_to_the_match(score):
    """No market on halves can contradict the final score."""
    assert all(halves.final == score for _, halves in halves_given(score))
    assert math.isclose(sum(chance for chance, _ in halves_given(score)), 1)


def test_minutes_run_from_nothing_to_all():
    """The halves' shares meet at half time, and no minute takes goals away."""
    shares = [share_before(minute) for minute in range(91)]
    assert shares[0] == 0
    assert shares[45] == FIRST_HALF
    assert shares[90] == 1
    assert shares == sorted(shares)


@given(small_scores, st.integers(1, 3))
def test_leads_are_counted_over_every_order(score, by):
    """The closed form is what going through all orders of the goals gives."""
    ways = orders(score)
    led = sum(
        any(way[:end].count("1") - way[:end].count("2") >= by for end in range(len(way) + 1)) for way in ways
    )
    assert math.isclose(ever_leads(score, by), led / len(ways))


@pytest.mark.parametrize("sides", ["1", "2", "12"])
@given(score=small_scores, length=st.integers(2, 3))
def test_runs_are_counted_over_every_order(sides, score, length):
    """Goals in a row likewise."""
    ways = orders(score)
    runs = sum(any(side * length in way for side in sides) for way in ways)
    assert math.isclose(has_run(score, length, sides), runs / len(ways), abs_tol=1e-12)
