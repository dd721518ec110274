"""The goals model: from how often two teams score to the fair probability of every outcome we map."""

import math
from collections.abc import Callable
from functools import cached_property

import msgspec

from overround.domain.catalogue import MarketType

MAX_GOALS = 12  # per team; the tail beyond is below 1e-3 for every intensity the world uses and is shared out


class Intensities(msgspec.Struct, frozen=True, gc=False):
    """Expected goals of both teams, and by how much low scores differ from independence."""

    home: float
    away: float
    rho: float = -0.06  # Dixon and Coles (1997): negative makes 0:0 and 1:1 likelier than two Poissons do


class Scores:
    """The probability of every final score, and the sums that markets are made of."""

    def __init__(self, intensities: Intensities) -> None:
        self.matrix = score_matrix(intensities)

    @cached_property
    def totals(self) -> tuple[float, ...]:
        """Return the probability of 0, 1, 2, … goals together."""
        totals = [0.0] * (2 * MAX_GOALS + 1)
        for home, row in enumerate(self.matrix):
            for away, share in enumerate(row):
                totals[home + away] += share
        return tuple(totals)

    @cached_property
    def margins(self) -> tuple[float, ...]:
        """Return the probability of each home lead; position MAX_GOALS is a draw."""
        margins = [0.0] * (2 * MAX_GOALS + 1)
        for home, row in enumerate(self.matrix):
            for away, share in enumerate(row):
                margins[MAX_GOALS + home - away] += share
        return tuple(margins)

    @cached_property
    def both_score(self) -> float:
        """Return the probability that neither team stays without a goal."""
        return sum(sum(row[1:]) for row in self.matrix[1:])


def score_matrix(intensities: Intensities) -> tuple[tuple[float, ...], ...]:
    """Return P(home goals, away goals) for 0 … MAX_GOALS each; sums to 1."""
    home, away, rho = intensities.home, intensities.away, intensities.rho
    home_shares, away_shares = _poisson(home), _poisson(away)
    rows = [[first * second for second in away_shares] for first in home_shares]
    rows[0][0] *= 1 - home * away * rho
    rows[0][1] *= 1 + home * rho
    rows[1][0] *= 1 + away * rho
    rows[1][1] *= 1 - rho
    total = sum(map(sum, rows))
    return tuple(tuple(share / total for share in row) for row in rows)


def _poisson(mean: float) -> list[float]:
    shares = [math.exp(-mean)]
    for goals in range(1, MAX_GOALS + 1):
        shares.append(shares[-1] * mean / goals)
    return shares


Fair = dict[str, float]  # outcome name -> probability given no void; sums to the market's winners W


def fair(scores: Scores, market: MarketType, line: str = "") -> Fair:
    """
    Return the fair probability of every outcome of one market at one line; 1/p is its fair price.

    Where a stake can come back (whole and quarter lines, draw no bet), the probability is the one whose
    inverse makes the bet fair: won share / share not refunded, over both halves of a quarter line's stake.

    Raises:
        KeyError: The model has no such market.
        ValueError: The line is no number, or none that the market can have.
    """
    key = market.canonical if market.canonical in _MODELS else market.kind
    return _MODELS[key](scores, line)


def _one_x_two(scores: Scores, line: str) -> Fair:
    return _three_way(scores, 0)


def _double_chance(scores: Scores, line: str) -> Fair:
    home, draw, away = _three_way(scores, 0).values()
    return {"1X": home + draw, "X2": draw + away, "12": home + away}


def _both_teams_score(scores: Scores, line: str) -> Fair:
    return {"Yes": scores.both_score, "No": 1 - scores.both_score}


def _over_under(scores: Scores, line: str) -> Fair:
    over = _share_above(scores.totals, _quarters(line))
    return {"Over": over, "Under": 1 - over}


def _draw_no_bet(scores: Scores, line: str) -> Fair:
    return _handicap(scores, "0")


def _handicap(scores: Scores, line: str) -> Fair:
    home = _share_above(scores.margins, MAX_GOALS * 4 - _quarters(line))
    return {"1": home, "2": 1 - home}


def _handicap_three_way(scores: Scores, line: str) -> Fair:
    quarters = _quarters(line)
    if quarters % 4 or abs(quarters) > MAX_GOALS * 4:
        raise ValueError(f"a three-way handicap of {line} does not exist")
    return _three_way(scores, quarters // 4)


def _three_way(scores: Scores, head_start: int) -> Fair:
    level = MAX_GOALS - head_start
    margins = scores.margins
    return {"1": sum(margins[level + 1 :]), "X": margins[level], "2": sum(margins[:level])}


def _share_above(shares: tuple[float, ...], quarters: int) -> float:
    """Return won / (won + lost) of a bet that the count ends above quarters/4; equal counts are refunded."""
    if not 0 <= quarters < 4 * len(shares):
        raise ValueError(f"no match gets to a count of {quarters / 4:g}")
    # a quarter line is half a stake on each neighbour: 2.25 is 2 and 2.5, 2.75 is 2.5 and 3
    halves = (quarters - 1, quarters + 1) if quarters % 2 else (quarters, quarters)
    won = refunded = 0.0
    for half in halves:
        whole, is_half = divmod(half, 4)
        won += sum(shares[whole + 1 :])
        refunded += 0.0 if is_half else shares[whole]
    return won / (len(halves) - refunded)


def _quarters(line: str) -> int:
    quarters = float(line) * 4
    if not quarters.is_integer():
        raise ValueError(f"{line!r} is no line in quarters")
    return int(quarters)


_MODELS: dict[str, Callable[[Scores, str], Fair]] = {
    "1x2": _one_x_two,
    "double-chance": _double_chance,
    "btts_ft": _both_teams_score,
    "over-under": _over_under,
    "draw_no_bet_ft": _draw_no_bet,
    "handicap-2way": _handicap,
    "handicap-3way": _handicap_three_way,
}
