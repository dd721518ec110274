"""One bookmaker's fast lane: one request after the other within its budget, and events in full where one moved."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from overround import metrics
from overround.bookmakers.base import Bookmaker, GlancedEvent, Glancing, Request, Window
from overround.bookmakers.http import RawBody, Transport, inflated
from overround.bookmakers.limiter import Limiter
from overround.cache.odds_cache import OddsCache
from overround.clock import Clock
from overround.config import Settings
from overround.domain.markets import Market, MarketKey, Markets, ParsedMarket
from overround.errors import BookmakerError
from overround.log import get_logger
from overround.scraping.admission import PROMPT, Admission, Permit
from overround.scraping.budget import LOOK_AGAIN_S, Budget
from overround.scraping.coordinator import EventCoordinator, EventJob
from overround.scraping.health import Sources
from overround.scraping.inputs import ScopedAnswer
from overround.scraping.intake import Intake
from overround.scraping.lane_plan import Group, LanePlan, Listed

log = get_logger(__name__)

LOOK_SOON_S, IDLE_S = 0.05, 0.25  # after a request, and while there is nothing to ask for
SHARE = 3  # the lane has at most this part of a bookmaker's permits on the wire
SOON = timedelta(minutes=10)
SOON_FULL_S = 30.0  # before kickoff an event is fetched in full when the last full answer is older
SOON_EVERY_S = 5.0
FULL_REST_S = 5.0  # between two details of one event, however often it moves
ROWS_PER_TURN = 4  # of a list answer, before the loop may do something else
LISTS_PER_DETAIL = (
    3  # that are due and come first: a moved main price is in already, the detail adds the others
)
DOUBTED_AFTER = 2  # details in a row that contradict an event's list row
TROUBLED_AFTER = 3  # failures in a row
LONGEST_REST_S = 300.0


class Means(msgspec.Struct, frozen=True):
    """What every lane works with."""

    transport: Transport
    admission: Admission
    coordinator: EventCoordinator
    intake: Intake
    sources: Sources
    cache: OddsCache
    settings: Settings
    clock: Clock


class Lane:
    """Asks for one bookmaker's lists, stalest first, and for the details of events that moved or begin soon."""

    def __init__(self, bookmaker: Bookmaker, limiter: Limiter, means: Means) -> None:
        self._bookmaker, self._limiter, self._means = bookmaker, limiter, means
        self.code = bookmaker.code
        self._glancing = bookmaker if isinstance(bookmaker, Glancing) else None
        self.plan = LanePlan(self._glancing.glance_limits if self._glancing else None)
        self.budget = Budget(lambda: means.settings.number(f"{self.code}_fast_lane_per_minute"), means.clock)
        self._moved: dict[str, None] = {}  # Sportradar ids to fetch in full
        self._out: set[asyncio.Task[None]] = set()
        self.discovering = 0  # list requests of a discovery on their way
        self._lists_since_detail = 0
        self._looked_soon = 0.0
        self._failures = 0
        self._rest_until = 0.0

    async def run(self, is_paused: Callable[[], bool]) -> None:
        """Send requests until cancelled."""
        try:
            while True:
                wait_s = LOOK_AGAIN_S if is_paused() else self._step()
                metrics.FAST_LANE_BUDGET_LEFT.labels(self.code).set(self.budget.left)
                await self._means.clock.sleep(wait_s)
        finally:
            for task in self._out:
                task.cancel()
            await asyncio.gather(*self._out, return_exceptions=True)

    async def take(
        self, events: Iterable[GlancedEvent], number: int, fetched_at: datetime, *, follow: bool = True
    ) -> None:
        """
        Take in what a list answer says of events that discovery has made known.

        Args:
            follow: Whether events that moved are then fetched in full.
        """
        for place, event in enumerate(events, 1):
            if (listed := self.plan.by_event_id.get(event.event_id)) and event.markets:
                await self._take_row(listed, event, number, fetched_at, follow)
            if place % ROWS_PER_TURN == 0:
                await asyncio.sleep(0)

    async def take_body(self, request: Request, body: bytes, number: int) -> None:
        """Take in a list that somebody else asked for; what can't be read is that one's business."""
        if self._glancing is None or request.operation != self._glancing.glance_operation:
            return
        try:
            events = self._glancing.parse_glance(body)
        except BookmakerError:
            return
        await self.take(events, number, self._means.clock.now(), follow=False)

    # --- what goes next -----------------------------------------------------------------------------------

    def _step(self) -> float:
        """Start the next request, if one may go; return the seconds until it is worth looking again."""
        means, now = self._means, self._means.clock.monotonic()
        if self.code not in means.settings.enabled_bookmakers:
            return LOOK_AGAIN_S
        self._note_soon(now)
        wait_s = max(self.budget.wait_s(), self._limiter.closed_s(), self._rest_until - now)
        if wait_s > 0 or means.admission.held():
            return min(wait_s or LOOK_AGAIN_S, LOOK_AGAIN_S)
        if len(self._out) >= max(1, self._limiter.ceiling // SHARE):
            return LOOK_SOON_S
        detail = self._next_detail(now)
        beside_run = self.discovering > 0 or means.admission.waiting(self.code) > 0
        groups = self.plan.choose(now, means.clock.now(), beside_run)
        if detail and (not groups or self._lists_since_detail >= LISTS_PER_DETAIL):
            self._begin_detail(detail, now)
        elif groups:
            self._begin_glance(groups)
        else:
            return IDLE_S
        return LOOK_SOON_S

    def _note_soon(self, now: float) -> None:
        """Put events that begin soon and were long not seen in full on the list of details."""
        if now - self._looked_soon < SOON_EVERY_S:
            return
        self._looked_soon, at = now, self._means.clock.now()
        for listed in self.plan.listed.values():
            if (
                timedelta(0) < listed.kickoff_at - at < SOON
                and now - max(listed.full, listed.asked) > SOON_FULL_S
            ):
                self._moved[listed.sportradar_id] = None

    def _next_detail(self, now: float) -> Listed | None:
        """Return the event to fetch in full: of those that moved the one that begins first."""
        for sportradar_id in [each for each in self._moved if each not in self.plan.listed]:
            del self._moved[sportradar_id]
        rested = (
            listed
            for sportradar_id in self._moved
            if now - (listed := self.plan.listed[sportradar_id]).asked >= FULL_REST_S
        )
        return min(rested, key=lambda listed: listed.kickoff_at, default=None)

    def _begin_detail(self, listed: Listed, now: float) -> None:
        self._lists_since_detail, listed.asked = 0, now
        del self._moved[listed.sportradar_id]
        joins = self._means.coordinator.is_fetching((listed.sportradar_id, self.code))
        if not joins:
            self.budget.reserve()
        self._start(self._fetch_detail(listed, None if joins else self.budget))

    def _begin_glance(self, groups: Sequence[Group]) -> None:
        self._lists_since_detail += 1
        self.plan.began(groups)
        self.budget.reserve()
        self._start(self._glance(groups))

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work, name=f"fast-lane-{self.code}")
        self._out.add(task)
        task.add_done_callback(self._out.discard)

    # --- one request --------------------------------------------------------------------------------------

    async def _fetch_detail(self, listed: Listed, budget: Budget | None) -> None:
        job = EventJob(listed.sportradar_id, listed.kickoff_at, {self.code: listed.event_id})
        fetched = await self._means.coordinator.hasten(job, self.code, budget)
        outcome = fetched.error.kind if fetched.error else "ok"
        metrics.FAST_LANE_REQUESTS.labels(self.code, "event", outcome).inc()
        if fetched.accepted and not fetched.error and listed.claimed:
            await fetched.accepted
            self._compare(listed)

    def _compare(self, listed: Listed) -> None:
        """Note whether the detail bears out what the list row said: lists may lag behind."""
        claimed, listed.claimed = listed.claimed, {}
        if self._differing(listed, claimed.values()):
            listed.doubts += 1
            metrics.FAST_LANE_CONTRADICTED.labels(self.code).inc()
        else:
            listed.doubts = 0

    def _differing(self, listed: Listed, markets: Iterable[ParsedMarket]) -> set[MarketKey]:
        """Return which of these are not what the cache shows."""
        entry = self._means.cache.listing(listed.sportradar_id, self.code)
        known: Markets = entry.markets if entry else {}
        return {market.key for market in markets if not _agree(known.get(market.key), market)}

    async def _glance(self, groups: Sequence[Group]) -> None:
        assert self._glancing is not None
        try:
            await self._glanced(self._glancing, groups)
        except BookmakerError as exc:
            self._note_result(exc)
        except Exception as exc:  # whatever it is, it is this answer's: the lane outlives it
            log.exception("fast_lane_crashed", bookmaker=self.code)
            self._note_result(BookmakerError(self.code, "glance", f"{type(exc).__name__}: {exc}"))
        else:
            self._note_result(None)
        finally:
            self.plan.ended(groups, self._means.clock.monotonic())

    async def _glanced(self, glancing: Glancing, groups: Sequence[Group]) -> None:
        means = self._means
        at = means.clock.now().replace(second=0, microsecond=0)  # the same question may be asked again
        window = Window(at, at + timedelta(hours=means.settings.number("discovery_horizon_hours")))
        request = glancing.glance_request([group.id for group in groups], window)
        permit = await self.budget.spent_on(lambda: means.admission.admit(self.code, None, (PROMPT,)))
        number = means.intake.number()
        raw = await self._answer(permit, request)
        events = glancing.parse_glance(inflated(self.code, request, raw))
        await self.take(events, number, raw.fetched_at)

    async def _answer(self, permit: Permit, request: Request) -> RawBody:
        """Return the answer of the one attempt: a list that failed is asked for again when its turn comes."""
        try:
            raw = await self._means.transport.fetch(self.code, request)
        except BookmakerError as exc:
            permit.finish(exc)
            raise
        except BaseException:
            permit.abandon()
            raise
        permit.finish()
        return raw

    async def _take_row(
        self, listed: Listed, event: GlancedEvent, number: int, fetched_at: datetime, follow: bool
    ) -> None:
        is_known = self._is_known(listed)  # what no detail has told of yet can't have moved
        markets, moved = event.markets, False
        if listed.doubts >= DOUBTED_AFTER:  # its list row lags: it may confirm, the detail tells what moved
            differing = self._differing(listed, markets)
            markets = tuple(market for market in markets if market.key not in differing)
            moved = bool(differing)
        if markets:
            answer = ScopedAnswer(self.code, listed.sportradar_id, number, fetched_at, markets)
            taken = await self._means.intake.take_scoped(answer)
            if taken.status == "late":
                return
            moved = moved or (taken.status == "changed" and is_known)
            self.plan.note_seen(listed.sportradar_id, self._means.clock.monotonic(), full=False)
            metrics.FAST_LANE_CONFIRMED.labels(self.code).inc()
        shown = frozenset(market.key for market in event.markets)
        left = listed.shown - shown  # taken off, or just not in the list any more: the detail will tell
        listed.shown = shown
        if moved:
            metrics.FAST_LANE_MOVES.labels(self.code).inc()
            listed.claimed = {market.key: market for market in event.markets}
        if follow and (moved or left or event.kickoff_at != listed.kickoff_at):
            self._moved[listed.sportradar_id] = None

    def _is_known(self, listed: Listed) -> bool:
        entry = self._means.cache.listing(listed.sportradar_id, self.code)
        return entry is not None and entry.confirmed_at is not None

    def _note_result(self, error: BookmakerError | None) -> None:
        """Count how a list request ended; the more fail in a row, the longer the lane rests."""
        metrics.FAST_LANE_REQUESTS.labels(self.code, "list", error.kind if error else "ok").inc()
        self._means.sources.record(self.code, error)
        if error is None:
            if self._failures >= TROUBLED_AFTER:
                log.info("fast_lane_recovered", bookmaker=self.code, failures=self._failures)
            self._failures, self._rest_until = 0, 0.0
            return
        self._failures += 1
        rest_s = min(2.0 ** min(self._failures, 10), LONGEST_REST_S)
        self._rest_until = self._means.clock.monotonic() + rest_s
        if self._failures == TROUBLED_AFTER:
            log.warning("fast_lane_troubled", bookmaker=self.code, kind=error.kind, reason=error.detail)


def _agree(known: Market | None, said: ParsedMarket) -> bool:
    """Return whether a list row says of a market what is known: prices by name, locks included."""
    if known is None or known.withdrawn_at is not None:
        return False
    if known.names == said.names and known.odds_milli == said.odds_milli:
        return known.suspended == said.suspended | said.dormant
    before = {
        name: (odds, known.suspended >> place & 1)
        for place, (name, odds) in enumerate(zip(known.names, known.odds_milli, strict=True))
    }
    locked = said.suspended | said.dormant
    return all(
        name in before
        and before[name][1] == locked >> place & 1
        and (odds == before[name][0] or (not odds and locked >> place & 1))
        for place, (name, odds) in enumerate(zip(said.names, said.odds_milli, strict=True))
    )
