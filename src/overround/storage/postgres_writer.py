"""
Write batches to PostgreSQL: market rows by COPY into a temporary table, then one statement per price table.

Everything else (headers, listings, runs) is few rows and goes through the statements of `rows`.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any

import msgspec

from overround.domain.diff import Confirmation
from overround.errors import SequenceBroken
from overround.storage import rows as sql
from overround.storage.postgres import Connection
from overround.storage.postgres_session import PostgresSession
from overround.storage.records import DeadRow, ListingPiece, RunPiece, WriteBatch, decode
from overround.storage.rows import Row, Rows
from overround.storage.times import from_ms, to_ms
from overround.storage.write_handler import Written

_INCOMING = """
CREATE TEMPORARY TABLE IF NOT EXISTS incoming (
    listing_id int, market_key_id int, outcome_set_id int, odds bytea, suspended bytea, changed_ms bigint,
    first_seen_ms bigint, withdrawn_ms bigint, suspect text, version bigint, at_ms bigint
) ON COMMIT DELETE ROWS
"""
# Room for the rows of GROUP batches: spilt to the disk, sorting and joining them takes half as long again.
_MEMORY = "SET work_mem = '64MB'; SET temp_buffers = '64MB'"
# One statement instead of one per listing, of which every answer that changed a price has one.
_CHANGED = """
UPDATE listing SET last_changed_at = to_timestamp(n.at_ms / 1000.0::float8)
FROM unnest($1::bigint[], $2::int[]) AS n (at_ms, id) WHERE listing.id = n.id
"""
_HISTORY = """
INSERT INTO odds_history (
    listing_id, market_key_id, change_id, at, outcome_set_id, odds, suspended, withdrawn, suspect
)
SELECT listing_id, market_key_id, version, to_timestamp(at_ms / 1000.0::float8), outcome_set_id, odds, suspended,
       withdrawn_ms IS NOT NULL, suspect
FROM incoming
"""
# MERGE, for one process writes (I6): ON CONFLICT takes half as long again, as it guards against others.
_CURRENT = """
MERGE INTO odds_current USING (
    SELECT DISTINCT ON (listing_id, market_key_id)
           listing_id, market_key_id, outcome_set_id, odds, suspended,
           to_timestamp(changed_ms / 1000.0::float8) AS changed_at,
           to_timestamp(first_seen_ms / 1000.0::float8) AS first_seen_at,
           to_timestamp(withdrawn_ms / 1000.0::float8) AS withdrawn_at, suspect, version
    FROM incoming ORDER BY listing_id, market_key_id, version DESC
) n ON odds_current.listing_id = n.listing_id AND odds_current.market_key_id = n.market_key_id
WHEN MATCHED AND n.version > odds_current.version THEN UPDATE SET
    outcome_set_id = n.outcome_set_id, odds = n.odds, suspended = n.suspended, changed_at = n.changed_at,
    first_seen_at = n.first_seen_at, withdrawn_at = n.withdrawn_at, suspect = n.suspect, version = n.version
WHEN NOT MATCHED THEN INSERT (
    listing_id, market_key_id, outcome_set_id, odds, suspended, changed_at, first_seen_at, withdrawn_at, suspect,
    version
) VALUES (
    n.listing_id, n.market_key_id, n.outcome_set_id, n.odds, n.suspended, n.changed_at, n.first_seen_at,
    n.withdrawn_at, n.suspect, n.version
)
"""
_CONFIRM = """
UPDATE listing SET last_confirmed_at = to_timestamp(n.at_ms / 1000.0::float8)
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS n (at_ms, sportradar_id, bookmaker)
WHERE listing.sportradar_id = n.sportradar_id AND listing.bookmaker = n.bookmaker
  AND (last_confirmed_at IS NULL OR last_confirmed_at < to_timestamp(n.at_ms / 1000.0::float8))
"""
# A sequence, for numbers that no row carries any more must not be given out again. What a rollback leaves is a gap.
_NUMBERED = "SELECT setval('listing_number', greatest($1::bigint, (SELECT last_value FROM listing_number)))"
_OWN_MARK = "SELECT seq FROM write_watermark WHERE spool_id = $1"
_KNOWN = (
    ("events", "SELECT sportradar_id FROM event WHERE sportradar_id = ANY($1::text[])"),
    ("listings", "SELECT id FROM listing WHERE id = ANY($1::int[])"),
    ("competitions", "SELECT id FROM competition WHERE id = ANY($1::text[])"),
)


class _TakeBack(Exception):
    """Ends a transaction that was only a trial."""


class PostgresRows(Rows):
    """The rows of some batches, current and historical prices in one."""

    incoming: list[Row] = msgspec.field(default_factory=list[Row])

    def add_prices(self, piece: ListingPiece, change_id: int) -> None:
        """Add a piece's prices in the order of `incoming`'s columns."""
        at = piece.at
        self.incoming += zip(
            repeat(piece.listing_id), piece.market_keys, piece.outcome_sets, piece.odds, piece.suspended,
            [at - ago for ago in piece.changed_ago], [at - ago for ago in piece.first_seen_ago],
            [None if ago is None else at - ago for ago in piece.withdrawn_ago], piece.suspect,
            repeat(change_id), repeat(at),
        )  # fmt: skip


class PostgresWriter:
    """The `WriteHandler` of a PostgreSQL database, for one spool."""

    def __init__(self, session: PostgresSession, spool_id: str) -> None:
        """Write through `session`; whoever made it closes it."""
        self._session, self._spool_id = session, spool_id
        session.write_for(spool_id)

    async def watermark(self) -> int:
        """Return the newest change id in the database; 0 for a spool it has never heard of."""
        return await self._session.run(None, self._watermark)

    async def begin(self, seq: int) -> None:
        """Let this spool's batches begin behind `seq`."""
        mark = numbered(sql.WATERMARK)
        await self._session.run(None, lambda db: db.execute(mark, self._spool_id, seq))

    async def apply(self, batches: Sequence[WriteBatch], dead: Sequence[DeadRow] = ()) -> tuple[Written, ...]:
        """Write batches exactly once; see `WriteHandler`."""

        async def work(db: Connection) -> tuple[Written, ...]:
            async with db.transaction():
                return await self._apply(db, batches, dead)

        return await self._session.run(batches[0].change_id if batches else None, work)

    async def check(self, batch: WriteBatch) -> None:
        """Write a batch's rows and take them back; see `WriteHandler`."""

        async def work(db: Connection) -> None:
            rows = PostgresRows()
            rows.add(batch, decode(batch))
            await write_rows(db, rows)

        await self._trial(batch.change_id, work)

    async def probe(self) -> None:
        """Write a row and take it back; see `WriteHandler`."""
        await self._trial(None, lambda db: db.execute(sql.PROBE))

    async def revive(self, letter_id: int, at: datetime) -> bool:
        """Write a dead letter's row after all; see `WriteHandler`."""

        async def work(db: Connection) -> bool:
            async with db.transaction():
                return await _revive(db, letter_id, to_ms(at))

        return await self._session.run(None, work)

    async def confirm(self, confirmations: Sequence[Confirmation]) -> int:
        """Move confirmation times forward; see `WriteHandler`."""
        whole = [each for each in confirmations if each.markets is None]
        columns = (
            [to_ms(c.at) for c in whole],
            [c.sportradar_id for c in whole],
            [c.bookmaker for c in whole],
        )
        return _count(await self._session.run(None, lambda db: db.execute(_CONFIRM, *columns)))

    async def close(self) -> None:
        """Nothing is left to finish here: the session is closed by whoever made it."""

    async def _trial(self, change_id: int | None, work: Callable[[Connection], Awaitable[object]]) -> None:
        async def tried(db: Connection) -> None:
            try:
                async with db.transaction():
                    await work(db)
                    raise _TakeBack
            except _TakeBack:
                return

        await self._session.run(change_id, tried)

    async def _apply(
        self, db: Connection, batches: Sequence[WriteBatch], dead: Sequence[DeadRow]
    ) -> tuple[Written, ...]:
        applied, rows, written = await self._watermark(db), PostgresRows(), list[Written]()
        for batch in batches:
            if batch.change_id <= applied:
                written.append(Written(batch.change_id, skipped=True))
                continue
            if batch.change_id != applied + 1:
                raise SequenceBroken(
                    batch.change_id,
                    f"the database ends at batch {applied}, so batches {applied + 1} to "
                    f"{batch.change_id - 1} are missing",
                )
            written.append(rows.add(batch, decode(batch)))
            applied = batch.change_id
        new = {one.change_id for one in written if not one.skipped}
        if new:
            await write_rows(db, rows)
            await _each(db, sql.DEAD, [sql.dead_values(row) for row in dead if row.change_id in new])
            await db.execute(numbered(sql.WATERMARK), self._spool_id, applied)
        return tuple(written)

    async def _watermark(self, db: Connection) -> int:
        return await db.fetchval(_OWN_MARK, self._spool_id) or 0


async def write_rows(db: Connection, rows: PostgresRows) -> None:
    """Write the rows of all tables inside the caller's transaction."""
    await _each(db, sql.COMPETITION, rows.competitions.values())
    await _each(db, sql.EVENT, rows.events.values())
    await _each(db, sql.MARKET_KEY, rows.market_keys)
    await _each(db, sql.OUTCOME_SET, rows.outcome_sets)
    await _each(db, sql.LISTING, rows.listings.values())
    if rows.changed:
        await db.execute(_CHANGED, *map(list, zip(*rows.changed.values(), strict=True)))
    if numbers := [*rows.listings, *rows.changed]:
        await db.execute(_NUMBERED, max(numbers))
    if rows.incoming:
        await db.execute(_MEMORY)
        await db.execute(_INCOMING)
        await db.copy_records_to_table("incoming", records=rows.incoming)
        await db.execute(_HISTORY)
        await db.execute(_CURRENT)
    for piece, accepted_at in rows.runs:
        await _write_run(db, piece, accepted_at)
    await _each(db, sql.BATCH, rows.batches)


async def _write_run(db: Connection, piece: RunPiece, accepted_at: int) -> None:
    """Write a run's state; one that has ended stays as it ended."""
    run_id = piece.report.run_id
    if not _count(await db.execute(numbered(sql.RUN), *sql.run_values(piece, accepted_at))):
        return
    for table, statement, children in sql.run_children(piece):
        await db.execute(f"DELETE FROM {table} WHERE run_id = $1", run_id)
        await _each(db, statement, children)
    if piece.outcomes:
        await _each(db, sql.RUN_EVENT, sql.run_outcomes(piece))
        await db.execute(numbered(sql.FORGET_RUN_EVENTS), sql.RUNS_WITH_EVENTS - 1)


async def _revive(db: Connection, letter_id: int, at_ms: int) -> bool:
    found = await db.fetchrow(numbered(sql.WAITING), letter_id)
    if found is None:
        return False
    change_id, run_id, accepted_ms, piece = found
    rows, batch = PostgresRows(), WriteBatch(change_id, run_id, from_ms(accepted_ms), (piece,))
    rows.add(batch, decode(batch))
    rows.batches.clear()  # the batch is in
    if rows.changed:
        await db.execute(_NUMBERED, max(rows.changed))
    rows.changed.clear()  # the listing may have changed since
    for table, query in _KNOWN:
        known: dict[Any, Row] = getattr(rows, table)
        for (key,) in await db.fetch(query, list(known)):
            del known[key]  # there it may be newer
    await write_rows(db, rows)
    await db.execute(numbered(sql.REVIVED), at_ms, letter_id)
    return True


async def _each(db: Connection, statement: str, rows: Iterable[Row]) -> None:
    rows = list(rows)
    if rows:
        await db.executemany(numbered(statement), rows)


def numbered(statement: str) -> str:
    """
    Return a statement with PostgreSQL's parameters.

    >>> numbered("UPDATE t SET a = ? WHERE b = ?")
    'UPDATE t SET a = $1 WHERE b = $2'
    """
    found = iter(range(1, 100))
    return re.sub(r"\?", lambda _: f"${next(found)}", statement)


def _count(status: str) -> int:
    """Return the number of rows in a command's answer ("UPDATE 3", "INSERT 0 1")."""
    return int(status.rpartition(" ")[2])
