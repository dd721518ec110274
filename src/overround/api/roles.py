"""
Who may call a route. Every route declares it, and the app refuses to be built when one does not:

    router = guarded_router(prefix="/api/things", tags=["things"])

    @router.get("", summary="Things")
    @needs("viewer")
    async def list_things(request: Request) -> Response: ...

`public` needs no key, `viewer` reads, `operator` starts and changes things, `admin` lets in and deletes. A route
finds out who calls it by `caller(request)`. On loopback without a key everybody is `LOCAL`, an admin.
"""

from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

import msgspec
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from overround.api.problems import PROBLEM_RESPONSES, Forbidden, KeyMissing
from overround.domain.access import Role, Scope, reaches

_ROLE = "overround_role"
Endpoint = TypeVar("Endpoint", bound=Callable[..., object])
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Caller(msgspec.Struct, frozen=True):
    """Whoever makes a request."""

    name: str  # of the key, "loopback" without one
    scope: Scope
    key_id: str = ""


LOCAL = Caller("loopback", "admin")


def needs(role: Role) -> Callable[[Endpoint], Endpoint]:
    """Declare which role an endpoint needs; stands below the router's own decorator."""

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _ROLE, role)
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


def caller(request: HTTPConnection) -> Caller | None:
    """Return who makes the request, None for somebody without a valid key where one is needed."""
    return request.scope.get("overround_caller", LOCAL)


def admit(request: HTTPConnection, role: Role) -> None:
    """
    Let a request pass that may.

    Raises:
        KeyMissing: It has no valid key, and one is needed.
        Forbidden: The key's scope is not enough.
    """
    if role == "public":
        return
    who = caller(request)
    if who is None:
        raise KeyMissing
    if not reaches(who.scope, role):
        raise Forbidden(f"this needs scope {role}; the key {who.name} has scope {who.scope}")


class GuardedRoute(APIRoute):
    """A route that lets in whom its role lets in."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """
        Make the route.

        Raises:
            TypeError: The endpoint declares no role.
        """
        self.role: Role = role_of(endpoint)
        refusals = (429,) if self.role == "public" else (401, 403, 429)
        options["responses"] = {
            **{status: PROBLEM_RESPONSES[status] for status in refusals},
            **(options.get("responses") or {}),
        }
        options["openapi_extra"] = {"x-role": self.role, **(options.get("openapi_extra") or {})}
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handler:
        """Return what answers a request after its caller was looked at."""
        answer, role = super().get_route_handler(), self.role

        async def guarded(request: Request) -> Response:
            admit(request, role)
            return await answer(request)

        return guarded


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
