"""The simulated MSport behind an `Ask`, without a socket."""

from collections.abc import Sequence
from typing import Any

from overround.bookmakers.base import PriceSource, SimulatedPlayer, SimulatedRequest
from overround.bookmakers.msport.simulator import create
from tests.support.price_source import FixedSource, simulated_events
from tests.support.simulated_ask import SimulatedAsk

BASE_URL = "http://simulator/msport"
PREFIX = "/api/ng/facts-center/query/frontend"


def simulated_server(source: PriceSource) -> SimulatedAsk:
    """Return the simulated MSport at `BASE_URL`."""
    return SimulatedAsk(create(), source, "/msport")


def simulated_body(filler: int = 0, players: Sequence[SimulatedPlayer] = (), **world: Any) -> bytes:
    """Return the detail of the one event of a small world; `world` goes to `FixedSource`."""
    simulator = create()
    source = FixedSource(simulated_events(1, simulator.own_id), filler=filler, **world)
    source.squads = list(players)
    query = {"eventId": source.listed[0].event_id, "productId": "3"}
    request = SimulatedRequest("GET", f"{PREFIX}/match/detail", query, {"operid": "2"}, b"")
    return simulator.answer(request, source).body
