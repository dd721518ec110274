"""
The fault suite: real processes, hurt on purpose. `make faults` runs it whole, `make check` a short tier of it.

It is left out of every other run. Each test enters what it found in the ledger, which is printed as one table.
"""

import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from rich.console import Console
from rich.table import Table

from benchmarks.report import Figure, keep
from overround.storage.postgres import Address
from overround.storage.store import open_postgres
from tests.support.bookkeeper import Audit, Bookkeeper, end_victims
from tests.support.clock import FakeClock
from tests.support.postgres import Databases, Server, in_a_loop
from tests.support.proxy import Proxy
from tests.support.storage import Backend, PostgresBackend


class Row(msgspec.Struct):
    """What one fault came to."""

    fault: str
    rounds: int = 1
    audit: Audit | None = None
    recovery_s: float | None = None  # until the database had what was accepted by the fault's end
    skipped: str = ""


class Ledger:
    """Every fault of this run."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def enter(self, fault: str, audit: Audit, rounds: int = 1, recovery_s: float | None = None) -> None:
        """Note what a fault came to; anything lost or there twice fails the test."""
        self.rows.append(Row(fault, rounds, audit, recovery_s))
        assert audit.accepted > 0
        assert audit.clean, audit

    def skip(self, fault: str, reason: str) -> None:
        """Note that a fault can't be brought about here."""
        self.rows.append(Row(fault, 0, skipped=reason))
        pytest.skip(f"{fault}: {reason}")


LEDGER = pytest.StashKey[Ledger]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults", choices=("short", "full"), help="run the fault suite, or a short tier of it")


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    return None if config.getoption("--faults", None) else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    short = config.getoption("--faults") == "short"
    for item in items:
        if item.get_closest_marker("patience") is None:
            item.add_marker(pytest.mark.patience(300.0))
        if short and item.get_closest_marker("whole"):
            item.add_marker(pytest.mark.skip(reason="left to `make faults`: it takes long"))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    ledger = config.stash.get(LEDGER, None)
    if ledger is None or not ledger.rows:
        return
    table = Table(title=f"faults ({config.getoption('--faults')})")
    for heading in ("fault", "rounds", "accepted", "lost", "duplicated", "recovery s"):
        table.add_column(heading, justify="left" if heading == "fault" else "right")
    for row in ledger.rows:
        if row.audit is None:
            table.add_row(row.fault, f"skipped: {row.skipped}")
            continue
        recovery = "" if row.recovery_s is None else f"{row.recovery_s:.1f}"
        table.add_row(
            row.fault, str(row.rounds), f"{row.audit.accepted:,}", str(row.audit.lost),
            str(row.audit.duplicated), recovery,
        )  # fmt: skip
    terminalreporter.ensure_newline()
    Console(width=120).print(table)
    if config.getoption("--faults") == "full":
        keep("faults", [figure for row in ledger.rows for figure in _figures(row)])


def _figures(row: Row) -> list[Figure]:
    if row.audit is None:
        return []
    figures = [
        Figure(f"{row.fault}: rounds", row.rounds, "rounds"),
        Figure(f"{row.fault}: accepted", row.audit.accepted, "changes"),
        Figure(f"{row.fault}: lost", row.audit.lost, "changes", 0),
        Figure(f"{row.fault}: duplicated", row.audit.duplicated, "changes", 0),
    ]
    if row.recovery_s is not None:
        figures.append(Figure(f"{row.fault}: recovery", row.recovery_s, "s"))
    return figures


@pytest.fixture(autouse=True)
def no_victim_is_left() -> Generator[None]:
    """End what a failed test would leave running."""
    yield
    end_victims()


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Return whether this is the whole suite."""
    return request.config.getoption("--faults") == "full"


@pytest.fixture(scope="session")
def ledger(request: pytest.FixtureRequest) -> Ledger:
    """Return where outcomes go."""
    return request.config.stash.setdefault(LEDGER, Ledger())


@pytest.fixture(scope="session")
def only_server() -> Generator[Server]:
    """Return a PostgreSQL server of our own, flushing every commit, for it is stopped and killed."""
    with tempfile.TemporaryDirectory(prefix="overround-pg-") as name:
        Path(name).chmod(0o755)
        try:
            server = Server(Path(name) / "s", durable=True)
            server.start()
        except (RuntimeError, OSError, KeyError) as exc:
            pytest.skip(f"no PostgreSQL here: {exc}")
        yield server
        server.stop(immediate=True)


@pytest.fixture
def server(only_server: Server) -> Server:
    """Return the server, running whatever the test before did to it."""
    if not only_server.running:
        only_server.start()
    return only_server


@pytest.fixture(scope="session")
def set_up(only_server: Server) -> str:
    """Return the name of a database that was set up, for copies."""
    url = Databases(only_server.url()).make()

    async def made() -> None:
        await (await open_postgres(Address(url), FakeClock())).close()

    in_a_loop(made())
    return urlsplit(url).path.removeprefix("/")


@pytest.fixture
def postgres_books(server: Server, set_up: str, tmp_path: Path) -> Bookkeeper:
    """Return the books of a victim on PostgreSQL."""
    return Bookkeeper(PostgresBackend(Databases(server.url()), set_up), tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Bookkeeper:
    """Return the books of a victim on each database."""
    if request.param == "sqlite":
        return Bookkeeper(Backend(), tmp_path)
    return request.getfixturevalue("postgres_books")


@pytest.fixture
def proxy(server: Server) -> Generator[Proxy]:
    """Return a proxy before the server."""
    proxy = Proxy(server.folder)
    yield proxy
    proxy.close()


@pytest.fixture
def through_proxy(postgres_books: Bookkeeper, proxy: Proxy) -> Bookkeeper:
    """Return books whose victims reach the database by way of the proxy."""
    postgres_books.url = proxy.url(urlsplit(postgres_books.url).path.removeprefix("/"))
    return postgres_books


def lasting(seconds: float, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Let a fault last; do something every half second of it."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        meanwhile()
        time.sleep(min(0.5, max(0.0, until - time.perf_counter())))
