"""SportyBet's JSON as structs: only what we read. Source: payloads: sportybet/*.json."""

import msgspec

from overround.bookmakers import facts_center
from overround.bookmakers.facts_center import Id


class Outcome(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One outcome."""

    id: Id
    is_active: int
    odds: str | float | None = None  # "2.40"; "0.00" and "1.00" stand for nothing offered
    text: str | None = msgspec.field(default=None, name="desc")  # teams, lines; read where it names a player


class Market(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One market at one line: same id, different specifier."""

    id: Id
    status: int  # 0 is open; 1 and 2 occur while outcomes stay active
    outcomes: tuple[Outcome, ...]
    specifier: str | None = None  # "total=2.5", "hcp=0:1", "minute=5|total=0.5"
    name: str | None = None
    desc: str | None = None
    banned: bool | None = None


class Tournament(msgspec.Struct, frozen=True, rename="camel"):
    """The competition inside an event's category."""

    id: Id = ""
    name: str | None = None


class Category(msgspec.Struct, frozen=True, rename="camel"):
    """The country, or "International", inside an event's sport."""

    id: Id = ""
    name: str | None = None
    tournament: Tournament = Tournament()


class Sport(msgspec.Struct, frozen=True, rename="camel"):
    """An event's sport with its category and tournament nested."""

    id: Id  # "sr:sport:1" is football
    name: str | None = None
    category: Category = Category()


class Source(msgspec.Struct, frozen=True, rename="camel"):
    """Who supplies one phase of an event, and the event's id there."""

    source_type: str | None = None  # "BET_RADAR" or "BET_GENIUS"
    source_id: Id | None = None


class EventSource(msgspec.Struct, frozen=True, rename="camel"):
    """The suppliers before and after kickoff."""

    pre_match_source: Source | None = None
    live_source: Source | None = None


class Event(msgspec.Struct, frozen=True, rename="camel"):
    """One event detail: `data` of factsCenter/event."""

    event_id: str  # "sr:match:68995116"
    estimate_start_time: int  # kickoff, ms UTC
    status: int  # 0 not started, 1 live, 3 and 4 ended
    home_team_name: str
    away_team_name: str
    sport: Sport
    markets: tuple[Market, ...]
    event_source: EventSource | None = None
    banned: bool | None = None


Detail = facts_center.Detail[Event]


class ListedRow(msgspec.Struct, frozen=True, rename="camel"):
    """One event of a list; read leniently, for no real list answer was captured."""

    event_id: str
    estimate_start_time: int | None = None  # outrights may lack it, and teams
    home_team_name: str = ""
    away_team_name: str = ""
    status: int = 0
    sport: Sport | None = None
    event_source: EventSource | None = None


class PricedRow(ListedRow, frozen=True, kw_only=True, rename="camel"):
    """One event of a list with the markets that were asked for."""

    markets: tuple[Market, ...] = ()
    banned: bool | None = None


class PricedTournament(msgspec.Struct, frozen=True, rename="camel"):
    """A tournament of pcEvents; events stay raw, so that one odd row does not cost the others."""

    events: tuple[msgspec.Raw, ...] | None = None


class ListedTournament(msgspec.Struct, frozen=True, rename="camel"):
    """A tournament: of the tree (counts only) or of pcEvents (with its events)."""

    id: Id = ""
    name: str | None = None
    events: tuple[ListedRow, ...] | None = None


class TreeNode(msgspec.Struct, frozen=True, rename="camel"):
    """A sport with categories, or a category with tournaments: one old client saw the latter at the top."""

    id: Id = ""
    name: str | None = None
    categories: tuple["TreeNode", ...] | None = None
    tournaments: tuple[ListedTournament, ...] | None = None


class Tree(msgspec.Struct, frozen=True, rename="camel"):
    """`data` of factsCenter/popularAndSportList."""

    sport_list: tuple[TreeNode, ...]
