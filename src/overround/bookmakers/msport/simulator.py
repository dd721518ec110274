"""MSport's server, locally: lists with a cursor, details and refusals in its own shapes."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from zlib import crc32

import msgspec

from overround.bookmakers.base import PriceSource, Quote, SimulatedAnswer, SimulatedEvent, SimulatedRequest
from overround.bookmakers.epoch import from_ms
from overround.bookmakers.facts_center import sport_word, sportradar_id
from overround.bookmakers.feed_spelling import Spelling, spelt_markets
from overround.bookmakers.feed_writing import merged
from overround.bookmakers.msport.client import OPERATORS
from overround.bookmakers.msport.markets import CODE
from overround.bookmakers.msport.parser import read_detail
from overround.bookmakers.msport.rendering import (
    VARIANTS,
    Json,
    event_fields,
    filling_markets,
    kickoff_ms,
    market_json,
    pretty,
    priced_market,
    success,
)
from overround.config import packaged_catalogue
from overround.domain.catalogue import MAIN_MARKETS, Catalogue
from overround.domain.markets import MarketKey
from overround.errors import EventGone, PayloadChanged

_PATH = re.compile(rf"/api/({'|'.join(OPERATORS)})/facts-center/query/frontend/([\w/-]+)")
_KICKOFF = re.compile(rb'("startTime"\s*:\s*)\d+')
_PAGE = b"<!DOCTYPE html><html><head><title>MSport</title></head><body><div id='app'></div></body></html>"
_INVALID = 19000  # a bad parameter, operid included
_NOT_FOUND = 19404  # ours: which code stands for an unknown event was not captured
_DEFAULT_LIMIT, _MOST = 50, 100

Call = Callable[[Mapping[str, str], PriceSource], SimulatedAnswer]


def create() -> "MSportSimulator":
    """Return the simulator, writing the markets of the packaged catalogue."""
    return MSportSimulator(packaged_catalogue())


class MSportSimulator:
    """One bookmaker's server. Implements `Simulator`."""

    code = CODE

    def __init__(self, catalogue: Catalogue) -> None:
        self._types = {
            (kind.sport, kind.id): (kind, kind.books[CODE]) for kind in catalogue.types if CODE in kind.books
        }
        self._calls: dict[str, Call] = {
            "sports": self._sports,
            "sports-matches-list": self._list,
            "live-matches/list": self._live,
            "match/detail": self._event,
        }

    def own_id(self, sportradar_id: str) -> str:
        """Return MSport's id of a match: the Sportradar id, marked as a match."""
        return f"sr:match:{sportradar_id}"

    def answer(self, request: SimulatedRequest, source: PriceSource) -> SimulatedAnswer:
        """Answer like the real site; a path it does not know is a page, another country's operid is refused."""
        path = _PATH.fullmatch(request.path)
        call = self._calls.get(path[2]) if path else None
        if path is None or call is None:
            return SimulatedAnswer(_PAGE, status=404, content_type="text/html;charset=utf-8")
        if request.headers.get("operid") != OPERATORS[path[1]]:
            return _refusal(_INVALID, "invalid operId")
        return call(request.query, source)

    def read_recorded(self, body: bytes) -> SimulatedEvent | None:
        """Return the match of a captured detail before kickoff, None for anything else."""
        try:
            event = read_detail(body)
        except (EventGone, PayloadChanged):
            return None
        digits = sportradar_id(event.event_id)
        if digits is None or event.status != 0:
            return None
        return SimulatedEvent(
            sportradar_id=digits,
            event_id=event.event_id,
            home=event.home_team,
            away=event.away_team,
            kickoff_at=from_ms(event.start_time),
            country=event.category or "",
            competition=event.tournament or "",
            sport=sport_word(event.sport_id, event.sport),
            body=body,
        )

    def with_kickoff(self, body: bytes, kickoff_at: datetime) -> bytes:
        """Return the detail with its `startTime` replaced."""
        return _KICKOFF.sub(rb"\g<1>%d" % kickoff_ms(kickoff_at), body, count=1)

    def _sports(self, query: Mapping[str, str], source: PriceSource) -> SimulatedAnswer:
        headers = [_header(event, source) for event in source.events(CODE)]
        sports = {header["sportId"]: header["sport"] for header in headers}
        rows = [{"sportId": sport_id, "sportName": name, "count": 0} for sport_id, name in sports.items()]
        return _answered({"sports": rows})

    def _list(self, query: Mapping[str, str], source: PriceSource) -> SimulatedAnswer:
        limit, cursor = query.get("limit", str(_DEFAULT_LIMIT)), query.get("lastEventId", "")
        events = _of_sport(source, query.get("sportId", ""), live=False)
        ids = [event.event_id for event in events]
        if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit) <= _MOST):
            return _refusal(_INVALID, "Invalid")
        if cursor and cursor not in ids:
            return _refusal(_INVALID, "Invalid")
        start = ids.index(cursor) + 1 if cursor else 0
        page = events[start : start + int(limit)]
        last = page[-1].event_id if page else cursor or None
        return _answered({"lastEventId": last, "tournaments": self._by_tournament(page, source)})

    def _live(self, query: Mapping[str, str], source: PriceSource) -> SimulatedAnswer:
        events = _of_sport(source, query.get("sportId", ""), live=True)
        tournaments = self._by_tournament(events, source)
        return _answered({"comingSoons": [], "events": [], "tournaments": tournaments})

    def _event(self, query: Mapping[str, str], source: PriceSource) -> SimulatedAnswer:
        event_id = query.get("eventId", "")
        if sportradar_id(event_id) is None:
            return _refusal(_INVALID, "Invalid")
        event = source.event(CODE, event_id)
        if event is None:
            return _refusal(_NOT_FOUND, "event not found")
        return SimulatedAnswer(event.body if event.body is not None else self._detail(event, source))

    def _detail(self, event: SimulatedEvent, source: PriceSource) -> bytes:
        parts = [
            market_json(market) for market in self._priced(event, source, source.quotes(CODE, event).items())
        ]
        variant = crc32(event.event_id.encode()) % VARIANTS
        if event.sport == "football":
            parts += islice(filling_markets(variant), source.filler_groups(CODE, event))
        body = pretty(success({**event_fields(event, source), "marketsCount": len(parts)}))
        markets = b"[\n      " + b",\n      ".join(parts) + b"\n    ]" if parts else b"[]"
        return body.replace(b'"markets": []', b'"markets": ' + markets, 1)

    def _by_tournament(self, events: Iterable[SimulatedEvent], source: PriceSource) -> list[Json]:
        """Return the events in their tournaments, each with its main markets."""
        tournaments: dict[str, Json] = {}
        for event in events:
            row = self._listed(event, source)
            tournament = tournaments.setdefault(
                row["tournamentId"],
                {
                    "category": row["category"],
                    "events": [],
                    "tournament": row["tournament"],
                    "tournamentId": row["tournamentId"],
                },
            )
            tournament["events"].append(row)
        return list(tournaments.values())

    def _listed(self, event: SimulatedEvent, source: PriceSource) -> Json:
        row = _header(event, source)
        if event.body is not None:
            return {**row, "markets": [market for market in row["markets"] if market["id"] in (1, 18)]}
        quotes = source.quotes(CODE, event)
        main = [(key, offered) for key in MAIN_MARKETS if (offered := quotes.get(key))]
        return {**row, "markets": list(self._priced(event, source, main))}

    def _priced(
        self,
        event: SimulatedEvent,
        source: PriceSource,
        quotes: Iterable[tuple[MarketKey, Mapping[str, Quote]]],
    ) -> Iterator[Json]:
        """Yield the markets that have quotes, lines of one market together."""
        spelling = Spelling(event.sportradar_id, event.home, event.away, source.players(event))
        written = (
            market
            for key, offered in quotes
            if any(quote.odds_milli for quote in offered.values())
            for market in spelt_markets(*self._types[event.sport, key.market_id], key, offered, spelling)
        )
        return (priced_market(market) for market in merged(written))


def _header(event: SimulatedEvent, source: PriceSource) -> Json:
    """Return an event's fields, of a recorded one as captured, markets included."""
    return event_fields(event, source) if event.body is None else msgspec.json.decode(event.body)["data"]


def _of_sport(source: PriceSource, sport_id: str, *, live: bool) -> Sequence[SimulatedEvent]:
    return [
        event
        for event in sorted(source.events(CODE), key=lambda event: (event.kickoff_at, event.event_id))
        if (event.kickoff_at <= source.now()) is live and _header(event, source)["sportId"] == sport_id
    ]


def _answered(data: Json) -> SimulatedAnswer:
    return SimulatedAnswer(pretty(success(data)))


def _refusal(biz_code: int, message: str) -> SimulatedAnswer:
    """Return a refusal: HTTP says 200, the code says why."""
    return SimulatedAnswer(pretty({"bizCode": biz_code, "data": None, "innerMsg": None, "message": message}))
