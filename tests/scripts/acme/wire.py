"""Acme's JSON as structs: only what we read."""

import msgspec

Id = str | int  # ids arrive as numbers or as text; both are read alike


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """One outcome."""

    name: str
    odds: str | float | None = None
    locked: bool = False


class Market(msgspec.Struct, frozen=True, gc=False):
    """One market at one line."""

    id: Id
    outcomes: tuple[Outcome, ...]
    name: str = ""
    line: str = "0"


class Row(msgspec.Struct, frozen=True):
    """One event of a list, and the head of a detail."""

    id: Id
    sr: str | None
    start: int  # kickoff, s UTC
    home: str
    away: str
    sport: str = "football"
    country: str = ""
    competition: str = ""


class Event(Row, frozen=True):
    """One event detail."""

    markets: tuple[Market, ...] = msgspec.field(default=(), name="bets")


class Page(msgspec.Struct, frozen=True):
    """One page of the list."""

    events: tuple[Row, ...]
    more: bool
