"""SportyBet's requests: discovery through the tree and pcEvents, and one call per event."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal
from urllib.parse import urlencode

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
from overround.bookmakers.epoch import UNFIXED, from_ms
from overround.bookmakers.facts_center import read_data, sportradar_id
from overround.bookmakers.sportybet import wire
from overround.bookmakers.sportybet.markets import CODE
from overround.bookmakers.sportybet.parser import DETAIL, EventParser, genius_id, sport_of
from overround.bookmakers.together import together
from overround.domain.catalogue import Catalogue
from overround.domain.events import ListedEvent
from overround.errors import ConfigError, PayloadChanged

HOST = "https://www.sportybet.com"
COUNTRIES = ("ng", "gh", "ke", "tz", "za", "cm", "zm")
HEADERS = {"clientid": "web", "platform": "web", "operid": "2", "accept-language": "en"}
FOOTBALL = "sr:sport:1"
PREMATCH = "3"  # productId; 1 is live
TOURNAMENTS_PER_REQUEST = 20
INLINE_MARKETS = "1,18,10,29"  # 1X2, over/under, double chance, both teams to score

_TREE = "factsCenter/popularAndSportList"
_LIST = "factsCenter/pcEvents"
_TREES = msgspec.json.Decoder(wire.Tree)
_LISTS = msgspec.json.Decoder(tuple[wire.ListedTournament, ...])
_PRICED_LISTS = msgspec.json.Decoder(tuple[wire.PricedTournament, ...])
_PRICED_ROWS = msgspec.json.Decoder(wire.PricedRow)

Place = tuple[str, str]  # country and competition, as named


class SportyBet:
    """SportyBet, one country of it. Implements `Bookmaker` and `Glancing`; a group is a tournament."""

    code = CODE
    name = "SportyBet"
    glance_limits = GlanceLimits(groups=TOURNAMENTS_PER_REQUEST, events=150)  # no paging was seen
    glance_operation = _LIST

    def __init__(self, catalogue: Catalogue, base_url: str = "", country: str = "ng") -> None:
        """
        Read the site of `country`; `base_url` stands in for the host, the path stays.

        Raises:
            ConfigError: SportyBet does not serve that country.
        """
        if country not in COUNTRIES:
            raise ConfigError(
                "OVERROUND_SPORTYBET_COUNTRY",
                f"SportyBet does not serve {country!r}; choose from {', '.join(COUNTRIES)}",
            )
        self._root = f"{base_url.rstrip('/') or HOST}/api/{country}"
        self._parser = EventParser(catalogue)

    async def discover(self, ask: Ask, window: Window) -> list[ListedEvent]:
        """
        Return every upcoming football event in the window: one tree, then pcEvents for all its tournaments.

        Raises:
            BookmakerError: The tree or one of the lists failed.
        """
        places = read_tree(await ask(self._tree_request()))
        requests = [self._list_request(chunk) for chunk in _chunks(list(places))]
        answers = await together(_body(ask, request) for request in requests)
        events: dict[str, ListedEvent] = {}
        for answer in answers:
            for event in read_list(answer, places):
                if window.holds(event.kickoff_at):
                    events.setdefault(event.event_id, event)
        return list(events.values())

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

    def glance_request(self, groups: Sequence[str], window: Window) -> Request:
        """Return the list of these tournaments with their main markets; pcEvents knows no window."""
        return self._list_request(list(groups))

    def parse_glance(self, body: bytes) -> Iterator[GlancedEvent]:
        """
        Read a pcEvents answer with inline markets, row by row.

        Raises:
            PayloadChanged: Not a list of tournaments.
        """
        return self._glanced(read_data(_PRICED_LISTS, CODE, _LIST, body))

    def _glanced(self, tournaments: Iterable[wire.PricedTournament]) -> Iterator[GlancedEvent]:
        for tournament in tournaments:
            for raw in tournament.events or ():
                try:
                    event = self._parser.glanced(_PRICED_ROWS.decode(raw))
                except (ValueError, RecursionError, OverflowError):  # shape; nesting; no calendar time
                    continue
                if event is not None:
                    yield event

    def _tree_request(self) -> Request:
        query = {"sportId": FOOTBALL, "timeline": "", "productId": PREMATCH}
        return self._get(_TREE, "list", query)

    def _list_request(self, tournament_ids: list[str]) -> Request:
        asked = [{"sportId": FOOTBALL, "marketId": INLINE_MARKETS, "tournamentId": [tournament_ids]}]
        return Request(
            operation=_LIST,
            url=f"{self._root}/{_LIST}",
            kind="list",
            method="POST",
            headers={**HEADERS, "content-type": "application/json"},
            body=msgspec.json.encode(asked),
        )

    def _get(self, operation: str, kind: Literal["list", "event"], query: Mapping[str, str]) -> Request:
        url = f"{self._root}/{operation}?{urlencode(query, safe=':')}"
        return Request(operation=operation, url=url, kind=kind, headers=HEADERS)


def read_tree(body: bytes) -> dict[str, Place]:
    """
    Return tournament id -> its names, football only.

    Read in both known shapes: sports that hold categories, and categories at the top.

    Raises:
        PayloadChanged: Neither.
    """
    tree = read_data(_TREES, CODE, _TREE, body)
    sports = [node for node in tree.sport_list if str(node.id).startswith("sr:sport:")]
    tops = [node for node in sports if node.id == FOOTBALL] if sports else tree.sport_list
    places: dict[str, Place] = {}
    for top in tops:
        for category in (top, *(top.categories or ())):
            for tournament in category.tournaments or ():
                names = ((category.name or "").strip(), (tournament.name or "").strip())
                places.setdefault(str(tournament.id), names)
    return places


def read_list(body: bytes, places: Mapping[str, Place]) -> list[ListedEvent]:
    """
    Return the football matches of a pcEvents answer that have not started; outrights are left out.

    Raises:
        PayloadChanged: Not a list of tournaments, or a match without kickoff or teams.
    """
    events: list[ListedEvent] = []
    for tournament in read_data(_LISTS, CODE, _LIST, body):
        place = places.get(str(tournament.id), ("", (tournament.name or "").strip()))
        for row in tournament.events or ():
            match_id = sportradar_id(row.event_id)
            football = row.sport is None or sport_of(row.sport) == "football"
            is_fixed = row.estimate_start_time != UNFIXED
            if match_id is not None and football and row.status == 0 and is_fixed:
                events.append(_listed(row, match_id, place, str(tournament.id)))
    return events


def _listed(row: wire.ListedRow, match_id: str, place: Place, group: str) -> ListedEvent:
    home, away = row.home_team_name.strip(), row.away_team_name.strip()
    if row.estimate_start_time is None or not home or not away:
        raise PayloadChanged(CODE, _LIST, f"{row.event_id} has no kickoff or no teams")
    try:
        kickoff = from_ms(row.estimate_start_time)
    except OverflowError as exc:
        raise PayloadChanged(CODE, _LIST, f"{row.event_id} has no calendar time") from exc
    category = row.sport.category if row.sport else wire.Category()
    return ListedEvent(
        event_id=row.event_id,
        sportradar_id=match_id,
        kickoff_at=kickoff,
        home=home,
        away=away,
        country=(category.name or "").strip() or place[0],
        competition=(category.tournament.name or "").strip() or place[1],
        genius_id=genius_id(row.event_source),
        group=group or str(category.tournament.id),
    )


async def _body(ask: Ask, request: Request) -> bytes:
    return await ask(request)


def _chunks(tournament_ids: list[str]) -> Iterable[list[str]]:
    for start in range(0, len(tournament_ids), TOURNAMENTS_PER_REQUEST):
        yield tournament_ids[start : start + TOURNAMENTS_PER_REQUEST]
