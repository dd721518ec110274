"""Health: live is not ready, and unready says why."""

from prometheus_client.parser import text_string_to_metric_families


async def test_live_says_nothing_of_ready(world, served):
    """A process that waits for its database lives."""
    world.health.reasons = ["the database cannot be reached"]
    assert (await served.get("/api/health/live"))["status"] == "live"
    problem = await served.get("/api/health/ready", status=503)
    assert problem["reasons"] == ["the database cannot be reached"]
    assert (await served.get("/api/health"))["status"] == "not_ready"


async def test_ready_without_reasons(served):
    """200 and an empty list."""
    assert await served.get("/api/health/ready") == {"status": "ready", "reasons": []}


async def test_the_summary_has_the_operators_figures(served):
    """Sources with reason and since, sockets, replay, and what the process adds."""
    summary = await served.get("/api/health")
    assert summary["sources"][1] == {
        "bookmaker": "bet9ja", "state": "down", "reason": "timeouts", "since": "2026-11-24T12:00:00.000Z",
    }  # fmt: skip
    assert summary["websocket"]["connections"] == 0
    assert (summary["cache"]["events"], summary["spool"]["full"]) == (1, False)


async def test_metrics_are_in_prometheus_form(served):
    """Every family of ours is there and the text parses."""
    async with served.client.get("/api/metrics") as answer:
        families = {family.name for family in text_string_to_metric_families(await answer.text())}
        assert answer.headers["content-type"].startswith("text/plain")
    assert {"overround_websocket_connections", "overround_fetches"} <= families
