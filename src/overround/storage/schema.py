"""
The database's tables, as SQLAlchemy Core sees them; `migrations/` makes them.

There are no foreign keys: rows come in the spool's order from one producer that numbers them itself, and a
check would turn a missing parent into a writer that stands still. Times are columns of type `Milliseconds`
and are named `at` or end in `_at`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

from overround.storage.times import from_ms, to_ms


class Milliseconds(TypeDecorator[datetime]):
    """
    An instant to the millisecond: aware UTC in Python. Refuses a time without zone.

    SQLite has whole milliseconds since 1970, PostgreSQL timestamptz(3).
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        in_words = dialect.name == "postgresql"
        return dialect.type_descriptor(TIMESTAMP(timezone=True, precision=3) if in_words else BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        ms = to_ms(value)
        return from_ms(ms) if dialect.name == "postgresql" else ms

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return value if value is None or dialect.name == "postgresql" else from_ms(value)


metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("id", Integer, primary_key=True),  # one row: 1
    Column("world", Text, nullable=False),  # live, simulated, recorded
    Column("countries", Text, nullable=False),  # JSON: bookmaker -> country code
    Column("schema", Text, nullable=False),  # revision of the last migration
)

competition = Table(
    "competition",
    metadata,
    Column("id", Text, primary_key=True),  # slug sport-country-name
    Column("sport", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("name", Text, nullable=False),
)

competition_alias = Table(
    "competition_alias",
    metadata,
    Column("bookmaker", Text, primary_key=True),
    Column("alias", Text, primary_key=True),  # the bookmaker's own id
    Column("competition_id", Text, nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("sportradar_id", Text, primary_key=True),
    Column("home", Text, nullable=False),
    Column("away", Text, nullable=False),
    Column("kickoff_at", Milliseconds, nullable=False),
    Column("competition_id", Text, nullable=False),
    Column("sport", Text, nullable=False),
    Column("source", Text, nullable=False),  # bookmaker whose header this is
    Column("check", Boolean, nullable=False),  # kickoffs differ by more than five minutes
    Index("event_kickoff", "kickoff_at"),
)

listing = Table(
    "listing",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sportradar_id", Text, nullable=False),
    Column("bookmaker", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("genius_id", Text),
    Column("kickoff_at", Milliseconds),  # as this bookmaker says
    Column("last_confirmed_at", Milliseconds),
    Column("last_changed_at", Milliseconds),
    UniqueConstraint("sportradar_id", "bookmaker"),
)

market_key = Table(
    "market_key",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sport", Text, nullable=False),
    Column("market_id", Text, nullable=False),
    Column("line", Text, nullable=False),
    UniqueConstraint("sport", "market_id", "line"),
)

outcome_set = Table(
    "outcome_set",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("names", Text, nullable=False, unique=True),  # JSON list in packing order; never changed
)

odds_current = Table(
    "odds_current",
    metadata,
    Column("listing_id", Integer, primary_key=True, autoincrement=False),
    Column("market_key_id", Integer, primary_key=True, autoincrement=False),
    Column("outcome_set_id", Integer, nullable=False),
    Column("odds", LargeBinary, nullable=False),  # packing.pack_odds
    Column("suspended", LargeBinary, nullable=False),  # packing.pack_mask
    Column("changed_at", Milliseconds, nullable=False),
    Column("first_seen_at", Milliseconds, nullable=False),
    Column("withdrawn_at", Milliseconds),
    Column("suspect", Text, nullable=False),  # reason codes joined by commas
    Column("version", BigInteger, nullable=False),  # change_id of the last change
    sqlite_with_rowid=False,
)

odds_history = Table(
    "odds_history",
    metadata,
    Column("listing_id", Integer, primary_key=True, autoincrement=False),
    Column("market_key_id", Integer, primary_key=True, autoincrement=False),
    Column("change_id", BigInteger, primary_key=True, autoincrement=False),  # the order, whatever clocks say
    Column("at", Milliseconds, nullable=False),  # when the answer was fetched
    Column("outcome_set_id", Integer, nullable=False),
    Column("odds", LargeBinary, nullable=False),
    Column("suspended", LargeBinary, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("suspect", Text, nullable=False),
    sqlite_with_rowid=False,
)

write_batch = Table(
    "write_batch",
    metadata,
    Column("change_id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("run_id", Text),
    Column("at", Milliseconds, nullable=False),  # when it was accepted
)

write_watermark = Table(
    "write_watermark",
    metadata,
    Column("spool_id", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),  # everything up to here is in the database, once
)

dead_letter = Table(
    "dead_letter",  # what the database refused to hold; the rest of its batch is in
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("change_id", BigInteger, nullable=False),  # its batch
    Column("run_id", Text),
    Column("accepted_at", Milliseconds, nullable=False),
    Column("buried_at", Milliseconds, nullable=False),
    Column("kind", Text, nullable=False),  # header, listing, market_key, outcome_set, market, run, piece
    Column("sportradar_id", Text, nullable=False),  # "" where it speaks of no event
    Column("bookmaker", Text, nullable=False),
    Column("market", Text, nullable=False),  # market id, or id:line; "" where it is none
    Column("reason", Text, nullable=False),
    Column("piece", LargeBinary, nullable=False),  # as in the spool: a piece that holds nothing else
    Column("state", Text, nullable=False),  # waiting, replayed, discarded
    Column("settled_at", Milliseconds),
    Index("dead_letter_state", "state"),
)

scrape_run = Table(
    "scrape_run",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("trigger", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("started_at", Milliseconds, nullable=False),
    Column("finished_at", Milliseconds),
    Column("heartbeat_at", Milliseconds, nullable=False),  # when the run was last heard of
    Column("total", Integer, nullable=False),
    Column("ok", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("changes", Integer, nullable=False),
    Column("matched", Integer, nullable=False),
    Column("phases_ms", Text, nullable=False),  # JSON: phase -> milliseconds
    Column("reason", Text, nullable=False),
    Column("duration_ms", Float, nullable=False),
    Index("scrape_run_started", "started_at"),
)

scrape_run_bookmaker = Table(
    "scrape_run_bookmaker",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("bookmaker", Text, nullable=False),
    Column("discovered", Integer, nullable=False),
    Column("ok", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("unmapped", Integer, nullable=False),
    Column("unidentified", Integer, nullable=False),
    Column("p50_ms", Float, nullable=False),
    Column("p95_ms", Float, nullable=False),
    Column("status", Text, nullable=False),
    Column("total", Integer, nullable=False),
)

scrape_run_phase = Table(
    "scrape_run_phase",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("bookmaker", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("current", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("ms", Float, nullable=False),
    Column("errors", Integer, nullable=False),
)

scrape_run_error = Table(
    "scrape_run_error",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("bookmaker", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("sample", Text, nullable=False),
)

scrape_run_event = Table(
    "scrape_run_event",  # what brought no prices; of the newest runs only
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("bookmaker", Text, primary_key=True),
    Column("sportradar_id", Text, primary_key=True),
    Column("status", Text, nullable=False),  # failed, late
    Column("kind", Text, nullable=False),
    Column("detail", Text, nullable=False),
    sqlite_with_rowid=False,
)

setting = Table(
    "setting",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),  # JSON
    Column("changed_at", Milliseconds, nullable=False),
)

storage_sample = Table(
    "storage_sample",
    metadata,
    Column("at", Milliseconds, primary_key=True, autoincrement=False),
    Column("database_bytes", BigInteger, nullable=False),
    Column("free_bytes", BigInteger, nullable=False),  # of the database, to be used again
    Column("spool_bytes", BigInteger, nullable=False),
    Column("tables", Text, nullable=False),  # JSON: table -> [rows, bytes]
)

storage_alert = Table(
    "storage_alert",
    metadata,
    Column("at", Milliseconds, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),  # growth, size
    Column("bytes_before", BigInteger, nullable=False),
    Column("bytes_now", BigInteger, nullable=False),
    Column("detail", Text, nullable=False),  # one sentence
)

cleanup_run = Table(
    "cleanup_run",
    metadata,
    Column("started_at", Milliseconds, primary_key=True, autoincrement=False),
    Column("finished_at", Milliseconds),  # null: it goes on, or the process ended in it
    Column("trigger", Text, nullable=False),  # scheduled, manual
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),  # about: rows times the mean size of their table's rows
    Column("tables", Text, nullable=False),  # JSON: table -> rows deleted
    Column("reason", Text, nullable=False),  # why it ended early, "" when it did not
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),  # viewer, operator, admin
    Column("digest", Text, nullable=False, unique=True),  # sha256 of the secret, hex
    Column("created_at", Milliseconds, nullable=False),
    Column("expires_at", Milliseconds),
    Column("revoked_at", Milliseconds),
)

api_session = Table(
    "api_session",  # browsers that have shown a key
    metadata,
    Column("digest", Text, primary_key=True),  # sha256 of the cookie's value, hex
    Column("key_id", Text, nullable=False),
    Column("created_at", Milliseconds, nullable=False),
    Column("expires_at", Milliseconds, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", Milliseconds, nullable=False),
    Column("name", Text, nullable=False),  # of the key, else loopback or command line
    Column("key_id", Text, nullable=False),  # "" without a key
    Column("address", Text, nullable=False),  # the peer's
    Column("route", Text, nullable=False),  # method and path as declared
    Column("subject", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Index("audit_at", "at"),
)

rollup_series = Table(
    "rollup_series",  # one market of one competition; without a competition: in all of them
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sport", Text, nullable=False),
    Column("competition_id", Text, nullable=False),  # slug; "" for all
    Column("competition", Text, nullable=False),  # its name; roll-ups outlive the competition's own row
    Column("country", Text, nullable=False),
    Column("market_id", Text, nullable=False),
    Column("line", Text, nullable=False),
    UniqueConstraint("sport", "competition_id", "market_id", "line"),
)

rollup_margin = Table(
    "rollup_margin",
    metadata,
    Column("grain", Integer, primary_key=True, autoincrement=False),  # 0 hour, 1 day, 2 week
    Column("at", Milliseconds, primary_key=True, autoincrement=False),  # its start
    Column("band", Integer, primary_key=True, autoincrement=False),  # of time to kickoff; -1: all
    Column("series_id", Integer, primary_key=True, autoincrement=False),
    Column("bookmaker", Text, primary_key=True),
    Column("seconds", Float, nullable=False),
    Column("weighted", Float, nullable=False),  # overround x seconds
    Column("low", Float),
    Column("high", Float),
    Column("up_s", Float, nullable=False),
    Column("others_s", Float, nullable=False),
    sqlite_with_rowid=False,
)

rollup_position = Table(
    "rollup_position",  # of the reference
    metadata,
    Column("grain", Integer, primary_key=True, autoincrement=False),
    Column("at", Milliseconds, primary_key=True, autoincrement=False),
    Column("band", Integer, primary_key=True, autoincrement=False),
    Column("series_id", Integer, primary_key=True, autoincrement=False),
    Column("price_band", Integer, primary_key=True, autoincrement=False),  # -1: all
    Column("seconds", Float, nullable=False),
    Column("best", Float, nullable=False),
    Column("rank", Float, nullable=False),
    Column("rivals", Float, nullable=False),
    Column("gap", Float, nullable=False),
    sqlite_with_rowid=False,
)

rollup_close = Table(
    "rollup_close",  # events by the hour or day of their kickoff: how margins went from opening to closing
    metadata,
    Column("grain", Integer, primary_key=True, autoincrement=False),
    Column("at", Milliseconds, primary_key=True, autoincrement=False),
    Column("series_id", Integer, primary_key=True, autoincrement=False),
    Column("bookmaker", Text, primary_key=True),
    Column("events", Integer, nullable=False),  # with a price at this bookmaker
    Column("both", Integer, nullable=False),  # of these: with opening and closing margin
    Column("opening", Float, nullable=False),  # sum of overrounds of those with both
    Column("closing", Float, nullable=False),
    sqlite_with_rowid=False,
)

rollup_clv = Table(
    "rollup_clv",  # the reference's price then against the consensus' fair close
    metadata,
    Column("grain", Integer, primary_key=True, autoincrement=False),
    Column("at", Milliseconds, primary_key=True, autoincrement=False),  # of the kickoffs
    Column("series_id", Integer, primary_key=True, autoincrement=False),
    Column("mark", Text, primary_key=True),  # opening, closing
    Column("outcomes", Integer, nullable=False),
    Column("edge", Float, nullable=False),  # sum of 1 - odds x fair probability
    sqlite_with_rowid=False,
)

rollup_progress = Table(
    "rollup_progress",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # one row: 1
    Column("observed_at", Milliseconds),
    Column("derived_at", Milliseconds),  # days and weeks hold what was observed up to here
    Column("closed_at", Milliseconds),  # events that kicked off earlier are in rollup_close
)

alert_rule = Table(
    "alert_rule",
    metadata,
    Column("id", Text, primary_key=True),
    Column("spec", Text, nullable=False),  # JSON: domain.alerts.RuleSpec
    Column("created_at", Milliseconds, nullable=False),
    Column("changed_at", Milliseconds, nullable=False),
)

alert_channel = Table(
    "alert_channel",  # those that an admin made; those of the environment stand nowhere else
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # webhook, apprise
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),  # signs webhooks, so it has to be known in full
    Column("created_at", Milliseconds, nullable=False),
)

alert = Table(
    "alert",
    metadata,
    Column("id", Text, primary_key=True),
    Column("rule_id", Text, nullable=False),
    Column("rule_name", Text, nullable=False),
    Column("condition", Text, nullable=False),
    Column("dedupe_key", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("value", Float, nullable=False),
    Column("opened_at", Milliseconds, nullable=False),
    Column("sportradar_id", Text, nullable=False),
    Column("market_id", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("market", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("bookmaker", Text, nullable=False),
    Column("home", Text, nullable=False),
    Column("away", Text, nullable=False),
    Column("competition_id", Text, nullable=False),
    Column("kickoff_at", Milliseconds),
    Column("resolved_at", Milliseconds),
    Column("resolved_by", Text),
    Column("acknowledged_at", Milliseconds),
    Column("acknowledged_by", Text, nullable=False),
    Column("snoozed_until_at", Milliseconds),
    Index("alert_opened", "opened_at"),
    Index("alert_resolved", "resolved_at"),
)

alert_delivery = Table(
    "alert_delivery",  # one row per alert and channel
    metadata,
    Column("id", Text, primary_key=True),
    Column("alert_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),  # waiting, delivered, refused, expired
    Column("created_at", Milliseconds, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
    Column("finished_at", Milliseconds),
    UniqueConstraint("alert_id", "channel"),
    Index("alert_delivery_state", "state"),
)

exposure = Table(
    "exposure",  # markets whose best prices over all bookmakers added up to less than they pay
    metadata,
    Column("id", Text, primary_key=True),
    Column("sportradar_id", Text, nullable=False),
    Column("market_id", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("mine", Boolean, nullable=False),
    Column("legs", Text, nullable=False),  # JSON, as they were last
    Column("total", Float, nullable=False),
    Column("profit", Float, nullable=False),
    Column("opened_at", Milliseconds, nullable=False),
    Column("peak", Float, nullable=False),
    Column("peak_at", Milliseconds, nullable=False),
    Column("suppressed", Text, nullable=False),  # rules that kept it off the board, joined by commas
    Column("closed_at", Milliseconds),  # null: open
    Column("closed_by", Text, nullable=False),  # "" while it is open
    Index("exposure_closed", "closed_at"),
)
