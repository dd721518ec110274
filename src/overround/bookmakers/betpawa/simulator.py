"""BetPawa's server, locally: categories, paged event lists and event details as `wire-formats` and answers show."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zlib import crc32

import msgspec

from overround.bookmakers.base import (
    PriceSource,
    SimulatedAnswer,
    SimulatedEvent,
    SimulatedRequest,
    Simulator,
)
from overround.bookmakers.betpawa import wire
from overround.bookmakers.betpawa.markets import CODE
from overround.bookmakers.betpawa.parser import DETAIL, read_detail, read_header
from overround.bookmakers.betpawa.rendering import BodyWriter, category_id, competition_id, header
from overround.config import packaged_catalogue
from overround.errors import PayloadChanged

API = "/api/sportsbook/v4"
MAX_TAKE = 100

_OWN_ID_MASK = 0x1A2B3C5  # own id = Sportradar id xor this: as long, never the same, and reversible
_UNNAMED = 100  # one list row in so many lacks its Sportradar id, as happens on the real site
_START_TIME = re.compile(rb'("startTime"\s*:\s*")[^"]*(")')
_SHELL = b"<!doctype html><html><head><title>betPawa</title></head><body><div id='app'></div></body></html>"

Order = Literal["ASC", "DESC"]


class _Recorded(wire.Event, frozen=True, kw_only=True, rename="camel"):
    """A captured detail with what tells a running match from one before kickoff."""

    results: msgspec.Raw = msgspec.Raw()
    additional_info: dict[str, Any] | None = None


class _StartTime(msgspec.Struct):
    gte: wire.AwareTime = datetime.min.replace(tzinfo=UTC)
    lt: wire.AwareTime = datetime.max.replace(tzinfo=UTC)


class _Query(msgspec.Struct, rename="camel"):
    event_type: Literal["UPCOMING", "LIVE"]
    categories: tuple[str, ...]
    zones: dict[str, tuple[str, ...]] = {}
    has_odds: bool = True
    start_time: _StartTime = msgspec.field(default_factory=_StartTime)


class _View(msgspec.Struct, rename="camel"):
    market_types: tuple[str, ...] | dict[str, str] = {}


class _Page(msgspec.Struct):
    """One entry of `queries`."""

    query: _Query
    view: _View = msgspec.field(default_factory=_View)
    skip: Annotated[int, msgspec.Meta(ge=0)] = 0
    take: Annotated[int, msgspec.Meta(ge=0)] = 20
    sort: dict[Literal["competitionPriority", "popularity", "startTime"], Order] = {}


class _Asked(msgspec.Struct):
    queries: tuple[_Page, ...]


_RECORDINGS = msgspec.json.Decoder(_Recorded)
_QUERIES = msgspec.json.Decoder(_Asked)

_SORT_KEYS: dict[str, Callable[[SimulatedEvent], str]] = {
    "competitionPriority": competition_id,
    "popularity": lambda event: event.event_id[::-1],
    "startTime": lambda event: event.kickoff_at.isoformat(),
}


class BetPawaSimulator:
    """Answers what the product and the two source libraries ask. Implements `Simulator`."""

    code = CODE

    def __init__(self) -> None:
        self._writer = BodyWriter(packaged_catalogue())

    def own_id(self, sportradar_id: str) -> str:
        """Return the id BetPawa gives a simulated event; the same call leads back."""
        return str(int(sportradar_id) ^ _OWN_ID_MASK)

    def answer(self, request: SimulatedRequest, source: PriceSource) -> SimulatedAnswer:
        """Answer one request: 404 JSON below /api for what does not exist, the page's shell for anything else."""
        if not request.path.startswith("/api/"):
            return SimulatedAnswer(_SHELL, content_type="text/html")
        if request.method != "GET":
            return _refusal(405, "method not allowed")
        if request.path == f"{API}/events/lists/by-queries":
            return self._list(request, source)
        endpoint, _, name = request.path.removeprefix(f"{API}/").rpartition("/")
        if endpoint == "categories/list":
            return _json(_sports(source) if name == "all" else _competitions(source, name))
        if endpoint == "events" and (event := source.event(CODE, name)) is not None:
            return SimulatedAnswer(self._writer.detail(event, source))
        return _refusal(404, "not found")

    def read_recorded(self, body: bytes) -> SimulatedEvent | None:
        """Return the event of a captured prematch detail; None for live answers, lists and anything else."""
        try:
            event = _RECORDINGS.decode(body)
            who = read_header(read_detail(body), DETAIL)
        except (ValueError, RecursionError, PayloadChanged):
            return None
        running = bytes(event.results) not in (b"", b"null") or (event.additional_info or {}).get("live")
        places = (event.category, event.region, event.competition)
        if running or who.sportradar_id is None or any(place is None or place.id is None for place in places):
            return None
        return SimulatedEvent(
            sportradar_id=who.sportradar_id,
            event_id=who.event_id,
            home=who.home,
            away=who.away,
            kickoff_at=who.kickoff_at,
            country=who.country,
            competition=who.competition,
            sport=who.sport,
            genius_id=who.genius_id,
            body=body,
        )

    def with_kickoff(self, body: bytes, kickoff_at: datetime) -> bytes:
        """Return a captured detail with its kickoff replaced, all else byte for byte as it was."""
        text = f"{kickoff_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}".encode()
        return _START_TIME.sub(lambda found: found[1] + text + found[2], body, count=1)

    def _list(self, request: SimulatedRequest, source: PriceSource) -> SimulatedAnswer:
        try:
            asked = _QUERIES.decode(request.query.get("q", ""))
        except ValueError as exc:
            return _refusal(400, str(exc))
        pages = [(page, _page(page, source)) for page in asked.queries]
        if "application/json" not in request.headers.get("accept", "*/*"):
            events = [event for _, found in pages for event in found]
            return SimulatedAnswer(_protobuf(events), content_type="application/x-protobuf")
        return _json({"responses": [{"responses": self._rows(page, found, source)} for page, found in pages]})

    def _rows(
        self, page: _Page, events: Iterable[SimulatedEvent], source: PriceSource
    ) -> list[dict[str, Any]]:
        inline = tuple(page.view.market_types)
        rows: list[dict[str, Any]] = []
        for event in events:
            row = {**header(event), "markets": self._writer.inline_markets(event, source, inline)}
            del row["category"]  # list rows are not known to say their sport
            if crc32(event.event_id.encode()) % _UNNAMED == 0:
                row["widgets"] = [widget for widget in row["widgets"] if widget["type"] != "SPORTRADAR"]
            rows.append(row)
        return rows


def create() -> Simulator:
    """Return BetPawa's server."""
    return BetPawaSimulator()


def _page(page: _Page, source: PriceSource) -> list[SimulatedEvent]:
    """Return the events of one page, in the asked order; equal ones by id, so that pages never overlap."""
    found = [event for event in source.events(CODE) if _matches(page.query, event, source.now())]
    found.sort(key=lambda event: event.event_id)
    for name, order in reversed(page.sort.items()):
        found.sort(key=_SORT_KEYS[name], reverse=order == "DESC")
    return found[page.skip : page.skip + min(page.take, MAX_TAKE)]


def _matches(query: _Query, event: SimulatedEvent, now: datetime) -> bool:
    competitions = query.zones.get("competitions")
    return (
        (event.kickoff_at > now) == (query.event_type == "UPCOMING")
        and query.start_time.gte <= event.kickoff_at < query.start_time.lt
        and category_id(event) in query.categories
        and (competitions is None or competition_id(event) in competitions)
    )


def _sports(source: PriceSource) -> dict[str, Any]:
    """Return categories/list/all: sports with their counts, numbers as text as v4 writes them."""
    counts: dict[str, list[int]] = {}
    names: dict[str, str] = {}
    for event in source.events(CODE):
        category = category_id(event)
        names[category] = event.sport.capitalize()
        counts.setdefault(category, [0, 0])[event.kickoff_at <= source.now()] += 1
    return {
        "onlyMeta": [
            {
                "category": {"id": category, "name": names[category]},
                "eventCounts": {"upcoming": str(upcoming), "live": str(live)},
            }
            for category, (upcoming, live) in counts.items()
        ]
    }


def _competitions(source: PriceSource, category: str) -> dict[str, Any]:
    """Return categories/list/{sport} with regions, whatever the query asks."""
    regions: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    for event in source.events(CODE):
        if category_id(event) == category and competition_id(event) not in seen:
            seen.add(competition_id(event))
            place = header(event)
            entry = {"region": place["region"], "competitions": list[dict[str, Any]]()}
            region = regions.setdefault(str(place["region"]["id"]), entry)
            region["competitions"].append({"competition": place["competition"]})
    return {"withRegions": [{"regions": list(regions.values())}]}


def _json(answer: dict[str, Any]) -> SimulatedAnswer:
    return SimulatedAnswer(msgspec.json.encode(answer))


def _refusal(status: int, message: str) -> SimulatedAnswer:
    return SimulatedAnswer(msgspec.json.encode({"status": status, "message": message}), status=status)


def _protobuf(events: Iterable[SimulatedEvent]) -> bytes:
    """Return what the list answers to `accept: */*`: no JSON; field 1, the ids, is all it holds here."""
    return b"".join(b"\x0a" + bytes([len(event.event_id)]) + event.event_id.encode() for event in events)
