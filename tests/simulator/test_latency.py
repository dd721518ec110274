"""How long answers take."""

import pytest

from overround.config import BOOKMAKERS
from overround.simulator.latency import DEFAULT, Latency, LatencyPlan, parse_factor


@pytest.mark.parametrize("bookmaker", DEFAULT)
def test_quantiles_are_the_ones_given(bookmaker):
    """The median and the slowest twentieth are the measured ones."""
    latency = DEFAULT[bookmaker]
    assert latency.quantile_ms(0.5) == pytest.approx(latency.p50_ms)
    assert latency.quantile_ms(0.95) == pytest.approx(latency.p95_ms)


def test_every_bookmaker_takes_its_time():
    """One that answers at once would be first in every race."""
    assert set(DEFAULT) == set(BOOKMAKERS)


def test_drawn_times_follow_the_distribution():
    """Half of 4,000 answers come before the median, one in twenty after p95."""
    plan, latency = LatencyPlan(), DEFAULT["sportybet"]
    times = [plan.next_ms("sportybet") for _ in range(4_000)]
    assert sum(time < latency.p50_ms for time in times) == pytest.approx(2_000, rel=0.05)
    assert sum(time > latency.p95_ms for time in times) == pytest.approx(200, rel=0.2)


def test_a_seed_repeats_its_times_and_a_factor_scales_them():
    """Two servers of one seed are equally slow; 0 answers at once, an unlisted bookmaker too."""
    once, twice, half = LatencyPlan(seed=7), LatencyPlan(seed=7), LatencyPlan(0.5, seed=7)
    first = [once.next_ms("betpawa") for _ in range(5)]
    assert first == [twice.next_ms("betpawa") for _ in range(5)]
    assert [half.next_ms("betpawa") * 2 for _ in range(5)] == pytest.approx(first)
    assert LatencyPlan(0).next_ms("betpawa") == 0
    assert LatencyPlan(by_bookmaker={"a": Latency(1, 2)}).next_ms("b") == 0


@pytest.mark.parametrize(("text", "factor"), [("default", 1), ("0", 0), ("0.25", 0.25), ("100", 100)])
def test_latency_option(text, factor):
    """`--latency` takes a word or a factor."""
    assert parse_factor(text) == factor


@pytest.mark.parametrize("text", ["", "fast", "-1", "101", "nan"])
def test_bad_latency_option_is_named(text):
    """What can't be a factor is refused in one sentence."""
    with pytest.raises(ValueError, match="--latency"):
        parse_factor(text)
