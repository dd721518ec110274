"""
Dispatcher: brings every delivery to its channel, once.

A delivery is in the database before its first attempt and says afterwards how it ended; a process that is killed in
between tries again with the same idempotency key. Each channel has its own lane, in which one attempt is made at a
time, oldest first: while a receiver is away only one message knocks, with full jitter between the attempts.
"""

import asyncio
import heapq
import itertools
import random
from collections.abc import Callable, Iterable, Mapping

import msgspec

from overround.alerting.notebook import Notebook
from overround.alerting.senders import Sender, Sent
from overround.clock import Clock, within
from overround.domain.alerts import Alert, Channel, ChannelKind, Delivery, DeliveryState
from overround.log import get_logger
from overround.metrics import ALERT_DELIVERIES

log = get_logger(__name__)

FIRST_PAUSE_S = 0.5
REFUSED_PAUSE_S = 30.0  # full jitter up to it: 4xx may come from a receiver that is being set up
REFUSED_TRIES = 5
GIVE_UP_S = 24 * 3600.0
LANE_LIMIT = 5_000  # deliveries that wait for one channel

DeliveryListener = Callable[[Delivery], None]


class Waiting(msgspec.Struct):
    """A delivery in its lane."""

    delivery: Delivery
    alert: Alert
    order: int  # the older, the smaller
    refusals: int = 0


class Lane:
    """What waits for one channel."""

    def __init__(self) -> None:
        self.heap: list[tuple[float, int, Waiting]] = []  # (not before, order, what)
        self.blocked_until = 0.0  # monotonic; nobody is tried before
        self.failures = 0  # in a row, of the receiver as a whole
        self.changed = asyncio.Event()


class Dispatcher:
    """The lanes of all channels."""

    def __init__(
        self, notebook: Notebook, senders: Mapping[ChannelKind, Sender], clock: Clock,
        channel: Callable[[str], Channel | None], jitter: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        """`channel` finds a channel by name; `jitter` gives numbers from 0 to 1."""
        self._notebook, self._senders, self._clock = notebook, senders, clock
        self._channel, self._jitter = channel, jitter
        self._lanes: dict[str, Lane] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._order = itertools.count()
        self._listeners: list[DeliveryListener] = []
        self._running = False

    def on_delivery(self, listener: DeliveryListener) -> None:
        """Call `listener` with every delivery that became another."""
        self._listeners.append(listener)

    def start(self, left_over: Iterable[tuple[Delivery, Alert]]) -> None:
        """Begin to send, first what an earlier process did not finish."""
        self._running = True
        for delivery, alert in left_over:
            self._put(Waiting(delivery, alert, next(self._order)))
        for name in self._lanes:
            self._attend(name)

    async def stop(self) -> None:
        """Stop; what was not delivered waits in the database."""
        self._running = False
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()
        for sender in self._senders.values():
            await sender.close()

    def submit(self, alert: Alert, channel: str) -> Delivery:
        """Have an alert delivered through a channel; return the delivery."""
        now = self._clock.now()
        delivery = Delivery(f"{alert.id}-{channel}", alert.id, channel, "waiting", now)
        self._note(delivery)
        self._put(Waiting(delivery, alert, next(self._order)))
        return delivery

    def _put(self, waiting: Waiting, not_before: float = 0.0) -> None:
        lane = self._lanes.setdefault(waiting.delivery.channel, Lane())
        heapq.heappush(lane.heap, (not_before, waiting.order, waiting))
        if len(lane.heap) > LANE_LIMIT:
            oldest = min(lane.heap, key=lambda each: each[1])
            lane.heap.remove(oldest)
            heapq.heapify(lane.heap)
            self._finish(oldest[2], "expired", f"more than {LANE_LIMIT} wait for this channel")
        lane.changed.set()
        if self._running:
            self._attend(waiting.delivery.channel)

    def _attend(self, name: str) -> None:
        if name not in self._tasks:
            self._tasks[name] = asyncio.create_task(self._run(name, self._lanes[name]), name=f"alerts-{name}")

    async def _run(self, name: str, lane: Lane) -> None:
        while True:
            waiting = await self._next(lane)
            try:
                await self._try(name, lane, waiting)
            except Exception as exc:  # one delivery's fault must not end its channel
                log.error("delivery_crashed", delivery=waiting.delivery.id, exc_info=exc)
                self._retry_all(
                    lane, waiting, Sent("again", "a fault of ours; the log has the details"), 30.0
                )

    async def _next(self, lane: Lane) -> Waiting:
        """Wait for the next delivery that is due and return it, taken out of its lane."""
        while True:
            lane.changed.clear()
            if not lane.heap:
                await lane.changed.wait()
                continue
            pause = max(lane.heap[0][0], lane.blocked_until) - self._clock.monotonic()
            if pause <= 0:
                return heapq.heappop(lane.heap)[2]
            try:
                await within(self._clock, pause, lane.changed.wait())
            except TimeoutError:
                continue

    async def _try(self, name: str, lane: Lane, waiting: Waiting) -> None:
        delivery, now = waiting.delivery, self._clock.now()
        if (now - delivery.created_at).total_seconds() > GIVE_UP_S:
            self._finish(waiting, "expired", delivery.last_error or "not delivered within 24 hours")
            return
        channel = self._channel(name)
        if channel is None:
            self._finish(waiting, "refused", "the channel was deleted")
            return
        if not delivery.attempts:
            await self._notebook.wait()  # a database that is away must not hold up the alert that says so
        sender = self._senders[channel.kind]
        sent = await sender.send(channel, delivery.id, waiting.alert, now)
        waiting.delivery = msgspec.structs.replace(
            delivery, attempts=delivery.attempts + 1, last_error=sent.reason
        )
        if sent.result == "delivered":
            lane.failures = 0
            self._finish(waiting, "delivered", "")
        elif sent.result == "again":
            self._retry_all(lane, waiting, sent, sender.longest_pause_s)
        else:
            self._retry_one(waiting, sent)

    def _retry_all(self, lane: Lane, waiting: Waiting, sent: Sent, longest_s: float) -> None:
        """Let the whole lane wait: its receiver is not well."""
        lane.failures += 1
        most = min(longest_s, FIRST_PAUSE_S * 2 ** min(lane.failures - 1, 16))
        pause = sent.retry_after_s if sent.retry_after_s is not None else self._jitter() * most
        lane.blocked_until = self._clock.monotonic() + pause
        if waiting.delivery.attempts == 1:
            log.warning("delivery_failed", delivery=waiting.delivery.id, reason=sent.reason)
        self._note(waiting.delivery, store=waiting.delivery.attempts == 1)
        self._put(waiting)  # it keeps its place before those that came later

    def _retry_one(self, waiting: Waiting, sent: Sent) -> None:
        """Let one delivery wait, and give it up at the fifth refusal; the others go on."""
        waiting.refusals += 1
        if waiting.refusals >= REFUSED_TRIES:
            self._finish(waiting, "refused", sent.reason)
            return
        self._note(waiting.delivery, store=waiting.refusals == 1)
        self._put(waiting, self._clock.monotonic() + self._jitter() * REFUSED_PAUSE_S)

    def _finish(self, waiting: Waiting, state: DeliveryState, reason: str) -> None:
        waiting.delivery = msgspec.structs.replace(
            waiting.delivery, state=state, last_error=reason, finished_at=self._clock.now()
        )
        ALERT_DELIVERIES.labels(waiting.delivery.channel, state).inc()
        if state != "delivered":
            log.error("delivery_given_up", delivery=waiting.delivery.id, state=state, reason=reason)
        self._note(waiting.delivery)

    def _note(self, delivery: Delivery, store: bool = True) -> None:
        if store:
            self._notebook.note(delivery=delivery)
        for listener in self._listeners:
            listener(delivery)
