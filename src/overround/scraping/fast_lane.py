"""
Fast lane: between runs the main markets stay fresh, and an event that moved or is about to begin is fetched in full.

It asks for the bookmakers' lists that carry prices, one request for many events, and takes their rows in as answers
of limited scope. Each bookmaker has its own lane and budget; a run goes on beside it.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from overround.bookmakers.base import Ask, Bookmaker, Request
from overround.bookmakers.limiter import Limiter
from overround.bus.base import Bus
from overround.domain.diff import Changes, ListingChanges
from overround.domain.events import ListedEvent
from overround.scraping.lane import Lane, Means


class FastLane:
    """One lane per bookmaker; does nothing by itself before `start`, nor before a first discovery."""

    def __init__(
        self,
        bookmakers: Mapping[str, Bookmaker],
        limiters: Mapping[str, Limiter],
        means: Means,
        bus: Bus,
        is_paused: Callable[[], bool] = lambda: False,
    ) -> None:
        """Send nothing while `is_paused()`."""
        self.lanes = {code: Lane(bookmaker, limiters[code], means) for code, bookmaker in bookmakers.items()}
        self._means, self._bus, self._is_paused = means, bus, is_paused
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to spend the budgets; a second call changes nothing."""
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._follow(), name="fast-lane")]
            self._tasks += [
                asyncio.create_task(lane.run(self._is_paused), name=f"fast-lane-{code}")
                for code, lane in self.lanes.items()
            ]

    async def stop(self) -> None:
        """Send nothing more; requests on the wire are given up."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def adopt(self, bookmaker: str, rows: Sequence[ListedEvent]) -> None:
        """Take over a list that discovery believed."""
        self.lanes[bookmaker].plan.adopt(rows, self._means.clock.monotonic())

    def listening(self, bookmaker: str, ask: Ask) -> Ask:
        """Return an `Ask` whose list answers are also read for prices: a discovery brings them anyway."""

        async def asked(request: Request) -> bytes:
            lane, number = self.lanes[bookmaker], self._means.intake.number()
            lane.discovering += 1
            try:
                body = await ask(request)
            finally:
                lane.discovering -= 1
            if self._tasks:
                await lane.take_body(request, body, number)
            return body

        return asked

    async def _follow(self) -> None:
        """Note what others, runs above all, confirm and move."""
        async with self._bus.subscribe(Changes) as messages:
            async for changes in messages:
                self._note(changes)

    def _note(self, changes: Changes) -> None:
        now = self._means.clock.monotonic()
        for change in changes.listings:
            self._note_listing(change)
        for confirmation in changes.confirmed:
            if confirmation.markets is None and (lane := self.lanes.get(confirmation.bookmaker)):
                lane.plan.note_seen(confirmation.sportradar_id, now, full=True)
        for sportradar_id in changes.removed:
            for lane in self.lanes.values():
                lane.plan.forget(sportradar_id)

    def _note_listing(self, change: ListingChanges) -> None:
        listing, lane = change.listing, self.lanes.get(change.bookmaker)
        if listing is None or lane is None:
            return
        if listing.state in ("started", "withdrawn"):
            lane.plan.forget(change.sportradar_id)
        elif listing.kickoff_at:
            lane.plan.note_kickoff(change.sportradar_id, listing.kickoff_at)
