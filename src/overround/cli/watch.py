"""`overround watch`: every price that changes on the running server, a line each."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Literal

import msgspec
import typer

from overround.cli.ask_server import DEFAULT_URL, UrlOption
from overround.cli.live import live_feed
from overround.client import Change, Feed, Market, Odds
from overround.config import BOOKMAKERS, bookmaker_list
from overround.errors import ConfigError

LINK_CHECK_S = 1.0


def watch(
    event: Annotated[str, typer.Option(metavar="ID", help="Only this match, by its Sportradar id.")] = "",
    markets: Annotated[
        str, typer.Option(help="Market ids, with a line or without: 3743,5000:2.5, or all.")
    ] = "",
    bookmakers: Annotated[str, typer.Option(help=f"Only these: {', '.join(BOOKMAKERS)}.")] = "",
    initial: Annotated[bool, typer.Option("--initial", help="Print what is offered now first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
    url: UrlOption = DEFAULT_URL,
) -> None:
    """
    Print every price that changes on the running server until Ctrl-C.

    Without --markets it is the main markets of all matches, and all markets of one.
    """
    codes = bookmaker_list("--bookmakers", bookmakers.split(",")) if bookmakers else ()
    chosen = [one.strip() for one in markets.split(",") if one.strip()]
    with suppress(KeyboardInterrupt):
        try:
            asyncio.run(_watch(url, event, chosen, codes, initial, as_json))
        except BrokenPipeError:  # the reader has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _watch(
    url: str, event: str, markets: list[str], bookmakers: tuple[str, ...], initial: bool, as_json: bool
) -> None:
    async with live_feed(url) as feed:
        notices = asyncio.create_task(_tell_of_the_link(feed))
        try:
            async for change in _chosen(feed, event, markets, bookmakers, initial):
                print(msgspec.json.encode(change).decode() if as_json else described(change), flush=True)
        finally:
            notices.cancel()


def _chosen(
    feed: Feed, event: str, markets: list[str], bookmakers: tuple[str, ...], initial: bool
) -> AsyncIterator[Change]:
    """Follow a match by its own topic, where all its markets are free to everybody, else a filter."""
    if event and not markets:
        try:
            return _of(feed.event(event, initial=initial), bookmakers)
        except ValueError as exc:
            raise ConfigError("--event", str(exc)) from exc
    named: list[str] | Literal["all"] | None = "all" if markets == ["all"] else markets or None
    return feed.odds(
        events=[event] if event else None, markets=named, bookmakers=bookmakers or None, initial=initial
    )


async def _of(odds: Odds, bookmakers: tuple[str, ...]) -> AsyncIterator[Change]:
    async for change in odds:
        if not bookmakers or change.bookmaker in bookmakers:
            yield change


async def _tell_of_the_link(feed: Feed) -> None:
    """Say on stderr when the connection is lost and when it stands again."""
    was_up = True
    while True:
        await asyncio.sleep(LINK_CHECK_S)
        health = feed.health
        if health.connected != was_up:
            was_up = health.connected
            said = "connected again" if was_up else f"connection lost ({health.reason}); trying again"
            print(f"overround: {said}", file=sys.stderr, flush=True)


def described(change: Change) -> str:
    """Return a change as one line: when, match, bookmaker, market, odds with what they were."""
    event, market = change.event, change.after or change.before
    assert market is not None
    name = f"{change.market_id}:{change.line}" if change.line else change.market_id
    head = f"{market.changed_at:%H:%M:%S}Z  {event.home} - {event.away}  {change.bookmaker}  {name}"
    return f"{head}  {_odds(change.before, change.after)}"


def _odds(before: Market | None, after: Market | None) -> str:
    if after is None:
        return "left the list"
    was = before.odds if before else {}
    prices = [
        _price(outcome.name, outcome.odds, was.get(outcome.name), outcome.state) for outcome in after.outcomes
    ]
    marks = [after.state] if after.state != "open" else []
    return "  ".join([*prices, *marks, *after.suspect])


def _price(name: str, odds: float | None, was: float | None, state: str) -> str:
    shown = "-" if odds is None else f"{odds:g}"
    if was is not None and was != odds:
        shown = f"{was:g}>{shown}"
    return f"{name} {shown}" + (" (suspended)" if state == "suspended" else "")
