"""MSport's requests: discovery through one list with a cursor, and one call per event."""

from collections.abc import Callable, Mapping
from typing import Literal
from urllib.parse import urlencode

import msgspec

from overround.bookmakers.base import Ask, ParsedEvent, Request, Window, nothing
from overround.bookmakers.epoch import UNFIXED, from_ms
from overround.bookmakers.facts_center import read_data, sportradar_id
from overround.bookmakers.msport import wire
from overround.bookmakers.msport.markets import CODE
from overround.bookmakers.msport.parser import DETAIL, EventParser
from overround.domain.catalogue import Catalogue
from overround.domain.events import ListedEvent
from overround.errors import ConfigError, PayloadChanged

HOST = "https://www.msport.com"
OPERATORS = {
    "ng": "2",
    "gh": "3",
    "ke": "1",
    "ug": "4",
    "zm": "5",
}  # country -> operid; another one is refused
FOOTBALL = "sr:sport:1"
PREMATCH = "3"  # productId; 1 is live
EVENTS_PER_PAGE = 100
MAX_PAGES = 200  # about 11 are real; more means that the cursor leads nowhere

_LIST = "sports-matches-list"
_PAGES = msgspec.json.Decoder(wire.Page)


class MSport:
    """MSport, one country of it. Implements `Bookmaker`."""

    code = CODE
    name = "MSport"

    def __init__(self, catalogue: Catalogue, base_url: str = "", country: str = "ng") -> None:
        """
        Read the site of `country`; `base_url` stands in for the host, the path stays.

        Raises:
            ConfigError: MSport does not serve that country.
        """
        if country not in OPERATORS:
            raise ConfigError(
                "OVERROUND_MSPORT_COUNTRY",
                f"MSport does not serve {country!r}; choose from {', '.join(OPERATORS)}",
            )
        self._root = f"{base_url.rstrip('/') or HOST}/api/{country}/facts-center/query/frontend"
        self._headers = {"clientid": "web", "platform": "web", "operid": OPERATORS[country]}
        self._parser = EventParser(catalogue)

    async def discover(self, ask: Ask, window: Window) -> list[ListedEvent]:
        """
        Return every upcoming football event in the window: page after page, as the cursor leads.

        Raises:
            BookmakerError: A page failed, or the pages do not end.
        """
        events: dict[str, ListedEvent] = {}
        cursor = ""
        for _ in range(MAX_PAGES):
            rows, following = read_page(await ask(self._list_request(cursor)))
            for event in rows:
                if window.holds(event.kickoff_at):
                    events.setdefault(event.event_id, event)
            if not following or following == cursor:
                return list(events.values())
            cursor = following
        raise PayloadChanged(CODE, _LIST, f"the list has more than {MAX_PAGES} pages")

    def event_request(self, event_id: str) -> Request:
        """Return the request for one match with all its markets; `event_id` is "sr:match:N"."""
        return self._get(DETAIL, "event", {"eventId": event_id, "productId": PREMATCH})

    def parse_event(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read an inflated event detail.

        Raises:
            EventGone, PayloadChanged: As `EventParser.parse`.
        """
        return self._parser.parse(body, on_decoded)

    def _list_request(self, cursor: str) -> Request:
        query = {"sportId": FOOTBALL, "limit": str(EVENTS_PER_PAGE)}
        return self._get(_LIST, "list", query | ({"lastEventId": cursor} if cursor else {}))

    def _get(self, operation: str, kind: Literal["list", "event"], query: Mapping[str, str]) -> Request:
        url = f"{self._root}/{operation}?{urlencode(query, safe=':')}"
        return Request(operation=operation, url=url, kind=kind, headers=self._headers)


def read_page(body: bytes) -> tuple[list[ListedEvent], str]:
    """
    Return the football matches of a page that have not started, and the cursor of the next page.

    The cursor is "" after the last page: one without a row, or that names none. Outrights are left out.

    Raises:
        PayloadChanged: Not a page, or a match without kickoff or teams.
    """
    page = read_data(_PAGES, CODE, _LIST, body)
    tournaments = page.tournaments or ()
    events: list[ListedEvent] = []
    for tournament in tournaments:
        for row in tournament.events or ():
            match_id = sportradar_id(row.event_id)
            is_upcoming = row.status == 0 and row.start_time != UNFIXED
            if match_id is not None and is_upcoming and row.sport_id in (None, FOOTBALL):
                events.append(_listed(row, match_id, tournament))
    has_rows = any(tournament.events for tournament in tournaments)
    return events, (page.last_event_id or "") if has_rows else ""


def _listed(row: wire.ListedRow, match_id: str, tournament: wire.ListedTournament) -> ListedEvent:
    home, away = (row.home_team or "").strip(), (row.away_team or "").strip()
    if row.start_time is None or not home or not away:
        raise PayloadChanged(CODE, _LIST, f"{row.event_id} has no kickoff or no teams")
    try:
        kickoff = from_ms(row.start_time)
    except OverflowError as exc:
        raise PayloadChanged(CODE, _LIST, f"{row.event_id} has no calendar time") from exc
    return ListedEvent(
        event_id=row.event_id,
        sportradar_id=match_id,
        kickoff_at=kickoff,
        home=home,
        away=away,
        country=(row.category or tournament.category or "").strip(),
        competition=(row.tournament or tournament.tournament or "").strip(),
    )
