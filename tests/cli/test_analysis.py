"""The three commands against a running server."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from overround.cli import analysis
from overround.domain.diff import Confirmation
from overround.errors import StorageError
from overround.simulator.profiles import MAIN_BOOKMAKERS
from overround.storage.write_handler import apply_waiting
from tests.support.changes import changed, market, registered
from tests.support.cli import app
from tests.support.clock import START
from tests.support.storage import accept, opened

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)

ROW = {
    "sportradar_id": "69000001", "home": "Enyimba", "away": "Rangers [red]", "market": "1X2",
    "started_at": "2026-11-24T14:02:00.000Z",
}  # fmt: skip
ANSWERS = {
    "/api/gaps": {
        "gaps": [ROW | {"outcome": "X", "odds": 3.6, "against": 3.2, "gap": 0.125, "net_win_gap": 0.1818, "rank": 1, "competitors": 2}],
        "reference": "median",
    },
    "/api/exposure": {
        "exposures": [ROW | {
            "legs": [{"outcome": "1", "bookmaker": "sportybet", "odds": 2.45}, {"outcome": "X", "bookmaker": "betpawa", "odds": 3.6}],
            "total": 0.981, "profit": 0.019, "peak": 0.024, "open_s": 240.0, "closed_by": None,
        }],
    },
    "/api/movements": {
        "movements": [ROW | {
            "moves": [
                {"bookmaker": "sportybet", "kind": "price", "flickers": 0, "outcomes": [{"name": "1", "from": 2.3, "to": 2.12}]},
                {"bookmaker": "bet9ja", "kind": "flicker", "flickers": 3, "outcomes": []},
            ],
            "steam": {"outcome": "1", "direction": "down"},
            "unanswered": [{"outcome": "1", "open_s": 660.0, "answered_at": None}],
        }],
    },
}  # fmt: skip


@pytest.fixture
def asked(monkeypatch):
    """Answer like a server, and keep what was asked."""
    questions = []

    def ask(url, path, parameters, data_dir):
        questions.append((path, parameters))
        return ANSWERS[path] | {"total": 7, "now": "2026-11-24T14:13:00.000Z"}

    monkeypatch.setattr(analysis, "ask_or_read", ask)
    return questions


def run(*arguments):
    """Run the command line at a width at which nothing is cut."""
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "240"})


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("gaps", ["Enyimba – Rangers [red]", "3.60", "3.20", "+12.5", "+18.2", "1/3"]),
        ("exposure", ["1 sportybet 2.45 · X betpawa 3.60", "0.981", "1.9", "2.4", "4 min"]),
        ("movements", ["14:02:00", "sportybet 1 2.30 to 2.12; bet9ja flicker x3", "1 down", "1 11 min"]),
    ],
)
def test_each_command_prints_what_a_trader_reads(asked, command, told):
    """Prices with two decimals, percent with one, a bookmaker's text without our markup."""
    answer = run(command)
    assert answer.exit_code == 0, answer.output
    assert [text for text in told if text not in answer.output] == []
    assert "7 in all, 1 shown" in answer.output


@pytest.mark.parametrize("command", ["gaps", "exposure", "movements"])
def test_json_is_the_servers_answer(asked, command):
    """For scripts."""
    assert json.loads(run(command, "--json").stdout)["total"] == 7


def test_options_reach_the_server(asked):
    """What is asked for is what is sent."""
    run("gaps", "--reference", "best", "--min-gap", "0.1", "--markets", "3743", "--top", "5")
    run("exposure", "--closed", "--all")
    run("movements", "--unanswered", "--window", "60")
    (_, first), (_, second), (_, third) = asked
    assert first == {
        "reference": "best",
        "min_gap": "0.1",
        "competition": "",
        "markets": "3743",
        "page_size": 5,
    }
    assert (second["state"], second["mine_only"], second["suppressed"]) == ("closed", "false", "true")
    assert (third["unanswered"], third["steam"], third["window_s"]) == ("true", "false", 60)


async def left_behind(folder: Path) -> None:
    """Store what a process left: 2.45 SportyBet, 3.60 ours, 3.40 Bet9ja, after Bet9ja went there from 3.00."""
    async with opened(folder) as store:
        for code, odds in (
            ("betpawa", (2200, 3600, 3100)),
            ("sportybet", (2450, 3200, 3000)),
            ("bet9ja", (2300, 3200, 3000)),
        ):
            await accept(
                store, registered(market(*odds, at=START), bookmaker=code, at=START, kickoff_at=START + DAY)
            )
        moved = market(2100, 3200, 3400, at=START + MINUTE, first_seen_at=START)
        await accept(store, changed(moved, bookmaker="bet9ja", at=START + MINUTE), run_id="run-2")
        await apply_waiting(store.spool, store.writer)
        await store.writer.confirm(
            [Confirmation("69000001", code, START + MINUTE) for code in MAIN_BOOKMAKERS]
        )


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A data directory whose process ended."""
    folder = tmp_path_factory.mktemp("stopped")
    asyncio.run(left_behind(folder))
    return folder


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("gaps", ["Enyimba", "3.60", "3.20", "+12.5"]),
        ("exposure", ["X betpawa 3.60", "2 bet9ja 3.40"]),
        ("movements", ["bet9ja 1 2.30 to 2.10, 2 3.00 to 3.40"]),
        ("margins", ["rolled up until"]),
    ],
)
def test_without_a_server_the_database_answers(stopped, command, told):
    """As its prices stood when they were confirmed last, which is said; nothing is written and no lock taken."""
    before = {path: path.read_bytes() for path in stopped.iterdir() if path.suffix == ".db"}
    answer = run(command, "--url", "http://127.0.0.1:9", "--data-dir", str(stopped))
    assert answer.exit_code == 0, answer.output
    assert [text for text in told if text not in answer.stdout] == []
    assert "confirmed last, 2026-11-24 12:01 UTC" in answer.stderr
    assert {path: path.read_bytes() for path in before} == before


def test_without_a_server_and_a_database_the_command_says_so(tmp_path):
    """One sentence that names both."""
    answer = run("gaps", "--url", "http://127.0.0.1:9", "--data-dir", str(tmp_path))
    assert isinstance(answer.exception, StorageError)
    assert "no server answers at http://127.0.0.1:9, and" in str(answer.exception)
