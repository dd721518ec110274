"""Replay: a recording goes through intake again, in the recorded order and by the recorded clock."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import msgspec

from overround.errors import BookmakerError
from overround.scraping.inputs import Answered, Evicted, Moved, Registered, RunNoted, ScopedAnswered
from overround.scraping.intake import Intake, Taken
from overround.scraping.recording_format import Began, Lost, Record

STEP_S = 0.25  # of waiting; a reader sees the clock move


class RecordedClock:
    """Stands at the time of the input that is being replayed; waiting and measuring are real."""

    def __init__(self, at: datetime, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Start there; `pause` is what waits between inputs."""
        self._now, self._pause = at, pause

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def follow(self, at: datetime, speed: float | None) -> None:
        """Move to a time at so many recorded seconds a second, None: at once; a clock that was set back jumps."""
        while speed and (left_s := (at - self._now).total_seconds()) > 0:
            pause_s = min(STEP_S, left_s / speed)
            await self._pause(pause_s)
            self._now += timedelta(seconds=min(left_s, pause_s * speed))
        self._now = at


class ReplayReport(msgspec.Struct):
    """What a replay did, and what the recording lacks."""

    data_dir: str
    sessions: int = 0
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    inputs: int = 0
    changed: int = 0  # answers, also in the next three
    unchanged: int = 0
    late: int = 0
    failed: int = 0
    lost: int = 0  # inputs that the recording says it lacks
    torn: list[str] = []  # segments that end in the middle
    events: int = 0  # in memory at the end
    markets: int = 0
    duration_ms: float = 0.0


class Replay:
    """Feeds records to an intake and counts what became of them."""

    def __init__(self, intake: Intake, report: ReplayReport) -> None:
        self._intake, self._report = intake, report

    async def feed(self, record: Record) -> None:
        """Take one record in; returns when intake has it."""
        if isinstance(record, Began):
            return
        if isinstance(record, Lost):
            self._report.lost += record.inputs
            return
        self._report.inputs += 1
        match record:
            case Registered():
                await self._intake.register({record.sportradar_id: record.rows}, record.at, record.run_id)
            case Answered() | ScopedAnswered():
                await self._answer(record)
            case Moved():
                listing_id = (record.sportradar_id, record.bookmaker)
                await self._intake.set_state([listing_id], record.state, record.at)
            case Evicted():
                await self._intake.flush()
                self._intake.evict(record.sportradar_ids)
            case RunNoted():
                await self._intake.record_run(record.report, record.outcomes)

    async def _answer(self, record: Answered | ScopedAnswered) -> None:
        answer, row = record.answer, record.row
        if row and not self._intake.knows((answer.sportradar_id, answer.bookmaker)):
            rows = {answer.sportradar_id: {answer.bookmaker: row}}
            await self._intake.register(rows, answer.fetched_at, answer.run_id)
        try:
            if isinstance(record, Answered):
                taken = await self._intake.take(record.answer)
            else:
                taken = await self._intake.take_scoped(record.answer)
        except BookmakerError:
            self._report.failed += 1
        else:
            self._count(taken)

    def _count(self, taken: Taken) -> None:
        setattr(self._report, taken.status, getattr(self._report, taken.status) + 1)
