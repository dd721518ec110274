"""A whole server as its users have it, for benchmarks: started, asked over loopback, read by its log and metrics."""

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import msgspec


class Serving:
    """A process of `overround serve`, its log kept line by line."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "overround", "serve", "--no-schedule", "--port", "0"),
                *("--data-dir", str(folder)),
            ],
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.lines: list[dict[str, Any]] = []
        self.port = self._port()
        Thread(target=self._follow, daemon=True).start()

    def run(self, wait_s: int = 120) -> None:
        """Start a run and return at its end, 120 s later at most."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/scrape?wait_s={wait_s}", method="POST", data=b""
        )
        with urllib.request.urlopen(request, timeout=wait_s + 60) as answer:
            answer.read()

    def metric(self, series: str) -> float:
        """Return the value of one series, named with its labels as `/api/metrics` writes it; 0 where it is absent."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/metrics", timeout=60) as answer:
            text = answer.read().decode()
        found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    def logged(self, event: str, field: str, since: int = 0) -> list[int]:
        """Return a field of every line of this event from the given line of the log on."""
        return [line[field] for line in self.lines[since:] if line["event"] == event]

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()

    def _port(self) -> int:
        for line in self._log():
            if line["event"] == "server_ready":
                return urlsplit(line["address"]).port or 0
        raise AssertionError(f"the server did not start: {self.lines[-5:]}")

    def _follow(self) -> None:
        for _ in self._log():
            pass

    def _log(self) -> Iterator[dict[str, Any]]:
        assert self._process.stderr
        for text in self._process.stderr:
            if text.startswith("{"):
                self.lines.append(msgspec.json.decode(text))
                yield self.lines[-1]


@contextmanager
def serving(folder: Path, environment: Mapping[str, str]) -> Iterator[Serving]:
    """Open a server; it ends with the block."""
    server = Serving(folder, environment)
    try:
        yield server
    finally:
        server.close()
