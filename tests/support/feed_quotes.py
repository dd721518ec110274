"""Quotes of every market that the catalogue maps for a bookmaker of the shared feed, and what was read back."""

from collections.abc import Mapping
from itertools import count

from overround.bookmakers.base import ParsedEvent, Quote, SimulatedPlayer
from overround.config import packaged_catalogue
from overround.domain.catalogue import MarketType
from overround.domain.markets import MarketKey, shown_outcomes

SQUAD = [
    SimulatedPlayer("Kylian Mbappe", "1001", "home"),
    SimulatedPlayer("Jean Luc Dupont", "1002", "home"),
    SimulatedPlayer("Casemiro", "1003", "away"),
]
_LINES = {"handicap-3way": "-2", "handicap-2way": "-1.5", "over-under": "2.5"}


def every_market(bookmaker: str, sport: str) -> dict[MarketKey, dict[str, Quote]]:
    """Return a price for each outcome of each market; one outcome of theirs has one price whatever it means to us."""
    prices = count(1500, 10)
    by_theirs: dict[tuple[str, ...], Quote] = {}
    quotes: dict[MarketKey, dict[str, Quote]] = {}
    for kind in packaged_catalogue().types:
        if bookmaker not in kind.books or kind.sport != sport:
            continue
        rule = kind.books[bookmaker]
        their_id = next(iter(rule.ids))
        names = {name: outcome_id for outcome_id, name in reversed(rule.ids[their_id].items())}
        names |= {player.name: player.sportradar_id for player in SQUAD if kind.names_players}
        quotes[MarketKey(kind.id, _line(kind))] = {
            name: by_theirs.setdefault((their_id, str(rule.only), outcome_id), Quote(next(prices)))
            for name, outcome_id in names.items()
        }
    return quotes


def said(parsed: ParsedEvent) -> dict[MarketKey, dict[str, Quote]]:
    """Return what was read, in the form it was written from."""
    return {
        key: {
            name: Quote(round((odds or 0) * 1000), suspended=state == "suspended")
            for name, odds, state in shown_outcomes(market)
        }
        for key, market in parsed.markets.items()
    }


def without_locked(quotes: Mapping[MarketKey, Mapping[str, Quote]]) -> dict[MarketKey, dict[str, Quote]]:
    """Return the quotes as a bookmaker says them that does not list what is locked."""
    open_ones = {
        key: {name: quote for name, quote in outcomes.items() if not quote.suspended}
        for key, outcomes in quotes.items()
    }
    return {key: outcomes for key, outcomes in open_ones.items() if outcomes}


def _line(kind: MarketType) -> str:
    return _LINES.get(kind.kind, "2") if kind.param else ""
