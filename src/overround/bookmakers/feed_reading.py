"""What one body of a feed bookmaker yields: mapped markets, and everything left out, counted."""

import re
from collections.abc import Sequence
from typing import Protocol

import msgspec

from overround.bookmakers.feed import UNKNOWN, FeedTable, Id, Target, player_outcome
from overround.bookmakers.memo import Memo
from overround.bookmakers.prices import UNREADABLE, Price, read_price
from overround.domain.diff import Unmapped
from overround.domain.markets import MarketKey, ParsedMarket, Player
from overround.domain.players import player_name

Named = tuple[str, Player | None]  # our outcome name, and who is meant by it

_MOST_OUTCOMES = 1_024  # of a market: rank = place of their id x this + outcomes of second choice

_THRESHOLD = re.compile(r"(\d{1,4})\+\s*$", re.ASCII)


class FeedOutcome(Protocol):
    """One outcome as the body states it: the bookmakers' own structs have these fields."""

    @property
    def id(self) -> Id: ...
    @property
    def odds(self) -> Price: ...
    @property
    def is_active(self) -> int:
        """1 while bets on it are taken."""
        ...

    @property
    def text(self) -> str | None:
        """What is shown; read for players only."""
        ...


class FeedRow(msgspec.Struct, frozen=True, gc=False):
    """One outcome where the body's own struct is not a `FeedOutcome` as it stands."""

    id: Id
    odds: Price
    is_active: bool
    text: str | None


class FeedMemory:
    """What bodies repeat, kept within bounds: price texts, players, unmapped rows; never which market they were in."""

    def __init__(self) -> None:
        self.prices: Memo[Price, int] = Memo(read_price)
        # An event's players are of no use to the next one, and to forget many at once would hold up the loop.
        self.players: Memo[tuple[str, Id, str], Named | None] = Memo(_named_player, limit=4_096)
        self.unmapped: Memo[tuple[str, str, int], Unmapped] = Memo(lambda row: Unmapped(*row))


class FeedReading:
    """Collects the markets of one body; a market that contradicts itself is left out and the rest stands."""

    def __init__(self, table: FeedTable, sport: str, memory: FeedMemory) -> None:
        self._table, self._memory = table.of(sport), memory
        self.refused: dict[str, int] = {}
        self.doubtful: set[str] = set()
        self._markets: dict[MarketKey, ParsedMarket] = {}
        self._ranks: dict[MarketKey, int] = {}  # the lowest speaks for the market
        self._left_out: set[MarketKey] = set()
        self._player_markets: dict[MarketKey, _PlayerOffers] = {}
        self._unmapped: dict[str, tuple[str, int]] = {}
        self._unpriced = False  # whether an open outcome has no price

    def add(
        self, market_id: Id, specifier: str | None, name: str, outcomes: Sequence[FeedOutcome], locked: bool
    ) -> None:
        """Take one market object, an id of theirs at one specifier; `locked` holds for all its outcomes."""
        resolution = self._table.resolve(market_id, specifier)
        targets = resolution.targets
        if resolution.bad_line_of:
            self.refuse("line")
            self.doubtful |= resolution.bad_line_of
        unknown = len(outcomes)
        if not targets:
            if unknown and not resolution.bad_line_of:
                self._count_unmapped(str(market_id), name, unknown)
            return
        for target in targets:
            if target.players:
                taken = self._take_players(target, specifier, outcomes, locked)
            else:
                taken = self._take(target, outcomes, locked)
            unknown = min(unknown, len(outcomes) - taken)
        if unknown and len(targets) > 1:  # they may share the outcomes among them
            unknown = sum(all(target.slots[each.id] == UNKNOWN for target in targets) for each in outcomes)
        if unknown:
            self._count_unmapped(str(market_id), name, unknown)

    def refuse(self, reason: str) -> None:
        """Count one market or outcome that is left out."""
        self.refused[reason] = self.refused.get(reason, 0) + 1

    @property
    def is_unreadable(self) -> bool:
        """Return whether open outcomes were named and not one market has a price."""
        return self._unpriced and not any(any(market.odds_milli) for market in self.markets().values())

    def markets(self) -> dict[MarketKey, ParsedMarket]:
        """Return the markets of which anything is offered or locked."""
        markets, left_out = self._markets, self._left_out
        if left_out:
            markets = {key: market for key, market in markets.items() if key not in left_out}
        players = (offers.market(key) for key, offers in self._player_markets.items() if key not in left_out)
        return markets | {market.key: market for market in players if market}

    def unmapped_rows(self) -> tuple[Unmapped, ...]:
        """Return what was not mapped, one row per market id in the order of the body."""
        unmapped = self._memory.unmapped
        return tuple(unmapped[market_id, name, count] for market_id, (name, count) in self._unmapped.items())

    def _take(self, target: Target, outcomes: Sequence[FeedOutcome], locked: bool) -> int:
        """Add the market under the target's key; return how many of its outcomes the target knows."""
        slots, prices = target.slots, self._memory.prices
        order = None if locked else target.layouts[tuple([outcome.id for outcome in outcomes])]
        if order is not None and [outcome.is_active for outcome in outcomes].count(1) == len(order):
            found = [prices[outcome.odds] for outcome in outcomes]
            if min(found) > 0:  # the whole market is open: nearly every one, at half the cost
                if self._speaks(target, outcomes):
                    odds = tuple([found[place] for place in order])
                    self._markets[target.key] = ParsedMarket(target.key, target.names, odds)
                return len(order)
        odds = [0] * len(target.names)
        suspended = dormant = mapped = 0
        is_unreadable = False
        for outcome in outcomes:
            slot = slots[outcome.id]
            if slot < 0:
                continue
            mapped += 1
            price = prices[outcome.odds]
            if price > 0:
                odds[slot] = price
                if locked or outcome.is_active != 1:
                    suspended |= 1 << slot
            elif locked or outcome.is_active != 1:
                dormant |= 1 << slot
            else:
                self._refuse_price()
                is_unreadable |= price == UNREADABLE
        key = target.key
        if mapped and self._speaks(target, outcomes):
            is_whole = mapped == len(odds) and 0 not in odds  # so no outcome stands twice
            if is_unreadable:  # its price may be any: the market is neither shown nor withdrawn
                self._reject(key)
            elif not is_whole and _is_named_twice(target, outcomes, mapped):
                self._contradict(key)
            else:
                self._markets[key] = ParsedMarket(key, target.names, tuple(odds), suspended, dormant)
                if not is_whole and not dormant and not any(odds):
                    self._left_out.add(key)
        return mapped

    def _speaks(self, target: Target, outcomes: Sequence[FeedOutcome]) -> bool:
        """Return whether of all objects for one market so far this is the preferred one."""
        rank = target.rank * _MOST_OUTCOMES
        if target.second_choice:
            rank += _second_choices(target, outcomes)
        before = self._ranks.get(target.key)
        if before is None:
            self._ranks[target.key] = rank
            return True
        if rank < before:
            self._ranks[target.key] = rank
            self._left_out.discard(target.key)
            return True
        if rank == before:
            # (id, specifier) is unique in 974 of 974 captured SportyBet markets: of two, neither is believed.
            self._contradict(target.key)
        return False

    def _contradict(self, key: MarketKey) -> None:
        self.refuse("twice")
        self._reject(key)

    def _reject(self, key: MarketKey) -> None:
        self._left_out.add(key)
        self.doubtful.add(key.market_id)

    def _refuse_price(self) -> None:
        self._unpriced = True
        self.refuse("price")

    def _take_players(
        self, target: Target, specifier: str | None, outcomes: Sequence[FeedOutcome], locked: bool
    ) -> int:
        """Add the players of one object to their market; return how many of its outcomes were understood."""
        offers = self._player_markets.get(target.key)
        if offers is None:
            offers = self._player_markets[target.key] = _PlayerOffers()
        if not offers.begin(target.rank, specifier):
            self._contradict(target.key)
        threshold = "" if target.players == "player-ladder" else target.key.line or "1"
        players, prices = self._memory.players, self._memory.prices
        mapped, slots = 0, target.slots
        for outcome in outcomes:
            slot = slots.get(outcome.id, UNKNOWN)  # what is no player stands there as it is sent
            if slot < 0:
                named = players[threshold, outcome.id, outcome.text or ""]
            else:
                named = (target.names[slot], None)
            if named is None:
                continue
            mapped += 1
            price, is_locked = prices[outcome.odds], locked or outcome.is_active != 1
            if price <= 0:
                if not is_locked:
                    self._refuse_price()
                    if price == UNREADABLE:
                        self._reject(target.key)
                price = 0
            if clash := offers.put(named, price, is_locked):
                self.refuse(clash)
                if clash == "twice":
                    self._reject(target.key)
        return mapped

    def _count_unmapped(self, market_id: str, name: str, outcomes: int) -> None:
        name, before = self._unmapped.get(market_id) or (name or market_id, 0)
        self._unmapped[market_id] = (name, before + outcomes)


class _PlayerOffers:
    """One player market while its objects are read: scorers come in one, props in one per player."""

    def __init__(self) -> None:
        self._offers: dict[str, tuple[Player | None, int, bool]] = {}
        self._namesakes: set[str] = set()
        self._begun: set[tuple[int, str | None]] = set()

    def begin(self, rank: int, specifier: str | None) -> bool:
        """Note one object of theirs; False when it was there before."""
        if (rank, specifier) in self._begun:
            return False
        self._begun.add((rank, specifier))
        return True

    def put(self, named: Named, price: int, is_locked: bool) -> str:
        """
        Take one outcome; return "", or why it is not believed.

        "twice" when the player was named before. "namesake" when another one has his name: neither can be told
        from the other by name, so both are left out.
        """
        name, player = named
        before = self._offers.get(name)
        if before is None:
            self._offers[name] = (player, price, is_locked)
            return ""
        if player is None or before[0] is None or player.sportradar_id == before[0].sportradar_id:
            return "twice"
        self._namesakes.add(name)
        return "namesake"

    def market(self, key: MarketKey) -> ParsedMarket | None:
        """Return the market with the outcomes in the order of the body; None when nothing is offered or locked."""
        offers = self._offers
        if self._namesakes:
            offers = {name: offer for name, offer in offers.items() if name not in self._namesakes}
        odds = tuple(price for _, price, _ in offers.values())
        suspended = dormant = 0
        for position, (_, price, is_locked) in enumerate(offers.values()):
            if is_locked:
                suspended |= bool(price) << position
                dormant |= (not price) << position
        if not dormant and not any(odds):
            return None
        players = tuple(player for player, _, _ in offers.values())
        return ParsedMarket(key, tuple(offers), odds, suspended, dormant=dormant, players=players)


def _named_player(asked: tuple[str, Id, str]) -> Named | None:
    """
    Return our outcome name and the player of (threshold, outcome id, text).

    The threshold is that of the market, "" in a ladder. None for what names no player, or another threshold.
    """
    threshold, outcome_id, text = asked
    meant, name = player_outcome(outcome_id), player_name(text)
    if meant is None or not name:
        return None
    found = _THRESHOLD.search(text)
    said = found[1] if found else ""
    player = Player(name, meant.sportradar_id)
    if threshold:
        return (name, player) if said in ("", threshold) else None
    return (f"{name} {said}+", player) if said and said == meant.number else None


def _second_choices(target: Target, outcomes: Sequence[FeedOutcome]) -> int:
    tails = {str(outcome.id).rpartition(":")[2] for outcome in outcomes}
    return len(tails & target.second_choice)


def _is_named_twice(target: Target, outcomes: Sequence[FeedOutcome], mapped: int) -> bool:
    return len({target.slots[outcome.id] for outcome in outcomes} - {UNKNOWN}) < mapped
