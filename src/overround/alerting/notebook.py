"""Notebook: brings alerts and deliveries into the database; while that is away they wait, nothing else does."""

import asyncio

from overround.clock import Clock, within
from overround.domain.alerts import Alert, Delivery
from overround.errors import StorageError
from overround.log import get_logger
from overround.storage.alerts import AlertStore

log = get_logger(__name__)

RETRY_S = 2.0
PATIENCE_S = 0.5  # how long a reader or a first attempt waits for the database
KEPT = 20_000  # alerts that wait; more come only in days without a database


class Notebook:
    """The newest version of every alert and delivery that the database has not got; one writer."""

    def __init__(self, store: AlertStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._alerts: dict[str, Alert] = {}
        self._deliveries: dict[str, Delivery] = {}
        self._something = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._is_away = False

    def note(self, alert: Alert | None = None, delivery: Delivery | None = None) -> None:
        """Have an alert or a delivery stored as it is now."""
        if alert is not None:
            self._alerts[alert.id] = alert
            if len(self._alerts) > KEPT:
                lost = self._alerts.pop(next(iter(self._alerts)))
                log.error("alert_unwritten", alert=lost.id, title=lost.title)
        if delivery is not None:
            self._deliveries[delivery.id] = delivery
        self._something.set()
        self._empty.clear()

    async def written(self) -> None:
        """Wait until everything noted is in the database, however long that takes."""
        await self._empty.wait()

    async def wait(self, seconds: float = PATIENCE_S) -> bool:
        """Return whether everything noted is in the database; waits that long for it."""
        if self._is_away:
            return False
        try:
            await within(self._clock, seconds, self.written())
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Write what is noted until cancelled, trying again while the database is away."""
        while True:
            await self._something.wait()
            if not await self.write():
                await self._clock.sleep(RETRY_S)

    async def write(self) -> bool:
        """Write what is noted now; return False, with all of it kept, when the database does not take it."""
        self._something.clear()
        alerts, self._alerts = self._alerts, {}
        deliveries, self._deliveries = self._deliveries, {}
        try:
            await self._store.save(alerts.values(), deliveries.values())
        except BaseException as exc:
            self._alerts = {**alerts, **self._alerts}
            self._deliveries = {**deliveries, **self._deliveries}
            self._something.set()
            if not isinstance(exc, StorageError):
                raise
            if not self._is_away:
                log.warning("alerts_unwritten", alerts=len(self._alerts), reason=str(exc))
            self._is_away = True
            return False
        self._is_away = False
        if not self._something.is_set():
            self._empty.set()
        return True
