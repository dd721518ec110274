"""Margins and positions as REST answers them, and the command that shows them."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from overround.storage.rollups import RollupStore
from tests.api.conftest import Running
from tests.support.api import World
from tests.support.cli import app
from tests.support.margins import put_margins
from tests.support.storage import opened


@pytest.fixture(autouse=True)
async def stored(world: World, served: Running, tmp_path: Path) -> AsyncGenerator[RollupStore]:
    """Two leagues: one dearer than the rival, one cheaper by less."""
    world.settings.apply({"enabled_bookmakers": ["betpawa", "bet9ja"]})
    async with opened(tmp_path, world.clock) as store:
        world.storage.open(store.repository.database, store.writer, store.spool)
        yield await put_margins(store)
        world.storage.close()


async def test_a_row_has_what_the_page_shows(served):
    """Own margin, rivals, difference, events, opening and closing, and thirty days of ours."""
    answer = await served.get("/api/margins")
    assert (answer["total"], answer["rolled_up_until"]) == (2, "2026-11-24T12:00:00.000Z")
    first = answer["margins"][0]
    assert first.pop("sparkline") == [None] * 29 + [0.07]
    assert first == {
        "competition": {"id": "football-nigeria-npfl", "name": "NPFL", "country": "Nigeria"},
        "sport": "football", "market_id": "3743", "line": "", "name": "1X2", "own": 0.07,
        "rivals": {"bet9ja": 0.05}, "difference": 0.02, "events": 5,
        "closes": {
            "betpawa": {"events": 5, "opening": 0.08, "closing": 0.06},
            "bet9ja": {"events": 3, "opening": None, "closing": None},
        },
        "clv": {"opening": 0.05},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["NPFL", "Cup"]),
        ("sort=difference", ["Cup", "NPFL"]),
        ("sort=margin", ["Cup", "NPFL"]),
        ("sort=-competition", ["NPFL", "Cup"]),
        ("q=ghana+cup", ["Cup"]),
        ("country=nigeria", ["NPFL"]),
        ("market=3743", ["NPFL", "Cup"]),
        ("market=5000:2.5", []),
        ("page_size=1&page=2", ["Cup"]),
        ("to=2026-11-20T00:00:00Z", []),
    ],
)
async def test_rows_are_chosen_and_sorted(served, query, expected):
    """By the size of the difference, largest first, unless asked otherwise."""
    answer = await served.get(f"/api/margins?{query}")
    assert [row["competition"]["name"] for row in answer["margins"]] == expected


async def test_a_league_is_shown_by_time_to_kickoff(served):
    """Least, mean and largest per band, null where nothing stood."""
    answer = await served.get("/api/margins/football-nigeria-npfl")
    assert answer["bands"] == ["7d+", "3-7d", "24-72h", "<24h", "<1h"]
    ours = answer["markets"][0]["bookmakers"][0]
    assert [band["mean"] for band in ours["bands"]] == [None, None, 0.08, 0.06, None]
    assert ours["overall"] == {"min": 0.05, "mean": 0.07, "max": 0.09, "hours": 2.0, "uptime": 0.5}
    assert "football-x" in (await served.get("/api/margins/football-x", 404))["detail"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("by=competition", [0.0, 0.5]),
        ("by=market", [0.25]),
        ("by=hours", [0.25, 0.25]),
        ("by=price", [0.5, 0.0]),
        ("by=hours&competition=football-nigeria-npfl", [0.25, 0.75]),
        ("by=price&market=3795", []),
    ],
)
async def test_the_share_of_best_prices_by_each_cut(served, query, expected):
    """Weighted by time: a league with twice the hours counts twice."""
    answer = await served.get(f"/api/margins/position?{query}")
    assert [row["best_share"] for row in answer["positions"]] == expected


async def test_a_bad_span_is_a_problem(served):
    """It names the parameter; no time lies beyond what can be counted with."""
    assert (await served.get("/api/margins?to=0001-01-01T05:00:00Z", 422))["detail"].startswith("to")
    for query in ("from=2026-11-24T12:00:00", "from=2026-11-25T00:00:00Z", "from=0001-01-01T00:00:00Z"):
        assert (await served.get(f"/api/margins?{query}", 422))["detail"].startswith("from")


async def test_the_command_shows_the_rows(served):
    """In percent, the largest difference first."""
    arguments = ["margins", "--url", f"http://127.0.0.1:{served.port}", "--days", "90"]
    done = await asyncio.to_thread(CliRunner().invoke, app, arguments, env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["NPFL", "(Nigeria)", "1X2", "7.00", "5.00", "2.00", "5", "8.00", "6.00", "5.00"] in lines
