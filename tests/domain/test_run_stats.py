"""How runs went over some time."""

from datetime import timedelta

import pytest

from overround.domain.run_stats import percentile, run_stats
from overround.domain.runs import BookmakerReport, RunError, RunReport
from tests.support.clock import START


def run(number: int, status: str = "completed", **fields: object) -> RunReport:
    """Return a run that began so many hours ago and took that many seconds."""
    ended = {"finished_at": START, "duration_ms": number * 1000.0} if status != "running" else {}
    return RunReport(
        f"r{number}", "scheduled", status, START - timedelta(hours=number), **{**ended, **fields}  # type: ignore[arg-type]
    )  # fmt: skip


def test_without_runs_nothing_is_claimed():
    stats = run_stats([run(1, "running")])
    assert (stats.runs, stats.completed_share, stats.first_started_at) == (0, None, None)


def test_durations_are_those_of_runs_that_came_to_their_end():
    """A run cancelled after an hour would make the others look slow."""
    stats = run_stats([run(1), run(2), run(3, "partial"), run(3600, "failed"), run(9, "running")])
    assert (stats.duration_ms.p50, stats.duration_ms.p95, stats.duration_ms.max) == (2000, 3000, 3000)
    assert stats.by_status == {"completed": 2, "partial": 1, "failed": 1}
    assert stats.completed_share == 0.5
    assert stats.last_started_at == START - timedelta(hours=1)


def test_each_bookmaker_has_its_share_and_its_times():
    """Runs in which it answered nothing say nothing of how fast it is."""
    parts = [
        BookmakerReport("bet9ja", ok=90, failed=10, p50_ms=100, p95_ms=300, total=100),
        BookmakerReport("bet9ja", ok=0, failed=100, status="failed", total=100),
        BookmakerReport("bet9ja", ok=95, late=5, p50_ms=140, p95_ms=500, total=100),
    ]
    stats = run_stats([run(n, bookmakers=[part]) for n, part in enumerate(parts)])
    (bet9ja,) = stats.bookmakers
    assert (bet9ja.runs, bet9ja.ok_runs, bet9ja.fetches, bet9ja.ok_share) == (3, 2, 300, 0.6333)
    assert (bet9ja.p50_ms, bet9ja.p95_ms) == (100, 300)


def test_errors_are_added_up_with_the_newest_sample():
    errors = [RunError("bet9ja", "refused", 7, "new"), RunError("bet9ja", "refused", 2, "old")]
    stats = run_stats(
        [run(n, errors=[error, RunError("betpawa", "gone", 1, "x")]) for n, error in enumerate(errors)]
    )
    assert [(e.bookmaker, e.kind, e.count, e.runs, e.sample) for e in stats.errors] == [
        ("bet9ja", "refused", 9, 2, "new"),
        ("betpawa", "gone", 2, 2, "x"),
    ]


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.5, 50), (0.95, 95), (1.0, 100)])
def test_percentiles_are_values_that_occurred(share, expected):
    assert percentile([float(value) for value in range(100, 0, -1)], share) == expected
