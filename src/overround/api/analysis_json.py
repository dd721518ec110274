"""Gaps, exposures and movements as REST and WebSocket write them. Ratios are fractions, odds decimal."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from overround.analysis.comparison import gap_against
from overround.analysis.records import (
    AnsweredBy,
    ClosedBy,
    Comparison,
    Exposure,
    Move,
    MoveKind,
    Movement,
    Suppression,
    Unanswered,
)
from overround.api.schemas import Instant, iso_ms, iso_s, optional_ms
from overround.cache.odds_cache import CachedEvent, OddsCache
from overround.config import REFERENCE
from overround.domain.catalogue import Catalogue
from overround.domain.comparing import aligned
from overround.domain.events import Competition
from overround.domain.fair import DEFAULT_METHOD, FairMethod
from overround.domain.markets import MarketKey


class MarketRef(msgspec.Struct, frozen=True, gc=False):
    """A market of an event, with what a reader calls it; teams are "" for an event that left memory."""

    sportradar_id: str
    home: str
    away: str
    kickoff_at: Instant | None
    competition: Competition | None
    market_id: str
    line: str
    market: str  # the column's name, "O/U 2.5"


class GapJson(MarketRef, frozen=True, gc=False):
    """The reference's price of one outcome against the price it is held against."""

    outcome: str
    odds: float
    against: float
    gap: float  # odds / against - 1
    net_win_gap: float  # (odds - 1) / (against - 1) - 1
    median: float | None
    best: float
    rank: int  # 1 is the highest price
    competitors: int  # whose price counts in this market


class LegJson(msgspec.Struct, frozen=True, gc=False):
    """One leg of an exposure."""

    outcome: str
    bookmaker: str
    odds: float
    changed_at: Instant
    confirmed_at: Instant | None
    age_s: float | None  # since it was last confirmed; of closed ones null


class ExposureJson(MarketRef, frozen=True, gc=False):
    """A market whose best prices add up to less than W."""

    id: str
    mine: bool
    legs: list[LegJson]
    total: float  # sum(1/odds) / W
    profit: float  # 1 / total - 1
    peak: float
    peak_at: Instant
    opened_at: Instant
    closed_at: Instant | None
    closed_by: ClosedBy | None
    open_s: float  # how long it has been open, or was
    suppressed: tuple[Suppression, ...]


class OutcomeMoveJson(msgspec.Struct, frozen=True, gc=False):
    """One outcome's move; null where it could not be backed, or no probability is known."""

    name: str
    from_: float | None = msgspec.field(name="from")
    to: float | None
    change: float | None
    points: float | None  # fair probability after - before


class MoveJson(msgspec.Struct, frozen=True, gc=False):
    """One bookmaker's move."""

    at: Instant
    bookmaker: str
    kind: MoveKind
    flickers: int
    outcomes: list[OutcomeMoveJson]


class SteamJson(msgspec.Struct, frozen=True, gc=False):
    """n - 1 of n competitors moved the same way."""

    outcome: str
    direction: str
    bookmakers: tuple[str, ...]
    competitors: int
    started_at: Instant
    detected_at: Instant
    points: float


class UnansweredJson(msgspec.Struct, frozen=True, gc=False):
    """A competitor's move that the reference has, or had, to answer."""

    outcome: str
    direction: str
    bookmaker: str
    from_: float | None = msgspec.field(name="from")
    to: float | None
    since: Instant
    own_then: float
    open_s: float  # how long it has waited, or did
    answered_at: Instant | None
    answered_by: AnsweredBy | None


class MovementJson(MarketRef, frozen=True, gc=False):
    """All moves of one market in one run."""

    id: str
    run_id: str | None
    started_at: Instant
    changed_at: Instant
    first_mover: str
    method: FairMethod  # of the points
    names: tuple[str, ...]
    own: list[float | None]  # the reference's prices now, in the order of names
    moves: list[MoveJson]
    steam: SteamJson | None
    unanswered: list[UnansweredJson]


class AnalysisRows:
    """Makes rows; knows the names of events and markets."""

    def __init__(
        self, cache: OddsCache, catalogue: Catalogue, past: Mapping[str, CachedEvent] | None = None
    ) -> None:
        """Read names from memory, and of events that left it from `past`."""
        self._cache, self._catalogue, self._past = cache, catalogue, past or {}

    def gap(self, comparison: Comparison, place: int, against_milli: float) -> GapJson | None:
        """Return one outcome's gap, None where one of both prices is missing."""
        gaps = gap_against(comparison, against_milli, place)
        if gaps is None:
            return None
        middle = comparison.median_milli[place]
        return GapJson(
            *self._ref(comparison.sportradar_id, comparison.key),
            outcome=comparison.names[place],
            odds=comparison.own_milli[place] / 1000,
            against=against_milli / 1000,
            gap=gaps[0],
            net_win_gap=gaps[1],
            median=middle / 1000 if middle else None,
            best=comparison.best_milli[place] / 1000,
            rank=comparison.rank[place],
            competitors=comparison.competitors,
        )

    def exposure(self, exposure: Exposure, now: datetime) -> ExposureJson:
        """Return an exposure with the ages of its legs."""
        event = self._cache.event(exposure.sportradar_id)
        return ExposureJson(
            *self._ref(exposure.sportradar_id, exposure.key),
            id=exposure.id,
            mine=exposure.mine,
            legs=[
                LegJson(
                    leg.name, leg.bookmaker, leg.odds_milli / 1000, iso_ms(leg.changed_at),
                    optional_ms(at := _confirmed_at(event, exposure, leg.bookmaker)),
                    (now - at).total_seconds() if at else None,
                )
                for leg in exposure.legs
            ],
            total=exposure.total,
            profit=exposure.profit,
            peak=exposure.peak,
            peak_at=iso_ms(exposure.peak_at),
            opened_at=iso_ms(exposure.opened_at),
            closed_at=optional_ms(exposure.closed_at),
            closed_by=exposure.closed_by,
            open_s=((exposure.closed_at or now) - exposure.opened_at).total_seconds(),
            suppressed=exposure.suppressed,
        )  # fmt: skip

    def movement(self, movement: Movement, now: datetime) -> MovementJson:
        """Return a movement with the reference's prices as they are now."""
        names = movement.moves[-1].names
        return MovementJson(
            *self._ref(movement.sportradar_id, movement.key),
            id=movement.id,
            run_id=movement.run_id,
            started_at=iso_ms(movement.started_at),
            changed_at=iso_ms(movement.changed_at),
            first_mover=movement.first_mover,
            method=DEFAULT_METHOD,
            names=names,
            own=self._own(movement, names),
            moves=[_move_json(move) for move in movement.moves],
            steam=_steam_json(movement),
            unanswered=[_unanswered_json(each, now) for each in movement.unanswered],
        )

    def _ref(
        self, sportradar_id: str, key: MarketKey
    ) -> tuple[str, str, str, str | None, Competition | None, str, str, str]:
        event = self._cache.event(sportradar_id) or self._past.get(sportradar_id)
        kind = self._catalogue.find(key.market_id, event.header.sport if event else "football")
        name = kind.column_name(key.line) if kind else f"{key.market_id} {key.line}".strip()
        if event is None:
            return sportradar_id, "", "", None, None, key.market_id, key.line, name
        header = event.header
        return (
            sportradar_id, header.home, header.away, iso_s(header.kickoff_at), header.competition,
            key.market_id, key.line, name,
        )  # fmt: skip

    def _own(self, movement: Movement, names: tuple[str, ...]) -> list[float | None]:
        entry = self._cache.listing(movement.sportradar_id, REFERENCE)
        market = entry.markets.get(movement.key) if entry else None
        if market is None:
            return [None] * len(names)
        return [_odds(milli) for milli in aligned(market, names)]


def _odds(milli: int) -> float | None:
    return milli / 1000 if milli else None


def _confirmed_at(event: CachedEvent | None, exposure: Exposure, bookmaker: str) -> datetime | None:
    entry = event.listings.get(bookmaker) if event and exposure.closed_at is None else None
    return entry.fresh_at(exposure.key) if entry else None


def _move_json(move: Move) -> MoveJson:
    outcomes = [
        OutcomeMoveJson(each.name, _odds(each.from_milli), _odds(each.to_milli), each.change, each.points)
        for each in move.outcomes
    ]
    return MoveJson(iso_ms(move.at), move.bookmaker, move.kind, move.flickers, outcomes)


def _steam_json(movement: Movement) -> SteamJson | None:
    steam = movement.steam
    if steam is None:
        return None
    return SteamJson(
        steam.name, steam.direction, steam.bookmakers, steam.competitors, iso_ms(steam.started_at),
        iso_ms(steam.detected_at), steam.points,
    )  # fmt: skip


def _unanswered_json(entry: Unanswered, now: datetime) -> UnansweredJson:
    return UnansweredJson(
        outcome=entry.name,
        direction=entry.direction,
        bookmaker=entry.bookmaker,
        from_=_odds(entry.from_milli),
        to=_odds(entry.to_milli),
        since=iso_ms(entry.since),
        own_then=entry.own_milli / 1000,
        open_s=((entry.answered_at or now) - entry.since).total_seconds(),
        answered_at=optional_ms(entry.answered_at),
        answered_by=entry.answered_by,
    )
