"""Runs: one at a time, each with a report that says what happened, however it ended."""

import asyncio
from datetime import datetime, timedelta

import pytest

from overround.domain.runs import EventOutcome, RunFinished, RunPoint, RunProgress, RunReport, run_point
from overround.errors import BookmakerRefused, BookmakerUnavailable, ConfigError, RunActive, UnknownEvent
from overround.storage.records import RunPiece, WriteBatch, decode
from tests.support.clock import START, settle
from tests.support.scripted_site import BOOKMAKERS, Scraper


@pytest.fixture
async def scraper():
    async with Scraper() as created:
        created.settings.apply({"bet9ja_delay_ms": 0})
        created.lists(range(10))
        yield created


async def finished(scraper: Scraper, report: RunReport, seconds: float = 60) -> RunReport:
    """Let a run come to its end."""
    await scraper.clock.advance(seconds)
    assert report.finished_at is not None
    return report


def stored(scraper: Scraper) -> list[RunReport]:
    """Return the states of runs that became durable, in order."""
    return [piece.report for piece in run_pieces(scraper)]


def run_pieces(scraper: Scraper) -> list[RunPiece]:
    """Return the same with the outcomes that travel with them."""
    batches = [
        WriteBatch(number, None, START, pieces) for number, pieces in enumerate(scraper.spool.batches, 1)
    ]
    return [piece for batch in batches for piece in decode(batch) if isinstance(piece, RunPiece)]


class Archive:
    """Runs of earlier processes, as a database has them."""

    def __init__(
        self, reports: list[RunReport], outcomes: dict[str, list[EventOutcome]] | None = None
    ) -> None:
        self.reports, self.outcomes = reports, outcomes or {}

    async def run(self, run_id: str) -> RunReport | None:
        return next((report for report in self.reports if report.run_id == run_id), None)

    async def recent_runs(self, limit: int, offset: int = 0) -> list[RunReport]:
        return self.reports[offset : offset + limit]

    async def run_outcomes(self, run_id: str) -> list[EventOutcome]:
        return self.outcomes.get(run_id, [])

    async def run_points(self, since: datetime) -> list[RunPoint]:
        return [run_point(report) for report in self.reports if report.started_at >= since]


async def test_a_run_discovers_fetches_and_accepts(scraper: Scraper):
    """After it every price is in the cache."""
    scraper.site.bodies["betpawa/betpawa-3"] = b'{"3743": [1.5, 4, 6], "odd": [1.1, 2]}'
    report = await finished(scraper, scraper.runs.start())
    assert (report.status, report.trigger, report.reason) == ("completed", "manual", "")
    assert (report.events.total, report.events.ok, report.events.failed) == (30, 30, 0)
    assert (report.matched, report.changes) == (10, 30)
    assert [(part.bookmaker, part.discovered, part.ok, part.status) for part in report.bookmakers] == [
        (code, 10, 10, "ok") for code in BOOKMAKERS
    ]
    assert report.bookmakers[0].unmapped == 1
    assert report.phases_ms["fetch"] == pytest.approx(3000)
    assert report.phases_ms["discover"] == pytest.approx(100)
    for number in range(10):
        for code in BOOKMAKERS:
            entry = scraper.cache.listing(str(number), code)
            assert entry is not None
            assert entry.markets
            assert entry.listing.state == "open"


async def test_the_second_run_finds_nothing_new(scraper: Scraper):
    await finished(scraper, scraper.runs.start())
    report = await finished(scraper, scraper.runs.start())
    assert (report.changes, report.events.unchanged) == (0, 30)


async def test_only_one_run_at_a_time(scraper: Scraper):
    """I6: a second one is told the first one's id."""
    first = scraper.runs.start()
    with pytest.raises(RunActive) as refused:
        scraper.runs.start()
    assert refused.value.run_id == first.run_id
    await finished(scraper, first)
    assert scraper.runs.start().run_id != first.run_id


async def test_a_scheduled_run_is_skipped_while_another_is_on(scraper: Scraper):
    first = scraper.runs.start()
    await scraper.runs.run_scheduled()
    assert scraper.runs.active() is first
    await finished(scraper, first)
    assert len(await scraper.runs.recent(10)) == 1


async def test_the_scheduled_run_outlives_its_scheduler(scraper: Scraper):
    """Stopping goes scheduler first, running run second."""
    job = asyncio.create_task(scraper.runs.run_scheduled())
    await settle()
    job.cancel()
    await settle()
    report = scraper.runs.active()
    assert report is not None
    assert (await finished(scraper, report)).status == "completed"


async def test_a_run_once_is_the_same_run_awaited(scraper: Scraper):
    running = asyncio.create_task(scraper.runs.run_once())
    await scraper.clock.advance(60)
    assert (await running).status == "completed"


async def test_interrupting_a_run_once_fails_the_run(scraper: Scraper):
    running = asyncio.create_task(scraper.runs.run_once())
    await scraper.clock.advance(0.15)
    running.cancel()
    await scraper.clock.advance(1)
    with pytest.raises(asyncio.CancelledError):
        await running
    (report,) = await scraper.runs.recent(1)
    assert (report.status, report.reason) == ("failed", "it was interrupted")


async def test_start_and_end_are_durable_like_any_change(scraper: Scraper):
    report = await finished(scraper, scraper.runs.start())
    assert [(run.run_id, run.status) for run in stored(scraper)] == [
        (report.run_id, "running"),
        (report.run_id, "completed"),
    ]


async def test_progress_and_the_end_are_published(scraper: Scraper):
    async with scraper.bus.subscribe(RunProgress, RunFinished) as messages:
        report = await finished(scraper, scraper.runs.start())
        seen = messages.take_waiting()
    assert seen[-1] == RunFinished(report)
    whole = [message for message in seen if isinstance(message, RunProgress) and message.bookmaker == ""]
    assert whole[0].phase == "discover"
    assert (whole[-1].phase, whole[-1].current, whole[-1].total) == ("fetch", 30, 30)
    assert {message.bookmaker for message in seen[:-1]} == {"", *BOOKMAKERS}


async def test_a_list_that_drips_costs_the_others_nothing(scraper: Scraper):
    """Their events are fetched while it is still out, and the run waits for what it brings."""
    scraper.site.latency_s["sportybet"] = 25
    report = scraper.runs.start()
    await scraper.clock.advance(5)
    assert {code: len(scraper.site.addresses(code)) for code in BOOKMAKERS} == {
        "betpawa": 11,
        "sportybet": 1,
        "bet9ja": 11,
    }
    assert (report.events.total, report.events.ok, report.finished_at) == (20, 20, None)
    await finished(scraper, report)
    assert (report.status, report.events.total, report.events.ok) == ("completed", 30, 30)
    assert [part.discovered for part in report.bookmakers] == [10, 10, 10]


async def test_a_run_cancelled_while_a_list_is_out_gives_up_its_fetches(scraper: Scraper):
    scraper.site.latency_s.update(sportybet=25, betpawa=10)
    scraper.site.latency_s["bet9ja"] = 1
    report = scraper.runs.start()
    await scraper.clock.advance(1.5)
    assert scraper.site.on_wire.total() == 12, "ten events and two lists"
    cancelling = asyncio.ensure_future(scraper.runs.cancel("the test says so"))
    await scraper.clock.advance(0.1)
    await cancelling
    assert scraper.site.on_wire.total() == 0
    assert (report.status, report.reason) == ("failed", "the test says so")


async def test_one_bookmaker_down_makes_a_partial_run(scraper: Scraper):
    scraper.site.fails("sportybet", BookmakerUnavailable("sportybet", "list", "HTTP 502", answered=True))
    report = await finished(scraper, scraper.runs.start(), 120)
    assert report.status == "partial"
    assert [part.status for part in report.bookmakers] == ["ok", "failed", "ok"]
    assert [(error.bookmaker, error.kind) for error in report.errors] == [("sportybet", "unavailable")]


async def test_nobody_answering_is_a_failed_connection(scraper: Scraper):
    for code in BOOKMAKERS:
        scraper.site.fails(code, BookmakerUnavailable(code, "list", "ClientConnectorError"))
    report = await finished(scraper, scraper.runs.start(), 120)
    assert report.status == "connection_failed"
    assert report.reason.startswith("no bookmaker answered: ")


async def test_garbage_is_that_events_failure_with_its_reason(scraper: Scraper):
    scraper.site.bodies["bet9ja/bet9ja-4"] = b"<garbage"
    report = await finished(scraper, scraper.runs.start())
    (error,) = report.errors
    assert (error.bookmaker, error.kind, error.count) == ("bet9ja", "payload_changed", 1)
    assert report.events.failed == 1


async def test_an_event_that_is_gone_twice_is_withdrawn_only_by_the_lists(scraper: Scraper):
    scraper.site.bodies["bet9ja/bet9ja-4"] = b"{}"
    for _ in range(4):
        await finished(scraper, scraper.runs.start())
    entry = scraper.cache.listing("4", "bet9ja")
    assert entry is not None
    assert entry.listing.state != "withdrawn"


async def test_cancelling_fails_the_run_with_its_reason_and_frees_the_way(scraper: Scraper):
    """The watchdog's act: a failed run can't become completed."""
    report = scraper.runs.start()
    await scraper.clock.advance(0.15)
    await scraper.runs.cancel("no progress for 10 minutes")
    await scraper.clock.advance(60)
    assert (report.status, report.reason) == ("failed", "no progress for 10 minutes")
    assert scraper.coordinator.in_flight() == 0
    assert stored(scraper)[-1].status == "failed"
    assert (await finished(scraper, scraper.runs.start())).status == "completed"


async def test_a_run_cancelled_before_its_first_step_ends_all_the_same(scraper: Scraper):
    report = scraper.runs.start()
    await scraper.runs.cancel("the process stops")
    assert (report.status, report.reason) == ("failed", "the process stops")
    assert scraper.runs.active() is None


async def test_a_disk_that_hangs_does_not_keep_a_cancelled_run_alive(scraper: Scraper):
    report = scraper.runs.start()
    await scraper.clock.advance(0.15)
    scraper.spool.slow = asyncio.Event()
    cancelling = asyncio.create_task(scraper.runs.cancel("the process stops"))
    await scraper.clock.advance(11)
    assert cancelling.done()
    assert report.status == "failed"
    scraper.spool.slow.set()


async def test_silence_counts_from_the_last_sign_of_life(scraper: Scraper):
    assert scraper.runs.silent_s() == 0
    scraper.site.latency_s = dict.fromkeys(BOOKMAKERS, 9.0)
    scraper.runs.start()
    await scraper.clock.advance(8)
    assert scraper.runs.silent_s() == pytest.approx(8)
    await scraper.clock.advance(2)
    assert scraper.runs.silent_s() == pytest.approx(1)


async def test_waiting_gives_the_report_or_none_past_the_deadline(scraper: Scraper):
    report = scraper.runs.start()
    assert await scraper.runs.wait(report.run_id, 0) is None
    waiting = asyncio.create_task(scraper.runs.wait(report.run_id, 120))
    await scraper.clock.advance(60)
    assert await waiting is report
    assert await scraper.runs.wait(report.run_id, 0) is report
    assert await scraper.runs.wait("unknown", 0) is None


async def test_a_run_may_cover_some_bookmakers(scraper: Scraper):
    report = await finished(scraper, scraper.runs.start(["bet9ja"]))
    assert [part.bookmaker for part in report.bookmakers] == ["bet9ja"]
    assert report.status == "completed"


@pytest.mark.parametrize("codes", [["nobody"], [], ["bet9ja"]])
async def test_a_bookmaker_that_is_not_on_is_refused(scraper: Scraper, codes):
    scraper.settings.apply({"enabled_bookmakers": ["betpawa", "sportybet"]})
    with pytest.raises(ConfigError):
        scraper.runs.start(codes)
    assert scraper.runs.active() is None


async def test_a_retry_covers_what_failed(scraper: Scraper):
    """Events that failed, and everything of a bookmaker whose list failed."""
    scraper.site.bodies["bet9ja/bet9ja-4"] = b"<garbage"
    scraper.site.fails("sportybet/list", BookmakerRefused("sportybet", "list", "HTTP 403"), None)
    first = await finished(scraper, scraper.runs.start())
    del scraper.site.bodies["bet9ja/bet9ja-4"]
    scraper.site.started.clear()
    report = await finished(scraper, await scraper.runs.retry(first.run_id))
    assert (report.trigger, report.status) == ("retry", "completed")
    details = [address for address in scraper.site.addresses() if "list" not in address]
    assert sorted(details) == ["bet9ja/bet9ja-4", *(f"sportybet/sportybet-{number}" for number in range(10))]


async def test_a_retry_after_a_restart_covers_what_failed_too(scraper: Scraper):
    """What failed is then read from where it was stored."""
    scraper.site.bodies["bet9ja/bet9ja-4"] = b"<garbage"
    scraper.site.fails("sportybet/list", BookmakerRefused("sportybet", "list", "HTTP 403"), None)
    first = await finished(scraper, scraper.runs.start())
    end = run_pieces(scraper)[-1]
    async with Scraper(Archive([end.report], {first.run_id: end.outcomes})) as restarted:
        restarted.lists(range(10))
        report = await finished(restarted, await restarted.runs.retry(first.run_id))
        assert (report.trigger, report.status) == ("retry", "completed")
        details = [address for address in restarted.site.addresses() if "list" not in address]
        assert sorted(details) == [
            "bet9ja/bet9ja-4",
            *(f"sportybet/sportybet-{number}" for number in range(10)),
        ]
        assert restarted.site.addresses("betpawa") == []


async def test_a_retry_may_be_limited_to_chosen_bookmakers(scraper: Scraper):
    for address in ("bet9ja/bet9ja-4", "sportybet/sportybet-5"):
        scraper.site.bodies[address] = b"<garbage"
    first = await finished(scraper, scraper.runs.start())
    scraper.site.started.clear()
    report = await finished(scraper, await scraper.runs.retry(first.run_id, ["bet9ja"]))
    assert [part.bookmaker for part in report.bookmakers] == ["bet9ja"]
    assert [address for address in scraper.site.addresses() if "list" not in address] == ["bet9ja/bet9ja-4"]


async def test_a_retry_of_a_run_cut_short_covers_everything(scraper: Scraper):
    """What it never came to failed as well."""
    first = scraper.runs.start()
    scraper.settings.apply({"bet9ja_concurrency": 1})
    await scraper.clock.advance(0.25)
    await scraper.runs.cancel("the test says so")
    assert 0 < first.events.ok < 30
    scraper.site.started.clear()
    await finished(scraper, await scraper.runs.retry(first.run_id))
    details = [address for address in scraper.site.addresses("bet9ja") if "list" not in address]
    assert len(details) == 10


async def test_what_brought_no_prices_is_named_event_by_event(scraper: Scraper):
    """Durable with the run's end; what went well is counted only."""
    scraper.site.bodies["bet9ja/bet9ja-4"] = b"<garbage"
    report = await finished(scraper, scraper.runs.start())
    (outcome,) = await scraper.runs.outcomes(report.run_id)
    assert (outcome.sportradar_id, outcome.bookmaker, outcome.status, outcome.kind) == (
        "4", "bet9ja", "failed", "payload_changed",
    )  # fmt: skip
    assert run_pieces(scraper)[-1].outcomes == [outcome]


async def test_the_report_says_per_bookmaker_and_phase_how_far_it_came(scraper: Scraper):
    scraper.site.bodies["bet9ja/bet9ja-4"] = b"<garbage"
    report = await finished(scraper, scraper.runs.start())
    rows = {(row.bookmaker, row.phase): row for row in report.phases}
    assert (rows["betpawa", "discover"].current, rows["betpawa", "discover"].ms) == (10, pytest.approx(100))
    fetch = rows["bet9ja", "fetch"]
    assert (fetch.current, fetch.total, fetch.errors) == (10, 10, 1)
    assert fetch.ms == pytest.approx(900)
    assert rows["bet9ja", "map"].current == 9
    assert sum(rows[code, "fetch"].ms for code in BOOKMAKERS) == pytest.approx(report.phases_ms["fetch"])


async def test_a_running_runs_state_becomes_durable_while_it_makes_progress(scraper: Scraper):
    """I6: the heartbeat is mirrored into the database; a run that hangs stops beating there too."""
    scraper.settings.apply({"betpawa_concurrency": 1})
    scraper.site.latency_s["betpawa"] = 8.0
    report = scraper.runs.start(["betpawa"])
    await scraper.clock.advance(52)
    beats = [run.heartbeat_at for run in stored(scraper)]
    assert [run.status for run in stored(scraper)] == ["running"] * 4
    assert beats == sorted(set(beats), key=str) and beats[-1] == START + timedelta(seconds=40)
    assert stored(scraper)[-1].events.ok == 4
    scraper.site.latency_s["betpawa"] = 10_000.0
    await scraper.clock.advance(600)
    assert stored(scraper)[-1].heartbeat_at == START + timedelta(seconds=56)
    await scraper.runs.cancel("no progress")
    assert report.duration_ms == pytest.approx(652_000)


async def test_a_duration_does_not_bend_with_the_wall_clock(scraper: Scraper):
    report = scraper.runs.start()
    await scraper.clock.advance(0.15)
    scraper.clock.step_wall(-7200)
    await finished(scraper, report)
    assert report.finished_at is not None and report.finished_at < report.started_at
    assert report.duration_ms == pytest.approx(200)


async def test_nobody_answering_ends_a_run_at_once(scraper: Scraper):
    """With hundreds of events known, each would fail in its turn: the lists have said it all."""
    await finished(scraper, scraper.runs.start())
    scraper.site.started.clear()
    for code in BOOKMAKERS:
        scraper.site.fails(code, BookmakerUnavailable(code, "list", "ClientConnectorError"))
    report = await finished(scraper, scraper.runs.start(), 5)
    assert report.status == "connection_failed"
    assert {address.split("/")[1] for address in scraper.site.addresses()} == {"list"}
    assert scraper.runs.connection_lost_since == report.finished_at


async def test_a_lost_connection_is_over_when_anybody_answers(scraper: Scraper):
    ends: list[bool] = []
    scraper.runs.on_end(lambda: ends.append(scraper.runs.connection_lost_since is not None))
    for code in BOOKMAKERS:
        scraper.site.fails(code, BookmakerUnavailable(code, "list", "ClientConnectorError"))
    await finished(scraper, scraper.runs.start())
    await finished(scraper, scraper.runs.start(["bet9ja"]))
    scraper.site.fails("betpawa")
    await finished(scraper, scraper.runs.start())
    assert ends == [True, True, False]


async def test_one_chosen_bookmaker_that_is_silent_is_no_lost_connection(scraper: Scraper):
    scraper.site.fails("bet9ja", BookmakerUnavailable("bet9ja", "list", "ClientConnectorError"))
    report = await finished(scraper, scraper.runs.start(["bet9ja"]))
    assert report.status == "connection_failed"
    assert scraper.runs.connection_lost_since is None


async def test_a_connection_lost_in_the_middle_of_a_run_is_noticed(scraper: Scraper):
    """The run is partial, for it brought prices; the loss is known all the same."""
    await finished(scraper, scraper.runs.start())
    scraper.lists(range(60))
    scraper.settings.apply({f"{code}_concurrency": 2 for code in BOOKMAKERS})
    report = scraper.runs.start()
    await scraper.clock.advance(0.55)
    for code in BOOKMAKERS:
        scraper.site.fails(code, BookmakerUnavailable(code, "event", "ClientConnectorError"))
    await finished(scraper, report, 120)
    assert report.status == "partial"
    assert scraper.runs.connection_lost_since is not None
    assert scraper.clock.monotonic() - report.duration_ms / 1000 > 60  # it did not grind on for two minutes


async def test_a_scheduled_run_asks_again_when_nobody_answered(scraper: Scraper):
    """Breakers that opened for silence would let no request out for minutes."""
    await finished(scraper, scraper.runs.start())
    for code in BOOKMAKERS:
        scraper.site.fails(code, BookmakerUnavailable(code, "list", "ClientConnectorError"))
    for _ in range(6):
        await finished(scraper, scraper.runs.start())
    scraper.site.fails("bet9ja", BookmakerRefused("bet9ja", "list", "HTTP 403"))
    assert all(scraper.limiters[code].breaker.state == "open" for code in BOOKMAKERS)
    scraper.site.fails("betpawa")
    scraper.site.started.clear()
    running = asyncio.create_task(scraper.runs.run_scheduled())
    await scraper.clock.advance(60)
    assert running.done()
    assert len(scraper.site.addresses("betpawa")) == 11


async def test_a_person_who_asks_tries_a_stopped_bookmaker_at_once(scraper: Scraper):
    """After a 403 we stay away for a quarter of an hour, unless somebody presses the button."""
    await finished(scraper, scraper.runs.start())
    scraper.site.fails("bet9ja", BookmakerRefused("bet9ja", "event", "HTTP 403"))
    await finished(scraper, scraper.runs.start())
    assert scraper.limiters["bet9ja"].breaker.state == "open"
    scraper.site.fails("bet9ja")
    assert (await finished(scraper, scraper.runs.start())).status == "completed"


async def test_recent_runs_come_newest_first_from_memory_and_database():
    """What memory holds is newer than what the database has of it."""

    reports = [
        RunReport(f"old{number}", "scheduled", "completed", START.replace(hour=10 - number))
        for number in range(3)
    ]
    async with Scraper(archive=Archive(reports)) as scraper:
        scraper.lists([1])
        report = await finished(scraper, scraper.runs.start())
        active = scraper.runs.start()
        assert await scraper.runs.recent(3) == [active, report, reports[0]]
        assert [run.run_id for run in await scraper.runs.recent(2, offset=3)] == ["old1", "old2"]
        assert (await scraper.runs.get("old2")).run_id == "old2"  # type: ignore[union-attr]
        points = await scraper.runs.points(START.replace(hour=9))
        assert [point.run_id for point in points] == ["old1", "old0", report.run_id]
        assert (points[-1].status, points[-1].ok, points[-1].changes) == ("completed", 3, 3)
        await scraper.runs.cancel("the test ends")


# --- one event ------------------------------------------------------------------------------------------------


async def test_a_refresh_returns_when_the_new_prices_are_in_the_cache(scraper: Scraper):
    await finished(scraper, scraper.runs.start())
    scraper.site.bodies["betpawa/betpawa-3"] = b'{"3743": [1.5, 4, 6]}'
    refreshing = asyncio.create_task(scraper.runs.refresh("3"))
    await scraper.clock.advance(1)
    assert refreshing.done()
    entry = scraper.cache.listing("3", "betpawa")
    assert entry is not None
    assert [market.odds_milli for market in entry.markets.values()] == [(1500, 4000, 6000)]


async def test_a_refresh_works_while_a_run_is_on(scraper: Scraper):
    await finished(scraper, scraper.runs.start())
    report = scraper.runs.start()
    await scraper.clock.advance(0.15)
    refreshing = asyncio.create_task(scraper.runs.refresh("3"))
    await finished(scraper, report)
    assert refreshing.done()
    assert refreshing.exception() is None


async def test_nobody_can_refresh_what_nobody_lists(scraper: Scraper):
    with pytest.raises(UnknownEvent):
        await scraper.runs.refresh("404")


async def test_a_refresh_ends_at_its_deadline(scraper: Scraper):
    await finished(scraper, scraper.runs.start())
    scraper.site.latency_s["betpawa"] = 100.0
    refreshing = asyncio.create_task(scraper.runs.refresh("3"))
    await scraper.clock.advance(16)
    with pytest.raises(TimeoutError):
        await refreshing
