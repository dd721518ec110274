"""
Where roll-ups are kept: per hour as they were observed, per day and week as sums of those.

Hours are written with their absolute sums, days and weeks are computed anew from hours, closes are replaced by the
hour of kickoff. So whatever is written twice is the same, and a process that was killed in between just goes on.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Table, and_, delete, func, insert, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from overround.domain.events import Competition
from overround.domain.markets import MarketKey
from overround.domain.rollup import (
    ALL,
    BANDS,
    DAY,
    HOUR,
    Grain,
    MarginSums,
    PositionSums,
    SeriesKey,
    cover,
    start_of,
)
from overround.storage import schema
from overround.storage.connections import Connections

ROWS_AT_ONCE = 2000  # in one transaction: the price writer never waits for more
SERIES_AT_ONCE = 500
# Named one by one, for the key goes grain, time, band, series: so that all bands together lie side by side.
_EACH = tuple(range(len(BANDS)))
_ANY = (ALL, *_EACH)
EVERYWHERE = Competition("", "", "")

MarginKey = tuple[int, int, str]  # series, band, bookmaker
PositionKey = tuple[int, int, int]  # series, band, price band
Mark = Literal["opening", "closing"]


class Progress(msgspec.Struct, frozen=True):
    """How far the roll-ups came; None before the first time."""

    observed_at: datetime | None = None
    derived_at: datetime | None = None
    closed_at: datetime | None = None


class CloseRow(msgspec.Struct, frozen=True):
    """How one bookmaker's margins of a series went in the events of one kickoff hour."""

    series_id: int
    bookmaker: str
    events: int
    both: int  # with opening and closing margin
    opening: float  # sum over those
    closing: float


class ClvRow(msgspec.Struct, frozen=True):
    """The reference's prices at one mark against the fair close, in the events of one kickoff hour."""

    series_id: int
    mark: Mark
    outcomes: int
    edge: float  # sum


class RollupStore:
    """Reads and writes the roll-ups. Every method raises StorageError."""

    def __init__(self, database: Connections) -> None:
        self.database = database

    # --- writing --------------------------------------------------------------------------------------------

    async def progress(self) -> Progress:
        """Return how far they came."""
        row = schema.rollup_progress.c
        async with self.database.reading() as db:
            found = (await db.execute(select(row.observed_at, row.derived_at, row.closed_at))).one_or_none()
        return Progress(*found) if found else Progress()

    async def advance(self, **until: datetime) -> None:
        """Note how far they came: `observed_at`, `derived_at`, `closed_at`."""
        await self._put(schema.rollup_progress, [{"id": 1, **until}], sorted(until))

    async def series(self) -> dict[SeriesKey, int]:
        """Return every series with its number."""
        async with self.database.reading() as db:
            rows = (await db.execute(select(schema.rollup_series))).all()
        return {
            SeriesKey(
                row.sport, Competition(row.competition_id, row.competition, row.country),
                MarketKey(row.market_id, row.line),
            ): row.id
            for row in rows
        }  # fmt: skip

    async def add_series(self, new: Mapping[SeriesKey, int]) -> None:
        """Store numbered series; one that is there already takes the names given here."""
        rows = [
            {"id": number, "sport": key.sport, "competition_id": key.competition.id,
             "competition": key.competition.name, "country": key.competition.country,
             "market_id": key.key.market_id, "line": key.key.line}
            for key, number in new.items()
        ]  # fmt: skip
        await self._put(schema.rollup_series, rows, ["competition", "country"])

    async def hour(self, at: datetime) -> tuple[dict[MarginKey, MarginSums], dict[PositionKey, PositionSums]]:
        """Return what is stored of one hour."""
        margin, position = schema.rollup_margin, schema.rollup_position
        async with self.database.reading() as db:
            margins = await db.execute(select(margin).where(margin.c.grain == 0, margin.c.at == at))
            positions = await db.execute(select(position).where(position.c.grain == 0, position.c.at == at))
            return (
                {(row[3], row[2], row[4]): MarginSums(*row[5:]) for row in margins},
                {(row[3], row[2], row[4]): PositionSums(*row[5:]) for row in positions},
            )

    async def put_hour(
        self,
        at: datetime,
        margins: Mapping[MarginKey, MarginSums],
        positions: Mapping[PositionKey, PositionSums],
    ) -> None:
        """Store an hour's sums in place of what is stored of the same keys."""
        head = {"grain": 0, "at": at}
        await self._put(
            schema.rollup_margin,
            [
                {**head, "series_id": series, "band": band, "bookmaker": code, **msgspec.structs.asdict(sums)}
                for (series, band, code), sums in margins.items()
            ],
            list(MarginSums.__struct_fields__),
        )
        await self._put(
            schema.rollup_position,
            [
                {
                    **head,
                    "series_id": series,
                    "band": band,
                    "price_band": price,
                    **msgspec.structs.asdict(sums),
                }
                for (series, band, price), sums in positions.items()
            ],
            list(PositionSums.__struct_fields__),
        )

    async def derive(self, at: datetime) -> None:
        """Compute the day around a time anew from its hours, then its week from its days."""
        day, week, numbers = start_of(at, 1), start_of(at, 2), await self.series()
        for low in range(0, max(numbers.values(), default=0) + 1, SERIES_AT_ONCE):
            high = low + SERIES_AT_ONCE
            for grain, start in ((1, day), (2, week)):
                await self._derive_margins(grain, start, low, high)
                await self._derive_positions(grain, start, low, high)
        for key, number in numbers.items():
            if not key.competition.id:
                alike = [
                    other
                    for each, other in numbers.items()
                    if each.key == key.key and each.sport == key.sport and other != number
                ]
                await self._derive_everywhere(number, alike, day, week)

    async def put_closes(self, hour: datetime, closes: Sequence[CloseRow], clvs: Sequence[ClvRow]) -> None:
        """Replace what is stored of the events that kicked off in one hour, and their day's sums."""
        day = start_of(hour, 1)
        for table, rows in ((schema.rollup_close, closes), (schema.rollup_clv, clvs)):
            keys = [table.c.series_id, table.c.bookmaker if table is schema.rollup_close else table.c.mark]
            sums = [
                column
                for column in table.c
                if column.name not in ("grain", "at", "series_id", "bookmaker", "mark")
            ]
            async with self.database.writing() as db:
                await db.execute(delete(table).where(table.c.grain == 0, table.c.at == hour))
                if rows:
                    head = {"grain": 0, "at": hour}
                    await db.execute(insert(table), [{**head, **msgspec.structs.asdict(row)} for row in rows])
                await db.execute(delete(table).where(table.c.grain == 1, table.c.at == day))
                within = and_(table.c.grain == 0, table.c.at >= day, table.c.at < day + DAY)
                await _fill(db, table, 1, day, [*keys, *map(func.sum, sums)], within, keys)

    async def _derive_margins(self, grain: int, start: datetime, low: int, high: int) -> None:
        row = schema.rollup_margin.c
        sums = _margin_sums()
        within = _within(schema.rollup_margin, grain, start, low, high)
        async with self.database.writing() as db:
            await _clear(db, schema.rollup_margin, grain, start, low, high)
            keys: list[Any] = [row.band, row.series_id, row.bookmaker]
            await _fill(db, schema.rollup_margin, grain, start, [*keys, *sums], within, keys)
            if grain == 1:
                every = [literal(ALL), row.series_id, row.bookmaker, *sums]
                await _fill(db, schema.rollup_margin, 1, start, every, within, [row.series_id, row.bookmaker])

    async def _derive_positions(self, grain: int, start: datetime, low: int, high: int) -> None:
        row = schema.rollup_position.c
        sums = _position_sums()
        within = _within(schema.rollup_position, grain, start, low, high)
        async with self.database.writing() as db:
            await _clear(db, schema.rollup_position, grain, start, low, high)
            keys: list[Any] = [row.band, row.series_id, row.price_band]
            await _fill(db, schema.rollup_position, grain, start, [*keys, *sums], within, keys)
            if grain == 1:
                every = [literal(ALL), row.series_id, literal(ALL), *sums]
                await _fill(db, schema.rollup_position, 1, start, every, within, [row.series_id])

    async def _derive_everywhere(self, number: int, alike: list[int], day: datetime, week: datetime) -> None:
        """Sum the positions of one market over all competitions, by bands of time and price."""
        table, row = schema.rollup_position, schema.rollup_position.c
        for grain, start in ((1, day), (2, week)):
            columns = [row.band, literal(number), row.price_band, *_position_sums()]
            within = and_(row.grain == grain, row.at == start, row.band.in_(_EACH), row.series_id.in_(alike))
            async with self.database.writing() as db:
                await _clear(db, table, grain, start, number, number + 1)
                await _fill(db, table, grain, start, columns, within, [row.band, row.price_band])

    async def _put(self, table: Table, rows: Sequence[Mapping[str, Any]], changing: Iterable[str]) -> None:
        """Insert rows, or replace the named columns of those that are there."""
        changing = list(changing)
        for start in range(0, len(rows), ROWS_AT_ONCE):
            async with self.database.writing() as db:
                dialect = postgresql if db.dialect.name == "postgresql" else sqlite
                statement = dialect.insert(table)
                keys = [column.name for column in table.primary_key]
                statement = statement.on_conflict_do_update(
                    index_elements=keys, set_={name: statement.excluded[name] for name in changing}
                )
                await db.execute(statement, [dict(row) for row in rows[start : start + ROWS_AT_ONCE]])

    # --- reading --------------------------------------------------------------------------------------------

    async def margins(
        self, since: datetime, until: datetime, series: Sequence[int] | None = None
    ) -> dict[int, dict[str, MarginSums]]:
        """Return per series and bookmaker the sums over the days of a time, all bands together."""
        row = schema.rollup_margin.c
        wanted = [_periods(row, since, until), row.band == ALL, *_of_series(row, series)]
        found: dict[int, dict[str, MarginSums]] = {}
        for number, code, *sums in await self._summed([row.series_id, row.bookmaker], _margin_sums(), wanted):
            found.setdefault(number, {})[code] = MarginSums(*sums)
        return found

    async def mean_margins(self, since: datetime, until: datetime) -> dict[int, dict[str, float]]:
        """Return per series and bookmaker the time-weighted mean over the days of a time; those never open left out."""
        row = schema.rollup_margin.c
        mean = func.sum(row.weighted) / func.sum(row.seconds)
        wanted = [_periods(row, since, until), row.band == ALL, row.seconds > 0]
        found: dict[int, dict[str, float]] = {}
        for number, code, value in await self._summed([row.series_id, row.bookmaker], [mean], wanted):
            found.setdefault(number, {})[code] = value
        return found

    async def margin_bands(
        self, since: datetime, until: datetime, series: Sequence[int]
    ) -> dict[tuple[int, int, str], MarginSums]:
        """Return the sums per series, band of time to kickoff and bookmaker."""
        row = schema.rollup_margin.c
        wanted = [_periods(row, since, until), row.band.in_(_EACH), row.series_id.in_(series)]
        rows = await self._summed([row.series_id, row.band, row.bookmaker], _margin_sums(), wanted)
        return {(number, band, code): MarginSums(*sums) for number, band, code, *sums in rows}

    async def daily(
        self, since: datetime, until: datetime, series: Sequence[int], bookmaker: str
    ) -> dict[int, dict[datetime, float]]:
        """Return one bookmaker's mean margin per series and day, days without any left out."""
        row = schema.rollup_margin.c
        statement = select(row.series_id, row.at, row.weighted / row.seconds).where(
            *_days(row, since, until), row.band == ALL, row.series_id.in_(series),
            row.bookmaker == bookmaker, row.seconds > 0,
        )  # fmt: skip
        found: dict[int, dict[datetime, float]] = {}
        async with self.database.reading() as db:
            for number, at, mean in await db.execute(statement.order_by(row.at)):
                found.setdefault(number, {})[at] = mean
        return found

    async def closes(
        self, since: datetime, until: datetime, series: Sequence[int] | None = None
    ) -> dict[int, dict[str, CloseRow]]:
        """Return per series and bookmaker how margins went, of the events that kicked off on these days."""
        row = schema.rollup_close.c
        sums = [func.sum(row.events), func.sum(row.both), func.sum(row.opening), func.sum(row.closing)]
        wanted = [*_days(row, since, until), *_of_series(row, series)]
        found: dict[int, dict[str, CloseRow]] = {}
        for number, code, *rest in await self._summed([row.series_id, row.bookmaker], sums, wanted):
            found.setdefault(number, {})[code] = CloseRow(number, code, *rest)
        return found

    async def clv(
        self, since: datetime, until: datetime, series: Sequence[int] | None = None
    ) -> dict[int, dict[str, ClvRow]]:
        """Return per series and mark the reference's edge against the fair close."""
        row = schema.rollup_clv.c
        wanted = [*_days(row, since, until), *_of_series(row, series)]
        found: dict[int, dict[str, ClvRow]] = {}
        for number, mark, *rest in await self._summed(
            [row.series_id, row.mark], [func.sum(row.outcomes), func.sum(row.edge)], wanted
        ):
            found.setdefault(number, {})[mark] = ClvRow(number, mark, *rest)
        return found

    async def positions(
        self, since: datetime, until: datetime, by_band: bool, series: Sequence[int]
    ) -> dict[PositionKey, PositionSums]:
        """Return the reference's position per series; with `by_band` per band of time and of price too."""
        row = schema.rollup_position.c
        band = row.band.in_(_EACH) if by_band else row.band == ALL
        wanted = [_periods(row, since, until), band, row.series_id.in_(series)]
        rows = await self._summed([row.series_id, row.band, row.price_band], _position_sums(), wanted)
        return {(number, at, price): PositionSums(*sums) for number, at, price, *sums in rows}

    async def _summed(self, keys: Sequence[Any], sums: Sequence[Any], wanted: Sequence[Any]) -> Sequence[Any]:
        async with self.database.reading() as db:
            return (await db.execute(select(*keys, *sums).where(*wanted).group_by(*keys))).all()


def _margin_sums() -> list[Any]:
    row = schema.rollup_margin.c
    return [func.sum(row.seconds), func.sum(row.weighted), func.min(row.low), func.max(row.high),
            func.sum(row.up_s), func.sum(row.others_s)]  # fmt: skip


def _position_sums() -> list[Any]:
    row = schema.rollup_position.c
    return [
        func.sum(row.seconds),
        func.sum(row.best),
        func.sum(row.rank),
        func.sum(row.rivals),
        func.sum(row.gap),
    ]


def _within(table: Table, grain: int, start: datetime, low: int, high: int) -> ColumnElement[bool]:
    """Return the condition for what a day is made of, its hours, or a week, its days."""
    row = table.c
    span = DAY if grain == 1 else 7 * DAY
    slots = [
        start + place * (HOUR if grain == 1 else DAY) for place in range(24 if grain == 1 else span.days)
    ]
    return and_(
        row.grain == grain - 1,
        row.at.in_(slots),
        row.band.in_(_ANY),
        row.series_id >= low,
        row.series_id < high,
    )


async def _clear(db: AsyncConnection, table: Table, grain: int, start: datetime, low: int, high: int) -> None:
    row = table.c
    await db.execute(
        delete(table).where(
            row.grain == grain,
            row.at == start,
            row.band.in_(_ANY),
            row.series_id >= low,
            row.series_id < high,
        )
    )


async def _fill(
    db: AsyncConnection, table: Table, grain: int, start: datetime, columns: Sequence[Any],
    within: ColumnElement[bool], keys: Sequence[Any],
) -> None:  # fmt: skip
    head = [literal(grain), literal(start, schema.Milliseconds)]
    chosen = select(*head, *columns).where(within).group_by(*keys)
    await db.execute(insert(table).from_select([column.name for column in table.c], chosen))


def _periods(row: Any, since: datetime, until: datetime) -> ColumnElement[bool]:
    by_grain: dict[Grain, list[datetime]] = {}
    for grain, at in cover(since, until):
        by_grain.setdefault(grain, []).append(at)
    parts = [and_(row.grain == grain, row.at.in_(times)) for grain, times in by_grain.items()]
    return or_(*parts) if parts else and_(row.grain == 0, row.grain == 1)


def _days(row: Any, since: datetime, until: datetime) -> list[ColumnElement[bool]]:
    """Return the condition for days, named one by one: so that the key finds single series in each of them."""
    days, day = list[datetime](), start_of(since, 1)
    while day < until:
        days.append(day)
        day += DAY
    return [row.grain == 1, row.at.in_(days)]


def _of_series(row: Any, series: Sequence[int] | None) -> list[ColumnElement[bool]]:
    return [] if series is None else [row.series_id.in_(series)]
