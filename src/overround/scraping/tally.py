"""Tally: one run's results, added up into its report."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import ceil

from overround.cache.odds_cache import OddsCache
from overround.domain.runs import PHASES, BookmakerReport, RunError, RunReport
from overround.errors import BookmakerError, BookmakerUnavailable
from overround.scraping.acceptance import ListingId
from overround.scraping.coordinator import EventJob, Fetched
from overround.scraping.discovery import Discovered, ListResult

ENOUGH_SHARE = 0.95  # of a bookmaker's events, for a run to be complete there
SAMPLE_CHARACTERS = 300


class _Part:
    """One bookmaker's part while the run is on."""

    def __init__(self, bookmaker: str) -> None:
        self.report = BookmakerReport(bookmaker)
        self.list_complete = False
        self.answered = False
        self.total = 0
        self.wire_ms: list[float] = []

    @property
    def delivered(self) -> int:
        return self.report.ok + self.report.late

    def conclude(self) -> None:
        self.report.p50_ms, self.report.p95_ms = (percentile(self.wire_ms, share) for share in (0.5, 0.95))
        if not self.answered:
            self.report.status = "unreachable"
        elif self.list_complete and self.delivered >= self.total * ENOUGH_SHARE:
            self.report.status = "ok"
        else:
            self.report.status = "partial" if self.delivered else "failed"


class Tally:
    """Fills a `RunReport` while the run goes on; `conclude` gives it its status."""

    def __init__(self, report: RunReport, bookmakers: Sequence[str]) -> None:
        self.report = report
        self.failed: set[ListingId] = set()
        self._parts = {code: _Part(code) for code in bookmakers}
        self._errors: dict[tuple[str, str], RunError] = {}
        report.bookmakers = [part.report for part in self._parts.values()]
        report.phases_ms = dict.fromkeys(PHASES, 0.0)

    @property
    def failed_lists(self) -> frozenset[str]:
        """Return the bookmakers whose discovery failed."""
        return frozenset(code for code, part in self._parts.items() if not part.list_complete)

    def answered(self, bookmaker: str) -> None:
        """Note that the bookmaker gave some answer."""
        self._parts[bookmaker].answered = True

    def add_discovery(self, discovered: Discovered) -> None:
        """Count what was listed, and which lists failed."""
        self.report.matched = discovered.matched
        for code, result in discovered.lists.items():
            self._add_list(self._parts[code], result)

    def expect(self, jobs: Iterable[EventJob]) -> None:
        """Count the fetches that are to come."""
        totals = Counter(code for job in jobs for code in job.listings)
        for code, part in self._parts.items():
            part.total = totals[code]
        self.report.events.total = totals.total()

    def add(self, fetched: Fetched) -> None:
        """Count how one fetch ended."""
        part, events = self._parts[fetched.bookmaker], self.report.events
        for phase, ms in fetched.phases_ms.items():
            self.add_phase(phase, ms)
        if fetched.wire_ms is not None:
            part.wire_ms.append(fetched.wire_ms)
        if fetched.error is not None:
            self.failed.add((fetched.sportradar_id, fetched.bookmaker))
            events.failed += 1
            part.report.failed += 1
            self._add_error(part, fetched.error)
            return
        part.answered = True
        if fetched.status == "late":
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

    def count_unmapped(self, jobs: Iterable[EventJob], cache: OddsCache) -> None:
        """Count, per bookmaker, the different market types of these events that could not be mapped."""
        seen: dict[str, set[str]] = {code: set() for code in self._parts}
        for job in jobs:
            event = cache.event(job.sportradar_id)
            for code in job.listings if event else ():
                if event and (entry := event.listings.get(code)):
                    seen[code].update(unmapped.id for unmapped in entry.unmapped)
        for code, part in self._parts.items():
            part.report.unmapped = len(seen[code])

    def conclude(self) -> None:
        """Give the run and each bookmaker its status, and the run its reason when it failed."""
        report, parts = self.report, self._parts.values()
        for part in parts:
            part.conclude()
        report.phases_ms = {phase: round(ms, 3) for phase, ms in report.phases_ms.items()}
        if all(part.report.status == "ok" for part in parts):
            report.status = "completed"
        elif not any(part.answered for part in parts):
            report.status, report.reason = "connection_failed", self._because("no bookmaker answered")
        elif not any(part.delivered for part in parts):
            report.status, report.reason = "failed", self._because("no bookmaker delivered an event")
        else:
            report.status = "partial"

    def _add_list(self, part: _Part, result: ListResult) -> None:
        part.list_complete = result.complete
        part.answered = part.answered or result.complete
        part.report.discovered = len(result.rows)
        part.report.unidentified = result.unidentified
        if result.error:
            self._add_error(part, result.error)

    def _add_error(self, part: _Part, error: BookmakerError) -> None:
        part.answered = part.answered or not isinstance(error, BookmakerUnavailable) or error.answered
        key = (part.report.bookmaker, error.kind)
        if key not in self._errors:
            sample = f"{error.operation}: {error.detail}"[:SAMPLE_CHARACTERS]
            self._errors[key] = RunError(*key, count=0, sample=sample)
            self.report.errors = list(self._errors.values())
        self._errors[key].count += 1

    def _because(self, what: str) -> str:
        samples = [f"{error.bookmaker} {error.sample}" for error in self.report.errors]
        return f"{what}: {'; '.join(samples)}" if samples else what


def percentile(values: Sequence[float], share: float) -> float:
    """
    Return the smallest value that `share` of the values do not exceed, 0 when there are none.

    >>> percentile([30.0, 10.0, 20.0], 0.5), percentile([], 0.95)
    (20.0, 0.0)
    """
    ordered = sorted(values)
    return round(ordered[max(0, ceil(share * len(ordered)) - 1)], 3) if ordered else 0.0
