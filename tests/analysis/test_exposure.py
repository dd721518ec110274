"""Crossed markets: when they open, what they say, which rules hide them, what closes them."""

import pytest

from overround.domain.markets import MarketKey
from tests.support.api import priced, three_way
from tests.support.desk import EVENT, DeskWorld

X12 = MarketKey("3743")
LONDON = {"betpawa": (2.20, 3.60, 3.10), "sportybet": (2.45, 3.20, 3.00), "bet9ja": (2.30, 3.20, 3.40)}


def world_of(prices=None, **settings) -> DeskWorld:
    """Return a world whose 1X2 pays 98.0 % back at best: 2.45 SB, 3.60 ours, 3.40 B9."""
    world = DeskWorld()
    world.settings.apply(world.settings.check(settings))
    for code, odds in (prices or LONDON).items():
        world.price(code, three_way(*odds))
    return world


def test_a_crossed_market_opens_with_its_legs():
    """1/2.45 + 1/3.60 + 1/3.40 = 0.980: whoever backs all three wins 2 %."""
    world = world_of()
    (found,) = world.desk.exposures()
    assert [(leg.name, leg.bookmaker, leg.odds_milli) for leg in found.legs] == [
        ("1", "sportybet", 2450), ("X", "betpawa", 3600), ("2", "bet9ja", 3400)
    ]  # fmt: skip
    assert found.total == pytest.approx(1 / 2.45 + 1 / 3.6 + 1 / 3.4)
    assert found.profit == pytest.approx(1 / found.total - 1)
    assert found.shown and found.opened_at == world.clock.now()


def test_double_chance_crosses_below_two():
    """W = 2: three prices that add up to 1.95 pay 2 whatever the result."""
    world = DeskWorld()
    world.price("betpawa", priced("4693", (1.60, 1.40, 1.45)))
    world.price("bet9ja", priced("4693", (1.30, 1.55, 1.45)))
    (found,) = world.desk.exposures()
    assert found.total == pytest.approx((1 / 1.60 + 1 / 1.55 + 1 / 1.45) / 2)
    assert found.profit > 0


@pytest.mark.parametrize(
    "name", ["early payout", "one side missing everywhere", "only one bookmaker", "sums to exactly one"]
)
def test_what_cannot_be_known_to_cross_is_no_exposure(name):
    """No W, an incomplete set, a book of its own, and no profit."""
    world = DeskWorld()
    if name == "early payout":
        early = next(kind for kind in catalogue() if kind.kind == "early-payout")
        for code in ("betpawa", "bet9ja"):
            world.price(code, priced(early.id, (9.0,) * len(early.outcomes)))
    elif name == "one side missing everywhere":
        world.price("betpawa", priced("5000", (2.4, 0), "2.5"))
        world.price("bet9ja", priced("5000", (2.5, 0), "2.5"))
    elif name == "only one bookmaker":
        world.price("betpawa", priced("5000", (2.4, 2.4), "2.5"))
    else:
        world.price("betpawa", priced("5000", (2.0, 1.8), "2.5"))
        world.price("bet9ja", priced("5000", (1.8, 2.0), "2.5"))
    assert world.desk.exposures() == []


def catalogue():
    from tests.support.api import CATALOGUE

    return CATALOGUE.types


def test_a_crossing_without_our_price_is_not_ours():
    """Two competitors cross; our price is no leg, so nobody can win with it."""
    world = world_of(
        {"betpawa": (2.20, 3.20, 3.10), "sportybet": (2.45, 3.60, 3.00), "bet9ja": (2.30, 3.20, 3.40)}
    )
    (found,) = world.desk.exposures()
    assert (found.mine, found.shown) == (False, False)
    world.price("betpawa", three_way(2.20, 3.60, 3.10))  # now we share the best price of X
    (mine,) = world.desk.exposures()
    assert mine.mine and mine.id != found.id
    assert world.reasons() == ["own_move"]


@pytest.mark.parametrize(
    ("settings", "hidden"),
    [
        ({"exposure_min_profit_bp": 200}, ()),
        ({"exposure_min_profit_bp": 300}, ("profit",)),
        ({"exposure_min_bookmakers": 4}, ("bookmakers",)),
        ({"exposure_outlier_pct": 4}, ("outlier",)),
        ({"exposure_outlier_pct": 0}, ()),
        ({"exposure_hide_below_mean": 1}, ()),
    ],
)  # fmt: skip
def test_each_rule_hides_by_its_live_setting(settings, hidden):
    """The market stays crossed and in memory; only the board and the alerts leave it out."""
    world = world_of()
    world.settings.apply(world.settings.check(settings))
    world.desk.catch_up()
    (found,) = world.desk.exposures()
    assert found.suppressed == hidden
    assert found.shown is not bool(hidden)


def test_our_leg_below_the_mean_fair_price_can_be_hidden():
    """The competitor's 1 is the mistake: our X pays less than others think it is worth."""
    prices = {"betpawa": (1.90, 3.25, 3.60), "sportybet": (2.40, 3.20, 3.60), "bet9ja": (1.95, 3.20, 4.10)}
    world = world_of(prices, exposure_hide_below_mean=1, exposure_outlier_pct=0)
    (found,) = world.desk.exposures()
    assert found.suppressed == ("below_mean",)


def test_the_peak_stays_when_the_profit_falls():
    """A trader sees how bad it was."""
    world = world_of()
    opened = world.desk.exposures()[0]
    world.wait(60)
    world.price("sportybet", three_way(2.60, 3.20, 2.90))
    at_peak = world.clock.now()
    world.wait(60)
    world.price("sportybet", three_way(2.45, 3.20, 3.00))
    (found,) = world.desk.exposures()
    assert found.id == opened.id
    assert found.profit == pytest.approx(opened.profit)
    assert found.peak > opened.peak and found.peak_at == at_peak
    assert found.opened_at == opened.opened_at


def own_move(world):
    world.price("betpawa", three_way(2.20, 3.20, 3.10))


def their_move(world):
    world.price("sportybet", three_way(2.20, 3.20, 3.00))


def suspended(world):
    world.price("betpawa", three_way(2.20, 3.60, 3.10, suspended=0b111))


def withdrawn(world):
    world.state("sportybet", "withdrawn")


def started(world):
    world.state("sportybet", "started")


def stale(world):
    world.wait(601)


def suspect(world):
    world.price("sportybet", three_way(9.0, 9.0, 9.0))


def settings(world):
    world.settings.apply(world.settings.check({"enabled_bookmakers": ["betpawa", "bet9ja"]}))
    world.desk.catch_up()


@pytest.mark.parametrize(
    "cause", [own_move, their_move, suspended, withdrawn, started, stale, suspect, settings]
)
def test_a_closed_exposure_says_what_closed_it(cause):
    """Each of them, once; and a closed one keeps its peak and its end."""
    world = world_of()
    cause(world)
    assert world.desk.exposures() == []
    (closed,) = world.desk.exposures(closed=True)
    assert (closed.closed_by, closed.closed_at) == (cause.__name__, world.clock.now())
    assert closed.peak > 0
    assert [each.closed_at is None for each in world.exposures_told()] == [True, True, False][-2:]


def test_an_event_that_leaves_closes_what_it_had():
    """Nothing stays open for a match nobody can see."""
    world = world_of()
    world.accept(removed=[EVENT])
    assert world.desk.exposures() == []
    assert world.reasons() == ["withdrawn"]


async def test_closed_ones_are_kept_three_days():
    """Closed today, yesterday and the day before; not for ever."""
    world = world_of()
    own_move(world)
    kept = world.desk.exposures(closed=True)
    world.wait(3 * 86_400 + 1)
    await world.desk.tidy()
    assert len(kept) == 1 and world.desk.exposures(closed=True) == []
