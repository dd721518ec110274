"""Betway's JSON as structs: only what we read. Source: payloads: betway/*.json."""

import msgspec

Id = str | int  # event and subscription ids arrive as numbers, the others as text; both are read alike


class SportEvent(msgspec.Struct, frozen=True, rename="camel"):
    """One event: `sportEvent` of EventAndGameState."""

    event_id: Id  # the Sportradar id
    expected_start_epoch: int  # kickoff, s UTC
    home_team: str
    away_team: str
    sport_id: str  # "soccer"
    is_active: bool
    is_finished: bool
    is_live: bool
    region: str | None = None
    league: str | None = None


class Market(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One market at one line."""

    market_id: Id  # event id, subscription id and specifier in one text: "6899511618total=2.5~"
    subscription_id: Id  # the feed's market id
    is_active: bool
    is_suspended: bool
    name: str | None = None
    is_squashed_parent: bool = False  # a heading over the lines of a market; has no outcomes of its own


class Outcome(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One outcome."""

    outcome_id: Id  # its market's id and the feed's outcome id in one text: "6899511618total=2.5~12"
    market_id: Id  # the heading's, for a line of a squashed market
    is_trading_active: bool
    should_display: bool = True  # False for lines that the page hides: their market has no row then
    name: str | None = None  # holds team names: looked at only where it names a player
    original_market_id: Id | None = None


class Price(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """The price of one outcome."""

    outcome_id: Id
    price_decimal: str | float | None = None  # 0 stands for nothing offered


class Part(msgspec.Struct, frozen=True, rename="camel"):
    """An answer of EventAndGameState (`sportEvent`) or a page of markets, or both stitched into one document."""

    sport_event: SportEvent | msgspec.UnsetType | None = msgspec.UNSET
    markets_in_group: tuple[Market, ...] | None = None
    outcomes: tuple[Outcome, ...] = ()
    prices: tuple[Price, ...] = ()


class ListedRow(msgspec.Struct, frozen=True, rename="camel"):
    """One event of a list; read leniently, for no real list answer was captured."""

    event_id: Id
    expected_start_epoch: int | None = None  # outrights may lack it, and teams
    home_team: str | None = None
    away_team: str | None = None
    sport_id: str | None = None
    region_id: str | None = None  # "esoccer" is no football
    region: str | None = None
    league: str | None = None
    is_live: bool = False
    is_finished: bool = False
    is_outright: bool = False


class EventList(msgspec.Struct, frozen=True, rename="camel"):
    """A page of BetBook."""

    events: tuple[ListedRow, ...]
    is_final_page: bool
