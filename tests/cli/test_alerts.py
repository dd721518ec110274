"""`overround alerts` where no server runs: what the database has."""

import asyncio
from pathlib import Path

import msgspec
from typer.testing import CliRunner

from overround.domain.alerts import Alert, Delivery
from overround.storage.alerts import AlertStore
from tests.support.cli import app
from tests.support.clock import START
from tests.support.storage import opened

NOBODY = "http://127.0.0.1:1"


async def test_without_a_server_the_database_answers(tmp_path: Path):
    """Open ones, or all; text of others can't reach the terminal as markup."""
    opening = Alert("a1", "r", "gaps", "gap", "r|1", "Arsenal [red]– Simba: too high", "detail", 0.1, START)
    ended = Alert(
        "a2", "r", "gaps", "gap", "r|2", "over", "", 0.1, START, resolved_at=START, resolved_by="ended"
    )
    async with opened(tmp_path) as store:
        sent = Delivery("a1-ops", "a1", "ops", "delivered", START)
        await AlertStore(store.repository.database).save([opening, ended], [sent])
    asked = ["alerts", "--url", NOBODY, "--data-dir", str(tmp_path)]
    shown = await asyncio.to_thread(CliRunner().invoke, app, asked, env={"COLUMNS": "200"})
    assert shown.exit_code == 0 and "Arsenal [red]– Simba: too high" in shown.stdout
    assert "ops delivered" in shown.stdout and "1 of 1" in shown.stdout
    every = await asyncio.to_thread(CliRunner().invoke, app, [*asked, "--all", "--json"])
    assert [row["id"] for row in msgspec.json.decode(every.stdout)["alerts"]] == ["a2", "a1"]
