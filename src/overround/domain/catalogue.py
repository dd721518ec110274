"""The market catalogue: data in catalogue.toml, checked when it is loaded."""

import tomllib
from collections.abc import Mapping
from typing import Literal

import msgspec

from overround.domain.markets import MarketKey
from overround.errors import CatalogueError

# What the lists and the board show unless asked otherwise: 1X2, over/under 2.5, both teams to score, double chance.
MAIN_MARKETS = (MarketKey("3743"), MarketKey("5000", "2.5"), MarketKey("3795"), MarketKey("4693"))

Kind = Literal[
    "1x2", "double-chance", "two-way", "yes-no", "odd-even", "over-under", "handicap-2way", "handicap-3way",
    "exact-number", "correct-score", "multi", "player", "other",
]  # fmt: skip


class BookRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one bookmaker writes a market: its ids in order of preference, each with outcome -> our name."""

    ids: dict[str, dict[str, str]]
    only: dict[str, str] = {}  # specifier key -> value this rule is limited to; not part of the line
    fixed_lines: dict[str, str] = {}  # id -> line, where the line is in the id


class MarketType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the catalogue."""

    id: str
    canonical: str
    name: str
    sport: str
    groups: tuple[str, ...]
    kind: Kind
    param: str
    complete: bool
    outcomes: tuple[str, ...]
    short: str = ""  # what a trader calls it, for the head of a column; "" where the name is short enough
    winners: int | None = None
    books: dict[str, BookRule] = {}

    def column_name(self, line: str) -> str:
        """Return the short name with the line, "O/U 2.5"."""
        return f"{self.short or self.name} {line}".strip()

    @property
    def is_handicap(self) -> bool:
        """Return whether the line is a head start, seen from the home side."""
        return self.kind in ("handicap-2way", "handicap-3way")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    market: tuple[MarketType, ...]


class Catalogue:
    """Every market type by (sport, id), and per bookmaker the rules that lead to it."""

    def __init__(self, types: tuple[MarketType, ...]) -> None:
        self.types = types
        self._by_id: Mapping[tuple[str, str], MarketType] = {(kind.sport, kind.id): kind for kind in types}

    def find(self, market_id: str, sport: str = "football") -> MarketType | None:
        """Return the market type, or None for an id that the sport's catalogue lacks."""
        return self._by_id.get((sport, market_id))

    def rules(self, bookmaker: str) -> dict[tuple[str, str], list[tuple[MarketType, BookRule]]]:
        """Return (sport, the bookmaker's id) -> the market types it may feed; one id can feed several."""
        rules: dict[tuple[str, str], list[tuple[MarketType, BookRule]]] = {}
        for kind in self.types:
            if rule := kind.books.get(bookmaker):
                for their_id in rule.ids:
                    rules.setdefault((kind.sport, their_id), []).append((kind, rule))
        return rules


def load(data: bytes) -> Catalogue:
    """
    Read and check a catalogue file.

    Raises:
        CatalogueError: Bad TOML, an unknown field, a duplicate id, an outcome that the market lacks,
            winners out of range, or one bookmaker outcome that leads to two of ours in one market.
    """
    try:
        file = msgspec.convert(tomllib.loads(data.decode()), _File)
    except (ValueError, msgspec.ValidationError) as exc:
        raise CatalogueError("(file)", str(exc)) from exc
    seen: set[tuple[str, str]] = set()
    for kind in file.market:
        for identity in {kind.id, kind.canonical}:
            if (kind.sport, identity) in seen:
                raise CatalogueError(
                    kind.id, f"{identity} appears twice in {kind.sport}; ids are unique in a sport"
                )
            seen.add((kind.sport, identity))
        _check(kind)
    return Catalogue(file.market)


def _check(kind: MarketType) -> None:
    if len(set(kind.outcomes)) != len(kind.outcomes) or (kind.complete and len(kind.outcomes) < 2):
        raise CatalogueError(kind.id, "outcomes must be two or more different names")
    if kind.complete and kind.winners is None:
        raise CatalogueError(kind.id, "complete = true needs winners, the number of outcomes that pay")
    if kind.winners is not None and not 1 <= kind.winners < max(len(kind.outcomes), 2):
        raise CatalogueError(kind.id, f"winners = {kind.winners} does not fit {len(kind.outcomes)} outcomes")
    if kind.canonical.isdigit():
        raise CatalogueError(kind.id, "canonical must be a word, not only digits")
    for bookmaker, rule in kind.books.items():
        for their_id, outcomes in rule.ids.items():
            if unknown := set(outcomes.values()) - set(kind.outcomes):
                raise CatalogueError(
                    kind.id, f"{bookmaker} {their_id} maps to {sorted(unknown)}, which is no outcome"
                )
            if len(set(outcomes.values())) != len(outcomes):
                raise CatalogueError(
                    kind.id, f"{bookmaker} {their_id} maps two of its outcomes to one of ours"
                )
