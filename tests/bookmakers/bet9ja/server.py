"""The simulated Bet9ja behind an `Ask`, without a socket."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from overround.bookmakers.base import PriceSource, Request, SimulatedAnswer, SimulatedRequest
from overround.bookmakers.bet9ja.simulator import create

BASE_URL = "http://simulator/bet9ja"


class SimulatedServer:
    """Answers requests in process; keeps what was asked, and lets a test change an answer on its way."""

    def __init__(self, source: PriceSource) -> None:
        self.source = source
        self.simulator = create()
        self.asked: list[Request] = []
        self.change: Callable[[Request, bytes], bytes] = lambda request, body: body

    async def __call__(self, request: Request) -> bytes:
        self.asked.append(request)
        return self.change(request, self.answer(request).body)

    def answer(self, request: Request) -> SimulatedAnswer:
        """Return what the server says to a request of the client."""
        url = urlsplit(request.url)
        assert request.url.startswith(BASE_URL)
        return self.simulator.answer(
            SimulatedRequest(
                method=request.method,
                path=url.path.removeprefix("/bet9ja"),
                query=dict(parse_qsl(url.query, keep_blank_values=True)),
                headers=dict(request.headers),
                body=request.body,
            ),
            self.source,
        )
