"""`overround keys`, without a server and beside one."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from overround.errors import ConfigError, StorageError
from overround.storage.data_dir import DataDir
from tests.support.cli import app
from tests.support.storage import rows


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["keys", *map(str, arguments)])


def test_a_key_is_made_shown_once_listed_and_revoked(tmp_path: Path):
    """Into an empty directory, and beside a server, which holds it; every change is in the audit."""
    folder = tmp_path / "data"
    made = run("create", "desk", "--scope", "operator", "--days", "7", "--data-dir", folder)
    assert made.exit_code == 0, made.output
    secret = made.stdout.splitlines()[0]
    with DataDir(folder).lock():
        beside = run("create", "script", "--json", "--data-dir", folder)
        assert json.loads(beside.stdout)["secret"].startswith("ovr_")
        assert run("revoke", "desk", "--data-dir", folder).exit_code == 0
    listed = run("list", "--json", "--data-dir", folder)
    assert secret not in listed.stdout and "digest" not in listed.stdout
    assert [(key["name"], key["scope"], key["state"]) for key in json.loads(listed.stdout)] == [
        ("desk", "operator", "revoked"),
        ("script", "viewer", "valid"),
    ]
    assert rows(folder, "SELECT name, route FROM audit ORDER BY id") == [
        ("command line", "keys create"), ("command line", "keys create"), ("command line", "keys revoke"),
    ]  # fmt: skip


def test_what_can_not_be_done_is_said(tmp_path: Path):
    """A name that is taken, a key that is none."""
    folder = tmp_path / "data"
    run("create", "desk", "--data-dir", folder)
    assert isinstance(run("create", "desk", "--data-dir", folder).exception, ConfigError)
    with pytest.raises(StorageError, match="id or name nobody"):
        raise run("revoke", "nobody", "--data-dir", folder).exception or AssertionError
