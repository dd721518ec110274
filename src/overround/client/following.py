"""Following one topic: which frames may be applied, and when to ask again."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any, Generic, Literal, TypeVar

from overround.client.book import Book, Change, Unread
from overround.client.messages import SNAPSHOT, SUBSCRIBED, UPDATE, Envelope, Message, Reader

# What to send after a message: nothing, a subscription from where we stand, or one without `since`.
Ask = Literal["", "resume", "anew"]
T = TypeVar("T")

UNREAD_LIMIT = 10_000  # messages of a topic without a local copy

_OBJECT: Reader[dict[str, Any]] = Reader(dict[str, Any])


class Following(AsyncIterator[T], Generic[T]):
    """
    What all topics share. After a subscription everything is ignored until the server's `subscribed`; frames are
    applied when they follow what is held, ignored when they are held already, asked for again when one is missing.
    """

    def __init__(self, topic: str, options: Mapping[str, Any]) -> None:
        self.topic, self.options = topic, options
        self.is_asked = False  # a subscription is on its way
        self.epoch = ""
        self.last: int | None = None  # applied
        self._accounted = -1  # sent or filtered away, by a heartbeat
        self._news = asyncio.Event()
        self._error: Exception | None = None
        self._ended = False

    def since(self) -> dict[str, Any] | None:
        """Return where a subscription may continue, None to begin anew."""
        return None if self.last is None else {"epoch": self.epoch, "seq": self._level()}

    def ask(self) -> None:
        """Note that a subscription was sent."""
        self.is_asked = True

    def account(self, seq: int) -> None:
        """Note that everything up to here was sent or filtered away."""
        if not self.is_asked and self.last is not None:
            self._accounted = max(self._accounted, seq)

    def forget(self) -> None:
        """Begin anew with the next subscription: what came could not be read."""
        self.last = None

    def end(self, error: Exception | None = None) -> None:
        """End every iteration, with the reason if there is one."""
        self._ended, self._error = True, error
        self._news.set()

    def receive(self, envelope: Envelope) -> Ask:
        """Take in a message of the topic and return what to ask of the server."""
        raise NotImplementedError

    def _level(self) -> int:
        return -1 if self.last is None else max(self.last, self._accounted)

    def _fits(self, first_seq: int, seq: int) -> bool | None:
        """Return whether a frame may be applied; None when one before it is missing."""
        if first_seq > self._level() + 1:
            return None
        # A frame that is the first of several accounts for nothing yet: its seq is the one before its first.
        return self.last is None or seq > self.last or first_seq > max(seq, self.last)

    async def _wait(self) -> None:
        """Wait for news; StopAsyncIteration once there will be none."""
        if self._error:
            raise self._error
        if self._ended:
            raise StopAsyncIteration
        self._news.clear()
        await self._news.wait()


class Odds(Following[Change]):
    """
    Odds of one filter: `book` is the local copy, iterating gives what changes in it.

    A reader slower than the market gets the newest change of a market, from what it last read to what is now, so
    memory stays bounded. After a link was lost for long, the difference is told like any change.
    """

    def __init__(self, topic: str, options: Mapping[str, Any], initial: bool) -> None:
        super().__init__(topic, options)
        self.book = Book()
        self.snapshots = 0  # whole states received
        self._initial = initial
        self._unread = Unread()
        self._coming: Book | None = None
        self._part = 0
        self._coming_from: tuple[str, int] = ("", -1)
        self._complete = asyncio.Event()

    async def ready(self) -> None:
        """
        Wait until the local copy is complete.

        Raises:
            FeedRefused: The server refused it.
        """
        await self._complete.wait()
        if self._error:
            raise self._error

    async def __anext__(self) -> Change:
        while not self._unread:
            await self._wait()
        return self._unread.pop()

    def end(self, error: Exception | None = None) -> None:
        super().end(error)
        self._complete.set()

    def ask(self) -> None:
        super().ask()
        self._coming = None

    def receive(self, envelope: Envelope) -> Ask:
        if envelope.type == "subscribed":
            self._begin(SUBSCRIBED.read(envelope).mode)
        elif envelope.type == "resync":
            self._coming, self._part = Book(), 0
        elif self.is_asked:
            return ""
        elif envelope.type == "snapshot":
            return self._take_part(envelope)
        elif envelope.type == "odds_update" and self._coming is None and envelope.epoch == self.epoch:
            return self._take_update(envelope)
        return ""

    def _begin(self, mode: str) -> None:
        if not self.is_asked:
            return
        self.is_asked = False
        if mode == "snapshot":
            self._coming, self._part = Book(), 0

    def _take_part(self, envelope: Envelope) -> Ask:
        part, origin = SNAPSHOT.read(envelope), (envelope.epoch, envelope.seq)
        is_old = envelope.epoch == self.epoch and envelope.seq < self._level()
        if self._coming is None or is_old or part.part <= self._part:
            return ""
        if part.part != self._part + 1 or (self._part and origin != self._coming_from):
            return "anew"
        self._part, self._coming_from = part.part, origin
        self._coming.add(part)
        if part.last:
            self._replace(self._coming, envelope)
        return ""

    def _replace(self, book: Book, envelope: Envelope) -> None:
        if self.snapshots or self._initial:
            self._tell(self.book.changes_to(book))
        self.book, self._coming = book, None
        self.epoch, self.last, self._accounted = envelope.epoch, envelope.seq, -1
        self.snapshots += 1
        self._complete.set()

    def _take_update(self, envelope: Envelope) -> Ask:
        update = UPDATE.read(envelope)
        fits = self._fits(update.first_seq, envelope.seq)
        if fits is None:
            return "resume"
        if fits:
            self._tell(self.book.update(update))
            self.last = envelope.seq if self.last is None else max(self.last, envelope.seq)
        return ""

    def _tell(self, changes: list[Change]) -> None:
        for change in changes:
            self._unread.put(change)
        if self._unread:
            self._news.set()


class Messages(Following[Message]):
    """A topic without a local copy; a reader that leaves 10,000 messages unread loses the oldest."""

    def __init__(self, topic: str, options: Mapping[str, Any]) -> None:
        super().__init__(topic, options)
        self.dropped = 0
        self._unread: deque[Message] = deque()

    async def __anext__(self) -> Message:
        while not self._unread:
            await self._wait()
        return self._unread.popleft()

    def receive(self, envelope: Envelope) -> Ask:
        if envelope.type == "subscribed":
            self._begin(SUBSCRIBED.read(envelope).mode)
            return ""
        if self.is_asked or envelope.seq < 0:
            return ""
        if self.last is None:
            self.epoch, self.last = envelope.epoch, envelope.first_seq - 1
        fits = self._fits(envelope.first_seq, envelope.seq)
        if fits is None:
            return "resume"
        if fits:
            self.last = max(self.last, envelope.seq)
            self._put(envelope)
        return ""

    def _begin(self, mode: str) -> None:
        if self.is_asked and mode == "snapshot":
            self.last, self._accounted = None, -1
        self.is_asked = False

    def _put(self, envelope: Envelope) -> None:
        if len(self._unread) >= UNREAD_LIMIT:
            self._unread.popleft()
            self.dropped += 1
        data = _OBJECT.read(envelope)
        self._unread.append(Message(envelope.type, envelope.timestamp, envelope.topic, envelope.seq, data))
        self._news.set()
