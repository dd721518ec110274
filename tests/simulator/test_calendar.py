"""Which matches lie ahead."""

from datetime import timedelta

import pytest

from overround.simulator.calendar import Calendar, apportion
from tests.support.clock import START


def test_the_same_seed_and_time_show_the_same_matches():
    """A restart shows the same ids, clubs and kickoffs."""
    assert Calendar(5, 60).ahead(START) == Calendar(5, 60).ahead(START)
    assert Calendar(5, 60).ahead(START) != Calendar(6, 60).ahead(START)


def test_another_seed_has_other_ids():
    """Two worlds in one database would otherwise be taken for one."""
    first, second = ({match.sportradar_id for match in Calendar(seed, 300).ahead(START)} for seed in (1, 2))
    assert not first & second


def test_what_kicks_off_leaves_and_a_later_match_takes_its_place():
    """The number ahead never changes; matches that stay keep everything."""
    calendar, at = Calendar(1, 200), START
    before = {match.sportradar_id: match for match in calendar.ahead(at)}
    for _ in range(24):
        at += timedelta(minutes=30)
        after = {match.sportradar_id: match for match in calendar.ahead(at)}
        assert len(after) == 200
        gone = [match for key, match in before.items() if key not in after]
        come = [match for key, match in after.items() if key not in before]
        assert all(match.kickoff_at <= at for match in gone)
        assert all(match.kickoff_at > at + timedelta(hours=20) for match in come)
        assert all(after[key] == match for key, match in before.items() if key in after)
        before = after


def test_time_may_be_asked_in_any_order():
    """Nothing is remembered but for speed: an earlier time shows what it showed."""
    calendar = Calendar(1, 100)
    first = calendar.ahead(START)
    calendar.ahead(START + timedelta(days=3))
    assert calendar.ahead(START) == first


@pytest.mark.parametrize("hours", range(0, 48, 7))
def test_kickoffs_are_spread_over_the_next_days(hours):
    """Some kick off within two hours at any time of day, all within a week, soonest first, in the future."""
    at = START + timedelta(hours=hours)
    kickoffs = [match.kickoff_at for match in Calendar(1, 200).ahead(at)]
    assert kickoffs == sorted(kickoffs)
    assert sum(kickoff <= at + timedelta(hours=2) for kickoff in kickoffs) >= 3
    assert kickoffs[0] > at
    assert at + timedelta(days=5) < kickoffs[-1] <= at + timedelta(days=6, hours=1)


def test_no_club_plays_twice_at_once():
    """A club has one match ahead per competition at most, and never against itself."""
    clubs = [
        (match.country, match.competition, club)
        for match in Calendar(1, 1_331).ahead(START)
        for club in (match.home, match.away)
    ]
    assert len(set(clubs)) == len(clubs)


def test_full_worlds_play_in_every_competition_small_ones_in_few():
    """About 3.6 matches a competition, whatever the size."""
    names = lambda count: {(m.country, m.competition) for m in Calendar(1, count).ahead(START)}  # noqa: E731
    assert len(names(1_331)) == 367
    assert len(names(36)) == 10
    assert len(names(1)) == 1


def test_apportioned_counts_add_up():
    """Largest remainders round without losing anything."""
    for total in range(60):
        counts = apportion(total, [1_092, 20, 8, 92, 5, 86, 28])
        assert sum(counts) == total
        assert all(abs(count - total * share / 1_331) < 1 for count, share in zip(counts, [1_092, 20, 8, 92, 5, 86, 28], strict=True))  # fmt: skip
