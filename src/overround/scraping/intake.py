"""
Intake: the one way of an answer into the product, whoever asked for it.

parse -> players -> settle -> sanity -> diff -> acceptance

One consumer takes one body after the other; it is parsed beside the loop, and what it says is judged after that, in one
turn, against what is known by then.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from functools import partial
from typing import Literal

import msgspec
import xxhash

from overround import metrics
from overround.bookmakers.base import Bookmaker, ParsedEvent
from overround.bookmakers.content_encoding import inflate
from overround.domain.current import CurrentListing
from overround.domain.diff import Confirmation, ListingChanges, Unmapped, diff
from overround.domain.events import EventHeader, ListedEvent, Listing, ListingState
from overround.domain.markets import Market, MarketKey, Markets, ParsedMarket, market_word
from overround.domain.matching import header_of, header_rank
from overround.domain.roster import Roster
from overround.domain.runs import EventOutcome, Phase, RunReport
from overround.domain.sanity import Sanity
from overround.domain.settle import Scope, settle, speaks_for, withdraw
from overround.errors import PayloadChanged, StorageError
from overround.log import get_logger
from overround.scraping.acceptance import Acceptance, Door, Known, ListingId
from overround.scraping.inputs import (
    Answer,
    Answered,
    Evicted,
    Input,
    Listener,
    Moved,
    Registered,
    RunNoted,
    ScopedAnswer,
    ScopedAnswered,
    row_of,
)
from overround.scraping.parser_thread import Parsing, in_the_loop
from overround.scraping.phases import Laps

log = get_logger(__name__)

HANDED_ON = 64  # bodies waiting for the parser before fetching has to wait


StoredListings = Callable[[Sequence[str]], Awaitable[Sequence[CurrentListing]]]


async def _nothing_stored(_: Sequence[str]) -> Sequence[CurrentListing]:
    return ()


class Taken(msgspec.Struct):
    """What became of an answer."""

    status: Literal["changed", "unchanged", "late"]
    accepted: "asyncio.Future[None]"  # done when the batch is durable, in the cache and published
    markets_changed: int = 0
    unmapped: int = 0
    phases_ms: dict[str, float] = {}


class _Memory(msgspec.Struct):
    """What is remembered of one listing between answers."""

    version: int = 0  # grows with every change of the listing
    spoken_all: int = 0  # number of the newest full answer
    spoken: dict[str, int] = {}  # word of a scope -> number of the newest scoped answer after that
    bodies: dict[str, tuple[int, int]] = {}  # endpoint -> (body hash, the version it produced)
    unmapped: tuple[Unmapped, ...] = ()


class _Subject(msgspec.Struct, frozen=True):
    """What an answer speaks of: its listing and event as they are known, and what is remembered of them."""

    known: Known
    header: EventHeader
    memory: _Memory


class Intake:
    """Takes answers in, each judged by its fetch number, and hands on what they changed."""

    def __init__(
        self,
        acceptance: Acceptance,
        bookmakers: Mapping[str, Bookmaker],
        sanity: Sanity,
        stored: StoredListings = _nothing_stored,
        parsing: Parsing = in_the_loop,
    ) -> None:
        """
        Take in for these bookmakers.

        Args:
            stored: Tells what the database has of events that memory has not.
            parsing: Does the parsing, one body at a time.
        """
        self._stored, self._parsing = stored, parsing
        self._acceptance, self._bookmakers, self._sanity = acceptance, bookmakers, sanity
        self.listeners: list[Listener] = []
        self._number = 0
        self._memory: dict[ListingId, _Memory] = {}
        self._rosters: dict[str, Roster] = {}  # sportradar id -> players, of events with player markets
        self._handed: asyncio.Queue[tuple[Answer, asyncio.Future[Taken]]] = asyncio.Queue(HANDED_ON)
        self._task: asyncio.Task[None] | None = None

    @property
    def blocked(self) -> str:
        """Return why nothing is accepted now, "" when all is well."""
        return self._acceptance.blocked

    @property
    def spent_ms(self) -> dict[str, float]:
        """Return a copy of the time spent from acceptance on, per phase, since the process started."""
        return dict(self._acceptance.spent.ms)

    def count_spent(self, phase: Phase, seconds: float) -> None:
        """Count time that somebody behind acceptance spent: the writer."""
        self._acceptance.spent.add(phase, seconds)

    async def start(self, door: Door) -> None:
        """Begin to take answers in and to accept them through this door."""
        await self._acceptance.start(door)
        self._task = asyncio.create_task(self._consume(), name="intake")

    async def stop(self) -> None:
        """Accept what was taken, then end."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._acceptance.stop()

    def number(self) -> int:
        """Return the next fetch number; call it when the fetch starts."""
        self._number += 1
        return self._number

    def knows(self, listing_id: ListingId) -> bool:
        """Return whether somebody has told of the listing."""
        return self._acceptance.known(listing_id) is not None

    async def take(self, answer: Answer) -> Taken:
        """
        Parse an answer and put what it changed into the open batch.

        Raises:
            PayloadChanged, EventGone: The answer can't be used; nothing of it was believed.
        """
        done: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        await self._handed.put((answer, done))
        return await done

    async def take_scoped(self, answer: ScopedAnswer) -> Taken:
        """Take the main markets that a list answer carries; its event must be registered."""
        await self._acceptance.room()
        listing_id = (answer.sportradar_id, answer.bookmaker)
        known, header = self._acceptance.known(listing_id), self._acceptance.header(answer.sportradar_id)
        if known is None or header is None or not _is_upcoming(known.listing, answer.fetched_at):
            return _late(answer.bookmaker)
        memory = self._remember(listing_id)
        asked = scope_of(answer.markets, known.markets) if answer.scope is None else answer.scope
        scope = frozenset(word for word in asked if answer.number > _last_spoken(memory, word))
        if not scope:
            return _late(answer.bookmaker)
        memory.spoken = {**memory.spoken, **dict.fromkeys(scope, answer.number)}
        confirmation = Confirmation(*listing_id, answer.fetched_at, tuple(sorted(scope)))
        part = {key: market for key, market in known.markets.items() if speaks_for(scope, key)}
        settled = settle(part, answer.markets, answer.fetched_at, scope)
        if not diff(part, settled):
            accepted = self._add(None, None, answer.run_id, confirmation)
            return self._noted(answer, known, header, Taken("unchanged", accepted))
        markets = self._sanity.review(
            header.sport, known.markets, {**known.markets, **settled}, answer.fetched_at
        )
        change = ListingChanges(*listing_id, answer.fetched_at, markets=diff(known.markets, markets))
        accepted = self._add(change, Known(known.listing, markets), answer.run_id, confirmation)
        return self._noted(answer, known, header, Taken("changed", accepted, len(change.markets)))

    def _noted(self, answer: ScopedAnswer, known: Known, header: EventHeader, taken: Taken) -> Taken:
        if self.listeners:
            self._note(ScopedAnswered(answer, row_of(header, known.listing), taken.status == "changed"))
        return taken

    async def register(
        self, events: Mapping[str, Mapping[str, ListedEvent]], at: datetime, run_id: str | None = None
    ) -> None:
        """Make what a discovery found known: new and changed headers and listings become changes."""
        await self._recall(events)
        for sportradar_id, rows in events.items():
            await self._acceptance.room()
            self._note(Registered(sportradar_id, dict(rows), at, run_id))
            header = self._merged_header(sportradar_id, rows)
            for bookmaker, row in rows.items():
                self._register_listing(sportradar_id, bookmaker, row, header, at, run_id)
            await asyncio.sleep(0)

    async def set_state(self, listings: Iterable[ListingId], state: ListingState, at: datetime) -> None:
        """Move listings to a state; `withdrawn` also turns their markets into tombstones."""
        for listing_id in listings:
            await self._acceptance.room()
            known = self._acceptance.known(listing_id)
            if known is None or known.listing.state == state:
                continue
            self._note(Moved(*listing_id, state, at))
            listing = msgspec.structs.replace(known.listing, state=state)
            markets = withdraw(known.markets, at) if state == "withdrawn" else known.markets
            change = ListingChanges(*listing_id, at, listing=listing, markets=diff(known.markets, markets))
            self._add(change, Known(listing, markets))

    def evict(self, sportradar_ids: Iterable[str]) -> None:
        """Forget events: memory and cache only, nothing is withdrawn."""
        gone = frozenset(sportradar_ids)
        if gone:
            self._note(Evicted(tuple(sorted(gone))))
            self._memory = {key: memory for key, memory in self._memory.items() if key[0] not in gone}
            self._rosters = {key: roster for key, roster in self._rosters.items() if key not in gone}
            self._acceptance.remove(sorted(gone))

    async def record_run(self, report: RunReport, outcomes: Sequence[EventOutcome] = ()) -> None:
        """Make a run's state durable like any change, at its end with what brought no prices; returns when it is."""
        if self.listeners:  # a run's report goes on changing
            self._note(RunNoted(deepcopy(report), tuple(outcomes)))
        await self._acceptance.record_run(report, outcomes)

    async def flush(self) -> None:
        """Return when everything taken so far is accepted."""
        await self._acceptance.flush()

    async def _consume(self) -> None:
        while True:
            answer, done = await self._handed.get()
            await self._acceptance.room()
            try:
                taken = await self._taken(answer)
            except Exception as exc:  # whatever it is, it is that answer's: the consumer outlives it
                self._note_answer(answer)
                if not done.cancelled():
                    done.set_exception(exc)
            else:
                if taken.status != "late":
                    self._note_answer(answer, changed=taken.status == "changed")
                if not done.cancelled():
                    done.set_result(taken)
            await asyncio.sleep(0)  # one body per turn: whoever waits for the loop comes first

    def _note_answer(self, answer: Answer, changed: bool = False) -> None:
        if self.listeners:
            known = self._acceptance.known((answer.sportradar_id, answer.bookmaker))
            header = self._acceptance.header(answer.sportradar_id)
            row = row_of(header, known.listing) if known and header else None
            self._note(Answered(answer, row, changed))

    def _note(self, taken_in: Input) -> None:
        for listener in self.listeners:
            listener.note(taken_in)

    async def _taken(self, answer: Answer) -> Taken:
        subject = self._subject(answer)
        if subject is None:
            return _late(answer.bookmaker)
        metrics.BODIES.labels(answer.bookmaker).inc()
        digest = xxhash.xxh3_64_intdigest(answer.body)
        known, memory = subject.known, subject.memory
        if memory.bodies.get(answer.endpoint) == (digest, memory.version) and known.listing.state == "open":
            metrics.BODY_HASH_HITS.labels(answer.bookmaker).inc()
            memory.spoken_all = answer.number
            confirmation = Confirmation(answer.sportradar_id, answer.bookmaker, answer.fetched_at)
            accepted = self._add(None, None, answer.run_id, confirmation)
            return Taken("unchanged", accepted, unmapped=len(memory.unmapped))
        phases = Laps()
        parsed = await self._parsing(lambda: self._parsed(answer, phases))
        phases.skip()
        subject = self._subject(answer)  # while it was parsed others may have spoken, or the event begun
        return (
            self._take_parsed(answer, digest, parsed, subject, phases) if subject else _late(answer.bookmaker)
        )

    def _subject(self, answer: Answer) -> _Subject | None:
        """Return what an answer speaks of as it is known now, None where it comes too late to be heard."""
        listing_id = (answer.sportradar_id, answer.bookmaker)
        known, header = self._acceptance.known(listing_id), self._acceptance.header(answer.sportradar_id)
        if known is None or header is None or _has_started(known.listing, answer.fetched_at):
            return None
        memory = self._remember(listing_id)
        return _Subject(known, header, memory) if answer.number > memory.spoken_all else None

    def _take_parsed(
        self, answer: Answer, digest: int, parsed: ParsedEvent, subject: _Subject, phases: Laps
    ) -> Taken:
        listing_id = (answer.sportradar_id, answer.bookmaker)
        known, header, memory = subject.known, subject.header, subject.memory
        parsed = self._with_our_players(answer, parsed)
        scope = _scope_left(memory, answer.number, known.markets, parsed)
        markets = settle(known.markets, parsed.markets.values(), answer.fetched_at, scope, parsed.doubtful)
        # The first answer since the start is reviewed whole: what is stored was judged by an older catalogue.
        judged: Markets = known.markets if memory.spoken_all else {}
        markets = self._sanity.review(header.sport, judged, markets, answer.fetched_at)
        phases.lap("settle")
        changed = diff(known.markets, markets)
        phases.lap("diff")
        listing = _newer_listing(known.listing, parsed)
        moved = header.source == answer.bookmaker and header.kickoff_at != parsed.kickoff_at
        change = ListingChanges(
            *listing_id,
            answer.fetched_at,
            header=msgspec.structs.replace(header, kickoff_at=parsed.kickoff_at) if moved else None,
            listing=listing if listing != known.listing else None,
            markets=changed,
            unmapped=None if memory.unmapped == parsed.unmapped else parsed.unmapped,
        )
        memory.spoken_all = answer.number
        memory.spoken = {key: number for key, number in memory.spoken.items() if number > answer.number}
        memory.unmapped = parsed.unmapped
        confirmation = Confirmation(*listing_id, answer.fetched_at)
        accepted = self._add(change, Known(listing, markets), answer.run_id, confirmation)
        if scope is None:  # a body that could not speak for everything did not produce this version
            memory.bodies = {**memory.bodies, answer.endpoint: (digest, memory.version)}
        status = "changed" if changed else "unchanged"
        return Taken(status, accepted, len(changed), len(parsed.unmapped), phases.ms)

    def _parsed(self, answer: Answer, phases: Laps) -> ParsedEvent:
        try:
            body = inflate(answer.body, answer.encoding)
        except ValueError as exc:
            raise PayloadChanged(answer.bookmaker, answer.endpoint, str(exc)) from exc
        phases.lap("inflate")
        parsed = self._bookmakers[answer.bookmaker].parse_event(body, lambda: phases.lap("decode"))
        phases.lap("map")
        if parsed.sportradar_id not in (None, answer.sportradar_id):
            detail = f"asked for {answer.sportradar_id}, answered {parsed.sportradar_id}"
            raise PayloadChanged(answer.bookmaker, answer.endpoint, detail)
        if refused := sum(parsed.refused.values()):
            metrics.PRICES_REFUSED.labels(answer.bookmaker).inc(refused)
        return parsed

    def _with_our_players(self, answer: Answer, parsed: ParsedEvent) -> ParsedEvent:
        """Return the answer with its players under the event's names; who can't be told for sure is unmapped."""
        if not any(market.players for market in parsed.markets.values()):
            return parsed
        sportradar_id = answer.sportradar_id
        roster = self._rosters.get(sportradar_id)
        if roster is None:
            roster = self._rosters[sportradar_id] = Roster(partial(self._settled, sportradar_id))
        joined = roster.join(answer.bookmaker, parsed.markets.values())
        for bookmaker in joined.renamed:  # an equal body would keep the old names
            self._remember((sportradar_id, bookmaker)).bodies = {}
        left_out = (
            Unmapped(f"players:{market_id}", "players who can't be told for sure", outcomes)
            for market_id, outcomes in joined.left_out.items()
        )
        return msgspec.structs.replace(parsed, markets=joined.markets, unmapped=(*parsed.unmapped, *left_out))

    def _settled(self, sportradar_id: str) -> list[Market]:
        """Return the event's markets at all bookmakers."""
        listings = [self._acceptance.known((sportradar_id, code)) for code in self._bookmakers]
        return [market for known in listings if known for market in known.markets.values()]

    def _add(
        self,
        change: ListingChanges | None,
        known: Known | None,
        run_id: str | None = None,
        confirmation: Confirmation | None = None,
    ) -> "asyncio.Future[None]":
        if change and change.stored:
            self._remember((change.sportradar_id, change.bookmaker)).version += 1
        return self._acceptance.add(change, known, run_id, confirmation)

    def _remember(self, listing_id: ListingId) -> _Memory:
        return self._memory.setdefault(listing_id, _Memory())

    async def _recall(self, sportradar_ids: Iterable[str]) -> None:
        """Put back what is stored of events new to memory: a postponed one returns after it was evicted."""
        new = [key for key in sportradar_ids if self._acceptance.header(key) is None]
        try:
            stored = await self._stored(new) if new else ()
        except StorageError as exc:
            log.warning("listings_not_recalled", events=len(new), reason=str(exc))
            return
        self._acceptance.recall(stored)

    def _merged_header(self, sportradar_id: str, rows: Mapping[str, ListedEvent]) -> EventHeader:
        """Return the header of these rows; a better source that is not among them keeps its own."""
        known = (
            self._acceptance.known((sportradar_id, code)) for code in self._bookmakers if code not in rows
        )
        elsewhere = [
            entry.listing.kickoff_at
            for entry in known
            if entry and entry.listing.kickoff_at and entry.listing.state in ("open", "unknown")
        ]
        header = header_of(sportradar_id, rows, elsewhere)
        before = self._acceptance.header(sportradar_id)
        if before and before.source not in rows and header_rank(before.source) < header_rank(header.source):
            return msgspec.structs.replace(before, check=header.check)
        return header

    def _register_listing(
        self,
        sportradar_id: str,
        bookmaker: str,
        row: ListedEvent,
        header: EventHeader,
        at: datetime,
        run_id: str | None,
    ) -> None:
        known = self._acceptance.known((sportradar_id, bookmaker))
        before = known.listing if known else None
        listing = Listing(
            sportradar_id=sportradar_id,
            bookmaker=bookmaker,
            event_id=row.event_id,
            state="open" if before and before.state == "open" else "unknown",
            url=row.url,
            genius_id=row.genius_id or (before.genius_id if before else None),
            kickoff_at=row.kickoff_at,
        )
        new_header = header if header != self._acceptance.header(sportradar_id) else None
        if listing == before and new_header is None:
            return
        change = ListingChanges(
            sportradar_id, bookmaker, at, new_header, listing if listing != before else None
        )
        self._add(change, Known(listing, known.markets if known else {}), run_id)


def _has_started(listing: Listing, at: datetime) -> bool:
    """Return whether the last prematch price stands: kickoff has passed."""
    return listing.state == "started" or (listing.kickoff_at is not None and listing.kickoff_at <= at)


def scope_of(markets: Iterable[ParsedMarket], known: Markets) -> frozenset[str]:
    """
    Return what an answer speaks for that may lack what it was not asked for: the markets it carries.

    A market with lines is spoken for as a whole when not one line is missing that we hold as listed.
    """
    carried: dict[str, set[MarketKey]] = {}
    for market in markets:
        carried.setdefault(market.key.market_id, set()).add(market.key)
    partial = {
        key.market_id
        for key, market in known.items()
        if (keys := carried.get(key.market_id)) and key not in keys and market.withdrawn_at is None
    }
    whole = carried.keys() - partial
    return frozenset(whole).union(market_word(key) for market_id in partial for key in carried[market_id])


def _is_upcoming(listing: Listing, at: datetime) -> bool:
    """Return whether a list answer may still speak: a list that lags does not bring back what discovery gave up."""
    return listing.state != "withdrawn" and not _has_started(listing, at)


def _last_spoken(memory: _Memory, word: str) -> int:
    """Return the number of the newest answer that spoke for a market, or for any line of it."""
    spoken = memory.spoken
    own = max(spoken.get(word, 0), spoken.get(word.partition(":")[0], 0))
    if ":" not in word:
        own = max([own, *(number for other, number in spoken.items() if other.startswith(f"{word}:"))])
    return max(memory.spoken_all, own)


def _scope_left(memory: _Memory, number: int, old: Markets, parsed: ParsedEvent) -> Scope:
    """Return what a full answer may still speak for: all but the markets a later list answer spoke for."""
    taken = frozenset(word for word, spoken in memory.spoken.items() if spoken > number)
    if not taken:
        return None
    return frozenset(market_word(key) for key in (*old, *parsed.markets) if not speaks_for(taken, key))


def _newer_listing(listing: Listing, parsed: ParsedEvent) -> Listing:
    """Return the listing as the detail shows it: it answers, and its kickoff is newer than the list's."""
    return msgspec.structs.replace(
        listing,
        state="open" if listing.state == "unknown" else listing.state,
        kickoff_at=parsed.kickoff_at,
        genius_id=parsed.genius_id or listing.genius_id,
    )


def _late(bookmaker: str) -> Taken:
    metrics.LATE_ANSWERS.labels(bookmaker).inc()
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    done.set_result(None)
    return Taken("late", done)
