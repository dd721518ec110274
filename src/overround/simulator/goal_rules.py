"""Football markets on goals: full time, halves, first minutes, and both halves together."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from overround.simulator.goals import (
    FIRST_HALF,
    SCORES,
    Halves,
    Score,
    ever_leads,
    goal_given,
    halves_given,
    has_run,
    part_given,
    share_before,
)
from overround.simulator.settlement import (
    Given,
    Rule,
    Winners,
    doubles_of,
    in_ranges,
    odd_even,
    one_or_two,
    over_under,
    range_of,
    result_of,
    yes_no,
)

SPACE = "score"  # of the final scores, SCORES
_EVEN_CHANCE = 0.5  # of extra time and of penalties, whoever plays

Settle = Callable[[Score, float, tuple[str, ...]], Winners]
ScoreGiven = Callable[[Score], Iterable[tuple[float, Score]]]
Goal = tuple[str, Score]  # who scores it ("1", "2", "None"), and the score that counts
Measure = Callable[[Score], float]


def _at_the_end(score: Score) -> tuple[tuple[float, Score]]:
    return ((1.0, score),)


def _rule(
    settle: Settle, given: ScoreGiven = _at_the_end, grid: float = 0.0, measure: Measure | None = None
) -> Rule:
    """Return the rule of a market on one score."""
    return Rule(SPACE, SCORES, settle, given, grid, measure)


# --- one score: of the match, of a half, of the first minutes ---------------------------------------------------


def _lead(score: Score) -> int:
    return score[0] - score[1]


def _winner(score: Score) -> str:
    return result_of(score[0] - score[1])


def _both(score: Score) -> bool:
    return score[0] > 0 and score[1] > 0


def _over(score: Score, line: float) -> str:
    return "Over" if sum(score) > line else "Under"


def _no_bet(score: Score, back: str) -> Winners:
    return None if _winner(score) == back else _winner(score)


def _doubles(score: Score, ending: str) -> list[str]:
    return [f"{double} - {ending}" for double in doubles_of(_winner(score))]


def _first_scores(given: ScoreGiven) -> Mapping[str, Rule]:
    """Return the markets on the first minutes as well as on any other stretch."""
    return {
        "1x2": _rule(lambda score, line, names: _winner(score), given),
        "over_under": _rule(
            lambda score, line, names: over_under(sum(score), line), given, 0.25, measure=sum
        ),
    }


_STRETCHES: Mapping[str, Settle] = {
    "double_chance": lambda score, line, names: doubles_of(_winner(score)),
    "btts": lambda score, line, names: yes_no(_both(score)),
    "draw_no_bet": lambda score, line, names: _no_bet(score, "X"),
    "home_no_bet": lambda score, line, names: _no_bet(score, "1"),
    "away_no_bet": lambda score, line, names: _no_bet(score, "2"),
    "odd_even": lambda score, line, names: odd_even(sum(score)),
    "home_odd_even": lambda score, line, names: odd_even(score[0]),
    "away_odd_even": lambda score, line, names: odd_even(score[1]),
    "home_clean_sheet": lambda score, line, names: yes_no(not score[1]),
    "away_clean_sheet": lambda score, line, names: yes_no(not score[0]),
    "home_to_score": lambda score, line, names: yes_no(score[0] > 0),
    "away_to_score": lambda score, line, names: yes_no(score[1] > 0),
    "home_win_to_nil": lambda score, line, names: yes_no(score[0] > 0 == score[1]),
    "away_win_to_nil": lambda score, line, names: yes_no(score[1] > 0 == score[0]),
    "correct_score": lambda score, line, names: _listed_score(score, names),
    "exact_goals": lambda score, line, names: in_ranges(sum(score), names),
    "home_exact_goals": lambda score, line, names: in_ranges(score[0], names),
    "away_exact_goals": lambda score, line, names: in_ranges(score[1], names),
    "multigoals": lambda score, line, names: in_ranges(sum(score), names),
    "home_multigoals": lambda score, line, names: in_ranges(score[0], names),
    "away_multigoals": lambda score, line, names: in_ranges(score[1], names),
    "total_goals_grouped": lambda score, line, names: in_ranges(sum(score), names),
    "1x2_btts": lambda score, line, names: f"{_winner(score)} - {yes_no(_both(score))}",
    "double_chance_btts": lambda score, line, names: _doubles(score, yes_no(_both(score))),
}
_STRETCHES_WITH_TOTAL: Mapping[str, Settle] = {
    "1x2_over_under": lambda score, line, names: f"{_winner(score)} - {_over(score, line)}",
    "double_chance_over_under": lambda score, line, names: _doubles(score, _over(score, line)),
}


def _stretch(given: ScoreGiven) -> dict[str, Rule]:
    """Return the markets that every half and the whole match have."""
    return {
        **_first_scores(given),
        **{name: _rule(settle, given) for name, settle in _STRETCHES.items()},
        **{name: _rule(settle, given, 0.5) for name, settle in _STRETCHES_WITH_TOTAL.items()},
        "home_over_under": _rule(
            lambda score, line, names: over_under(score[0], line), given, 0.25, measure=lambda score: score[0]
        ),
        "away_over_under": _rule(
            lambda score, line, names: over_under(score[1], line), given, 0.25, measure=lambda score: score[1]
        ),
        "asian_handicap": _rule(
            lambda score, line, names: one_or_two(_lead(score) + line), given, 0.25, measure=_lead
        ),
        "handicap_3way": _rule(
            lambda score, line, names: result_of(_lead(score) + line), given, 1.0, measure=_lead
        ),
    }


@cache
def _scores_in(outcome: str) -> frozenset[Score]:
    return frozenset((int(home), int(away)) for home, away in re.findall(r"(\d+)[-:](\d+)", outcome))


def _listed_score(score: Score, outcomes: Iterable[str]) -> str:
    """Return the outcome that names the score, else the one that pays every other score or result of its kind."""
    listed = next((name for name in outcomes if score in _scores_in(name)), None)
    if listed is not None:
        return listed
    kinds = (
        ("Draw",)
        if score[0] == score[1]
        else ("Other Home Win",)
        if _lead(score) > 0
        else ("Other Away Win",)
    )
    return next((name for name in outcomes if name in kinds or name.endswith("Other")), "")


# --- the final score alone ---------------------------------------------------------------------------------------


def _margin(score: Score) -> str:
    lead = _lead(score)
    by = "3+" if abs(lead) > 2 else str(abs(lead))
    return "Draw" if not lead else f"Home by {by}" if lead > 0 else f"Away by {by}"


def _who_scores(score: Score) -> str:
    return "Both" if _both(score) else "Home" if score[0] else "Away" if score[1] else "No Goal"


def _multigoals(first: Iterable[str], goals: int, outcomes: Iterable[str]) -> list[str]:
    named = [(name, *name.split(" - ")) for name in outcomes]
    return [
        name
        for name, result, goal_range in named
        if result in first and range_of(goal_range)[0] <= goals <= range_of(goal_range)[1]
    ]


def _excluded(count: int, outcomes: tuple[str, ...]) -> list[str]:
    return [name for name in outcomes if name not in in_ranges(count, outcomes)]


def _any_of(score: Score, line: float, outcomes: Iterable[str]) -> list[str]:
    facts = {_winner(score), yes_no(_both(score)), _over(score, line)}
    return [name for name in outcomes if facts.intersection(name.split(" - "))]


def _either(side: str, fact: Callable[[Score, float], bool]) -> Settle:
    return lambda score, line, names: yes_no(_winner(score) == side or fact(score, line))


_SIDES = {"home": "1", "draw": "X", "away": "2"}
_FACTS: Mapping[str, Callable[[Score, float], bool]] = {
    "clean_sheet": lambda score, line: not _both(score),
    "btts": lambda score, line: _both(score),
    "over": lambda score, line: sum(score) > line,
    "under": lambda score, line: sum(score) < line,
}
_FULL_TIME: Mapping[str, Rule] = {
    "winning_margin": _rule(lambda score, line, names: _margin(score)),
    "which_team_to_score": _rule(lambda score, line, names: _who_scores(score)),
    "over_under_btts_ft": _rule(
        lambda score, line, names: f"{_over(score, line)} & {yes_no(_both(score))}", grid=0.5
    ),
    "1x2_btts_over_under_ft": _rule(
        lambda score, line, names: f"{_winner(score)} - {yes_no(_both(score))} - {_over(score, line)}",
        grid=0.5,
    ),
    "1x2_or_btts_or_over_under_ft": _rule(_any_of, grid=0.5),
    "multiscores_ft": _rule(lambda score, line, names: _listed_score(score, names)),
    "multi_correct_score_1": _rule(lambda score, line, names: _listed_score(score, names)),
    "multi_correct_score_2": _rule(lambda score, line, names: _listed_score(score, names)),
    "correct_score_26_outcomes": _rule(lambda score, line, names: _listed_score(score, names)),
    "1x2_multigoals_ft": _rule(lambda score, line, names: _multigoals((_winner(score),), sum(score), names)),
    "double_chance_multigoals_ft": _rule(
        lambda score, line, names: _multigoals(doubles_of(_winner(score)), sum(score), names)
    ),
    "goal_bounds_ft": _rule(lambda score, line, names: in_ranges(sum(score), names)),
    "home_goal_bounds_ft": _rule(lambda score, line, names: in_ranges(score[0], names)),
    "away_goal_bounds_ft": _rule(lambda score, line, names: in_ranges(score[1], names)),
    "excluded_goals_ft": _rule(lambda score, line, names: _excluded(sum(score), names)),
    "home_excluded_goals_ft": _rule(lambda score, line, names: _excluded(score[0], names)),
    "away_excluded_goals_ft": _rule(lambda score, line, names: _excluded(score[1], names)),
    "btts_2plus_ft": _rule(lambda score, line, names: yes_no(min(score) >= 2)),
    "no_draw_btts_ft": _rule(lambda score, line, names: yes_no(_both(score) and _lead(score) != 0)),
    **{
        f"{word}_or_{name}_ft": _rule(_either(side, fact), grid=0.5 if name in ("over", "under") else 0.0)
        for word, side in _SIDES.items()
        for name, fact in _FACTS.items()
    },
}

# --- both halves together ----------------------------------------------------------------------------------------


def _more_in(first: int, second: int) -> str:
    return "First Half" if first > second else "Second Half" if second > first else "Equal"


def _half_and_full(halves: Halves) -> str:
    return f"{_winner(halves.first)}/{_winner(halves.final)}"


def _half_and_full_score(halves: Halves) -> str:
    if sum(halves.first) >= 4:
        return "4+/4+"
    first = "{}-{}".format(*halves.first)
    return f"{first}/4+" if sum(halves.final) >= 4 else f"{first}/" + "{}-{}".format(*halves.final)


def _wins_of(halves: Halves, side: str) -> int:
    return (_winner(halves.first) == side) + (_winner(halves.second) == side)


def _of_halves(settle: Callable[[Halves, float, tuple[str, ...]], Winners], grid: float = 0.0) -> Rule:
    return Rule(SPACE, SCORES, settle, halves_given, grid)


def _side_halves(word: str, place: int, side: str) -> dict[str, Rule]:
    """Return one team's markets on both halves."""
    return {
        f"{word}_highest_scoring_half": _of_halves(
            lambda halves, line, names: _more_in(halves.first[place], halves.second[place])
        ),
        f"{word}_win_both_halves": _of_halves(
            lambda halves, line, names: yes_no(_wins_of(halves, side) == 2)
        ),
        f"{word}_win_either_half": _of_halves(lambda halves, line, names: yes_no(_wins_of(halves, side) > 0)),
        f"{word}_score_both_halves": _of_halves(
            lambda halves, line, names: yes_no(halves.first[place] > 0 and halves.second[place] > 0)
        ),
    }


_BOTH_HALVES: Mapping[str, Rule] = {
    "htft": _of_halves(lambda halves, line, names: _half_and_full(halves)),
    "htft_correct_score": _of_halves(lambda halves, line, names: _half_and_full_score(halves)),
    "htft_over_under": _of_halves(
        lambda halves, line, names: f"{_half_and_full(halves)} and {_over(halves.final, line)}", 0.5
    ),
    "htft_over_under_1h": _of_halves(
        lambda halves, line, names: f"{_half_and_full(halves)} and {_over(halves.first, line)}", 0.5
    ),
    "htft_exact_goals": _of_halves(
        lambda halves, line, names: (
            f"{_half_and_full(halves)} and {'5+' if sum(halves.final) >= 5 else sum(halves.final)}"
        )
    ),
    "highest_scoring_half": _of_halves(
        lambda halves, line, names: _more_in(sum(halves.first), sum(halves.second))
    ),
    **_side_halves("home", 0, "1"),
    **_side_halves("away", 1, "2"),
    "both_halves_over": _of_halves(
        lambda halves, line, names: yes_no(min(sum(halves.first), sum(halves.second)) > line), 0.5
    ),
    "both_halves_under": _of_halves(
        lambda halves, line, names: yes_no(max(sum(halves.first), sum(halves.second)) < line), 0.5
    ),
    "btts_both_halves": _of_halves(
        lambda halves, line, names: yes_no(_both(halves.first) and _both(halves.second))
    ),
    "btts_1h_2h": _of_halves(
        lambda halves, line, names: f"{yes_no(_both(halves.first))}/{yes_no(_both(halves.second))}"
    ),
    "result_1h_or_ft": _of_halves(lambda halves, line, names: {_winner(halves.first), _winner(halves.final)}),
    "double_chance_ft_btts_1h": _of_halves(
        lambda halves, line, names: _doubles(halves.final, yes_no(_both(halves.first)))
    ),
    "double_chance_ft_btts_2h": _of_halves(
        lambda halves, line, names: _doubles(halves.final, yes_no(_both(halves.second)))
    ),
}

# --- the order and the minutes of the goals ----------------------------------------------------------------------


def _first_goal_in(share: float) -> Given:
    """Return who scores first within that share of the match."""
    part = part_given(share)

    def given(score: Score) -> list[tuple[float, Goal]]:
        return [
            (chance * next_, goal) for chance, inside in part(score) for next_, goal in goal_given(inside)
        ]

    return given


def _next_goal(goal: Goal, line: float, outcomes: tuple[str, ...]) -> Winners:
    scorer, score = goal
    return scorer if sum(score) >= line else "None"


def _scorer(goal: Goal) -> str:
    return goal[0]


def _last_goal(goal: Goal) -> str:
    return "No Goal" if goal[0] == "None" else goal[0]


def _first_goal_and_result(goal: Goal) -> str:
    scorer, score = goal
    return "No Goal" if scorer == "None" else f"{scorer} first - {_winner(score)}"


def _on_goal(outcome: Callable[[Goal], str], given: Given = goal_given) -> Rule:
    def settle(goal: Goal, line: float, outcomes: tuple[str, ...]) -> Winners:
        return outcome(goal)

    return Rule(SPACE, SCORES, settle, given)


def _paid_early(by: int) -> Given:
    """Return who is paid: who wins, who leads by that much at any time, the draw at the end."""

    def given(score: Score) -> list[tuple[float, str]]:
        draw = float(_lead(score) == 0)
        return [
            (_wins_or_leads(score, by), "1"),
            (draw, "X"),
            (_wins_or_leads((score[1], score[0]), by), "2"),
        ]

    return given


def _wins_or_leads(score: Score, by: int) -> float:
    return 1.0 if _lead(score) > 0 else ever_leads(score, by)


def _doubles_paid_early(score: Score) -> list[tuple[float, str]]:
    home = 1.0 if _lead(score) >= 0 else ever_leads(score, 1)
    away = 1.0 if _lead(score) <= 0 else ever_leads((score[1], score[0]), 1)
    return [(home, "1X"), (away, "X2"), (float(sum(score) > 0), "12")]


def _run(length: int, sides: str) -> Rule:
    def given(score: Score) -> list[tuple[float, str]]:
        chance = has_run(score, length, sides)
        return [(chance, "Yes"), (1 - chance, "No")]

    return _paid(given)


def _as_given(outcome: str, line: float, outcomes: tuple[str, ...]) -> str:
    return outcome


def _paid(given: Given) -> Rule:
    """Return the rule of a market whose outcomes are paid as `given` says."""
    return Rule(SPACE, SCORES, _as_given, given)


def _first_goal_minutes(width: int) -> Rule:
    starts = range(0, 90, width)
    names = {start: f"{start + 1}-{start + width}" for start in starts}

    def given(score: Score) -> list[tuple[float, str]]:
        goals = sum(score)
        none_until = {start: (1 - share_before(start)) ** goals for start in (*starts, 90)}
        parts = [(none_until[start] - none_until[start + width], names[start]) for start in starts]
        return [*parts, (none_until[90], "None")]

    return _paid(given)


def _early_goals(minute: int) -> Rule:
    """Return over/under that pays Over at once when all goals but one of it have fallen by that minute."""
    part = part_given(share_before(minute))

    def given(score: Score) -> list[tuple[float, tuple[int, int]]]:
        return [(chance, (sum(inside), sum(score))) for chance, inside in part(score)]

    def settle(goals: tuple[int, int], line: float, outcomes: tuple[str, ...]) -> Winners:
        by_then, at_the_end = goals
        return "Over" if by_then > line - 1 or at_the_end > line else "Under"

    return Rule(SPACE, SCORES, settle, given, 0.5)


def _qualifies(score: Score) -> list[tuple[float, str]]:
    if winner := _lead(score):
        return [(1.0, result_of(winner))]
    return [(_EVEN_CHANCE, "1"), (_EVEN_CHANCE, "2")]


def _wins_how(score: Score) -> list[tuple[float, str]]:
    """Return how the match is won; a draw goes to extra time, half of them on to penalties."""
    if lead := _lead(score):
        return [(1.0, "Home Team in 90mins" if lead > 0 else "Away Team in 90mins")]
    return [(_EVEN_CHANCE**2, f"{team} Team in Penalty Shootout") for team in ("Home", "Away")]


_ON_THE_WAY: Mapping[str, Rule] = {
    "next_goal_ft": Rule(SPACE, SCORES, _next_goal, goal_given, 1.0),
    "last_goal_ft": _on_goal(_last_goal),
    "first_goal_1h": _on_goal(_scorer, _first_goal_in(FIRST_HALF)),
    "first_goal_2h": _on_goal(_scorer, _first_goal_in(1 - FIRST_HALF)),
    "first_goal_1x2_ft": _on_goal(_first_goal_and_result),
    "first_goal_interval_15min": _first_goal_minutes(15),
    "first_goal_interval_10min": _first_goal_minutes(10),
    "1x2_1up_ft": _paid(_paid_early(1)),
    "1x2_2up_ft": _paid(_paid_early(2)),
    "double_chance_1up_ft": _paid(_doubles_paid_early),
    "to_qualify": _paid(_qualifies),
    "winning_method_ft_inc_ot": _paid(_wins_how),
    **{f"goal_streak_{length}": _run(length, "12") for length in (2, 3)},
    **{f"home_goal_streak_{length}": _run(length, "1") for length in (2, 3)},
    **{f"away_goal_streak_{length}": _run(length, "2") for length in (2, 3)},
    **{f"over_under_early_{minute}min": _early_goals(minute) for minute in (10, 30, 50)},
}

GOAL_RULES: Mapping[str, Rule] = {
    **{f"{name}_ft": rule for name, rule in _stretch(_at_the_end).items()},
    **{f"{name}_1h": rule for name, rule in _stretch(part_given(FIRST_HALF)).items()},
    **{f"{name}_2h": rule for name, rule in _stretch(part_given(1 - FIRST_HALF)).items()},
    **{
        f"{name}_first_{minute}min": rule
        for minute in (5, 10, 15, 20, 30, 60)
        for name, rule in _first_scores(part_given(share_before(minute))).items()
    },
    "1x2_10min": _first_scores(part_given(share_before(10)))["1x2"],
    **_FULL_TIME,
    **_BOTH_HALVES,
    **_ON_THE_WAY,
}
