"""`overround scrape --once` on a disk that refuses."""

import asyncio

import pytest

from overround.cli.scrape import GIVE_UP_S, unless_blocked
from overround.errors import StorageError
from tests.support.clock import FakeClock


async def endless() -> int:
    """Wait for a disk that never comes back."""
    await asyncio.Event().wait()
    return 0


async def test_a_disk_that_refuses_for_a_minute_ends_the_run_with_one_sentence():
    """A job of cron must not hang for ever; the reason is the disk's."""
    clock = FakeClock()
    work = asyncio.ensure_future(
        unless_blocked(endless(), lambda: "the spool can't be written: disk full", clock)
    )
    await clock.advance(GIVE_UP_S - 1)
    assert not work.done()
    await clock.advance(2)
    with pytest.raises(StorageError, match=r"nothing could be accepted .*disk full"):
        await work


async def test_a_disk_that_comes_back_starts_the_minute_anew():
    """Half a minute of trouble now and then is no reason to give up."""
    clock = FakeClock()
    reasons = iter([*["disk full"] * 40, "", *["disk full"] * 40, *[""] * 400])
    work = asyncio.ensure_future(unless_blocked(endless(), lambda: next(reasons), clock))
    await clock.advance(200)
    assert not work.done()
    work.cancel()


async def test_work_that_ends_gives_its_result():
    """Nothing is added to a good run."""

    async def seven() -> int:
        return 7

    assert await unless_blocked(seven(), lambda: "", FakeClock()) == 7
