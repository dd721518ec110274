"""Opening the database at start, and who may reach the server."""

import asyncio

import pytest

from overround.cli import serve
from overround.errors import ConfigError, StorageError


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


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.org"])
def test_an_address_that_others_reach_is_refused(host):
    """There is no login yet."""
    with pytest.raises(ConfigError, match="login"):
        serve.refuse_open_host(host)
