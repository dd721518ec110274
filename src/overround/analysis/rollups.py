"""
Rollups: watches the main markets and sums up, exactly between changes, what each bookmaker's margin was and where our price stood.

A span ends with every change of its event; it is cut where a price grows stale, at full hours and at the bands of
time to kickoff. A price counts as in `records`: open, fresh, sane, not started (I14).
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from overround.analysis.closes import Closes
from overround.bus.base import Bus
from overround.cache.odds_cache import CachedEvent, CachedListing, OddsCache
from overround.clock import Clock
from overround.config import REFERENCE, Settings, SettingValue
from overround.domain.catalogue import Catalogue, MarketType
from overround.domain.comparing import aligned, gap, median, rank
from overround.domain.diff import Changes, Confirmation
from overround.domain.events import EventHeader
from overround.domain.markets import MarketKey
from overround.domain.odds import overround
from overround.domain.rollup import (
    HOUR,
    MarginSums,
    PositionSums,
    SeriesKey,
    band_of,
    pieces,
    price_band_of,
    rolled_up,
    start_of,
)
from overround.domain.sanity import complete_book
from overround.domain.settle import speaks_for
from overround.errors import StorageError
from overround.log import get_logger
from overround.storage.rollups import EVERYWHERE, MarginKey, PositionKey, RollupStore

log = get_logger(__name__)

WRITE_EVERY_S = 300.0  # a kill costs that much observation at most, never a sum
CLOSE_EVERY_S = 300.0
CLOSE_AFTER = timedelta(minutes=10)  # of an hour's end: what waits in the spool is in the database by then
CLOSED_BACK = timedelta(days=7)  # how far a process that was away goes back
EVENTS_AT_ONCE = 20  # summed up before the loop gets its turn: about a millisecond


class _Quote(msgspec.Struct, gc=False):
    """One bookmaker's listing of a market in one span."""

    bookmaker: str
    prices: tuple[
        int, ...
    ]  # open ones x 1000 in the order of the reference's names; () while it does not count
    margin: float | None  # None while it is not complete
    until: datetime | None  # it counts no longer than this, unless it is confirmed again; None: not even then


class _Watch(msgspec.Struct):
    """One market of one event since its last change."""

    series: int
    header: EventHeader
    since: datetime
    quotes: tuple[_Quote, ...]


class Rollups:
    """Keeps the sums of the hours not yet written; `write` is a job for the scheduler."""

    def __init__(
        self, cache: OddsCache, bus: Bus, settings: Settings, catalogue: Catalogue, clock: Clock
    ) -> None:
        self._cache, self._bus, self._settings = cache, bus, settings
        self._catalogue, self._clock = catalogue, clock
        self._markets = rolled_up(catalogue)
        self._watches: dict[str, dict[MarketKey, _Watch]] = {}
        self._series: dict[SeriesKey, int] = {}
        self._new_series: dict[SeriesKey, int] = {}
        self._hours: dict[datetime, _Hour] = {}
        self._store: RollupStore | None = None
        self._listening: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        settings.on_change(self._settings_changed)

    async def start(self, store: RollupStore) -> None:
        """
        Take over what is stored of this hour and follow the bus from here on.

        Raises:
            StorageError: The database can't be read.
        """
        now = self._clock.now()
        self._series = await store.series()
        hour = start_of(now, 0)
        self._hours = {hour: _Hour(*await store.hour(hour))}
        self._store = store
        subscribed = asyncio.Event()
        self._listening = asyncio.create_task(self._listen(subscribed), name="rollups")
        await subscribed.wait()

    async def stop(self) -> None:
        """Stop following the bus and write what was observed, if the database takes it."""
        if self._listening is None:
            return
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        self._listening = None
        try:
            await self.write()
        except StorageError as exc:
            log.warning("rollups_not_written", reason=str(exc))
        self._store = None

    async def write(self) -> None:
        """
        Store what was observed up to now, and the days and weeks it belongs to.

        Raises:
            StorageError: The database does not take it; the next time it is written whole.
        """
        store = self._store
        if store is None:
            return
        async with self._writing:
            now = self._clock.now()
            await self._settle_all(now)
            await self._number_everywhere()
            new = dict(self._new_series)
            if new:
                await store.add_series(new)
                for key in new:
                    self._new_series.pop(key, None)
            for at, hour in list(self._hours.items()):
                await store.put_hour(at, hour.margins, hour.positions)
            await store.advance(observed_at=now)
            progress = await store.progress()
            days = {start_of(at, 1) for at in self._hours}
            if progress.derived_at:
                days.add(start_of(progress.derived_at, 1))
            for day in sorted(days):
                await store.derive(day)
            await store.advance(derived_at=now)
            for at in [at for at in self._hours if at + HOUR <= now]:
                del self._hours[at]
            log.info("rollups_written", markets=sum(map(len, self._watches.values())), days=len(days))

    async def close(self) -> None:
        """
        Store how the events went whose hour of kickoff is over, an hour at a time, each whole or not at all.

        Raises:
            StorageError: The database can't be read or written; the next time goes on there.
        """
        store = self._store
        if store is None:
            return
        now = self._clock.now()
        done = (await store.progress()).closed_at
        hour = max(done or start_of(now, 0), start_of(now - CLOSED_BACK, 0))
        if done is None:
            await store.advance(closed_at=hour)
        closes = Closes(store, self._catalogue, self._markets, self._numbered)
        while hour + HOUR + CLOSE_AFTER <= now:
            margins, edges = await closes.read(hour, self._settings.enabled_bookmakers, now)
            new = dict(self._new_series)
            await store.add_series(new)
            await store.put_closes(hour, margins, edges)
            hour += HOUR
            await store.advance(closed_at=hour)
            log.info("rollups_closed", until=hour.isoformat(), rows=len(margins))

    def take(self, changes: Changes) -> None:
        """End the spans of the events in which a batch changed what counts, and begin new ones from the cache."""
        touched = {change.sportradar_id for change in changes.listings}
        touched.update(flip.sportradar_id for flip in changes.flagged)
        touched.update(changes.removed)
        now = self._clock.now()
        for each in changes.confirmed:
            if each.sportradar_id not in touched and not self._goes_on(each, now):
                touched.add(each.sportradar_id)
        for sportradar_id in touched:
            self._look_again(sportradar_id, now)

    def _goes_on(self, confirmed: Confirmation, now: datetime) -> bool:
        """Let what counted go on counting; return False where something begins to count that did not."""
        watches = self._watches.get(confirmed.sportradar_id)
        entry = self._cache.listing(confirmed.sportradar_id, confirmed.bookmaker)
        if not watches or entry is None:
            return True
        limit = timedelta(seconds=self._settings.number("stale_after_s"))
        scope = None if confirmed.markets is None else frozenset(confirmed.markets)
        for key, watch in watches.items():
            if not speaks_for(scope, key):
                continue
            for quote in watch.quotes:
                if quote.bookmaker == confirmed.bookmaker and quote.until is not None:
                    if quote.until <= now:
                        return False
                    quote.until = _counts_until(entry, key, limit) or quote.until
        return True

    async def _listen(self, subscribed: asyncio.Event) -> None:
        async with self._bus.subscribe(Changes) as messages:
            self._reload()
            subscribed.set()
            async for message in messages:
                try:
                    self.take(message)
                except Exception as exc:  # roll-ups must outlive one event
                    log.error("analysis_failed", exc_info=exc)

    def _reload(self) -> None:
        now = self._clock.now()
        for sportradar_id in {*self._watches, *(event.header.sportradar_id for event in self._cache)}:
            self._look_again(sportradar_id, now)

    def _settings_changed(self, changed: Mapping[str, SettingValue]) -> None:
        if self._store is not None and ("enabled_bookmakers" in changed or "stale_after_s" in changed):
            self._reload()

    def _look_again(self, sportradar_id: str, now: datetime) -> None:
        for watch in self._watches.pop(sportradar_id, {}).values():
            self._settle(watch, now)
        event = self._cache.event(sportradar_id)
        if event is None or event.header.kickoff_at <= now:
            return
        watches = {
            key: watch
            for key in self._markets.get(event.header.sport, ())
            if (watch := self._watch(event, key, now)) is not None
        }
        if watches:
            self._watches[sportradar_id] = watches

    def _watch(self, event: CachedEvent, key: MarketKey, now: datetime) -> _Watch | None:
        kind = self._catalogue.find(key.market_id, event.header.sport)
        books = {
            code: entry
            for code in self._settings.enabled_bookmakers
            if (entry := event.listings.get(code)) is not None and key in entry.markets
        }
        if kind is None or not books:
            return None
        limit = timedelta(seconds=self._settings.number("stale_after_s"))
        first = books[REFERENCE] if REFERENCE in books else next(iter(books.values()))
        names = first.markets[key].names
        quotes = [_quote(code, entry, key, names, kind, limit) for code, entry in books.items()]
        return _Watch(self._number(event.header, key), event.header, now, tuple(quotes))

    def _number(self, header: EventHeader, key: MarketKey) -> int:
        return self._numbered(SeriesKey(header.sport, header.competition, key))

    def _numbered(self, series: SeriesKey) -> int:
        number = self._series.get(series)
        if number is None:
            number = self._series[series] = self._new_series[series] = (
                max(self._series.values(), default=0) + 1
            )
        return number

    async def _number_everywhere(self) -> None:
        """Give each market that is in use a series for all competitions together."""
        for sport, keys in self._markets.items():
            for key in keys:
                if any(each.sport == sport and each.key == key for each in self._series):
                    self._numbered(SeriesKey(sport, EVERYWHERE, key))

    async def _settle_all(self, now: datetime) -> None:
        for number, sportradar_id in enumerate(list(self._watches), 1):
            for watch in self._watches.get(sportradar_id, {}).values():
                self._settle(watch, now)
            if number % EVENTS_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _settle(self, watch: _Watch, now: datetime) -> None:
        """Add a watch's span up to now to the sums; the next one begins there."""
        if now <= watch.since:
            return
        since, watch.since = watch.since, now
        kickoff_at = watch.header.kickoff_at
        ends = sorted({quote.until for quote in watch.quotes if quote.until and since < quote.until < now})
        for start, end in zip([since, *ends], [*ends, now], strict=True):
            counted = [_counted(quote, start) for quote in watch.quotes]
            for begin, stop in pieces(start, end, kickoff_at):
                hour = self._hours.setdefault(start_of(begin, 0), _Hour({}, {}))
                hour.add(watch.series, band_of(kickoff_at - begin), counted, (stop - begin).total_seconds())


class _Hour:
    """The sums of one hour."""

    def __init__(
        self, margins: dict[MarginKey, MarginSums], positions: dict[PositionKey, PositionSums]
    ) -> None:
        self.margins, self.positions = margins, positions

    def add(self, series: int, band: int, quotes: Sequence[_Quote], seconds: float) -> None:
        """Add a span in which nothing changed."""
        open_books = [quote.bookmaker for quote in quotes if any(quote.prices)]
        for quote in quotes:
            others = any(code != quote.bookmaker for code in open_books)
            if quote.margin is None and not others:
                continue
            sums = self.margins.setdefault((series, band, quote.bookmaker), MarginSums())
            if others:
                sums.others_s += seconds
                sums.up_s += seconds if any(quote.prices) else 0.0
            if quote.margin is not None:
                sums.seconds += seconds
                sums.weighted += quote.margin * seconds
                sums.low = quote.margin if sums.low is None else min(sums.low, quote.margin)
                sums.high = quote.margin if sums.high is None else max(sums.high, quote.margin)
        own = next((quote.prices for quote in quotes if quote.bookmaker == REFERENCE), ())
        rivals = [quote.prices for quote in quotes if quote.bookmaker != REFERENCE and quote.prices]
        for place, price in enumerate(own):
            if price and (others_milli := [prices[place] for prices in rivals if prices[place]]):
                self._add_price(series, band, price, others_milli, seconds)

    def _add_price(
        self, series: int, band: int, price: int, others_milli: Sequence[int], seconds: float
    ) -> None:
        sums = self.positions.setdefault((series, band, price_band_of(price)), PositionSums())
        place = rank(price, others_milli)
        sums.seconds += seconds
        sums.best += seconds if place == 1 else 0.0
        sums.rank += place * seconds
        sums.rivals += len(others_milli) * seconds
        sums.gap += gap(price, median(others_milli)) * seconds


def _quote(
    code: str, entry: CachedListing, key: MarketKey, names: tuple[str, ...], kind: MarketType, limit: timedelta
) -> _Quote:  # fmt: skip
    market = entry.markets[key]
    if entry.listing.state != "open" or market.withdrawn_at is not None or entry.suspect(market):
        return _Quote(code, (), None, None)
    until = _counts_until(entry, key, limit)
    if until is None:
        return _Quote(code, (), None, market.changed_at)
    book = complete_book(market, kind)
    margin = overround([each / 1000 for each in book], kind.winners or 1) if book else None
    return _Quote(code, aligned(market, names), margin, until)


def _counts_until(entry: CachedListing, key: MarketKey, limit: timedelta) -> datetime | None:
    """Return when a market will be stale or begin, None where it was never confirmed."""
    confirmed_at = entry.fresh_at(key)
    if confirmed_at is None:
        return None
    return min(confirmed_at + limit, entry.listing.kickoff_at or confirmed_at + limit)


def _counted(quote: _Quote, at: datetime) -> _Quote:
    """Return the quote as it counts from this time on."""
    if quote.until is None or quote.until > at:
        return quote
    return _Quote(quote.bookmaker, (), None, quote.until)
