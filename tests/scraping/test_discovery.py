"""Which lists are believed, what follows from them, and what a failed one must never cause."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from structlog.testing import capture_logs

from overround.domain.diff import Changes
from overround.errors import BookmakerRefused, BookmakerUnavailable
from overround.scraping.discovery import Discovered, Found
from tests.support.clock import START
from tests.support.scripted_site import BOOKMAKERS, Scraper, row


async def discover(scraper: Scraper, *bookmakers: str) -> Discovered:
    """Run one discovery and let what it found reach the cache."""
    await scraper.clock.advance(300)
    codes = bookmakers or BOOKMAKERS
    running = scraper.discovery.run(codes, "run")
    task = asyncio.ensure_future(running)
    await scraper.clock.advance(40)  # retries, and the breaker that may stop them
    assert task.done()
    flushing = asyncio.ensure_future(scraper.intake.flush())
    await scraper.clock.advance(0.1)
    await flushing
    return task.result()


@pytest.fixture
async def scraper():
    async with Scraper() as created:
        yield created


def state(scraper: Scraper, number: int, bookmaker: str) -> str | None:
    entry = scraper.cache.listing(str(number), bookmaker)
    return entry.listing.state if entry else None


def incomplete(discovered: Discovered) -> dict[str, str]:
    return {code: result.error.detail for code, result in discovered.lists.items() if result.error}


async def test_events_are_matched_registered_and_to_be_fetched(scraper: Scraper):
    """Every upcoming event at any bookmaker, matched or not."""
    scraper.lists([1, 2], "betpawa")
    scraper.lists([2, 3], "sportybet")
    scraper.lists([3], "bet9ja")
    found = await discover(scraper)
    assert {job.sportradar_id: dict(job.listings) for job in found.jobs} == {
        "1": {"betpawa": "betpawa-1"},
        "2": {"betpawa": "betpawa-2", "sportybet": "sportybet-2"},
        "3": {"sportybet": "sportybet-3", "bet9ja": "bet9ja-3"},
    }
    assert found.matched == 2
    assert {event.header.sportradar_id for event in scraper.cache} == {"1", "2", "3"}


async def test_all_bookmakers_are_asked_at_once(scraper: Scraper):
    scraper.lists([1])
    await discover(scraper)
    assert len({at for at, _ in scraper.site.started}) == 1


async def test_only_kickoffs_within_the_horizon_count(scraper: Scraper):
    scraper.settings.apply({"discovery_horizon_hours": 24})
    scraper.site.lists["betpawa"] = [
        row(1, kickoff_at=START - timedelta(minutes=1)),
        row(2),
        row(3, kickoff_at=START + timedelta(hours=30)),
    ]
    found = await discover(scraper, "betpawa")
    assert [job.sportradar_id for job in found.jobs] == ["2"]


async def test_rows_without_an_id_are_counted_and_not_stored(scraper: Scraper):
    scraper.site.lists["betpawa"] = [row(1), msgspec.structs.replace(row(2), sportradar_id=None)]
    found = await discover(scraper, "betpawa")
    assert found.lists["betpawa"].unidentified == 1
    assert len(found.jobs) == 1


async def test_a_failed_discovery_leaves_the_others_and_its_own_known_events(scraper: Scraper):
    """Its events are still fetched; the list is asked for again next time."""
    scraper.lists([1, 2])
    await discover(scraper)
    scraper.lists([1, 2, 3])
    scraper.site.fails("sportybet", BookmakerRefused("sportybet", "list", "HTTP 403"))
    found = await discover(scraper)
    assert incomplete(found) == {"sportybet": "HTTP 403"}
    jobs = {job.sportradar_id: set(job.listings) for job in found.jobs}
    assert jobs == {"1": set(BOOKMAKERS), "2": set(BOOKMAKERS), "3": {"betpawa", "bet9ja"}}


async def test_a_fault_of_our_own_in_one_client_is_that_bookmakers_failure(scraper: Scraper):
    scraper.lists([1])
    scraper.site.lists["bet9ja"] = [{"nonsense": True}]  # type: ignore[list-item]
    found = await discover(scraper)
    assert set(incomplete(found)) == {"bet9ja"}
    assert [set(job.listings) for job in found.jobs] == [{"betpawa", "sportybet"}]


async def test_an_empty_list_is_never_no_events(scraper: Scraper):
    """Not even twenty times in a row, while a listing there lies ahead."""
    scraper.lists(range(10))
    await discover(scraper)
    scraper.site.lists["bet9ja"] = []
    for _ in range(20):
        found = await discover(scraper)
        assert incomplete(found) == {"bet9ja": "an empty list where 10 events were known"}
    assert all(state(scraper, number, "bet9ja") == "unknown" for number in range(10))


async def test_an_empty_list_is_believed_the_second_time_where_nothing_lies_ahead(scraper: Scraper):
    assert "betpawa" in incomplete(await discover(scraper, "betpawa"))
    assert incomplete(await discover(scraper, "betpawa")) == {}


async def test_a_short_list_is_believed_when_it_comes_twice(scraper: Scraper):
    """Half a list is more often a fault than a cancelled round; the same half twice is not."""
    scraper.lists(range(10))
    await discover(scraper)
    scraper.lists(range(4), "bet9ja")
    assert incomplete(await discover(scraper)) == {"bet9ja": "4 events where 10 were known"}
    assert incomplete(await discover(scraper)) == {}


async def test_two_different_short_lists_are_not_believed(scraper: Scraper):
    scraper.lists(range(10))
    await discover(scraper)
    scraper.lists([0, 1, 2, 3], "bet9ja")
    await discover(scraper)
    scraper.lists([3, 4, 5, 6], "bet9ja")
    assert set(incomplete(await discover(scraper))) == {"bet9ja"}


async def test_half_a_list_is_enough(scraper: Scraper):
    scraper.lists(range(10))
    await discover(scraper)
    scraper.lists(range(5), "bet9ja")
    assert incomplete(await discover(scraper)) == {}


async def test_kickoffs_that_passed_make_no_list_short(scraper: Scraper):
    """After a Saturday afternoon most of the events have simply begun."""
    for code in BOOKMAKERS:
        later = [row(number, code, START + timedelta(hours=30)) for number in range(10, 13)]
        scraper.site.lists[code] = [*(row(number, code) for number in range(10)), *later]
    await discover(scraper)
    await scraper.clock.advance(5 * 3600)
    for code in BOOKMAKERS:
        scraper.site.lists[code] = [
            row(number, code, START + timedelta(hours=30)) for number in range(10, 13)
        ]
    assert incomplete(await discover(scraper)) == {}


async def test_a_smaller_horizon_makes_no_list_short(scraper: Scraper):
    for code in BOOKMAKERS:
        later = [row(number, code, START + timedelta(hours=100)) for number in range(10, 30)]
        scraper.site.lists[code] = [*(row(number, code) for number in range(10)), *later]
    await discover(scraper)
    scraper.settings.apply({"discovery_horizon_hours": 24})
    assert incomplete(await discover(scraper)) == {}


async def test_after_a_restart_the_cache_knows_what_to_expect(scraper: Scraper):
    """Otherwise the first, broken list after a start would be the measure of all others."""
    scraper.lists(range(10))
    await discover(scraper)
    restarted = Scraper()
    restarted.cache._events = scraper.cache._events
    async with restarted:
        restarted.lists(range(3), "betpawa")
        assert incomplete(await discover(restarted, "betpawa")) == {"betpawa": "3 events where 10 were known"}


async def test_a_listing_missing_from_two_complete_lists_is_withdrawn(scraper: Scraper):
    scraper.lists(range(10))
    await discover(scraper)
    scraper.lists(range(9), "bet9ja")
    assert (await discover(scraper)).withdrawn == ()
    assert (await discover(scraper)).withdrawn == (("9", "bet9ja"),)
    assert state(scraper, 9, "bet9ja") == "withdrawn"
    assert state(scraper, 9, "betpawa") == "unknown"


async def test_the_number_of_misses_is_a_live_setting(scraper: Scraper):
    scraper.lists(range(10))
    await discover(scraper)
    scraper.lists(range(9), "bet9ja")
    scraper.settings.apply({"withdraw_after_misses": 1})
    assert (await discover(scraper)).withdrawn == (("9", "bet9ja"),)


async def test_failed_lists_count_no_miss(scraper: Scraper):
    """I16: availability changes only from a complete, successful answer."""
    scraper.lists(range(10))
    await discover(scraper)
    scraper.site.fails("bet9ja", BookmakerUnavailable("bet9ja", "list", "HTTP 502"))
    for _ in range(5):
        assert (await discover(scraper)).withdrawn == ()


async def test_a_listing_seen_again_starts_from_zero(scraper: Scraper):
    scraper.lists(range(10))
    await discover(scraper)
    for present in (9, 10, 9):
        scraper.lists(range(present), "bet9ja")
        assert (await discover(scraper)).withdrawn == ()


async def test_a_withdrawn_listing_that_returns_is_registered_again(scraper: Scraper):
    scraper.lists(range(10))
    await discover(scraper)
    scraper.lists(range(9), "bet9ja")
    await discover(scraper)
    await discover(scraper)
    scraper.lists(range(10), "bet9ja")
    found = await discover(scraper)
    assert state(scraper, 9, "bet9ja") == "unknown"
    assert "bet9ja" in next(job.listings for job in found.jobs if job.sportradar_id == "9")


async def test_a_listing_past_its_kickoff_is_not_withdrawn(scraper: Scraper):
    scraper.lists(range(10))
    await discover(scraper)
    await scraper.clock.advance(4 * 3600)
    for code in BOOKMAKERS:
        scraper.site.lists[code] = [row(99, code, START + timedelta(hours=30))]
    for _ in range(3):
        assert (await discover(scraper)).withdrawn == ()


async def test_a_detail_that_is_gone_is_one_miss(scraper: Scraper):
    """Never a withdrawal by itself; with one missing list it makes two."""
    scraper.lists(range(10))
    await discover(scraper)
    scraper.discovery.note_gone("9", "bet9ja")
    scraper.lists(range(9), "bet9ja")
    assert (await discover(scraper)).withdrawn == (("9", "bet9ja"),)


async def test_a_listing_known_by_another_bookmakers_ids_survives_that_ones_failure(scraper: Scraper):
    """A row with only a Genius id is matched through a bookmaker that carries both; when that one is down, by memory."""
    scraper.site.lists["betpawa"] = [msgspec.structs.replace(row(1), genius_id="g1")]
    only_genius = msgspec.structs.replace(row(1, "bet9ja"), sportradar_id=None, genius_id="g1")
    scraper.site.lists["bet9ja"] = [only_genius]
    await discover(scraper, "betpawa", "bet9ja")
    scraper.site.fails("betpawa", BookmakerUnavailable("betpawa", "list", "HTTP 502"))
    for _ in range(3):
        found = await discover(scraper, "betpawa", "bet9ja")
        assert found.withdrawn == ()
        assert set(found.jobs[0].listings) == {"betpawa", "bet9ja"}


async def test_every_list_answer_is_a_sign_of_life(scraper: Scraper):
    scraper.lists([1])
    seen: list[str] = []
    running = asyncio.ensure_future(scraper.discovery.run(BOOKMAKERS, "run", seen.append))
    await scraper.clock.advance(1)
    await running
    assert sorted(seen) == sorted(BOOKMAKERS)


async def test_a_kickoff_that_moves_is_followed_and_recorded(scraper: Scraper):
    """Header and listing change like prices do: accepted, durable, published; and a line says both times."""
    scraper.lists([1])
    await discover(scraper)
    scraper.lists([1], kickoff_at=START + timedelta(hours=26))
    stored = len(scraper.spool.batches)
    async with scraper.bus.subscribe(Changes) as messages:
        with capture_logs() as logs:
            await discover(scraper)
        published = [change for batch in messages.take_waiting() for change in batch.listings]
    event = scraper.cache.event("1")
    assert event is not None and event.header.kickoff_at == START + timedelta(hours=26)
    assert {change.bookmaker for change in published} == set(BOOKMAKERS)
    assert any(change.header for change in published)
    assert len(scraper.spool.batches) > stored
    moved = [entry for entry in logs if entry["event"] == "kickoff_moved"]
    assert [(entry["bookmaker"], entry["before"], entry["after"]) for entry in moved] == [
        (code, "2026-11-24T15:00:00+00:00", "2026-11-25T14:00:00+00:00") for code in BOOKMAKERS
    ]


async def test_a_listing_marked_as_started_by_a_wrong_clock_comes_back(scraper: Scraper):
    """Two hours forward and back: what the lists still hold is not over."""
    scraper.lists([1], kickoff_at=START + timedelta(hours=1))
    await discover(scraper)
    scraper.clock.step_wall(7200)
    await scraper.intake.set_state([("1", code) for code in BOOKMAKERS], "started", scraper.clock.now())
    assert (await discover(scraper)).withdrawn == ()
    scraper.clock.step_wall(-7200)
    found = await discover(scraper)
    assert (state(scraper, 1, "betpawa"), found.withdrawn) == ("unknown", ())
    assert set(found.jobs[0].listings) == set(BOOKMAKERS)


async def test_an_id_listed_twice_is_one_event(scraper: Scraper):
    """The first row counts, and the event is fetched once."""
    scraper.site.lists["betpawa"] = [row(1), row(1), msgspec.structs.replace(row(1), event_id="betpawa-9")]
    found = await discover(scraper, "betpawa")
    assert [dict(job.listings) for job in found.jobs] == [{"betpawa": "betpawa-1"}]
    assert incomplete(found) == {}


class Watched:
    """A discovery whose lists take different times, and what it gave out when."""

    def __init__(self, scraper: Scraper, **latency_s: float) -> None:
        self.found: list[tuple[float, dict[str, set[str]]]] = []
        self.scraper = scraper
        scraper.site.latency_s.update(latency_s)

    async def run(self, seconds: float = 60) -> Discovered:
        clock, started = self.scraper.clock, self.scraper.clock.monotonic()

        def note(found: Found) -> None:
            jobs = {job.sportradar_id: set(job.listings) for job in found.jobs}
            self.found.append((round(clock.monotonic() - started, 3), jobs))

        running = asyncio.ensure_future(self.scraper.discovery.run(BOOKMAKERS, "run", on_found=note))
        await clock.advance(seconds)
        return await running


async def test_what_a_list_brings_does_not_wait_for_the_others(scraper: Scraper):
    """Each listing is given out once, when its own list has ended; the sum is the same as ever."""
    scraper.lists([1, 2])
    watched = Watched(scraper, betpawa=1, sportybet=20, bet9ja=3)
    found = await watched.run()
    assert watched.found == [
        (1, {"1": {"betpawa"}, "2": {"betpawa"}}),
        (3, {"1": {"bet9ja"}, "2": {"bet9ja"}}),
        (20, {"1": {"sportybet"}, "2": {"sportybet"}}),
    ]
    assert {job.sportradar_id: set(job.listings) for job in found.jobs} == {
        "1": set(BOOKMAKERS),
        "2": set(BOOKMAKERS),
    }
    assert found.matched == 2


async def test_a_listing_that_left_is_withdrawn_when_its_own_list_says_so(scraper: Scraper):
    scraper.settings.apply({"withdraw_after_misses": 1})
    scraper.lists(range(4))
    await discover(scraper)
    scraper.lists([1, 2, 3], "betpawa")
    watched = Watched(scraper, betpawa=1, sportybet=20)
    running = asyncio.ensure_future(watched.run(0))
    await scraper.clock.advance(2)
    flushing = asyncio.ensure_future(scraper.intake.flush())
    await scraper.clock.advance(0.1)
    await flushing
    assert state(scraper, 0, "betpawa") == "withdrawn"
    assert state(scraper, 0, "sportybet") == "unknown"
    await scraper.clock.advance(20)
    assert (await running).withdrawn == (("0", "betpawa"),)


async def test_a_row_that_another_must_identify_waits_for_all_lists(scraper: Scraper):
    """The first teacher may be contradicted by a later one; then the row is nobody's."""
    scraper.site.lists["betpawa"] = [msgspec.structs.replace(row(1), genius_id="g1")]
    scraper.site.lists["sportybet"] = [
        msgspec.structs.replace(row(2, "sportybet"), genius_id="g1"),
        msgspec.structs.replace(row(3, "sportybet"), genius_id="g3"),
    ]
    only_genius = [
        msgspec.structs.replace(row(number, "bet9ja"), sportradar_id=None, genius_id=f"g{number}")
        for number in (1, 3)
    ]
    scraper.site.lists["bet9ja"] = [row(2, "bet9ja"), *only_genius]
    heard: list[tuple[str, list[str | None]]] = []
    scraper.discovery.on_list(lambda code, rows: heard.append((code, [one.sportradar_id for one in rows])))
    watched = Watched(scraper, betpawa=1, sportybet=9, bet9ja=2)
    found = await watched.run()
    assert watched.found == [
        (1, {"1": {"betpawa"}}),
        (2, {"2": {"bet9ja"}}),
        (9, {"2": {"sportybet"}, "3": {"sportybet", "bet9ja"}}),
    ]
    assert found.lists["bet9ja"].unidentified == 1
    assert [rows for code, rows in heard if code == "bet9ja"] == [["2"], ["2", "3"]]


async def test_kickoffs_that_differ_stay_marked_while_lists_are_out(scraper: Scraper):
    """A list that comes alone is compared with what the others said last, so nothing flickers."""
    scraper.lists([1])
    scraper.lists([1], "sportybet", kickoff_at=START + timedelta(hours=4))
    await discover(scraper)
    async with scraper.bus.subscribe(Changes) as messages:
        await Watched(scraper, betpawa=1, sportybet=20, bet9ja=3).run()
        flushing = asyncio.ensure_future(scraper.intake.flush())
        await scraper.clock.advance(0.1)
        await flushing
        headers = [change.header for batch in messages.take_waiting() for change in batch.listings]
    assert not any(headers)
    event = scraper.cache.event("1")
    assert event is not None and event.header.check and event.header.source == "betpawa"


async def test_priority_counts_those_whose_lists_are_still_out(scraper: Scraper):
    """Known from before: an event at three bookmakers comes before one at a single one."""
    scraper.lists([1])
    await discover(scraper)
    scraper.lists([1, 2], "betpawa")
    jobs: list[tuple[str, frozenset[str]]] = []
    scraper.site.latency_s.update(sportybet=20)
    running = asyncio.ensure_future(
        scraper.discovery.run(
            BOOKMAKERS,
            "run",
            on_found=lambda found: jobs.extend((job.sportradar_id, job.listed_by) for job in found.jobs),
        )
    )
    await scraper.clock.advance(1)
    assert dict(jobs) == {"1": frozenset(BOOKMAKERS), "2": frozenset({"betpawa"})}
    await scraper.clock.advance(20)
    await running


async def test_known_events_of_a_silent_bookmaker_wait_for_a_sign_of_the_others(scraper: Scraper):
    """A failed list that was an answer is no reason to wait; silence is, for the connection may be lost."""
    scraper.lists([1])
    await discover(scraper)
    scraper.site.fails("betpawa", BookmakerUnavailable("betpawa", "list", "no answer"))
    scraper.site.fails("bet9ja", BookmakerRefused("bet9ja", "list", "HTTP 403"))
    watched = Watched(scraper, betpawa=0.1, sportybet=20, bet9ja=0.1)
    await watched.run()
    given = [(at, jobs) for at, jobs in watched.found if jobs]
    assert given[0] == (0.1, {"1": {"bet9ja"}})
    assert given[-1] == (20, {"1": {"sportybet", "betpawa"}})
    assert len(given) == 2


async def test_a_cancelled_discovery_leaves_no_list_behind(scraper: Scraper):
    scraper.lists([1])
    running = asyncio.ensure_future(scraper.discovery.run(BOOKMAKERS, "run"))
    await scraper.clock.advance(0)
    assert scraper.site.on_wire.total() == len(BOOKMAKERS)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert scraper.site.on_wire.total() == 0
