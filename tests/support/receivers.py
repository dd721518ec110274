"""Fakes of what alerting has around it: a receiver, and what the process says of itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from overround.alerting.channels import Channels
from overround.alerting.desk import AlertDesk
from overround.alerting.senders import Sent
from overround.alerting.sight import World, WriterFacts
from overround.analysis.desk import AnalysisDesk
from overround.cache.odds_cache import OddsCache
from overround.clock import Clock
from overround.config import Settings, packaged_catalogue
from overround.domain.alerts import Alert, Channel
from overround.domain.runs import SourceHealth
from overround.storage.alerts import AlertStore
from overround.storage.connections import Connections
from tests.support.clock import START

OPS = Channel("ops", "webhook", "https://hooks.example.org/T0/token-1", "s" * 16, "environment", None)


class FakeFacts:
    """Sources and the writer, as the test says."""

    def __init__(self) -> None:
        self.health = {"betpawa": SourceHealth("betpawa", "up", "", START)}
        self.lag = WriterFacts(0, 0.0, "")

    def sources(self) -> Sequence[SourceHealth]:
        return list(self.health.values())

    def writer(self) -> WriterFacts:
        return self.lag


class FakeReceiver:
    """Takes what is sent, unless it is down or refuses; `got` holds (delivery id, alert)."""

    longest_pause_s = 2.5

    def __init__(self) -> None:
        self.got: list[tuple[str, Alert]] = []
        self.knocks = 0
        self.answer = Sent("delivered")

    async def send(self, channel: Channel, delivery_id: str, alert: Alert, now: datetime) -> Sent:
        self.knocks += 1
        if self.answer.result == "delivered":
            self.got.append((delivery_id, alert))
        return self.answer

    async def check(self, channel: Channel) -> str:
        return ""

    async def close(self) -> None:
        pass


class Parts(Protocol):
    """What a world in memory consists of."""

    cache: OddsCache
    analysis: AnalysisDesk
    settings: Settings
    clock: Clock


def alert_desk(
    world: Parts, facts: FakeFacts, receiver: FakeReceiver, database: Connections | None = None
) -> AlertDesk:
    """Return alerting over a world, with one channel `ops`."""
    store = AlertStore(database)
    looked = World(world.cache, world.analysis, world.settings, packaged_catalogue(), world.clock, facts)
    channels = Channels(store, {"webhook": receiver, "apprise": receiver}, {"ops": OPS}, world.clock)
    return AlertDesk(looked, store, channels, {"webhook": receiver, "apprise": receiver})
