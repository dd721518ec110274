"""An `Ask` that goes straight to a bookmaker's simulator: no server, no network, errors by status."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from overround.bookmakers.base import PriceSource, Request, SimulatedAnswer, SimulatedRequest, Simulator
from overround.errors import BookmakerRefused, EventGone


class SimulatedAsk:
    """Keeps every request it answered; a test may change a body on its way, or override `answer`."""

    def __init__(self, simulator: Simulator, source: PriceSource, prefix: str = "") -> None:
        """Answer requests whose path begins with `prefix`, as a base URL has it."""
        self.simulator, self.source, self.prefix = simulator, source, prefix
        self.requests: list[Request] = []
        self.change: Callable[[Request, bytes], bytes] = lambda request, body: body

    async def __call__(self, request: Request) -> bytes:
        self.requests.append(request)
        answer = self.answer(request)
        if answer.status == 404:
            raise EventGone(self.simulator.code, request.operation, "status 404")
        if answer.status != 200 or answer.content_type == "text/html":
            raise BookmakerRefused(self.simulator.code, request.operation, f"status {answer.status}")
        return self.change(request, answer.body)

    def answer(self, request: Request) -> SimulatedAnswer:
        """Return what the simulator says to a request."""
        parts = urlsplit(request.url)
        assert parts.path.startswith(self.prefix)
        simulated = SimulatedRequest(
            method=request.method,
            path=parts.path.removeprefix(self.prefix),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.body,
        )
        return self.simulator.answer(simulated, self.source)
