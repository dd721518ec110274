"""From a bookmaker's bytes to the API: every price is the one the simulated bookmaker set."""

import json
import sqlite3
import urllib.request
from contextlib import closing

import pytest

from tests.support.payloads import FOLDER, needs_payloads
from tests.support.processes import Served, environment, run_command, served, simulated

pytestmark = pytest.mark.slow


def truth(base_urls: dict[str, str], sportradar_id: str) -> dict[str, dict[str, dict[str, float]]]:
    root = next(iter(base_urls.values())).rsplit("/", 1)[0]
    with urllib.request.urlopen(f"{root}/_truth/{sportradar_id}", timeout=30) as answer:
        return json.load(answer)


def shown(server: Served, sportradar_id: str) -> dict[str, dict[str, dict[str, float]]]:
    """Return what the API shows as open, in the form of the truth."""
    event = server.get(f"/api/events/{sportradar_id}")
    return {
        listing["bookmaker"]: {
            f"{market['market_id']}|{market['line']}": {
                outcome["name"]: outcome["odds"]
                for outcome in market["outcomes"]
                if outcome["state"] == "open"
            }
            for market in listing["markets"]
        }
        for listing in event["bookmakers"]
    }


def without_locked(prices: dict[str, dict[str, dict[str, float]]]) -> dict[str, dict[str, dict[str, float]]]:
    """Leave out markets with no open outcome: Bet9ja has no way to show them, the others do."""
    return {book: {key: odds for key, odds in markets.items() if odds} for book, markets in prices.items()}


def test_every_price_of_every_event_equals_the_truth(tmp_path):
    """No price is lost, swapped, shifted to another line or put on another match."""
    with simulated("--events", "60", "--latency", "0", "--freeze") as base_urls:
        with served(environment(tmp_path, base_urls), "--no-schedule") as server:
            report = server.post("/api/scrape?wait_s=60")
            assert report["status"] == "completed", report
            events = server.get("/api/events?page_size=500")["events"]
            assert len(events) == 60
            for event in events:
                sportradar_id = event["sportradar_id"]
                assert without_locked(shown(server, sportradar_id)) == without_locked(
                    truth(base_urls, sportradar_id)
                )


def test_a_second_run_over_a_world_that_stands_still_changes_nothing(tmp_path):
    """Unchanged data is one confirmation per listing: no history row, no message."""
    with simulated("--events", "20", "--latency", "0", "--freeze") as base_urls:
        env = environment(tmp_path, base_urls)
        first = json.loads(run_command("scrape", "--once", "--json", env=env).stdout)
        rows = _history_rows(tmp_path)
        second = json.loads(run_command("scrape", "--once", "--json", env=env).stdout)
    assert first["status"] == second["status"] == "completed"
    assert first["changes"] == rows > 100
    assert second["changes"] == 0
    assert _history_rows(tmp_path) == rows == first["markets"]
    timed = {
        "discover",
        "fetch",
        "inflate",
        "decode",
        "map",
        "settle",
        "diff",
        "accept",
        "cache",
        "publish",
        "write",
    }
    assert {phase for phase in timed if first["phases_ms"][phase] > 0} == timed
    assert second["matched"] == first["matched"] > 0
    assert set(second["discovered"]) == {"betpawa", "sportybet", "bet9ja"}


def test_volatile_fields_are_no_changes(tmp_path):
    """Every body differs in a byte that means nothing; no price moved."""
    with simulated("--events", "20", "--latency", "0", "--freeze", "--volatile") as base_urls:
        env = environment(tmp_path, base_urls)
        with served(env, "--no-schedule") as server:
            first, second = (server.post("/api/scrape?wait_s=60") for _ in range(2))
    assert first["changes"] > 100
    assert (second["status"], second["changes"]) == ("completed", 0)


@pytest.mark.parametrize("fault", ["down", "garbage", "html", "truncated"])
def test_one_failing_bookmaker_leaves_the_others_intact(tmp_path, fault):
    """The run is partial, its errors are grouped with one sample, the other prices are right."""
    with simulated(
        "--events", "15", "--latency", "0", "--freeze", "--fault", f"sportybet:{fault}"
    ) as base_urls:
        with served(environment(tmp_path, base_urls), "--no-schedule") as server:
            report = server.post("/api/scrape?wait_s=60")
            assert report["status"] == "partial", report
            assert {error["bookmaker"] for error in report["errors"]} == {"sportybet"}
            assert all(error["count"] >= 1 and error["sample"] for error in report["errors"])
            for event in server.get("/api/events?page_size=500")["events"]:
                expected = without_locked(truth(base_urls, event["sportradar_id"]))
                expected.pop("sportybet", None)
                assert without_locked(shown(server, event["sportradar_id"])) == expected


class TestRecorded:
    pytestmark = needs_payloads

    def test_captured_answers_are_stored_with_prices_of_all_three(self, tmp_path):
        """SR 68995116, Wuhan Three Towns v Qingdao Hainiu, as the three sites really priced it."""
        with simulated("--recorded", str(FOLDER), "--latency", "0") as base_urls:
            env = environment(tmp_path, base_urls, OVERROUND_WORLD="recorded")
            done = run_command("scrape", "--once", "--json", env=env)
            assert done.returncode == 0, done.stderr
            with served(env, "--no-schedule") as server:
                prices = shown(server, "68995116")
                assert server.get("/api/events/68995116")["home"].startswith("Wuhan Three Towns")
        assert prices["betpawa"]["3743|"] == {"1": 2.41, "X": 3.29, "2": 3.02}
        assert prices["betpawa"]["3774|-0.5"] == {"1": 2.32, "2": 1.54}
        assert prices["sportybet"]["3774|-0.5"] == {"1": 2.35, "2": 1.57}
        assert prices["bet9ja"]["3774|-0.5"] == {"1": 2.42, "2": 1.48}
        assert prices["sportybet"]["5000|2"] == {"Over": 1.48, "Under": 2.6}
        assert prices["bet9ja"]["4724|-1"] == {"1": 4.9, "X": 4.05, "2": 1.48}

    def test_the_same_answers_again_are_no_change(self, tmp_path):
        """I1 on real payloads, through the whole path."""
        with simulated("--recorded", str(FOLDER), "--latency", "0") as base_urls:
            env = environment(tmp_path, base_urls, OVERROUND_WORLD="recorded")
            first, second = (
                json.loads(run_command("scrape", "--once", "--json", env=env).stdout) for _ in range(2)
            )
        assert first["changes"] > 80
        assert second["changes"] == 0


def _history_rows(folder) -> int:
    with closing(sqlite3.connect(folder / "overround.db")) as db:
        return db.execute("SELECT count(*) FROM odds_history").fetchone()[0]
