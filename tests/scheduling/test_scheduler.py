"""When jobs run: every interval on the monotonic clock, never twice at once, whatever the wall clock does."""

import asyncio
from datetime import timedelta

import pytest

from overround.domain.jobs import SCRAPE
from overround.scheduling.scheduler import Job, Scheduler
from tests.support.clock import START, FakeClock


class Noting:
    """A scheduler with one job that notes when it ran; it takes `takes_s`, and fails while `failing`."""

    def __init__(self, interval_s: float = 300, paused: bool = False, run_at_start: bool = False) -> None:
        self.clock, self.interval_s, self.takes_s, self.failing = FakeClock(), interval_s, 0.0, False
        self.ran: list[float] = []
        self.at_once = self.most_at_once = 0
        self.saved: list[bool] = []
        self.refusing = False
        self.scheduler = Scheduler(self.clock, paused, self._save)
        self.job: Job = self.scheduler.add(
            SCRAPE, lambda: self.interval_s, self._act, run_at_start, pausable=True, catches_up=True
        )

    async def __aenter__(self) -> "Noting":
        self.scheduler.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.scheduler.stop()

    async def _act(self) -> None:
        self.ran.append(self.clock.monotonic())
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.clock.sleep(self.takes_s)
            if self.failing:
                raise RuntimeError("as told")
        finally:
            self.at_once -= 1

    async def _save(self, paused: bool) -> None:
        if self.refusing:
            raise OSError("disk full")
        self.saved.append(paused)


async def test_a_job_runs_every_interval():
    async with Noting(300) as noting:
        await noting.clock.advance(1000)
        assert noting.ran == [300, 600, 900]


async def test_a_job_may_run_at_start():
    async with Noting(300, run_at_start=True) as noting:
        await noting.clock.advance(700)
        assert noting.ran == [0, 300, 600]


async def test_setting_the_wall_clock_moves_nothing():
    """Two hours forward floods no schedule, two hours back stalls none."""
    async with Noting(300) as noting:
        await noting.clock.advance(100)
        noting.clock.step_wall(7200)
        await noting.clock.advance(300)
        noting.clock.step_wall(-14400)
        await noting.clock.advance(300)
        assert noting.ran == [300, 600]


async def test_the_interval_is_live():
    """From an hour to a minute after half an hour: due now, then every minute."""
    async with Noting(3600) as noting:
        await noting.clock.advance(1800)
        noting.interval_s = 60
        noting.scheduler.reconsider()
        await noting.clock.advance(150)
        assert noting.ran == [1800, 1860, 1920]
        assert noting.job.missed == 0


async def test_a_long_run_is_never_joined_by_a_second_one():
    async with Noting(300) as noting:
        noting.takes_s = 1000
        await noting.clock.advance(5000)
        assert noting.most_at_once == 1


async def test_a_job_a_little_late_runs_at_once_and_keeps_its_cadence():
    async with Noting(300) as noting:
        noting.takes_s = 310
        await noting.clock.advance(620)
        assert noting.ran == [300, 610]
        assert noting.job.missed == 0
        noting.takes_s = 0
        await noting.clock.advance(400)
        assert noting.ran == [300, 610, 920]


async def test_missed_times_are_one_and_the_next_of_the_cadence_counts():
    """Coalesced: after a run of 1,000 s no three runs follow one another."""
    async with Noting(300) as noting:
        noting.takes_s = 1000
        await noting.clock.advance(1350)
        noting.takes_s = 0
        await noting.clock.advance(400)
        assert noting.ran == [300, 1500]
        assert noting.job.missed == 3


async def test_of_missed_times_the_newest_may_be_on_time():
    """A run of 610 s ends ten seconds after its third time: that one is kept, at its place in the cadence."""
    async with Noting(300) as noting:
        noting.takes_s = 610
        await noting.clock.advance(950)
        noting.takes_s = 0
        await noting.clock.advance(900)
        assert noting.ran == [300, 910, 1520, 1800]
        assert noting.job.missed == 2


async def test_after_the_machine_has_slept_a_run_begins_at_once():
    """Half an hour late it neither waits for the next time of its cadence nor makes up for five."""
    async with Noting(300) as noting:
        await noting.clock.advance(310)
        await noting.clock.oversleep(1800)
        await noting.clock.advance(590)
        assert noting.ran == [300, 2110, 2410]
        assert noting.job.missed == 5


async def test_a_look_after_what_slept_as_well_waits_a_whole_interval():
    """The watchdog would take a run for dead that slept with it."""
    async with Noting(300) as noting:
        watched: list[float] = []

        async def watch() -> None:
            watched.append(noting.clock.monotonic())

        await noting.scheduler.stop()
        noting.scheduler.add("watchdog", lambda: 120, watch)
        noting.scheduler.start()
        await noting.clock.advance(130)
        await noting.clock.oversleep(1800)
        await noting.clock.advance(130)
        assert watched == [120, 2050]


async def test_a_machine_that_slept_is_noticed_within_a_minute():
    """Its timers stood still meanwhile, so no sleep is longer than that."""
    async with Noting(3600) as noting:
        await noting.clock.advance(10)
        assert max(due for due, _, _ in noting.clock._sleepers) <= 70


async def test_a_job_may_be_hastened():
    """It runs that soon, once, and keeps its interval from there; one due earlier stays."""
    async with Noting(300) as noting:
        await noting.clock.advance(100)
        noting.scheduler.hasten(SCRAPE, 15)
        noting.scheduler.hasten("no such job", 15)
        assert noting.scheduler.next_run_at() == START + timedelta(seconds=115)
        await noting.clock.advance(500)
        assert noting.ran == [115, 415]
        noting.scheduler.hasten(SCRAPE, 900)
        await noting.clock.advance(200)
        assert noting.ran == [115, 415, 715]


async def test_what_can_not_be_saved_does_not_pause():
    """A pause that a restart forgets would be a lie."""
    async with Noting(300) as noting:
        noting.refusing = True
        with pytest.raises(OSError, match="disk full"):
            await noting.scheduler.pause()
        assert not noting.scheduler.paused


async def test_every_job_shows_its_times_and_counts():
    async with Noting(300) as noting:
        noting.failing, noting.takes_s = True, 5
        await noting.clock.advance(302)
        (job,) = noting.scheduler.jobs()
        assert (job.name, job.running, job.last_started_at) == (SCRAPE, True, START + timedelta(seconds=300))
        await noting.clock.advance(10)
        (job,) = noting.scheduler.jobs()
        assert (job.running, job.last_finished_at) == (False, START + timedelta(seconds=305))
        assert (job.runs, job.failures, job.last_error) == (0, 1, "RuntimeError: as told")
        assert job.next_run_at == START + timedelta(seconds=600)


async def test_a_failing_job_goes_on():
    async with Noting(300) as noting:
        noting.failing = True
        await noting.clock.advance(700)
        noting.failing = False
        await noting.clock.advance(300)
        assert (noting.job.failures, noting.job.runs) == (2, 1)


async def test_pause_stops_pausable_jobs_only():
    async with Noting(300) as noting:
        watched: list[float] = []

        async def watch() -> None:
            watched.append(noting.clock.monotonic())

        await noting.scheduler.stop()
        noting.scheduler.add("watchdog", lambda: 100, watch)
        noting.scheduler.start()
        await noting.scheduler.pause()
        await noting.clock.advance(350)
        assert noting.ran == []
        assert watched == [100, 200, 300]


async def test_resume_runs_what_fell_due_once():
    async with Noting(300) as noting:
        await noting.scheduler.pause()
        await noting.clock.advance(2000)
        await noting.scheduler.resume()
        await noting.clock.advance(310)
        assert noting.ran == [2000, 2300]


async def test_pausing_is_saved_and_a_restart_begins_paused():
    async with Noting(300) as noting:
        await noting.scheduler.pause()
        await noting.scheduler.resume()
        assert noting.saved == [True, False]
    async with Noting(300, paused=True, run_at_start=True) as noting:
        await noting.clock.advance(1000)
        assert noting.ran == []
        assert noting.scheduler.paused


async def test_the_next_time_is_told_on_the_wall_clock():
    async with Noting(300) as noting:
        await noting.clock.advance(100)
        assert noting.scheduler.next_run_at() == START + timedelta(seconds=300)
        noting.clock.step_wall(3600)
        assert noting.scheduler.next_run_at() == START + timedelta(seconds=300 + 3600)
        await noting.scheduler.pause()
        assert noting.scheduler.next_run_at() is None
        assert noting.scheduler.next_run_at("no such job") is None


async def test_stopping_ends_a_running_action():
    async with Noting(300, run_at_start=True) as noting:
        noting.takes_s = 1000
        await noting.clock.advance(1)
        await noting.scheduler.stop()
        assert noting.at_once == 0
        assert noting.scheduler.next_run_at() is None


@pytest.mark.parametrize("interval_s", [0.1, 7.3, 86400.0])
async def test_no_interval_drifts(interval_s):
    async with Noting(interval_s) as noting:
        await noting.clock.advance(interval_s * 20.5)
        assert noting.ran == pytest.approx([interval_s * count for count in range(1, 21)])
        await asyncio.sleep(0)
