"""What tells one simulated bookmaker's prices from another's."""

import pytest

from overround.config import BOOKMAKERS
from overround.domain.markets import plain_line
from overround.simulator.profiles import PROFILES


def test_every_bookmaker_has_a_profile_in_our_order():
    """The world speaks of the same bookmakers as the product."""
    assert tuple(PROFILES) == BOOKMAKERS


@pytest.mark.parametrize("code", PROFILES)
def test_ladders_keep_whole_hundredths(code):
    """All three print two decimals at most, so every step is a multiple of 0.01 and the ladder reaches the cap."""
    ladder = PROFILES[code].ladder
    assert all(step % 10 == 0 for _, step in ladder)
    assert [below for below, _ in ladder] == sorted(below for below, _ in ladder)
    assert ladder[-1][0] > 1_000_000


@pytest.mark.parametrize("code", PROFILES)
def test_lines_are_written_as_the_domain_writes_them(code):
    """A line is an identity, so its text is the plain one."""
    profile = PROFILES[code]
    lines = [*profile.totals, *profile.three_way]
    assert lines == [plain_line(line) for line in lines]
    assert len(set(profile.totals)) == len(profile.totals)
