"""Exposure: markets whose best prices across bookmakers add up to less than they pay, from opening to close."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from overround.analysis.reading import Reading
from overround.analysis.records import ClosedBy, Comparison, Exclusion, Exposure, Leg, MarketId, Suppression
from overround.config import REFERENCE, Settings
from overround.domain.catalogue import MarketType
from overround.domain.comparing import aligned, median
from overround.domain.markets import MarketKey, market_word

CLOSED_KEPT = 2_000
CLOSED_FOR = timedelta(days=3)

_FAIR = 1.0 - 1e-9  # what floating point may take off a sum that is exactly fair
_inverse = (1000.0).__truediv__

_BECAUSE: dict[Exclusion, ClosedBy] = {
    "started": "started",
    "withdrawn": "withdrawn",
    "unknown": "stale",
    "stale": "stale",
    "suspect": "suspect",
    "suspended": "suspended",
}
_ORDER: tuple[ClosedBy, ...] = (
    "started", "own_move", "their_move", "suspended", "suspect", "withdrawn", "stale", "settings",
)  # fmt: skip


class Crossing(msgspec.Struct, frozen=True, gc=False):
    """The best prices of a market when they add up to less than W."""

    total: float
    legs: tuple[Leg, ...]
    suppressed: tuple[Suppression, ...]

    @property
    def mine(self) -> bool:
        """Return whether one of the legs is the reference's."""
        return any(leg.bookmaker == REFERENCE for leg in self.legs)


class Rules(msgspec.Struct, frozen=True):
    """When a crossing stays off the board, from the live settings."""

    min_profit: float
    min_bookmakers: int
    outlier: float  # of a competitor's leg above the median of the other bookmakers; 0: never
    hides_below_mean: bool

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        """Return the rules as they are set now."""
        return cls(
            settings.number("exposure_min_profit_bp") / 10_000,
            settings.number("exposure_min_bookmakers"),
            settings.number("exposure_outlier_pct") / 100,
            bool(settings.number("exposure_hide_below_mean")),
        )


def may_cross(comparison: Comparison | None, kind: MarketType | None) -> bool:
    """Return whether a market has to be looked at closely: False is sure."""
    if kind is None or kind.winners is None or not kind.complete:
        return False
    if comparison is None or not _is_complete(comparison.names, kind):
        return True
    return is_crossed(comparison, kind)


def is_crossed(comparison: Comparison, kind: MarketType | None) -> bool:
    """Return whether the best prices of all together add up to less than W; only complete sets do."""
    if kind is None or kind.winners is None or not kind.complete or not _is_complete(comparison.names, kind):
        return False
    best = comparison.best_milli
    return 0 not in best and sum(map(_inverse, best)) < kind.winners * _FAIR


def _is_complete(names: tuple[str, ...], kind: MarketType) -> bool:
    return names == kind.outcomes or set(names) == set(kind.outcomes)


def crossing(reading: Reading, key: MarketKey, kind: MarketType | None, rules: Rules) -> Crossing | None:
    """
    Return the crossing of a market, None where its best prices make a book of 100 % or more.

    Only prices that count make legs, and only markets whose catalogue row is complete and says how many win:
    early payout and open lists never cross.
    """
    if kind is None or kind.winners is None or not kind.complete:
        return None
    counting = [(book, market) for book in reading.books if (market := book.market(key)) is not None]
    if len(counting) < 2:
        return None
    books = [(book, aligned(market, kind.outcomes)) for book, market in counting]
    best = [max(column) for column in zip(*[odds for _, odds in books], strict=True)]
    if 0 in best:
        return None
    total = sum(map(_inverse, best)) / kind.winners
    if total >= _FAIR:
        return None
    legs: list[Leg] = []
    for place, price in enumerate(best):  # the reference is the first of the books
        book = next(book for book, odds in books if odds[place] == price)
        legs.append(Leg(kind.outcomes[place], book.code, price, book.entry.markets[key].changed_at))
    offers = {book.code: odds for book, odds in books}
    return Crossing(total, tuple(legs), suppressions(total, legs, offers, kind.winners, rules))


def suppressions(
    total: float, legs: Sequence[Leg], offers: dict[str, tuple[int, ...]], winners: int, rules: Rules
) -> tuple[Suppression, ...]:
    """
    Return the rules that keep a crossing off the board.

    Args:
        offers: The prices of every bookmaker that counts, in the order of the legs.
    """
    found: list[Suppression] = []
    if 1 / total - 1 < rules.min_profit - 1e-12:
        found.append("profit")
    if sum(map(any, offers.values())) < rules.min_bookmakers:
        found.append("bookmakers")
    if rules.outlier and any(_is_outlier(place, leg, offers, rules) for place, leg in enumerate(legs)):
        found.append("outlier")
    if rules.hides_below_mean and _is_below_mean(legs, offers, winners):
        found.append("below_mean")
    return tuple(found)


def _is_outlier(place: int, leg: Leg, offers: dict[str, tuple[int, ...]], rules: Rules) -> bool:
    """Return whether a competitor's leg stands far above all others, two at least: the error is theirs then."""
    others = [odds[place] for code, odds in offers.items() if code != leg.bookmaker and odds[place]]
    return (
        leg.bookmaker != REFERENCE
        and len(others) >= 2
        and leg.odds_milli > median(others) * (1 + rules.outlier)
    )


def _is_below_mean(legs: Sequence[Leg], offers: dict[str, tuple[int, ...]], winners: int) -> bool:
    """
    Return whether every own leg pays less than the competitors' mean price without their overrounds.

    Then the own price is a good one to sell; what is wrong stands on the other side.
    """
    books = [odds for code, odds in offers.items() if code != REFERENCE and all(odds)]
    mine = [place for place, leg in enumerate(legs) if leg.bookmaker == REFERENCE]
    if not books or not mine:
        return False
    sums = [sum(map(_inverse, odds)) / winners for odds in books]
    return all(
        legs[place].odds_milli
        < sum(odds[place] * booksum for odds, booksum in zip(books, sums, strict=True)) / len(books)
        for place in mine
    )


class Exposures:
    """
    What is crossed now and what was lately. One crossing of a market is one `Exposure` from opening to close.

    While the reference begins or ceases to be a leg, it is another exposure: the board shows only those of ours.
    """

    def __init__(self) -> None:
        self._open: dict[MarketId, Exposure] = {}
        self._closed: deque[Exposure] = deque(maxlen=CLOSED_KEPT)
        self._awaited: dict[MarketId, Exposure] = {}  # open when an earlier process ended, not seen again yet
        self._awaited_until: datetime | None = None

    def open(self) -> list[Exposure]:
        """Return what is open, oldest first."""
        return sorted(self._open.values(), key=lambda each: (each.opened_at, each.id))

    def closed(self) -> list[Exposure]:
        """Return what has closed, newest first."""
        return list(reversed(self._closed))

    def markets_of(self, sportradar_id: str) -> list[MarketKey]:
        """Return the event's markets that are open here, or were when an earlier process ended."""
        known = (*self._open, *(each for each in self._awaited if each not in self._open))
        return [key for event, key in known if event == sportradar_id]

    def knows(self, market: MarketId) -> bool:
        """Return whether a market is open here, or was when an earlier process ended."""
        return market in self._open or market in self._awaited

    def restore(self, stored: Iterable[Exposure], until: datetime) -> None:
        """
        Take over what an earlier process left, closed ones in the order they closed.

        What was open then is not shown before its market is found crossed again; then it goes on, with its start
        and its peak. It is over when all its legs were seen and it is not crossed, or at `until`.
        """
        self._awaited_until = until
        for each in stored:
            if each.closed_at is None:
                self._awaited[each.sportradar_id, each.key] = each
            else:
                self._closed.append(each)

    def give_up(self, now: datetime) -> list[Exposure]:
        """Close what was awaited long enough; return it."""
        if self._awaited_until is None or now < self._awaited_until:
            return []
        self._awaited_until, awaited = None, list(self._awaited.values())
        self._awaited.clear()
        return [self._close(each, now, "unknown_while_stopped") for each in awaited]

    def put(
        self,
        market: MarketId,
        found: Crossing | None,
        now: datetime,
        closed_by: Callable[[Exposure], ClosedBy],
        unseen: Callable[[Exposure], bool] = lambda _: False,
    ) -> list[Exposure]:
        """
        Take in how a market stands at `now`; return what became different, in order.

        Args:
            closed_by: Says why an exposure is over; asked only when it is.
            unseen: Says whether a leg of what an earlier process left has yet to be confirmed.
        """
        before = self._open.get(market)
        told: list[Exposure] = []
        if before is not None and (found is None or found.mine != before.mine):
            del self._open[market]
            told.append(self._close(before, now, closed_by(before)))
            before = None
        resumed = None
        if before is None and (awaited := self._awaited.get(market)) is not None:
            if found is not None and found.mine == awaited.mine:
                before = resumed = self._awaited.pop(market)
            elif not unseen(awaited):
                told.append(self._close(self._awaited.pop(market), now, "unknown_while_stopped"))
        if found is not None:
            after = _opened(market, found, now) if before is None else _continued(before, found, now)
            if after != before or resumed is not None:
                self._open[market] = after
                told.append(after)
        return told

    def forget_old(self, now: datetime) -> None:
        """Drop what closed more than three days ago."""
        while self._closed and (at := self._closed[0].closed_at) and at < now - CLOSED_FOR:
            self._closed.popleft()

    def _close(self, exposure: Exposure, now: datetime, because: ClosedBy) -> Exposure:
        closed = msgspec.structs.replace(exposure, closed_at=now, closed_by=because)
        self._closed.append(closed)
        return closed


def is_unseen(exposure: Exposure, reading: Reading) -> bool:
    """Return whether a leg's bookmaker has not confirmed this market lately, so that nobody knows how it stands."""
    books = {book.code: book for book in reading.books}
    for leg in exposure.legs:
        book = books.get(leg.bookmaker)
        market = book.entry.markets.get(exposure.key) if book else None
        if book and market and book.excluded(market) in ("unknown", "stale"):
            return True
    return False


def why_closed(exposure: Exposure, reading: Reading | None) -> ClosedBy:
    """Return what ended an exposure, from how its legs stand now; `reading` is None for an event that left."""
    if reading is None:
        return "withdrawn"
    books = {book.code: book for book in reading.books}
    reasons: set[ClosedBy] = set()
    for leg in exposure.legs:
        book = books.get(leg.bookmaker)
        if book is None:
            reasons.add("settings")
            continue
        market = book.entry.markets.get(exposure.key)
        excluded: Exclusion = "withdrawn" if market is None else book.excluded(market)
        if excluded:
            reasons.add(_BECAUSE[excluded])
        elif market is not None and leg.odds_milli != aligned(market, (leg.name,))[0]:
            place = market.names.index(leg.name) if leg.name in market.names else -1
            locked = place >= 0 and market.suspended >> place & 1
            mover: ClosedBy = "own_move" if leg.bookmaker == REFERENCE else "their_move"
            reasons.add("suspended" if locked else mover)
    if not reasons:  # every leg stands: somebody's better price took our place, or ours took theirs
        reasons.add("their_move" if exposure.mine else "own_move")
    return min(reasons, key=_ORDER.index)


def _opened(market: MarketId, found: Crossing, now: datetime) -> Exposure:
    sportradar_id, key = market
    profit = 1 / found.total - 1
    return Exposure(
        id=f"{sportradar_id}-{market_word(key)}-{round(now.timestamp() * 1000)}-{'own' if found.mine else 'others'}",
        sportradar_id=sportradar_id,
        key=key,
        mine=found.mine,
        legs=found.legs,
        total=found.total,
        profit=profit,
        opened_at=now,
        peak=profit,
        peak_at=now,
        suppressed=found.suppressed,
    )


def _continued(before: Exposure, found: Crossing, now: datetime) -> Exposure:
    profit = 1 / found.total - 1
    is_peak = profit > before.peak
    return msgspec.structs.replace(
        before,
        legs=found.legs,
        total=found.total,
        profit=profit,
        suppressed=found.suppressed,
        peak=profit if is_peak else before.peak,
        peak_at=now if is_peak else before.peak_at,
    )
