"""Exposures over a restart: nothing begins anew, nothing stands twice, nothing stays open that nobody saw again."""

from pathlib import Path

import pytest

from overround.analysis.exposure_log import ExposureLog
from overround.errors import StorageError
from overround.storage.exposures import ExposureStore
from tests.support.api import three_way
from tests.support.clock import FakeClock
from tests.support.desk import EVENT, DeskWorld
from tests.support.storage import Backend

CROSSED = {"betpawa": (2.20, 3.60, 3.10), "sportybet": (2.45, 3.20, 3.00), "bet9ja": (2.30, 3.20, 3.40)}
HIGHER = (2.20, 3.80, 3.10)
LOWER = (2.20, 3.20, 3.10)


class Process:
    """A desk that stores what it tells; `begun` from what an earlier one left."""

    def __init__(self, store: ExposureStore, clock: FakeClock | None = None) -> None:
        self.world = DeskWorld(clock)
        self.log, self.store = ExposureLog(self.world.clock), store
        self.world.desk.on_analysis(self.log.note)

    async def begin(self) -> None:
        """Start as the engine does: the cache is warm and nothing is confirmed."""
        for code, odds in CROSSED.items():
            self.world.offer(EVENT, code, [three_way(*odds)], confirm=False)
        self.world.desk.restore(await self.log.start(self.store))
        self.world.desk.reload()
        self.world.desk.catch_up()

    def confirm(self, code: str, odds: tuple[float, float, float]) -> None:
        self.world.price(code, three_way(*odds))


async def left(store: ExposureStore) -> DeskWorld:
    """Let a process open an exposure, see its peak, and be killed; return its world two minutes later."""
    process = Process(store)
    await process.begin()
    for code, odds in CROSSED.items():
        process.confirm(code, odds)
    process.world.wait(60)
    process.confirm("betpawa", HIGHER)
    process.confirm("betpawa", CROSSED["betpawa"])
    await process.log.write()
    process.world.wait(120)
    return process.world


async def test_an_open_one_goes_on_with_its_start_and_peak(backend: Backend, tmp_path: Path):
    """It is off the board until all that crosses is confirmed again, then the same as ever; a second kill changes nothing."""
    async with backend.opened(tmp_path) as opened:
        store = ExposureStore(opened.repository.database)
        old = await left(store)
        (before,) = old.desk.exposures()
        for _ in range(2):
            process = Process(store, old.clock)
            await process.begin()
            assert process.world.desk.exposures() == []
            for code in ("sportybet", "bet9ja", "betpawa"):
                assert process.world.desk.exposures() == []
                process.confirm(code, CROSSED[code])
            (found,) = process.world.desk.exposures()
            assert (found.id, found.opened_at, found.peak, found.peak_at) == (
                before.id, before.opened_at, before.peak, before.peak_at
            )  # fmt: skip
            assert process.world.exposures_told()[-1] == found
            await process.log.write()
    assert backend.rows(tmp_path, "SELECT count(*) FROM exposure") == [(1,)]


@pytest.mark.parametrize(
    "case", ["not crossed any more", "never confirmed", "left memory", "began before all"]
)
async def test_one_that_closed_meanwhile_says_so(case: str, backend: Backend, tmp_path: Path):
    """Nobody knows when or why; it is closed once, and stays closed at the next start."""
    async with backend.opened(tmp_path) as opened:
        store = ExposureStore(opened.repository.database)
        old = await left(store)
        process = Process(store, old.clock)
        await process.begin()
        if case == "not crossed any more":
            process.confirm("betpawa", LOWER)
            process.confirm("sportybet", CROSSED["sportybet"])
            assert process.world.reasons() == []  # Bet9ja's leg may stand still
            process.confirm("bet9ja", CROSSED["bet9ja"])
        elif case == "never confirmed":
            process.world.wait(process.world.settings.number("stale_after_s") - 1)
            await process.world.desk.tidy()
            assert process.world.reasons() == []
            process.world.wait(1)
            await process.world.desk.tidy()
        elif case == "left memory":
            process.world.accept(removed=[EVENT])
        else:
            for code in CROSSED:
                process.world.state(code, "started")
        (closed,) = process.world.desk.exposures(closed=True)
        assert (closed.closed_by, closed.closed_at) == ("unknown_while_stopped", process.world.clock.now())
        await process.log.write()
        again = Process(store, old.clock)
        await again.begin()
        assert again.world.desk.exposures(closed=True) == [closed]
        await again.world.desk.tidy()
        assert again.world.exposures_told() == []


async def test_what_the_database_did_not_take_is_written_with_what_came_since(tmp_path: Path):
    """In its newest form."""

    class Away:
        async def load(self, closed_since, limit):
            return []

        async def put(self, rows):
            raise StorageError(None, "away")

    process = Process(Away())
    await process.begin()
    for code, odds in CROSSED.items():
        process.confirm(code, odds)
    with pytest.raises(StorageError):
        await process.log.write()
    process.confirm("betpawa", HIGHER)
    kept = []

    async def put(rows):
        kept.extend(rows)

    process.store.put = put
    await process.log.write()
    await process.log.write()
    assert [row.profit for row in kept] == [process.world.desk.exposures()[0].profit]
