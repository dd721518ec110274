"""The scripted site behind the product's own transport, struck by the simulator's fault plan, on the fake clock."""

import gzip
from collections.abc import AsyncGenerator

import aiohttp
from multidict import CIMultiDict

from overround.bookmakers.base import Request
from overround.bookmakers.http import DEADLINES_S, RawBody, Transport
from overround.simulator.faults import Fault, FaultPlan
from overround.simulator.server import _broken_answer
from tests.support.clock import FakeClock
from tests.support.scripted_site import ScriptedSite

ASLEEP_S = 60.0  # a connection that saw nothing for so long broke while the machine slept


class FaultySite(Transport):
    """Takes the place of `site.fetch`; everything but the socket is what the product does with it."""

    def __init__(self, site: ScriptedSite, clock: FakeClock) -> None:
        super().__init__("Overround/test", clock)
        self.site, self.clock, self.plan = site, clock, FaultPlan()
        self.quiet: list[tuple[str, float, float]] = []  # bookmaker, from, until: what each 429 asked for
        site.fetch = self.fetch  # type: ignore[method-assign]

    async def fetch(self, bookmaker: str, request: Request) -> RawBody:
        self.site.started.append((self.clock.monotonic(), request.url))
        return await super().fetch(bookmaker, request)

    def _send(self, request: Request) -> "_Exchange":
        return _Exchange(self, request)


class _Exchange:
    """One request and its answer, as aiohttp shows them."""

    def __init__(self, site: FaultySite, request: Request) -> None:
        self.site, self.request = site, request
        self.bookmaker = request.url.split("/", maxsplit=1)[0]
        self.fault: Fault | None = site.plan.pick(self.bookmaker, request.url)
        self.kind = self.fault.kind if self.fault else ""
        self.content = self

    async def __aenter__(self) -> "_Exchange":
        clock, began = self.site.clock, self.site.clock.monotonic()
        if self.kind == "timeout":
            await self._hang()
        await clock.sleep(self.site.site.latency_s[self.bookmaker])
        if self.kind == "down" or clock.monotonic() - began > ASLEEP_S:
            raise aiohttp.ServerDisconnectedError
        self.status, self.body, self.headers = self._answer()
        if self.status == 429:
            now = clock.monotonic()
            wait_s = float(self.headers.get("Retry-After", 0))
            self.site.quiet.append((self.bookmaker, now, now + wait_s))
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the exchange."""

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "application/json").partition(";")[0]

    @property
    def content_length(self) -> int:
        return len(self.body)

    async def iter_any(self) -> AsyncGenerator[bytes]:
        yield self.body[:1]
        if self.kind == "slow":
            await self._hang()
        if self.kind == "reset":
            raise aiohttp.ClientPayloadError("the connection was reset")
        yield self.body[1:]

    async def _hang(self) -> None:
        await self.site.clock.sleep(DEADLINES_S[self.request.kind])
        raise TimeoutError

    def _answer(self) -> tuple[int, bytes, CIMultiDict[str]]:
        broken = _broken_answer(self.fault, takes_gzip=True) if self.fault else None
        if broken is not None:
            assert isinstance(broken.body, bytes)
            headers = CIMultiDict(broken.headers)
            if self.kind == "429" and self.fault and not self.fault.retry_after_s:
                del headers["Retry-After"]
            return broken.status, broken.body, headers
        is_emptied = self.kind == "empty" and self.request.kind == "list"
        body = b"[]" if is_emptied else self.site.site._body(self.bookmaker, self.request)
        packed = gzip.compress(body, mtime=0)
        if self.kind == "truncated":
            packed = packed[: len(packed) // 2]
        return 200, packed, CIMultiDict({"Content-Type": "application/json", "Content-Encoding": "gzip"})
