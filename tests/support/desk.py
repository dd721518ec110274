"""An analysis desk over a world in memory, as a process has it, without its loop."""

from collections.abc import Iterable, Sequence

import msgspec

from overround.analysis.desk import AnalysisDesk
from overround.analysis.records import AnalysisUpdate, Exposure, Movement
from overround.config import Settings
from overround.domain.diff import Changes, Confirmation, ListingChanges
from overround.domain.events import EventHeader, ListingState
from overround.domain.markets import ParsedMarket
from tests.support.api import CATALOGUE, World
from tests.support.clock import FakeClock

EVENT = "69000001"


class DeskWorld(World):
    """A world whose changes the desk takes in at once; `told` is all that it said."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        super().__init__(self.clock, Settings())
        self.desk = self.analysis
        self.told: list[AnalysisUpdate] = []
        self.desk.on_analysis(self.told.append)

    def new_desk(self) -> AnalysisDesk:
        """Return a desk that knows nothing yet."""
        return AnalysisDesk(self.cache, self.bus, self.settings, CATALOGUE, self.clock)

    def accept(
        self,
        listings: Iterable[ListingChanges] = (),
        confirmed: Iterable[Confirmation] = (),
        removed: Iterable[str] = (),
        run_id: str | None = "run-1",
    ) -> None:
        super().accept(listings, confirmed, removed, run_id)
        self.desk.catch_up()

    def applied(
        self, listings: Iterable[ListingChanges], confirmed: Iterable[Confirmation], run_id: str = "run-1"
    ) -> Changes:
        """Apply a batch to the cache alone, and return it as the bus would carry it."""
        self._change_id += 1
        return self.cache.apply(
            Changes(self._change_id, run_id, self.clock.now(), tuple(listings), tuple(confirmed))
        )

    def state(self, bookmaker: str, state: ListingState, event: str = EVENT) -> None:
        """Move a listing to another state."""
        entry = self.cache.listing(event, bookmaker)
        assert entry is not None
        listing = msgspec.structs.replace(entry.listing, state=state)
        self.accept([ListingChanges(event, bookmaker, self.clock.now(), listing=listing)])

    def price(
        self, bookmaker: str, *markets: ParsedMarket, event: str = EVENT, header: EventHeader | None = None
    ) -> None:
        """Let a bookmaker answer with exactly these markets."""
        self.offer(event, bookmaker, markets, header)

    def wait(self, seconds: float) -> None:
        """Let time pass and the desk look."""
        self.clock.step_wall(seconds)
        self.desk.catch_up()

    def exposures_told(self) -> list[Exposure]:
        """Return every exposure that was told, oldest first."""
        return [exposure for update in self.told for exposure in update.exposures]

    def movements(self) -> list[Movement]:
        """Return the movements in memory, newest first."""
        return list(self.desk.movements())

    def reasons(self) -> Sequence[str | None]:
        """Return what closed the exposures, newest first."""
        return [exposure.closed_by for exposure in self.desk.exposures(closed=True)]
