"""Who makes a request, and whether that is enough for a role."""

from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from fastapi import Request, Response
from starlette.requests import HTTPConnection

from overround.api.problems import Forbidden, KeyMissing
from overround.domain.access import Role, Scope, reaches

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

CALLER = "overround_caller"  # where the gate puts it in the ASGI scope


class Caller(msgspec.Struct, frozen=True):
    """Whoever makes a request."""

    name: str  # of the key, "loopback" without one
    scope: Scope
    key_id: str = ""
    session: str = ""  # digest of the browser session through which it came


LOCAL = Caller("loopback", "admin")


def caller(request: HTTPConnection) -> Caller | None:
    """Return who makes the request, None for somebody without a valid key where one is needed."""
    return request.scope.get(CALLER)


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
