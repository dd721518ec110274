"""`overround margins`: our margin beside each rival's, by league and market; from the running server, else the database."""

from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from overround.cli.ask_server import DEFAULT_URL, UrlOption
from overround.cli.options import DataDirOption
from overround.cli.read_stored import ask_or_read
from overround.config import REFERENCE
from overround.errors import one_line

NAME_WIDTH = 40


def margins(
    days: Annotated[int, typer.Option(min=1, max=1200, help="Whole UTC days up to now.")] = 7,
    competition: Annotated[str, typer.Option(help="Words in the league or country.")] = "",
    market: Annotated[str, typer.Option(help="Market id, or id:line.")] = "",
    top: Annotated[int, typer.Option(min=1, max=500, help="Rows, largest difference first.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as one JSON object.")] = False,
    url: UrlOption = DEFAULT_URL,
    data_dir: DataDirOption = None,
) -> None:
    """Show time-weighted mean margins by league and market, ours and the rivals', largest difference first."""
    query = {"days": days, "q": competition, "market": market, "page_size": top}
    found = ask_or_read(url, "/api/margins", query, data_dir)
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    console = Console()
    console.print(_table(found["margins"]))
    console.print(f"{found['total']} rows; rolled up until {found['rolled_up_until'] or 'nothing yet'}")


def _table(rows: list[dict[str, Any]]) -> Table:
    rivals = list(rows[0]["rivals"]) if rows else []
    table = Table(box=None, pad_edge=False)
    for title in ("league", "market"):
        table.add_column(title)
    for title in ("ours", *rivals, "difference", "events", "opening", "closing", "house CLV"):
        table.add_column(title, justify="right")
    for row in rows:
        close: dict[str, float | None] = row["closes"].get(REFERENCE, {})
        league = f"{row['competition']['name']} ({row['competition']['country']})"
        table.add_row(
            escape(one_line(league, NAME_WIDTH)), escape(row["name"]), _percent(row["own"]),
            *(_percent(row["rivals"][code]) for code in rivals), _percent(row["difference"]), str(row["events"]),
            _percent(close.get("opening")), _percent(close.get("closing")), _percent(row["clv"].get("opening")),
        )  # fmt: skip
    return table


def _percent(fraction: float | None) -> str:
    """
    Return a fraction as percent.

    >>> _percent(0.0512), _percent(None)
    ('5.12', '-')
    """
    return "-" if fraction is None else f"{fraction * 100:.2f}"
