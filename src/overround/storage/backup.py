"""
Copies of a data directory that are whole at one moment, also of one in use, and the way back.

The spool is copied first: what the database takes meanwhile is then in both, and nothing is in neither.
"""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import msgspec
import xxhash

from overround import __version__
from overround.errors import ConfigError, StorageError
from overround.storage.data_dir import DataDir

MANIFEST = "manifest.json"
FILES = ("spool.db", "overround.db")  # in the order of copying
_CHUNK = 1 << 20


class CopiedFile(msgspec.Struct, frozen=True):
    """One file of a backup."""

    name: str
    bytes: int
    xxh3: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds; written last, so a folder without it is no backup."""

    created_at: datetime
    version: str  # of Overround
    files: list[CopiedFile]


def back_up(data_dir: DataDir, folder: Path, at: datetime, names: tuple[str, ...] = FILES) -> Manifest:
    """
    Copy a data directory's databases into a new folder.

    Args:
        names: Which of them; only the spool where the database is a server's.
    Raises:
        ConfigError: The folder has something in it.
        StorageError: A file can't be read or written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConfigError("backup", f"{folder} is not empty; name a new folder")
        copied = [_copied(data_dir.path / name, folder / name) for name in names]
        manifest = Manifest(at, __version__, copied)
        _write(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    except (OSError, sqlite3.Error) as exc:
        raise StorageError(None, f"the backup to {folder} failed: {exc}") from exc
    return manifest


def restore(folder: Path, data_dir: DataDir) -> Manifest:
    """
    Put a backup's files into a data directory that has none; the caller holds its lock.

    Raises:
        ConfigError: The directory holds a database or a spool already.
        StorageError: The folder is no backup, or a file is not what was backed up.
    """
    taken = [name for name in FILES if (data_dir.path / name).exists()]
    if taken:
        raise ConfigError(
            "restore",
            f"{data_dir.path} holds {' and '.join(taken)}; move them away or name another --data-dir",
        )
    try:
        manifest = read_manifest(folder)
        for file in manifest.files:
            target = data_dir.path / file.name
            partial = target.with_name(f"{file.name}.partial")
            partial.unlink(missing_ok=True)
            partial.touch(mode=0o600)
            shutil.copyfile(folder / file.name, partial)
            _sync(partial)
            os.replace(partial, target)
    except OSError as exc:
        raise StorageError(None, f"the backup in {folder} can't be restored: {exc}") from exc
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """
    Return what a backup holds, after comparing every file with its checksum.

    Raises:
        StorageError: The folder is no backup, or a file is not what was backed up.
    """
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise StorageError(None, f"{folder} is no backup: it has no {MANIFEST}") from None
    except msgspec.DecodeError as exc:
        raise StorageError(None, f"{folder / MANIFEST} can't be read: {exc}") from exc
    for file in manifest.files:
        if file.name not in FILES:
            raise StorageError(None, f"{folder / MANIFEST} names a file that no backup has: {file.name!r}")
        if _hash(folder / file.name) != file.xxh3:
            raise StorageError(None, f"{folder / file.name} is not what was backed up: its checksum differs")
    return manifest


def _copied(source: Path, target: Path) -> CopiedFile:
    if not source.is_file():
        raise StorageError(None, f"there is no {source} to back up")
    target.touch(mode=0o600)
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
    _sync(target)
    return CopiedFile(target.name, target.stat().st_size, _hash(target))


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
    _sync(path)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _hash(path: Path) -> str:
    digest = xxhash.xxh3_64()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
