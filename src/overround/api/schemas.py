"""The JSON others read: field names and forms are the contract of REST and WebSocket alike."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from overround.domain.diff import Unmapped
from overround.domain.events import Competition, ListingState
from overround.domain.markets import MarketState, OutcomeState
from overround.domain.runs import (
    PHASES,
    BookmakerReport,
    EventCounts,
    PhaseProgress,
    RunError,
    RunReport,
    RunStatus,
    SourceHealth,
    SourceState,
    Trigger,
)

ENCODER = msgspec.json.Encoder()
Instant = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]  # as `iso_ms` and `iso_s` write it
STALLED_S = 60.0  # a run without a sign of life for this long is called stalled


def iso_ms(at: datetime) -> str:
    """
    Return a time of a price: UTC with milliseconds.

    >>> from datetime import UTC
    >>> iso_ms(datetime(2026, 11, 24, 12, 0, 0, 120_000, tzinfo=UTC))
    '2026-11-24T12:00:00.120Z'
    """
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_s(at: datetime) -> str:
    """Return a kickoff: UTC in whole seconds."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def optional_ms(at: datetime | None) -> str | None:
    """Return a time that may not have come about yet."""
    return None if at is None else iso_ms(at)


def fields_of(record: msgspec.Struct, **instead: object) -> dict[str, Any]:
    """Return a record's fields by name, some of them in another form."""
    return {**msgspec.structs.asdict(record), **instead}


class OutcomeJson(msgspec.Struct, frozen=True, gc=False):
    """One thing to back; odds are decimal, null when it was suspended before it ever had a price."""

    name: str
    odds: float | None
    state: OutcomeState


class MarketJson(msgspec.Struct, frozen=True, gc=False):
    """One market of one bookmaker; outcomes that are not offered are left out."""

    market_id: str
    line: str  # "" when the market has none
    name: str
    groups: tuple[str, ...]
    state: MarketState
    suspect: tuple[str, ...]
    overround: float | None  # a fraction; null without W or when not every outcome is open
    winners: int | None  # W, outcomes that pay whatever the result; null where that is not a fixed number
    changed_at: Instant
    outcomes: list[OutcomeJson]
    handicap: float | UnsetType = UNSET  # of the home side, for handicap kinds only
    handicap_away: float | UnsetType = UNSET


class HeaderJson(msgspec.Struct, frozen=True, gc=False):
    """An event without its prices."""

    sportradar_id: str
    home: str
    away: str
    kickoff_at: Instant
    competition: Competition
    sport: str
    source: str  # bookmaker whose header this is
    check: bool  # bookmakers disagree on the kickoff by more than five minutes


class ListingJson(msgspec.Struct, frozen=True):
    """An event at one bookmaker."""

    bookmaker: str
    event_id: str
    url: str
    state: ListingState
    confirmed_at: Instant | None
    changed_at: Instant | None
    market_confirmed_at: dict[str, Instant]  # market id -> last answer that spoke for it alone
    unread: dict[
        str, str
    ]  # market id that is offered but not read, at least in part -> the bookmaker's name of it
    markets: list[MarketJson]
    unmapped: tuple[Unmapped, ...] | UnsetType = UNSET  # in the event's own page only


class EventJson(HeaderJson, frozen=True, gc=False):
    """An event with every enabled bookmaker that lists it."""

    bookmakers: list[ListingJson] = []


class EventsJson(msgspec.Struct, frozen=True):
    """One page of events."""

    events: list[EventJson]
    total: int  # matches of the filters, all pages
    page: int
    page_size: int
    revision: int  # sequence number of odds_updates that this answer reflects
    now: Instant
    stale_after_s: int


class SampleEventJson(msgspec.Struct, frozen=True, gc=False):
    """An event in which a market type can be looked at."""

    sportradar_id: str
    home: str
    away: str


class UnmappedJson(msgspec.Struct, frozen=True, gc=False):
    """A market type of one bookmaker that could not be mapped, in part or whole, in the events now listed."""

    bookmaker: str
    sport: str
    id: str  # theirs
    name: str
    events: int
    outcomes: int  # those without an equal of ours, over all these events
    times_seen: int  # how often an event came to have it
    first_seen_at: Instant
    last_seen_at: Instant
    sample_event: SampleEventJson | None


class UnmappedPageJson(msgspec.Struct, frozen=True):
    """One page of unmapped market types."""

    unmapped: list[UnmappedJson]
    total: int  # matches of the filters, all pages
    page: int
    page_size: int
    now: Instant
    dropped: int  # (event, market type) pairs that found no room in memory, at the bookmakers asked for


class CoverageJson(msgspec.Struct, frozen=True, gc=False):
    """What one bookmaker's listed events offer, as far as we can map it and beyond."""

    bookmaker: str
    events: int  # neither started nor withdrawn
    market_types: int  # different ones mapped
    markets: int  # mapped: one per event, market type and line
    outcomes: int  # mapped and priced
    unmapped_types: int
    unmapped_outcomes: int
    dropped: int


class GroupCoverageJson(msgspec.Struct, frozen=True, gc=False):
    """One group of market types: how many of them each bookmaker offers now, as far as mapped."""

    sport: str
    group: str
    market_types: int  # in the catalogue
    bookmakers: dict[str, int]


class CoverageOfMarketsJson(msgspec.Struct, frozen=True):
    """Every enabled bookmaker's coverage of markets."""

    bookmakers: list[CoverageJson]
    now: Instant
    groups: list[GroupCoverageJson]  # in the catalogue's order; a type may stand in several


class LineJson(msgspec.Struct, frozen=True, gc=False):
    """One line of a market type; "" where the type has none."""

    line: str
    events: int  # at least one bookmaker offers it there


class MarketTypeJson(msgspec.Struct, frozen=True):
    """A market type that can be shown as columns."""

    market_id: str
    name: str
    short: str  # for the head of a column, without the line
    groups: tuple[str, ...]
    outcomes: tuple[str, ...]
    events: int  # of the line that most events have
    lines: list[LineJson]  # ascending


class MarketTypesJson(msgspec.Struct, frozen=True):
    """Everything that can be chosen as a column."""

    markets: list[MarketTypeJson]
    now: Instant


class ListingRow(msgspec.Struct, frozen=True, gc=False):
    """A listing in a WebSocket frame; it replaces the one before."""

    sportradar_id: str
    bookmaker: str
    state: ListingState
    confirmed_at: Instant | None
    changed_at: Instant | None
    market_confirmed_at: dict[str, Instant]
    unread: dict[str, str]


class ChangeJson(msgspec.Struct, frozen=True, gc=False):
    """A market in a WebSocket frame, always with all its outcomes; it replaces the one before."""

    sportradar_id: str
    bookmaker: str
    market_id: str
    line: str
    state: MarketState
    suspect: tuple[str, ...]
    changed_at: Instant
    overround: float | None
    outcomes: list[OutcomeJson]


class SourceJson(msgspec.Struct, frozen=True, gc=False):
    """Whether a bookmaker answers, and since when that is so."""

    bookmaker: str
    state: SourceState
    reason: str
    since: Instant


class RunJson(msgspec.Struct, frozen=True):
    """A scrape run as REST answers it and `run_finished` pushes it."""

    run_id: str
    trigger: Trigger
    status: RunStatus
    started_at: Instant
    finished_at: Instant | None
    events: EventCounts
    changes: int
    matched: int
    bookmakers: list[BookmakerReport]
    phases_ms: dict[str, float]
    errors: list[RunError]
    reason: str
    heartbeat_at: Instant | None
    silent_s: float | None  # since its last progress; null once it has ended
    stalled: bool  # it goes on, and has been silent for a minute
    duration_ms: float
    phases: list[PhaseProgress] | UnsetType = UNSET  # in the run's own answer only


def run_json(report: RunReport, silent_s: float = 0.0, with_phases: bool = False) -> RunJson:
    """Return the run object, every phase named; `silent_s` counts for the run that is on only."""
    is_on = report.finished_at is None
    return RunJson(
        run_id=report.run_id,
        trigger=report.trigger,
        status=report.status,
        started_at=iso_ms(report.started_at),
        finished_at=optional_ms(report.finished_at),
        events=report.events,
        changes=report.changes,
        matched=report.matched,
        bookmakers=report.bookmakers,
        phases_ms={phase: report.phases_ms.get(phase, 0.0) for phase in PHASES},
        errors=report.errors,
        reason=report.reason,
        heartbeat_at=optional_ms(report.heartbeat_at),
        silent_s=round(silent_s, 1) if is_on else None,
        stalled=is_on and silent_s >= STALLED_S,
        duration_ms=report.duration_ms,
        phases=report.phases if with_phases else UNSET,
    )


def source_json(health: SourceHealth) -> SourceJson:
    """Return a source's health with its time in wire form."""
    return SourceJson(health.bookmaker, health.state, health.reason, iso_ms(health.since))
