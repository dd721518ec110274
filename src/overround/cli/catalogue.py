"""`overround catalogue`: check the market catalogue and look market types up in it."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from overround.config import BOOKMAKERS, packaged_catalogue
from overround.domain.catalogue import BookRule, Catalogue, MarketType, load
from overround.errors import ConfigError

app = typer.Typer(no_args_is_help=True, help="Check the market catalogue, or look a market type up.")


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="TOML files to check together; default: the packaged ones.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of a table.")
    ] = False,
) -> None:
    """Validate the catalogue and print what it holds; a contradiction ends with exit code 2 and a sentence."""
    catalogue = _read(files) if files else packaged_catalogue()
    made = summary(catalogue)
    if as_json:
        typer.echo(msgspec.json.encode(made).decode())
        return
    table = Table("sport", "market types", "outcomes", *BOOKMAKERS, box=None, pad_edge=False)
    for sport, row in made["sports"].items():
        cells = (row["market_types"], row["outcomes"], *(row["mapped"][code] for code in BOOKMAKERS))
        table.add_row(sport, *map(str, cells))
    console = Console()
    console.print(table)
    console.print(f"{made['market_types']} market types, no contradiction")


@app.command()
def show(
    market: Annotated[
        str, typer.Argument(help="An id, a canonical word, or a bookmaker's id: 5000, over_under_ft, S_OUA.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Print every market type that goes by this name, with the ids and outcomes of all bookmakers."""
    found = packaged_catalogue().named(market)
    if not found:
        raise ConfigError("MARKET", f"the catalogue has no market type {market}")
    if as_json:
        typer.echo(msgspec.json.encode([msgspec.to_builtins(kind) for kind in found]).decode())
        return
    console = Console()
    for kind in found:
        _print(console, kind)


def summary(catalogue: Catalogue) -> dict[str, Any]:
    """Return the counts that `check --json` prints."""
    sports: dict[str, Any] = {}
    for sport in sorted({kind.sport for kind in catalogue.types}):
        kinds = [kind for kind in catalogue.types if kind.sport == sport]
        mapped = Counter(code for kind in kinds for code in kind.books)
        sports[sport] = {
            "market_types": len(kinds),
            "outcomes": sum(len(kind.outcomes) for kind in kinds),
            "mapped": {code: mapped[code] for code in BOOKMAKERS},
        }
    return {"market_types": len(catalogue.types), "sports": sports}


def _read(files: list[Path]) -> Catalogue:
    try:
        return load(*(file.read_bytes() for file in files))
    except OSError as exc:
        raise ConfigError("FILES", f"{exc.filename} can't be read: {exc.strerror}") from exc


def _print(console: Console, kind: MarketType) -> None:
    winners = kind.winners if kind.winners is not None else "not fixed"
    line = f"line from {kind.param}, multiples of {kind.grid:g}" if kind.param else "no line"
    console.print(f"[bold]{kind.id}[/]  {kind.name}  ({kind.canonical}, {kind.sport}, {kind.kind})")
    console.print(
        f"{line} · winners {winners} · {'complete' if kind.complete else 'incomplete'}"
        f" · tabs {', '.join(kind.groups) or 'none'}"
    )
    columns = [(code, their_id) for code in kind.books for their_id in kind.books[code].ids]
    table = Table(
        "outcome", *(_heading(kind.books[code], code, their_id) for code, their_id in columns), box=None
    )
    for name in kind.outcomes:
        table.add_row(name, *(_theirs(kind.books[code], their_id, name) for code, their_id in columns))
    console.print(table, "")


def _heading(rule: BookRule, code: str, their_id: str) -> str:
    limits = [f"{key}={value}" for key, value in rule.only.items()]
    if their_id in rule.fixed_lines:
        limits.append(f"line {rule.fixed_lines[their_id]}")
    return "\n".join((code, their_id, *limits))


def _theirs(rule: BookRule, their_id: str, name: str) -> str:
    return " ".join(theirs for theirs, ours in rule.ids[their_id].items() if ours == name)
