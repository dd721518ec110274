"""Every market of the catalogue has a model, and no two of them contradict each other."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overround.config import packaged_catalogue
from overround.simulator.goals import SCORES, Intensities
from overround.simulator.models import FootballMatch, expected, fair, fair_players, has_rule, match_of
from overround.simulator.ranges import market_lines
from overround.simulator.settlement import Chances
from overround.simulator.squads import squads

TYPES = packaged_catalogue().types
SETTLED = [kind for kind in TYPES if not kind.names_players]
BY_NAME = {kind.canonical.removeprefix("x-"): kind for kind in TYPES}
MATCHES = [
    Intensities(1.5, 1.1),
    Intensities(2.8, 0.5),
    Intensities(0.6, 0.7, rho=0.02),
    Intensities(0.4, 3.2),
]
intensities = st.builds(
    Intensities, home=st.floats(0.2, 4.5), away=st.floats(0.2, 4.5), rho=st.floats(-0.12, 0.04)
)


def chances(match: Chances, name: str, line: str = "") -> dict[str, float]:
    return fair(match, BY_NAME[name], line)


def test_every_market_of_the_catalogue_has_a_model():
    """The true odds of all are known; a new row of the catalogue needs its rule."""
    assert len(TYPES) >= 279
    assert [f"{kind.sport} {kind.canonical}" for kind in TYPES if not has_rule(kind)] == []


@pytest.mark.parametrize("kind", SETTLED, ids=lambda kind: kind.canonical)
def test_every_market_sums_to_its_winners(kind):
    """Fair probabilities carry the catalogue's names and add up to W at every line: settlement misses no result."""
    for base in MATCHES:
        match = match_of(kind.sport, base)
        for line in market_lines(kind.sport, base)[kind.canonical]:
            outcomes = fair(match, kind, line)
            assert tuple(outcomes) == kind.outcomes
            assert all(-1e-12 <= share <= 1 + 1e-12 for share in outcomes.values())
            assert any(outcomes.values())
            if kind.winners and kind.complete:
                assert math.isclose(sum(outcomes.values()), kind.winners, rel_tol=1e-9), line


@pytest.mark.parametrize(
    "kind",
    [kind for kind in SETTLED if kind.kind in ("over-under", "handicap-2way", "handicap-3way")],
    ids=lambda kind: kind.canonical,
)
def test_a_higher_line_is_harder_to_go_over(kind):
    """Over never grows with its line, home never shrinks with its head start, in any sport and of anything."""
    for base in MATCHES:
        match = match_of(kind.sport, base)
        lines = sorted(
            market_lines(kind.sport, base)[kind.canonical], key=float, reverse=not kind.is_handicap
        )
        first = [fair(match, kind, line)[kind.outcomes[0]] for line in lines]
        assert all(low <= high + 1e-9 for low, high in itertools.pairwise(first)), lines


@settings(deadline=None)
@given(intensities)
def test_goal_markets_agree_with_each_other(base):
    """Double chance is made of 1X2, no bet of its parts, both to score of team totals, scores of results."""
    match = FootballMatch(base)
    single = chances(match, "1x2_ft")
    for pair, share in chances(match, "double_chance_ft").items():
        assert math.isclose(share, single[pair[0]] + single[pair[1]])
    no_bet = chances(match, "draw_no_bet_ft")
    assert math.isclose(no_bet["1"], single["1"] / (single["1"] + single["2"]))
    assert chances(match, "asian_handicap_ft", "0") == pytest.approx(no_bet)
    home, away = (chances(match, f"{side}_over_under_ft", "0.5")["Over"] for side in ("home", "away"))
    neither = chances(match, "correct_score_ft")["0-0"]
    assert math.isclose(chances(match, "btts_ft")["Yes"], home + away - 1 + neither, abs_tol=1e-9)
    halves = chances(match, "htft")
    assert math.isclose(sum(share for name, share in halves.items() if name.endswith("/1")), single["1"])
    first_half = chances(match, "1x2_1h")
    assert math.isclose(
        sum(share for name, share in halves.items() if name.startswith("X/")), first_half["X"]
    )
    combined = chances(match, "1x2_btts_ft")
    assert math.isclose(combined["1 - Yes"] + combined["1 - No"], single["1"])
    margins = chances(match, "winning_margin")
    assert math.isclose(margins["Draw"], single["X"])
    assert math.isclose(sum(share for name, share in margins.items() if name.startswith("Away")), single["2"])


@settings(deadline=None)
@given(intensities)
def test_correct_scores_add_up_to_results(base):
    """The listed draws and Other hold all draws: with every drawn score listed the sum is X."""
    match = FootballMatch(base)
    scores = dict(zip(SCORES, match.shares("score"), strict=True))
    listed = chances(match, "correct_score_ft")
    drawn = sum(share for (home, away), share in scores.items() if home == away)
    assert math.isclose(chances(match, "1x2_ft")["X"], drawn)
    named = {name: share for name, share in listed.items() if name != "Other"}
    assert all(math.isclose(share, scores[tuple(map(int, name.split("-")))]) for name, share in named.items())
    assert math.isclose(listed["Other"], 1 - sum(named.values()), abs_tol=1e-9)


@pytest.mark.parametrize("offered", [("0-0", "1-0", "Other"), ("0-0", "1-0")])
def test_other_pays_what_the_offered_list_does_not_name(offered):
    """Other depends on the list: a bookmaker with fewer scores has a likelier Other."""
    match = FootballMatch(MATCHES[0])
    outcomes = fair(match, BY_NAME["correct_score_ft"], "", offered)
    assert tuple(outcomes) == offered
    if "Other" in offered:
        assert math.isclose(sum(outcomes.values()), 1)
        assert outcomes["Other"] > chances(match, "correct_score_ft")["Other"]


@settings(deadline=None)
@given(intensities, st.sampled_from([f"{n / 4:g}" for n in range(1, 35)]))
def test_a_fair_price_returns_the_stake(base, line):
    """At 1/p the expected return of Over is 1, refunds of whole lines and half stakes of quarter lines included."""
    match = FootballMatch(base)
    odds = 1 / chances(match, "over_under_ft", line)["Over"]
    number = float(line)
    halves = [number] if number * 2 % 1 == 0 else [number - 0.25, number + 0.25]
    returned = sum(
        share * (odds if sum(score) > half else 1.0 if sum(score) == half else 0.0) / len(halves)
        for score, share in zip(SCORES, match.shares("score"), strict=True)
        for half in halves
    )
    assert math.isclose(returned, 1, abs_tol=1e-9)


@settings(deadline=None)
@given(intensities)
def test_early_payout_is_never_worse(base):
    """A side that led is paid as well as one that won, sooner at one goal than at two; the draw is the draw."""
    match = FootballMatch(base)
    plain, one, two = (chances(match, name) for name in ("1x2_ft", "1x2_1up_ft", "1x2_2up_ft"))
    for side in ("1", "2"):
        assert plain[side] - 1e-12 <= two[side] <= one[side]
    assert math.isclose(one["X"], plain["X"])
    assert (
        chances(match, "over_under_early_10min", "1.5")["Over"]
        >= chances(match, "over_under_ft", "1.5")["Over"]
    )


@pytest.mark.parametrize("base", MATCHES, ids=str)
def test_counts_agree_with_each_other(base):
    """Corners' 1X2 is the handicap's 0.5 lines; a card's colour makes booking points of bookings."""
    match = FootballMatch(base)
    result = chances(match, "corners_1x2_ft")
    assert math.isclose(chances(match, "corner_handicap_ft", "-0.5")["1"], result["1"])
    assert math.isclose(chances(match, "corner_handicap_ft", "0.5")["1"], result["1"] + result["X"])
    none = chances(match, "first_booking_ft")["None"]
    assert math.isclose(chances(match, "bookings_over_under_ft", "0.5")["Under"], none, rel_tol=1e-6)
    assert math.isclose(chances(match, "booking_points_over_under_ft", "5.5")["Under"], none, rel_tol=1e-3)


def test_known_match():
    """A worked example: 1.5 and 1.1 expected goals, no correction for low scores."""
    match = FootballMatch(Intensities(1.5, 1.1, rho=0))
    assert math.isclose(chances(match, "over_under_ft", "0.5")["Under"], math.exp(-2.6), rel_tol=1e-6)
    assert math.isclose(
        chances(match, "btts_ft")["Yes"], (1 - math.exp(-1.5)) * (1 - math.exp(-1.1)), rel_tol=1e-6
    )
    assert math.isclose(chances(match, "over_under_1h", "0.5")["Under"], math.exp(-2.6 * 0.45), rel_tol=1e-6)
    assert math.isclose(chances(match, "over_under_2h", "0.5")["Under"], math.exp(-2.6 * 0.55), rel_tol=1e-6)
    assert math.isclose(
        chances(match, "first_goal_interval_15min")["1-15"], 1 - math.exp(-2.6 * 0.15), rel_tol=1e-6
    )


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("over_under_ft", "2.3"),
        ("over_under_ft", ""),
        ("handicap_3way_ft", "0.5"),
        ("htft_over_under", "2.25"),
        ("1x2_ft", "1"),
    ],
)
def test_impossible_lines_have_no_price(name, line):
    """A line that no bookmaker can mean is refused, not priced."""
    with pytest.raises(ValueError, match=r"line|convert"):
        chances(FootballMatch(MATCHES[0]), name, line)


def test_lines_are_looked_for_around_the_mean():
    """The mean of a total is its expectation: goals of both teams, up to the correction of low scores."""
    spread = expected(FootballMatch(Intensities(1.6, 1.2, rho=0)), BY_NAME["over_under_ft"])
    assert spread == pytest.approx((2.8, math.sqrt(2.8)), rel=1e-4)
    assert expected(FootballMatch(MATCHES[0]), BY_NAME["1x2_ft"]) is None


@pytest.mark.parametrize(
    "kind", [kind for kind in TYPES if kind.names_players], ids=lambda kind: kind.canonical
)
def test_player_markets_name_the_match_s_players(kind):
    """Every outcome is a player of the match, in ladders with a count, or an outcome that the catalogue has."""
    members = squads(1, "England|Premier League", "Ashford United", "Exmouth City")
    players = {member.player.name for member in members}
    outcomes = fair_players(FootballMatch(MATCHES[0]), members, kind, "1" if kind.param else "")
    named = {name for name in outcomes if name not in kind.outcomes}
    assert set(kind.outcomes) <= set(outcomes)
    if kind.kind == "player-ladder":
        assert all(name.rpartition(" ")[2].endswith("+") for name in named)
        named = {name.rpartition(" ")[0] for name in named}
    assert named == players
    assert all(0 <= share < 1 for share in outcomes.values())


def test_scorers_share_their_team_s_goals():
    """First scorers and no goal leave a little for own goals; scoring at all is likelier than scoring first."""
    match = FootballMatch(MATCHES[0])
    members = squads(1, "England|Premier League", "Ashford United", "Exmouth City")
    first = fair_players(match, members, BY_NAME["goalscorer_nr"], "1")
    anytime = fair_players(match, members, BY_NAME["anytime_goalscorer"])
    ladder = fair_players(match, members, BY_NAME["player_goals_ladder"])
    assert 0.75 < sum(first.values()) < 1
    assert first["No Goal"] == anytime["No Goal"] == pytest.approx(chances(match, "correct_score_ft")["0-0"])
    for member in members:
        name = member.player.name
        assert anytime[name] >= first[name]
        assert ladder[f"{name} 1+"] == pytest.approx(anytime[name])
        assert ladder[f"{name} 1+"] >= ladder[f"{name} 2+"] >= ladder[f"{name} 3+"]
