"""`overround coverage`: asks the running server, else reads the database and says so."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, Generator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from overround.cli.ask_server import ServerRefused
from overround.clock import SystemClock
from overround.domain.diff import ListingChanges, Unmapped
from overround.errors import ConfigError, StorageError
from overround.storage.write_handler import apply_waiting
from tests.api.conftest import Running, running
from tests.support.api import World, priced, three_way
from tests.support.changes import market, registered
from tests.support.cli import app
from tests.support.processes import environment, run_command, served, simulated
from tests.support.storage import accept, opened


async def run(*arguments: str) -> Result:
    """Run the command beside the server of the test."""
    done = await asyncio.to_thread(
        CliRunner().invoke, app, ["coverage", *arguments], catch_exceptions=False, env={"COLUMNS": "250"}
    )
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def server(world: World, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(world, tmp_path / "static") as server:
        yield server


@pytest.fixture
def nobody() -> Generator[str]:
    """An address that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def leave_unmapped(world: World, bookmaker: str, *gaps: Unmapped) -> None:
    world.offer("1", bookmaker, [three_way()])
    world.accept([ListingChanges("1", bookmaker, world.clock.now(), unmapped=gaps)])


async def test_the_running_server_is_asked(world, server):
    """Per bookmaker what is mapped and what is not, then the types, as one object."""
    leave_unmapped(world, "bet9ja", Unmapped("S_X", "Odd", 2), Unmapped("S_Y", "Even", 3))
    leave_unmapped(world, "sportybet", Unmapped("60200", "1X2 - 1UP", 3))
    url = f"http://127.0.0.1:{server.port}"
    report = json.loads((await run("--url", url, "--json")).stdout)
    assert (report["source"], report["note"], report["total"]) == ("server", "", 3)
    assert [(row["bookmaker"], row["markets"], row["unmapped_types"]) for row in report["bookmakers"]] == [
        ("betpawa", 0, 0), ("sportybet", 1, 1), ("bet9ja", 1, 2),
    ]  # fmt: skip
    one = json.loads((await run("--url", url, "--json", "--bookmaker", "bet9ja", "--top", "1")).stdout)
    assert [row["bookmaker"] for row in one["bookmakers"]] == ["bet9ja"]
    assert ([row["id"] for row in one["unmapped"]], one["total"]) == (["S_X"], 2)


async def test_the_tables_show_it_to_a_person(world, server):
    """Names are a bookmaker's text: neither control characters nor markup of ours get through."""
    leave_unmapped(world, "bet9ja", Unmapped("S_X", "Odd [red]\x1b[2Jcorners", 2))
    shown = (await run("--url", f"http://127.0.0.1:{server.port}")).stdout
    lines = [line.split() for line in shown.splitlines()]
    assert ["bet9ja", "1", "1", "1", "1", "2"] in lines
    assert "1 market types are not mapped" in shown
    assert "Odd [red] [2Jcorners" in shown and "\x1b" not in shown
    assert "2026-11-24 12:00" in shown and "1 Arsenal – Simba" in shown


async def test_without_a_server_the_database_answers_and_says_so(tmp_path, nobody):
    """What is stored, and in one sentence what only a server knows."""
    kickoff_at = SystemClock().now() + timedelta(days=1)
    async with opened(tmp_path) as store:
        await accept(store, registered(market(2410, 3290, 3020), kickoff_at=kickoff_at))
        await accept(store, registered(market(2410, 3290, 3020), bookmaker="bet9ja", kickoff_at=kickoff_at))
        await apply_waiting(store.spool, store.writer)
    options = ("--url", nobody, "--data-dir", str(tmp_path))
    report = json.loads((await run(*options, "--json")).stdout)
    assert report["source"] == "database" and report["unmapped"] is None
    assert nobody in report["note"] and "start overround serve" in report["note"]
    assert report["bookmakers"][0] == {
        "bookmaker": "bet9ja", "listings": 1, "events": 1, "market_types": 1, "markets": 1,
        "unmapped_types": None, "unmapped_outcomes": None, "dropped": None,
    }  # fmt: skip
    done = await run(*options, "--bookmaker", "betpawa")
    assert "start overround serve" in done.stderr
    assert [line.split() for line in done.stdout.splitlines()][1:] == [["betpawa", "1", "1", "1", "1"]]


async def test_neither_server_nor_database_is_one_sentence(tmp_path, nobody):
    """Both places are named."""
    with pytest.raises(StorageError, match=f"no server answers at {nobody}, and there is no database"):
        await run("--url", nobody, "--data-dir", str(tmp_path))


async def test_a_server_that_refuses_is_not_replaced_by_the_database(world, server):
    """Its answer is the truth; another source would hide it."""
    with pytest.raises(ServerRefused, match="404"):
        await run("--url", f"http://127.0.0.1:{server.port}/elsewhere")


async def test_an_unknown_bookmaker_is_named():
    """The sentence says which words would do."""
    with pytest.raises(ConfigError, match="choose from betpawa"):
        await run("--bookmaker", "acme")


@pytest.mark.slow
def test_a_served_world_and_what_is_left_of_it(tmp_path):
    """Real processes: the server tells what it could not map, and when it is gone the database tells the rest."""
    with simulated("--events", "8", "--latency", "0") as base_urls:
        env = environment(tmp_path, base_urls)
        with served(env, "--no-schedule") as server:
            server.post("/api/scrape?wait_s=60")
            asked = run_command("coverage", "--json", "--url", server.address, env=env)
        stored = run_command("coverage", "--json", "--url", server.address, env=env)
    live, left = json.loads(asked.stdout), json.loads(stored.stdout)
    assert (live["source"], left["source"]) == ("server", "database")
    assert live["total"] > 0 and all(row["events"] and row["markets"] for row in live["bookmakers"])
    mapped = ("events", "market_types", "markets")
    assert {row["bookmaker"]: [row[key] for key in mapped] for row in live["bookmakers"]} == {
        row["bookmaker"]: [row[key] for key in mapped] for row in left["bookmakers"]
    }


async def test_what_is_missing_here_is_listed(world, server):
    """The most urgent first, with who has it and in how many events."""
    world.settings.apply({"enabled_bookmakers": ["betpawa", "bet9ja"]})
    world.offer("1", "betpawa", [three_way()])
    world.offer("1", "bet9ja", [three_way(), priced("3795", (1.7, 2.1))])
    url = f"http://127.0.0.1:{server.port}"
    shown = (await run("--missing", "here", "--url", url)).stdout
    assert "Both Teams To Score" in shown and "1 of 1" in shown and "not offered" in shown
    assert json.loads((await run("--missing", "there", "--url", url, "--json")).stdout)["total"] == 0
