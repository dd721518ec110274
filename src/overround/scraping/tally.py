"""Tally: one run's results, added up into its report."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from overround.cache.odds_cache import OddsCache
from overround.domain.run_stats import percentile
from overround.domain.runs import (
    PHASES,
    BookmakerReport,
    EventOutcome,
    Phase,
    PhaseProgress,
    RunError,
    RunReport,
)
from overround.errors import BookmakerError
from overround.scraping.coordinator import EventJob, Fetched
from overround.scraping.discovery import Discovered, ListResult

ENOUGH_SHARE = 0.95  # of a bookmaker's events, for a run to be complete there
SAMPLE_CHARACTERS = 300
EVENTS_AT_ONCE = 100  # looked at in one turn of the loop: about 1 ms
KEPT_OUTCOMES = 500  # named per bookmaker; beyond that a retry covers everything of the bookmaker

# From acceptance on a batch holds several bookmakers' changes, so time there is known of the run alone.
OWN_PHASES: tuple[Phase, ...] = ("discover", "wait", "fetch", "inflate", "decode", "map", "settle", "diff")


class _Part:
    """One bookmaker's part while the run is on."""

    def __init__(self, bookmaker: str) -> None:
        self.report = BookmakerReport(bookmaker)
        self.list_complete = False
        self.answered = False
        self.wire_ms: list[float] = []
        self.phases = {phase: PhaseProgress(bookmaker, phase) for phase in OWN_PHASES}
        self.outcomes: list[EventOutcome] = []

    @property
    def delivered(self) -> int:
        return self.report.ok + self.report.late

    def expect(self, further: int) -> None:
        self.report.total += further
        for phase in OWN_PHASES[1:]:
            self.phases[phase].total += further

    def add_phases(self, fetched: Fetched) -> None:
        for phase, ms in fetched.phases_ms.items():
            if row := self.phases.get(phase):  # pyright: ignore[reportArgumentType]  # a phase's name is text here
                row.ms += ms
                row.current += phase != "fetch"
        fetch = self.phases["fetch"]
        fetch.current += 1
        fetch.errors += fetched.error is not None

    def note(self, fetched: Fetched) -> None:
        """Remember an event that brought no prices."""
        if len(self.outcomes) >= KEPT_OUTCOMES:
            return
        error = fetched.error
        self.outcomes.append(
            EventOutcome(
                fetched.sportradar_id,
                fetched.bookmaker,
                "failed" if error else "late",
                error.kind if error else "",
                f"{error.operation}: {error.detail}"[:SAMPLE_CHARACTERS] if error else "",
            )
        )

    def conclude(self, interrupted: bool = False) -> None:
        report = self.report
        report.p50_ms, report.p95_ms = (percentile(self.wire_ms, share) for share in (0.5, 0.95))
        for row in self.phases.values():
            row.ms = round(row.ms, 3)
        if not self.answered and not interrupted:
            report.status = "unreachable"
        elif self.list_complete and self.delivered >= report.total * ENOUGH_SHARE:
            report.status = "ok"
        else:
            report.status = "partial" if self.delivered else "failed"


class Tally:
    """Fills a `RunReport` while the run goes on; `conclude` gives it its status."""

    def __init__(self, report: RunReport, bookmakers: Sequence[str]) -> None:
        self.report = report
        self._parts = {code: _Part(code) for code in bookmakers}
        self._errors: dict[tuple[str, str], RunError] = {}
        report.bookmakers = [part.report for part in self._parts.values()]
        report.phases = [row for part in self._parts.values() for row in part.phases.values()]
        report.phases_ms = dict.fromkeys(PHASES, 0.0)

    @property
    def anyone_answered(self) -> bool:
        """Return whether some bookmaker gave some answer."""
        return any(part.answered for part in self._parts.values())

    @property
    def outcomes(self) -> list[EventOutcome]:
        """Return the events that brought no prices, up to `KEPT_OUTCOMES` per bookmaker; by bookmaker and event."""
        named = [outcome for part in self._parts.values() for outcome in part.outcomes]
        return sorted(named, key=lambda outcome: (outcome.bookmaker, outcome.sportradar_id))

    def answered(self, bookmaker: str) -> None:
        """Note that the bookmaker gave some answer."""
        self._parts[bookmaker].answered = True

    def add_lists(self, lists: Mapping[str, ListResult]) -> None:
        """Count what was listed, and which lists failed."""
        for code, result in lists.items():
            self._add_list(self._parts[code], result)

    def add_discovery(self, discovered: Discovered) -> None:
        """Count what only the end of all lists can tell."""
        self.report.matched = discovered.matched
        for code, result in discovered.lists.items():
            self._parts[code].report.unidentified = result.unidentified

    def expect(self, further: Mapping[str, int]) -> None:
        """Count fetches per bookmaker that are to come, beside those known before."""
        for code, count in further.items():
            self._parts[code].expect(count)
            self.report.events.total += count

    def add(self, fetched: Fetched) -> None:
        """Count how one fetch ended."""
        part, events = self._parts[fetched.bookmaker], self.report.events
        part.add_phases(fetched)
        for phase, ms in fetched.phases_ms.items():
            self.add_phase(phase, ms)
        if fetched.wire_ms is not None:
            part.wire_ms.append(fetched.wire_ms)
        if fetched.error is not None:
            part.note(fetched)
            events.failed += 1
            part.report.failed += 1
            self._add_error(part, fetched.error)
            return
        part.answered = True
        if fetched.status == "late":
            part.note(fetched)
            events.late += 1
            part.report.late += 1
            return
        events.ok += 1
        part.report.ok += 1
        events.unchanged += fetched.status == "unchanged"
        self.report.changes += fetched.markets_changed

    def add_phase(self, phase: str, ms: float) -> None:
        """Add time spent in a phase."""
        self.report.phases_ms[phase] = self.report.phases_ms.get(phase, 0.0) + ms

    async def count_unmapped(self, jobs: Iterable[EventJob], cache: OddsCache) -> None:
        """Count, per bookmaker, the different market types of these events that could not be mapped."""
        seen: dict[str, set[str]] = {code: set() for code in self._parts}
        for place, job in enumerate(jobs, 1):
            event = cache.event(job.sportradar_id)
            for code in job.listings if event else ():
                if event and (entry := event.listings.get(code)):
                    seen[code].update(unmapped.id for unmapped in entry.unmapped)
            if place % EVENTS_AT_ONCE == 0:
                await asyncio.sleep(0)
        for code, part in self._parts.items():
            part.report.unmapped = len(seen[code])

    def conclude(self) -> None:
        """Give the run and each bookmaker its status, and the run its reason when it failed."""
        report, parts = self.report, self._parts.values()
        for part in parts:
            part.conclude()
        self._round_phases()
        if all(part.report.status == "ok" for part in parts):
            report.status = "completed"
        elif not self.anyone_answered:
            report.status, report.reason = "connection_failed", self._because("no bookmaker answered")
        elif not any(part.delivered for part in parts):
            report.status, report.reason = "failed", self._because("no bookmaker delivered an event")
        else:
            report.status = "partial"

    def interrupt(self) -> None:
        """Give each bookmaker its status in a run that was cut short; the run's own is its ender's to say."""
        for part in self._parts.values():
            part.conclude(interrupted=True)
        self._round_phases()

    def _round_phases(self) -> None:
        report = self.report
        report.phases_ms = {phase: round(ms, 3) for phase, ms in report.phases_ms.items()}

    def _add_list(self, part: _Part, result: ListResult) -> None:
        part.list_complete = result.complete
        part.answered = part.answered or result.complete
        part.report.discovered = len(result.rows)
        row = part.phases["discover"]
        row.current = row.total = len(result.rows)
        row.ms, row.errors = result.ms, int(result.error is not None)
        if result.error:
            self._add_error(part, result.error)

    def _add_error(self, part: _Part, error: BookmakerError) -> None:
        part.answered = part.answered or error.answered
        key = (part.report.bookmaker, error.kind)
        if key not in self._errors:
            sample = f"{error.operation}: {error.detail}"[:SAMPLE_CHARACTERS]
            self._errors[key] = RunError(*key, count=0, sample=sample)
            self.report.errors = list(self._errors.values())
        self._errors[key].count += 1

    def _because(self, what: str) -> str:
        samples = [f"{error.bookmaker} {error.sample}" for error in self.report.errors]
        return f"{what}: {'; '.join(samples)}" if samples else what
