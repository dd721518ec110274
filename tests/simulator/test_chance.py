"""Chance that repeats."""

from overround.simulator import chance


def test_a_name_has_one_number_per_seed():
    """The world is a function of its seed: the number is the same in every process and on every machine."""
    assert chance.uniform(1, "a") == chance.uniform(1, "a") == 0.8240785955997284
    assert len({chance.uniform(1, "a"), chance.uniform(2, "a"), chance.uniform(1, "b")}) == 3


def test_numbers_are_spread_evenly():
    """A share of 5 % strikes 5 % of the names."""
    struck = sum(chance.uniform(1, f"request|{number}") < 0.05 for number in range(10_000))
    assert 430 < struck < 570


def test_normal_numbers_are_normal():
    """Two thirds lie within one standard deviation."""
    within = sum(abs(chance.normal(1, str(number))) < 1 for number in range(10_000))
    assert 6_600 < within < 7_050
