"""Reconnection: after everything fell silent, runs come sooner than the interval says, further and further apart."""

from datetime import datetime
from typing import Protocol

from overround.config import Settings
from overround.domain.jobs import SCRAPE
from overround.scheduling.scheduler import Scheduler

FIRST_S = 15.0


class Connected(Protocol):
    """Who knows of the connection; `Runs` is one."""

    @property
    def connection_lost_since(self) -> datetime | None: ...


class Reconnection:
    """
    Tries again by the run itself, 15 s, 30 s, 60 s, … after the last one failed, up to the run interval.

    It only moves the scrape job's next time: while that is paused, or was never added, nothing happens.
    """

    def __init__(self, scheduler: Scheduler, runs: Connected, settings: Settings) -> None:
        self._scheduler, self._runs, self._settings = scheduler, runs, settings
        self._tries = 0

    def look(self) -> None:
        """Look at the connection after a run has ended."""
        if self._runs.connection_lost_since is None:
            self._tries = 0
            return
        longest_s = self._settings.number("scrape_interval_minutes") * 60.0
        self._scheduler.hasten(SCRAPE, min(FIRST_S * 2**self._tries, longest_s))
        self._tries = min(self._tries + 1, 16)
