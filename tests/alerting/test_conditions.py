"""What each condition finds, and what it must not see: missing, stale, suspect, suspended, single-sided, started."""

from datetime import timedelta

import msgspec
import pytest

from overround.domain.runs import SourceHealth
from tests.support.alerting import AlertWorld
from tests.support.api import header, priced, three_way
from tests.support.clock import START
from tests.support.desk import EVENT

HIGH = three_way(2.60, 3.2, 3.05)


@pytest.fixture
def world():
    return AlertWorld()


def rivals(world: AlertWorld, *markets, codes=("sportybet", "bet9ja")) -> None:
    """Let competitors price the same."""
    for code in codes:
        world.price(code, *(markets or (three_way(),)))


def test_a_gap_opens_and_ends_with_it(world):
    """Against the median of those that count, in one alert per market."""
    world.rule("gap", 0.05)
    rivals(world)
    world.price("betpawa", HIGH)
    assert world.titles() == ["Arsenal – Simba, 1X2: 1 2.60 is 7.9% above the competitors' median"]
    world.price("betpawa", three_way())
    assert world.titles() == []


@pytest.mark.parametrize(("direction", "found"), [("above", 1), ("below", 0), ("either", 1)])
def test_a_gap_has_a_way(world, direction, found):
    """Too high costs money, too low costs customers: two rules."""
    world.rule("gap", 0.05, direction=direction)
    rivals(world)
    world.price("betpawa", HIGH)
    assert len(world.titles()) == found


def test_a_gap_against_one_bookmaker(world):
    """Named bookmakers stand in for the median."""
    world.rule("gap", 0.05, scope={"bookmakers": ("bet9ja",)})
    world.price("sportybet", three_way(3.0))
    world.price("bet9ja", three_way())
    world.price("betpawa", three_way())
    assert world.titles() == []
    world.price("bet9ja", three_way(2.0))
    assert world.titles() == ["Arsenal – Simba, 1X2: 1 2.41 is 20.5% above Bet9ja's price"]


def suspend_own(world):
    world.price("betpawa", three_way(2.60, suspended=7))


def suspend_theirs(world):
    rivals(world, three_way(suspended=7))


def grow_stale(world):
    world.wait(601)


def turn_suspect(world):
    world.price("betpawa", three_way(26.0, 32.0, 30.5))


def leave_one_side(world):
    world.price("betpawa", three_way(2.60, 0, 0))


def begin(world):
    for code in ("betpawa", "sportybet", "bet9ja"):
        world.state(code, "started")


def withdraw(world):
    world.price("betpawa")


CASES = [
    (condition, happen)
    for condition in ("gap", "margin", "exposure")
    for happen in (suspend_own, suspend_theirs, grow_stale, turn_suspect, leave_one_side, begin, withdraw)
    if (condition, happen) != ("margin", suspend_theirs)  # it is about our own prices alone
]


def rule_of(world, condition):
    """Return the rule of a condition that the prices of the test below fulfil."""
    if condition == "margin":
        return world.rule("margin", 0.05, upper=1.0)
    return world.rule(condition, 0.005)


@pytest.mark.parametrize(("condition", "happen"), CASES)
async def test_what_does_not_count_ends_what_is_open_and_opens_nothing(world, condition, happen):
    """I14: the alert ends with the price it was about, and a rule that comes later finds nothing."""
    rule = rule_of(world, condition)
    rivals(world)
    world.price("betpawa", three_way(2.9, 3.0, 2.85))
    assert len(world.titles()) == 1
    happen(world)
    await world.alerting.watcher.recheck()
    assert world.titles() == []
    world.alerting.take_rule(msgspec.structs.replace(rule, id="later"))
    await world.alerting.watcher.sweep(everything=True)
    assert world.titles() == []


def test_a_move_that_nobody_here_answered(world):
    """It ends when we follow, and news is old after a quarter of an hour."""
    world.rule("move", 0.05)
    rivals(world)
    world.price("betpawa", three_way())
    assert world.titles() == []
    world.wait(120)
    world.price("sportybet", three_way(2.0))
    assert world.titles() == ["Arsenal – Simba, 1X2: SportyBet moved 1 2.41 → 2.00 (-17.0%)"]
    world.wait(60)
    world.price("betpawa", three_way(2.05))
    assert world.titles() == []


def test_steam_is_one_alert_for_all_that_moved(world):
    """n - 1 of the competitors, the same outcome, the same way."""
    world.rule("steam", 0.02)
    rivals(world, codes=("sportybet", "bet9ja", "msport"))
    world.price("betpawa", three_way())
    world.wait(120)
    world.price("sportybet", three_way(2.0))
    assert world.titles() == []
    world.price("bet9ja", three_way(2.0))
    (title,) = world.titles()
    assert "steam on 1: SportyBet and Bet9ja moved it down" in title
    world.price("msport", three_way(2.0))
    assert len(world.titles()) == 1


def test_suspended_here_and_the_reverse(world):
    """News reached one side first; both ways, and never where the other side is gone as well."""
    world.rule("suspended_here", 2)
    world.rule("suspended_there", 1)
    rivals(world)
    world.price("betpawa", three_way())
    assert world.titles() == []
    world.price("betpawa", three_way(suspended=7))
    assert world.titles() == ["Arsenal – Simba, 1X2: suspended here, offered by SportyBet and Bet9ja"]
    world.price("sportybet", three_way(suspended=7))
    assert world.titles() == [], "one is not enough for the rule"
    world.price("betpawa", three_way())
    assert world.titles() == ["Arsenal – Simba, 1X2: open here, suspended at SportyBet"]
    world.price("sportybet")
    assert world.titles() == [], "withdrawn is not suspended"


def test_a_margin_outside_its_band(world):
    """Below and above, of us or of those named."""
    world.rule("margin", 0.02, upper=0.08)
    rivals(world)
    world.price("betpawa", three_way(2.41, 3.2, 3.05))
    assert world.titles() == []
    world.price("betpawa", three_way(2.1, 3.0, 2.8))
    assert world.titles() == ["Arsenal – Simba, 1X2: margin 16.7% at BetPawa, above 2.0% to 8.0%"]


async def test_an_event_missing_here_is_told_when_it_is_sure(world):
    """Lists come one bookmaker after another: twice in a row, and only while our own list comes at all."""
    world.rule("event_missing", 2)
    rivals(world)
    await world.alerting.watcher.sweep()
    assert world.titles() == []
    await world.alerting.watcher.sweep()
    assert world.titles() == ["Arsenal – Simba: missing here, offered by SportyBet and Bet9ja"]
    world.price("betpawa", three_way())
    await world.alerting.watcher.sweep()
    assert world.titles() == []


async def test_nothing_is_missing_while_we_are_down_ourselves(world):
    """Else every event would be."""
    world.facts.health["betpawa"] = SourceHealth("betpawa", "down", "timeouts", START)
    world.rule("event_missing", 1)
    rivals(world)
    for _ in range(3):
        await world.alerting.watcher.sweep()
    assert world.titles() == []


async def test_a_source_that_is_down_is_one_alert_until_it_gives_prices(world):
    """From its threshold on; going to and fro with recovering does not open another."""
    world.rule("source_down", 60)
    world.facts.health["bet9ja"] = SourceHealth("bet9ja", "down", "timeouts", START)
    world.alerting.watcher.tick()
    assert world.titles() == []
    world.wait(60)
    world.alerting.watcher.tick()
    assert world.titles() == ["Bet9ja: down: timeouts"]
    for state, found in (("recovering", 1), ("down", 1), ("up", 0)):
        world.facts.health["bet9ja"] = SourceHealth("bet9ja", state, "", world.clock.now())
        world.alerting.watcher.tick()
        assert len(world.titles()) == found


async def test_a_source_of_which_half_is_stale(world):
    """Listings that nobody confirmed in time, of five at least."""
    world.rule("source_stale", 0.5)
    for number in range(6):
        world.offer(f"6900010{number}", "bet9ja", [three_way()], header(f"6900010{number}"))
    await world.alerting.watcher.sweep()
    assert world.titles() == []
    world.wait(601)
    await world.alerting.watcher.sweep()
    assert world.titles() == ["Bet9ja: 100% of its listings are stale"]


async def test_a_database_that_falls_behind(world):
    """By the age of what waits, or because only an operator can help."""
    world.rule("write_lag", 30)
    world.facts.lag = msgspec.structs.replace(world.facts.lag, lag=4, oldest_age_s=31.0)
    world.alerting.watcher.tick()
    assert world.titles() == ["The database writer: is 31 s behind, 4 batches wait in the spool"]
    world.facts.lag = msgspec.structs.replace(world.facts.lag, lag=0, oldest_age_s=0.0)
    world.alerting.watcher.tick()
    assert world.titles() == []


async def test_an_event_comes_within_the_hours_of_a_rule_by_time_alone(world):
    """Nothing changes in it, so the sweep finds it."""
    world.rule("gap", 0.05, scope={"kickoff_within_min": 175})
    rivals(world)
    world.price("betpawa", HIGH)
    await world.alerting.watcher.sweep()
    assert world.titles() == []
    world.wait(timedelta(minutes=6).total_seconds())
    await world.alerting.watcher.sweep()
    assert len(world.titles()) == 1


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        ({"markets": ("3743",)}, 1),
        ({"markets": ("5000:2.5",)}, 0),
        ({"competitions": ("football-ghana-premier",)}, 0),
        ({"kickoff_beyond_min": 60 * 24}, 0),
    ],
)
def test_a_rule_looks_within_its_scope(world, scope, found):
    """Markets, competitions, hours to kickoff."""
    world.rule("gap", 0.05, scope=scope)
    rivals(world, three_way(), priced("5000", [1.9, 1.9], "3.5"))
    world.price("betpawa", HIGH, priced("5000", [1.9, 1.9], "3.5"))
    assert len(world.titles()) == found
    assert world.cache.event(EVENT).header.sportradar_id == EVENT
