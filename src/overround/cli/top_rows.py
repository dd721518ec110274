"""What `overround top` shows: the next matches, our price beside the median of those whose prices count now."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from overround.client import Book, Event, Market
from overround.config import REFERENCE
from overround.domain.comparing import gap, median
from overround.domain.events import slug

MarketName = tuple[str, str | None]  # market id, line; None for every line


class Price(msgspec.Struct, frozen=True):
    """One outcome."""

    name: str
    odds: float | None  # ours, decimal; None where we do not offer it
    is_open: bool
    gap: float | None  # to the median of the rivals, a fraction; None where one of both is missing


class Row(msgspec.Struct, frozen=True):
    """One market of one match."""

    event: Event
    market_id: str
    line: str
    prices: tuple[Price, ...]
    excluded: (
        str  # why our prices don't count: stale, suspect, suspended, withdrawn, not offered; "" when they do
    )
    rivals: int  # whose prices count
    own_age_s: float | None
    rivals_age_s: float | None  # of the oldest price that counts
    moved_by: str  # bookmaker whose price changed last
    moved_age_s: float | None


class Look(msgspec.Struct, frozen=True):
    """What to show, and how old a price may be."""

    markets: tuple[MarketName, ...]
    country: str = ""
    stale_after_s: float = 600.0


def parse_markets(text: str) -> tuple[MarketName, ...]:
    """
    Return the markets of a comma list.

    >>> parse_markets("3743, 5000:2.5")
    (('3743', None), ('5000', '2.5'))
    """
    pairs = [one.strip().partition(":") for one in text.split(",") if one.strip()]
    return tuple((market_id, line if colon else None) for market_id, colon, line in pairs)


def events_ahead(book: Book, look: Look, now: datetime) -> list[Event]:
    """Return the matches that have not begun, the next first."""
    ahead = [
        event
        for event in book.events.values()
        if event.kickoff_at > now
        and (not look.country or slug(event.competition.country) == slug(look.country))
    ]
    return sorted(ahead, key=lambda event: (event.kickoff_at, event.sportradar_id))


def rows_of(book: Book, events: Sequence[Event], look: Look, now: datetime, limit: int) -> list[Row]:
    """Return at most `limit` rows, matches in their order, markets as they were named."""
    rows: list[Row] = []
    for event in events:
        if len(rows) >= limit:
            break
        by_market: dict[tuple[str, str], list[Market]] = {}
        for market in book.markets(event.sportradar_id):
            by_market.setdefault((market.market_id, market.line), []).append(market)
        rows += [
            _row(book, event, by_market[key], look, now)
            for key in sorted(by_market, key=lambda key: _place(key, look))
            if any(market.state != "withdrawn" for market in by_market[key])
        ]
    return rows[:limit]


def _place(key: tuple[str, str], look: Look) -> tuple[int, float, str]:
    named = [place for place, (market_id, _) in enumerate(look.markets) if market_id == key[0]]
    try:
        number = float(key[1] or 0)
    except ValueError:  # a line such as "0:1"
        number = 0.0
    return (named[0] if named else len(look.markets), number, key[1])


def _row(book: Book, event: Event, markets: list[Market], look: Look, now: datetime) -> Row:
    own = next((market for market in markets if market.bookmaker == REFERENCE), None)
    rivals = [
        market for market in markets
        if market.bookmaker != REFERENCE and not excluded(book, market, look, now)
    ]  # fmt: skip
    why = "not offered" if own is None else excluded(book, own, look, now)
    last = max(markets, key=lambda market: market.changed_at)
    shown = own or markets[0]
    ages = [age for market in rivals if (age := _age(book, market, now)) is not None]
    return Row(
        event, shown.market_id, shown.line, _prices(own, shown, rivals, why), why, len(rivals),
        None if own is None else _age(book, own, now), max(ages, default=None),
        last.bookmaker, (now - last.changed_at).total_seconds(),
    )  # fmt: skip


def _prices(own: Market | None, shown: Market, rivals: Sequence[Market], why: str) -> tuple[Price, ...]:
    offered = {outcome.name: outcome for outcome in own.outcomes} if own else {}
    names = dict.fromkeys(outcome.name for market in (shown, *rivals) for outcome in market.outcomes)
    prices: list[Price] = []
    for name in names:
        outcome = offered.get(name)
        odds = outcome.odds if outcome else None
        is_open = outcome is not None and outcome.state == "open" and not why
        middle = median(
            [
                other.odds for market in rivals for other in market.outcomes
                if other.name == name and other.state == "open" and other.odds
            ]
        )  # fmt: skip
        prices.append(Price(name, odds, is_open, gap(odds, middle) if odds and is_open and middle else None))
    return tuple(prices)


def excluded(book: Book, market: Market, look: Look, now: datetime) -> str:
    """Return why a market's prices don't count now, "" where they do; the rules are those of the page."""
    listing = book.listing(market.sportradar_id, market.bookmaker)
    if listing is None or market.state == "withdrawn":
        return "withdrawn"
    if listing.state != "open":
        return listing.state
    confirmed_at = book.confirmed_at(market)
    if confirmed_at is None or confirmed_at < now - timedelta(seconds=look.stale_after_s):
        return "stale"
    if market.suspect:
        return "suspect"
    return "suspended" if market.state == "suspended" else ""


def _age(book: Book, market: Market, now: datetime) -> float | None:
    confirmed_at = book.confirmed_at(market)
    return None if confirmed_at is None else (now - confirmed_at).total_seconds()
