"""After everything fell silent runs come sooner, further and further apart, and only where runs come at all."""

import asyncio

import pytest

from overround.config import Settings
from overround.domain.jobs import SCRAPE
from overround.scheduling.reconnection import Reconnection
from overround.scheduling.scheduler import Scheduler
from tests.support.clock import START, FakeClock


class Silence:
    """Runs that take two seconds and find nobody, until `back`."""

    def __init__(self) -> None:
        self.clock, self.settings = FakeClock(), Settings()
        self.scheduler = Scheduler(self.clock)
        self.back = False
        self.started: list[float] = []
        self.reconnection = Reconnection(self.scheduler, self, self.settings)

    @property
    def connection_lost_since(self):
        return None if self.back else START

    def schedule(self) -> None:
        self.scheduler.add(
            SCRAPE,
            lambda: self.settings.number("scrape_interval_minutes") * 60.0,
            self.run,
            run_at_start=True,
            pausable=True,
        )
        self.scheduler.start()

    async def run(self) -> None:
        self.started.append(self.clock.monotonic())
        await self.clock.sleep(2)
        self.reconnection.look()


@pytest.fixture
async def silence():
    made = Silence()
    yield made
    await made.scheduler.stop()


async def test_tries_come_further_and_further_apart_up_to_the_interval(silence: Silence):
    silence.schedule()
    await silence.clock.advance(1200)
    gaps = [round(b - a) for a, b in zip(silence.started, silence.started[1:], strict=False)]
    assert gaps == [17, 32, 62, 122, 242, 300, 300]


async def test_the_first_answer_ends_it(silence: Silence):
    silence.schedule()
    await silence.clock.advance(18)
    silence.back = True
    await silence.clock.advance(400)
    assert silence.started == [0, 17, 317]


async def test_while_paused_nothing_is_tried(silence: Silence):
    silence.schedule()
    await silence.clock.advance(1)
    await silence.scheduler.pause()
    await silence.clock.advance(1000)
    assert silence.started == [0]


async def test_without_a_schedule_nothing_is_tried(silence: Silence):
    """`--no-schedule` sends no request by itself."""
    silence.scheduler.start()
    running = asyncio.create_task(silence.run())
    await silence.clock.advance(1000)
    assert silence.started == [0]
    assert running.done()
