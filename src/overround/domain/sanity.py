"""
Sanity: markets whose own figures can't be right, named by reason codes. docs/trust.md explains them to people.

A market is judged only where its catalogue row says how many outcomes win and that they are all there is, and only
while every one of them is open; of anything else it is not known what should add up.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise, starmap

import msgspec

from overround.domain.catalogue import Catalogue, MarketType
from overround.domain.markets import Market, MarketKey, Markets

SUM_LOW, SUM_HIGH, LADDER, OFF_GRID = "sum_low", "sum_high", "ladder", "off_grid"

HIGH_SUM, HIGH_SUM_OF_MANY = 1.6, 2.0  # of sum(1/odds) / winners; long lists of outcomes carry more margin
MANY = 12  # outcomes; more are a long list
RUNG_SLACK = 0.01  # by which a price may step back from line to line: 1 %, but at least one step of 0.01
MAX_RUNGS = 128  # lines of one total among which the wrong ones are searched; real ladders have up to 30
_EXACT = 1e-9  # what floating point may add to a sum that is exactly fair
_LINES_KEPT = 1_024  # of one market type, whose place on the grid is remembered
_INVERSE = (1000.0).__truediv__  # odds x 1000 -> 1/odds

_Rung = tuple[float, int, int]  # line, odds x 1000 of Over, of Under

_shared: dict[tuple[str, ...], tuple[str, ...]] = {}


def codes(found: Iterable[str]) -> tuple[str, ...]:
    """Return reason codes sorted, in one tuple that all markets with these codes share."""
    ordered = tuple(sorted(found))
    return _shared.setdefault(ordered, ordered)


def complete_book(market: Market, kind: MarketType | None) -> tuple[int, ...] | None:
    """
    Return the odds x 1000 of the catalogue row's outcomes, in its order.

    None unless the row has winners and is complete, and the market is listed with every one of them open.
    """
    if kind is None or kind.winners is None or not kind.complete or market.withdrawn_at is not None:
        return None
    odds, suspended = market.odds_milli, market.suspended
    if market.names != kind.outcomes:
        places = {name: place for place, name in enumerate(market.names)}
        found = [places.get(name, -1) for name in kind.outcomes]
        if -1 in found:
            return None
        odds = tuple([odds[place] for place in found])
        suspended &= sum(1 << place for place in found)
    return None if suspended or 0 in odds else odds


class Sanity:
    """Judges the markets of one listing by themselves."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._judges: dict[str, dict[str, _Judge]] = {}
        for kind in catalogue.types:
            self._judges.setdefault(kind.sport, {})[kind.id] = _Judge(kind)

    def review(self, sport: str, old: Markets, new: Markets, at: datetime) -> Markets:
        """
        Return `new` with the codes of everything that differs from `old` brought up to date.

        Looked at are records that are not the very ones of `old`, and all lines of a total of which one differs.
        A record whose codes change is replaced and has changed `at`. Withdrawn markets keep the codes they had.
        """
        judges, before = self._judges.get(sport, {}), old.get
        judged: dict[MarketKey, tuple[str, ...]] = {}  # whatever may have other codes now
        totals: dict[str, list[Market]] = {}
        for key, market in new.items():
            if before(key) is market:
                continue
            judge = judges.get(key.market_id, _NO_JUDGE)
            if judge.is_ladder:
                totals[key.market_id] = []
            if market.withdrawn_at is None:
                found = judge.own_codes(market)
                if found or market.suspect:
                    judged[key] = found
        if totals:
            for market_id, markets in _lines_of(totals, new).items():
                _judge_ladder(markets, judges[market_id], judged)
        wrong = {key: found for key, found in judged.items() if new[key].suspect != found}
        if not wrong:
            return new
        return {**new, **{key: _recoded(new[key], found, at) for key, found in wrong.items()}}


class _Judge:
    """What one row of the catalogue asks of its markets; without a row, or of an open list, nothing."""

    def __init__(self, kind: MarketType | None) -> None:
        self.kind = kind
        self.is_ladder = kind is not None and kind.kind == "over-under" and kind.outcomes == ("Over", "Under")
        self._winners = (kind.winners or 0) if kind and kind.complete else 0  # 0: no sum is known
        high = HIGH_SUM_OF_MANY if kind and len(kind.outcomes) > MANY else HIGH_SUM
        self._least, self._most = self._winners * (1 - _EXACT), self._winners * (high + _EXACT)
        self._is_off_grid: dict[str, bool] = {"": False}

    def book(self, market: Market) -> tuple[int, ...] | None:
        """Return what `complete_book` does, at once where the record is as the row has it."""
        if not self._winners or self.kind is None:
            return None
        if market.names is not self.kind.outcomes:
            return complete_book(market, self.kind)
        odds = market.odds_milli
        return None if market.suspended or 0 in odds or market.withdrawn_at is not None else odds

    def own_codes(self, market: Market) -> tuple[str, ...]:
        """Return what the market shows by itself: everything but its place in a ladder."""
        book = self.book(market)
        if book is None:
            return ()
        total, off_grid = sum(map(_INVERSE, book)), self._off_grid(market.key.line)
        if self._least <= total <= self._most and not off_grid:
            return ()
        found = [OFF_GRID] if off_grid else []
        if total < self._least:
            found.append(SUM_LOW)
        elif total > self._most:
            found.append(SUM_HIGH)
        return codes(found)

    def _off_grid(self, line: str) -> bool:
        known = self._is_off_grid.get(line)
        if known is None:
            known = self.kind is not None and not _can_stand(float(line), self.kind)
            if len(self._is_off_grid) < _LINES_KEPT:
                self._is_off_grid[line] = known
        return known


_NO_JUDGE = _Judge(None)


def _can_stand(line: float, kind: MarketType) -> bool:
    """Return whether a market has such lines at all: only head starts go below nothing."""
    return not kind.grid or ((line / kind.grid).is_integer() and (line >= 0 or kind.is_handicap))


def _lines_of(totals: dict[str, list[Market]], new: Markets) -> dict[str, list[Market]]:
    """Fill in every listed line of these totals."""
    for key, market in new.items():
        if key.market_id in totals and market.withdrawn_at is None:
            totals[key.market_id].append(market)
    return totals


def _judge_ladder(markets: Sequence[Market], judge: _Judge, judged: dict[MarketKey, tuple[str, ...]]) -> None:
    """Add to `judged` every line whose place in its total's ladder differs from what its record says."""
    broken = _broken_lines(markets, judge)
    for market in markets:
        if broken or market.suspect or market.key in judged:
            found = judged.get(market.key, market.suspect)
            if (LADDER in found) != (market.key in broken):
                judged[market.key] = codes({*found} ^ {LADDER})


def broken_rungs(rungs: Sequence[_Rung]) -> set[int]:
    """
    Return the positions of the lines that break a ladder; `rungs` ascend by line.

    As the line grows, Over prices may not fall and Under prices not rise. Where two neighbours do so by more than
    a price step, believed are the lines that every longest run of lines in strict order contains. So one wrong
    line among good ones stands alone; of two that contradict each other and nobody else, both are broken. A step
    back is no error by itself: Bet9ja sells Over 0.5 at 1.04 and Over 0.75 at 1.03 (payloads: prematch.json).
    A broken ladder of more than 128 lines is broken as a whole.

    >>> broken_rungs([(0.5, 1050, 9000), (1.5, 1300, 3400), (2.5, 1040, 9500), (3.5, 3300, 1300)])
    {2}
    >>> sorted(broken_rungs([(1.5, 1900, 1900), (2.5, 1300, 3400)]))
    [0, 1]
    """
    if all(starmap(_nearly, pairwise(rungs))):
        return set()
    if len(rungs) > MAX_RUNGS:
        return set(range(len(rungs)))
    below = _run_lengths(rungs)
    above = _run_lengths([(-line, -over, -under) for line, over, under in reversed(rungs)])[::-1]
    longest = max(below)
    on_longest = [place for place in range(len(rungs)) if below[place] + above[place] - 1 == longest]
    rivals = [below[place] for place in on_longest]
    return set(range(len(rungs))) - {place for place in on_longest if rivals.count(below[place]) == 1}


def _run_lengths(rungs: Sequence[_Rung]) -> list[int]:
    """Return how long the longest ordered run is that ends at each rung."""
    lengths: list[int] = []
    for upper in rungs:
        lower = zip(lengths, rungs, strict=False)  # those before it
        lengths.append(1 + max((length for length, rung in lower if _ascends(rung, upper)), default=0))
    return lengths


def _ascends(lower: _Rung, upper: _Rung) -> bool:
    return lower[1] <= upper[1] and lower[2] >= upper[2]


def _nearly(lower: _Rung, upper: _Rung) -> bool:
    """Return whether no price steps back by more than rounding explains."""
    _, over, under = lower
    _, over_above, under_above = upper
    return (over_above >= over or over_above >= over - _slack(over)) and (
        under_above <= under or under_above <= under + _slack(under)
    )


def _slack(milli: int) -> float:
    return max(10.0, milli * RUNG_SLACK)


def _broken_lines(markets: Iterable[Market], judge: _Judge) -> set[MarketKey]:
    """Return the keys of one total's lines that break its ladder; only complete lines are rungs."""
    keyed: list[tuple[_Rung, MarketKey]] = []
    for market in markets:
        book, line = judge.book(market), market.key.line
        if book is not None and line:
            over, under = book
            keyed.append(((float(line), over, under), market.key))
    if len(keyed) < 2:
        return set()
    keyed.sort()
    return {keyed[place][1] for place in broken_rungs([rung for rung, _ in keyed])}


def _recoded(market: Market, suspect: tuple[str, ...], at: datetime) -> Market:
    return msgspec.structs.replace(market, suspect=suspect, changed_at=at)
