"""`overround dead-letters`: rows that the database could not hold. See them, write them after all, give them up."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from overround.cli.ask_server import DEFAULT_URL, NoServer, UrlOption, ask
from overround.cli.loop import run_async
from overround.cli.options import DataDirOption
from overround.clock import SystemClock
from overround.config import ProcessConfig, Settings, process_config
from overround.errors import StorageError, one_line
from overround.log import configure
from overround.storage.data_dir import DataDir
from overround.storage.dead_letters import DeadLetters
from overround.storage.store import open_for_reading, open_repository, open_store

app = typer.Typer(
    no_args_is_help=True, help="Rows that the database could not hold: list, show, replay, discard."
)

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]
IdsArgument = Annotated[list[int], typer.Argument(help="Numbers of `overround dead-letters list`.")]
Work = Literal["replay", "discard"]


@app.command("list")
def list_letters(
    everything: Annotated[bool, typer.Option("--all", help="Those replayed or discarded too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    as_json: JsonOption = False,
    url: UrlOption = DEFAULT_URL,
    data_dir: DataDirOption = None,
) -> None:
    """List the letters that wait, newest first."""
    try:
        state = "all" if everything else "waiting"
        found = ask(url, "/api/dead-letters", {"state": state, "limit": limit})
    except NoServer:
        found = asyncio.run(_stored(process_config(data_dir=data_dir), everything, limit))
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
    else:
        _print(found)


@app.command()
def show(
    letter_id: Annotated[int, typer.Argument(help="Number of `overround dead-letters list`.")],
    url: UrlOption = DEFAULT_URL,
    data_dir: DataDirOption = None,
) -> None:
    """Print one letter with everything it holds, as JSON."""
    try:
        found = ask(url, f"/api/dead-letters/{letter_id}")
    except NoServer:
        found = asyncio.run(_stored_one(process_config(data_dir=data_dir), letter_id))
    typer.echo(msgspec.json.format(msgspec.json.encode(found)).decode())


@app.command()
def replay(letter_ids: IdsArgument, url: UrlOption = DEFAULT_URL, data_dir: DataDirOption = None) -> None:
    """Write letters after all, under their old change id; a newer price stays. Exit 1 when one is refused again."""
    _settle("replay", letter_ids, url, data_dir)


@app.command()
def discard(letter_ids: IdsArgument, url: UrlOption = DEFAULT_URL, data_dir: DataDirOption = None) -> None:
    """Give letters up; retention deletes them later. Exit 1 when one does not wait."""
    _settle("discard", letter_ids, url, data_dir)


def _settle(work: Work, letter_ids: Sequence[int], url: str, data_dir: DataDirOption) -> None:
    try:
        report = ask(url, f"/api/dead-letters/{work}", order={"ids": list(letter_ids)})
    except NoServer:
        configure("warning")
        config = process_config(data_dir=data_dir)
        with DataDir(config.data_dir).lock():
            report = run_async(_settled(config, work, letter_ids))
    for outcome in report["outcomes"]:
        typer.echo(f"{outcome['id']}  {'done' if outcome['ok'] else one_line(outcome['detail'])}")
    raise typer.Exit(0 if report["done"] == len(letter_ids) else 1)


async def _settled(config: ProcessConfig, work: Work, letter_ids: Sequence[int]) -> dict[str, Any]:
    """Do it without a server; the caller holds the data directory."""
    folder, clock = DataDir(config.data_dir), SystemClock()
    countries = {code: config.country(code) for code in config.enabled}
    repository = await open_repository(
        folder, config.effective_world(), countries, clock, config.database_url
    )
    store = await open_store(folder, repository, Settings())
    try:
        letters = DeadLetters(repository.database)
        outcomes = (
            await letters.replay(store.writer, letter_ids, clock.now())
            if work == "replay"
            else await letters.discard(letter_ids, clock.now())
        )
    finally:
        await store.close()
    return {"done": sum(outcome.ok for outcome in outcomes), "outcomes": msgspec.to_builtins(outcomes)}


async def _stored(config: ProcessConfig, everything: bool, limit: int) -> dict[str, Any]:
    database = open_for_reading(DataDir(config.data_dir), config.database_url)
    try:
        letters, total = await DeadLetters(database).page(None if everything else "waiting", limit)
    finally:
        await database.close()
    return {"dead_letters": msgspec.to_builtins(letters), "total": total, "limit": limit, "offset": 0}


async def _stored_one(config: ProcessConfig, letter_id: int) -> dict[str, Any]:
    database = open_for_reading(DataDir(config.data_dir), config.database_url)
    try:
        found = await DeadLetters(database).get(letter_id)
    finally:
        await database.close()
    if found is None:
        raise StorageError(None, f"no dead letter has the number {letter_id}")
    return {**msgspec.to_builtins(found[0]), "content": found[1]}


def _print(found: dict[str, Any]) -> None:
    columns = ("id", "buried_at", "state", "sportradar_id", "bookmaker", "kind", "market", "reason")
    table = Table(*columns, box=None, pad_edge=False)
    for letter in found["dead_letters"]:
        table.add_row(*(escape(one_line(str(letter[column]), 80)) for column in columns))
    console = Console()
    console.print(table)
    console.print(f"{found['total']} in all")
