"""
What a run costs: CPU against a bare decode of the same bodies, time against the network's floor, memory, loop gaps.

Full-world rows are measured at 0 ms latency, the others in the default world at the real sites' latencies.
`python -m benchmarks.run [ROW…]` measures only the named rows: cold, moves, floor, faults, reads.
"""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec

from benchmarks.api import connect
from benchmarks.report import Figure, report
from benchmarks.run_worker import Measured
from benchmarks.serving import Serving, serving
from overround.clock import SystemClock

LIMITS = {
    "betpawa": (50, 0),
    "sportybet": (50, 0),
    "bet9ja": (15, 25),
}  # concurrency, spacing in ms: the defaults
FULL, DEFAULT = ("--world", "full", "--latency", "0"), ("--world", "default")
SITES_NICE = 10  # the real sites have machines of their own: theirs gives way to what is measured
ROUNDS = 3  # of what is a median
STILL_AT = SystemClock().now().replace(minute=5, second=0, microsecond=0)
READ_EVERY_S = 0.05


class Simulated:
    """A simulator process on a port of its own, which may be replaced by one of another time or mood."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._process: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that lead a worker here."""
        bases = {
            f"OVERROUND_{code.upper()}_BASE_URL": f"http://127.0.0.1:{self.port}/{code}" for code in LIMITS
        }
        return {
            **os.environ,
            **bases,
            "OVERROUND_BOOKMAKERS": ",".join(LIMITS),
            "OVERROUND_WORLD": "simulated",
        }

    @property
    def log_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/_log"

    def serve(self, *options: str) -> None:
        """Serve a world with these options; what was served before ends."""
        self.close()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "overround", "simulate", "--port", str(self.port), *options],
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.nice(SITES_NICE),
        )
        assert self._process.stdout and self._process.stdout.readline(), "the simulator did not start"

    def close(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()
            self._process = None


class Worker:
    """A process of benchmarks/run_worker.py."""

    def __init__(self, simulated: Simulated, folder: str, *options: str) -> None:
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "benchmarks.run_worker"),
                *("--data-dir", folder, "--log-url", simulated.log_url, *options),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=simulated.environment,
        )

    def run(self) -> Measured:
        """Do one run and return what it cost."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the measured process ended early"
        return msgspec.json.decode(line, type=Measured)

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


@contextmanager
def worker(simulated: Simulated, *options: str) -> Iterator[Worker]:
    """Open a worker on a fresh data directory."""
    with tempfile.TemporaryDirectory() as folder:
        opened = Worker(simulated, folder, *options)
        try:
            yield opened
        finally:
            opened.close()


def warmed(simulated: Simulated, *options: str) -> None:
    """Serve a world whose bodies are rendered already, so that the simulator is not what is waited for."""
    simulated.serve(*options)
    with worker(simulated, "--no-writer") as opened:
        opened.run()


def moment(minutes: int = 0) -> str:
    """Return an `--at` for worlds that stand still, this many minutes on; of one hour, however long it all takes."""
    return (STILL_AT + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def over_bare(measured: Measured) -> float:
    return measured.cpu_s / measured.bare_s


# --- rows ---------------------------------------------------------------------------------------------------------


def cold(simulated: Simulated) -> list[Figure]:
    """Measure first runs of the full world at 0 ms."""
    warmed(simulated, *FULL, "--freeze")
    runs: dict[str, list[Measured]] = {"--no-writer": [], "": [], "--no-bare": []}
    for _ in range(ROUNDS):
        for option, measured in runs.items():
            with worker(simulated, *filter(None, [option])) as opened:
                measured.append(opened.run())
    with worker(simulated, "--no-writer", "--size") as opened:
        sized = opened.run()
    written = runs[""]
    gaps = [statistics.median(one.gaps_ms[place] for one in runs["--no-bare"]) for place in range(3)]
    return [
        Figure("full world, market keys", written[0].markets, "keys"),
        Figure("cold run, bare decode", written[0].bare_s, "s CPU"),
        Figure("cold run without writer", median_of(runs["--no-writer"], over_bare), "x bare", 3.2),
        Figure("cold run with the SQLite writer", median_of(written, over_bare), "x bare", 4.5),
        Figure("peak memory", max(one.peak_mib for one in written), "MiB", 400),
        Figure("cache", sized.bytes_per_key, "bytes/key", 260),
        Figure("loop gap p99", gaps[0], "ms", 10),
        Figure("loop gap p99.9", gaps[1], "ms", 20),
        Figure("loop gap, longest", gaps[2], "ms", 40),
    ]


def moves(simulated: Simulated) -> list[Figure]:
    """Measure later runs of the full world: nothing moved, 5 % moved, only volatile bytes differ."""
    moving = (*FULL, "--moves", "0.05")  # prices depend on it from the first run on
    simulated.serve(*moving, "--at", moment())
    with worker(simulated) as opened:
        opened.run()
        still = opened.run()
        warmed(simulated, *moving, "--at", moment(1))
        moved = opened.run()
        simulated.serve(*moving, "--at", moment(1), "--volatile")
        opened.run()
        volatile = opened.run()
        simulated.serve(*moving, "--at", moment(3))
        late = opened.run()
    figures: list[Figure] = []
    for name, one, bar in (
        ("nothing moved", still, 0.35),
        ("5 % of the events moved", moved, 0.6),
        ("volatile bytes only", volatile, 2.8),
    ):
        figures.append(Figure(f"run in which {name}", over_bare(one), "x bare", bar))
    figures += [
        Figure("changes when nothing moved", still.changes, "changes", 0),
        Figure("changes when only bytes differ", volatile.changes, "changes", 0),
        Figure(
            "last change in the database at 0 ms, 10 % moved", late.written_s, "s after the last fetch", 2.5
        ),
    ]
    return figures


def floor(simulated: Simulated) -> list[Figure]:
    """Measure the default world at the given latencies against what its limits and latencies allow."""
    moving = (*DEFAULT, "--moves", "0.05")
    warmed(simulated, *moving, "--at", moment())
    with worker(simulated) as opened:
        first = opened.run()
        simulated.serve(*moving, "--at", moment(2))
        second = opened.run()
    return [
        Figure("run at the given latencies", first.wall_s, "s"),
        Figure("run against the floor, lists included", first.wall_s / floor_s(first), "x", 1.08),
        Figure(
            "last change in the database, given latencies", second.written_s, "s after the last fetch", 0.5
        ),
        Figure("spool and database, memory", second.peak_mib, "MiB"),
    ]


def floor_s(measured: Measured) -> float:
    """Return the shortest time in which these limits let the latencies of lists and events pass."""
    return max(
        (measured.latency_ms[code] + measured.requests[code] * spacing_ms) / concurrency / 1000
        for code, (concurrency, spacing_ms) in LIMITS.items()
    )


def faults(simulated: Simulated) -> list[Figure]:
    """Measure how long the others take while one bookmaker is down, drips or answers garbage."""
    figures: list[Figure] = []
    events = ("--world", "default", "--events", "600", "--freeze")
    healthy = _others(simulated, *events)
    for fault in ("down", "slow", "garbage"):
        troubled = _others(simulated, *events, "--fault", f"sportybet:{fault}")
        figures.append(Figure(f"the others while SportyBet is {fault}", troubled / healthy, "x", 1.10))
    return figures


def _others(simulated: Simulated, *options: str) -> float:
    """Return when the last event answer of BetPawa and Bet9ja came, in seconds after the run's start."""
    simulated.serve(*options)
    with worker(simulated) as opened:
        measured = opened.run()
    return max(measured.last_answer_s[code] for code in ("betpawa", "bet9ja"))


def reads(simulated: Simulated) -> list[Figure]:
    """Measure the events page while a run is on, in a whole server."""
    figures: list[Figure] = []
    for name, options, bar in (
        ("given latencies", (*DEFAULT, "--freeze"), 15.0),
        ("0 ms", (*DEFAULT, "--latency", "0", "--freeze"), 25.0),
    ):
        warmed(simulated, *options)
        times = [_read_during_run(simulated) for _ in range(ROUNDS)]
        figures.append(
            Figure(f"events page while a run is on, {name}, p99", statistics.median(times), "ms", bar)
        )
    return figures


def _read_during_run(simulated: Simulated) -> float:
    """Return the p99 of the events page in ms, from a run's start to its end, in a server that knows all events."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), simulated.environment) as server:
        server.run()
        return asyncio.run(page_p99_ms(server))


async def page_p99_ms(server: Serving) -> float:
    """Return the p99 of the events page in ms while a run is on."""
    connection = await connect(server.port)
    running = asyncio.create_task(asyncio.to_thread(server.run))
    times: list[float] = []
    while not running.done():
        started = time.perf_counter()
        await connection.get("/api/events?page_size=50")
        times.append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(READ_EVERY_S)
    await running
    return sorted(times)[int(len(times) * 0.99)]


def median_of(measured: Sequence[Measured], figure: Callable[[Measured], float]) -> float:
    return statistics.median(map(figure, measured))


ROWS: Mapping[str, Callable[[Simulated], list[Figure]]] = {
    "cold": cold,
    "moves": moves,
    "floor": floor,
    "faults": faults,
    "reads": reads,
}


def main() -> None:
    wanted = sys.argv[1:] or list(ROWS)
    simulated = Simulated()
    with ExitStack() as stack:
        stack.callback(simulated.close)
        figures = [figure for name in wanted for figure in ROWS[name](simulated)]
    report("run", figures)


if __name__ == "__main__":
    main()
