"""Admission: which waiting request goes on the wire next, under both layers of limits."""

import asyncio
import heapq
from collections.abc import Callable, Mapping

from overround.bookmakers.http import Admit
from overround.bookmakers.limiter import Limiter, Ticket
from overround.clock import Clock
from overround.config import Settings, SettingValue
from overround.errors import BookmakerError
from overround.scraping.priority import Priority

PATIENCE_S = 15.0  # what a request waits out of a Retry-After or a breaker; beyond it fails at once
LOOK_AGAIN_S = 1.0  # while something outside holds events back
STARTS_AT_ONCE = (
    10  # requests put on the wire in one turn of the loop: about 4 ms, most of it new connections
)

# First part of every priority: a refresh, the fast lane, a discovery, a run.
URGENT, PROMPT, LISTS, EVENTS = 0.0, 0.5, 1.0, 2.0


class Permit:
    """Leave for one request, granted; ends exactly once."""

    def __init__(
        self, admission: "Admission", lane: "_Lane", event: str | None, ticket: Ticket, wait_ms: float
    ):
        self._admission, self._lane, self._event, self._ticket = admission, lane, event, ticket
        self._ended = False
        self.wait_ms = wait_ms  # time at the head of its bookmaker's queue

    def finish(self, error: BookmakerError | None = None) -> None:
        """Say how the request ended, and let the next one go."""
        if not self._ended:
            self._ended = True
            self._lane.limiter.finish(self._ticket, error)
            self._admission.release(self._lane, self._event)

    def abandon(self) -> None:
        """Give the permit back without a result."""
        if not self._ended:
            self._ended = True
            self._lane.limiter.abandon(self._ticket)
            self._admission.release(self._lane, self._event)


class Waiting:
    """A request that waits for admission; `start` or `refuse` is called exactly once, unless withdrawn."""

    __slots__ = ("bookmaker", "event", "live", "priority", "refuse", "since", "start")

    def __init__(
        self,
        bookmaker: str,
        event: str | None,  # Sportradar id; None for a list, which needs no event slot
        priority: Priority,
        start: Callable[[Permit], None],
        refuse: Callable[[BookmakerError], None],
        since: float,
    ) -> None:
        self.bookmaker, self.event, self.priority = bookmaker, event, priority
        self.start, self.refuse, self.since = start, refuse, since
        self.live = True


class _Lane:
    """One bookmaker's waiting requests."""

    def __init__(self, limiter: Limiter) -> None:
        self.limiter = limiter
        self.events: dict[str, Waiting] = {}
        self.events_on_wire = 0
        self.head_since = 0.0  # when the request now at the head got there
        self._heap: list[tuple[Priority, int, Waiting]] = []
        self._count = 0

    def push(self, waiting: Waiting) -> None:
        self._count += 1
        heapq.heappush(self._heap, (waiting.priority, self._count, waiting))
        if waiting.event is not None:
            self.events[waiting.event] = waiting

    def head(self) -> Waiting | None:
        while self._heap and not self._heap[0][2].live:
            heapq.heappop(self._heap)
        return self._heap[0][2] if self._heap else None

    def take(self, waiting: Waiting) -> None:
        """Remove a waiting request; the heap drops it when it comes to the top."""
        waiting.live = False
        if waiting.event is not None and self.events.get(waiting.event) is waiting:
            del self.events[waiting.event]

    def take_all(self) -> list[Waiting]:
        gone = [waiting for _, _, waiting in self._heap if waiting.live]
        for waiting in gone:
            self.take(waiting)
        self._heap.clear()
        return gone

    def work_per_permit(self) -> float:
        return len(self.events) / self.limiter.ceiling


class Admission:
    """
    Grants permits so that no limit is broken and none is left unused.

    A request is admitted when its bookmaker's limiter allows it *and* its event has a slot: at most
    `max_concurrent_events` events have a request on the wire, and an event that has one needs no second
    slot. What waits for its limiter holds no slot. While another bookmaker has work that it may send, none
    is on the wire in more than half of the slots, so that a slow one can't sit on all of them; the one
    with the most remaining work per permit goes first.
    """

    def __init__(
        self,
        limiters: Mapping[str, Limiter],
        settings: Settings,
        clock: Clock,
        held: Callable[[], bool] = lambda: False,
    ) -> None:
        """Create it for these bookmakers; while `held()` is true no event request is admitted, lists are."""
        self._lanes = {code: _Lane(limiter) for code, limiter in limiters.items()}
        self._settings, self._clock, self.held = settings, clock, held
        self._on_wire: dict[str, int] = {}  # event -> its requests on the wire
        self._timer: asyncio.Task[None] | None = None
        self._next_turn: asyncio.Handle | None = None  # more may go, in the loop's next turn
        self._timer_due = 0.0
        settings.on_change(self._settings_changed)

    @property
    def events_on_wire(self) -> int:
        """Return how many events have a request on the wire."""
        return len(self._on_wire)

    @property
    def all_on_wire(self) -> int:
        """Return how many requests are on the wire."""
        return sum(lane.limiter.in_flight for lane in self._lanes.values())

    @property
    def capacity(self) -> int:
        """Return how many requests may be on the wire."""
        return sum(lane.limiter.ceiling for lane in self._lanes.values())

    def on_wire(self, bookmaker: str) -> int:
        """Return how many requests to the bookmaker are on the wire."""
        return self._lanes[bookmaker].limiter.in_flight

    def waiting(self, bookmaker: str) -> int:
        """Return how many events wait for the bookmaker."""
        return len(self._lanes[bookmaker].events)

    def submit(
        self,
        bookmaker: str,
        event: str | None,
        priority: Priority,
        start: Callable[[Permit], None],
        refuse: Callable[[BookmakerError], None],
    ) -> Waiting:
        """Queue a request; `start` gets its permit, or `refuse` the reason why it would wait too long."""
        waiting = Waiting(bookmaker, event, priority, start, refuse, self._clock.monotonic())
        self._lanes[bookmaker].push(waiting)
        return waiting

    def promote(self, waiting: Waiting, priority: Priority) -> Waiting:
        """Move a waiting request to another place in the queue; return what stands there now."""
        self._lanes[waiting.bookmaker].take(waiting)
        return self.submit(waiting.bookmaker, waiting.event, priority, waiting.start, waiting.refuse)

    def withdraw(self, waiting: Waiting) -> None:
        """Take a waiting request back; neither of its callbacks is called."""
        self._lanes[waiting.bookmaker].take(waiting)

    async def admit(self, bookmaker: str, event: str | None, priority: Priority) -> Permit:
        """
        Wait for a permit.

        Raises:
            BookmakerError: The bookmaker is not to be asked for longer than a request should wait.
        """
        granted: asyncio.Future[Permit] = asyncio.get_running_loop().create_future()

        def start(permit: Permit) -> None:
            if granted.done():  # cancelled, and its task has not run since
                permit.abandon()
            else:
                granted.set_result(permit)

        def refuse(error: BookmakerError) -> None:
            if not granted.done():
                granted.set_exception(error)

        waiting = self.submit(bookmaker, event, priority, start, refuse)
        self.pump()
        try:
            return await granted
        except asyncio.CancelledError:
            self.withdraw(waiting)
            if granted.done() and not granted.cancelled() and granted.exception() is None:
                granted.result().abandon()
            raise

    def admit_lists(self, bookmaker: str) -> Admit:
        """Return how a list request of this bookmaker is admitted: before its events, without a slot."""
        return lambda: self.admit(bookmaker, None, (LISTS,))

    def pump(self) -> None:
        """Admit whatever may go now; called after everything that could let a request go."""
        for lane in self._lanes.values():
            if lane.limiter.closed_s() > PATIENCE_S:
                error = lane.limiter.closed_error()
                for waiting in lane.take_all():
                    waiting.refuse(error)
        if self._next_turn is not None:
            return
        for _ in range(STARTS_AT_ONCE):
            if (chosen := self._choose(waits := self._waits())) is None:
                self._arm(waits)
                return
            self._start(*chosen)
        self._next_turn = asyncio.get_running_loop().call_soon(self._go_on)

    def release(self, lane: _Lane, event: str | None) -> None:
        """Free what a permit held; permits call this."""
        if event is not None:
            lane.events_on_wire -= 1
            self._on_wire[event] -= 1
            if not self._on_wire[event]:
                del self._on_wire[event]
        self.pump()

    def close(self) -> None:
        """Start nothing more by itself; what still waits stays where it is."""
        self._disarm()
        if self._next_turn is not None:
            self._next_turn.cancel()
            self._next_turn = None

    def _go_on(self) -> None:
        self._next_turn = None
        self.pump()

    def _disarm(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _waits(self) -> dict[str, float]:
        """
        Return per bookmaker with waiting requests the seconds until its limiter opens, 0 now.

        Read once for choosing and arming: a limiter that opened between two readings would be neither ready nor
        waited for, and with nothing on the wire nobody would ever look again.
        """
        return {code: lane.limiter.wait_s() for code, lane in self._lanes.items() if lane.head()}

    def _choose(self, waits: Mapping[str, float]) -> tuple[_Lane, Waiting] | None:
        ready = [
            (head.priority[0] >= EVENTS, head.priority[0], -lane.work_per_permit(), code)
            for code, lane in self._lanes.items()
            if (head := lane.head()) and waits[code] == 0
        ]
        for *_, code in sorted(ready):
            lane = self._lanes[code]
            if waiting := self._admissible(lane):
                return lane, waiting
        return None

    def _admissible(self, lane: _Lane) -> Waiting | None:
        """Return which of the lane's requests may go: its first, or one whose event is on the wire anyway."""
        head = lane.head()
        assert head is not None
        if head.event is None:
            return head
        slots = self._settings.number("max_concurrent_events")
        is_urgent = head.priority[0] == URGENT
        if self.held() or (
            not is_urgent and lane.events_on_wire >= max(1, slots // 2) and self._others_wait(lane)
        ):
            return None
        if head.event in self._on_wire or len(self._on_wire) < slots:
            return head
        joining = [lane.events[event] for event in self._on_wire if event in lane.events]
        return min(joining, key=lambda waiting: waiting.priority, default=None)

    def _others_wait(self, lane: _Lane) -> bool:
        # A bookmaker at its own limit counts as well: when its request ends it must find a slot at once, not
        # after the ten seconds that a slow bookmaker may hold all of them.
        return any(
            other.events and other.limiter.closed_s() == 0
            for other in self._lanes.values()
            if other is not lane
        )

    def _start(self, lane: _Lane, waiting: Waiting) -> None:
        now = self._clock.monotonic()
        wait_ms = (now - max(lane.head_since, waiting.since)) * 1000
        lane.take(waiting)
        lane.head_since = now
        ticket = lane.limiter.start()
        if waiting.event is not None:
            lane.events_on_wire += 1
            self._on_wire[waiting.event] = self._on_wire.get(waiting.event, 0) + 1
        waiting.start(Permit(self, lane, waiting.event, ticket, wait_ms))

    def _arm(self, waits: Mapping[str, float]) -> None:
        """Look again when time alone will have opened a limiter."""
        soonest = min((wait for wait in waits.values() if wait > 0), default=float("inf"))
        if self.held() and any(lane.events for lane in self._lanes.values()):
            soonest = min(soonest, LOOK_AGAIN_S)
        if soonest == float("inf"):
            return
        due = self._clock.monotonic() + soonest
        if self._timer and not self._timer.done() and self._timer_due <= due:
            return
        self._disarm()
        self._timer_due = due
        self._timer = asyncio.create_task(self._pump_later(soonest), name="admission-timer")

    async def _pump_later(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._timer = None
        self.pump()

    def _settings_changed(self, _: dict[str, SettingValue]) -> None:
        self.pump()
