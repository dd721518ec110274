"""Which part of the odds a subscriber holds."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from overround.api.market_choice import MAIN_CHOICE, MarketChoice, read_choice
from overround.domain.events import EventHeader

MAX_NAMED = 1000  # values in one list of a filter

Instant = Annotated[datetime, Meta(tz=True)]
Names = Annotated[list[str], Meta(max_length=MAX_NAMED)]


class FilterRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A filter as a client writes it; all parts that are given must hold."""

    bookmakers: Names | None = None
    markets: Names | Literal["all"] | None = None
    competitions: Names | None = None
    from_: Instant | None = msgspec.field(default=None, name="from")
    to: Instant | None = None
    events: Names | None = None


class OddsFilter(msgspec.Struct, frozen=True):
    """
    A checked filter; None where nothing is limited.

    `events`, `competitions` and the kickoff window choose events; `bookmakers` and `markets` choose what is
    held of them. Headers of chosen events are held whoever lists them.
    """

    bookmakers: frozenset[str] | None = None
    markets: MarketChoice | None = MAIN_CHOICE
    competitions: frozenset[str] | None = None
    start: datetime | None = None
    end: datetime | None = None
    events: frozenset[str] | None = None

    def takes_event(self, header: EventHeader) -> bool:
        """Return whether the event belongs to the filter."""
        return (
            (self.events is None or header.sportradar_id in self.events)
            and (self.competitions is None or header.competition.id in self.competitions)
            and (self.start is None or header.kickoff_at >= self.start)
            and (self.end is None or header.kickoff_at < self.end)
        )

    def takes_bookmaker(self, bookmaker: str) -> bool:
        """Return whether the bookmaker's listings belong to the filter."""
        return self.bookmakers is None or bookmaker in self.bookmakers


MAIN_ONLY = OddsFilter()


def one_event(sportradar_id: str) -> OddsFilter:
    """Return the filter of topic `event:{id}`: one event with all its markets."""
    return OddsFilter(markets=None, events=frozenset({sportradar_id}))


def read_filter(request: FilterRequest | None) -> OddsFilter:
    """
    Check a client's filter; without one, and without `markets` in it, the main markets are meant.

    Raises:
        ValueError: A market's line is no number.
    """
    if request is None:
        return MAIN_ONLY
    choice = MAIN_CHOICE
    if request.markets is not None:
        choice = None if request.markets == "all" else read_choice(request.markets)
    return OddsFilter(
        bookmakers=_set(request.bookmakers),
        markets=choice,
        competitions=_set(request.competitions),
        start=request.from_,
        end=request.to,
        events=_set(request.events),
    )


def _set(names: list[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)
