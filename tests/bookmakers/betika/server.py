"""The simulated Betika behind an `Ask`, without a socket."""

from datetime import timedelta
from typing import Any

from overround.bookmakers.base import ParsedEvent, PriceSource
from overround.bookmakers.betika.client import Betika
from overround.bookmakers.betika.simulator import create
from overround.config import packaged_catalogue
from tests.support.parts import whole_detail
from tests.support.price_source import FixedSource, simulated_events
from tests.support.simulated_ask import SimulatedAsk

BASE_URL = "http://simulator/betika"
SIMULATOR = create()
BETIKA = Betika(packaged_catalogue(), BASE_URL)


def simulated_server(source: PriceSource) -> SimulatedAsk:
    """Return the simulated Betika at `BASE_URL`."""
    return SimulatedAsk(SIMULATOR, source, "/betika")


def world(count: int = 1, every: timedelta = timedelta(minutes=15), **fields: Any) -> FixedSource:
    """Return a world of events that kick off one after the other; `fields` go to `FixedSource`."""
    return FixedSource(simulated_events(count, SIMULATOR.own_id, every=every), **fields)


async def read(source: FixedSource) -> ParsedEvent:
    """Return what the product reads of a world's first event."""
    return BETIKA.parse_event(await whole_detail(BETIKA, simulated_server(source), source.listed[0].event_id))
