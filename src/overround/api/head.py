"""HEAD: every GET of the API without its body."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Head:
    """Let the routes take HEAD for GET; the server knows what was asked and sends no body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http" and scope["method"] == "HEAD" and scope["path"].startswith("/api/"):
            scope = {**scope, "method": "GET", "overround_head": True}
        await self._app(scope, receive, send)
