"""The client over a real socket: a change arrives, and what can't be reached or is refused is said."""

import pytest

from overround.client import connect
from overround.errors import FeedRefused, FeedUnreachable
from tests.api.conftest import running
from tests.support.api import World, three_way


async def test_a_change_arrives_over_the_network(tmp_path):
    """From the server's cache into the local copy."""
    world = World()
    world.offer("1", "betpawa", [three_way()])
    async with running(world, tmp_path) as server:
        async with connect(f"http://127.0.0.1:{server.port}") as feed:
            odds = feed.odds(bookmakers=["betpawa"])
            await odds.ready()
            world.offer("1", "betpawa", [three_way(2.5)])
            assert (await anext(odds)).after.odds["1"] == 2.5
            assert feed.server.world == "simulated"
        with pytest.raises(StopAsyncIteration):
            await anext(odds)


async def test_who_cannot_be_reached_is_said():
    """At first; later it would be tried again."""
    with pytest.raises(FeedUnreachable, match=r"127\.0\.0\.1:1"):
        async with connect("http://127.0.0.1:1"):
            pass


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://x", "http://", "http://x:99999", "http://x/?a=1"])
async def test_an_address_that_is_none_is_said(url):
    """With one that would be."""
    with pytest.raises(FeedRefused, match=r"127\.0\.0\.1:8000"):
        async with connect(url):
            pass
