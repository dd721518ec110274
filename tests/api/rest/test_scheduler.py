"""What happens by itself: seen, held back, let go on."""

from tests.support.clock import START


async def test_the_schedule_says_when_the_next_run_is_due(world, served):
    """And how often, which run is on, and how every job does."""
    schedule = await served.get("/api/scheduler")
    scrape, watchdog = schedule.pop("jobs")
    assert schedule == {
        "next_run_at": "2026-11-24T12:05:00.000Z",
        "interval_minutes": 5,
        "active_run_id": None,
        "paused": False,
        "scheduled": True,
        "connection_lost_since": None,
        "now": "2026-11-24T12:00:00.000Z",
    }
    assert (scrape["next_run_at"], scrape["last_started_at"]) == (
        "2026-11-24T12:05:00.000Z", "2026-11-24T12:00:00.000Z",
    )  # fmt: skip
    assert (scrape["runs"], scrape["failures"], scrape["missed"]) == (3, 1, 2)
    assert (watchdog["name"], watchdog["last_started_at"]) == ("watchdog", None)


async def test_runs_can_be_held_back_and_let_go_on(world, served):
    """What was asked for is stored, and every answer shows it."""
    assert (await served.call("POST", "/api/scheduler/pause"))["paused"] is True
    assert world.store.saved["schedule_paused"] is True
    schedule = await served.get("/api/scheduler")
    assert (schedule["paused"], schedule["next_run_at"]) == (True, None)
    assert (await served.call("POST", "/api/scheduler/resume"))["paused"] is False


async def test_a_pause_that_can_not_be_stored_is_refused(world, served):
    """503, and nothing changed."""
    world.store.is_broken = True
    problem = await served.call("POST", "/api/scheduler/pause", status=503)
    assert "disk full" in problem["detail"]
    assert (await served.get("/api/scheduler"))["paused"] is False


async def test_a_lost_connection_is_said(world, served):
    world.runs.connection_lost_since = START
    schedule = await served.get("/api/scheduler")
    assert schedule["connection_lost_since"] == "2026-11-24T12:00:00.000Z"
