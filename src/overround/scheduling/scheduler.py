"""Scheduler: interval jobs on the monotonic clock, so that setting the wall clock neither stalls nor floods it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from overround.clock import Clock
from overround.domain.jobs import SCRAPE, JobState
from overround.log import get_logger

log = get_logger(__name__)

GRACE_S = 30.0
LOOK_AGAIN_S = 60.0  # a sleep is no longer: a machine that slept does not count the time in its timers


class Job:
    """One interval job, never twice at once: what falls due while it runs is late."""

    def __init__(
        self,
        name: str,
        interval_s: Callable[[], float],
        action: Callable[[], Awaitable[object]],
        pausable: bool,
        catches_up: bool,
    ) -> None:
        self.name, self.interval_s, self.action = name, interval_s, action
        self.pausable, self.catches_up = pausable, catches_up
        self.last_due: float = 0.0  # the interval counts from here
        self.hastened: float | None = None  # runs then, if that is earlier
        self.due_now = False
        self.running = False
        self.runs = self.failures = self.missed = 0
        self.last_started_at: datetime | None = None
        self.last_finished_at: datetime | None = None
        self.last_error = ""

    @property
    def due(self) -> float:
        """Return when it is to run on its own, in seconds of the monotonic clock."""
        due = self.last_due + self.interval_s()
        return due if self.hastened is None else min(due, self.hastened)


class Scheduler:
    """
    Runs jobs, each every so many seconds after its last start.

    A job that is late by less than `grace_s` runs at once. Later than that its time was missed, and several
    missed times are one: where the job itself took that long, the next time of its cadence counts; where the
    process slept, a job that catches up runs at once and any other waits a whole interval, so that what slept
    as well has had its time to go on.
    """

    def __init__(
        self,
        clock: Clock,
        paused: bool = False,
        save_paused: Callable[[bool], Awaitable[object]] | None = None,
        grace_s: float = GRACE_S,
    ) -> None:
        """Begin paused or not; `save_paused` makes every change last."""
        self._clock, self._paused, self._save_paused, self._grace_s = clock, paused, save_paused, grace_s
        self._pausing = asyncio.Lock()
        self._jobs: dict[str, Job] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()

    @property
    def paused(self) -> bool:
        """Return whether the pausable jobs wait for `resume`."""
        return self._paused

    def add(
        self,
        name: str,
        interval_s: Callable[[], float],
        action: Callable[[], Awaitable[object]],
        run_at_start: bool = False,
        pausable: bool = False,
        catches_up: bool = False,
    ) -> Job:
        """
        Add a job before `start`.

        Args:
            interval_s: Asked again whenever it matters, so it may be a setting.
            action: May raise; the job goes on.
            run_at_start: Whether the first time is now instead of an interval from now.
            pausable: Whether `pause` holds it.
            catches_up: Whether it runs at once after the process has slept past its time.
        """
        job = self._jobs[name] = Job(name, interval_s, action, pausable, catches_up)
        job.due_now = run_at_start
        return job

    def start(self) -> None:
        """Begin: intervals count from now."""
        for job in self._jobs.values():
            job.last_due = self._clock.monotonic()
        self._tasks = [
            asyncio.create_task(self._keep(job), name=f"job-{job.name}") for job in self._jobs.values()
        ]

    async def stop(self) -> None:
        """End every job; an action that runs is cancelled."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def restore(self, paused: bool) -> None:
        """Take over, before `start`, what was saved."""
        self._paused = paused

    async def pause(self) -> None:
        """Let pausable jobs wait; one that runs goes on to its end. Raises what saving raises: then nothing changed."""
        await self._set_paused(True)

    async def resume(self) -> None:
        """Let pausable jobs go on; what fell due meanwhile runs now, once. Raises as `pause`."""
        await self._set_paused(False)

    def hasten(self, name: str, seconds: float) -> None:
        """Let a job run that many seconds from now, if it is not due earlier; unknown names are left alone."""
        if job := self._jobs.get(name):
            job.hastened = self._clock.monotonic() + seconds
            self._wake()

    def reconsider(self) -> None:
        """Ask for the intervals again; call it when a setting has changed. What is due by the new one runs now."""
        now = self._clock.monotonic()
        for job in self._jobs.values():
            if self._tasks and not job.running and not (self._paused and job.pausable):
                job.due_now = job.due_now or job.due <= now
        self._wake()

    def next_run_at(self, name: str = SCRAPE) -> datetime | None:
        """Return when the job runs next, on the wall clock; None while it is paused, not added or not started."""
        job = self._jobs.get(name)
        if job is None or not self._tasks or (self._paused and job.pausable):
            return None
        left_s = 0.0 if job.due_now else max(0.0, job.due - self._clock.monotonic())
        return self._clock.now() + timedelta(seconds=left_s)

    def jobs(self) -> list[JobState]:
        """Return every job with its times and counts."""
        return [
            JobState(
                job.name, job.interval_s(), job.pausable, job.running, self.next_run_at(job.name),
                job.last_started_at, job.last_finished_at, job.runs, job.failures, job.missed, job.last_error,
            )
            for job in self._jobs.values()
        ]  # fmt: skip

    async def _set_paused(self, paused: bool) -> None:
        async with self._pausing:
            if self._save_paused:
                await self._save_paused(paused)
            self._paused = paused
        self.reconsider()

    def _wake(self) -> None:
        """Let every job look at its time again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def _keep(self, job: Job) -> None:
        while True:
            overslept = await self._until_due(job)
            late_s = self._clock.monotonic() - job.due
            if not job.due_now and late_s > self._grace_s:
                missed = self._note_missed(job, late_s)
                if not overslept:
                    job.last_due += job.interval_s() * missed
                    continue
                job.last_due = self._clock.monotonic()
                if not job.catches_up:
                    continue
                job.due_now = True
            # On its cadence when it is nearly on time, from now when it ran out of turn.
            on_time = not job.due_now and late_s >= 0 and job.hastened is None
            job.last_due = job.due if on_time else self._clock.monotonic()
            job.due_now, job.hastened = False, None
            await self._run(job)

    async def _until_due(self, job: Job) -> bool:
        """Return when the job is due; whether it had to wait, so that being late means the process slept."""
        waited = False
        while True:
            waits = self._paused and job.pausable
            left_s = 0.0 if job.due_now else job.due - self._clock.monotonic()
            if not waits and left_s <= 0:
                return waited
            waited = True
            changed = asyncio.ensure_future(self._changed.wait())
            pause = None if waits else asyncio.ensure_future(self._clock.sleep(min(left_s, LOOK_AGAIN_S)))
            try:
                await asyncio.wait(
                    {changed, *([pause] if pause else [])}, return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                changed.cancel()
                if pause:
                    pause.cancel()

    def _note_missed(self, job: Job, late_s: float) -> int:
        """Return how many of its times are too long ago; the newest one may be nearly on time."""
        passed, newest_late_s = divmod(late_s, job.interval_s())
        missed = int(passed) + (newest_late_s > self._grace_s)
        job.missed += missed
        job.hastened = None
        log.warning("job_missed", job=job.name, times=missed, late_s=round(late_s, 1))
        return missed

    async def _run(self, job: Job) -> None:
        job.running, job.last_started_at = True, self._clock.now()
        try:
            await job.action()
            job.runs += 1
        except Exception as exc:  # a job outlives its action's failure
            job.failures += 1
            job.last_error = f"{type(exc).__name__}: {exc}"
            log.exception("job_failed", job=job.name, failures=job.failures)
        finally:
            job.running, job.last_finished_at = False, self._clock.now()
