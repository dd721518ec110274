"""What changed between two settled states: computed once, fed to spool, cache, database and screen alike."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from overround.domain.events import EventHeader, Listing
from overround.domain.markets import Market, MarketKey, Markets


class MarketChange(msgspec.Struct, frozen=True, gc=False):
    """One market before and after; `before` is None when it was never offered."""

    before: Market | None
    after: Market

    @property
    def previous(self) -> tuple[int, ...]:
        """Return the odds x 1000 before, in the order of `after.names`; 0 where there was none."""
        if self.before is None:
            return (0,) * len(self.after.names)
        if self.before.names == self.after.names:
            return self.before.odds_milli
        last = dict(zip(self.before.names, self.before.odds_milli, strict=True))
        return tuple(last.get(name, 0) for name in self.after.names)


class Unmapped(msgspec.Struct, frozen=True, gc=False):
    """A market, or outcomes of a mapped one, that the catalogue has no equal for at this bookmaker."""

    id: str
    name: str
    outcomes: int  # how many outcomes were not mapped


class ListingChanges(msgspec.Struct, frozen=True, gc=False):
    """What one answer changed of one event at one bookmaker; parts that did not change are None or empty."""

    sportradar_id: str
    bookmaker: str
    at: datetime  # when the answer was fetched
    header: EventHeader | None = None
    listing: Listing | None = None
    markets: tuple[MarketChange, ...] = ()
    unmapped: tuple[Unmapped, ...] | None = None  # memory only: not stored

    @property
    def stored(self) -> bool:
        """Return whether any part of it is for disk: header, listing or markets."""
        return bool(self.markets or self.listing or self.header)


class Confirmation(msgspec.Struct, frozen=True, gc=False):
    """A successful answer: everything in its scope is as fresh as `at`."""

    sportradar_id: str
    bookmaker: str
    at: datetime
    markets: tuple[str, ...] | None = None  # market ids of a scoped answer; None: the whole listing


class OutlierFlip(msgspec.Struct, frozen=True, gc=False):
    """A market that began or ceased to be an outlier among the bookmakers, whether or not it moved itself."""

    sportradar_id: str
    bookmaker: str
    market: Market  # as it is now
    outlier: bool


class Changes(msgspec.Struct, frozen=True, gc=False):
    """One accepted batch; a batch with confirmations only has change_id 0 and is not stored."""

    change_id: int  # sequence in the spool: the order of all changes
    run_id: str | None
    at: datetime
    listings: tuple[ListingChanges, ...] = ()
    confirmed: tuple[Confirmation, ...] = ()
    removed: tuple[str, ...] = ()  # sportradar ids evicted from the cache
    flagged: tuple[OutlierFlip, ...] = ()  # found by the cache when it applies the batch: told, never stored


def diff(old: Markets, new: Markets) -> tuple[MarketChange, ...]:
    """Return one change per market of `new` that `old` lacks or holds differently; pure, order of `new`."""
    changes: list[MarketChange] = []
    for key, after in new.items():
        before = old.get(key)
        if before is not after and (before is None or not _equal(before, after)):
            changes.append(MarketChange(before, after))
    return tuple(changes)


def apply(old: Markets, changes: Iterable[MarketChange]) -> dict[MarketKey, Market]:
    """Return the markets after `changes`: `apply(old, diff(old, new)) == new` for settled states."""
    new = dict(old)
    for change in changes:
        new[change.after.key] = change.after
    return new


def _equal(before: Market, after: Market) -> bool:
    return (
        before.odds_milli == after.odds_milli
        and before.suspended == after.suspended
        and (before.withdrawn_at is None) == (after.withdrawn_at is None)
        and before.names == after.names
        and before.suspect == after.suspect
    )
