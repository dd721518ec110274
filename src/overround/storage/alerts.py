"""Alert rules, channels, alerts and deliveries, as the database keeps them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, Table, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from overround.domain.alerts import Alert, AlertFilter, AlertPage, Channel, Delivery, Rule, RuleSpec
from overround.errors import StorageError
from overround.storage import schema
from overround.storage.connections import Connections

AT_ONCE = 500  # ids named in one statement

_ALERT = [
    schema.alert.c["snoozed_until_at" if name == "snoozed_until" else name]
    for name in Alert.__struct_fields__
]
_DELIVERY = [schema.alert_delivery.c[name] for name in Delivery.__struct_fields__]


class AlertStore:
    """The tables of alerting. Every method raises StorageError, also while no database is open."""

    def __init__(self, database: Connections | None = None) -> None:
        self._database = database

    def open(self, database: Connections | None) -> None:
        """Work on this database from now on; None ends it."""
        self._database = database

    @property
    def is_open(self) -> bool:
        """Return whether there is a database to work on."""
        return self._database is not None

    # --- rules and channels ---------------------------------------------------------------------------------

    async def rules(self) -> list[Rule]:
        """Return every rule, oldest first; one of a later version that can't be read is left out."""
        table = schema.alert_rule
        async with self._opened().reading() as db:
            rows = (await db.execute(select(table).order_by(table.c.created_at, table.c.id))).all()
        return [rule for row in rows if (rule := _rule(row)) is not None]

    async def save_rule(self, rule: Rule) -> None:
        """Store a rule in place of the one with its id."""
        values = {
            "id": rule.id,
            "spec": msgspec.json.encode(rule.spec).decode(),
            "created_at": rule.created_at,
            "changed_at": rule.changed_at,
        }
        async with self._opened().writing() as db:
            await _replace(db, schema.alert_rule, "id", [values])

    async def delete_rule(self, rule_id: str) -> None:
        """Forget a rule; its alerts stay in the history."""
        async with self._opened().writing() as db:
            await db.execute(delete(schema.alert_rule).where(schema.alert_rule.c.id == rule_id))

    async def channels(self) -> list[Channel]:
        """Return the channels that an admin made."""
        table = schema.alert_channel
        async with self._opened().reading() as db:
            rows = (await db.execute(select(table).order_by(table.c.name))).all()
        return [Channel(row.name, row.kind, row.url, row.secret, "admin", row.created_at) for row in rows]

    async def save_channel(self, channel: Channel) -> None:
        """Store a channel in place of the one with its name."""
        values = msgspec.structs.asdict(channel)
        del values["source"]
        async with self._opened().writing() as db:
            await _replace(db, schema.alert_channel, "name", [values])

    async def delete_channel(self, name: str) -> None:
        """Forget a channel."""
        async with self._opened().writing() as db:
            await db.execute(delete(schema.alert_channel).where(schema.alert_channel.c.name == name))

    # --- alerts and deliveries ------------------------------------------------------------------------------

    async def save(self, alerts: Iterable[Alert], deliveries: Iterable[Delivery]) -> None:
        """Store alerts and deliveries as they are now, in one transaction; doing it again changes nothing."""
        async with self._opened().writing() as db:
            await _replace(db, schema.alert, "id", [_alert_values(alert) for alert in alerts])
            rows = [msgspec.structs.asdict(delivery) for delivery in deliveries]
            await _replace(db, schema.alert_delivery, "id", rows)

    async def open_alerts(self) -> list[Alert]:
        """Return the alerts whose condition held when they were last stored, oldest first."""
        found = select(*_ALERT).where(schema.alert.c.resolved_at.is_(None)).order_by(schema.alert.c.opened_at)
        async with self._opened().reading() as db:
            return [Alert(*row) for row in await db.execute(found)]

    async def opened_since(self, since: datetime) -> dict[str, datetime]:
        """Return when each dedupe key last opened, of those that did since then."""
        column = schema.alert.c
        newest = func.max(column.opened_at).label("newest")
        found = select(column.dedupe_key, newest).where(column.opened_at >= since).group_by(column.dedupe_key)
        async with self._opened().reading() as db:
            return {row[0]: row[1] for row in await db.execute(found)}

    async def hits(self, since: datetime) -> dict[str, int]:
        """Return how many alerts each rule opened since then."""
        column = schema.alert.c
        found = select(column.rule_id, func.count()).where(column.opened_at >= since).group_by(column.rule_id)
        async with self._opened().reading() as db:
            return {row[0]: row[1] for row in await db.execute(found)}

    async def waiting(self) -> list[tuple[Delivery, Alert]]:
        """Return the deliveries that were not done when the process ended, oldest first, with their alerts."""
        delivery, alert = schema.alert_delivery, schema.alert
        found = (
            select(*_DELIVERY, *_ALERT)
            .select_from(delivery.join(alert, alert.c.id == delivery.c.alert_id))
            .where(delivery.c.state == "waiting")
            .order_by(delivery.c.created_at, delivery.c.id)
        )
        split = len(_DELIVERY)
        async with self._opened().reading() as db:
            return [(Delivery(*row[:split]), Alert(*row[split:])) for row in await db.execute(found)]

    async def page(self, wanted: AlertFilter, limit: int, offset: int) -> AlertPage:
        """Return alerts, newest first, with their deliveries."""
        column = schema.alert.c
        given = {
            column.rule_id: wanted.rule_id,
            column.sportradar_id: wanted.sportradar_id,
            column.competition_id: wanted.competition_id,
        }
        conditions = [name == value for name, value in given.items() if value]
        if wanted.open_only:
            conditions.append(column.resolved_at.is_(None))
        newest = column.opened_at.desc(), column.id.desc()
        found = select(*_ALERT).where(*conditions).order_by(*newest).limit(limit).offset(offset)
        async with self._opened().reading() as db:
            total = (
                await db.execute(select(func.count()).select_from(schema.alert).where(*conditions))
            ).scalar_one()
            alerts = tuple([Alert(*row) for row in await db.execute(found)])
            deliveries = await _deliveries(db, [alert.id for alert in alerts])
        return AlertPage(alerts, deliveries, total)

    async def deliveries(self, alert_ids: Sequence[str]) -> dict[str, tuple[Delivery, ...]]:
        """Return the deliveries of alerts, by alert."""
        async with self._opened().reading() as db:
            return await _deliveries(db, alert_ids)

    def _opened(self) -> Connections:
        if self._database is None:
            raise StorageError(None, "the database is not open yet")
        return self._database


async def _deliveries(db: AsyncConnection, alert_ids: Sequence[str]) -> dict[str, tuple[Delivery, ...]]:
    found: defaultdict[str, list[Delivery]] = defaultdict(list)
    table = schema.alert_delivery
    for start in range(0, len(alert_ids), AT_ONCE):
        some = select(*_DELIVERY).where(table.c.alert_id.in_(alert_ids[start : start + AT_ONCE]))
        for row in await db.execute(some.order_by(table.c.channel)):
            delivery = Delivery(*row)
            found[delivery.alert_id].append(delivery)
    return {alert_id: tuple(rows) for alert_id, rows in found.items()}


async def _replace(db: AsyncConnection, table: Table, key: str, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        await db.execute(delete(table).where(table.c[key].in_([row[key] for row in some])))
        await db.execute(insert(table), some)


def _alert_values(alert: Alert) -> dict[str, Any]:
    values = msgspec.structs.asdict(alert)
    values["snoozed_until_at"] = values.pop("snoozed_until")
    return values


def _rule(row: Row[Any]) -> Rule | None:
    try:
        spec = msgspec.json.decode(row.spec, type=RuleSpec)
    except msgspec.DecodeError:
        return None
    return Rule(row.id, spec, row.created_at, row.changed_at)
