"""Football markets on what is counted beside goals: corners, cards, shots and the like."""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from operator import mul

import msgspec

from overround.simulator.goals import Intensities, poisson
from overround.simulator.settlement import (
    Rule,
    Winners,
    in_ranges,
    odd_even,
    one_or_two,
    over_under,
    result_of,
    yes_no,
)


class Subject(msgspec.Struct, frozen=True):
    """Something counted: how much of it a match of two even teams has, and how it goes with the goals."""

    mean: float  # both teams together
    most: int  # counts beyond are left out
    first_half: float  # share before half time
    with_strength: float  # how the stronger team's part grows with its part of the expected goals
    with_goals: float  # how the sum grows with the expected goals


SUBJECTS: Mapping[str, Subject] = {
    "corners": Subject(10.0, 30, 0.46, 0.5, 0.2),
    "bookings": Subject(4.2, 20, 0.38, -0.3, 0.0),
    "reds": Subject(0.2, 6, 0.3, -0.3, 0.0),
    "shots": Subject(25.0, 64, 0.46, 0.7, 0.3),
    "shots_on_target": Subject(9.0, 32, 0.46, 0.8, 0.5),
    "offsides": Subject(3.4, 18, 0.47, 0.3, 0.0),
    "saves": Subject(6.0, 26, 0.47, -0.7, 0.2),
    "tackles": Subject(32.0, 72, 0.5, -0.1, 0.0),
}
_SUM_OF_GOALS = 2.6  # of two even teams
_POINTS_OF_YELLOW, _POINTS_OF_RED = 2, 5  # booking points in fives: 10 and 25
_MOST_POINTS = 60


def means_of(subject: str, period: str, intensities: Intensities) -> tuple[float, float]:
    """Return what the home and the away team are expected to have in that period ("ft", "1h")."""
    facts = SUBJECTS[subject]
    goals = intensities.home + intensities.away
    share = 1 / (1 + (intensities.away / intensities.home) ** facts.with_strength)
    mean = facts.mean * (goals / _SUM_OF_GOALS) ** facts.with_goals
    if period == "1h":
        mean *= facts.first_half
    return mean * share, mean * (1 - share)


def count_shares(space: str, intensities: Intensities) -> tuple[float, ...]:
    """
    Return the probability of every state of a space "subject|view|period".

    Both teams' counts are independent Poissons; every view (home, away, total, margin, first) derives from them.
    """
    subject, view, period = space.split("|")
    if subject == "points":
        return _points_shares(period, intensities)
    home, away = means_of(subject, period, intensities)
    most = SUBJECTS[subject].most
    if view == "first":
        none = math.exp(-home - away)
        return ((1 - none) * home / (home + away), none, (1 - none) * away / (home + away))
    if view == "margin":
        return _margin_shares(poisson(home, most), poisson(away, most))
    return _shared_out(poisson({"home": home, "away": away, "total": home + away}[view], most))


def _margin_shares(home: Sequence[float], away: Sequence[float]) -> tuple[float, ...]:
    """Return the probability of each home lead from as far behind as the away team can be."""
    behind = [sum(map(mul, home, away[lead:])) for lead in range(len(away) - 1, 0, -1)]
    ahead = [sum(map(mul, home[lead:], away)) for lead in range(len(home))]
    return _shared_out([*behind, *ahead])


def _points_shares(period: str, intensities: Intensities) -> tuple[float, ...]:
    cards, reds = sum(means_of("bookings", period, intensities)), sum(means_of("reds", period, intensities))
    yellow_shares = poisson(cards - reds, SUBJECTS["bookings"].most)
    shares = [0.0] * (_MOST_POINTS + 1)
    for (red, share), (yellow, other) in product(
        enumerate(poisson(reds, SUBJECTS["reds"].most)), enumerate(yellow_shares)
    ):
        points = _POINTS_OF_RED * red + _POINTS_OF_YELLOW * yellow
        if points <= _MOST_POINTS:
            shares[points] += share * other
    return _shared_out(shares)


def _shared_out(shares: Sequence[float]) -> tuple[float, ...]:
    total = sum(shares)
    return tuple(share / total for share in shares)


# --- rules -------------------------------------------------------------------------------------------------------


Settle = Callable[[int, float, tuple[str, ...]], Winners]


def _counted(subject: str, view: str, period: str, settle: Settle, *, has_line: bool = False) -> Rule:
    most = SUBJECTS[subject].most
    states = range(-most, most + 1) if view == "margin" else range(most + 1)
    space = f"{subject}|{view}|{period}"
    return Rule(space, states, settle, grid=0.25, measure=float) if has_line else Rule(space, states, settle)


def _over_under(count: int, line: float, outcomes: tuple[str, ...]) -> Winners:
    return over_under(count, line)


def _line_rule(subject: str, view: str, period: str) -> Rule:
    return _counted(subject, view, period, _over_under, has_line=True)


def _handicap(subject: str, period: str) -> Rule:
    return _counted(
        subject, "margin", period, lambda lead, line, names: one_or_two(lead + line), has_line=True
    )


def _one_x_two(subject: str, period: str) -> Rule:
    return _counted(subject, "margin", period, lambda lead, line, names: result_of(lead))


def _ranges(subject: str, view: str, period: str) -> Rule:
    return _counted(subject, view, period, lambda count, line, names: in_ranges(count, names))


def _who(subject: str, period: str, none: str) -> Rule:
    """Return the rule of a market on whose the first (or last) one is; any one is as likely whose as another."""
    states = ("1", none, "2")
    return Rule(f"{subject}|first|{period}", states, lambda side, line, names: side)


def _any(view: str, period: str) -> Rule:
    return _counted("reds", view, period, lambda count, line, names: yes_no(count > 0))


def _team_lines(subject: str, period: str) -> dict[str, Rule]:
    """Return over/under of both teams together and of each."""
    return {
        f"{subject}_over_under_{period}": _line_rule(subject, "total", period),
        f"home_{subject}_over_under_{period}": _line_rule(subject, "home", period),
        f"away_{subject}_over_under_{period}": _line_rule(subject, "away", period),
    }


def _points_lines(period: str) -> Rule:
    states = range(0, 5 * _MOST_POINTS + 1, 5)
    return Rule(f"points|total|{period}", states, _over_under, grid=0.5, measure=float)


def _period_rules(period: str) -> dict[str, Rule]:
    """Return the markets that the match and its first half have."""
    lines = [_team_lines(subject, period) for subject in SUBJECTS if subject != "reds"]
    rules = {name: rule for family in lines for name, rule in family.items()}
    for subject in ("corners", "bookings", "shots", "shots_on_target"):
        rules[f"{subject}_1x2_{period}"] = _one_x_two(subject, period)
    for subject in ("corners", "bookings"):
        rules[f"{subject}_exact_{period}"] = _ranges(subject, "total", period)
        for side in ("home", "away"):
            rules[f"{side}_{subject}_{period}_range"] = _ranges(subject, side, period)
    return rules | {
        f"corner_handicap_{period}": _handicap("corners", period),
        f"bookings_handicap_{period}": _handicap("bookings", period),
        f"corners_odd_even_{period}": _counted(
            "corners", "total", period, lambda count, line, names: odd_even(count)
        ),
        f"last_corner_{period}": _who("corners", period, "No Corner"),
        f"first_corner_{period}": _who("corners", period, "None"),
        f"first_booking_{period}": _who("bookings", period, "None"),
        f"booking_points_over_under_{period}": _points_lines(period),
        f"sending_off_{period}": _any("total", period),
        f"home_sending_off_{period}": _any("home", period),
        f"away_sending_off_{period}": _any("away", period),
    }


COUNT_RULES: Mapping[str, Rule] = _period_rules("ft") | _period_rules("1h")
