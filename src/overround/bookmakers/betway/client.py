"""Betway's requests: discovery through BetBook/Upcoming, and per event a header and pages of markets."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal
from urllib.parse import urlencode

import msgspec

from overround.bookmakers.base import Ask, ParsedEvent, Request, Window, nothing
from overround.bookmakers.betway import wire
from overround.bookmakers.betway.markets import CODE
from overround.bookmakers.betway.parser import (
    HEADER,
    PAGE,
    EventParser,
    read_part,
    sport_of,
    sportradar_id,
)
from overround.bookmakers.epoch import UNFIXED, from_seconds
from overround.domain.catalogue import Catalogue
from overround.domain.events import ListedEvent
from overround.errors import ConfigError, PayloadChanged

HOST = "https://feeds-roa2.betwayafrica.com"
API = "/br/_apis/sport"
COUNTRIES = ("ng", "gh", "tz", "zm", "za", "bw", "mw", "mz")  # Betway left Kenya and Uganda: empty answers
HEADERS = {"accept": "application/json"}
FOOTBALL = "soccer"
ESOCCER = "esoccer"  # the regionId of video games that stand among the football
EVENTS_PER_PAGE = 100
MARKETS_PER_PAGE = 100
MAX_PAGES = 200  # of a list; 1,200 events would be 60 pages where the server gives no more than 20 at once

LIST = "BetBook/Upcoming"
_LISTS = msgspec.json.Decoder(wire.EventList)


class Betway:
    """Betway, one country of it. Implements `Bookmaker` and `InParts`."""

    code = CODE
    name = "Betway"

    def __init__(self, catalogue: Catalogue, base_url: str = "", country: str = "ng") -> None:
        """
        Read the feed for `country`; `base_url` stands in for the host, the path stays.

        Raises:
            ConfigError: Betway does not serve that country.
        """
        if country not in COUNTRIES:
            raise ConfigError(
                "OVERROUND_BETWAY_COUNTRY",
                f"Betway does not serve {country!r}; choose from {', '.join(COUNTRIES)}",
            )
        self._root = f"{base_url.rstrip('/') or HOST}{API}"
        self._country = country.upper()
        self._parser = EventParser(catalogue)

    async def discover(self, ask: Ask, window: Window) -> list[ListedEvent]:
        """
        Return every upcoming football event in the window: one page after the other, until the last one.

        Raises:
            BookmakerError: A page failed.
        """
        found: dict[str, ListedEvent] = {}
        skip, seen = 0, set[wire.Id]()
        for number in range(1, MAX_PAGES + 1):
            page = read_list(await ask(self._list_request(skip)))
            found |= {event.event_id: event for event in listed_events(page)}
            if page.is_final_page:
                return [event for event in found.values() if window.holds(event.kickoff_at)]
            ids = {row.event_id for row in page.events}
            if ids <= seen:
                raise PayloadChanged(CODE, LIST, f"page {number} has nothing new and is not the last")
            seen |= ids
            skip += len(page.events)  # a server may give fewer than it was asked for
        raise PayloadChanged(CODE, LIST, f"the list does not end after {MAX_PAGES} pages")

    def event_request(self, event_id: str) -> Request:
        """Return the request for the header of one event; `event_id` is its Sportradar id."""
        return self._get(HEADER, "v3", "event", {"eventId": event_id, "countryCode": self._country})

    def further_request(self, event_id: str, parts: Sequence[bytes]) -> Request | None:
        """
        Return the request for the next page of markets, None after a short page or for an event that is gone.

        Raises:
            PayloadChanged: The last answer is neither a header nor a page.
        """
        last = read_part(parts[-1], PAGE if len(parts) > 1 else HEADER)
        if len(parts) == 1:
            return self._page_request(event_id, 0) if last.sport_event is not None else None
        if last.markets_in_group is None:
            raise PayloadChanged(CODE, PAGE, "a page without marketsInGroup")
        if len(last.markets_in_group) < MARKETS_PER_PAGE:
            return None
        return self._page_request(event_id, MARKETS_PER_PAGE * (len(parts) - 1))

    def parse_event(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read an inflated event detail: its parts as one JSON array.

        Raises:
            EventGone, PayloadChanged: As `EventParser.parse`.
        """
        return self._parser.parse(body, on_decoded)

    def _list_request(self, skip: int) -> Request:
        query = {
            "countryCode": self._country,
            "sportId": FOOTBALL,
            "Skip": str(skip),
            "Take": str(EVENTS_PER_PAGE),
            "cultureCode": "en-US",
            "isEsport": "false",
            "boostedOnly": "false",
            "marketTypes": "",
        }
        return self._get(LIST, "v1", "list", query, slash="/")

    def _page_request(self, event_id: str, skip: int) -> Request:
        query = {
            "eventId": event_id,
            "marketGroupId": " ",
            "countryCode": self._country,
            "cultureCode": "en-US",
            "skip": str(skip),
            "take": str(MARKETS_PER_PAGE),
            "isBuildABetOnly": "false",
            "searchQuery": "",
        }
        return self._get(PAGE, "v1", "event", query)

    def _get(
        self,
        operation: str,
        version: str,
        kind: Literal["list", "event"],
        query: Mapping[str, str],
        slash: str = "",
    ) -> Request:
        text = urlencode(query).replace("+", "%20")
        return Request(
            operation=operation,
            url=f"{self._root}/{version}/{operation}{slash}?{text}",
            kind=kind,
            headers=HEADERS,
        )


def read_list(body: bytes) -> wire.EventList:
    """
    Read one page of BetBook.

    Raises:
        PayloadChanged: Another shape; an empty body is how a country that Betway left answers.
    """
    if not body.strip():
        raise PayloadChanged(CODE, LIST, "an empty answer: Betway serves nothing in this country")
    try:
        return _LISTS.decode(body)
    except (ValueError, RecursionError) as exc:  # bad JSON, shape, UTF-8; absurd nesting
        raise PayloadChanged(CODE, LIST, str(exc)) from exc


def listed_events(page: wire.EventList) -> list[ListedEvent]:
    """
    Return the football matches of a page that have not started; outrights and eSoccer are left out.

    Raises:
        PayloadChanged: A match without kickoff or teams.
    """
    events: list[ListedEvent] = []
    for row in page.events:
        football = row.sport_id is None or sport_of(row.sport_id) == "football"
        is_match = football and row.region_id != ESOCCER and not row.is_outright
        is_fixed = row.expected_start_epoch != UNFIXED
        if is_match and is_fixed and not row.is_live and not row.is_finished:
            events.append(_listed(row))
    return events


def _listed(row: wire.ListedRow) -> ListedEvent:
    home, away = (row.home_team or "").strip(), (row.away_team or "").strip()
    if row.expected_start_epoch is None or not home or not away:
        raise PayloadChanged(CODE, LIST, f"{row.event_id} has no kickoff or no teams")
    try:
        kickoff = from_seconds(row.expected_start_epoch)
    except OverflowError as exc:
        raise PayloadChanged(CODE, LIST, f"{row.event_id} has no calendar time") from exc
    return ListedEvent(
        event_id=str(row.event_id),
        sportradar_id=sportradar_id(row.event_id),
        kickoff_at=kickoff,
        home=home,
        away=away,
        country=(row.region or "").strip(),
        competition=(row.league or "").strip(),
    )
