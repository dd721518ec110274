"""The first tables: events and listings, current odds and their history, batches, runs, settings."""

import sqlalchemy as sa
from alembic import op

from overround.storage.migrations.columns import instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything."""
    _create_meta_and_settings()
    _create_events()
    _create_odds()
    _create_batches()
    _create_runs()


def _key(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False, nullable=False)


def _text(name: str, primary_key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, primary_key=primary_key, nullable=False)


def _integer(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, nullable=False)


def _time(name: str, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, instant(), nullable=nullable)


def _bytes(name: str) -> "sa.Column[bytes]":
    return sa.Column(name, sa.LargeBinary, nullable=False)


def _create_meta_and_settings() -> None:
    op.create_table(
        "meta",
        sa.Column("id", sa.Integer, primary_key=True, nullable=False),
        _text("world"),
        _text("countries"),
        _text("schema"),
    )
    op.create_table("setting", _text("key", primary_key=True), _text("value"), _time("changed_at"))


def _create_events() -> None:
    op.create_table(
        "competition", _text("id", primary_key=True), _text("sport"), _text("country"), _text("name")
    )
    op.create_table(
        "competition_alias",
        _text("bookmaker", primary_key=True),
        _text("alias", primary_key=True),
        _text("competition_id"),
    )
    op.create_table(
        "event",
        _text("sportradar_id", primary_key=True),
        _text("home"),
        _text("away"),
        _time("kickoff_at"),
        _text("competition_id"),
        _text("sport"),
        _text("source"),
        sa.Column("check", sa.Boolean, nullable=False),
    )
    op.create_index("event_kickoff", "event", ["kickoff_at"])
    op.create_table(
        "listing",
        _key("id"),
        _text("sportradar_id"),
        _text("bookmaker"),
        _text("event_id"),
        _text("state"),
        _text("url"),
        sa.Column("genius_id", sa.Text),
        _time("kickoff_at", nullable=True),
        _time("last_confirmed_at", nullable=True),
        _time("last_changed_at", nullable=True),
        sa.UniqueConstraint("sportradar_id", "bookmaker"),
    )


def _create_odds() -> None:
    op.create_table(
        "market_key",
        _key("id"),
        _text("sport"),
        _text("market_id"),
        _text("line"),
        sa.UniqueConstraint("sport", "market_id", "line"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_table("outcome_set", _key("id"), _text("names"))
        # A list of ninety players is longer than an index entry may be.
        op.execute("CREATE UNIQUE INDEX outcome_set_names ON outcome_set (md5(names))")
    else:
        op.create_table("outcome_set", _key("id"), _text("names"), sa.UniqueConstraint("names"))
    op.create_table(
        "odds_current",
        _key("listing_id"),
        _key("market_key_id"),
        _integer("outcome_set_id"),
        _bytes("odds"),
        _bytes("suspended"),
        _time("changed_at"),
        _time("first_seen_at"),
        _time("withdrawn_at", nullable=True),
        _text("suspect"),
        sa.Column("version", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
        postgresql_with={"fillfactor": 80},  # room for a changed price on its own page: no index is touched
    )
    _create_history()


def _create_history() -> None:
    in_postgres = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "odds_history",
        # PostgreSQL: a key would take as much room again as the row, and most of the time to write it.
        *(sa.Column(name, sa.Integer, primary_key=not in_postgres, autoincrement=False, nullable=False)
          for name in ("listing_id", "market_key_id")),
        sa.Column("change_id", sa.BigInteger, primary_key=not in_postgres, autoincrement=False, nullable=False),
        _time("at"),
        _integer("outcome_set_id"),
        _bytes("odds"),
        _bytes("suspended"),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        _text("suspect"),
        sqlite_with_rowid=False,
        postgresql_partition_by="RANGE (at)",
    )  # fmt: skip
    if in_postgres:
        op.execute("CREATE INDEX odds_history_at ON odds_history USING brin (at) WITH (autosummarize = on)")
        op.execute("CREATE TABLE odds_history_default PARTITION OF odds_history DEFAULT")
        op.execute("CREATE SEQUENCE listing_number MINVALUE 0 START 0")  # highest number a price may carry


def _create_batches() -> None:
    change_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "write_batch",
        sa.Column("change_id", change_id, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("run_id", sa.Text),
        _time("at"),
    )
    op.create_table(
        "write_watermark",
        _text("spool_id", primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )


def _create_runs() -> None:
    op.create_table(
        "scrape_run",
        _text("run_id", primary_key=True),
        _text("trigger"),
        _text("status"),
        _time("started_at"),
        _time("finished_at", nullable=True),
        _time("heartbeat_at"),
        *(_integer(name) for name in ("total", "ok", "unchanged", "failed", "late", "changes", "matched")),
        _text("phases_ms"),
        _text("reason"),
    )
    op.create_index("scrape_run_started", "scrape_run", ["started_at"])
    op.create_table(
        "scrape_run_bookmaker",
        _text("run_id", primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, nullable=False),
        _text("bookmaker"),
        *(_integer(name) for name in ("discovered", "ok", "failed", "late", "unmapped", "unidentified")),
        sa.Column("p50_ms", sa.Float, nullable=False),
        sa.Column("p95_ms", sa.Float, nullable=False),
        _text("status"),
    )
    op.create_table(
        "scrape_run_error",
        _text("run_id", primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, nullable=False),
        _text("bookmaker"),
        _text("kind"),
        _integer("count"),
        _text("sample"),
    )
