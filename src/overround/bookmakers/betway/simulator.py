"""Betway's server, locally: paged lists, headers, pages of markets and empty answers in its own shapes."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice

import msgspec

from overround.bookmakers.base import PriceSource, Quote, SimulatedAnswer, SimulatedEvent, SimulatedRequest
from overround.bookmakers.betway.client import API, COUNTRIES
from overround.bookmakers.betway.markets import CODE, SEPARATOR
from overround.bookmakers.betway.parser import read_detail, sport_of, sportradar_id
from overround.bookmakers.betway.rendering import (
    Json,
    Rows,
    epoch,
    filler_rows,
    game_state,
    market_rows,
    page,
    pretty,
    sport_event,
)
from overround.bookmakers.epoch import from_seconds
from overround.bookmakers.feed_writing import merged, written_market
from overround.config import packaged_catalogue
from overround.domain.catalogue import Catalogue
from overround.domain.markets import MarketKey
from overround.errors import EventGone, PayloadChanged

_LIST = re.compile(rf"{API}/v1/BetBook/(Upcoming|Highlights|LiveInPlay|Filtered)/?")
_REGIONS = re.compile(rf"{API}/v1/Feeds/RegionsAndLeagues/(\w+)")
_HEADER = f"{API}/v3/Feeds/Events/EventAndGameState"
_MARKETS = f"{API}/v1/MarketGroupings/MarketGroupNamesAndMarketsForEvent"
_KICKOFF = re.compile(rb'("expectedStartEpoch"\s*:\s*)\d+')
_HIGHLIGHTS = 29  # no more of them are ever shown
_MOST = 100  # rows of a page
_MAIN = "[Win/Draw/Win]"

Quotes = Mapping[MarketKey, Mapping[str, Quote]]
Call = Callable[[Mapping[str, str], PriceSource], SimulatedAnswer]


def create() -> "BetwaySimulator":
    """Return the simulator, writing the markets of the packaged catalogue."""
    return BetwaySimulator(packaged_catalogue())


class BetwaySimulator:
    """One bookmaker's server. Implements `Simulator`."""

    code = CODE

    def __init__(self, catalogue: Catalogue) -> None:
        self._types = {
            (kind.sport, kind.id): (kind, kind.books[CODE]) for kind in catalogue.types if CODE in kind.books
        }
        self._main = {
            sport: MarketKey(market_id)
            for (sport, market_id), (_, rule) in self._types.items()
            if "1" in rule.ids
        }

    def own_id(self, sportradar_id: str) -> str:
        """Return Betway's id of a match: the Sportradar id."""
        return sportradar_id

    def answer(self, request: SimulatedRequest, source: PriceSource) -> SimulatedAnswer:
        """Answer like the real site: nothing at all in a country it left, 404 for a path it does not know."""
        call = self._call(request.path)
        if call is None:
            return _problem(404, "Not Found")
        if request.query.get("countryCode", "").lower() not in COUNTRIES:
            return SimulatedAnswer(b"")
        return call(request.query, source)

    def read_recorded(self, body: bytes) -> SimulatedEvent | None:
        """Return the match of a captured header with markets before kickoff, None for anything else."""
        try:
            detail = read_detail(body)
        except (EventGone, PayloadChanged):
            return None
        event = detail.event
        digits = sportradar_id(event.event_id)
        if digits is None or event.is_live or event.is_finished or not detail.has_markets:
            return None
        return SimulatedEvent(
            sportradar_id=digits,
            event_id=digits,
            home=event.home_team,
            away=event.away_team,
            kickoff_at=from_seconds(event.expected_start_epoch),
            country=event.region or "",
            competition=event.league or "",
            sport=sport_of(event.sport_id),
            body=body,
        )

    def with_kickoff(self, body: bytes, kickoff_at: datetime) -> bytes:
        """Return the detail with its `expectedStartEpoch` replaced."""
        return _KICKOFF.sub(rb"\g<1>%d" % epoch(kickoff_at), body)

    def _call(self, path: str) -> Call | None:
        if path == _HEADER:
            return self._header
        if path == _MARKETS:
            return self._markets
        if listed := _LIST.fullmatch(path):
            return lambda query, source: self._list(listed[1], query, source)
        if regions := _REGIONS.fullmatch(path):
            return lambda query, source: _regions(regions[1], source)
        return None

    def _list(self, name: str, query: Mapping[str, str], source: PriceSource) -> SimulatedAnswer:
        bounds = _bounds(query.get("Skip", "0"), query.get("Take", "20"))
        if bounds is None:
            return _problem(400, "Bad Request")
        live = name == "LiveInPlay"
        events = [
            event
            for event in source.events(CODE)
            if _header_of(event, source)["sportId"] == query.get("sportId")
            and (event.kickoff_at <= source.now()) is live
        ]
        events = events[:_HIGHLIGHTS] if name == "Highlights" else events
        shown = events[bounds]
        rows = [
            row for event in shown for row in self._asked_rows(event, query.get("marketTypes", ""), source)
        ]
        answer = {
            "events": [_header_of(event, source) for event in shown],
            **{part: rendered for part, rendered in page(rows).items() if part != "marketGroupNames"},
            "scores": [game_state(event, live) for event in shown],
            "isFinalPage": bounds.stop >= len(events),
        }
        return SimulatedAnswer(pretty(_named_as_in_lists(answer)))

    def _header(self, query: Mapping[str, str], source: PriceSource) -> SimulatedAnswer:
        event = source.event(CODE, query.get("eventId", ""))
        if event is None:
            return _problem(404, "Not Found")
        header = _header_of(event, source)
        state = header.get("gameStateTimeScore") or game_state(event, started=False)
        return SimulatedAnswer(pretty({"sportEvent": header, "gameStateTimeScore": state}))

    def _markets(self, query: Mapping[str, str], source: PriceSource) -> SimulatedAnswer:
        event = source.event(CODE, query.get("eventId", ""))
        bounds = _bounds(query.get("skip", "0"), query.get("take", "20"))
        if bounds is None:
            return _problem(400, "Bad Request")
        rows = self._rows(event, source)[bounds] if event is not None else ()
        return SimulatedAnswer(pretty(page(rows)))

    def _rows(self, event: SimulatedEvent, source: PriceSource) -> Sequence[Rows]:
        if event.body is not None:
            return _recorded_rows(event.body)
        filler = islice(filler_rows(event), source.filler_groups(CODE, event))
        return [*self._priced(event, source, source.quotes(CODE, event)), *filler]

    def _asked_rows(self, event: SimulatedEvent, market_types: str, source: PriceSource) -> Sequence[Rows]:
        """Return what stands beside an event in lists: the 1X2, unless other market types are asked for."""
        if market_types not in ("", _MAIN):
            return ()
        if event.body is not None:
            return [row for row in _recorded_rows(event.body) if row.market["subscriptionId"] == 1]
        key = self._main.get(event.sport)
        quotes = source.quotes(CODE, event).get(key) if key else None
        return self._priced(event, source, {key: quotes}) if key and quotes else ()

    def _priced(self, event: SimulatedEvent, source: PriceSource, quotes: Quotes) -> Sequence[Rows]:
        """Return the markets that have quotes, in the order of their first line."""
        players = {player.name: player for player in source.players(event)}
        markets = merged(
            written_market(*self._types[event.sport, key.market_id], key, offered, players, SEPARATOR)
            for key, offered in quotes.items()
            if any(quote.odds_milli for quote in offered.values())
        )
        return market_rows(event, markets)


def _header_of(event: SimulatedEvent, source: PriceSource) -> Json:
    """Return an event's header, of a recorded one as captured."""
    if event.body is None:
        return sport_event(event, source)
    return _parts(event.body)[0]["sportEvent"]


def _recorded_rows(body: bytes) -> list[Rows]:
    """Return the markets of a captured detail, each with its own outcomes and prices, as they were."""
    parts = _parts(body)
    rows = {
        market["marketId"]: Rows(market, [], [])
        for part in parts
        for market in part.get("marketsInGroup") or ()
    }
    of_outcome: dict[str, Rows] = {}
    for part in parts:
        for outcome in part.get("outcomes") or ():
            row = rows.get(outcome.get("originalMarketId")) or rows.get(outcome["marketId"])
            if row is not None:
                row.outcomes.append(outcome)
                of_outcome[outcome["outcomeId"]] = row
        for price in part.get("prices") or ():
            if price["outcomeId"] in of_outcome:
                of_outcome[price["outcomeId"]].prices.append(price)
    return list(rows.values())


def _parts(body: bytes) -> list[Json]:
    recorded: Json | list[Json] = msgspec.json.decode(body)
    return recorded if isinstance(recorded, list) else [recorded]


def _regions(sport_id: str, source: PriceSource) -> SimulatedAnswer:
    regions: dict[str, Json] = {}
    for event in source.events(CODE):
        header = _header_of(event, source)
        if header["sportId"] == sport_id:
            name = header["region"]
            region = regions.setdefault(name, {"regionId": header["regionId"], "name": name, "leagues": []})
            league = {"leagueId": header["leagueId"], "name": header["league"]}
            if league not in region["leagues"]:
                region["leagues"].append(league)
    return SimulatedAnswer(pretty({"regions": list(regions.values())}))


def _named_as_in_lists(answer: Json) -> Json:
    return {"markets" if name == "marketsInGroup" else name: part for name, part in answer.items()}


def _bounds(skip: str, take: str) -> slice | None:
    """Return the rows that are asked for, None for a bad parameter."""
    if not (skip.isascii() and skip.isdecimal() and take.isascii() and take.isdecimal()):
        return None
    return slice(int(skip), int(skip) + int(take)) if 1 <= int(take) <= _MOST else None


def _problem(status: int, title: str) -> SimulatedAnswer:
    return SimulatedAnswer(pretty({"title": title, "status": status}), status=status)
