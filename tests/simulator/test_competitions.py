"""Competitions and clubs."""

from overround.domain.events import competition
from overround.simulator.competitions import all_competitions


def test_there_are_367_competitions_in_60_countries():
    """As many as the real soccer tree has, each under an identity of its own."""
    competitions = all_competitions()
    assert len(competitions) == 367
    assert len({one.country for one in competitions}) == 60
    assert len({competition("football", one.country, one.name).id for one in competitions}) == 367


def test_the_first_of_every_country_come_first():
    """A small world has the most prominent competitions, not all of one country's."""
    assert len({one.country for one in all_competitions()[:60]}) == 60


def test_clubs_of_a_competition_differ():
    """No match has one club on both sides; Bet9ja separates clubs by " - ", so no name holds it."""
    for one in all_competitions():
        assert len(set(one.clubs)) == len(one.clubs) >= 80
        assert not any(" - " in club for club in one.clubs)
