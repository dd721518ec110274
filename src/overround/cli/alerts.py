"""`overround alerts`: what wants attention now, or did; from the running server, else from the database."""

import asyncio
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from overround.api.alert_json import alert_json
from overround.api.schemas import iso_ms
from overround.cli.ask_server import DEFAULT_URL, NoServer, UrlOption, ask
from overround.cli.options import DataDirOption
from overround.clock import SystemClock
from overround.config import ProcessConfig, process_config
from overround.domain.alerts import AlertFilter
from overround.errors import StorageError, one_line
from overround.log import configure
from overround.storage.alerts import AlertStore
from overround.storage.data_dir import DataDir
from overround.storage.store import open_for_reading

TITLE_WIDTH = 90


def alerts(
    every: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
    rules: Annotated[
        bool, typer.Option("--rules", help="The rules instead, with their hits of 24 hours.")
    ] = False,
    top: Annotated[int, typer.Option(min=1, max=500, help="So many rows.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    url: UrlOption = DEFAULT_URL,
    data_dir: DataDirOption = None,
) -> None:
    """Show open alerts, newest first."""
    configure("error")
    if rules:
        _show_rules(ask(url, "/api/alerts/rules"), as_json)
        return
    try:
        found = ask(url, "/api/alerts", {"state": "all" if every else "open", "page_size": top})
    except NoServer as exc:
        found = from_database(process_config(data_dir=data_dir), not every, top, str(exc))
        Console(stderr=True).print(escape(f"{exc}; these are as the database has them"), soft_wrap=True)
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    table = Table("opened", "rule", "what", "state", "sent", box=None, pad_edge=False)
    for row in found["alerts"]:
        title = escape(one_line(row["title"], TITLE_WIDTH))
        table.add_row(
            _minute(row["opened_at"]), escape(one_line(row["rule"])), title, _state(row), _sent(row)
        )
    console = Console()
    console.print(table)
    console.print(f"{len(found['alerts'])} of {found['total']}")


def from_database(config: ProcessConfig, open_only: bool, limit: int, why: str) -> Any:
    """
    Return alerts as the server answers them, from the database, opened read-only.

    Raises:
        StorageError: There is no database, or it can't be read.
    """

    async def read() -> Any:
        database = open_for_reading(DataDir(config.data_dir), config.database_url)
        try:
            page = await AlertStore(database).page(AlertFilter(open_only), limit, 0)
        finally:
            await database.close()
        rows = [alert_json(alert, page.deliveries.get(alert.id, ())) for alert in page.alerts]
        now = iso_ms(SystemClock().now())
        return {
            "alerts": msgspec.to_builtins(rows),
            "total": page.total,
            "page": 1,
            "page_size": limit,
            "now": now,
        }

    try:
        return asyncio.run(read())
    except StorageError as exc:
        raise StorageError(None, f"{why}, and {exc}") from exc


def _show_rules(found: Any, as_json: bool) -> None:
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    table = Table("rule", "condition", "from", "open", "24 h", "channels", "id", box=None, pad_edge=False)
    for row in found["rules"]:
        spec, hits = row["spec"], row["hits_24h"]
        name = escape(one_line(spec["name"])) + ("" if spec["enabled"] else " (off)")
        channels = ", ".join(spec["channels"])
        band = f"{row['threshold']:g}" + (f" – {row['upper']:g}" if row["upper"] is not None else "")
        table.add_row(
            name,
            spec["condition"],
            band,
            str(row["open"]),
            "–" if hits is None else str(hits),
            channels,
            row["id"],
        )
    Console().print(table)


def _state(row: dict[str, Any]) -> str:
    if row["resolved_at"]:
        return f"{row['resolved_by']} {_minute(row['resolved_at'])}"
    if row["acknowledged_at"]:
        return f"seen by {escape(one_line(row['acknowledged_by']))}"
    return f"snoozed until {_minute(row['snoozed_until'])}" if row["snoozed_until"] else "open"


def _sent(row: dict[str, Any]) -> str:
    return ", ".join(f"{each['channel']} {each['state']}" for each in row["deliveries"])


def _minute(at: str) -> str:
    """
    Return a wire time to the minute.

    >>> _minute("2026-11-24T12:05:07.120Z")
    '2026-11-24 12:05'
    """
    return at[:16].replace("T", " ")
