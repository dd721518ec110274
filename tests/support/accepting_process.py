"""
A process that accepts batches as fast as it can, to be killed: `python -m tests.support.accepting_process DIR SEED [URL]`.

It says on its output, one line each, what it is going to accept ("try N") and what was accepted ("ok CHANGE_ID
N"): N is written into the prices, so that an outsider can tell which accepted batch is where.
"""

import asyncio
import sys
from pathlib import Path

from overround.clock import SystemClock
from overround.config import Settings
from overround.domain.diff import ListingChanges
from overround.log import configure
from overround.storage.data_dir import DataDir
from overround.storage.records import WriteBatch
from overround.storage.store import open_repository, open_store
from overround.storage.write_queue import AsyncWriteQueue
from tests.support.changes import market, registered
from tests.support.clock import START

EVENTS = 7
MARKETS = 40


def batch(number: int) -> list[ListingChanges]:
    """Return batch `number`: every market of one listing at odds that carry the number."""
    books = [market(2000 + number, 3000, market_id="5000", line=f"{line}.5") for line in range(MARKETS)]
    return [registered(*books, sportradar_id=str(69_000_000 + number % EVENTS), at=START)]


async def main(folder: Path, first: int, url: str = "") -> None:
    """Accept batches `first`, `first` + 1, ... until killed."""
    clock, settings, data_dir = SystemClock(), Settings(), DataDir(folder)
    with data_dir.lock():
        repository = await open_repository(data_dir, "simulated", {"betpawa": "ng"}, clock, url)
        store = await open_store(data_dir, repository, settings)
        queue = AsyncWriteQueue(store.spool, store.writer, clock, settings, lambda: ())
        await queue.start()
        number = first
        while True:
            pieces = [store.encoder.listing_piece(change, "football") for change in batch(number)]
            print("try", number, flush=True)  # noqa: T201
            change_id = await store.spool.accept(pieces, None, START)
            print("ok", change_id, number, flush=True)  # noqa: T201
            queue.enqueue(WriteBatch(change_id, None, START, tuple(pieces)))
            number += 1


if __name__ == "__main__":
    configure("error")
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]))
