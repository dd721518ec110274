"""The tables as a whole."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Date, DateTime, Time, create_engine, insert, select
from sqlalchemy.exc import StatementError

from overround.storage.migrations import upgrade
from overround.storage.schema import Milliseconds, metadata

COLUMNS = [column for table in metadata.tables.values() for column in table.columns]
LAGOS = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_every_time_is_integer_milliseconds(column: Column[object]):
    """I5: no column holds a time in any other form, and none that holds one goes by another name."""
    assert not isinstance(column.type, DateTime | Date | Time)
    assert isinstance(column.type, Milliseconds) == (column.name == "at" or column.name.endswith("_at"))


def test_times_are_aware_utc_when_read(tmp_path: Path):
    """I5: what comes out of the database can be compared with the clock."""
    upgrade(tmp_path / "o.db")
    table = metadata.tables["write_batch"]
    with create_engine(f"sqlite:///{tmp_path}/o.db").begin() as db:
        db.execute(insert(table).values(change_id=1, at=LAGOS))
        assert db.execute(select(table.c.at)).scalar_one() == LAGOS
        assert db.exec_driver_sql("SELECT typeof(at) FROM write_batch").scalar_one() == "integer"


def test_a_naive_time_can_not_be_written(tmp_path: Path):
    """I5: nobody knows which instant it is."""
    upgrade(tmp_path / "o.db")
    with (
        create_engine(f"sqlite:///{tmp_path}/o.db").begin() as db,
        pytest.raises(StatementError, match="no time zone"),
    ):
        db.execute(insert(metadata.tables["write_batch"]).values(change_id=1, at=datetime(2026, 11, 24)))  # noqa: DTZ001


def test_the_migrations_make_exactly_these_tables(tmp_path: Path):
    """The migrated database and the schema the code reads through are the same thing."""
    upgrade(tmp_path / "o.db")
    with create_engine(f"sqlite:///{tmp_path}/o.db").connect() as db:
        assert compare_metadata(MigrationContext.configure(db), metadata) == []


@pytest.mark.parametrize("table", ["odds_current", "odds_history"])
def test_price_tables_have_no_second_key(table: str, tmp_path: Path):
    """Without a rowid the primary key is the table: no index beside it, half the bytes."""
    upgrade(tmp_path / "o.db")
    with create_engine(f"sqlite:///{tmp_path}/o.db").connect() as db:
        sql = db.exec_driver_sql(f"SELECT sql FROM sqlite_master WHERE name = '{table}'").scalar_one()
    assert "WITHOUT ROWID" in sql
