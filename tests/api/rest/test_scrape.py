"""Runs: started by hand, one at a time, looked up later."""

import asyncio

import pytest


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


async def test_the_schedule_says_when_the_next_run_is_due(served):
    """And how often, and which run is on."""
    assert await served.get("/api/scheduler") == {
        "next_run_at": "2026-11-24T12:05:00.000Z",
        "interval_minutes": 5,
        "active_run_id": None,
    }
