"""AlertDesk: the alerts of one process, from its start to its stop, and what people ask of them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec
import uuid_utils

from overround.alerting.channels import Channels, shown_url
from overround.alerting.guard import Guard
from overround.alerting.keeper import Keeper
from overround.alerting.preview import preview
from overround.alerting.process_conditions import StaleCount
from overround.alerting.senders import AppriseSender, Sender, WebhookSender
from overround.alerting.sight import World
from overround.alerting.watcher import Watcher
from overround.clock import Clock
from overround.config import BOOKMAKERS
from overround.domain.alerts import (
    SNOOZE_LIMIT_MIN,
    Alert,
    AlertFilter,
    AlertListener,
    AlertPage,
    Channel,
    ChannelKind,
    ChannelView,
    Delivery,
    Preview,
    Rule,
    RuleSpec,
    RuleStanding,
    checked_rule,
)
from overround.errors import ConfigError, StorageError
from overround.log import get_logger
from overround.storage.alerts import AlertStore

log = get_logger(__name__)

RESTART_S = 1.0
MOST_RULES = 100
HITS_WITHIN = timedelta(hours=24)


class AlertDesk:
    """The alerts of one process: a watcher finds, a keeper keeps and sends, and here people ask."""

    def __init__(
        self, world: World, store: AlertStore, channels: Channels, senders: dict[ChannelKind, Sender]
    ) -> None:
        self.world, self.store, self.channels = world, store, channels
        self._clock, self._senders = world.clock, senders
        self._keeper = Keeper(store, channels, senders, world.clock)
        self.watcher = Watcher(world, self._keeper)
        self._changing = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    # --- life -----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Take over what an earlier process left, and begin. Raises: StorageError."""
        await self.channels.load()
        await self._keeper.start()
        self.watcher.read_moves()
        self._tasks = [
            asyncio.create_task(self._kept(name, work), name=name)
            for name, work in (
                ("alerts", self.watcher.drain),
                ("alerts-watch", self.watcher.watch),
                ("alerts-sweep", self.watcher.sweep_often),
                ("alerts-notebook", self._keeper.notebook.run),
            )
        ]

    async def stop(self) -> None:
        """Stop; what the database has not got is written if it takes it now."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self._keeper.stop()

    async def _kept(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do an endless work; a fault of ours is logged, and it begins again."""
        while True:
            try:
                await work()
            except Exception as exc:  # alerting must outlive one market
                log.error("alerting_failed", task=name, exc_info=exc)
                await self._clock.sleep(RESTART_S)

    def on_alert(self, listener: AlertListener) -> None:
        """Call `listener` with every alert that became another and its deliveries; it must not wait or raise."""
        self._keeper.on_alert(listener)

    # --- what people ask ------------------------------------------------------------------------------------

    def open_alerts(self) -> list[Alert]:
        """Return what is open, newest first."""
        return self._keeper.open.all()

    def held_back(self, rule_id: str) -> int:
        """Return how many things a rule found and did not open, for it has its most alerts open."""
        return self._keeper.open.held_back(rule_id)

    async def page(self, wanted: AlertFilter, limit: int, offset: int) -> AlertPage:
        """Return alerts, newest first. Raises: StorageError, unless only open ones are asked for."""
        if wanted.open_only:
            found = [alert for alert in self._keeper.open.all() if wanted.takes(alert)]
            some = tuple(found[offset : offset + limit])
            return AlertPage(some, {alert.id: self.deliveries_of(alert.id) for alert in some}, len(found))
        await self._keeper.notebook.wait()
        page = await self.store.page(wanted, limit, offset)
        return msgspec.structs.replace(
            page,
            deliveries={
                alert.id: self.deliveries_of(alert.id) or page.deliveries.get(alert.id, ())
                for alert in page.alerts
            },
        )

    def deliveries_of(self, alert_id: str) -> tuple[Delivery, ...]:
        """Return the deliveries of an alert, as far as they are in memory: of every open one."""
        return self._keeper.deliveries_of(alert_id)

    def acknowledge(self, alert_id: str, by: str) -> list[Alert] | None:
        """Acknowledge an open alert and what is open of its rule and event; None when it is not open."""
        alert = self._keeper.open.get(alert_id)
        if alert is None:
            return None
        changed = self._keeper.open.acknowledge(alert, by, self._clock.now())
        for each in changed:
            self._keeper.keep(each)
        return self._now(alert)

    def snooze(self, alert_id: str, minutes: int | None) -> list[Alert] | None:
        """
        Put off an open alert and its rule at its event, for minutes or, with None, until kickoff.

        Raises:
            ConfigError: There is no kickoff to wait for, or the time is too long.
        """
        alert, now = self._keeper.open.get(alert_id), self._clock.now()
        if alert is None:
            return None
        if minutes is None and (alert.kickoff_at is None or alert.kickoff_at <= now):
            raise ConfigError("until", "this alert has no kickoff ahead; say minutes")
        if minutes is not None and not 1 <= minutes <= SNOOZE_LIMIT_MIN:
            raise ConfigError("minutes", f"must be from 1 to {SNOOZE_LIMIT_MIN}")
        until = now + timedelta(minutes=minutes) if minutes is not None else alert.kickoff_at
        assert until is not None
        for each in self._keeper.open.snooze(alert, until):
            self._keeper.keep(each)
        return self._now(alert)

    async def rules(self) -> list[RuleStanding]:
        """Return every rule with how noisy it is."""
        hits: dict[str, int] | None = None
        try:
            await self._keeper.notebook.wait()
            hits = await self.store.hits(self._clock.now() - HITS_WITHIN)
        except StorageError as exc:
            log.warning("alert_hits_unreadable", reason=str(exc))
        return [
            RuleStanding(
                rule, self._keeper.open.count(rule.id), None if hits is None else hits.get(rule.id, 0),
                self._keeper.open.held_back(rule.id),
            )
            for rule in self._keeper.rules.values()
        ]  # fmt: skip

    async def create_rule(self, spec: RuleSpec) -> Rule:
        """
        Make a rule; it looks at everything at once.

        Raises:
            ConfigError: A field has a value we can't work with, or there are too many rules.
            StorageError: It can't be stored.
        """
        async with self._changing:
            if len(self._keeper.rules) >= MOST_RULES:
                raise ConfigError("rules", f"there are {MOST_RULES} already; delete one first")
            now = self._clock.now()
            rule = Rule(str(uuid_utils.uuid7()), self._checked(spec), now, now)
            await self.store.save_rule(rule)
            self.take_rule(rule)
        return rule

    async def replace_rule(self, rule_id: str, spec: RuleSpec) -> Rule | None:
        """Change a rule; what it had open is resolved, then it looks again. Raises as `create_rule`."""
        async with self._changing:
            known = self._keeper.rules.get(rule_id)
            if known is None:
                return None
            rule = Rule(rule_id, self._checked(spec), known.created_at, self._clock.now())
            await self.store.save_rule(rule)
            if _asks_the_same(known.spec, rule.spec):
                self._keeper.rules[rule.id] = rule
            else:
                self._drop(rule_id)
                self.take_rule(rule)
        return rule

    async def delete_rule(self, rule_id: str) -> bool:
        """Forget a rule; its alerts stay in the history. Raises: StorageError."""
        async with self._changing:
            if rule_id not in self._keeper.rules:
                return False
            await self.store.delete_rule(rule_id)
            self._drop(rule_id)
            del self._keeper.rules[rule_id]
        return True

    async def preview(self, spec: RuleSpec) -> Preview:
        """Return what a rule would have done. Raises: ConfigError."""
        now = self._clock.now()
        rule = Rule("preview", self._checked(spec), now, now)
        said = await preview(rule, self.world)
        found = self.watcher.process_findings(rule, StaleCount(self.world))
        return msgspec.structs.replace(
            said, open_now=said.open_now + sum(each[1] is not None for each in found)
        )

    def channel_views(self) -> list[ChannelView]:
        """Return every channel without what is secret in it."""
        return [_view(channel) for channel in self.channels.all()]

    async def add_channel(self, name: str, url: str) -> tuple[ChannelView, str]:
        """Make a channel; return it and the secret that signs its webhooks. Raises: ConfigError, StorageError."""
        channel = await self.channels.add(name, url)
        return _view(channel), channel.secret

    async def delete_channel(self, name: str) -> bool:
        """Forget a channel. Raises: ConfigError while a rule uses it or it is given, StorageError."""
        if users := [rule.spec.name for rule in self._keeper.rules.values() if name in rule.spec.channels]:
            raise ConfigError("name", f"rule {users[0]} sends to it; change the rule first")
        return await self.channels.delete(name)

    async def test_channel(self, name: str) -> str | None:
        """Send a test through a channel now; return why it failed, "" when it arrived, None without such a channel."""
        channel, now = self.channels.get(name), self._clock.now()
        if channel is None:
            return None
        test_id = f"test-{uuid_utils.uuid7()}"
        title = "Overround: this is a test"
        alert = Alert(test_id, "", "", "write_lag", test_id, title, "Alerts will look like this.", 0.0, now)
        sent = await self._senders[channel.kind].send(channel, test_id, alert, now)
        return "" if sent.result == "delivered" else sent.reason or sent.result

    def _now(self, alert: Alert) -> list[Alert]:
        """Return an alert and those of its rule and event, as they are now."""
        return [
            each
            for each in self._keeper.open.all()
            if (each.rule_id, each.sportradar_id) == (alert.rule_id, alert.sportradar_id)
        ]

    def _checked(self, spec: RuleSpec) -> RuleSpec:
        return checked_rule(spec, BOOKMAKERS, [channel.name for channel in self.channels.all()])

    def take_rule(self, rule: Rule) -> None:
        """Let a rule look, first at everything."""
        self._keeper.rules[rule.id] = rule
        if rule.spec.enabled:
            self.watcher.sweep_soon()

    def _drop(self, rule_id: str) -> None:
        for alert in self._keeper.open.resolve_rule(rule_id, self._clock.now()):
            self._keeper.keep(alert)


def make_senders(guard: Guard, clock: Clock, user_agent: str) -> dict[ChannelKind, Sender]:
    """Return what sends, by kind of channel."""
    return {"webhook": WebhookSender(guard, clock, user_agent), "apprise": AppriseSender(guard, clock)}


def _asks_the_same(before: RuleSpec, after: RuleSpec) -> bool:
    """Return whether only the name, or what is done with alerts, became another: what is open stays open."""
    plain = {"name": "", "channels": (), "show": (), "quiet_hours": None, "cooldown_s": 0}
    return msgspec.structs.replace(before, **plain) == msgspec.structs.replace(after, **plain)


def _view(channel: Channel) -> ChannelView:
    return ChannelView(channel.name, channel.kind, shown_url(channel), channel.source, channel.created_at)
