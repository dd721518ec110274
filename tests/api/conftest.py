"""A real server on a free loopback port, over a cache that the test fills."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from fastapi import FastAPI

from overround.api.app import create_app, listen, serve
from overround.api.context import context_of
from overround.api.security import Policy
from overround.api.server import Server
from overround.clock import SystemClock
from tests.support.api import World


class Running:
    """A served app and a client of it."""

    def __init__(self, app: FastAPI, server: Server, port: int, client: aiohttp.ClientSession) -> None:
        self.app, self.server, self.port, self.client = app, server, port, client
        self.hub = context_of(app).hub
        self.context = context_of(app)

    async def get(self, path: str, status: int = 200, **options: Any) -> Any:
        """Return the JSON at a path after checking the status."""
        async with self.client.get(path, **options) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json(content_type=None)

    async def call(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        """Return the JSON answered to a call after checking the status."""
        async with self.client.request(method, path, **options) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json(content_type=None)


@asynccontextmanager
async def running(world: World, static: Path, policy: Policy | None = None) -> AsyncGenerator[Running]:
    """Serve until the context ends."""
    app = create_app(world.services(), static=static, policy=policy)
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    server = serve(app, "127.0.0.1", port)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
        await server.listening.wait()
        yield Running(app, server, port, client)
    await _end(server, serving)


async def _end(server: Server, serving: "asyncio.Task[None]") -> None:
    """End without the pauses of a graceful stop, which has its own test."""
    if serving.done():
        return
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    for listener in server.servers:
        listener.close()
    for connection in list(server.server_state.connections):
        connection.transport.abort()
    await server.lifespan.shutdown()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def served(world: World, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(world, tmp_path / "static") as server:
        yield server


@pytest.fixture
async def locked(world: World, tmp_path: Path) -> AsyncGenerator[Running]:
    """A server that others reach: every caller needs a key."""
    async with running(world, tmp_path / "static", Policy(key_required=True)) as server:
        yield server


@pytest.fixture
async def live(tmp_path: Path) -> AsyncGenerator[tuple[World, Running]]:
    """A server on the machine's clock, for what waits: heartbeats excepted, tests wait on messages only."""
    world = World(SystemClock())
    async with running(world, tmp_path / "static") as server:
        yield world, server
