"""Fixtures: the databases that storage tests run on; `tests/conftest.py` offers them to every test."""

import os
import tempfile
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from overround.storage.postgres import Address
from overround.storage.store import open_postgres
from tests.support.clock import FakeClock
from tests.support.postgres import Databases, Server, in_a_loop
from tests.support.storage import Backend, PostgresBackend

GIVEN = "OVERROUND_TEST_DATABASE_URL"


@pytest.fixture(scope="session")
def postgres_url() -> Generator[str]:
    """Return a database of a server that runs as long as the tests: the one given, else one from the wheel."""
    if given := os.environ.get(GIVEN):
        yield given
        return
    # Not below pytest's own folder: that is closed to the user the server runs as, and too long for a socket.
    with tempfile.TemporaryDirectory(prefix="overround-pg-") as name:
        Path(name).chmod(0o755)
        try:
            server = Server(Path(name) / "s")
            server.start()
        except (RuntimeError, OSError, KeyError) as exc:
            pytest.skip(f"no PostgreSQL here: {exc}")
        yield server.url()
        server.stop(immediate=True)


@pytest.fixture
def postgres(postgres_url: str) -> Generator[Databases]:
    """Return a maker of databases; those it made are dropped after the test."""
    databases = Databases(postgres_url)
    yield databases
    databases.drop_all()


@pytest.fixture(scope="session")
def set_up_database(postgres_url: str) -> Generator[str]:
    """Return the name of a database that was set up, for copies: setting one up takes longer."""
    databases = Databases(postgres_url)
    url = databases.make()

    async def set_up() -> None:
        database = await open_postgres(Address(url), FakeClock())
        await database.close()

    in_a_loop(set_up())
    yield urlsplit(url).path.removeprefix("/")
    databases.drop_all()


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Return each kind of database in turn."""
    if request.param == "sqlite":
        return Backend()
    return PostgresBackend(request.getfixturevalue("postgres"), request.getfixturevalue("set_up_database"))
