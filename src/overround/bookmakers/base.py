"""The contract every bookmaker folder fulfils: requests out, bytes in, domain values back."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

import msgspec

from overround.domain.diff import Unmapped
from overround.domain.events import ListedEvent
from overround.domain.markets import MarketKey, ParsedMarket


class Request(msgspec.Struct, frozen=True):
    """One HTTP request to a bookmaker. The transport adds the user agent and `accept-encoding`."""

    operation: str  # the endpoint's own name, "factsCenter/event"; used in errors, logs and metrics
    url: str  # absolute, query included
    kind: Literal["list", "event"]  # chooses the deadline: 30 s or 10 s
    method: Literal["GET", "POST"] = "GET"
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Ask(Protocol):
    """How a client gets an answer: limits, retries, deadline and inflating are the transport's business."""

    async def __call__(self, request: Request) -> bytes:
        """
        Return the body of a 200 answer, inflated.

        Raises:
            BookmakerUnavailable, RateLimited, BookmakerRefused, EventGone: See errors.py.
        """
        ...


def nothing() -> None:
    """Stand in where nobody times the two halves of parsing."""


class Window(msgspec.Struct, frozen=True):
    """Kickoffs of interest: start <= kickoff < end, aware UTC."""

    start: datetime
    end: datetime

    def holds(self, kickoff_at: datetime) -> bool:
        """Return whether the kickoff lies inside."""
        return self.start <= kickoff_at < self.end


class ParsedEvent(msgspec.Struct, frozen=True):
    """What one event detail says: mapped markets, and the rest counted, never hidden."""

    event_id: str  # the bookmaker's own id
    sportradar_id: str | None  # digits as text
    genius_id: str | None
    kickoff_at: datetime  # aware UTC
    home: str
    away: str
    country: str
    competition: str
    sport: str  # "football", "basketball", "tennis", else the bookmaker's own word in lower case
    markets: dict[MarketKey, ParsedMarket]
    unmapped: tuple[Unmapped, ...] = ()
    refused: Mapping[str, int] = {}  # reason -> outcomes or markets left out ("price", "line", "twice", …)
    doubtful: frozenset[str] = frozenset()  # our market ids of which something could not be believed


class Bookmaker(Protocol):
    """One bookmaker: its discovery, its detail request and its parser. Holds no state between calls."""

    code: str
    name: str

    async def discover(self, ask: Ask, window: Window) -> list[ListedEvent]:
        """
        Return every upcoming football event in the window, all pages.

        Raises:
            BookmakerError: A page failed; half a list is never returned as a whole one.
        """
        ...

    def event_request(self, event_id: str) -> Request:
        """Return the request for one event's detail; `event_id` is the bookmaker's own id."""
        ...

    def parse_event(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read an inflated event detail. Pure: same bytes, same answer.

        Args:
            on_decoded: Called between decoding and mapping, so that each can be timed.
        Raises:
            PayloadChanged: The body has another shape, whatever is wrong with it.
            EventGone: A well-formed answer that says the event does not exist.
        """
        ...


@runtime_checkable
class InParts(Protocol):
    """A bookmaker whose event detail comes in several answers; `parse_event` gets them as `joined(parts)`."""

    def further_request(self, event_id: str, parts: Sequence[bytes]) -> Request | None:
        """
        Return the request for the next answer of a detail, None when `parts`, inflated, are all of it.

        Raises:
            PayloadChanged: The last part has another shape, so that nobody can tell whether more is to come.
        """
        ...


class GlanceLimits(msgspec.Struct, frozen=True):
    """How much one list request may ask for."""

    groups: int  # lists in one request
    events: int  # rows that one answer has room for


class GlancedEvent(msgspec.Struct, frozen=True):
    """What one list row says of an event's prices: these markets, whole ones only, and nothing of any other."""

    event_id: str  # the bookmaker's own id
    kickoff_at: datetime  # aware UTC
    markets: tuple[ParsedMarket, ...]


@runtime_checkable
class Glancing(Protocol):
    """A bookmaker whose lists carry main markets, so that one request shows the prices of many events."""

    glance_limits: GlanceLimits
    glance_operation: str  # of every request and answer that `parse_glance` reads

    def glance_request(self, groups: Sequence[str], window: Window) -> Request:
        """Return the request for the events of these groups (`ListedEvent.group`) that kick off in the window."""
        ...

    def parse_glance(self, body: bytes) -> Iterator[GlancedEvent]:
        """
        Read an inflated list answer, row by row as the reader asks for them: a whole one may take 10 ms.

        Rows that can't be read are left out: they are of one event each.

        Raises:
            PayloadChanged: Not a list answer; known at once, not at the first row.
        """
        ...


def complete(markets: Iterable[ParsedMarket]) -> tuple[ParsedMarket, ...]:
    """Return the markets of which a list shows every outcome: of the others it may have left some out."""
    return tuple(
        market
        for market in markets
        if all(
            milli or (market.suspended | market.dormant) >> place & 1
            for place, milli in enumerate(market.odds_milli)
        )
    )


def joined(parts: Sequence[bytes]) -> bytes:
    """Return the JSON answers of one detail as one JSON array."""
    return b"[" + b",".join(parts) + b"]"


# --- what a bookmaker's simulator gets and gives -------------------------------------------------------------


class SimulatedEvent(msgspec.Struct, frozen=True):
    """One event of the simulated world, or of a folder of recorded answers, as one bookmaker lists it."""

    sportradar_id: str
    event_id: str  # that bookmaker's own id
    home: str
    away: str
    kickoff_at: datetime
    country: str
    competition: str
    sport: str = "football"
    genius_id: str | None = None
    body: bytes | None = None  # recorded detail, kickoff already moved; None: render one from the quotes


class Quote(msgspec.Struct, frozen=True, gc=False):
    """One outcome's price at one bookmaker: what its body must say and what the truth endpoint reports."""

    odds_milli: int
    suspended: bool = False


class SimulatedPlayer(msgspec.Struct, frozen=True, gc=False):
    """One player of a simulated match; quotes of player markets call him by this name."""

    name: str  # first name first, unique in the match
    sportradar_id: str  # digits, unique in the match
    side: Literal["home", "away"]


class PriceSource(Protocol):
    """The world a simulator renders: a function of (seed, UTC time), so a restart shows the same."""

    def now(self) -> datetime:
        """Return the world's time, aware UTC; for comparing with kickoffs, a body that prints it is kept for minutes."""
        ...

    def events(self, bookmaker: str) -> Sequence[SimulatedEvent]:
        """Return what the bookmaker lists now, all sports, in a stable order."""
        ...

    def event(self, bookmaker: str, event_id: str) -> SimulatedEvent | None:
        """Return one listed event by the bookmaker's own id."""
        ...

    def quotes(self, bookmaker: str, event: SimulatedEvent) -> Mapping[MarketKey, Mapping[str, Quote]]:
        """Return the bookmaker's prices of one event now: our market key -> our outcome name -> quote."""
        ...

    def players(self, event: SimulatedEvent) -> Sequence[SimulatedPlayer]:
        """Return both squads, home first; empty for sports and events without player markets."""
        ...

    def filler_groups(self, bookmaker: str, event: SimulatedEvent) -> int:
        """Return how many further (market, line) groups a body needs to have this event's real size."""
        ...

    def volatile(self) -> str:
        """Return text for fields that change with each request, "" when the world has none."""
        ...


class SimulatedRequest(msgspec.Struct, frozen=True):
    """A request as the simulator's server hands it on."""

    method: str
    path: str  # below the bookmaker's prefix, begins with "/"
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes


class SimulatedAnswer(msgspec.Struct, frozen=True):
    """What a bookmaker would send, before compression, latency and faults."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"


class Simulator(Protocol):
    """One bookmaker's server; every `bookmakers/<code>/simulator.py` has a function `create() -> Simulator`."""

    code: str

    def own_id(self, sportradar_id: str) -> str:
        """Return the own id this bookmaker gives a simulated event; a fixed, reversible function."""
        ...

    def answer(self, request: SimulatedRequest, source: PriceSource) -> SimulatedAnswer:
        """Answer like the real site: lists with paging, details, its own errors for unknown ids and paths."""
        ...

    def read_recorded(self, body: bytes) -> SimulatedEvent | None:
        """Return the event of a captured prematch detail of this bookmaker (`body` set), None for anything else."""
        ...

    def with_kickoff(self, body: bytes, kickoff_at: datetime) -> bytes:
        """Return a captured detail with its kickoff replaced, all else byte for byte as it was."""
        ...
