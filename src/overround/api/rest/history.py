"""A market's prices over time, at one bookmaker or beside each other at several."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import Query, Request, Response

from overround.api.answers import answers
from overround.api.context import Context, context
from overround.api.parameters import Line, MarketId, SportradarId
from overround.api.problems import PROBLEM_RESPONSES, BadRequest
from overround.api.rendering import overround_of
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import Instant, iso_ms, iso_s, optional_ms
from overround.config import bookmaker_list
from overround.domain.catalogue import MarketType
from overround.domain.markets import Market, MarketKey, MarketState
from overround.domain.price_history import Mark, Reason, closing, odds_by_name, opening, outcome_names, thin
from overround.errors import UnknownEvent
from overround.storage.history import EventHistory, ListingHistory

router = guarded_router(prefix="/api/events", tags=["history"])

DEFAULT_POINTS = 1000


class PointJson(msgspec.Struct, frozen=True, gc=False):
    """A market from a time on."""

    at: Instant
    state: MarketState
    odds: list[float | None]  # in the order of `outcomes`
    suspended: list[str]  # names of those that are shown but locked
    overround: float | None


class MarkJson(msgspec.Struct, frozen=True, gc=False):
    """An opening or closing price, or why there is none."""

    at: Instant | None
    odds: list[float | None] | None
    age_s: float | None  # from `at` to kickoff
    reason: Reason | None
    overround: float | None


class SeriesJson(msgspec.Struct, frozen=True, kw_only=True):
    """One bookmaker's prices over time."""

    bookmaker: str
    total: int  # changes stored
    points: list[PointJson]  # those, or some of them
    opening: MarkJson
    closing: MarkJson


class HistoryHead(msgspec.Struct, frozen=True, kw_only=True):
    """Which market it is."""

    sportradar_id: str
    market_id: str
    line: str
    now: Instant
    kickoff_at: Instant
    outcomes: tuple[str, ...]


class HistoryJson(HistoryHead, frozen=True, kw_only=True):
    """A market's prices at one bookmaker."""

    bookmaker: str
    total: int
    points: list[PointJson]
    opening: MarkJson
    closing: MarkJson


class HistoriesJson(HistoryHead, frozen=True, kw_only=True):
    """A market's prices at several bookmakers."""

    bookmakers: list[SeriesJson]


@router.get(
    "/{sportradar_id}/markets/{market_id}/history",
    responses={status: PROBLEM_RESPONSES[status] for status in (404, 422, 503)},
    summary="A market's prices over time",
)
@needs("viewer")
@answers(HistoryJson, HistoriesJson, description="Of one bookmaker where one is named, else of several")
async def get_history(
    request: Request,
    sportradar_id: SportradarId,
    market_id: MarketId,
    bookmaker: Annotated[str, Query(max_length=200, description="Code, or comma list; default all")] = "",
    line: Line = "",
    since: Annotated[datetime | None, Query(alias="from", description="First time, with zone")] = None,
    until: Annotated[datetime | None, Query(alias="to", description="First time left out, with zone")] = None,
    points: Annotated[
        int, Query(ge=2, le=20_000, description="About how many points to show")
    ] = DEFAULT_POINTS,
) -> Response:
    """
    Return every stored change of a market, or about `points` of them.

    Thinning keeps first and last, withdrawals, returns, suspensions and every outcome's extremes, even where that
    is more than asked for. One bookmaker's answer has its points at the top; that of several has them under
    `bookmakers`, with odds in the order of the same `outcomes`. Opening and closing never depend on from and to.

    Raises:
        UnknownEvent: Nobody ever listed it.
        ConfigError: No bookmaker has this code.
        BadRequest: A time without zone.
        StorageError: The database can't be read.
    """
    api, key = context(request), MarketKey(market_id, line)
    for name, at in (("from", since), ("to", until)):
        if at is not None and at.tzinfo is None:
            raise BadRequest(f"{name}: the time has no zone; write it like 2026-11-24T12:00:00Z")
    codes = (
        bookmaker_list("bookmaker", bookmaker.split(","))
        if bookmaker
        else api.services.settings.enabled_bookmakers
    )
    found = await api.services.storage.history(sportradar_id, key, codes)
    if found is None:
        found = _unstored(api, sportradar_id)
    kind = api.services.catalogue.find(market_id, found.sport)
    series = _Series(found, kind, api.services.clock.now(), (since, until, points))
    head: dict[str, Any] = {
        "sportradar_id": sportradar_id, "market_id": market_id, "line": line, "now": iso_ms(series.now),
        "kickoff_at": iso_s(found.kickoff_at), "outcomes": series.names,
    }  # fmt: skip
    rows = [series.of(_listing(found, code)) for code in codes]
    if len(codes) == 1 and bookmaker:
        return json(HistoryJson(**head, **msgspec.structs.asdict(rows[0])))
    return json(HistoriesJson(**head, bookmakers=rows))


class _Series:
    """Renders listings' histories over one list of outcomes."""

    def __init__(
        self,
        event: EventHistory,
        kind: MarketType | None,
        now: datetime,
        window: tuple[datetime | None, datetime | None, int],
    ) -> None:
        self._event, self._kind, self.now = event, kind, now
        self._since, self._until, self._wanted = window
        self.names = outcome_names([point for listing in event.listings for point in listing.points])

    def of(self, listing: ListingHistory) -> SeriesJson:
        """Return points, opening and closing of one listing."""
        kickoff_at = self._event.kickoff_at
        first = opening(listing.points, listing.first_seen_at, kickoff_at)
        last = closing(listing.points, listing.confirmed_at, kickoff_at, self.now)
        return SeriesJson(
            bookmaker=listing.bookmaker,
            total=len(listing.points),
            points=[self._point(point) for point in thin(self._within(listing.points), self._wanted)],
            opening=self._mark(first),
            closing=self._mark(last),
        )

    def _within(self, points: Sequence[Market]) -> list[Market]:
        return [
            point
            for point in points
            if (self._since is None or point.changed_at >= self._since)
            and (self._until is None or point.changed_at < self._until)
        ]

    def _point(self, point: Market) -> PointJson:
        return PointJson(
            at=iso_ms(point.changed_at),
            state=point.state,
            odds=odds_by_name(point, self.names),
            suspended=[name for place, name in enumerate(point.names) if point.suspended >> place & 1],
            overround=overround_of(point, self._kind),
        )

    def _mark(self, mark: Mark) -> MarkJson:
        return MarkJson(
            at=optional_ms(mark.at),
            odds=odds_by_name(mark.market, self.names) if mark.market else None,
            age_s=mark.age_s,
            reason=mark.reason,
            overround=overround_of(mark.market, self._kind) if mark.market else None,
        )


def _listing(event: EventHistory, bookmaker: str) -> ListingHistory:
    """Return the bookmaker's history, an empty one where it never listed the event."""
    found = (listing for listing in event.listings if listing.bookmaker == bookmaker)
    return next(found, ListingHistory(bookmaker, (), None, None))


def _unstored(api: Context, sportradar_id: str) -> EventHistory:
    """Return the empty history of an event that the database has not got yet."""
    event = api.services.cache.event(sportradar_id)
    if event is None:
        raise UnknownEvent(sportradar_id[:40])
    return EventHistory(event.header.sport, event.header.kickoff_at, ())
