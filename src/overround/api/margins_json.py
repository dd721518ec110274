"""Margins and positions over time as they are answered. Margins are overrounds: fractions."""

import msgspec
from msgspec import UNSET, UnsetType

from overround.api.schemas import Instant
from overround.domain.events import Competition


class RollupHead(msgspec.Struct, frozen=True, kw_only=True):
    """What time an answer is over, and how far it is known."""

    from_: Instant = msgspec.field(name="from")
    to: Instant
    rolled_up_until: Instant | None
    closed_until: Instant | None
    now: Instant


class MarketOfMargins(msgspec.Struct, frozen=True, kw_only=True):
    """A market at one line."""

    sport: str
    market_id: str
    line: str
    name: str


class OpeningAndClosing(msgspec.Struct, frozen=True):
    """One bookmaker's mean margins where both are known."""

    events: int
    opening: float | None
    closing: float | None


class MarginRowJson(MarketOfMargins, frozen=True, kw_only=True):
    """One market of one league: time-weighted means."""

    competition: Competition
    own: float | None
    rivals: dict[str, float | None]
    difference: float | None  # ours - the mean of the rivals'
    events: int  # that closed
    closes: dict[str, OpeningAndClosing]
    clv: dict[str, float | None]  # what was kept against the fair close, by mark
    sparkline: list[float | None]  # our mean of each day


class MarginsJson(RollupHead, frozen=True, kw_only=True):
    """One page of league x market."""

    margins: list[MarginRowJson]
    total: int
    page: int
    page_size: int


class PositionRowJson(msgspec.Struct, frozen=True, kw_only=True):
    """How our price stood, by the cut asked for: a competition, a market or a band."""

    best_share: float | None  # of the time at the best price
    rank: float
    rivals: float
    gap: float | None  # to the median of the rivals
    hours: float
    competition: Competition | UnsetType = UNSET
    sport: str | UnsetType = UNSET
    market_id: str | UnsetType = UNSET
    line: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    band: str | UnsetType = UNSET


class PositionsJson(RollupHead, frozen=True, kw_only=True):
    """Positions by one cut."""

    by: str
    positions: list[PositionRowJson]


class MarginRangeJson(msgspec.Struct, frozen=True):
    """Margins over some time."""

    min: float | None
    mean: float | None
    max: float | None
    hours: float
    uptime: float | None  # share of the time in which another bookmaker was open


class BookmakerMarginsJson(msgspec.Struct, frozen=True):
    """One bookmaker's margins in a market, in all and by time to kickoff."""

    bookmaker: str
    overall: MarginRangeJson
    bands: list[MarginRangeJson]  # in the order of `bands`


class CompetitionMarketJson(MarketOfMargins, frozen=True, kw_only=True):
    """One market of a league."""

    bookmakers: list[BookmakerMarginsJson]
    events: int
    closes: dict[str, OpeningAndClosing]
    clv: dict[str, float | None]


class CompetitionMarginsJson(RollupHead, frozen=True, kw_only=True):
    """One league by market and time to kickoff."""

    competition: Competition
    bands: list[str]
    markets: list[CompetitionMarketJson]
