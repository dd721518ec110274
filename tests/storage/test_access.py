"""Keys, sessions and the audit in both databases."""

from datetime import timedelta
from pathlib import Path

import pytest

from overround.domain.access import AuditEntry, BrowserSession, digest_of
from overround.errors import ConfigError, StorageError
from overround.storage.access import AccessStore
from tests.support.clock import START
from tests.support.storage import Backend

HOUR = timedelta(hours=1)


async def test_a_secret_is_stored_nowhere(backend: Backend, tmp_path: Path):
    """Only its hash, by which it is found again; two keys never share one."""
    async with backend.opened(tmp_path) as store:
        access = AccessStore(store.repository.database)
        key, secret = await access.create("trader", "viewer", START, START + HOUR)
        other, second = await access.create("script", "operator", START, None)
        assert await access.keys() == [key, other]
    assert secret != second and len(secret) == 47
    (row,) = backend.rows(tmp_path, "SELECT * FROM api_key WHERE name = ?", ("trader",))
    assert digest_of(secret) in row and secret not in str(row) and secret.removeprefix("ovr_") not in str(row)


async def test_a_name_is_free_again_when_its_key_is_not_valid(backend: Backend, tmp_path: Path):
    """Revoked or run out; while it is valid the name says who wrote what."""
    async with backend.opened(tmp_path) as store:
        access = AccessStore(store.repository.database)
        first, _ = await access.create("trader", "viewer", START, None)
        with pytest.raises(ConfigError, match="a valid key is called trader"):
            await access.create("trader", "viewer", START, None)
        assert [key.id for key in await access.revoke(first.id, START)] == [first.id]
        assert await access.revoke(first.id, START) == []
        second, _ = await access.create("trader", "viewer", START, START + HOUR)
        assert not second.is_valid(START + HOUR) and second.is_valid(START)
        await access.create("trader", "viewer", START + HOUR, None)


async def test_sessions_and_entries_come_back_as_they_went_in(backend: Backend, tmp_path: Path):
    """Sessions until they run out, entries newest first."""
    entries = [AuditEntry(START, "a", "k", "::1", "POST /x", str(n), 200) for n in range(3)]
    session = BrowserSession("d", "k", START, START + HOUR)
    async with backend.opened(tmp_path) as store:
        access = AccessStore(store.repository.database)
        await access.open_session(session)
        for entry in entries:
            await access.note(entry)
        assert await access.sessions(START) == [session]
        assert await access.sessions(START + HOUR) == []
        assert await access.audit(2) == (entries[:0:-1], 3)
        await access.close_session("d")
        assert await access.sessions(START) == []


async def test_nothing_is_asked_of_a_database_that_is_not_open():
    """The start tells it as it tells everything of the storage."""
    with pytest.raises(StorageError, match="not open"):
        await AccessStore().keys()
