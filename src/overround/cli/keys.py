"""`overround keys`: who may use the API from other machines. Works on the database, beside a server or without one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from overround.cli.loop import run_async
from overround.cli.options import DataDirOption
from overround.clock import SystemClock
from overround.config import ProcessConfig, process_config
from overround.domain.access import ApiKey, AuditEntry, Scope
from overround.errors import DataDirInUse, StorageError
from overround.log import configure
from overround.storage.access import AccessStore
from overround.storage.data_dir import DataDir
from overround.storage.database import Database, SqliteDatabase
from overround.storage.migrations import current_revision, head, upgrade
from overround.storage.postgres import Address
from overround.storage.postgres_database import PostgresDatabase
from overround.storage.store import open_for_reading, open_postgres

app = typer.Typer(no_args_is_help=True, help="API keys: make one, list them, revoke one.")

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LONGEST_DAYS = 3650


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose or what for; stands in the audit of what it writes.")],
    scope: Annotated[
        Scope, typer.Option(help="viewer reads; operator also runs and changes; admin also deletes, lets in.")
    ] = "viewer",
    days: Annotated[
        int | None, typer.Option(min=1, max=LONGEST_DAYS, help="It ends after so many days; default never.")
    ] = None,
    as_json: JsonOption = False,
    data_dir: DataDirOption = None,
) -> None:
    """Make a key and print its secret, once: only a hash of it is stored. A running server knows it at once."""
    configure("error")
    key, secret = run_async(_create(process_config(data_dir=data_dir), name, scope, days))
    if as_json:
        typer.echo(msgspec.json.encode({**_plain(key), "secret": secret}).decode())
        return
    typer.echo(secret)
    ends = f"until {key.expires_at:%Y-%m-%d}" if key.expires_at else "until it is revoked"
    typer.echo(
        f"Key {key.id} ({name}, {scope}) opens the API {ends}. It is shown this once: keep it now.", err=True
    )


@app.command("list")
def list_keys(as_json: JsonOption = False, data_dir: DataDirOption = None) -> None:
    """List all keys, also those that are no longer valid."""
    configure("error")
    keys = run_async(_listed(process_config(data_dir=data_dir)))
    if as_json:
        typer.echo(msgspec.json.encode([_plain(key) for key in keys]).decode())
        return
    table = Table("id", "name", "scope", "state", "created", "expires", box=None, pad_edge=False)
    for key in keys:
        table.add_row(
            key.id, escape(key.name), key.scope, _state(key), _day(key.created_at), _day(key.expires_at)
        )
    Console().print(table)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="Id or name of `overround keys list`.")],
    data_dir: DataDirOption = None,
) -> None:
    """Revoke a key: a running server refuses it, its browsers and its sockets within five seconds."""
    configure("error")
    for revoked in run_async(_revoke(process_config(data_dir=data_dir), key)):
        typer.echo(f"Key {revoked.id} ({revoked.name}) is revoked.", err=True)


async def _create(config: ProcessConfig, name: str, scope: Scope, days: int | None) -> tuple[ApiKey, str]:
    now = SystemClock().now()
    async with _for_writing(config) as store:
        key, secret = await store.create(name, scope, now, now + timedelta(days=days) if days else None)
        await _note(store, "keys create", f"{key.id} {name} {scope}", now)
    return key, secret


async def _revoke(config: ProcessConfig, named: str) -> list[ApiKey]:
    now = SystemClock().now()
    async with _for_writing(config) as store:
        revoked = await store.revoke(named, now)
        for key in revoked:
            await _note(store, "keys revoke", f"{key.id} {key.name}", now)
    if not revoked:
        raise StorageError(None, f"no key that is not revoked yet has the id or name {named}")
    return revoked


async def _listed(config: ProcessConfig) -> list[ApiKey]:
    database = open_for_reading(DataDir(config.data_dir), config.database_url)
    try:
        return await AccessStore(database).keys()
    finally:
        await database.close()


async def _note(store: AccessStore, command: str, subject: str, at: datetime) -> None:
    await store.note(AuditEntry(at, "command line", "", "", command, subject, 0))


@asynccontextmanager
async def _for_writing(config: ProcessConfig) -> AsyncGenerator[AccessStore]:
    """Open the database; it is made or migrated where no server holds it."""
    folder = DataDir(config.data_dir)
    database = await _postgres(config.database_url) if config.database_url else await _sqlite(folder)
    try:
        yield AccessStore(database)
    finally:
        await database.close()


async def _sqlite(folder: DataDir) -> Database:
    try:
        with folder.lock():
            await asyncio.to_thread(upgrade, folder.database)
    except DataDirInUse:
        pass  # the server that holds it has done so
    return SqliteDatabase(folder.database)


async def _postgres(url: str) -> Database:
    database = PostgresDatabase(Address(url))
    try:
        async with database.reading() as db:
            if await db.run_sync(current_revision) == head():
                return database
    except BaseException:
        await database.close()
        raise
    await database.close()
    return await open_postgres(Address(url), SystemClock())


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return "revoked"
    return "valid" if key.is_valid(SystemClock().now()) else "expired"


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "–"


def _plain(key: ApiKey) -> dict[str, object]:
    """Return what may be shown of a key."""
    names = ("id", "name", "scope", "created_at", "expires_at", "revoked_at")
    return {**{name: getattr(key, name) for name in names}, "state": _state(key)}
