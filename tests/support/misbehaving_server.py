"""A loopback server that answers as told, one behaviour per path: for faults that only real sockets show."""

import asyncio
import gzip
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]

DATA = b'{"events":[' + b",".join(b'{"id":"%d"}' % number for number in range(500)) + b"]}"


class MisbehavingServer:
    """Counts requests per path; `headers` holds those of the last request."""

    def __init__(self) -> None:
        self.base_url = ""
        self.requests: Counter[str] = Counter()
        self.headers: dict[str, str] = {}
        self.behaviours: dict[str, Behaviour] = {}
        self.release = asyncio.Event()  # lets what hangs go on at the end

    def answer(self, path: str, status: int = 200, body: bytes = DATA, **headers: str) -> str:
        """Answer a path always the same; underscores in header names become hyphens. Returns the address."""

        async def behaviour(_: web.Request) -> web.Response:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return web.Response(
                status=status, body=body, headers={"content-type": "application/json", **named}
            )

        return self.behave(path, behaviour)

    def behave(self, path: str, behaviour: Behaviour) -> str:
        """Answer a path by a function. Returns the address."""
        self.behaviours[path] = behaviour
        return self.base_url + path

    async def hang(self, _: web.Request) -> web.Response:
        """Say nothing until the server ends."""
        await self.release.wait()
        return web.Response()

    async def drip(self, request: web.Request) -> web.StreamResponse:
        """Begin a body and never end it."""
        response = web.StreamResponse(headers={"content-type": "application/json"})
        await response.prepare(request)
        await response.write(b'{"events":[')
        await self.release.wait()
        return response

    @staticmethod
    async def reset(request: web.Request) -> web.Response:
        """Cut the connection instead of answering."""
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    @staticmethod
    async def cut(request: web.Request) -> web.StreamResponse:
        """Promise more bytes than come."""
        response = web.StreamResponse(headers={"content-type": "application/json", "content-length": "5000"})
        await response.prepare(request)
        await response.write(b'{"events":[')
        assert request.transport is not None
        request.transport.close()
        return response

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.requests[request.path] += 1
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        return await self.behaviours[request.path](request)


@asynccontextmanager
async def misbehaving_server() -> AsyncGenerator[MisbehavingServer]:
    """Run the server on a free loopback port."""
    server = MisbehavingServer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server._handle)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        server.release.set()
        await runner.cleanup()


def bomb(mebibytes: int = 50) -> bytes:
    """Return a gzip body of a few ten kilobytes that inflates to that much."""
    return gzip.compress(bytes(mebibytes * 1024 * 1024), mtime=0)
