"""Exposures, so that an open one keeps its start and its peak over a restart."""

import sqlalchemy as sa
from alembic import op

from overround.storage.migrations.columns import instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; nothing that is stored changes."""
    op.create_table(
        "exposure",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("sportradar_id", "market_id", "line")),
        sa.Column("mine", sa.Boolean, nullable=False),
        sa.Column("legs", sa.Text, nullable=False),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("total", "profit")),
        sa.Column("opened_at", instant(), nullable=False),
        sa.Column("peak", sa.Float, nullable=False),
        sa.Column("peak_at", instant(), nullable=False),
        sa.Column("suppressed", sa.Text, nullable=False),
        sa.Column("closed_at", instant()),
        sa.Column("closed_by", sa.Text, nullable=False),
    )
    op.create_index("exposure_closed", "exposure", ["closed_at"])
