"""A look at one event: whose prices count now, why the others don't, and until when that stays so (I14)."""

from datetime import datetime, timedelta

from overround.analysis.records import Exclusion
from overround.cache.odds_cache import CachedEvent, CachedListing
from overround.config import REFERENCE
from overround.domain.markets import Market, MarketKey

_NEXT = timedelta(
    milliseconds=1
)  # times are in milliseconds, and a price of exactly the limit's age still counts


class Book:
    """One bookmaker's listing of the event, as it stands at the reading's time."""

    def __init__(
        self, code: str, entry: CachedListing, kickoff_at: datetime, oldest: datetime, now: datetime
    ) -> None:
        """Judge the listing; what was confirmed before `oldest` is stale."""
        self.code, self.entry = code, entry
        self.kickoff_at = min(kickoff_at, entry.listing.kickoff_at or kickoff_at)
        state = entry.listing.state
        self.listing_excluded: Exclusion = (
            "started" if state == "started" or self.kickoff_at <= now else "" if state == "open" else state
        )
        self._oldest = oldest
        self._is_fresh = entry.confirmed_at is not None and entry.confirmed_at >= oldest
        self._counts = not self.listing_excluded and (self._is_fresh or bool(entry.market_confirmed_at))

    def market(self, key: MarketKey) -> Market | None:
        """Return the market if its prices count, else None; single outcomes of it may be locked still."""
        if not self._counts:
            return None
        entry = self.entry
        market = entry.markets.get(key)
        if market is None or market.withdrawn_at is not None or market.suspect or key in entry.outliers:
            return None
        return market if self._is_fresh or self._was_confirmed(key) else None

    def excluded(self, market: Market) -> Exclusion:
        """Return why a market of this listing does not count, "" where it does."""
        if self.listing_excluded:
            return self.listing_excluded
        if market.withdrawn_at is not None:
            return "withdrawn"
        if not (self._is_fresh or self._was_confirmed(market.key)):
            return "stale"
        if self.entry.suspect(market):
            return "suspect"
        return "suspended" if market.suspended and market.state == "suspended" else ""

    @property
    def is_stale(self) -> bool:
        """Return whether it would count, at least in part, if it were confirmed."""
        return not self.listing_excluded and not self._is_fresh

    def expires_at(self, limit: timedelta) -> datetime | None:
        """Return when something of it that is fresh now will no longer be; None where nothing is."""
        if self.listing_excluded:
            return None
        times = (self.entry.confirmed_at,) if self._is_fresh else self.entry.market_confirmed_at.values()
        fresh = [at for at in times if at is not None and at >= self._oldest]
        return min(self.kickoff_at, min(fresh) + limit + _NEXT) if fresh else None

    def _was_confirmed(self, key: MarketKey) -> bool:
        at = self.entry.fresh_at(key)
        return at is not None and at >= self._oldest


class Reading:
    """The bookmakers of one event at one time; `own` is the reference, None where it does not list the event."""

    def __init__(self, event: CachedEvent, now: datetime, limit: timedelta, enabled: tuple[str, ...]) -> None:
        self.event, self.now, self._limit = event, now, limit
        kickoff_at, oldest = event.header.kickoff_at, now - limit
        self.books = [
            Book(code, event.listings[code], kickoff_at, oldest, now)
            for code in enabled
            if code in event.listings
        ]
        self.own = next((book for book in self.books if book.code == REFERENCE), None)
        self.competitors = [book for book in self.books if book.code != REFERENCE]

    @property
    def good_until(self) -> datetime | None:
        """Return when time alone makes another reading of it, at its kickoff at last; None when it never does."""
        times = [at for book in self.books if (at := book.expires_at(self._limit)) is not None]
        kickoff_at = self.event.header.kickoff_at
        if kickoff_at > self.now:
            times.append(kickoff_at)
        return min(times, default=None)

    @property
    def is_stable(self) -> bool:
        """Return whether it has not begun anywhere, and no listing stands on confirmations of single markets."""
        return not any(
            book.listing_excluded == "started" or (book.is_stale and book.entry.market_confirmed_at)
            for book in self.books
        )

    @property
    def stale(self) -> frozenset[str]:
        """Return the bookmakers whose listing as a whole is stale."""
        return frozenset([book.code for book in self.books if book.is_stale])
