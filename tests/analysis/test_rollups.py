"""Roll-ups: exact between changes, nothing that does not count, the same after a kill."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from overround.analysis.rollups import Rollups
from overround.domain.diff import Confirmation
from overround.domain.events import Competition
from overround.domain.markets import MarketKey
from overround.domain.price_history import CLOSING_AGE
from overround.domain.rollup import (
    BANDS,
    DAY,
    HOUR,
    MarginSums,
    PositionSums,
    SeriesKey,
    band_of,
    pieces,
    start_of,
)
from overround.storage.rollups import RollupStore
from overround.storage.write_handler import apply_waiting
from tests.support.api import CATALOGUE, World, header, three_way
from tests.support.changes import changed, market, registered
from tests.support.clock import START
from tests.support.storage import Backend, accept

KICKOFF = START + timedelta(hours=30)
TWO_WAY = three_way(2.0, 4.0, 4.0)  # 100 %
HIGH = three_way(2.0, 4.0, 3.2)  # 1/2 + 1/4 + 1/3.2 = 106.25 %


@asynccontextmanager
async def watching(world: World, store: RollupStore) -> AsyncGenerator[Rollups]:
    """Roll up what happens in a world whose listings are confirmed by each offer."""
    rollups = Rollups(world.cache, world.bus, world.settings, CATALOGUE, world.clock)
    await rollups.start(store)
    try:
        yield rollups
    finally:
        await rollups.stop()


@pytest.fixture
def world() -> World:
    world = World()
    world.settings.apply({"enabled_bookmakers": ["betpawa", "sportybet", "bet9ja"], "stale_after_s": 600})
    return world


def offer(world: World, code: str, *markets: object) -> None:
    world.offer("1", code, markets or [HIGH], header("1", kickoff_at=KICKOFF))  # pyright: ignore[reportArgumentType]


async def margins(store: RollupStore, code: str = "betpawa") -> MarginSums:
    found = [each[code] for each in (await store.margins(START, START + HOUR)).values() if code in each]
    return found[0] if found else MarginSums()


async def position(store: RollupStore, by_band: bool = False) -> list[PositionSums]:
    names = [n for key, n in (await store.series()).items() if bool(key.competition.id) is not by_band]
    return list((await store.positions(START, START + HOUR, by_band, names)).values())


async def test_a_margin_weighs_as_long_as_it_stood(world, backend: Backend, tmp_path: Path):
    """Two minutes at 6.25 %, one at 0 %: exact between changes, whatever was confirmed meanwhile."""
    async with (
        backend.opened(tmp_path) as opened,
        watching(world, RollupStore(opened.repository.database)) as rollups,
    ):
        offer(world, "betpawa", HIGH)
        await world.clock.advance(60)
        offer(world, "betpawa", HIGH)
        await world.clock.advance(60)
        offer(world, "betpawa", TWO_WAY)
        await world.clock.advance(60)
        await rollups.write()
        sums = await margins(RollupStore(opened.repository.database))
    assert (sums.seconds, sums.low, sums.high) == (180.0, 0.0, pytest.approx(0.0625))
    assert sums.weighted / sums.seconds == pytest.approx(0.0625 * 2 / 3)


async def test_what_does_not_count_is_left_out(world, backend: Backend, tmp_path: Path):
    """Stale after ten minutes without confirmation, suspended, suspect: no second of them (I14)."""
    async with (
        backend.opened(tmp_path) as opened,
        watching(world, RollupStore(opened.repository.database)) as rollups,
    ):
        offer(world, "betpawa")
        await world.clock.advance(900)  # ten minutes count, five are stale
        offer(world, "betpawa", msgspec.structs.replace(HIGH, suspended=7))
        await world.clock.advance(60)
        offer(world, "betpawa", three_way(1.2, 1.2, 1.2))  # no book adds up to that: suspect
        await world.clock.advance(60)
        offer(world, "betpawa")
        await world.clock.advance(30)
        await rollups.write()
        sums = await margins(RollupStore(opened.repository.database))
    assert sums.seconds == pytest.approx(630.0)
    assert sums.weighted / sums.seconds == pytest.approx(0.0625)


@pytest.mark.parametrize("scope", [None, frozenset({"3743"})])
async def test_a_confirmation_alone_lets_a_price_go_on(world, scope, backend: Backend, tmp_path: Path):
    """Confirmed after 9 and 18 minutes, stale from 28 to 40: 28 + 10 of the 50 minutes count."""
    async with (
        backend.opened(tmp_path) as opened,
        watching(world, RollupStore(opened.repository.database)) as rollups,
    ):
        store = RollupStore(opened.repository.database)
        offer(world, "betpawa", HIGH)
        for minutes in (9, 9, 22):
            await world.clock.advance(60 * minutes)
            world.accept([], [world.confirmation("1", "betpawa", scope)])
        await world.clock.advance(600)
        await rollups.write()
        sums = await margins(store)
    assert sums.seconds == 38 * 60.0


async def test_a_confirmation_of_another_market_proves_nothing(world, backend: Backend, tmp_path: Path):
    async with (
        backend.opened(tmp_path) as opened,
        watching(world, RollupStore(opened.repository.database)) as rollups,
    ):
        offer(world, "betpawa", HIGH)
        await world.clock.advance(540)
        world.accept([], [world.confirmation("1", "betpawa", frozenset({"5000"}))])
        await world.clock.advance(540)
        await rollups.write()
        sums = await margins(RollupStore(opened.repository.database))
    assert sums.seconds == 600.0


async def test_an_incomplete_market_has_no_margin_but_a_position(world, backend: Backend, tmp_path: Path):
    """A single side says nothing of the margin; it can be the best price all the same."""
    async with (
        backend.opened(tmp_path) as opened,
        watching(world, RollupStore(opened.repository.database)) as rollups,
    ):
        offer(world, "betpawa", three_way(2.5, 0, 0))
        offer(world, "bet9ja", HIGH)
        await world.clock.advance(60)
        await rollups.write()
        store = RollupStore(opened.repository.database)
        assert (await margins(store)).seconds == 0
        assert await position(store) == [PositionSums(60.0, 60.0, 60.0, 60.0, pytest.approx(15.0))]


async def test_a_price_is_the_best_as_long_as_nobody_has_a_better_one(
    world, backend: Backend, tmp_path: Path
):
    """Shared best counts; every outcome weighs its own time; without a rival there is no position."""
    async with (
        backend.opened(tmp_path) as opened,
        watching(world, RollupStore(opened.repository.database)) as rollups,
    ):
        offer(world, "betpawa", HIGH)
        await world.clock.advance(60)  # alone
        offer(world, "bet9ja", HIGH)
        await world.clock.advance(60)  # all three shared
        offer(world, "bet9ja", three_way(2.1, 4.0, 3.0))
        await world.clock.advance(60)  # beaten in one of three
        await rollups.write()
        (sums,) = await position(RollupStore(opened.repository.database))
        bands = await position(RollupStore(opened.repository.database), by_band=True)
    assert (sums.seconds, sums.best, sums.rank) == (360.0, 300.0, 420.0)
    assert sum(each.best for each in bands) == 300.0
    assert sorted(each.seconds for each in bands) == [120.0, 240.0]  # 2-3; 3-5


async def test_uptime_counts_while_others_are_open(world, backend: Backend, tmp_path: Path):
    """A suspension while everybody is closed is no downtime; one of ours alone is."""
    locked = msgspec.structs.replace(HIGH, suspended=7)
    async with (
        backend.opened(tmp_path) as opened,
        watching(world, RollupStore(opened.repository.database)) as rollups,
    ):
        for ours, theirs in ((HIGH, HIGH), (locked, HIGH), (locked, locked)):
            offer(world, "betpawa", ours)
            offer(world, "bet9ja", theirs)
            await world.clock.advance(60)
        await rollups.write()
        sums = await margins(RollupStore(opened.repository.database))
    assert (sums.up_s, sums.others_s) == (60.0, 120.0)


async def test_a_restart_goes_on_in_the_hour(world, backend: Backend, tmp_path: Path):
    """What was written counts once, however often; the time without a process is nobody's."""
    async with backend.opened(tmp_path) as opened:
        store = RollupStore(opened.repository.database)
        offer(world, "betpawa")
        async with watching(world, store) as rollups:
            await world.clock.advance(60)
            await rollups.write()
            await rollups.write()
        await world.clock.advance(300)
        offer(world, "betpawa")
        async with watching(world, store) as rollups:
            await world.clock.advance(60)
            await rollups.write()
        assert (await margins(store)).seconds == 120.0


async def test_a_kill_between_hours_and_days_is_made_good(world, backend: Backend, tmp_path: Path):
    """Hours are in, the day is not: the next write of any later day computes it anew."""
    async with backend.opened(tmp_path) as opened:
        store = RollupStore(opened.repository.database)
        league = SeriesKey("football", Competition("football-x-y", "Y", "X"), MarketKey("3743"))
        await store.add_series({league: 1})
        await store.advance(derived_at=START)
        await store.put_hour(START, {(1, 2, "betpawa"): MarginSums(60.0, 3.0, 0.05, 0.05, 0.0, 0.0)}, {})
        assert await store.margins(START, START + HOUR) == {}
        await world.clock.advance(86_400)
        async with watching(world, store) as rollups:
            await rollups.write()
        assert (await margins(store)).weighted == 3.0


async def test_weeks_and_days_add_up_to_the_same(backend: Backend, tmp_path: Path):
    """A range is covered by whole weeks where there are any; minima and maxima too."""
    async with backend.opened(tmp_path) as opened:
        store = RollupStore(opened.repository.database)
        league = SeriesKey("football", Competition("football-x-y", "Y", "X"), MarketKey("3743"))
        await store.add_series({league: 1})
        first = start_of(START, 1)
        for day in range(20):
            at = first + day * DAY
            await store.put_hour(
                at, {(1, 2, "betpawa"): MarginSums(10.0, 1.0, day / 100, day / 10, 5.0, 6.0)}, {}
            )
            await store.put_hour(at + HOUR, {(1, 3, "betpawa"): MarginSums(5.0, 2.0, 0.5, 0.6, 1.0, 1.0)}, {})
            await store.derive(at)
            await store.derive(at)
        found = (await store.margins(first + DAY, first + 19 * DAY))[1]["betpawa"]
        bands = await store.margin_bands(first + DAY, first + 19 * DAY, [1])
    assert found == MarginSums(270.0, 54.0, pytest.approx(0.01), pytest.approx(1.8), 108.0, 126.0)
    assert {key: sums.seconds for key, sums in bands.items()} == {
        (1, 2, "betpawa"): 180.0,
        (1, 3, "betpawa"): 90.0,
    }


async def test_closes_tell_how_margins_and_our_price_went(world, backend: Backend, tmp_path: Path):
    """Opening and closing by the rules of the history; our edge is 1 - odds x the competitors' fair close."""
    kickoff = start_of(START, 0) + timedelta(hours=6)
    before = kickoff - timedelta(minutes=5)
    async with backend.opened(tmp_path) as opened:
        store = RollupStore(opened.repository.database)
        await accept(opened, registered(market(2000, 4000, 3200), kickoff_at=kickoff))
        await accept(opened, registered(market(2000, 4000, 4000), bookmaker="bet9ja", kickoff_at=kickoff))
        await accept(opened, changed(market(2000, 4000, 4000, at=before, first_seen_at=START), at=before))
        await apply_waiting(opened.spool, opened.writer)
        await opened.writer.confirm(
            [Confirmation("69000001", code, before) for code in ("betpawa", "bet9ja")]
        )
        async with watching(world, store) as rollups:
            await rollups.close()
            await world.clock.advance((kickoff - START).total_seconds() + 3600 + 600)
            await rollups.close()
            await rollups.close()
        closes = await store.closes(START, kickoff + DAY)
        clv = await store.clv(START, kickoff + DAY)
    (of_market,) = closes.values()
    ours = of_market["betpawa"]
    assert (ours.events, ours.both, ours.opening, ours.closing) == (
        1,
        1,
        pytest.approx(0.0625),
        pytest.approx(0.0),
    )
    (marks,) = clv.values()
    assert (marks["opening"].outcomes, marks["opening"].edge) == (3, pytest.approx(1 - 3.2 * 0.25))
    assert marks["closing"].edge == pytest.approx(0.0)


def test_a_span_is_cut_at_hours_bands_and_kickoff():
    """No part of it belongs to two rows."""
    kickoff = START + timedelta(days=1, minutes=30)
    cut = list(pieces(START, START + timedelta(hours=2), kickoff))
    assert [(start - START, band_of(kickoff - start)) for start, _ in cut] == [
        (timedelta(0), 2), (timedelta(minutes=30), 3), (timedelta(hours=1), 3),
    ]  # fmt: skip
    assert BANDS[3] == "<24h"
    assert list(pieces(kickoff - HOUR, kickoff + HOUR, kickoff))[-1][1] == kickoff
    assert CLOSING_AGE == HOUR
