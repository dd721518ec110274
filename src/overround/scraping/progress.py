"""Progress of a run, published a few times a second and never without the last state."""

from collections import Counter
from collections.abc import Callable, Mapping

from overround.bus.base import Bus
from overround.clock import Clock
from overround.domain.runs import Phase, RunProgress

EVERY_S = 0.25


class ProgressFeed:
    """Counts the phase's done and failed work per bookmaker and publishes `RunProgress` for each and for the whole ("")."""

    def __init__(self, run_id: str, bus: Bus, clock: Clock, in_flight: Callable[[str], int]) -> None:
        self._run_id, self._bus, self._clock, self._in_flight = run_id, bus, clock, in_flight
        self._started = self._phase_started = clock.monotonic()
        self._published: float | None = None
        self._phase: Phase = "discover"
        self._total: Counter[str] = Counter()
        self._done: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()

    def enter(self, phase: Phase, total: Mapping[str, int]) -> None:
        """Begin a phase; `total` is the work per bookmaker, 0 where nobody knows."""
        self._phase, self._total = phase, Counter(total)
        self._phase_started = self._clock.monotonic()
        self._done.clear()
        self.publish()

    def expect(self, further: Mapping[str, int]) -> None:
        """Add work to the phase."""
        self._total.update(further)
        self.publish()

    def step(self, bookmaker: str, failed: bool = False) -> None:
        """Count one piece of work; publishes when the last time is long enough ago."""
        self._done[bookmaker] += 1
        self._failed[bookmaker] += failed
        if self._published is None or self._clock.monotonic() - self._published >= EVERY_S:
            self.publish()

    def publish(self) -> None:
        """Publish the present state, whenever the last one was."""
        self._published = self._clock.monotonic()
        for bookmaker in ("", *self._total):
            self._bus.publish(self._state(bookmaker))

    def _state(self, bookmaker: str) -> RunProgress:
        now = self._clock.monotonic()
        current = self._done[bookmaker] if bookmaker else self._done.total()
        total = self._total[bookmaker] if bookmaker else self._total.total()
        elapsed_s = now - self._phase_started
        rate = current / elapsed_s if elapsed_s > 0 else 0.0
        return RunProgress(
            run_id=self._run_id,
            phase=self._phase,
            bookmaker=bookmaker,
            current=current,
            total=total,
            ms=(now - self._started) * 1000,
            in_flight=self._in_flight(bookmaker),
            rate_per_s=round(rate, 2),
            eta_s=round((total - current) / rate, 1) if rate and total else None,
            errors=self._failed[bookmaker] if bookmaker else self._failed.total(),
        )
