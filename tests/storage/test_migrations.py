"""Bringing a database to this version's schema."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from overround.errors import ConfigError, StorageError
from overround.storage import migrations
from overround.storage.migrations import head, upgrade


def run(path: Path, *statements: str) -> list[tuple[object, ...]]:
    """Execute statements in one transaction and return the last one's rows."""
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            rows = db.execute(statement).fetchall()
    return rows


def test_a_new_database_is_private_and_in_wal_mode(tmp_path: Path):
    """Readers never wait for the writer, and nobody else reads."""
    path = tmp_path / "overround.db"
    upgrade(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert run(path, "PRAGMA journal_mode") == [("wal",)]
    assert run(path, "SELECT version_num FROM alembic_version") == [(head(),)]


def test_a_current_database_is_left_alone(tmp_path: Path):
    """Every start upgrades; nearly none has anything to do."""
    path = tmp_path / "overround.db"
    upgrade(path)
    run(path, "INSERT INTO setting VALUES ('batch_size', '7', 0)")
    upgrade(path)
    assert run(path, "SELECT value FROM setting") == [("7",)]
    assert [child.name for child in tmp_path.iterdir() if ".before-" in child.name] == []


def test_a_newer_schema_is_refused_in_one_sentence(tmp_path: Path):
    """An older program would not know what it destroys."""
    path = tmp_path / "overround.db"
    upgrade(path)
    run(path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigError, match=r"has schema 9999, made by a newer version .* --data-dir$"):
        upgrade(path)


def with_another_migration(folder: Path, *statements: str) -> Path:
    """Return our migrations with one more behind them, as a later version will have it."""
    shutil.copytree(Path(migrations.__file__).parent, folder)
    (folder / "versions" / "v_next.py").write_text(
        f'revision, down_revision = "next", "{head()}"\n'
        f"from alembic import op\n\ndef upgrade():\n    for one in {statements!r}:\n        op.execute(one)\n"
    )
    return folder


def test_an_older_database_is_copied_before_it_is_changed(tmp_path: Path):
    """The way back: the copy is the file as it was, private too."""
    path = tmp_path / "overround.db"
    upgrade(path)
    run(
        path,
        "INSERT INTO setting VALUES ('batch_size', '7', 0)",
        f"INSERT INTO meta VALUES (1, 'live', '{{}}', '{head()}')",
    )
    upgrade(path, with_another_migration(tmp_path / "m", "DELETE FROM setting"))
    copy = tmp_path / "overround.db.before-next"
    assert run(copy, "SELECT value FROM setting") == [("7",)]
    assert copy.stat().st_mode & 0o777 == 0o600
    assert run(path, "SELECT value FROM setting") == []
    assert run(path, "SELECT schema FROM meta") == [("next",)]


def test_a_migration_that_fails_changes_nothing(tmp_path: Path):
    """Half a migration would be a schema that no version knows."""
    path = tmp_path / "overround.db"
    upgrade(path)
    with pytest.raises(StorageError, match="no such table"):
        upgrade(
            path, with_another_migration(tmp_path / "m", "DROP TABLE odds_history", "DROP TABLE nonsense")
        )
    assert run(path, "SELECT version_num FROM alembic_version") == [(head(),)]
    assert run(path, "SELECT count(*) FROM odds_history") == [(0,)]


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path):
    """It is left as it is."""
    path = tmp_path / "overround.db"
    path.write_bytes(b"This is a letter, not a database. " * 100)
    with pytest.raises(StorageError, match="can't be opened"):
        upgrade(path)
    assert path.read_bytes().startswith(b"This is a letter")


def test_runs_of_the_first_version_stay_readable(tmp_path: Path):
    """What they did not note reads as nothing."""
    older = tmp_path / "m"
    shutil.copytree(Path(migrations.__file__).parent, older)
    for later in (older / "versions").glob("v*.py"):
        if not later.name.startswith("v0001_"):
            later.unlink()
    path = tmp_path / "overround.db"
    upgrade(path, older)
    run(
        path,
        "INSERT INTO scrape_run VALUES ('r', 'manual', 'completed', 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, '{}', '')",
        "INSERT INTO scrape_run_bookmaker VALUES ('r', 0, 'betpawa', 1, 1, 0, 0, 0, 0, 1.5, 2.5, 'ok')",
    )
    upgrade(path)
    assert run(path, "SELECT duration_ms FROM scrape_run") == [(0.0,)]
    assert run(path, "SELECT total FROM scrape_run_bookmaker") == [(0,)]
    assert run(path, "SELECT count(*) FROM scrape_run_phase") == [(0,)]
