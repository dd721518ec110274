"""Copies of a data directory, and back."""

from pathlib import Path

import pytest

from overround.errors import ConfigError, StorageError
from overround.storage.backup import back_up, restore
from overround.storage.data_dir import DataDir
from overround.storage.write_handler import apply_waiting
from tests.support.changes import changed, market, registered
from tests.support.clock import START
from tests.support.storage import accept, opened, rows


@pytest.fixture
async def backup(tmp_path: Path) -> Path:
    """A backup of a store in use: one batch in the database, one in the spool; the store goes on afterwards."""
    source, folder = tmp_path / "source", tmp_path / "backup"
    source.mkdir()
    async with opened(source) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        await apply_waiting(store.spool, store.writer)
        await accept(store, changed(market(2500, 3290, 3020)))
        back_up(DataDir(source), folder, START)
        await apply_waiting(store.spool, store.writer)
        await accept(store, changed(market(2600, 3290, 3020)))
    return folder


async def test_a_restored_directory_goes_on_where_the_backup_was_made(backup: Path, tmp_path: Path):
    """What waited in the spool is written once; what came later is not there."""
    target = tmp_path / "target"
    target.mkdir()
    manifest = restore(backup, DataDir(target))
    assert manifest.created_at == START
    async with opened(target) as store:
        assert await apply_waiting(store.spool, store.writer) == 1
    assert rows(target, "SELECT change_id FROM odds_history ORDER BY 1") == [(1,), (2,)]


def test_a_backup_is_private(backup: Path):
    """It holds what the data directory holds."""
    assert {path.name: path.stat().st_mode & 0o777 for path in backup.iterdir()} == {
        "overround.db": 0o600, "spool.db": 0o600, "manifest.json": 0o600,
    }  # fmt: skip
    assert backup.stat().st_mode & 0o777 == 0o700


def test_a_directory_in_use_is_not_overwritten(backup: Path, tmp_path: Path):
    """Whoever restores into the wrong place keeps what was there."""
    with pytest.raises(ConfigError, match=r"holds spool\.db and overround\.db"):
        restore(backup, DataDir(tmp_path / "source"))
    with pytest.raises(ConfigError, match="not empty"):
        back_up(DataDir(tmp_path / "source"), backup, START)


def test_a_changed_file_is_not_restored(backup: Path, tmp_path: Path):
    """A copy that rotted would be taken for the truth."""
    with (backup / "overround.db").open("ab") as file:
        file.write(b"\0")
    (tmp_path / "target").mkdir()
    with pytest.raises(StorageError, match="checksum differs"):
        restore(backup, DataDir(tmp_path / "target"))
    assert list((tmp_path / "target").iterdir()) == []


def test_a_folder_without_manifest_is_no_backup(tmp_path: Path):
    """It is written last, so the copying did not end."""
    (tmp_path / "target").mkdir()
    with pytest.raises(StorageError, match="is no backup"):
        restore(tmp_path, DataDir(tmp_path / "target"))
