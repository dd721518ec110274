"""Who is connected and follows what: topic to connection both ways, one sender per connection."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from overround import metrics
from overround.api.callers import LOCAL, Caller
from overround.api.schemas import SourceJson
from overround.api.ws.batch import Batch
from overround.api.ws.feeds import Feed, Message, OddsFeed, PlainFeed
from overround.api.ws.outbox import Outbox
from overround.api.ws.protocol import CLOSE_SLOW, MESSAGES_PER_S, control
from overround.clock import Clock
from overround.log import get_logger

log = get_logger(__name__)

UNSENT_LIMIT_S = 5.0


class Transport(Protocol):
    """One accepted socket."""

    async def send(self, text: str) -> None:
        """Send a text frame; waits while the peer does not take what was sent before."""
        ...

    def cut(self, code: int, reason: str) -> None:
        """Close without waiting for the peer, whatever it still has to read."""
        ...


class Connection:
    """One client. Whoever has something for it puts it into the outbox and rings; `run` sends."""

    def __init__(self, transport: Transport, clock: Clock, who: Caller = LOCAL) -> None:
        self.who = who
        self.outbox = Outbox()
        self.closed = asyncio.Event()
        self.close_code = 0
        self._transport, self._clock = transport, clock
        self._bell = asyncio.Event()
        self._sending_since: float | None = None
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at = 0.0
        self._sources: Callable[[], list[SourceJson]] = list
        self._allowance = float(MESSAGES_PER_S)
        self._asked_at = clock.monotonic()

    async def run(self, sources: Callable[[], list[SourceJson]]) -> None:
        """Send what the outbox holds until cancelled; `sources` goes into heartbeats."""
        self._sources = sources
        try:
            while True:
                await self._bell.wait()
                self._bell.clear()
                await self._send_all()
        finally:
            if self._alarm:
                self._alarm.cancel()

    def ring(self) -> None:
        """Wake the sender."""
        self._bell.set()

    def say(self, kind: str, data: object, topic: str = "") -> None:
        """Send a control message; none is dropped."""
        self.outbox.put_control(control(kind, self._clock.now(), data, topic))
        self.ring()

    def offer_batch(self, feed: OddsFeed, batch: Batch) -> None:
        """Let a delta wait on one of the feeds."""
        if batch and not self.closed.is_set():
            feed.offer(batch)
            self._check_room()

    def offer_message(self, feed: PlainFeed, message: Message) -> None:
        """Let a message wait on one of the feeds."""
        if not self.closed.is_set():
            feed.offer(message)
            self._check_room()

    def check_pace(self) -> None:
        """Cut the connection off when a frame has not left for 5 s."""
        since = self._sending_since
        if since is not None and self._clock.monotonic() - since > UNSENT_LIMIT_S:
            self.cut(CLOSE_SLOW, "nothing was read for 5 s")

    def may_ask(self) -> bool:
        """Return whether one more client message is within 20 a second."""
        now = self._clock.monotonic()
        gained = (now - self._asked_at) * MESSAGES_PER_S
        self._allowance, self._asked_at = min(MESSAGES_PER_S, self._allowance + gained), now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def cut(self, code: int, reason: str) -> None:
        """Close now; what waits is dropped."""
        if self.closed.is_set():
            return
        self.close_code = code
        self.closed.set()
        self._transport.cut(code, reason)
        log.info("websocket_closed", code=code, reason=reason)

    def _check_room(self) -> None:
        """Cut off a client that leaves more than the limit unread; wake the sender."""
        if self.outbox.is_full():
            self.outbox.hurry()
            if self._sending_since is not None:
                self.cut(CLOSE_SLOW, "more than 1 MiB waits unread")
        self.ring()

    async def _send_all(self) -> None:
        while not self.closed.is_set():
            text, is_part = self._next(), False
            if text is None:
                text, is_part = self.outbox.next_part(self._clock.now()), True
            if text is None:
                break
            self._sending_since = self._clock.monotonic()
            try:
                await self._transport.send(text)
            finally:
                self._sending_since = None
            if is_part:
                await asyncio.sleep(0)  # a long snapshot must not hold the loop
        self._set_alarm()

    def _next(self) -> str | None:
        outbox, now = self.outbox, self._clock.now()
        if (text := outbox.next_control()) or (text := outbox.next_delta(now, self._clock.monotonic())):
            return text
        if (accounts := outbox.next_heartbeat()) is not None:
            return control("heartbeat", now, {"seq": accounts, "sources": self._sources()})
        return None

    def _set_alarm(self) -> None:
        """Ring again when a conflated feed is due."""
        due_at = self.outbox.next_due()
        if due_at is None or (self._alarm and self._alarm_at <= due_at):
            return
        if self._alarm:
            self._alarm.cancel()
        self._alarm_at = due_at
        self._alarm = asyncio.create_task(self._ring_at(due_at))

    async def _ring_at(self, due_at: float) -> None:
        await self._clock.sleep(max(0.0, due_at - self._clock.monotonic()))
        self._alarm = None
        self.ring()


class ConnectionManager:
    """All connections, and per topic those that follow it; a connection's own topics are its outbox's feeds."""

    def __init__(self) -> None:
        self._connections: set[Connection] = set()
        self._followers: dict[str, dict[Connection, Feed]] = {}

    def __len__(self) -> int:
        return len(self._connections)

    def all(self) -> list[Connection]:
        """Return every connection."""
        return list(self._connections)

    def add(self, connection: Connection) -> None:
        """Take in a connection."""
        self._connections.add(connection)
        metrics.WEBSOCKET_CONNECTIONS.set(len(self._connections))

    def remove(self, connection: Connection) -> None:
        """Let a connection go, with all it followed."""
        for topic in list(connection.outbox.feeds):
            self.unfollow(connection, topic)
        self._connections.discard(connection)
        metrics.WEBSOCKET_CONNECTIONS.set(len(self._connections))

    def follow(self, connection: Connection, feed: Feed) -> None:
        """Let a connection follow a topic through this feed, in place of one it had for it."""
        connection.outbox.feeds[feed.topic] = feed
        self._followers.setdefault(feed.topic, {})[connection] = feed

    def unfollow(self, connection: Connection, topic: str) -> None:
        """End a connection's following of a topic."""
        connection.outbox.feeds.pop(topic, None)
        followers = self._followers.get(topic, {})
        followers.pop(connection, None)
        if not followers:
            self._followers.pop(topic, None)

    def odds_followers(self, topic: str) -> list[tuple[Connection, OddsFeed]]:
        """Return who follows a topic of odds."""
        pairs = self._followers.get(topic, {}).items()
        return [(connection, feed) for connection, feed in pairs if isinstance(feed, OddsFeed)]

    def plain_followers(self, topic: str) -> list[tuple[Connection, PlainFeed]]:
        """Return who follows a topic without filters."""
        pairs = self._followers.get(topic, {}).items()
        return [(connection, feed) for connection, feed in pairs if isinstance(feed, PlainFeed)]

    def all_odds(self) -> list[tuple[Connection, OddsFeed]]:
        """Return every subscription of odds, whichever topic."""
        return [pair for topic in list(self._followers) for pair in self.odds_followers(topic)]
