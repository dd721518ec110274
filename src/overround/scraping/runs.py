"""Runs: one pass over all events at a time, from discovery to the last accepted answer, with its report."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec
import uuid_utils

from overround.bookmakers.limiter import Limiter
from overround.bus.base import Bus
from overround.cache.odds_cache import OddsCache
from overround.clock import Clock, within
from overround.config import Settings
from overround.domain.runs import RunFinished, RunReport, Trigger
from overround.errors import EventGone, OverroundError, RunActive, UnknownEvent
from overround.log import get_logger
from overround.scraping.acceptance import ListingId
from overround.scraping.coordinator import EventCoordinator, EventJob, Fetched
from overround.scraping.discovery import Discovery
from overround.scraping.progress import ProgressFeed
from overround.scraping.tally import Tally

log = get_logger(__name__)

REMEMBERED_RUNS = 50
REFRESH_DEADLINE_S = 15.0
RECORD_DEADLINE_S = 3.0  # a run's end does not wait longer for the disk; it is written when the disk is back


class RunRecords(Protocol):
    """Where a run's start and end become durable; `Intake` is one."""

    @property
    def spent_ms(self) -> Mapping[str, float]: ...
    async def record_run(self, report: RunReport) -> None: ...
    async def flush(self) -> None: ...


class RunArchive(Protocol):
    """Runs of earlier days and processes, as the database has them; `Repository` is one."""

    async def run(self, run_id: str) -> RunReport | None: ...
    async def recent_runs(self, limit: int, offset: int = 0) -> list[RunReport]: ...


class Work(msgspec.Struct, frozen=True):
    """What a run covers, where it is not everything the bookmakers list."""

    listings: frozenset[ListingId]
    whole: frozenset[str]  # bookmakers of which everything is covered

    def part_of(self, job: EventJob) -> EventJob:
        """Return the job with only the listings covered."""
        covered = {
            code: own_id
            for code, own_id in job.listings.items()
            if code in self.whole or (job.sportradar_id, code) in self.listings
        }
        return msgspec.structs.replace(job, listings=covered)


class _Run:
    """The run that is on."""

    def __init__(
        self, report: RunReport, bookmakers: Sequence[str], only: Work | None, progress: ProgressFeed
    ) -> None:
        self.report, self.bookmakers, self.only, self.progress = report, bookmakers, only, progress
        self.tally = Tally(report, bookmakers)
        self.beat_at = 0.0
        self.cancelled_because = ""
        self.finished: asyncio.Future[RunReport] = asyncio.get_running_loop().create_future()
        self.task: asyncio.Task[None] | None = None


class Runs:
    """Starts, watches and remembers runs; also the way of a single event's refresh."""

    def __init__(
        self,
        discovery: Discovery,
        coordinator: EventCoordinator,
        records: RunRecords,
        cache: OddsCache,
        bus: Bus,
        limiters: Mapping[str, Limiter],
        settings: Settings,
        clock: Clock,
        archive: RunArchive | None = None,
    ) -> None:
        self._discovery, self._coordinator, self._records = discovery, coordinator, records
        self._cache, self._bus, self._limiters = cache, bus, limiters
        self._settings, self._clock, self._archive = settings, clock, archive
        self._run: _Run | None = None
        self._finished: dict[str, RunReport] = {}
        self._left_over: dict[str, Work] = {}  # run id -> what failed

    # --- starting -----------------------------------------------------------------------------------------

    def start(self, bookmakers: Sequence[str] | None = None) -> RunReport:
        """
        Start a manual run in the background and return its first report; `None` means every enabled bookmaker.

        A person asks, so a bookmaker that we had stopped asking is tried again at once.

        Raises:
            RunActive: One is on already; carries its id.
            ConfigError: An unknown bookmaker, or none that is enabled.
        """
        return self._begin("manual", bookmakers).report

    def retry(
        self, run_id: str, bookmakers: Sequence[str] | None = None, only_failed: bool = True
    ) -> RunReport:
        """
        Start a run over what failed in an earlier one; over everything when that is no longer remembered.

        Raises:
            RunActive, ConfigError: As `start`.
        """
        only = self._left_over.get(run_id) if only_failed else None
        return self._begin("retry", bookmakers, only).report

    async def run_once(
        self, trigger: Trigger = "manual", bookmakers: Sequence[str] | None = None
    ) -> RunReport:
        """
        Do one run and return its report; when the caller is cancelled, so is the run.

        Raises:
            RunActive, ConfigError: As `start`.
        """
        run = self._begin(trigger, bookmakers)
        try:
            return await asyncio.shield(run.finished)
        except asyncio.CancelledError:
            await self.cancel("it was interrupted")
            raise

    async def run_scheduled(self) -> None:
        """Do the scheduled run; the run that is on, if there is one, stands for it."""
        if self._run:
            log.info("run_skipped", active_run_id=self._run.report.run_id)
            return
        await asyncio.shield(self._begin("scheduled").finished)

    async def cancel(self, reason: str) -> None:
        """End the run that is on as failed with this reason; returns when it has ended."""
        run = self._run
        if run is None or run.task is None:
            return
        run.cancelled_because = run.cancelled_because or reason
        run.task.cancel()
        await asyncio.shield(run.finished)

    # --- watching -----------------------------------------------------------------------------------------

    def active(self) -> RunReport | None:
        """Return the report of the run that is on, as far as it is."""
        return self._run.report if self._run else None

    def silent_s(self) -> float:
        """Return the seconds since the run that is on last made progress, 0 without one."""
        return self._clock.monotonic() - self._run.beat_at if self._run else 0.0

    async def wait(self, run_id: str, timeout_s: float) -> RunReport | None:
        """Return the finished report, or None when the run still goes on after `timeout_s`."""
        if self._run is None or self._run.report.run_id != run_id:
            return await self.get(run_id)
        try:
            return await within(self._clock, timeout_s, asyncio.shield(self._run.finished))
        except TimeoutError:
            return None

    async def get(self, run_id: str) -> RunReport | None:
        """Return a run's report from memory or the database."""
        if self._run and self._run.report.run_id == run_id:
            return self._run.report
        if report := self._finished.get(run_id):
            return report
        return await self._archive.run(run_id) if self._archive else None

    async def recent(self, limit: int, offset: int = 0) -> list[RunReport]:
        """Return runs, newest first; what memory holds is newer than what the database has of it."""
        stored = await self._archive.recent_runs(limit + offset) if self._archive else []
        known = {report.run_id: report for report in stored} | self._finished
        if self._run:
            known[self._run.report.run_id] = self._run.report
        newest = sorted(known.values(), key=lambda report: (report.started_at, report.run_id), reverse=True)
        return newest[offset : offset + limit]

    # --- one event ----------------------------------------------------------------------------------------

    async def refresh(self, sportradar_id: str) -> None:
        """
        Fetch the event at every enabled bookmaker that lists it and return when its prices are in the cache.

        A bookmaker that fails changes nothing: its prices stay, with their age.

        Raises:
            UnknownEvent: Nobody lists it.
            TimeoutError: Past the deadline.
        """
        event = self._cache.event(sportradar_id)
        if event is None or not event.listings:
            raise UnknownEvent(sportradar_id)
        listings = {
            code: entry.listing.event_id
            for code, entry in event.listings.items()
            if code in self._settings.enabled_bookmakers and entry.listing.state in ("open", "unknown")
        }
        job = EventJob(sportradar_id, event.header.kickoff_at, listings)
        for fetched in await within(self._clock, REFRESH_DEADLINE_S, self._coordinator.refresh(job)):
            self._note_gone(fetched)

    # --- one run ------------------------------------------------------------------------------------------

    def _begin(
        self, trigger: Trigger, bookmakers: Sequence[str] | None = None, only: Work | None = None
    ) -> _Run:
        if self._run:
            raise RunActive(self._run.report.run_id)
        asked = self._asked(bookmakers)
        if trigger != "scheduled":
            for code in asked:
                self._limiters[code].breaker.half_open()
        report = RunReport(str(uuid_utils.uuid7()), trigger, "pending", self._clock.now())
        progress = ProgressFeed(report.run_id, self._bus, self._clock, self._coordinator.in_flight)
        run = self._run = _Run(report, asked, only, progress)
        self._beat(run)
        run.task = asyncio.create_task(self._do(run), name=f"run-{report.run_id}")
        # A task cancelled before its first step runs no line of its own, not even a finally.
        run.task.add_done_callback(lambda _: self._close(run))
        return run

    def _asked(self, bookmakers: Sequence[str] | None) -> tuple[str, ...]:
        if bookmakers is None:
            return self._settings.enabled_bookmakers
        return self._settings.enabled_among(bookmakers)

    async def _do(self, run: _Run) -> None:
        report = run.report
        try:
            report.status = "running"
            log.info(
                "run_started", run_id=report.run_id, trigger=report.trigger, bookmakers=list(run.bookmakers)
            )
            await self._records.record_run(report)
            await self._scrape(run)
            run.tally.conclude()
        except asyncio.CancelledError:
            report.status, report.reason = "failed", run.cancelled_because or "it was cancelled"
        except Exception as exc:  # the scheduler and the API outlive a run, whatever ended it
            log.exception("run_crashed", run_id=report.run_id)
            report.status, report.reason = "failed", f"{type(exc).__name__}: {exc}"
        report.finished_at = self._clock.now()
        await self._record_end(report)
        self._close(run)

    async def _scrape(self, run: _Run) -> None:
        started, spent_before = self._clock.monotonic(), self._records.spent_ms
        run.progress.enter("discover", dict.fromkeys(run.bookmakers, 0))

        def on_answer(code: str) -> None:
            run.tally.answered(code)
            self._step(run, code)

        discovered = await self._discovery.run(run.bookmakers, run.report.run_id, on_answer)
        run.tally.add_discovery(discovered)
        run.tally.add_phase("discover", (self._clock.monotonic() - started) * 1000)
        jobs = [run.only.part_of(job) for job in discovered.jobs] if run.only else discovered.jobs
        await self._fetch(run, jobs)
        for phase, ms in self._records.spent_ms.items():
            run.tally.add_phase(phase, ms - spent_before.get(phase, 0.0))
        run.tally.count_unmapped(jobs, self._cache)

    async def _fetch(self, run: _Run, jobs: Sequence[EventJob]) -> None:
        run.tally.expect(jobs)
        totals = Counter(code for job in jobs for code in job.listings)
        run.progress.enter("fetch", {code: totals[code] for code in run.bookmakers})
        self._beat(run)

        def on_fetched(fetched: Fetched) -> None:
            run.tally.add(fetched)
            self._note_gone(fetched)
            self._step(run, fetched.bookmaker, fetched.error is not None)

        await self._coordinator.scrape(jobs, run.report.run_id, on_fetched)
        run.progress.publish()
        await self._records.flush()
        self._beat(run)

    def _step(self, run: _Run, bookmaker: str, failed: bool = False) -> None:
        self._beat(run)
        run.progress.step(bookmaker, failed)

    def _beat(self, run: _Run) -> None:
        run.beat_at = self._clock.monotonic()

    def _note_gone(self, fetched: Fetched) -> None:
        if isinstance(fetched.error, EventGone):
            self._discovery.note_gone(fetched.sportradar_id, fetched.bookmaker)

    async def _record_end(self, report: RunReport) -> None:
        try:
            await within(self._clock, RECORD_DEADLINE_S, self._records.record_run(report))
        except (TimeoutError, OverroundError, asyncio.CancelledError) as exc:
            log.error("run_unrecorded", run_id=report.run_id, reason=f"{type(exc).__name__}: {exc}")

    def _close(self, run: _Run) -> None:
        """End the run for everyone who watches it; its report is final from here on."""
        if run.finished.done():
            return
        report = run.report
        if report.finished_at is None:
            report.status, report.finished_at = "failed", self._clock.now()
            report.reason = run.cancelled_because or "it was cancelled"
        self._run = None
        self._remember(report)
        self._left_over[report.run_id] = Work(frozenset(run.tally.failed), run.tally.failed_lists)
        while len(self._left_over) > REMEMBERED_RUNS:
            del self._left_over[next(iter(self._left_over))]
        run.progress.publish()
        self._bus.publish(RunFinished(report))
        log.info("run_finished", **msgspec.structs.asdict(report))
        run.finished.set_result(report)

    def _remember(self, report: RunReport) -> None:
        self._finished[report.run_id] = report
        while len(self._finished) > REMEMBERED_RUNS:
            del self._finished[next(iter(self._finished))]
