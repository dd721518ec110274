"""
Wiring: which part gets which, and in what order a process starts and stops.

Start: lock -> migrate -> warm cache -> replay spool -> queue -> analysis -> intake -> scheduler -> ready.
Stop:  scheduler -> running run -> intake -> analysis -> queue drain (deadline) -> the rest waits in the spool.
"""

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec

from overround import __version__
from overround.alerting.channels import Channels, from_environment
from overround.alerting.desk import AlertDesk, make_senders
from overround.alerting.guard import Guard, read_networks
from overround.alerting.sight import World, WriterFacts
from overround.analysis.desk import AnalysisDesk
from overround.analysis.exposure_log import WRITE_EVERY_S as EXPOSURES_EVERY_S
from overround.analysis.exposure_log import ExposureLog
from overround.analysis.past_movements import MovementRebuild
from overround.analysis.rollups import CLOSE_EVERY_S, WRITE_EVERY_S, Rollups
from overround.api.ports import LimiterSummary, ProcessSummary, ScheduleSummary, Services, SpoolSummary
from overround.api.schemas import optional_ms
from overround.bookmakers import registry
from overround.bookmakers.http import Transport, ask_through
from overround.bookmakers.limiter import Limiter
from overround.bus.memory import MemoryBus
from overround.cache.odds_cache import OddsCache
from overround.clock import Clock, SystemClock, within
from overround.config import ProcessConfig, Settings, SettingValue, packaged_catalogue
from overround.domain.catalogue import Catalogue
from overround.domain.current import CurrentListing
from overround.domain.diff import Confirmation
from overround.domain.jobs import SCRAPE
from overround.domain.runs import EventOutcome, Phase, RunPoint, RunReport, SourceHealth
from overround.domain.sanity import Sanity
from overround.errors import ConfigError, StorageError
from overround.log import get_logger
from overround.loop_metrics import LoopMetrics
from overround.scheduling.reconnection import Reconnection
from overround.scheduling.scheduler import Scheduler
from overround.scheduling.stale_detection import CHECK_EVERY_S, StaleDetection
from overround.scraping.acceptance import Acceptance, Deliver, Door
from overround.scraping.admission import Admission
from overround.scraping.coordinator import EventCoordinator
from overround.scraping.discovery import Discovery
from overround.scraping.fast_lane import FastLane
from overround.scraping.gauges import PipelineGauges
from overround.scraping.health import Sources
from overround.scraping.inputs import Answered, Input, ScopedAnswered
from overround.scraping.intake import Intake
from overround.scraping.lane import Means
from overround.scraping.parser_thread import ParserThread
from overround.scraping.price_age import PriceAges
from overround.scraping.recording import CHANGED_MAX_BYTES, Recorder, RecordTo, SegmentWriter, session_name
from overround.scraping.recording_format import Began
from overround.scraping.runs import Runs
from overround.scraping.upkeep import Upkeep
from overround.storage.access import AccessStore
from overround.storage.alerts import AlertStore
from overround.storage.data_dir import DataDir
from overround.storage.desk import StorageDesk
from overround.storage.growth import SAMPLE_EVERY
from overround.storage.partitions import drop_days, look_after_partitions
from overround.storage.postgres_database import PostgresDatabase
from overround.storage.records import WriteBatch
from overround.storage.repository import Repository
from overround.storage.store import Store, open_repository, open_store
from overround.storage.write_handler import apply_around, apply_waiting
from overround.storage.write_queue import AsyncWriteQueue

log = get_logger(__name__)

SCHEDULE_PAUSED = "schedule_paused"  # stored beside the settings, for it outlives the process like them
STARTED_EVERY_S, UNKNOWN_EVERY_S, EVICT_EVERY_S, TIDY_EVERY_S = 5.0, 10.0, 60.0, 3600.0
KEEP_WITHIN_S = 5.0  # at the end: a silent database does not hold it up
GAUGES_EVERY_S = PRICE_AGE_EVERY_S = 10.0


class Engine:
    """
    The product without its API: everything between the bookmakers' bytes and the disk.

    Made without I/O; `open` and `close` do the rest. The caller holds the data directory's lock.
    """

    def __init__(
        self,
        config: ProcessConfig,
        clock: Clock | None = None,
        queued: bool = True,
        record_to: RecordTo | None = None,
    ) -> None:
        """
        Put the parts together.

        Args:
            queued: False writes each accepted batch to the database directly: for one run from the command line.
            record_to: Where everything that is taken in is kept; its folder is the caller's to hold.
        """
        self.config, self.clock, self._queued = config, clock or SystemClock(), queued
        self.catalogue: Catalogue = packaged_catalogue()
        self.settings = Settings(allowed=config.enabled)
        self.bus, self.cache = MemoryBus(), OddsCache(self.catalogue)
        self.analysis = AnalysisDesk(self.cache, self.bus, self.settings, self.catalogue, self.clock)
        self.exposure_log = ExposureLog(self.clock)
        self.analysis.on_analysis(self.exposure_log.note)
        self.rollups = Rollups(self.cache, self.bus, self.settings, self.catalogue, self.clock)
        self.data_dir = DataDir(config.data_dir)
        self.stored, self.desk = _Stored(), StorageDesk(self.settings, self.clock)
        self.access = AccessStore()
        self._build_alerting()
        self.store: Store | None = None
        self.queue: AsyncWriteQueue | None = None
        self.loop_metrics = LoopMetrics(self.clock)
        self._build_scraping()
        self._build_recording(record_to)
        self._build_schedule()

    async def open(self) -> None:
        """
        Start in order; when it returns, runs may begin. After a failure it may be called again.

        Raises:
            ConfigError: Another world, another country, or files that don't belong together.
            StorageError: A file can't be read or written.
        """
        self.loop_metrics.start()
        _freeze()  # what was imported, before much is loaded on top of it
        store = self.store = await self._open_store()
        await self._warm(store)
        orphans = await store.fail_orphans(self.clock.now())
        if self._queued:
            self.queue = AsyncWriteQueue(
                store.spool, store.writer, self.clock, self.settings, self._confirmations,
                on_phase=self.intake.count_spent, market_name=store.market_name,
            )  # fmt: skip
            await self.queue.start()
        else:
            await apply_waiting(store.spool, store.writer, self.clock, store.market_name)
        database = store.repository.database
        drop_history = partial(drop_days, database) if isinstance(database, PostgresDatabase) else None
        self.desk.open(database, store.writer, store.spool, drop_history)
        _freeze()
        delivery: tuple[Deliver, Phase] = (
            (self._enqueue, "enqueue") if self._queued else (self._write, "write")
        )
        if self._queued:
            self.analysis.restore(await self.exposure_log.start(self.desk.exposures()))
            await self.analysis.start(
                MovementRebuild(
                    self.desk, self.cache, self.settings, self.catalogue, self.clock, store.spool.last_seq
                )
            )
            await self.rollups.start(self.desk.rollups())
            await self.alerts.start()
        await self.intake.start(Door(store.spool, store.encoder, *delivery))
        log.info(
            "engine_opened", events=len(self.cache), orphans=len(orphans), world=self.config.effective_world()
        )

    async def finish_writing(self) -> None:
        """
        Write what waits, without a queue, and the newest confirmation of every listing.

        Raises:
            StorageError: The database does not take it; it waits in the spool.
        """
        assert self.store is not None
        await apply_waiting(self.store.spool, self.store.writer, self.clock, self.store.market_name)
        await self.store.writer.confirm(self._confirmations())

    async def close(self) -> None:
        """Stop in order; what the database did not take by the deadline waits in the spool."""
        await self.scheduler.stop()
        await self.fast_lane.stop()
        await self.runs.cancel("the process was stopped")
        await self.coordinator.close()
        await self.intake.stop()
        self.parser.close()
        await self.analysis.stop()
        await self._stop_keepers()
        if self.queue:
            await self.queue.stop()
        for recorder in self._recorders:
            await asyncio.to_thread(recorder.stop)
        await self.transport.close()
        await self._close_store()
        await self.loop_metrics.stop()
        log.info("engine_closed")

    async def _stop_keepers(self) -> None:
        """Let what analysis has to keep be written, unless the database is silent."""
        stopping = asyncio.gather(self.exposure_log.stop(), self.rollups.stop(), self.alerts.stop())
        try:
            await within(self.clock, KEEP_WITHIN_S, stopping)
        except TimeoutError:
            log.warning(
                "analysis_not_kept", reason=f"the database did not take it within {KEEP_WITHIN_S:.0f} s"
            )

    def services(self, not_ready: Callable[[], list[str]]) -> Services:
        """Return what the API needs; `not_ready` adds the process's own reasons."""
        return Services(
            cache=self.cache,
            bus=self.bus,
            settings=self.settings,
            setting_store=self.stored,
            catalogue=self.catalogue,
            clock=self.clock,
            world=self.config.effective_world(),
            runs=self.runs,
            refresh=self.runs,
            schedule=self.scheduler,
            health=_ProcessHealth(self, not_ready),
            storage=self.desk,
            access=self.access,
            analysis=self.analysis,
            alerts=self.alerts,
        )

    async def _open_store(self) -> Store:
        await self._close_store()
        config = self.config
        countries = {code: config.country(code) for code in config.enabled}
        repository = await open_repository(
            self.data_dir, config.effective_world(), countries, self.clock, config.database_url
        )
        self.stored.repository = repository
        self.access.open(repository.database)
        self._alert_store.open(repository.database)
        stored = await repository.settings.load()
        self.scheduler.restore(bool(stored.pop(SCHEDULE_PAUSED, False)))
        if left := self.settings.restore(stored):
            log.warning("settings_ignored", keys=left)
        return await open_store(self.data_dir, repository, self.settings)

    async def _close_store(self) -> None:
        self.desk.close()
        self.access.open(None)
        self._alert_store.open(None)
        if self.store:
            await self.store.close()
        elif self.stored.repository:
            await self.stored.repository.close()
        self.store = self.stored.repository = None

    async def _warm(self, store: Store) -> None:
        """Fill the cache from the database, then from what waits in the spool."""
        grace = timedelta(minutes=self.settings.number("eviction_grace_minutes"))
        current = await store.repository.load_current(self.clock.now() - grace)
        self.cache.load(_unconfirmed(current))
        async for changes in store.waiting():
            self.cache.apply(changes)

    def _build_alerting(self) -> None:
        config, clock = self.config, self.clock
        self._alert_store = AlertStore()
        senders = make_senders(_guard(config), clock, config.user_agent)
        given = from_environment(config.alert_channels, config.alert_secret)
        world = World(self.cache, self.analysis, self.settings, self.catalogue, clock, _AlertFacts(self))
        channels = Channels(self._alert_store, senders, given, clock)
        self.alerts = AlertDesk(world, self._alert_store, channels, senders)

    def _build_scraping(self) -> None:
        config, clock, settings = self.config, self.clock, self.settings
        self.bookmakers = {
            code: registry.create(code, self.catalogue, config.base_url(code), config.country(code))
            for code in config.enabled
        }
        limiters = self.limiters = {code: Limiter(code, settings, clock) for code in self.bookmakers}
        self.sources = Sources(limiters, settings, self.bus, clock)
        self.transport = Transport(config.user_agent, clock)
        acceptance = Acceptance(self.cache, self.bus, settings, clock)
        self.parser = ParserThread()
        self.intake = Intake(
            acceptance, self.bookmakers, Sanity(self.catalogue), self.stored.listings_of, self.parser
        )
        admission = Admission(limiters, settings, clock)
        self.coordinator = EventCoordinator(
            self.bookmakers, self.transport, admission, self.intake, self.sources, clock
        )
        means = Means(
            self.transport,
            admission,
            self.coordinator,
            self.intake,
            self.sources,
            self.cache,
            settings,
            clock,
        )
        self.fast_lane = FastLane(self.bookmakers, limiters, means, self.bus, lambda: self.scheduler.paused)
        asks = {
            code: self.fast_lane.listening(
                code, ask_through(self.transport, code, admission.admit_lists(code), clock)
            )
            for code in self.bookmakers
        }
        discovery = Discovery(
            self.bookmakers, asks.__getitem__, self.cache, self.intake, self.sources, settings, clock
        )
        discovery.on_list(self.fast_lane.adopt)
        self.runs = Runs(
            discovery, self.coordinator, self.intake, self.cache, self.bus, limiters, settings, clock,
            self.stored,
        )  # fmt: skip

    def _build_recording(self, record_to: RecordTo | None) -> None:
        config, settings, clock = self.config, self.settings, self.clock
        countries = {code: config.country(code) for code in config.enabled}
        session = session_name(clock.now(), os.getpid())
        began = Began(session, config.effective_world(), countries, __version__)

        def days() -> int:
            return settings.number("record_changed_days")

        def wants(taken_in: Input) -> bool:
            return isinstance(taken_in, Answered | ScopedAnswered) and taken_in.changed and days() > 0

        def keep() -> timedelta | None:
            return timedelta(days=days()) if days() else None

        changed = SegmentWriter(self.data_dir.recordings, began, clock, CHANGED_MAX_BYTES, keep)
        self._changed = Recorder(changed, clock, "changed", wants)
        self._recorders = [self._changed]
        if record_to:
            whole = SegmentWriter(record_to.folder, began, clock, record_to.max_bytes)
            self._recorders.append(Recorder(whole, clock, "all"))
        self.intake.listeners += self._recorders

    async def _look_after_history(self) -> None:
        if self.store and isinstance(self.store.repository.database, PostgresDatabase):
            await look_after_partitions(self.store.repository.database, self.clock.now())

    async def _tidy_recordings(self) -> None:
        await asyncio.to_thread(self._changed.tidy)

    def _build_schedule(self) -> None:
        settings = self.settings
        upkeep = Upkeep(self.cache, self.intake, self.sources, settings, self.clock)
        self.scheduler = Scheduler(self.clock, save_paused=self.stored.save_paused)
        self._add_job("started", STARTED_EVERY_S, upkeep.mark_started)
        self._add_job("unknown", UNKNOWN_EVERY_S, upkeep.mark_unknown)
        self._add_job("evict", EVICT_EVERY_S, upkeep.evict)
        gauges = PipelineGauges(self.cache, self.limiters.values(), self.sources.all, self.runs.active)
        self._add_job("gauges", GAUGES_EVERY_S, gauges.sample)
        self._add_job("price_age", PRICE_AGE_EVERY_S, PriceAges(self.cache, self.clock).sample)
        self._add_job("recordings", TIDY_EVERY_S, self._tidy_recordings)
        self._add_job("history_days", TIDY_EVERY_S, self._look_after_history)
        self._add_job("exposures", EXPOSURES_EVERY_S, self.exposure_log.write)
        self._add_job("rollups", WRITE_EVERY_S, self.rollups.write)
        self._add_job("rollup_closes", CLOSE_EVERY_S, self.rollups.close)
        self._add_storage_jobs()
        self._add_job("watchdog", CHECK_EVERY_S, StaleDetection(self.runs, settings).check)
        settings.on_change(lambda _: self.scheduler.reconsider())
        self.runs.on_end(Reconnection(self.scheduler, self.runs, settings).look)
        self.runs.on_end(self._log_queue)

    def schedule_runs(self) -> None:
        """Let runs begin by themselves, the first at once; call before the scheduler starts."""
        self.scheduler.add(
            SCRAPE,
            lambda: self.settings.number("scrape_interval_minutes") * 60.0,
            self.runs.run_scheduled,
            run_at_start=True,
            pausable=True,
            catches_up=True,
        )

    def _add_job(self, name: str, every_s: float, action: Callable[[], Awaitable[object]]) -> None:
        self.scheduler.add(name, lambda: every_s, action)

    def _add_storage_jobs(self) -> None:
        """Add what happens once in a while, counted across restarts: at the start they look whether it is time."""
        add, hours = self.scheduler.add, self.settings.number
        add(
            "cleanup",
            lambda: hours("cleanup_frequency_hours") * 3600.0,
            self.desk.cleanup_if_due,
            run_at_start=True,
        )
        add("storage_sample", SAMPLE_EVERY.total_seconds, self.desk.sample_if_due, run_at_start=True)

    def _log_queue(self) -> None:
        if self.queue:
            self.queue.log_stats()

    async def _enqueue(self, batch: WriteBatch) -> None:
        assert self.queue is not None
        self.queue.enqueue(batch)

    async def _write(self, batch: WriteBatch) -> None:
        assert self.store is not None
        try:
            await apply_around(self.store.writer, batch, self.clock.now(), self.store.market_name)
            await self.store.spool.trim(batch.change_id)
        except StorageError as exc:  # it waits in the spool; `finish_writing` tries again and says so
            log.warning("write_postponed", batch=batch.change_id, reason=str(exc))

    def _confirmations(self) -> Sequence[Confirmation]:
        return [
            Confirmation(event.header.sportradar_id, bookmaker, entry.confirmed_at)
            for event in self.cache
            for bookmaker, entry in event.listings.items()
            if entry.confirmed_at
        ]


class _Stored:
    """What the database keeps besides prices, for parts that are made before it is open."""

    def __init__(self) -> None:
        self.repository: Repository | None = None

    async def save(self, changes: Mapping[str, SettingValue]) -> None:
        """Store changed settings. Raises: StorageError."""
        await self._opened().settings.save(changes)

    async def listings_of(self, sportradar_ids: Sequence[str]) -> list[CurrentListing]:
        """Return what the database has of these events, none of it confirmed. Raises: StorageError."""
        return _unconfirmed(await self._opened().load_events(sportradar_ids))

    async def save_paused(self, paused: bool) -> None:
        """Store whether runs wait. Raises: StorageError."""
        await self._opened().settings.save({SCHEDULE_PAUSED: paused})

    async def run_outcomes(self, run_id: str) -> list[EventOutcome]:
        """Return what brought no prices in a run. Raises: StorageError."""
        return await self._opened().run_outcomes(run_id)

    async def run(self, run_id: str) -> RunReport | None:
        """Return a run's report, None when the database has none. Raises: StorageError."""
        return await self._opened().run(run_id)

    async def recent_runs(self, limit: int, offset: int = 0) -> list[RunReport]:
        """Return runs, newest first. Raises: StorageError."""
        return await self._opened().recent_runs(limit, offset)

    async def run_points(self, since: datetime) -> list[RunPoint]:
        """Return runs as points of a chart, oldest first. Raises: StorageError."""
        return await self._opened().run_points(since)

    def _opened(self) -> Repository:
        if self.repository is None:
            raise StorageError(None, "the database is not open yet")
        return self.repository


def _guard(config: ProcessConfig) -> Guard:
    """Return what alerts may reach. Raises: ConfigError."""
    try:
        return Guard(read_networks(config.alert_allow))
    except ValueError as exc:
        raise ConfigError(
            "OVERROUND_ALERT_ALLOW", f"{exc}; write networks like 10.1.0.0/16, 127.0.0.1"
        ) from exc


class _AlertFacts:
    """What alert rules may be about beside prices."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def sources(self) -> Sequence[SourceHealth]:
        return self._engine.sources.all()

    def writer(self) -> WriterFacts:
        queue = self._engine.queue
        if queue is None:
            return WriterFacts(0, 0.0, "")
        stats = queue.stats()
        return WriterFacts(stats.lag, stats.oldest_age_s, stats.paused)


class _ProcessHealth:
    """What the process knows of itself, for the API."""

    def __init__(self, engine: Engine, not_ready: Callable[[], list[str]]) -> None:
        self._engine, self._not_ready = engine, not_ready

    def not_ready(self) -> list[str]:
        blocked = self._engine.intake.blocked
        return self._not_ready() + ([blocked] if blocked else [])

    def writer_waits(self) -> list[str]:
        queue = self._engine.queue
        return [queue.paused] if queue and queue.paused else []

    def sources(self) -> list[SourceHealth]:
        return self._engine.sources.all()

    def summary(self) -> ProcessSummary:
        engine, queue, store = self._engine, self._engine.queue, self._engine.store
        next_run_at = optional_ms(engine.scheduler.next_run_at())
        return ProcessSummary(
            scheduler=ScheduleSummary(engine.scheduler.paused, next_run_at),
            connection_lost_since=optional_ms(engine.runs.connection_lost_since),
            cache=engine.cache.stats(),
            spool=SpoolSummary(store.spool.size_bytes, store.spool.full) if store else None,
            write_queue=queue.stats() if queue else None,
            limiters={
                code: LimiterSummary(
                    in_flight=limiter.in_flight,
                    ceiling=limiter.ceiling,
                    limit=engine.settings.number(f"{code}_concurrency"),
                    throttled=limiter.throttled,
                    closed_s=round(limiter.closed_s(), 1),
                )
                for code, limiter in engine.limiters.items()
            },
        )


# Young objects are looked at as often as ever, old ones a hundredth as often: of the 12 full collections in a first
# run of 540,000 markets each found nothing and held up the loop for 60 to 90 ms.
GC_THRESHOLDS = (700, 10, 1_000)


def _freeze() -> None:
    """Take what is in memory now out of the collector's sight: it stays, so no collection has to look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def _unconfirmed(listings: Sequence[CurrentListing]) -> list[CurrentListing]:
    """Return listings as a new process may show them: nobody has answered it yet, so none is open."""
    return [
        msgspec.structs.replace(current, listing=msgspec.structs.replace(current.listing, state="unknown"))
        if current.listing.state == "open"
        else current
        for current in listings
    ]
