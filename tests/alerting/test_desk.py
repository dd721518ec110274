"""From a rule to an alert to its end: once, not during a cooldown, not while somebody put it off."""

from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from overround.domain.alerts import AlertFilter, QuietHours, RuleSpec
from overround.errors import ConfigError, StorageError
from overround.storage.alerts import AlertStore
from tests.support.alerting import AlertWorld
from tests.support.api import KICKOFF, header, priced, three_way
from tests.support.clock import START
from tests.support.desk import EVENT
from tests.support.storage import opened

HIGH = three_way(2.60, 3.2, 3.05)
OVER = priced("5000", [1.9, 1.9], "2.5")


def gap_in(world, event=EVENT, *more):
    """Let our price be off in an event."""
    world.price("sportybet", three_way(), *more, event=event, header=header(event))
    world.price("betpawa", HIGH, *more, event=event, header=header(event))


def heal(world, event=EVENT):
    world.price("betpawa", three_way(), event=event)


def test_one_thing_is_one_alert_however_often_it_changes():
    """The dedupe key is rule, event and market."""
    world = AlertWorld()
    world.rule("gap", 0.05)
    gap_in(world)
    (first,) = world.open()
    for price in (2.58, 2.62, 2.55):
        world.price("betpawa", three_way(price))
        assert world.open() == [first]
    assert (first.sportradar_id, first.market_id, first.outcome) == (EVENT, "3743", "1")
    assert first.kickoff_at == KICKOFF and first.value == pytest.approx(2.60 / 2.41 - 1)


def test_a_cooldown_runs_from_the_opening_and_is_made_up_for():
    """What is found in it opens at its end if it still holds, also when nothing changes any more."""
    world = AlertWorld()
    world.rule("gap", 0.05, cooldown_s=300)
    gap_in(world)
    assert len(world.open()) == 1
    heal(world)
    assert world.open() == []
    world.wait(100)
    gap_in(world)
    assert world.open() == []
    world.wait(199)
    world.alerting.watcher.tick()
    assert world.open() == []
    world.wait(1)
    world.alerting.watcher.tick()
    assert len(world.open()) == 1


def test_acknowledging_is_per_rule_and_event():
    """All that is open of both, nothing of another event; it stays open until its condition ends."""
    world = AlertWorld()
    world.rule("gap", 0.04)
    gap_in(world, EVENT)
    gap_in(world, "69000002")
    world.price("sportybet", three_way(), OVER)
    world.price("betpawa", HIGH, priced("5000", [2.0, 1.9], "2.5"))
    alert = next(each for each in world.open() if each.sportradar_id == EVENT)
    changed = world.alerting.acknowledge(alert.id, "ada")
    assert {(each.market_id, each.acknowledged_by) for each in changed} == {("3743", "ada"), ("5000", "ada")}
    assert sum(each.acknowledged_at is not None for each in world.open()) == 2
    assert world.alerting.acknowledge("nobody", "ada") is None


async def test_a_snoozed_rule_sends_nothing_of_that_event_until_it_is_over():
    """What opens meanwhile is seen; what still holds afterwards is sent then, what ended never."""
    world = AlertWorld()
    world.rule("gap", 0.04, channels=("ops",), cooldown_s=0)
    gap_in(world)
    (alert,) = world.open()
    assert [each.channel for each in world.alerting.deliveries_of(alert.id)] == ["ops"]
    world.alerting.snooze(alert.id, 15)
    heal(world)
    assert world.open() == []
    gap_in(world)
    (again,) = world.open()
    assert again.snoozed_until is not None and not world.alerting.deliveries_of(again.id)
    world.wait(15 * 60)
    world.alerting.watcher.tick()
    assert [each.alert_id for each in world.alerting.deliveries_of(again.id)] == [again.id]


def test_snoozing_until_kickoff_needs_one():
    """A source never kicks off."""
    world = AlertWorld()
    world.rule("gap", 0.05)
    gap_in(world)
    (alert,) = world.open()
    (snoozed,) = world.alerting.snooze(alert.id, None)
    assert snoozed.snoozed_until == KICKOFF
    with pytest.raises(ConfigError, match="minutes"):
        world.alerting.snooze(alert.id, 0)


async def test_quiet_hours_hold_back_what_is_sent_and_nothing_else():
    """12:00 UTC is 13:00 in Lagos; at 14:00 there what still holds goes out."""
    world = AlertWorld()
    world.rule("gap", 0.05, channels=("ops",), quiet_hours=QuietHours("13:00", "14:00", "Africa/Lagos"))
    gap_in(world)
    (alert,) = world.open()
    world.alerting.watcher.tick()
    assert not world.alerting.deliveries_of(alert.id)
    for code, price in (("sportybet", three_way()), ("betpawa", HIGH)):
        world.wait(1800)
        world.price(code, price)
    world.price("sportybet", three_way())
    assert [each.id for each in world.open()] == [alert.id]
    world.alerting.watcher.tick()
    assert [each.state for each in world.alerting.deliveries_of(alert.id)] == ["waiting"]


def test_a_rule_has_so_many_alerts_open_and_counts_the_rest(monkeypatch):
    """A rule that is too wide must not bury the others."""
    monkeypatch.setattr("overround.alerting.open_alerts.OPEN_PER_RULE", 2)
    world = AlertWorld()
    rule = world.rule("gap", 0.05)
    for number in range(4):
        gap_in(world, f"6900010{number}")
    assert len(world.open()) == 2
    assert world.alerting.held_back(rule.id) == 2


def test_an_event_that_leaves_takes_its_alerts_along():
    """Nobody can act on them any more."""
    world = AlertWorld()
    world.rule("gap", 0.05)
    gap_in(world)
    assert len(world.open()) == 1
    world.accept(removed=[EVENT])
    assert world.open() == []


@asynccontextmanager
async def stored_world(folder: Path, world: AlertWorld | None = None):
    """A world whose alerting runs on a database."""
    async with opened(folder) as store:
        world = world or AlertWorld()
        world.alerting.store.open(store.repository.database)
        await world.alerting.start()
        try:
            yield world, AlertStore(store.repository.database)
        finally:
            await world.alerting.stop()


async def test_rules_and_open_alerts_outlive_the_process(tmp_path):
    """The next one knows what is open, what is in its cooldown, and resolves what no longer holds."""
    async with stored_world(tmp_path) as (world, _):
        rule = await world.alerting.create_rule(RuleSpec(name="gaps", condition="gap", threshold=0.05))
        gap_in(world)
        (alert,) = world.open()
    async with stored_world(tmp_path) as (later, store):
        assert [each.id for each in later.open()] == [alert.id]
        gap_in(later)
        assert [each.id for each in later.open()] == [alert.id]
        heal(later)
        assert later.open() == []
        page = await later.alerting.page(AlertFilter(), 10, 0)
        assert [(each.id, each.resolved_by) for each in page.alerts] == [(alert.id, "ended")]
        (standing,) = await later.alerting.rules()
        assert (standing.rule, standing.open, standing.hits_24h) == (rule, 0, 1)
        assert [each.id for each in await store.rules()] == [rule.id]


async def test_a_rule_that_changes_begins_anew_and_one_that_is_renamed_does_not(tmp_path):
    """What is open belongs to what was asked."""
    async with stored_world(tmp_path) as (world, _):
        spec = RuleSpec(name="gaps", condition="gap", threshold=0.05, cooldown_s=0)
        rule = await world.alerting.create_rule(spec)
        gap_in(world)
        (alert,) = world.open()
        renamed = RuleSpec(name="wide gaps", condition="gap", threshold=0.05, channels=("ops",), cooldown_s=0)
        await world.alerting.replace_rule(rule.id, renamed)
        assert world.open() == [alert]
        await world.alerting.replace_rule(rule.id, RuleSpec(name="x", condition="gap", threshold=0.5))
        assert world.open() == []
        assert await world.alerting.replace_rule("nobody", spec) is None
        assert await world.alerting.delete_rule(rule.id) and not await world.alerting.delete_rule(rule.id)
        assert await world.alerting.rules() == []


async def test_open_alerts_can_be_read_while_the_database_is_away():
    """They are in memory; only the history needs it."""
    world = AlertWorld()
    world.rule("gap", 0.05)
    gap_in(world)
    assert len(world.open()) == 1
    assert (await world.alerting.page(AlertFilter(open_only=True), 10, 0)).total == 1
    with pytest.raises(StorageError):
        await world.alerting.create_rule(RuleSpec(name="x", condition="gap"))
    assert world.clock.now() == START
