"""How the process is, from what it knows already: no request is made to find out."""

from typing import Literal

import msgspec
from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from overround.api.answers import answers
from overround.api.context import Context, context
from overround.api.ports import ProcessSummary
from overround.api.problems import PROBLEM_RESPONSES, NotReady
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import Instant, SourceJson, iso_ms
from overround.config import World

router = guarded_router(prefix="/api", tags=["health"])

_METRICS = "# TYPE overround_ws_connections gauge\noverround_ws_connections 3.0\n"


class LiveJson(msgspec.Struct, frozen=True):
    """The process runs."""

    status: Literal["live"]
    build: str  # version and hash of the page


class ReadyJson(msgspec.Struct, frozen=True):
    """The process can serve."""

    status: Literal["ready"]
    reasons: list[str]


class SocketsJson(msgspec.Struct, frozen=True):
    """What the WebSocket holds."""

    connections: int
    replay_frames: int  # for readers that come back
    replay_bytes: int


class HealthJson(ProcessSummary, frozen=True, kw_only=True):
    """Everything an operator looks at first."""

    status: Literal["ready", "not_ready"]
    reasons: list[str]
    build: str
    world: World
    epoch: str
    seq: int
    now: Instant
    stale_after_s: int
    sources: list[SourceJson]
    websocket: SocketsJson


@router.get("/health/live", summary="The process runs")
@needs("public")
@answers(LiveJson)
async def live(request: Request) -> Response:
    """Return 200 as long as the process answers."""
    return json(LiveJson("live", context(request).build))


@router.get("/health/ready", responses={503: PROBLEM_RESPONSES[503]}, summary="The process can serve")
@needs("public")
@answers(ReadyJson)
async def ready(request: Request) -> Response:
    """
    Return 200 when scraping, storing and serving work.

    A database writer that waits for an operator is a reason too; scraping and refreshes go on meanwhile.

    Raises:
        NotReady: With one sentence per reason.
    """
    if reasons := _reasons(context(request)):
        raise NotReady(reasons)
    return json(ReadyJson("ready", []))


@router.get("/health", summary="Sources, cache, spool, queue and sockets in figures")
@needs("viewer")
@answers(HealthJson)
async def summary(request: Request) -> Response:
    """Return everything an operator looks at first."""
    api = context(request)
    reasons = _reasons(api)
    figures = api.services.health.summary()
    return json(
        HealthJson(
            status="not_ready" if reasons else "ready",
            reasons=reasons,
            build=api.build,
            world=api.services.world,
            epoch=api.hub.epoch,
            seq=api.hub.odds.seq,
            now=iso_ms(api.services.clock.now()),
            stale_after_s=api.services.settings.number("stale_after_s"),
            sources=api.hub.sources(),
            websocket=SocketsJson(len(api.hub.connections), len(api.hub.odds.ring), api.hub.odds.ring.size),
            **msgspec.structs.asdict(figures),
        )
    )


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {"example": _METRICS}}}},
    summary="Prometheus metrics",
)
@needs("viewer")
async def metrics() -> Response:
    """Return every counter, gauge and histogram in Prometheus' text form."""
    return Response(
        generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST, "cache-control": "no-store"}
    )


def _reasons(api: Context) -> list[str]:
    health = api.services.health
    return health.not_ready() + health.writer_waits()
