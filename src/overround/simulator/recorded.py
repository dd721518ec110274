"""A world of captured answers: their events under the bookmakers' own endpoints, prices as they were."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from overround.bookmakers.base import Quote, SimulatedEvent, SimulatedPlayer, Simulator
from overround.clock import Clock
from overround.domain.markets import MarketKey
from overround.simulator.moment import Listing, Moment

_DAY = timedelta(days=1)


class RecordedWorld:
    """What a folder of captured event details says; it has no prices of its own, bodies are served whole."""

    world: Literal["simulated", "recorded"] = "recorded"

    def __init__(self, events: Mapping[str, tuple[SimulatedEvent, ...]], clock: Clock) -> None:
        """List these events, by bookmaker."""
        self.bookmakers = tuple(events)
        self._clock = clock
        self._listings = {
            code: Listing(0, listed, {event.event_id: event for event in listed})
            for code, listed in events.items()
        }

    def now(self) -> datetime:
        return self._clock.now()

    def moment(self, at: datetime | None = None) -> Moment:
        """Return the world at that time, default now; it is the same at any time."""
        return Moment(self, at or self.now())

    def listing(self, bookmaker: str, at: datetime) -> Listing:
        return self._listings[bookmaker]

    def quotes(
        self, bookmaker: str, event: SimulatedEvent, at: datetime
    ) -> Mapping[MarketKey, Mapping[str, Quote]]:
        return {}

    def version(self, bookmaker: str, event: SimulatedEvent, at: datetime) -> int:
        return 0

    def players(self, event: SimulatedEvent) -> Sequence[SimulatedPlayer]:
        return ()

    def filler_groups(self, bookmaker: str, event: SimulatedEvent) -> int:
        return 0

    def volatile(self) -> str:
        return ""


def load(
    folder: Path,
    simulators: Mapping[str, Simulator],
    clock: Clock,
    report: Callable[[str], None],
    *,
    keep_times: bool = False,
) -> RecordedWorld:
    """
    Read DIR/<bookmaker>/*.json and move every kickoff by whole days to 24-48 h ahead.

    Args:
        report: Gets one sentence for every file or folder that is not served.
        keep_times: Leave the kickoffs as they were recorded.
    Raises:
        ValueError: One sentence: there is no such folder, or nothing in it can be served.
    """
    if not folder.is_dir():
        raise ValueError(f"--recorded {folder}: there is no such folder")
    for other in sorted(path for path in folder.iterdir() if path.is_dir() and path.name not in simulators):
        report(f"{other}: ignored, no bookmaker of this simulator has that name")
    events: dict[str, tuple[SimulatedEvent, ...]] = {}
    for code, simulator in simulators.items():
        found = _events(folder / code, simulator, report)
        events[code] = tuple(found if keep_times else (_moved(event, simulator, clock) for event in found))
    if not any(events.values()):
        raise ValueError(
            f"--recorded {folder}: no file in it is a prematch event detail; "
            f"expected <bookmaker>/*.json with bookmaker {', '.join(simulators)}"
        )
    return RecordedWorld(events, clock)


def _events(folder: Path, simulator: Simulator, report: Callable[[str], None]) -> Iterator[SimulatedEvent]:
    served: dict[str, Path] = {}
    for path in sorted(folder.glob("*.json")):
        event = simulator.read_recorded(path.read_bytes())
        if event is None:
            report(f"{path}: ignored, not a prematch event detail of {simulator.code}")
        elif event.event_id in served:
            report(f"{path}: ignored, {served[event.event_id].name} holds the same event")
        else:
            served[event.event_id] = path
            yield event


def _moved(event: SimulatedEvent, simulator: Simulator, clock: Clock) -> SimulatedEvent:
    assert event.body is not None
    kickoff_at = day_ahead(event.kickoff_at, clock.now())
    body = simulator.with_kickoff(event.body, kickoff_at)
    return msgspec.structs.replace(event, kickoff_at=kickoff_at, body=body)


def day_ahead(kickoff_at: datetime, now: datetime) -> datetime:
    """Return the kickoff moved by whole days to 24 h ahead or later, but less than 48 h."""
    return kickoff_at + math.ceil((now + _DAY - kickoff_at) / _DAY) * _DAY
