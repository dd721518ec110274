"""Acme's requests: discovery page by page, and one call per event."""

from collections.abc import Callable
from typing import Literal
from urllib.parse import quote

import msgspec

from overround.bookmakers.acme import wire
from overround.bookmakers.acme.markets import CODE
from overround.bookmakers.acme.parser import DETAIL, EventParser, kickoff_at
from overround.bookmakers.base import Ask, ParsedEvent, Request, Window, nothing
from overround.domain.catalogue import Catalogue
from overround.domain.events import ListedEvent
from overround.errors import ConfigError, PayloadChanged

HOST = "https://odds.acme.invalid"
COUNTRIES = ("ng",)
MAX_PAGES = 100
LIST = "events"

_PAGES = msgspec.json.Decoder(wire.Page)


class Acme:
    """Acme, one country of it. Implements `Bookmaker`."""

    code = CODE
    name = "Acme"

    def __init__(self, catalogue: Catalogue, base_url: str = "", country: str = "ng") -> None:
        """
        Read the site of `country`; `base_url` stands in for the host, the path stays.

        Raises:
            ConfigError: Acme does not serve that country.
        """
        if country not in COUNTRIES:
            raise ConfigError(
                "OVERROUND_ACME_COUNTRY",
                f"Acme does not serve {country!r}; choose from {', '.join(COUNTRIES)}",
            )
        self._root = base_url.rstrip("/") or HOST
        self._parser = EventParser(catalogue)

    async def discover(self, ask: Ask, window: Window) -> list[ListedEvent]:
        """
        Return every upcoming football event in the window, all pages.

        Raises:
            BookmakerError: A page failed.
        """
        found: dict[str, ListedEvent] = {}
        for number in range(MAX_PAGES):
            page = read_page(await ask(self._get(LIST, f"/v1/events?page={number}", "list")))
            found |= {str(row.id): listed(row) for row in page.events if row.sport == "football"}
            if not page.more:
                return [event for event in found.values() if window.holds(event.kickoff_at)]
        raise PayloadChanged(CODE, LIST, f"the list does not end after {MAX_PAGES} pages")

    def event_request(self, event_id: str) -> Request:
        """Return the request for one event with all its markets; `event_id` is Acme's own."""
        return self._get(DETAIL, f"/v1/events/{quote(event_id, safe='')}", "event")

    def parse_event(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read an inflated event detail.

        Raises:
            EventGone, PayloadChanged: As `EventParser.parse`.
        """
        return self._parser.parse(body, on_decoded)

    def _get(self, operation: str, path: str, kind: Literal["list", "event"]) -> Request:
        return Request(operation, self._root + path, kind, headers={"accept": "application/json"})


def read_page(body: bytes) -> wire.Page:
    """
    Read one page of the list.

    Raises:
        PayloadChanged: Another shape.
    """
    try:
        return _PAGES.decode(body)
    except (ValueError, RecursionError) as exc:  # bad JSON, shape, UTF-8; absurd nesting
        raise PayloadChanged(CODE, LIST, str(exc)) from exc


def listed(row: wire.Row) -> ListedEvent:
    """
    Return one row in our words.

    Raises:
        PayloadChanged: No calendar has its kickoff.
    """
    return ListedEvent(
        event_id=str(row.id),
        sportradar_id=row.sr,
        kickoff_at=kickoff_at(row.start),
        home=row.home,
        away=row.away,
        country=row.country,
        competition=row.competition,
    )
