"""Fakes of what the API asks of the rest of the process, and a cache to serve from."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from overround.analysis.desk import AnalysisDesk
from overround.api.ports import LimiterSummary, ProcessSummary, ScheduleSummary, Services, SpoolSummary
from overround.bus.memory import MemoryBus
from overround.cache.odds_cache import CacheStats, OddsCache
from overround.clock import Clock
from overround.config import Settings, SettingValue, packaged_catalogue
from overround.domain.access import ApiKey, AuditEntry, BrowserSession, digest_of, new_secret
from overround.domain.access import Scope as KeyScope
from overround.domain.diff import Changes, Confirmation, ListingChanges, diff
from overround.domain.events import EventHeader, Listing, competition
from overround.domain.jobs import JobState
from overround.domain.markets import MarketKey, ParsedMarket
from overround.domain.runs import EventOutcome, RunPoint, RunReport, SourceHealth, run_point
from overround.domain.sanity import Sanity
from overround.domain.settle import Scope, settle
from overround.errors import RunActive, StorageError, UnknownEvent
from overround.storage.desk import StorageDesk
from overround.storage.write_queue import QueueStats
from tests.support.clock import START, FakeClock
from tests.support.receivers import FakeFacts, FakeReceiver, alert_desk

CATALOGUE = packaged_catalogue()
SANITY = Sanity(CATALOGUE)
BOOKMAKERS = ("betpawa", "sportybet", "bet9ja")
KICKOFF = START + timedelta(hours=3)


class FakeRuns:
    """One run at a time; it ends when the test says so, or with `ends_at_once` when somebody waits for it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.reports: dict[str, RunReport] = {}
        self.retried: tuple[str, bool] | None = None
        self.on: str | None = None
        self.silence_s = 0.0
        self.ends_at_once = False
        self.named: dict[str, list[EventOutcome]] = {}
        self.connection_lost_since: datetime | None = None
        self.asked: Sequence[str] | None = None
        self._ended = asyncio.Event()

    def start(self, bookmakers: Sequence[str] | None = None) -> RunReport:
        if self.on:
            raise RunActive(self.on)
        self.asked = bookmakers if bookmakers is None else self.settings.enabled_among(bookmakers)
        self.on = f"0197-{len(self.reports)}"
        self.reports[self.on] = RunReport(self.on, "manual", "running", START)
        return self.reports[self.on]

    async def retry(
        self, run_id: str, bookmakers: Sequence[str] | None = None, only_failed: bool = True
    ) -> RunReport:
        self.retried = (run_id, only_failed)
        return self.start(bookmakers)

    def end(self) -> None:
        assert self.on
        self.reports[self.on].status = "completed"
        self.on = None
        self._ended.set()

    async def wait(self, run_id: str, timeout_s: float) -> RunReport | None:
        if self.ends_at_once:
            self.end()
        elif timeout_s >= 1:
            await self._ended.wait()
        return self.reports[run_id] if self.on != run_id else None

    def active(self) -> RunReport | None:
        return self.reports[self.on] if self.on else None

    def silent_s(self) -> float:
        return self.silence_s if self.on else 0.0

    async def outcomes(self, run_id: str) -> list[EventOutcome]:
        return self.named.get(run_id, [])

    async def get(self, run_id: str) -> RunReport | None:
        return self.reports.get(run_id)

    async def recent(self, limit: int, offset: int = 0) -> list[RunReport]:
        return list(self.reports.values())[::-1][offset : offset + limit]

    async def points(self, since: datetime) -> list[RunPoint]:
        return [
            run_point(report)
            for report in self.reports.values()
            if report.finished_at and report.started_at >= since
        ]


class FakeRefresh:
    """Does what the test put into `outcome`: nothing, or raise it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.outcome: Exception | None = None

    async def refresh(self, sportradar_id: str) -> None:
        self.asked.append(sportradar_id)
        if self.outcome:
            raise self.outcome


class FakeSchedule:
    """A run is due in five minutes unless paused; pausing fails while the settings can't be stored."""

    def __init__(self, store: "MemorySettings") -> None:
        self.store, self.paused = store, False

    def next_run_at(self) -> datetime | None:
        return None if self.paused else START + timedelta(minutes=5)

    def jobs(self) -> list[JobState]:
        next_run_at = self.next_run_at()
        return [
            JobState("scrape", 300.0, True, False, next_run_at, START, START, 3, 1, 2, "RuntimeError: x"),
            JobState("watchdog", 120.0, False, False, START, None, None, 0, 0, 0, ""),
        ]

    async def pause(self) -> None:
        await self.store.save({"schedule_paused": True})
        self.paused = True

    async def resume(self) -> None:
        await self.store.save({"schedule_paused": False})
        self.paused = False


class FakeHealth:
    """Ready unless the test gives reasons."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.waits: list[str] = []

    def not_ready(self) -> list[str]:
        return self.reasons

    def writer_waits(self) -> list[str]:
        return self.waits

    def sources(self) -> list[SourceHealth]:
        return [SourceHealth("betpawa", "up", "", START), SourceHealth("bet9ja", "down", "timeouts", START)]

    def summary(self) -> ProcessSummary:
        return ProcessSummary(
            ScheduleSummary(False, "2026-11-24T12:05:00.000Z"), None, CacheStats(1, 3, 12, 8_000),
            SpoolSummary(4_096, False), QueueStats(0, 64, True, 0.0, 2, 2, 0, 3.1, 0, "", ""),
            {"betpawa": LimiterSummary(0, 50, 50, 0, 0.0)},
        )  # fmt: skip


class MemorySettings:
    """Keeps what was saved; refuses when told so."""

    def __init__(self) -> None:
        self.saved: dict[str, SettingValue] = {}
        self.is_broken = False

    async def save(self, changes: Mapping[str, SettingValue]) -> None:
        if self.is_broken:
            raise StorageError(None, "the settings could not be stored: disk full")
        self.saved.update(changes)


class MemoryAccess:
    """Keys, sessions and audit in memory; fails when told so."""

    def __init__(self) -> None:
        self.stored: list[ApiKey] = []
        self.open: dict[str, BrowserSession] = {}
        self.entries: list[AuditEntry] = []
        self.is_broken = False
        self.reads = 0

    def add(self, scope: KeyScope, name: str = "", expires_at: datetime | None = None) -> str:
        """Make a key and return its secret."""
        secret = new_secret()
        key = ApiKey(f"{len(self.stored):08}", name or scope, scope, digest_of(secret), START, expires_at)
        self.stored.append(key)
        return secret

    def revoke(self, name: str) -> None:
        """Revoke the keys with this name."""
        self.stored = [
            msgspec.structs.replace(key, revoked_at=START) if key.name == name else key for key in self.stored
        ]

    async def keys(self) -> list[ApiKey]:
        self.reads += 1
        self._check()
        return list(self.stored)

    async def sessions(self, now: datetime) -> list[BrowserSession]:
        return [session for session in self.open.values() if session.expires_at > now]

    async def open_session(self, session: BrowserSession) -> None:
        self._check()
        self.open[session.digest] = session

    async def close_session(self, digest: str) -> None:
        self._check()
        self.open.pop(digest, None)

    async def note(self, entry: AuditEntry) -> None:
        self._check()
        self.entries.append(entry)

    async def audit(self, limit: int, offset: int = 0) -> tuple[Sequence[AuditEntry], int]:
        self._check()
        return self.entries[::-1][offset : offset + limit], len(self.entries)

    def _check(self) -> None:
        if self.is_broken:
            raise StorageError(None, "the database is away")


class World:
    """A cache and a bus that change together, as accepting a batch makes them."""

    def __init__(self, clock: Clock | None = None, settings: Settings | None = None) -> None:
        self.clock, self.settings = clock or FakeClock(), settings or Settings(BOOKMAKERS)
        self.cache, self.bus = OddsCache(CATALOGUE), MemoryBus()
        self.store, self.runs = MemorySettings(), FakeRuns(self.settings)
        self.refresh, self.health, self.schedule = FakeRefresh(), FakeHealth(), FakeSchedule(self.store)
        self.storage = StorageDesk(self.settings, self.clock)  # not open unless a test opens it
        self.analysis = AnalysisDesk(self.cache, self.bus, self.settings, CATALOGUE, self.clock)
        self.access = MemoryAccess()
        self.facts, self.receiver = FakeFacts(), FakeReceiver()
        self.alerting = alert_desk(self, self.facts, self.receiver)
        self._change_id = 0

    def services(self) -> Services:
        """Return what `create_app` and the hub need."""
        return Services(
            cache=self.cache, bus=self.bus, settings=self.settings, setting_store=self.store,
            catalogue=CATALOGUE, clock=self.clock, world="simulated", runs=self.runs,
            refresh=self.refresh, schedule=self.schedule, health=self.health,
            storage=self.storage, analysis=self.analysis, access=self.access,
            alerts=self.alerting,
        )  # fmt: skip

    def accept(
        self,
        listings: Iterable[ListingChanges] = (),
        confirmed: Iterable[Confirmation] = (),
        removed: Iterable[str] = (),
        run_id: str | None = "run-1",
    ) -> None:
        """Apply one batch to the cache and publish it."""
        self._change_id += 1
        changes = Changes(
            self._change_id, run_id, self.clock.now(), tuple(listings), tuple(confirmed), tuple(removed)
        )
        changes = self.cache.apply(changes)
        self.bus.publish(changes)
        self.analysis.take(changes)

    def offer(
        self,
        sportradar_id: str,
        bookmaker: str,
        markets: Iterable[ParsedMarket],
        event: EventHeader | None = None,
        scope: Scope = None,
        confirm: bool = True,
    ) -> None:
        """Accept one answer: settle it against the cache, review, diff, and confirm what it spoke for."""
        self.accept([self.answer(sportradar_id, bookmaker, markets, event, scope)],
                    [self.confirmation(sportradar_id, bookmaker, scope)] if confirm else [])  # fmt: skip

    def answer(
        self,
        sportradar_id: str,
        bookmaker: str,
        markets: Iterable[ParsedMarket],
        event: EventHeader | None = None,
        scope: Scope = None,
    ) -> ListingChanges:
        """Return what an answer changes."""
        at, entry = self.clock.now(), self.cache.listing(sportradar_id, bookmaker)
        old = entry.markets if entry else {}
        known = self.cache.event(sportradar_id)
        new = SANITY.review("football", old, settle(old, markets, at, scope), at)
        return ListingChanges(
            sportradar_id, bookmaker, at,
            header=event or (None if known else header(sportradar_id)),
            listing=None if entry else Listing(sportradar_id, bookmaker, f"{bookmaker}-{sportradar_id}"),
            markets=diff(old, new),
        )  # fmt: skip

    def confirmation(self, sportradar_id: str, bookmaker: str, scope: Scope = None) -> Confirmation:
        """Return the confirmation that comes with an answer."""
        return Confirmation(
            sportradar_id, bookmaker, self.clock.now(), None if scope is None else tuple(sorted(scope))
        )


def header(
    sportradar_id: str,
    home: str = "Arsenal",
    away: str = "Simba",
    country: str = "Nigeria",
    league: str = "NPFL",
    kickoff_at: datetime = KICKOFF,
) -> EventHeader:
    """Return an event's header."""
    place = competition("football", country, league)
    return EventHeader(sportradar_id, home, away, kickoff_at, place, "football", "betpawa")


def priced(market_id: str, odds: Sequence[float], line: str = "", suspended: int = 0) -> ParsedMarket:
    """Return a market of the catalogue at decimal odds in the order of its outcomes, 0 for not offered."""
    kind = CATALOGUE.find(market_id)
    assert kind is not None
    return ParsedMarket(
        MarketKey(market_id, line), kind.outcomes, tuple(round(price * 1000) for price in odds), suspended
    )


def three_way(home: float = 2.41, draw: float = 3.2, away: float = 3.05, suspended: int = 0) -> ParsedMarket:
    """Return a full-time 1X2."""
    return priced("3743", (home, draw, away), suspended=suspended)


def unknown_event(sportradar_id: str) -> UnknownEvent:
    """Return the error of a refresh of an event that nobody lists."""
    return UnknownEvent(sportradar_id)
