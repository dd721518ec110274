"""Reading every stored change of an event, one bookmaker at a time: what exports are made of."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from overround.domain.markets import Market, MarketKey
from overround.storage import schema
from overround.storage.connections import Connections
from overround.storage.packing import unpack_mask, unpack_odds
from overround.storage.records import split_codes


class StoredChange(msgspec.Struct, frozen=True, gc=False):
    """One market of one listing after one change; `run_id` is of the run that saw it, None outside of runs."""

    change_id: int
    run_id: str | None
    market: Market  # `changed_at` is when the answer was fetched


async def event_changes(
    database: Connections, sportradar_id: str, bookmakers: Sequence[str]
) -> AsyncIterator[tuple[str, list[StoredChange]]]:
    """
    Yield (bookmaker, its changes by market and then in their order) for those that list the event.

    Raises:
        StorageError: The database can't be read.
    """
    listing = schema.listing.c
    asked = select(listing.id, listing.bookmaker).where(
        listing.sportradar_id == sportradar_id, listing.bookmaker.in_(bookmakers)
    )
    async with database.reading() as db:
        numbers = {row.bookmaker: row.id for row in await db.execute(asked)}
    for bookmaker in bookmakers:
        if bookmaker in numbers:
            yield bookmaker, await _changes(database, _every(numbers[bookmaker]))


class Window(msgspec.Struct, frozen=True):
    """A part of history: changes of since <= at < until; with `newest` none that was accepted after it."""

    since: datetime
    until: datetime
    newest: int | None = None  # change id


async def window_changes(
    database: Connections, sportradar_id: str, bookmakers: Sequence[str], window: Window, limit: int
) -> dict[str, list[StoredChange]] | None:
    """
    Return an event's changes within a window by bookmaker, and before them how each of its markets stood then.

    Returns:
        By market and then in their order; None where they are more than `limit`.
    Raises:
        StorageError: The database can't be read.
    """
    listing = schema.listing.c
    asked = select(listing.id, listing.bookmaker).where(
        listing.sportradar_id == sportradar_id, listing.bookmaker.in_(bookmakers)
    )
    async with database.reading() as db:
        numbers = {row.bookmaker: row.id for row in await db.execute(asked)}
    found: dict[str, list[StoredChange]] = {}
    for bookmaker, number in numbers.items():
        within = await _changes(database, _within(number, window).limit(limit + 1))
        if len(within) > limit:
            return None
        limit -= len(within)
        if within:
            found[bookmaker] = within
    return found


def _every(listing_id: int) -> Select[*tuple[Any, ...]]:
    return _selected(schema.odds_history.c.listing_id == listing_id)


def _within(listing_id: int, window: Window) -> Select[*tuple[Any, ...]]:
    row = schema.odds_history.c
    known = row.listing_id == listing_id
    if window.newest is not None:
        known = and_(known, row.change_id <= window.newest)
    before = (
        select(row.market_key_id, func.max(row.change_id).label("last"))
        .where(known, row.at < window.since)
        .group_by(row.market_key_id)
        .subquery()
    )
    inside = and_(row.at >= window.since, row.at < window.until)
    statement = _selected(and_(known, or_(inside, row.change_id == before.c.last)))
    return statement.outerjoin(before, before.c.market_key_id == row.market_key_id)


def _selected(wanted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    row, key, names = schema.odds_history.c, schema.market_key.c, schema.outcome_set.c
    batch = schema.write_batch.c
    return (
        select(
            row.change_id, batch.run_id, key.market_id, key.line, names.names, row.odds, row.suspended,
            row.at, row.withdrawn, row.suspect,
        )
        .join_from(schema.odds_history, schema.market_key, key.id == row.market_key_id)
        .join(schema.outcome_set, names.id == row.outcome_set_id)
        .outerjoin(schema.write_batch, batch.change_id == row.change_id)
        .where(wanted)
        .order_by(row.market_key_id, row.change_id)
    )  # fmt: skip


async def _changes(database: Connections, statement: Select[*tuple[Any, ...]]) -> list[StoredChange]:
    async with database.reading() as db:
        return [
            StoredChange(
                change_id,
                run_id,
                _market(MarketKey(market_id, line), outcomes, (odds, mask), at, withdrawn, suspect),
            )
            for change_id, run_id, market_id, line, outcomes, odds, mask, at, withdrawn, suspect in await db.execute(
                statement
            )
        ]


def _market(
    key: MarketKey, names: str, packed: tuple[bytes, bytes], at: datetime, withdrawn: bool, suspect: str
) -> Market:
    return Market(
        key, msgspec.json.decode(names, type=tuple[str, ...]), unpack_odds(packed[0]), unpack_mask(packed[1]),
        at, at, at if withdrawn else None, split_codes(suspect),
    )  # fmt: skip
