"""Made-up SportPesa answers in the captured shape."""

import json
from typing import Any

from overround.bookmakers.base import joined


def game(**fields: Any) -> dict[str, Any]:
    """Return a game with its 1X2 inline."""
    return {
        "id": 501, "betradarId": 4711, "betgeniusId": 0, "competition": {"id": 1, "name": "Second League"},
        "country": {"id": 2, "name": "Nowhere", "iso": "nwh"}, "sport": {"id": 1, "name": "Football"},
        "competitors": [{"id": 3, "name": "Reds"}, {"id": 4, "name": "Blues"}],
        "dateTimestamp": 1_790_000_000_000, "date": "2026-09-21T14:13:20.000Z", "state": {}, "marketsCount": 2,
        "markets": [without_line(market(10, 0, {"1": "2.10", "X": "3.30", "2": "3.60"}))],
    } | fields  # fmt: skip


def market(market_id: int | str, line: Any, odds: dict[str, Any], name: str = "A market") -> dict[str, Any]:
    """Return a market at a line: short outcome name -> odds."""
    selections = [
        {"id": number, "name": f"{short} of it", "shortName": short, "odds": price, "specValue": line}
        for number, (short, price) in enumerate(odds.items())
    ]
    return {"id": market_id, "name": name, "specValue": line, "order": 1, "selections": selections}


def without_line(market: dict[str, Any]) -> dict[str, Any]:
    """Return a market as a list shows it inline: its outcomes alone state the line."""
    return {key: value for key, value in market.items() if key != "specValue"}


def alone(**fields: Any) -> bytes:
    """Return the first answer: a list with one game."""
    return json.dumps([game(**fields)]).encode()


def detail(*markets: dict[str, Any], **fields: Any) -> bytes:
    """Return both answers of a game, joined."""
    return joined([alone(**fields), json.dumps({"501": markets}).encode()])
