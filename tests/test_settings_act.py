"""I11: every setting changes behaviour at once, proven per key."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import insert

from overround.api.comparison import EventComparisons
from overround.api.market_choice import MAIN_CHOICE
from overround.config import BOOKMAKERS, SETTINGS, ProcessConfig, Settings, packaged_catalogue
from overround.domain.runs import RunReport
from overround.scheduling.scheduler import Scheduler
from overround.scheduling.stale_detection import StaleDetection
from overround.scraping.upkeep import Upkeep
from overround.storage import schema
from overround.storage.growth import Growth
from overround.storage.retention import Retention
from overround.storage.spool import Spool
from overround.storage.write_queue import AsyncWriteQueue
from overround.wiring import Engine
from tests.support.api import three_way
from tests.support.clock import START, FakeClock, settle
from tests.support.desk import DeskWorld
from tests.support.fast_lane import lane_world
from tests.support.pipeline import KICKOFF, Pipeline
from tests.support.recorded import answered, read
from tests.support.scripted_site import Scraper, job
from tests.support.storage import opened

PER_BOOKMAKER = ("_concurrency", "_delay_ms", "_fast_lane_per_minute")
BOOKMAKER_OF = {key: key.split("_")[0] for key in SETTINGS if key.endswith(PER_BOOKMAKER)}
PROOFS: dict[str, Callable[[Path], Awaitable[None]]] = {}


def proves(key: str) -> Callable[[Callable[[Path], Awaitable[None]]], Callable[[Path], Awaitable[None]]]:
    def note(proof: Callable[[Path], Awaitable[None]]) -> Callable[[Path], Awaitable[None]]:
        PROOFS[key] = proof
        return proof

    return note


@pytest.mark.parametrize("key", SETTINGS)
async def test_a_setting_acts_at_once(key, tmp_path):
    """A knob that does nothing is a lie on the settings page."""
    if key in BOOKMAKER_OF:
        proofs = dict(zip(PER_BOOKMAKER, (_concurrency, _delay, _fast_lane), strict=True))
        await next(proof for end, proof in proofs.items() if key.endswith(end))(BOOKMAKER_OF[key])
    else:
        await PROOFS[key](tmp_path)


async def _concurrency(code: str) -> None:
    async with Scraper(codes=BOOKMAKERS) as scraper:
        scraper.settings.apply({f"{code}_concurrency": 1, f"{code}_delay_ms": 0})
        scraping = asyncio.create_task(scraper.coordinator.scrape([job(n, code) for n in range(6)], "run"))
        await scraper.clock.advance(0.05)
        assert scraper.site.most[code] == 1
        scraper.settings.apply({f"{code}_concurrency": 4})
        await scraper.clock.advance(0.1)
        assert scraper.site.most[code] == 4
        scraping.cancel()


async def _delay(code: str) -> None:
    async with Scraper(codes=BOOKMAKERS) as scraper:
        scraper.settings.apply({f"{code}_concurrency": 1, f"{code}_delay_ms": 0})
        scraping = asyncio.create_task(scraper.coordinator.scrape([job(n, code) for n in range(4)], "run"))
        await scraper.clock.advance(0.15)
        scraper.settings.apply({f"{code}_delay_ms": 1000})
        await scraper.clock.advance(2)
        started = [at for at, _ in scraper.site.started]
        assert [round(b - a, 3) for a, b in pairwise(started)] == [0.1, 1.1]
        scraping.cancel()


async def _fast_lane(code: str) -> None:
    async with lane_world(codes=BOOKMAKERS) as world:
        world.scraper.settings.apply({f"{code}_fast_lane_per_minute": 0})
        await world.clock.advance(60)
        assert not world.glances(code) and world.glances()
        world.scraper.settings.apply({f"{code}_fast_lane_per_minute": 60})
        await world.clock.advance(1.5)
        assert world.glances(code)


@proves("max_concurrent_events")
async def _events(_: Path) -> None:
    async with Scraper() as scraper:
        scraper.settings.apply({"max_concurrent_events": 1})
        scraping = asyncio.create_task(
            scraper.coordinator.scrape([job(n, "betpawa") for n in range(8)], "run")
        )
        await scraper.clock.advance(0.05)
        assert scraper.site.most_events == 1
        scraper.settings.apply({"max_concurrent_events": 3})
        await scraper.clock.advance(0.1)
        assert scraper.site.most_events == 3
        scraping.cancel()


@proves("enabled_bookmakers")
async def _enabled(_: Path) -> None:
    async with Scraper() as scraper:
        scraper.settings.apply({"enabled_bookmakers": ["sportybet"]})
        scraper.runs.start()
        await scraper.clock.advance(1)
        assert {address.split("/")[0] for address in scraper.site.addresses()} == {"sportybet"}


@proves("discovery_horizon_hours")
async def _horizon(_: Path) -> None:
    async with Scraper() as scraper:
        scraper.lists(range(3), kickoff_at=START + timedelta(hours=30))
        scraper.settings.apply({"discovery_horizon_hours": 24})
        running = asyncio.create_task(scraper.runs.run_once())
        await scraper.clock.advance(40)
        assert (await running).events.total == 0
        scraper.settings.apply({"discovery_horizon_hours": 48})
        running = asyncio.create_task(scraper.runs.run_once())
        await scraper.clock.advance(40)
        assert (await running).events.total == 9


@proves("withdraw_after_misses")
async def _misses(_: Path) -> None:
    async with Scraper() as scraper:
        scraper.settings.apply({"withdraw_after_misses": 1})
        for numbers in (range(10), range(9)):
            scraper.lists(numbers)
            running = asyncio.create_task(scraper.runs.run_once())
            await scraper.clock.advance(40)
            await running
        entry = scraper.cache.listing("9", "bet9ja")
        assert entry and entry.listing.state == "withdrawn"


@proves("batch_size")
async def _batch(_: Path) -> None:
    async with Pipeline() as pipeline:
        pipeline.settings.apply({"batch_size": 1})
        taken = await pipeline.answer({"3743|": [2.4, 3.1, 3.0]})
        await settle()
        assert taken.accepted.done()  # without waiting for the batch's timer


@proves("eviction_grace_minutes")
async def _grace(_: Path) -> None:
    async with Pipeline() as pipeline:
        upkeep = Upkeep(pipeline.cache, pipeline.intake, None, pipeline.settings, pipeline.clock)  # type: ignore[arg-type]
        await pipeline.clock.advance((KICKOFF - pipeline.clock.now()).total_seconds() + 60)
        await upkeep.evict()
        assert pipeline.cache.event("1")
        pipeline.settings.apply({"eviction_grace_minutes": 0})
        await upkeep.evict()
        assert pipeline.cache.event("1") is None


@proves("run_stale_minutes")
async def _stale_run(_: Path) -> None:
    class Silent:
        cancelled = ""

        def active(self) -> RunReport:
            return RunReport("r", "scheduled", "running", START)

        def silent_s(self) -> float:
            return 150

        async def cancel(self, reason: str) -> None:
            self.cancelled = reason

    run, settings = Silent(), Settings()
    await StaleDetection(run, settings).check()
    assert not run.cancelled
    settings.apply({"run_stale_minutes": 2})
    await StaleDetection(run, settings).check()
    assert run.cancelled


@proves("scrape_interval_minutes")
async def _interval(_: Path) -> None:
    clock, settings, starts = FakeClock(), Settings(), list[float]()
    scheduler = Scheduler(clock)
    settings.on_change(lambda _: scheduler.reconsider())

    async def run() -> None:
        starts.append(clock.monotonic())

    scheduler.add("scrape", lambda: settings.number("scrape_interval_minutes") * 60.0, run)
    scheduler.start()
    await clock.advance(70)
    settings.apply({"scrape_interval_minutes": 1})
    await clock.advance(1)
    await scheduler.stop()
    assert len(starts) == 1


@proves("spool_max_mib")
async def _spool(folder: Path) -> None:
    settings = Settings()
    spool = Spool(folder / "spool.db", settings)
    await spool.open()
    await spool.accept([b"x" * (65 << 20)], None, START)
    assert not spool.full
    settings.apply({"spool_max_mib": 64})
    assert spool.full
    await spool.close()


@proves("stale_after_s")
async def _stale_price(_: Path) -> None:
    async with Pipeline() as pipeline:
        for code, home in (("betpawa", 2.4), ("sportybet", 2.2)):
            await pipeline.answer({"3743|": [home, 3.1, 3.0]}, bookmaker=code)
        await pipeline.intake.flush()
        await pipeline.clock.advance(120)
        comparisons = EventComparisons(packaged_catalogue(), pipeline.settings)
        event = pipeline.cache.event("1")
        assert event
        assert comparisons.of(event, MAIN_CHOICE, pipeline.clock.now()).gap is not None
        pipeline.settings.apply({"stale_after_s": 60})
        assert comparisons.of(event, MAIN_CHOICE, pipeline.clock.now()).gap is None


async def _rows_deleted(folder: Path, key: str, age_days: int, days: int, table: str) -> None:
    """Store something of that age; it goes once the setting says fewer days, not before."""
    settings, age = Settings(), timedelta(days=age_days)
    async with opened(folder) as store:
        database = store.repository.database
        async with database.writing() as db:
            batches = [
                {"change_id": 1, "at": START - age},
                {"change_id": 2, "at": START},
            ]  # the newest one stays
            await db.execute(insert(schema.write_batch), batches)
            await db.execute(
                insert(schema.event).values(
                    sportradar_id="1", home="a", away="b", kickoff_at=START - age, competition_id="c",
                    sport="football", source="betpawa", check=False,
                )
            )  # fmt: skip
            await db.execute(
                insert(schema.storage_alert).values(
                    at=START - age, kind="size", bytes_before=0, bytes_now=0, detail=""
                )
            )
        clock = FakeClock()
        retention = Retention(database, settings, clock)
        assert table not in (await retention.execute("manual")).tables
        settings.apply({key: days})
        await clock.advance(1)
        assert (await retention.execute("manual")).tables[table] == 1


@proves("odds_retention_days")
async def _odds_days(folder: Path) -> None:
    await _rows_deleted(folder, "odds_retention_days", 10, 5, "write_batch")


@proves("match_retention_days")
async def _match_days(folder: Path) -> None:
    await _rows_deleted(folder, "match_retention_days", 10, 5, "event")


@proves("rollup_retention_days")
async def _rollup_days(folder: Path) -> None:
    await _rows_deleted(folder, "rollup_retention_days", 100, 50, "storage_alert")


@proves("cleanup_frequency_hours")
async def _cleanup_frequency(folder: Path) -> None:
    clock, settings = FakeClock(), Settings()
    async with opened(folder) as store:
        retention = Retention(store.repository.database, settings, clock)
        await retention.execute("manual")
        await clock.advance(2 * 3600)
        assert await retention.execute_if_due() is None
        settings.apply({"cleanup_frequency_hours": 1})
        assert await retention.execute_if_due()


@proves("storage_alert_mib")
async def _storage_alert(folder: Path) -> None:
    clock, settings = FakeClock(), Settings()
    async with opened(folder) as store:
        growth = Growth(store.repository.database, lambda: 100 << 20, settings, clock)
        await growth.sample()
        assert await growth.alerts() == []
        settings.apply({"storage_alert_mib": 64})
        await clock.advance(1)
        await growth.sample()
        assert [alert.kind for alert in await growth.alerts()] == ["size"]


@proves("confirm_write_interval_s")
async def _confirm_interval(_: Path) -> None:
    class Handler:
        confirmed = 0

        async def watermark(self) -> int:
            return 0

        async def confirm(self, confirmations: object) -> int:
            self.confirmed += 1
            return 0

    class EmptySpool:
        last_seq = 0

    clock, settings, handler = FakeClock(), Settings(), Handler()
    queue = AsyncWriteQueue(EmptySpool(), handler, clock, settings, list)  # type: ignore[arg-type]
    await queue.start()
    await clock.advance(10)
    assert handler.confirmed == 0
    settings.apply({"confirm_write_interval_s": 5})
    await clock.advance(11)
    written = handler.confirmed
    await queue.stop(0)
    assert written == 3


@proves("record_changed_days")
async def _recording(folder: Path) -> None:
    engine = Engine(ProcessConfig(data_dir=folder))
    (recorder,) = engine.intake.listeners
    recorder.note(answered(b"not recorded"))
    engine.settings.apply({"record_changed_days": 1})
    recorder.note(answered(b"changed nothing", changed=False))
    recorder.note(answered(b"recorded"))
    engine.settings.apply({"record_changed_days": 0})
    recorder.note(answered(b"not any more"))
    recorder.stop()  # type: ignore[attr-defined]
    assert [one.answer.body for one in read(folder / "recordings")] == [b"recorded"]


def _crossed() -> DeskWorld:
    """Return a world whose 1X2 pays 2 % more than it takes: 2.45 SB, 3.60 ours, 3.40 B9."""
    world = DeskWorld()
    for code, odds in {
        "betpawa": (2.2, 3.6, 3.1),
        "sportybet": (2.45, 3.2, 3.0),
        "bet9ja": (2.3, 3.2, 3.4),
    }.items():
        world.price(code, three_way(*odds))
    return world


def _hides(key: str, value: int, rule: str) -> Callable[[Path], Awaitable[None]]:
    async def proof(_: Path) -> None:
        world = _crossed()
        assert [each.suppressed for each in world.desk.exposures()] == [()]
        world.settings.apply({key: value})
        world.desk.catch_up()
        assert [each.suppressed for each in world.desk.exposures()] == [(rule,)]

    return proof


PROOFS["exposure_min_profit_bp"] = _hides("exposure_min_profit_bp", 300, "profit")
PROOFS["exposure_min_bookmakers"] = _hides("exposure_min_bookmakers", 4, "bookmakers")
PROOFS["exposure_outlier_pct"] = _hides("exposure_outlier_pct", 4, "outlier")


@proves("exposure_hide_below_mean")
async def _below_mean(_: Path) -> None:
    world = DeskWorld()
    for code, odds in {
        "betpawa": (1.9, 3.25, 3.6),
        "sportybet": (2.4, 3.2, 3.6),
        "bet9ja": (1.95, 3.2, 4.1),
    }.items():
        world.price(code, three_way(*odds))
    assert [each.shown for each in world.desk.exposures()] == [True]
    world.settings.apply({"exposure_hide_below_mean": 1})
    world.desk.catch_up()
    assert [each.suppressed for each in world.desk.exposures()] == [("below_mean",)]


def _steam_after(gap_s: float, **changed: int) -> bool:
    """Return whether two competitors' moves of 3.5 points, so far apart, are steam."""
    world = DeskWorld()
    for code in ("betpawa", "sportybet", "bet9ja"):
        world.price(code, three_way(2.4, 3.3, 3.0))
    world.settings.apply(changed)
    world.price("sportybet", three_way(2.2, 3.3, 3.4))
    world.wait(gap_s)
    world.price("bet9ja", three_way(2.2, 3.3, 3.4))
    return any(movement.steam for movement in world.movements())


@proves("steam_points_tenths")
async def _steam_points(_: Path) -> None:
    assert _steam_after(1) and not _steam_after(1, steam_points_tenths=60)


@proves("steam_window_s")
async def _steam_window(_: Path) -> None:
    assert _steam_after(60) and not _steam_after(60, steam_window_s=30)
