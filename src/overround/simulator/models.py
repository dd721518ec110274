"""What the world knows of every sport: a match's model, and the fair probability of every outcome we map."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from overround.domain.catalogue import MarketType
from overround.simulator.basketball import BASKETBALL_RULES, BasketballMatch
from overround.simulator.count_rules import COUNT_RULES, count_shares
from overround.simulator.goal_rules import GOAL_RULES, SPACE
from overround.simulator.goals import MAX_GOALS, SCORES, Intensities, score_shares
from overround.simulator.player_markets import (
    NO_GOAL,
    PLAYER_MARKETS,
    WITH_NO_GOAL,
    Team,
    player_chances,
    teams_of,
)
from overround.simulator.settlement import Chances, Fair, Rule, Spread, Table
from overround.simulator.squads import Member
from overround.simulator.tennis import TENNIS_RULES, TennisMatch


class FootballMatch:
    """One match: its final score, and what is counted beside the goals."""

    def __init__(self, intensities: Intensities) -> None:
        """Derive everything from the intensities, so that all markets move together."""
        self.intensities = intensities
        self._known = {SPACE: score_shares(intensities)}
        self._team_goals: tuple[Sequence[float], Sequence[float]] | None = None

    def shares(self, space: str) -> Sequence[float]:
        """Return the probability of every state of "score" or "subject|view|period"."""
        if space not in self._known:
            self._known[space] = count_shares(space, self.intensities)
        return self._known[space]

    def team_goals(self) -> tuple[Sequence[float], Sequence[float]]:
        """Return how likely each number of goals is for the home and the away team."""
        if self._team_goals is None:
            home, away = [0.0] * (MAX_GOALS + 1), [0.0] * (MAX_GOALS + 1)
            for (first, second), share in zip(SCORES, self._known[SPACE], strict=True):
                home[first] += share
                away[second] += share
            self._team_goals = home, away
        return self._team_goals


_MATCHES: Mapping[str, Callable[[Intensities], Chances]] = {
    "football": FootballMatch,
    "basketball": BasketballMatch,
    "tennis": TennisMatch,
}
_RULES: Mapping[str, Mapping[str, Rule]] = {
    "football": {**GOAL_RULES, **COUNT_RULES},
    "basketball": BASKETBALL_RULES,
    "tennis": TENNIS_RULES,
}
SPORTS = tuple(_MATCHES)


def match_of(sport: str, intensities: Intensities) -> Chances:
    """Return the model of one match."""
    return _MATCHES[sport](intensities)


def has_rule(kind: MarketType) -> bool:
    """Return whether the model knows the market."""
    name = _name(kind)
    return name in (PLAYER_MARKETS if kind.names_players else _RULES[kind.sport])


def fair(chances: Chances, kind: MarketType, line: str = "", outcomes: tuple[str, ...] = ()) -> Fair:
    """
    Return the fair probability of every outcome of one market at one line; 1/p is its fair price.

    Where a stake can come back (whole and quarter lines, draw no bet), the probability is the one whose
    inverse makes the bet fair: won share / share not refunded, over both halves of a quarter line's stake.

    Args:
        outcomes: The offered ones where a bookmaker has not all; "Other" pays what they do not name.
    Raises:
        KeyError: The model has no such market.
        ValueError: The line is no number, or none that the market can have.
    """
    return _table(kind.sport, _name(kind), line, outcomes or kind.outcomes).fair(chances)


def fair_players(match: FootballMatch, members: Sequence[Member], kind: MarketType, line: str = "") -> Fair:
    """
    Return the fair probability of every player's outcome, and of "No Goal" where the market has it.

    Raises:
        KeyError: The model has no such market.
    """
    name = _name(kind)
    chances = player_chances(name, line, members, _teams(match, name, line))
    if name in WITH_NO_GOAL:
        chances[NO_GOAL] = _goal_number(match, line)["None"]
    return chances


def _teams(match: FootballMatch, name: str, line: str) -> Mapping[str, Team]:
    scorer = _goal_number(match, line if name == "goalscorer_nr" else "")
    return teams_of(match.intensities, match.team_goals(), (scorer["1"], scorer["2"]))


def _goal_number(match: FootballMatch, line: str) -> Fair:
    """Return who scores the goal of that number; the last goal falls as the first one does."""
    return _table("football", "next_goal_ft", line or "1", ("1", "None", "2")).fair(match)


def expected(chances: Chances, kind: MarketType) -> tuple[float, float] | None:
    """Return mean and deviation of the count or lead that the market's line is compared with, None without one."""
    spread = _spread(kind.sport, _name(kind))
    return spread.of(chances) if spread else None


def _name(kind: MarketType) -> str:
    return kind.canonical.removeprefix("x-")


@cache
def _table(sport: str, name: str, line: str, outcomes: tuple[str, ...]) -> Table:
    return Table(_RULES[sport][name], line, outcomes)


@cache
def _spread(sport: str, name: str) -> Spread | None:
    rule = _RULES[sport].get(name)
    return Spread(rule) if rule and rule.measure else None
