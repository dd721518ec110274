"""How runs went over some time: durations, success, and each bookmaker's part, from their reports."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from math import ceil

import msgspec

from overround.domain.runs import BookmakerReport, RunReport


class Spread(msgspec.Struct, frozen=True):
    """Some figures as their percentiles; 0 when there are none."""

    p50: float
    p95: float
    max: float


class BookmakerStats(msgspec.Struct, frozen=True):
    """One bookmaker over these runs."""

    bookmaker: str
    runs: int
    ok_runs: int  # list complete and enough events delivered
    fetches: int
    ok: int
    failed: int
    late: int
    ok_share: float | None  # of fetches that came to an end; null when there were none
    p50_ms: float  # median over the runs of each run's median time on the wire
    p95_ms: float  # median over the runs of each run's 95th percentile


class ErrorStats(msgspec.Struct, frozen=True):
    """One kind of error at one bookmaker over these runs, with its newest sample."""

    bookmaker: str
    kind: str
    count: int
    runs: int
    sample: str


class RunStats(msgspec.Struct, frozen=True):
    """Runs that ended, taken together."""

    runs: int
    first_started_at: datetime | None
    last_started_at: datetime | None
    by_status: dict[str, int]
    by_trigger: dict[str, int]
    completed_share: float | None  # null without runs
    duration_ms: Spread  # of runs that were not cut short
    changes: Spread  # markets changed per run
    bookmakers: list[BookmakerStats]
    errors: list[ErrorStats]  # most frequent first


def percentile(values: Iterable[float], share: float) -> float:
    """
    Return the smallest value that `share` of the values do not exceed, 0 when there are none.

    >>> percentile([30.0, 10.0, 20.0], 0.5), percentile([], 0.95)
    (20.0, 0.0)
    """
    ordered = sorted(values)
    return round(ordered[max(0, ceil(share * len(ordered)) - 1)], 3) if ordered else 0.0


def run_stats(reports: Sequence[RunReport]) -> RunStats:
    """Return the figures of these runs, newest first as they are listed; runs that go on are left out."""
    ended = [report for report in reports if report.finished_at is not None]
    whole = [report for report in ended if report.status in ("completed", "partial")]
    started = [report.started_at for report in ended]
    return RunStats(
        runs=len(ended),
        first_started_at=min(started, default=None),
        last_started_at=max(started, default=None),
        by_status=dict(Counter(report.status for report in ended)),
        by_trigger=dict(Counter(report.trigger for report in ended)),
        completed_share=_share(sum(report.status == "completed" for report in ended), len(ended)),
        duration_ms=_spread([report.duration_ms for report in whole]),
        changes=_spread([float(report.changes) for report in whole]),
        bookmakers=_bookmakers(ended),
        errors=_errors(ended),
    )


def _bookmakers(reports: Sequence[RunReport]) -> list[BookmakerStats]:
    parts: dict[str, list[BookmakerReport]] = {}
    for report in reports:
        for part in report.bookmakers:
            parts.setdefault(part.bookmaker, []).append(part)
    return [_bookmaker(code, found) for code, found in parts.items()]


def _bookmaker(code: str, parts: Sequence[BookmakerReport]) -> BookmakerStats:
    def total(figure: Callable[[BookmakerReport], int]) -> int:
        return sum(figure(part) for part in parts)

    ok, failed, late = total(lambda p: p.ok), total(lambda p: p.failed), total(lambda p: p.late)
    answered = [part for part in parts if part.ok]
    return BookmakerStats(
        bookmaker=code,
        runs=len(parts),
        ok_runs=sum(part.status == "ok" for part in parts),
        fetches=ok + failed + late,
        ok=ok,
        failed=failed,
        late=late,
        ok_share=_share(ok + late, ok + failed + late),
        p50_ms=percentile((part.p50_ms for part in answered), 0.5),
        p95_ms=percentile((part.p95_ms for part in answered), 0.5),
    )


def _errors(reports: Sequence[RunReport]) -> list[ErrorStats]:
    counts: Counter[tuple[str, str]] = Counter()
    runs: Counter[tuple[str, str]] = Counter()
    samples: dict[tuple[str, str], str] = {}
    for report in reports:
        for error in report.errors:
            key = (error.bookmaker, error.kind)
            counts[key] += error.count
            runs[key] += 1
            samples.setdefault(key, error.sample)
    return [ErrorStats(*key, count, runs[key], samples[key]) for key, count in counts.most_common()]


def _spread(values: Sequence[float]) -> Spread:
    return Spread(percentile(values, 0.5), percentile(values, 0.95), percentile(values, 1.0))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
