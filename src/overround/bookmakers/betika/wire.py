"""Betika's JSON as structs: only what we read. Source: payloads: betika/*.json."""

import msgspec

Id = str | int  # text before kickoff, numbers in play


class Odd(msgspec.Struct, frozen=True, gc=False):
    """One outcome at one specifier."""

    outcome_id: Id
    odd_value: str | float | None = None  # "1.23"
    special_bet_value: str | None = None  # the specifier: "total=2.5", "hcp=0:1", "" for none
    odd_key: str | None = None  # holds team names and lines: looked at only where it names a player
    odd_active: int | None = None  # in play only; before kickoff what is listed is offered
    market_active: int | None = None


class SubType(msgspec.Struct, frozen=True, gc=False):
    """One market type: the outcomes of all its lines in one list."""

    sub_type_id: Id  # the feed's market id
    odds: tuple[Odd, ...]
    name: str | None = None


class Match(msgspec.Struct, frozen=True):
    """One match with the market types that were asked for."""

    match_id: Id  # repeats within and across sports: an identity only together with competition_id
    competition_id: Id
    parent_match_id: Id | None  # the Sportradar id
    home_team: str
    away_team: str
    start_time: str  # "2026-05-13 22:00:00", East Africa Time
    sport_id: Id
    competition_name: str | None = None
    category: str | None = None  # the country
    sport_name: str | None = None
    match_status: str | None = None  # in play only
    odds: tuple[SubType, ...] | None = None


class Detail(msgspec.Struct, frozen=True):
    """An answer of /v1/uo/matches for one match: one row, none for an unknown one."""

    data: tuple[Match, ...]


class ListedRow(msgspec.Struct, frozen=True):
    """One match of a list; read leniently, for no real list of several was captured."""

    match_id: Id
    competition_id: Id
    parent_match_id: Id | None = None
    home_team: str | None = None
    away_team: str | None = None
    start_time: str | None = None
    sport_id: Id | None = None
    competition_name: str | None = None
    category: str | None = None
    is_esport: bool | int = False
    is_srl: bool | int = False  # "Simulated Reality League": no real match either


class Meta(msgspec.Struct, frozen=True):
    """What a list says of itself."""

    total: Id  # matches on all pages, as text


class MatchList(msgspec.Struct, frozen=True):
    """A page of /v1/uo/matches."""

    data: tuple[ListedRow, ...]
    meta: Meta
