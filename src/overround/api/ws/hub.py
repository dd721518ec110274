"""The hub: turns what the bus says into numbered frames and lets every follower know."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec

from overround.api.callers import Caller
from overround.api.event_order import EventOrder
from overround.api.ports import Services
from overround.api.rendering import Renderer
from overround.api.schemas import ENCODER, SourceJson, run_json, source_json
from overround.api.ws.connections import Connection, ConnectionManager
from overround.api.ws.feeds import FRAME_BYTES, Message, OddsFeed, PlainFeed
from overround.api.ws.filters import OddsFilter
from overround.api.ws.protocol import (
    ALERTS,
    CLOSE_DRAINING,
    CLOSE_KEY,
    HEARTBEAT_S,
    MOVEMENTS,
    ODDS,
    PLAIN,
    PROGRESS,
    STATUS,
    Mode,
    Reason,
    Since,
)
from overround.api.ws.streams import OddsStream, PlainStream
from overround.bus.base import Subscription
from overround.cache.odds_cache import CachedEvent
from overround.config import SettingValue
from overround.domain.diff import Changes
from overround.domain.runs import RunFinished, RunProgress, SourceHealth
from overround.log import get_logger

log = get_logger(__name__)

ROWS: dict[str, str] = {ALERTS: "alert", MOVEMENTS: "movement"}  # topic -> type of its messages
WATCH_S = 1.0
RESTART_S = 1.0
DRAIN_GRACE_S = 0.5


class PerEvent(Protocol):
    """Something that keeps a value per event."""

    def forget(self, sportradar_id: str) -> None:
        """Drop the value of an event that left the cache."""
        ...


class Prepared(Protocol):
    """Something that has its value of an event ready before it is asked for."""

    def warm(self, event: CachedEvent, now: datetime) -> None:
        """Make the event's value."""
        ...


class Hub:
    """
    One per serving process. `epoch` is new with every start; sequence numbers count frames before filtering.

    Everything runs on the event loop. `catch_up` makes the streams level with the cache, so that a read or a
    snapshot right after it belongs to exactly `odds.seq`.
    """

    def __init__(self, services: Services, order: EventOrder) -> None:
        self.epoch = secrets.token_urlsafe(9)
        self.connections = ConnectionManager()
        self.odds = OddsStream(
            services.cache, order, Renderer(services.catalogue), lambda: services.settings.enabled_bookmakers
        )
        self._plain = {topic: PlainStream(topic) for topic in PLAIN}
        self.progress, self.status = self._plain[PROGRESS], self._plain[STATUS]
        self.draining = False
        self.keepers: Sequence[PerEvent] = ()  # told of every event that leaves
        self.prepared: Sequence[Prepared] = ()  # told of every event that changes
        self._services, self._clock = services, services.clock
        self._running: dict[str, Message] = {}  # bookmaker -> newest progress of the run that is on
        self._run_id = ""
        self._waiting: Subscription[Any] | None = None
        self._cold: dict[str, None] = {}  # events that changed and were not made ready yet
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        services.settings.on_change(self._settings_changed)

    async def start(self) -> None:
        """Follow the bus from here on; returns when the subscription stands."""
        subscribed = asyncio.Event()
        self._tasks = [
            asyncio.create_task(self._kept("hub", lambda: self._listen(subscribed)), name="hub"),
            asyncio.create_task(self._kept("hub-watch", self._watch), name="hub-watch"),
            asyncio.create_task(self._kept("hub-warm", self._warm), name="hub-warm"),
        ]
        await subscribed.wait()

    async def stop(self) -> None:
        """Stop following the bus."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def drain(self) -> None:
        """Tell every client that the server stops, give what waits time to leave, then close."""
        self.draining = True
        connections = self.connections.all()
        for connection in connections:
            connection.say("drain", {"grace_ms": round(DRAIN_GRACE_S * 1000)})
        if connections:
            await self._clock.sleep(DRAIN_GRACE_S)
        for connection in self.connections.all():
            connection.cut(CLOSE_DRAINING, "the server stops")

    def let_go(self, may_stay: Callable[[Caller], bool]) -> None:
        """Close the connections of those who may not stay: their key was revoked, ran out, or they logged out."""
        for connection in self.connections.all():
            if not may_stay(connection.who):
                connection.cut(CLOSE_KEY, "the key is no longer valid")

    def catch_up(self) -> None:
        """
        Take in everything the bus has delivered, without giving up the turn.

        Cache and bus change in one step, so afterwards the stream knows exactly the cache's events; where it
        does not, the cache was filled past the bus (a warm-up after the start) and everybody starts anew.
        """
        if self._waiting is None:
            return
        for message in self._waiting.take_waiting():
            self._handle(message)
        if self.odds.known_events != len(self._services.cache):
            log.info("stream_reloaded", events=len(self._services.cache), known=self.odds.known_events)
            self.reload()

    def reload(self, reason: Reason = "reloaded") -> None:
        """Give every follower of odds a new snapshot: the cache changed in a way no delta tells (a warm-up)."""
        self.odds.reload()
        for connection, feed in self.connections.all_odds():
            connection.say("resync", {"topic": feed.topic, "reason": reason}, feed.topic)
            feed.start(self.odds.snapshot(feed.filter, self._clock.now()))
            connection.ring()

    def publish_row(self, topic: Literal["alerts", "movements"], key: str, row: msgspec.Struct) -> None:
        """
        Tell followers of a topic of a new or changed row; call it on the event loop.

        Args:
            topic: The list that the row belongs to.
            key: Identity of the row: of two that wait for a slow reader only the newer is sent.
            row: Exactly what the topic's REST list answers for it.
        """
        self._publish(self._plain[topic], ROWS[topic], f"{topic}-{key}", ENCODER.encode(row))

    def sources(self) -> list[SourceJson]:
        """Return every bookmaker's health."""
        return [source_json(health) for health in self._services.health.sources()]

    def follow_odds(
        self, connection: Connection, topic: str, chosen: OddsFilter, conflate_s: float, since: Since | None
    ) -> None:
        """Let a connection follow odds: from where it stood when everything since is at hand, else anew."""
        self.catch_up()
        before = connection.outbox.feeds.get(topic)
        feed = OddsFeed(topic, self.epoch, self.odds, chosen, conflate_s)
        reason: Reason | None = None
        missed = None
        if since is not None:
            if isinstance(before, OddsFeed) and before.filter != chosen:
                reason = "filter_changed"
            elif since.epoch != self.epoch:
                reason = "new_epoch"
            elif (missed := self.odds.missed(chosen, since.seq)) is None:
                reason = "window_exceeded"
            elif missed.size > FRAME_BYTES:
                reason = "slow"
        self.connections.follow(connection, feed)
        if missed is not None and reason is None and since is not None:
            feed.resume(since.seq, missed)
            self._say_subscribed(connection, topic, "resumed", None)
        else:
            feed.start(self.odds.snapshot(chosen, self._clock.now()))
            self._say_subscribed(connection, topic, "snapshot", reason)

    def follow_plain(
        self, connection: Connection, topic: str, conflate_s: float, since: Since | None
    ) -> None:
        """Let a connection follow a topic without filters: what it missed, or how things stand."""
        self.catch_up()
        stream = self._plain[topic]
        feed = PlainFeed(topic, self.epoch, stream, conflate_s)
        reason: Reason | None = None
        missed = None
        if since is not None:
            if since.epoch != self.epoch:
                reason = "new_epoch"
            elif (missed := stream.ring.since(since.seq, stream.seq)) is None:
                reason = "window_exceeded"
        self.connections.follow(connection, feed)
        if missed is not None and since is not None:
            feed.resume(since.seq, missed)
            self._say_subscribed(connection, topic, "resumed", None)
        else:
            feed.resume(stream.seq, self._standing(topic))
            self._say_subscribed(connection, topic, "snapshot", reason)

    def _say_subscribed(self, connection: Connection, topic: str, mode: Mode, reason: Reason | None) -> None:
        data: dict[str, object] = {"topic": topic, "mode": mode}
        if reason:
            data["reason"] = reason
        connection.say("subscribed", data, topic)

    def _standing(self, topic: str) -> list[Message]:
        """Return how things stand on a plain topic, as messages."""
        if topic == PROGRESS:
            return list(self._running.values())
        if topic == STATUS:
            return [
                Message(0, "source_health", f"source-{source.bookmaker}", ENCODER.encode(source))
                for source in self.sources()
            ]
        return []

    async def _kept(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do one of the hub's endless works; when it fails that is logged, and it begins again."""
        while True:
            try:
                await work()
            except Exception as exc:  # readers would hear nothing, and nobody why
                log.error("hub_task_failed", task=name, exc_info=exc)
                await self._clock.sleep(RESTART_S)

    async def _listen(self, subscribed: asyncio.Event) -> None:
        async with self._services.bus.subscribe(Changes, RunProgress, RunFinished, SourceHealth) as messages:
            self._waiting = messages
            self.odds.reload()
            subscribed.set()
            try:
                async for message in messages:
                    self._handle(message)
            finally:
                self._waiting = None

    async def _warm(self) -> None:
        """Encode what changed before somebody asks, one event per turn of the loop, never in a frame's way."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            while self._cold:
                event = self._services.cache.event(self._cold.popitem()[0])
                if event is not None:
                    for each in self.prepared:
                        each.warm(event, self._clock.now())
                await asyncio.sleep(0)

    async def _watch(self) -> None:
        """Look after slow clients every second and send heartbeats every five."""
        beat_at = self._clock.monotonic() + HEARTBEAT_S
        while True:
            await self._clock.sleep(WATCH_S)
            self.catch_up()
            beats = self._clock.monotonic() >= beat_at
            if beats:
                beat_at += HEARTBEAT_S
            for connection in self.connections.all():
                connection.check_pace()
                if beats:
                    connection.outbox.want_heartbeat()
                    connection.ring()

    def _handle(self, message: object) -> None:
        """Take in one message of the bus; one that can't be told makes everybody start anew."""
        try:
            if isinstance(message, Changes):
                self._take_changes(message)
            else:
                self._take_plain(message)
        except Exception as exc:  # the stream must outlive one message
            log.error("stream_message_failed", kind=type(message).__name__, exc_info=exc)
            self.reload()

    def _take_changes(self, changes: Changes) -> None:
        delta = self.odds.take(changes, self._clock.now(), self._clock.monotonic())
        if delta is None:
            return
        for connection, feed in self.connections.odds_followers(ODDS):
            connection.offer_batch(feed, delta.select(feed.filter))
        for sportradar_id, event in delta.events.items():
            for connection, feed in self.connections.odds_followers(f"event:{sportradar_id}"):
                connection.offer_batch(feed, delta.select(feed.filter))
            for keeper in self.keepers if event.removed else ():
                keeper.forget(sportradar_id)
            self._cold[sportradar_id] = None
        self._changed.set()

    def _take_plain(self, message: object) -> None:
        if isinstance(message, RunProgress):
            sent = self._publish(
                self.progress,
                "scrape_progress",
                f"progress-{message.run_id}-{message.bookmaker}",
                ENCODER.encode(message),
            )
            if self._run_id != message.run_id:
                self._running.clear()
            self._run_id = message.run_id
            self._running[message.bookmaker] = sent
        elif isinstance(message, RunFinished):
            self._running.clear()
            run = run_json(message.report)
            self._publish(self.progress, "run_finished", f"finished-{run.run_id}", ENCODER.encode(run))
        elif isinstance(message, SourceHealth):
            source = ENCODER.encode(source_json(message))
            self._publish(self.status, "source_health", f"source-{message.bookmaker}", source)

    def _settings_changed(self, changed: dict[str, SettingValue]) -> None:
        self._publish(
            self.status, "settings_changed", f"settings-{self.status.seq}", msgspec.json.encode(changed)
        )
        if "enabled_bookmakers" in changed:
            self.reload()

    def _publish(self, stream: PlainStream, kind: str, key: str, data: bytes) -> Message:
        message = stream.put(kind, key, data, self._clock.monotonic())
        for connection, feed in self.connections.plain_followers(stream.topic):
            connection.offer_message(feed, message)
        return message
