"""CoverageReports: one look at everything listed, shared by readers for half a minute."""

import asyncio

from overround.analysis.coverage import CoverageCount, CoverageReport
from overround.api.ports import Services

KEPT_S = (
    30.0  # coverage changes with runs, not with prices; a count of 540,000 markets takes about two seconds
)
EVENTS_AT_ONCE = 5  # counted before the loop gets its turn: a few milliseconds


class CoverageReports:
    """Counts on request, in slices, and keeps the newest report; readers that come meanwhile wait for the same."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._counting = asyncio.Lock()
        self._kept: CoverageReport | None = None
        self._kept_for: object = None
        self._kept_until = 0.0

    async def newest(self) -> CoverageReport:
        """Return a report that is at most `KEPT_S` old and of the bookmakers now enabled."""
        async with self._counting:
            services = self._services
            asked_for = (services.settings.enabled_bookmakers, len(services.cache))
            now_s = services.clock.monotonic()
            if self._kept is None or self._kept_for != asked_for or now_s >= self._kept_until:
                self._kept, self._kept_for = await self._count(), asked_for
                self._kept_until = now_s + KEPT_S
            return self._kept

    async def _count(self) -> CoverageReport:
        services = self._services
        count = CoverageCount(services.catalogue, services.settings.enabled_bookmakers, services.clock.now())
        for number, event in enumerate(services.cache, 1):
            count.add(event)
            if number % EVENTS_AT_ONCE == 0:
                await asyncio.sleep(0)
        return count.report()
