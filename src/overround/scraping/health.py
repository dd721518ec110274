"""Source health: whether each bookmaker answers, judged from results only, apart from what its markets say."""

from collections import deque
from collections.abc import Mapping

import msgspec

from overround.bookmakers.limiter import Limiter
from overround.bus.base import Bus
from overround.clock import Clock
from overround.config import Settings, SettingValue
from overround.domain.runs import SourceHealth, SourceState
from overround.errors import BookmakerError, BookmakerRefused, EventGone, RateLimited
from overround.log import get_logger

log = get_logger(__name__)

REMEMBERED = 20  # results per bookmaker
DOWN_AFTER = 5  # failures in a row
UP_AFTER = 5  # successes in a row after trouble
LAGGING_SHARE = 0.2
GIVES_PRICES: tuple[SourceState, ...] = ("up", "lagging")


class _Track:
    """The newest results of one bookmaker; None is a success."""

    def __init__(self) -> None:
        self.results: deque[BookmakerError | None] = deque(maxlen=REMEMBERED)
        self.in_trouble = (
            True  # until enough successes in a row: nothing is known of a source that was never asked
        )

    def add(self, error: BookmakerError | None) -> None:
        self.results.append(error)

    def last(self, count: int) -> list[BookmakerError | None]:
        return list(self.results)[-count:]

    @property
    def failed(self) -> list[BookmakerError]:
        return [error for error in self.results if error is not None]


class Sources:
    """Every configured bookmaker's health; `SourceHealth` is published when state or reason change."""

    def __init__(self, limiters: Mapping[str, Limiter], settings: Settings, bus: Bus, clock: Clock) -> None:
        self._limiters, self._settings, self._bus, self._clock = limiters, settings, bus, clock
        self._tracks = {code: _Track() for code in limiters}
        self._health = {code: SourceHealth(code, *self._judge(code), since=clock.now()) for code in limiters}
        self._gave_prices = dict.fromkeys(limiters, clock.monotonic())  # when each last did
        settings.on_change(self._settings_changed)

    def not_up_s(self, bookmaker: str) -> float:
        """
        Return for how long a bookmaker has been neither up nor lagging, 0 while it is.

        Going to and fro between down and recovering counts as one time, whatever `since` says.
        """
        if self._health[bookmaker].state in GIVES_PRICES:
            return 0.0
        return self._clock.monotonic() - self._gave_prices[bookmaker]

    def all(self) -> list[SourceHealth]:
        """Return the health of every bookmaker, reference first."""
        return list(self._health.values())

    def record(self, bookmaker: str, error: BookmakerError | None) -> None:
        """Count how a request with all its retries ended; an event that is gone is an answer."""
        track = self._tracks[bookmaker]
        track.add(None if isinstance(error, EventGone) else error)
        if track.in_trouble and len(track.results) >= UP_AFTER and not any(track.last(UP_AFTER)):
            track.in_trouble = False
        self._update(bookmaker)

    def record_list(self, bookmaker: str, error: BookmakerError | None) -> None:
        """Count how a whole discovery ended; a complete one says more than a single event."""
        if error is None:
            self._tracks[bookmaker].in_trouble = False
        self.record(bookmaker, error)

    def _update(self, bookmaker: str) -> None:
        before = self._health[bookmaker]
        state, reason = self._judge(bookmaker)
        if before.state in GIVES_PRICES:
            self._gave_prices[bookmaker] = self._clock.monotonic()
        if state in ("down", "refused"):
            self._tracks[bookmaker].in_trouble = True
        if (state, reason) == (before.state, before.reason):
            return
        since = before.since if state == before.state else self._clock.now()
        health = SourceHealth(bookmaker, state, reason, since)
        self._health[bookmaker] = health
        if state == "up" and before.state != "up":
            log.info("source_recovered", **msgspec.structs.asdict(health))
        elif state != before.state:
            log.warning("source_troubled", **msgspec.structs.asdict(health))
        self._bus.publish(health)

    def _judge(self, bookmaker: str) -> tuple[SourceState, str]:
        """Return the state that the results and the limiter show, with its reason."""
        track, limiter = self._tracks[bookmaker], self._limiters[bookmaker]
        if bookmaker not in self._settings.enabled_bookmakers:
            return "off", "switched off in the settings"
        breaker = limiter.breaker
        if breaker.state != "closed":
            if breaker.state == "half_open":
                return "recovering", f"asking again: {breaker.reason}"
            return "refused" if isinstance(breaker.last_error, BookmakerRefused) else "down", breaker.reason
        if not track.results:
            return "recovering", "not asked yet"
        latest = track.last(DOWN_AFTER)
        if (error := latest[-1]) is not None and all(latest):
            return _state_of(error), error.detail
        if track.in_trouble:
            return "recovering", "answers again"
        if limiter.throttled:
            return "lagging", "asked to slow down"
        if len(track.failed) >= REMEMBERED * LAGGING_SHARE:
            return "lagging", f"requests fail, the last one: {track.failed[-1].detail}"
        return "up", ""

    def _settings_changed(self, _: dict[str, SettingValue]) -> None:
        for bookmaker in self._limiters:
            self._update(bookmaker)


def _state_of(error: BookmakerError) -> SourceState:
    if isinstance(error, BookmakerRefused):
        return "refused"
    return "lagging" if isinstance(error, RateLimited) else "down"  # answers nobody can read are no answers
