"""The server of a simulated world: every bookmaker under its prefix on one loopback port, and the truth."""

import asyncio
import contextlib
import gzip
import zlib
from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from aiohttp import web
from isal import isal_zlib

from overround.bookmakers.base import Quote, SimulatedAnswer, SimulatedEvent, SimulatedRequest, Simulator
from overround.clock import Clock, SystemClock
from overround.domain.markets import MarketKey
from overround.simulator.faults import Fault, FaultPlan
from overround.simulator.latency import LatencyPlan
from overround.simulator.moment import Moment, TimedWorld
from overround.simulator.world import World

_BODIES_KEPT_BYTES = 256 * 2**20  # the full world's compressed bodies are about 120 MB
_CACHE_BUSTER = "_t"  # a query parameter that means nothing but "do not cache"
_BOMB_BYTES = 50 * 10**6
_DRIP_S = 0.5
_HANG_S = 120.0  # longer than any deadline of the product
_GZIP = 31  # zlib's word for gzip framing
_WITHOUT_ANSWER = ("timeout", "down")
_TRANSPORT_HEADERS = ("accept-encoding", "connection", "content-length", "host", "user-agent")
_HTML = b"<!doctype html><html><head><title>One moment</title></head><body><p>Checking your browser</p></body></html>"
_GARBAGE = b'{"data":[{"id":"1","odds":NaN,,"markets":[{"\xff\xfe'


class Served(msgspec.Struct):
    """What one bookmaker's server has done since the start."""

    requests: int = 0
    bytes: int = 0
    latency_ms: float = 0.0  # what the latency plan asked for, in sum
    statuses: dict[str, int] = {}
    faults: dict[str, int] = {}


class Rendered(msgspec.Struct, frozen=True):
    """An answer ready to send, and the moment it was read from."""

    answer: SimulatedAnswer  # without its body, which is kept compressed only
    gzipped: bytes
    moment: Moment


class BodyCache:
    """Rendered answers by request, the longest unused dropped first when they take too many bytes."""

    def __init__(self, max_bytes: int = _BODIES_KEPT_BYTES) -> None:
        self._max_bytes, self._bytes = max_bytes, 0
        self._kept: OrderedDict[str, Rendered] = OrderedDict()

    def get(self, key: str, at: datetime) -> Rendered | None:
        """Return the answer if the world has not moved since it was rendered."""
        rendered = self._kept.get(key)
        if rendered is None or not rendered.moment.holds(at):
            return None
        self._kept.move_to_end(key)
        return rendered

    def put(self, key: str, rendered: Rendered) -> None:
        """Keep an answer."""
        if (before := self._kept.pop(key, None)) is not None:
            self._bytes -= _cost(before)
        self._kept[key] = rendered
        self._bytes += _cost(rendered)
        while self._bytes > self._max_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= _cost(dropped)


def _cost(rendered: Rendered) -> int:
    return len(rendered.gzipped) + 2_000  # its key and what it remembers of the world


class SimulatorServer:
    """Answers as the bookmakers would: latency, faults and compression around each one's simulator."""

    def __init__(
        self,
        world: TimedWorld,
        simulators: Mapping[str, Simulator],
        latency: LatencyPlan | None = None,
        faults: FaultPlan | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Serve the world's bookmakers; without a latency plan answers come at once."""
        self._world = world
        self.world = world.world
        self._simulators = {code: simulators[code] for code in world.bookmakers}
        self._latency = latency or LatencyPlan(0)
        self._clock = clock or SystemClock()
        self.faults = faults or FaultPlan()  # may be exchanged while the server runs
        self.served = {code: Served() for code in self._simulators}
        self._bodies = BodyCache()
        self._stopping = asyncio.Event()

    def app(self) -> web.Application:
        """Return the web application."""
        app = web.Application(client_max_size=2**20)
        app.router.add_get("/_truth/{sportradar_id}", self._truth)
        app.router.add_get("/_planted", self._planted)
        app.router.add_get("/_log", self._log)
        app.router.add_get("/_events", self._events)
        app.router.add_route("*", "/{bookmaker}/{path:.*}", self._bookmaker)
        app.on_shutdown.append(self._stop)
        return app

    async def _stop(self, app: web.Application) -> None:
        self._stopping.set()  # nobody waits for a hanging or dripping answer

    # --- what the bookmakers answer ------------------------------------------------------------------------

    async def _bookmaker(self, request: web.Request) -> web.StreamResponse:
        code = request.match_info["bookmaker"]
        if code not in self._simulators:
            raise web.HTTPNotFound(text=f"no bookmaker {code} here; there are {', '.join(self._simulators)}")
        asked = await _asked(request, code)
        fault = self.faults.pick(code, _name(asked))
        started = self._clock.monotonic()
        response = self._response(code, asked, fault)
        if fault is None or fault.kind != "down":
            await self._take_time(code, started)
        self._count(code, response, fault)
        if fault is None:
            return response
        return await self._trouble(request, fault, response)

    def _count(self, code: str, response: web.Response, fault: Fault | None) -> None:
        served = self.served[code]
        served.requests += 1
        if fault is not None:
            served.faults[fault.kind] = served.faults.get(fault.kind, 0) + 1
        if fault is None or fault.kind not in _WITHOUT_ANSWER:
            served.statuses[str(response.status)] = served.statuses.get(str(response.status), 0) + 1
            served.bytes += len(response.body) if isinstance(response.body, bytes) else 0

    def _response(self, code: str, asked: SimulatedRequest, fault: Fault | None) -> web.Response:
        takes_gzip = "gzip" in asked.headers.get("accept-encoding", "")
        if fault is not None and (broken := _broken_answer(fault, takes_gzip)) is not None:
            return broken
        at = self._world.now()
        if fault is not None and fault.kind == "empty":
            rendered = self._render_empty(code, asked, at)
        else:
            rendered = self._rendered(code, asked, at)
        return _sent(rendered, takes_gzip, cut=fault is not None and fault.kind == "truncated")

    def _rendered(self, code: str, asked: SimulatedRequest, at: datetime) -> Rendered:
        key = f"{code} {_name(asked)} {_told_headers(asked)}"
        if (known := self._bodies.get(key, at)) is not None:
            return known
        rendered = self._ask(code, asked, Moment(self._world, at))
        if rendered.moment.holds(at):  # else its body is another one each time
            self._bodies.put(key, rendered)
        return rendered

    def _render_empty(self, code: str, asked: SimulatedRequest, at: datetime) -> Rendered:
        empty = self._ask(code, asked, Moment(self._world, at, nothing_listed=True))
        return empty if empty.moment.listed else self._ask(code, asked, Moment(self._world, at))

    def _ask(self, code: str, asked: SimulatedRequest, moment: Moment) -> Rendered:
        answer = self._simulators[code].answer(asked, moment)
        # zlib writes no time into its header, so equal bodies stay equal bytes
        gzipped = isal_zlib.compress(answer.body, 2, wbits=_GZIP)  # pyright: ignore[reportUnknownMemberType]
        return Rendered(msgspec.structs.replace(answer, body=b""), gzipped, moment)

    async def _take_time(self, code: str, started: float) -> None:
        latency_ms = self._latency.next_ms(code)
        self.served[code].latency_ms += latency_ms
        left_s = latency_ms / 1000 - (self._clock.monotonic() - started)
        if left_s > 0:
            await self._clock.sleep(left_s)

    async def _trouble(
        self, request: web.Request, fault: Fault, response: web.Response
    ) -> web.StreamResponse:
        """Do what needs more than another body: hang up, hang, or drip."""
        if fault.kind == "slow":
            return await self._drip(request, response)
        if fault.kind == "timeout":
            await self._pause(_HANG_S)
        if fault.kind in _WITHOUT_ANSWER and request.transport is not None:
            request.transport.abort()
        return response

    async def _drip(self, request: web.Request, response: web.Response) -> web.StreamResponse:
        body = response.body
        assert isinstance(body, bytes)
        drip = web.StreamResponse(status=response.status, headers=response.headers)
        drip.content_length = len(body)
        with contextlib.suppress(ConnectionError):  # whoever asked had enough and left
            await drip.prepare(request)
            for place in range(len(body)):
                if self._stopping.is_set():
                    break
                await drip.write(body[place : place + 1])
                await self._pause(_DRIP_S)
        return drip

    async def _pause(self, seconds: float) -> None:
        """Wait that long, or until the server stops."""
        waiting = {
            asyncio.ensure_future(self._clock.sleep(seconds)),
            asyncio.ensure_future(self._stopping.wait()),
        }
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    # --- what only a simulated world can tell --------------------------------------------------------------

    async def _truth(self, request: web.Request) -> web.Response:
        """Answer the true prices: open outcomes, or with `?state=suspended` the locked ones; `?at=` of another time."""
        try:
            at = datetime.fromisoformat(request.query["at"]) if "at" in request.query else self._world.now()
            suspended = {"open": False, "suspended": True}[request.query.get("state", "open")]
            if at.tzinfo is None:
                raise ValueError("at needs a zone")
        except (ValueError, KeyError):
            return _json({"detail": "at is an ISO time with zone; state is open or suspended"}, 400)
        truth = self.truth(request.match_info["sportradar_id"], at, suspended=suspended)
        if truth is None:
            return _json({"detail": "no bookmaker lists this event, or its prices are recorded ones"}, 404)
        return _json(truth)

    def truth(
        self, sportradar_id: str, at: datetime | None = None, *, suspended: bool = False
    ) -> dict[str, dict[str, dict[str, float]]] | None:
        """
        Return bookmaker -> "market_id|line" -> outcome -> decimal odds; None for an event nobody lists.

        A market whose outcomes are all locked stands there empty; with `suspended` it is the other way round.
        """
        if self._world.world == "recorded" or not (sportradar_id.isascii() and sportradar_id.isdigit()):
            return None
        moment = Moment(self._world, at or self._world.now())
        truth: dict[str, dict[str, dict[str, float]]] = {}
        for code in self._simulators:
            event = moment.event(code, self._simulators[code].own_id(sportradar_id))
            if event is not None:
                truth[code] = _true_prices(moment.quotes(code, event), suspended=suspended)
        return truth or None

    async def _planted(self, request: web.Request) -> web.Response:
        """Answer which matches follow a script, and whether it is on; none in a recorded world."""
        world = self._world
        return _json(world.planted(world.now()) if isinstance(world, World) else [])

    async def _log(self, request: web.Request) -> web.Response:
        return _json(self.served)

    async def _events(self, request: web.Request) -> web.Response:
        """List what is on offer: event by event, who lists it under which id."""
        at = self._world.now()
        rows: dict[str, dict[str, Any]] = {}
        for code in self._simulators:
            for event in self._world.listing(code, at).events:
                row = rows.setdefault(event.sportradar_id, _event_row(event))
                row["bookmakers"][code] = event.event_id
        return _json({"now": at, "events": list(rows.values())})


def _event_row(event: SimulatedEvent) -> dict[str, Any]:
    return {
        "sportradar_id": event.sportradar_id,
        "sport": event.sport,
        "kickoff_at": event.kickoff_at,
        "bookmakers": {},
    }


def _true_prices(
    quotes: Mapping[MarketKey, Mapping[str, Quote]], *, suspended: bool
) -> dict[str, dict[str, float]]:
    return {
        f"{key.market_id}|{key.line}": {
            outcome: quote.odds_milli / 1000
            for outcome, quote in outcomes.items()
            if quote.suspended is suspended
        }
        for key, outcomes in quotes.items()
    }


async def _asked(request: web.Request, code: str) -> SimulatedRequest:
    return SimulatedRequest(
        method=request.method,
        path=request.path.removeprefix(f"/{code}"),
        query=dict(request.query),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=await request.read() if request.can_read_body else b"",
    )


def _name(asked: SimulatedRequest) -> str:
    """Return what is asked for, whoever asks and however often."""
    query = sorted((name, value) for name, value in asked.query.items() if name != _CACHE_BUSTER)
    return f"{asked.method} {asked.path} {query} {asked.body!r}"


def _told_headers(asked: SimulatedRequest) -> list[tuple[str, str]]:
    """Return the headers that an answer may depend on."""
    return sorted((name, value) for name, value in asked.headers.items() if name not in _TRANSPORT_HEADERS)


def _sent(rendered: Rendered, takes_gzip: bool, cut: bool) -> web.Response:
    body = rendered.gzipped if takes_gzip else zlib.decompress(rendered.gzipped, wbits=_GZIP)
    headers = {"Content-Type": rendered.answer.content_type}
    if takes_gzip:
        headers["Content-Encoding"] = "gzip"
    return web.Response(
        status=rendered.answer.status, body=body[: len(body) // 2] if cut else body, headers=headers
    )


def _broken_answer(fault: Fault, takes_gzip: bool) -> web.Response | None:
    """Return the answer of a fault that has one of its own."""
    match fault.kind:
        case "429":
            return _plain(429, b"slow down", {"Retry-After": str(fault.retry_after_s)})
        case "403":
            return _plain(403, _HTML, {"Content-Type": "text/html"})
        case "500":
            return _plain(500, b'{"error":"internal"}', {"Content-Type": "application/json"})
        case "html":
            return _plain(200, _HTML, {"Content-Type": "text/html; charset=utf-8"})
        case "garbage":
            return _plain(200, _GARBAGE, {"Content-Type": "application/json"})
        case "bomb" if takes_gzip:
            return _plain(200, _bomb(), {"Content-Type": "application/json", "Content-Encoding": "gzip"})
        case _:
            return None


@cache
def _bomb() -> bytes:
    """Return 48 kB that inflate to 50 MB."""
    return gzip.compress(b" " * _BOMB_BYTES, compresslevel=9, mtime=0)


def _plain(status: int, body: bytes, headers: Mapping[str, str]) -> web.Response:
    return web.Response(status=status, body=body, headers=headers)


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(value), content_type="application/json")


@contextlib.asynccontextmanager
async def running(
    server: SimulatorServer, port: int = 0, host: str = "127.0.0.1"
) -> AsyncGenerator[dict[str, str]]:
    """
    Serve until the block ends; yields the base URL of each bookmaker.

    Raises:
        OSError: The port is taken.
    """
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, backlog=1024)
        await site.start()
        bound = runner.addresses[0][1]
        yield {code: f"http://{host}:{bound}/{code}" for code in server.served}
    finally:
        await runner.cleanup()
