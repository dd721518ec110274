"""What memory no longer holds is answered from the database in the same shape."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest

from overround.storage.write_handler import apply_waiting
from tests.api.conftest import Running
from tests.support.api import World, three_way
from tests.support.changes import changed, market, registered
from tests.support.clock import START
from tests.support.storage import accept, opened

KICKOFF = START - timedelta(days=2)
WINDOW = "from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z"


@pytest.fixture
async def told(world: World, served: Running, tmp_path: Path) -> AsyncGenerator[Running]:
    """A server with one event in memory, and in its database a match of two days ago at two bookmakers."""
    world.offer("1", "betpawa", [three_way(2.5, 3.0, 3.0)])
    async with opened(tmp_path, world.clock) as store:
        early = KICKOFF - timedelta(hours=6)
        over = market(1900, 1900, market_id="5000", line="3.5", at=early)
        book = market(2500, 3000, 3000, at=early)
        await accept(store, registered(book, over, kickoff_at=KICKOFF, at=early))
        await accept(store, registered(book, bookmaker="bet9ja", kickoff_at=KICKOFF, at=early))
        shorter = market(2300, 3000, 3000, at=KICKOFF - timedelta(hours=2))
        await accept(store, changed(shorter, bookmaker="bet9ja", at=KICKOFF - timedelta(hours=2)))
        await apply_waiting(store.spool, store.writer)
        world.storage.open(store.repository.database, store.writer, store.spool)
        yield served
        world.storage.close()


async def test_an_evicted_event_reads_as_one_in_memory(told: Running):
    """Same fields and markets; it has started, whatever state was stored last."""
    past, present = await told.get("/api/events/69000001"), await told.get("/api/events/1")
    assert past.keys() == present.keys()
    listing = past["bookmakers"][0]
    assert listing.keys() == present["bookmakers"][0].keys()
    assert (listing["bookmaker"], listing["state"]) == ("betpawa", "started")
    assert [(m["market_id"], m["line"]) for m in listing["markets"]] == [("3743", ""), ("5000", "3.5")]
    assert listing["markets"][0].keys() == present["bookmakers"][0]["markets"][0].keys()
    assert listing["markets"][0]["overround"] == pytest.approx(0.066667)


async def test_a_list_in_the_past_comes_from_the_database(told: Running):
    """Filters and main markets act as on events ahead; asking twice gives 304."""
    answer = await told.get(f"/api/events?{WINDOW}")
    assert [(e["sportradar_id"], len(e["bookmakers"])) for e in answer["events"]] == [("69000001", 2)]
    markets = answer["events"][0]["bookmakers"][0]["markets"]
    assert [m["market_id"] for m in markets] == ["3743"]
    assert (await told.get(f"/api/events?{WINDOW}&q=enyimba&bookmakers=bet9ja"))["total"] == 1
    assert (await told.get(f"/api/events?{WINDOW}&min_bookmakers=3"))["total"] == 0
    async with told.client.get(f"/api/events?{WINDOW}") as first:
        tag = first.headers["etag"]
    async with told.client.get(f"/api/events?{WINDOW}", headers={"if-none-match": tag}) as again:
        assert again.status == 304


async def test_one_list_may_hold_both(told: Running):
    """From the past into the future with started events: both, by kickoff."""
    both = await told.get("/api/events?from=2026-11-20T00:00:00Z&include_started=true")
    assert [e["sportradar_id"] for e in both["events"]] == ["69000001", "1"]
    ahead = await told.get("/api/events?from=2026-11-20T00:00:00Z")
    assert [e["sportradar_id"] for e in ahead["events"]] == ["1"]


async def test_the_past_is_asked_for_in_months(told: Running):
    """A list without a bound would load everything that was ever stored."""
    problem = await told.get("/api/events?to=2026-11-20T00:00:00Z", status=422)
    assert problem["detail"].startswith("from: ")
    await told.get("/api/events?from=2020-01-01T00:00:00Z&include_started=true", status=422)


async def test_without_the_database_memory_goes_on(world: World, told: Running):
    """Only what needs the database says that it is away."""
    world.storage.close()
    await told.get("/api/events/69000001", status=503)
    assert (await told.get("/api/events"))["total"] == 1
    await told.get(f"/api/events?{WINDOW}", status=503)


async def test_what_nobody_ever_listed_is_a_404(told: Running):
    """Neither in memory nor in the database."""
    assert "404404" in (await told.get("/api/events/404404", status=404))["detail"]


async def test_movements_that_left_memory_come_from_history(told: Running, world: World, tmp_path: Path):
    """Same shape, filtered and paged; a day at most, and a time has a zone."""
    world.offer("1", "betpawa", [three_way(2.6, 3.0, 3.0)])
    (present,) = (await told.get("/api/movements"))["movements"]
    day = "from=2026-11-21T12:00:00Z&to=2026-11-22T12:00:00Z"
    answer = await told.get(f"/api/movements?{day}")
    (row,) = answer["movements"]
    assert row.keys() == present.keys()
    assert (row["sportradar_id"], row["first_mover"], row["home"]) == ("69000001", "bet9ja", "Kano")
    assert [(each["from"], each["to"]) for each in row["moves"][0]["outcomes"]] == [(2.5, 2.3)]
    assert (await told.get(f"/api/movements?{day}&who=mine"))["total"] == 0
    assert (await told.get(f"/api/movements?{day}&event=1"))["total"] == 0
    assert (await told.get(f"/api/movements?{day}&markets=5000"))["total"] == 0
    for wrong in ("from=2026-11-20T12:00:00Z&to=2026-11-22T12:00:00Z", "from=2026-11-21T12:00:00"):
        async with told.client.get(f"/api/movements?{wrong}") as refused:
            assert refused.status == 422
