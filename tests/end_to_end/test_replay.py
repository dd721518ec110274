"""Recording a process and replaying it: the same answers end in the same database."""

import json
import re

import pytest

from overround.domain.runs import PHASES
from tests.support.database_content import content
from tests.support.processes import environment, run_command, served, simulated

pytestmark = pytest.mark.slow


def test_a_replay_ends_in_the_database_of_the_recorded_processes(tmp_path):
    """Two runs of a server, a refresh, a restart and a run from the command line, in a world that moves."""
    record = ("--record", str(tmp_path / "recording"))
    with simulated("--events", "15", "--latency", "0", "--moves", "30") as base_urls:
        env = environment(tmp_path / "data", base_urls)
        with served(env, "--no-schedule", *record) as server:
            for _ in range(2):
                assert server.post("/api/scrape?wait_s=60")["status"] == "completed"
            event = server.get("/api/events")["events"][0]["sportradar_id"]
            server.post(f"/api/events/{event}/refresh")
        assert run_command("scrape", "--once", *record, env=env).returncode == 0
    done = run_command(
        "replay", record[1], "--data-dir", str(tmp_path / "again"), "--json", env=environment(tmp_path, {})
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["sessions"], report["lost"], report["torn"], report["failed"]) == (2, 0, [], 0)
    recorded, replayed = content(tmp_path / "data"), content(tmp_path / "again")
    assert len(recorded["history"]) > len(recorded["current"]) > 1000
    for table, rows in recorded.items():
        assert replayed[table] == rows, table


def test_a_recording_folder_belongs_to_one_process(tmp_path):
    """Two recordings in one folder would remove each other's files."""
    record = ("--record", str(tmp_path / "recording"))
    with simulated("--events", "5", "--latency", "0") as base_urls:
        with served(environment(tmp_path / "data", base_urls), "--no-schedule", *record):
            second = run_command("scrape", "--once", *record, env=environment(tmp_path / "other", base_urls))
    assert second.returncode == 2 and "another process records" in second.stderr


def test_every_phase_is_timed_in_report_and_metrics(tmp_path):
    """Where a run's time goes can be seen while it runs and afterwards."""
    with simulated("--events", "30", "--latency", "0") as base_urls:
        with served(environment(tmp_path, base_urls), "--no-schedule") as server:
            report = server.post("/api/scrape?wait_s=60")
            server.post("/api/scrape?wait_s=60")
            text = server.text("/api/metrics")
    assert [phase for phase in PHASES if not report["phases_ms"][phase] > 0] == []
    counted = dict(re.findall(r'overround_phase_seconds_count\{phase="(\w+)"\} (\S+)', text))
    assert set(counted) == set(PHASES) and all(float(count) > 0 for count in counted.values())
    for figure in (
        "loop_gap_seconds_count",
        "loop_gap_max_seconds",
        'body_hash_hits_total{bookmaker="betpawa"}',
    ):
        assert re.search(rf"^overround_{re.escape(figure)} [0-9.e+-]+$", text, re.MULTILINE), figure
