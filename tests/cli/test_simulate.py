"""The command `overround simulate`, as a process."""

import json
import signal
import subprocess
import sys
import urllib.request

import pytest

from tests.support.payloads import FOLDER, needs_payloads

COMMAND = [
    sys.executable,
    "-c",
    "import typer; from overround.cli.simulate import simulate; typer.run(simulate)",
]
pytestmark = pytest.mark.slow


class Running:
    """A simulator process, from its ready line to its end."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.line = self.process.stdout.readline()

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    @property
    def ready(self) -> dict:
        return json.loads(self.line)

    def get(self, path: str):
        base = next(iter(self.ready["base_urls"].values())).rpartition("/")[0]
        with urllib.request.urlopen(base + path) as answer:
            return json.load(answer)

    def stop(self, number: int) -> tuple[int, str, str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_json_line_when_ready_and_a_clean_end(number):
    """Whoever starts it reads one line to know where the bookmakers are; a signal ends it without noise."""
    with Running("--events", "5", "--latency", "0") as running:
        assert running.ready["world"] == "simulated"
        urls = running.ready["base_urls"]
        assert list(urls) == ["betpawa", "sportybet", "bet9ja"]
        assert all(
            url.startswith("http://127.0.0.1:") and url.endswith(f"/{code}") for code, url in urls.items()
        )
        assert running.stop(number) == (0, "", "")


def test_a_frozen_world_is_repeated_by_its_seed_and_time():
    """Two processes of one seed at one time tell the same truth about the same events."""
    options = (
        "--events",
        "6",
        "--seed",
        "9",
        "--at",
        "2026-11-24T12:00:00Z",
        "--moves",
        "5",
        "--latency",
        "0",
    )
    with Running(*options) as first, Running(*options) as second:
        events = first.get("/_events")
        assert events == second.get("/_events")
        assert len(events["events"]) == 6
        key = events["events"][0]["sportradar_id"]
        assert first.get(f"/_truth/{key}") == second.get(f"/_truth/{key}")


def test_only_chosen_bookmakers_are_served():
    """`--bookmakers` names them."""
    with Running("--bookmakers", "bet9ja", "--events", "3") as running:
        assert list(running.ready["base_urls"]) == ["bet9ja"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--bookmakers", "acme"], "unknown bookmaker acme"),
        (["--fault", "betpawa:418"], "unknown kind"),
        (["--latency", "quick"], "--latency quick"),
        (["--at", "2026-11-24T12:00:00"], "ISO time with a zone"),
        (["--at", "noon"], "ISO time with a zone"),
        (["--recorded", "/nowhere"], "there is no such folder"),
        (["--keep-times"], "--keep-times belongs to --recorded"),
        (["--events", "0"], "--events"),
        (["--world", "huge"], "--world"),
    ],
)
def test_bad_options_end_with_2_and_a_sentence(options, says):
    """Nothing on stdout, one clear sentence on stderr."""
    ended = subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


class TestCapturedAnswers:
    """The real folder."""

    pytestmark = needs_payloads

    def test_recorded_world(self):
        """It says that it is one, names on stderr what it does not serve, and has no truth of its own."""
        with Running("--recorded", str(FOLDER)) as running:
            assert running.ready["world"] == "recorded"
            row = next(e for e in running.get("/_events")["events"] if e["sportradar_id"] == "68995116")
            assert set(row["bookmakers"]) == {"betpawa", "sportybet", "bet9ja"}
            code, _, err = running.stop(signal.SIGTERM)
        assert code == 0
        assert (
            f"{FOLDER}/bet9ja/live.json: ignored, not a prematch event detail of bet9ja" in err.splitlines()
        )
