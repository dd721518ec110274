"""Budget: how many requests a minute the fast lane may add at one bookmaker, whatever happens."""

from collections import deque
from collections.abc import Awaitable, Callable
from math import inf
from typing import TypeVar

from overround.clock import Clock

# Requests on their way are not evenly fast: counted over a little more than a minute, no minute at the bookmaker's
# end sees one too many.
WINDOW_S = 60.25
BURST_S = 2.0  # what was not used for so long may be caught up on

LOOK_AGAIN_S = 1.0

P = TypeVar("P")


class Budget:
    """
    At most `limit()` requests in any 60 seconds, evenly spread.

    A request is reserved before it queues and counted when it goes on the wire: what waits in a queue is not
    forgotten, and what piled up there can't leave all at once and still be within the minute.
    """

    def __init__(self, limit: Callable[[], int], clock: Clock) -> None:
        """Ask `limit` at every question, so that a change acts at once; 0 allows nothing."""
        self._limit, self._clock = limit, clock
        self._sent: deque[float] = deque()
        self._reserved = 0
        self._next = -inf  # the even pace: not before then

    @property
    def left(self) -> int:
        """Return how many more requests the running minute allows."""
        self._forget_old()
        return max(0, self._limit() - len(self._sent) - self._reserved)

    def wait_s(self) -> float:
        """Return the seconds until a request may be reserved: 0 now, inf while that depends on something else."""
        limit, now = self._limit(), self._clock.monotonic()
        self._forget_old()
        over = len(self._sent) + self._reserved - limit  # so many and one more have to leave the window first
        if limit == 0 or over >= len(self._sent):
            return inf
        self._next = min(self._next, now + WINDOW_S / limit)  # the limit may have been raised since
        pace = max(0.0, self._next - now)
        return pace if over < 0 else max(pace, self._sent[over] + WINDOW_S - now)

    def reserve(self) -> None:
        """Set one request aside; only when `wait_s` says 0."""
        spacing, now = WINDOW_S / self._limit(), self._clock.monotonic()
        self._reserved += 1
        self._next = max(self._next + spacing, now + spacing - BURST_S)

    def sent(self) -> None:
        """Count a reserved request: it goes on the wire now."""
        self._reserved -= 1
        self._sent.append(self._clock.monotonic())

    def release(self) -> None:
        """Give a reserved request back: it was not sent."""
        self._reserved -= 1

    async def admitted(self, admit: Callable[[], Awaitable[P]]) -> P:
        """Return what `admit` gives, for a request that is reserved, waited for and counted here."""
        while (wait_s := self.wait_s()) > 0:
            await self._clock.sleep(min(wait_s, LOOK_AGAIN_S))
        self.reserve()
        return await self.spent_on(admit)

    async def spent_on(self, admit: Callable[[], Awaitable[P]]) -> P:
        """Return what `admit` gives, and count the reserved request; it is given back when there is no permit."""
        try:
            permit = await admit()
        except BaseException:
            self.release()
            raise
        self.sent()
        return permit

    def _forget_old(self) -> None:
        since = self._clock.monotonic() - WINDOW_S
        while self._sent and self._sent[0] <= since:
            self._sent.popleft()
