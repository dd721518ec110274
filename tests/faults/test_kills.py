"""kill -9: at random moments, and at every named step between an answer and its commit."""

import random

import pytest

from tests.faults.conftest import Ledger
from tests.support.bookkeeper import Bookkeeper, points
from tests.support.failpoints import POINTS

SEED = 20261124


@pytest.mark.patience(1800.0)
async def test_kill_at_any_moment(books: Bookkeeper, ledger: Ledger, full: bool):
    """200 rounds on each database, every other one at a named step; the seed is printed."""
    rounds = 200 if full else len(POINTS) if books.backend.name == "sqlite" else 4
    chance = random.Random(SEED)
    print("seed", SEED)  # noqa: T201
    for point in points(rounds, chance):
        books.kill_one(chance, point)
    with_last_life = books.start()
    with_last_life.accept_more(50)
    recovery_s = books.recovery()
    with_last_life.stop()
    ledger.enter(f"kill -9, {books.backend.name}, seed {SEED}", await books.audit(), rounds, recovery_s)
