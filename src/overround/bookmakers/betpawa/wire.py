"""BetPawa's JSON as structs: only what we read. Source: payloads: betpawa/*.json."""

from datetime import datetime
from typing import Annotated

import msgspec

Id = str | int  # ids arrive as text; numbers in their place are read alike
AwareTime = Annotated[datetime, msgspec.Meta(tz=True)]  # "2026-08-21T09:30:00Z"; without a zone it is refused


class Price(msgspec.Struct, frozen=True, gc=False):
    """One outcome. Its probability is not shown to punters and therefore not declared here."""

    name: str | int  # "1", "Over", "1X - Yes": the outcome's identity within the market type
    odds: float | str | None = None  # v4; 0 while suspended
    price: float | str | None = None  # the same in v3
    suspended: bool | None = None  # v4 says it only when true


class Row(msgspec.Struct, frozen=True, gc=False):
    """One display row: a market's outcomes spread over rows, rows of equal handicap belong together."""

    prices: tuple[Price, ...]
    handicap: float | str | None = None  # the line x 4, from the home side


class MarketType(msgspec.Struct, frozen=True, gc=False):
    """What kind of market the rows are of."""

    id: Id  # "3743" is 1X2 full time; unique within the sport
    name: str | None = None


class MarketGroup(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One market type with the rows of all its lines."""

    market_type: MarketType
    row: tuple[Row, ...]


class Named(msgspec.Struct, frozen=True):
    """Category (sport), region (country) or competition."""

    id: Id | None = None
    name: str | None = None


class Widget(msgspec.Struct, frozen=True):
    """The event's id at a supplier; PREMATCH and INPLAY rows repeat it."""

    id: Id | None = None
    type: str | None = None  # SPORTRADAR, GENIUSSPORTS


class Participant(msgspec.Struct, frozen=True):
    """One team; the order of the rows means nothing."""

    position: Id  # 1 is home
    name: str


class Header(msgspec.Struct, frozen=True, rename="camel"):
    """Who plays when: the same in lists and in the detail."""

    id: Id
    start_time: AwareTime
    participants: tuple[Participant, ...]
    widgets: tuple[Widget, ...] | None = None
    category: Named | None = None
    region: Named | None = None
    competition: Named | None = None


class Event(Header, frozen=True, kw_only=True, rename="camel"):
    """One event detail, v4 or the v3 of older recordings."""

    markets: tuple[MarketGroup, ...]


class ListedEvent(Header, frozen=True, kw_only=True, rename="camel"):
    """One list row with the market types that were asked for."""

    markets: tuple[MarketGroup, ...] = ()


class EventRows(msgspec.Struct, frozen=True):
    """What one query found; rows stay raw, so that one odd row does not cost the others."""

    responses: tuple[msgspec.Raw, ...]


class EventList(msgspec.Struct, frozen=True):
    """An events/lists/by-queries answer: one entry per query."""

    responses: tuple[EventRows, ...]


class EventCounts(msgspec.Struct, frozen=True):
    """How many events a sport has."""

    upcoming: Id | None = None


class SportMeta(msgspec.Struct, frozen=True, rename="camel"):
    """One sport of categories/list/all; its id stands in `category` or beside the counts."""

    id: Id | None = None
    category: Named | None = None
    event_counts: EventCounts | None = None


class Sports(msgspec.Struct, frozen=True, rename="camel"):
    """A categories/list/all answer."""

    only_meta: tuple[SportMeta, ...]


class CompetitionEntry(msgspec.Struct, frozen=True):
    """A competition; the id is nested."""

    competition: Named


class RegionEntry(msgspec.Struct, frozen=True):
    """A country with its competitions."""

    competitions: tuple[CompetitionEntry, ...] | None = None


class Regions(msgspec.Struct, frozen=True):
    """One sport's countries."""

    regions: tuple[RegionEntry, ...] | None = None


class Competitions(msgspec.Struct, frozen=True, rename="camel"):
    """A categories/list/{sport}?includeRegions=true answer."""

    with_regions: tuple[Regions, ...]
