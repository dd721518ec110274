"""The simulated Bet9ja behind an `Ask`, without a socket."""

from overround.bookmakers.base import PriceSource
from overround.bookmakers.bet9ja.simulator import create
from tests.support.simulated_ask import SimulatedAsk

BASE_URL = "http://simulator/bet9ja"


def simulated_server(source: PriceSource) -> SimulatedAsk:
    """Return the simulated Bet9ja at `BASE_URL`."""
    return SimulatedAsk(create(), source, "/bet9ja")
