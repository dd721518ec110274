"""The product's commands as real processes on loopback; every one is ended by its own test."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-m", "overround"]
PATIENCE_S = 60


def environment(data_dir: Path, base_urls: dict[str, str], **more: str) -> dict[str, str]:
    """Return an environment in which the product knows only these bookmakers and this folder."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("OVERROUND_")}
    urls = {f"OVERROUND_{code.upper()}_BASE_URL": url for code, url in base_urls.items()}
    return {
        **clean,
        "OVERROUND_DATA_DIR": str(data_dir),
        "OVERROUND_BOOKMAKERS": ",".join(base_urls),
        **urls,
        **more,
    }


def run_command(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments], env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )


@contextmanager
def simulated(*options: str) -> Generator[dict[str, str]]:
    """Run the simulator and give its base URLs."""
    process = subprocess.Popen(
        [*COMMAND, "simulate", "--with-parent", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin and process.stdout
    try:
        yield json.loads(process.stdout.readline())["base_urls"]
    finally:
        process.stdin.close()
        process.wait(timeout=PATIENCE_S)
        process.stdout.close()


class Served:
    """A running server."""

    def __init__(self, process: "subprocess.Popen[str]", address: str) -> None:
        self.process, self.address = process, address

    def get(self, path: str) -> Any:
        """Return the JSON of a GET."""
        with urllib.request.urlopen(self.address + path, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def text(self, path: str) -> str:
        """Return the body of a GET that is no JSON."""
        with urllib.request.urlopen(self.address + path, timeout=PATIENCE_S) as answer:
            return answer.read().decode()

    def post(self, path: str) -> Any:
        """Return the JSON of a POST without body."""
        with urllib.request.urlopen(
            urllib.request.Request(self.address + path, method="POST"), timeout=PATIENCE_S
        ) as answer:
            return json.load(answer)


@contextmanager
def served(env: dict[str, str], *options: str) -> Generator[Served]:
    """Run `overround serve` on a free port, wait until it says it is ready, and end it with SIGTERM."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *options], env=env, stderr=subprocess.PIPE, text=True
    )
    try:
        yield Served(process, _ready_address(process))
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


def _ready_address(process: "subprocess.Popen[str]") -> str:
    assert process.stderr
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if '"server_ready"' in line:
            return json.loads(line)["address"]
    raise AssertionError("the server ended before it was ready:\n" + "".join(said))
