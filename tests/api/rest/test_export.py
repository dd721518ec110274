"""GET /api/export: the rows that the filters select, as CSV and Parquet."""

import csv
import io
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet
import pytest

from overround.api import export_forms
from overround.storage.write_handler import apply_waiting
from tests.api.conftest import Running
from tests.support.api import World, header, priced, three_way
from tests.support.changes import changed, market, registered
from tests.support.clock import START
from tests.support.storage import accept, opened


async def table(served: Running, query: str = "") -> list[dict[str, str]]:
    async with served.client.get(f"/api/export?{query}") as answer:
        assert answer.status == 200, await answer.text()
        return list(csv.DictReader(io.StringIO(await answer.text())))


@pytest.fixture
def filled(world: World) -> World:
    """A matched event with a name that a spreadsheet would run, and one that only a competitor lists."""
    world.offer("1", "betpawa", [three_way(2.6, 2.4, 4.3)], header("1", home="=cmd|' /C calc'!A0"))
    world.offer("1", "sportybet", [three_way(2.5, 2.4, 0)])
    world.offer("1", "bet9ja", [three_way(2.0, 2.4, 4.0, suspended=0b100)])
    world.offer("2", "bet9ja", [priced("5000", (1.9, 1.9), "2.5")], header("2"))
    return world


async def test_a_row_reads_as_the_screen_writes_it(filled, served):
    """One row per outcome and bookmaker; the gap is to the median of the competitors that count."""
    async with served.client.get("/api/export?format=csv&what=current&tz=Africa/Lagos") as answer:
        assert answer.content_type == "text/csv"
        name = 'attachment; filename="overround_board_2026-11-24T1200Z.csv"'
        assert answer.headers["content-disposition"] == name
        lines = (await answer.text()).split("\r\n")
    assert lines[0] == (
        "sportradar_id,kickoff_at,kickoff_local,country,competition,home,away,market_id,market,line,outcome,"
        "bookmaker,odds,state,changed_at,confirmed_at,gap_median_pct,overround_pct"
    )
    assert lines[1] == (
        "1,2026-11-24T15:00:00Z,2026-11-24T16:00:00+01:00,Nigeria,NPFL,'=cmd|' /C calc'!A0,Simba,3743,1X2,,1,"
        "betpawa,2.6,open,2026-11-24T12:00:00.000Z,2026-11-24T12:00:00.000Z,15.56,3.38"
    )
    rows = await table(served)
    assert [(r["outcome"], r["bookmaker"], r["odds"], r["state"]) for r in rows[6:8]] == [
        ("2", "betpawa", "4.3", "open"), ("2", "bet9ja", "4.0", "suspended"),
    ]  # fmt: skip
    assert rows[6]["gap_median_pct"] == "" and len(rows) == 10


async def test_the_filters_of_events_select_and_paging_does_not(filled, served):
    """All rows, not the visible ones."""
    assert {row["sportradar_id"] for row in await table(served, "page_size=1&page=9")} == {"1", "2"}
    assert {row["sportradar_id"] for row in await table(served, "availability=matched")} == {"1"}
    assert {row["market_id"] for row in await table(served, "markets=5000:2.5")} == {"5000"}
    assert await table(served, "q=nobody") == []


async def test_doubt_is_said_and_makes_no_gap(world, filled, served):
    """A stale price is exported with its word and compared with nothing."""
    await world.clock.oversleep(3600)
    rows = await table(served)
    assert {(row["state"], row["gap_median_pct"]) for row in rows if row["state"] != "suspended"} == {
        ("stale", "")
    }


async def test_a_mark_for_excel_on_request(filled, served):
    """Without it Excel takes UTF-8 for something else; with it everything else is confused, so it is asked for."""
    async with served.client.get("/api/export?bom=true") as answer:
        assert (await answer.read()).startswith(b"\xef\xbb\xbfsportradar_id,")


async def test_parquet_has_the_rows_of_the_csv(filled, served, monkeypatch):
    """Numbers are numbers, no apostrophes; row groups are written one by one."""
    monkeypatch.setattr(export_forms, "GROUP_ROWS", 4)
    async with served.client.get("/api/export?format=parquet") as answer:
        assert answer.headers["content-disposition"].endswith('.parquet"')
        file = pyarrow.parquet.ParquetFile(io.BytesIO(await answer.read()))
    rows = file.read().to_pylist()
    assert file.num_row_groups == 3 and len(rows) == 10
    assert (rows[0]["home"], rows[0]["odds"], rows[0]["gap_median_pct"]) == ("=cmd|' /C calc'!A0", 2.6, 15.56)
    assert rows[6]["gap_median_pct"] is None


async def test_without_pyarrow_the_sentence_says_what_to_do(filled, served, monkeypatch):
    """It is an extra, so it may be missing."""

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(export_forms, "import_module", missing)
    problem = await served.get("/api/export?format=parquet", status=422)
    assert "overround[parquet]" in problem["detail"]


@pytest.mark.parametrize("query", ["format=xlsx", "what=all", "tz=Mars/Base", "tz=../etc", "from=yesterday"])
async def test_a_bad_parameter_is_named(served, query):
    """422 with one sentence that begins with the parameter."""
    problem = await served.get(f"/api/export?{query}", status=422)
    assert problem["detail"].startswith(query.split("=")[0])


@pytest.fixture
async def told(world: World, served: Running, tmp_path: Path) -> AsyncGenerator[Running]:
    """A match of two days ago whose home price was shortened and then locked."""
    kickoff, later = START - timedelta(days=2), START - timedelta(days=2, hours=1)
    async with opened(tmp_path, world.clock) as store:
        first = START - timedelta(days=2, hours=2)
        await accept(store, registered(market(2500, 3000, 3000, at=first), kickoff_at=kickoff, at=first))
        await accept(store, changed(market(2000, 3000, 3000, at=later), at=later), run_id="run-7")
        locked = market(2000, 3000, 3000, at=kickoff, suspended=0b001)
        await accept(store, changed(locked, at=kickoff))
        await apply_waiting(store.spool, store.writer)
        world.storage.open(store.repository.database, store.writer, store.spool)
        yield served
        world.storage.close()


WINDOW = "from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z"


async def test_history_has_every_stored_change(told):
    """One row per outcome of every change, oldest first."""
    rows = await table(told, f"what=history&{WINDOW}")
    assert [(row["odds"], row["state"]) for row in rows if row["outcome"] == "1"] == [
        ("2.5", "open"), ("2.0", "open"), ("2.0", "suspended"),
    ]  # fmt: skip
    assert len(rows) == 9 and rows[3]["run_id"] == "run-7"


async def test_movements_say_from_and_to(told):
    """Only outcomes that changed, with their change in per cent; a lock is one too."""
    rows = await table(told, f"what=movements&{WINDOW}")
    names = ("outcome", "from_odds", "to_odds", "change_pct", "from_state", "to_state")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("1", "2.5", "2.0", "-20.0", "open", "open"), ("1", "2.0", "2.0", "0.0", "open", "suspended"),
    ]  # fmt: skip


async def test_no_file_begins_that_can_not_be_read(world, filled, served):
    """The database is away: 503 with a sentence, no half a file."""
    await served.get("/api/export?what=history", status=503)
