"""
Whether what is stored agrees with itself: the spool, the watermark, current prices against their history, listings.

Only reads, and may run beside a server: the spool is read before the database, which can only be further by then.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, FromClause, and_, exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from overround.errors import StorageError
from overround.storage import schema
from overround.storage.connections import Connections
from overround.storage.records import WriteBatch, decode, unpack

_UNKNOWN = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Check(msgspec.Struct):
    """One thing that was looked at."""

    name: str
    looked_at: int = 0  # how many batches or rows
    faults: int = 0
    first: str = ""  # the first divergence, one sentence

    def fault(self, sentence: str) -> None:
        """Count a divergence and keep the first."""
        self.faults += 1
        self.first = self.first or sentence


class SpoolContent(msgspec.Struct):
    """Which batches wait in a spool."""

    spool_id: str = ""
    waiting: list[int] = []


async def verify(database: Connections, spool: Path, history_from: datetime) -> list[Check]:
    """
    Return every check with what it found.

    Args:
        spool: The spool's file; may be missing.
        history_from: Before this retention may have deleted history, so a price without any is no divergence.
    Raises:
        StorageError: The database can't be read.
    """
    content, spool_check = read_spool(spool)
    checks = [spool_check]
    async with database.reading() as db:
        if db.dialect.name == "sqlite":
            checks.append(await _file(db))
        checks.append(await _watermark(db, content))
        checks.append(await _batches(db))
        checks.append(await _current_and_history(db, history_from))
        checks.append(await _history_without_current(db))
        checks += await _listings(db)
    return checks


def read_spool(path: Path) -> tuple[SpoolContent, Check]:
    """Read every batch of a spool file: its checksum, its pieces, its place in the sequence."""
    content, check = SpoolContent(), Check("spool")
    if not path.is_file():
        return content, check
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
            if said != "ok":
                check.fault(f"the file is damaged: {said}")
            row = db.execute("SELECT id FROM spool").fetchone()
            content.spool_id = row[0] if row else ""
            for seq, payload in db.execute("SELECT seq, payload FROM batch ORDER BY seq"):
                _read_batch(content, check, seq, payload)
    except sqlite3.Error as exc:
        check.fault(f"{path} can't be read: {exc}")
    return content, check


def _read_batch(content: SpoolContent, check: Check, seq: int, payload: bytes) -> None:
    check.looked_at += 1
    if content.waiting and seq != content.waiting[-1] + 1:
        check.fault(f"batches {content.waiting[-1] + 1} to {seq - 1} are missing")
    content.waiting.append(seq)
    try:
        decode(WriteBatch(seq, None, _UNKNOWN, unpack(payload, seq)))
    except StorageError as exc:
        check.fault(str(exc))


async def _file(db: AsyncConnection) -> Check:
    check = Check("database file", 1)
    said = (await db.execute(text("PRAGMA quick_check(1)"))).scalar_one()
    if said != "ok":
        check.fault(f"the file is damaged: {said}")
    return check


async def _watermark(db: AsyncConnection, spool: SpoolContent) -> Check:
    """The spool has to go on where the database ends."""
    mark = schema.write_watermark.c
    marks = {row.spool_id: row.seq for row in await db.execute(select(mark.spool_id, mark.seq))}
    check = Check("watermark", len(marks))
    own = marks.get(spool.spool_id, 0)
    waiting = [seq for seq in spool.waiting if seq > own]
    if waiting and waiting[0] != own + 1:
        check.fault(f"the database ends at batch {own}, and the spool begins with {waiting[0]}")
    if waiting and own < max(marks.values(), default=0):
        check.fault(
            f"the spool waits with batch {waiting[0]}, and another spool has written up to {max(marks.values())}"
        )
    return check


async def _batches(db: AsyncConnection) -> Check:
    """Every batch from the oldest that retention left up to the watermark is there."""
    row, mark = schema.write_batch.c, schema.write_watermark.c
    bounds = await db.execute(select(func.min(row.change_id), func.max(row.change_id), func.count()))
    first, last, count = bounds.one()
    check = Check("batches", count)
    if not count:
        return check
    if count != last - first + 1:
        check.fault(f"of batches {first} to {last} only {count} are noted")
    newest = (await db.execute(select(func.max(mark.seq)))).scalar() or 0
    if last != newest:
        check.fault(f"the watermark stands at {newest}, and the newest batch is {last}")
    return check


async def _current_and_history(db: AsyncConnection, history_from: datetime) -> Check:
    """Every current price is the last row of its history."""
    current, row = schema.odds_current.c, schema.odds_history.c
    same = and_(
        row.listing_id == current.listing_id,
        row.market_key_id == current.market_key_id,
        row.change_id == current.version,
    )
    newer = schema.odds_history.alias("newer").c
    overtaken = exists(
        select(newer.change_id).where(
            newer.listing_id == current.listing_id,
            newer.market_key_id == current.market_key_id,
            newer.change_id > current.version,
        )
    )
    differs = or_(
        and_(row.change_id.is_(None), current.changed_at >= history_from),
        row.odds != current.odds,
        row.suspended != current.suspended,
        row.outcome_set_id != current.outcome_set_id,
        row.suspect != current.suspect,
        row.withdrawn != current.withdrawn_at.is_not(None),
        overtaken,
    )
    joined = schema.odds_current.outerjoin(schema.odds_history, same)
    return await _look(
        db, "current and history", joined, differs, "is not the last row of its history", schema.odds_current
    )


async def _history_without_current(db: AsyncConnection) -> Check:
    current, row = schema.odds_current.c, schema.odds_history.c
    same = and_(row.listing_id == current.listing_id, row.market_key_id == current.market_key_id)
    joined = schema.odds_history.outerjoin(schema.odds_current, same)
    return await _look(
        db, "history", joined, current.listing_id.is_(None), "has a history and no current price",
        schema.odds_history,
    )  # fmt: skip


async def _listings(db: AsyncConnection) -> Sequence[Check]:
    """Every price has its listing, market and names, and every listing its event."""
    current, listing = schema.odds_current, schema.listing
    checks = [
        await _look(
            db, f"current and {table.name}", current.outerjoin(table, table.c.id == column), table.c.id.is_(None),
            f"has no {table.name.replace('_', ' ')}", current,
        )
        for table, column in (
            (listing, current.c.listing_id),
            (schema.market_key, current.c.market_key_id),
            (schema.outcome_set, current.c.outcome_set_id),
        )
    ]  # fmt: skip
    orphan = listing.outerjoin(schema.event, schema.event.c.sportradar_id == listing.c.sportradar_id)
    missing = schema.event.c.sportradar_id.is_(None)
    check = Check("listings", (await db.execute(select(func.count()).select_from(listing))).scalar_one())
    check.faults = (await db.execute(select(func.count()).select_from(orphan).where(missing))).scalar_one()
    if check.faults:
        first = select(listing.c.id, listing.c.sportradar_id, listing.c.bookmaker).select_from(orphan)
        row = (await db.execute(first.where(missing).order_by(listing.c.id).limit(1))).one()
        check.first = f"listing {row.id}: event {row.sportradar_id} at {row.bookmaker} has no event"
    return [*checks, check]


async def _look(
    db: AsyncConnection,
    name: str,
    joined: FromClause,
    is_fault: ColumnElement[bool],
    sentence: str,
    table: Any,
) -> Check:
    """Count a table's rows and those at fault, and name the first of them."""
    check = Check(name, (await db.execute(select(func.count()).select_from(table))).scalar_one())
    check.faults = (await db.execute(select(func.count()).select_from(joined).where(is_fault))).scalar_one()
    if check.faults:
        keys = (table.c.listing_id, table.c.market_key_id)
        first = select(*keys).select_from(joined).where(is_fault).order_by(*keys).limit(1)
        check.first = f"{await _price(db, *(await db.execute(first)).one())} {sentence}"
    return check


async def _price(db: AsyncConnection, listing_id: int, market_key_id: int) -> str:
    listing, key = schema.listing.c, schema.market_key.c
    who = (
        await db.execute(select(listing.sportradar_id, listing.bookmaker).where(listing.id == listing_id))
    ).one_or_none()
    what = (await db.execute(select(key.market_id, key.line).where(key.id == market_key_id))).one_or_none()
    where = f"event {who.sportradar_id} at {who.bookmaker}" if who else "an unknown listing"
    market = f"market {what.market_id} {what.line}".rstrip() if what else "an unknown market"
    return f"listing {listing_id}, market key {market_key_id} ({where}, {market})"
