"""`overround backup` and `overround restore`: copies of a data directory, and back."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from overround.cli.options import DataDirOption
from overround.cli.verify import checked, print_checks
from overround.clock import SystemClock
from overround.config import process_config
from overround.storage.backup import FILES, back_up
from overround.storage.backup import restore as put_back
from overround.storage.data_dir import DataDir


def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder.")], data_dir: DataDirOption = None
) -> None:
    """Copy database and spool into a new folder, whole at one moment, also while the server runs."""
    config = process_config(data_dir=data_dir)
    manifest = back_up(
        DataDir(config.data_dir), folder, SystemClock().now(), FILES[:1] if config.database_url else FILES
    )
    for file in manifest.files:
        typer.echo(f"{folder / file.name}  {file.bytes} bytes")
    if config.database_url:
        typer.echo("the database is a server's: copy it with pg_dump now, after the spool")


def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that `overround backup` made.")],
    verify: Annotated[bool, typer.Option("--verify", help="Check afterwards, as overround verify.")] = False,
    data_dir: DataDirOption = None,
) -> None:
    """Put a backup's database and spool into a data directory that has none."""
    config = process_config(data_dir=data_dir)
    target = DataDir(config.data_dir)
    with target.lock():
        manifest = put_back(folder, target)
        typer.echo(f"{target.path} is as it was at {manifest.created_at.isoformat(timespec='seconds')}")
        if not verify:
            return
        checks = asyncio.run(checked(config))
    print_checks(checks)
    raise typer.Exit(1 if any(check.faults for check in checks) else 0)
