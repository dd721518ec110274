"""Runs: started by hand, one at a time, looked up later."""

import asyncio

import pytest

from overround.domain.runs import EventOutcome, PhaseProgress
from tests.support.clock import START


async def test_a_run_starts_in_the_background(served):
    """202 with the id; the run is the active one."""
    started = await served.call("POST", "/api/scrape", status=202)
    active = await served.get("/api/scrape/runs/active")
    assert active["run_id"] == started["run_id"]
    assert (active["status"], active["started_at"]) == ("running", "2026-11-24T12:00:00.000Z")


async def test_who_waits_gets_the_report(world, served):
    """200 with the run object when it ends within wait_s."""
    call = asyncio.create_task(served.call("POST", "/api/scrape?wait_s=60"))
    while not world.runs.on:  # noqa: ASYNC110 -- the request arrives through a socket
        await asyncio.sleep(0)
    world.runs.end()
    report = await call
    assert (report["status"], set(report["events"])) == (
        "completed",
        {"total", "ok", "unchanged", "failed", "late"},
    )
    assert list(report["phases_ms"])[:3] == ["discover", "wait", "fetch"]


async def test_who_waits_too_short_gets_the_id(served):
    """The run goes on."""
    assert "run_id" in await served.call("POST", "/api/scrape?wait_s=0.5", status=202)


async def test_a_second_run_is_refused_with_the_firsts_id(served):
    """I6: one at a time."""
    first = await served.call("POST", "/api/scrape", status=202)
    problem = await served.call("POST", "/api/scrape", status=409)
    assert (problem["run_id"], problem["status"]) == (first["run_id"], 409)


@pytest.mark.parametrize("path", ["/api/scrape", "/api/scrape/runs/r/retry", "/api/events/1/refresh"])
async def test_nothing_is_asked_for_that_can_not_be_stored(world, served, path):
    """I13: without the database there is no warm-up, hence no scraping; the reason is said."""
    world.health.reasons = ["the database can't be opened"]
    assert "can't be opened" in (await served.call("POST", path, status=503))["detail"]
    assert world.runs.active() is None


async def test_some_bookmakers_may_be_chosen(world, served):
    """Those that are off or unknown are refused by name."""
    await served.call("POST", "/api/scrape?bookmakers=bet9ja,betpawa", status=202)
    assert world.runs.asked == ("betpawa", "bet9ja")
    world.runs.end()
    assert "nobody" in (await served.call("POST", "/api/scrape?bookmakers=nobody", status=422))["detail"]
    world.settings.apply({"enabled_bookmakers": ["betpawa"]})
    assert "bet9ja" in (await served.call("POST", "/api/scrape?bookmakers=bet9ja", status=422))["detail"]


async def test_a_run_may_be_tried_again(world, served):
    """What failed by default, all of it on request; at chosen bookmakers."""
    first = await served.call("POST", "/api/scrape", status=202)
    path = f"/api/scrape/runs/{first['run_id']}/retry"
    assert (await served.call("POST", path, status=409))["run_id"] == first["run_id"]
    world.runs.end()
    again = await served.call("POST", path, status=202)
    assert again["run_id"] != first["run_id"] and world.runs.retried == (first["run_id"], True)
    world.runs.end()
    await served.call("POST", path, status=202, json={"bookmakers": ["bet9ja"], "only_failed": False})
    assert world.runs.asked == ("bet9ja",) and world.runs.retried == (first["run_id"], False)


async def test_a_retry_of_nothing_known_or_unclear_is_refused(served):
    """404 for an unknown run; a body in another shape names the right one."""
    assert "nope" in (await served.call("POST", "/api/scrape/runs/nope/retry", status=404))["detail"]
    run = await served.call("POST", "/api/scrape", status=202)
    path = f"/api/scrape/runs/{run['run_id']}/retry"
    for body in ([], {"only_failed": "yes"}, {"bookmaker": "bet9ja"}):
        assert "only_failed" in (await served.call("POST", path, status=422, json=body))["detail"]


@pytest.mark.parametrize("wait_s", ["-1", "121", "soon", "nan"])
async def test_a_wait_out_of_bounds_is_refused(served, wait_s):
    """0 to 120 seconds."""
    problem = await served.call("POST", f"/api/scrape?wait_s={wait_s}", status=422)
    assert problem["detail"].startswith("wait_s: ")


async def test_runs_are_listed_newest_first(world, served):
    """limit and offset page through them."""
    for _ in range(3):
        await served.call("POST", "/api/scrape", status=202)
        world.runs.end()
    listed = await served.get("/api/scrape/runs?limit=2&offset=1")
    assert [run["run_id"] for run in listed["runs"]] == ["0197-1", "0197-0"]
    assert (await served.get("/api/scrape/runs/0197-2"))["status"] == "completed"
    assert await served.get("/api/scrape/runs/active") is None
    assert "nothing" in (await served.get("/api/scrape/runs/nothing", status=404))["detail"]


async def test_a_run_that_hangs_is_called_stalled(world, served):
    """Running without a sign of life for a minute; the page and the API say the same."""
    started = await served.call("POST", "/api/scrape", status=202)
    world.runs.reports[started["run_id"]].heartbeat_at = START
    for silence_s, stalled in ((59.94, False), (60.0, True)):
        world.runs.silence_s = silence_s
        for answer in (
            await served.get("/api/scrape/runs/active"),
            await served.get(f"/api/scrape/runs/{started['run_id']}"),
            (await served.get("/api/scrape/runs"))["runs"][0],
        ):
            assert (answer["stalled"], answer["silent_s"]) == (stalled, round(silence_s, 1))
            assert answer["heartbeat_at"] == "2026-11-24T12:00:00.000Z"
    world.runs.reports[started["run_id"]].finished_at = START
    ended = await served.get(f"/api/scrape/runs/{started['run_id']}")
    assert (ended["stalled"], ended["silent_s"]) == (False, None)


async def test_rows_per_phase_come_with_one_run_only(world, served):
    started = await served.call("POST", "/api/scrape", status=202)
    report = world.runs.reports[started["run_id"]]
    report.phases = [PhaseProgress("betpawa", "fetch", 7, 10, 900.5, 1)]
    assert (await served.get(f"/api/scrape/runs/{report.run_id}"))["phases"] == [
        {"bookmaker": "betpawa", "phase": "fetch", "current": 7, "total": 10, "ms": 900.5, "errors": 1}
    ]
    assert "phases" not in (await served.get("/api/scrape/runs"))["runs"][0]


async def test_what_brought_no_prices_can_be_asked_for(world, served):
    """By status and bookmaker, page by page."""
    started = await served.call("POST", "/api/scrape", status=202)
    path = f"/api/scrape/runs/{started['run_id']}/events"
    world.runs.named[started["run_id"]] = [
        EventOutcome("1", "betpawa", "late"),
        EventOutcome("2", "betpawa", "failed", "gone", "HTTP 404"),
        EventOutcome("3", "bet9ja", "failed", "refused", "HTTP 403"),
    ]
    answer = await served.get(path + "?status=failed&bookmaker=betpawa")
    assert answer["events"] == [
        {
            "sportradar_id": "2",
            "bookmaker": "betpawa",
            "status": "failed",
            "kind": "gone",
            "detail": "HTTP 404",
        }
    ]
    assert (answer["total"], set(answer["counts"])) == (1, {"total", "ok", "unchanged", "failed", "late"})
    page = await served.get(path + "?limit=1&offset=1")
    assert ([event["sportradar_id"] for event in page["events"]], page["total"]) == (["2"], 3)
    assert "status" in (await served.get(path + "?status=ok", status=422))["detail"]
    assert "nope" in (await served.get("/api/scrape/runs/nope/events", status=404))["detail"]


async def test_runs_are_added_up(world, served):
    """A fixed path, not the run called stats."""
    started = await served.call("POST", "/api/scrape", status=202)
    report = world.runs.reports[started["run_id"]]
    report.finished_at, report.duration_ms = START, 1500.0
    world.runs.end()
    stats = await served.get("/api/scrape/stats?runs=10")
    assert (stats["runs"], stats["by_status"], stats["completed_share"]) == (1, {"completed": 1}, 1.0)
    assert stats["duration_ms"] == {"p50": 1500.0, "p95": 1500.0, "max": 1500.0}
    assert stats["first_started_at"] == "2026-11-24T12:00:00.000Z"


async def test_runs_of_some_hours_come_as_columns(world, served):
    """A chart needs a few figures of many runs; the one that goes on has none yet."""
    started = await served.call("POST", "/api/scrape", status=202)
    assert (await served.get("/api/scrape/trend"))["run_id"] == []
    report = world.runs.reports[started["run_id"]]
    report.finished_at, report.duration_ms, report.changes, report.events.failed = START, 1500.4, 7, 2
    world.runs.end()
    assert await served.get("/api/scrape/trend?hours=168") == {
        "now": "2026-11-24T12:00:00.000Z", "hours": 168, "run_id": [started["run_id"]],
        "started_at": ["2026-11-24T12:00:00.000Z"], "status": ["completed"],
        "duration_ms": [1500], "changes": [7], "ok": [0], "failed": [2],
    }  # fmt: skip
    world.clock.step_wall(25 * 3600)
    assert (await served.get("/api/scrape/trend"))["run_id"] == []
