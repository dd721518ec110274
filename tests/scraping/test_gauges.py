"""What Prometheus is told of cache, limiters, sources and runs."""

from datetime import timedelta

from prometheus_client import REGISTRY

from overround.bookmakers.limiter import Limiter
from overround.config import Settings
from overround.domain.runs import RunReport, SourceHealth
from overround.errors import RateLimited
from overround.scraping.gauges import PipelineGauges
from tests.support.api import World, three_way
from tests.support.clock import START


async def test_the_gauges_show_the_present_state():
    """Counts of the cache, a limiter that a 429 has closed, a source that is down, a run that is on."""
    world = World()
    world.offer("1", "betpawa", [three_way()])
    limiter = Limiter("bet9ja", Settings(), world.clock)
    ceiling = limiter.ceiling
    limiter.finish(limiter.start(), RateLimited("bet9ja", "event", "429", 30.0))
    sources = [SourceHealth("bet9ja", "down", "", START), SourceHealth("betpawa", "up", "", START)]
    run = RunReport("r", "manual", "running", START)
    gauges = PipelineGauges(world.cache, [limiter], lambda: sources, lambda: run)
    await gauges.sample()
    assert (value("overround_cache_events"), value("overround_cache_markets")) == (1, 1)
    assert value("overround_limiter_ceiling", bookmaker="bet9ja") < ceiling
    assert value("overround_limiter_closed_seconds", bookmaker="bet9ja") >= 30
    assert value("overround_source_up", bookmaker="bet9ja") == 0
    assert value("overround_source_up", bookmaker="betpawa") == 1
    assert value("overround_run_active") == 1
    await world.clock.oversleep(timedelta(minutes=10).total_seconds())
    await gauges.sample()
    assert value("overround_limiter_closed_seconds", bookmaker="bet9ja") == 0


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)
