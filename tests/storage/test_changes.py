"""A part of an event's history, in both databases."""

from datetime import timedelta
from pathlib import Path

from overround.storage.changes import Window, window_changes
from overround.storage.write_handler import apply_waiting
from tests.support.changes import changed, market, registered
from tests.support.clock import START
from tests.support.storage import Backend, accept

EVENT = "69000001"
MINUTE = timedelta(minutes=1)


async def test_a_window_has_its_changes_and_how_every_market_stood_before(backend: Backend, tmp_path: Path):
    """The last change before it, also of a market that did not move; nothing after it or newer than asked for."""
    async with backend.opened(tmp_path) as store:
        still = market(1900, 1900, market_id="5000", line="2.5", at=START)
        first = market(2000, 3000, 3100, at=START)
        await accept(store, registered(first, still, at=START, sportradar_id=EVENT), run_id="run-1")
        for minutes in (1, 2, 3, 4):
            moved = market(2000 + minutes, 3000, 3100, at=START + minutes * MINUTE)
            change = changed(moved, at=START + minutes * MINUTE, sportradar_id=EVENT)
            await accept(store, change, run_id=f"run-{minutes}")
        await apply_waiting(store.spool, store.writer)

        async def read(window: Window, limit: int = 9):
            database = store.repository.database
            return await window_changes(database, EVENT, ("betpawa", "bet9ja"), window, limit)

        window = Window(START + 2 * MINUTE, START + 4 * MINUTE)
        found = await read(window)
        assert found is not None and list(found) == ["betpawa"]
        told = {
            (each.market.key.market_id, each.run_id, each.market.odds_milli[0]) for each in found["betpawa"]
        }
        assert told == {
            ("5000", "run-1", 1900), ("3743", "run-1", 2001), ("3743", "run-2", 2002), ("3743", "run-3", 2003)
        }  # fmt: skip
        newest = next(each.change_id for each in found["betpawa"] if each.run_id == "run-2")
        older = await read(Window(window.since, window.until, newest))
        assert older is not None and older["betpawa"][-1].run_id in ("run-1", "run-2")
        assert max(each.change_id for each in older["betpawa"]) == newest
        assert await read(window, limit=3) is None
        assert await read(Window(START + 9 * MINUTE, START + 10 * MINUTE)) != {}
