"""Local copy and changes as flat dicts, one per outcome: what a DataFrame is made of."""

from typing import Any

from overround.client.book import Book, Change
from overround.client.messages import Event, Market

Row = dict[str, Any]


def event_rows(book: Book) -> list[Row]:
    """Return every match, the next to begin first; times are aware UTC."""
    return [_event(event) for event in sorted(book.events.values(), key=_by_kickoff)]


def price_rows(book: Book) -> list[Row]:
    """
    Return every outcome of every market, matches in order of kickoff.

    `odds` are decimal, None when locked before there was a price; `state` is the outcome's, `market_state` open,
    suspended or withdrawn; `suspect` joins the reasons not to believe a price, "" for none; `overround` is a
    fraction; `confirmed_at` says when the bookmaker last showed the price.
    """
    return [
        {
            **_event(event),
            **_market(market),
            **_outcome(place, market),
            "confirmed_at": book.confirmed_at(market),
        }
        for event in sorted(book.events.values(), key=_by_kickoff)
        for market in book.markets(event.sportradar_id)
        for place in range(len(market.outcomes))
    ]


def change_rows(change: Change) -> list[Row]:
    """
    Return a change, an outcome per row; `before` are its odds before, None where there were none.

    A market that left with its match has its last outcomes, `odds` None and `state` "gone".
    """
    market = change.after or change.before
    assert market is not None
    before = change.before.odds if change.before else {}
    gone = {} if change.after else {"odds": None, "state": "gone", "market_state": "gone"}
    return [
        {**_event(change.event), **_market(market), **_outcome(place, market), **gone, "before": before.get(outcome.name)}
        for place, outcome in enumerate(market.outcomes)
    ]  # fmt: skip


def _by_kickoff(event: Event) -> tuple[object, ...]:
    return event.kickoff_at, event.sportradar_id


def _event(event: Event) -> Row:
    return {
        "sportradar_id": event.sportradar_id,
        "home": event.home,
        "away": event.away,
        "kickoff_at": event.kickoff_at,
        "country": event.competition.country,
        "competition": event.competition.name,
        "sport": event.sport,
    }


def _market(market: Market) -> Row:
    return {
        "bookmaker": market.bookmaker,
        "market_id": market.market_id,
        "line": market.line,
        "market_state": market.state,
        "suspect": ",".join(market.suspect),
        "overround": market.overround,
        "changed_at": market.changed_at,
    }


def _outcome(place: int, market: Market) -> Row:
    outcome = market.outcomes[place]
    return {"outcome": outcome.name, "odds": outcome.odds, "state": outcome.state}
