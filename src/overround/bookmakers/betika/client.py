"""Betika's requests: one paged list, and per match a few calls that name the market types they want."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal
from urllib.parse import urlencode

import msgspec

from overround.bookmakers.base import Ask, ParsedEvent, Request, Window, nothing
from overround.bookmakers.betika import wire
from overround.bookmakers.betika.markets import CODE, sub_types
from overround.bookmakers.betika.parser import (
    DETAIL,
    EventParser,
    event_id,
    kickoff_at,
    read_answer,
    sportradar_id,
)
from overround.domain.catalogue import Catalogue
from overround.domain.events import ListedEvent
from overround.errors import ConfigError, PayloadChanged

HOST = "https://api.betika.com"
COUNTRIES = ("ke", "ug", "tz", "mw", "gh")  # they change nothing in the API
HEADERS = {"accept": "application/json"}
LIST = "v1/uo/matches"
FOOTBALL = "14"
ALL_PERIODS = "9"  # without it the list ends 48 hours ahead
MATCHES_PER_PAGE = 100
MAX_PAGES = 100  # a whole list has about twelve
SUB_TYPES_PER_REQUEST = 30

_LISTS = msgspec.json.Decoder(wire.MatchList)


class Betika:
    """Betika, the same in every country of it. Implements `Bookmaker` and `InParts`."""

    code = CODE
    name = "Betika"

    def __init__(self, catalogue: Catalogue, base_url: str = "", country: str = "ke") -> None:
        """
        Read the one site there is; `base_url` stands in for the host, the path stays.

        Raises:
            ConfigError: Betika does not serve that country.
        """
        if country not in COUNTRIES:
            raise ConfigError(
                "OVERROUND_BETIKA_COUNTRY",
                f"Betika does not serve {country!r}; choose from {', '.join(COUNTRIES)}",
            )
        self._root = base_url.rstrip("/") or HOST
        self._parser = EventParser(catalogue)
        asked = sub_types(catalogue, "football")
        self._calls = [
            asked[start : start + SUB_TYPES_PER_REQUEST]
            for start in range(0, len(asked), SUB_TYPES_PER_REQUEST)
        ]

    async def discover(self, ask: Ask, window: Window) -> list[ListedEvent]:
        """
        Return every upcoming football match in the window: one page after the other, until their total is reached.

        Raises:
            BookmakerError: A page failed, or they end before the total.
        """
        found: dict[str, ListedEvent] = {}
        count = total = 0
        for page in range(1, MAX_PAGES + 1):
            rows, total = read_list(await ask(self._list_request(page)))
            count += len(rows)
            found |= {event.event_id: event for event in listed_events(rows)}
            if count >= total:
                return [event for event in found.values() if window.holds(event.kickoff_at)]
            if not rows:
                break
        raise PayloadChanged(CODE, LIST, f"the list ends after {count} of {total} matches")

    def event_request(self, event_id: str) -> Request:
        """Return the request for a match's first market types; `event_id` is "match_id:competition_id"."""
        return self._detail_request(event_id, self._calls[0])

    def further_request(self, event_id: str, parts: Sequence[bytes]) -> Request | None:
        """
        Return the request for the next market types of a match, None after the last ones.

        Raises:
            PayloadChanged: The last answer has another shape.
        """
        read_answer(parts[-1])
        return (
            self._detail_request(event_id, self._calls[len(parts)]) if len(parts) < len(self._calls) else None
        )

    def parse_event(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read an inflated event detail: its parts as one JSON array.

        Raises:
            EventGone, PayloadChanged: As `EventParser.parse`.
        """
        return self._parser.parse(body, on_decoded)

    def _list_request(self, page: int) -> Request:
        query = {"page": str(page), "limit": str(MATCHES_PER_PAGE), "sub_type_id": "1"}
        return self._get(LIST, "list", query)

    def _detail_request(self, event_id: str, asked: Sequence[str]) -> Request:
        match_id, _, competition_id = event_id.partition(":")
        query = {
            "page": "1",
            "limit": "1",
            "match_id": match_id,
            "competition_id": competition_id,
            "sub_type_id": ",".join(asked),
        }
        return self._get(DETAIL, "event", query)

    def _get(self, operation: str, kind: Literal["list", "event"], query: Mapping[str, str]) -> Request:
        whole = {"sport_id": FOOTBALL, "period_id": ALL_PERIODS, **query}
        url = f"{self._root}/{LIST}?{urlencode(whole, safe=',')}"
        return Request(operation=operation, url=url, kind=kind, headers=HEADERS)


def read_list(body: bytes) -> tuple[Sequence[wire.ListedRow], int]:
    """
    Return the matches of a page, and how many all pages have.

    Raises:
        PayloadChanged: Another shape, or a total that is no number.
    """
    try:
        page = _LISTS.decode(body)
    except (ValueError, RecursionError) as exc:  # bad JSON, shape, UTF-8; absurd nesting
        raise PayloadChanged(CODE, LIST, str(exc)) from exc
    total = str(page.meta.total)
    if not (total.isascii() and total.isdecimal() and len(total) < 10):
        raise PayloadChanged(CODE, LIST, f"the total {total[:40]!r} is no number")
    return page.data, int(total)


def listed_events(rows: Sequence[wire.ListedRow]) -> list[ListedEvent]:
    """
    Return the football matches among rows; what computers play is left out.

    Raises:
        PayloadChanged: A match without kickoff or teams.
    """
    return [
        _listed(row)
        for row in rows
        if str(row.sport_id or FOOTBALL) == FOOTBALL and not row.is_esport and not row.is_srl
    ]


def _listed(row: wire.ListedRow) -> ListedEvent:
    home, away = (row.home_team or "").strip(), (row.away_team or "").strip()
    if not row.start_time or not home or not away:
        raise PayloadChanged(CODE, LIST, f"{event_id(row)} has no kickoff or no teams")
    try:
        kickoff = kickoff_at(row.start_time)
    except (ValueError, OverflowError) as exc:
        raise PayloadChanged(
            CODE, LIST, f"{event_id(row)} kicks off at no time: {row.start_time[:40]}"
        ) from exc
    return ListedEvent(
        event_id=event_id(row),
        sportradar_id=sportradar_id(row.parent_match_id),
        kickoff_at=kickoff,
        home=home,
        away=away,
        country=(row.category or "").strip(),
        competition=(row.competition_name or "").strip(),
    )
