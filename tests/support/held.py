"""What a client's local copy holds, in the form of `stream.truth`."""

from typing import Any

from overround.client import Book


def held(book: Book) -> tuple[dict[str, str], dict[Any, Any], dict[Any, Any]]:
    """Return kickoffs, listings and markets."""
    kickoffs = {key: f"{event.kickoff_at:%Y-%m-%dT%H:%M:%SZ}" for key, event in book.events.items()}
    listings = {
        (row.sportradar_id, row.bookmaker): (
            row.state, row.confirmed_at, row.changed_at, row.market_confirmed_at,
        )
        for row in book.listings()
    }  # fmt: skip
    markets = {
        (market.sportradar_id, market.bookmaker, market.market_id, market.line): (
            market.state,
            [(outcome.name, outcome.odds, outcome.state == "suspended") for outcome in market.outcomes],
            market.changed_at,
            list(market.suspect),
        )
        for market in book.markets()
    }
    return kickoffs, listings, markets
