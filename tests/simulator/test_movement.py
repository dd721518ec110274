"""How prices move."""

import itertools
from datetime import timedelta

import pytest

from overround.simulator.movement import drift, seconds_of, step_at
from tests.support.clock import START

NOW_S = seconds_of(START)


@pytest.mark.parametrize("per_minute", [0.05, 1.0, 6.0])
def test_the_share_that_moves_per_minute_is_the_one_asked_for(per_minute):
    """Over an hour a thousand matches make moves x 60 x 1,000 steps, each as many as any other, give or take one."""
    steps = [
        step_at(1, f"match {n}", NOW_S + 3600, per_minute) - step_at(1, f"match {n}", NOW_S, per_minute)
        for n in range(1_000)
    ]
    assert sum(steps) == pytest.approx(per_minute * 60 * 1_000, rel=0.02)
    assert max(steps) - min(steps) <= 2


def test_steps_never_go_back():
    """A price that has moved stays moved, so an equal step means an equal price."""
    steps = [step_at(1, "match", NOW_S + second, 2.0) for second in range(600)]
    assert steps == sorted(steps)


def test_without_moves_nothing_moves():
    """0 per minute stands still for ever."""
    assert {step_at(1, "match", NOW_S + day * 86_400, 0) for day in range(10)} == {0}


def test_neighbouring_steps_are_close_and_the_range_is_bounded():
    """A single move is a few per cent, a whole week of them no more than a third."""
    path = [drift(1, "match|home", step) for step in range(2_000)]
    moves = [abs(after - before) for before, after in itertools.pairwise(path)]
    assert all(moves)
    assert sum(moves) / len(moves) < 0.03
    assert max(map(abs, path)) < 0.25


def test_seconds_count_across_time():
    """The world's seconds are differences of UTC times."""
    assert seconds_of(START + timedelta(minutes=1)) - NOW_S == 60
