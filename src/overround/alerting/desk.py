"""AlertDesk: looks at what changed through the eyes of every rule, and keeps, tells and sends what they find."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
import uuid_utils

from overround.alerting.channels import Channels, shown_url
from overround.alerting.conditions import MARKET_CONDITIONS, MOVED_WITHIN, Finding, find, find_missing
from overround.alerting.delivery import Dispatcher
from overround.alerting.guard import Guard
from overround.alerting.notebook import Notebook
from overround.alerting.open_alerts import About, OpenAlerts, Target
from overround.alerting.preview import preview
from overround.alerting.process_conditions import Found, StaleCount, find_down, find_lag, find_stale
from overround.alerting.senders import AppriseSender, Sender, WebhookSender
from overround.alerting.sight import Sight, World
from overround.analysis.records import AnalysisUpdate, Movement
from overround.clock import Clock
from overround.config import BOOKMAKERS, REFERENCE
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
    ResolvedBy,
    Rule,
    RuleSpec,
    RuleStanding,
    checked_rule,
)
from overround.domain.markets import MarketKey
from overround.errors import ConfigError, StorageError
from overround.log import get_logger
from overround.metrics import ALERTS_OPENED
from overround.storage.alerts import AlertStore

log = get_logger(__name__)

TICK_S = 1.0
RECHECK_S = 5.0  # how late an alert may be seen to have ended by time alone
SWEEP_S = 60.0
RESTART_S = 1.0
MOST_RULES = 100
HITS_WITHIN = timedelta(hours=24)
SURE_MISSING = (
    2  # sweeps in a row in which an event has to be missing: lists come one bookmaker after another
)
DELIVERIES_KEPT = 5_000


class AlertDesk:
    """
    The alerts of one process.

    Analysis marks markets; a task looks at them, one event per turn of the loop. What time alone brings about
    (an event comes within the hours of a rule, a source stays down) is looked for every second or minute.
    """

    def __init__(
        self, world: World, store: AlertStore, channels: Channels, senders: dict[ChannelKind, Sender]
    ) -> None:
        self.world, self.store, self.channels = world, store, channels
        self._clock = world.clock
        self._rules: dict[str, Rule] = {}
        self._open = OpenAlerts()
        self._notebook = Notebook(store, world.clock)
        self._dispatcher = Dispatcher(self._notebook, senders, world.clock, channels.get)
        self._senders = senders
        self._held: dict[str, Alert] = {}  # open and not sent yet: quiet hours, or snoozed
        self._moved: dict[str, dict[MarketKey, dict[str, Movement]]] = {}  # of the last minutes, by event
        self._marked: OrderedDict[str, set[MarketKey]] = OrderedDict()
        self._missing: dict[tuple[str, str], int] = {}  # (rule, event) -> sweeps in a row
        self._deliveries: OrderedDict[str, dict[str, Delivery]] = OrderedDict()  # by alert, then channel
        self._listeners: list[AlertListener] = []
        self._wake = asyncio.Event()
        self._wants_sweep = asyncio.Event()
        self._changing = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._dispatcher.on_delivery(self._delivery_changed)
        world.analysis.on_analysis(self._take)

    # --- life -----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """
        Take over what an earlier process left, and begin.

        Raises:
            StorageError: It can't be read.
        """
        now = self._clock.now()
        await self.channels.load()
        self._rules = {rule.id: rule for rule in await self.store.rules()}
        longest = max((rule.spec.cooldown_s for rule in self._rules.values()), default=0)
        opened = await self.store.opened_since(now - timedelta(seconds=longest))
        left = await self.store.open_alerts()
        self._open.restore(left, opened)
        delivered = await self.store.deliveries([alert.id for alert in left])
        for alert in left:
            for delivery in delivered.get(alert.id, ()):
                self._remember(delivery)
            if self._is_unsent(alert):
                self._held[alert.id] = alert
        for movement in self.world.analysis.movements():
            self._take_movement(movement)
        self._dispatcher.start(await self.store.waiting())
        self._tasks = [
            asyncio.create_task(self._kept(name, work), name=name)
            for name, work in (
                ("alerts", self._drain),
                ("alerts-watch", self._watch),
                ("alerts-sweep", self._sweep_often),
                ("alerts-notebook", self._notebook.run),
            )
        ]

    async def stop(self) -> None:
        """Stop; what the database has not got is written if it takes it now."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self._dispatcher.stop()
        await self._notebook.write()

    def on_alert(self, listener: AlertListener) -> None:
        """Call `listener` with every alert that became another and its deliveries; it must not wait or raise."""
        self._listeners.append(listener)

    def open_alerts(self) -> list[Alert]:
        """Return what is open, newest first."""
        return self._open.all()

    def held_back(self, rule_id: str) -> int:
        """Return how many things a rule found and did not open, for it has its most alerts open."""
        return self._open.held_back(rule_id)

    # --- what people ask ------------------------------------------------------------------------------------

    async def page(self, wanted: AlertFilter, limit: int, offset: int) -> AlertPage:
        """Return alerts, newest first. Raises: StorageError, unless only open ones are asked for."""
        if wanted.open_only:
            found = [alert for alert in self._open.all() if wanted.takes(alert)]
            some = tuple(found[offset : offset + limit])
            return AlertPage(some, {alert.id: self.deliveries_of(alert.id) for alert in some}, len(found))
        await self._notebook.wait()
        page = await self.store.page(wanted, limit, offset)
        newer = {alert_id: tuple(known.values()) for alert_id, known in self._deliveries.items()}
        return msgspec.structs.replace(
            page,
            deliveries={
                alert.id: newer.get(alert.id) or page.deliveries.get(alert.id, ()) for alert in page.alerts
            },
        )

    def deliveries_of(self, alert_id: str) -> tuple[Delivery, ...]:
        """Return the deliveries of an alert, as far as they are in memory: of every open one."""
        return tuple(self._deliveries.get(alert_id, {}).values())

    def acknowledge(self, alert_id: str, by: str) -> list[Alert] | None:
        """Acknowledge an open alert and what is open of its rule and event; None when it is not open."""
        alert = self._open.get(alert_id)
        if alert is None:
            return None
        changed = self._open.acknowledge(alert, by, self._clock.now())
        for each in changed:
            self._held.pop(each.id, None)
            self._keep(each)
        return self._now(alert)

    def snooze(self, alert_id: str, minutes: int | None) -> list[Alert] | None:
        """
        Put off an open alert and its rule at its event, for minutes or, with None, until kickoff.

        Raises:
            ConfigError: There is no kickoff to wait for, or the time is too long.
        """
        alert, now = self._open.get(alert_id), self._clock.now()
        if alert is None:
            return None
        if minutes is None and (alert.kickoff_at is None or alert.kickoff_at <= now):
            raise ConfigError("until", "this alert has no kickoff ahead; say minutes")
        if minutes is not None and not 1 <= minutes <= SNOOZE_LIMIT_MIN:
            raise ConfigError("minutes", f"must be from 1 to {SNOOZE_LIMIT_MIN}")
        until = now + timedelta(minutes=minutes) if minutes is not None else alert.kickoff_at
        assert until is not None
        for each in self._open.snooze(alert, until):
            self._keep(each)
        return self._now(alert)

    async def rules(self) -> list[RuleStanding]:
        """Return every rule with how noisy it is."""
        hits: dict[str, int] | None = None
        try:
            await self._notebook.wait()
            hits = await self.store.hits(self._clock.now() - HITS_WITHIN)
        except StorageError as exc:
            log.warning("alert_hits_unreadable", reason=str(exc))
        return [
            RuleStanding(
                rule, self._open.count(rule.id), None if hits is None else hits.get(rule.id, 0),
                self._open.held_back(rule.id),
            )
            for rule in self._rules.values()
        ]  # fmt: skip

    async def create_rule(self, spec: RuleSpec) -> Rule:
        """
        Make a rule; it looks at everything at once.

        Raises:
            ConfigError: A field has a value we can't work with, or there are too many rules.
            StorageError: It can't be stored.
        """
        async with self._changing:
            if len(self._rules) >= MOST_RULES:
                raise ConfigError("rules", f"there are {MOST_RULES} already; delete one first")
            now = self._clock.now()
            rule = Rule(str(uuid_utils.uuid7()), self._checked(spec), now, now)
            await self.store.save_rule(rule)
            self.take_rule(rule)
        return rule

    async def replace_rule(self, rule_id: str, spec: RuleSpec) -> Rule | None:
        """Change a rule; what it had open is resolved, then it looks again. Raises as `create_rule`."""
        async with self._changing:
            known = self._rules.get(rule_id)
            if known is None:
                return None
            rule = Rule(rule_id, self._checked(spec), known.created_at, self._clock.now())
            await self.store.save_rule(rule)
            if _asks_the_same(known.spec, rule.spec):
                self._rules[rule.id] = rule
            else:
                self._drop(rule_id)
                self.take_rule(rule)
        return rule

    async def delete_rule(self, rule_id: str) -> bool:
        """Forget a rule; its alerts stay in the history. Raises: StorageError."""
        async with self._changing:
            if rule_id not in self._rules:
                return False
            await self.store.delete_rule(rule_id)
            self._drop(rule_id)
            del self._rules[rule_id]
        return True

    async def preview(self, spec: RuleSpec) -> Preview:
        """Return what a rule would have done. Raises: ConfigError."""
        now = self._clock.now()
        rule = Rule("preview", self._checked(spec), now, now)
        said = await preview(rule, self.world)
        found = self._process_findings(rule, StaleCount(self.world))
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
        if users := [rule.spec.name for rule in self._rules.values() if name in rule.spec.channels]:
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

    # --- what analysis says ---------------------------------------------------------------------------------

    def _take(self, update: AnalysisUpdate) -> None:
        for movement in update.movements:
            self._take_movement(movement)
        if not self._market_rules():
            return
        for movement in update.movements:
            self._mark(movement.sportradar_id, movement.key)
        for change in update.comparisons:
            self._mark(change.sportradar_id, change.key)
        for exposure in update.exposures:
            self._mark(exposure.sportradar_id, exposure.key)
        self._wake.set()

    def _take_movement(self, movement: Movement) -> None:
        if self._clock.now() - movement.changed_at <= MOVED_WITHIN:
            of_event = self._moved.setdefault(movement.sportradar_id, {})
            of_event.setdefault(movement.key, {})[movement.id] = movement

    def _mark(self, sportradar_id: str, key: MarketKey) -> None:
        self._marked.setdefault(sportradar_id, set()).add(key)

    def _market_rules(self) -> list[Rule]:
        return [r for r in self._rules.values() if r.spec.enabled and r.spec.condition in MARKET_CONDITIONS]

    async def _drain(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._marked:
                self._look_at(*self._marked.popitem(last=False))
                await asyncio.sleep(0)

    def catch_up(self) -> None:
        """Look at everything marked, without giving up the turn."""
        self.world.analysis.catch_up()
        while self._marked:
            self._look_at(*self._marked.popitem(last=False))

    def _look_at(
        self, sportradar_id: str, keys: Iterable[MarketKey] | None, rules: Sequence[Rule] = ()
    ) -> None:
        """Let rules look at markets of an event; one that left memory has nothing any more."""
        rules = rules or self._market_rules()
        sight = self._sight(sportradar_id)
        if sight is None:
            self._end(sportradar_id, rules)
            return
        for rule in rules:
            for key in sight.keys(rule.spec.condition) if keys is None else keys:
                self._look(rule, sight, key)

    def _look(self, rule: Rule, sight: Sight, key: MarketKey) -> None:
        finding, header = find(rule, sight, key), sight.header
        ended: ResolvedBy = "started" if header.kickoff_at <= sight.now else "ended"
        target = Target(header.sportradar_id, key)
        name = sight.column_name(key) if finding else ""
        self._settle(
            rule, target, finding, About(f"{header.home} – {header.away}, {name}", header, name), ended
        )

    def _sight(self, sportradar_id: str) -> Sight | None:
        event = self.world.cache.event(sportradar_id)
        if event is None:
            return None
        moved = {key: list(some.values()) for key, some in self._moved.get(sportradar_id, {}).items()}
        return Sight(self.world, event, moved)

    def _end(self, sportradar_id: str, rules: Iterable[Rule]) -> None:
        wanted = {rule.id for rule in rules}
        for rule_id, target in self._open.targets():
            if target.sportradar_id == sportradar_id and rule_id in wanted:
                self._settle(self._rules[rule_id], target, None, About(""), "started")

    # --- what time brings -----------------------------------------------------------------------------------

    async def _watch(self) -> None:
        recheck_at = self._clock.monotonic() + RECHECK_S
        while True:
            await self._clock.sleep(TICK_S)
            self.tick()
            if self._clock.monotonic() >= recheck_at:
                recheck_at = self._clock.monotonic() + RECHECK_S
                await self.recheck()

    def tick(self) -> None:
        """Look at sources and the writer, at what was found in a cooldown that is over, and send what was held."""
        now = self._clock.now()
        for rule in self._rules.values():
            if rule.spec.enabled and rule.spec.condition in ("source_down", "write_lag"):
                for found in self._process_findings(rule, None):
                    self._settle(rule, *found)
        for rule_id, target in self._open.due(now):
            self._recheck(rule_id, target)
        for alert in list(self._held.values()):
            self._send_if_free(alert)

    async def recheck(self) -> None:
        """Look again at every open alert, and drop what is too old to matter."""
        for rule_id, target in self._open.targets():
            self._recheck(rule_id, target)
            await asyncio.sleep(0)
        now = self._clock.now()
        self._forget_moves(now - MOVED_WITHIN)
        self._open.forget_old(now)

    def _forget_moves(self, before: datetime) -> None:
        for sportradar_id, markets in list(self._moved.items()):
            for key, some in list(markets.items()):
                for movement in [each for each in some.values() if each.changed_at < before]:
                    del some[movement.id]
                if not some:
                    del markets[key]
            if not markets:
                del self._moved[sportradar_id]

    def _recheck(self, rule_id: str, target: Target) -> None:
        rule = self._rules.get(rule_id)
        if rule is None or not target.sportradar_id:
            return
        if target.key is not None:
            self._look_at(target.sportradar_id, [target.key], [rule])
        elif (sight := self._sight(target.sportradar_id)) is None or find_missing(rule, sight) is None:
            self._settle(rule, target, None, About(""), "ended")

    async def _sweep_often(self) -> None:
        while True:
            await self.sweep(everything=self._wants_sweep.is_set())
            if not self._wants_sweep.is_set():
                await _either(self._clock.sleep(SWEEP_S), self._wants_sweep.wait())

    async def sweep(self, everything: bool = False) -> None:
        """Look for what no change tells: events missing here, stale sources, events that come near; or at all."""
        self._wants_sweep.clear()
        rules = [rule for rule in self._rules.values() if rule.spec.enabled]
        near = [r for r in self._market_rules() if everything or r.spec.scope.depends_on_time]
        missing = [rule for rule in rules if rule.spec.condition == "event_missing"]
        stale = [rule for rule in rules if rule.spec.condition == "source_stale"]
        if not (near or missing or stale):
            return
        counted, seen = StaleCount(self.world), set[tuple[str, str]]()
        for event in list(self.world.cache):
            counted.add(event)
            if near:
                self._look_at(event.header.sportradar_id, None, near)
            if missing:
                self._look_for_missing(event.header.sportradar_id, missing, seen)
            await asyncio.sleep(0)
        self._missing = {key: count for key, count in self._missing.items() if key in seen}
        for rule in stale:
            for found in self._process_findings(rule, counted):
                self._settle(rule, *found)

    def _look_for_missing(
        self, sportradar_id: str, rules: Sequence[Rule], seen: set[tuple[str, str]]
    ) -> None:
        sight = self._sight(sportradar_id)
        if sight is None or not self._reference_answers():
            return
        for rule in rules:
            finding, pair = find_missing(rule, sight), (rule.id, sportradar_id)
            if finding is not None:
                seen.add(pair)
                self._missing[pair] = self._missing.get(pair, 0) + 1
                if self._missing[pair] < SURE_MISSING:
                    continue
            header = sight.header
            self._settle(
                rule, Target(sportradar_id), finding, About(f"{header.home} – {header.away}", header)
            )

    def _reference_answers(self) -> bool:
        """Return whether our own prices are collected: else everything would be missing."""
        return any(
            health.bookmaker == REFERENCE and health.state in ("up", "lagging")
            for health in self.world.facts.sources()
        )

    def _process_findings(self, rule: Rule, counted: StaleCount | None) -> list[Found]:
        condition = rule.spec.condition
        if condition == "write_lag":
            return [find_lag(rule, self.world.facts.writer())]
        if condition == "source_stale" and counted is not None:
            return list(find_stale(rule, self.world, counted))
        if condition == "source_down":
            is_open = {
                target.bookmaker: True for rule_id, target in self._open.targets() if rule_id == rule.id
            }
            return list(find_down(rule, self.world, is_open))
        return []

    # --- what becomes of it ---------------------------------------------------------------------------------

    def _settle(
        self, rule: Rule, target: Target, finding: Finding | None, about: About, ended: ResolvedBy = "ended"
    ) -> None:
        changed = self._open.settle(rule, target, finding, about, self._clock.now(), ended)
        if changed is None:
            return
        if changed.is_open:
            ALERTS_OPENED.labels(changed.condition).inc()
            log.info("alert_opened", alert=changed.id, rule=changed.rule_name, title=changed.title)
            self._held[changed.id] = changed
            self._keep(changed)
            self._send_if_free(changed)
        else:
            self._held.pop(changed.id, None)
            self._keep(changed)

    def _send_if_free(self, alert: Alert) -> None:
        rule, now = self._rules.get(alert.rule_id), self._clock.now()
        if rule is None:
            self._held.pop(alert.id, None)
            return
        hours = rule.spec.quiet_hours
        if alert.is_quiet(now) or (hours is not None and hours.covers(now)):
            return
        self._held.pop(alert.id, None)
        for channel in rule.spec.channels:
            self._dispatcher.submit(alert, channel)

    def _keep(self, alert: Alert) -> None:
        if alert.id in self._held:
            self._held[alert.id] = alert
        self._notebook.note(alert)
        self._say(alert)

    def _say(self, alert: Alert) -> None:
        for listener in self._listeners:
            listener(alert, self.deliveries_of(alert.id))

    def _delivery_changed(self, delivery: Delivery) -> None:
        self._remember(delivery)
        if alert := self._open.get(delivery.alert_id):
            self._say(alert)

    def _remember(self, delivery: Delivery) -> None:
        known = self._deliveries.setdefault(delivery.alert_id, {})
        known[delivery.channel] = delivery
        if len(self._deliveries) > DELIVERIES_KEPT:
            self._deliveries.popitem(last=False)

    def _is_unsent(self, alert: Alert) -> bool:
        rule = self._rules.get(alert.rule_id)
        return (
            bool(rule and rule.spec.channels)
            and not self.deliveries_of(alert.id)
            and not alert.acknowledged_at
        )

    def _now(self, alert: Alert) -> list[Alert]:
        """Return an alert and those of its rule and event, as they are now."""
        found = self._open.all()
        return [
            each
            for each in found
            if (each.rule_id, each.sportradar_id) == (alert.rule_id, alert.sportradar_id)
        ]

    def _checked(self, spec: RuleSpec) -> RuleSpec:
        return checked_rule(spec, BOOKMAKERS, [channel.name for channel in self.channels.all()])

    def take_rule(self, rule: Rule) -> None:
        """Let a rule look, first at everything."""
        self._rules[rule.id] = rule
        if rule.spec.enabled:
            self._wants_sweep.set()

    def _drop(self, rule_id: str) -> None:
        for alert in self._open.resolve_rule(rule_id, self._clock.now()):
            self._held.pop(alert.id, None)
            self._keep(alert)

    async def _kept(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do an endless work; a fault of ours is logged, and it begins again."""
        while True:
            try:
                await work()
            except Exception as exc:  # alerting must outlive one market
                log.error("alerting_failed", task=name, exc_info=exc)
                await self._clock.sleep(RESTART_S)


def make_senders(guard: Guard, clock: Clock, user_agent: str) -> dict[ChannelKind, Sender]:
    """Return what sends, by kind of channel."""
    return {"webhook": WebhookSender(guard, clock, user_agent), "apprise": AppriseSender(guard, clock)}


def _asks_the_same(before: RuleSpec, after: RuleSpec) -> bool:
    """Return whether only the name, or what is done with alerts, became another: what is open stays open."""
    plain = {"name": "", "channels": (), "show": (), "quiet_hours": None, "cooldown_s": 0}
    return msgspec.structs.replace(before, **plain) == msgspec.structs.replace(after, **plain)


def _view(channel: Channel) -> ChannelView:
    return ChannelView(channel.name, channel.kind, shown_url(channel), channel.source, channel.created_at)


async def _either(first: Awaitable[object], second: Awaitable[object]) -> None:
    tasks = {asyncio.ensure_future(first), asyncio.ensure_future(second)}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
