"""How the process is, from what it knows already: no request is made to find out."""

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from overround.api.context import Context, context
from overround.api.problems import PROBLEM_RESPONSES, NotReady
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.schemas import iso_ms

router = guarded_router(prefix="/api", tags=["health"])


@router.get("/health/live", summary="The process runs")
@needs("public")
async def live(request: Request) -> Response:
    """Return 200 as long as the process answers."""
    return json({"status": "live", "build": context(request).build})


@router.get("/health/ready", responses={503: PROBLEM_RESPONSES[503]}, summary="The process can serve")
@needs("public")
async def ready(request: Request) -> Response:
    """
    Return 200 when scraping, storing and serving work.

    A database writer that waits for an operator is a reason too; scraping and refreshes go on meanwhile.

    Raises:
        NotReady: With one sentence per reason.
    """
    if reasons := _reasons(context(request)):
        raise NotReady(reasons)
    return json({"status": "ready", "reasons": []})


@router.get("/health", summary="Sources, cache, spool, queue and sockets in figures")
@needs("viewer")
async def summary(request: Request) -> Response:
    """Return everything an operator looks at first."""
    api = context(request)
    reasons = _reasons(api)
    return json(
        {
            "status": "not_ready" if reasons else "ready",
            "reasons": reasons,
            "build": api.build,
            "world": api.services.world,
            "epoch": api.hub.epoch,
            "seq": api.hub.odds.seq,
            "now": iso_ms(api.services.clock.now()),
            "stale_after_s": api.services.settings.number("stale_after_s"),
            "sources": api.hub.sources(),
            "websocket": {
                "connections": len(api.hub.connections),
                "replay_frames": len(api.hub.odds.ring),
                "replay_bytes": api.hub.odds.ring.size,
            },
            **api.services.health.summary(),
        }
    )


@router.get("/metrics", summary="Prometheus metrics")
@needs("viewer")
async def metrics() -> Response:
    """Return every counter, gauge and histogram in Prometheus' text form."""
    return Response(
        generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST, "cache-control": "no-store"}
    )


def _reasons(api: Context) -> list[str]:
    health = api.services.health
    return health.not_ready() + health.writer_waits()
