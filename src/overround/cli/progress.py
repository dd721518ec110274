"""Progress of runs in a terminal: a bar per bookmaker where there is one, a line per run elsewhere."""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from overround.bus.base import Subscription
from overround.bus.memory import MemoryBus
from overround.config import BOOKMAKER_NAMES
from overround.domain.runs import RunFinished, RunProgress, RunReport


class RunBar:
    """Shows every run on the bus until it is closed; subscribes on entry, so nothing is missed."""

    def __init__(self, bus: MemoryBus) -> None:
        self._bus, self._console = bus, Console(stderr=True)
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._stack = AsyncExitStack()
        self._messages: Subscription[Any] | None = None

    async def __aenter__(self) -> "RunBar":
        self._messages = await self._stack.enter_async_context(self._bus.subscribe(RunProgress, RunFinished))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_bars()
        await self._stack.aclose()

    async def show(self) -> None:
        """Draw what comes, for ever."""
        assert self._messages is not None
        async for message in self._messages:
            if isinstance(message, RunFinished):
                self._end_bars()
                self._console.print(_summary(message.report), soft_wrap=True)
            elif self._console.is_terminal:
                self._step(message)

    def _step(self, progress: RunProgress) -> None:
        if not progress.bookmaker or not progress.total:
            return
        if self._bars is None:
            self._bars = Progress(
                TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
                console=self._console, transient=True,
            )  # fmt: skip
            self._bars.start()
        name = BOOKMAKER_NAMES.get(progress.bookmaker, progress.bookmaker)
        if progress.bookmaker not in self._tasks:
            self._tasks[progress.bookmaker] = self._bars.add_task(name, total=progress.total)
        self._bars.update(self._tasks[progress.bookmaker], completed=progress.current, total=progress.total)

    def _end_bars(self) -> None:
        if self._bars:
            self._bars.stop()
        self._bars, self._tasks = None, {}


def _summary(report: RunReport) -> str:
    seconds = (report.finished_at - report.started_at).total_seconds() if report.finished_at else 0.0
    events = report.events
    failed = f", {events.failed} failed" if events.failed else ""
    return (
        f"run {report.started_at.astimezone():%H:%M:%S} ·{report.run_id[-4:]} {report.status} in {seconds:.1f} s: "
        f"{events.ok} answers ({events.unchanged} unchanged{failed}), {report.changes} markets changed"
        + (f"; {report.reason}" if report.reason else "")
    )
