"""Dead letters, and what the storage notes about itself: samples, alerts, cleanups."""

import sqlalchemy as sa
from alembic import op

from overround.storage.migrations.columns import instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; nothing that is stored changes."""
    op.create_table(
        "dead_letter",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, nullable=False),
        _number("change_id"),
        sa.Column("run_id", sa.Text),
        _time("accepted_at"),
        _time("buried_at"),
        *(_text(name) for name in ("kind", "sportradar_id", "bookmaker", "market", "reason")),
        sa.Column("piece", sa.LargeBinary, nullable=False),
        _text("state"),
        sa.Column("settled_at", instant()),
    )
    op.create_index("dead_letter_state", "dead_letter", ["state"])
    op.create_table(
        "storage_sample",
        _time("at", primary_key=True),
        *(_number(name) for name in ("database_bytes", "free_bytes", "spool_bytes")),
        _text("tables"),
    )
    op.create_table(
        "storage_alert",
        _time("at", primary_key=True),
        _text("kind", primary_key=True),
        _number("bytes_before"),
        _number("bytes_now"),
        _text("detail"),
    )
    op.create_table(
        "cleanup_run",
        _time("started_at", primary_key=True),
        sa.Column("finished_at", instant()),
        _text("trigger"),
        _number("rows"),
        _number("bytes"),
        _text("tables"),
        _text("reason"),
    )


def _number(name: str, primary_key: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, primary_key=primary_key, autoincrement=False, nullable=False)


def _time(name: str, primary_key: bool = False) -> "sa.Column[int]":
    return sa.Column(name, instant(), primary_key=primary_key, autoincrement=False, nullable=False)


def _text(name: str, primary_key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, primary_key=primary_key, nullable=False)
