"""`overround verify`: whether what is stored agrees with itself."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from overround.cli.options import DataDirOption
from overround.clock import SystemClock
from overround.config import ProcessConfig, Settings, process_config
from overround.storage.data_dir import DataDir
from overround.storage.repository import SettingTable
from overround.storage.store import open_for_reading
from overround.storage.verification import Check
from overround.storage.verification import verify as verify_storage


def verify(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of a table.")
    ] = False,
    data_dir: DataDirOption = None,
) -> None:
    """Check spool, watermark, prices against their history, and listings; also beside a running server."""
    checks = asyncio.run(checked(process_config(data_dir=data_dir)))
    if as_json:
        typer.echo(msgspec.json.encode(_report(checks)).decode())
    else:
        print_checks(checks)
    raise typer.Exit(1 if any(check.faults for check in checks) else 0)


async def checked(config: ProcessConfig) -> list[Check]:
    """
    Return every check of the configured storage.

    Raises:
        StorageError: There is no database, or it can't be read.
    """
    folder, clock = DataDir(config.data_dir), SystemClock()
    database = open_for_reading(folder, config.database_url)
    try:
        settings = Settings()
        settings.restore(await SettingTable(database, clock).load())
        days = timedelta(days=settings.number("odds_retention_days"))
        return await verify_storage(database, folder.spool, clock.now() - days)
    finally:
        await database.close()


def print_checks(checks: list[Check]) -> None:
    """Print a row per check; what diverges first is named on stderr too."""
    table = Table("check", "looked at", "faults", "first divergence", box=None, pad_edge=False)
    for check in checks:
        table.add_row(check.name, str(check.looked_at), str(check.faults), escape(check.first))
    Console().print(table)
    if bad := [check for check in checks if check.faults]:
        typer.echo(f"overround: {bad[0].name}: {bad[0].first}", err=True)


def _report(checks: list[Check]) -> dict[str, Any]:
    return {"ok": not any(check.faults for check in checks), "checks": checks}
