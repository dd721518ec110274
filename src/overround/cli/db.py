"""`overround db`: which schema the database has, whether it is whole, and bringing it to this version's."""

import asyncio
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from overround.cli.ask_server import DEFAULT_URL, NoServer, UrlOption, ask
from overround.cli.loop import run_async
from overround.cli.options import DataDirOption
from overround.clock import SystemClock
from overround.config import process_config
from overround.errors import StorageError
from overround.log import configure
from overround.storage.data_dir import DataDir
from overround.storage.migrations import current_revision, differences, head, upgrade_postgres
from overround.storage.migrations import upgrade as upgrade_sqlite
from overround.storage.partitions import look_after_partitions
from overround.storage.postgres import Address
from overround.storage.postgres_database import PostgresDatabase
from overround.storage.sizes import measure
from overround.storage.store import open_for_reading

app = typer.Typer(no_args_is_help=True, help="The database's schema: show it, check it, bring it up to date.")


@app.command()
def upgrade(data_dir: DataDirOption = None) -> None:
    """Bring the database to this version's schema; nothing else may run meanwhile. Make a backup first."""
    configure()
    config = process_config(data_dir=data_dir)
    folder = DataDir(config.data_dir)
    with folder.lock():
        run_async(_upgrade(folder, config.database_url))
    typer.echo(f"schema {head()}")


@app.command()
def current(data_dir: DataDirOption = None) -> None:
    """Print the schema that the database has and the one that this version works with."""
    has, _ = run_async(_looked_at(data_dir))
    typer.echo(f"database {has or 'empty'}\nversion  {head()}")


@app.command()
def check(data_dir: DataDirOption = None) -> None:
    """Compare the database with this version's schema, table by table; a difference ends with exit code 1."""
    has, found = run_async(_looked_at(data_dir))
    if has != head():
        found = [f"it has schema {has or 'none'}, this version works with {head()}"]
    if found:
        raise StorageError(None, f"the database is not as it should be: {'; '.join(found)}")
    typer.echo(f"schema {has}, nothing missing, nothing changed")


@app.command()
def size(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of a table.")
    ] = False,
    url: UrlOption = DEFAULT_URL,
    data_dir: DataDirOption = None,
) -> None:
    """Print how large the database is, table by table: the running server's daily sample, else measured now."""
    try:
        found = ask(url, "/api/storage")
    except NoServer:
        found = run_async(_measured(data_dir))
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    table = Table("table", "rows", "bytes", box=None, pad_edge=False)
    for row in found["sample"]["tables"] if found["sample"] else ():
        table.add_row(row["table"], f"{row['rows']:,}", f"{row['bytes']:,}")
    table.add_row("database", "", f"{found['database_bytes']:,}")
    table.add_row("of it free", "", f"{found['free_bytes']:,}")
    table.add_row("spool", "", f"{found['spool_bytes']:,}")
    Console().print(table)


async def _measured(data_dir: DataDirOption) -> dict[str, Any]:
    """Return what GET /api/storage says, as far as a file tells."""
    config = process_config(data_dir=data_dir)
    folder = DataDir(config.data_dir)
    database = open_for_reading(folder, config.database_url)
    try:
        sizes = await measure(database)
    finally:
        await database.close()
    tables = [{"table": name, "rows": part.rows, "bytes": part.bytes} for name, part in sizes.tables.items()]
    return {
        "database_bytes": sizes.database_bytes,
        "free_bytes": sizes.free_bytes,
        "spool_bytes": folder.spool.stat().st_size if folder.spool.is_file() else 0,
        "sample": {"tables": tables},
    }


async def _upgrade(folder: DataDir, database_url: str) -> None:
    if not database_url:
        await asyncio.to_thread(upgrade_sqlite, folder.database)
        return
    database = PostgresDatabase(Address(database_url))
    try:
        await database.session.hold()
        await upgrade_postgres(database)
        await look_after_partitions(database, SystemClock().now())
    finally:
        await database.close()


async def _looked_at(data_dir: DataDirOption) -> tuple[str | None, list[str]]:
    """Return the database's revision and in what it differs from the schema, without changing anything."""
    config = process_config(data_dir=data_dir)
    database = open_for_reading(DataDir(config.data_dir), config.database_url)

    def look(connection: Connection) -> tuple[str | None, list[str]]:
        has = current_revision(connection)
        return has, differences(connection) if has == head() else []

    try:
        async with database.reading() as db:
            return await db.run_sync(look)
    finally:
        await database.close()
