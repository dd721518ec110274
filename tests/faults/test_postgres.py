"""PostgreSQL away, coming and going, slow, silent, killed, or cut off just after a commit."""

import pytest
from sqlalchemy import text

from overround.errors import StorageError
from overround.storage import postgres_database
from overround.storage.postgres import Address
from tests.faults.conftest import Ledger, lasting
from tests.support.bookkeeper import Bookkeeper
from tests.support.postgres import Server, execute
from tests.support.proxy import Proxy

PAUSE = ("--pause", "0.02")  # between batches, so that a long fault does not mean a million rows
MORE = 200  # changes before a fault


async def test_stopped(postgres_books: Bookkeeper, server: Server, ledger: Ledger, full: bool):
    """60 s without a database: accepting goes on all the while, and what waits is written afterwards."""
    away_s = 60 if full else 2
    books, victim = postgres_books, postgres_books.start(*PAUSE)
    victim.accept_more(MORE)
    server.stop()
    lasting(away_s, lambda: victim.accept_more(10, patience_s=5))
    server.start()
    recovery_s = books.recovery()
    victim.stop()
    ledger.enter(f"PostgreSQL stopped for {away_s} s", await books.audit(), recovery_s=recovery_s)


async def test_killed(postgres_books: Bookkeeper, server: Server, ledger: Ledger, full: bool):
    """As by a power cut of its machine, in the middle of writing."""
    rounds = 5 if full else 1
    books, victim, recovery_s = postgres_books, postgres_books.start(*PAUSE), 0.0
    for _ in range(rounds):
        victim.accept_more(MORE)
        server.stop(immediate=True)
        server.start()
        recovery_s = max(recovery_s, books.recovery())
    victim.stop()
    ledger.enter("PostgreSQL killed -m immediate", await books.audit(), rounds, recovery_s)


async def test_flapping(through_proxy: Bookkeeper, proxy: Proxy, ledger: Ledger, full: bool):
    """Every connection is cut again and again."""
    rounds = 40 if full else 5
    books, victim = through_proxy, through_proxy.start(*PAUSE)
    for _ in range(rounds):
        victim.accept_more(50)
        proxy.cut()
    recovery_s = books.recovery()
    victim.stop()
    ledger.enter("PostgreSQL flapping", await books.audit(), rounds, recovery_s)


async def test_cut_after_commit(through_proxy: Bookkeeper, proxy: Proxy, ledger: Ledger, full: bool):
    """The server has committed, the client never hears of it: one application all the same."""
    rounds = 30 if full else 3
    books, victim, recovery_s = through_proxy, through_proxy.start(*PAUSE), 0.0
    for number in range(rounds):
        proxy.commits_to_cut = 1
        victim.wait_until(lambda goal=number + 1: proxy.cuts >= goal)
        recovery_s = max(recovery_s, books.recovery())
    victim.stop()
    assert proxy.cuts == rounds
    ledger.enter("connection cut after COMMIT", await books.audit(), rounds, recovery_s)


async def test_slow(through_proxy: Bookkeeper, proxy: Proxy, ledger: Ledger, full: bool):
    """Every message takes 0.2 s: the backlog grows, accepting does not wait for it."""
    books, victim = through_proxy, through_proxy.start(*PAUSE)
    victim.accept_more(MORE)
    proxy.delay_s = 0.2
    lasting(30 if full else 3, lambda: victim.accept_more(10, patience_s=5))
    proxy.delay_s = 0.0
    recovery_s = books.recovery()
    victim.stop()
    ledger.enter("PostgreSQL slow, 0.2 s a message", await books.audit(), recovery_s=recovery_s)


@pytest.mark.whole
async def test_half_open(through_proxy: Bookkeeper, proxy: Proxy, ledger: Ledger):
    """A connection that is silent and stays open is given up at the statement's limit; its lock is taken back."""
    books, victim = through_proxy, through_proxy.start("--pause", "0.2")
    victim.accept_more(MORE)
    proxy.swallow()
    recovery_s = books.recovery(patience_s=120)
    victim.stop()
    ledger.enter("PostgreSQL half open", await books.audit(), recovery_s=recovery_s)


@pytest.mark.whole
async def test_half_open_while_reading(
    through_proxy: Bookkeeper, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
):
    """A reader's silent connection is given up as well; the next question has another one."""
    monkeypatch.setattr(postgres_database, "READ_TIMEOUT_S", 1)
    assert through_proxy.url is not None
    database = postgres_database.PostgresDatabase(Address(through_proxy.url))
    ask = text("SELECT count(*) FROM event")
    async with database.reading() as db:
        assert (await db.execute(ask)).scalar_one() == 0
    proxy.swallow()
    with pytest.raises(StorageError):
        async with database.reading() as db:
            await db.execute(ask)
    async with database.reading() as db:
        assert (await db.execute(ask)).scalar_one() == 0
    await database.close()


@pytest.mark.whole
async def test_read_only(postgres_books: Bookkeeper, server: Server, ledger: Ledger):
    """An operator's error: the writer says why it waits, accepting goes on, writing resumes by itself."""
    books = postgres_books
    database = books.url.partition("?")[0].rpartition("/")[2]
    victim = books.start(*PAUSE)
    victim.accept_more(MORE)
    _read_only(server, database, "on")
    assert "read-only" in victim.wait_for("writing-waits")
    victim.accept_more(MORE)
    _read_only(server, database, "off")
    recovery_s = books.recovery()
    assert victim.wait_for("writing-goes-on")
    victim.stop()
    ledger.enter("PostgreSQL read-only", await books.audit(), recovery_s=recovery_s)


def _read_only(server: Server, database: str, value: str) -> None:
    execute(server.url(), f"ALTER DATABASE {database} SET default_transaction_read_only = {value}")
    execute(
        server.url(), f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
    )


@pytest.mark.parametrize("signals", [pytest.param(1, marks=pytest.mark.whole), 2])
async def test_sigterm_without_a_database(
    postgres_books: Bookkeeper, server: Server, ledger: Ledger, signals: int
):
    """The process ends within 10 s; what waits is written by the next one."""
    books, victim = postgres_books, postgres_books.start(*PAUSE)
    victim.accept_more(MORE)
    server.stop()
    victim.accept_more(MORE)
    seconds = victim.stop(signals)
    server.start()
    assert seconds <= 10.5
    after = books.start()
    after.accept_more(50)
    recovery_s = books.recovery()
    after.stop()
    ledger.enter(f"SIGTERM x {signals}, database down", await books.audit(), recovery_s=recovery_s)
