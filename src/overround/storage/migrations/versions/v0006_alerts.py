"""Alert rules, the channels that an admin made, alerts, and their deliveries."""

import sqlalchemy as sa
from alembic import op

from overround.storage.migrations.columns import instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ALERT_TEXTS = ("sportradar_id", "market_id", "line", "market", "outcome", "bookmaker", "home", "away")


def upgrade() -> None:
    """Create the tables; nothing that is stored changes."""
    op.create_table(
        "alert_rule", _text("id", primary_key=True), _text("spec"), _time("created_at"), _time("changed_at")
    )
    op.create_table(
        "alert_channel",
        _text("name", primary_key=True),
        *(_text(name) for name in ("kind", "url", "secret")),
        _time("created_at"),
    )
    op.create_table(
        "alert",
        _text("id", primary_key=True),
        *(_text(name) for name in ("rule_id", "rule_name", "condition", "dedupe_key", "title", "detail")),
        sa.Column("value", sa.Float, nullable=False),
        _time("opened_at"),
        *(_text(name) for name in _ALERT_TEXTS),
        _text("competition_id"),
        _time("kickoff_at", nullable=True),
        _time("resolved_at", nullable=True),
        sa.Column("resolved_by", sa.Text),
        _time("acknowledged_at", nullable=True),
        _text("acknowledged_by"),
        _time("snoozed_until_at", nullable=True),
    )
    op.create_index("alert_opened", "alert", ["opened_at"])
    op.create_index("alert_resolved", "alert", ["resolved_at"])
    op.create_table(
        "alert_delivery",
        _text("id", primary_key=True),
        *(_text(name) for name in ("alert_id", "channel", "state")),
        _time("created_at"),
        sa.Column("attempts", sa.Integer, nullable=False),
        _text("last_error"),
        _time("finished_at", nullable=True),
        sa.UniqueConstraint("alert_id", "channel"),
    )
    op.create_index("alert_delivery_state", "alert_delivery", ["state"])


def _time(name: str, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, instant(), nullable=nullable)


def _text(name: str, primary_key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, primary_key=primary_key, nullable=False)
