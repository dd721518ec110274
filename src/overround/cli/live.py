"""The live feed of the running server, as commands open it."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from overround.cli.ask_server import API_KEY
from overround.client import Feed, connect
from overround.errors import FeedRefused

NO_KEY = (401, 4001)


@asynccontextmanager
async def live_feed(url: str) -> AsyncGenerator[Feed]:
    """
    Follow a server with the key from the environment.

    Raises:
        FeedUnreachable: Nobody answers at first.
        FeedRefused: It wants another key; without one the message says how to give it.
    """
    key = os.environ.get(API_KEY, "").strip() or None
    try:
        async with connect(url, key=key) as feed:
            yield feed
    except FeedRefused as exc:
        if key is None and exc.code in NO_KEY:
            raise FeedRefused(exc.code, f"the server at {url} wants a key; set {API_KEY}") from exc
        raise
