"""`overround gaps | exposure | movements`: where the own prices stand; from the running server, else the database."""

from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from overround.cli.ask_server import DEFAULT_URL, UrlOption
from overround.cli.options import DataDirOption
from overround.cli.read_stored import ask_or_read
from overround.errors import one_line

TopOption = Annotated[int, typer.Option(min=1, max=500, help="Rows to list.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the server's answer instead of a table.")]
CompetitionOption = Annotated[str, typer.Option(help="Slug of a competition.")]
MarketsOption = Annotated[str, typer.Option(help="Comma list of market ids or id:line; default all.")]


def gaps(
    reference: Annotated[str, typer.Option(help="median, best, or a competitor's code.")] = "median",
    min_gap: Annotated[float, typer.Option(min=0, max=10, help="Least gap, a fraction: 0.02 is 2 %.")] = 0.02,
    competition: CompetitionOption = "",
    markets: MarketsOption = "",
    top: TopOption = 20,
    as_json: JsonOption = False,
    url: UrlOption = DEFAULT_URL,
    data_dir: DataDirOption = None,
) -> None:
    """List own prices out of line with the competitors', the furthest first."""
    query = {"reference": reference, "min_gap": str(min_gap)} | _scope(competition, markets, top)
    answer = ask_or_read(url, "/api/gaps", query, data_dir)
    columns = ("event", "market", "outcome", "odds", answer["reference"], "gap %", "net win %", "rank")
    _show(answer, as_json, columns, [_gap(row) for row in answer["gaps"]])


def exposure(
    closed: Annotated[bool, typer.Option("--closed", help="What closed in the last three days.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Also what the rules hide, and where no leg is ours.")] = False,
    competition: CompetitionOption = "",
    markets: MarketsOption = "",
    top: TopOption = 20,
    as_json: JsonOption = False,
    url: UrlOption = DEFAULT_URL,
    data_dir: DataDirOption = None,
) -> None:  # fmt: skip
    """List markets whose best prices add up to less than they pay, with our price as a leg."""
    flags = {"mine_only": "false", "suppressed": "true"} if every else {}
    query = {"state": "closed" if closed else "open"} | flags | _scope(competition, markets, top)
    answer = ask_or_read(url, "/api/exposure", query, data_dir)
    columns = ("event", "market", "legs", "sum", "profit %", "peak %", "open for", "closed by")
    _show(answer, as_json, columns, [_exposure(row) for row in answer["exposures"]])


def movements(
    unanswered: Annotated[bool, typer.Option("--unanswered", help="Only what waits for our answer.")] = False,
    steam: Annotated[bool, typer.Option("--steam", help="Only where the market moved together.")] = False,
    window: Annotated[int, typer.Option(min=0, max=86_400, help="Seconds back; 0: all in memory.")] = 900,
    competition: CompetitionOption = "",
    markets: MarketsOption = "",
    top: TopOption = 20,
    as_json: JsonOption = False,
    url: UrlOption = DEFAULT_URL,
    data_dir: DataDirOption = None,
) -> None:
    """List who moved, newest first, and what we have not followed."""
    flags = {"unanswered": str(unanswered).lower(), "steam": str(steam).lower(), "window_s": window}
    answer = ask_or_read(url, "/api/movements", flags | _scope(competition, markets, top), data_dir)
    columns = ("time", "event", "market", "moves", "steam", "unanswered")
    _show(answer, as_json, columns, [_movement(row) for row in answer["movements"]])


def _scope(competition: str, markets: str, top: int) -> dict[str, str | int]:
    return {"competition": competition, "markets": markets, "page_size": top}


def _show(answer: Any, as_json: bool, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if as_json:
        typer.echo(msgspec.json.encode(answer).decode())
        return
    console = Console()
    table = Table(box=None, pad_edge=False)
    for title in columns:
        table.add_column(
            title, justify="right" if title.endswith("%") or title in ("odds", "sum", "rank") else "left"
        )
    for row in rows:
        table.add_row(*row)
    if rows:
        console.print(table)
    console.print(
        f"[bold]{answer['total']}[/] in all, {len(rows)} shown, at {answer['now'][:19].replace('T', ' ')} UTC"
    )


def _gap(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        _event(row), _text(row["market"]), _text(row["outcome"]), f"{row['odds']:.2f}", f"{row['against']:.2f}",
        f"{row['gap'] * 100:+.1f}", f"{row['net_win_gap'] * 100:+.1f}", f"{row['rank']}/{row['competitors'] + 1}",
    )  # fmt: skip


def _exposure(row: dict[str, Any]) -> tuple[str, ...]:
    legs = " · ".join(f"{leg['outcome']} {leg['bookmaker']} {leg['odds']:.2f}" for leg in row["legs"])
    return (
        _event(row), _text(row["market"]), _text(legs, 120), f"{row['total']:.3f}", f"{row['profit'] * 100:.1f}",
        f"{row['peak'] * 100:.1f}", _span(row["open_s"]), row["closed_by"] or "",
    )  # fmt: skip


def _movement(row: dict[str, Any]) -> tuple[str, ...]:
    moves = "; ".join(f"{move['bookmaker']} {_move(move)}" for move in row["moves"])
    steam = row["steam"]
    waiting = [each for each in row["unanswered"] if each["answered_at"] is None]
    return (
        row["started_at"][11:19], _event(row), _text(row["market"]), _text(moves, 120),
        f"{steam['outcome']} {steam['direction']}" if steam else "",
        ", ".join(f"{each['outcome']} {_span(each['open_s'])}" for each in waiting),
    )  # fmt: skip


def _move(move: dict[str, Any]) -> str:
    if move["kind"] == "flicker":
        return f"flicker x{move['flickers']}"
    if move["kind"] != "price":
        return str(move["kind"])
    return ", ".join(
        f"{each['name']} {_odds(each['from'])} to {_odds(each['to'])}" for each in move["outcomes"]
    )


def _odds(odds: float | None) -> str:
    return f"{odds:.2f}" if odds else "–"


def _event(row: dict[str, Any]) -> str:
    return _text(f"{row['home']} – {row['away']}" if row["home"] else row["sportradar_id"])


def _span(seconds: float) -> str:
    """
    Return how long something took, as people say it.

    >>> _span(42), _span(660), _span(7500)
    ('42 s', '11 min', '2 h 5 min')
    """
    minutes = int(seconds // 60)
    if not minutes:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _text(text: str, width: int = 40) -> str:
    """Return a bookmaker's text fit for a terminal: no control characters, no markup of ours."""
    return escape(one_line(text, width))
