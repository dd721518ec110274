"""SportyBet's bodies as its server writes them: header, markets and outcomes with every field that it sends."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from zlib import crc32

import msgspec

from overround.bookmakers.base import PriceSource, Quote, SimulatedEvent
from overround.bookmakers.feed_writing import WrittenMarket

Json = dict[str, Any]
Place = tuple[str, str, str]  # ids of sport, category and tournament

_IDS = (rb'"(sr:sport:\d+)"', rb'"(sr:category:\d+)"', rb'"(sr:\w*tournament:\d+)"')
_PLACE = tuple(re.compile(pattern) for pattern in _IDS)
_SPORT_IDS = {"football": "sr:sport:1", "basketball": "sr:sport:2", "tennis": "sr:sport:5"}


class Shown(msgspec.Struct, frozen=True):
    """How a priced market reads. {line} is the specifier's value, {away} that of the away side."""

    name: str
    title: str
    outcomes: Mapping[str, str]
    desc: str = ""


# Source: markets.csv, outcomes_seen; a market that is not here shows our own names.
_SHOWN = {
    "1": Shown("1X2", "1,X,2", {"1": "Home", "2": "Draw", "3": "Away"}),
    "10": Shown("Double Chance", "1X,12,X2", {"9": "Home or Draw", "10": "Home or Away", "11": "Draw or Away"}),
    "18": Shown("Over/Under", "Goals,Over,Under", {"12": "Over {line}", "13": "Under {line}"}),
    "29": Shown("GG/NG", "GG,NG", {"74": "Yes", "76": "No"}),
    "11": Shown("Draw No Bet", "1,2", {"4": "Home", "5": "Away"}),
    "16": Shown("Handicap", "1,2", {"1714": "Home ({line})", "1715": "Away ({away})"}, "Asian Handicap {line}"),
    "14": Shown(
        "Handicap",
        "Handicap,1,X,2",
        {"1711": "Home ({line})", "1712": "Draw ({line})", "1713": "Away ({line})"},
        "Handicap {line}",
    ),
}  # fmt: skip
_EARLY_PAYOUTS = [
    {"name": name, "rootMarketId": "1", "nodeMarketId": node, "notSupport": False}
    for name, node in (("1UP", "60200"), ("2UP", "60100"))
]
_GROUPS = {
    "players": "Players", "corners": "Corners", "combos": "Combo", "halves": "Half", "goals": "Goals",
}  # fmt: skip
_OWN_GENIUS = "9"  # ids of SportyBet's own that begin so are priced by Genius


def priced_market(market: WrittenMarket) -> Json:
    """Return a market of ours at one line with all the fields that SportyBet sends."""
    quotes = [outcome.quote for outcome in market.outcomes]
    # A market locked as a whole has status 1 and its outcomes stay active: 1 market of prematch.json.
    locked = market.is_locked
    shown = _SHOWN.get(market.id) if market.kind.sport == "football" else None
    texts = {"line": market.specifier.rpartition("=")[2], "away": _signed_away(market.line)}
    football_1x2 = market.id == "1" and market.kind.sport == "football"
    return market_fields(
        market.id,
        market.specifier,
        shown.name if shown else market.kind.name,
        next((_GROUPS[group] for group in _GROUPS if group in market.kind.groups), "Main"),
        [
            outcome_fields(
                outcome.id,
                outcome.quote.odds_milli,
                _share(outcome.quote, quotes),
                shown.outcomes[outcome.id].format(**texts) if shown else outcome.text or outcome.name,
                active=outcome.quote.odds_milli > 0 and (locked or not outcome.quote.suspended),
            )
            for outcome in market.outcomes
        ],
        title=shown.title if shown else "",
        desc=shown.desc.format(**texts) if shown else "",
        status=int(locked),
        source="BET_GENIUS" if len(market.id) == 6 and market.id.startswith(_OWN_GENIUS) else "BET_RADAR",
        extend=_EARLY_PAYOUTS if football_1x2 else (),
    )


def _share(quote: Quote, quotes: Iterable[Quote]) -> float:
    """Return a price's part of the booksum, what their probability field looks like."""
    booksum = sum(1 / each.odds_milli for each in quotes if each.odds_milli)
    return 1 / quote.odds_milli / booksum if quote.odds_milli else 0.0


def _signed_away(line: str) -> str:
    """Return a two-way handicap from the away side, signed as in their texts: "-0.5" is +0.5."""
    if line in ("", "0"):
        return line
    return f"+{line[1:]}" if line.startswith("-") else f"-{line}"


def event_header(event: SimulatedEvent, source: PriceSource) -> Json:
    """Return an event with all fields but its markets, as before kickoff or, later, in play."""
    started = event.kickoff_at <= source.now()
    live = {"setScore": "0:0", "gameScore": ["0:0"], "period": "1", "playedSeconds": "00:00"}
    return {
        "eventId": event.event_id,
        "gameId": str(10_000 + _hash(event.event_id) % 90_000),
        "productStatus": "0#0",
        "estimateStartTime": kickoff_ms(event.kickoff_at),
        "status": int(started),
        **(live if started else {}),
        "matchStatus": "H1" if started else "Not start",
        "homeTeamId": f"sr:competitor:{_hash(event.home) % 1_000_000}",
        "homeTeamName": event.home,
        "awayTeamName": event.away,
        "awayTeamId": f"sr:competitor:{_hash(event.away) % 1_000_000}",
        "sport": _sport(event),
        "markets": [],
        **_extras(event, source.volatile()),
        "eventSource": _event_source(event),
        "containsPcbb": False,
        "banned": False,
    }


def _sport(event: SimulatedEvent) -> Json:
    sport_id, category_id, tournament_id = place_of(event)
    tournament = {"id": tournament_id, "name": event.competition}
    category = {"id": category_id, "name": event.country, "tournament": tournament}
    return {"id": sport_id, "name": event.sport.capitalize(), "category": category}


def _extras(event: SimulatedEvent, volatile: str) -> Json:
    """Return the fields of their page that say nothing of prices; one of them may change with each request."""
    return {
        "liveChannel": False,
        "webViewLiveChannel": True,
        "socialMediaLiveChannel": False,
        "bookingStatus": "Booked",
        "topTeam": False,
        "homeTeamIcon": f"/common/main/res/{_hash(event.home):08x}.png",
        "awayTeamIcon": f"/common/main/res/{_hash(event.away):08x}.png",
        "commentsNum": _hash(volatile) % 1_000_000 if volatile else 0,
        "topicId": _hash(event.event_id) % 100_000_000,
        "fixtureVenue": {"name": f"{event.home} Stadium"},
        "giftGrabActivityResultVO": {"activityEnabled": False, "enabled": False},
        "ai": False,
        "bgEvent": event.genius_id is not None,
        "matchTrackerNotAllowed": False,
    }


def _event_source(event: SimulatedEvent) -> Json:
    supplier = {"sourceType": "BET_RADAR", "sourceId": event.sportradar_id}
    if event.genius_id:
        supplier = {"sourceType": "BET_GENIUS", "sourceId": "1111111" + event.genius_id}
    return {"preMatchSource": supplier, "liveSource": supplier}


def outcome_fields(outcome_id: str, odds_milli: int, share: float, desc: str, active: bool = True) -> Json:
    """Return an outcome with all the fields that SportyBet sends; `share` is its part of the booksum."""
    price = f"{odds_milli / 1000:.2f}" if odds_milli % 10 == 0 else f"{odds_milli / 1000:.3f}"
    return {
        "id": outcome_id,
        "odds": price,
        "probability": f"{share:.10f}",
        "voidProbability": "0E-10",
        "isActive": int(active),
        "desc": desc,
    }


def market_fields(
    market_id: str,
    specifier: str,
    name: str,
    group: str,
    outcomes: list[Json],
    *,
    title: str = "",
    desc: str = "",
    status: int = 0,
    source: str = "BET_RADAR",
    extend: Sequence[Json] = (),
) -> Json:
    """Return a market with all the fields that SportyBet sends, in its order."""
    return {
        "id": market_id,
        **({"specifier": specifier} if specifier else {}),
        "product": 3,
        "desc": desc or name,
        "status": status,
        "group": group,
        "groupId": f"1711211{sum(group.encode()):05d}MGI1126{len(group):04d}",
        "marketGuide": f"{name}: settled on the official result of this match, regular time and injury time included,"
        " extra time and penalties left out. Bets stand if it is played within two days; what is decided stands.",
        "title": title,
        "name": name,
        "favourite": 0,
        "outcomes": outcomes,
        "farNearOdds": 0,
        **({"marketExtendVOS": list(extend)} if extend else {}),
        "sourceType": source,
        "lastOddsChangeTime": 1_778_052_961_313 + _hash(market_id + specifier) % 3_600_000,
        "banned": False,
    }


def market_json(fields: Json) -> bytes:
    """Return the market as it stands inside a body: two blanks per level, three levels deep."""
    return msgspec.json.format(msgspec.json.encode(fields), indent=2).replace(b"\n", b"\n      ")


def place_of(event: SimulatedEvent) -> Place:
    """Return where an event stands: as its recorded body says, else ids made from the names."""
    if event.body is not None:
        sport, category, tournament = (pattern.search(event.body) for pattern in _PLACE)
        if sport and category and tournament:
            return sport[1].decode(), category[1].decode(), tournament[1].decode()
    return _named_place(event.sport, event.country, event.competition)


@lru_cache(maxsize=4096)
def _named_place(sport: str, country: str, competition: str) -> Place:
    return (
        _SPORT_IDS.get(sport, f"sr:sport:{_hash(sport) % 1000}"),
        f"sr:category:{_hash(country) % 100_000}",
        f"sr:tournament:{_hash(f'{sport}/{country}/{competition}') % 10_000_000}",
    )


def kickoff_ms(at: datetime) -> int:
    """Return a kickoff as SportyBet writes it, ms UTC."""
    return round(at.timestamp() * 1000)


def pretty(answer: Json) -> bytes:
    """Return an answer's bytes, laid out as the captured ones are: that is two fifths of their size."""
    return msgspec.json.format(msgspec.json.encode(answer), indent=2)


def _hash(text: str) -> int:
    return crc32(text.encode())
