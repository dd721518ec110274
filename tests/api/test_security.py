"""What stands before every route."""

import asyncio

import pytest

from overround.api.security import BODY_LIMIT


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9", "127.0.0.1:8000", "[::1]:8000"])
async def test_loopback_names_are_answered(served, host):
    """Whatever the port, for a tunnel may change it."""
    await served.get("/api/health/live", headers={"Host": host})


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "a@localhost",
        "",
        "localhost:x",
        "0.0.0.0",
    ],
)
async def test_other_hosts_are_refused(served, host):
    """A name that was rebound to this machine reads nothing."""
    problem = await served.get("/api/events", status=403, headers={"Host": host})
    assert "Host" in problem["detail"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil.example", "file://"]
)
async def test_writes_from_foreign_pages_are_refused(world, served, origin):
    """Before anything is started or changed."""
    for method, path in (
        ("POST", "/api/scrape"),
        ("PATCH", "/api/settings"),
        ("POST", "/api/events/1/refresh"),
    ):
        problem = await served.call(method, path, status=403, json={}, headers={"Origin": origin})
        assert "Origin" in problem["detail"]
    assert world.runs.on is None


async def test_writes_of_our_own_page_work(served):
    """And of programs, which send no Origin."""
    await served.call(
        "PATCH", "/api/settings", json={}, headers={"Origin": f"http://127.0.0.1:{served.port}"}
    )
    await served.call("PATCH", "/api/settings", json={})


async def test_a_body_over_the_limit_is_refused(served):
    """Announced or not."""

    async def chunks():
        for _ in range(20):
            yield b"x" * (BODY_LIMIT // 16)

    for body in (b"x" * (BODY_LIMIT + 1), chunks()):
        problem = await served.call("PATCH", "/api/settings", status=413, data=body)
        assert str(BODY_LIMIT) in problem["detail"]


async def test_every_answer_tames_the_browser(served):
    """Also errors: no inline script, no framing, no sniffing."""
    for path in ("/api/health/live", "/api/nothing", "/"):
        async with served.client.get(path) as answer:
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'self'")
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "server" not in answer.headers


async def test_two_host_headers_are_refused(served):
    """Which one is meant is anybody's guess."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(
        b"GET /api/health/live HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    )
    assert (await reader.readline()).split()[1] == b"403"
    writer.close()
