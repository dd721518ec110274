"""Time spent per phase of an answer's way, for run reports and metrics."""

from collections.abc import Generator
from contextlib import contextmanager
from time import perf_counter

from overround import metrics
from overround.domain.runs import Phase


class PhaseTimes:
    """Milliseconds per phase, added up."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}

    def add(self, phase: Phase, seconds: float) -> None:
        """Count time spent in a phase."""
        self.ms[phase] = self.ms.get(phase, 0.0) + seconds * 1000
        metrics.PHASE_SECONDS.labels(phase).observe(seconds)

    @contextmanager
    def measured(self, phase: Phase) -> Generator[None]:
        """Count the time of a block."""
        started = perf_counter()
        try:
            yield
        finally:
            self.add(phase, perf_counter() - started)


class Laps(PhaseTimes):
    """One phase after the other: each lap is the time since the last."""

    def __init__(self) -> None:
        super().__init__()
        self._last = perf_counter()

    def lap(self, phase: Phase) -> None:
        """End a phase and begin the next."""
        now = perf_counter()
        self.add(phase, now - self._last)
        self._last = now

    def skip(self) -> None:
        """Count the time since the last lap to no phase: it was spent waiting for a turn."""
        self._last = perf_counter()
