"""What waits for one connection: control messages lossless, feeds bounded, heartbeats after both."""

from collections import deque
from datetime import datetime

from overround.api.ws.feeds import Feed, OddsFeed

LIMIT_BYTES = 1024 * 1024


class Outbox:
    """Chooses the next frame: control, then deltas that are due, then a heartbeat, then a part of a snapshot."""

    def __init__(self) -> None:
        self.feeds: dict[str, Feed] = {}
        self._control: deque[str] = deque()
        self._heartbeat = False
        self._turn = 0

    def put_control(self, text: str) -> None:
        """Let a control message wait; none is ever dropped."""
        self._control.append(text)

    def want_heartbeat(self) -> None:
        """Ask for a heartbeat after what waits now; one that was not sent yet is not doubled."""
        self._heartbeat = True

    def hurry(self) -> None:
        """Make a feed due that has conflated more than the limit: waiting longer would not make it smaller."""
        for feed in self.feeds.values():
            if feed.size > LIMIT_BYTES:
                feed.due_at = 0.0

    def is_full(self) -> bool:
        """Return whether more than 1 MiB waits."""
        return sum(feed.size for feed in self.feeds.values()) > LIMIT_BYTES

    def next_control(self) -> str | None:
        """Return the oldest control message."""
        return self._control.popleft() if self._control else None

    def next_delta(self, now: datetime, monotonic: float) -> str | None:
        """Return a frame of a feed that has something to tell and is due."""
        for feed in self.feeds.values():
            if feed.has_waiting and not feed.in_snapshot and feed.due_at <= monotonic:
                text = feed.next_frame(now)
                if not feed.has_waiting:
                    feed.due_at = monotonic + feed.conflate_s
                return text
        return None

    def next_heartbeat(self) -> dict[str, int] | None:
        """Return where each feed stands if a heartbeat is wanted; topics in a snapshot are left out."""
        if not self._heartbeat:
            return None
        self._heartbeat = False
        accounts = {topic: feed.accounted() for topic, feed in self.feeds.items()}
        return {topic: seq for topic, seq in accounts.items() if seq is not None}

    def next_part(self, now: datetime) -> str | None:
        """Return a part of a snapshot, of each feed in turn."""
        pulling = [feed for feed in self.feeds.values() if isinstance(feed, OddsFeed) and feed.in_snapshot]
        if not pulling:
            return None
        self._turn += 1
        return pulling[self._turn % len(pulling)].next_part(now)

    def next_due(self) -> float | None:
        """Return the monotonic time at which a conflated feed may be sent, None when none waits."""
        return min(
            (feed.due_at for feed in self.feeds.values() if feed.has_waiting and not feed.in_snapshot),
            default=None,
        )
