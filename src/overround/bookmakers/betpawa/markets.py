"""BetPawa's market types and outcome names to ours: the catalogue's rules, resolved once into lookup tables."""

import re

from overround.bookmakers.memo import Memo
from overround.domain.catalogue import BookRule, Catalogue, MarketType
from overround.domain.markets import MarketKey, plain_line
from overround.errors import CatalogueError

CODE = "betpawa"

# category id -> our word; other sports go by BetPawa's own word. Source: payloads: betpawa/*.json.
SPORTS = {"2": "football", "3": "basketball"}

_DECIMAL = re.compile(r"[+-]?\d{1,6}(\.\d{1,6})?", re.ASCII)
_KEYS_PER_MARKET = 4096  # kept in memory; real bodies hold some dozens of lines


UNKNOWN = -1  # the position of an outcome that is none of ours


class Slots(dict[str | int, int]):
    """BetPawa's outcome name -> its position in our names, `UNKNOWN` for what is none of ours."""

    def __missing__(self, name: str | int) -> int:
        return UNKNOWN


class MarketRule:
    """One catalogue row as BetPawa writes it: outcome name -> position, handicap -> key."""

    def __init__(self, kind: MarketType, rule: BookRule, their_id: str) -> None:
        self.market_id = kind.id
        self.names = kind.outcomes  # for player markets only what is no player
        self.names_players = kind.names_players
        self.slots = Slots()
        for theirs, ours in rule.ids[their_id].items():
            self.slots[theirs] = kind.outcomes.index(ours)
            if theirs.isdecimal():
                self.slots[int(theirs)] = self.slots[theirs]
        self._has_line = bool(kind.param)
        self._keys: Memo[float | str | None, MarketKey | None] = Memo(self._resolve, _KEYS_PER_MARKET)

    def key(self, handicap: float | str | None) -> MarketKey | None:
        """Return the market's key at a row's handicap; None when that is no line."""
        if not self._has_line:
            handicap = None
        return self._keys[handicap]

    def _resolve(self, handicap: float | str | None) -> MarketKey | None:
        if not self._has_line:
            return MarketKey(self.market_id)
        try:
            return MarketKey(self.market_id, line(handicap))
        except ValueError:
            return None


class MarketTable:
    """The rules by (sport, market type id)."""

    def __init__(self, catalogue: Catalogue) -> None:
        """
        Resolve the catalogue's rules.

        Raises:
            CatalogueError: A market type leads to two markets, or a rule asks for a specifier.
        """
        self._by_sport: dict[str, dict[str, MarketRule]] = {}
        for (sport, their_id), fed in catalogue.rules(CODE).items():
            if len(fed) > 1 or fed[0][1].only:
                raise CatalogueError(fed[-1][0].id, f"{CODE} {their_id} must lead to this market alone")
            kind, rule = fed[0]
            self._by_sport.setdefault(sport, {})[their_id] = MarketRule(kind, rule, their_id)

    def of(self, sport: str) -> dict[str, MarketRule]:
        """Return market type id -> rule of one sport, empty for a sport without any."""
        return self._by_sport.get(sport, {})


def line(handicap: float | str | None) -> str:
    """
    Return the line of a row, seen from the home side: a quarter of its handicap.

    The row's specifier is never asked: its unit was quarter units in 2026-06 and goals in 2026-08. Source:
    615 prices of six captured answers, every handicap type.

    Raises:
        ValueError: Missing, not a number, or no whole number of quarters.

    >>> line(2), line(-4), line("10"), line(5.0), line(0)
    ('0.5', '-1', '2.5', '1.25', '0')
    """
    if handicap is None or (isinstance(handicap, str) and not _DECIMAL.fullmatch(handicap)):
        raise ValueError(f"{handicap!r} is not a handicap")
    quarters = float(handicap)
    if not quarters.is_integer():  # false for NaN and the infinities
        raise ValueError(f"{handicap!r} is no whole number of quarters")
    return plain_line(quarters / 4)
