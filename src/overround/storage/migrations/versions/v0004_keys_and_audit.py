"""API keys, browser sessions, and the audit of writes."""

import sqlalchemy as sa
from alembic import op

from overround.storage.migrations.columns import instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; nothing that is stored changes."""
    op.create_table(
        "api_key",
        _text("id", primary_key=True),
        _text("name"),
        _text("scope"),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        _time("created_at"),
        _time("expires_at", nullable=True),
        _time("revoked_at", nullable=True),
    )
    op.create_table(
        "api_session",
        _text("digest", primary_key=True),
        _text("key_id"),
        _time("created_at"),
        _time("expires_at"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, nullable=False),
        _time("at"),
        *(_text(name) for name in ("name", "key_id", "address", "route", "subject")),
        sa.Column("status", sa.Integer, nullable=False),
    )
    op.create_index("audit_at", "audit", ["at"])


def _time(name: str, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, instant(), nullable=nullable)


def _text(name: str, primary_key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, primary_key=primary_key, nullable=False)
