"""The one source of time: everything that waits or stamps takes a `Clock`, so that tests need no sleep."""

import asyncio
import time
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Protocol, TypeVar

T = TypeVar("T")

# Linux stops its monotonic clock while the machine sleeps; this one goes on, so that a wait for a time of day,
# a Retry-After window among them, is over when it is over.
_BOOT_CLOCK: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """Wall time for stamps, monotonic time for durations, and waiting."""

    def now(self) -> datetime:
        """Return the current time, aware UTC, to the millisecond."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back, not standing still while the machine sleeps; only differences count."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that long on the monotonic clock."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def monotonic(self) -> float:
        return time.clock_gettime(_BOOT_CLOCK)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def within(clock: Clock, seconds: float, awaitable: Awaitable[T]) -> T:
    """
    Return what `awaitable` gives; past the deadline, or when we are cancelled, it is cancelled.

    Raises:
        TimeoutError: It took longer than `seconds` on the clock.
    """
    work = asyncio.ensure_future(awaitable)
    deadline = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({work, deadline}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise TimeoutError(f"not done within {seconds:g} s")
        return work.result()
    finally:
        deadline.cancel()
        work.cancel()
