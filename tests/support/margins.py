"""Margins and positions of one hour, as the rollups would have written them."""

from overround.domain.events import Competition
from overround.domain.markets import MarketKey
from overround.domain.rollup import HOUR, MarginSums, PositionSums, SeriesKey, start_of
from overround.storage.rollups import EVERYWHERE, CloseRow, ClvRow, RollupStore
from overround.storage.store import Store
from tests.support.clock import START

NPFL = Competition("football-nigeria-npfl", "NPFL", "Nigeria")
CUP = Competition("football-ghana-cup", "Cup", "Ghana")
RESULT = MarketKey("3743")


def held(hours: float, mean: float) -> MarginSums:
    seconds = hours * 3600
    return MarginSums(seconds, mean * seconds, mean - 0.01, mean + 0.01, seconds / 2, seconds)


async def put_margins(store: Store) -> RollupStore:
    """Store two leagues: one dearer than the rival, one cheaper by less."""
    rollups = RollupStore(store.repository.database)
    keys = [SeriesKey("football", place, RESULT) for place in (NPFL, CUP, EVERYWHERE)]
    await rollups.add_series({key: number for number, key in enumerate(keys, 1)})
    hour = start_of(START, 0) - HOUR
    margins = {
        (1, 2, "betpawa"): held(1, 0.08), (1, 3, "betpawa"): held(1, 0.06), (1, 3, "bet9ja"): held(2, 0.05),
        (2, 3, "betpawa"): held(1, 0.04), (2, 3, "bet9ja"): held(1, 0.045),
    }  # fmt: skip
    positions = {
        (1, 2, 3): PositionSums(3600, 900, 7200, 3600, 36), (1, 3, 3): PositionSums(3600, 2700, 3600, 3600, 0),
        (2, 3, 5): PositionSums(7200, 0, 14_400, 7200, -72),
    }  # fmt: skip
    await rollups.put_hour(hour, margins, positions)
    await rollups.derive(hour)
    closes = [CloseRow(1, "betpawa", 5, 4, 0.32, 0.24), CloseRow(1, "bet9ja", 3, 0, 0, 0)]
    await rollups.put_closes(hour, closes, [ClvRow(1, "opening", 12, 0.6)])
    await rollups.advance(derived_at=START)
    return rollups
