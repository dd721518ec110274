"""Who plays."""

from itertools import combinations

from overround.simulator.calendar import Calendar
from overround.simulator.squads import squads
from tests.support.clock import START


def test_a_club_has_the_same_squad_in_every_match():
    """Home or away, whoever the opponent is."""
    first = squads(1, "England|Premier League", "Ashford United", "Exmouth City")
    second = squads(1, "England|Premier League", "Lincoln Town", "Ashford United")
    at_home = [
        (one.player.name, one.player.sportradar_id, one.part) for one in first if one.player.side == "home"
    ]
    away = [
        (one.player.name, one.player.sportradar_id, one.part) for one in second if one.player.side == "away"
    ]
    assert at_home == away
    assert len(at_home) == 13


def test_nobody_in_a_match_can_be_taken_for_another():
    """Names differ as sets of words and ids are digits that nobody shares; some surnames are shared, as in life."""
    shared = 0
    for match in Calendar(3, 200).ahead(START):
        members = squads(3, match.competition, match.home, match.away)
        players = [member.player for member in members]
        assert len({frozenset(player.name.lower().split()) for player in players}) == len(players) == 26
        assert len({player.sportradar_id for player in players}) == 26
        assert all(player.sportradar_id.isdigit() for player in players)
        shared += any(a.name.split()[1] == b.name.split()[1] for a, b in combinations(players, 2))
    assert shared > 50


def test_a_team_scores_no_more_than_its_goals():
    """Shares of goals, assists, cards and shots stay below one whole."""
    members = [one for one in squads(1, "x", "Home", "Away") if one.player.side == "home"]
    for share in ("goals", "assists", "cards", "shots"):
        assert 0.6 < sum(getattr(one.part, share) for one in members) <= 1
