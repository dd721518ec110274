"""A clock that moves only when told to."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class FakeClock:
    """Time stands still until `advance`; sleepers wake in order of their deadline."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        return self._start + timedelta(milliseconds=round(self._elapsed * 1000))

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self._elapsed + seconds, self._count, waiter))
        await waiter

    def step_wall(self, seconds: float) -> None:
        """Set the wall clock forward or back, as a person or NTP does; monotonic time is untouched."""
        self._start += timedelta(seconds=seconds)

    async def oversleep(self, seconds: float) -> None:
        """Let time pass as a sleeping machine does: nobody wakes before its end, then everybody who is due."""
        self._elapsed += seconds
        await self.advance(0)

    async def advance(self, seconds: float) -> None:
        """Let that much time pass, waking every sleeper on the way and letting the loop settle after each."""
        until = self._elapsed + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            due, _, waiter = heapq.heappop(self._sleepers)
            self._elapsed = max(self._elapsed, due)
            if not waiter.done():
                waiter.set_result(None)
            await settle()
        self._elapsed = until
        await settle()


async def settle(turns: int = 50) -> None:
    """Let every task that can run do so."""
    for _ in range(turns):
        await asyncio.sleep(0)
