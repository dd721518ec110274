"""OpenAlerts: which alerts are open, what may open again, and what somebody put off. Knows no I/O."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec
import uuid_utils

from overround.alerting.conditions import Finding
from overround.domain.alerts import Alert, ResolvedBy, Rule
from overround.domain.events import EventHeader
from overround.domain.markets import MarketKey, market_word

OPEN_PER_RULE = 200  # a rule that finds more is too wide; what it finds beyond is counted, not opened
HELD_PER_RULE = 10_000
REMEMBERED_KEYS = 50_000  # dedupe keys in cooldown


class Target(msgspec.Struct, frozen=True):
    """What a rule looked at: a market of an event, an event, a bookmaker, or the writer."""

    sportradar_id: str = ""
    key: MarketKey | None = None
    bookmaker: str = ""

    def dedupe_key(self, rule: Rule) -> str:
        """Return what two alerts about the same thing have in common."""
        market = market_word(self.key) if self.key else ""
        return "|".join((rule.id, self.sportradar_id, market, self.bookmaker))


class About(msgspec.Struct, frozen=True):
    """What people call a target."""

    name: str  # "Enyimba – Rangers, 1X2" or "SportyBet"
    header: EventHeader | None = None
    market: str = ""


class OpenAlerts:
    """The alerts whose condition holds; at most 200 per rule."""

    def __init__(self) -> None:
        self._open: dict[str, Alert] = {}  # by dedupe key
        self._targets: dict[str, Target] = {}  # of what is open
        self._opened_at: dict[str, datetime] = {}  # when a key last opened
        self._snoozed: dict[tuple[str, str], datetime] = {}  # (rule, event) -> until
        self._cooling: dict[str, tuple[datetime, str, Target]] = {}  # (when to look again, rule, target)
        self._counts: Counter[str] = Counter()  # open, by rule
        self._held: defaultdict[str, set[str]] = defaultdict(set)  # by rule: keys found but not opened

    def restore(self, alerts: Iterable[Alert], opened_at: Mapping[str, datetime]) -> None:
        """Take over what an earlier process left open."""
        for alert in alerts:
            self._open[alert.dedupe_key] = alert
            self._counts[alert.rule_id] += 1
            key = MarketKey(alert.market_id, alert.line) if alert.market_id else None
            bookmaker = "" if alert.sportradar_id else alert.bookmaker
            self._targets[alert.dedupe_key] = Target(alert.sportradar_id, key, bookmaker)
            if alert.snoozed_until:
                self._snoozed[alert.rule_id, alert.sportradar_id] = alert.snoozed_until
        self._opened_at.update(opened_at)

    def all(self) -> list[Alert]:
        """Return what is open, newest first."""
        return sorted(self._open.values(), key=lambda alert: (alert.opened_at, alert.id), reverse=True)

    def get(self, alert_id: str) -> Alert | None:
        """Return an open alert."""
        return next((alert for alert in self._open.values() if alert.id == alert_id), None)

    def count(self, rule_id: str) -> int:
        """Return how many alerts of a rule are open."""
        return self._counts[rule_id]

    def held_back(self, rule_id: str) -> int:
        """Return how many things a rule found and did not open, for it has its most alerts open; 10,000 at most."""
        return len(self._held.get(rule_id, ()))

    def targets(self) -> list[tuple[str, Target]]:
        """Return (rule, target) of everything open."""
        return [(self._open[key].rule_id, target) for key, target in self._targets.items()]

    def due(self, now: datetime) -> list[tuple[str, Target]]:
        """Return (rule, target) of what was found in its cooldown, which is over now."""
        over = [key for key, (at, _, _) in self._cooling.items() if at <= now]
        return [self._cooling.pop(key)[1:] for key in over]

    def settle(
        self, rule: Rule, target: Target, finding: Finding | None, about: About, now: datetime,
        ended: ResolvedBy = "ended",
    ) -> Alert | None:  # fmt: skip
        """Open, keep or resolve the alert of a target; return it when it became another."""
        dedupe_key = target.dedupe_key(rule)
        known = self._open.get(dedupe_key)
        if finding is None:
            self._cooling.pop(dedupe_key, None)
            self._held[rule.id].discard(dedupe_key)
            return self._resolve(known, now, ended) if known else None
        if known is not None:
            return None
        opened_at = self._opened_at.get(dedupe_key)
        free_at = opened_at + timedelta(seconds=rule.spec.cooldown_s) if opened_at else now
        if free_at > now:
            self._cooling[dedupe_key] = (free_at, rule.id, target)
            return None
        if self.count(rule.id) >= OPEN_PER_RULE:
            if len(self._held[rule.id]) < HELD_PER_RULE:
                self._held[rule.id].add(dedupe_key)
            return None
        return self._begin(rule, target, dedupe_key, finding, about, now)

    def resolve_rule(self, rule_id: str, now: datetime) -> list[Alert]:
        """Resolve everything of a rule that changed, was switched off or deleted; return it."""
        self._cooling = {key: each for key, each in self._cooling.items() if each[1] != rule_id}
        self._held.pop(rule_id, None)
        found = [alert for alert in self._open.values() if alert.rule_id == rule_id]
        return [self._resolve(alert, now, "rule") for alert in found]

    def acknowledge(self, alert: Alert, by: str, now: datetime) -> list[Alert]:
        """Note that somebody has seen it: with it everything open of the same rule and event."""
        return [
            self._put(msgspec.structs.replace(each, acknowledged_at=now, acknowledged_by=by))
            for each in self._beside(alert)
            if each.acknowledged_at is None
        ]

    def snooze(self, alert: Alert, until: datetime) -> list[Alert]:
        """Put an alert off, with it everything of the same rule and event that is open or opens meanwhile."""
        self._snoozed[alert.rule_id, alert.sportradar_id] = until
        return [self._put(msgspec.structs.replace(each, snoozed_until=until)) for each in self._beside(alert)]

    def forget_old(self, now: datetime) -> None:
        """Drop snoozes that are over, and the times of keys that have long been free."""
        self._snoozed = {key: until for key, until in self._snoozed.items() if until > now}
        for dedupe_key in list(self._opened_at)[: max(0, len(self._opened_at) - REMEMBERED_KEYS)]:
            del self._opened_at[dedupe_key]

    def _beside(self, alert: Alert) -> list[Alert]:
        return [
            each
            for each in self._open.values()
            if (each.rule_id, each.sportradar_id) == (alert.rule_id, alert.sportradar_id)
        ]

    def _begin(
        self, rule: Rule, target: Target, dedupe_key: str, finding: Finding, about: About, now: datetime
    ) -> Alert:
        until = self._snoozed.get((rule.id, target.sportradar_id))
        header = about.header
        alert = Alert(
            id=str(uuid_utils.uuid7()),
            rule_id=rule.id,
            rule_name=rule.spec.name,
            condition=rule.spec.condition,
            dedupe_key=dedupe_key,
            title=f"{about.name}: {finding.says}",
            detail=_detail(rule, header),
            value=finding.value,
            opened_at=now,
            sportradar_id=target.sportradar_id,
            market_id=target.key.market_id if target.key else "",
            line=target.key.line if target.key else "",
            market=about.market,
            outcome=finding.outcome,
            bookmaker=finding.bookmaker or target.bookmaker,
            home=header.home if header else "",
            away=header.away if header else "",
            competition_id=header.competition.id if header else "",
            kickoff_at=header.kickoff_at if header else None,
            snoozed_until=until if until and until > now else None,
        )
        self._targets[dedupe_key] = target
        self._counts[rule.id] += 1
        self._held[rule.id].discard(dedupe_key)
        self._opened_at.pop(dedupe_key, None)
        self._opened_at[dedupe_key] = now
        return self._put(alert)

    def _put(self, alert: Alert) -> Alert:
        self._open[alert.dedupe_key] = alert
        return alert

    def _resolve(self, alert: Alert, now: datetime, by: ResolvedBy) -> Alert:
        del self._open[alert.dedupe_key]
        self._targets.pop(alert.dedupe_key, None)
        self._counts[alert.rule_id] -= 1
        return msgspec.structs.replace(alert, resolved_at=now, resolved_by=by)


def _detail(rule: Rule, header: EventHeader | None) -> str:
    said = f"Rule {rule.spec.name}"
    if header is None:
        return f"{said}."
    league = header.competition
    return f"{said}. {league.name} ({league.country}), kickoff {header.kickoff_at:%Y-%m-%d %H:%M} UTC."
