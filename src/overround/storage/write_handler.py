"""What the write queue asks of a database: apply batches exactly once, note confirmations."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from overround.domain.diff import Confirmation
from overround.storage.records import WriteBatch
from overround.storage.spool import Spool

GROUP = 10  # batches applied in one transaction at most


class Written(msgspec.Struct, frozen=True):
    """What became of one batch."""

    change_id: int
    events: int = 0  # distinct events it spoke of
    inserted: int = 0  # rows added to the history
    skipped: bool = False  # it was in the database already


class WriteHandler(Protocol):
    """One database's way of writing, for the batches of one spool."""

    async def watermark(self) -> int:
        """
        Return the change id of the newest batch in the database.

        Raises:
            StorageError: The database did not answer.
        """
        ...

    async def apply(self, batches: Sequence[WriteBatch]) -> tuple[Written, ...]:
        """
        Write batches in order, with the watermark, in one transaction; skip those that are in already.

        Raises:
            SequenceBroken: A batch between the watermark and these is missing.
            StorageError: Nothing was written, or we can't know; try again, it is safe.
        """
        ...

    async def confirm(self, confirmations: Sequence[Confirmation]) -> int:
        """
        Move `last_confirmed_at` of the listings forward and return how many moved; scoped ones are left out.

        Raises:
            StorageError: Nothing was written.
        """
        ...


async def apply_waiting(spool: Spool, handler: WriteHandler) -> int:
    """
    Write everything that waits in the spool, without a queue, and return how many batches that was.

    Raises:
        StorageError: The database did not take it; it goes on waiting.
    """
    applied = before = await handler.watermark()
    while batches := await spool.read(applied, GROUP):
        await handler.apply(batches)
        applied = batches[-1].change_id
        await spool.trim(applied)
    return applied - before
