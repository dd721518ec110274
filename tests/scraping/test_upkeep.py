"""What time alone changes: kickoffs pass, sources fall silent, old events leave."""

from datetime import timedelta

import pytest

from overround.bookmakers.limiter import Limiter
from overround.config import Settings
from overround.errors import BookmakerUnavailable
from overround.scraping.health import Sources
from overround.scraping.upkeep import Upkeep
from tests.support.pipeline import KICKOFF, Pipeline

FULL = {"3743|": [2.4, 3.1, 3.0]}


@pytest.fixture
async def pipeline():
    async with Pipeline() as made:
        yield made


@pytest.fixture
def sources(pipeline):
    settings = Settings()
    limiters = {code: Limiter(code, settings, pipeline.clock) for code in ("betpawa", "sportybet")}
    return Sources(limiters, settings, pipeline.bus, pipeline.clock)


@pytest.fixture
def upkeep(pipeline, sources):
    return Upkeep(pipeline.cache, pipeline.intake, sources, Settings(), pipeline.clock)


def state(pipeline: Pipeline, bookmaker: str) -> str:
    return pipeline.cache.listing("1", bookmaker).listing.state


async def test_a_listing_starts_at_its_kickoff_and_keeps_its_close(pipeline, upkeep):
    """Not a second before; the last prematch prices stay."""
    await pipeline.answer(FULL)
    await pipeline.clock.advance((KICKOFF - pipeline.clock.now()).total_seconds() - 1)
    await upkeep.mark_started()
    await pipeline.intake.flush()
    assert state(pipeline, "betpawa") == "open"
    await pipeline.clock.advance(1)
    await upkeep.mark_started()
    await pipeline.intake.flush()
    assert (state(pipeline, "betpawa"), state(pipeline, "sportybet")) == ("started", "started")
    assert pipeline.odds("3743") == (2400, 3100, 3000)


async def test_open_listings_of_a_silent_source_become_unknown(pipeline, sources, upkeep):
    """After `stale_after_s` without an answer nobody may take its prices for offers."""
    await pipeline.answer(FULL)
    await pipeline.answer(FULL, bookmaker="sportybet")
    for _ in range(6):
        sources.record("betpawa", BookmakerUnavailable("betpawa", "event", "refused"))
        sources.record("sportybet", None)
    await pipeline.clock.advance(600)
    await upkeep.mark_unknown()
    await pipeline.intake.flush()
    assert (state(pipeline, "betpawa"), state(pipeline, "sportybet")) == ("open", "open")
    await pipeline.clock.advance(1)
    await upkeep.mark_unknown()
    await pipeline.intake.flush()
    assert (state(pipeline, "betpawa"), state(pipeline, "sportybet")) == ("unknown", "open")


async def test_events_leave_memory_after_the_grace(pipeline, upkeep):
    """Two hours after kickoff, by default."""
    await pipeline.clock.advance((KICKOFF + timedelta(hours=2) - pipeline.clock.now()).total_seconds())
    await upkeep.evict()
    assert pipeline.cache.event("1")
    await pipeline.clock.advance(1)
    await upkeep.evict()
    assert pipeline.cache.event("1") is None
