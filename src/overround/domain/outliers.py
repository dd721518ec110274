"""Outliers: one market at several bookmakers, and who of them stands too far from the others to be believed."""

from collections.abc import Mapping, Sequence, Set
from statistics import median

from overround.domain.catalogue import MarketType
from overround.domain.fair import multiplicative
from overround.domain.markets import Market, MarketKey
from overround.domain.sanity import codes, complete_book

OUTLIER = "outlier"

FAR = 0.20  # of fair probability, between one bookmaker and the median of the others
OTHERS_NEEDED = 2  # bookmakers whose median says something

_NOBODY: frozenset[str] = frozenset()
_Fair = tuple[float, ...]


def all_codes(market: Market, flagged: Set[MarketKey]) -> tuple[str, ...]:
    """Return every reason not to believe a market: its record's own codes, and `outlier` if it is flagged."""
    return codes((*market.suspect, OUTLIER)) if market.key in flagged else market.suspect


def outliers(books: Mapping[str, Market], kind: MarketType | None) -> frozenset[str]:
    """
    Return the bookmakers of whose market some outcome's fair probability is more than 0.20 off.

    Off is measured from the median of the other bookmakers, two at least. Only complete markets are judged, and
    only those without codes of their own are measured against; `books` holds open listings. How old a price is
    does not count: a source that is down for long has no open listing. A market is not blamed for a neighbour that
    stands even further off: most bookmakers, itself included, being within 0.20 of it acquit it then.
    """
    if kind is None or kind.winners is None or len(books) <= OTHERS_NEEDED:
        return _NOBODY
    complete = {code: book for code, market in books.items() if (book := complete_book(market, kind))}
    if len(complete) <= OTHERS_NEEDED:
        return _NOBODY
    fair = {code: multiplicative(book, kind.winners) for code, book in complete.items()}
    if all(max(each) - min(each) <= FAR for each in zip(*fair.values(), strict=True)):
        return _NOBODY
    sane = {code: prices for code, prices in fair.items() if not books[code].suspect}
    distances = {code: _from_median(fair[code], _others(sane, code)) for code in fair}
    accused = {code: distance for code, distance in distances.items() if distance > FAR}
    worst = max(accused.values(), default=0.0)
    return frozenset(
        code
        for code, distance in accused.items()
        if distance == worst or not _most_agree(fair[code], _others(sane, code))
    )


def _others(sane: Mapping[str, _Fair], code: str) -> list[_Fair]:
    return [prices for other, prices in sane.items() if other != code]


def _from_median(fair: _Fair, others: Sequence[_Fair]) -> float:
    """Return the largest distance of any outcome; 0 where the others are too few."""
    if len(others) < OTHERS_NEEDED:
        return 0.0
    return _distance(fair, tuple([median(each) for each in zip(*others, strict=True)]))


def _most_agree(fair: _Fair, others: Sequence[_Fair]) -> bool:
    agreeing = 1 + sum(_distance(fair, other) <= FAR for other in others)
    return 2 * agreeing > len(others) + 1


def _distance(one: _Fair, other: _Fair) -> float:
    return max(abs(p - q) for p, q in zip(one, other, strict=True))
