"""MSport's JSON as structs: only what we read. Source: payloads: msport/*.json."""

import msgspec

from overround.bookmakers import facts_center
from overround.bookmakers.facts_center import Id


class Outcome(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One outcome."""

    id: Id
    is_active: int
    odds: str | float | None = None  # "2.45"
    text: str | None = msgspec.field(default=None, name="description")  # read where it names a player


class Market(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One market at one line: same id, different specifiers."""

    id: Id  # a number
    status: int  # 0 is open
    outcomes: tuple[Outcome, ...]
    specifiers: str | None = None  # "total=2.5", "hcp=0:1", ""
    name: str | None = None
    description: str | None = None


class Event(msgspec.Struct, frozen=True, rename="camel"):
    """One event detail: `data` of match/detail."""

    event_id: str  # "sr:match:68995116"
    start_time: int  # kickoff, ms UTC
    status: int  # 0 not started, 1 live
    home_team: str
    away_team: str
    sport_id: Id  # "sr:sport:1" is football
    markets: tuple[Market, ...]
    sport: str | None = None
    category: str | None = None  # the country, or "International"
    tournament: str | None = None


Detail = facts_center.Detail[Event]


class ListedRow(msgspec.Struct, frozen=True, rename="camel"):
    """One event of a list; read leniently, for no real list answer was captured."""

    event_id: str
    start_time: int | None = None  # outrights may lack it, and teams
    home_team: str | None = None
    away_team: str | None = None
    status: int = 0
    sport_id: Id | None = None
    category: str | None = None
    tournament: str | None = None


class ListedTournament(msgspec.Struct, frozen=True, rename="camel"):
    """A tournament with those of its events that are on the page."""

    category: str | None = None
    tournament: str | None = None
    events: tuple[ListedRow, ...] | None = None


class Page(msgspec.Struct, frozen=True, rename="camel"):
    """`data` of sports-matches-list: one page."""

    tournaments: tuple[ListedTournament, ...] | None
    last_event_id: str | None = None  # the cursor: passed back for the next page
