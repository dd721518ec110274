"""
Sanity: markets whose own figures can't be right, named by reason codes. docs/trust.md explains them to people.

A market is judged only where its catalogue row says how many outcomes win and that they are all there is, and only
while every one of them is open; of anything else it is not known what should add up.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

import msgspec

from overround.domain.catalogue import Catalogue, MarketType
from overround.domain.markets import Market, MarketKey, Markets

SUM_LOW, SUM_HIGH, LADDER, OFF_GRID = "sum_low", "sum_high", "ladder", "off_grid"

HIGH_SUM, HIGH_SUM_OF_MANY = 1.6, 2.0  # of sum(1/odds) / winners; long lists of outcomes carry more margin
MANY = 12  # outcomes; more are a long list
RUNG_SLACK = 0.01  # by which a price may step back from line to line: 1 %, but at least one step of 0.01
MAX_RUNGS = 128  # lines of one total among which the wrong ones are searched; real ladders have up to 30
_EXACT = 1e-9  # what floating point may add to a sum that is exactly fair

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
        self._catalogue = catalogue

    def review(self, sport: str, old: Markets, new: Markets, at: datetime) -> Markets:
        """
        Return `new` with the codes of everything that differs from `old` brought up to date.

        Looked at are records that are not the very ones of `old`, and all lines of a total of which one differs.
        A record whose codes change is replaced and has changed `at`. Withdrawn markets keep the codes they had.
        """
        judged: dict[MarketKey, tuple[str, ...]] = {}
        totals: dict[str, list[Market]] = {}
        for key, market in new.items():
            if old.get(key) is market:
                continue
            kind = self._catalogue.find(key.market_id, sport)
            if kind is not None and kind.kind == "over-under":
                totals[key.market_id] = []
            if market.withdrawn_at is None:
                judged[key] = _own_codes(market, kind)
        if totals:
            self._judge_ladders(sport, totals, new, judged)
        wrong = {key: found for key, found in judged.items() if new[key].suspect != found}
        if not wrong:
            return new
        return {**new, **{key: _recoded(new[key], found, at) for key, found in wrong.items()}}

    def _judge_ladders(
        self,
        sport: str,
        totals: dict[str, list[Market]],
        new: Markets,
        judged: dict[MarketKey, tuple[str, ...]],
    ) -> None:
        """Add to `judged` every line whose place in these totals' ladders differs from what its record says."""
        for key, market in new.items():
            if key.market_id in totals and market.withdrawn_at is None:
                totals[key.market_id].append(market)
        for market_id, markets in totals.items():
            broken = _broken_lines(markets, self._catalogue.find(market_id, sport))
            for market in markets:
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
    if all(_ascends(lower, upper) or _nearly(lower, upper) for lower, upper in pairwise(rungs)):
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
    return upper[1] >= lower[1] - _slack(lower[1]) and upper[2] <= lower[2] + _slack(lower[2])


def _slack(milli: int) -> float:
    return max(10.0, milli * RUNG_SLACK)


def _broken_lines(markets: Iterable[Market], kind: MarketType | None) -> set[MarketKey]:
    """Return the keys of one total's lines that break its ladder; only complete lines are rungs."""
    if kind is None or kind.outcomes != ("Over", "Under"):
        return set()
    keyed: list[tuple[_Rung, MarketKey]] = []
    for market in markets:
        book = complete_book(market, kind)
        if book is not None and market.key.line:
            over, under = book
            keyed.append(((float(market.key.line), over, under), market.key))
    keyed.sort()
    return {keyed[place][1] for place in broken_rungs([rung for rung, _ in keyed])}


def _own_codes(market: Market, kind: MarketType | None) -> tuple[str, ...]:
    """Return what the market shows by itself: everything but its place in a ladder."""
    book = complete_book(market, kind)
    if book is None or kind is None or kind.winners is None:
        return ()
    total = sum([1000 / milli for milli in book]) / kind.winners
    found: list[str] = []
    if total < 1 - _EXACT:
        found.append(SUM_LOW)
    elif total > (HIGH_SUM_OF_MANY if len(book) > MANY else HIGH_SUM) + _EXACT:
        found.append(SUM_HIGH)
    if kind.grid and market.key.line and not (float(market.key.line) / kind.grid).is_integer():
        found.append(OFF_GRID)
    return codes(found) if found else ()


def _recoded(market: Market, suspect: tuple[str, ...], at: datetime) -> Market:
    return msgspec.structs.replace(market, suspect=suspect, changed_at=at)
