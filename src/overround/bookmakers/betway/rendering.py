"""Betway's bodies as its server writes them: header, market, outcome and price rows with every field that it sends."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import count
from typing import Any
from zlib import crc32

import msgspec

from overround.bookmakers.base import PriceSource, Quote, SimulatedEvent
from overround.bookmakers.betway.markets import SEPARATOR
from overround.bookmakers.feed_writing import WrittenMarket, WrittenOutcome

Json = dict[str, Any]

_SPORT_IDS = {"football": "soccer"}
# Headings over the lines of these football markets; the lines' outcomes name the heading as their market.
_SQUASHED = {"18": "[Total Goals]", "16": "[Handicap] [2-Way]", "14": "[Handicap] [3-Way]"}
_PUBLISHED = "2026-05-06T07:58:36.291101Z"
_VERSION = 1_778_038_822_092
_SCORERS = ("38", "39", "40")  # their specifier ends with type=prematch


class Rows(msgspec.Struct):
    """What one market adds to a page: its own row, and those of its outcomes."""

    market: Json
    outcomes: list[Json]
    prices: list[Json]


def sport_event(event: SimulatedEvent, source: PriceSource) -> Json:
    """Return an event's header with all its fields, as before kickoff or, later, in play."""
    started = event.kickoff_at <= source.now()
    sport_id = _SPORT_IDS.get(event.sport, event.sport)
    region_id, league_id = slug_of(event.country), slug_of(event.competition)
    name = f"{event.home} vs. {event.away}"
    return {
        "eventId": int(event.event_id),
        "isActive": True,
        "isFinished": False,
        "isLive": started,
        "shouldDisplay": True,
        "name": name,
        "displayName": name,
        "signalRGroupId": f"event::{event.event_id}",
        "expectedStartEpoch": epoch(event.kickoff_at),
        "sportId": sport_id,
        "regionId": region_id,
        "region": event.country,
        "leagueId": league_id,
        "league": event.competition,
        "joinedLeagueId": f"{sport_id}::{region_id}::{league_id}",
        "homeTeam": event.home,
        "awayTeam": event.away,
        "isBoosted": False,
        "isBookedForLive": True,
        "isOutright": False,
        "version": _VERSION + crc32(source.volatile().encode()),
        "isTwoUpEnabled": False,
        "isSportBonusAllowed": True,
        "gameStateTimeScore": game_state(event, started),
        "emopSource": 3,
        "publicHubPublishedTime": _PUBLISHED,
        "sportSpecificProperties": {
            "Producer": "1" if started else "3",
            "Type": "match",
            "OneUpStatus": "Active",
            "TwoUpStatus": "Active",
            "ThreeUpStatus": "NotAvailable",
            "HomeTeamId": slug_of(event.home),
            "AwayTeamId": slug_of(event.away),
        },
        "isCashOutAllowed": False,
    }


def game_state(event: SimulatedEvent, started: bool) -> Json:
    """Return the score's fields; before kickoff they say 0:0 and NotStarted."""
    running = {"state": "1st half", "time": 1} if started else {}
    return {
        "eventId": int(event.event_id),
        "score": ["0", "0"],
        **running,
        "timePeriod": "seconds",
        "sportType": "standard-game",
        "comments": "RegularPeriod" if started else "NotStarted",
        "gameEventType": "standard-game",
        "gameEventPeriod": "1" if started else "default",
        "gameEventPeriodIndex": 1,
        "publicHubPublishedTime": _PUBLISHED,
    }


def market_rows(event: SimulatedEvent, markets: Iterable[WrittenMarket]) -> list[Rows]:
    """Return the rows of all markets in order, each squashed market under a heading of its own."""
    rows: list[Rows] = []
    headings: dict[str, Json] = {}
    for place, market in enumerate(markets, start=1):
        squashed = event.sport == "football" and market.id in _SQUASHED
        line = _rows(event, market, place, squashed)
        if squashed:
            heading = headings.get(market.id)
            if heading is None:
                heading = headings[market.id] = _heading(event, market.id, place, line.market["marketId"])
                rows.append(Rows(heading, [], []))
            heading["squashedMarketIds"].append(line.market["marketId"])
        rows.append(line)
    return rows


def filler_rows(event: SimulatedEvent) -> Iterator[Rows]:
    """Yield markets that are none of ours, without end: who wins the rest of the match, from each score on."""
    for goals in count():
        specifier = f"score={goals // 5}:{goals % 5}{SEPARATOR}"
        dice = random.Random(f"{event.event_id}|{specifier}")
        quotes = [Quote(dice.randrange(120, 800) * 10) for _ in range(3)]
        market = _market(event, "7", specifier, "Which Team Wins The Rest Of The Match", 900 + goals)
        texts = (event.home, "Draw", event.away)
        outcomes = [
            _outcome(market, market["marketId"], str(number), text, "", quotes[number - 1])
            for number, text in enumerate(texts, start=1)
        ]
        prices = [_price(row["outcomeId"], quote) for row, quote in zip(outcomes, quotes, strict=True)]
        yield Rows(market, outcomes, prices)


def page(rows: Sequence[Rows]) -> Json:
    """Return a page of markets with the outcomes and prices that belong to it."""
    return {
        "marketGroupNames": [
            "Main",
            "Totals",
            "Winner",
            "Goals",
            "Scores",
            "Combos",
            "Halves",
            "Handicap",
            "Team",
        ],
        "marketsInGroup": [each.market for each in rows],
        "outcomes": [outcome for each in rows for outcome in each.outcomes],
        "prices": [price for each in rows for price in each.prices],
    }


def pretty(answer: Json) -> bytes:
    """Return an answer's bytes, laid out as the captured ones are."""
    return msgspec.json.format(msgspec.json.encode(answer), indent=2)


def epoch(at: datetime) -> int:
    """Return a kickoff as Betway writes it, seconds UTC."""
    return round(at.astimezone(UTC).timestamp())


def slug_of(name: str) -> str:
    """Return a name as Betway makes ids of it, "chinese-super-league"."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())


def _rows(event: SimulatedEvent, market: WrittenMarket, place: int, squashed: bool) -> Rows:
    specifier = market.specifier
    if market.id in _SCORERS and event.sport == "football":
        specifier = SEPARATOR.join(filter(None, (specifier, "type=prematch")))
    row = _market(
        event,
        market.id,
        specifier and specifier + SEPARATOR,
        market.kind.name,
        place,
        handicap=float(market.line) if market.line else 0,
        isSuspended=market.is_locked,
        isSquashedMarket=squashed,
    )
    shown_in = f"{event.event_id}{market.id}" if squashed else row["marketId"]
    note = f" ({market.line})" if market.line else ""
    outcomes = [
        _outcome(row, shown_in, each.id, _text(event, market, each), note, each.quote, market.is_locked)
        for each in market.outcomes
    ]
    prices = [
        _price(outcome["outcomeId"], each.quote)
        for outcome, each in zip(outcomes, market.outcomes, strict=True)
    ]
    return Rows(row, outcomes, prices)


def _market(
    event: SimulatedEvent, market_id: str, specifier: str, name: str, place: int, **fields: object
) -> Json:
    return {
        "marketId": f"{event.event_id}{market_id}{specifier}",
        "isActive": True,
        "shouldDisplay": True,
        "isSuspended": False,
        "eventId": int(event.event_id),
        "name": name,
        "displayName": name,
        "index": place,
        "handicap": 0,
        "isCashOutAllowed": True,
        "isBoosted": False,
        "version": _VERSION,
        "isSportBonusAllowed": True,
        "publicHubPublishedTime": _PUBLISHED,
        "additionalInfo": {"Producer": "3", "ProviderMarketGroups": '["all","score","regular_play"]'},
        "marketTypeCName": name,
        "isSquashedParent": False,
        "isSquashedMarket": False,
        "subscriptionId": int(market_id),
        **fields,
    }


def _heading(event: SimulatedEvent, market_id: str, place: int, first_line: str) -> Json:
    return _market(
        event,
        market_id,
        "",
        _SQUASHED[market_id],
        place,
        isSquashedParent=True,
        squashedMarketIds=list[str](),
        defaultLine=first_line,
    )


def _outcome(
    market: Mapping[str, Any],
    shown_in: str,
    outcome_id: str,
    text: str,
    note: str,
    quote: Quote,
    all_locked: bool = False,
) -> Json:
    # A market locked as a whole is suspended and its outcomes stay active.
    active = quote.odds_milli > 0 and (all_locked or not quote.suspended)
    return {
        "outcomeId": f"{market['marketId']}{outcome_id}",
        "shouldDisplay": True,
        "isTradingActive": active,
        "marketId": shown_in,
        "eventId": market["eventId"],
        "name": text,
        "displayName": text,
        "sbv": note,
        "index": 10 + market["index"],
        "handicap": market["handicap"],
        "isBoosted": False,
        "version": _VERSION,
        "skipExtractedHandicap": False,
        "originalMarketId": market["marketId"],
        "publicHubPublishedTime": _PUBLISHED,
        "additionalInfo": {},
        "isCashOutAllowed": False,
    }


def _text(event: SimulatedEvent, market: WrittenMarket, outcome: WrittenOutcome) -> str:
    """Return an outcome's text: team names for sides, a blank after Over and Under, players last name first."""
    if market.kind.names_players and outcome.name not in market.kind.outcomes:
        first, _, last = outcome.name.rpartition(" ")
        return f"{last}, {first}" if first else last
    if market.kind.kind == "over-under":
        return f"{outcome.name} "
    return {"1": event.home, "X": "Draw", "2": event.away}.get(outcome.name, outcome.name)


def _price(outcome_id: str, quote: Quote) -> Json:
    decimal = quote.odds_milli / 1000
    profit = Fraction(max(quote.odds_milli - 1000, 0), 1000)
    return {
        "outcomeId": outcome_id,
        "numerator": profit.numerator,
        "denominator": profit.denominator,
        "priceDecimal": int(decimal) if decimal.is_integer() else decimal,
        "version": _VERSION,
        "publicHubPublishedTime": _PUBLISHED,
    }
