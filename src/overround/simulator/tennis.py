"""A simple model of tennis: best of three sets, each won by the same chance, by games that fit the strength."""

import math
from collections.abc import Callable, Mapping
from functools import cache

import msgspec

from overround.simulator.goals import Intensities
from overround.simulator.settlement import Rule, Winners, odd_even, one_or_two, over_under

_LOSER_GAMES = {0: 0.05, 1: 0.1, 2: 0.15, 3: 0.2, 4: 0.22, 5: 0.12, 6: 0.16}  # of a set between equals
_CLEARER_PER_STRENGTH = 0.5


class Games(msgspec.Struct, frozen=True, order=True):
    """Sets and games of both players after a set or at the end."""

    sets: tuple[int, int] = (0, 0)
    games: tuple[int, int] = (0, 0)


def _set_scores() -> tuple[Games, ...]:
    won = [(7 if lost > 4 else 6, lost) for lost in _LOSER_GAMES]
    return tuple(
        [Games((1, 0), games) for games in won] + [Games((0, 1), (lost, games)) for games, lost in won]
    )


_SET_SCORES = _set_scores()


def _after(so_far: Games, one_set: Games) -> Games:
    (first, second), (games, others) = so_far.sets, so_far.games
    return Games(
        (first + one_set.sets[0], second + one_set.sets[1]),
        (games + one_set.games[0], others + one_set.games[1]),
    )


@cache
def _paths() -> Mapping[Games, tuple[tuple[int, ...], ...]]:
    """Return every final count and the sets (places in _SET_SCORES, in any order but the last) that lead to it."""
    ends: dict[Games, list[tuple[int, ...]]] = {}
    for first, one in enumerate(_SET_SCORES):
        for second, two in enumerate(_SET_SCORES):
            after_two = _after(one, two)
            if 2 in after_two.sets:
                ends.setdefault(after_two, []).append((first, second))
                continue
            for third, three in enumerate(_SET_SCORES):
                ends.setdefault(_after(after_two, three), []).append((first, second, third))
    return {end: tuple(paths) for end, paths in sorted(ends.items())}


@cache
def _ends() -> tuple[Games, ...]:
    return tuple(_paths())


class TennisMatch:
    """One match: its first set and its end."""

    def __init__(self, intensities: Intensities) -> None:
        """Read the players' strength from the intensities that all sports share."""
        self._set = _set_shares(math.log(intensities.home / intensities.away))
        self._match: tuple[float, ...] = ()

    def shares(self, space: str) -> tuple[float, ...]:
        """Return the probability of every state of "set" or "match"."""
        if space == "set":
            return self._set
        if not self._match:
            shares = self._set
            self._match = tuple(
                sum(math.prod([shares[place] for place in path]) for path in paths)
                for paths in _paths().values()
            )
        return self._match


def _set_shares(strength: float) -> tuple[float, ...]:
    first = 1 / (1 + math.exp(-0.9 * strength))
    shares: list[float] = []
    for chance, edge in ((first, strength), (1 - first, -strength)):
        clear = [
            share * math.exp(_CLEARER_PER_STRENGTH * edge * (3 - lost) / 3)
            for lost, share in _LOSER_GAMES.items()
        ]
        shares += [chance * part / sum(clear) for part in clear]
    return tuple(shares)


def _sum(games: tuple[int, int]) -> int:
    return games[0] + games[1]


def _lead(games: tuple[int, int]) -> int:
    return games[0] - games[1]


def _rule(
    space: str, settle: Callable[[Games, float], Winners], measure: Callable[[Games], float] | None = None
) -> Rule:
    return Rule(
        space,
        _SET_SCORES if space == "set" else _ends(),
        lambda games, line, names: settle(games, line),
        grid=0.25 if measure else 0.0,
        measure=measure,
    )


def _total(space: str, measure: Callable[[Games], float]) -> Rule:
    return _rule(space, lambda games, line: over_under(measure(games), line), measure)


def _handicap(space: str, measure: Callable[[Games], float]) -> Rule:
    return _rule(space, lambda games, line: one_or_two(measure(games) + line), measure)


def _winner(space: str) -> Rule:
    return _rule(space, lambda games, line: one_or_two(_lead(games.sets)))


TENNIS_RULES: Mapping[str, Rule] = {
    "moneyline_tennis_match": _winner("match"),
    "over_under_games_tennis_match": _total("match", lambda end: _sum(end.games)),
    "over_under_sets_tennis_match": _total("match", lambda end: _sum(end.sets)),
    "handicap_games_tennis_match": _handicap("match", lambda end: _lead(end.games)),
    "home_over_under_games_tennis": _total("match", lambda end: end.games[0]),
    "away_over_under_games_tennis": _total("match", lambda end: end.games[1]),
    "handicap_games_tennis_set1": _handicap("set", lambda end: _lead(end.games)),
    "moneyline_tennis_set1": _winner("set"),
    "moneyline_tennis_set2": _winner("set"),
    "over_under_games_tennis_set1": _total("set", lambda end: _sum(end.games)),
    "correct_score_tennis_sets": _rule("match", lambda end, line: f"{end.sets[0]}-{end.sets[1]}"),
    "set_handicap_tennis": _handicap("match", lambda end: _lead(end.sets)),
    "odd_even_games_tennis": _rule("match", lambda end, line: odd_even(_sum(end.games))),
}
