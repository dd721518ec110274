"""Roll-ups of margins, positions, closes and closing line value."""

import sqlalchemy as sa
from alembic import op

from overround.storage.migrations.columns import instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; nothing that is stored changes."""
    op.create_table(
        "rollup_series",
        _whole("id", primary_key=True),
        *(_text(name) for name in ("sport", "competition_id", "competition", "country", "market_id", "line")),
        sa.UniqueConstraint("sport", "competition_id", "market_id", "line"),
    )
    op.create_table(
        "rollup_margin",
        *_period("band", "series_id"),
        _text("bookmaker", primary_key=True),
        *(_ratio(name) for name in ("seconds", "weighted")),
        sa.Column("low", sa.Float),
        sa.Column("high", sa.Float),
        *(_ratio(name) for name in ("up_s", "others_s")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rollup_position",
        *_period("band", "series_id", "price_band"),
        *(_ratio(name) for name in ("seconds", "best", "rank", "rivals", "gap")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rollup_close",
        *_period("series_id"),
        _text("bookmaker", primary_key=True),
        *(_whole(name) for name in ("events", "both")),
        *(_ratio(name) for name in ("opening", "closing")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rollup_clv",
        *_period("series_id"),
        _text("mark", primary_key=True),
        _whole("outcomes"),
        _ratio("edge"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rollup_progress",
        _whole("id", primary_key=True),
        *(sa.Column(name, instant()) for name in ("observed_at", "derived_at", "closed_at")),
    )


def _period(*keys: str) -> "list[sa.Column[int]]":
    at = sa.Column("at", instant(), primary_key=True, autoincrement=False, nullable=False)
    return [_whole("grain", primary_key=True), at, *(_whole(name, primary_key=True) for name in keys)]


def _whole(name: str, primary_key: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, primary_key=primary_key, autoincrement=False, nullable=False)


def _ratio(name: str) -> "sa.Column[float]":
    return sa.Column(name, sa.Float, nullable=False)


def _text(name: str, primary_key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, primary_key=primary_key, nullable=False)
