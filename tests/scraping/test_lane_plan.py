"""What the fast lane asks for next."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overround.bookmakers.base import GlanceLimits
from overround.domain.events import ListedEvent
from overround.scraping.lane_plan import (
    BESIDE_RUN_S,
    FAR_REST_S,
    NEAR_REST_S,
    STEEPNESS,
    Group,
    LanePlan,
    Listed,
)
from tests.support.clock import START
from tests.support.scripted_site import row

FAR, SOON = START + timedelta(hours=30), START + timedelta(hours=1)


def listed(number: int, group: str, kickoff_at=FAR) -> ListedEvent:
    return msgspec.structs.replace(row(number, kickoff_at=kickoff_at), group=group)


def plan_of(*rows: ListedEvent, groups: int = 1, events: int = 100) -> LanePlan:
    plan = LanePlan(GlanceLimits(groups, events))
    plan.adopt(rows, 0.0)
    return plan


def chosen(plan: LanePlan, now: float, beside_run: bool = False) -> list[str]:
    return [group.id for group in plan.choose(now, START + timedelta(seconds=now), beside_run)]


def test_nothing_is_asked_before_it_is_due():
    """A list that was just seen says the same again."""
    plan = plan_of(listed(1, "a"))
    assert chosen(plan, FAR_REST_S - 1) == []
    assert chosen(plan, FAR_REST_S) == ["a"]


def test_a_near_kickoff_comes_first():
    """Prices matter most before kickoff."""
    plan = plan_of(*(listed(n, "far") for n in range(6)), listed(9, "near", SOON))
    assert chosen(plan, NEAR_REST_S) == ["near"]
    assert chosen(plan, FAR_REST_S) == ["near"]


def test_the_list_of_more_events_comes_first():
    """One request, more fresh prices."""
    plan = plan_of(listed(1, "few"), *(listed(n, "many") for n in range(2, 6)))
    assert chosen(plan, 60) == ["many"]


def test_nobody_waits_for_ever():
    """However important others are, age wins in the end."""
    plan = plan_of(listed(1, "far"), listed(2, "near", SOON))
    for second in range(60, 600):
        if chosen(plan, second) == ["far"]:
            return
        plan.note_seen("2", second, full=False)
    pytest.fail("the far one was never asked for")


def test_neighbours_fill_the_request():
    """A request that is sent anyway carries what is half due, as far as there is room."""
    rows = [listed(n, f"g{n % 4}") for n in range(40)]
    plan = plan_of(listed(99, "near", SOON), *rows, groups=3, events=25)
    assert chosen(plan, NEAR_REST_S + 1) == ["near"]
    assert chosen(plan, FAR_REST_S / 2 + 1)[0] == "near"
    assert len(chosen(plan, FAR_REST_S / 2 + 1)) == 3
    assert len(chosen(plan_of(listed(99, "near", SOON), *rows, groups=9, events=25), 30)) == 3  # 1 + 10 + 10


def test_beside_a_run_only_near_lists_are_asked_for():
    """The run brings the others itself, and is not to be slowed."""
    plan = plan_of(listed(1, "far"), listed(2, "near", SOON))
    assert chosen(plan, 100, beside_run=True) == ["near"]
    plan.note_seen("2", 100, full=True)
    assert chosen(plan, 100 + NEAR_REST_S + BESIDE_RUN_S - 1, beside_run=True) == []
    assert chosen(plan, 100 + NEAR_REST_S + BESIDE_RUN_S, beside_run=True) == ["near"]


def test_what_a_list_did_not_bring_is_not_asked_for_at_once():
    """An event that is gone from its list would otherwise eat the budget."""
    plan = plan_of(listed(1, "a"))
    groups = plan.choose(60, START + timedelta(seconds=60), False)
    plan.began(groups)
    assert chosen(plan, 61) == []
    plan.ended(groups, 62)
    assert chosen(plan, 62 + FAR_REST_S - 1) == []
    assert chosen(plan, 62 + FAR_REST_S) == ["a"]


def test_a_new_discovery_keeps_what_is_known_of_ages():
    """Every run brings the lists anew."""
    plan = plan_of(listed(1, "a"))
    plan.note_seen("1", 40, full=True)
    plan.adopt([listed(1, "a"), listed(2, "b")], 50)
    assert chosen(plan, 40 + FAR_REST_S) == ["a"]
    assert plan.listed["2"].seen == 50


def test_started_and_forgotten_events_count_no_more():
    """What has begun is nobody's prematch price."""
    plan = plan_of(listed(1, "a", START + timedelta(seconds=30)), listed(2, "b"))
    plan.forget("2")
    assert chosen(plan, 100) == []


def test_a_moved_kickoff_makes_a_list_near():
    """A match brought forward is near at once."""
    plan = plan_of(listed(1, "a"))
    assert chosen(plan, 10) == []
    plan.note_kickoff("1", SOON)
    assert chosen(plan, 10) == ["a"]


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), min_size=1, max_size=8), st.floats(0, 9))
def test_staleness_is_the_sum_over_the_events(ages, later):
    """It is kept as a polynomial, which nobody can check by looking."""
    group, now = Group("g"), 1_000.0
    for number, (age, near) in enumerate(ages):
        one = Listed(listed(number, "g", SOON if near else FAR), str(number), now - age)
        group.listed[str(number)] = one
    group.bring_up_to_date(now, START)
    expected = sum(((age + later) / (NEAR_REST_S if near else FAR_REST_S)) ** STEEPNESS for age, near in ages)
    assert group.staleness(now + later) == pytest.approx(expected)
