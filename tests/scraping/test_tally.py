"""What a run's report says, from how its fetches ended."""

from overround.domain.runs import PHASES, RunReport
from overround.errors import BookmakerError, BookmakerRefused, BookmakerUnavailable, PayloadChanged
from overround.scraping.coordinator import Fetched
from overround.scraping.discovery import Discovered, ListResult
from overround.scraping.tally import Tally
from tests.support.clock import START
from tests.support.scripted_site import job, row

CODES = ("betpawa", "sportybet")
SILENT = BookmakerUnavailable("betpawa", "list", "no complete answer within 30 s")
BUSY = BookmakerUnavailable("betpawa", "list", "HTTP 503", answered=True)
SHORT = PayloadChanged("betpawa", "discover", "an empty list where 9 events were known")


def concluded(
    lists: dict[str, BookmakerError | None] | None = None,
    failed: dict[str, int] | None = None,
    late: int = 0,
    error: type[BookmakerError] = BookmakerRefused,
) -> RunReport:
    """Report on a run over 20 events at two bookmakers; `failed` fetches fail with `error`, some are late."""
    report = RunReport("r", "manual", "running", START)
    tally = Tally(report, CODES)
    results = {
        code: ListResult(
            code, (row(1, code),) if not (lists or {}).get(code) else (), (lists or {}).get(code)
        )
        for code in CODES
    }
    jobs = [job(number, *CODES) for number in range(20)]
    tally.add_lists(results)
    tally.expect(dict.fromkeys(CODES, 20))
    tally.add_discovery(Discovered(results, jobs, matched=20))
    for code in CODES:
        for number in range(20):
            if number < (failed or {}).get(code, 0):
                fetched = Fetched(str(number), code, "failed", error(code, "event", f"said no to {number}"))
            else:
                status = "late" if number >= 20 - late else "unchanged" if number % 2 else "changed"
                fetched = Fetched(str(number), code, status, markets_changed=3, wire_ms=100.0 + number)
            tally.add(fetched)
    tally.conclude()
    return report


def test_completed_is_every_discovery_and_95_percent_of_the_events():
    assert concluded(failed={"betpawa": 1}).status == "completed"
    assert concluded(failed={"betpawa": 2}).status == "partial"
    assert concluded(lists={"betpawa": SHORT}).status == "partial"


def test_a_late_answer_is_no_failure():
    """A refresh had spoken for the event meanwhile."""
    report = concluded(late=10)
    assert report.status == "completed"
    assert (report.events.late, report.events.ok, report.events.failed) == (20, 20, 0)


def test_failed_is_when_nobody_delivered():
    report = concluded(failed={"betpawa": 20, "sportybet": 20})
    assert report.status == "failed"
    assert report.reason.startswith("no bookmaker delivered an event: betpawa event: said no to 0")


def test_connection_failed_is_when_nobody_answered_at_all():
    silent = concluded(
        {"betpawa": SILENT, "sportybet": SILENT}, {"betpawa": 20, "sportybet": 20}, error=BookmakerUnavailable
    )
    assert silent.status == "connection_failed"
    assert [part.status for part in silent.bookmakers] == ["unreachable", "unreachable"]
    busy = concluded(
        {"betpawa": BUSY, "sportybet": SILENT}, {"betpawa": 20, "sportybet": 20}, error=BookmakerUnavailable
    )
    assert busy.status == "failed"


def test_each_bookmaker_has_its_own_status():
    report = concluded(failed={"betpawa": 20, "sportybet": 5})
    assert [part.status for part in report.bookmakers] == ["failed", "partial"]
    assert [(part.ok, part.failed) for part in report.bookmakers] == [(0, 20), (15, 5)]


def test_counts_are_of_events_and_bookmakers():
    report = concluded()
    assert (report.events.total, report.events.ok, report.events.unchanged) == (40, 40, 20)
    assert (report.matched, report.changes) == (20, 120)
    assert (report.bookmakers[0].p50_ms, report.bookmakers[0].p95_ms) == (109.0, 118.0)


def test_errors_are_grouped_with_one_sample():
    report = concluded(failed={"betpawa": 7, "sportybet": 2})
    assert [(error.bookmaker, error.kind, error.count, error.sample) for error in report.errors] == [
        ("betpawa", "refused", 7, "event: said no to 0"),
        ("sportybet", "refused", 2, "event: said no to 0"),
    ]


def test_every_phase_has_a_number():
    assert set(concluded().phases_ms) == set(PHASES)
