"""AnalysisDesk: keeps comparisons, exposures and movements level with the cache, from the same changes (I4)."""

import asyncio
import heapq
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

import msgspec

from overround.analysis.comparison import compare, prices_of, view
from overround.analysis.exposure import Exposures, Rules, crossing, is_unseen, may_cross, why_closed
from overround.analysis.movements import Movements, Source
from overround.analysis.reading import Reading
from overround.analysis.records import (
    Against,
    AnalysisListener,
    AnalysisUpdate,
    Comparison,
    ComparisonChange,
    Exposure,
    MarketView,
    Movement,
)
from overround.bus.base import Bus, Subscription
from overround.cache.odds_cache import CachedEvent, OddsCache
from overround.clock import Clock
from overround.config import Settings, SettingValue
from overround.domain.catalogue import Catalogue
from overround.domain.diff import Changes, Confirmation, ListingChanges, MarketChange
from overround.domain.fair import DEFAULT_METHOD, FairMethod
from overround.domain.markets import MarketKey, market_word
from overround.errors import StorageError
from overround.log import get_logger

log = get_logger(__name__)

TICK_S = 1.0  # how late a price may be seen to have grown stale
TIDY_EVERY_S = 60.0
HELD = 200_000  # changes that wait while movements are read from history; beyond, the oldest are lost
MARKETS_AT_ONCE = 60  # computed before the loop gets its turn: about 1 ms
HELD_AT_ONCE = 100  # taken in before the loop gets its turn: about 2 ms
_RULES = (
    "exposure_min_profit_bp",
    "exposure_min_bookmakers",
    "exposure_outlier_pct",
    "exposure_hide_below_mean",
)

Rebuild = Callable[[Movements], Awaitable[None]]  # fills them from history; raises StorageError
_Dirty = set[MarketKey] | None  # None: all markets of the event


class AnalysisDesk:
    """
    The read models of one process; see `records.AnalysisFeed` for what others may ask.

    A batch marks the markets it changed; they are computed anew one event per turn of the loop, a large one in
    parts. What time alone changes comes from a heap: every event stands in it with the moment its first price grows
    stale or it kicks off, and is looked at then. A confirmation of something that was stale marks it like a change.
    """

    def __init__(
        self, cache: OddsCache, bus: Bus, settings: Settings, catalogue: Catalogue, clock: Clock
    ) -> None:
        self._cache, self._bus, self._settings = cache, bus, settings
        self._catalogue, self._clock = catalogue, clock
        self._kept = Exposures()
        self._movements = Movements(settings)
        self._comparisons: dict[str, dict[MarketKey, Comparison]] = {}
        self._dirty: dict[str, _Dirty] = {}
        self._due: list[tuple[datetime, str]] = []
        self._seen: dict[str, _Seen] = {}
        self._listeners: list[AnalysisListener] = []
        self._held: deque[tuple[MarketChange, Source]] | None = None
        self._is_reading = False  # movements from history
        self._waiting: Subscription[Changes] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        settings.on_change(self._settings_changed)

    # --- life -----------------------------------------------------------------------------------------------

    async def start(self, rebuild: Rebuild | None = None) -> None:
        """
        Follow the bus from here on; returns when the subscription stands.

        Args:
            rebuild: Reads the movements that memory has lost; those that come meanwhile are taken in behind them.
        """
        subscribed = asyncio.Event()
        self._tasks = [
            asyncio.create_task(self._listen(subscribed), name="analysis"),
            asyncio.create_task(self._watch(), name="analysis-watch"),
        ]
        if rebuild is not None:
            self._held, self._is_reading = deque(maxlen=HELD), True
            self._tasks.append(asyncio.create_task(self.rebuild(rebuild), name="analysis-movements"))
        await subscribed.wait()

    async def stop(self) -> None:
        """Stop following the bus."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def reload(self) -> None:
        """Mark everything in the cache: it was filled past the bus, or who counts was changed."""
        for event in self._cache:
            self._dirty[event.header.sportradar_id] = None
        for sportradar_id in self._comparisons:
            self._dirty[sportradar_id] = None

    def restore(self, exposures: Iterable[Exposure]) -> None:
        """Take over what an earlier process left; before `start`, with the cache as warm as it will be."""
        patience = timedelta(seconds=self._settings.number("stale_after_s"))
        self._kept.restore(exposures, self._clock.now() + patience)

    async def tidy(self) -> None:
        """Drop what is too old to be kept, and close what an earlier process left and nobody saw again."""
        now = self._clock.now()
        if not self._is_reading:
            for _ in self._movements.forget_old(now):
                await asyncio.sleep(0)
        self._kept.forget_old(now)
        if given_up := self._kept.give_up(now):
            self._tell(AnalysisUpdate(now, exposures=given_up))

    # --- what others ask ------------------------------------------------------------------------------------

    def on_analysis(self, listener: AnalysisListener) -> None:
        """Call `listener` with every update, in order and in one turn of the loop; it must not wait or raise."""
        self._listeners.append(listener)

    def catch_up(self) -> None:
        """Take in all that the bus has delivered and all that time has made stale, without giving up the turn."""
        for message in self._waiting.take_waiting() if self._waiting else ():
            self.take(message)
        self._mark_due()
        while self._dirty:
            self._compute(next(iter(self._dirty)))

    def comparison(self, sportradar_id: str, key: MarketKey) -> Comparison | None:
        """Return one market's comparison, None where there is none."""
        return self._comparisons.get(sportradar_id, {}).get(key)

    def compared_events(self) -> list[str]:
        """Return the events that have comparisons."""
        return list(self._comparisons)

    def comparisons(self, sportradar_id: str | None = None) -> Iterator[Comparison]:
        """Return every comparison, of one event or of all, in no order that means anything."""
        if sportradar_id is not None:
            yield from self._comparisons.get(sportradar_id, {}).values()
            return
        for of_event in self._comparisons.values():
            yield from of_event.values()

    def against(self, of_event: Iterable[Comparison], reference: Against) -> list[tuple[float, ...]]:
        """
        Return the prices that comparisons of one event are held against, x 1000, 0 where there is none.

        Args:
            reference: `median`, `best`, or a competitor's code.
        """
        compared = list(of_event)
        if reference == "median":
            return [each.median_milli for each in compared]
        if reference == "best":
            return [each.best_milli for each in compared]
        event = self._cache.event(compared[0].sportradar_id) if compared else None
        if event is None:
            return [(0.0,) * len(each.names) for each in compared]
        reading = self._reading(event)
        return [prices_of(reading, each, reference) for each in compared]

    def view(
        self, sportradar_id: str, key: MarketKey, method: FairMethod = DEFAULT_METHOD
    ) -> MarketView | None:
        """Return one market over all bookmakers in full, None for an event or a market that nobody has."""
        event = self._cache.event(sportradar_id)
        if event is None:
            return None
        kind = self._catalogue.find(key.market_id, event.header.sport)
        return view(self._reading(event), key, kind, method)

    def exposures(self, closed: bool = False) -> Sequence[Exposure]:
        """Return what is open, oldest first; or what has closed in the last three days, newest first."""
        return self._kept.closed() if closed else self._kept.open()

    def movements(self) -> Iterator[Movement]:
        """Return the movements in memory, newest first."""
        return self._movements.newest_first()

    @property
    def trails(self) -> int:
        """Return how many markets are watched for flicker, steam and answers."""
        return self._movements.trails

    # --- the work -------------------------------------------------------------------------------------------

    async def _listen(self, subscribed: asyncio.Event) -> None:
        async with self._bus.subscribe(Changes) as messages:
            self._waiting = messages
            self.reload()
            subscribed.set()
            try:
                async for message in messages:
                    self._guarded(lambda message=message: self.take(message))
                    await self._drain()
            finally:
                self._waiting = None

    async def _watch(self) -> None:
        tidy_at = self._clock.monotonic() + TIDY_EVERY_S
        while True:
            await self._clock.sleep(TICK_S)
            self._mark_due()
            await self._drain()
            if self._clock.monotonic() >= tidy_at:
                tidy_at += TIDY_EVERY_S
                await self.tidy()

    async def rebuild(self, read: Rebuild) -> None:
        """Fill the movements from history, then take in those that came meanwhile; nobody is told of the former."""
        self._is_reading = True
        try:
            await read(self._movements)
        except StorageError as exc:
            log.warning("movements_not_read", reason=str(exc))
        except Exception as exc:  # movements begin here then
            log.error("analysis_failed", exc_info=exc)
        self._is_reading = False
        while self._held:
            for _ in range(min(HELD_AT_ONCE, len(self._held))):
                change, source = self._held.popleft()
                self._guarded(lambda change=change, source=source: self._movements.take(change, source))
            self._tell_movements()
            await asyncio.sleep(0)
        self._held = None
        self._close_begun()

    def _close_begun(self) -> None:
        """Let nothing wait in events that began or left while their movements were read."""
        now = self._clock.now()
        for sportradar_id in self._movements.watched_events():
            event = self._cache.event(sportradar_id)
            if event is None or event.header.kickoff_at <= now:
                self._movements.close_event(sportradar_id, "started", now)
        self._tell_movements()

    async def _drain(self) -> None:
        """Compute what is marked, one event or a part of it per turn of the loop."""
        while self._dirty:
            sportradar_id = next(iter(self._dirty))
            self._guarded(lambda sportradar_id=sportradar_id: self._compute(sportradar_id))
            await asyncio.sleep(0)

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do one piece of work; one that fails is logged and lost, the next ones are done."""
        try:
            work()
        except Exception as exc:  # analysis must outlive one market
            log.error("analysis_failed", exc_info=exc)

    def take(self, changes: Changes) -> None:
        """Mark what a batch that the cache has applied changed, and tell its movements."""
        for change in changes.listings:
            self._take_listing(changes, change)
        for flip in changes.flagged:
            self._mark(flip.sportradar_id, {flip.market.key})
        for confirmation in changes.confirmed:
            self._take_confirmation(confirmation)
        for sportradar_id in changes.removed:
            self._movements.close_event(sportradar_id, "started", changes.at)
            self._mark(sportradar_id, None)
        self._tell_movements()

    def _take_listing(self, changes: Changes, change: ListingChanges) -> None:
        event = self._cache.event(change.sportradar_id)
        if change.listing is not None or change.header is not None:
            self._mark(change.sportradar_id, None)
        else:
            self._mark(change.sportradar_id, {market.after.key for market in change.markets})
        if change.markets and change.bookmaker in self._settings.enabled_bookmakers:
            sport = event.header.sport if event else "football"
            for market in change.markets:
                kind = self._catalogue.find(market.after.key.market_id, sport)
                source = Source(
                    changes.change_id, changes.run_id, change.at, change.sportradar_id, change.bookmaker,
                    kind, event,
                )  # fmt: skip
                if self._held is None:
                    self._movements.take(market, source)
                else:
                    self._held.append((market, source))

    def _take_confirmation(self, confirmation: Confirmation) -> None:
        """Mark what a confirmation made fresh again; nothing where it was fresh when last looked at."""
        seen = self._seen.get(confirmation.sportradar_id)
        if seen is None or confirmation.bookmaker not in seen.stale:
            return
        words = confirmation.markets
        entry = self._cache.listing(confirmation.sportradar_id, confirmation.bookmaker)
        if words is None or entry is None:
            self._mark(confirmation.sportradar_id, None)
        else:
            keys = {key for key in entry.markets if key.market_id in words or market_word(key) in words}
            self._mark(confirmation.sportradar_id, keys)

    def _mark(self, sportradar_id: str, keys: _Dirty) -> None:
        if keys is None:
            self._dirty[sportradar_id] = None
        elif keys:
            known = self._dirty.setdefault(sportradar_id, set())
            if known is not None:
                known |= keys

    def _mark_due(self) -> None:
        """Mark the events in which something grew stale or that began, by now."""
        now = self._clock.now()
        while self._due and self._due[0][0] <= now:
            due_at, sportradar_id = heapq.heappop(self._due)
            seen, event = self._seen.get(sportradar_id), self._cache.event(sportradar_id)
            if seen is None or seen.due_at != due_at or event is None:
                continue
            if event.header.kickoff_at <= now:
                self._movements.close_event(sportradar_id, "started", now)
            reading = self._reading(event)
            if reading.is_stable and reading.stale == seen.stale:
                self._note(sportradar_id, reading)
            else:
                self._mark(sportradar_id, None)
        self._tell_movements()

    def _tell_movements(self) -> None:
        if not self._is_reading and (moved := self._movements.told()):
            self._tell(AnalysisUpdate(self._clock.now(), movements=moved))

    def _note(self, sportradar_id: str, reading: Reading) -> None:
        """Remember which bookmakers are stale, and when to look again."""
        due_at, before = reading.good_until, self._seen.get(sportradar_id)
        self._seen[sportradar_id] = _Seen(reading.stale, due_at)
        if due_at is not None and (before is None or before.due_at != due_at):
            heapq.heappush(self._due, (due_at, sportradar_id))

    def _reading(self, event: CachedEvent) -> Reading:
        limit = timedelta(seconds=self._settings.number("stale_after_s"))
        return Reading(event, self._clock.now(), limit, self._settings.enabled_bookmakers)

    def _compute(self, sportradar_id: str) -> None:
        """Compute marked markets of one event and tell what became different; more than a few stay marked."""
        keys = self._dirty.pop(sportradar_id)
        event = self._cache.event(sportradar_id)
        known = self._comparisons.get(sportradar_id, {})
        if event is None:
            self._drop(sportradar_id)
            return
        reading = self._reading(event)
        self._note(sportradar_id, reading)
        if keys is None:
            keys = {key for book in reading.books for key in book.entry.markets}
            keys.update(known, self._kept.markets_of(sportradar_id))
        if len(keys) > MARKETS_AT_ONCE:
            several = iter(keys)
            keys = set(islice(several, MARKETS_AT_ONCE))
            self._dirty[sportradar_id] = set(several)
        now, rules = reading.now, Rules.of(self._settings)
        compared: list[ComparisonChange] = []
        exposures: list[Exposure] = []
        for key in keys:
            kind = self._catalogue.find(key.market_id, event.header.sport)
            before, after = known.get(key), compare(reading, key)
            if before != after:
                compared.append(ComparisonChange(sportradar_id, key, before, after))
            found = crossing(reading, key, kind, rules) if may_cross(after, kind) else None
            if found is not None or self._kept.knows((sportradar_id, key)):
                exposures += self._kept.put(
                    (sportradar_id, key),
                    found,
                    now,
                    lambda exposure: why_closed(exposure, reading),
                    lambda exposure: is_unseen(exposure, reading),
                )
        self._keep(sportradar_id, compared)
        if compared or exposures:
            self._tell(AnalysisUpdate(now, compared, exposures))

    def _keep(self, sportradar_id: str, compared: Sequence[ComparisonChange]) -> None:
        known = self._comparisons.setdefault(sportradar_id, {})
        for change in compared:
            if change.after is None:
                del known[change.key]
            else:
                known[change.key] = change.after
        if not known:
            del self._comparisons[sportradar_id]

    def _drop(self, sportradar_id: str) -> None:
        """Forget an event that left the cache."""
        self._seen.pop(sportradar_id, None)
        now, known = self._clock.now(), self._comparisons.pop(sportradar_id, {})
        compared = [ComparisonChange(sportradar_id, key, before, None) for key, before in known.items()]
        exposures = [
            told
            for key in self._kept.markets_of(sportradar_id)
            for told in self._kept.put((sportradar_id, key), None, now, lambda _: "withdrawn")
        ]
        if compared or exposures:
            self._tell(AnalysisUpdate(now, compared, exposures))

    def _tell(self, update: AnalysisUpdate) -> None:
        for listener in self._listeners:
            listener(update)

    def _settings_changed(self, changed: dict[str, SettingValue]) -> None:
        if "enabled_bookmakers" in changed or "stale_after_s" in changed:
            self.reload()
        elif any(key in changed for key in _RULES):
            for exposure in self._kept.open():
                self._mark(exposure.sportradar_id, {exposure.key})


class _Seen(msgspec.Struct, frozen=True, gc=False):
    """How an event stood when it was last looked at."""

    stale: frozenset[str]
    due_at: datetime | None  # when to look again
