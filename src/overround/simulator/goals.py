"""The goals model: from how often two teams score to how likely every final score is, and what lies behind it."""

import math
from collections.abc import Callable, Iterable
from functools import cache

import msgspec

# The tail beyond is below 1e-3 for every intensity the world uses and is shared out.
MAX_GOALS = 12  # per team
_MAX_TOTAL = 14
FIRST_HALF = 0.45  # share of the goals that fall before half time
_HALF_TIME_MIN, _FULL_TIME_MIN = 45, 90

Score = tuple[int, int]  # home goals, away goals
SCORES: tuple[Score, ...] = tuple(
    (home, away)
    for home in range(MAX_GOALS + 1)
    for away in range(MAX_GOALS + 1)
    if home + away <= _MAX_TOTAL
)


class Intensities(msgspec.Struct, frozen=True, gc=False):
    """Expected goals of both teams, and by how much low scores differ from independence."""

    home: float
    away: float
    rho: float = -0.06  # Dixon and Coles (1997): negative makes 0:0 and 1:1 likelier than two Poissons do


def score_shares(intensities: Intensities) -> tuple[float, ...]:
    """Return the probability of every final score, in the order of SCORES; sums to 1."""
    home, away, rho = intensities.home, intensities.away, intensities.rho
    home_shares, away_shares = poisson(home, MAX_GOALS), poisson(away, MAX_GOALS)
    shares = [home_shares[first] * away_shares[second] for first, second in SCORES]
    for score, factor in (
        ((0, 0), 1 - home * away * rho),
        ((0, 1), 1 + home * rho),
        ((1, 0), 1 + away * rho),
        ((1, 1), 1 - rho),
    ):
        shares[SCORES.index(score)] *= factor
    total = sum(shares)
    return tuple(share / total for share in shares)


def poisson(mean: float, most: int) -> list[float]:
    """Return the probability of 0 … most events, the rest beyond left out."""
    shares = [math.exp(-mean)]
    for count in range(1, most + 1):
        shares.append(shares[-1] * mean / count)
    return shares


# --- what a final score says of the way to it ------------------------------------------------------------------
# All markets derive from one joint distribution: the final score is Dixon and Coles', and given it every goal
# falls before half time with probability FIRST_HALF, evenly within each half, and goals fall in any order alike.
# So whatever happens on the way has a fixed probability given the final score, whoever plays.


def share_before(minute: int) -> float:
    """
    Return the share of goals that fall in the first minutes.

    >>> share_before(45), share_before(90), share_before(15)
    (0.45, 1.0, 0.15)
    """
    if minute <= _HALF_TIME_MIN:
        return FIRST_HALF * minute / _HALF_TIME_MIN
    return FIRST_HALF + (1 - FIRST_HALF) * (minute - _HALF_TIME_MIN) / (_FULL_TIME_MIN - _HALF_TIME_MIN)


@cache
def binomial(count: int, share: float) -> tuple[float, ...]:
    """Return the probability that 0 … count of so many goals fall into that share of the match."""
    return tuple(
        math.comb(count, part) * share**part * (1 - share) ** (count - part) for part in range(count + 1)
    )


@cache
def part_given(share: float) -> Callable[[Score], tuple[tuple[float, Score], ...]]:
    """Return the function that gives (probability, score within that share of the match) for a final score."""

    @cache
    def given(score: Score) -> tuple[tuple[float, Score], ...]:
        return tuple(
            (first * second, (home, away))
            for home, first in enumerate(binomial(score[0], share))
            for away, second in enumerate(binomial(score[1], share))
        )

    return given


class Halves(msgspec.Struct, frozen=True, gc=False):
    """The scores of both halves."""

    first: Score
    second: Score

    @property
    def final(self) -> Score:
        """Return the final score."""
        return self.first[0] + self.second[0], self.first[1] + self.second[1]


@cache
def halves_given(score: Score) -> tuple[tuple[float, Halves], ...]:
    """Return (probability, scores of both halves) for a final score."""
    return tuple(
        (chance, Halves(first, (score[0] - first[0], score[1] - first[1])))
        for chance, first in part_given(FIRST_HALF)(score)
    )


def goal_given(score: Score) -> Iterable[tuple[float, tuple[str, Score]]]:
    """Return (probability, who scores the first, last or any other goal of one number), None for no goal at all."""
    goals = sum(score)
    if not goals:
        return [(1.0, ("None", score))]
    return [(score[0] / goals, ("1", score)), (score[1] / goals, ("2", score))]


def ever_leads(score: Score, by: int) -> float:
    """
    Return the probability that the first team leads by that much at any time, given the final score.

    Every order of the goals is as likely as any other; those that reach the lead and lose it again are mirrored
    where they first reach it, which makes their number a binomial coefficient (reflection principle).

    >>> ever_leads((0, 1), 1), ever_leads((1, 1), 1), ever_leads((2, 0), 2)
    (0.0, 0.5, 1.0)
    """
    ours, theirs = score
    if ours - theirs >= by:
        return 1.0
    return math.comb(ours + theirs, theirs + by) / math.comb(ours + theirs, ours)


@cache
def has_run(score: Score, length: int, sides: str) -> float:
    """
    Return the probability that one of these sides ("1", "2" or "12") scores so many goals in a row.

    >>> round(has_run((2, 1), 2, "1"), 4), has_run((1, 1), 2, "12")
    (0.6667, 0.0)
    """
    without = _orders_without_run(score[0], score[1], length, sides, "", 0)
    return 1 - without / math.comb(sum(score), score[0])


@cache
def _orders_without_run(home: int, away: int, length: int, sides: str, last: str, run: int) -> int:
    if last in sides and last and run >= length:
        return 0
    if not home and not away:
        return 1
    orders = 0
    if home:
        orders += _orders_without_run(home - 1, away, length, sides, "1", run + 1 if last == "1" else 1)
    if away:
        orders += _orders_without_run(home, away - 1, length, sides, "2", run + 1 if last == "2" else 1)
    return orders
