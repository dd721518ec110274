"""Every fault a bookmaker's server or our own machine may have, and the state a run ends in."""

from datetime import timedelta

import pytest

from overround.domain.jobs import SCRAPE
from overround.domain.runs import RunReport
from overround.scheduling.scheduler import Scheduler
from overround.scheduling.stale_detection import CHECK_EVERY_S, StaleDetection
from overround.simulator.faults import Fault, FaultPlan
from tests.support.clock import START
from tests.support.faulty_site import FaultySite
from tests.support.scripted_site import BOOKMAKERS, Scraper, row

EVENTS = 40
ONE = "sportybet"
LONG_S = 1000.0  # longer than any breaker stays open

# fault, what its errors are called, how a run ends in which all bookmakers have it
FAULTS = [
    ("timeout", "unavailable", "connection_failed"),
    ("down", "unavailable", "connection_failed"),
    ("reset", "unavailable", "failed"),
    ("500", "unavailable", "failed"),
    ("slow", "unavailable", "failed"),
    ("429", "rate_limited", "failed"),
    ("429 without Retry-After", "rate_limited", "failed"),
    ("403", "refused", "failed"),
    ("html", "refused", "failed"),
    ("truncated", "payload_changed", "failed"),
    ("bomb", "payload_changed", "failed"),
    ("garbage", "payload_changed", "failed"),
    ("empty", "payload_changed", "partial"),  # the lists only: what was known before is fetched
]
KINDS = [kind for kind, *_ in FAULTS]


class Struck(Scraper):
    """A scraper whose bookmakers have forty events each and may be struck by faults."""

    def __init__(self) -> None:
        super().__init__()
        self.lists(range(EVENTS))
        self.faulty = FaultySite(self.site, self.clock)

    def strike(self, kind: str, *bookmakers: str, share: float = 1.0) -> None:
        name, _, without = kind.partition(" ")
        wait_s = 0 if without else 7
        self.faulty.plan = FaultPlan(Fault(code, name, share, wait_s) for code in bookmakers)  # type: ignore[arg-type]

    async def run(self, seconds: float = LONG_S) -> RunReport:
        """Do one scheduled run; it is given so long."""
        report = self.runs._begin("scheduled").report
        await self.clock.advance(seconds)
        assert report.finished_at is not None, "the run hangs"
        return report

    def states(self) -> set[str]:
        """Return every state a listing is in."""
        return {entry.listing.state for event in self.cache for entry in event.listings.values()}

    def requests_in_a_quiet_time(self) -> list[tuple[str, float]]:
        """Return what was asked for inside a Retry-After window."""
        return [
            (address, at)
            for at, address in self.site.started
            for code, begin, end in self.faulty.quiet
            if address.startswith(code) and begin < at < end - 1e-6
        ]


@pytest.fixture
async def struck():
    async with Struck() as made:
        await made.run()
        assert made.states() == {"open"}
        yield made


@pytest.mark.parametrize(("kind", "error", "_"), FAULTS, ids=KINDS)
async def test_one_bookmakers_fault_is_its_own(struck: Struck, kind, error, _):
    """The others are whole, nothing is withdrawn however often it comes, and afterwards all is well by itself."""
    undisturbed_ms = (await struck.run()).duration_ms
    struck.strike(kind, ONE)
    for again in range(3):
        report = await struck.run()
        parts = {part.bookmaker: part for part in report.bookmakers}
        assert report.status == "partial"
        assert parts.pop(ONE).status != "ok"
        assert {part.status for part in parts.values()} == {"ok"}
        assert {found.bookmaker for found in report.errors} == {ONE}
        samples = {found.kind: found.sample for found in report.errors}
        assert samples.pop(error, again)
        assert all(
            "not asked for" in sample for sample in samples.values()
        )  # what the breaker let nobody try
        assert struck.states() == {"open"}
    assert struck.requests_in_a_quiet_time() == []
    assert bool(struck.faulty.quiet) is kind.startswith("429")
    assert report.duration_ms < 120_000 + undisturbed_ms
    struck.strike(kind)
    assert (await struck.run()).status == "completed"
    assert struck.states() == {"open"}


@pytest.mark.parametrize(("kind", "_", "status"), FAULTS, ids=KINDS)
async def test_a_fault_at_all_bookmakers_ends_the_run_in_its_state(struck: Struck, kind, _, status):
    """Nothing is withdrawn, and the run after the trouble is complete."""
    struck.strike(kind, *BOOKMAKERS)
    for _ in range(3):
        report = await struck.run()
        assert report.status == status
        assert report.reason or status == "partial"
        assert struck.states() == {"open"}
    assert struck.requests_in_a_quiet_time() == []
    assert (struck.runs.connection_lost_since is not None) is (status == "connection_failed")
    struck.strike(kind)
    assert (await struck.run()).status == "completed"
    assert struck.runs.connection_lost_since is None


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("empty", "403", "html")])
async def test_a_fault_now_and_then_costs_a_few_events_at_most(struck: Struck, kind):
    """What passes is tried again; what would be the same again is that event's failure."""
    struck.strike(kind, ONE, share=0.1)
    report = await struck.run()
    part = next(part for part in report.bookmakers if part.bookmaker == ONE)
    assert part.ok >= EVENTS * 0.5
    assert struck.requests_in_a_quiet_time() == []
    assert struck.states() == {"open"}


async def test_a_refusal_stops_asking_until_the_long_pause_is_over_or_a_person_asks(struck: Struck):
    """403: a handful of requests, then none for a quarter of an hour; the source says why."""
    struck.strike("403", ONE)
    await struck.run(60)
    asked = len(struck.site.addresses(ONE))
    await struck.run(300)
    assert len(struck.site.addresses(ONE)) == asked
    health = next(source for source in struck.sources.all() if source.bookmaker == ONE)
    assert (health.state, "403" in health.reason) == ("refused", True)
    struck.strike("403")
    report = struck.runs.start()
    await struck.clock.advance(60)
    assert report.status == "completed"


async def test_ids_listed_twice_change_nothing(struck: Struck):
    for code in BOOKMAKERS:
        struck.site.lists[code] = [*struck.site.lists[code], *struck.site.lists[code]]
    report = await struck.run()
    assert (report.status, report.events.total, report.changes) == ("completed", EVENTS * 3, 0)


@pytest.mark.parametrize("jump_s", [7200, -7200])
async def test_a_clock_that_jumps_two_hours_neither_stalls_nor_floods(jump_s):
    """In the middle of a run and between two: the same runs at the same times, nothing withdrawn."""
    async with Struck() as struck:
        for code in BOOKMAKERS:
            soon = [row(number, code, START + timedelta(hours=1)) for number in range(EVENTS, EVENTS + 5)]
            struck.site.lists[code] = [*struck.site.lists[code], *soon]
        scheduler = scheduled(struck)
        await struck.clock.advance(0.25)
        struck.clock.step_wall(jump_s)
        await struck.clock.advance(400)
        struck.clock.step_wall(-jump_s)
        await struck.clock.advance(450)
        await scheduler.stop()
        reports = await struck.runs.recent(10)
        assert [report.status for report in reports] == ["completed"] * 3
        assert [at for at, address in struck.site.started if address == f"{ONE}/list"] == [0, 300, 600]
        assert "withdrawn" not in struck.states()


async def test_a_machine_that_sleeps_half_an_hour_in_a_run_goes_on_with_it():
    """Its connections are gone, so they are made again; the watchdog does not take it for dead."""
    async with Struck() as struck:
        struck.settings.apply({f"{code}_concurrency": 5 for code in BOOKMAKERS})
        scheduler = scheduled(struck)
        await struck.clock.advance(0.25)
        report = struck.runs.active()
        assert report is not None and 0 < report.events.ok < EVENTS * 3
        await struck.clock.oversleep(1800)
        await struck.clock.advance(200)
        await scheduler.stop()
        assert (report.status, report.reason) == ("completed", "")
        assert struck.states() == {"open"}


async def test_a_run_that_hangs_is_failed_and_the_next_one_begins():
    """The watchdog looks every two minutes; what it has failed stays failed, whatever its task does later."""
    async with Struck() as struck:
        struck.site.latency_s = dict.fromkeys(BOOKMAKERS, 100_000.0)
        scheduler = scheduled(struck)
        await struck.clock.advance(599)
        hanging = struck.runs.active()
        assert hanging is not None and struck.runs.silent_s() == 599
        struck.site.latency_s = dict.fromkeys(BOOKMAKERS, 0.1)
        await struck.clock.advance(300)
        await scheduler.stop()
        assert (hanging.status, hanging.reason) == ("failed", "no progress for 10 minutes (limit 10)")
        newest, *_ = await struck.runs.recent(5)
        assert newest.status == "completed"
        await struck.clock.advance(200_000)
        assert hanging.status == "failed"


def scheduled(struck: Struck) -> Scheduler:
    """Start runs every five minutes, and the watchdog."""
    scheduler = Scheduler(struck.clock)
    scheduler.add("watchdog", lambda: CHECK_EVERY_S, StaleDetection(struck.runs, struck.settings).check)
    scheduler.add(
        SCRAPE, lambda: 300.0, struck.runs.run_scheduled, run_at_start=True, pausable=True, catches_up=True
    )
    scheduler.start()
    return scheduler
