"""Runs: one pass over all events at a time, from discovery to the last accepted answer, with its report."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec
import uuid_utils

from overround import metrics
from overround.bookmakers.limiter import Limiter
from overround.bus.base import Bus
from overround.cache.odds_cache import OddsCache
from overround.clock import Clock, within
from overround.config import Settings
from overround.domain.runs import EventOutcome, RunFinished, RunPoint, RunReport, Trigger, run_point
from overround.errors import EventGone, OverroundError, RunActive, UnknownEvent
from overround.log import get_logger
from overround.scraping.connection import Connection
from overround.scraping.coordinator import EventCoordinator, EventJob, Fetched
from overround.scraping.discovery import Discovery, Found
from overround.scraping.progress import ProgressFeed
from overround.scraping.tally import Tally
from overround.scraping.work import Work, left_over

log = get_logger(__name__)

REMEMBERED_RUNS = 50
REFRESH_DEADLINE_S = 15.0
HEARTBEAT_S = 15.0  # how often the state of the run that is on becomes durable
RECORD_DEADLINE_S = 3.0  # a run's end does not wait longer for the disk; it is written when the disk is back


class RunRecords(Protocol):
    """Where a run's start and end become durable; `Intake` is one."""

    @property
    def spent_ms(self) -> Mapping[str, float]: ...
    async def record_run(self, report: RunReport, outcomes: Sequence[EventOutcome] = ()) -> None: ...
    async def flush(self) -> None: ...


class RunArchive(Protocol):
    """Runs of earlier days and processes, as the database has them; `Repository` is one."""

    async def run(self, run_id: str) -> RunReport | None: ...
    async def recent_runs(self, limit: int, offset: int = 0) -> list[RunReport]: ...
    async def run_outcomes(self, run_id: str) -> list[EventOutcome]: ...
    async def run_points(self, since: datetime) -> list[RunPoint]: ...


class _Run:
    """The run that is on."""

    def __init__(
        self,
        report: RunReport,
        bookmakers: Sequence[str],
        only: Work | None,
        progress: ProgressFeed,
        clock: Clock,
    ) -> None:
        self.report, self.bookmakers, self.only, self.progress = report, bookmakers, only, progress
        self.tally = Tally(report, bookmakers)
        self._clock, self._started = clock, clock.monotonic()
        self.beat_at = 0.0
        self.is_concluded = False
        self.cancelled_because = ""
        self.finished: asyncio.Future[RunReport] = asyncio.get_running_loop().create_future()
        self.task: asyncio.Task[None] | None = None
        self.beat()

    def parts_of(self, jobs: Iterable[EventJob]) -> list[EventJob]:
        """Return what this run covers of the jobs."""
        covered = (self.only.part_of(job) for job in jobs) if self.only else jobs
        return [job for job in covered if job.listings]

    def beat(self) -> None:
        """Note a sign of life."""
        self.beat_at, self.report.heartbeat_at = self._clock.monotonic(), self._clock.now()

    def conclude(self) -> None:
        """Give the report its status, from what was done."""
        self.tally.conclude()
        self.is_concluded = True

    def end(self) -> None:
        """Make the report final; a run that was cut short has failed."""
        if not self.is_concluded:
            self.tally.interrupt()
            self.report.status = "failed"
            self.report.reason = self.report.reason or self.cancelled_because or "it was cancelled"
        self.report.finished_at = self._clock.now()
        self.report.duration_ms = round((self._clock.monotonic() - self._started) * 1000, 3)


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
        self._outcomes: dict[str, list[EventOutcome]] = {}  # of the runs in `_finished`
        self._listeners: list[Callable[[], None]] = []
        self._connection = Connection(limiters, settings, clock)

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

    async def retry(
        self, run_id: str, bookmakers: Sequence[str] | None = None, only_failed: bool = True
    ) -> RunReport:
        """
        Start a run over what an earlier one left over, at these bookmakers; with `only_failed` false over everything.

        Raises:
            RunActive, ConfigError: As `start`.
            StorageError: What it left over is in the database, which can't be read.
        """
        if self._run:
            raise RunActive(self._run.report.run_id)
        earlier = await self.get(run_id) if only_failed else None
        only = left_over(earlier, await self.outcomes(run_id)) if earlier else None
        if only and bookmakers is None:
            enabled = self._settings.enabled_bookmakers
            bookmakers = [code for code in enabled if code in only.bookmakers] or None
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

    @property
    def connection_lost_since(self) -> datetime | None:
        """Return since when no bookmaker answers at all, None while somebody does."""
        return self._connection.lost_since

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

    async def outcomes(self, run_id: str) -> list[EventOutcome]:
        """Return the events that brought no prices in a run, as far as they are named."""
        if self._run and self._run.report.run_id == run_id:
            return self._run.tally.outcomes
        if run_id in self._outcomes:
            return self._outcomes[run_id]
        return await self._archive.run_outcomes(run_id) if self._archive else []

    def on_end(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every run, when its report is final."""
        self._listeners.append(listener)

    async def recent(self, limit: int, offset: int = 0) -> list[RunReport]:
        """Return runs, newest first; what memory holds is newer than what the database has of it."""
        stored = await self._archive.recent_runs(limit + offset) if self._archive else []
        known = {report.run_id: report for report in stored} | self._finished
        if self._run:
            known[self._run.report.run_id] = self._run.report
        newest = sorted(known.values(), key=lambda report: (report.started_at, report.run_id), reverse=True)
        return newest[offset : offset + limit]

    async def points(self, since: datetime) -> list[RunPoint]:
        """Return runs that started since then and ended, oldest first, as points of a chart."""
        stored = await self._archive.run_points(since) if self._archive else []
        known = {point.run_id: point for point in stored}
        known |= {
            report.run_id: run_point(report)
            for report in self._finished.values()
            if report.started_at >= since
        }
        return sorted(known.values(), key=lambda point: (point.started_at, point.run_id))

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
        self._connection.ask_again(asked)
        for code in asked if trigger != "scheduled" else ():
            self._limiters[code].breaker.half_open()
        report = RunReport(str(uuid_utils.uuid7()), trigger, "pending", self._clock.now())
        progress = ProgressFeed(report.run_id, self._bus, self._clock, self._coordinator.in_flight)
        run = self._run = _Run(report, asked, only, progress, self._clock)
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
        mirroring = asyncio.create_task(self._mirror(run), name=f"heartbeat-{report.run_id}")
        try:
            report.status = "running"
            log.info(
                "run_started", run_id=report.run_id, trigger=report.trigger, bookmakers=list(run.bookmakers)
            )
            await self._records.record_run(report)
            await self._scrape(run)
            run.conclude()
        except asyncio.CancelledError:
            report.reason = run.cancelled_because
        except Exception as exc:  # the scheduler and the API outlive a run, whatever ended it
            log.exception("run_crashed", run_id=report.run_id)
            report.reason = f"{type(exc).__name__}: {exc}"
        mirroring.cancel()
        run.end()
        await self._record_end(run)
        self._close(run)

    async def _mirror(self, run: _Run) -> None:
        """Make the run's newest state durable every few seconds, as long as it makes progress."""
        mirrored = run.beat_at
        while True:
            await self._clock.sleep(HEARTBEAT_S)
            if run.beat_at > mirrored:
                mirrored = run.beat_at
                await self._records.record_run(run.report)

    async def _scrape(self, run: _Run) -> None:
        """Discover and fetch at once: what a list brings does not wait for the other lists."""
        started, spent_before = self._clock.monotonic(), self._records.spent_ms
        run.progress.enter("discover", dict.fromkeys(run.bookmakers, 0))
        fetching: list[asyncio.Task[None]] = []

        def on_answer(code: str) -> None:
            run.tally.answered(code)
            run.beat()
            if not fetching:
                run.progress.step(code)

        def on_found(found: Found) -> None:
            jobs = self._expected(run, found, is_first=not fetching)
            if jobs:
                fetching.append(
                    asyncio.create_task(self._fetch(run, jobs), name=f"fetch-{run.report.run_id}")
                )

        try:
            discovered = await self._discovery.run(run.bookmakers, run.report.run_id, on_answer, on_found)
            run.tally.add_discovery(discovered)
            run.tally.add_phase("discover", (self._clock.monotonic() - started) * 1000)
            await asyncio.gather(*fetching)
        finally:
            for one in fetching:
                one.cancel()
            await asyncio.gather(*fetching, return_exceptions=True)
        run.progress.publish()
        await self._records.flush()
        run.beat()
        for phase, ms in self._records.spent_ms.items():
            run.tally.add_phase(phase, ms - spent_before.get(phase, 0.0))
        await run.tally.count_unmapped(run.parts_of(discovered.jobs), self._cache)

    def _expected(self, run: _Run, found: Found, is_first: bool) -> list[EventJob]:
        """Take note of what was found and return what the run fetches of it."""
        jobs = run.parts_of(found.jobs)
        further = Counter(code for job in jobs for code in job.listings)
        run.tally.add_lists(found.lists)
        run.tally.expect(further)
        if jobs and is_first:
            run.progress.enter("fetch", dict.fromkeys(run.bookmakers, 0))
        if jobs:
            run.progress.expect(further)
        run.beat()
        return jobs

    async def _fetch(self, run: _Run, jobs: Sequence[EventJob]) -> None:
        def on_fetched(fetched: Fetched) -> None:
            run.tally.add(fetched)
            run.beat()
            run.progress.step(fetched.bookmaker, fetched.error is not None)
            self._note_gone(fetched)

        await self._coordinator.scrape(jobs, run.report.run_id, on_fetched)

    def _note_gone(self, fetched: Fetched) -> None:
        if isinstance(fetched.error, EventGone):
            self._discovery.note_gone(fetched.sportradar_id, fetched.bookmaker)

    async def _record_end(self, run: _Run) -> None:
        recording = self._records.record_run(run.report, run.tally.outcomes)
        try:
            await within(self._clock, RECORD_DEADLINE_S, recording)
        except (TimeoutError, OverroundError, asyncio.CancelledError) as exc:
            log.error("run_unrecorded", run_id=run.report.run_id, reason=f"{type(exc).__name__}: {exc}")

    def _close(self, run: _Run) -> None:
        """End the run for everyone who watches it; its report is final from here on."""
        if run.finished.done():
            return
        report = run.report
        if report.finished_at is None:
            run.end()
        self._run = None
        self._remember(run)
        if run.is_concluded:
            self._connection.note(run.bookmakers, run.tally.anyone_answered)
        run.progress.publish()
        self._bus.publish(RunFinished(report))
        _count_run(report)
        _log_run(report)
        run.finished.set_result(report)
        for listener in self._listeners:
            listener()

    def _remember(self, run: _Run) -> None:
        run_id = run.report.run_id
        self._finished[run_id], self._outcomes[run_id] = run.report, run.tally.outcomes
        while len(self._finished) > REMEMBERED_RUNS:
            oldest = next(iter(self._finished))
            del self._finished[oldest], self._outcomes[oldest]


def _count_run(report: RunReport) -> None:
    metrics.RUNS.labels(report.trigger, report.status).inc()
    metrics.RUN_SECONDS.observe(report.duration_ms / 1000)


def _log_run(report: RunReport) -> None:
    """Write the report as one line, without its rows per bookmaker and phase."""
    fields = msgspec.structs.asdict(report)
    del fields["phases"]
    log.info("run_finished", **fields)
