"""What the API needs of the rest of the process; wiring fills it in. API and scraping never import each other."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from overround.analysis.records import AnalysisFeed
from overround.api.schemas import Instant
from overround.bus.base import Bus
from overround.cache.odds_cache import CacheStats, OddsCache
from overround.clock import Clock
from overround.config import Settings, SettingValue, World
from overround.domain.access import ApiKey, AuditEntry, BrowserSession
from overround.domain.alerts import (
    Alert,
    AlertFilter,
    AlertListener,
    AlertPage,
    ChannelView,
    Delivery,
    Preview,
    Rule,
    RuleSpec,
    RuleStanding,
)
from overround.domain.catalogue import Catalogue
from overround.domain.current import CurrentListing
from overround.domain.jobs import JobState
from overround.domain.markets import MarketKey
from overround.domain.runs import EventOutcome, RunPoint, RunReport, SourceHealth
from overround.storage.changes import StoredChange, Window
from overround.storage.dead_letters import DeadLetter, LetterOutcome, LetterState
from overround.storage.growth import Alert as StorageAlert
from overround.storage.growth import Sample
from overround.storage.history import EventHistory
from overround.storage.retention import CleanupReport, TablePart
from overround.storage.rollups import RollupStore
from overround.storage.write_queue import QueueStats


class RunControl(Protocol):
    """Start and watch scrape runs."""

    def start(self, bookmakers: Sequence[str] | None = None) -> RunReport:
        """
        Start a manual run in the background and return its first report.

        Raises:
            RunActive: One is on already; carries its id.
            ConfigError: A bookmaker that is unknown or switched off.
        """
        ...

    async def retry(
        self, run_id: str, bookmakers: Sequence[str] | None = None, only_failed: bool = True
    ) -> RunReport:
        """
        Start a run over what an earlier one left over, or with `only_failed` false over everything.

        Raises:
            RunActive, ConfigError: As `start`.
            StorageError: What it left over can't be read.
        """
        ...

    async def wait(self, run_id: str, timeout_s: float) -> RunReport | None:
        """Return the finished report, or None when the run still goes on after `timeout_s`."""
        ...

    def active(self) -> RunReport | None:
        """Return the report of the run that is on, as far as it is."""
        ...

    def silent_s(self) -> float:
        """Return the seconds since the run that is on last made progress, 0 without one."""
        ...

    @property
    def connection_lost_since(self) -> datetime | None:
        """Return since when no bookmaker answers at all, None while somebody does."""
        ...

    async def get(self, run_id: str) -> RunReport | None:
        """Return a run's report from memory or the database."""
        ...

    async def outcomes(self, run_id: str) -> list[EventOutcome]:
        """Return the events that brought no prices in a run, as far as they are named."""
        ...

    async def recent(self, limit: int, offset: int = 0) -> list[RunReport]:
        """Return runs, newest first."""
        ...

    async def points(self, since: datetime) -> list[RunPoint]:
        """Return runs that started since then and ended, oldest first, as points of a chart."""
        ...


class Refresh(Protocol):
    """Fetch one event now."""

    async def refresh(self, sportradar_id: str) -> None:
        """
        Fetch the event at every enabled bookmaker that lists it and return when its prices are in the cache.

        Raises:
            UnknownEvent: Nobody lists it.
            TimeoutError: Past the deadline.
        """
        ...


class Schedule(Protocol):
    """What happens by itself and when."""

    @property
    def paused(self) -> bool:
        """Return whether runs wait for `resume`."""
        ...

    def next_run_at(self) -> datetime | None:
        """Return the time of the next scheduled run, None when paused or without scheduler."""
        ...

    def jobs(self) -> list[JobState]:
        """Return every job with its times and counts."""
        ...

    async def pause(self) -> None:
        """
        Let runs wait, also after a restart.

        Raises:
            StorageError: It could not be stored, so nothing changed.
        """
        ...

    async def resume(self) -> None:
        """Let runs go on. Raises as `pause`."""
        ...


class ScheduleSummary(msgspec.Struct, frozen=True):
    """Whether runs begin by themselves."""

    paused: bool
    next_run_at: Instant | None


class SpoolSummary(msgspec.Struct, frozen=True):
    """What is accepted and not yet in the database."""

    bytes: int
    full: bool


class LimiterSummary(msgspec.Struct, frozen=True):
    """How hard one bookmaker is asked."""

    in_flight: int
    ceiling: int  # now
    limit: int  # as set
    throttled: int
    closed_s: float  # for how long nothing is asked yet, 0 when it is


class ProcessSummary(msgspec.Struct, frozen=True):
    """What the process says of itself in GET /api/health."""

    scheduler: ScheduleSummary
    connection_lost_since: Instant | None  # no bookmaker answers at all
    cache: CacheStats
    spool: SpoolSummary | None  # null until the storage is open
    write_queue: QueueStats | None
    limiters: dict[str, LimiterSummary]  # by bookmaker


class Health(Protocol):
    """What the process knows of itself, from results only."""

    def not_ready(self) -> list[str]:
        """Return one sentence per reason why nothing can be accepted; empty when scraping works."""
        ...

    def writer_waits(self) -> list[str]:
        """Return why the database writer waits for an operator; what is accepted meanwhile is safe in the spool."""
        ...

    def sources(self) -> list[SourceHealth]:
        """Return every configured bookmaker's health."""
        ...

    def summary(self) -> ProcessSummary:
        """Return figures of cache, spool and queue for GET /api/health."""
        ...


class SettingStore(Protocol):
    """Where live settings outlive the process."""

    async def save(self, changes: Mapping[str, SettingValue]) -> None:
        """Store the changed settings."""
        ...


class Storage(Protocol):
    """History, dead letters, sizes and cleanups; every method raises StorageError while the database is away."""

    async def history(
        self, sportradar_id: str, key: MarketKey, bookmakers: Sequence[str]
    ) -> EventHistory | None:
        """Return a market's history at these bookmakers, None when the database has no such event."""
        ...

    async def events(self, sportradar_ids: Sequence[str]) -> list[CurrentListing]:
        """Return the newest state of every listing of these events."""
        ...

    async def listings(self, since: datetime, until: datetime) -> list[CurrentListing]:
        """Return the listings of events with since <= kickoff < until, without their markets."""
        ...

    def changes(
        self, sportradar_id: str, bookmakers: Sequence[str]
    ) -> AsyncIterator[tuple[str, list[StoredChange]]]:
        """Yield (bookmaker, every stored change of its markets by market, oldest first) for an event."""
        ...

    async def window(
        self, sportradar_id: str, bookmakers: Sequence[str], window: Window, limit: int
    ) -> dict[str, list[StoredChange]] | None:
        """Return an event's changes within a window and what stood before them; None where they are too many."""
        ...

    async def newest_change(self) -> int:
        """Return the newest change id that the database holds."""
        ...

    async def changed_listings(self, since: datetime, until: datetime) -> list[CurrentListing]:
        """Return the listings that changed within a time, without markets."""
        ...

    def rollups(self) -> RollupStore:
        """Return where margins and positions over time are kept."""
        ...

    async def dead_letters(
        self, state: LetterState | None, limit: int, offset: int
    ) -> tuple[list[DeadLetter], int]:
        """Return letters, newest first, and how many there are."""
        ...

    async def dead_letter(self, letter_id: int) -> tuple[DeadLetter, dict[str, Any]] | None:
        """Return a letter and what it holds, None without such a letter."""
        ...

    async def replay(self, letter_ids: Sequence[int]) -> list[LetterOutcome]:
        """Write letters after all."""
        ...

    async def discard(self, letter_ids: Sequence[int]) -> list[LetterOutcome]:
        """Give letters up."""
        ...

    async def size_now(self) -> tuple[int, int, int]:
        """Return the bytes of the database, of what is free in it, and of the spool."""
        ...

    async def disk_free(self) -> int | None:
        """Return the free bytes of the database's disk, None where that is another machine's."""
        ...

    async def oldest(self) -> dict[str, datetime | None]:
        """Return how far each table that keeps times goes back."""
        ...

    async def samples(self, limit: int) -> list[Sample]:
        """Return daily samples, newest first."""
        ...

    async def alerts(self, limit: int) -> list[StorageAlert]:
        """Return alerts about the storage's size, newest first."""
        ...

    async def cleanup_preview(self) -> list[TablePart]:
        """Return what a cleanup would delete now."""
        ...

    async def cleanup(self) -> CleanupReport:
        """
        Clean now.

        Raises:
            CleanupActive: One is on.
        """
        ...

    async def cleanups(self, limit: int) -> list[CleanupReport]:
        """Return cleanups, newest first."""
        ...


class Access(Protocol):
    """Keys, browser sessions and the audit; every method raises StorageError while the database is away."""

    async def keys(self) -> list[ApiKey]:
        """Return every key there ever was."""
        ...

    async def sessions(self, now: datetime) -> list[BrowserSession]:
        """Return the sessions that have not run out."""
        ...

    async def open_session(self, session: BrowserSession) -> None:
        """Store a browser's session."""
        ...

    async def close_session(self, digest: str) -> None:
        """Forget a browser's session."""
        ...

    async def note(self, entry: AuditEntry) -> None:
        """Store what somebody did."""
        ...

    async def audit(self, limit: int, offset: int = 0) -> tuple[Sequence[AuditEntry], int]:
        """Return what was done, newest first, and how many entries there are."""
        ...


class Alerts(Protocol):
    """Alerts, their rules and channels; what has to be stored raises StorageError while the database is away."""

    def on_alert(self, listener: AlertListener) -> None:
        """Call `listener` with every alert that became another and its deliveries; it must not wait or raise."""
        ...

    async def page(self, wanted: AlertFilter, limit: int, offset: int) -> AlertPage:
        """Return alerts, newest first; open ones also while the database is away."""
        ...

    def deliveries_of(self, alert_id: str) -> Sequence[Delivery]:
        """Return the deliveries of an open alert."""
        ...

    def acknowledge(self, alert_id: str, by: str) -> list[Alert] | None:
        """Acknowledge an open alert and what is open of its rule and event; None when it is not open."""
        ...

    def snooze(self, alert_id: str, minutes: int | None) -> list[Alert] | None:
        """Put off an open alert's rule at its event, until kickoff with None. Raises: ConfigError."""
        ...

    async def rules(self) -> list[RuleStanding]:
        """Return every rule with how noisy it is."""
        ...

    async def create_rule(self, spec: RuleSpec) -> Rule:
        """Make a rule. Raises: ConfigError."""
        ...

    async def replace_rule(self, rule_id: str, spec: RuleSpec) -> Rule | None:
        """Change a rule, None without such a rule. Raises: ConfigError."""
        ...

    async def delete_rule(self, rule_id: str) -> bool:
        """Forget a rule; False without such a rule."""
        ...

    async def preview(self, spec: RuleSpec) -> Preview:
        """Return what a rule would have done in the last 24 hours. Raises: ConfigError."""
        ...

    def channel_views(self) -> list[ChannelView]:
        """Return every channel without what is secret in it."""
        ...

    async def add_channel(self, name: str, url: str) -> tuple[ChannelView, str]:
        """Make a channel; return it and the secret of its webhooks. Raises: ConfigError."""
        ...

    async def delete_channel(self, name: str) -> bool:
        """Forget a channel; False without such a channel. Raises: ConfigError."""
        ...

    async def test_channel(self, name: str) -> str | None:
        """Send a test; return why it failed, "" when it arrived, None without such a channel."""
        ...


class Services(msgspec.Struct):
    """Everything `create_app` needs, in one value."""

    cache: OddsCache
    bus: Bus
    settings: Settings
    setting_store: SettingStore
    catalogue: Catalogue
    clock: Clock
    world: World
    runs: RunControl
    refresh: Refresh
    schedule: Schedule
    health: Health
    storage: Storage
    analysis: AnalysisFeed
    access: Access
    alerts: Alerts
