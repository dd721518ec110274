"""The outsider who starts victims, writes down what they say was accepted, and looks for it in the database."""

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from overround.storage.packing import unpack_odds
from overround.storage.verification import Check, verify
from overround.storage.write_handler import apply_waiting
from tests.support.clock import START
from tests.support.failpoints import POINTS
from tests.support.storage import Backend
from tests.support.victim import EVENTS, MARKETS, ODDS_OF_0

ROOT = Path(__file__).parents[2]
PATIENCE_S, POLL_S = 60.0, 0.02


class Audit(msgspec.Struct, frozen=True):
    """What the database has of what was accepted; a change is one market of one accepted answer."""

    accepted: int
    lost: int
    duplicated: int
    strangers: int  # changes that nobody tried to take in
    current_wrong: int  # current prices that are not the newest of their event
    dead: int  # in the dead letters instead of the history
    checks: list[Check]  # of `overround verify`

    @property
    def clean(self) -> bool:
        """Return whether everything is as it should be."""
        wrong = self.lost + self.duplicated + self.strangers + self.current_wrong
        return not wrong and not any(check.faults for check in self.checks)


class Bookkeeper:
    """Keeps the books of one folder over the lives of its victims."""

    def __init__(self, backend: Backend, folder: Path, url: str | None = None) -> None:
        """`url` is the way victims take to the database, where it is not the direct one."""
        self.backend, self.folder = backend, folder
        self.url = backend.url(folder) if url is None else url
        self.accepted: dict[int, int] = {}  # number -> change id
        self.tried: set[int] = set()

    @property
    def changes(self) -> int:
        """Return how many changes were accepted."""
        return len(self.accepted) * MARKETS

    @property
    def newest(self) -> int:
        """Return the newest change id that was accepted."""
        return max(self.accepted.values(), default=0)

    def start(self, *options: str, **popen: Any) -> "Victim":
        """Start a victim whose numbers go on where the last one's ended."""
        first = max(self.tried, default=0) + 1
        return Victim(self, ["--url", self.url, *options] if self.url else [*options], first, popen)

    def note(self, line: str) -> None:
        """Write down what a victim said."""
        word, *rest = line.split()
        if word == "try":
            self.tried.add(int(rest[0]))
        elif word == "ok":
            self.accepted |= dict.fromkeys(map(int, rest[1:]), int(rest[0]))

    def kill_one(self, chance: random.Random, point: str = "") -> None:
        """Let a victim live until a random moment, or until it dies at this point by itself."""
        if point:
            passes = 1 if point == "warm_up" else chance.randint(1, 12)
            victim = self.start("--fail-at", point, "--passes", str(passes))
        else:
            lines, wait_s = chance.randint(0, 60), chance.random() * 0.05
            victim = self.start()
            victim.wait_until(lambda: len(victim.said) >= lines)
            time.sleep(wait_s)
            victim.process.kill()
        victim.ended()

    def recovery(self, patience_s: float = PATIENCE_S) -> float:
        """Return the seconds until the database has what is accepted by now. Raises: TimeoutError."""
        goal, started = self.newest, time.perf_counter()
        while self._watermark() < goal:
            if time.perf_counter() - started > patience_s:
                raise TimeoutError(f"the database does not get to batch {goal}")
            time.sleep(POLL_S)
        return time.perf_counter() - started

    def _watermark(self) -> int:
        return self.backend.rows(self.folder, "SELECT max(seq) FROM write_watermark")[0][0] or 0

    async def audit(self) -> Audit:
        """Write what still waits, as the next start would, and compare."""
        async with self.backend.opened(self.folder) as store:
            await apply_waiting(store.spool, store.writer)
        return await self.compare()

    async def compare(self) -> Audit:
        """Compare the books with the database as it is."""
        database = self.backend.reader(self.folder)
        try:
            checks = await verify(database, self.folder / "spool.db", START)
        finally:
            await database.close()
        found, change_ids = self._found()
        dead = self._dead()
        missing = Counter[int]()
        for number, change_id in self.accepted.items():
            elsewhere = change_ids.get(number, {change_id}) != {change_id}
            missing[change_id] += MARKETS if elsewhere else MARKETS - len(found.get(number, {}))
        lost = sum(max(0, count - dead[change_id]) for change_id, count in missing.items())
        return Audit(
            accepted=self.changes,
            lost=lost,
            duplicated=sum(count - 1 for markets in found.values() for count in markets.values()),
            strangers=sum(len(markets) for number, markets in found.items() if number not in self.tried),
            current_wrong=self._current_wrong(found),
            dead=sum(dead.values()),
            checks=checks,
        )

    def _found(self) -> tuple[Mapping[int, Counter[int]], Mapping[int, set[int]]]:
        """Return how often each market of each number is in the history, and under which change ids."""
        found: dict[int, Counter[int]] = {}
        change_ids: dict[int, set[int]] = {}
        query = "SELECT change_id, market_key_id, odds FROM odds_history"
        for change_id, market, odds in self.backend.rows(self.folder, query):
            number = unpack_odds(odds)[0] - ODDS_OF_0
            found.setdefault(number, Counter())[market] += 1
            change_ids.setdefault(number, set()).add(change_id)
        return found, change_ids

    def _dead(self) -> Counter[int]:
        """Return how many changes of each batch are in the dead letters."""
        query = "SELECT change_id, count(*) FROM dead_letter WHERE state = 'waiting' GROUP BY change_id"
        return Counter(dict(self.backend.rows(self.folder, query)))

    def _current_wrong(self, found: Mapping[int, Counter[int]]) -> int:
        newest: dict[tuple[int, int], int] = {}
        for number, markets in found.items():
            for market in markets:
                key = (number % EVENTS, market)
                newest[key] = max(newest.get(key, 0), number)
        current: dict[tuple[int, int], int] = {}
        for market, odds in self.backend.rows(self.folder, "SELECT market_key_id, odds FROM odds_current"):
            number = unpack_odds(odds)[0] - ODDS_OF_0
            current[number % EVENTS, market] = number
        return len(newest.items() ^ current.items())


_STARTED: list["subprocess.Popen[str]"] = []


def end_victims() -> None:
    """End whoever outlived the test, as after one that failed."""
    while _STARTED:
        process = _STARTED.pop()
        if process.poll() is None:
            process.kill()
            process.wait()


class Victim:
    """A running victim: what it says goes into the books as it says it."""

    def __init__(self, books: Bookkeeper, options: list[str], first: int, popen: Mapping[str, Any]) -> None:
        command = [sys.executable, "-m", "tests.support.victim", str(books.folder), str(first), *options]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, **popen
        )
        _STARTED.append(self.process)
        self.said: list[str] = []
        self._books, self._news = books, threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_until(self, happened: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        """Return when this is so, or the victim has ended. Raises: TimeoutError."""
        with self._news:
            if not self._news.wait_for(lambda: happened() or not self._reader.is_alive(), patience_s):
                raise TimeoutError(f"the victim's last words: {self.said[-5:]}")

    def wait_for(self, word: str, patience_s: float = PATIENCE_S) -> str:
        """Return the line that begins with this word. Raises: TimeoutError, AssertionError when it has ended."""

        def line() -> str:
            return next((line for line in reversed(self.said) if line.split()[0] == word), "")

        self.wait_until(lambda: bool(line()), patience_s)
        assert line(), f"the victim ended without saying {word}: {self.said[-5:]}"
        return line()

    def accept_more(self, changes: int, patience_s: float = PATIENCE_S) -> None:
        """Return when that many changes more were accepted."""
        goal = self._books.changes + changes
        self.wait_until(lambda: self._books.changes >= goal, patience_s)
        assert self._books.changes >= goal, f"the victim ended: {self.said[-5:]}"

    def ended(self) -> int:
        """Return the exit code once everything it said was heard."""
        try:
            code = self.process.wait(PATIENCE_S)
            self._reader.join(PATIENCE_S)
            return code
        finally:
            self.end()

    def stop(self, signals: int = 1) -> float:
        """End it with SIGTERM, told so many times, and return the seconds that took; it must end well."""
        started = time.perf_counter()
        for _ in range(signals):
            self.process.terminate()
            time.sleep(POLL_S)
        assert self.ended() == 0
        return time.perf_counter() - started

    def end(self) -> None:
        """Leave nothing running, whatever happened."""
        self.process.kill()
        self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            if line.endswith("\n"):  # the last one may be torn
                with self._news:
                    self._books.note(line)
                    self.said.append(line.strip())
                    self._news.notify_all()
        with self._news:
            self._news.notify_all()


def points(rounds: int, chance: random.Random) -> list[str]:
    """Return at which point each round's victim dies: each in turn in every other round, else a random moment."""
    order = chance.sample(POINTS, len(POINTS))
    return [order[i // 2 % len(order)] if i % 2 else "" for i in range(rounds)]
