"""The fast lane over scripted sites: from a price that moves in a list to the board."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from overround.bookmakers.base import Request, Window
from overround.domain.events import ListedEvent
from overround.domain.markets import MarketKey
from overround.errors import BookmakerUnavailable, RateLimited
from tests.support.clock import START
from tests.support.fast_lane import CODES, KICKOFF, GlancingBookmaker, LaneWorld, lane_world
from tests.support.scripted_site import Scraper


async def test_a_price_that_moved_in_a_list_is_on_the_board_within_seconds():
    """Five minutes are too long; nothing is on at the other bookmakers."""
    async with lane_world() as w:
        w.lists.prices["betpawa"]["betpawa-1"]["3743"] = [2.2, 3.3, 3.1]
        w.site.bodies["betpawa/betpawa-1"] = b'{"3743": [2.2, 3.3, 3.1], "4693": [1.3, 1.4, 1.5]}'
        await w.clock.advance(47)
        assert w.odds("betpawa") == (2200, 3300, 3100)
        assert w.odds("betpawa", market_id="4693") == (1300, 1400, 1500)
        assert w.details() == ["betpawa/betpawa-1"]


async def test_a_price_that_moves_back_is_seen_too():
    """The body of the last detail says nothing of what a list has shown since."""
    async with lane_world() as w:
        for odds in ([2.2, 3.3, 3.1], [2.5, 3.2, 2.9]):
            w.lists.prices["bet9ja"]["bet9ja-2"]["3743"] = odds
            w.site.bodies["bet9ja/bet9ja-2"] = msgspec.json.encode({"3743": odds})
            await w.clock.advance(50)
            assert w.odds("bet9ja", 2) == tuple(round(price * 1000) for price in odds)


async def test_a_list_that_was_asked_for_first_does_not_overrule_a_later_detail():
    """Order is by when a request started, not by when its answer came."""
    async with lane_world() as w:
        w.lists.latency_s = 6.0
        w.lists.prices["betpawa"]["betpawa-1"]["3743"] = [9.9, 9.9, 1.1]
        while not w.glances("betpawa"):
            await w.clock.advance(1)
        w.site.bodies["betpawa/betpawa-1"] = b'{"3743": [2.1, 3.3, 3.4]}'
        refreshing = asyncio.create_task(w.scraper.runs.refresh("1"))
        await w.clock.advance(1)
        await refreshing
        w.lists.prices["betpawa"]["betpawa-1"]["3743"] = [2.1, 3.3, 3.4]
        await w.clock.advance(7)
        assert w.odds("betpawa") == (2100, 3300, 3400)


async def test_a_list_confirms_what_it_shows_and_nothing_else():
    """A trader sees per market how old its price is."""
    async with lane_world() as w:
        before = w.scraper.cache.listing("1", "betpawa")
        await w.clock.advance(60)
        entry = w.scraper.cache.listing("1", "betpawa")
        assert before and entry
        assert entry.confirmed_at == before.confirmed_at
        assert entry.market_confirmed_at.keys() == {"3743"}
        assert w.clock.now() - entry.market_confirmed_at["3743"] < timedelta(seconds=50)
        assert not w.details()


async def test_a_market_that_left_the_list_is_not_withdrawn_but_asked_for():
    """A list may be shorter than the detail; the detail tells."""
    async with lane_world() as w:
        w.lists.prices["sportybet"]["sportybet-1"] |= {"3795": [1.7, 2.1]}
        w.site.bodies["sportybet/sportybet-1"] = b'{"3743": [2.5, 3.2, 2.9], "3795": [1.7, 2.1]}'
        await w.clock.advance(50)
        assert w.odds("sportybet", market_id="3795") == (1700, 2100)
        w.site.started.clear()
        del w.lists.prices["sportybet"]["sportybet-1"]["3795"]
        await w.clock.advance(50)
        assert w.details() == ["sportybet/sportybet-1"]
        entry = w.scraper.cache.listing("1", "sportybet")
        assert entry and entry.markets[MarketKey("3795")].withdrawn_at is None


async def test_no_minute_sees_more_requests_than_the_budget():
    """Lists, details, and retries of details that fail: all of them count."""
    async with lane_world(30, groups=10) as w:
        limits = {f"{code}_fast_lane_per_minute": 20 for code in CODES}
        w.scraper.settings.apply(limits)
        w.site.fails("sportybet/sportybet-1", BookmakerUnavailable("sportybet", "event", "down"))
        for step in range(30):
            for code in CODES:
                for number in range(1, 31):
                    w.lists.prices[code][f"{code}-{number}"]["3743"] = [2.5 + step / 100, 3.2, 2.9]
            await w.clock.advance(6)
        for code in CODES:
            times = [at for at, address in w.site.started if address.startswith(code)]
            assert len(times) > 45  # three minutes of it
            assert max(sum(at <= other <= at + 60 for other in times) for at in times) <= 20


@pytest.mark.parametrize("code", CODES)
async def test_a_budget_of_nothing_sends_nothing(code):
    """0 is off, for this bookmaker alone; a new value acts at once."""
    async with lane_world() as w:
        w.scraper.settings.apply({f"{code}_fast_lane_per_minute": 0})
        await w.clock.advance(60)
        assert not w.glances(code) and len(w.glances()) >= 2
        w.scraper.settings.apply({f"{code}_fast_lane_per_minute": 60})
        await w.clock.advance(1.5)
        assert w.glances(code)


async def test_a_paused_schedule_pauses_the_lane():
    """Paused means that nothing is sent by itself."""
    async with lane_world() as w:
        w.is_paused = True
        await w.clock.advance(120)
        assert not w.site.started
        w.is_paused = False
        await w.clock.advance(2)
        assert w.glances()


async def test_nothing_is_sent_before_it_is_started_and_after_it_is_stopped():
    """`--no-schedule` never starts it."""
    async with lane_world(started=False) as w:
        await w.clock.advance(120)
        assert not w.site.started
        w.lane.start()
        await w.clock.advance(2)
        await w.lane.stop()
        w.site.started.clear()
        await w.clock.advance(120)
        assert not w.site.started


async def test_no_request_falls_inside_a_retry_after_window():
    """They said when to come back."""
    async with lane_world() as w:
        w.site.fails("bet9ja", RateLimited("bet9ja", "glance", "HTTP 429", 25.0), None)
        while not w.glances("bet9ja"):
            await w.clock.advance(1)
        first = w.glances("bet9ja")[0]
        await w.clock.advance(60)
        assert w.glances("bet9ja")[1] >= first + 25


async def test_lists_that_can_not_be_read_are_asked_for_more_and_more_rarely():
    """A site that changed is not to be asked four times a second for what nobody understands."""
    async with lane_world(groups=4) as w:
        w.lists.garbage.add("betpawa")
        await w.clock.advance(300)
        assert 3 <= len(w.glances("betpawa")) <= 9
        w.lists.garbage.clear()
        await w.clock.advance(300)
        assert w.clock.monotonic() - max(w.glances("betpawa")) < 60


async def test_one_bookmakers_trouble_is_its_own():
    """The others' lanes go on."""
    async with lane_world() as w:
        w.site.fails("sportybet", BookmakerUnavailable("sportybet", "glance", "refused"))
        w.lists.prices["betpawa"]["betpawa-1"]["3743"] = [2.2, 3.3, 3.1]
        w.site.bodies["betpawa/betpawa-1"] = b'{"3743": [2.2, 3.3, 3.1]}'
        await w.clock.advance(60)
        assert w.odds("betpawa") == (2200, 3300, 3100)


async def test_a_list_that_lags_behind_the_details_moves_no_price_for_long():
    """Two details in a row have said otherwise: from then on its row may only confirm."""
    async with lane_world(1, groups=1) as w:
        w.lists.prices["betpawa"]["betpawa-1"]["3743"] = [2.2, 3.3, 3.1]
        await w.clock.advance(400)
        entry = w.scraper.cache.listing("1", "betpawa")
        assert w.odds("betpawa") == (2500, 3200, 2900)
        assert entry and entry.changed_at and entry.changed_at < START + timedelta(seconds=150)
        assert len(w.details("betpawa")) >= 7  # it is still asked which is right


async def test_an_event_about_to_begin_is_fetched_in_full(monkeypatch):
    """In the last minutes every market moves, not only the main ones."""
    kickoff_at = START + timedelta(minutes=8)
    monkeypatch.setattr(GlancingBookmaker, "kickoff_at", kickoff_at)
    async with lane_world(1, kickoff_at=kickoff_at) as w:
        await w.clock.advance(100)
        assert 6 <= len(w.details()) <= 9  # every 30 to 40 s at each of three


async def test_events_that_nobody_has_made_known_are_left_alone():
    """A list may be newer than the last discovery."""
    async with lane_world() as w:
        w.lists.prices["betpawa"]["betpawa-77"] = {"3743": [2.2, 3.3, 3.1]}
        await w.clock.advance(60)
        assert w.scraper.cache.event("77") is None
        assert not w.details()


async def test_a_kickoff_that_moved_in_a_list_is_followed_by_a_detail(monkeypatch):
    """The detail is what moves a listing's kickoff."""
    async with lane_world(1) as w:
        moved = KICKOFF + timedelta(hours=1)
        monkeypatch.setattr(GlancingBookmaker, "kickoff_at", moved)
        w.site.bodies["betpawa/betpawa-1"] = (
            b'{ "3743": [2.5, 3.2, 2.9]}'  # another body: it says another time
        )
        await w.clock.advance(50)
        entry = w.scraper.cache.listing("1", "betpawa")
        assert entry and entry.listing.kickoff_at == moved


async def test_an_event_that_no_detail_has_told_of_has_not_moved(monkeypatch):
    """In the first run after a start lists are quicker than details; the run brings those anyway."""
    monkeypatch.setattr(GlancingBookmaker, "kickoff_at", START + timedelta(hours=1))
    async with Scraper() as scraper:
        for code in scraper.bookmakers:
            scraper.bookmakers[code] = GlancingBookmaker(code)
        w = LaneWorld(scraper)
        w.list_events(4, kickoff_at=START + timedelta(hours=1))
        w.site.fails("betpawa/betpawa-1", BookmakerUnavailable("betpawa", "event", "down"))
        running = asyncio.create_task(scraper.runs.run_once())
        await w.clock.advance(10)
        await running
        w.site.started.clear()
        w.lane.start()
        await w.clock.advance(20)
        await w.lane.stop()
        assert w.glances("betpawa") and not w.details()
        assert w.odds("betpawa") == (2500, 3200, 2900)


async def test_a_run_is_not_slowed_by_far_away_events():
    """While events wait for a bookmaker, only lists of the next two hours are asked for there."""
    async with lane_world(20, kickoff_at=START + timedelta(hours=3)) as w:
        w.scraper.settings.apply({f"{code}_concurrency": 1 for code in CODES})
        w.site.latency_s = dict.fromkeys(CODES, 10.0)
        running = asyncio.create_task(w.scraper.runs.run_once())
        await w.clock.advance(100)
        assert len(w.details("betpawa")) >= 8 and not w.glances()
        running.cancel()


async def test_a_detail_joins_the_one_that_a_run_has_on_its_way():
    """Asking twice for one thing is wasted budget."""
    async with lane_world(1) as w:
        w.site.latency_s = dict.fromkeys(CODES, 8.0)
        w.lists.prices["betpawa"]["betpawa-1"]["3743"] = [2.2, 3.3, 3.1]
        while not w.glances("betpawa"):
            await w.clock.advance(1)
        refreshing = asyncio.create_task(w.scraper.runs.refresh("1"))
        await w.clock.advance(9)
        await refreshing
        assert w.details("betpawa").count("betpawa/betpawa-1") == 1


async def test_discoveries_own_lists_are_read_for_prices_too():
    """They carry them anyway, and at Bet9ja one pass over the lists costs half a minute's budget."""
    async with lane_world() as w:
        bookmaker = w.scraper.bookmakers["bet9ja"]
        body = msgspec.json.encode({"bet9ja-1": {"3743": [1.9, 3.6, 4.0]}})

        async def ask(request: Request) -> bytes:
            return body

        assert isinstance(bookmaker, GlancingBookmaker)
        request = bookmaker.glance_request(["g1"], Window(START, KICKOFF))
        assert await w.lane.listening("bet9ja", ask)(request) == body
        await w.clock.advance(1)
        assert w.odds("bet9ja") == (1900, 3600, 4000)


async def test_while_a_discovery_asks_for_the_lists_the_lane_does_not():
    """Both would ask for the same thing."""
    async with lane_world() as w:
        answered = asyncio.Event()

        async def ask(request: Request) -> bytes:
            await answered.wait()
            return b"{}"

        discovering = asyncio.create_task(
            w.lane.listening("bet9ja", ask)(Request("glance", "bet9ja/glance/g1", "list"))
        )
        await w.clock.advance(60)
        assert w.glances("betpawa") and not w.glances("bet9ja")
        answered.set()
        await discovering
        await w.clock.advance(2)
        assert w.glances("bet9ja")


async def test_a_bookmaker_without_priced_lists_gets_details_only(monkeypatch):
    """Its budget is for kickoffs that are near."""
    kickoff_at = START + timedelta(minutes=8)
    monkeypatch.setattr(GlancingBookmaker, "kickoff_at", kickoff_at)
    async with Scraper() as scraper:
        w = LaneWorld(scraper)
        w.list_events(1, kickoff_at=kickoff_at)
        await w.run_once()
        w.lane.adopt("betpawa", [ListedEvent("betpawa-1", "1", kickoff_at, "Home", "Away")])
        w.lane.start()
        await w.clock.advance(40)
        await w.lane.stop()
        assert not w.glances() and w.details("betpawa") == ["betpawa/betpawa-1"]
