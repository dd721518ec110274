"""What every bookmaker promises whose lists carry main markets, against its simulated server in process."""

from datetime import timedelta
from urllib.parse import urlsplit

import msgspec
import pytest

from overround.bookmakers import registry
from overround.bookmakers.base import Glancing, Quote, Window
from overround.config import packaged_catalogue
from overround.domain.catalogue import MAIN_MARKETS
from overround.domain.markets import MarketKey
from overround.errors import PayloadChanged
from overround.simulator import simulators
from tests.support.clock import START
from tests.support.price_source import FixedSource, seven_markets, simulated_events
from tests.support.simulated_ask import SimulatedAsk

CODES = ("betpawa", "sportybet", "bet9ja")
WINDOW = Window(START, START + timedelta(hours=168))
BASE_URL = "http://127.0.0.1:1/x"
NOT_LISTED = {"bet9ja": {"3795"}}  # market ids of MAIN_MARKETS that a bookmaker's lists lack


@pytest.fixture(params=CODES)
def code(request):
    return request.param


class Site:
    """One bookmaker's client over its own simulator."""

    def __init__(self, code: str, count: int = 24) -> None:
        self.code = code
        self.client = registry.create(code, packaged_catalogue(), BASE_URL, "ng")
        simulator = simulators.create((code,))[code]
        self.source = FixedSource(simulated_events(count, simulator.own_id, competitions=4))
        self.ask = SimulatedAsk(simulator, self.source, urlsplit(BASE_URL).path)

    async def groups(self) -> list[str]:
        return sorted({row.group for row in await self.client.discover(self.ask, WINDOW)})

    async def glance(self, groups: list[str]) -> dict[str, dict[MarketKey, tuple[int, ...]]]:
        """Return own event id -> key -> odds of what the lists of these groups show."""
        limits, shown = self.client.glance_limits, {}
        for start in range(0, len(groups), limits.groups):
            request = self.client.glance_request(groups[start : start + limits.groups], WINDOW)
            assert request.operation == self.client.glance_operation
            for event in self.client.parse_glance(await self.ask(request)):
                shown[event.event_id] = {market.key: market.odds_milli for market in event.markets}
        return shown


def test_lists_with_prices_are_declared(code):
    """The fast lane finds out by the contract, not by name."""
    assert isinstance(Site(code).client, Glancing)


async def test_a_glance_of_every_group_shows_the_main_markets_of_every_event(code):
    """What discovery calls a group is what a glance asks for, and prices are those of the detail."""
    site = Site(code)
    shown = await site.glance(await site.groups())
    assert shown.keys() == {event.event_id for event in site.source.listed}
    for event in site.source.listed:
        detail = site.client.parse_event(await site.ask(site.client.event_request(event.event_id)))
        wanted = [key for key in MAIN_MARKETS if key.market_id not in NOT_LISTED.get(code, ())]
        assert {key: shown[event.event_id].get(key) for key in wanted} == {
            key: detail.markets[key].odds_milli for key in wanted
        }


async def test_a_moved_price_is_seen_in_the_list(code):
    """Nothing between two details shows it otherwise."""
    site = Site(code)
    groups = await site.groups()
    before = await site.glance(groups)
    moved = site.source.listed[5].event_id
    site.source.own_quotes[moved] = seven_markets(shift=7)
    after = await site.glance(groups)
    assert {event_id for event_id in after if after[event_id] != before[event_id]} == {moved}


async def test_a_market_of_which_an_outcome_is_missing_is_not_spoken_for(code):
    """A list may be short of what the detail has: that is no withdrawal."""
    site = Site(code)
    partial = {**seven_markets(), MarketKey("3743"): {"1": Quote(2410), "2": Quote(3020)}}
    site.source.own_quotes[site.source.listed[0].event_id] = partial
    shown = await site.glance(await site.groups())
    assert MarketKey("3743") not in shown[site.source.listed[0].event_id]


async def test_rows_that_can_not_be_read_cost_nobody_else_anything(code):
    """No real list was captured: what stands beside the matches may be anything."""
    site = Site(code)
    groups = await site.groups()
    request = site.client.glance_request(groups[: site.client.glance_limits.groups], WINDOW)
    body = await site.ask(request)
    rows = len(list(site.client.parse_glance(body)))
    odd = {b'"ID":': b'"I":', b'"id":': b'"i":', b'"eventId":': b'"e":'}
    event_id = site.source.listed[0].event_id.encode()
    for name, other in odd.items():
        for quote in (b"", b'"'):
            for space in (b"", b" "):
                body = body.replace(name + space + quote + event_id, other + space + quote + event_id, 1)
    assert len(list(site.client.parse_glance(body))) in (rows, rows - 1)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"<html>", b'{"R":"E"}', b"null"])
async def test_another_answer_is_a_changed_payload(code, body):
    """An error page is not an empty list."""
    with pytest.raises(PayloadChanged):
        Site(code).client.parse_glance(body)


async def test_times_are_aware(code):
    """A kickoff without a zone would be an hour wrong for half the year."""
    site = Site(code, count=4)
    groups = await site.groups()
    request = site.client.glance_request(groups[:1], WINDOW)
    glanced = list(site.client.parse_glance(await site.ask(request)))
    kickoffs = {event.event_id: event.kickoff_at for event in site.source.listed}
    assert glanced
    assert all(event.kickoff_at == kickoffs[event.event_id] for event in glanced)
    assert all(event.kickoff_at.tzinfo for event in glanced)
    assert msgspec.json.encode(glanced[0].kickoff_at).endswith(b'Z"')
