"""Deliveries: none lost, none twice, whoever is away."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from overround.alerting import delivery as delivery_module
from overround.alerting.delivery import Dispatcher
from overround.alerting.notebook import Notebook
from overround.alerting.senders import Sent
from overround.domain.alerts import Alert
from overround.storage.alerts import AlertStore
from tests.support.clock import START, FakeClock, settle
from tests.support.receivers import OPS, FakeReceiver
from tests.support.storage import opened

AWAY = Sent("again", "connection refused")


def alert(number: int = 0) -> Alert:
    return Alert(f"a{number}", "r", "gaps", "gap", f"r|{number}", f"title {number}", "detail", 0.1, START)


class Post:
    """A dispatcher, its receiver and its clock."""

    def __init__(self, database, clock, jitter=1.0):
        self.clock, self.receiver = clock, FakeReceiver()
        self.store = AlertStore(database)
        self.notebook = Notebook(self.store, clock)
        self.told = []
        self.dispatcher = Dispatcher(
            self.notebook, {"webhook": self.receiver}, clock, {"ops": OPS}.get, lambda: jitter
        )
        self.dispatcher.on_delivery(self.told.append)

    def submit(self, number: int = 0) -> None:
        self.notebook.note(alert(number))
        self.dispatcher.submit(alert(number), "ops")

    def got(self) -> list[str]:
        return [delivery_id for delivery_id, _ in self.receiver.got]

    async def pass_time(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        await self.written()

    async def written(self) -> None:
        """Let the database, which has a thread of its own, take what is noted."""
        if self.store.is_open:
            await self.notebook.written()
        await settle()


@asynccontextmanager
async def post(database=None, clock=None, jitter=1.0):
    """A dispatcher at work; without a database as while it is away."""
    clock = clock or FakeClock()
    post = Post(database, clock, jitter)
    writing = asyncio.create_task(post.notebook.run())
    post.dispatcher.start(await post.store.waiting() if database else [])
    await post.written()
    try:
        yield post
    finally:
        await post.dispatcher.stop()
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)


@pytest.mark.parametrize("jitter", [0.05, 1.0])
async def test_a_receiver_that_was_away_for_a_minute_gets_everything_once_within_five_seconds(jitter):
    """Only one message knocks meanwhile; then all follow, oldest first."""
    async with post(jitter=jitter) as at_work:
        at_work.receiver.answer = AWAY
        for number in range(20):
            at_work.submit(number)
        await at_work.clock.advance(60)
        assert at_work.got() == [] and at_work.receiver.knocks >= 20
        assert at_work.told[-1].last_error == "connection refused"
        at_work.receiver.answer = Sent("delivered")
        await at_work.clock.advance(5)
        assert at_work.got() == [f"a{number}-ops" for number in range(20)]
        await at_work.clock.advance(600)
        assert len(at_work.got()) == 20


async def test_what_waits_outlives_the_process_and_what_was_delivered_is_not_sent_again(tmp_path):
    """Under the same idempotency key, in the same order."""
    clock = FakeClock()
    async with opened(tmp_path) as store:
        async with post(store.repository.database, clock) as first:
            first.submit(1)
            await first.written()
            assert first.got() == ["a1-ops"]
            await first.written()
            first.receiver.answer = AWAY
            first.submit(2)
            first.submit(3)
            await first.pass_time(10)
        async with post(store.repository.database, clock) as second:
            await second.pass_time(1)
            assert second.got() == ["a2-ops", "a3-ops"]
        states = await AlertStore(store.repository.database).deliveries(["a1", "a2", "a3"])
        assert {each.state for rows in states.values() for each in rows} == {"delivered"}
        async with post(store.repository.database, clock) as third:
            await third.pass_time(60)
            assert third.got() == []


async def test_it_is_in_the_database_before_it_is_sent(tmp_path):
    """A process that is killed while it sends finds it again."""
    async with opened(tmp_path) as store, post(store.repository.database) as at_work:
        seen, sent = [], asyncio.Event()

        async def look(channel, delivery_id, alert, now):
            seen.append(await at_work.store.waiting())
            sent.set()
            return Sent("delivered")

        at_work.receiver.send = look
        at_work.submit(7)
        await at_work.written()
        await asyncio.wait_for(sent.wait(), 10)
        assert [[each.id for each, _ in rows] for rows in seen] == [["a7-ops"]]


async def test_a_database_that_is_away_holds_up_no_alert():
    """It may be just what the alert is about."""
    async with post() as at_work:
        at_work.submit()
        await at_work.clock.advance(0.6)
        assert at_work.got() == ["a0-ops"]


async def test_a_refusal_is_of_one_message_and_a_fault_of_the_receiver():
    """A message that is refused goes aside, is tried five times in all and given up, visibly; others pass it."""
    async with post() as at_work:
        at_work.receiver.answer = Sent("refused", "answers 422")
        at_work.submit(0)
        await at_work.clock.advance(1)
        at_work.receiver.answer = Sent("delivered")
        at_work.submit(1)
        await at_work.clock.advance(1)
        assert at_work.got() == ["a1-ops"]
        at_work.receiver.answer = Sent("refused", "answers 422")
        await at_work.clock.advance(300)
        last = at_work.told[-1]
        assert (last.state, last.attempts, last.last_error) == ("refused", 5, "answers 422")


async def test_a_receiver_says_when_to_come_back():
    """Retry-After is kept."""
    async with post(jitter=0.0) as at_work:
        at_work.receiver.answer = Sent("again", "answers 429", 30.0)
        at_work.submit()
        await at_work.clock.advance(29)
        assert at_work.receiver.knocks == 1
        at_work.receiver.answer = Sent("delivered")
        await at_work.clock.advance(2)
        assert at_work.got() == ["a0-ops"]


async def test_what_can_not_be_delivered_for_a_day_is_given_up_and_says_so(monkeypatch):
    """Old news is none; the alert shows it. The day is a minute here."""
    assert delivery_module.GIVE_UP_S == 24 * 3600
    monkeypatch.setattr(delivery_module, "GIVE_UP_S", 60.0)
    async with post() as at_work:
        at_work.receiver.answer = AWAY
        at_work.submit()
        await at_work.clock.advance(65)
        last = at_work.told[-1]
        assert (last.state, last.last_error) == ("expired", "connection refused")


async def test_a_lane_is_bounded(monkeypatch):
    """The oldest are given up, visibly, when a receiver is away for too long."""
    monkeypatch.setattr(delivery_module, "LANE_LIMIT", 3)
    async with post() as at_work:
        at_work.receiver.answer = AWAY
        for number in range(5):
            at_work.submit(number)
        await at_work.clock.advance(1)
        given_up = [each.alert_id for each in at_work.told if each.state == "expired"]
        assert given_up == ["a0", "a1"]
