"""Coverage of events and its gaps as they are answered."""

import msgspec
from msgspec import UNSET, UnsetType

from overround.analysis.coverage import GapKind, GapStatus, Side
from overround.api.schemas import Instant
from overround.domain.events import Competition, ListingState


class EventRefJson(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An event, as one names it."""

    sportradar_id: str
    home: str
    away: str
    kickoff_at: Instant
    competition: Competition


class CoveredListingJson(msgspec.Struct, frozen=True, gc=False):
    """A bookmaker that lists an event."""

    bookmaker: str
    state: ListingState
    kickoff_at: Instant | None  # as it says itself
    markets: int  # mapped and offered


class CoveredEventJson(EventRefJson, frozen=True, kw_only=True):
    """An event and who lists it."""

    check: bool  # bookmakers disagree on the kickoff
    bookmakers: list[CoveredListingJson]


class CoverageSums(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Some events by who lists them."""

    events: int
    bookmakers: dict[str, int]
    missing_here: int  # that a competitor lists and the reference does not
    missing_there: dict[str, int]  # by competitor: that the reference lists and it does not
    check: int


class CoverageTotals(CoverageSums, frozen=True, gc=False, kw_only=True):
    """All events that the filters leave."""

    matched: int  # at the reference and a competitor
    only: dict[str, int]  # by bookmaker: at it alone


class CompetitionCoverageJson(CoverageSums, frozen=True, kw_only=True):
    """One competition."""

    competition: Competition
    sport: str
    rows: list[CoveredEventJson] | UnsetType = UNSET  # where asked for


class EventCoverageJson(msgspec.Struct, frozen=True):
    """Who lists which events, by competition."""

    totals: CoverageTotals
    competitions: list[CompetitionCoverageJson]
    bookmakers: tuple[str, ...]
    counted_at: Instant
    now: Instant


class CoverageGapJson(msgspec.Struct, frozen=True):
    """Something that is offered on one side and missing on the other."""

    kind: GapKind
    side: Side
    missing_at: str
    status: GapStatus
    sport: str
    competition: Competition | None  # null for markets and lines, which span competitions
    market_id: str  # "" for events and competitions
    line: str
    name: str
    events: int  # in which it is missing
    could: int  # in which it could be
    offering: tuple[str, ...]
    frequency: float
    urgency: float
    score: float
    sample_event: EventRefJson  # the one that kicks off first


class GapCounts(msgspec.Struct, frozen=True, gc=False):
    """Gaps of one kind."""

    not_offered: int
    unmapped: int


class CoverageGapsJson(msgspec.Struct, frozen=True):
    """One page of gaps, most urgent first."""

    gaps: list[CoverageGapJson]
    counts: dict[GapKind, GapCounts]  # on this side, whatever the other filters
    total: int
    page: int
    page_size: int
    counted_at: Instant
    now: Instant
