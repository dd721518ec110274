"""What a rule would have done, from the moves in memory."""

import pytest

from overround.domain.alerts import RuleSpec, Scope
from overround.errors import ConfigError
from tests.support.alerting import AlertWorld
from tests.support.api import three_way
from tests.support.clock import START

HIGH = three_way(2.60, 3.2, 3.05)


async def previewed(world, condition, threshold, **parts):
    spec = RuleSpec(name="x", condition=condition, threshold=threshold, **parts)
    return await world.alerting.preview(spec)


@pytest.fixture
def world():
    """Our price leaves the market twice, for two minutes each, and stays away the third time."""
    world = AlertWorld()
    for code in ("sportybet", "bet9ja", "betpawa"):
        world.price(code, three_way())
    for _ in range(2):
        world.wait(120)
        world.price("betpawa", HIGH)
        world.wait(120)
        world.price("betpawa", three_way())
    world.wait(120)
    world.price("betpawa", HIGH)
    return world


async def test_a_gap_is_counted_each_time_it_began(world):
    """Walked back from the prices of now; the open one is named apart."""
    said = await previewed(world, "gap", 0.05, cooldown_s=0)
    assert (said.fired, said.open_now) == (3, 1)
    assert [(at - START).total_seconds() for at in said.at] == [600, 360, 120]
    assert (await previewed(world, "gap", 0.2, cooldown_s=0)).fired == 0
    assert world.open() == [], "nothing is opened by trying"


async def test_cooldown_and_scope_count(world):
    """As they would for the rule itself."""
    assert (await previewed(world, "gap", 0.05, cooldown_s=300)).fired == 2
    assert (await previewed(world, "gap", 0.05, cooldown_s=0, direction="below")).fired == 0
    elsewhere = Scope(competitions=("football-ghana-premier",))
    assert (await previewed(world, "gap", 0.05, cooldown_s=0, scope=elsewhere)).fired == 0


async def test_moves_and_suspensions_are_counted_as_they_came(world):
    """Of competitors; ours are no news to us."""
    assert (await previewed(world, "move", 0.05, cooldown_s=0)).fired == 0
    world.wait(120)
    world.price("sportybet", three_way(2.0))
    assert (await previewed(world, "move", 0.05, cooldown_s=0)).fired == 1
    world.wait(120)
    world.price("betpawa", three_way(2.60, suspended=7))
    assert (await previewed(world, "suspended_here", 1)).fired == 1
    assert (await previewed(world, "suspended_here", 3)).fired == 0


async def test_what_has_no_history_says_so(world):
    """A number that nobody knows is null, not 0."""
    said = await previewed(world, "source_down", 60)
    assert said.fired is None and said.since is None and "No history" in said.limits
    with pytest.raises(ConfigError):
        await previewed(world, "gap", 99)
