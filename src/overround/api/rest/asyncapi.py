"""The description of the WebSocket, beside `/api/openapi.json`."""

from functools import cache
from typing import Any

from fastapi import Request, Response

from overround.api.answers import answers
from overround.api.responses import json
from overround.api.roles import guarded_router, needs
from overround.api.ws.asyncapi import document

router = guarded_router(prefix="/api", tags=["health"])


@cache
def _made() -> dict[str, Any]:
    return document()


@router.get("/asyncapi.json", summary="The WebSocket as an AsyncAPI 3 document")
@needs("public")
@answers(dict[str, Any], description="The document")
async def asyncapi(request: Request) -> Response:
    """Return every message that a client may send and hear."""
    return json(_made())
