"""Margins over time by league and market, and how often our price was the best."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request, Response

from overround.api.answers import answers
from overround.api.context import Context, context
from overround.api.margins_json import CompetitionMarginsJson, MarginsJson, PositionsJson
from overround.api.parameters import Page, PageSize
from overround.api.problems import PROBLEM_RESPONSES, BadRequest, NotFound
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import iso_ms, iso_s, optional_ms
from overround.config import REFERENCE
from overround.domain.rollup import BANDS, DAY, PRICE_BANDS, MarginSums, PositionSums, SeriesKey, start_of
from overround.storage.rollups import CloseRow, ClvRow, RollupStore

router = guarded_router(
    prefix="/api/margins",
    tags=["margins"],
    responses={status: PROBLEM_RESPONSES[status] for status in (422, 503)},
)

DEFAULT_DAYS = 7
FIRST_YEAR, LAST_YEAR = 2000, 2100
SPARKLINE = timedelta(days=30)
Sort = Literal["difference", "-difference", "margin", "-margin", "competition", "-competition"]
By = Literal["competition", "market", "price", "hours"]
Since = Annotated[
    datetime | None, Query(alias="from", description="First day, UTC, with zone; default `days` before")
]
Until = Annotated[
    datetime | None, Query(alias="to", description="Day after the last, with zone; default now")
]
Days = Annotated[int, Query(ge=1, le=1200, description="How many days up to `to`, where `from` is not given")]
Slug = Annotated[str, Query(max_length=200, description="Slug of a competition")]
Word = Annotated[str, Query(max_length=40, description="Market id, or id:line")]


@router.get("", summary="Margins by league and market")
@needs("viewer")
@answers(MarginsJson)
async def list_margins(
    request: Request,
    since: Since = None,
    until: Until = None,
    days: Days = DEFAULT_DAYS,
    country: Annotated[str, Query(max_length=100, description="As shown")] = "",
    market: Word = "",
    q: Annotated[str, Query(max_length=100, description="Words in competition or country")] = "",
    sort: Annotated[
        Sort, Query(description="By size of the difference unless asked otherwise")
    ] = "-difference",
    page: Page = 1,
    page_size: PageSize = 100,
) -> Response:
    """
    Return one page of league x market: time-weighted mean margins, ours and each rival's, over whole UTC days.

    `difference` = ours - the mean of the rivals', negative where ours is lower; `sparkline` has our mean of each of
    the 30 days before `to`, null where there was none.

    Raises:
        BadRequest: A time without zone.
        StorageError: The database can't be read.
    """
    api = context(request)
    span, store = _span(api, since, until, days), api.services.storage.rollups()
    words = q.casefold().split()
    names = {number: key for key, number in (await store.series()).items() if key.competition.id}
    means = await store.mean_margins(*span)
    rows = [
        _Row(number, names[number], each, api.services.settings.enabled_bookmakers)
        for number, each in means.items()
        if number in names and _is_asked(names[number], country, market, words)
    ]
    rows = _sorted([row for row in rows if row.margins], sort)
    shown = rows[(page - 1) * page_size : page * page_size]
    numbers = [row.number for row in shown]
    closes, clvs = await store.closes(*span, numbers), await store.clv(*span, numbers)
    daily = await store.daily(span[1] - SPARKLINE, span[1], numbers, REFERENCE)
    return json(
        {
            "margins": [
                {**row.json(api), **_close_json(closes.get(row.number, {}), clvs.get(row.number, {}), row.enabled),
                 "sparkline": _sparkline(daily.get(row.number, {}), span[1])}
                for row in shown
            ],
            "total": len(rows), "page": page, "page_size": page_size, **await _head(api, store, span),
        }
    )  # fmt: skip


@router.get("/position", summary="How often our price is the best, by one cut")
@needs("viewer")
@answers(PositionsJson)
async def list_positions(
    request: Request,
    by: Annotated[By, Query(description="hours: to kickoff")] = "competition",
    since: Since = None,
    until: Until = None,
    days: Days = DEFAULT_DAYS,
    competition: Slug = "",
    market: Word = "",
) -> Response:
    """
    Return rows of time-weighted position: share of time at the best price (shared included), mean rank, mean number
    of rivals, mean gap to their median; `hours` is the time of prices that they rest on.

    Raises:
        BadRequest: A time without zone.
        StorageError: The database can't be read.
    """
    api = context(request)
    span, store = _span(api, since, until, days), api.services.storage.rollups()
    by_band = by in ("price", "hours")
    names = {
        number: key
        for key, number in (await store.series()).items()
        if _is_asked(key, "", market, ())
        and (key.competition.id == competition if by_band or competition else key.competition.id)
    }
    sums = await store.positions(*span, by_band, list(names))
    groups: dict[Any, PositionSums] = {}
    for (number, band, price), each in sums.items():
        key = names[number]
        group = {
            "competition": key.competition.id,
            "market": (key.sport, key.key),
            "price": price,
            "hours": band,
        }[by]
        _add(groups.setdefault(group, PositionSums()), each)
    heads = {names[number].competition.id: names[number].competition for number in names}
    rows = [
        {**_group_json(api, by, group, heads), **_position_json(groups[group])} for group in sorted(groups)
    ]
    return json({"by": by, "positions": rows, **await _head(api, store, span)})


@router.get(
    "/{competition}",
    responses={404: PROBLEM_RESPONSES[404]},
    summary="One league's margins by time to kickoff",
)
@needs("viewer")
@answers(CompetitionMarginsJson)
async def get_competition(
    request: Request,
    competition: Annotated[str, Path(description="Slug of a competition")],
    since: Since = None,
    until: Until = None,
    days: Days = DEFAULT_DAYS,
    market: Word = "",
) -> Response:
    """
    Return per market and bookmaker the least, mean and largest margin in each band of time to kickoff, and its uptime.

    `uptime` is the share of the time in which another bookmaker was open that this one was open too.

    Raises:
        BadRequest: A time without zone.
        NotFound: Nothing was ever rolled up for this competition.
        StorageError: The database can't be read.
    """
    api = context(request)
    span, store = _span(api, since, until, days), api.services.storage.rollups()
    names = {
        number: key
        for key, number in (await store.series()).items()
        if key.competition.id == competition and _is_asked(key, "", market, ())
    }
    if not names:
        raise NotFound(f"no margins of a competition {competition[:80]}")
    numbers, enabled = list(names), api.services.settings.enabled_bookmakers
    bands, totals = await store.margin_bands(*span, numbers), await store.margins(*span, numbers)
    closes, clvs = await store.closes(*span, numbers), await store.clv(*span, numbers)
    markets = [
        {
            **_market_json(api, key),
            "bookmakers": [
                {
                    "bookmaker": code,
                    "overall": _margin_json(totals.get(number, {}).get(code, MarginSums())),
                    "bands": [
                        _margin_json(bands.get((number, band, code), MarginSums()))
                        for band in range(len(BANDS))
                    ],
                }
                for code in enabled
            ],
            **_close_json(closes.get(number, {}), clvs.get(number, {}), enabled),
        }
        for number, key in sorted(names.items(), key=lambda item: item[1].key)
    ]
    place = next(iter(names.values())).competition
    return json({"competition": place, "bands": BANDS, "markets": markets, **await _head(api, store, span)})


class _Row:
    """One market of one league over the time asked for."""

    def __init__(
        self, number: int, key: SeriesKey, means: Mapping[str, float], enabled: Sequence[str]
    ) -> None:
        self.number, self.key, self.enabled = number, key, enabled
        self.margins = {code: means[code] for code in enabled if code in means}
        rivals = [mean for code, mean in self.margins.items() if code != REFERENCE]
        self.own = self.margins.get(REFERENCE)
        self.difference = self.own - sum(rivals) / len(rivals) if self.own is not None and rivals else None

    def json(self, api: Context) -> dict[str, Any]:
        """Return the row without what is asked of it apart."""
        return {
            "competition": self.key.competition,
            **_market_json(api, self.key),
            "own": _rounded(self.own),
            "rivals": {code: _rounded(self.margins.get(code)) for code in self.enabled if code != REFERENCE},
            "difference": _rounded(self.difference),
        }


def _sorted(rows: list[_Row], sort: Sort) -> list[_Row]:
    """Return the rows in order; those without the figure come last either way."""
    rows.sort(key=lambda row: (row.key.competition.country, row.key.competition.name, row.key.key))
    name, reverse = sort.removeprefix("-"), sort.startswith("-")
    if name == "competition":
        return rows[::-1] if reverse else rows
    figures = {
        row.number: abs(row.difference or 0.0) if name == "difference" else row.own or 0.0 for row in rows
    }
    known = [row for row in rows if (row.difference if name == "difference" else row.own) is not None]
    known.sort(key=lambda row: figures[row.number], reverse=reverse)
    return known + [row for row in rows if (row.difference if name == "difference" else row.own) is None]


def _span(
    api: Context, since: datetime | None, until: datetime | None, days: int
) -> tuple[datetime, datetime]:
    for name, at in (("from", since), ("to", until)):
        if at is not None and at.tzinfo is None:
            raise BadRequest(f"{name}: the time has no zone; write it like 2026-11-24T12:00:00Z")
        if at is not None and not FIRST_YEAR <= at.year <= LAST_YEAR:
            raise BadRequest(f"{name}: the year must lie from {FIRST_YEAR} to {LAST_YEAR}")
    end = until or api.services.clock.now()
    start = since or end - days * DAY
    if not start < end or end - start > 1200 * DAY:
        raise BadRequest("from: must lie before to, by 1200 days at most")
    return start_of(start, 1), end


async def _head(api: Context, store: RollupStore, span: tuple[datetime, datetime]) -> dict[str, Any]:
    progress = await store.progress()
    return {
        "from": iso_s(span[0]),
        "to": iso_s(span[1]),
        "rolled_up_until": optional_ms(progress.derived_at),
        "closed_until": optional_ms(progress.closed_at),
        "now": iso_ms(api.services.clock.now()),
    }


def _is_asked(key: SeriesKey, country: str, market: str, words: Sequence[str]) -> bool:
    text = f"{key.competition.name} {key.competition.country}".casefold()
    word = f"{key.key.market_id}:{key.key.line}"
    return (
        (not country or country.casefold() == key.competition.country.casefold())
        and (not market or market in (key.key.market_id, word))
        and all(each in text for each in words)
    )


def _market_json(api: Context, key: SeriesKey) -> dict[str, Any]:
    kind = api.services.catalogue.find(key.key.market_id, key.sport)
    name = kind.column_name(key.key.line) if kind else key.key.market_id
    return {"sport": key.sport, "market_id": key.key.market_id, "line": key.key.line, "name": name}


def _mean(sums: MarginSums) -> float | None:
    return sums.weighted / sums.seconds if sums.seconds else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _margin_json(sums: MarginSums) -> dict[str, Any]:
    return {
        "min": _rounded(sums.low),
        "mean": _rounded(_mean(sums)),
        "max": _rounded(sums.high),
        "hours": round(sums.seconds / 3600, 3),
        "uptime": _rounded(sums.up_s / sums.others_s) if sums.others_s else None,
    }


def _close_json(
    closes: Mapping[str, CloseRow], clvs: Mapping[str, ClvRow], enabled: Sequence[str]
) -> dict[str, Any]:
    """Return how margins went from opening to closing, and what the house kept against the fair close."""
    return {
        "events": max((row.events for row in closes.values()), default=0),
        "closes": {
            code: {
                "events": row.events,
                "opening": _rounded(row.opening / row.both) if row.both else None,
                "closing": _rounded(row.closing / row.both) if row.both else None,
            }
            for code in enabled
            if (row := closes.get(code)) is not None
        },
        "clv": {mark: _rounded(row.edge / row.outcomes) for mark, row in clvs.items() if row.outcomes},
    }


def _sparkline(daily: Mapping[datetime, float], until: datetime) -> list[float | None]:
    last = start_of(until - timedelta(milliseconds=1), 1)
    return [_rounded(daily.get(last - back * DAY)) for back in range(SPARKLINE.days - 1, -1, -1)]


def _add(sums: PositionSums, more: PositionSums) -> None:
    for field in PositionSums.__struct_fields__:
        setattr(sums, field, getattr(sums, field) + getattr(more, field))


def _group_json(api: Context, by: By, group: Any, heads: Mapping[str, Any]) -> dict[str, Any]:
    if by == "competition":
        return {"competition": heads[group]}
    if by == "market":
        sport, key = group
        return _market_json(api, SeriesKey(sport, next(iter(heads.values())), key))
    return {"band": (BANDS if by == "hours" else PRICE_BANDS)[group]}


def _position_json(sums: PositionSums) -> dict[str, Any]:
    seconds = sums.seconds
    return {
        "best_share": _rounded(sums.best / seconds),
        "rank": round(sums.rank / seconds, 3),
        "rivals": round(sums.rivals / seconds, 3),
        "gap": _rounded(sums.gap / seconds),
        "hours": round(seconds / 3600, 3),
    }
