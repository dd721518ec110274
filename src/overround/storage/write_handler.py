"""
What the write queue asks of a database, and nothing more; one implementation per database stands beside this file.

Each of them says in our words what went wrong (`DatabaseUnavailable`, `DatabaseRefuses`, `RowRefused`); an error
that it does not know stays a plain `StorageError`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from overround import metrics
from overround.clock import Clock, SystemClock
from overround.domain.diff import Confirmation
from overround.errors import RowRefused
from overround.log import get_logger
from overround.storage.poison import PASSING, MarketName, cut_poison
from overround.storage.records import DeadRow, WriteBatch
from overround.storage.spool import Spool

log = get_logger(__name__)

GROUP = 10  # batches applied in one transaction at most


class Written(msgspec.Struct, frozen=True):
    """What became of one batch."""

    change_id: int
    events: int = 0  # distinct events it spoke of
    inserted: int = 0  # rows added to the history
    skipped: bool = False  # it was in the database already
    dead: int = 0  # rows that went to the dead letters


class WriteHandler(Protocol):
    """One database's way of writing, for the batches of one spool."""

    async def watermark(self) -> int:
        """
        Return the change id of the newest batch in the database.

        Raises:
            StorageError: The database did not answer.
        """
        ...

    async def apply(self, batches: Sequence[WriteBatch], dead: Sequence[DeadRow] = ()) -> tuple[Written, ...]:
        """
        Write batches in order, with the watermark, in one transaction; skip those that are in already.

        Args:
            dead: What was cut out of these batches: becomes rows of `dead_letter` in the same transaction, unless
                its batch is in already.
        Raises:
            SequenceBroken: A batch between the watermark and these is missing.
            StorageError: Nothing was written, or we can't know; try again, it is safe.
        """
        ...

    async def check(self, batch: WriteBatch) -> None:
        """
        Write a batch's pieces and take it all back: no watermark is asked or moved, nothing stays.

        Raises:
            StorageError: As `apply` of this batch would.
        """
        ...

    async def probe(self) -> None:
        """
        Write a row that belongs to nobody and take it back.

        Raises:
            StorageError: The database is not well, whatever a batch holds.
        """
        ...

    async def revive(self, letter_id: int, at: datetime) -> bool:
        """
        Write a waiting dead letter's row under its old change id and mark it `replayed`, in one transaction.

        A header or a listing is written only where there is none: what is there may be newer.

        Args:
            at: Now.
        Returns:
            Whether there was such a letter and it was waiting.
        Raises:
            StorageError: Nothing was written; the letter waits on.
        """
        ...

    async def confirm(self, confirmations: Sequence[Confirmation]) -> int:
        """
        Move `last_confirmed_at` of the listings forward and return how many moved; scoped ones are left out.

        Raises:
            StorageError: Nothing was written.
        """
        ...


async def apply_around(
    handler: WriteHandler, batch: WriteBatch, at: datetime, market_name: MarketName = str
) -> Written:
    """
    Write one batch; what the database can't hold of it goes to the dead letters, the rest is written.

    Args:
        at: Now.
        market_name: Names a market key's number for people.
    Raises:
        StorageError: The database is not well; nothing was written, or we can't know.
    """
    try:
        (written,) = await handler.apply([batch])
        return written
    except PASSING:
        raise
    except RowRefused:
        pass
    except Exception:  # nobody knows this error: only a database that is well says something of the batch
        await handler.probe()
    rest, dead = await cut_poison(handler, batch, at, market_name)
    (written,) = await handler.apply([rest], dead)
    if written.skipped:  # the first attempt had come through all the same
        return written
    for row in dead:
        metrics.DEAD_LETTERS.inc()
        log.error(
            "row_dead_lettered", batch=row.change_id, kind=row.kind, sportradar_id=row.sportradar_id,
            bookmaker=row.bookmaker, market=row.market, reason=row.reason,
        )  # fmt: skip
    return msgspec.structs.replace(written, dead=len(dead))


async def apply_waiting(
    spool: Spool, handler: WriteHandler, clock: Clock | None = None, market_name: MarketName = str
) -> int:
    """
    Write everything that waits in the spool, without a queue, and return how many batches that was.

    Raises:
        StorageError: The database did not take it; it goes on waiting.
    """
    now = (clock or SystemClock()).now
    applied = before = await handler.watermark()
    while batches := await spool.read(applied, GROUP):
        try:
            await handler.apply(batches)
        except PASSING:
            raise
        except Exception:
            for batch in batches:
                await apply_around(handler, batch, now(), market_name)
        applied = batches[-1].change_id
        await spool.trim(applied)
    return applied - before
