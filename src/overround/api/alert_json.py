"""Alerts, rules and channels as REST and the topic `alerts` write them."""

from collections.abc import Sequence

import msgspec

from overround.api.schemas import Instant, iso_ms, iso_s, optional_ms
from overround.domain.alerts import (
    Alert,
    ChannelView,
    Condition,
    ConditionSpec,
    Delivery,
    DeliveryState,
    Preview,
    ResolvedBy,
    RuleSpec,
    RuleStanding,
)


class DeliveryJson(msgspec.Struct, frozen=True):
    """How far the delivery through one channel came."""

    channel: str
    state: DeliveryState
    attempts: int
    last_error: str
    finished_at: Instant | None


class AlertJson(msgspec.Struct, frozen=True):
    """One alert; fields that do not apply (a source has no market) are empty."""

    id: str
    rule_id: str
    rule: str
    condition: Condition
    title: str
    detail: str
    value: float
    opened_at: Instant
    resolved_at: Instant | None
    resolved_by: ResolvedBy | None
    acknowledged_at: Instant | None
    acknowledged_by: str
    snoozed_until: Instant | None
    sportradar_id: str
    home: str
    away: str
    competition_id: str
    kickoff_at: Instant | None
    market_id: str
    line: str
    market: str
    outcome: str
    bookmaker: str
    deliveries: list[DeliveryJson]


class AlertsJson(msgspec.Struct, frozen=True):
    """One page of alerts, newest first."""

    alerts: list[AlertJson]
    total: int  # that the filters leave, all pages
    page: int
    page_size: int
    now: Instant


class RuleJson(msgspec.Struct, frozen=True):
    """A rule and how noisy it is; `threshold` and `upper` are those that act."""

    id: str
    spec: RuleSpec
    threshold: float
    upper: float | None
    created_at: Instant
    changed_at: Instant
    open: int
    hits_24h: int | None  # null while the database is away
    held_back: int


class PreviewJson(msgspec.Struct, frozen=True):
    """What a rule would have done in the last 24 hours, and how that is known."""

    fired: int | None  # null where no history is kept that could say
    since: Instant | None
    open_now: int
    at: list[Instant]
    method: str
    limits: str


class ChannelJson(msgspec.Struct, frozen=True):
    """What may be shown of a channel."""

    name: str
    kind: str
    url: str
    source: str
    created_at: Instant | None


class ChangedAlertsJson(msgspec.Struct, frozen=True):
    """Alerts as they are now."""

    alerts: list[AlertJson]


class ConditionJson(ConditionSpec, frozen=True, kw_only=True):
    """What a condition's threshold means."""

    condition: Condition


class RulesJson(msgspec.Struct, frozen=True):
    """Every rule, and what can be asked for."""

    rules: list[RuleJson]
    conditions: list[ConditionJson]


class ChannelsJson(msgspec.Struct, frozen=True):
    """Every channel."""

    channels: list[ChannelJson]


class MadeChannelJson(ChannelJson, frozen=True, kw_only=True):
    """A new channel."""

    secret: str | None  # that signs its webhooks; shown here only


class SentJson(msgspec.Struct, frozen=True):
    """Whether a test arrived."""

    ok: bool
    reason: str  # why not


class DeletedJson(msgspec.Struct, frozen=True):
    """What is gone."""

    deleted: str  # id or name


def alert_json(alert: Alert, deliveries: Sequence[Delivery]) -> AlertJson:
    """Return an alert's row."""
    return AlertJson(
        id=alert.id,
        rule_id=alert.rule_id,
        rule=alert.rule_name,
        condition=alert.condition,
        title=alert.title,
        detail=alert.detail,
        value=alert.value,
        opened_at=iso_ms(alert.opened_at),
        resolved_at=optional_ms(alert.resolved_at),
        resolved_by=alert.resolved_by,
        acknowledged_at=optional_ms(alert.acknowledged_at),
        acknowledged_by=alert.acknowledged_by,
        snoozed_until=optional_ms(alert.snoozed_until),
        sportradar_id=alert.sportradar_id,
        home=alert.home,
        away=alert.away,
        competition_id=alert.competition_id,
        kickoff_at=iso_s(alert.kickoff_at) if alert.kickoff_at else None,
        market_id=alert.market_id,
        line=alert.line,
        market=alert.market,
        outcome=alert.outcome,
        bookmaker=alert.bookmaker,
        deliveries=[
            DeliveryJson(
                each.channel, each.state, each.attempts, each.last_error, optional_ms(each.finished_at)
            )
            for each in sorted(deliveries, key=lambda each: each.channel)
        ],
    )


def rule_json(standing: RuleStanding) -> RuleJson:
    """Return a rule's row."""
    rule = standing.rule
    return RuleJson(
        rule.id, rule.spec, rule.threshold, rule.upper, iso_ms(rule.created_at), iso_ms(rule.changed_at),
        standing.open, standing.hits_24h, standing.held_back,
    )  # fmt: skip


def preview_json(preview: Preview) -> PreviewJson:
    """Return what a rule would have done."""
    times = [iso_ms(at) for at in preview.at]
    return PreviewJson(
        preview.fired, optional_ms(preview.since), preview.open_now, times, preview.method, preview.limits
    )


def channel_json(channel: ChannelView) -> ChannelJson:
    """Return a channel's row."""
    return ChannelJson(
        channel.name, channel.kind, channel.url, channel.source, optional_ms(channel.created_at)
    )
