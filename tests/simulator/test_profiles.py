"""What tells one simulated bookmaker's prices from another's."""

import pytest

from overround.config import BOOKMAKERS
from overround.simulator.profiles import MAIN_BOOKMAKERS, PROFILES


def test_every_bookmaker_has_a_profile():
    """The world speaks of the same bookmakers as the product, in its order; SportPesa's site can't be scraped."""
    assert [code for code in PROFILES if code in BOOKMAKERS] == [
        code for code in BOOKMAKERS if code in PROFILES
    ]
    assert set(BOOKMAKERS) - {"sportpesa"} <= set(PROFILES)
    assert tuple(PROFILES)[:3] == MAIN_BOOKMAKERS


@pytest.mark.parametrize("code", PROFILES)
def test_ladders_keep_whole_hundredths(code):
    """All print two decimals at most, so every step is a multiple of 0.01 and the ladder reaches the cap."""
    ladder = PROFILES[code].ladder
    assert all(step % 10 == 0 for _, step in ladder)
    assert [below for below, _ in ladder] == sorted(below for below, _ in ladder)
    assert ladder[-1][0] > 1_000_000


@pytest.mark.parametrize("code", PROFILES)
def test_sizes_fit_into_each_other(code):
    """An average event is smaller than a full one, and no event has more mapped markets than markets."""
    profile = PROFILES[code]
    assert profile.groups < profile.full_groups
    assert profile.mapped_groups <= profile.full_groups
