"""SportyBet's server, locally: tree, lists with inline markets, details and refusals in its own shapes."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from zlib import crc32

import msgspec

from overround.bookmakers.base import PriceSource, Quote, SimulatedAnswer, SimulatedEvent, SimulatedRequest
from overround.bookmakers.epoch import from_ms
from overround.bookmakers.facts_center import sportradar_id
from overround.bookmakers.feed import UNMAPPED, FeedTable
from overround.bookmakers.feed_spelling import Spelling, spelt_markets
from overround.bookmakers.feed_writing import merged
from overround.bookmakers.sportybet.client import COUNTRIES
from overround.bookmakers.sportybet.filler import VARIANTS, FurtherMarket, fragment, further_markets
from overround.bookmakers.sportybet.markets import CODE
from overround.bookmakers.sportybet.parser import genius_id, read_detail, sport_of
from overround.bookmakers.sportybet.rendering import (
    Json,
    event_header,
    kickoff_ms,
    market_json,
    place_of,
    pretty,
    priced_market,
)
from overround.config import packaged_catalogue
from overround.domain.catalogue import Catalogue
from overround.domain.markets import MarketKey
from overround.errors import EventGone, PayloadChanged

_PATH = re.compile(rf"/api/(?:{'|'.join(COUNTRIES)})/factsCenter/(\w+)")
_KICKOFF = re.compile(rb'("estimateStartTime"\s*:\s*)\d+')
_PAGE = b"<!DOCTYPE html><html><head><title>SportyBet</title></head><body><div id='app'></div></body></html>"
_INVALID = 19000  # "Invalid": a bad parameter
_NOT_FOUND = 19404  # ours: which code stands for an unknown event was not captured
_PAGE_SIZE = 100
_LISTED_LINES = ("-1.5", "-1", "-0.5", "0", "0.5", "1.5", "2.5")  # lists show the popular ones


def create() -> "SportyBetSimulator":
    """Return the simulator, writing the markets of the packaged catalogue."""
    return SportyBetSimulator(packaged_catalogue())


class SportyBetSimulator:
    """One bookmaker's server. Implements `Simulator`."""

    code = CODE

    def __init__(self, catalogue: Catalogue) -> None:
        self._types = {
            (kind.sport, kind.id): (kind, kind.books[CODE]) for kind in catalogue.types if CODE in kind.books
        }
        self._mapped = FeedTable(catalogue, CODE).of("football")
        self._calls: dict[str, Callable[[SimulatedRequest, PriceSource], SimulatedAnswer]] = {
            "popularAndSportList": self._tree,
            "pcEvents": self._events_of_tournaments,
            "pcUpcomingEvents": self._upcoming_events,
            "event": self._event,
        }

    def own_id(self, sportradar_id: str) -> str:
        """Return SportyBet's id of a match: the Sportradar id, marked as a match."""
        return f"sr:match:{sportradar_id}"

    def answer(self, request: SimulatedRequest, source: PriceSource) -> SimulatedAnswer:
        """Answer like the real site; a path it does not know is a page."""
        path = _PATH.fullmatch(request.path)
        call = self._calls.get(path[1]) if path else None
        if call is None:
            return SimulatedAnswer(_PAGE, status=404, content_type="text/html;charset=utf-8")
        return call(request, source)

    def read_recorded(self, body: bytes) -> SimulatedEvent | None:
        """Return the match of a captured detail before kickoff, None for anything else."""
        try:
            event = read_detail(body)
        except (EventGone, PayloadChanged):
            return None
        digits = sportradar_id(event.event_id)
        if digits is None or event.status != 0:
            return None
        category = event.sport.category
        return SimulatedEvent(
            sportradar_id=digits,
            event_id=event.event_id,
            home=event.home_team_name,
            away=event.away_team_name,
            kickoff_at=from_ms(event.estimate_start_time),
            country=category.name or "",
            competition=category.tournament.name or "",
            sport=sport_of(event.sport),
            genius_id=genius_id(event.event_source),
            body=body,
        )

    def with_kickoff(self, body: bytes, kickoff_at: datetime) -> bytes:
        """Return the detail with its `estimateStartTime` replaced."""
        return _KICKOFF.sub(rb"\g<1>%d" % kickoff_ms(kickoff_at), body, count=1)

    def _tree(self, request: SimulatedRequest, source: PriceSource) -> SimulatedAnswer:
        sport_id = request.query.get("sportId", "")
        if not sport_id:
            return _refusal(_INVALID, "Invalid")
        events = _of_sport(source.events(CODE), sport_id)
        categories: dict[str, Json] = {}
        for event in events:
            _, category_id, tournament_id = place_of(event)
            category = categories.setdefault(category_id, _node(category_id, event.country, tournaments={}))
            tournament = category["tournaments"].setdefault(
                tournament_id, _node(tournament_id, event.competition)
            )
            category["eventSize"] += 1
            tournament["eventSize"] += 1
        for category in categories.values():
            category["tournaments"] = list(category["tournaments"].values())
        name = events[0].sport.capitalize() if events else ""
        sport = _node(sport_id, name, categories=list(categories.values())) | {"eventSize": len(events)}
        return _success({"sportList": [sport] if events else []})

    def _events_of_tournaments(self, request: SimulatedRequest, source: PriceSource) -> SimulatedAnswer:
        try:
            asked = _TOURNAMENT_QUERIES.decode(request.body)
        except (ValueError, RecursionError):
            return _refusal(_INVALID, "Invalid")
        if request.method != "POST" or not asked:
            return _refusal(_INVALID, "Invalid")
        tournaments: list[Json] = []
        for query in asked:
            wanted = {tournament_id for chunk in query.tournament_id for tournament_id in chunk}
            events = [
                event
                for event in _of_sport(source.events(CODE), query.sport_id)
                if place_of(event)[2] in wanted
            ]
            tournaments += self._by_tournament(events, query.market_id, source)
        return _success(tournaments)

    def _upcoming_events(self, request: SimulatedRequest, source: PriceSource) -> SimulatedAnswer:
        query = request.query
        try:
            size, page = int(query.get("pageSize", _PAGE_SIZE)), int(query.get("pageNum", 1))
        except ValueError:
            return _refusal(_INVALID, "Invalid")
        if not query.get("sportId") or not 1 <= size <= _PAGE_SIZE or page < 1:
            return _refusal(_INVALID, "Invalid")
        events = sorted(_of_sport(source.events(CODE), query["sportId"]), key=lambda event: event.kickoff_at)
        part = events[(page - 1) * size : page * size]
        tournaments = self._by_tournament(part, query.get("marketId", ""), source)
        return _success({"totalNum": len(events), "tournaments": tournaments})

    def _event(self, request: SimulatedRequest, source: PriceSource) -> SimulatedAnswer:
        event_id = request.query.get("eventId", "")
        if sportradar_id(event_id) is None:
            return _refusal(_INVALID, "Invalid")
        event = source.event(CODE, event_id)
        if event is None:
            return _refusal(_NOT_FOUND, "event not found")
        return SimulatedAnswer(event.body if event.body is not None else self._detail(event, source))

    def _detail(self, event: SimulatedEvent, source: PriceSource) -> bytes:
        quotes = source.quotes(CODE, event)
        parts = [market_json(market) for market in self._priced(event, source, quotes.items())]
        if event.sport == "football":
            variant = crc32(event.event_id.encode()) % VARIANTS
            further = islice(self._further(), source.filler_groups(CODE, event))
            parts += [fragment(market, specifier, variant) for market, specifier in further]
        envelope = {"bizCode": 10000, "message": "0#0", "data": event_header(event, source)}
        markets = b"[\n      " + b",\n      ".join(parts) + b"\n    ]" if parts else b"[]"
        return pretty(envelope).replace(b'"markets": []', b'"markets": ' + markets, 1)

    def _further(self) -> Iterator[tuple[FurtherMarket, str]]:
        """Yield markets that the catalogue lacks."""
        for market, specifier in further_markets():
            if self._mapped.resolve(market.id, specifier) is UNMAPPED:
                yield market, specifier

    def _by_tournament(
        self, events: Iterable[SimulatedEvent], market_ids: str, source: PriceSource
    ) -> list[Json]:
        """Return the events in their tournaments, each with those of its markets that were asked for."""
        wanted = set(market_ids.split(",")) - {""}
        tournaments: dict[str, Json] = {}
        for event in events:
            _, category_id, tournament_id = place_of(event)
            tournament = tournaments.setdefault(
                tournament_id,
                {
                    "id": tournament_id,
                    "name": event.competition,
                    "categoryId": category_id,
                    "categoryName": event.country,
                    "events": [],
                },
            )
            tournament["events"].append(self._listed(event, wanted, source))
        return list(tournaments.values())

    def _listed(self, event: SimulatedEvent, wanted: set[str], source: PriceSource) -> Json:
        if event.body is not None:
            row: Json = msgspec.json.decode(event.body)["data"]
            shown = [market for market in row["markets"] if str(market["id"]) in wanted]
            return {**row, "markets": shown, "totalMarketSize": len(row["markets"])}
        quotes = source.quotes(CODE, event)
        asked = [(key, offered) for key in self._keys(event.sport, wanted) if (offered := quotes.get(key))]
        shown = self._priced(event, source, asked)
        size = len(shown) + source.filler_groups(CODE, event)
        return {**event_header(event, source), "markets": shown, "totalMarketSize": size}

    def _keys(self, sport: str, wanted: set[str]) -> Iterator[MarketKey]:
        """Yield what the asked market ids may mean; a world prices no more of an event than is looked at."""
        for (kind_sport, market_id), (kind, rule) in self._types.items():
            if kind_sport == sport and not wanted.isdisjoint(rule.ids):
                yield from (MarketKey(market_id, line) for line in (_LISTED_LINES if kind.param else ("",)))

    def _priced(
        self,
        event: SimulatedEvent,
        source: PriceSource,
        quotes: Iterable[tuple[MarketKey, Mapping[str, Quote]]],
    ) -> list[Json]:
        """Return the markets that have quotes, lines of one market together."""
        spelling = Spelling(event.sportradar_id, event.home, event.away, source.players(event))
        written = (
            market
            for key, offered in quotes
            if any(quote.odds_milli for quote in offered.values())
            for market in spelt_markets(*self._types[event.sport, key.market_id], key, offered, spelling)
        )
        return [priced_market(market) for market in merged(written)]


class _TournamentQuery(msgspec.Struct, rename="camel"):
    """One element of a pcEvents body."""

    sport_id: str
    market_id: str
    tournament_id: list[list[str]]


_TOURNAMENT_QUERIES = msgspec.json.Decoder(list[_TournamentQuery])


def _of_sport(events: Iterable[SimulatedEvent], sport_id: str) -> Sequence[SimulatedEvent]:
    return [event for event in events if place_of(event)[0] == sport_id]


def _node(node_id: str, name: str, **children: object) -> Json:
    """Return a node of the tree without events; the caller counts them."""
    return {"id": node_id, "name": name, "eventSize": 0, **children}


def _success(data: object) -> SimulatedAnswer:
    return SimulatedAnswer(pretty({"bizCode": 10000, "message": "0#0", "data": data}))


def _refusal(biz_code: int, message: str) -> SimulatedAnswer:
    """Return a refusal: HTTP says 200, the code says why."""
    return SimulatedAnswer(pretty({"bizCode": biz_code, "message": message}))
