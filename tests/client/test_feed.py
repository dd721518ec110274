"""The Python client against a hub: local copy, resume, back-off, age and health."""

import pytest

from overround.api.ws.filters import MAIN_ONLY
from overround.client.feed import back_off
from overround.errors import FeedRefused
from tests.support.api import World, priced, three_way
from tests.support.clock import settle
from tests.support.feeds import HubDialler
from tests.support.held import held
from tests.support.stream import start_hub, truth


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def dialler(world):
    world.offer("1", "betpawa", [three_way()])
    hub = await start_hub(world)
    yield HubDialler(hub, world)
    await hub.stop()


@pytest.fixture
async def feed(dialler):
    feed = await dialler.feed()
    yield feed
    await feed.stop()


async def test_a_change_is_told_with_what_was_before(feed, world):
    """The match, the market before and after; the local copy holds the newer one."""
    odds = feed.odds()
    await odds.ready()
    world.offer("1", "betpawa", [three_way(2.5)])
    change = await anext(odds)
    assert (change.event.home, change.bookmaker, change.market_id) == ("Arsenal", "betpawa", "3743")
    assert change.before.odds == {"1": 2.41, "X": 3.2, "2": 3.05}
    assert change.after.odds["1"] == 2.5
    assert odds.book.market("1", "betpawa", "3743") == change.after


async def test_what_is_held_at_first_can_be_told_too(feed):
    """`initial` gives the whole state as changes from nothing."""
    change = await anext(feed.odds(initial=True))
    assert (change.before, change.after.odds["X"]) == (None, 3.2)


async def test_a_slow_reader_gets_the_newest_of_a_market(feed, world):
    """Two moves are told as one, a move and its return not at all."""
    odds = feed.odds()
    await odds.ready()
    for home, draw in ((2.5, 3.3), (2.6, 3.2)):
        world.offer("1", "betpawa", [three_way(home, draw)])
        await settle()
    change = await anext(odds)
    assert (change.before.odds["1"], change.after.odds["1"]) == (2.41, 2.6)


async def test_a_match_that_leaves_is_told_market_by_market(feed, world):
    """`after` is None."""
    odds = feed.odds()
    await odds.ready()
    world.accept(removed=["1"])
    change = await anext(odds)
    assert (change.after, odds.book.events, len(odds.book)) == (None, {}, 0)


async def test_a_lost_link_continues_where_it_stood(feed, dialler, world):
    """Resumed, not begun anew; what was missed is told."""
    odds = feed.odds()
    await odds.ready()
    dialler.link.lose()
    world.offer("1", "betpawa", [three_way(2.7)])
    await world.clock.advance(1)
    assert (await anext(odds)).after.odds["1"] == 2.7
    assert (odds.snapshots, feed.health.reconnects, feed.health.connected) == (1, 1, True)


async def test_another_server_tells_the_difference(feed, dialler, world):
    """After a restart nothing can be resumed: a new snapshot, and only what differs is told."""
    odds = feed.odds()
    await odds.ready()
    dialler.link.lose()
    world.offer("2", "betpawa", [three_way(1.5)])
    dialler.hub = await start_hub(world)
    await world.clock.advance(1)
    change = await anext(odds)
    assert (change.event.sportradar_id, odds.snapshots, odds.epoch) == ("2", 2, dialler.hub.epoch)
    assert not odds._unread
    await dialler.hub.stop()


async def test_the_pauses_grow_up_to_fifteen_seconds(feed, dialler, world):
    """Full jitter: at a chance of one half 0.25 s, 0.5 s, 1 s ... and never more than 7.5 s."""
    hub, dialler.hub = dialler.hub, None
    dialler.link.lose()
    await world.clock.advance(0.25 + 0.5 + 1 + 2 + 4 + 7.5 + 7.5)
    assert dialler.tries == 1 + 7
    assert not feed.health.connected
    dialler.hub = hub
    await world.clock.advance(7.5)
    assert feed.health.connected


@pytest.mark.parametrize("attempt", [0, 1, 5, 10_000])
def test_a_pause_may_be_as_short_as_nothing(attempt):
    """Jitter is full: a thousand clients do not come back together."""
    assert back_off(attempt, 0.0) == 0.0
    assert back_off(attempt, 1.0) <= 15


async def test_a_silent_link_is_given_up(feed, dialler, world):
    """Three heartbeats that stay away: half-open connections look like that."""
    await settle()
    dialler.link.held = True
    await world.clock.advance(14)
    assert (len(dialler.links), feed.age_s) == (1, 14)
    await world.clock.advance(8)
    assert len(dialler.links) == 2
    assert feed.health.connected


async def test_age_and_health_are_known(feed, world):
    """Of a price by the server's clock, of the link, and of the bookmakers."""
    odds = feed.odds()
    await odds.ready()
    await world.clock.advance(12)
    (market,) = odds.book.markets()
    assert feed.age_of(odds, market) == 12
    assert feed.age_s == 2
    assert feed.health.sources["bet9ja"].state == "down"


async def test_a_missing_frame_is_asked_for(feed, dialler, world):
    """A gap in first_seq is no reason to begin anew."""
    odds = feed.odds()
    await odds.ready()
    dialler.link.held = True
    world.offer("1", "betpawa", [three_way(2.5)])
    await settle()
    world.offer("2", "betpawa", [three_way(2.5)])
    await settle()
    del dialler.link.waiting[0]
    dialler.link.held = False
    dialler.link.pass_on(1)
    await settle()
    assert dialler.link.said[-1]["since"]
    assert held(odds.book) == truth(world, MAIN_ONLY)
    assert odds.snapshots == 1


async def test_a_message_that_cannot_be_read_begins_anew(feed, dialler):
    """Damage is not carried on."""
    odds = feed.odds()
    await odds.ready()
    dialler.link.waiting.append('{"type":"odds_update","timestamp":"x"}')
    dialler.link.pass_on(1)
    await dialler.world.clock.advance(1)
    assert (odds.snapshots, feed.health.reconnects) == (2, 1)
    assert "could not be read" in feed.health.reason


async def test_a_revoked_key_ends_the_iteration(feed, dialler):
    """Trying again would be no use, and neither would following something else."""
    odds = feed.odds()
    await odds.ready()
    dialler.link.lose(FeedRefused(4001, "the key is no longer valid"))
    with pytest.raises(FeedRefused, match="no longer valid"):
        await anext(odds)
    with pytest.raises(FeedRefused, match="no longer valid"):
        feed.event("1")


async def test_what_the_server_will_not_do_is_raised(feed):
    """A filter that makes no sense."""
    with pytest.raises(FeedRefused, match="bad_message"):
        await anext(feed.odds(markets=["5000:x"]))


async def test_one_event_and_messages_beside_it(feed, world):
    """A match with all its markets, and a topic without a copy."""
    event, status = feed.event("1"), feed.messages("status")
    await event.ready()
    assert (await anext(status)).data["bookmaker"] == "betpawa"
    world.offer("1", "betpawa", [three_way(), priced("4703", (1.5, 2.5))])
    assert (await anext(event)).market_id == "4703"
    feed.leave(event)
    with pytest.raises(StopAsyncIteration):
        await anext(event)


async def test_topics_resume_too(feed, dialler, world):
    """Rows published while the link was down arrive once."""
    alerts = feed.messages("alerts")
    await settle()
    row = feed.health.sources
    assert row == {}
    dialler.hub.publish_row("alerts", "1", dialler.hub.sources()[0])
    assert (await anext(alerts)).seq == 1
    dialler.link.lose()
    dialler.hub.publish_row("alerts", "2", dialler.hub.sources()[1])
    await world.clock.advance(1)
    message = await anext(alerts)
    assert (message.type, message.seq, message.data["bookmaker"]) == ("alert", 2, "bet9ja")
    assert not alerts._unread


@pytest.mark.parametrize("text", ["1x", "", "1" * 21, "²"])
async def test_an_event_is_named_by_its_digits(feed, text):
    """Said at once, not by the server."""
    with pytest.raises(ValueError, match="Sportradar"):
        feed.event(text)


async def test_one_filter_per_feed(feed):
    """The server holds one filter for a topic."""
    feed.odds()
    with pytest.raises(ValueError, match="another feed"):
        feed.odds(markets=["3743"])
