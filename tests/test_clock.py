"""Deadlines on our clock: what is late is cancelled, what fails says so."""

import asyncio

import pytest

from overround.clock import SystemClock, within
from tests.support.clock import FakeClock


async def test_what_is_done_in_time_is_returned():
    clock = FakeClock()
    waiting = asyncio.ensure_future(within(clock, 5, asyncio.sleep(0, "done")))
    await clock.advance(1)
    assert await waiting == "done"


async def test_what_is_late_is_cancelled():
    clock, work = FakeClock(), asyncio.get_running_loop().create_future()
    waiting = asyncio.ensure_future(within(clock, 5, work))
    await clock.advance(4.999)
    assert not waiting.done()
    await clock.advance(0.001)
    with pytest.raises(TimeoutError, match="within 5 s"):
        await waiting
    assert work.cancelled()


async def test_an_error_passes_through():
    async def fail() -> None:
        raise ValueError("as told")

    with pytest.raises(ValueError, match="as told"):
        await within(FakeClock(), 5, fail())


async def test_cancelling_the_wait_cancels_the_work():
    work = asyncio.get_running_loop().create_future()
    waiting = asyncio.ensure_future(within(FakeClock(), 5, work))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert work.cancelled()


def test_the_systems_time_is_aware_and_whole_milliseconds():
    """I5: what is stored and pushed has no finer time, so nothing is lost on the way."""
    now = SystemClock().now()
    assert now.tzinfo is not None
    assert now.microsecond % 1000 == 0
