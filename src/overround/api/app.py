"""The web application: REST, WebSocket and page over the services that wiring hands in."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from overround import __version__, api
from overround.api import problems
from overround.api.context import Context, context_of
from overround.api.head import Head
from overround.api.openapi import document
from overround.api.ports import Services
from overround.api.rate import RateLimit
from overround.api.responses import json
from overround.api.rest import (
    alert_rules,
    alerts,
    asyncapi,
    board,
    cleanup,
    comparison,
    coverage,
    coverage_gaps,
    dead_letters,
    events,
    export,
    exposure,
    gaps,
    health,
    history,
    logs,
    margins,
    markets,
    movements,
    places,
    scheduler,
    scrape,
    session,
    settings,
    storage,
)
from overround.api.roles import guarded_router, needs, require_roles
from overround.api.security import REQUESTS_PER_MINUTE, Gate, Policy
from overround.api.server import listen, serve
from overround.api.static_page import PageFiles
from overround.api.ws.endpoint import Endpoint

__all__ = ["create_app", "listen", "serve"]

STATIC = Path(api.__file__).parents[1] / "static"  # where `make web` puts the page

ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    asyncapi.router,
    history.router,
    alert_rules.router,
    alerts.router,
    comparison.router,
    gaps.router,
    exposure.router,
    movements.router,
    events.router,
    board.router,
    places.router,
    markets.router,
    export.router,
    coverage.router,
    coverage_gaps.router,
    margins.router,
    scrape.router,
    scheduler.router,
    settings.router,
    storage.router,
    cleanup.router,
    dead_letters.router,
    session.router,
    logs.router,
)


def create_app(services: Services, static: Path = STATIC, policy: Policy | None = None) -> FastAPI:
    """
    Return the application; its lifespan starts and stops the hub.

    Args:
        services: What the API reads and calls; filled in by wiring.
        static: Folder of the built page; may be missing.
        policy: Whom it answers to; None: to this machine, which needs no key.
    Raises:
        TypeError: A route declares no role.
    """
    app = FastAPI(
        title="Overround",
        version=__version__,
        lifespan=_lifespan,
        docs_url=None,  # their pages load scripts from elsewhere, which our policy forbids
        redoc_url=None,
        openapi_url=None,  # ours is a route with a role
    )
    policy = policy or Policy()
    context = app.state.context = Context(services, static, policy.key_required)
    rate = RateLimit(services.clock, policy.requests_per_minute or REQUESTS_PER_MINUTE)
    app.add_middleware(Head)
    app.add_middleware(Gate, policy=policy, ring=context.ring, rate=rate)
    problems.install(app)
    routers = (*ROUTERS, _documents(app))
    for router in routers:
        app.include_router(router)
    _add_socket(app)
    require_roles(app, routers)
    _add_page(app, PageFiles(static))
    app.openapi = cache(lambda: document(ROUTERS))
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    context = context_of(app)
    hub, ring = context.hub, context.ring
    await hub.start()
    await context.movements.start()
    watching = asyncio.create_task(ring.watch(lambda: hub.let_go(ring.still)), name="keys")
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await context.movements.stop()
        await hub.stop()


def _add_socket(app: FastAPI) -> None:
    context = context_of(app)
    endpoint = Endpoint(
        context.hub, context.ring, context.services.clock, context.build, context.services.world
    )

    @needs("viewer")
    async def socket(websocket: WebSocket) -> None:
        await endpoint.serve(websocket)

    app.add_api_websocket_route("/api/ws", socket)


def _documents(app: FastAPI) -> APIRouter:
    """Return the route of the OpenAPI document, which is no part of itself."""
    router = guarded_router(prefix="/api", include_in_schema=False)

    @router.get("/openapi.json")
    @needs("viewer")
    async def openapi() -> Response:  # pyright: ignore[reportUnusedFunction]
        return json(app.openapi())

    return router


def _add_page(app: FastAPI, files: PageFiles) -> None:
    """Let the page answer what no route has; below /api that is a 404, elsewhere a file or index.html."""
    no_route = app.router.default

    async def fallback(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if (
            scope["type"] != "http"
            or scope["method"] not in ("GET", "HEAD")
            or f"{path}/".startswith("/api/")
        ):
            await no_route(scope, receive, send)
        else:
            answer = await files.page(Request(scope, receive))
            await answer(scope, receive, send)

    app.router.default = fallback
