"""From `overround demo` to a populated Board, and what the server holds when it idles."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from benchmarks.report import Figure, report

EVENTS = 200
POPULATED = 0.5  # share of the listed events that must have prices before the board counts as populated
PATIENCE_S = 60.0
IDLE_S = 5.0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "overround", "demo", "--data-dir", folder, "--port", "0"),
                *("--events", str(EVENTS), "--no-browser"),
            ],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "COLUMNS": "200"},
        )
        try:
            address = _address(process)
            first_s, populated_s = _populated(address, started)
            _until_run_ends(process)
            time.sleep(IDLE_S)  # idle is what is being measured
            memory = psutil.Process(process.pid).memory_info().rss
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE_S)
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
    report(
        "demo",
        [
            Figure("first price on the board", first_s, "s after start"),
            Figure(
                f"board with prices of {POPULATED:.0%} of {EVENTS} events", populated_s, "s after start", 10.0
            ),
            Figure("memory of the idle server", memory / 2**20, "MiB", 250.0),
            Figure("data directory after the first run", size / 2**20, "MiB"),
        ],
    )


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stderr
    for line in process.stderr:
        if "http://" in line:
            return next(word for word in line.split() if word.startswith("http://"))
    raise SystemExit("the demo ended before its page was up")


def _populated(address: str, started: float) -> tuple[float, float]:
    """Return the seconds to the first price and to enough events with prices."""
    first_s = 0.0
    while time.monotonic() - started < PATIENCE_S:
        with urllib.request.urlopen(address + "/api/board", timeout=PATIENCE_S) as answer:
            board = json.load(answer)
        priced = len(set(board["prices"]["event"]))
        if priced and not first_s:
            first_s = time.monotonic() - started
        if priced >= POPULATED * EVENTS:
            return first_s, time.monotonic() - started
        time.sleep(0.1)
    raise SystemExit("the board was not populated in time")


def _until_run_ends(process: "subprocess.Popen[str]") -> None:
    assert process.stderr
    for line in process.stderr:
        if line.startswith("run "):
            return


if __name__ == "__main__":
    main()
