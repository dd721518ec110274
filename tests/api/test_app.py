"""The app as a whole: every route is reachable, every error is a problem."""

import re

import pytest
from starlette.routing import compile_path
from structlog.testing import capture_logs

from overround.api.app import ROUTERS, create_app
from overround.api.problems import STATUS, status_of
from overround.errors import DataDirInUse, OverroundError, PayloadChanged


def routes() -> list[tuple[str, str]]:
    """Return (method, path) of every route in order of registration."""
    return [
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        for method in sorted(route.methods or ())
    ]


def test_a_fixed_path_is_never_taken_for_a_parameter():
    """The first route that fits a path without parameters is the one that was written for it."""
    found = routes()
    assert len(found) > 15
    for method, path in found:
        if "{" in path:
            continue
        first = next(p for m, p in found if m == method and compile_path(p)[0].match(path))
        assert first == path


async def test_every_route_answers(world, served):
    """None is an error of ours: 2xx, or a 4xx or 503 that says why."""
    for method, path in routes():
        address = re.sub(r"\{\w+\}", "1", path)
        async with served.client.request(method, address, json={} if method == "PATCH" else None) as answer:
            assert answer.status in (200, 202, 404, 409, 422, 503), (method, path, await answer.text())
            if answer.status >= 400:
                assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api", 404),
        ("GET", "/api/nothing", 404),
        ("POST", "/api/nothing/at/all", 404),
        ("GET", "/api/events/1/nothing", 404),
        ("GET", "/api/scrape", 405),
        ("DELETE", "/api/events", 405),
        ("POST", "/", 404),
    ],
)
async def test_an_address_that_does_not_exist_is_a_problem(served, method, path, status):
    """One sentence that repeats what was asked."""
    problem = await served.call(method, path, status=status)
    assert path in problem["detail"]
    assert (problem["status"], problem["type"]) == (status, "about:blank")


async def test_an_error_of_ours_tells_nothing_of_the_inside(world, served):
    """500 with one sentence; the log has the rest."""

    def broken():
        raise RuntimeError("secret")

    world.health.not_ready = broken
    with capture_logs() as logs:
        problem = await served.get("/api/health", status=500)
    assert "secret" not in problem["detail"]
    assert [(entry["event"], entry["path"]) for entry in logs] == [("request_failed", "/api/health")]


def test_every_error_has_one_status():
    """The table decides by the first class that fits; what it lacks is ours."""
    assert status_of(PayloadChanged("bet9ja", "event", "x")) == 502
    assert status_of(DataDirInUse("x", "y")) == 500
    assert all(issubclass(kind, OverroundError | TimeoutError) for kind in STATUS)


async def test_the_openapi_document_describes_the_routes(world, served):
    """Every path is there, the list's parameters are typed, errors are problems."""
    document = await served.get("/api/openapi.json")
    assert document["openapi"].startswith("3.1")
    assert {path for _, path in routes()} == set(document["paths"])
    parameters = {p["name"]: p for p in document["paths"]["/api/events"]["get"]["parameters"]}
    assert parameters["page_size"]["schema"]["maximum"] == 500
    assert "from" in parameters
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_the_page_learns_of_a_new_build(world, tmp_path):
    """The build names the page's own content, so a rebuilt page is another build."""
    plain = create_app(world.services(), static=tmp_path).state.context.build
    (tmp_path / "index.html").write_text("one")
    first = create_app(world.services(), static=tmp_path).state.context.build
    (tmp_path / "index.html").write_text("two")
    assert len({plain, first, create_app(world.services(), static=tmp_path).state.context.build}) == 3


async def test_head_answers_as_get_does_without_a_body(world, served):
    """Monitors and download tools ask by HEAD first."""
    for path in ("/api/health/live", "/api/events", "/api/board", "/api/export"):
        async with served.client.head(path) as answer:
            assert (answer.status, await answer.read()) == (200, b""), path
    async with served.client.head("/api/nothing") as answer:
        assert answer.status == 404
    async with served.client.head("/api/scrape") as answer:
        assert answer.status == 405
