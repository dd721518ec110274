"""
Bring a database to the schema of this version.

SQLite: `upgrade` is called at every start, before anything else opens the file. An existing database is copied
before it is changed. PostgreSQL: `set_up` is called at every start and only fills an empty database; an older one
is an operator's decision (`upgrade_postgres`, behind `overround db upgrade`). One that a newer version has made is
refused in both.
"""

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from overround.errors import ConfigError, StorageError
from overround.log import get_logger
from overround.storage.postgres_database import PostgresDatabase
from overround.storage.schema import metadata

log = get_logger(__name__)

_FOLDER = Path(__file__).parent


def upgrade(path: Path, folder: Path = _FOLDER) -> None:
    """
    Make the SQLite database at `path`, or migrate it to this version's schema; afterwards it is in WAL mode.

    A database that has to be migrated is first copied to `<name>.before-<revision>` beside it. `folder` holds
    the migrations: env.py and versions/.

    Raises:
        ConfigError: The database belongs to a newer version.
        StorageError: The file can't be read or written.
    """
    try:
        path.touch(mode=0o600)
        _to_wal(path)
        engine = _engine(path)
        try:
            _upgrade(path, engine, _config(folder))
        finally:
            engine.dispose()
    except (OSError, sqlite3.Error, SQLAlchemyError) as exc:
        raise StorageError(None, f"the database {path} can't be opened: {exc}") from exc


async def set_up(database: PostgresDatabase, folder: Path = _FOLDER) -> None:
    """
    Make the tables of an empty database; make sure that any other has this version's.

    Raises:
        ConfigError: The database belongs to an older or a newer version.
        StorageError: It can't be read or written.
    """
    await _in_postgres(database, folder, may_migrate=False)


async def upgrade_postgres(database: PostgresDatabase, folder: Path = _FOLDER) -> None:
    """
    Migrate a database to this version's schema; the caller holds it.

    Raises:
        ConfigError: The database belongs to a newer version.
        StorageError: It can't be read or written.
    """
    await _in_postgres(database, folder, may_migrate=True)


def current_revision(connection: Connection) -> str | None:
    """Return the revision of the schema that a database has, None when it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def differences(connection: Connection) -> list[str]:
    """Return what in a database is not as the schema says, in Alembic's words; empty when all is."""
    options = {"include_object": _is_the_schemas}
    context = MigrationContext.configure(connection, opts=options)
    return [str(difference) for difference in compare_metadata(context, metadata)]


def head() -> str:
    """Return the revision of this version's schema."""
    return _head(ScriptDirectory.from_config(_config(_FOLDER)))


def _head(scripts: ScriptDirectory) -> str:
    revision = scripts.get_current_head()
    assert revision is not None
    return revision


def _upgrade(path: Path, engine: Engine, config: Config) -> None:
    with engine.connect() as connection:
        current = current_revision(connection)
    newest = _check(config, str(path), "choose another data directory with --data-dir", current)
    if current == newest:
        return
    if current is not None:
        _copy(path, path.with_name(f"{path.name}.before-{newest}"))
    with engine.begin() as connection:
        _run(config, connection, newest)
    log.info("database_migrated", path=str(path), before=current or "", after=newest)


async def _in_postgres(database: PostgresDatabase, folder: Path, may_migrate: bool) -> None:
    config = _config(folder)
    async with database.writing() as db:
        current = await db.run_sync(current_revision)
        newest = _check(config, database.name, f"choose {database.another}", current)
        if current == newest:
            return
        if current is not None and not may_migrate:
            raise ConfigError(
                "schema",
                f"{database.name} has schema {current}, older than this version's {newest}; make a backup, then "
                "run `overround db upgrade`",
            )
        await db.execute(text("SET LOCAL statement_timeout = 0"))
        await db.run_sync(lambda connection: _run(config, connection, newest))
    log.info("database_migrated", path=database.name, before=current or "", after=newest)


def _check(config: Config, name: str, elsewhere: str, current: str | None) -> str:
    """Return this version's revision; refuse a database that a newer version has made."""
    scripts = ScriptDirectory.from_config(config)
    newest, known = _head(scripts), {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise ConfigError(
            "schema",
            f"{name} has schema {current}, made by a newer version of Overround than this one "
            f"(schema {newest}); start that version or {elsewhere}",
        )
    return newest


def _is_the_schemas(thing: Any, name: str | None, kind: str, reflected: bool, _compared: object) -> bool:
    """Leave out what only one database has for its own sake: days of the history, and two kinds of index."""
    if kind == "table" and reflected:
        return name in metadata.tables
    if kind == "unique_constraint" and thing.table.name == "outcome_set":
        return False  # PostgreSQL: an index of the names' hash
    return name not in ("odds_history_at", "outcome_set_names")


def _run(config: Config, connection: Connection, newest: str) -> None:
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.execute(text("UPDATE meta SET schema = :revision"), {"revision": newest})


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    return config


def _engine(path: Path) -> Engine:
    """Return an engine whose transactions hold DDL too: the driver's own BEGIN would come too late for it."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 10})

    @event.listens_for(engine, "connect")
    def _leave_transactions_alone(connection: sqlite3.Connection, _: object) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _to_wal(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as connection:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # only a new file takes it
        connection.execute("PRAGMA journal_mode = WAL")


def _copy(path: Path, copy: Path) -> None:
    """Write a consistent copy that only its owner can read; one of an earlier attempt is replaced."""
    partial = copy.with_name(f"{copy.name}.partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    with (
        contextlib.closing(sqlite3.connect(path)) as source,
        contextlib.closing(sqlite3.connect(partial)) as target,
    ):
        source.backup(target)
    os.replace(partial, copy)
    log.info("database_copied", path=str(path), copy=str(copy))
