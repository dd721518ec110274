"""MSport's bodies as its server writes them: header, markets and outcomes with every field that it sends."""

import random
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Any
from zlib import crc32

import msgspec

from overround.bookmakers.base import PriceSource, Quote, SimulatedEvent
from overround.bookmakers.feed_writing import WrittenMarket, WrittenOutcome

Json = dict[str, Any]

VARIANTS = 8  # sets of prices per filling market: an event's id chooses one

_SPORTS = {
    "football": ("sr:sport:1", "Soccer"),
    "basketball": ("sr:sport:2", "Basketball"),
    "tennis": ("sr:sport:5", "Tennis"),
}
_GROUPS = {"players": "Player", "halves": "Half", "goals": "Goals", "specials": "Specials"}
# Source: markets.csv, outcomes_seen; a market that is not here shows our own names. {line} is the specifier's value.
_TEXTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "1": ("1x2", {"1": "Home", "2": "Draw", "3": "Away"}),
    "10": ("Double chance", {"9": "1 X", "10": "1 2", "11": "X 2"}),
    "18": ("O/U", {"12": "Over {line}", "13": "Under {line}"}),
}


def priced_market(market: WrittenMarket) -> Json:
    """Return a market of ours at one line with all the fields that MSport sends."""
    booksum = sum(1 / outcome.quote.odds_milli for outcome in market.outcomes if outcome.quote.odds_milli)
    name, texts = market.kind.name, dict[str, str]()
    if market.kind.sport == "football" and market.id in _TEXTS:
        name, texts = _TEXTS[market.id][0], dict(_TEXTS[market.id][1])
    line = market.specifier.rpartition("=")[2]
    locked = market.is_locked
    return _market(
        market.id,
        market.specifier,
        name,
        next((shown for group, shown in _GROUPS.items() if group in market.kind.groups), "Main"),
        [
            _outcome(outcome, texts.get(outcome.id, "").format(line=line), booksum, locked)
            for outcome in market.outcomes
        ],
        status=int(locked),
    )


def _outcome(outcome: WrittenOutcome, text: str, booksum: float, locked: bool) -> Json:
    milli = outcome.quote.odds_milli
    return {
        "description": text or outcome.text or outcome.name,
        "id": outcome.id,
        # A market locked as a whole has another status and its outcomes stay active, as at SportyBet.
        "isActive": int(milli > 0 and (locked or not outcome.quote.suspended)),
        "odds": f"{milli / 1000:.2f}" if milli % 10 == 0 else f"{milli / 1000:.3f}",
        "probability": f"{1 / milli / booksum if milli else 0:.4f}",
    }


def _market(
    market_id: str, specifier: str, name: str, group: str, outcomes: list[Json], status: int = 0
) -> Json:
    return {
        "betAssistWidget": None,
        "description": name,
        "expand": 1,
        "group": group,
        "guidance": None,
        "id": int(market_id),
        "isFavourite": 0,
        "isShown": 1,
        "marketLabels": None,
        "name": name,
        "outcomes": outcomes,
        "presentationType": 5,
        "priority": 200,
        "product": 3,
        "relatedMarketId": None,
        "relatedSpecifiers": None,
        "specifiers": specifier,
        "status": status,
        "title": "",
        "userFavourite": 0,
    }


@lru_cache(maxsize=4096)
def filling_market(number: int, variant: int) -> bytes:
    """Return a market that is none of ours: who wins the rest of the match from a score on, at any price."""
    dice = random.Random(f"{number}|{variant}")
    outcomes = [
        WrittenOutcome(outcome_id, text, Quote(dice.randrange(120, 800) * 10))
        for outcome_id, text in (("1", "Home"), ("2", "Draw"), ("3", "Away"))
    ]
    booksum = sum(1 / outcome.quote.odds_milli for outcome in outcomes)
    shown = [_outcome(outcome, "", booksum, locked=False) for outcome in outcomes]
    specifier = f"score={number // 5}:{number % 5}"
    return market_json(_market("7", specifier, "Which team wins the rest of the match", "Specials", shown))


def filling_markets(variant: int) -> Iterator[bytes]:
    """Yield markets that are none of ours, without end."""
    return (filling_market(number, variant) for number in count())


def event_fields(event: SimulatedEvent, source: PriceSource) -> Json:
    """Return an event with all fields but its markets, as before kickoff or, later, in play."""
    started = event.kickoff_at <= source.now()
    sport_id, sport = _SPORTS.get(event.sport, (f"sr:sport:{_hash(event.sport) % 1000}", event.sport))
    place = f"{event.sport}/{event.country}/{event.competition}"
    return {
        "allScores": [["HT", "0:0"]] if started else None,
        "awayTeam": event.away,
        "awayTeamIcon": _icon(event.away),
        "awayTeamId": f"sr:competitor:{_hash(event.away) % 1_000_000}",
        "bookingStatus": "Booked",
        "category": event.country,
        "categoryIcon": _icon(event.country),
        "categoryId": f"sr:category:{_hash(event.country) % 100_000}",
        "eventId": event.event_id,
        "hasLive": 0,
        "hasLiveCoverage": 1,
        "hasLiveWidget": 1,
        "hasVoucher": 0,
        "homeTeam": event.home,
        "homeTeamIcon": _icon(event.home),
        "homeTeamId": f"sr:competitor:{_hash(event.home) % 1_000_000}",
        "howToPlay": None,
        "liveAudioStreamUrl": None,
        "markets": [],
        "marketsCount": 0,
        "playedTime": "1'00\"" if started else None,
        "roundNumber": 10,
        "roundType": "group",
        "scoreInCurrentSection": None,
        "scoreOfSection": None,
        "scoreOfWholeMatch": "0:0" if started else None,
        "seasonId": f"sr:season:{_hash(place) % 1_000_000}",
        "seasonName": f"{event.competition} {event.kickoff_at.year}",
        "sectionRemainTime": None,
        "server": None,
        "soccerBookingsScore": None,
        "soccerCornerScore": None,
        "sport": sport,
        "sportId": sport_id,
        "startTime": kickoff_ms(event.kickoff_at),
        "status": int(started),
        "statusDescription": "H1" if started else None,
        "stoppagePlayedTime": None,
        "stoppageTime": None,
        "totalPlayedTime": None,
        "tournament": event.competition,
        "tournamentId": f"sr:tournament:{_hash(place) % 10_000_000}",
        "videoInfo": source.volatile() or None,
    }


def market_json(fields: Json) -> bytes:
    """Return the market as it stands inside a body: two blanks per level, three levels deep."""
    return msgspec.json.format(msgspec.json.encode(fields), indent=2).replace(b"\n", b"\n      ")


def pretty(answer: Json) -> bytes:
    """Return an answer's bytes, laid out as the captured ones are."""
    return msgspec.json.format(msgspec.json.encode(answer), indent=2)


def success(data: Json) -> Json:
    """Return the envelope of a good answer."""
    return {"bizCode": 10000, "data": data, "innerMsg": None, "message": "success"}


def kickoff_ms(at: datetime) -> int:
    """Return a kickoff as MSport writes it, ms UTC."""
    return round(at.timestamp() * 1000)


def _icon(name: str) -> str:
    return f"https://static.msport.com/public/up/{_hash(name):08x}-8a23-4672-bb84-7eec5b69c22c.png"


def _hash(text: str) -> int:
    return crc32(text.encode())
