"""The world at one instant: what a renderer reads prices from, remembering what it read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from overround.bookmakers.base import Quote, SimulatedEvent, SimulatedPlayer
from overround.domain.markets import MarketKey

_KICKOFF_GRID_S = 300  # kickoffs lie on five minutes or coarser, at real bookmakers too


def kickoff_window(at: datetime) -> int:
    """Return a number that is the same as long as no kickoff can pass; lists and "has it begun" change with it."""
    return int(at.timestamp() // _KICKOFF_GRID_S)


class Listing(msgspec.Struct, frozen=True):
    """What one bookmaker lists, until the next match kicks off."""

    generation: int  # another number, another list
    events: tuple[SimulatedEvent, ...]
    by_event_id: Mapping[str, SimulatedEvent]


class TimedWorld(Protocol):
    """A world as a function of time; simulated and recorded ones."""

    world: Literal["simulated", "recorded"]
    bookmakers: tuple[str, ...]

    def now(self) -> datetime:
        """Return the world's time."""
        ...

    def listing(self, bookmaker: str, at: datetime) -> Listing:
        """Return what the bookmaker lists at that time."""
        ...

    def quotes(
        self, bookmaker: str, event: SimulatedEvent, at: datetime
    ) -> Mapping[MarketKey, Mapping[str, Quote]]:
        """Return the bookmaker's prices of a listed event at that time."""
        ...

    def version(self, bookmaker: str, event: SimulatedEvent, at: datetime) -> int:
        """Return a number that changes with the prices."""
        ...

    def players(self, event: SimulatedEvent) -> Sequence[SimulatedPlayer]:
        """Return both squads of a listed event; the same at any time."""
        ...

    def filler_groups(self, bookmaker: str, event: SimulatedEvent) -> int:
        """Return how many (market, line) groups the body needs beside the priced ones."""
        ...

    def volatile(self) -> str:
        """Return text for fields that change with each request, "" for none."""
        ...


class Moment:
    """
    A `PriceSource` at one instant.

    It keeps what was read, so that a rendered body can be served again as long as `holds` says so.
    """

    def __init__(self, world: TimedWorld, at: datetime, *, nothing_listed: bool = False) -> None:
        """Read the world at that time; `nothing_listed` shows the same world with empty lists."""
        self._world, self._at, self._nothing_listed = world, at, nothing_listed
        self.listed = False
        self._time_read = False
        self._volatile_read = False
        self._generations: dict[str, int] = {}
        self._found: dict[tuple[str, str], SimulatedEvent | None] = {}
        self._versions: dict[tuple[str, str], tuple[SimulatedEvent, int]] = {}

    def now(self) -> datetime:
        # bodies compare it with kickoffs; what shows more of the time comes from `volatile`
        self._time_read = True
        return self._at

    def events(self, bookmaker: str) -> Sequence[SimulatedEvent]:
        self.listed = True
        listing = self._world.listing(bookmaker, self._at)
        self._generations[bookmaker] = listing.generation
        return () if self._nothing_listed else listing.events

    def event(self, bookmaker: str, event_id: str) -> SimulatedEvent | None:
        found = self._world.listing(bookmaker, self._at).by_event_id.get(event_id)
        self._found[bookmaker, event_id] = found
        return found

    def quotes(self, bookmaker: str, event: SimulatedEvent) -> Mapping[MarketKey, Mapping[str, Quote]]:
        self._versions[bookmaker, event.event_id] = (event, self._world.version(bookmaker, event, self._at))
        return self._world.quotes(bookmaker, event, self._at)

    def players(self, event: SimulatedEvent) -> Sequence[SimulatedPlayer]:
        return self._world.players(event)

    def filler_groups(self, bookmaker: str, event: SimulatedEvent) -> int:
        return self._world.filler_groups(bookmaker, event)

    def volatile(self) -> str:
        text = self._world.volatile()
        self._volatile_read = self._volatile_read or bool(text)
        return text

    def holds(self, at: datetime) -> bool:
        """Return whether reading the same at another time would give the same."""
        if self._volatile_read or (self._time_read and kickoff_window(at) != kickoff_window(self._at)):
            return False
        world = self._world
        return (
            all(world.listing(code, at).generation == known for code, known in self._generations.items())
            and all(
                world.listing(code, at).by_event_id.get(event_id) == known
                for (code, event_id), known in self._found.items()
            )
            and all(
                world.version(code, event, at) == known
                for (code, _), (event, known) in self._versions.items()
            )
        )
