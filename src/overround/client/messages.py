"""What the server sends, as values; fields this version does not know are left aside."""

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

import msgspec

T = TypeVar("T")


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """One thing to back; `odds` is null when it was locked before it ever had a price."""

    name: str
    odds: float | None
    state: str  # open, suspended


class Market(msgspec.Struct, frozen=True, gc=False):
    """One market of one bookmaker with all its outcomes."""

    sportradar_id: str
    bookmaker: str
    market_id: str
    line: str  # "" when the market has none
    state: str  # open, suspended, withdrawn
    suspect: tuple[str, ...]  # reasons not to believe it; empty: believed
    changed_at: datetime
    overround: float | None  # a fraction
    outcomes: tuple[Outcome, ...]

    @property
    def odds(self) -> dict[str, float | None]:
        """Return odds by outcome name."""
        return {outcome.name: outcome.odds for outcome in self.outcomes}


class Competition(msgspec.Struct, frozen=True, gc=False):
    """League or cup."""

    id: str
    name: str
    country: str


class Event(msgspec.Struct, frozen=True, gc=False):
    """One match."""

    sportradar_id: str
    home: str
    away: str
    kickoff_at: datetime
    competition: Competition
    sport: str


class Listing(msgspec.Struct, frozen=True):
    """A match at one bookmaker."""

    sportradar_id: str
    bookmaker: str
    state: str
    confirmed_at: datetime | None
    changed_at: datetime | None
    market_confirmed_at: dict[str, datetime]
    unread: dict[str, str] = {}  # market id that is offered but not read -> the bookmaker's name of it


class Confirmed(msgspec.Struct, frozen=True):
    """Listings, or single markets of them, that were seen again unchanged."""

    at: datetime
    events: tuple[str, ...]
    markets: tuple[str, ...] = ()


class Source(msgspec.Struct, frozen=True, gc=False):
    """Whether the server reaches a bookmaker."""

    bookmaker: str
    state: str  # up, lagging, refused, down, recovering, off
    reason: str
    since: datetime


class Message(msgspec.Struct, frozen=True):
    """One message of a topic without a local copy: progress, status, alerts, movements."""

    type: str
    timestamp: datetime
    topic: str
    seq: int
    data: dict[str, Any]  # a row of the topic's REST list, or as the protocol has it


class Envelope(msgspec.Struct, frozen=True):
    """Any message; `data` is decoded when its type is known."""

    type: str
    timestamp: datetime
    data: msgspec.Raw
    topic: str = ""
    epoch: str = ""
    seq: int = -1
    first_seq: int = -1  # on topics without filters


class Ack(msgspec.Struct, frozen=True):
    """What the server says first."""

    build: str
    epoch: str
    heartbeat_ms: int
    world: str = "live"


class Subscribed(msgspec.Struct, frozen=True):
    """How a topic begins."""

    mode: Literal["snapshot", "resumed"]
    reason: str = ""


class Snapshot(msgspec.Struct, frozen=True):
    """A part of a whole state."""

    part: int
    last: bool
    events: tuple[Event, ...] = ()
    listings: tuple[Listing, ...] = ()
    markets: tuple[Market, ...] = ()


class Update(msgspec.Struct, frozen=True):
    """What changed; applied in the order of its fields."""

    first_seq: int
    run_id: str | None = None
    removed: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    listings: tuple[Listing, ...] = ()
    changes: tuple[Market, ...] = ()
    confirmed: dict[str, tuple[Confirmed, ...]] = {}


class Heartbeat(msgspec.Struct, frozen=True):
    """Everything up to `seq` was sent or filtered away."""

    seq: dict[str, int]
    sources: tuple[Source, ...] = ()


class Error(msgspec.Struct, frozen=True):
    """Something the server will not do."""

    code: str
    detail: str


class Reader(Generic[T]):
    """Decodes the `data` of one type of message."""

    def __init__(self, kind: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(kind)

    def read(self, envelope: Envelope) -> T:
        """
        Return the data.

        Raises:
            ValueError: They have another shape.
        """
        return self._decoder.decode(envelope.data)


ENVELOPE = msgspec.json.Decoder(Envelope)
ACK, SUBSCRIBED, SNAPSHOT = Reader(Ack), Reader(Subscribed), Reader(Snapshot)
UPDATE, HEARTBEAT, SOURCE, ERROR = Reader(Update), Reader(Heartbeat), Reader(Source), Reader(Error)
