"""What one body of a feed bookmaker yields: mapped markets, and everything left out, counted."""

import re
from collections.abc import Sequence

import msgspec

from overround.bookmakers.feed import FeedTable, Id, Target, player_outcome
from overround.domain.markets import MarketKey, ParsedMarket, Player
from overround.domain.players import player_name

_THRESHOLD = re.compile(r"(\d{1,4})\+\s*$", re.ASCII)

Rank = tuple[
    int, int
]  # (preference of their market id, of its outcome ids): the lowest speaks for the market


class FeedOutcome(msgspec.Struct, frozen=True, gc=False):
    """One outcome as the body states it."""

    id: Id
    text: str  # read for players only
    odds_milli: int  # 0 when the price is no offer
    locked: bool


class FeedReading:
    """Collects the markets of one body; a market that contradicts itself is left out and the rest stands."""

    def __init__(self, table: FeedTable, sport: str) -> None:
        self._table, self._sport = table, sport
        self.refused: dict[str, int] = {}
        self.doubtful: set[str] = set()
        self._markets: dict[MarketKey, ParsedMarket] = {}
        self._ranks: dict[MarketKey, Rank] = {}
        self._twice: set[MarketKey] = set()
        self._player_markets: dict[MarketKey, _PlayerOffers] = {}
        self._unmapped: dict[str, tuple[str, int]] = {}

    def add(self, market_id: Id, specifier: str | None, name: str, outcomes: Sequence[FeedOutcome]) -> None:
        """Take one market object: an id of theirs at one specifier."""
        resolution = self._table.resolve(self._sport, market_id, specifier)
        if resolution.bad_line_of:
            self.refuse("line")
            self.doubtful |= resolution.bad_line_of
            if not resolution.targets:
                return
        unknown = len(outcomes)
        for target in resolution.targets:
            taken = self._players(target, outcomes) if target.players else self._offer(target, outcomes)
            unknown = min(unknown, len(outcomes) - taken)
        if unknown and len(resolution.targets) > 1:  # several targets may share the outcomes among them
            unknown = sum(
                all(target.slot(outcome.id) is None for target in resolution.targets) for outcome in outcomes
            )
        if unknown:
            self._count_unmapped(str(market_id), name, unknown)

    def refuse(self, reason: str) -> None:
        """Count one market or outcome that is left out."""
        self.refused[reason] = self.refused.get(reason, 0) + 1

    @property
    def is_unreadable(self) -> bool:
        """Return whether open outcomes were named and not one market has a price."""
        return "price" in self.refused and not any(
            any(market.odds_milli) for market in self.markets().values()
        )

    def markets(self) -> dict[MarketKey, ParsedMarket]:
        """Return the markets of which anything is offered or locked."""
        players = ((key, offers.market(key)) for key, offers in self._player_markets.items())
        return {
            key: market
            for key, market in (*self._markets.items(), *players)
            if key not in self._twice and (market.dormant or any(market.odds_milli))
        }

    def unmapped_rows(self) -> list[tuple[str, str, int]]:
        """Return (their market id, name, outcomes) in the order of the body."""
        return [(market_id, name, count) for market_id, (name, count) in self._unmapped.items()]

    def _offer(self, target: Target, outcomes: Sequence[FeedOutcome]) -> int:
        """Add the market under the target's key; return how many of its outcomes the target knows."""
        odds = [0] * len(target.names)
        suspended = dormant = seen = mapped = 0
        for outcome in outcomes:
            slot = target.slot(outcome.id)
            if slot is None:
                continue
            mapped += 1
            bit = 1 << slot
            if seen & bit:  # two prices for one outcome: neither is believed
                self._reject(target.key)
                return len(outcomes)
            seen |= bit
            price = odds[slot] = outcome.odds_milli
            if outcome.locked:
                suspended |= bit if price else 0
                dormant |= 0 if price else bit
            elif not price:
                self.refuse("price")
        if mapped:
            self._take(
                target,
                _rank(target, outcomes),
                ParsedMarket(target.key, target.names, tuple(odds), suspended, dormant=dormant),
            )
        return mapped

    def _take(self, target: Target, rank: Rank, market: ParsedMarket) -> None:
        """Keep the market; of two objects for one market the preferred one speaks."""
        before = self._ranks.get(target.key)
        if before == rank:
            # (id, specifier) is unique in 974 of 974 captured SportyBet markets: of two, neither is believed.
            self._reject(target.key)
        if before is None or rank < before:
            self._ranks[target.key] = rank
            self._markets[target.key] = market

    def _reject(self, key: MarketKey) -> None:
        self.refuse("twice")
        self._twice.add(key)
        self.doubtful.add(key.market_id)

    def _players(self, target: Target, outcomes: Sequence[FeedOutcome]) -> int:
        """Add the players of one object to their market; return how many of its outcomes were understood."""
        offers = self._player_markets.get(target.key)
        if offers is None:
            offers = self._player_markets[target.key] = _PlayerOffers()
        mapped = 0
        for outcome in outcomes:
            slot = target.slot(outcome.id)
            named = (target.names[slot], None) if slot is not None else _player(target, outcome)
            if named is None:
                continue
            mapped += 1
            if not offers.put(*named, outcome):
                self.refuse("twice")
            if not outcome.odds_milli and not outcome.locked:
                self.refuse("price")
        return mapped

    def _count_unmapped(self, market_id: str, name: str, outcomes: int) -> None:
        name, before = self._unmapped.get(market_id) or (name or market_id, 0)
        self._unmapped[market_id] = (name, before + outcomes)


class _PlayerOffers:
    """One player market while its objects are read: scorers come in one, props in one per player."""

    def __init__(self) -> None:
        self._offers: dict[str, tuple[Player | None, int, bool]] = {}
        self._twice: set[str] = set()

    def put(self, name: str, player: Player | None, outcome: FeedOutcome) -> bool:
        """Take one outcome; False when it contradicts an earlier one, then neither is believed."""
        offer = (player, outcome.odds_milli, outcome.locked)
        if self._offers.setdefault(name, offer) == offer:
            return True
        self._twice.add(name)
        return False

    def market(self, key: MarketKey) -> ParsedMarket:
        """Return the market with the outcomes in the order of the body."""
        offers = [(name, *offer) for name, offer in self._offers.items() if name not in self._twice]
        suspended = dormant = 0
        for position, (_, _, price, locked) in enumerate(offers):
            if locked:
                suspended |= bool(price) << position
                dormant |= (not price) << position
        return ParsedMarket(
            key,
            tuple(name for name, *_ in offers),
            tuple(price for _, _, price, _ in offers),
            suspended,
            dormant=dormant,
            players=tuple(player for _, player, _, _ in offers),
        )


def _player(target: Target, outcome: FeedOutcome) -> tuple[str, Player] | None:
    """Return our outcome name and the player; None for what names no player, or a threshold of another market."""
    meant, name = player_outcome(outcome.id), player_name(outcome.text)
    if meant is None or not name:
        return None
    player = Player(name, meant.sportradar_id)
    if target.players == "player-ladder":
        return (f"{name} {meant.number}+", player) if meant.number else None
    threshold = _THRESHOLD.search(outcome.text)
    return (name, player) if threshold is None or threshold[1] == "1" else None


def _rank(target: Target, outcomes: Sequence[FeedOutcome]) -> Rank:
    if not target.second_choice:
        return target.rank, 0
    tails = {str(outcome.id).rpartition(":")[2] for outcome in outcomes}
    return target.rank, len(tails & target.second_choice)
