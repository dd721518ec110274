"""The client without async: values from a thread of its own, an end that leaves nothing, Ctrl-C that loses nothing."""

import asyncio
import signal
import threading
from collections.abc import Callable

import pytest

from overround.client.sync import Feed, connect
from overround.errors import FeedRefused, FeedUnreachable
from tests.api.conftest import running
from tests.support.api import World, priced, three_way
from tests.support.feeds import HubDialler
from tests.support.stream import start_hub


class Local:
    """A hub on the facade's own loop, where `offer` changes a price."""

    def __init__(self) -> None:
        self.world = World()
        self.world.offer("1", "betpawa", [three_way()])
        self.feed = Feed(self._start)

    async def _start(self):
        self._loop = asyncio.get_running_loop()
        self.dialler = HubDialler(await start_hub(self.world), self.world)
        return await self.dialler.feed()

    def later(self, function: Callable[[], object]) -> None:
        """Call a function on the loop, once what waits there has been done."""
        self._loop.call_soon_threadsafe(self._loop.call_soon, function)

    def offer(self, home: float) -> None:
        self.later(lambda: self.world.offer("1", "betpawa", [three_way(home)]))


@pytest.fixture
def local():
    local = Local()
    yield local
    local.feed.close()


async def test_prices_and_changes_come_over_the_network(tmp_path):
    """A plain `with` and `for`; rows name everything a table needs, and stay readable after the end."""
    world, loop = World(), asyncio.get_running_loop()
    world.offer("1", "betpawa", [three_way(), priced("5000", (1.9, 1.85), "2.5")])

    def read(url: str):
        with connect(url) as feed:
            odds = feed.odds(markets=["3743"])
            loop.call_soon_threadsafe(world.offer, "1", "betpawa", [three_way(2.5)])
            for change in odds:
                assert feed.health.connected and feed.age_s < 15
                return change, feed.book.rows(), odds

    async with running(world, tmp_path) as server:
        change, rows, odds = await asyncio.to_thread(read, f"http://127.0.0.1:{server.port}")
    assert (change.before.odds["1"], change.after.odds["1"]) == (2.41, 2.5)
    assert [(row["outcome"], row["odds"]) for row in rows] == [("1", 2.5), ("X", 3.2), ("2", 3.05)]
    assert (rows[0]["home"], rows[0]["country"], rows[0]["bookmaker"]) == ("Arsenal", "Nigeria", "betpawa")
    assert rows[0]["kickoff_at"].tzinfo and rows[0]["confirmed_at"] >= rows[0]["changed_at"]
    assert (odds.book.rows(), list(odds)) == (rows, [])
    assert "overround-feed" not in [thread.name for thread in threading.enumerate()]


def test_ctrl_c_ends_the_wait_and_loses_nothing(local):
    """Whoever interrupts a cell and runs the next one gets the change that came meanwhile."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    odds = local.feed.odds()
    local.later(lambda: signal.pthread_kill(threading.main_thread().ident, signal.SIGINT))
    try:
        with pytest.raises(KeyboardInterrupt):
            next(odds)
    finally:
        signal.signal(signal.SIGINT, before)
    local.offer(2.6)
    assert next(odds).after.odds["1"] == 2.6


def test_a_wait_with_an_end_loses_nothing(local):
    """None when nothing came in time; what comes later is told."""
    odds = local.feed.odds()
    assert odds.next(timeout_s=0) is None
    local.offer(2.7)
    assert odds.next().after.odds["1"] == 2.7


def test_a_cell_that_runs_again_follows_anew(local):
    """The second subscription takes the first one's place, whose iteration ends."""
    first = local.feed.odds(bookmakers=["bet9ja"])
    assert len(local.feed.book) == 0
    second = local.feed.odds()
    assert list(first) == []
    assert len(local.feed.book) == len(second.book) == 1
    local.feed.leave(second)
    assert list(second) == []


def test_a_copy_that_was_given_out_does_not_change(local):
    """Only a newer one has the newer price."""
    odds = local.feed.event("1")
    held = odds.book
    local.offer(2.8)
    next(odds)
    assert (held.market("1", "betpawa", "3743").odds["1"], len(held.events())) == (2.41, 1)
    assert odds.book.market("1", "betpawa", "3743").odds["1"] == 2.8


def test_a_key_that_is_revoked_ends_the_iteration(local):
    """With the reason, as does everything that is asked for afterwards."""
    odds = local.feed.odds()
    local.later(lambda: local.dialler.link.lose(FeedRefused(4001, "the key is no longer valid")))
    with pytest.raises(FeedRefused, match="no longer valid"):
        next(odds)
    with pytest.raises(FeedRefused, match="no longer valid"):
        local.feed.messages("alerts")


def test_a_closed_feed_says_so(local):
    """Closing twice is harmless."""
    local.feed.close()
    local.feed.close()
    assert not local.feed.health.connected
    with pytest.raises(RuntimeError, match="closed"):
        local.feed.odds()


def test_who_cannot_be_reached_is_said_and_leaves_no_thread():
    """As in the async client."""
    with pytest.raises(FeedUnreachable):
        connect("http://127.0.0.1:1")
    assert "overround-feed" not in [thread.name for thread in threading.enumerate()]
