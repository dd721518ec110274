"""World time that stands still, for a world that must not move under a comparison."""

from datetime import UTC, datetime

from overround.clock import Clock


class StandingClock:
    """A clock whose wall time does not move; waiting goes on by another clock."""

    def __init__(self, at: datetime, running: Clock) -> None:
        """Stand at that time, an aware one."""
        self._at, self._running = at.astimezone(UTC), running

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return self._running.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._running.sleep(seconds)
