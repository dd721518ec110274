"""Betika's bodies as its server writes them: match, market types and outcomes with every field that it sends."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

import msgspec

from overround.bookmakers.base import SimulatedEvent
from overround.bookmakers.betika.parser import EAST_AFRICA
from overround.bookmakers.feed_writing import WrittenMarket, WrittenOutcome

Json = dict[str, Any]

SPORT_IDS = {"football": "14", "tennis": "28", "basketball": "30"}

_SPORT_NAMES = {"football": "Soccer", "tennis": "Tennis", "basketball": "Basketball"}
_PERIODS = (("-2", "Next 48hrs", 2), ("9", "All", 120))  # id, name, days
_MAIN = {"1": "home_odd", "X": "neutral_odd", "2": "away_odd"}


def match_row(event: SimulatedEvent, main: WrittenMarket | None, groups: int) -> Json:
    """Return a match with all its fields but the odds; the 1X2, `main`, stands beside them."""
    match_id, _, competition_id = event.event_id.partition(":")
    prices = {each.name: price_text(each.quote.odds_milli) for each in main.outcomes} if main else {}
    return {
        "home_team": event.home,
        "game_id": str(10_000 + crc32(event.event_id.encode()) % 90_000),
        "match_id": match_id,
        "away_team": event.away,
        "start_time": start_time(event.kickoff_at),
        "competition_name": event.competition,
        "category": event.country,
        "parent_match_id": event.sportradar_id,
        "side_bets": str(groups),
        **{field: prices.get(name, "") for name, field in _MAIN.items()},
        "competition_id": competition_id,
        "sport_id": SPORT_IDS[event.sport],
        "sport_name": _SPORT_NAMES[event.sport],
        "is_esport": False,
        "is_srl": False,
    }


def sub_types_json(event: SimulatedEvent, markets: Sequence[WrittenMarket]) -> list[Json]:
    """Return the market types, each with the outcomes of all its lines in one list."""
    types: dict[str, Json] = {}
    for market in markets:
        found = types.setdefault(
            market.id, {"sub_type_id": market.id, "name": market.kind.name.upper(), "odds": []}
        )
        found["odds"] += [_odd(event, market, outcome) for outcome in market.outcomes]
    return list(types.values())


def list_meta(total: int, limit: int, page: int, now: datetime) -> Json:
    """Return what an answer says of itself; the total is text, the page a number."""
    periods = [
        {
            "id": int(period_id),
            "date": now.astimezone(EAST_AFRICA).date().isoformat(),
            "name": name,
            "period_start": start_time(_day(now)),
            "period_end": start_time(_day(now) + timedelta(days=days)),
            "prioritized": False,
        }
        for period_id, name, days in _PERIODS
    ]
    return {
        "total": str(total),
        "tags": [],
        "limit": str(limit),
        "current_page": page,
        "filters": [
            {"name": "1x2 / Winner", "sub_type_id": "1", "sport_ids": ["14"], "odd_keys": ["1", "X", "2"]}
        ],
        "sports": [
            {"sport_id": sport_id, "sport_name": _SPORT_NAMES[sport]} for sport, sport_id in SPORT_IDS.items()
        ],
        "tabs": periods[:1],
        "periods": periods,
        "sort_options": [{"id": 1, "name": "Highlights"}, {"id": 2, "name": "Start time"}],
        "current_tab": periods[:1],
        "is_boosted": False,
        "is_esports": False,
        "is_srl": False,
    }


def elapsed_s(volatile: str) -> float:
    """Return what an answer says of its own making: another time with each request in a volatile world."""
    return 0.01 + crc32(volatile.encode()) % 100_000 / 10**6


def start_time(at: datetime) -> str:
    """Return a time as Betika writes it, East Africa Time without a zone."""
    return at.astimezone(EAST_AFRICA).strftime("%Y-%m-%d %H:%M:%S")


def price_text(odds_milli: int) -> str:
    """Return a price as text, two decimals unless it needs three."""
    return f"{odds_milli / 1000:.2f}" if odds_milli % 10 == 0 else f"{odds_milli / 1000:.3f}"


def pretty(answer: Json) -> bytes:
    """Return an answer's bytes, laid out as the captured ones are."""
    return msgspec.json.format(msgspec.json.encode(answer), indent=4)


def _odd(event: SimulatedEvent, market: WrittenMarket, outcome: WrittenOutcome) -> Json:
    parts = dict(part.split("=", 1) for part in market.specifier.split("|") if part)
    text = {"1": event.home, "X": "draw", "2": event.away}.get(outcome.name, outcome.name)
    note = f" {market.line}" if market.line else ""
    return {
        "display": outcome.name.upper() + note,
        "odd_key": text + note,
        "odd_def": outcome.name,
        "odd_value": price_text(outcome.quote.odds_milli),
        "special_bet_value": market.specifier,
        "outcome_id": outcome.id,
        "parsed_special_bet_value": parts or {"": ""},
    }


def _day(now: datetime) -> datetime:
    """Return the beginning of Betika's day: four in the morning."""
    return now.astimezone(EAST_AFRICA).replace(hour=4, minute=0, second=0, microsecond=0)
