"""Reading every stored change of an event, one bookmaker at a time: what exports are made of."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import select

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
            yield bookmaker, await _changes(database, numbers[bookmaker])


async def _changes(database: Connections, listing_id: int) -> list[StoredChange]:
    row, key, names = schema.odds_history.c, schema.market_key.c, schema.outcome_set.c
    batch = schema.write_batch.c
    statement = (
        select(
            row.change_id, batch.run_id, key.market_id, key.line, names.names, row.odds, row.suspended,
            row.at, row.withdrawn, row.suspect,
        )
        .join_from(schema.odds_history, schema.market_key, key.id == row.market_key_id)
        .join(schema.outcome_set, names.id == row.outcome_set_id)
        .outerjoin(schema.write_batch, batch.change_id == row.change_id)
        .where(row.listing_id == listing_id)
        .order_by(row.market_key_id, row.change_id)
    )  # fmt: skip
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
