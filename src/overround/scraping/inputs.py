"""
What goes into intake, in the order it is taken in: whoever has these has the state.

Intake's state is a function of its inputs and of the catalogue, so a recording keeps inputs and nothing else.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import msgspec

from overround.domain.events import EventHeader, ListedEvent, Listing, ListingState
from overround.domain.markets import ParsedMarket
from overround.domain.runs import EventOutcome, RunReport
from overround.domain.settle import Scope


class Answer(msgspec.Struct, frozen=True):
    """One event detail as it came off the wire."""

    bookmaker: str
    sportradar_id: str
    event_id: str
    endpoint: str
    number: int  # taken from `Intake.number` when the fetch started
    fetched_at: datetime
    body: bytes  # as received, still compressed
    encoding: str = ""
    run_id: str | None = None


class ScopedAnswer(msgspec.Struct, frozen=True):
    """What a list answer says of one event's main markets: nothing about the others."""

    bookmaker: str
    sportradar_id: str
    number: int
    fetched_at: datetime
    markets: tuple[ParsedMarket, ...]
    scope: Scope = None  # None: it speaks for the very markets it carries, and withdraws nothing
    run_id: str | None = None


class Registered(msgspec.Struct, frozen=True, tag="registered"):
    """One event as a discovery found it."""

    sportradar_id: str
    rows: Mapping[str, ListedEvent]  # bookmaker -> its row
    at: datetime
    run_id: str | None = None


class Answered(msgspec.Struct, frozen=True, tag="answered"):
    """An event detail that was parsed, or could not be; a late one is no input."""

    answer: Answer
    row: ListedEvent | None = None  # its listing, so that the answer is understood alone; None: told before
    changed: bool = False  # it changed a market
    same_body: bool = False  # as the last one of this listing and endpoint, and therefore left out


class ScopedAnswered(msgspec.Struct, frozen=True, tag="scoped"):
    """Main markets from a list answer."""

    answer: ScopedAnswer
    row: ListedEvent | None = None
    changed: bool = False


class Moved(msgspec.Struct, frozen=True, tag="moved"):
    """A listing that was moved to a state from outside: by time, or by a list that lacked it."""

    sportradar_id: str
    bookmaker: str
    state: ListingState
    at: datetime


class Evicted(msgspec.Struct, frozen=True, tag="evicted"):
    """Events that left memory."""

    sportradar_ids: tuple[str, ...]


class RunNoted(msgspec.Struct, frozen=True, tag="run"):
    """A state of a run, its start or its end."""

    report: RunReport
    outcomes: tuple[EventOutcome, ...] = ()


Input = Registered | Answered | ScopedAnswered | Moved | Evicted | RunNoted


class Listener(Protocol):
    """Who is told of every input, in order and on the event loop; `Recorder` is one."""

    def note(self, taken_in: Input) -> None:
        """Take one input; neither waits nor raises."""
        ...


def row_of(header: EventHeader, listing: Listing) -> ListedEvent:
    """Return a listing as the row of a list that would make it known."""
    return ListedEvent(
        event_id=listing.event_id,
        sportradar_id=listing.sportradar_id,
        kickoff_at=listing.kickoff_at or header.kickoff_at,
        home=header.home,
        away=header.away,
        country=header.competition.country,
        competition=header.competition.name,
        sport=header.sport,
        genius_id=listing.genius_id,
        url=listing.url,
    )
