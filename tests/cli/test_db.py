"""`overround db`: what an operator runs before and after an upgrade."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from overround.errors import ConfigError, DatabaseInUse, OverroundError, StorageError
from overround.storage.migrations import head
from tests.support.cli import app
from tests.support.storage import Backend


@pytest.fixture(autouse=True)
def _own_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the logs of the tests: the command would tie them to the runner's stream, which it closes."""
    monkeypatch.setattr("overround.cli.db.configure", lambda: None)


def run(backend: Backend, folder: Path, command: str) -> Result:
    """Run a command on a folder's database."""
    env = {"OVERROUND_DATABASE_URL": backend.url(folder)}
    done = CliRunner().invoke(app, ["db", command, "--data-dir", str(folder)], env=env)
    if isinstance(done.exception, OverroundError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done


def test_an_upgrade_makes_the_database_and_check_agrees(backend: Backend, tmp_path: Path):
    """The way an operator goes: upgrade, look, be sure."""
    assert run(backend, tmp_path, "upgrade").stdout.endswith(f"schema {head()}\n")
    assert run(backend, tmp_path, "upgrade").stdout.endswith(
        f"schema {head()}\n"
    )  # a second one changes nothing
    assert run(backend, tmp_path, "current").stdout == f"database {head()}\nversion  {head()}\n"
    assert "nothing missing" in run(backend, tmp_path, "check").stdout


def test_what_is_missing_is_named(backend: Backend, tmp_path: Path):
    """Somebody dropped a table by hand."""
    run(backend, tmp_path, "upgrade")
    backend.execute(tmp_path, "DROP TABLE scrape_run_phase")
    with pytest.raises(StorageError, match=r"not as it should be: .*scrape_run_phase"):
        run(backend, tmp_path, "check")


def test_a_newer_database_is_left_alone(backend: Backend, tmp_path: Path):
    """Exit 2 and one sentence; neither command changes it."""
    run(backend, tmp_path, "upgrade")
    backend.execute(tmp_path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigError, match="made by a newer version"):
        run(backend, tmp_path, "upgrade")
    assert "database 9999" in run(backend, tmp_path, "current").stdout
    with pytest.raises(StorageError, match="it has schema 9999"):
        run(backend, tmp_path, "check")


def test_looking_makes_nothing(tmp_path: Path):
    """A folder without a database stays one."""
    with pytest.raises(StorageError, match="there is no database"):
        run(Backend(), tmp_path, "current")
    assert list(tmp_path.iterdir()) == []


async def test_an_upgrade_beside_a_server_is_refused(backend: Backend, tmp_path: Path):
    """Exit 3: the holder is named."""
    if backend.name == "sqlite":
        pytest.skip("the lock of the data directory has its own tests")
    async with backend.opened(tmp_path):
        with pytest.raises(DatabaseInUse, match="in use by overround writer"):
            await asyncio.to_thread(run, backend, tmp_path, "upgrade")
