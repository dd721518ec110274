"""How prices move: steps in time that depend on nothing but the seed, a name and the hour."""

import math
from datetime import UTC, datetime

from overround.simulator import chance

_START = datetime(2020, 1, 1, tzinfo=UTC)


def seconds_of(at: datetime) -> float:
    """Return the world's time in seconds."""
    return (at - _START).total_seconds()


def step_at(seed: int, name: str, seconds: float, per_minute: float) -> int:
    """
    Return how many moves this name has made: one in every window of 1/per_minute minutes.

    The moment inside the window is drawn, so that things do not move in chorus. 0 per minute: never.
    """
    if per_minute <= 0:
        return 0
    windows = seconds / 60 * per_minute
    window = math.floor(windows)
    moved = windows - window >= chance.uniform(seed, f"{name}|{window}")
    return window if moved else window - 1


def drift(seed: int, name: str, step: int) -> float:
    """
    Return how far a team's expected goals stand from where they began, in logarithms.

    Slow and quick waves plus a little of its own at each step: neighbours are close, the range is bounded.
    """
    slow = _wave(seed, f"{name}|slow", step / 64)
    quick = _wave(seed, f"{name}|quick", step / 8)
    return 0.12 * slow + 0.06 * quick + 0.012 * chance.normal(seed, f"{name}|{step}")


def _wave(seed: int, name: str, at: float) -> float:
    before = math.floor(at)
    share = at - before
    first, second = (chance.uniform(seed, f"{name}|{knot}") * 2 - 1 for knot in (before, before + 1))
    return first + (second - first) * share
