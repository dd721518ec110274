"""`overround parse`: one recorded event detail in, what the product reads of it out."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from overround.bookmakers import registry
from overround.bookmakers.base import ParsedEvent
from overround.config import BOOKMAKERS, PARSED_ONLY, bookmaker_list, packaged_catalogue
from overround.domain.catalogue import Catalogue
from overround.domain.markets import ParsedMarket, market_state, shown_outcomes
from overround.errors import BookmakerError, ConfigError


def parse(
    bookmaker: Annotated[
        str, typer.Argument(help=f"Whose answer it is: {', '.join((*BOOKMAKERS, *PARSED_ONLY))}.")
    ],
    file: Annotated[Path, typer.Argument(help="An event detail as the bookmaker sent it, uncompressed.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
) -> None:
    """Read one recorded event detail and print its markets, mapped and unmapped."""
    code = bookmaker.strip().lower()
    if code not in PARSED_ONLY:
        (code,) = bookmaker_list("BOOKMAKER", [bookmaker])
    try:
        body = file.read_bytes()
    except OSError as exc:
        raise ConfigError("FILE", f"{file} can't be read: {exc.strerror}") from exc
    catalogue = packaged_catalogue()
    try:
        event = registry.create(code, catalogue).parse_event(body)
    except BookmakerError as exc:
        raise ConfigError("FILE", f"{file} is no event detail of {code}: {exc.detail}") from exc
    if as_json:
        typer.echo(msgspec.json.encode(report(code, event, catalogue)).decode())
    else:
        _print_tables(code, event, catalogue)


def report(bookmaker: str, event: ParsedEvent, catalogue: Catalogue) -> dict[str, Any]:
    """Return the event as the JSON object that `--json` prints."""
    shown = (market for market in event.markets.values() if shown_outcomes(market))
    markets = [_market(event, market, catalogue) for market in shown]
    states = [outcome["state"] for market in markets for outcome in market["outcomes"]]
    return {
        "bookmaker": bookmaker,
        "sportradar_id": event.sportradar_id,
        "genius_id": event.genius_id,
        "kickoff_at": _iso(event.kickoff_at),
        "home": event.home,
        "away": event.away,
        "country": event.country,
        "competition": event.competition,
        "sport": event.sport,
        "markets": markets,
        "unmapped": [{"id": gap.id, "name": gap.name, "outcomes": gap.outcomes} for gap in event.unmapped],
        "refused": dict(event.refused),
        "counts": {
            "markets": len(markets),
            "outcomes": len(states),
            "open": states.count("open"),
            "suspended": states.count("suspended"),
            "unmapped_markets": len(event.unmapped),
            "unmapped_outcomes": sum(gap.outcomes for gap in event.unmapped),
        },
    }


def _market(event: ParsedEvent, market: ParsedMarket, catalogue: Catalogue) -> dict[str, Any]:
    kind = catalogue.find(market.key.market_id, event.sport)
    return {
        "market_id": market.key.market_id,
        "line": market.key.line,
        "name": kind.name if kind else market.key.market_id,
        "state": market_state(market),
        "outcomes": [
            {"name": name, "odds": odds, "state": state} for name, odds, state in shown_outcomes(market)
        ],
    }


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _print_tables(bookmaker: str, event: ParsedEvent, catalogue: Catalogue) -> None:
    console, made = Console(), report(bookmaker, event, catalogue)
    console.print(
        f"[bold]{event.home} – {event.away}[/]  {event.competition} · {event.country}  {made['kickoff_at']}"
    )
    table = Table("market", "line", "state", "outcomes", box=None, pad_edge=False)
    for market in made["markets"]:
        outcomes = "  ".join(
            f"{o['name']} {o['odds'] or '-'}{'*' if o['state'] == 'suspended' else ''}"
            for o in market["outcomes"]
        )
        table.add_row(market["name"], market["line"], market["state"], outcomes)
    console.print(table)
    counts = made["counts"]
    console.print(
        f"{counts['markets']} markets, {counts['outcomes']} outcomes ({counts['suspended']} suspended *); "
        f"not mapped: {counts['unmapped_markets']} market types with {counts['unmapped_outcomes']} outcomes"
    )
