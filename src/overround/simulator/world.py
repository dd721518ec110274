"""The simulated world: matches, who lists them, and every price, from nothing but a seed and the time."""

import itertools
import random
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from overround.bookmakers.base import Quote, SimulatedEvent, SimulatedPlayer, Simulator
from overround.clock import Clock
from overround.domain.markets import MarketKey
from overround.simulator import chance
from overround.simulator.calendar import Calendar, Match, apportion
from overround.simulator.moment import Listing, Moment, kickoff_window
from overround.simulator.movement import seconds_of
from overround.simulator.plants import Plant, Plants
from overround.simulator.pricing import Pricer, Quotes
from overround.simulator.profiles import MAIN_BOOKMAKERS, PROFILES
from overround.simulator.ranges import market_keys

WorldSize = Literal["default", "full"]

_ALL = frozenset(MAIN_BOOKMAKERS)
_PAIRS = {
    "betpawa+sportybet": frozenset({"betpawa", "sportybet"}),
    "betpawa+bet9ja": frozenset({"betpawa", "bet9ja"}),
    "sportybet+bet9ja": frozenset({"sportybet", "bet9ja"}),
}
# Matches by who lists them. default: 1,125 / 1,290 / 1,220 of 1,331, 82 % at all three;
# full: 1,200 / 1,300 / 1,300 of 1,560.
_COVERAGE: Mapping[WorldSize, tuple[tuple[frozenset[str], int], ...]] = {
    "default": (
        (_ALL, 1_092),
        (_PAIRS["betpawa+sportybet"], 20),
        (_PAIRS["betpawa+bet9ja"], 8),
        (_PAIRS["sportybet+bet9ja"], 92),
        (frozenset({"betpawa"}), 5),
        (frozenset({"sportybet"}), 86),
        (frozenset({"bet9ja"}), 28),
    ),
    "full": (
        (_ALL, 1_000),
        (_PAIRS["betpawa+sportybet"], 60),
        (_PAIRS["betpawa+bet9ja"], 60),
        (_PAIRS["sportybet+bet9ja"], 120),
        (frozenset({"betpawa"}), 80),
        (frozenset({"sportybet"}), 120),
        (frozenset({"bet9ja"}), 120),
    ),
}
_FULL_SIZE_SHARE = 0.02  # of the default world's matches
_SIZE_SPREAD = 0.45  # the others reach this far below and above their average
_JUMBO = ("sportybet", 1_600)  # one body of about 2 MB, as on a day with player markets
_JUMBO_FROM = 1_000  # a world of this many matches has one
_FURTHER_SHARE = {"msport": 0.92, "betway": 0.8, "betika": 0.7}  # of the matches, at the further bookmakers
_QUOTES_KEPT = 512  # between a list and the details; a full event's prices take about 100 kB


class WorldOptions(msgspec.Struct, frozen=True):
    """What makes one simulated world differ from another."""

    seed: int = 1
    size: WorldSize = "default"
    events: int | None = None  # distinct matches ahead; None: as many as the size has
    bookmakers: tuple[str, ...] = MAIN_BOOKMAKERS
    moves: float = 0.0  # share of the matches whose prices move per minute
    market_moves: float = 0.0  # share of each bookmaker's markets that move alone per minute
    sports: tuple[str, ...] = ("football",)  # the first one's matches are the most
    planted: float = 0.0  # share of the matches that follow a script of plants.py
    volatile: bool = False  # bodies carry fields that change with each request

    @property
    def matches(self) -> int:
        """Return how many distinct matches lie ahead at any time."""
        return sum(count for _, count in _COVERAGE[self.size]) if self.events is None else self.events


class World:
    """The world of a seed; `moment` gives it as bookmakers' simulators read it."""

    world: Literal["simulated", "recorded"] = "simulated"

    def __init__(self, options: WorldOptions, clock: Clock, simulators: Mapping[str, Simulator]) -> None:
        """Let time come from the clock and each bookmaker's own ids from its simulator."""
        self.options = options
        self.bookmakers = tuple(code for code in PROFILES if code in options.bookmakers)
        self._clock, self._simulators = clock, simulators
        self._calendar = Calendar(options.seed, options.matches, options.sports)
        self._listed_by = _shuffled_coverage(options)
        self._plants = Plants(options.seed, options.planted, lambda slot: self._listed_by[slot] == _ALL)
        self._pricer = Pricer(options.seed, options.moves, options.market_moves, self._plants)
        self._sizes = _size_ranks(options)
        self._requests = itertools.count(1)
        self._generation = -1
        self._listings: dict[str, Listing] = {}
        self._matches: dict[str, Match] = {}
        self._quotes: OrderedDict[tuple[str, str], tuple[int, Quotes]] = OrderedDict()

    def now(self) -> datetime:
        return self._clock.now()

    def moment(self, at: datetime | None = None) -> Moment:
        """Return the world at that time, default now."""
        return Moment(self, at or self.now())

    def match(self, event: SimulatedEvent) -> Match:
        """Return the match behind a listed event."""
        return self._matches[event.sportradar_id]

    def listing(self, bookmaker: str, at: datetime) -> Listing:
        generation = kickoff_window(at)
        if generation != self._generation:
            self._list_all(generation, at)
        return self._listings[bookmaker]

    def version(self, bookmaker: str, event: SimulatedEvent, at: datetime) -> int:
        match = self.match(event)
        return self._pricer.version(bookmaker, match, self.market_keys(bookmaker, match), seconds_of(at))

    def quotes(
        self, bookmaker: str, event: SimulatedEvent, at: datetime
    ) -> Mapping[MarketKey, Mapping[str, Quote]]:
        key = (bookmaker, event.sportradar_id)
        version = self.version(bookmaker, event, at)
        known = self._quotes.get(key)
        if known is None or known[0] != version:
            match = self.match(event)
            keys = self.market_keys(bookmaker, match)
            quotes = self._pricer.quotes(bookmaker, match, keys, seconds_of(at))
            known = self._quotes[key] = (version, quotes)
            if len(self._quotes) > _QUOTES_KEPT:
                self._quotes.popitem(last=False)
        self._quotes.move_to_end(key)
        return known[1]

    def market_keys(self, bookmaker: str, match: Match) -> Sequence[MarketKey]:
        """Return the markets that the bookmaker has for a match, the popular ones first."""
        profile = PROFILES[bookmaker]
        mapped = round(self._groups(bookmaker, match.slot) * profile.mapped_share)
        return market_keys(bookmaker, match, min(mapped, profile.mapped_groups))

    def players(self, event: SimulatedEvent) -> Sequence[SimulatedPlayer]:
        return [member.player for member in self._pricer.squads(self.match(event))]

    def filler_groups(self, bookmaker: str, event: SimulatedEvent) -> int:
        match = self.match(event)
        return max(0, self._groups(bookmaker, match.slot) - len(self.market_keys(bookmaker, match)))

    def planted(self, at: datetime) -> list[Plant]:
        """Return the scripts of the matches now ahead, as they stand at that time."""
        for code in self.bookmakers:
            self.listing(code, at)
        plants = (self._plants.of(match, seconds_of(at)) for match in self._matches.values())
        return [plant for plant in plants if plant is not None]

    def volatile(self) -> str:
        return f"{next(self._requests):08x}" if self.options.volatile else ""

    def _groups(self, bookmaker: str, slot: int) -> int:
        profile = PROFILES[bookmaker]
        rank = self._sizes[slot]
        if self.options.size == "full":
            return profile.full_groups
        if (bookmaker, rank) == (_JUMBO[0], 1.0):
            return _JUMBO[1]
        if rank >= 1 - _FULL_SIZE_SHARE:
            return profile.full_groups
        rest = (profile.groups - _FULL_SIZE_SHARE * profile.full_groups) / (1 - _FULL_SIZE_SHARE)
        within = rank / (1 - _FULL_SIZE_SHARE)  # 0 … 1
        return round(rest * (1 - _SIZE_SPREAD + 2 * _SIZE_SPREAD * within))

    def _list_all(self, generation: int, at: datetime) -> None:
        ahead = self._calendar.ahead(at)
        self._matches = {match.sportradar_id: match for match in ahead}
        self._listings = {code: self._list(code, generation, ahead) for code in self.bookmakers}
        self._generation = generation

    def _list(self, bookmaker: str, generation: int, ahead: list[Match]) -> Listing:
        events = tuple(self._event(bookmaker, match) for match in ahead if self._lists(bookmaker, match.slot))
        return Listing(generation, events, {event.event_id: event for event in events})

    def _lists(self, bookmaker: str, slot: int) -> bool:
        if share := _FURTHER_SHARE.get(bookmaker):
            return chance.uniform(self.options.seed, f"{bookmaker}|lists|{slot}") < share
        return bookmaker in self._listed_by[slot]

    def _event(self, bookmaker: str, match: Match) -> SimulatedEvent:
        has_genius = chance.uniform(self.options.seed, f"genius|{match.sportradar_id}") < 0.6
        return SimulatedEvent(
            sportradar_id=match.sportradar_id,
            event_id=self._simulators[bookmaker].own_id(match.sportradar_id),
            home=self._club(bookmaker, match.home),
            away=self._club(bookmaker, match.away),
            kickoff_at=match.kickoff_at,
            country=match.country,
            competition=match.competition,
            sport=match.sport,
            genius_id=str(int(match.sportradar_id) % 9_000_000 + 11_000_000) if has_genius else None,
        )

    def _club(self, bookmaker: str, club: str) -> str:
        # bookmakers spell clubs differently, so a match by name would fail as it does in life
        adds = chance.uniform(self.options.seed, f"{bookmaker}|{club}|spelling") < 0.3
        return club + PROFILES[bookmaker].club_suffix if adds else club


def _shuffled_coverage(options: WorldOptions) -> list[frozenset[str]]:
    """Return who lists each slot's matches, in the size's proportions."""
    groups = _COVERAGE[options.size]
    counts = apportion(options.matches, [float(count) for _, count in groups])
    listed_by = [codes for (codes, _), count in zip(groups, counts, strict=True) for _ in range(count)]
    random.Random(options.seed + 1).shuffle(listed_by)
    return listed_by


def _size_ranks(options: WorldOptions) -> list[float]:
    """Return each slot's place in the order of sizes, in (0, 1]; 1.0 only in a world with a jumbo."""
    count = options.matches
    ranks = [(place + 0.5) / count for place in range(count)]
    random.Random(options.seed + 2).shuffle(ranks)
    if count >= _JUMBO_FROM:
        listed_by = _shuffled_coverage(options)
        ranks[next(slot for slot in range(count) if listed_by[slot] == _ALL)] = 1.0
    return ranks
