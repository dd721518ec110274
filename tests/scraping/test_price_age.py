"""How old the main prices are, as the metrics tell it."""

from datetime import timedelta

from prometheus_client import REGISTRY

from overround.scraping.price_age import PriceAges
from tests.support.pipeline import KICKOFF, Pipeline


def shown(quantile: str, kickoff: str = "all", market: str = "3743") -> float | None:
    labels = {"bookmaker": "betpawa", "market": market, "kickoff": kickoff, "quantile": quantile}
    return REGISTRY.get_sample_value("overround_price_age_seconds", labels)


async def test_a_price_is_as_old_as_its_last_confirmation():
    """By a detail or by a list, whichever is newer; other markets stay as old as the detail."""
    async with Pipeline() as pipeline:
        ages = PriceAges(pipeline.cache, pipeline.clock)
        await pipeline.answer({"3743|": [2.4, 3.1, 3.0], "3795|": [1.8, 1.9]})
        await pipeline.clock.advance(100)
        await pipeline.listed("3743", [2.4, 3.1, 3.0])
        await pipeline.intake.flush()
        await pipeline.clock.advance(20)
        found = await ages.ages()
        assert found["betpawa", "3743", "all"] == [20]
        assert found["betpawa", "3795", "all"] == [120]


async def test_prices_near_kickoff_are_told_apart():
    """They matter most, and there are few of them."""
    async with Pipeline() as pipeline:
        ages = PriceAges(pipeline.cache, pipeline.clock)
        await pipeline.answer({"3743|": [2.4, 3.1, 3.0]})
        await pipeline.intake.flush()
        await pipeline.clock.advance((KICKOFF - pipeline.clock.now() - timedelta(hours=1)).total_seconds())
        assert ("betpawa", "3743", "2h") in await ages.ages()


async def test_what_is_no_longer_on_offer_has_no_age():
    """A series of withdrawn prices would grow for ever and look like trouble."""
    async with Pipeline() as pipeline:
        ages = PriceAges(pipeline.cache, pipeline.clock)
        await pipeline.answer({"3743|": [2.4, 3.1, 3.0]})
        await pipeline.intake.flush()
        await ages.sample()
        assert shown("0.95") == shown("0.5") == 0
        await pipeline.intake.set_state([("1", "betpawa")], "withdrawn", pipeline.clock.now())
        await pipeline.intake.flush()
        await ages.sample()
        assert shown("0.95") is None
