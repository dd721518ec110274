"""Alerting over a world in memory."""

from collections.abc import Sequence
from typing import Any

from overround.domain.alerts import Alert, Rule, RuleSpec, Scope
from tests.support.desk import DeskWorld


class AlertWorld(DeskWorld):
    """A world that rules look at as soon as something changes."""

    def rule(self, condition: Any, threshold: float | None = None, **parts: Any) -> Rule:
        """Let a rule look at what changes from here on; `scope` may be a dict."""
        scope = Scope(**parts.pop("scope", {}))
        spec = RuleSpec(name=condition, condition=condition, threshold=threshold, scope=scope, **parts)
        rule = Rule(f"rule-{condition}", spec, self.clock.now(), self.clock.now())
        self.alerting.take_rule(rule)
        return rule

    def titles(self) -> list[str]:
        """Return what is open now, newest first."""
        self.alerting.watcher.catch_up()
        return [alert.title for alert in self.open()]

    def open(self) -> Sequence[Alert]:
        """Return the open alerts, newest first."""
        self.alerting.watcher.catch_up()
        return self.alerting.open_alerts()
