"""Starting, stopping and dying: what a process leaves behind and what the next one makes of it."""

import json
import os
import signal
import sqlite3
import subprocess
import urllib.error
import urllib.request
from contextlib import closing
from typing import IO

import psutil
import pytest

from tests.support.processes import COMMAND, PATIENCE_S, environment, run_command, served, simulated

pytestmark = pytest.mark.slow


def test_a_second_process_on_the_same_data_directory_is_refused(tmp_path):
    """I6: exit 3 and one sentence that names the holder."""
    with simulated("--events", "5", "--latency", "0") as base_urls:
        env = environment(tmp_path, base_urls)
        with served(env, "--no-schedule") as server:
            second = run_command("scrape", "--once", env=env)
            assert second.returncode == 3
            assert str(server.process.pid) in second.stderr and len(second.stderr.strip().splitlines()) == 1


def test_worlds_do_not_mix(tmp_path):
    """I17: a database of simulated prices refuses live ones, in one sentence."""
    with simulated("--events", "5", "--latency", "0") as base_urls:
        env = environment(tmp_path, base_urls)
        assert run_command("scrape", "--once", "--json", env=env).returncode == 0
        other = run_command("scrape", "--once", env={**env, "OVERROUND_WORLD": "recorded"})
    assert other.returncode == 2
    assert "OVERROUND_WORLD" in other.stderr and "--data-dir" in other.stderr
    assert len(other.stderr.strip().splitlines()) == 1


def test_an_address_that_others_can_reach_is_refused(tmp_path):
    """There is no login yet; the sentence says the fix."""
    done = run_command(
        "serve", "--host", "0.0.0.0", env=environment(tmp_path, {"betpawa": "http://127.0.0.1:9/betpawa"})
    )
    assert done.returncode == 2 and "127.0.0.1" in done.stderr


def test_prices_survive_kill_9_with_their_true_age(tmp_path):
    """I2: what was accepted is there after the next start; nobody has confirmed it since."""
    with simulated("--events", "12", "--latency", "0", "--freeze") as base_urls:
        env = environment(tmp_path, base_urls)
        with served(env, "--no-schedule") as server:
            server.post("/api/scrape?wait_s=60")
            before = _prices(server)
            os.kill(server.process.pid, signal.SIGKILL)
            server.process.wait(PATIENCE_S)
        with served(env, "--no-schedule") as server:
            after, events = _prices(server), server.get("/api/events?page_size=500")["events"]
            states = {listing["state"] for event in events for listing in event["bookmakers"]}
    assert after == before
    assert states == {"unknown"}
    assert _count(tmp_path, "SELECT count(*) FROM odds_history") == _count(
        tmp_path, "SELECT count(*) FROM odds_current"
    )


def test_a_pause_and_what_failed_outlive_the_process(tmp_path):
    """The next process is paused like the last one, and tries again what failed there, and only that."""
    world = ("--events", "12", "--latency", "0")
    with simulated(*world) as base_urls, served(environment(tmp_path, base_urls), "--no-schedule") as server:
        server.post("/api/scheduler/pause")
        assert server.post("/api/scrape?wait_s=60")["status"] == "completed"
    faulty = simulated(*world, "--fault", "bet9ja:garbage:0.4")
    with faulty as base_urls, served(environment(tmp_path, base_urls)) as server:
        schedule = server.get("/api/scheduler")
        assert (schedule["paused"], schedule["next_run_at"]) == (True, None)
        run = server.post("/api/scrape?wait_s=60")
        path = f"/api/scrape/runs/{run['run_id']}"
        failed, phases = server.get(f"{path}/events?status=failed")["events"], server.get(path)["phases"]
        assert run["status"] == "partial" and failed
    with simulated(*world) as base_urls, served(environment(tmp_path, base_urls)) as server:
        assert server.get(f"{path}/events?status=failed")["events"] == failed
        assert server.get(path)["phases"] == phases
        again = server.post(f"{path}/retry")["run_id"]
        while (report := server.get(f"/api/scrape/runs/{again}"))["finished_at"] is None:
            pass
    assert report["status"] == "completed"
    assert [part["bookmaker"] for part in report["bookmakers"]] == ["bet9ja"]


def test_all_bookmakers_unreachable_is_a_connection_failure(tmp_path):
    """Exit 1, and the report says so; nothing is withdrawn."""
    base_urls = {code: f"http://127.0.0.1:9/{code}" for code in ("betpawa", "sportybet", "bet9ja")}
    done = run_command("scrape", "--once", "--json", env=environment(tmp_path, base_urls))
    assert done.returncode == 1
    assert json.loads(done.stdout)["status"] == "connection_failed"


def test_the_demo_fills_the_board_and_ends_without_leaving_anything(tmp_path):
    """One command; Ctrl-C stops page, scheduler and simulator; a second start has the stored history."""
    first, _ = _demo_until_populated(tmp_path)
    again, stored = _demo_until_populated(tmp_path)
    assert first > 0
    assert stored > 0 and again >= stored


def _demo_until_populated(folder) -> tuple[int, int]:
    """Run a demo; return how many prices the board had in the end and at the start."""
    process = subprocess.Popen(
        [*COMMAND, "demo", "--data-dir", str(folder), "--port", "0", "--events", "20", "--no-browser"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200"},
        start_new_session=True,
    )
    assert process.stderr
    try:
        at_start = 0
        for line in process.stderr:
            if "http://127.0.0.1:" in line:
                address = next(word for word in line.split() if word.startswith("http://"))
                at_start = _board_prices(address)
            if line.startswith("run ") and " completed " in line:
                break
        else:
            raise AssertionError("the demo ended before its first run did")
        populated = _board_prices(address)
        family = [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: to every process of the group
        _, said = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0 and "rror" not in said and "Traceback" not in said, said
        assert len(family) == 2 and not any(psutil.pid_exists(pid) for pid in family)
        return populated, at_start
    finally:
        process.kill()
        process.wait(PATIENCE_S)


def _board_prices(address: str) -> int:
    with urllib.request.urlopen(address + "/api/board", timeout=PATIENCE_S) as answer:
        return len(json.load(answer)["prices"]["odds"])


def _prices(server) -> dict:
    """Return every event's markets without listing state and times of confirmation."""
    ids = [event["sportradar_id"] for event in server.get("/api/events?page_size=500")["events"]]
    events = {sportradar_id: server.get(f"/api/events/{sportradar_id}") for sportradar_id in ids}
    return {
        (sportradar_id, listing["bookmaker"]): sorted(
            listing["markets"], key=lambda m: (m["market_id"], m["line"])
        )
        for sportradar_id, event in events.items()
        for listing in event["bookmakers"]
    }


def _count(folder, query: str) -> int:
    with closing(sqlite3.connect(folder / "overround.db")) as db:
        return db.execute(query).fetchone()[0]


def test_a_database_that_cannot_be_opened_is_said_and_waited_for(tmp_path):
    """I13: alive, not ready with the reason, no scraping; once it can be opened, it goes on by itself."""
    with simulated("--events", "5", "--latency", "0") as base_urls:
        env = environment(tmp_path, base_urls)
        (tmp_path / "overround.db").write_bytes(b"this is no database" * 100)
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0"], env=env, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr
        try:
            _until(process.stderr, '"database_unavailable"')
            address = f"http://127.0.0.1:{_listening_port(process.pid)}"
            assert _status(address, "/api/health/live") == 200
            assert _status(address, "/api/health/ready") == 503
            (tmp_path / "overround.db").unlink()
            _until(process.stderr, '"server_ready"')
            _until(process.stderr, '"run_finished"')
            assert _status(address, "/api/health/ready") == 200
            assert _board_prices(address) > 0
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE_S)


def test_a_locked_database_stops_only_the_writer(tmp_path):
    """Scraping and serving go on, batches wait in the spool; nothing is lost when the lock is gone."""
    with simulated("--events", "12", "--latency", "0", "--freeze") as base_urls:
        env = environment(tmp_path, base_urls)
        with served(env, "--no-schedule") as server:
            holder = sqlite3.connect(tmp_path / "overround.db", isolation_level=None)
            holder.execute("BEGIN IMMEDIATE")
            report = server.post("/api/scrape?wait_s=60")
            assert report["status"] == "completed" and report["changes"] > 100
            assert _board_prices(server.address) > 0
            assert server.get("/api/health")["write_queue"]["lag"] > 0
            holder.execute("ROLLBACK")
            holder.close()
        again = json.loads(
            run_command("scrape", "--once", "--json", env=env).stdout
        )  # writes what still waits
    assert again["changes"] == 0
    assert _count(tmp_path, "SELECT count(*) FROM odds_history") == report["changes"]


def _until(lines: IO[str], mark: str) -> None:
    for line in lines:
        if mark in line:
            return
    raise AssertionError(f"the process ended without saying {mark}")


def _listening_port(pid: int) -> int:
    return next(
        c.laddr.port for c in psutil.Process(pid).net_connections("tcp") if c.status == psutil.CONN_LISTEN
    )


def _status(address: str, path: str) -> int:
    try:
        with urllib.request.urlopen(address + path, timeout=PATIENCE_S) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code
