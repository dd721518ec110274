"""SportyBet's market ids and specifiers to ours: the catalogue's rules, resolved once into lookup tables."""

import re
from collections.abc import Mapping

import msgspec

from overround.domain.catalogue import BookRule, Catalogue, MarketType
from overround.domain.markets import MarketKey, plain_line

CODE = "sportybet"

_HEAD_START = re.compile(r"(\d{1,3}):(\d{1,3})", re.ASCII)  # goals given to home and away before kickoff
_OWN_TAIL = (
    "sr:player:",
    "pre:playerprops:",
)  # ids whose last part is a player or a threshold, not a feed id
_MEMO_LIMIT = 65_536  # (sport, id, specifier) triples kept; a full world has some thousands


class Target(msgspec.Struct, frozen=True, gc=False):
    """One of our markets that a (market id, specifier) feeds."""

    key: MarketKey
    names: tuple[str, ...]  # shared per catalogue row
    slots: Mapping[str | int, int]  # their outcome id -> position in names
    rank: int  # position of their id in the rule: the lowest one present speaks for the market

    def slot(self, outcome_id: str | int) -> int | None:
        """
        Return the position of an outcome, None for an unknown one.

        Some outcomes carry their variant before the feed's id: "sr:exact_goals:6+:68" is 68.
        """
        found = self.slots.get(outcome_id)
        if found is None and isinstance(outcome_id, str) and ":" in outcome_id:
            if outcome_id.startswith(_OWN_TAIL):
                return None
            return self.slots.get(outcome_id.rpartition(":")[2])
        return found


class Resolution(msgspec.Struct, frozen=True, gc=False):
    """What a (market id, specifier) is to us: no targets means unmapped."""

    targets: tuple[Target, ...]
    bad_line: bool = False  # a market we know at a line that we can't read


UNMAPPED = Resolution(())
_BAD_LINE = Resolution((), bad_line=True)


class MarketTable:
    """Look-up of SportyBet's markets by exact ids within a sport; answers are kept, within a bound."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._rules: dict[tuple[str, str], list[_Rule]] = {
            (sport, their_id): [_Rule(kind, rule, their_id) for kind, rule in fed]
            for (sport, their_id), fed in catalogue.rules(CODE).items()
        }
        self._known: dict[tuple[str, str | int, str | None], Resolution] = {}

    def resolve(self, sport: str, market_id: str | int, specifier: str | None) -> Resolution:
        """Return the markets of ours that this market of theirs feeds."""
        identity = (sport, market_id, specifier)
        known = self._known.get(identity)
        if known is not None:
            return known
        rules = self._rules.get((sport, str(market_id)))
        if rules is None:
            return UNMAPPED  # not kept: player props have a specifier of their own per event and player
        if len(self._known) >= _MEMO_LIMIT:
            self._known.clear()
        resolution = self._known[identity] = _resolve(rules, specifier)
        return resolution


class _Rule:
    """One catalogue row as SportyBet writes it under one of its ids."""

    def __init__(self, kind: MarketType, rule: BookRule, their_id: str) -> None:
        self.kind, self.only = kind, rule.only
        self.fixed_line = rule.fixed_lines.get(their_id)
        self.rank = list(rule.ids).index(their_id)
        self.slots: dict[str | int, int] = {}
        for outcome_id, name in rule.ids[their_id].items():
            self.slots[outcome_id] = kind.outcomes.index(name)
            if outcome_id.isdecimal():
                self.slots[int(outcome_id)] = self.slots[outcome_id]

    def target(self, specifier: Mapping[str, str]) -> Target | None:
        """
        Return the market at the line of the specifier; None when the specifier is another market's.

        Raises:
            ValueError: The line is missing or unreadable.
        """
        given = dict(specifier)
        if any(given.pop(key, None) != value for key, value in self.only.items()):
            return None
        text = given.pop(self.kind.param, None) if self.kind.param else None
        if given:
            return None  # "minute=5|total=0.5" is not the total of the match
        line = self._line(text)
        return Target(MarketKey(self.kind.id, line), self.kind.outcomes, self.slots, self.rank)

    def _line(self, text: str | None) -> str:
        if self.fixed_line is not None:
            return self.fixed_line
        if not self.kind.param:
            return ""
        if text is None:
            raise ValueError(f"no {self.kind.param} in the specifier")
        return _three_way_line(text) if self.kind.kind == "handicap-3way" else plain_line(text)


def _resolve(rules: list[_Rule], specifier: str | None) -> Resolution:
    try:
        given = _parts(specifier)
    except ValueError:
        return _BAD_LINE
    targets: list[Target] = []
    bad_line = False
    for rule in rules:
        try:
            target = rule.target(given)
        except ValueError:
            bad_line = True
        else:
            if target is not None:
                targets.append(target)
    if targets:
        return Resolution(tuple(targets))
    return _BAD_LINE if bad_line else UNMAPPED


def _parts(specifier: str | None) -> dict[str, str]:
    """Return the key=value parts of "minute=5|total=0.5"; ValueError for any other text."""
    parts: dict[str, str] = {}
    for part in specifier.split("|") if specifier else ():
        key, equals, value = part.partition("=")
        if not equals or key in parts:
            raise ValueError(f"specifier {specifier!r} cannot be read")
        parts[key] = value
    return parts


def _three_way_line(text: str) -> str:
    """Return the home side's head start: "0:1" is -1. Checked by price against BetPawa on SR 68995116."""
    head_start = _HEAD_START.fullmatch(text)
    if head_start is None:
        raise ValueError(f"{text!r} is not a head start")
    return str(int(head_start[1]) - int(head_start[2]))
