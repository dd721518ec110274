"""Who may call a route."""

import pytest
from fastapi import APIRouter, Request, Response

from overround.api import app as application
from overround.api.app import create_app
from overround.api.roles import guarded_router, needs


async def free(request: Request) -> Response:
    return Response()


def test_a_route_without_a_role_can_not_be_made():
    """Oversight would let everybody in."""
    with pytest.raises(TypeError, match=r"free declares no role"):
        guarded_router().get("/free")(free)


def test_an_app_with_an_unguarded_route_is_not_built(world, tmp_path, monkeypatch):
    """A plain router asks for no role and would not look at the caller either."""
    plain = APIRouter()
    plain.get("/api/free")(needs("viewer")(free))
    monkeypatch.setattr(application, "ROUTERS", (*application.ROUTERS, plain))
    with pytest.raises(TypeError, match="/api/free is in a plain router"):
        create_app(world.services(), static=tmp_path)
