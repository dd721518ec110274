"""Bet9ja's odds keys to our markets: the keys' grammar, and the catalogue's rules resolved into tables."""

from collections.abc import Container, Iterable, Mapping

import msgspec

from overround.domain.catalogue import BookRule, Catalogue, MarketType
from overround.domain.markets import MarketKey, plain_line
from overround.errors import CatalogueError

CODE = "bet9ja"

# One market under two ids, told apart by its line: half lines are S_OU, whole and quarter lines S_OUA.
# Source: all 3,538 keys of five captured answers.
HALF_LINES, OTHER_LINES = "S_OU", "S_OUA"

_MAX_KEY = 120  # the longest key seen has 26 characters


class OddsKey(msgspec.Struct, frozen=True, gc=False):
    """The parts of a key: prefix market [ "@" param ] "_" outcome."""

    market: str  # sport prefix included, "S_AH": S_12 and B_12 are different markets
    param: str  # as written, "" without one; a line, and in live keys also a score ("0:3") or a goal's number
    outcome: str


def split_key(key: str, market_ids: Container[str] = ()) -> OddsKey | None:
    """
    Return the parts of an odds key, None for a text that has no such parts.

    Behind "@" the last "_" ends the param. Without "@" the longest of `market_ids` (the event's D.MK) that the
    key begins with is the market, else the last "_" ends it. All sports' prefixes are alike: S_, B_, T_, LIVES_.

    >>> split_key("S_1X2HND@-1_1H")
    OddsKey(market='S_1X2HND', param='-1', outcome='1H')
    >>> split_key("S_A_B_C").market, split_key("S_A_B_C", {"S_A"}).outcome, split_key("1X2")
    ('S_A_B', 'B_C', None)
    """
    if len(key) > _MAX_KEY:
        return None
    market, at, rest = key.partition("@")
    if at:
        param, _, outcome = rest.rpartition("_")
    else:
        param, cut = "", _market_end(key, market_ids)
        market, outcome = key[:cut], key[cut + 1 :]
    prefix, _, name = market.partition("_")
    if not prefix or not name or not outcome or bool(at) != bool(param):
        return None
    return OddsKey(market, param, outcome)


def has_one_reading(key: str) -> bool:
    """Return whether `split_key` gives the same parts whatever markets the event has."""
    return "@" in key or key.count("_") < 3


def _market_end(key: str, market_ids: Container[str]) -> int:
    """Return where the "_" before the outcome stands, 0 when there is none behind the sport's prefix."""
    after_prefix = key.find("_") + 1
    last = cut = key.rfind("_", after_prefix)
    while cut > 0 and key[:cut] not in market_ids:
        cut = key.rfind("_", after_prefix, cut)
    return max(cut, 0) or max(last, 0)


class Slot(msgspec.Struct, frozen=True, gc=False):
    """Where a price belongs: one outcome of one of our markets."""

    key: MarketKey
    names: tuple[str, ...]  # shared per catalogue row
    position: int  # in names


class Meaning(msgspec.Struct, frozen=True, gc=False):
    """What an odds key is to us: no slots means unmapped, or refused with a reason."""

    market: str  # theirs
    outcome: str  # theirs
    slots: tuple[Slot, ...] = ()  # one key can feed several of our markets
    refused: str = ""
    doubtful: frozenset[str] = frozenset()  # our market ids that a refused line keeps from being read


class MarketTable:
    """Look-up by exact market ids and suffixes within a sport; nothing is matched by prefix."""

    def __init__(self, catalogue: Catalogue) -> None:
        """
        Resolve the catalogue's rules for Bet9ja.

        Raises:
            CatalogueError: A rule with `only`: these keys have no specifier that could hold it.
        """
        self._rows: dict[tuple[str, str], tuple[_Row, ...]] = {
            identity: tuple(_Row(kind, rule, identity[1]) for kind, rule in fed)
            for identity, fed in catalogue.rules(CODE).items()
        }
        self.sports = frozenset(sport for sport, _ in self._rows)

    def knows(self, sport: str, market: str) -> bool:
        """Return whether any market of ours is fed by this id of theirs."""
        return (sport, market) in self._rows

    def suffixes(self, sport: str) -> dict[str, frozenset[str]]:
        """Return the outcomes that we map of each of their markets."""
        return {
            their_id: frozenset(suffix for row in rows for suffix in row.positions)
            for (known, their_id), rows in self._rows.items()
            if known == sport
        }

    def meaning(self, sport: str, key: OddsKey) -> Meaning:
        """Return the outcomes of ours that this key prices."""
        rows = self._rows.get((sport, key.market), ())
        fed = [row for row in rows if key.outcome in row.positions]
        slots = tuple(slot for row in fed if (slot := row.slot(key)) is not None)
        if fed and not slots:
            return Meaning(
                key.market, key.outcome, refused="line", doubtful=frozenset(row.kind.id for row in fed)
            )
        return Meaning(key.market, key.outcome, slots)


class _Row:
    """One catalogue row as Bet9ja writes it under one of its ids."""

    def __init__(self, kind: MarketType, rule: BookRule, their_id: str) -> None:
        if rule.only:
            raise CatalogueError(kind.id, f"{CODE} keys have no specifier, so `only` cannot hold there")
        self.kind = kind
        self.fixed_line = rule.fixed_lines.get(their_id)
        self.positions: Mapping[str, int] = {
            suffix: kind.outcomes.index(name) for suffix, name in rule.ids[their_id].items()
        }

    def slot(self, key: OddsKey) -> Slot | None:
        """Return the outcome's place, None when the key's line is not one that this market can have."""
        line = _read_line(key.param) if key.param else self.fixed_line
        if not self.kind.param:
            line = "" if not key.param else None
        if line is None or (self.fixed_line is not None and line != self.fixed_line):
            return None
        return Slot(MarketKey(self.kind.id, line), self.kind.outcomes, self.positions[key.outcome])


def _read_line(param: str) -> str | None:
    try:
        return None if param.startswith("+") else plain_line(param)  # the site writes no plus sign
    except ValueError:
        return None


def their_ids(rule: BookRule, line: str) -> list[str]:
    """Return the ids under which Bet9ja lists a market at this line, the preferred one first."""
    ids = [their_id for their_id in rule.ids if rule.fixed_lines.get(their_id, line) == line]
    if HALF_LINES in ids and OTHER_LINES in ids:
        ids.remove(OTHER_LINES if line.endswith(".5") else HALF_LINES)
    return ids


def their_places(rule: BookRule, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return our outcome -> (their id, suffix) under the first of these ids that has the outcome."""
    places: dict[str, tuple[str, str]] = {}
    for their_id in ids:
        for suffix, name in rule.ids[their_id].items():
            places.setdefault(name, (their_id, suffix))
    return places
