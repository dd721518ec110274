"""Acme's event detail: bytes in, domain values out, no I/O."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from overround.bookmakers.acme import wire
from overround.bookmakers.acme.markets import CODE, MarketTable
from overround.bookmakers.base import ParsedEvent, nothing
from overround.bookmakers.epoch import from_seconds
from overround.bookmakers.prices import UNREADABLE, read_price
from overround.domain.catalogue import Catalogue
from overround.domain.diff import Unmapped
from overround.domain.markets import MarketKey, ParsedMarket, plain_line
from overround.errors import PayloadChanged

DETAIL = "events/{id}"

_EVENTS = msgspec.json.Decoder(wire.Event)


class EventParser:
    """Reads event details; holds nothing but the catalogue's tables."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._table = MarketTable(catalogue)

    def parse(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read one event detail.

        Raises:
            PayloadChanged: Another shape.
        """
        event = read_detail(body)
        on_decoded()
        markets: dict[MarketKey, ParsedMarket] = {}
        unmapped: list[Unmapped] = []
        refused: dict[str, int] = {}
        doubtful: set[str] = set()
        for market in event.markets:
            rules = self._table.of(event.sport).get(str(market.id), [])
            if not rules:
                unmapped.append(Unmapped(str(market.id), market.name, len(market.outcomes)))
            for rule in rules:
                try:
                    key = rule.key(plain_line(market.line))
                except ValueError:
                    refused["line"] = refused.get("line", 0) + 1
                    doubtful.add(rule.market_id)
                    continue
                odds, suspended = [0] * len(rule.names), 0
                for outcome in market.outcomes:
                    if (slot := rule.slots.get(outcome.name)) is not None:
                        odds[slot] = read_price(outcome.odds)
                        suspended |= outcome.locked << slot
                if UNREADABLE in odds:
                    refused["price"] = refused.get("price", 0) + 1
                    doubtful.add(key.market_id)
                else:
                    markets[key] = ParsedMarket(key, rule.names, tuple(odds), suspended)
        return ParsedEvent(
            event_id=str(event.id),
            sportradar_id=event.sr,
            genius_id=None,
            kickoff_at=kickoff_at(event.start),
            home=event.home,
            away=event.away,
            country=event.country,
            competition=event.competition,
            sport=event.sport,
            markets=markets,
            unmapped=tuple(unmapped),
            refused=refused,
            doubtful=frozenset(doubtful),
        )


def read_detail(body: bytes) -> wire.Event:
    """
    Read an event detail as Acme writes it.

    Raises:
        PayloadChanged: Another shape.
    """
    try:
        return _EVENTS.decode(body)
    except (ValueError, RecursionError) as exc:  # bad JSON, shape, UTF-8; absurd nesting
        raise PayloadChanged(CODE, DETAIL, str(exc)) from exc


def kickoff_at(seconds: int) -> datetime:
    """
    Return a kickoff from seconds UTC.

    Raises:
        PayloadChanged: No time of this century.
    """
    try:
        return from_seconds(seconds)
    except OverflowError as exc:
        raise PayloadChanged(CODE, DETAIL, "start is no kickoff in seconds") from exc
