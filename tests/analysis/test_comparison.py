"""How the reference's price stands: figures by hand, and every reason not to count."""

import msgspec
import pytest

from overround.analysis.comparison import gap_against
from overround.domain.fair import fair
from overround.domain.markets import MarketKey
from tests.support.api import priced, three_way
from tests.support.desk import EVENT, DeskWorld

X12 = MarketKey("3743")


def world_of(**prices) -> DeskWorld:
    """Return a world in which each bookmaker answers a 1X2."""
    world = DeskWorld()
    for code, odds in prices.items():
        world.price(code, three_way(*odds))
    return world


def test_median_best_rank_and_gap_of_a_market():
    """Three competitors; the reference is best on 1, shares the top on X and is last on 2."""
    world = world_of(
        betpawa=(2.60, 3.30, 2.80), sportybet=(2.40, 3.30, 3.00), bet9ja=(2.50, 3.10, 3.05), msport=(2.30, 3.20, 2.90)
    )  # fmt: skip
    found = world.desk.comparison(EVENT, X12)
    assert found.median_milli == (2400, 3200, 3000)
    assert found.best_milli == (2600, 3300, 3050)
    assert found.rank == (1, 1, 4)
    assert found.competitors == 3
    assert found.gap == pytest.approx(2.60 / 2.40 - 1)
    assert gap_against(found, found.median_milli[0], 0) == pytest.approx((0.0833, 1.60 / 1.40 - 1), abs=1e-4)
    assert gap_against(found, found.best_milli[2], 2)[0] == pytest.approx(2.80 / 3.05 - 1)


def stale(world):
    world.wait(301)
    world.accept(confirmed=[world.confirmation(EVENT, "betpawa"), world.confirmation(EVENT, "bet9ja")])
    world.wait(301)


def suspect(world):
    world.price("sportybet", three_way(5.0, 5.0, 5.0))  # sums to 60 %


def suspended(world):
    world.price("sportybet", three_way(2.2, 3.2, 3.2, suspended=0b111))


def withdrawn(world):
    world.state("sportybet", "withdrawn")


def unknown(world):
    world.state("sportybet", "unknown")


def started(world):
    world.state("sportybet", "started")


@pytest.mark.parametrize("happens", [stale, suspect, suspended, withdrawn, unknown, started])
def test_a_price_that_does_not_count_is_left_out_and_says_why(happens):
    """I14: it is neither median nor best, and the reader sees the reason beside its price."""
    world = world_of(betpawa=(2.60, 3.30, 2.80), sportybet=(2.20, 3.20, 3.20), bet9ja=(2.50, 3.10, 3.05))
    happens(world)
    found = world.desk.comparison(EVENT, X12)
    assert found.competitors == 1
    assert found.median_milli == (2500, 3100, 3050)
    view = world.desk.view(EVENT, X12)
    reasons = {each.bookmaker: each.excluded for each in view.standings}
    assert reasons == {"betpawa": "", "sportybet": happens.__name__, "bet9ja": ""}


def test_without_a_competitor_that_counts_there_is_no_reference_price():
    """Alone, nobody is too high."""
    world = world_of(betpawa=(2.60, 3.30, 2.80))
    assert world.desk.comparison(EVENT, X12) is None
    assert world.desk.view(EVENT, X12).edge == (None, None, None)


@pytest.mark.parametrize("odds", [(5.0, 5.0, 5.0)])
def test_our_own_suspect_price_has_neither_gap_nor_rank(odds):
    """What is not believed is not compared; the competitors' median stays visible."""
    world = world_of(betpawa=odds, sportybet=(2.2, 3.2, 3.2))
    found = world.desk.comparison(EVENT, X12)
    assert (found.excluded, found.gap, found.rank) == ("suspect", None, (0, 0, 0))
    assert found.best_milli == (2200, 3200, 3200)


def test_one_locked_outcome_leaves_the_others_compared():
    """Half a market is half a comparison."""
    world = world_of(betpawa=(2.60, 3.30, 2.80))
    world.price("bet9ja", three_way(2.5, 3.1, 3.05, suspended=0b001))
    found = world.desk.comparison(EVENT, X12)
    assert found.median_milli == (0, 3100, 3050)
    assert found.rank == (0, 1, 2)


def test_what_one_side_prices_alone_has_no_gap():
    """A single-sided market: only Over at the competitor."""
    world = DeskWorld()
    world.price("betpawa", priced("5000", (1.9, 1.9), "2.5"))
    world.price("bet9ja", priced("5000", (1.8, 0), "2.5"))
    found = world.desk.comparison(EVENT, MarketKey("5000", "2.5"))
    assert found.gap == pytest.approx(1.9 / 1.8 - 1)
    assert found.rank == (1, 0)


def test_the_view_names_its_method_and_gives_fair_prices_consensus_and_edge():
    """Two competitors: the consensus is the mean of their fair prices; edge is what the house keeps."""
    world = world_of(betpawa=(2.60, 3.30, 2.80), sportybet=(2.6, 2.4, 4.3), bet9ja=(2.5, 2.5, 4.2))
    view = world.desk.view(EVENT, X12, "shin")
    assert view.method == "shin"
    fair_prices = {each.bookmaker: each.fair for each in view.standings}
    assert fair_prices["sportybet"] == pytest.approx((0.372994, 0.404779, 0.222227), abs=1e-6)
    mean = [
        (a + b) / 2
        for a, b in zip(fair([2.6, 2.4, 4.3], 1, "shin"), fair([2.5, 2.5, 4.2], 1, "shin"), strict=True)
    ]
    assert view.consensus == pytest.approx(mean)
    assert view.edge == pytest.approx([1 - odds * p for odds, p in zip((2.6, 3.3, 2.8), mean, strict=True)])
    overrounds = {each.bookmaker: each.overround for each in view.standings}
    assert overrounds["sportybet"] == pytest.approx(0.033840, abs=5e-6)


def test_a_disabled_bookmaker_is_no_competitor():
    """Who is switched off is neither shown nor counted, at once."""
    world = world_of(betpawa=(2.60, 3.30, 2.80), sportybet=(2.2, 3.2, 3.2))
    world.settings.apply(world.settings.check({"enabled_bookmakers": ["betpawa", "bet9ja"]}))
    world.desk.catch_up()
    assert world.desk.comparison(EVENT, X12) is None
    assert [each.bookmaker for each in world.desk.view(EVENT, X12).standings] == ["betpawa"]


def test_the_patience_is_the_live_setting():
    """`stale_after_s` shortened: what is five minutes old is stale now."""
    world = world_of(betpawa=(2.60, 3.30, 2.80), sportybet=(2.2, 3.2, 3.2))
    world.wait(301)
    assert world.desk.comparison(EVENT, X12) is not None
    world.settings.apply(world.settings.check({"stale_after_s": 300}))
    world.desk.catch_up()
    assert world.desk.comparison(EVENT, X12) is None


def test_a_scoped_answer_keeps_only_its_market_fresh():
    """A list confirmed the 1X2; the totals of the same listing have grown stale."""
    world = DeskWorld()
    totals = priced("5000", (1.9, 1.9), "2.5")
    world.price("betpawa", three_way(), totals)
    world.price("bet9ja", three_way(), totals)
    world.wait(400)
    world.accept(
        confirmed=[world.confirmation(EVENT, "betpawa"), world.confirmation(EVENT, "bet9ja", frozenset({"3743"}))]
    )  # fmt: skip
    world.wait(400)
    kept = [each.key for each in world.desk.comparisons()]
    assert kept == [X12]
    assert (
        msgspec.structs.asdict(world.desk.view(EVENT, MarketKey("5000", "2.5")).standings[1])["excluded"]
        == "stale"
    )
