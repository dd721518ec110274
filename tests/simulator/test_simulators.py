"""The world through the bookmakers' real wire formats, read back by the product's own adapters."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest

from overround.bookmakers import registry
from overround.bookmakers.base import ParsedEvent, Request, Window
from overround.config import BOOKMAKERS, packaged_catalogue
from overround.domain.events import ListedEvent
from overround.simulator import recorded, simulators
from overround.simulator.moment import TimedWorld
from overround.simulator.server import SimulatorServer, running
from overround.simulator.world import World, WorldOptions
from tests.support.clock import START, FakeClock
from tests.support.parts import whole_detail
from tests.support.payloads import FOLDER, needs_payloads

WEEK = Window(START, START + timedelta(days=7))
CATALOGUE = packaged_catalogue()
ASKED_BY_TYPE = ("betika",)  # never asked for what the catalogue lacks, so nothing is left to count
CAPTURED = [code for code in BOOKMAKERS if code not in ("betway", "betika")]  # with markets of SR 68995116


@contextlib.asynccontextmanager
async def serving(
    world: TimedWorld,
) -> AsyncIterator[tuple[SimulatorServer, dict[str, str], aiohttp.ClientSession]]:
    server = SimulatorServer(world, simulators.create(BOOKMAKERS))
    async with running(server) as urls, aiohttp.ClientSession() as session:
        yield server, urls, session


def asking(session: aiohttp.ClientSession):
    async def ask(request: Request) -> bytes:
        async with session.request(
            request.method, request.url, headers=dict(request.headers), data=request.body or None
        ) as answer:
            assert answer.status == 200, (request, await answer.read())
            return await answer.read()

    return ask


async def discovered(code: str, url: str, session: aiohttp.ClientSession) -> list[ListedEvent]:
    return await registry.create(code, CATALOGUE, url).discover(asking(session), WEEK)


async def detail(code: str, url: str, session: aiohttp.ClientSession, event_id: str) -> ParsedEvent:
    bookmaker = registry.create(code, CATALOGUE, url)
    return bookmaker.parse_event(await whole_detail(bookmaker, asking(session), event_id))


def open_prices(parsed: ParsedEvent) -> dict[str, dict[str, float]]:
    return {
        f"{key.market_id}|{key.line}": {
            name: odds / 1000
            for bit, (name, odds) in enumerate(zip(market.names, market.odds_milli, strict=True))
            if odds and not market.suspended >> bit & 1
        }
        for key, market in parsed.markets.items()
    }


def locked_names(parsed: ParsedEvent) -> dict[str, set[str]]:
    return {
        f"{key.market_id}|{key.line}": {
            name for bit, name in enumerate(market.names) if market.suspended >> bit & 1
        }
        for key, market in parsed.markets.items()
        if market.suspended
    }


@pytest.mark.parametrize("code", BOOKMAKERS)
async def test_bodies_say_the_truth(code):
    """For every event of a small world: what the adapter reads from the wire is what the truth endpoint tells."""
    world = World(WorldOptions(events=25, bookmakers=BOOKMAKERS), FakeClock(), simulators.create(BOOKMAKERS))
    async with serving(world) as (server, urls, session):
        listed = await discovered(code, urls[code], session)
        expected, with_rest = world.moment().events(code), 0
        assert {one.event_id: one.sportradar_id for one in listed} == {
            one.event_id: one.sportradar_id for one in expected
        }
        for event in expected:
            parsed = await detail(code, urls[code], session, event.event_id)
            open_truth, locked_truth = (
                (server.truth(event.sportradar_id, suspended=suspended) or {})[code]
                for suspended in (False, True)
            )
            assert open_prices(parsed) == open_truth
            assert locked_names(parsed) == {
                key: set(locked) for key, locked in locked_truth.items() if locked
            }
            assert parsed.kickoff_at == event.kickoff_at
            assert (parsed.home, parsed.away) == (event.home, event.away)
            assert (parsed.country, parsed.competition) == (event.country, event.competition)
            filler = world.moment().filler_groups(code, event)
            if code not in ASKED_BY_TYPE:
                assert bool(parsed.unmapped) == (filler > 0)  # the rest of a real body is there, and counted
            with_rest += filler > 0
    assert with_rest > 10


@pytest.mark.slow
@pytest.mark.parametrize("code", BOOKMAKERS)
async def test_discovery_finds_the_whole_default_world(code):
    """Every page, every tournament, every group: 1,125 / 1,290 / 1,220 events, none twice."""
    world = World(WorldOptions(bookmakers=BOOKMAKERS), FakeClock(), simulators.create(BOOKMAKERS))
    async with serving(world) as (_, urls, session):
        listed = await discovered(code, urls[code], session)
        expected = {one.event_id: one.sportradar_id for one in world.moment().events(code)}
        assert len(listed) == len(expected)
        assert {one.event_id: one.sportradar_id for one in listed} == expected


@pytest.mark.slow
async def test_the_largest_body_is_about_two_megabytes():
    """One SportyBet event has the size of a day with player markets."""
    world = World(WorldOptions(), FakeClock(), simulators.create(BOOKMAKERS))
    moment = world.moment()
    largest = max(moment.events("sportybet"), key=lambda event: moment.filler_groups("sportybet", event))
    async with serving(world) as (_, urls, session):
        request = registry.create("sportybet", CATALOGUE, urls["sportybet"]).event_request(largest.event_id)
        assert 1_800_000 < len(await asking(session)(request)) < 2_200_000


class TestCapturedAnswers:
    """The real folder, served and read back."""

    pytestmark = needs_payloads

    @pytest.mark.parametrize("code", CAPTURED)
    async def test_the_shared_match_is_listed_and_priced(self, code):
        """SR 68995116 a day ahead, with the prices as captured; other sports stay out of football's list."""
        makers = simulators.create(BOOKMAKERS)
        world = recorded.load(FOLDER, makers, FakeClock(), report=lambda _: None)
        async with serving(world) as (_, urls, session):
            listed = {one.sportradar_id: one for one in await discovered(code, urls[code], session)}
            football = {one.sportradar_id for one in world.moment().events(code) if one.sport == "football"}
            assert set(listed) == football
            match = listed["68995116"]
            parsed = await detail(code, urls[code], session, match.event_id)
            assert match.kickoff_at == parsed.kickoff_at
            assert timedelta(hours=24) <= parsed.kickoff_at - START < timedelta(hours=48)
            captured = (FOLDER / code / "prematch.json").read_bytes()
            assert parsed.markets == registry.create(code, CATALOGUE).parse_event(captured).markets
