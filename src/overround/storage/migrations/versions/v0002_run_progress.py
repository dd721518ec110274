"""Runs: rows per bookmaker and phase, what brought no prices, and a duration that no wall clock bends."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add to the tables of runs; what older runs did not note reads as nothing."""
    op.add_column("scrape_run", sa.Column("duration_ms", sa.Float, nullable=False, server_default="0"))
    op.add_column("scrape_run_bookmaker", sa.Column("total", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "scrape_run_phase",
        _text("run_id", primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, nullable=False),
        _text("bookmaker"),
        _text("phase"),
        sa.Column("current", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("ms", sa.Float, nullable=False),
        sa.Column("errors", sa.Integer, nullable=False),
    )
    op.create_table(
        "scrape_run_event",
        _text("run_id", primary_key=True),
        _text("bookmaker", primary_key=True),
        _text("sportradar_id", primary_key=True),
        _text("status"),
        _text("kind"),
        _text("detail"),
        sqlite_with_rowid=False,
    )


def _text(name: str, primary_key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, primary_key=primary_key, nullable=False)
