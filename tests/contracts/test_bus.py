"""What every bus must do; each backend passes this one suite."""

import pytest

from overround.bus.memory import MemoryBus
from overround.domain.runs import RunProgress, SourceHealth
from tests.support.clock import START


@pytest.fixture(params=["memory"])
def bus(request):
    return {"memory": MemoryBus}[request.param]()


def progress(current: int) -> RunProgress:
    return RunProgress("r", "fetch", "betpawa", current, 10)


async def test_one_kind_of_message_keeps_publish_order(bus):
    """Subscribers apply deltas, so publish order is part of the contract."""
    async with bus.subscribe(RunProgress) as messages:
        for current in range(3):
            bus.publish(progress(current))
        assert [(await anext(messages)).current for _ in range(3)] == [0, 1, 2]


async def test_several_kinds_keep_their_order_among_each_other(bus):
    """A run's end never overtakes its last progress."""
    async with bus.subscribe(RunProgress, SourceHealth) as messages:
        bus.publish(progress(0))
        bus.publish(SourceHealth("betpawa", "up", "", START))
        bus.publish(progress(1))
        assert [type(await anext(messages)).__name__ for _ in range(3)] == [
            "RunProgress",
            "SourceHealth",
            "RunProgress",
        ]


async def test_a_subscriber_gets_only_what_it_asked_for(bus):
    """The hub does not wade through other parts' talk."""
    async with bus.subscribe(SourceHealth) as messages:
        bus.publish(progress(0))
        bus.publish(SourceHealth("betpawa", "up", "", START))
        assert isinstance(await anext(messages), SourceHealth)


async def test_every_subscriber_gets_every_message(bus):
    """One reader does not take from another."""
    async with bus.subscribe(RunProgress) as first, bus.subscribe(RunProgress) as second:
        bus.publish(progress(7))
        assert (await anext(first)).current == (await anext(second)).current == 7


async def test_a_subscription_ends_with_its_context(bus):
    """A closed socket leaves nothing behind that fills up."""
    async with bus.subscribe(RunProgress) as messages:
        pass
    bus.publish(progress(0))
    assert messages.queue.empty()


async def test_what_waits_can_be_taken_at_once(bus):
    """A reader that must not lag behind the cache catches up without giving up its turn."""
    async with bus.subscribe(RunProgress) as messages:
        bus.publish(progress(0))
        bus.publish(progress(1))
        assert [message.current for message in messages.take_waiting()] == [0, 1]
        assert messages.take_waiting() == []
