"""The shared feed as SportyBet and MSport spell it: variants before outcome ids, and players in their own ways."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from overround.bookmakers.base import Quote, SimulatedPlayer
from overround.bookmakers.feed_writing import WrittenMarket, WrittenOutcome, written_market
from overround.domain.catalogue import BookRule, MarketType
from overround.domain.markets import MarketKey

# Which list of outcomes a market has, said in the specifier and before each outcome id.
# Source: payloads: sportybet/prematch.json, msport/prematch.json.
_VARIANTS = {
    "15": "sr:winning_margin:3+",
    "21": "sr:exact_goals:6+",
    "23": "sr:exact_goals:3+",
    "24": "sr:exact_goals:3+",
    "25": "sr:goal_range:7+",
    "71": "sr:exact_goals:3+",
    "93": "sr:exact_goals:2+",
    "169": "sr:point_range:12+",
    "170": "sr:point_range:7+",
    "171": "sr:point_range:7+",
    "182": "sr:point_range:7+_2",
}
_SCORERS = frozenset({"38", "39", "40"})  # all players in one object, opened before kickoff
_BY_TEAM = frozenset({"800289", "1405"})  # the number behind the player is his team's: 1 home, 2 away

_STEP = re.compile(r" (\d{1,4})\+$", re.ASCII)


class Spelling(msgspec.Struct, frozen=True):
    """What the spelling of one event's markets needs to know."""

    sportradar_id: str
    home: str
    away: str
    players: Sequence[SimulatedPlayer] = ()

    def text(self, player: SimulatedPlayer) -> str:
        """Return a player as their texts name him: "Mbappe, Kylian (France)"."""
        first, _, last = player.name.partition(" ")
        name = f"{last}, {first}" if last else first
        return f"{name} ({self.home if player.side == 'home' else self.away})"


def spelt_markets(
    kind: MarketType, rule: BookRule, key: MarketKey, quotes: Mapping[str, Quote], event: Spelling
) -> Iterator[WrittenMarket]:
    """
    Yield what says `quotes`: one object, or one per player.

    Raises:
        KeyError: The bookmaker has no id for this line, or a quote names neither an outcome nor a player.
    """
    by_name = {player.name: player for player in event.players} if kind.names_players else {}
    meant = {name: by_name[found] for name in quotes if (found := _STEP.sub("", name)) in by_name}
    market = written_market(kind, rule, key, quotes, meant)
    if not kind.names_players:
        yield _plain(market)
    elif market.id in _SCORERS or kind.param:
        yield _scorers(market, meant, event)
    else:
        yield from _props(market, meant, event)


def _plain(market: WrittenMarket) -> WrittenMarket:
    variant = _VARIANTS.get(market.id) if market.kind.sport == "football" else None
    prefix = f"{variant}:" if variant else ""
    in_order = sorted(market.outcomes, key=_feed_order)
    outcomes = (WrittenOutcome(prefix + each.id, each.name, each.quote) for each in in_order)
    return _spelt(market, f"variant={variant}" if variant else "", outcomes)


def _feed_order(outcome: WrittenOutcome) -> int:
    """Return what sorts outcomes as payloads have them: 1X, 12, X2; ids of their own, texts, stay as they are."""
    return int(outcome.id) if outcome.id.isdecimal() else 0


def _scorers(market: WrittenMarket, meant: Mapping[str, SimulatedPlayer], event: Spelling) -> WrittenMarket:
    outcomes = (
        WrittenOutcome(f"sr:player:{each.id}", each.name, each.quote, event.text(meant[each.name]))
        if each.name in meant
        else WrittenOutcome(each.id, each.name, each.quote, each.name)
        for each in market.outcomes
    )
    return _spelt(market, "type=prematch" if market.id in _SCORERS else "", outcomes)


def _props(
    market: WrittenMarket, meant: Mapping[str, SimulatedPlayer], event: Spelling
) -> Iterator[WrittenMarket]:
    by_player: dict[str, list[WrittenOutcome]] = {}
    for each in market.outcomes:
        by_player.setdefault(each.id, []).append(each)
    for player_id, steps in by_player.items():
        variant = f"pre:playerprops:{event.sportradar_id}:{player_id}"
        outcomes = (_prop(variant, market.id, each, meant[each.name], event) for each in steps)
        yield _spelt(market, f"variant={variant}", outcomes)


def _prop(
    variant: str, market_id: str, outcome: WrittenOutcome, player: SimulatedPlayer, event: Spelling
) -> WrittenOutcome:
    if market_id in _BY_TEAM:
        number, text = str(1 + (player.side == "away")), event.text(player)
    else:
        step = _STEP.search(outcome.name)
        number = step[1] if step else "1"
        text = f"{event.text(player)} {number}+"
    return WrittenOutcome(f"{variant}:{number}", outcome.name, outcome.quote, text)


def _spelt(market: WrittenMarket, further: str, outcomes: Iterable[WrittenOutcome]) -> WrittenMarket:
    specifier = "|".join(part for part in (market.specifier, further) if part)
    return msgspec.structs.replace(market, specifier=specifier, outcomes=tuple(outcomes))
