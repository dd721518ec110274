"""Commands that follow a server which wants a key."""

import pytest

from overround.api.security import Policy
from overround.cli.ask_server import API_KEY
from overround.cli.live import live_feed
from overround.errors import FeedRefused
from tests.api.conftest import running
from tests.support.api import World, three_way


@pytest.mark.parametrize("key", ["", "ovr_of_yesterday"])
async def test_who_is_refused_learns_what_to_do(tmp_path, monkeypatch, key):
    """Without a key its variable is named; a wrong one is said to be that."""
    monkeypatch.setenv(API_KEY, key)
    async with running(World(), tmp_path, Policy(key_required=True)) as server:
        with pytest.raises(FeedRefused, match="a valid API key is needed" if key else f"set {API_KEY}"):
            async with live_feed(f"http://127.0.0.1:{server.port}") as feed:
                await feed.odds().ready()


async def test_the_key_of_the_environment_is_used(tmp_path, monkeypatch):
    """As every other command does."""
    world = World()
    world.offer("1", "betpawa", [three_way()])
    monkeypatch.setenv(API_KEY, f" {world.access.add('viewer')} ")
    async with running(world, tmp_path, Policy(key_required=True)) as server:
        async with live_feed(f"http://127.0.0.1:{server.port}") as feed:
            odds = feed.odds()
            await odds.ready()
            assert len(odds.book) == 1
