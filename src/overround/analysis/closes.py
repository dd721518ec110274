"""What an hour of kickoffs leaves behind: margins from opening to closing, and our prices against the fair close."""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from overround.analysis.fair_books import fair_book
from overround.config import REFERENCE
from overround.domain.catalogue import Catalogue, MarketType
from overround.domain.fair import consensus, house_edge
from overround.domain.markets import MarketKey
from overround.domain.odds import overround
from overround.domain.price_history import Mark, closing, opening
from overround.domain.rollup import HOUR, SeriesKey
from overround.domain.sanity import complete_book
from overround.storage.history import ListingHistory, event_history, events_between
from overround.storage.rollups import CloseRow, ClvRow, RollupStore
from overround.storage.rollups import Mark as MarkName

_Book = tuple[int, ...]


class _Ends(msgspec.Struct, frozen=True):
    """One market of one bookmaker at both ends; None where there is no price to believe."""

    opening: _Book | None
    closing: _Book | None
    was_offered: bool


class Closes:
    """Reads the history of the events that kicked off in an hour and stores what it amounts to."""

    def __init__(
        self,
        store: RollupStore,
        catalogue: Catalogue,
        markets: Mapping[str, tuple[MarketKey, ...]],
        number: Callable[[SeriesKey], int],
    ) -> None:
        """Number series by `number`; `markets` are those looked at, per sport."""
        self._store, self._catalogue, self._markets, self._number = store, catalogue, markets, number

    async def read(
        self, hour: datetime, bookmakers: tuple[str, ...], now: datetime
    ) -> tuple[list[CloseRow], list[ClvRow]]:
        """
        Return the rows of an hour of kickoffs that is over.

        Raises:
            StorageError: The database can't be read.
        """
        closes: dict[tuple[int, str], CloseRow] = {}
        clvs: dict[tuple[int, str], ClvRow] = {}
        database = self._store.database
        for event in await events_between(database, hour, hour + HOUR):
            for key in self._markets.get(event.sport, ()):
                kind = self._catalogue.find(key.market_id, event.sport)
                history = await event_history(database, event.sportradar_id, key, bookmakers)
                if kind is None or history is None:
                    continue
                ends = {
                    listing.bookmaker: _ends(listing, kind, history.kickoff_at, now)
                    for listing in history.listings
                }
                series = self._number(SeriesKey(event.sport, event.competition, key))
                _add_margins(closes, series, ends, kind)
                _add_edges(clvs, series, ends, kind)
        return list(closes.values()), list(clvs.values())


def _ends(listing: ListingHistory, kind: MarketType, kickoff_at: datetime, now: datetime) -> _Ends:
    first = opening(listing.points, listing.first_seen_at, kickoff_at)
    last = closing(listing.points, listing.confirmed_at, kickoff_at, now)
    return _Ends(_book(first, kind), _book(last, kind), bool(listing.points))


def _book(mark: Mark, kind: MarketType) -> _Book | None:
    return complete_book(mark.market, kind) if mark.market and not mark.market.suspect else None


def _add_margins(
    closes: dict[tuple[int, str], CloseRow], series: int, ends: Mapping[str, _Ends], kind: MarketType
) -> None:
    for code, each in ends.items():
        if not each.was_offered:
            continue
        before = closes.get((series, code), CloseRow(series, code, 0, 0, 0.0, 0.0))
        has_both = each.opening is not None and each.closing is not None
        closes[series, code] = CloseRow(
            series,
            code,
            before.events + 1,
            before.both + has_both,
            before.opening + (_margin(each.opening, kind) if has_both else 0.0),
            before.closing + (_margin(each.closing, kind) if has_both else 0.0),
        )


def _add_edges(
    clvs: dict[tuple[int, str], ClvRow], series: int, ends: Mapping[str, _Ends], kind: MarketType
) -> None:
    """Hold the reference's prices against what the competitors' closes agree on."""
    own, winners = ends.get(REFERENCE), kind.winners or 1
    books = [
        fair_book(each.closing, winners)
        for code, each in ends.items()
        if code != REFERENCE and each.closing is not None
    ]
    fair = consensus([book for book in books if book is not None], winners)
    if own is None or fair is None:
        return
    marks: dict[MarkName, _Book | None] = {"opening": own.opening, "closing": own.closing}
    for mark, book in marks.items():
        if book is not None:
            before = clvs.get((series, mark), ClvRow(series, mark, 0, 0.0))
            edges = [house_edge(price / 1000, chance) for price, chance in zip(book, fair, strict=True)]
            clvs[series, mark] = ClvRow(series, mark, before.outcomes + len(edges), before.edge + sum(edges))


def _margin(book: _Book | None, kind: MarketType) -> float:
    return overround([each / 1000 for each in book or ()], kind.winners or 1)
