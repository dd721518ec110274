"""How fast a bookmaker may be asked: concurrency, spacing, 429 and its Retry-After, and a circuit breaker."""

from collections import deque
from math import inf
from typing import Literal

import msgspec

from overround.clock import Clock
from overround.config import Settings
from overround.errors import BookmakerError, BookmakerRefused, BookmakerUnavailable, RateLimited
from overround.log import get_logger

log = get_logger(__name__)

GROW_AFTER = 20  # successes before a halved concurrency grows by one

FAILURES_IN_A_ROW = 5
WINDOW = 20  # results that the failure share is taken of
FAILURE_SHARE = 0.5
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 300.0
REFUSED_PAUSE_S = 900.0  # they said no: a person, or a long wait

_ROUNDING_S = 1e-6  # sums of floats: a wait shorter than this is over

BreakerState = Literal["closed", "open", "half_open"]


class Breaker:
    """Stops asking a bookmaker that keeps failing, then asks again with one probe."""

    def __init__(self, bookmaker: str, clock: Clock) -> None:
        self._bookmaker, self._clock = bookmaker, clock
        self._results: deque[bool] = deque(maxlen=WINDOW)
        self._in_a_row = 0
        self._open_until: float | None = None
        self._pauses = 0  # how often it opened since it last closed
        self.last_error: BookmakerError | None = None
        self.reason = ""  # why it is not closed, for people

    @property
    def state(self) -> BreakerState:
        """Return closed, open (nothing may be sent) or half_open (one probe may)."""
        if self._open_until is None:
            return "closed"
        return "open" if self.wait_s() > 0 else "half_open"

    def wait_s(self) -> float:
        """Return the seconds until a request may be sent; 0 when it may now."""
        if self._open_until is None:
            return 0.0
        left = self._open_until - self._clock.monotonic()
        return left if left > _ROUNDING_S else 0.0

    def record(self, error: BookmakerError | None, is_probe: bool) -> None:
        """Count a result; while not closed only a probe's result tells anything new."""
        if self._open_until is not None:
            if is_probe:
                self._judge_probe(error)
            return
        self._results.append(error is None)
        self._in_a_row = 0 if error is None else self._in_a_row + 1
        if error is not None:
            self.last_error = error
            if why := self._too_many():
                self._open(f"{why}, the last one: {error.detail}")

    def half_open(self) -> None:
        """Allow a probe now: a person asks for it."""
        if self._open_until is not None:
            self._open_until = self._clock.monotonic()

    def _too_many(self) -> str:
        if self._in_a_row >= FAILURES_IN_A_ROW:
            return f"{self._in_a_row} requests failed in a row"
        failed = self._results.count(False)
        if len(self._results) == WINDOW and failed >= WINDOW * FAILURE_SHARE:
            return f"{failed} of the last {WINDOW} requests failed"
        return ""

    def _judge_probe(self, error: BookmakerError | None) -> None:
        if error is not None:
            self.last_error = error
            self._open(f"still failing: {error.detail}")
            return
        self._open_until, self._pauses, self._in_a_row = None, 0, 0
        self._results.clear()
        log.info("breaker_closed", bookmaker=self._bookmaker, reason=self.reason)
        self.reason = ""

    def _open(self, reason: str) -> None:
        pause_s = min(FIRST_PAUSE_S * 2**self._pauses, LONGEST_PAUSE_S)
        if isinstance(self.last_error, BookmakerRefused):
            pause_s = REFUSED_PAUSE_S
        self._pauses += 1
        self._open_until = self._clock.monotonic() + pause_s
        self.reason = reason
        log.warning("breaker_opened", bookmaker=self._bookmaker, reason=reason, pause_s=pause_s)


class Ticket(msgspec.Struct, frozen=True):
    """One request that was let through."""

    pace: int  # how often we had slowed down when it started
    is_probe: bool = False


class Limiter:
    """
    Tells when the next request to one bookmaker may start; never waits itself.

    Concurrency and spacing are read from the live settings at every question, so a change acts at once.
    """

    def __init__(self, bookmaker: str, settings: Settings, clock: Clock) -> None:
        self.bookmaker, self._settings, self._clock = bookmaker, settings, clock
        self.breaker = Breaker(bookmaker, clock)
        self.in_flight = 0
        self._finished: deque[float] = deque()  # ends of requests whose permit may still rest
        self._reduced: int | None = None  # concurrency after a 429; None: as set
        self._pace = 0  # counts the reductions
        self._successes = 0
        self._quiet_until = -inf  # end of the Retry-After window
        self._probe_out = False

    @property
    def ceiling(self) -> int:
        """Return how many requests may be on the wire at once now."""
        setting = self._settings.number(f"{self.bookmaker}_concurrency")
        return setting if self._reduced is None else min(setting, self._reduced)

    @property
    def throttled(self) -> bool:
        """Return whether a 429 keeps us below the settings."""
        return self._reduced is not None or self._quiet_s() > 0

    def wait_s(self) -> float:
        """Return the seconds until a request may start: 0 now, inf when another has to end first."""
        if (closed_s := self.closed_s()) > 0:
            return closed_s
        if self.breaker.state == "half_open":
            return inf if self._probe_out else 0.0
        delay_s = self._settings.number(f"{self.bookmaker}_delay_ms") / 1000
        now = self._clock.monotonic()
        while self._finished and self._finished[0] + delay_s - now <= _ROUNDING_S:
            self._finished.popleft()
        over = self.in_flight + len(self._finished) - self.ceiling
        if over < 0:
            return 0.0
        if over < len(self._finished):
            return self._finished[over] + delay_s - now
        return inf

    def closed_s(self) -> float:
        """Return how long nothing may be sent whatever ends: a Retry-After window, an open breaker."""
        return max(self._quiet_s(), self.breaker.wait_s())

    def closed_error(self) -> BookmakerError:
        """Return what a request fails with that would have to wait longer than anyone should."""
        if (quiet_s := self._quiet_s()) > self.breaker.wait_s():
            return RateLimited(self.bookmaker, "limiter", f"asked to wait {quiet_s:.0f} s", quiet_s)
        detail = f"not asked for {self.breaker.wait_s():.0f} s: {self.breaker.reason}"
        last = self.breaker.last_error
        if isinstance(last, BookmakerRefused):
            return BookmakerRefused(self.bookmaker, "limiter", detail)
        answered = last is None or last.answered
        return BookmakerUnavailable(self.bookmaker, "limiter", detail, answered)

    def start(self) -> Ticket:
        """Let one request through; only after `wait_s` said 0."""
        assert self.wait_s() == 0.0
        self.in_flight += 1
        is_probe = self.breaker.state == "half_open"
        self._probe_out = self._probe_out or is_probe
        return Ticket(self._pace, is_probe)

    def finish(self, ticket: Ticket, error: BookmakerError | None = None) -> None:
        """Count a request's end; errors that are the event's and not the bookmaker's count as answers."""
        self.abandon(ticket)
        if isinstance(error, RateLimited):
            self._slow_down(ticket, error)
        elif isinstance(error, (BookmakerUnavailable, BookmakerRefused)):
            self.breaker.record(error, ticket.is_probe)
        else:
            self.breaker.record(None, ticket.is_probe)
            self._speed_up()

    def abandon(self, ticket: Ticket) -> None:
        """Take back a permit whose request was given up: no result, but the pause after it holds."""
        self.in_flight -= 1
        self._finished.append(self._clock.monotonic())
        if ticket.is_probe:
            self._probe_out = False

    def _quiet_s(self) -> float:
        left = self._quiet_until - self._clock.monotonic()
        return left if left > _ROUNDING_S else 0.0

    def _slow_down(self, ticket: Ticket, error: RateLimited) -> None:
        now = self._clock.monotonic()
        self._quiet_until = max(self._quiet_until, now + error.retry_after_s)
        self._successes = 0
        if ticket.pace < self._pace:
            return  # sent before we had slowed down: the same message once more
        # Slower and slower, and never an answer: then a run would only wait, and hold up the next one.
        self.breaker.record(error, ticket.is_probe)
        self._reduced = max(1, self.ceiling // 2)
        self._pace += 1
        log.warning(
            "bookmaker_slowed",
            bookmaker=self.bookmaker,
            concurrency=self._reduced,
            retry_after_s=error.retry_after_s,
        )

    def _speed_up(self) -> None:
        if self._reduced is None:
            return
        self._successes += 1
        if self._successes < GROW_AFTER:
            return
        self._successes = 0
        self._reduced += 1
        if self._reduced >= self._settings.number(f"{self.bookmaker}_concurrency"):
            self._reduced = None
