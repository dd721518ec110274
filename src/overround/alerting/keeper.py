"""Keeper: keeps the rules and what they found, has alerts stored, tells who listens, and sends what may go out."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import timedelta

from overround.alerting.channels import Channels
from overround.alerting.conditions import Finding
from overround.alerting.delivery import Dispatcher
from overround.alerting.notebook import Notebook
from overround.alerting.open_alerts import About, OpenAlerts, Target
from overround.alerting.senders import Sender
from overround.clock import Clock
from overround.domain.alerts import Alert, AlertListener, ChannelKind, Delivery, ResolvedBy, Rule
from overround.log import get_logger
from overround.metrics import ALERTS_OPENED
from overround.storage.alerts import AlertStore

log = get_logger(__name__)

DELIVERIES_KEPT = 5_000


class Keeper:
    """What becomes of a finding. The rules stand here and nowhere else."""

    def __init__(
        self, store: AlertStore, channels: Channels, senders: Mapping[ChannelKind, Sender], clock: Clock
    ) -> None:
        self.rules: dict[str, Rule] = {}
        self.open = OpenAlerts()
        self.notebook = Notebook(store, clock)
        self._store, self._clock = store, clock
        self._dispatcher = Dispatcher(self.notebook, senders, clock, channels.get)
        self._held: dict[str, Alert] = {}  # open and not sent yet: quiet hours, or snoozed
        self._deliveries: OrderedDict[str, dict[str, Delivery]] = OrderedDict()  # by alert, then channel
        self._listeners: list[AlertListener] = []
        self._dispatcher.on_delivery(self._delivery_changed)

    async def start(self) -> None:
        """Take over what an earlier process left, and begin to send. Raises: StorageError."""
        now = self._clock.now()
        self.rules = {rule.id: rule for rule in await self._store.rules()}
        longest = max((rule.spec.cooldown_s for rule in self.rules.values()), default=0)
        opened = await self._store.opened_since(now - timedelta(seconds=longest))
        left = await self._store.open_alerts()
        self.open.restore(left, opened)
        delivered = await self._store.deliveries([alert.id for alert in left])
        for alert in left:
            for delivery in delivered.get(alert.id, ()):
                self._remember(delivery)
            if self._is_unsent(alert):
                self._held[alert.id] = alert
        self._dispatcher.start(await self._store.waiting())

    async def stop(self) -> None:
        """Stop sending; what the database has not got is written if it takes it now."""
        await self._dispatcher.stop()
        await self.notebook.write()

    def on_alert(self, listener: AlertListener) -> None:
        """Call `listener` with every alert that became another and its deliveries; it must not wait or raise."""
        self._listeners.append(listener)

    def deliveries_of(self, alert_id: str) -> tuple[Delivery, ...]:
        """Return the deliveries of an alert, as far as they are in memory: of every open one."""
        return tuple(self._deliveries.get(alert_id, {}).values())

    def settle(
        self, rule: Rule, target: Target, finding: Finding | None, about: About, ended: ResolvedBy = "ended"
    ) -> None:
        """Open, keep or resolve the alert of a target."""
        changed = self.open.settle(rule, target, finding, about, self._clock.now(), ended)
        if changed is None:
            return
        if changed.is_open:
            ALERTS_OPENED.labels(changed.condition).inc()
            log.info("alert_opened", alert=changed.id, rule=changed.rule_name, title=changed.title)
            self._held[changed.id] = changed
            self.keep(changed)
            self._send_if_free(changed)
        else:
            self.keep(changed)

    def keep(self, alert: Alert) -> None:
        """Have an alert that became another stored and told; one that ended or was acknowledged is sent no more."""
        if not alert.is_open or alert.acknowledged_at:
            self._held.pop(alert.id, None)
        elif alert.id in self._held:
            self._held[alert.id] = alert
        self.notebook.note(alert)
        self._say(alert)

    def send_held(self) -> None:
        """Send what was held back and is free to go now."""
        for alert in list(self._held.values()):
            self._send_if_free(alert)

    def _send_if_free(self, alert: Alert) -> None:
        rule, now = self.rules.get(alert.rule_id), self._clock.now()
        if rule is None:
            self._held.pop(alert.id, None)
            return
        hours = rule.spec.quiet_hours
        if alert.is_quiet(now) or (hours is not None and hours.covers(now)):
            return
        self._held.pop(alert.id, None)
        for channel in rule.spec.channels:
            self._dispatcher.submit(alert, channel)

    def _say(self, alert: Alert) -> None:
        for listener in self._listeners:
            listener(alert, self.deliveries_of(alert.id))

    def _delivery_changed(self, delivery: Delivery) -> None:
        self._remember(delivery)
        if alert := self.open.get(delivery.alert_id):
            self._say(alert)

    def _remember(self, delivery: Delivery) -> None:
        known = self._deliveries.setdefault(delivery.alert_id, {})
        known[delivery.channel] = delivery
        if len(self._deliveries) > DELIVERIES_KEPT:
            self._deliveries.popitem(last=False)

    def _is_unsent(self, alert: Alert) -> bool:
        rule = self.rules.get(alert.rule_id)
        return (
            bool(rule and rule.spec.channels)
            and not self.deliveries_of(alert.id)
            and not alert.acknowledged_at
        )
