"""A connection that mends itself: subscriptions, back-off, age and health."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol, TypeVar

import msgspec

from overround.client import link as links
from overround.client.following import Following, Messages, Odds
from overround.client.link import Link, LinkLost
from overround.client.messages import ACK, ENVELOPE, ERROR, HEARTBEAT, SOURCE, Ack, Envelope, Market, Source
from overround.errors import FeedRefused, FeedUnreachable

BACK_OFF_BASE_S, BACK_OFF_CAP_S = 0.5, 15.0
SILENT_BEATS = 3  # heartbeats that may stay away before the link counts as dead
MAX_TOPICS = 64
ODDS = "odds_updates"

F = TypeVar("F", bound=Following[Any])
Plain = Literal["scrape_progress", "status", "alerts", "movements"]


class Clock(Protocol):
    """Time as the feed reads it."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


class MachineClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Health(msgspec.Struct, frozen=True):
    """How far what we hold can be trusted."""

    connected: bool
    age_s: float  # since the server was last heard
    reconnects: int
    reason: str  # why the link was lost last; "" when it never was
    sources: dict[str, Source]  # by bookmaker, as the server last said


def back_off(attempt: int, chance: float) -> float:
    """
    Return the seconds to wait before an attempt, the first one 0: full jitter, at most 15 s.

    >>> back_off(0, 0.5), back_off(3, 0.5), back_off(1_000_000, 1.0)
    (0.25, 2.0, 15.0)
    """
    return chance * min(BACK_OFF_CAP_S, BACK_OFF_BASE_S * 2 ** min(attempt, 10))


class Feed:
    """
    The server's live data. Lost links are opened again and continue where they stood; one that is silent for
    three heartbeats counts as lost.
    """

    def __init__(
        self,
        dial: Callable[[], Awaitable[Link]],
        clock: Clock | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._dial, self._clock, self._chance = dial, clock or MachineClock(), chance
        self._followed: dict[str, Following[Any]] = {}
        self._link: Link | None = None
        self._error: Exception | None = None  # why no link is opened any more
        self._is_known = False  # the server has introduced itself on this link
        self._sources: dict[str, Source] = {}
        self._reconnects, self._attempt, self._reason = 0, 0, ""
        self._heard_at = self._clock.monotonic()
        self._offset = timedelta()
        self._beat_s = 5.0
        self._tasks: list[asyncio.Task[None]] = []
        self._outbox: list[str] = []
        self._to_send = asyncio.Event()
        self.server: Ack | None = None

    @property
    def health(self) -> Health:
        """Return connection, age and the bookmakers' state."""
        return Health(self._is_known, self.age_s, self._reconnects, self._reason, dict(self._sources))

    @property
    def age_s(self) -> float:
        """Return the seconds since the server was last heard; more than 15 means that prices may be old."""
        return self._clock.monotonic() - self._heard_at

    @property
    def server_now(self) -> datetime:
        """Return the server's time: this machine's clock may be wrong."""
        return self._clock.now() + self._offset

    def odds(
        self,
        *,
        bookmakers: Sequence[str] | None = None,
        markets: Sequence[str] | Literal["all"] | None = None,
        competitions: Sequence[str] | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        events: Sequence[str] | None = None,
        conflate_ms: int = 0,
        initial: bool = False,
    ) -> Odds:
        """
        Follow odds; everything given must hold. One such subscription per feed.

        Args:
            markets: Ids, with a line or without: `["3743", "5000:2.5"]`; None for the main markets.
            start: First kickoff, aware.
            end: Kickoff before which it must be, aware.
            conflate_ms: Let the server join what changes within that time, 0 to 120,000.
            initial: Give what is held at first as changes, too.
        Raises:
            ValueError: Odds are followed already, or a time has no zone.
            FeedRefused: The server has refused the key.
        """
        window = {name: _aware(at) for name, at in (("from", start), ("to", end)) if at is not None}
        named = {
            "bookmakers": bookmakers, "markets": markets, "competitions": competitions, "events": events,
        }  # fmt: skip
        chosen = {
            name: value if value == "all" else list(value)
            for name, value in named.items()
            if value is not None
        }
        return self._follow(Odds(ODDS, _options(conflate_ms, chosen | window), initial))

    def event(self, sportradar_id: str, *, conflate_ms: int = 0, initial: bool = False) -> Odds:
        """Follow one match with all its markets; arguments and errors as for `odds`."""
        if not (sportradar_id.isascii() and sportradar_id.isdigit() and len(sportradar_id) <= 20):
            raise ValueError(f"{sportradar_id!r} is no Sportradar id: digits only")
        return self._follow(Odds(f"event:{sportradar_id}", _options(conflate_ms, {}), initial))

    def messages(self, topic: Plain) -> Messages:
        """Follow runs (`scrape_progress`), `status`, `alerts` or `movements`."""
        return self._follow(Messages(topic, _options(0, {})))

    def age_of(self, odds: Odds, market: Market) -> float | None:
        """Return the seconds since the bookmaker last showed this price."""
        confirmed_at = odds.book.confirmed_at(market)
        return None if confirmed_at is None else (self.server_now - confirmed_at).total_seconds()

    def leave(self, following: Following[Any]) -> None:
        """Follow it no longer; its iteration ends."""
        if self._followed.get(following.topic) is following:
            del self._followed[following.topic]
            if self._is_known:
                self._say({"type": "unsubscribe", "topics": [following.topic]})
        following.end()

    async def start(self) -> None:
        """
        Open the first link.

        Raises:
            FeedUnreachable, FeedRefused: As `link.dial`.
        """
        self._link = await self._dial()
        self._heard_at = self._clock.monotonic()
        self._tasks = [
            asyncio.create_task(self._run(), name="feed"),
            asyncio.create_task(self._watch(), name="feed-watch"),
        ]

    async def stop(self) -> None:
        """Close the link and end every iteration."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._link is not None:
            await self._link.close()
        self._link, self._is_known = None, False
        for following in self._followed.values():
            following.end()

    def _follow(self, following: F) -> F:
        if self._error:
            raise self._error
        if len(self._followed) >= MAX_TOPICS:
            raise ValueError(f"at most {MAX_TOPICS} topics may be followed; use another feed")
        if following.topic in self._followed:
            raise ValueError(f"{following.topic} is followed already; use another feed for another filter")
        self._followed[following.topic] = following
        if self._is_known:
            self._subscribe([following])
        return following

    async def _run(self) -> None:
        """Serve the link, and open the next one when it ends, until the server refuses for good."""
        try:
            while True:
                try:
                    await self._serve(self._link or await self._dial())
                except (LinkLost, FeedUnreachable) as exc:
                    self._reason = str(exc)
                self._link, self._is_known = None, False
                await self._clock.sleep(back_off(self._attempt, self._chance()))
                self._attempt += 1
                self._reconnects += 1
        except Exception as exc:  # refused, or an error of ours: whoever iterates is told
            self._error, self._reason = exc, str(exc)
            for following in self._followed.values():
                following.end(exc)

    async def _serve(self, link: Link) -> None:
        self._link = link
        self._outbox.clear()
        self._heard_at = self._clock.monotonic()
        sender = asyncio.create_task(self._send(link), name="feed-sender")
        try:
            while True:
                text = await link.receive()
                self._heard_at = self._clock.monotonic()
                try:
                    self._receive(ENVELOPE.decode(text))
                except (
                    ValueError
                ) as exc:  # a server of another kind, or damage: begin again from a whole state
                    for following in self._followed.values():
                        following.forget()
                    await link.close()
                    raise LinkLost(f"a message could not be read: {exc}") from exc
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def _send(self, link: Link) -> None:
        """Send what waits; a link that has ended is noticed by whoever reads it."""
        while True:
            await self._to_send.wait()
            self._to_send.clear()
            while self._outbox:
                await link.send(self._outbox.pop(0))

    async def _watch(self) -> None:
        """End a link over which nothing comes any more."""
        while True:
            await self._clock.sleep(self._beat_s)
            if self._link is not None and self.age_s > SILENT_BEATS * self._beat_s:
                await self._link.close()

    def _receive(self, envelope: Envelope) -> None:
        if envelope.type == "connection_ack":
            self.server = ACK.read(envelope)
            self._beat_s, self._is_known = self.server.heartbeat_ms / 1000, True
            self._offset = envelope.timestamp - self._clock.now()
            self._subscribe(self._followed.values())
        elif envelope.type == "heartbeat":
            self._take_heartbeat(envelope)
        elif envelope.type == "error":
            self._take_error(envelope)
        elif following := self._followed.get(envelope.topic):
            if envelope.type == "source_health":
                source = SOURCE.read(envelope)
                self._sources[source.bookmaker] = source
            if ask := following.receive(envelope):
                self._subscribe([following], anew=ask == "anew")

    def _take_heartbeat(self, envelope: Envelope) -> None:
        beat = HEARTBEAT.read(envelope)
        self._attempt = 0
        self._offset = envelope.timestamp - self._clock.now()
        self._sources = {source.bookmaker: source for source in beat.sources}
        for topic, seq in beat.seq.items():
            if following := self._followed.get(topic):
                following.account(seq)

    def _take_error(self, envelope: Envelope) -> None:
        """End what waits for its subscription: it will not come."""
        error = ERROR.read(envelope)
        for topic, following in list(self._followed.items()):
            if following.is_asked:
                del self._followed[topic]
                following.end(FeedRefused(0, f"{error.code}: {error.detail}"))

    def _subscribe(self, followed: Iterable[Following[Any]], anew: bool = False) -> None:
        """Ask for topics, those of equal options in one message: the server counts messages."""
        groups: dict[bytes, list[Following[Any]]] = {}
        for following in followed:
            groups.setdefault(msgspec.json.encode(following.options), []).append(following)
        for group in groups.values():
            since = {each.topic: at for each in group if not anew and (at := each.since()) is not None}
            topics = [each.topic for each in group]
            self._say({"type": "subscribe", "topics": topics, "since": since, **group[0].options})
            for each in group:
                each.ask()

    def _say(self, message: dict[str, Any]) -> None:
        self._outbox.append(msgspec.json.encode(message).decode())
        self._to_send.set()


@asynccontextmanager
async def connect(url: str = "http://127.0.0.1:8000", *, key: str | None = None) -> AsyncGenerator[Feed]:
    """
    Connect to a server; inside the context the feed mends itself.

    Args:
        url: `http://host:port` or `https://host`.
        key: An API key; none is needed for a server on this machine without keys.
    Raises:
        FeedUnreachable: Nobody answers at first. Later that is tried again for as long as it lasts.
        FeedRefused: The server wants another key.
    """
    feed = Feed(lambda: links.dial(url, key))
    await feed.start()
    try:
        yield feed
    finally:
        await feed.stop()


def _options(conflate_ms: int, chosen: dict[str, Any]) -> dict[str, Any]:
    return {"conflate_ms": conflate_ms} | ({"filter": chosen} if chosen else {})


def _aware(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("a kickoff window needs times with a zone")
    return at.isoformat()
