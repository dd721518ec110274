"""I2: whatever moment a process is killed at, every accepted change is in the database exactly once."""

import random
from pathlib import Path

import pytest

from tests.support.bookkeeper import Bookkeeper, points
from tests.support.storage import Backend

ROUNDS = 4


@pytest.mark.slow
async def test_every_accepted_change_is_in_the_database_exactly_once(backend: Backend, tmp_path: Path):
    """Killed at random moments and at named ones; `make faults` does it some hundred times."""
    chance, books = random.Random(20261124), Bookkeeper(backend, tmp_path)
    for point in points(ROUNDS, chance):
        books.kill_one(chance, point)
    audit = await books.audit()
    assert audit.accepted > 100
    assert audit.clean, audit
