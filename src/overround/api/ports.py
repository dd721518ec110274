"""What the API needs of the rest of the process; wiring fills it in. API and scraping never import each other."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from overround.bus.base import Bus
from overround.cache.odds_cache import OddsCache
from overround.clock import Clock
from overround.config import Settings, SettingValue, World
from overround.domain.catalogue import Catalogue
from overround.domain.runs import RunReport, SourceHealth


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

    def retry(
        self, run_id: str, bookmakers: Sequence[str] | None = None, only_failed: bool = True
    ) -> RunReport:
        """
        Start a run over what failed in an earlier one; over everything when that is no longer remembered.

        Raises:
            RunActive, ConfigError: As `start`.
        """
        ...

    async def wait(self, run_id: str, timeout_s: float) -> RunReport | None:
        """Return the finished report, or None when the run still goes on after `timeout_s`."""
        ...

    def active(self) -> RunReport | None:
        """Return the report of the run that is on, as far as it is."""
        ...

    async def get(self, run_id: str) -> RunReport | None:
        """Return a run's report from memory or the database."""
        ...

    async def recent(self, limit: int, offset: int = 0) -> list[RunReport]:
        """Return runs, newest first."""
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
    """When the next run is due."""

    def next_run_at(self) -> datetime | None:
        """Return the time of the next scheduled run, None when paused or without scheduler."""
        ...


class Health(Protocol):
    """What the process knows of itself, from results only."""

    def not_ready(self) -> list[str]:
        """Return one sentence per reason why the process is not ready; empty when it is."""
        ...

    def sources(self) -> list[SourceHealth]:
        """Return every configured bookmaker's health."""
        ...

    def summary(self) -> Mapping[str, object]:
        """Return figures of cache, spool and queue for GET /api/health."""
        ...


class SettingStore(Protocol):
    """Where live settings outlive the process."""

    async def save(self, changes: Mapping[str, SettingValue]) -> None:
        """Store the changed settings."""
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
