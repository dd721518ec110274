"""Discovery: which events every bookmaker lists, and which lists are to be believed."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from overround import metrics
from overround.bookmakers.base import Ask, Bookmaker, Request, Window
from overround.cache.odds_cache import CachedEvent, OddsCache
from overround.clock import Clock
from overround.config import Settings
from overround.domain.events import ListedEvent, ListingState
from overround.domain.matching import Matched, match
from overround.errors import BookmakerError, PayloadChanged
from overround.log import get_logger
from overround.scraping.acceptance import ListingId
from overround.scraping.coordinator import EventJob
from overround.scraping.health import Sources

log = get_logger(__name__)

EVENTS_AT_ONCE = 200  # of a list, looked at in one turn of the loop: about 2 ms
SHORT_SHARE = 0.5  # a list with less than this part of the last complete one is not believed at once


class Registry(Protocol):
    """Where discovered events and listings become known; `Intake` is one."""

    async def register(
        self, events: Mapping[str, Mapping[str, ListedEvent]], at: datetime, run_id: str | None = None
    ) -> None: ...
    async def set_state(self, listings: Sequence[ListingId], state: ListingState, at: datetime) -> None: ...


class ListResult(msgspec.Struct, frozen=True):
    """How one bookmaker's discovery ended. `error` is None for a complete list that is believed."""

    bookmaker: str
    rows: tuple[ListedEvent, ...] = ()
    error: BookmakerError | None = None
    unidentified: int = 0  # rows without a usable id
    ms: float = 0.0

    @property
    def complete(self) -> bool:
        """Return whether the list may speak of what is no longer there."""
        return self.error is None


class Found(msgspec.Struct, frozen=True):
    """Lists that have just ended, and what to fetch because of them."""

    lists: dict[str, ListResult]
    jobs: list[EventJob]


class Discovered(msgspec.Struct, frozen=True):
    """What to fetch in all, and what every bookmaker's list was worth."""

    lists: dict[str, ListResult]
    jobs: list[EventJob]
    matched: int  # events at two bookmakers or more
    withdrawn: tuple[ListingId, ...] = ()


class _Memory(msgspec.Struct):
    """What is remembered of one bookmaker's lists."""

    complete: dict[str, datetime] | None = None  # own event id -> kickoff, of the last complete list
    doubted: dict[str, datetime] | None = None  # the list before, when it was not believed


class _Search:
    """One discovery: what its lists have brought so far."""

    def __init__(self, bookmakers: Sequence[str], run_id: str, now: datetime, window: Window) -> None:
        self.bookmakers, self.run_id, self.now, self.window = bookmakers, run_id, now, window
        self.results: dict[str, ListResult] = {}
        self.answered: set[str] = set()  # who gave some answer, were it half a list
        self.rows: dict[str, list[ListedEvent]] = {}  # of the lists that are believed
        self.listings: dict[str, dict[str, str]] = {}  # given out to fetch: event -> bookmaker -> own id
        self.kickoffs: dict[str, datetime] = {}
        self.owed: set[str] = set()  # whose known events are still to be given out: their lists failed
        self.withdrawn: list[ListingId] = []

    @property
    def is_over(self) -> bool:
        """Return whether every list has ended."""
        return len(self.results) == len(self.bookmakers)

    def add(self, result: ListResult, identified: list[ListedEvent]) -> None:
        """Take in how a list ended."""
        code = result.bookmaker
        self.results[code] = result
        if result.error is None:
            self.rows[code] = identified
        else:
            self.owed.add(code)
        if result.error is None or result.error.answered:
            self.answered.add(code)

    def matched(self) -> Matched:
        """
        Match what is listed so far.

        A row that another bookmaker has to identify waits for all lists: a later one may contradict an earlier.
        """
        rows = {code: self.rows[code] for code in self.bookmakers if code in self.rows}
        if not self.is_over:
            rows = {code: [row for row in listed if row.sportradar_id] for code, listed in rows.items()}
        return match(rows)

    def new_rows(self, matching: Matched) -> dict[str, dict[str, ListedEvent]]:
        """Return what was not given out before."""
        new: dict[str, dict[str, ListedEvent]] = {}
        for sportradar_id, rows in matching.events.items():
            given = self.listings.get(sportradar_id, {})
            if fresh := {code: row for code, row in rows.items() if code not in given}:
                new[sportradar_id] = fresh
        return new

    def completed_late(self) -> set[str]:
        """Return whose list had rows that only the end of all lists has matched."""
        if not self.is_over:
            return set()
        return {code for code, rows in self.rows.items() if any(row.sportradar_id is None for row in rows)}

    def payable(self) -> set[str]:
        """
        Return whose known events may be given out now although their lists failed, and owe them no longer.

        A bookmaker that did not answer at all waits for the end: when nobody answers, nobody is asked for events.
        """
        everyone = self.is_over and self.answered
        payable = self.owed if everyone else self.owed & self.answered
        self.owed = self.owed - payable
        return payable

    def give_out(self, listings: Mapping[str, Mapping[str, str]], kickoffs: Mapping[str, datetime]) -> None:
        """Note what is to be fetched."""
        for sportradar_id, own_ids in listings.items():
            self.listings.setdefault(sportradar_id, {}).update(own_ids)
            self.kickoffs.setdefault(sportradar_id, kickoffs[sportradar_id])


class Discovery:
    """
    Asks all bookmakers for their lists at once, and keeps the memory that judging a list takes.

    Nobody waits for another's list: what one brings is known and may be fetched when that list has ended.
    """

    def __init__(
        self,
        bookmakers: Mapping[str, Bookmaker],
        ask_for: Callable[[str], Ask],
        cache: OddsCache,
        registry: Registry,
        sources: Sources,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._bookmakers, self._ask_for, self._cache, self._registry = bookmakers, ask_for, cache, registry
        self._sources, self._settings, self._clock = sources, settings, clock
        self._memory = {code: _Memory() for code in bookmakers}
        self._misses: dict[ListingId, int] = {}
        self._listeners: list[Callable[[str, Sequence[ListedEvent]], None]] = []

    def on_list(self, listener: Callable[[str, Sequence[ListedEvent]], None]) -> None:
        """Call `listener` with a bookmaker's code and rows whenever a complete list's events are known, or more of them."""
        self._listeners.append(listener)

    async def run(
        self,
        bookmakers: Sequence[str],
        run_id: str,
        on_answer: Callable[[str], None] = lambda _: None,
        on_found: Callable[[Found], None] = lambda _: None,
    ) -> Discovered:
        """
        Ask these bookmakers, make what they list known and return what to fetch.

        A bookmaker whose discovery failed keeps the events known before, and they are fetched all the same.

        Args:
            on_answer: Called with the bookmaker's code at every list answer, as a sign of life.
            on_found: Called whenever lists have ended, with what to fetch because of them; each listing once.
        """
        now = self._clock.now()
        horizon = timedelta(hours=self._settings.number("discovery_horizon_hours"))
        search = _Search(bookmakers, run_id, now, Window(now, now + horizon))

        def note_answer(code: str) -> None:
            search.answered.add(code)
            on_answer(code)

        asking = {asyncio.ensure_future(self._list(code, search.window, note_answer)) for code in bookmakers}
        waiting = asking
        try:
            while waiting:
                ended, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                on_found(await self._take_in(search, [one.result() for one in ended]))
        finally:
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        return self._discovered(search)

    def note_gone(self, sportradar_id: str, bookmaker: str) -> None:
        """Count a detail answered with "not found" as one miss; the next list that holds the event clears it."""
        self._misses[sportradar_id, bookmaker] = self._misses.get((sportradar_id, bookmaker), 0) + 1

    # --- asking -------------------------------------------------------------------------------------------

    async def _list(self, code: str, window: Window, on_answer: Callable[[str], None]) -> ListResult:
        started = self._clock.monotonic()
        error: BookmakerError | None = None
        rows: list[ListedEvent] = []
        try:
            rows = await self._bookmakers[code].discover(
                _noting(self._ask_for(code), code, on_answer), window
            )
        except BookmakerError as exc:
            error = exc
        except Exception as exc:  # a bookmaker's own fault must not cost the others their run
            log.exception("discovery_crashed", bookmaker=code)
            error = BookmakerError(code, "discover", f"{type(exc).__name__}: {exc}")
        else:
            rows = [row for row in rows if window.holds(row.kickoff_at)]
            error = self._doubt(code, rows, window)
        self._sources.record_list(code, error)
        if error:
            log.warning(
                "discovery_failed", bookmaker=code, kind=error.kind, reason=error.detail, rows=len(rows)
            )
        ms = (self._clock.monotonic() - started) * 1000
        metrics.PHASE_SECONDS.labels("discover").observe(ms / 1000)
        return ListResult(code, () if error else tuple(rows), error, ms=ms)

    def _doubt(self, code: str, rows: Sequence[ListedEvent], window: Window) -> BookmakerError | None:
        """Return why a list is not believed, None when it is; remembers it either way."""
        memory = self._memory[code]
        listed = {row.event_id: row.kickoff_at for row in rows}
        expected = self._expected(code, window)
        before, memory.doubted = memory.doubted, listed
        said_twice = before is not None and _within(before, window) == _overlap(listed, before)
        if not listed and (expected or not said_twice):
            return PayloadChanged(code, "discover", f"an empty list where {len(expected)} events were known")
        if len(listed) < len(expected) * SHORT_SHARE and not said_twice:
            return PayloadChanged(code, "discover", f"{len(listed)} events where {len(expected)} were known")
        memory.complete, memory.doubted = listed, None
        return None

    def _expected(self, code: str, window: Window) -> dict[str, datetime]:
        """Return what should still be listed: the last complete list, or what the cache knew before any."""
        complete = self._memory[code].complete
        if complete is None:
            complete = {
                entry.listing.event_id: entry.listing.kickoff_at or event.header.kickoff_at
                for event in self._cache
                if (entry := event.listings.get(code)) and entry.listing.state in ("open", "unknown")
            }
        return _within(complete, window)

    def _identified(self, result: ListResult) -> list[ListedEvent]:
        """Give rows without a Sportradar id the one known for that listing: who taught us may be down now."""
        if all(row.sportradar_id for row in result.rows):
            return list(result.rows)
        known = {
            entry.listing.event_id: event.header.sportradar_id
            for event in self._cache
            if (entry := event.listings.get(result.bookmaker))
        }
        return [
            row if row.sportradar_id else msgspec.structs.replace(row, sportradar_id=known.get(row.event_id))
            for row in result.rows
        ]

    def _note_kickoffs(self, events: Mapping[str, Mapping[str, ListedEvent]]) -> None:
        """Say where a bookmaker has moved a kickoff; the change itself is registered like any other."""
        for sportradar_id, rows in events.items():
            event = self._cache.event(sportradar_id)
            for code, row in rows.items() if event else ():
                entry = event.listings.get(code) if event else None
                before = entry.listing.kickoff_at if entry else None
                if before is not None and before != row.kickoff_at:
                    log.info(
                        "kickoff_moved",
                        sportradar_id=sportradar_id,
                        bookmaker=code,
                        before=before.isoformat(),
                        after=row.kickoff_at.isoformat(),
                    )

    def _tell(self, codes: Iterable[str], events: Mapping[str, Mapping[str, ListedEvent]]) -> None:
        rows: dict[str, list[ListedEvent]] = {code: [] for code in codes}
        for sportradar_id, by_bookmaker in events.items():
            for code in rows.keys() & by_bookmaker.keys():
                row = by_bookmaker[code]
                rows[code].append(
                    row if row.sportradar_id else msgspec.structs.replace(row, sportradar_id=sportradar_id)
                )
        for listener in self._listeners:
            for code, listed in rows.items():
                listener(code, listed)

    # --- what follows -------------------------------------------------------------------------------------

    async def _take_in(self, search: _Search, results: Sequence[ListResult]) -> Found:
        """Make known what these lists bring, withdraw what they miss, and return what to fetch."""
        for result in results:
            search.add(result, self._identified(result))
        matching = search.matched()
        new = search.new_rows(matching)
        self._note_kickoffs(new)
        await self._registry.register(new, search.now, search.run_id)
        complete = {result.bookmaker: search.rows[result.bookmaker] for result in results if result.complete}
        await asyncio.sleep(0)
        self._tell(complete.keys() | search.completed_late(), matching.events)
        await asyncio.sleep(0)
        withdrawn = self._missing(matching.events, complete, search.window)
        await self._registry.set_state(withdrawn, "withdrawn", search.now)
        search.withdrawn += withdrawn
        return Found({result.bookmaker: result for result in results}, await self._jobs(search, new))

    def _discovered(self, search: _Search) -> Discovered:
        unidentified = search.matched().unidentified
        lists = {
            code: msgspec.structs.replace(search.results[code], unidentified=unidentified.get(code, 0))
            for code in search.bookmakers
        }
        jobs = [EventJob(key, search.kickoffs[key], own_ids) for key, own_ids in search.listings.items()]
        matched = sum(len(job.listings) > 1 for job in jobs)
        return Discovered(lists, jobs, matched, tuple(search.withdrawn))

    def _missing(
        self,
        events: Mapping[str, Mapping[str, ListedEvent]],
        complete: Mapping[str, Sequence[ListedEvent]],
        window: Window,
    ) -> tuple[ListingId, ...]:
        """Count a miss for every upcoming listing that a complete list lacks; return those that had enough."""
        enough = self._settings.number("withdraw_after_misses")
        own_ids = {code: {row.event_id for row in rows} for code, rows in complete.items()}
        missing: dict[ListingId, int] = {}
        for event in self._cache:
            sportradar_id = event.header.sportradar_id
            for code in complete:
                if not _is_upcoming(event, code, window):
                    continue
                if (
                    code in events.get(sportradar_id, {})
                    or event.listings[code].listing.event_id in own_ids[code]
                ):
                    self._misses.pop((sportradar_id, code), None)
                else:
                    missing[sportradar_id, code] = self._misses.get((sportradar_id, code), 0) + 1
        self._misses.update(missing)
        gone = tuple(listing for listing, misses in missing.items() if misses >= enough)
        self._forget_misses(gone)
        return gone

    def _forget_misses(self, gone: Sequence[ListingId]) -> None:
        evicted = [listing for listing in self._misses if self._cache.event(listing[0]) is None]
        for listing in (*gone, *evicted):
            self._misses.pop(listing, None)

    async def _jobs(self, search: _Search, new: Mapping[str, Mapping[str, ListedEvent]]) -> list[EventJob]:
        listings = {key: {code: row.event_id for code, row in rows.items()} for key, rows in new.items()}
        kickoffs = {key: min(row.kickoff_at for row in rows.values()) for key, rows in new.items()}
        self._add_known(search.payable(), search.window, listings, kickoffs)
        search.give_out(listings, kickoffs)
        jobs: list[EventJob] = []
        for key, own_ids in listings.items():
            jobs.append(EventJob(key, kickoffs[key], own_ids, self._listed_by(search, key)))
            if len(jobs) % EVENTS_AT_ONCE == 0:
                await asyncio.sleep(0)
        return jobs

    def _add_known(
        self,
        codes: Iterable[str],
        window: Window,
        listings: dict[str, dict[str, str]],
        kickoffs: dict[str, datetime],
    ) -> None:
        """Add what these bookmakers were last known to list."""
        for event in self._cache if codes else ():
            for code in codes:
                if _is_upcoming(event, code, window):
                    sportradar_id = event.header.sportradar_id
                    listings.setdefault(sportradar_id, {})[code] = event.listings[code].listing.event_id
                    kickoffs.setdefault(sportradar_id, event.header.kickoff_at)

    def _listed_by(self, search: _Search, sportradar_id: str) -> frozenset[str]:
        """Return who lists an event as far as is known, lists that are still out by what they said last."""
        event = self._cache.event(sportradar_id)
        known = {code for code in search.bookmakers if event and _is_upcoming(event, code, search.window)}
        return frozenset(known | search.listings[sportradar_id].keys())


def _is_upcoming(event: CachedEvent, code: str, window: Window) -> bool:
    entry = event.listings.get(code)
    return (
        entry is not None
        and entry.listing.state in ("open", "unknown")
        and window.holds(entry.listing.kickoff_at or event.header.kickoff_at)
    )


def _within(listed: Mapping[str, datetime], window: Window) -> dict[str, datetime]:
    return {event_id: kickoff for event_id, kickoff in listed.items() if window.holds(kickoff)}


def _overlap(listed: Mapping[str, datetime], before: Mapping[str, datetime]) -> dict[str, datetime]:
    """Leave out what came into the window at its far end since the list before."""
    last = max(before.values(), default=None)
    return {
        event_id: kickoff
        for event_id, kickoff in listed.items()
        if event_id in before or (last is not None and kickoff <= last)
    }


def _noting(ask: Ask, code: str, on_answer: Callable[[str], None]) -> Ask:
    async def noting(request: Request) -> bytes:
        body = await ask(request)
        on_answer(code)
        return body

    return noting
