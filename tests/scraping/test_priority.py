"""What is fetched first: what kicks off soon, then what most can be compared with."""

from datetime import timedelta

import pytest

from overround.scraping.priority import event_priority
from tests.support.clock import START

ALL = frozenset({"betpawa", "sportybet", "bet9ja"})
PAIR = frozenset({"betpawa", "bet9ja"})
RIVALS = frozenset({"sportybet", "bet9ja"})
ALONE = frozenset({"betpawa"})


def priority(minutes: float, bookmakers: frozenset[str] = ALL):
    return event_priority(START + timedelta(minutes=minutes), bookmakers, START)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (priority(29, ALONE), priority(30)),
        (priority(119, ALONE), priority(120)),
        (priority(200), priority(201)),
        (priority(200, ALL), priority(200, PAIR)),
        (priority(200, PAIR), priority(200, RIVALS)),
        (priority(200, RIVALS), priority(200, ALONE)),
    ],
)
def test_order_is_urgency_then_kickoff_then_bookmakers_then_reference(first, second):
    assert first < second


def test_the_tiers_are_thirty_minutes_and_two_hours():
    """A kickoff that has passed meanwhile is as urgent as any."""
    assert [priority(minutes)[0] for minutes in (-1, 0, 29.9, 30, 119.9, 120, 5000)] == [0, 0, 0, 1, 1, 2, 2]
