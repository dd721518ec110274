"""`overround top`: the next matches in a terminal, our prices beside the rivals' median, as they move."""

import asyncio
import os
from collections import deque
from contextlib import suppress
from typing import Annotated

import typer
from rich.console import Console, Group
from rich.live import Live

from overround.cli.ask_server import DEFAULT_URL, UrlOption, ask
from overround.cli.live import live_feed
from overround.cli.top_rows import Look, events_ahead, parse_markets, rows_of
from overround.cli.top_screen import HEAD_LINES, Head, screen
from overround.client import Feed, Messages, Odds
from overround.config import packaged_catalogue
from overround.errors import ConfigError

REFRESH_S = 0.5
ROWS_PRINTED, WIDTH_PRINTED = 20, 160  # where there is no terminal
MINUTE_S = 60.0
MAIN = "3743"


def top(
    markets: Annotated[str, typer.Option(help="Market ids, with a line or without: 3743,5000:2.5.")] = MAIN,
    country: Annotated[str, typer.Option(help="Only matches of this country.")] = "",
    rows: Annotated[
        int | None, typer.Option(min=1, max=500, help="Rows; default what fits the terminal.")
    ] = None,
    url: UrlOption = DEFAULT_URL,
) -> None:
    """
    Show the next matches live: our prices, gap to the median of the rivals, ages, bookmakers and connection.

    Ctrl-C ends it. Where output is no terminal, the board is printed once.
    """
    named = parse_markets(markets)
    if not named:
        raise ConfigError("--markets", "names no market; say ids such as 3743,5000:2.5")
    stale_after_s = ask(url, "/api/events", {"page_size": 1})["stale_after_s"]
    with suppress(KeyboardInterrupt):
        asyncio.run(_top(url, Look(named, country, stale_after_s), rows))


async def _top(url: str, look: Look, rows: int | None) -> None:
    async with live_feed(url) as feed:
        status = feed.messages("status")  # first, so that the bookmakers' state is there before the prices
        named = [market_id if line is None else f"{market_id}:{line}" for market_id, line in look.markets]
        board = LiveBoard(url, feed, feed.odds(markets=named), look, rows)
        await board.odds.ready()
        console = Console()
        if not console.is_terminal:
            console = Console(width=None if "COLUMNS" in os.environ else WIDTH_PRINTED)
            console.print(board.picture(rows or ROWS_PRINTED, console.width))
            return
        await board.show(console, status)


class LiveBoard:
    """The board of one feed, drawn anew twice a second."""

    def __init__(self, url: str, feed: Feed, odds: Odds, look: Look, rows: int | None) -> None:
        self.odds = odds
        self._url, self._feed, self._look, self._rows = url, feed, look, rows
        self._catalogue = packaged_catalogue()
        self._loop = asyncio.get_running_loop()
        self._moves: deque[float] = deque()  # when, in the last minute

    async def show(self, console: Console, status: Messages) -> None:
        """Draw until cancelled, or until the server refuses."""
        works = [asyncio.create_task(self._count()), asyncio.create_task(self._follow_settings(status))]
        try:
            with Live(console=console, screen=True, auto_refresh=False) as live:
                while not any(work.done() for work in works):
                    live.update(
                        self.picture(self._rows or console.height - HEAD_LINES, console.width), refresh=True
                    )
                    await asyncio.sleep(REFRESH_S)
            for work in works:
                if work.done():
                    work.result()
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)

    def picture(self, limit: int, width: int) -> Group:
        """Return what to draw now, with at most `limit` rows of `width` characters."""
        now = self._feed.server_now
        events = events_ahead(self.odds.book, self._look, now)
        rows = rows_of(self.odds.book, events, self._look, now, max(1, limit))
        world = self._feed.server.world if self._feed.server else ""
        head = Head(
            self._url, world, self._feed.health, now, len(events), self._pace(), self._note(len(events))
        )
        return screen(head, rows, width, self._catalogue)

    def _note(self, matches: int) -> str:
        if matches:
            return ""
        known = sorted({event.competition.country for event in self.odds.book.events.values()})
        place = (
            f" in {self._look.country}; countries held: {', '.join(known) or 'none'}"
            if self._look.country
            else ""
        )
        return f"no match ahead{place}"

    def _pace(self) -> int | None:
        since = self._loop.time() - MINUTE_S
        while self._moves and self._moves[0] < since:
            self._moves.popleft()
        return len(self._moves) if self._moves else None

    async def _count(self) -> None:
        async for _ in self.odds:
            self._moves.append(self._loop.time())

    async def _follow_settings(self, status: Messages) -> None:
        async for message in status:
            limit = message.data.get("stale_after_s") if message.type == "settings_changed" else None
            if isinstance(limit, int | float):
                self._look = Look(self._look.markets, self._look.country, limit)
