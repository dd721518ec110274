"""`overround verify`, `backup`, `restore` and `dead-letters`, without a server."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from overround.storage.poison import split
from overround.storage.records import DeadRow, WriteBatch
from overround.storage.write_handler import apply_waiting
from tests.storage.test_verification import spoil
from tests.support.changes import market, registered
from tests.support.cli import app
from tests.support.clock import START
from tests.support.storage import accept, opened, rows

NOWHERE = "http://127.0.0.1:9"  # nobody listens there


@pytest.fixture
async def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with one stored market and one dead letter."""
    monkeypatch.setenv("OVERROUND_WORLD", "simulated")
    folder = tmp_path / "data"
    folder.mkdir()
    async with opened(folder) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        await apply_waiting(store.spool, store.writer)
        batch = await accept(
            store, registered(market(1900, 1900, market_id="5000", line="2.5", names=("Over", "Under")))
        )
        *rest, dead = split(batch.pieces[0])
        row = DeadRow(
            2,
            None,
            START,
            datetime.now(UTC),
            dead.kind,
            "69000001",
            "betpawa",
            "5000:2.5",
            "too large",
            dead.piece,
        )
        await store.writer.apply([WriteBatch(2, None, START, tuple(part.piece for part in rest))], [row])
    return folder


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_verify_ends_with_0_or_with_1_and_the_first_divergence(data: Path):
    """A job of cron needs no more."""
    assert run("verify", "--data-dir", data).exit_code == 0
    spoil(data / "overround.db", "UPDATE odds_current SET version = 7")
    found = run("verify", "--data-dir", data, "--json")
    assert found.exit_code == 1
    report = json.loads(found.stdout)
    assert (report["ok"], [c["name"] for c in report["checks"] if c["faults"]]) == (
        False,
        ["current and history"],
    )


def test_a_backup_is_restored_and_verified(data: Path, tmp_path: Path):
    """The whole way, as an operator does it."""
    assert run("backup", tmp_path / "copy", "--data-dir", data).exit_code == 0
    restored = run("restore", tmp_path / "copy", "--verify", "--data-dir", tmp_path / "new")
    assert restored.exit_code == 0, restored.output
    assert rows(tmp_path / "new", "SELECT count(*) FROM odds_history") == [(1,)]


def test_the_size_is_measured_without_a_server(data: Path):
    """Rows and bytes of every table."""
    found = json.loads(run("db", "size", "--json", "--url", NOWHERE, "--data-dir", data).stdout)
    tables = {row["table"]: row["rows"] for row in found["sample"]["tables"]}
    assert (tables["odds_history"], tables["dead_letter"]) == (1, 1)
    assert found["database_bytes"] > 0 < found["spool_bytes"]
    assert run("db", "size", "--url", NOWHERE, "--data-dir", data).exit_code == 0


def test_dead_letters_are_listed_shown_and_replayed(data: Path):
    """Without a server the command takes the directory itself."""
    listed = run("dead-letters", "list", "--json", "--url", NOWHERE, "--data-dir", data)
    (letter,) = json.loads(listed.stdout)["dead_letters"]
    assert (letter["id"], letter["market"], letter["reason"]) == (1, "5000:2.5", "too large")
    shown = run("dead-letters", "show", "1", "--url", NOWHERE, "--data-dir", data)
    assert json.loads(shown.stdout)["content"]["market_keys"] == [2]
    assert run("dead-letters", "replay", "1", "--url", NOWHERE, "--data-dir", data).exit_code == 0
    assert rows(data, "SELECT count(*) FROM odds_current") == [(2,)]
    assert run("dead-letters", "discard", "1", "--url", NOWHERE, "--data-dir", data).exit_code == 1
