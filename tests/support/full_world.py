"""A world in which every route has something to tell, for examples and for checks that go through all of them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import msgspec

from overround import log
from overround.domain.access import ApiKey, AuditEntry, digest_of
from overround.domain.alerts import RuleSpec
from overround.domain.diff import ListingChanges, Unmapped
from overround.domain.runs import (
    BookmakerReport,
    EventCounts,
    EventOutcome,
    PhaseProgress,
    RunError,
    RunReport,
)
from overround.storage.write_handler import apply_waiting
from tests.support.api import World, header, priced, three_way
from tests.support.changes import changed, market, registered
from tests.support.clock import START, FakeClock
from tests.support.margins import put_margins
from tests.support.storage import accept, bury, opened

EVENT, LATER, RUN = "69000001", "69000002", "01976f2e-0000-7000-8000-000000000001"
SECRET = "ovr_of-nobody"
_LINE = {
    "timestamp": "2026-11-24T12:00:12.000Z", "level": "info", "event": "run_finished",
    "module": "overround.scraping.runs", "run_id": RUN, "changes": 2,
}  # fmt: skip


@asynccontextmanager
async def full_world(folder: Path, clock: FakeClock | None = None) -> AsyncGenerator[World]:
    """Open a world whose cache, database, analysis, runs and audit are filled."""
    clock = clock or FakeClock()
    world = World(clock)
    _offer(world)
    clock.step_wall(60)
    world.offer(EVENT, "sportybet", [three_way(2.6, 3.2, 3.0), priced("5000", (1.95, 1.85), "2.5")])
    world.analysis.catch_up()
    _run(world)
    world.access.stored.append(ApiKey("01976f2e", "desk", "operator", digest_of(SECRET), START))
    world.access.entries.append(
        AuditEntry(START, "desk", "01976f2e", "10.0.0.7", "PATCH /api/settings", "stale_after_s=300", 200)
    )
    async with opened(folder, clock) as store:
        await accept(store, registered(market(2500, 3000, 3000)))
        await accept(store, registered(market(2400, 3100, 3000), bookmaker="bet9ja"))
        moved = market(2600, 3000, 2900, at=START + timedelta(minutes=5), first_seen_at=START)
        await accept(store, changed(moved, at=moved.changed_at))
        await apply_waiting(store.spool, store.writer)
        await bury(store)
        world.storage.open(store.repository.database, store.writer, store.spool)
        await world.storage.sample_if_due()
        await put_margins(store)
        log._kept.append((1, _LINE))
        world.alerting.store.open(store.repository.database)
        await world.alerting.start()
        await world.alerting.create_rule(RuleSpec(name="Gaps", condition="gap", threshold=0.05))
        world.alerting.watcher.catch_up()
        yield world
        await world.alerting.stop()
        log._kept.clear()
        world.storage.close()


def _offer(world: World) -> None:
    """Let three bookmakers list one event, crossed at its 1X2, and two of them another."""
    books = {"betpawa": (2.20, 3.60, 3.10), "sportybet": (2.45, 3.20, 3.00), "bet9ja": (2.30, 3.20, 3.40)}
    for code, odds in books.items():
        world.offer(EVENT, code, [three_way(*odds), priced("5000", (1.9, 1.9), "2.5")])
    for code in ("sportybet", "bet9ja"):
        world.offer(
            LATER, code, [three_way(1.5, 4.2, 6.5), priced("3774", (1.9, 1.9), "-1.5")],
            header(LATER, "Zamalek", "Al Ahly", "Egypt", "Premier League", START + timedelta(hours=30)),
        )  # fmt: skip
    unread = (Unmapped("800200", "Minute of first corner", 12),)
    world.accept([ListingChanges(EVENT, "sportybet", world.clock.now(), unmapped=unread)])


def _run(world: World) -> None:
    """Let a run have ended with an error; further ones end when somebody waits for them."""
    world.runs.ends_at_once = True
    report = RunReport(
        RUN, "scheduled", "partial", START, START + timedelta(seconds=12), EventCounts(4, 3, 1, 1, 0), 2, 1,
        [BookmakerReport("betpawa", 2, 2, p50_ms=340.0, p95_ms=520.0, total=2),
         BookmakerReport("bet9ja", 2, 1, 1, p50_ms=600.0, p95_ms=840.0, status="partial", total=2)],
        {"discover": 900.0, "fetch": 8_000.0}, [RunError("bet9ja", "gone", 1, "HTTP 404")],
        heartbeat_at=START + timedelta(seconds=12), duration_ms=12_000.0,
        phases=[PhaseProgress("bet9ja", "fetch", 1, 2, 840.0, 1)],
    )  # fmt: skip
    world.runs.reports[RUN] = report
    world.runs.reports["01976f2e-0000-7000-8000-000000000000"] = msgspec.structs.replace(
        report, run_id="01976f2e-0000-7000-8000-000000000000"
    )
    world.runs.named[RUN] = [EventOutcome(EVENT, "bet9ja", "failed", "gone", "HTTP 404")]
