"""
Who may call a route. Every route declares it, and the app refuses to be built when one does not:

    router = guarded_router(prefix="/api/things", tags=["things"])

    @router.get("", summary="Things")
    @needs("viewer")
    async def list_things(request: Request) -> Response: ...

`public` needs no key, `viewer` reads, `operator` starts and changes things, `admin` lets in and deletes. A route
finds out who calls it by `callers.caller(request)`. On loopback without a key everybody is `LOCAL`, an admin.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from overround.api.answers import answers_of, reads_of
from overround.api.audit import audited
from overround.api.callers import Handler, admit
from overround.api.problems import PROBLEM_RESPONSES
from overround.domain.access import Role

_ROLE, _AUDITED = "overround_role", "overround_audited"
Endpoint = TypeVar("Endpoint", bound=Callable[..., object])


def needs(role: Role, audited: bool = True) -> Callable[[Endpoint], Endpoint]:
    """
    Declare which role an endpoint needs; stands below the router's own decorator.

    Calls of routes with another method than GET are noted in the audit; `audited` is false where nothing is written.
    """

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _ROLE, role)
        setattr(endpoint, _AUDITED, audited)
        return endpoint

    return declare


def role_of(endpoint: Callable[..., object]) -> Role:
    """
    Return the role that an endpoint declares.

    Raises:
        TypeError: It declares none.
    """
    role: Role | None = getattr(endpoint, _ROLE, None)
    if role is None:
        name = getattr(endpoint, "__qualname__", str(endpoint))
        raise TypeError(f"{name} declares no role; put @needs(...) below the route's decorator")
    return role


class GuardedRoute(APIRoute):
    """A route that lets in whom its role lets in."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """
        Make the route.

        Raises:
            TypeError: The endpoint declares no role.
        """
        self.role: Role = role_of(endpoint)
        writes = set[str](options.get("methods") or ()) - {"GET", "HEAD"}
        self.is_audited = bool(writes) and getattr(endpoint, _AUDITED)
        self.answers, self.reads = answers_of(endpoint), reads_of(endpoint)
        refusals = [403, 429] + [401] * (self.role != "public") + [413] * bool(writes)
        options["responses"] = {
            **{status: PROBLEM_RESPONSES[status] for status in refusals},
            **(options.get("responses") or {}),
        }
        options["operation_id"] = options.get("operation_id") or operation_id(path, options.get("methods"))
        options["openapi_extra"] = {"x-role": self.role, **(options.get("openapi_extra") or {})}
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handler:
        """Return what answers a request after its caller was looked at."""
        answer, role = super().get_route_handler(), self.role
        if self.is_audited:
            return audited(answer, role, f"{' '.join(sorted(self.methods or ()))} {self.path}")

        async def guarded(request: Request) -> Response:
            admit(request, role)
            return await answer(request)

        return guarded


def operation_id(path: str, methods: Iterable[str] | None) -> str:
    """
    Return what an operation is called in the OpenAPI document.

    >>> operation_id("/api/events/{sportradar_id}", ["GET"])
    'get_events_sportradar_id'
    """
    words = re.findall(r"\w+", path.removeprefix("/api"))
    return "_".join([*(method.lower() for method in sorted(methods or ())), *words])


def guarded_router(**options: Any) -> APIRouter:
    """Return a router whose routes declare their roles; the options are those of `APIRouter`."""
    return APIRouter(route_class=GuardedRoute, **options)


def require_roles(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """
    Make sure that no route of an app can be called by everybody by oversight.

    Raises:
        TypeError: A route declares no role, or stands in a router that does not ask for it.
    """
    own: list[BaseRoute] = [route for route in app.routes if hasattr(route, "endpoint")]
    for route in (*own, *(route for router in routers for route in router.routes)):
        role_of(getattr(route, "endpoint", lambda: None))
        if "websocket" not in type(route).__name__.lower() and not isinstance(route, GuardedRoute):
            raise TypeError(
                f"{getattr(route, 'path', route)} is in a plain router; make it with guarded_router"
            )
