"""
The odds feed that SportyBet, MSport, Betway and Betika share: market ids, specifiers and outcome ids to ours.

The catalogue's rules, resolved once into lookup tables. Each bookmaker has rows of its own in the catalogue; what
they share is the grammar: an id, a specifier `key=value` joined by `|` (Betway: `~`), outcome ids whose last part
names the outcome.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from overround.domain.catalogue import BookRule, Catalogue, MarketType
from overround.domain.markets import MarketKey, plain_line

Id = str | int

_HEAD_START = re.compile(r"(\d{1,3}):(\d{1,3})", re.ASCII)  # goals given to home and away before kickoff
_PLAYER = re.compile(r"(?:sr:player:)?([1-9]\d{0,17})", re.ASCII)
_PROP = re.compile(r"pre:playerprops:\d{1,18}:([1-9]\d{0,17}):(\d{1,4})", re.ASCII)
_PROP_VARIANT = "variant=pre:playerprops:"  # one of these per event and player; it says nothing of the market
_OWN_TAIL = ("sr:player:", "pre:playerprops:")  # the last part is a player or a threshold, not an outcome

# Keys beside the line that leave the market what it is: which outcome ids are used, when it was opened.
# Source: every specifier of the mapped ids in payloads: sportybet, msport, betway.
_SILENT_KEYS = frozenset({"variant", "type"})
_MEMO_LIMIT = 65_536  # (id, specifier) pairs kept per sport; a full world has some thousands
_SPELLINGS = 1_024  # outcome ids with a variant before them that one row learns

UNKNOWN = -1  # the position of an outcome that is none of ours


class OutcomeSlots(dict[Id, int]):
    """
    Their outcome id -> its position in our names, `UNKNOWN` for what is none of ours.

    Some outcomes carry their variant before the feed's id: "sr:exact_goals:6+:68" is 68. Such spellings, and what is
    unknown, are learned within a bound, so that an id met again costs one look-up.
    """

    def __init__(self, slots: Mapping[Id, int]) -> None:
        super().__init__(slots)
        self._room = _SPELLINGS

    def __missing__(self, outcome_id: Id) -> int:
        slot = UNKNOWN
        if isinstance(outcome_id, str) and ":" in outcome_id and not outcome_id.startswith(_OWN_TAIL):
            slot = self.get(outcome_id.rpartition(":")[2], UNKNOWN)
        if self._room:
            self._room -= 1
            self[outcome_id] = slot
        return slot


class OutcomeLayouts(dict[tuple[Id, ...], tuple[int, ...] | None]):
    """
    Their outcome ids as a market lists them -> for each of our names the place in that list; None for any other list.

    Only a list that has each of our outcomes once, and nothing else, has a layout. Learned within a bound.
    """

    def __init__(self, slots: OutcomeSlots, size: int) -> None:
        super().__init__()
        self._slots, self._size = slots, size

    def __missing__(self, outcome_ids: tuple[Id, ...]) -> tuple[int, ...] | None:
        if len(outcome_ids) != self._size:
            return None
        places = {self._slots[outcome_id]: place for place, outcome_id in enumerate(outcome_ids)}
        is_whole = UNKNOWN not in places and len(places) == self._size
        layout = tuple([places[slot] for slot in range(self._size)]) if is_whole else None
        if len(self) < _SPELLINGS:
            self[outcome_ids] = layout
        return layout


class Target(msgspec.Struct, frozen=True, gc=False):
    """One of our markets that a (market id, specifier) feeds."""

    key: MarketKey
    names: tuple[str, ...]  # shared per catalogue row; for player markets only what is no player
    slots: OutcomeSlots
    layouts: OutcomeLayouts
    rank: int  # position of their id in the rule: the lowest one present speaks for the market
    second_choice: frozenset[str] = frozenset()  # outcome ids of feed variants that others are preferred to
    players: Literal["", "player", "player-ladder"] = ""


class PlayerOutcome(msgspec.Struct, frozen=True, gc=False):
    """Who is meant by an outcome id of a player market."""

    sportradar_id: str
    number: str = ""  # of a prop: the threshold in ladders; the team, or just 1, elsewhere


class Resolution(msgspec.Struct, frozen=True, gc=False):
    """What a (market id, specifier) is to us: no targets means unmapped."""

    targets: tuple[Target, ...]
    bad_line_of: frozenset[str] = frozenset()  # our market ids, known but at a line that we can't read


UNMAPPED = Resolution(())


class FeedTable:
    """Look-up of one bookmaker's markets by exact ids, one table per sport."""

    def __init__(self, catalogue: Catalogue, bookmaker: str, separator: str = "|") -> None:
        rules: dict[str, dict[str, list[_Rule]]] = {}
        for (sport, their_id), fed in catalogue.rules(bookmaker).items():
            rules.setdefault(sport, {})[their_id] = [_Rule(kind, rule, their_id) for kind, rule in fed]
        self._sports = {sport: SportTable(by_id, separator) for sport, by_id in rules.items()}
        self._nothing = SportTable({}, separator)

    def of(self, sport: str) -> "SportTable":
        """Return the look-up within a sport, an empty one for a sport that the catalogue lacks."""
        return self._sports.get(sport, self._nothing)


class SportTable:
    """Look-up within one sport; answers are kept, within a bound, and never depend on what was asked before."""

    def __init__(self, rules: Mapping[str, Sequence["_Rule"]], separator: str) -> None:
        self._rules, self._separator = rules, separator
        self._known: dict[tuple[Id, str | None], Resolution] = {}

    def resolve(self, market_id: Id, specifier: str | None) -> Resolution:
        """Return the markets of ours that this market of theirs feeds."""
        known = self._known.get((market_id, specifier))
        if known is not None:
            return known
        rules = self._rules.get(str(market_id))
        if rules is None:
            return UNMAPPED  # not kept: their number has no bound
        if specifier and specifier.startswith(_PROP_VARIANT) and self._separator not in specifier:
            return self.resolve(market_id, None)
        if len(self._known) >= _MEMO_LIMIT:
            self._known.clear()
        resolution = self._known[market_id, specifier] = self._resolve(rules, specifier)
        return resolution

    def _resolve(self, rules: Sequence["_Rule"], specifier: str | None) -> Resolution:
        try:
            given = specifier_parts(specifier, self._separator)
        except ValueError:
            return Resolution((), frozenset(rule.kind.id for rule in rules))
        targets: list[Target] = []
        bad: set[str] = set()
        for rule in rules:
            try:
                target = rule.target(given)
            except ValueError:
                bad.add(rule.kind.id)
            else:
                if target is not None:
                    targets.append(target)
        return Resolution(tuple(targets), frozenset(bad)) if targets or bad else UNMAPPED


class _Rule:
    """One catalogue row as the bookmaker writes it under one of its ids."""

    def __init__(self, kind: MarketType, rule: BookRule, their_id: str) -> None:
        self.kind, self.only = kind, rule.only
        self.fixed_line = rule.fixed_lines.get(their_id)
        self.rank = list(rule.ids).index(their_id)
        slots: dict[Id, int] = {}
        second_choice: set[str] = set()
        for outcome_id, name in rule.ids[their_id].items():
            position = kind.outcomes.index(name)
            if position in slots.values():
                second_choice.add(outcome_id)
            slots[outcome_id] = position
            if outcome_id.isdecimal():
                slots[int(outcome_id)] = position
        self.slots = OutcomeSlots(slots)
        self.layouts = OutcomeLayouts(self.slots, len(kind.outcomes))
        self.second_choice = frozenset(second_choice)

    def target(self, specifier: Mapping[str, str]) -> Target | None:
        """
        Return the market at the line of the specifier; None when the specifier is another market's.

        Raises:
            ValueError: The line is missing or unreadable.
        """
        given = dict(specifier)
        for key, value in self.only.items():
            # Further ids stand in for the limited one and may lack its key: 41 at score=0:0 is 45 as a whole.
            if given.pop(key, value if self.rank else None) != value:
                return None
        text = given.pop(self.kind.param, None) if self.kind.param else None
        if not given.keys() <= _SILENT_KEYS:
            return None  # "minute=5|total=0.5" is not the total of the match
        return Target(
            MarketKey(self.kind.id, self._line(text)),
            self.kind.outcomes,
            self.slots,
            self.layouts,
            self.rank,
            self.second_choice,
            self.kind.kind if self.kind.kind in ("player", "player-ladder") else "",
        )

    def _line(self, text: str | None) -> str:
        if self.fixed_line is not None:
            return self.fixed_line
        if not self.kind.param:
            return ""
        if text is None:
            raise ValueError(f"no {self.kind.param} in the specifier")
        return three_way_line(text) if self.kind.kind == "handicap-3way" else plain_line(text)


def specifier_parts(specifier: str | None, separator: str = "|") -> dict[str, str]:
    """
    Return the key=value parts of a specifier, none for an empty one.

    Raises:
        ValueError: Any other text, or a key that stands twice.

    >>> specifier_parts("minute=5|total=0.5")
    {'minute': '5', 'total': '0.5'}
    """
    parts: dict[str, str] = {}
    for part in specifier.split(separator) if specifier else ():
        key, equals, value = part.partition("=")
        if not equals or key in parts:
            raise ValueError(f"specifier {specifier!r} cannot be read")
        parts[key] = value
    return parts


def three_way_line(text: str) -> str:
    """
    Return the home side's head start. Checked by price against BetPawa on SR 68995116.

    Raises:
        ValueError: Not goals to goals.

    >>> three_way_line("0:1"), three_way_line("2:0")
    ('-1', '2')
    """
    head_start = _HEAD_START.fullmatch(text)
    if head_start is None:
        raise ValueError(f"{text!r} is not a head start")
    return str(int(head_start[1]) - int(head_start[2]))


def player_outcome(outcome_id: Id) -> PlayerOutcome | None:
    """
    Return the player that an outcome id of a player market names, None for anything else.

    >>> player_outcome("pre:playerprops:66457014:96538:2")
    PlayerOutcome(sportradar_id='96538', number='2')
    >>> player_outcome("sr:player:796046").sportradar_id, player_outcome(796046).sportradar_id, player_outcome("x")
    ('796046', '796046', None)
    """
    text = str(outcome_id)
    if prop := _PROP.fullmatch(text):
        return PlayerOutcome(prop[1], prop[2])
    player = _PLAYER.fullmatch(text)
    return PlayerOutcome(player[1]) if player else None
