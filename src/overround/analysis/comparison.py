"""How the reference's price stands against the competitors': formulas over one reading of an event."""

from collections.abc import Sequence

from overround.analysis.fair_books import fair_book
from overround.analysis.reading import Book, Reading
from overround.analysis.records import Comparison, Exclusion, MarketView, Standing
from overround.config import REFERENCE
from overround.domain.catalogue import MarketType
from overround.domain.comparing import aligned, gap, median, net_win_gap, open_milli, rank
from overround.domain.fair import FairMethod, consensus, house_edge
from overround.domain.markets import Market, MarketKey
from overround.domain.odds import overround
from overround.domain.sanity import complete_book

_Prices = tuple[int, ...]


def compare(reading: Reading, key: MarketKey) -> Comparison | None:
    """Return how the reference's market stands; None unless it lists the market and a competitor counts."""
    listed = reading.own.entry.markets.get(key) if reading.own else None
    if listed is None or reading.own is None:
        return None
    names = listed.names
    rivals = [
        aligned(market, names)
        for book in reading.competitors
        if (market := book.market(key)) is not None
    ]  # fmt: skip
    if not rivals or not any(map(any, rivals)):
        return None
    excluded = reading.own.excluded(listed)
    own = (0,) * len(names) if excluded else open_milli(listed)
    return _compared(reading.event.header.sportradar_id, listed, excluded, own, rivals)


def _compared(
    sportradar_id: str, listed: Market, excluded: Exclusion, own: _Prices, rivals: Sequence[_Prices]
) -> Comparison:
    middles: list[float] = []
    best: list[int] = []
    ranks: list[int] = []
    largest, distance = None, -1.0
    for price, column in zip(own, zip(*rivals, strict=True), strict=True):
        others = column if 0 not in column else [other for other in column if other]
        if not others:
            middles.append(0.0)
            best.append(price)
            ranks.append(0)
            continue
        top = max(others)
        middle = median(others)
        middles.append(middle)
        best.append(top if top > price else price)
        if not price:
            ranks.append(0)
            continue
        ranks.append(1 if price >= top else rank(price, others))
        here = gap(price, middle)
        if abs(here) > distance:
            largest, distance = here, abs(here)
    return Comparison(
        sportradar_id, listed.key, listed.names, excluded, own, tuple(middles), tuple(best), tuple(ranks),
        sum(map(any, rivals)), largest,
    )  # fmt: skip


def view(reading: Reading, key: MarketKey, kind: MarketType | None, method: FairMethod) -> MarketView | None:
    """Return a market over all bookmakers in full; None where none of them has it."""
    listed = [(book, market) for book in reading.books if (market := book.entry.markets.get(key)) is not None]
    if not listed:
        return None
    names = next((market.names for book, market in listed if book.code == REFERENCE), listed[0][1].names)
    comparison = compare(reading, key)
    own = comparison.own_milli if comparison else _own_prices(listed, names)
    standings = [_standing(book, market, names, own, kind, method) for book, market in listed]
    books = [
        each.fair
        for each in standings
        if each.bookmaker != REFERENCE and not each.excluded and each.fair is not None
    ]
    agreed = consensus(books, kind.winners if kind and kind.winners else 1)
    return MarketView(
        sportradar_id=reading.event.header.sportradar_id,
        key=key,
        names=names,
        standings=tuple(standings),
        comparison=comparison,
        method=method,
        consensus=agreed,
        edge=_edges(own, agreed),
    )


def gap_against(comparison: Comparison, against_milli: float, place: int) -> tuple[float, float] | None:
    """Return (gap, net-win gap) of one outcome to a price; None where one of both is missing."""
    own = comparison.own_milli[place]
    return (gap(own, against_milli), net_win_gap(own, against_milli)) if own and against_milli else None


def prices_of(reading: Reading, comparison: Comparison, bookmaker: str) -> _Prices:
    """Return one competitor's prices in the order of the comparison; all 0 where they do not count."""
    book = next((each for each in reading.competitors if each.code == bookmaker), None)
    market = book.market(comparison.key) if book else None
    return aligned(market, comparison.names) if market is not None else (0,) * len(comparison.names)


def _own_prices(listed: Sequence[tuple[Book, Market]], names: tuple[str, ...]) -> _Prices:
    for book, market in listed:
        if book.code == REFERENCE and not book.excluded(market):
            return aligned(market, names)
    return (0,) * len(names)


def _standing(
    book: Book, market: Market, names: tuple[str, ...], own: _Prices, kind: MarketType | None, method: FairMethod
) -> Standing:  # fmt: skip
    odds = aligned(market, names)
    complete = complete_book(market, kind)
    winners = kind.winners if kind and kind.winners else 1
    fair = fair_book(complete, winners, method) if complete and kind else None
    if fair is not None and kind is not None and names != kind.outcomes:
        chances = dict(zip(kind.outcomes, fair, strict=True))
        fair = tuple([chances[name] for name in names]) if set(names) == set(kind.outcomes) else None
    return Standing(
        bookmaker=book.code,
        odds_milli=odds,
        state=market.state,
        excluded=book.excluded(market),
        suspect=book.entry.suspect(market),
        confirmed_at=book.entry.fresh_at(market.key),
        changed_at=market.changed_at,
        overround=overround([each / 1000 for each in complete], winners) if complete else None,
        fair=fair,
        gaps=tuple(
            [gap(mine, theirs) if mine and theirs else None for mine, theirs in zip(own, odds, strict=True)]
        ),
    )


def _edges(own: _Prices, agreed: tuple[float, ...] | None) -> tuple[float | None, ...]:
    if agreed is None or len(agreed) != len(own):
        return (None,) * len(own)
    return tuple(
        [
            house_edge(price / 1000, chance) if price else None
            for price, chance in zip(own, agreed, strict=True)
        ]
    )
