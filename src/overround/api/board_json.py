"""The board as it is answered: columns, in which rows refer to each other by position."""

import msgspec

from overround.api.schemas import Instant
from overround.config import World
from overround.domain.events import Competition, ListingState
from overround.domain.markets import MarketState


class BoardEvents(msgspec.Struct, frozen=True):
    """A row per event, by kickoff."""

    id: list[str]
    home: list[str]
    away: list[str]
    kickoff_at: list[Instant]
    competition: list[int]  # position in `competitions`


class BoardListings(msgspec.Struct, frozen=True):
    """A row per event and bookmaker that lists it."""

    event: list[int]
    bookmaker: list[int]
    state: list[ListingState]
    confirmed_at: list[Instant | None]
    changed_at: list[Instant | None]
    market_confirmed_at: list[dict[str, Instant]]
    unread: list[dict[str, str]]


class BoardPrices(msgspec.Struct, frozen=True):
    """A row per event, bookmaker and chosen market."""

    event: list[int]
    bookmaker: list[int]
    market: list[int]
    odds: list[list[float | None]]  # in the order of `outcomes`; null where not offered
    suspended: list[int]  # bit i is set while outcome i is shown but locked
    changed_at: list[Instant]
    state: list[MarketState]
    suspect: list[list[str]]


class BoardJson(msgspec.Struct, frozen=True):
    """Everything the first screen needs."""

    epoch: str
    seq: int
    revision: int  # as seq, named as in the list of events
    version: str
    world: World
    now: Instant
    stale_after_s: int
    bookmakers: list[str]
    bookmaker_names: list[str]
    markets: list[str]  # "market_id|line", in column order
    market_names: list[str]
    winners: list[int | None]  # outcomes that pay; null where a total says nothing
    outcomes: list[list[str]]  # per market
    events: BoardEvents
    competitions: list[Competition]
    listings: BoardListings
    prices: BoardPrices
