"""A run that makes no progress is ended with its reason; one that does is left alone."""

import pytest

from overround.config import Settings
from overround.domain.runs import RunReport
from overround.scheduling.stale_detection import StaleDetection
from tests.support.clock import START


class SilentRun:
    """A run that has been silent for so long."""

    def __init__(self, silent_s: float | None) -> None:
        self.report = None if silent_s is None else RunReport("r", "scheduled", "running", START)
        self.silent = silent_s or 0.0
        self.cancelled: list[str] = []

    def active(self) -> RunReport | None:
        return self.report

    def silent_s(self) -> float:
        return self.silent

    async def cancel(self, reason: str) -> None:
        self.cancelled.append(reason)


@pytest.mark.parametrize("silent_s", [None, 0, 599])
async def test_no_run_and_a_living_run_are_left_alone(silent_s):
    run = SilentRun(silent_s)
    await StaleDetection(run, Settings()).check()
    assert run.cancelled == []


async def test_a_silent_run_is_cancelled_and_told_why():
    run = SilentRun(600)
    await StaleDetection(run, Settings()).check()
    assert run.cancelled == ["no progress for 10 minutes (limit 10)"]


async def test_the_limit_is_live():
    run, settings = SilentRun(150), Settings()
    watchdog = StaleDetection(run, settings)
    await watchdog.check()
    settings.apply({"run_stale_minutes": 2})
    await watchdog.check()
    assert run.cancelled == ["no progress for 2 minutes (limit 2)"]
