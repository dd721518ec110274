"""Scheduler: interval jobs on the monotonic clock, so that setting the wall clock neither stalls nor floods it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from overround.clock import Clock
from overround.log import get_logger

log = get_logger(__name__)

SCRAPE = "scrape"  # name of the job whose next time people want to see
GRACE_S = 30.0


class Job:
    """One interval job, never twice at once: what falls due while it runs is late."""

    def __init__(
        self,
        name: str,
        interval_s: Callable[[], float],
        action: Callable[[], Awaitable[object]],
        pausable: bool,
    ) -> None:
        self.name, self.interval_s, self.action, self.pausable = name, interval_s, action, pausable
        self.last_due: float = 0.0  # the interval counts from here
        self.due_now = False
        self.running = False
        self.runs = self.failures = self.missed = 0


class Scheduler:
    """
    Runs jobs, each every so many seconds after its last start.

    A job that is late by less than `grace_s` runs at once; later than that it was missed, and the next
    time of its cadence counts: several missed times are one.
    """

    def __init__(
        self,
        clock: Clock,
        paused: bool = False,
        save_paused: Callable[[bool], Awaitable[object]] | None = None,
        grace_s: float = GRACE_S,
    ) -> None:
        """Begin paused or not, as it was saved; `save_paused` makes every later change last."""
        self._clock, self._paused, self._save_paused, self._grace_s = clock, paused, save_paused, grace_s
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
    ) -> Job:
        """Add a job before `start`; `interval_s` is asked again whenever it matters, so it may be a setting."""
        job = self._jobs[name] = Job(name, interval_s, action, pausable)
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

    async def pause(self) -> None:
        """Let pausable jobs wait; one that runs goes on to its end."""
        await self._set_paused(True)

    async def resume(self) -> None:
        """Let pausable jobs go on; what fell due meanwhile runs now, once."""
        await self._set_paused(False)

    def reconsider(self) -> None:
        """Ask for the intervals again; call it when a setting has changed. What is due by the new one runs now."""
        now = self._clock.monotonic()
        for job in self._jobs.values():
            if self._tasks and not job.running and not (self._paused and job.pausable):
                job.due_now = job.due_now or self._due(job) <= now
        self._changed.set()
        self._changed = asyncio.Event()

    def next_run_at(self, name: str = SCRAPE) -> datetime | None:
        """Return when the job runs next, on the wall clock; None while it is paused, not added or not started."""
        job = self._jobs.get(name)
        if job is None or not self._tasks or (self._paused and job.pausable):
            return None
        left_s = 0.0 if job.due_now else max(0.0, self._due(job) - self._clock.monotonic())
        return self._clock.now() + timedelta(seconds=left_s)

    def jobs(self) -> list[Job]:
        """Return every job with its counts."""
        return list(self._jobs.values())

    async def _set_paused(self, paused: bool) -> None:
        self._paused = paused
        self.reconsider()
        if self._save_paused:
            await self._save_paused(paused)

    def _due(self, job: Job) -> float:
        return job.last_due + job.interval_s()

    async def _keep(self, job: Job) -> None:
        while True:
            await self._until_due(job)
            late_s = self._clock.monotonic() - self._due(job)
            if not job.due_now and late_s > self._grace_s:
                self._skip_missed(job, late_s)
                continue
            # On its cadence when it is nearly on time, from now when it ran out of turn.
            on_time = not job.due_now and late_s >= 0
            job.last_due = self._due(job) if on_time else self._clock.monotonic()
            job.due_now = False
            await self._run(job)

    async def _until_due(self, job: Job) -> None:
        while True:
            waits = self._paused and job.pausable
            left_s = 0.0 if job.due_now else self._due(job) - self._clock.monotonic()
            if not waits and left_s <= 0:
                return
            changed = asyncio.ensure_future(self._changed.wait())
            pause = None if waits else asyncio.ensure_future(self._clock.sleep(left_s))
            try:
                await asyncio.wait(
                    {changed, *([pause] if pause else [])}, return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                changed.cancel()
                if pause:
                    pause.cancel()

    def _skip_missed(self, job: Job, late_s: float) -> None:
        missed = 1 + int(late_s // job.interval_s())
        job.missed += missed
        job.last_due += missed * job.interval_s()
        log.warning("job_missed", job=job.name, times=missed, late_s=round(late_s, 1))

    async def _run(self, job: Job) -> None:
        job.running = True
        try:
            await job.action()
            job.runs += 1
        except Exception:  # a job outlives its action's failure
            job.failures += 1
            log.exception("job_failed", job=job.name, failures=job.failures)
        finally:
            job.running = False
