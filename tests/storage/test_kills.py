"""I2: whatever moment a process is killed at, every accepted change is in the database exactly once."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from overround.storage.packing import unpack_odds
from overround.storage.write_handler import apply_waiting
from tests.support.accepting_process import EVENTS, MARKETS
from tests.support.storage import Backend

ROUNDS = 8
ROOT = Path(__file__).parents[2]


def run_until_killed(folder: Path, url: str, first: int, lines: int) -> list[list[str]]:
    """Let a process accept batches, kill it after that many lines, return everything it managed to say."""
    command = [sys.executable, "-m", "tests.support.accepting_process", str(folder), str(first), url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        said += process.stdout.readlines()
    return [line.split() for line in said if line.endswith("\n")]


@pytest.mark.slow
async def test_every_accepted_change_is_in_the_database_exactly_once(backend: Backend, tmp_path: Path):
    """An outsider keeps the books: accepted batches, and at most one per kill that was in the air."""
    chance = random.Random(20261124)
    accepted: dict[int, int] = {}  # change id -> batch number
    in_the_air: set[int] = set()
    number = 1
    for _ in range(ROUNDS):
        said = run_until_killed(tmp_path, backend.url(tmp_path), number, chance.randint(1, 120))
        accepted |= {int(words[1]): int(words[2]) for words in said if words[0] == "ok"}
        tried = {int(words[1]) for words in said if words[0] == "try"}
        in_the_air |= tried - set(accepted.values())
        number = max(tried) + 1
    async with backend.opened(tmp_path) as store:
        await apply_waiting(store.spool, store.writer)

    found: dict[int, list[int]] = {}
    for change_id, odds in backend.rows(tmp_path, "SELECT change_id, odds FROM odds_history"):
        found.setdefault(change_id, []).append(unpack_odds(odds)[0] - 2000)
    assert {
        change_id: numbers[0] for change_id, numbers in found.items() if change_id in accepted
    } == accepted
    assert all(len(set(numbers)) == 1 and len(numbers) == MARKETS for numbers in found.values())
    assert {numbers[0] for change_id, numbers in found.items() if change_id not in accepted} <= in_the_air
    assert sorted(found) == list(range(1, len(found) + 1))  # no number was skipped or given twice
    newest = {numbers[0] % EVENTS: numbers[0] for _, numbers in sorted(found.items())}
    current = {
        unpack_odds(odds)[0] - 2000 for (odds,) in backend.rows(tmp_path, "SELECT odds FROM odds_current")
    }
    assert current == set(newest.values())
