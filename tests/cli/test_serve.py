"""Opening the database at start, and who may reach the server."""

import asyncio

import pytest

from overround.cli import serve
from overround.clock import SystemClock
from overround.config import process_config
from overround.errors import ConfigError, StorageError
from overround.storage.access import AccessStore
from overround.storage.database import SqliteDatabase
from overround.storage.migrations import upgrade


class LateEngine:
    """An engine whose database can be used at the fourth try."""

    def __init__(self) -> None:
        self.tries = 0

    async def open(self) -> None:
        self.tries += 1
        if self.tries < 4:
            raise StorageError(None, "no such disk")


async def test_trying_again_leaves_nothing_behind(monkeypatch):
    """A database that is away for days must not leave a task waiting for each try."""
    monkeypatch.setattr(serve, "RETRY_OPEN_S", 0)
    engine, reasons = LateEngine(), []
    assert await serve._opened(engine, reasons, asyncio.Event())  # type: ignore[arg-type]
    assert "no such disk" in reasons[0]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_stop_ends_the_tries():
    """Ctrl-C while the database is away ends the process."""
    stopped = asyncio.Event()
    engine = LateEngine()
    opening = asyncio.create_task(serve._opened(engine, [], stopped))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    stopped.set()
    assert await opening is False
    assert engine.tries == 1


@pytest.mark.parametrize(
    "options",
    [
        {"host": "0.0.0.0"},
        {"host": "192.168.1.5"},
        {"host": "example.org"},
        {"allowed_hosts": "odds.example"},
    ],
)
async def test_others_are_served_only_where_there_is_a_valid_key(tmp_path, options):
    """Neither without a database nor with a key that is revoked; the sentence names the fix, nothing is made."""
    config = process_config(data_dir=tmp_path / "data", database_url="", **options)
    assert serve.policy_of(config).key_required
    with pytest.raises(ConfigError, match="overround keys create"):
        await serve.refuse_without_key(config)
    assert not (tmp_path / "data").exists()

    (tmp_path / "data").mkdir()
    upgrade(tmp_path / "data" / "overround.db")
    database = SqliteDatabase(tmp_path / "data" / "overround.db")
    store, now = AccessStore(database), SystemClock().now()
    await store.create("trader", "viewer", now, None)
    await serve.refuse_without_key(config)
    await store.revoke("trader", now)
    with pytest.raises(ConfigError, match="no valid API key"):
        await serve.refuse_without_key(config)
    await database.close()


def test_this_machine_needs_no_key(tmp_path):
    """The demo and a local installation work without a login."""
    assert not serve.policy_of(process_config(data_dir=tmp_path, host="127.0.0.1")).key_required
