"""Ending in order under load, and two processes that want the same data."""

import pytest

from tests.faults.conftest import Ledger
from tests.support.bookkeeper import Bookkeeper
from tests.support.processes import environment, run_command

NOBODY = {"betpawa": "http://127.0.0.1:9/betpawa"}  # nothing listens there


@pytest.mark.parametrize("signals", [pytest.param(1, marks=pytest.mark.whole), 2])
async def test_sigterm_under_load(books: Bookkeeper, ledger: Ledger, full: bool, signals: int):
    """Exit 0 within 10 s, whether told once or twice."""
    rounds, slowest = 10 if full else 1, 0.0
    for _ in range(rounds):
        victim = books.start()
        victim.accept_more(200)
        slowest = max(slowest, victim.stop(signals))
    assert slowest <= 10
    audit = await books.audit()
    ledger.enter(f"SIGTERM x {signals} under load, {books.backend.name}", audit, rounds)


async def test_a_second_server(books: Bookkeeper, ledger: Ledger):
    """It is refused with exit 3; the first one does not notice."""
    victim = books.start()
    victim.accept_more(100)
    folder = books.folder if books.backend.name == "sqlite" else books.folder / "other"
    more = {"OVERROUND_DATABASE_URL": books.url} if books.url else {}
    second = run_command("serve", "--port", "0", env=environment(folder, NOBODY, **more))
    assert second.returncode == 3, second.stderr
    assert f"pid {victim.process.pid}" in second.stderr or f"process {victim.process.pid}" in second.stderr
    victim.accept_more(100)
    victim.stop()
    ledger.enter(f"a second server, {books.backend.name}", await books.audit())


async def test_poison_rows(books: Bookkeeper, ledger: Ledger):
    """Every fifth answer holds a value that no database can: that row alone goes to the dead letters."""
    victim = books.start("--poison", "5")
    victim.accept_more(400)
    recovery_s = books.recovery()
    victim.stop()
    audit = await books.audit()
    assert audit.dead == sum(number % 5 == 0 for number in books.accepted) > 0
    ledger.enter(f"poison rows, {books.backend.name}", audit, audit.dead, recovery_s)
