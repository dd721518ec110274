"""Exposures on disk: what opens, peaks and closes is stored within seconds, and a start takes it over."""

import msgspec

from overround.analysis.exposure import CLOSED_FOR, CLOSED_KEPT
from overround.analysis.records import AnalysisUpdate, Exposure, Leg
from overround.clock import Clock
from overround.domain.markets import MarketKey
from overround.errors import StorageError
from overround.log import get_logger
from overround.storage.exposures import ExposureRow, ExposureStore

log = get_logger(__name__)

WRITE_EVERY_S = 5.0  # what a kill may cost: an exposure that opened in these seconds begins a little later
_Legs = tuple[Leg, ...]


class ExposureLog:
    """Listens to the desk; `write` is a job for the scheduler."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pending: dict[str, Exposure] = {}
        self._store: ExposureStore | None = None

    async def start(self, store: ExposureStore) -> list[Exposure]:
        """
        Write there from now on; return what an earlier process left.

        Raises:
            StorageError: The database can't be read.
        """
        found = await load_exposures(store, self._clock)
        self._store = store
        return found

    def note(self, update: AnalysisUpdate) -> None:
        """Take in what the desk told."""
        for exposure in update.exposures:
            self._pending[exposure.id] = exposure

    async def write(self) -> None:
        """
        Store what became different since the last time.

        Raises:
            StorageError: The database does not take it; the next time it is written with what came since.
        """
        if self._store is None or not self._pending:
            return
        taken, self._pending = self._pending, {}
        try:
            await self._store.put([row_of(exposure) for exposure in taken.values()])
        except BaseException:
            self._pending = taken | self._pending
            raise

    async def stop(self) -> None:
        """Write what is left, if the database takes it."""
        try:
            await self.write()
        except StorageError as exc:
            log.warning("exposures_not_written", exposures=len(self._pending), reason=str(exc))
        self._store = None


async def load_exposures(store: ExposureStore, clock: Clock) -> list[Exposure]:
    """
    Return the stored exposures that are open or closed lately, the closed ones in the order they closed.

    Raises:
        StorageError: The database can't be read.
    """
    return [exposure_of(row) for row in await store.load(clock.now() - CLOSED_FOR, CLOSED_KEPT)]


def row_of(exposure: Exposure) -> ExposureRow:
    """Return an exposure as the database keeps it."""
    return ExposureRow(
        exposure.id, exposure.sportradar_id, exposure.key.market_id, exposure.key.line, exposure.mine,
        msgspec.json.encode(exposure.legs).decode(), exposure.total, exposure.profit, exposure.opened_at,
        exposure.peak, exposure.peak_at, ",".join(exposure.suppressed), exposure.closed_at,
        exposure.closed_by or "",
    )  # fmt: skip


def exposure_of(row: ExposureRow) -> Exposure:
    """Return a stored exposure. Raises: ValidationError: The row was not written by `row_of`."""
    fields = msgspec.structs.asdict(row) | {
        "key": MarketKey(row.market_id, row.line),
        "legs": msgspec.json.decode(row.legs, type=_Legs),
        "suppressed": tuple(row.suppressed.split(",")) if row.suppressed else (),
        "closed_by": row.closed_by or None,
    }
    return msgspec.convert(fields, Exposure)
