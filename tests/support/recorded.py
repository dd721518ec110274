"""Inputs to record, and recordings of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from overround.domain.events import ListedEvent
from overround.scraping.inputs import Answer, Answered, Input, Registered
from overround.scraping.recording import MIB, SegmentWriter
from overround.scraping.recording_format import Began, Entry, Recording
from tests.support.clock import START, FakeClock

KICKOFF = START + timedelta(hours=3)
BEGAN = Began("20261124T120000.000-1", "simulated", {"betpawa": "ng"})


def listed(number: int = 1) -> ListedEvent:
    """Return a list's row."""
    return ListedEvent(f"own-{number}", str(number), KICKOFF, "Enyimba", "Rangers", "Nigeria", "NPFL")


def registered(number: int = 1) -> Registered:
    """Return what a discovery found."""
    return Registered(str(number), {"betpawa": listed(number)}, START, "run")


def answered(body: bytes = b"{}", number: int = 1, changed: bool = True, at: datetime = START) -> Answered:
    """Return an answer with the row of its listing."""
    answer = Answer("betpawa", str(number), f"own-{number}", "event", 1, at, body, "gzip", "run")
    return Answered(answer, listed(number), changed)


def entries(*inputs: Input, at: datetime = START) -> list[Entry]:
    """Return inputs as they are written."""
    return [Entry(at, one) for one in inputs]


def writer(
    folder: Path, clock: FakeClock | None = None, max_bytes: int = 8 * MIB, session: Began = BEGAN
) -> SegmentWriter:
    """Return a writer of small segments; the smallest are 64 KiB."""
    return SegmentWriter(folder, session, clock or FakeClock(), max_bytes)


def written(folder: Path, *inputs: Input) -> None:
    """Record inputs, one frame each."""
    made = writer(folder)
    for one in inputs:
        made.write(entries(one))
    made.close()


def read(folder: Path) -> list[Input]:
    """Return the inputs of a recording."""
    return list(inputs_of(Recording(folder).entries()))


def inputs_of(found: Iterable[Entry]) -> Iterable[Input]:
    """Leave out what is no input."""
    for entry in found:
        if not isinstance(entry.record, Began):
            yield entry.record  # type: ignore[misc]
