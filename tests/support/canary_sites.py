"""The simulated bookmakers on loopback, as the canary's command meets them; fields may be renamed on the way."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from unittest.mock import patch

import msgspec
from typer.testing import CliRunner, Result

from overround.bookmakers.base import (
    PriceSource,
    SimulatedAnswer,
    SimulatedEvent,
    SimulatedRequest,
    Simulator,
)
from overround.cli import canary as command
from overround.clock import SystemClock
from overround.simulator import simulators
from overround.simulator.faults import FaultPlan
from overround.simulator.server import SimulatorServer, running
from overround.simulator.world import World, WorldOptions
from overround.simulator.world_clock import StandingClock
from tests.support.cli import app
from tests.support.clock import START

CLOCK = StandingClock(START, SystemClock())


class Renaming:
    """A simulator whose answers call some fields otherwise than the real site did so far."""

    def __init__(self, simulator: Simulator, renamed: Mapping[bytes, bytes]) -> None:
        self._simulator, self._renamed = simulator, renamed
        self.code = simulator.code

    def own_id(self, sportradar_id: str) -> str:
        return self._simulator.own_id(sportradar_id)

    def answer(self, request: SimulatedRequest, source: PriceSource) -> SimulatedAnswer:
        answer = self._simulator.answer(request, source)
        body = answer.body
        for before, after in self._renamed.items():
            body = body.replace(before, after)
        return msgspec.structs.replace(answer, body=body)

    def read_recorded(self, body: bytes) -> SimulatedEvent | None:
        return self._simulator.read_recorded(body)

    def with_kickoff(self, body: bytes, kickoff_at: object) -> bytes:
        return self._simulator.with_kickoff(body, kickoff_at)  # type: ignore[arg-type]


class Sites:
    """Running simulated bookmakers; `server.served` counts what was asked."""

    def __init__(self, server: SimulatorServer, base_urls: Mapping[str, str]) -> None:
        self.server, self.base_urls = server, base_urls

    async def canary(self, *arguments: str, **variables: str) -> Result:
        """Run the command against these sites and no others."""
        assert all(url.startswith("http://127.0.0.1:") for url in self.base_urls.values())
        urls = {f"OVERROUND_{code.upper()}_BASE_URL": url for code, url in self.base_urls.items()}
        world = {"OVERROUND_WORLD": "simulated", "OVERROUND_BOOKMAKERS": ",".join(self.base_urls)}
        env = {"COLUMNS": "200", **world, **urls, **variables}
        with patch.object(command, "SystemClock", lambda: CLOCK):
            return await asyncio.to_thread(
                CliRunner().invoke, app, ["canary", *arguments], catch_exceptions=False, env=env
            )


@asynccontextmanager
async def simulated_sites(
    *codes: str, faults: FaultPlan | None = None, renamed: Mapping[bytes, bytes] | None = None
) -> AsyncGenerator[Sites]:
    """Serve these bookmakers; the world's time stands at START."""
    makers = simulators.create(codes)
    if renamed:
        makers = {code: Renaming(simulator, renamed) for code, simulator in makers.items()}
    server = SimulatorServer(
        World(WorldOptions(events=60, bookmakers=codes), CLOCK, makers), makers, faults=faults
    )
    async with running(server) as base_urls:
        yield Sites(server, base_urls)
