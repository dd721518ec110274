"""A simple model of basketball: points and lead are normal, in proportion to the time played."""

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from statistics import NormalDist

from overround.simulator.goals import Intensities
from overround.simulator.settlement import (
    Rule,
    Winners,
    odd_even,
    one_or_two,
    over_under,
    result_of,
    yes_no,
)

_MOST_LEAD, _MOST_POINTS = 80, 320
_LEADS, _POINTS = range(-_MOST_LEAD, _MOST_LEAD + 1), range(_MOST_POINTS + 1)
_POINTS_MEAN, _POINTS_DEVIATION = 164.0, 17.0
_LEAD_PER_STRENGTH, _LEAD_DEVIATION = 9.0, 11.5
_OVERTIME = 5 / 40  # of a match's time
_PERIODS = {"ft": 1.0, "1h": 0.5, "1q": 0.25, "4q": 0.25}  # share of regular time


class BasketballMatch:
    """One match: the lead and the points of both teams, of the match, a half or a quarter."""

    def __init__(self, intensities: Intensities) -> None:
        """Read the teams' strength from the intensities that all sports share."""
        strength = math.log(intensities.home / intensities.away)
        self._lead = _LEAD_PER_STRENGTH * strength
        self._points = _POINTS_MEAN * ((intensities.home + intensities.away) / 2.6) ** 0.1
        self._known: dict[str, tuple[float, ...]] = {}

    def shares(self, space: str) -> tuple[float, ...]:
        """Return the probability of every state of a space "view|period"; period "ot" has overtime in it."""
        if space not in self._known:
            view, period = space.split("|")
            self._known[space] = self._with_overtime(view) if period == "ot" else self._regular(view, period)
        return self._known[space]

    def _regular(self, view: str, period: str) -> tuple[float, ...]:
        part = _PERIODS[period]
        if view == "lead":
            return _normal(self._lead * part, _LEAD_DEVIATION * part**0.5, _LEADS)
        return _normal(self._points * part, _POINTS_DEVIATION * part**0.5, _POINTS)

    def _with_overtime(self, view: str) -> tuple[float, ...]:
        """Add one overtime where regular time ends level; it is played until it has a winner."""
        if view == "winner and points":
            home = sum(self.shares("lead|ot")[_MOST_LEAD + 1 :])
            points = self.shares("points|ot")
            return tuple(part * share for part in (home, 1 - home) for share in points)
        leads = self._regular("lead", "ft")
        level = leads[_MOST_LEAD]
        if view == "lead":
            extra = _normal(self._lead * _OVERTIME, _LEAD_DEVIATION * _OVERTIME**0.5, _LEADS)
            decided = 1 - extra[_MOST_LEAD]
            return tuple(
                0.0 if not lead else share + level * more / decided
                for lead, share, more in zip(_LEADS, leads, extra, strict=True)
            )
        if view == "points":
            extra = _normal(
                self._points * (1 + _OVERTIME), _POINTS_DEVIATION * (1 + _OVERTIME) ** 0.5, _POINTS
            )
            return _mixed(self._regular("points", "ft"), extra, level)
        mean = (self._points + (self._lead if view == "home" else -self._lead)) / 2
        deviation = math.hypot(_POINTS_DEVIATION, _LEAD_DEVIATION) / 2
        extra = _normal(mean * (1 + _OVERTIME), deviation * (1 + _OVERTIME) ** 0.5, _POINTS)
        return _mixed(_normal(mean, deviation, _POINTS), extra, level)


def _mixed(regular: tuple[float, ...], extra: tuple[float, ...], share: float) -> tuple[float, ...]:
    return tuple((1 - share) * first + share * second for first, second in zip(regular, extra, strict=True))


def _normal(mean: float, deviation: float, states: range) -> tuple[float, ...]:
    """Return a normal variable rounded to whole numbers; what lies beyond the states is shared out."""
    below = NormalDist(mean, deviation).cdf
    edges = [below(state - 0.5) for state in (*states, states[-1] + 1)]
    total = edges[-1] - edges[0]
    return tuple((high - low) / total for low, high in pairwise(edges))


def _over(points: float, line: float) -> Winners:
    return over_under(points, line)


def _lead(period: str, settle: Callable[[int, float, tuple[str, ...]], Winners]) -> Rule:
    return Rule(f"lead|{period}", _LEADS, settle)


def _handicap(period: str) -> Rule:
    return Rule(
        f"lead|{period}",
        _LEADS,
        lambda lead, line, names: one_or_two(lead + line),
        grid=0.25,
        measure=float,
    )


def _total(view: str, period: str) -> Rule:
    return Rule(
        f"{view}|{period}", _POINTS, lambda points, line, names: _over(points, line), grid=0.25, measure=float
    )


def _odd_even(period: str) -> Rule:
    return Rule(f"points|{period}", _POINTS, lambda points, line, names: odd_even(points))


def _one_x_two(period: str) -> Rule:
    return _lead(period, lambda lead, line, names: result_of(lead))


def _winner_and_total(result: tuple[str, int], line: float, outcomes: tuple[str, ...]) -> Winners:
    winner, points = result
    over = over_under(points, line)
    return None if over is None else f"{winner} - {over}"


BASKETBALL_RULES: Mapping[str, Rule] = {
    "moneyline_basketball_ft": _lead("ot", lambda lead, line, names: one_or_two(lead)),
    "over_under_basketball_ft": _total("points", "ot"),
    "2way_handicap_basketball_ft": _handicap("ot"),
    "tied_after_regular_time": _lead("ft", lambda lead, line, names: yes_no(not lead)),
    "1x2_4q": _one_x_two("4q"),
    "asian_handicap_4q": _handicap("4q"),
    "winner_over_under_ft_incl_ot": Rule(
        "winner and points|ot",
        [(winner, points) for winner in ("1", "2") for points in _POINTS],
        _winner_and_total,
        grid=0.5,
        measure=lambda result: result[1],
    ),
    "odd_even_4q": _odd_even("4q"),
    "odd_even_ft_incl_ot": _odd_even("ot"),
    "over_under_4q": _total("points", "4q"),
    "1x2_basketball_regular_time": _one_x_two("ft"),
    "draw_no_bet_basketball_regular_time": _lead("ft", lambda lead, line, names: one_or_two(lead)),
    "home_over_under_basketball_ft": _total("home", "ot"),
    "away_over_under_basketball_ft": _total("away", "ot"),
    "over_under_basketball_1h": _total("points", "1h"),
    "2way_handicap_basketball_1h": _handicap("1h"),
    "1x2_basketball_1h": _one_x_two("1h"),
    "over_under_basketball_1q": _total("points", "1q"),
    "2way_handicap_basketball_1q": _handicap("1q"),
}
