"""World time that stands still."""

from overround.simulator.world_clock import StandingClock
from tests.support.clock import START, FakeClock


async def test_only_the_wall_clock_stands():
    """Prices don't move, yet an answer's latency still passes."""
    running = FakeClock()
    standing = StandingClock(START, running)
    await running.advance(5)
    assert standing.now() == START
    assert standing.monotonic() == 5
