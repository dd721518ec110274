"""SportPesa's event detail, a game and its markets: bytes in, domain values out, no I/O."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from overround.bookmakers.base import ParsedEvent, nothing
from overround.bookmakers.epoch import from_ms
from overround.bookmakers.prices import UNREADABLE, read_price
from overround.bookmakers.sportpesa import wire
from overround.bookmakers.sportpesa.markets import CODE, MarketRule, MarketTable
from overround.domain.catalogue import Catalogue
from overround.domain.diff import Unmapped
from overround.domain.markets import MarketKey, ParsedMarket, plain_line
from overround.errors import EventGone, PayloadChanged

GAMES = "upcoming/games"
MARKETS = "games/markets"

_PARTS = msgspec.json.Decoder(list[msgspec.Raw])
_GAMES = msgspec.json.Decoder(list[wire.Game])
_MARKETS = msgspec.json.Decoder(wire.MarketsByGame)
_SUPPLIER_ID = re.compile(r"[1-9]\d{0,17}", re.ASCII)

Shape = TypeVar("Shape")


class EventParser:
    """Reads event details; holds nothing but the catalogue's tables."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._table = MarketTable(catalogue)

    def parse(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read one game: a list with one game, or that list and its games/markets answer joined by `base.joined`.

        Without the second answer only the inline 1X2 is known. Source: payloads: sportpesa/prematch.json,
        markets.json.

        Raises:
            EventGone: The list is empty, which is how an unknown game is answered.
            PayloadChanged: Any other shape, several games, no market at all, or not one readable price where we
                know markets.
        """
        game, markets = read_detail(body)
        on_decoded()
        home, away = sides(game)
        sport = named(game.sport).lower()
        reading = _Reading(self._table.of(sport))
        for market in markets:
            reading.add(market)
        read = reading.markets()
        if reading.known and not read:  # a field that was renamed must not pass for "nothing is offered"
            raise PayloadChanged(CODE, MARKETS, "not one market that we know has a price we can read")
        return ParsedEvent(
            event_id=str(game.id),
            sportradar_id=supplier_id(game.betradar_id),
            genius_id=supplier_id(game.betgenius_id),
            kickoff_at=kickoff_at(game.date_timestamp),
            home=home,
            away=away,
            country=named(game.country),
            competition=named(game.competition),
            sport=sport,
            markets=read,
            unmapped=reading.unmapped_rows(),
            refused=reading.refused,
            doubtful=frozenset(reading.doubtful),
        )


class _Reading:
    """Collects the markets of one body; a market that contradicts itself is left out and the rest stands."""

    def __init__(self, rules: Mapping[str, Sequence[MarketRule]]) -> None:
        self._rules = rules
        self.known = False  # whether a market that we know was met
        self.refused: dict[str, int] = {}
        self.doubtful: set[str] = set()
        self._markets: dict[MarketKey, ParsedMarket] = {}
        self._rejected: set[MarketKey] = set()
        self._unmapped: dict[str, tuple[str, int]] = {}

    def add(self, market: wire.Market) -> None:
        """Take one market object, an id of theirs at one line."""
        rules = self._rules.get(str(market.id), ())
        self.known = self.known or bool(rules and market.selections)
        unknown = len(market.selections)
        for rule in rules:
            try:
                key = rule.key(_line(market))
            except ValueError:
                self.refuse("line")
                self.doubtful.add(rule.market_id)
                return
            unknown = min(unknown, self._take(key, rule, market.selections))
        if unknown:
            name, before = self._unmapped.get(str(market.id), (market.name or str(market.id), 0))
            self._unmapped[str(market.id)] = (name, before + unknown)

    def refuse(self, reason: str) -> None:
        """Count one market or outcome that is left out."""
        self.refused[reason] = self.refused.get(reason, 0) + 1

    def markets(self) -> dict[MarketKey, ParsedMarket]:
        """Return the markets with at least one price."""
        return {
            key: market
            for key, market in self._markets.items()
            if key not in self._rejected and any(market.odds_milli)
        }

    def unmapped_rows(self) -> tuple[Unmapped, ...]:
        """Return what was not mapped, one row per market id in the order of the body."""
        return tuple(Unmapped(market_id, name, count) for market_id, (name, count) in self._unmapped.items())

    def _take(self, key: MarketKey, rule: MarketRule, selections: Sequence[wire.Selection]) -> int:
        """Keep the market under its key; return how many of its outcomes the rule does not know."""
        odds = [0] * len(rule.names)
        named_slots: list[int] = []
        for selection in selections:
            slot = rule.slots.get(str(selection.short_name))
            if slot is None:
                continue
            named_slots.append(slot)
            milli = read_price(selection.odds)
            odds[slot] = max(milli, 0)
            if milli <= 0:
                self.refuse("price")
            if milli == UNREADABLE:  # its price may be any: the market is neither shown nor withdrawn
                self._reject(key)
        if key in self._markets or len(set(named_slots)) < len(named_slots):
            self.refuse("twice")  # of two neither is believed
            self._reject(key)
        self._markets[key] = ParsedMarket(key, rule.names, tuple(odds))
        return len(selections) - len(named_slots)

    def _reject(self, key: MarketKey) -> None:
        self._rejected.add(key)
        self.doubtful.add(key.market_id)


def _line(market: wire.Market) -> str:
    """
    Return the one line that a market and its outcomes state.

    Raises:
        ValueError: None, or several.
    """
    stated = (market.spec_value, *(selection.spec_value for selection in market.selections))
    lines = {plain_line(value) for value in stated if value is not None}
    if len(lines) != 1:
        raise ValueError(f"{len(lines)} lines in one market")
    return lines.pop()


def read_detail(body: bytes) -> tuple[wire.Game, Sequence[wire.Market]]:
    """
    Return the game and its markets, the inline ones where the body has no others.

    Raises:
        EventGone, PayloadChanged: As `EventParser.parse`.
    """
    parts = _read(_PARTS, body, GAMES)
    is_joined = bool(parts) and bytes(parts[0]).lstrip().startswith(b"[")
    games = _read(_GAMES, parts[0] if is_joined else body, GAMES)
    if not games:
        raise EventGone(CODE, GAMES, "the game is unknown")
    if len(games) > 1 or (is_joined and len(parts) != 2):
        raise PayloadChanged(
            CODE, GAMES, f"{len(games)} games and {len(parts)} answers: one game is one event"
        )
    (game,) = games
    markets = game.markets
    if is_joined:
        by_game = _read(_MARKETS, parts[1], MARKETS)
        if set(by_game) != {str(game.id)}:
            raise PayloadChanged(CODE, MARKETS, f"markets of another game than {game.id}")
        markets = by_game[str(game.id)]
    if not any(market.selections for market in markets):
        raise PayloadChanged(CODE, MARKETS, "no market in the game")
    return game, markets


def sides(game: wire.Game) -> tuple[str, str]:
    """
    Return the names of home and away.

    Raises:
        PayloadChanged: Not exactly two named sides.
    """
    names = [named(side) for side in game.competitors]
    if len(names) != 2 or not all(names):
        raise PayloadChanged(CODE, GAMES, "the competitors are not a home and an away side")
    return names[0], names[1]


def named(thing: wire.Named | None) -> str:
    """Return a name, "" where there is none."""
    return (thing.name or "").strip() if thing else ""


def supplier_id(number: wire.Number | None) -> str | None:
    """
    Return the event's id at a supplier as digits; 0 stands for none.

    >>> supplier_id(71348330), supplier_id("71348330"), supplier_id(0), supplier_id(None)
    ('71348330', '71348330', None, None)
    """
    text = str(number)
    return text if _SUPPLIER_ID.fullmatch(text) else None


def kickoff_at(milliseconds: int) -> datetime:
    """
    Return a kickoff from ms UTC, whole seconds.

    Raises:
        PayloadChanged: No time of this century.
    """
    try:
        return from_ms(milliseconds)
    except OverflowError as exc:
        raise PayloadChanged(CODE, GAMES, "dateTimestamp is no kickoff in ms") from exc


def _read(decoder: msgspec.json.Decoder[Shape], body: bytes | msgspec.Raw, operation: str) -> Shape:
    try:
        return decoder.decode(body)
    except (ValueError, RecursionError) as exc:  # bad JSON, shape, UTF-8; absurd nesting
        raise PayloadChanged(CODE, operation, str(exc)) from exc
