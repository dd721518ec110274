"""Football markets on players: each one's part of what his team is expected to do."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from overround.simulator.count_rules import means_of
from overround.simulator.goals import Intensities, poisson
from overround.simulator.settlement import Fair
from overround.simulator.squads import Member, Part

NO_GOAL = "No Goal"
_HEADER, _LEFT, _RIGHT, _OUTSIDE_BOX = 0.16, 0.24, 0.58, 0.13  # shares of the goals
_WITH_OVERTIME = 1.04  # cards when extra time counts too
_PASSES_DEVIATION = 0.28  # of the mean


class Team(msgspec.Struct, frozen=True):
    """What one team does, as far as its players' markets need it."""

    goals: Sequence[float]  # probability of 0, 1, 2, …
    first: float  # probability that it scores the goal in question
    bookings: float
    shots: float
    on_target: float


def _scores(part: float, team: Team, count: int = 1) -> float:
    """Return the probability of so many goals at least, when each goal of the team is this player's by `part`."""
    others = 1 - part
    fewer = 0.0
    for own in range(count):
        within = 0.0
        for goals in range(len(team.goals) - 1, own - 1, -1):  # Horner's way: no powers
            within = within * others + team.goals[goals] * math.comb(goals, own)
        fewer += within * part**own
    return 1 - fewer


def _at_least(mean: float, count: int) -> float:
    return 1 - sum(poisson(mean, count - 1))


def _passes(part: Part, team: Team, count: int) -> float:
    return 0.5 * math.erfc((count - 0.5 - part.passes) / (part.passes * _PASSES_DEVIATION * math.sqrt(2)))


_SINGLE: Mapping[str, Callable[[Part, Team], float]] = {
    "anytime_goalscorer": lambda part, team: _scores(part.goals, team),
    "last_goalscorer": lambda part, team: part.goals * team.first,
    "goalscorer_nr": lambda part, team: part.goals * team.first,
    "player_score_or_assist": lambda part, team: _scores(part.goals + part.assists, team),
    "player_carded": lambda part, team: _at_least(part.cards * team.bookings, 1),
    "player_carded_incl_ot": lambda part, team: _at_least(part.cards * team.bookings * _WITH_OVERTIME, 1),
    "player_score_outside_box": lambda part, team: _scores(part.goals * _OUTSIDE_BOX, team),
    "player_score_header": lambda part, team: _scores(part.goals * _HEADER, team),
    "player_score_left_foot": lambda part, team: _scores(part.goals * _LEFT, team),
    "player_score_right_foot": lambda part, team: _scores(part.goals * _RIGHT, team),
}
_COUNTED: Mapping[str, Callable[[Part, Team, int], float]] = {
    "player_goals": lambda part, team, count: _scores(part.goals, team, count),
    "player_assists": lambda part, team, count: _scores(part.assists, team, count),
    "player_shots": lambda part, team, count: _at_least(part.shots * team.shots, count),
    "player_shots_on_target": lambda part, team, count: _at_least(part.shots * team.on_target, count),
    "player_passes": _passes,
    "player_tackles": lambda part, team, count: _at_least(part.tackles, count),
}
_STEPS: Mapping[str, Iterable[int]] = {
    "player_goals": (1, 2, 3),
    "player_assists": (1, 2),
    "player_shots": (1, 2, 3, 4),
    "player_shots_on_target": (1, 2, 3),
    "player_tackles": (1, 2, 3, 4),
}
_PASSES_STEP = 4

PLAYER_MARKETS = frozenset(
    {
        *_SINGLE,
        *(f"{name}_ladder" for name in _COUNTED),
        "player_shots_on_target_count",
        "player_assists_count",
    }
)
WITH_NO_GOAL = frozenset({"anytime_goalscorer", "last_goalscorer", "goalscorer_nr"})


def teams_of(
    intensities: Intensities, goals: tuple[Sequence[float], Sequence[float]], first: tuple[float, float]
) -> dict[str, Team]:
    """Return both teams; `first` is how likely each scores the goal that a scorer market asks for."""
    means = {name: means_of(name, "ft", intensities) for name in ("bookings", "shots", "shots_on_target")}
    return {
        side: Team(
            goals[place],
            first[place],
            means["bookings"][place],
            means["shots"][place],
            means["shots_on_target"][place],
        )
        for place, side in enumerate(("home", "away"))
    }


def player_chances(name: str, line: str, members: Sequence[Member], teams: Mapping[str, Team]) -> Fair:
    """
    Return the probability of every player's outcome, "First Last" or in ladders "First Last 2+".

    Raises:
        KeyError: There is no such market.
    """
    if name.endswith("_ladder"):
        return _ladder(name.removesuffix("_ladder"), members, teams)
    if name.endswith("_count"):
        counted, count = _COUNTED[name.removesuffix("_count")], int(line)
        return {
            member.player.name: counted(member.part, teams[member.player.side], count) for member in members
        }
    single = _SINGLE[name]
    return {member.player.name: single(member.part, teams[member.player.side]) for member in members}


def _ladder(name: str, members: Sequence[Member], teams: Mapping[str, Team]) -> Fair:
    counted = _COUNTED[name]
    return {
        f"{member.player.name} {count}+": counted(member.part, teams[member.player.side], count)
        for member in members
        for count in _STEPS.get(name) or _passes_steps(member.part)
    }


def _passes_steps(part: Part) -> Iterable[int]:
    middle = round(part.passes / _PASSES_STEP) * _PASSES_STEP
    return [middle + off * _PASSES_STEP for off in (-2, -1, 0, 1, 2) if middle + off * _PASSES_STEP > 0]
