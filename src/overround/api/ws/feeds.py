"""One subscription of one connection: what it holds, what waits for it, which sequence numbers it accounts for."""

from datetime import datetime
from typing import Protocol

import msgspec

from overround.api.ws.batch import Batch
from overround.api.ws.filters import OddsFilter
from overround.api.ws.protocol import frame
from overround.api.ws.snapshot import Snapshot

FRAME_BYTES = 900 * 1024  # clients' libraries refuse frames of more than 1 MiB unless told otherwise


class Stream(Protocol):
    """The stream a feed follows."""

    seq: int


class OddsFeed:
    """
    Odds for one filter. After every frame the client is level with `sent`: all up to there was sent or
    filtered away; what waits is told by one frame that accounts for `sent + 1` to the stream's newest.
    """

    kind = "odds_update"

    def __init__(self, topic: str, epoch: str, stream: Stream, chosen: OddsFilter, conflate_s: float) -> None:
        self.topic, self.filter, self.conflate_s = topic, chosen, conflate_s
        self.sent = 0
        self.due_at = 0.0  # monotonic; nothing is sent before
        self._epoch, self._stream = epoch, stream
        self._waiting: Batch | None = None
        self._is_own = False  # whether `_waiting` may be folded into
        self._snapshot: Snapshot | None = None
        self._part = 0
        self._uncounted = 0

    @property
    def in_snapshot(self) -> bool:
        """Return whether parts of a snapshot are still to be sent."""
        return self._snapshot is not None

    @property
    def has_waiting(self) -> bool:
        """Return whether a delta waits."""
        return self._waiting is not None

    @property
    def size(self) -> int:
        """Return the bytes that wait; neither parts of a snapshot count nor what came while they were sent."""
        if self._waiting is None or self._snapshot is not None:
            return 0
        return max(0, self._waiting.size - self._uncounted)

    def start(self, snapshot: Snapshot) -> None:
        """Begin with a whole state; whatever waited is part of it."""
        self._snapshot, self._part = snapshot, 0
        self._waiting, self._is_own = None, False
        self.sent = snapshot.seq

    def resume(self, seq: int, missed: Batch) -> None:
        """Continue after `seq` with what was missed."""
        self.sent = seq
        self._waiting, self._is_own = missed or None, False

    def offer(self, batch: Batch) -> None:
        """Let a delta wait, joined with what waits already."""
        if not batch:
            return
        if self._waiting is None:
            self._waiting, self._is_own = batch, False
            return
        self._own(self._waiting).fold(batch)

    def next_part(self, now: datetime) -> str:
        """Return the next part of the snapshot."""
        assert self._snapshot is not None
        data, last = self._snapshot.part(self._part)
        text = frame("snapshot", now, self.topic, self._epoch, self._snapshot.seq, data)
        self._part += 1
        if last:
            self._snapshot = None
            self._uncounted = self._waiting.size if self._waiting else 0
        return text

    def next_frame(self, now: datetime) -> str:
        """
        Return a frame with what waits, up to 900 KiB of it.

        A frame that leaves a rest accounts for nothing yet (its seq is the one before its first_seq): a client
        that loses its link in between asks for all of it again.
        """
        batch = self._waiting
        assert batch is not None
        if batch.size > FRAME_BYTES:
            return self._frame_of(self._own(batch).take(FRAME_BYTES), self.sent, now)
        key = (self.topic, self.sent, self._stream.seq)
        text = batch.kept_frame(key)
        if text is None:
            text = self._frame_of(batch, self._stream.seq, now)
            batch.keep_frame(key, text)
        self._waiting, self._is_own, self._uncounted = None, False, 0
        self.sent = self._stream.seq
        return text

    def _frame_of(self, batch: Batch, seq: int, now: datetime) -> str:
        return frame(self.kind, now, self.topic, self._epoch, seq, batch.data(self.sent + 1))

    def _own(self, batch: Batch) -> Batch:
        """Return what waits as a batch that may be changed."""
        if not self._is_own:
            batch = self._waiting = batch.copy()
            self._is_own = True
        return batch

    def accounted(self) -> int | None:
        """Return up to where everything was sent or filtered away, None while a snapshot is on its way."""
        if self._snapshot is not None:
            return None
        if self._waiting is None:
            self.sent = self._stream.seq
        return self.sent


class Message(msgspec.Struct, frozen=True):
    """One message of a topic without filters."""

    seq: int
    kind: str
    key: str  # of messages with the same key only the newest has to arrive
    data: bytes

    @property
    def size(self) -> int:
        """Return the bytes it keeps alive."""
        return len(self.data) + 100


class PlainFeed:
    """Messages of a topic without filters; conflated by key, in order of their sequence numbers."""

    in_snapshot = False

    def __init__(self, topic: str, epoch: str, stream: Stream, conflate_s: float) -> None:
        self.topic, self.conflate_s = topic, conflate_s
        self.sent = 0
        self.due_at = 0.0
        self._epoch, self._stream = epoch, stream
        self._waiting: dict[str, Message] = {}

    @property
    def has_waiting(self) -> bool:
        """Return whether a message waits."""
        return bool(self._waiting)

    @property
    def size(self) -> int:
        """Return the bytes that wait."""
        return sum(message.size for message in self._waiting.values())

    def resume(self, seq: int, missed: list[Message]) -> None:
        """Continue after `seq` with what was missed."""
        self.sent = seq
        self._waiting.clear()
        for message in missed:
            self.offer(message)

    def offer(self, message: Message) -> None:
        """Let a message wait in place of an older one of its key."""
        self._waiting.pop(message.key, None)
        self._waiting[message.key] = message

    def next_frame(self, now: datetime) -> str:
        """Return the oldest message that waits."""
        message = self._waiting.pop(next(iter(self._waiting)))
        # The state that a new subscriber is told first is older than its place in the stream: it accounts
        # for nothing, so that first_seq is always one more than the last.
        seq, first = max(message.seq, self.sent), self.sent + 1
        self.sent = seq
        return frame(message.kind, now, self.topic, self._epoch, seq, message.data, first)

    def accounted(self) -> int | None:
        """Return up to where everything was sent or replaced by something newer."""
        if not self._waiting:
            self.sent = self._stream.seq
        return self.sent


Feed = OddsFeed | PlainFeed
