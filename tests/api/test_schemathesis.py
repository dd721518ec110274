"""The API keeps its word to whatever the OpenAPI document allows, and to what it does not."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from overround.api.app import ROUTERS, create_app
from overround.api.openapi import document
from overround.api.security import Policy
from tests.support.clock import FakeClock
from tests.support.full_world import full_world

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
CASES = 4  # of each operation, right ones and wrong ones


class TickingClock(FakeClock):
    """No two looks at it give the same time."""

    def now(self) -> datetime:
        self.step_wall(0.001)
        return super().now()


class Served:
    """The app over a full world, both in the loop that the client of the app runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            async with full_world(self._folder, TickingClock()) as world:
                policy = Policy(hosts=frozenset({asgi.HOST}))
                self._app = create_app(world.services(), self._folder / "static", policy)
                await self._app(scope, receive, send)
        else:
            assert self._app is not None
            await self._app(scope, receive, send)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[asgi.ASGIClient]:
    with asgi.get_client(Served(tmp_path)) as client:
        yield client
    asgi.shutdown_lifespans()


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_request_brings_an_error_of_ours_or_an_answer_that_is_not_described(client, mode):
    """Right and wrong parameters and bodies of every operation, the same ones each time."""
    schema = schemathesis.openapi.from_dict(document(ROUTERS))
    tried: set[str] = set()
    failures: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=CASES, derandomize=True, database=None, deadline=None,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(operation.as_strategy(mode))
        def keeps_its_word(case):
            tried.add(case.operation.label)
            case.call_and_validate(session=client, checks=CHECKS)

        try:
            with suppress(Unsatisfiable):  # nothing of it can be wrong
                keeps_its_word()
        except (FailureGroup, Exception) as wrong:
            failures.append(f"{operation.label}: {getattr(wrong, 'exceptions', wrong)}")
    assert failures == []
    assert len(tried) > 30


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "status", "media_type"),
    [
        (b'{"status": "dead", "build": "1"}', 200, "application/json"),
        (b'{"status": "live", "build": "1"}', 200, "text/plain"),
        (b'{"status": "live", "build": "1"}', 202, "application/json"),
        (b"{}", 500, "application/problem+json"),
    ],
)
def test_an_answer_that_is_not_described_is_told(body, status, media_type):
    """Else the test above would prove nothing."""
    case = schemathesis.openapi.from_dict(document(ROUTERS))["/api/health/live"]["GET"].Case()
    answer = Response(body, status, media_type=media_type)
    with pytest.raises(FailureGroup):
        case.call_and_validate(app=Starlette(routes=[Route("/{path:path}", lambda _: answer)]), checks=CHECKS)
