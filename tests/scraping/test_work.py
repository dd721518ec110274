"""What a run left over, told from its report and the events it names."""

import pytest

from overround.domain.runs import BookmakerReport, EventOutcome, PhaseProgress, RunReport
from overround.scraping.work import Work, left_over
from tests.support.clock import START
from tests.support.scripted_site import job


def report(status: str = "partial", failed: int = 1, fetched: int = 20, list_errors: int = 0) -> RunReport:
    """Return a run over 20 events at one bookmaker."""
    return RunReport(
        "r", "manual", status, START,  # type: ignore[arg-type]
        bookmakers=[BookmakerReport("bet9ja", 20, fetched - failed, failed, total=20)],
        phases=[
            PhaseProgress("bet9ja", "discover", 20, 20, 5.0, list_errors),
            PhaseProgress("bet9ja", "fetch", fetched, 20, 5.0, failed),
        ],
    )  # fmt: skip


FAILED = [EventOutcome("4", "bet9ja", "failed", "gone"), EventOutcome("5", "bet9ja", "late")]


def test_events_that_failed_are_left_over_and_late_ones_are_not():
    """A late answer lost to a newer one: the prices are there."""
    assert left_over(report(), FAILED) == Work(frozenset({("4", "bet9ja")}), frozenset())


@pytest.mark.parametrize(
    "cut",
    [
        report(list_errors=1),
        report(fetched=19),
        report(failed=2),
        RunReport("r", "manual", "failed", START, bookmakers=[BookmakerReport("bet9ja")]),
    ],
    ids=["list failed", "cut short", "more than named", "nothing known"],
)
def test_everything_is_left_over_where_the_named_events_are_not_all(cut):
    assert left_over(cut, FAILED) == Work(frozenset(), frozenset({"bet9ja"}))


def test_a_job_keeps_the_listings_covered():
    work = Work(frozenset({("4", "bet9ja")}), frozenset({"betpawa"}))
    assert set(work.part_of(job(4)).listings) == {"betpawa", "bet9ja"}
    assert set(work.part_of(job(5)).listings) == {"betpawa"}
    assert work.bookmakers == {"betpawa", "bet9ja"}
