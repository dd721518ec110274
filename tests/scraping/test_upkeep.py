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


async def test_a_source_that_flaps_is_not_up(pipeline, sources, upkeep):
    """Down, an answer, down again: each begins anew on the screen, but none of it is up."""
    await pipeline.answer(FULL)
    for _ in range(7):
        sources.record("betpawa", None)
        for _ in range(6):
            sources.record("betpawa", BookmakerUnavailable("betpawa", "event", "refused"))
        await pipeline.clock.advance(90)
    (source,) = [source for source in sources.all() if source.bookmaker == "betpawa"]
    assert source.since > pipeline.clock.now() - timedelta(seconds=600)
    await upkeep.mark_unknown()
    await pipeline.intake.flush()
    assert state(pipeline, "betpawa") == "unknown"


async def test_what_a_source_in_trouble_still_answers_for_stays_open(pipeline, sources, upkeep):
    for _ in range(6):
        sources.record("betpawa", BookmakerUnavailable("betpawa", "event", "refused"))
    await pipeline.clock.advance(650)
    await pipeline.answer(FULL)
    await upkeep.mark_unknown()
    await pipeline.intake.flush()
    assert state(pipeline, "betpawa") == "open"


async def test_a_source_that_was_up_has_its_full_time_from_there(pipeline, sources, upkeep):
    await pipeline.answer(FULL)
    sources.record_list("betpawa", None)
    await pipeline.clock.advance(1000)
    for _ in range(6):
        sources.record("betpawa", BookmakerUnavailable("betpawa", "event", "refused"))
    assert sources.not_up_s("betpawa") == 0
    await pipeline.clock.advance(600)
    await upkeep.mark_unknown()
    await pipeline.intake.flush()
    assert state(pipeline, "betpawa") == "open"
    await pipeline.clock.advance(1)
    await upkeep.mark_unknown()
    await pipeline.intake.flush()
    assert state(pipeline, "betpawa") == "unknown"


async def test_events_leave_memory_after_the_grace(pipeline, upkeep):
    """Two hours after kickoff, by default."""
    await pipeline.clock.advance((KICKOFF + timedelta(hours=2) - pipeline.clock.now()).total_seconds())
    await upkeep.evict()
    assert pipeline.cache.event("1")
    await pipeline.clock.advance(1)
    await upkeep.evict()
    assert pipeline.cache.event("1") is None
