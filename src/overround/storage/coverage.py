"""What the database says of coverage. What could not be mapped is not stored: only a running server knows it."""

from datetime import datetime

import msgspec
from sqlalchemy import distinct, func, select

from overround.storage import schema
from overround.storage.database import Database


class StoredCoverage(msgspec.Struct, frozen=True):
    """One bookmaker's stored listings and mapped markets."""

    bookmaker: str
    listings: int  # every event ever seen there
    events: int  # of these: kickoff ahead and not withdrawn
    market_types: int  # different ones mapped in these events
    markets: int  # one per event, market type and line; withdrawn ones don't count


async def stored_coverage(database: Database, at: datetime) -> list[StoredCoverage]:
    """
    Return the coverage of events that kick off after `at`, by bookmaker code.

    Raises:
        StorageError: The database can't be read.
    """
    listing, event, current, key = schema.listing, schema.event, schema.odds_current, schema.market_key
    joined = listing.join(event, event.c.sportradar_id == listing.c.sportradar_id)
    ahead = (event.c.kickoff_at > at) & listing.c.state.in_(("open", "unknown"))
    everything = select(listing.c.bookmaker, func.count()).group_by(listing.c.bookmaker)
    upcoming = (
        select(listing.c.bookmaker, func.count())
        .select_from(joined)
        .where(ahead)
        .group_by(listing.c.bookmaker)
    )
    market_type = key.c.sport + "|" + key.c.market_id
    mapped = (
        select(listing.c.bookmaker, func.count(distinct(market_type)), func.count())
        .select_from(
            joined.join(current, current.c.listing_id == listing.c.id).join(
                key, key.c.id == current.c.market_key_id
            )
        )
        .where(ahead, current.c.withdrawn_at.is_(None))
        .group_by(listing.c.bookmaker)
    )
    async with database.reading() as db:
        listings = {row.bookmaker: row[1] for row in await db.execute(everything)}
        events = {row.bookmaker: row[1] for row in await db.execute(upcoming)}
        markets = {row.bookmaker: row[1:] for row in await db.execute(mapped)}
    return [
        StoredCoverage(code, listings[code], events.get(code, 0), *markets.get(code, (0, 0)))
        for code in sorted(listings)
    ]
