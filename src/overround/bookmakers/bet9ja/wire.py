"""
Bet9ja's JSON as structs: only what we read.

Source: payloads: bet9ja/*.json. What is not declared is skipped unread; D.TRANS alone is half a body.
"""

import msgspec
from msgspec import field

Id = str | int  # ids arrive as numbers or as text


class LivePrice(msgspec.Struct, frozen=True, gc=False):
    """A price of a running match; 1 stands for nothing offered."""

    value: float = field(name="v")


Price = str | float | LivePrice  # prematch text, "2.42"; a number is read alike


class MarketName(msgspec.Struct, frozen=True):
    """One entry of D.MK, the dictionary of the markets on this event."""

    id: str = field(name="ID")  # "S_1X2HND": the odds keys' text before the line and the outcome
    name: str = field(name="DS", default="")
    outcomes: set[str] = field(name="SGNK", default_factory=set[str])  # the suffixes that its keys may have


class Fields(msgspec.Struct, frozen=True):
    """What a detail, a list row and the `AA` part of a live detail say of an event, under the same names."""

    event_id: Id | None = field(name="ID", default=None)
    sportradar_id: Id | None = field(name="EXTID", default=None)
    teams: str | None = field(name="DS", default=None)  # "Home - Away"; the only place with names
    kickoff: str | None = field(
        name="STARTDATE", default=None
    )  # "2026-05-06 11:00:00", UTC without saying so
    sport: str | None = field(name="S", default=None)  # "Soccer"
    sport_id: Id | None = field(name="SID", default=None)
    country: str | None = field(name="SG", default=None)
    competition: str | None = field(name="GN", default=None)


class LiveCompetition(msgspec.Struct, frozen=True):
    """AA.COMP of a running match."""

    sport: str | None = field(name="SPORT", default=None)


class LiveFields(Fields, frozen=True):
    """D.AA: the header of a running match."""

    place: LiveCompetition = field(name="COMP", default=LiveCompetition())


class LiveState(msgspec.Struct, frozen=True):
    """D.A: clock and score of a running match, and its Sportradar id."""

    sportradar_id: Id | None = field(name="EXTID", default=None)
    match_id: Id | None = field(name="BRMATCHID", default=None)  # the same id again


class Detail(Fields, frozen=True):
    """D of GetEvent, or of GetLiveEvent when `live` is there."""

    odds: msgspec.Raw = field(name="O", default=msgspec.Raw())  # flat: key -> Price
    markets: tuple[MarketName, ...] = field(name="MK", default=())
    live: LiveFields | None = field(name="AA", default=None)
    live_state: LiveState | None = field(name="A", default=None)


class DetailAnswer(msgspec.Struct, frozen=True):
    """GetEvent and GetLiveEvent. R is "OK" or "D" with an event, "E" without; D is false for one that ended."""

    result: str | None = field(name="R", default=None)
    data: Detail | bool | str | list[msgspec.Raw] | None = field(name="D", default=None)


class Group(msgspec.Struct, frozen=True):
    """A competition of the tree; its key in the tree is the GROUPID."""

    name: str | None = field(name="G_DESC", default=None)


class Country(msgspec.Struct, frozen=True):
    """A country of the tree."""

    name: str | None = field(name="SG_DESC", default=None)
    groups: dict[str, Group] = field(name="G", default_factory=dict[str, Group])


class Sport(msgspec.Struct, frozen=True):
    """A sport of the tree."""

    countries: dict[str, Country] = field(name="SG", default_factory=dict[str, Country])


class Tree(msgspec.Struct, frozen=True):
    """D of GetSports; sports we don't collect stay unread."""

    sports: dict[str, msgspec.Raw] = field(name="PAL")


class TreeAnswer(msgspec.Struct, frozen=True):
    """GetSports."""

    result: str | None = field(name="R", default=None)
    data: Tree | bool | str | None = field(name="D", default=None)


class GroupEvents(msgspec.Struct, frozen=True):
    """D of GetEventsInGroupV2."""

    events: tuple[Fields, ...] = field(name="E")
    competition: str | None = field(name="GN", default=None)
    country: str | None = field(name="SG", default=None)


class PricedRow(Fields, frozen=True):
    """One list row with its inline prices."""

    odds: msgspec.Raw = field(name="O", default=msgspec.Raw())  # flat: key -> Price


class PricedEvents(msgspec.Struct, frozen=True):
    """D of GetEventsInGroupV2; rows stay raw, so that one odd row does not cost the others."""

    events: tuple[msgspec.Raw, ...] = field(name="E")


class PricedAnswer(msgspec.Struct, frozen=True):
    """GetEventsInGroupV2, read for prices."""

    result: str | None = field(name="R", default=None)
    data: PricedEvents | bool | str | None = field(name="D", default=None)


class GroupAnswer(msgspec.Struct, frozen=True):
    """GetEventsInGroupV2."""

    result: str | None = field(name="R", default=None)
    data: GroupEvents | bool | str | None = field(name="D", default=None)
