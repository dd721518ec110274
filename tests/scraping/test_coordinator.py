"""How events are fetched: all bookmakers at once, no batch barrier, no failure that spreads."""

import asyncio
import gzip
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import pytest

from overround.bookmakers.base import Request
from overround.bookmakers.http import Transport
from overround.errors import BookmakerRefused, BookmakerUnavailable, EventGone, PayloadChanged, RateLimited
from overround.scraping.coordinator import MAX_PARTS, MAX_UNTAKEN, EventJob, Fetched
from tests.support.clock import FakeClock, settle
from tests.support.misbehaving_server import MisbehavingServer, bomb, misbehaving_server
from tests.support.scripted_site import BOOKMAKERS, NotingIntake, Scraper, ScriptedBookmaker, job, row


class Coordinating:
    """A coordinator over a scripted site and an intake that only takes notes."""

    def __init__(self, instead: Mapping[str, ScriptedBookmaker] = {}, **settings: int) -> None:
        self.intake = NotingIntake()
        self.scraper = Scraper(intake=self.intake, instead=instead)
        self.clock, self.site, self.coordinator = (
            self.scraper.clock,
            self.scraper.site,
            self.scraper.coordinator,
        )
        self.scraper.settings.apply({"bet9ja_delay_ms": 0, **settings})
        self.fetched: list[Fetched] = []

    def begin(self, *jobs: EventJob) -> "asyncio.Task[None]":
        return asyncio.create_task(self.coordinator.scrape(jobs, "run", self.fetched.append))

    def statuses(self) -> Counter[tuple[str, str]]:
        return Counter((fetched.bookmaker, fetched.status) for fetched in self.fetched)


def unavailable(detail: str = "HTTP 502") -> BookmakerUnavailable:
    return BookmakerUnavailable("sportybet", "event", detail, answered=True)


async def test_an_event_is_asked_for_everywhere_at_once():
    test = Coordinating()
    scraping = test.begin(job(1))
    await settle()
    assert [at for at, _ in test.site.started] == [0, 0, 0]
    await test.clock.advance(0.1)
    assert scraping.done()
    assert {answer.bookmaker for answer in test.intake.taken} == set(BOOKMAKERS)


async def test_an_answer_carries_its_origin_and_its_number():
    test = Coordinating()
    test.begin(job(7, "betpawa"))
    await test.clock.advance(0.1)
    (answer,) = test.intake.taken
    assert (answer.sportradar_id, answer.event_id, answer.run_id) == ("7", "betpawa-7", "run")
    assert (answer.endpoint, answer.number, answer.fetched_at) == ("event", 1, test.clock.now())


async def test_events_go_in_order_of_priority():
    test = Coordinating(betpawa_concurrency=1)
    test.begin(job(1, "betpawa"), job(2, "betpawa", "bet9ja"), job(3))
    await test.clock.advance(1)
    assert test.site.addresses("betpawa") == ["betpawa/betpawa-3", "betpawa/betpawa-2", "betpawa/betpawa-1"]


async def test_there_is_no_batch_barrier():
    """A slow event keeps its own permit and nobody else's."""
    test = Coordinating(betpawa_concurrency=2)
    test.site.latency_s["sportybet"] = 9.0
    test.begin(job(1, "betpawa", "sportybet"), *(job(number, "betpawa") for number in range(2, 12)))
    await test.clock.advance(1)
    assert test.statuses() == {("betpawa", "changed"): 11}


async def test_both_layers_of_limits_hold_under_load():
    test = Coordinating(max_concurrent_events=5, betpawa_concurrency=3, bet9ja_concurrency=2)
    scraping = test.begin(*(job(number) for number in range(60)))
    await test.clock.advance(60)
    assert scraping.done()
    assert test.site.most_events <= 5
    assert test.site.most["betpawa"] <= 3
    assert test.site.most["bet9ja"] <= 2
    assert sum(test.statuses().values()) == 180


async def test_one_bookmaker_down_leaves_the_others_results_and_time_intact():
    """All of its requests fail; the others finish as if it were not there."""
    alone, test = Coordinating(), Coordinating()
    test.site.fails("sportybet", unavailable())
    test.site.latency_s["sportybet"] = 10.0
    for each, codes in ((alone, ("betpawa", "bet9ja")), (test, BOOKMAKERS)):
        each.begin(*(job(number, *codes) for number in range(200)))
    ends = []
    for each in (alone, test):
        while each.statuses()["betpawa", "changed"] + each.statuses()["bet9ja", "changed"] < 400:
            await each.clock.advance(0.1)
        ends.append(each.clock.monotonic())
    assert ends[1] <= ends[0] * 1.1
    await test.clock.advance(300)
    assert test.statuses()["sportybet", "failed"] == 200
    await test.coordinator.close()


@pytest.mark.parametrize(
    "error",
    [
        EventGone("sportybet", "event", "HTTP 404"),
        BookmakerRefused("sportybet", "event", "HTTP 403"),
        PayloadChanged("sportybet", "event", "no markets"),
    ],
)
async def test_what_a_bookmaker_answers_fails_its_own_fetch_only(error):
    test = Coordinating()
    test.site.fails("sportybet/sportybet-1", error)
    test.begin(job(1), job(2))
    await test.clock.advance(1)
    failed = [fetched for fetched in test.fetched if fetched.status == "failed"]
    assert [(one.sportradar_id, one.bookmaker, one.error) for one in failed] == [("1", "sportybet", error)]
    assert len(test.site.addresses("sportybet/sportybet-1")) == 1


async def test_a_transport_error_is_tried_again_and_the_answer_counts_from_its_own_start():
    """An answer that is late only because its first attempt failed must not look older than it is."""
    test = Coordinating()
    test.site.fails("sportybet/sportybet-1", unavailable(), unavailable(), None)
    test.begin(job(1, "sportybet"))
    await test.clock.advance(3)
    assert [fetched.status for fetched in test.fetched] == ["changed"]
    assert test.intake.taken[0].number == 3


async def test_no_request_falls_into_a_retry_after_window():
    test = Coordinating(sportybet_concurrency=1)
    test.site.fails("sportybet", None, None, RateLimited("sportybet", "event", "HTTP 429", 12), None)
    test.begin(*(job(number, "sportybet") for number in range(6)))
    await test.clock.advance(60)
    times = [at for at, _ in test.site.started]
    answered_429 = times[2] + 0.1
    assert all(at >= answered_429 + 12 - 1e-6 for at in times[3:])
    assert test.statuses() == {("sportybet", "changed"): 6}


async def test_what_intake_cannot_read_is_that_events_failure():
    test = Coordinating()
    error = PayloadChanged("bet9ja", "event", "garbage")
    test.intake.errors["1", "bet9ja"] = error
    test.intake.errors["2", "bet9ja"] = RuntimeError("a fault of ours")
    test.begin(job(1), job(2), job(3))
    await test.clock.advance(1)
    assert test.statuses()["bet9ja", "changed"] == 1
    failed = {one.sportradar_id: one.error for one in test.fetched if one.error}
    assert failed["1"] is error
    assert "RuntimeError: a fault of ours" in str(failed["2"])


async def test_fetching_waits_for_a_parser_that_falls_behind():
    """Bodies must not pile up in memory; permits are free meanwhile."""
    test = Coordinating()
    test.intake.reading = asyncio.Event()
    test.begin(*(job(number, "betpawa") for number in range(300)))
    await test.clock.advance(60)
    assert MAX_UNTAKEN <= len(test.site.started) <= MAX_UNTAKEN + test.scraper.admission.capacity + 1
    assert test.coordinator.in_flight("betpawa") == 0
    test.intake.reading.set()
    await test.clock.advance(5)
    assert len(test.fetched) == 300


async def test_fetching_pauses_while_nothing_can_be_accepted():
    test = Coordinating()
    test.intake.blocked = "the spool can't be written"
    test.begin(job(1))
    await test.clock.advance(30)
    assert test.site.started == []
    test.intake.blocked = ""
    await test.clock.advance(2)
    assert len(test.fetched) == 3


async def test_a_refresh_overtakes_a_run():
    test = Coordinating(betpawa_concurrency=1)
    test.begin(*(job(number, "betpawa") for number in range(20)))
    await test.clock.advance(0.05)
    refreshing = asyncio.create_task(test.coordinator.refresh(job(77, "betpawa")))
    await test.clock.advance(0.05)
    assert not refreshing.done()
    assert test.site.addresses()[-1] == "betpawa/betpawa-77"


async def test_a_refresh_joins_a_fetch_in_flight_and_moves_a_waiting_one_forward():
    """Both the run and the trader get the one answer."""
    test = Coordinating(betpawa_concurrency=1)
    test.begin(*(job(number, "betpawa") for number in range(20)))
    await test.clock.advance(0.05)
    on_wire = asyncio.create_task(test.coordinator.refresh(job(0, "betpawa")))
    waiting = asyncio.create_task(test.coordinator.refresh(job(15, "betpawa")))
    await test.clock.advance(0.2)
    assert on_wire.done()
    assert waiting.done()
    assert test.site.addresses()[:2] == ["betpawa/betpawa-0", "betpawa/betpawa-15"]
    await test.clock.advance(5)
    assert len(test.site.started) == 20
    assert len(test.fetched) == 20


async def test_a_cancelled_run_gives_up_its_fetches_and_leaves_those_of_others():
    test = Coordinating(betpawa_concurrency=2)
    scraping = test.begin(*(job(number, "betpawa") for number in range(20)))
    await test.clock.advance(0.05)
    refreshing = asyncio.create_task(test.coordinator.refresh(job(1, "betpawa")))
    await settle()
    scraping.cancel()
    await test.clock.advance(5)
    assert refreshing.done()
    assert not refreshing.cancelled()
    assert len(test.site.started) == 2
    assert test.coordinator.in_flight() == 0
    assert test.coordinator.in_flight("betpawa") == 0


async def test_a_run_cancelled_before_its_fetches_begin_holds_no_permit():
    """A task cancelled before its first step runs no line of its own, not even a finally."""
    test = Coordinating()
    scraping = test.begin(job(1))
    await asyncio.sleep(0)
    scraping.cancel()
    await settle()
    assert test.coordinator.in_flight() == 0
    assert all(limiter.in_flight == 0 for limiter in test.scraper.limiters.values())


async def test_a_closed_breaker_ends_a_run_instead_of_hanging_it():
    """Nothing waits for hours, and what was not asked says why."""
    test = Coordinating()
    test.site.fails("sportybet", BookmakerRefused("sportybet", "event", "HTTP 403"))
    scraping = test.begin(*(job(number, "sportybet") for number in range(100)))
    await test.clock.advance(5)
    assert scraping.done()
    assert len(test.site.started) < 60
    assert "HTTP 403" in str(test.fetched[-1].error)
    assert isinstance(test.fetched[-1].error, BookmakerRefused)


async def test_no_jobs_are_done_at_once():
    test = Coordinating()
    await test.coordinator.scrape([])
    assert test.site.started == []


# --- the same over real sockets -------------------------------------------------------------------------------

PRICES = b'{"3743": [2.5, 3.2, 2.9]}'
EVENTS = range(6)


def answered(
    status: int = 200, body: bytes = PRICES, **headers: str
) -> Callable[[MisbehavingServer, str], str]:
    return lambda server, path: server.answer(path, status, body, **headers)


def behaved(name: str) -> Callable[[MisbehavingServer, str], str]:
    return lambda server, path: server.behave(path, getattr(server, name))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        pytest.param(behaved("hang"), "unavailable", id="timeout"),
        pytest.param(behaved("drip"), "unavailable", id="slow-drip"),
        pytest.param(behaved("reset"), "unavailable", id="reset"),
        pytest.param(behaved("cut"), "unavailable", id="cut-short"),
        pytest.param(answered(500), "unavailable", id="500"),
        pytest.param(answered(429, Retry_After="4"), "rate_limited", id="429-with-time"),
        pytest.param(answered(429), "rate_limited", id="429-without-time"),
        pytest.param(answered(403), "refused", id="403"),
        pytest.param(answered(302, Location="/elsewhere"), "refused", id="redirect"),
        pytest.param(answered(body=b"<html>blocked"), "refused", id="page"),
        pytest.param(answered(404), "gone", id="404"),
        pytest.param(
            answered(body=gzip.compress(PRICES, mtime=0)[:-9], Content_Encoding="gzip"),
            "payload_changed",
            id="gzip-cut",
        ),
        pytest.param(answered(body=bomb(), Content_Encoding="gzip"), "payload_changed", id="bomb"),
        pytest.param(answered(body=b"garbage"), "payload_changed", id="garbage"),
        pytest.param(answered(body=b""), "payload_changed", id="nothing"),
    ],
)
async def test_whatever_one_bookmaker_does_the_others_prices_arrive(fault, kind):
    """Each of its events fails with its reason, and every event of the others is in the cache."""
    async with misbehaving_server() as server:
        transport = Transport("Overround/test", FakeClock(), {"list": 0.2, "event": 0.2})
        async with Scraper(transport=transport, base_url=server.base_url + "/") as scraper:
            for path in (f"/{code}/{code}-{number}" for code in BOOKMAKERS for number in EVENTS):
                (fault if "sportybet" in path else answered())(server, path)
            rows = {str(number): {code: row(number, code) for code in BOOKMAKERS} for number in EVENTS}
            await scraper.intake.register(rows, scraper.clock.now())
            fetched: list[Fetched] = []
            scraping = asyncio.create_task(
                scraper.coordinator.scrape([job(number) for number in EVENTS], "run", fetched.append)
            )
            while not scraping.done():
                await scraper.clock.advance(0.1)  # and let the sockets speak
            while (
                sum(bool(entry.markets) for event in scraper.cache for entry in event.listings.values()) < 12
            ):
                await scraper.clock.advance(0.1)
        await transport.close()
    assert {(one.bookmaker, one.error.kind) for one in fetched if one.error} == {("sportybet", kind)}
    assert Counter(one.bookmaker for one in fetched if one.status == "changed") == {"betpawa": 6, "bet9ja": 6}
    assert not any(scraper.cache.listing(str(number), "sportybet").markets for number in EVENTS)  # type: ignore[union-attr]


class PagedBookmaker(ScriptedBookmaker):
    """Has a detail of `pages` answers."""

    pages = 3

    def further_request(self, event_id: str, parts: Sequence[bytes]) -> Request | None:
        return Request("page", f"{self.base_url}/{event_id}", "event") if len(parts) < self.pages else None


class CoordinatingPages(Coordinating):
    def __init__(self) -> None:
        self.paged = PagedBookmaker("betpawa")
        super().__init__({"betpawa": self.paged})


async def test_a_detail_in_parts_is_taken_as_one_answer_as_old_as_its_first_part():
    """Each part has a permit of its own, so limits and spacing hold."""
    test = CoordinatingPages()
    started_at = test.clock.now()
    test.begin(job(7, "betpawa"))
    await test.clock.advance(0.4)
    (answer,) = test.intake.taken
    assert json.loads(answer.body) == [{"3743": [2.5, 3.2, 2.9]}] * 3
    assert (answer.endpoint, answer.number) == ("event", 1)
    assert answer.fetched_at == started_at + timedelta(seconds=0.1)
    assert len(test.site.addresses("betpawa")) == 3


async def test_a_detail_whose_later_part_fails_is_not_taken():
    """Half a detail would withdraw the other half."""
    test = CoordinatingPages()
    test.site.fails("betpawa/betpawa-7", None, EventGone("betpawa", "page", "HTTP 404"))
    test.begin(job(7, "betpawa"))
    await test.clock.advance(0.4)
    assert test.intake.taken == []
    assert test.statuses() == {("betpawa", "failed"): 1}


async def test_a_detail_without_end_is_given_up():
    test = CoordinatingPages()
    test.paged.pages = 10**6
    test.begin(job(7, "betpawa"))
    await test.clock.advance(0.1 * MAX_PARTS + 0.1)
    assert len(test.site.addresses("betpawa")) == MAX_PARTS
    assert test.statuses() == {("betpawa", "failed"): 1}
