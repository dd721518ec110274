"""BetPawa's requests: discovery through one paged query of the whole sport, and one call per event."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote

import msgspec

from overround.bookmakers.base import (
    Ask,
    GlancedEvent,
    GlanceLimits,
    ParsedEvent,
    Request,
    Window,
    nothing,
)
from overround.bookmakers.betpawa import wire
from overround.bookmakers.betpawa.markets import CODE
from overround.bookmakers.betpawa.parser import DETAIL, EventParser, read_header
from overround.bookmakers.together import together
from overround.domain.catalogue import Catalogue
from overround.domain.events import ListedEvent
from overround.errors import BookmakerError, ConfigError, PayloadChanged

# country -> host, x-pawa-brand
SITES: dict[str, tuple[str, str]] = {
    "ng": ("https://www.betpawa.ng", "betpawa-nigeria"),
    "gh": ("https://www.betpawa.com.gh", "betpawa-ghana"),
    "ke": ("https://www.betpawa.co.ke", "betpawa-kenya"),
    "ug": ("https://www.betpawa.ug", "betpawa-uganda"),
    "tz": ("https://www.betpawa.co.tz", "betpawa-tanzania"),
    "zm": ("https://www.betpawa.co.zm", "betpawa-zambia"),
    "rw": ("https://www.betpawa.rw", "betpawa-rwanda"),
    "cm": ("https://www.betpawa.cm", "betpawa-cameroon"),
    "bj": ("https://www.betpawa.bj", "betpawa-benin"),
    "cd": ("https://www.betpawa.cd", "betpawa-drc"),
    "mw": ("https://www.betpawa.mw", "betpawa-malawi"),
    "ao": ("https://www.betpawa.ao", "betpawa-angola"),
    "mz": ("https://www.betpawa.co.mz", "betpawa-mozambique"),
    "sl": ("https://sl.betpawa.com", "betpawa-sierraleone"),
    "cg": ("https://cg.betpawa.com", "betpawa-congobrazzaville"),
    "ls": ("https://ls.betpawa.com", "betpawa-lesotho"),
    "bw": ("https://bw.betpawa.com", "betpawa-botswana"),
    "lr": ("https://lr.betpawa.com", "betpawa-liberia"),
    "ml": ("https://ml.betpawa.com", "betpawa-mali"),
    "ss": ("https://ss.betpawa.com", "betpawa-southsudan"),
    "tg": ("https://tg.betpawa.com", "betpawa-togo"),
    "zw": ("https://zw.betpawa.com", "betpawa-zimbabwe"),
}
API = "/api/sportsbook/v4"
FOOTBALL = "2"
PAGE_SIZE = 100
MAX_PAGES = 100  # of one query; 10,000 events are eight times what the site lists
MAX_IDENTIFIED = 100  # details asked per discovery for rows without a Sportradar id
PARALLEL = 5  # requests of one discovery at once, as the origin does

MAIN_MARKETS = ("3743", "5000", "3795", "4693")  # market types of a glance: 1X2, over/under, both score, DC
ROOM = 90  # events of a glance; a competition may have got one more since its list was read

View = Mapping[str, Mapping[str, str] | Sequence[str]]

_NO_MARKETS: View = {"marketTypes": {}}  # {} sends none inline
_MAIN_MARKETS: View = {"marketTypes": MAIN_MARKETS}

_LIST = "events/lists/by-queries"
_SPORTS = "categories/list/all"
_COMPETITIONS = "categories/list/{sport}"
_LISTS = msgspec.json.Decoder(wire.EventList)
_ROWS = msgspec.json.Decoder(wire.Header)
_PRICED_ROWS = msgspec.json.Decoder(wire.ListedEvent)
_METAS = msgspec.json.Decoder(wire.Sports)
_REGIONS = msgspec.json.Decoder(wire.Competitions)

Shape = TypeVar("Shape")
Zones = Mapping[
    str, Sequence[str]
]  # {} is the whole sport, {"competitions": ["11965"]} one of its competitions


class BetPawa:
    """BetPawa, one country of it. Implements `Bookmaker` and `Glancing`; a group is a competition."""

    code = CODE
    name = "BetPawa"
    glance_limits = GlanceLimits(groups=40, events=ROOM)
    glance_operation = _LIST

    def __init__(self, catalogue: Catalogue, base_url: str = "", country: str = "ng") -> None:
        """
        Read the site of `country`; `base_url` stands in for its host, the brand stays the country's.

        Raises:
            ConfigError: BetPawa does not serve that country.
        """
        if country not in SITES:
            raise ConfigError(
                "OVERROUND_BETPAWA_COUNTRY",
                f"BetPawa does not serve {country!r}; choose from {', '.join(SITES)}",
            )
        host, brand = SITES[country]
        self._root = f"{base_url.rstrip('/') or host}{API}"
        # Without accept the list answers protobuf.
        self._headers = {"accept": "application/json", "x-pawa-brand": brand, "devicetype": "web"}
        self._parser = EventParser(catalogue)

    async def discover(self, ask: Ask, window: Window) -> list[ListedEvent]:
        """
        Return every upcoming football event in the window: all pages of the sport, in one query.

        When page one is empty while BetPawa counts football events, its competitions are asked one by one.
        Rows without a Sportradar id get theirs from the detail, the nearest kickoffs first.

        Raises:
            BookmakerError: A list failed.
        """
        count, found = await self._pages(ask, window, {})
        if not count and await self._counts_events(ask):
            count, found = await self._walk(ask, window)
        if count and not found:
            raise PayloadChanged(CODE, _LIST, f"not one of {count} rows can be read")
        rows = [row for row in found.values() if row.sport == "football" and window.holds(row.kickoff_at)]
        identified = await self._identified(ask, rows)
        return [identified.get(row.event_id, row) for row in rows]

    def event_request(self, event_id: str) -> Request:
        """Return the request for one event with all its markets."""
        url = f"{self._root}/events/{quote(event_id, safe='')}"
        return Request(operation=DETAIL, url=url, kind="event", headers=self._headers)

    def parse_event(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read an inflated event detail.

        Raises:
            PayloadChanged: As `EventParser.parse`; an unknown event is a 404, so never a body.
        """
        return self._parser.parse(body, on_decoded)

    def glance_request(self, groups: Sequence[str], window: Window) -> Request:
        """Return the query of these competitions with their main markets, the nearest kickoffs first."""
        query = _query(window, {"competitions": groups})
        page = {"skip": 0, "take": PAGE_SIZE, "sort": {"startTime": "ASC"}}
        return self._queried({"query": query, "view": _MAIN_MARKETS, **page})

    def parse_glance(self, body: bytes) -> Iterator[GlancedEvent]:
        """
        Read a list answer with inline markets, row by row.

        Raises:
            PayloadChanged: Not an answer to one query.
        """
        return self._glanced(_rows(body))

    def _glanced(self, rows: Iterable[msgspec.Raw]) -> Iterator[GlancedEvent]:
        for row in rows:
            with suppress(PayloadChanged):
                yield self._parser.glanced(_read(_PRICED_ROWS, row, _LIST), _LIST, "football")

    async def _pages(self, ask: Ask, window: Window, zones: Zones) -> tuple[int, dict[str, ListedEvent]]:
        """
        Return how many rows one query has, and event id -> row for those we can read.

        The page after a short one is not asked for.
        """
        total, found = 0, dict[str, ListedEvent]()
        for page in range(MAX_PAGES):
            count, rows = read_list(await ask(self._list_request(window, zones, page * PAGE_SIZE)))
            fresh = {row.event_id: row for row in rows if row.event_id not in found}
            total += count
            found |= fresh
            if count < PAGE_SIZE:
                return total, found
            if not fresh:
                raise PayloadChanged(CODE, _LIST, f"page {page + 1} repeats what came before it")
        raise PayloadChanged(CODE, _LIST, f"the list does not end after {MAX_PAGES} pages")

    async def _counts_events(self, ask: Ask) -> bool:
        return read_upcoming(await ask(self._get(_SPORTS, "/categories/list/all")), FOOTBALL) > 0

    async def _walk(self, ask: Ask, window: Window) -> tuple[int, dict[str, ListedEvent]]:
        """Return what `_pages` does, summed over every competition, each queried alone."""
        path = f"/categories/list/{FOOTBALL}?includeRegions=true"
        competitions = read_competitions(await ask(self._get(_COMPETITIONS, path)))
        gate = asyncio.Semaphore(PARALLEL)

        async def ask_one(competition_id: str) -> tuple[int, dict[str, ListedEvent]]:
            async with gate:
                return await self._pages(ask, window, {"competitions": [competition_id]})

        answers = await together(ask_one(competition_id) for competition_id in competitions)
        found = {event_id: row for _, rows in answers for event_id, row in rows.items()}
        return sum(count for count, _ in answers), found

    async def _identified(self, ask: Ask, rows: Iterable[ListedEvent]) -> dict[str, ListedEvent]:
        """Return event id -> row with the Sportradar id that only its detail says, where it does."""
        nameless = sorted((row for row in rows if row.sportradar_id is None), key=lambda row: row.kickoff_at)
        gate = asyncio.Semaphore(PARALLEL)

        async def identify(row: ListedEvent) -> ListedEvent:
            async with gate:
                try:
                    detail = self.parse_event(await ask(self.event_request(row.event_id)))
                except BookmakerError:  # the row stays, unidentified: one event must not cost the list
                    return row
            genius_id = row.genius_id or detail.genius_id
            return msgspec.structs.replace(row, sportradar_id=detail.sportradar_id, genius_id=genius_id)

        asked = await asyncio.gather(*(identify(row) for row in nameless[:MAX_IDENTIFIED]))
        return {row.event_id: row for row in asked}

    def _list_request(self, window: Window, zones: Zones, skip: int) -> Request:
        page = {"skip": skip, "take": PAGE_SIZE, "sort": {"competitionPriority": "DESC"}}
        return self._queried({"query": _query(window, zones), "view": _NO_MARKETS, **page})

    def _queried(self, query: Mapping[str, object]) -> Request:
        asked = msgspec.json.encode({"queries": [query]})
        return self._get(_LIST, f"/{_LIST}?q={quote(asked, safe='')}")

    def _get(self, operation: str, path: str) -> Request:
        return Request(operation=operation, url=self._root + path, kind="list", headers=self._headers)


def read_list(body: bytes) -> tuple[int, list[ListedEvent]]:
    """
    Return how many rows a page holds, and those we can read: outrights and the like have no two sides.

    Rows need not say their sport: only football is asked for.

    Raises:
        PayloadChanged: Not an answer to one query.
    """
    rows = _rows(body)
    events: list[ListedEvent] = []
    for row in rows:
        with suppress(PayloadChanged):
            header = _read(_ROWS, row, _LIST)
            who = read_header(header, _LIST, "football")
            place = header.competition.id if header.competition else None
            group = "" if place is None else str(place)
            events.append(ListedEvent(**msgspec.structs.asdict(who), group=group))
    return len(rows), events


def _rows(body: bytes) -> tuple[msgspec.Raw, ...]:
    answers = _read(_LISTS, body, _LIST).responses
    if len(answers) != 1:
        raise PayloadChanged(CODE, _LIST, f"{len(answers)} answers to one query")
    return answers[0].responses


def _query(window: Window, zones: Zones) -> Mapping[str, object]:
    return {
        "eventType": "UPCOMING",
        "categories": [FOOTBALL],
        "zones": zones,
        "hasOdds": True,
        "startTime": {"gte": _text(window.start), "lt": _text(window.end)},
    }


def read_upcoming(body: bytes, sport: str) -> int:
    """
    Return how many upcoming events BetPawa counts in a sport, 0 for a sport it leaves out.

    Raises:
        PayloadChanged: Not a categories/list/all answer.
    """
    for meta in _read(_METAS, body, _SPORTS).only_meta:
        named = meta.category.id if meta.category else meta.id
        if str(named) == sport and meta.event_counts:
            count = str(meta.event_counts.upcoming)
            return int(count) if count.isascii() and count.isdigit() and len(count) < 10 else 0
    return 0


def read_competitions(body: bytes) -> list[str]:
    """
    Return the ids of a sport's competitions, each once, in BetPawa's order.

    Raises:
        PayloadChanged: Not a categories/list/{sport} answer with regions.
    """
    sports = _read(_REGIONS, body, _COMPETITIONS).with_regions
    entries = (
        entry
        for sport in sports
        for region in sport.regions or ()
        for entry in region.competitions or ()
        if entry.competition.id is not None
    )
    return list(dict.fromkeys(str(entry.competition.id) for entry in entries))


def _read(decoder: msgspec.json.Decoder[Shape], body: bytes | msgspec.Raw, operation: str) -> Shape:
    try:
        return decoder.decode(body)
    except (ValueError, RecursionError) as exc:  # bad JSON, shape, UTF-8; absurd nesting
        raise PayloadChanged(CODE, operation, str(exc)) from exc


def _text(at: datetime) -> str:
    """Return a time as BetPawa's queries write it, "2026-11-22T00:00:00.000Z"."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
