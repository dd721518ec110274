"""EventCoordinator: the one place that fetches events, for runs and single refreshes alike."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

import msgspec

from overround import metrics
from overround.bookmakers.base import Bookmaker, InParts, Request, joined
from overround.bookmakers.http import MAX_BODY_BYTES, RawBody, Transport, fetch_retrying, inflated
from overround.clock import Clock
from overround.errors import BookmakerError, PayloadChanged
from overround.log import get_logger
from overround.scraping.acceptance import ListingId
from overround.scraping.admission import EVENTS, PROMPT, URGENT, Admission, Permit, Waiting
from overround.scraping.budget import Budget
from overround.scraping.health import Sources
from overround.scraping.intake import Answer, Taken
from overround.scraping.priority import Priority, event_priority

log = get_logger(__name__)

MAX_UNTAKEN = 64  # bodies that may wait for the parser while every permit is in use
JOBS_A_TURN = 100  # events of a run queued in one turn of the loop: about 2 ms

MAX_PARTS = 20  # answers of one detail; the largest seen needs three


class Intaking(Protocol):
    """Where answers go; `Intake` is one."""

    @property
    def blocked(self) -> str: ...
    def number(self) -> int: ...
    async def take(self, answer: Answer) -> Taken: ...


class EventJob(msgspec.Struct, frozen=True):
    """One event to fetch at some or all of the bookmakers that list it."""

    sportradar_id: str
    kickoff_at: datetime
    listings: Mapping[str, str]  # bookmaker -> its own event id
    listed_by: frozenset[str] = frozenset()  # who else lists it counts for its priority; empty: nobody else


class Fetched(msgspec.Struct, frozen=True):
    """How the fetch of one event at one bookmaker ended."""

    sportradar_id: str
    bookmaker: str
    status: Literal["changed", "unchanged", "late", "failed"]
    error: BookmakerError | None = None
    markets_changed: int = 0
    unmapped: int = 0
    wire_ms: float | None = None  # None when no answer came
    phases_ms: Mapping[str, float] = {}
    accepted: "asyncio.Future[None] | None" = None  # done when what changed is in the cache


class _Fetch:
    """One (event, bookmaker) from queue to intake; whoever wants it meanwhile joins it."""

    __slots__ = (
        "budget", "done", "event_id", "listing", "owners", "priority", "run_id", "task", "wait_ms", "waiting",
    )  # fmt: skip

    def __init__(
        self,
        listing: ListingId,
        event_id: str,
        priority: Priority,
        run_id: str | None,
        budget: Budget | None = None,  # pays for every request of it; the first is reserved
    ) -> None:
        self.listing, self.event_id, self.priority, self.run_id = listing, event_id, priority, run_id
        self.budget = budget
        self.done: asyncio.Future[Fetched] = asyncio.get_running_loop().create_future()
        self.owners = 0
        self.waiting: Waiting | None = None  # while queued
        self.task: asyncio.Task[None] | None = None  # from the first permit on
        self.wait_ms = 0.0


class EventCoordinator:
    """
    Fetches events from all their bookmakers at once, in order of priority, under `Admission`'s limits.

    There is no batch: every fetch goes on the wire when it may and into intake when it is there. A fetch
    that waits for the parser holds no permit; too many of them hold the next ones back.
    """

    def __init__(
        self,
        bookmakers: Mapping[str, Bookmaker],
        transport: Transport,
        admission: Admission,
        intake: Intaking,
        sources: Sources,
        clock: Clock,
    ) -> None:
        self._bookmakers, self._transport, self._admission = bookmakers, transport, admission
        self._in_parts = {code: each for code, each in bookmakers.items() if isinstance(each, InParts)}
        self._intake, self._sources, self._clock = intake, sources, clock
        self._fetches: dict[ListingId, _Fetch] = {}
        self._untaken = 0
        admission.held = self._held

    def in_flight(self, bookmaker: str = "") -> int:
        """Return how many events have a request on the wire, or how many requests one bookmaker has there."""
        return self._admission.on_wire(bookmaker) if bookmaker else self._admission.events_on_wire

    async def scrape(
        self,
        jobs: Iterable[EventJob],
        run_id: str | None = None,
        on_fetched: Callable[[Fetched], None] = lambda _: None,
    ) -> None:
        """
        Fetch these events and return when every answer has been taken in or has failed.

        One failure never touches another fetch. When cancelled, what nobody else waits for is given up.

        Args:
            on_fetched: Called once per event and bookmaker, in order of completion.
        """
        now = self._clock.now()
        fetches: list[_Fetch] = []
        try:
            for place, job in enumerate(jobs, 1):
                listed_by = job.listed_by or frozenset(job.listings)
                priority = (EVENTS, *event_priority(job.kickoff_at, listed_by, now))
                for code in job.listings:
                    fetches.append(fetch := self._joined(job, code, priority, run_id))
                    fetch.done.add_done_callback(lambda done: done.cancelled() or on_fetched(done.result()))
                if place % JOBS_A_TURN == 0:
                    await asyncio.sleep(0)
            await self._finished(fetches)
        finally:
            self._leave(fetches)

    async def refresh(self, job: EventJob) -> list[Fetched]:
        """Fetch one event before all others, joining what is on its way, and return when it is in the cache."""
        fetches = [self._joined(job, code, (URGENT,), None) for code in job.listings]
        try:
            await self._finished(fetches)
        finally:
            self._leave(fetches)
        fetched = [fetch.done.result() for fetch in fetches]
        await asyncio.gather(*(one.accepted for one in fetched if one.accepted), return_exceptions=True)
        return fetched

    def is_fetching(self, listing: ListingId) -> bool:
        """Return whether a fetch of this listing waits or is on the wire."""
        return listing in self._fetches

    async def hasten(self, job: EventJob, code: str, budget: Budget | None) -> Fetched:
        """
        Fetch an event at one bookmaker before those of runs, joining what is on its way.

        Args:
            budget: Pays for a new fetch and has its first request reserved; None for one that is joined.
        """
        if budget and self.is_fetching((job.sportradar_id, code)):
            budget.release()  # a run came first
        fetch = self._joined(job, code, (PROMPT,), None, budget)
        try:
            await self._finished([fetch])
        finally:
            self._leave([fetch])
        return fetch.done.result()

    async def close(self) -> None:
        """Give up every fetch."""
        fetches = list(self._fetches.values())
        for fetch in fetches:
            self._give_up(fetch)
        await asyncio.gather(*(fetch.task for fetch in fetches if fetch.task), return_exceptions=True)
        self._admission.close()

    # --- queueing -----------------------------------------------------------------------------------------

    def _joined(
        self,
        job: EventJob,
        code: str,
        priority: Priority,
        run_id: str | None,
        budget: Budget | None = None,
    ) -> _Fetch:
        """Return the fetch of this listing that is under way, moved forward if need be, else a new one."""
        listing = (job.sportradar_id, code)
        fetch = self._fetches.get(listing)
        if fetch is None:
            fetch = self._fetches[listing] = _Fetch(listing, job.listings[code], priority, run_id, budget)
            fetch.waiting = self._submitted(fetch)
        elif priority < fetch.priority:
            fetch.priority = priority
            if fetch.waiting:
                fetch.waiting = self._admission.promote(fetch.waiting, priority)
        fetch.owners += 1
        return fetch

    def _submitted(self, fetch: _Fetch) -> Waiting:
        sportradar_id, code = fetch.listing

        def start(permit: Permit) -> None:
            fetch.waiting = None
            if fetch.budget:
                fetch.budget.sent()
            fetch.task = asyncio.create_task(self._work(fetch, permit), name=f"fetch-{code}-{sportradar_id}")
            # Not in the task itself: one that is cancelled before its first step never runs a line.
            fetch.task.add_done_callback(lambda _: permit.abandon())

        def refuse(error: BookmakerError) -> None:
            fetch.waiting = None
            if fetch.budget:
                fetch.budget.release()
            self._conclude(fetch, _failed(fetch, error))

        return self._admission.submit(code, sportradar_id, fetch.priority, start, refuse)

    async def _finished(self, fetches: Sequence[_Fetch]) -> None:
        self._admission.pump()
        if fetches:
            await asyncio.wait([fetch.done for fetch in fetches])

    def _leave(self, fetches: Iterable[_Fetch]) -> None:
        """Give up what is not done and nobody else waits for."""
        for fetch in fetches:
            fetch.owners -= 1
            if not fetch.owners and not fetch.done.done():
                self._give_up(fetch)

    def _give_up(self, fetch: _Fetch) -> None:
        self._fetches.pop(fetch.listing, None)
        if fetch.waiting:
            self._admission.withdraw(fetch.waiting)
            if fetch.budget:
                fetch.budget.release()
        if fetch.task:
            fetch.task.cancel()
        fetch.done.cancel()

    def _held(self) -> bool:
        # What is on the wire counts as well: then a body that is taken lets one request go, not all of them at once.
        if self._intake.blocked or self._untaken < MAX_UNTAKEN:
            return bool(self._intake.blocked)
        return self._untaken + self._admission.all_on_wire >= MAX_UNTAKEN + self._admission.capacity

    # --- one fetch ----------------------------------------------------------------------------------------

    async def _work(self, fetch: _Fetch, permit: Permit) -> None:
        sportradar_id, code = fetch.listing
        try:
            fetched = await self._fetched(fetch, permit)
        except BookmakerError as exc:
            fetched = _failed(fetch, exc)
        except Exception as exc:  # whatever it is, it is this event's: the run outlives it
            log.exception("fetch_crashed", bookmaker=code, sportradar_id=sportradar_id)
            fetched = _failed(fetch, BookmakerError(code, "fetch", f"{type(exc).__name__}: {exc}"))
        self._conclude(fetch, fetched)

    def _conclude(self, fetch: _Fetch, fetched: Fetched) -> None:
        if self._fetches.get(fetch.listing) is fetch:
            del self._fetches[fetch.listing]
        self._sources.record(fetched.bookmaker, fetched.error)
        if not fetch.done.done():
            fetch.done.set_result(fetched)

    async def _fetched(self, fetch: _Fetch, permit: Permit) -> Fetched:
        sportradar_id, code = fetch.listing
        bookmaker = self._bookmakers[code]
        request = bookmaker.event_request(fetch.event_id)
        raw, number = await self._raw(fetch, permit, request)
        if in_parts := self._in_parts.get(code):
            raw = await self._completed(fetch, in_parts, request, raw)
        answer = Answer(
            bookmaker=code,
            sportradar_id=sportradar_id,
            event_id=fetch.event_id,
            endpoint=request.operation,
            number=number,
            fetched_at=raw.fetched_at,
            body=raw.body,
            encoding=raw.encoding,
            run_id=fetch.run_id,
        )
        taken = await self._handed_over(answer)
        return Fetched(
            sportradar_id,
            code,
            taken.status,
            markets_changed=taken.markets_changed,
            unmapped=taken.unmapped,
            wire_ms=raw.ms,
            phases_ms={**taken.phases_ms, "wait": fetch.wait_ms, "fetch": raw.ms},
            accepted=taken.accepted,
        )

    async def _raw(self, fetch: _Fetch, permit: Permit, request: Request) -> tuple[RawBody, int]:
        """Return the body and the number of the attempt that brought it: an earlier one would make it look old."""
        _, code = fetch.listing
        wait_ms, number = permit.wait_ms, 0

        async def admit() -> Permit:
            nonlocal wait_ms
            again = await self._admitted_again(fetch)
            wait_ms += again.wait_ms
            return again

        async def send() -> RawBody:
            nonlocal number
            number = self._intake.number()
            return await self._transport.fetch(code, request)

        raw = await fetch_retrying(permit, admit, send, self._clock)
        fetch.wait_ms += wait_ms
        metrics.PHASE_SECONDS.labels("wait").observe(wait_ms / 1000)
        metrics.PHASE_SECONDS.labels("fetch").observe(raw.ms / 1000)
        return raw, number

    async def _completed(
        self, fetch: _Fetch, bookmaker: InParts, request: Request, first: RawBody
    ) -> RawBody:
        """Return the whole of a detail in parts; it is as old as its first part, and each part is admitted."""
        _, code = fetch.listing
        parts, ms = [inflated(code, request, first)], first.ms
        while (further := bookmaker.further_request(fetch.event_id, parts)) is not None:
            if len(parts) >= MAX_PARTS or sum(map(len, parts)) > MAX_BODY_BYTES:
                raise PayloadChanged(code, further.operation, f"no end after {len(parts)} parts")
            raw, _ = await self._raw(fetch, await self._admitted_again(fetch), further)
            parts.append(inflated(code, further, raw))
            ms += raw.ms
        return RawBody(joined(parts), "", first.fetched_at, ms)

    async def _admitted_again(self, fetch: _Fetch) -> Permit:
        """Wait for the permit of a retry or a further part."""
        sportradar_id, code = fetch.listing

        def admit() -> Awaitable[Permit]:
            return self._admission.admit(code, sportradar_id, fetch.priority)

        return await (fetch.budget.admitted(admit) if fetch.budget else admit())

    async def _handed_over(self, answer: Answer) -> Taken:
        self._untaken += 1
        try:
            return await self._intake.take(answer)
        finally:
            was_held = self._held()
            self._untaken -= 1
            if was_held:
                self._admission.pump()


def _failed(fetch: _Fetch, error: BookmakerError) -> Fetched:
    return Fetched(*fetch.listing, "failed", error, phases_ms={"wait": fetch.wait_ms})
