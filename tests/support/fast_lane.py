"""Bookmakers whose lists carry prices, over the scripted site, and a fast lane upon them."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec

from overround.bookmakers.base import GlancedEvent, GlanceLimits, ParsedEvent, Request, Window, nothing
from overround.bookmakers.http import RawBody
from overround.domain.markets import MarketKey
from overround.errors import PayloadChanged
from overround.scraping.fast_lane import FastLane
from overround.scraping.lane import Means
from tests.support.books import parsed
from tests.support.clock import START
from tests.support.scripted_site import Scraper, ScriptedBookmaker, row

KICKOFF = START + timedelta(hours=3)
GLANCE = "/glance/"
CODES = ("betpawa", "sportybet", "bet9ja")  # unless a test says others


class GlancingBookmaker(ScriptedBookmaker):
    """Its lists are at /glance/<groups> and say {event id: {market: odds}}."""

    glance_limits = GlanceLimits(groups=2, events=50)
    glance_operation = "glance"
    kickoff_at = KICKOFF

    def glance_request(self, groups: Sequence[str], window: Window) -> Request:
        return Request("glance", f"{self.base_url}{GLANCE}{'+'.join(groups)}", "list")

    def parse_glance(self, body: bytes) -> Iterator[GlancedEvent]:
        try:
            rows = msgspec.json.decode(body, type=dict[str, dict[str, list[float]]])
        except ValueError as exc:
            raise PayloadChanged(self.code, "glance", str(exc)) from exc
        return (
            GlancedEvent(event_id, self.kickoff_at, tuple(parsed(key, odds) for key, odds in prices.items()))
            for event_id, prices in rows.items()
        )

    def parse_event(self, body: bytes, on_decoded=nothing) -> ParsedEvent:
        event = super().parse_event(body, on_decoded)
        return msgspec.structs.replace(event, kickoff_at=self.kickoff_at)


class Lists:
    """Stands before the scripted site and answers glances; every event of a list is in every answer."""

    def __init__(self, scraper: Scraper) -> None:
        self._scraper = scraper
        self.prices: dict[str, dict[str, dict[str, list[float]]]] = {code: {} for code in scraper.bookmakers}
        self.garbage: set[str] = set()
        self.latency_s = 0.1

    async def fetch(self, bookmaker: str, request: Request) -> RawBody:
        if GLANCE not in request.url:
            return await self._scraper.site.fetch(bookmaker, request)
        site = self._scraper.site
        site.started.append((site.clock.monotonic(), request.url))
        body = msgspec.json.encode(self.prices[bookmaker])
        await site.clock.sleep(self.latency_s)
        if error := site.fault(bookmaker):
            raise error
        return RawBody(b"?" if bookmaker in self.garbage else body, "", site.clock.now(), 100)


class LaneWorld:
    """Three bookmakers with a few events, one run done, and the lane over them."""

    def __init__(self, scraper: Scraper) -> None:
        self.scraper, self.clock, self.site = scraper, scraper.clock, scraper.site
        self.lists, self.is_paused = Lists(scraper), False
        means = Means(
            self.lists,  # type: ignore[arg-type]
            scraper.admission,
            scraper.coordinator,
            scraper.intake,
            scraper.sources,
            scraper.cache,
            scraper.settings,
            scraper.clock,
        )
        self.lane = FastLane(
            scraper.bookmakers,  # type: ignore[arg-type]
            scraper.limiters,
            means,
            scraper.bus,
            lambda: self.is_paused,
        )
        scraper.discovery.on_list(self.lane.adopt)

    def list_events(self, count: int, kickoff_at=KICKOFF, groups: int = 2) -> None:
        for code in self.scraper.bookmakers:
            rows = [row(number, code, kickoff_at) for number in range(1, count + 1)]
            self.site.lists[code] = [
                msgspec.structs.replace(each, group=f"g{place % groups}") for place, each in enumerate(rows)
            ]
            self.lists.prices[code] = {each.event_id: {"3743": [2.5, 3.2, 2.9]} for each in rows}

    async def run_once(self) -> None:
        running = asyncio.create_task(self.scraper.runs.run_once())
        await self.clock.advance(3)
        assert (await running).status == "completed"
        self.site.started.clear()

    def odds(self, code: str, number: int = 1, market_id: str = "3743") -> tuple[int, ...]:
        entry = self.scraper.cache.listing(str(number), code)
        assert entry
        return entry.markets[MarketKey(market_id)].odds_milli

    def details(self, code: str = "") -> list[str]:
        return [a for a in self.site.addresses(code) if GLANCE not in a and not a.endswith("/list")]

    def glances(self, code: str = "") -> list[float]:
        return [at for at, address in self.site.started if GLANCE in address and address.startswith(code)]


@asynccontextmanager
async def lane_world(
    count: int = 4, started: bool = True, codes: Sequence[str] = CODES, **fields
) -> AsyncGenerator[LaneWorld]:
    """Yield a world after its first run, with the lane started or not."""
    async with Scraper(codes=codes) as scraper:
        for code in codes:
            scraper.bookmakers[code] = GlancingBookmaker(code)
        made = LaneWorld(scraper)
        made.list_events(count, **fields)
        await made.run_once()
        if started:
            made.lane.start()
        try:
            yield made
        finally:
            await made.lane.stop()
