"""The market catalogue: data in market_types/*.toml, checked when it is loaded."""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from overround.domain.markets import MarketKey, plain_line
from overround.errors import CatalogueError

# What the lists and the board show unless asked otherwise: 1X2, over/under 2.5, both teams to score, double chance.
MAIN_MARKETS = (MarketKey("3743"), MarketKey("5000", "2.5"), MarketKey("3795"), MarketKey("4693"))

Kind = Literal[
    "1x2", "double-chance", "two-way", "three-way", "yes-no", "odd-even", "over-under", "handicap-2way",
    "handicap-3way", "exact-number", "range", "interval", "correct-score", "htft", "htft-correct-score",
    "winning-margin", "combo", "combo-or", "early-payout", "player", "player-ladder", "other",
]  # fmt: skip

Names = str | list[str]  # one outcome id of theirs, or several in order of preference


class BookRule(msgspec.Struct, frozen=True):
    """How one bookmaker writes a market: its ids in order of preference, each with outcome -> our name."""

    # Where two of theirs are one of ours (feed variants with other outcome ids), the first one is preferred.
    ids: dict[str, dict[str, str]]
    only: dict[str, str] = {}  # specifier key -> value this rule is limited to; not part of the line
    fixed_lines: dict[str, str] = {}  # id -> line, where the line is in the id


class MarketType(msgspec.Struct, frozen=True):
    """One row of the catalogue."""

    id: str
    canonical: str
    name: str
    sport: str
    groups: tuple[str, ...]
    kind: Kind
    param: str  # the specifier key that is the line, "" when the market has none
    complete: bool
    outcomes: tuple[str, ...]  # for player markets only those that are no player
    short: str = ""  # what a trader calls it, for the head of a column; "" where the name is short enough
    grid: float = 0.0  # lines are multiples of it; 0 without a line
    winners: int | None = None
    books: dict[str, BookRule] = {}

    def column_name(self, line: str) -> str:
        """Return the short name with the line, "O/U 2.5"."""
        return f"{self.short or self.name} {line}".strip()

    @property
    def is_handicap(self) -> bool:
        """Return whether the line is a head start, seen from the home side."""
        return self.kind in ("handicap-2way", "handicap-3way")

    @property
    def names_players(self) -> bool:
        """Return whether its outcomes are players, an open list that differs from event to event."""
        return self.kind in ("player", "player-ladder")


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A market type as the file writes it."""

    id: str
    name: str
    kind: Kind
    complete: bool
    groups: tuple[str, ...] = ()
    canonical: str = ""
    short: str = ""
    param: str = ""
    grid: float = 0.0
    winners: int | None = None
    ids: dict[str, list[str]] = {}
    only: dict[str, dict[str, str]] = {}
    lines: dict[str, dict[str, str]] = {}
    outcomes: tuple[dict[str, Names | dict[str, Names]], ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sport: str
    feed: tuple[str, ...]  # bookmakers that share the outcome ids written as `feed`
    market: tuple[_Row, ...]


class Catalogue:
    """Every market type by (sport, id), and per bookmaker the rules that lead to it."""

    def __init__(self, types: tuple[MarketType, ...]) -> None:
        self.types = types
        self._by_id: Mapping[tuple[str, str], MarketType] = {(kind.sport, kind.id): kind for kind in types}

    def find(self, market_id: str, sport: str = "football") -> MarketType | None:
        """Return the market type, or None for an id that the sport's catalogue lacks."""
        return self._by_id.get((sport, market_id))

    def named(self, word: str) -> tuple[MarketType, ...]:
        """Return the market types of all sports with this id, canonical word or bookmaker's id."""
        return tuple(
            kind
            for kind in self.types
            if word in (kind.id, kind.canonical) or any(word in rule.ids for rule in kind.books.values())
        )

    def rules(self, bookmaker: str) -> dict[tuple[str, str], list[tuple[MarketType, BookRule]]]:
        """Return (sport, the bookmaker's id) -> the market types it may feed; one id can feed several."""
        rules: dict[tuple[str, str], list[tuple[MarketType, BookRule]]] = {}
        for kind in self.types:
            if rule := kind.books.get(bookmaker):
                for their_id in rule.ids:
                    rules.setdefault((kind.sport, their_id), []).append((kind, rule))
        return rules


def load(*files: bytes) -> Catalogue:
    """
    Read and check the catalogue's files, one or more per sport.

    Raises:
        CatalogueError: Bad TOML, an unknown field, a duplicate id, an outcome for an id that the row lacks,
            two outcomes with one id of theirs, winners missing or out of range, or a line off its grid.
    """
    types: list[MarketType] = []
    for data in files:
        try:
            file = msgspec.convert(tomllib.loads(data.decode()), _File)
        except (ValueError, msgspec.ValidationError) as exc:
            raise CatalogueError("(file)", str(exc)) from exc
        types += (_market_type(row, file) for row in file.market)
    _check_unique(types)
    return Catalogue(tuple(types))


def _market_type(row: _Row, file: _File) -> MarketType:
    names = [outcome.get("name") for outcome in row.outcomes]
    outcomes = tuple(name for name in names if isinstance(name, str) and name)
    if len(outcomes) != len(names):
        raise CatalogueError(row.id, "each outcome needs a name, a text")
    for outcome in row.outcomes:
        if unknown := set(outcome) - {"name", "feed", *row.ids}:
            raise CatalogueError(
                row.id, f"outcome {outcome['name']} speaks of {sorted(unknown)}, which `ids` lacks"
            )
    for field in ("only", "lines"):
        if unknown := set(getattr(row, field)) - set(row.ids):
            raise CatalogueError(row.id, f"`{field}` speaks of {sorted(unknown)}, which `ids` lacks")
    kind = MarketType(
        id=row.id,
        canonical=row.canonical or row.id,
        name=row.name,
        sport=file.sport,
        groups=row.groups,
        kind=row.kind,
        param=row.param,
        complete=row.complete,
        outcomes=outcomes,
        short=row.short,
        grid=row.grid,
        winners=row.winners,
        books={code: _rule(row, code, code in file.feed) for code in row.ids},
    )
    _check(kind)
    return kind


def _rule(row: _Row, code: str, is_feed: bool) -> BookRule:
    ids = row.ids[code]
    fixed = row.lines.get(code, {})
    if not ids or len(set(ids)) != len(ids) or set(fixed) - set(ids):
        raise CatalogueError(row.id, f"ids of {code} must be different, and `lines` may name only those")
    maps: dict[str, dict[str, str]] = {their_id: {} for their_id in ids}
    for outcome in row.outcomes:
        name = str(outcome["name"])
        for their_id, theirs in _outcome_ids(row, code, is_feed, outcome):
            if maps[their_id].setdefault(theirs, name) != name:
                raise CatalogueError(row.id, f"{code} {their_id} gives {theirs} to two outcomes")
    return BookRule(maps, row.only.get(code, {}), fixed)


def _outcome_ids(
    row: _Row, code: str, is_feed: bool, outcome: Mapping[str, Names | dict[str, Names]]
) -> Iterator[tuple[str, str]]:
    """Yield (their market id, their outcome id) of one outcome at one bookmaker."""
    said = outcome.get(code, outcome.get("feed") if is_feed else None)
    if said is None and code == "betpawa":
        said = outcome["name"]  # our names are BetPawa's
    if said is None:
        return
    per_id = said if isinstance(said, dict) else dict.fromkeys(row.ids[code], said)
    if unknown := set(per_id) - set(row.ids[code]):
        raise CatalogueError(row.id, f"{code} has no id {sorted(unknown)} here")
    for their_id, theirs in per_id.items():
        for text in [theirs] if isinstance(theirs, str) else theirs:
            yield their_id, text


def _check_unique(types: list[MarketType]) -> None:
    seen: set[tuple[str, str]] = set()
    for kind in types:
        for identity in {kind.id, kind.canonical}:
            if (kind.sport, identity) in seen:
                raise CatalogueError(
                    kind.id, f"{identity} appears twice in {kind.sport}; ids are unique in a sport"
                )
            seen.add((kind.sport, identity))


def _check(kind: MarketType) -> None:
    count = len(kind.outcomes)
    if len(set(kind.outcomes)) != count or (kind.complete and count < 2):
        raise CatalogueError(kind.id, "outcomes must be two or more different names")
    if kind.complete and kind.winners is None:
        raise CatalogueError(kind.id, "complete = true needs winners, the number of outcomes that pay")
    if kind.winners is not None and not 1 <= kind.winners < max(count, 2):
        raise CatalogueError(kind.id, f"winners = {kind.winners} does not fit {count} outcomes")
    if kind.canonical.isdigit():
        raise CatalogueError(kind.id, "canonical must be a word, not only digits")
    if not kind.names_players and not kind.outcomes:
        raise CatalogueError(kind.id, "a market without outcomes compares nothing")
    if bool(kind.param) != (kind.grid > 0):
        raise CatalogueError(kind.id, "param and grid go together: a line needs its grid, no line has none")
    for code, rule in kind.books.items():
        for their_id, line in rule.fixed_lines.items():
            if not kind.param or not _on_grid(line, kind.grid):
                raise CatalogueError(
                    kind.id, f"{code} {their_id} is fixed at {line!r}, no line of this market"
                )


def _on_grid(line: str, grid: float) -> bool:
    try:
        return line == plain_line(line) and (float(line) / grid).is_integer()
    except ValueError:
        return False
