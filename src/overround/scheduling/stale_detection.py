"""Watchdog: a run that makes no progress is ended, so that the next one can begin."""

from typing import Protocol

from overround.config import Settings
from overround.domain.runs import RunReport
from overround.log import get_logger

log = get_logger(__name__)

CHECK_EVERY_S = 120.0


class Watched(Protocol):
    """The runs as the watchdog sees them; `Runs` is one."""

    def active(self) -> RunReport | None: ...
    def silent_s(self) -> float: ...
    async def cancel(self, reason: str) -> None: ...


class StaleDetection:
    """Cancels and fails a run without heartbeat for `run_stale_minutes`."""

    def __init__(self, runs: Watched, settings: Settings) -> None:
        self._runs, self._settings = runs, settings

    async def check(self) -> None:
        """Look once; the scheduler calls this every `CHECK_EVERY_S`."""
        report, silent_s = self._runs.active(), self._runs.silent_s()
        minutes = self._settings.number("run_stale_minutes")
        if report is None or silent_s < minutes * 60:
            return
        reason = f"no progress for {silent_s / 60:.0f} minutes (limit {minutes})"
        log.error("run_stale", run_id=report.run_id, reason=reason)
        await self._runs.cancel(reason)
