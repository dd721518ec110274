"""Small simulated worlds, and a bookmaker's server of ten lines to look at them through."""

import msgspec

from overround.bookmakers.base import (
    PriceSource,
    SimulatedAnswer,
    SimulatedEvent,
    SimulatedRequest,
    Simulator,
)
from overround.clock import Clock
from overround.simulator.profiles import PROFILES
from overround.simulator.world import World, WorldOptions
from tests.support.clock import FakeClock


class PlainSimulator:
    """A bookmaker that answers /list with its events' ids and /event/<id> with the prices it is given."""

    def __init__(self, code: str = "betpawa") -> None:
        self.code = code
        self.rendered = 0

    def own_id(self, sportradar_id: str) -> str:
        return f"{self.code}-{sportradar_id}"

    def answer(self, request: SimulatedRequest, source: PriceSource) -> SimulatedAnswer:
        self.rendered += 1
        if request.path == "/list":
            return SimulatedAnswer(
                msgspec.json.encode([event.event_id for event in source.events(self.code)])
            )
        event = source.event(self.code, request.path.removeprefix("/event/"))
        if event is None:
            return SimulatedAnswer(b"no such event", status=404, content_type="text/plain")
        if event.body is not None:
            return SimulatedAnswer(event.body)
        prices = {
            f"{key.market_id}|{key.line}": outcomes
            for key, outcomes in source.quotes(self.code, event).items()
        }
        return SimulatedAnswer(msgspec.json.encode([prices, source.volatile()]))

    def read_recorded(self, body: bytes) -> SimulatedEvent | None:
        try:
            return msgspec.structs.replace(msgspec.json.decode(body, type=SimulatedEvent), body=body)
        except (ValueError, msgspec.ValidationError):
            return None

    def with_kickoff(self, body: bytes, kickoff_at: object) -> bytes:
        return msgspec.json.encode({**msgspec.json.decode(body), "kickoff_at": kickoff_at})


def plain_simulators() -> dict[str, Simulator]:
    """Return one plain simulator per bookmaker."""
    return {code: PlainSimulator(code) for code in PROFILES}


def small_world(clock: Clock | None = None, **options: object) -> World:
    """Return a world of 12 matches unless the options say otherwise; its clock stands at START."""
    chosen = msgspec.structs.replace(WorldOptions(events=12), **options)
    return World(chosen, clock or FakeClock(), plain_simulators())
