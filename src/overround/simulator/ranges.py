"""Which markets a bookmaker offers on a match: the popular ones first, as many as the event's size allows."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from math import floor

import msgspec

from overround.config import packaged_catalogue
from overround.domain.catalogue import MAIN_MARKETS, BookRule, MarketType
from overround.domain.markets import MarketKey, plain_line
from overround.simulator import chance
from overround.simulator.calendar import Match
from overround.simulator.goals import Intensities
from overround.simulator.models import expected, match_of
from overround.simulator.profiles import PROFILES
from overround.simulator.settlement import Chances

_REACH = 1.9  # lines lie within so many deviations of the mean
_MOST_LINES, _MOST_MAIN_LINES = 8, 14
_MAIN_TYPES = ("over_under_ft", "asian_handicap_ft")
_FIRST_POINTS_LINE, _POINTS_STEP = 5.5, 10.0
# How far down the order the next line of a market comes.
_NEXT_LINE, _NEXT_MAIN_LINE = 24, 4
_AT_THE_TOP, _TO_THE_TOP = 0.06, 0.1  # so many markets of a match come far before their turn

_MATCH_TOTALS = ("2.5", "1.5", "3.5", "4.5")
_HALF_TOTALS = ("1.5", "0.5", "2.5")
_FIXED_LINES: Mapping[str, Sequence[str]] = {
    "1x2_over_under_ft": _MATCH_TOTALS,
    "double_chance_over_under_ft": _MATCH_TOTALS,
    "htft_over_under": _MATCH_TOTALS,
    "over_under_btts_ft": ("2.5", "3.5"),
    "1x2_btts_over_under_ft": ("2.5", "1.5", "3.5"),
    "1x2_or_btts_or_over_under_ft": ("2.5",),
    "1x2_over_under_1h": _HALF_TOTALS,
    "1x2_over_under_2h": ("1.5", "2.5"),
    "double_chance_over_under_1h": _HALF_TOTALS,
    "double_chance_over_under_2h": ("1.5", "2.5"),
    "htft_over_under_1h": _HALF_TOTALS,
    "both_halves_over": ("1.5",),
    "both_halves_under": ("1.5",),
    "over_under_early_10min": ("1.5",),
    "over_under_early_30min": ("2.5",),
    "over_under_early_50min": ("3.5",),
    "next_goal_ft": ("1", "2"),
    "goalscorer_nr": ("1", "2"),
    "player_shots_on_target_count": ("1", "2", "3"),
    "player_assists_count": ("1", "2"),
    **{
        f"{side}_or_{word}_ft": ("2.5", "1.5", "3.5")
        for side in ("home", "draw", "away")
        for word in ("over", "under")
    },
}


@lru_cache(16_384)
def market_keys(bookmaker: str, match: Match, groups: int) -> tuple[MarketKey, ...]:
    """
    Return so many markets of a bookmaker's range for a match; moves do not change them.

    A few more where the last one can't be offered alone, for its id at the bookmaker stands for others too.
    """
    profile = PROFILES[bookmaker]
    all_lines = market_lines(match.sport, match.base)
    ranked: list[tuple[float, MarketKey]] = []
    for rank, kind in enumerate(_by_popularity(bookmaker, match.sport)):
        place = rank * _taste(chance.uniform(0, f"{match.sportradar_id}|{kind.canonical}"))
        lines = all_lines[kind.canonical]
        step = _NEXT_LINE
        if kind.canonical in _MAIN_TYPES:
            lines, step = _main_lines(lines, profile.main_grid), _NEXT_MAIN_LINE
        for number, line in enumerate(_possible(kind.books[bookmaker], lines)):
            key = _key(kind.id, line)
            ranked.append((-1.0 if key in MAIN_MARKETS else place + number * step, key))
    ranked.sort()
    chosen: dict[MarketKey, None] = {}
    for _, key in ranked:
        if len(chosen) >= groups:
            break
        for market_id in (key.market_id, *_fed_with(bookmaker, match.sport, key.market_id)):
            chosen[_key(market_id, key.line)] = None
    return tuple(chosen)


def _taste(draw: float) -> float:
    """Return how far a match moves a market down its order: a little, or all the way up to the top."""
    return _TO_THE_TOP if draw < _AT_THE_TOP else 0.7 + 0.6 * draw


@cache
def market_types() -> Mapping[tuple[str, str], MarketType]:
    """Return every market type by (sport, id)."""
    return {(kind.sport, kind.id): kind for kind in packaged_catalogue().types}


@cache
def offered_outcomes(bookmaker: str, sport: str, market_id: str) -> tuple[str, ...]:
    """Return those of the catalogue's outcomes that the bookmaker has, in its order."""
    kind = market_types()[sport, market_id]
    rule = kind.books[bookmaker]
    used = list(rule.ids.values())[: 1 if rule.only else None]  # beside a limited id stand its substitutes
    theirs = {name for outcomes in used for name in outcomes.values()}
    return tuple(name for name in kind.outcomes if name in theirs)


class Twin(msgspec.Struct, frozen=True):
    """Another market type that the bookmaker writes under the same id, so that their prices are one."""

    market_id: str
    names: Mapping[
        str, str
    ]  # our outcome name -> the other type's, where both are the same outcome of theirs


@cache
def priced_as(bookmaker: str, sport: str, market_id: str) -> Twin | None:
    """Return the more popular market type that a type takes its prices from, None where it has its own."""
    kind = market_types()[sport, market_id]
    for other in _by_popularity(bookmaker, sport):
        if other is kind:
            return None
        if _first_id(bookmaker, kind) == _first_id(bookmaker, other) and (
            names := _same(bookmaker, kind, other)
        ):
            return Twin(other.id, names)
    return None


@cache
def _fed_with(bookmaker: str, sport: str, market_id: str) -> tuple[str, ...]:
    """Return the other market types that a bookmaker's answer speaks of as well when it has this one."""
    kind = market_types()[sport, market_id]
    return tuple(
        other.id
        for other in _by_popularity(bookmaker, sport)
        if other is not kind and _same(bookmaker, other, kind)
    )


def _first_id(bookmaker: str, kind: MarketType) -> str:
    return next(iter(kind.books[bookmaker].ids))


def _same(bookmaker: str, kind: MarketType, other: MarketType) -> Mapping[str, str]:
    """Return those outcomes of a type that are read from the other one's id, by the other's names."""
    rule, shown = kind.books[bookmaker], other.books[bookmaker]
    their_id = _first_id(bookmaker, other)
    if not rule.only.items() <= shown.only.items():
        return {}
    theirs = shown.ids[their_id]
    return {name: theirs[suffix] for suffix, name in rule.ids.get(their_id, {}).items() if suffix in theirs}


@cache
def _by_popularity(bookmaker: str, sport: str) -> tuple[MarketType, ...]:
    """Return what a bookmaker has of a sport: the main markets, then those that most bookmakers have."""
    main = {key.market_id for key in MAIN_MARKETS}
    kinds = [kind for kind in market_types().values() if kind.sport == sport and bookmaker in kind.books]
    return tuple(sorted(kinds, key=lambda kind: (kind.id not in main, -len(kind.books))))


def _possible(rule: BookRule, lines: Sequence[str]) -> Sequence[str]:
    """Return the lines that the bookmaker has a name for: some of its ids stand for one line only."""
    if set(rule.ids) - set(rule.fixed_lines):
        return lines
    return [line for line in lines if line in rule.fixed_lines.values()]


@lru_cache(4_096)
def market_lines(sport: str, base: Intensities) -> Mapping[str, Sequence[str]]:
    """Return the lines of every market type for a match, the evenest first; ("",) when it has none."""
    chances = match_of(sport, base)
    return {
        kind.canonical: _lines_of(kind, chances) for kind in market_types().values() if kind.sport == sport
    }


def _lines_of(kind: MarketType, chances: Chances) -> Sequence[str]:
    name = kind.canonical.removeprefix("x-")
    if not kind.param:
        return ("",)
    if name in _FIXED_LINES:
        return _FIXED_LINES[name]
    spread = expected(chances, kind)
    if spread is None:
        raise KeyError(f"no lines are known for {kind.canonical}")
    mean, deviation = spread
    is_main = kind.canonical in _MAIN_TYPES
    if kind.kind == "handicap-3way":
        return [line for line in _nearest(-mean, deviation, 1.0, 0.0)[:_MOST_LINES] if line != "0"]
    if name.startswith("booking_points"):
        return _nearest(mean, deviation, _POINTS_STEP, _FIRST_POINTS_LINE)
    lines = _nearest(-mean if kind.is_handicap else mean, deviation, kind.grid if is_main else 1.0, 0.5)
    if not kind.is_handicap:
        lines = [line for line in lines if float(line) >= 0.5]  # below, both outcomes are certain
    return lines if is_main else lines[:_MOST_LINES]


def _nearest(centre: float, deviation: float, grid: float, offset: float) -> list[str]:
    """Return the lines offset + n x grid around the centre, nearest first."""
    reach = max(_REACH * deviation, grid)
    first, last = floor((centre - reach - offset) / grid) + 1, floor((centre + reach - offset) / grid)
    numbers = [offset + place * grid for place in range(first, last + 1)]
    numbers.sort(key=lambda number: (abs(number - centre), number))
    return [_written(number) for number in numbers]


def _main_lines(lines: Sequence[str], grid: float) -> Sequence[str]:
    """Return the lines in a bookmaker's steps, those that can't give the stake back first."""
    steps = [line for line in lines if ((float(line) - 0.5) / grid).is_integer()][:_MOST_MAIN_LINES]
    return sorted(steps, key=lambda line: not line.endswith(".5"))


_written = cache(plain_line)


@cache
def _key(market_id: str, line: str) -> MarketKey:
    return MarketKey(market_id, line)
