"""Reading one market's history: a range of the primary key per listing, whatever the table's size."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from overround.domain.events import Competition
from overround.domain.markets import Market, MarketKey
from overround.storage import schema
from overround.storage.connections import Connections
from overround.storage.packing import unpack_mask, unpack_odds
from overround.storage.records import split_codes


class ListingHistory(msgspec.Struct, frozen=True):
    """One market at one bookmaker, after each of its changes."""

    bookmaker: str
    points: tuple[Market, ...]  # oldest first; `changed_at` is when the answer was fetched
    first_seen_at: datetime | None  # None when the market was never seen there
    confirmed_at: datetime | None  # of the listing


class EventHistory(msgspec.Struct, frozen=True):
    """One market of one event at those bookmakers that list the event."""

    sport: str
    kickoff_at: datetime
    listings: tuple[ListingHistory, ...]


async def event_history(
    database: Connections, sportradar_id: str, key: MarketKey, bookmakers: Sequence[str]
) -> EventHistory | None:
    """
    Return a market's history at these bookmakers, in their order; None when the database has no such event.

    Raises:
        StorageError: The database can't be read.
    """
    event, listing = schema.event.c, schema.listing.c
    async with database.reading() as db:
        found = (
            await db.execute(
                select(event.sport, event.kickoff_at).where(event.sportradar_id == sportradar_id)
            )
        ).one_or_none()
        if found is None:
            return None
        listings = await db.execute(
            select(listing.id, listing.bookmaker, listing.last_confirmed_at).where(
                listing.sportradar_id == sportradar_id, listing.bookmaker.in_(bookmakers)
            )
        )
        by_code = {row.bookmaker: row for row in listings}
        number = await _market_key(db, found.sport, key)
        histories: list[ListingHistory] = []
        for code in (code for code in bookmakers if code in by_code):
            row = by_code[code]
            points, first_seen_at = await _points(db, row.id, number, key)
            histories.append(ListingHistory(code, points, first_seen_at, row.last_confirmed_at))
    return EventHistory(found.sport, found.kickoff_at, tuple(histories))


class PlayedEvent(msgspec.Struct, frozen=True):
    """An event by its kickoff."""

    sportradar_id: str
    sport: str
    competition: Competition


async def events_between(database: Connections, since: datetime, until: datetime) -> list[PlayedEvent]:
    """
    Return the events that kick off from `since` to before `until`.

    Raises:
        StorageError: The database can't be read.
    """
    event, league = schema.event, schema.competition
    statement = (
        select(event.c.sportradar_id, event.c.sport, league.c.id, league.c.name, league.c.country)
        .join_from(event, league, league.c.id == event.c.competition_id)
        .where(event.c.kickoff_at >= since, event.c.kickoff_at < until)
        .order_by(event.c.sportradar_id)
    )
    async with database.reading() as db:
        return [
            PlayedEvent(sportradar_id, sport, Competition(slug, name, country))
            for sportradar_id, sport, slug, name, country in await db.execute(statement)
        ]


def points_statement(listing_id: int, market_key_id: int) -> Select[*tuple[Any, ...]]:
    """Return the query of one market's rows in the order of their changes: a range of the primary key."""
    row = schema.odds_history.c
    return (
        select(row.at, row.outcome_set_id, row.odds, row.suspended, row.withdrawn, row.suspect)
        .where(row.listing_id == listing_id, row.market_key_id == market_key_id)
        .order_by(row.change_id)
    )


async def _market_key(db: AsyncConnection, sport: str, key: MarketKey) -> int | None:
    column = schema.market_key.c
    statement = select(column.id).where(
        column.sport == sport, column.market_id == key.market_id, column.line == key.line
    )
    return (await db.execute(statement)).scalar_one_or_none()


async def _points(
    db: AsyncConnection, listing_id: int, market_key_id: int | None, key: MarketKey
) -> tuple[tuple[Market, ...], datetime | None]:
    if market_key_id is None:
        return (), None
    rows = (await db.execute(points_statement(listing_id, market_key_id))).all()
    current = schema.odds_current.c
    seen = select(current.first_seen_at).where(
        current.listing_id == listing_id, current.market_key_id == market_key_id
    )
    first_seen_at = (await db.execute(seen)).scalar_one_or_none()
    names = await _names(db, {row.outcome_set_id for row in rows})
    points = tuple(
        Market(
            key, names[number], unpack_odds(odds), unpack_mask(mask), at, first_seen_at or at,
            at if withdrawn else None, split_codes(suspect),
        )
        for at, number, odds, mask, withdrawn, suspect in rows
        if number in names
    )  # fmt: skip
    return points, first_seen_at


async def _names(db: AsyncConnection, numbers: set[int]) -> dict[int, tuple[str, ...]]:
    column = schema.outcome_set.c
    rows = await db.execute(select(column.id, column.names).where(column.id.in_(sorted(numbers))))
    return {number: msgspec.json.decode(names, type=tuple[str, ...]) for number, names in rows}
