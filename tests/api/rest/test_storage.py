"""/api/storage, /api/cleanup and /api/dead-letters."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from overround.storage.store import Store
from overround.storage.write_handler import apply_waiting
from tests.api.conftest import Running
from tests.support.api import World
from tests.support.changes import market, registered
from tests.support.storage import accept, bury, opened, rows


@pytest.fixture
async def store(world: World, served: Running, tmp_path: Path) -> AsyncGenerator[Store]:
    """The database behind the server, with one market in it."""
    async with opened(tmp_path, world.clock) as store:
        await accept(store, registered(market(2500, 3000, 3000)))
        await apply_waiting(store.spool, store.writer)
        world.storage.open(store.repository.database, store.writer, store.spool)
        yield store
        world.storage.close()


# --- sizes ---------------------------------------------------------------------------------------------------


async def test_sizes_are_there_before_the_first_sample(store: Store, served: Running):
    """Files have a size at once; tables are counted once a day."""
    body = await served.get("/api/storage")
    assert body["database_bytes"] > body["free_bytes"] >= 0
    assert (body["sample"], body["alerts"]) == (None, [])
    assert body["disk_free_bytes"] > 0
    assert body["oldest"]["odds_history"] == body["oldest"]["write_batch"] == "2026-11-24T12:00:00.000Z"
    assert body["oldest"]["audit"] is None


async def test_samples_tell_which_table_grew(world: World, store: Store, served: Running):
    """Rows and bytes by table."""
    await world.storage.sample_if_due()
    (sample,) = (await served.get("/api/storage/samples"))["samples"]
    counts = {row["table"]: row["rows"] for row in sample["tables"]}
    assert (counts["odds_history"], counts["event"]) == (1, 1)
    assert (await served.get("/api/storage"))["sample"] == sample
    assert (await served.get("/api/storage/alerts"))["alerts"] == []


# --- cleanups ------------------------------------------------------------------------------------------------


async def test_a_cleanup_is_previewed_executed_and_remembered(world: World, store: Store, served: Running):
    """In this order, and the figures agree."""
    assert (await served.get("/api/cleanup/preview"))["rows"] == 0
    await world.clock.oversleep(30 * 86_400)  # type: ignore[attr-defined]
    preview = await served.get("/api/cleanup/preview")
    assert preview["settings"]["odds_retention_days"] == 14
    report = await served.call("POST", "/api/cleanup/execute")
    assert report["rows"] == preview["rows"] > 0
    assert (await served.get("/api/cleanup/history"))["cleanups"] == [report]


# --- dead letters --------------------------------------------------------------------------------------------


async def test_letters_are_listed_with_event_bookmaker_market_and_reason(store: Store, served: Running):
    """What a person needs to decide."""
    await bury(store)
    body = await served.get("/api/dead-letters?limit=1")
    (letter,) = body["dead_letters"]
    assert body["total"] == 2
    assert (letter["sportradar_id"], letter["bookmaker"], letter["market"], letter["reason"]) == (
        "8", "betpawa", "5000", "can't be held",
    )  # fmt: skip
    one = await served.get(f"/api/dead-letters/{letter['id']}")
    assert one["content"]["odds"]
    await served.get("/api/dead-letters/99", status=404)


async def test_letters_are_replayed_or_discarded_once(store: Store, served: Running, tmp_path: Path):
    """A second time says that nothing waits."""
    await bury(store)
    done = await served.call("POST", "/api/dead-letters/replay", json={"ids": [1]})
    assert done == {"done": 1, "outcomes": [{"id": 1, "ok": True, "detail": ""}]}
    done = await served.call("POST", "/api/dead-letters/discard", json={"ids": [1, 2]})
    assert [outcome["ok"] for outcome in done["outcomes"]] == [False, True]
    assert (await served.get("/api/dead-letters"))["total"] == 0
    assert (await served.get("/api/dead-letters?state=all"))["total"] == 2
    assert rows(tmp_path, "SELECT count(*) FROM odds_history") == [(2,)]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"ids": ["x"]}', b'{"all": true}'])
async def test_an_order_without_ids_is_refused(store: Store, served: Running, body: bytes):
    """Nothing is discarded by a slip."""
    await served.call("POST", "/api/dead-letters/discard", status=422, data=body)


# --- readiness -----------------------------------------------------------------------------------------------


async def test_a_writer_that_waits_makes_the_process_not_ready_and_stops_no_run(
    world: World, served: Running
):
    """Prices are accepted and shown; only the database stands still."""
    world.health.waits.append("the writer waits: database or disk is full")
    body = await served.get("/api/health/ready", status=503)
    assert body["reasons"] == ["the writer waits: database or disk is full"]
    assert (await served.get("/api/health"))["status"] == "not_ready"
    await served.call("POST", "/api/scrape", status=202)
