"""Bet9ja's requests: discovery through the tree and one list per competition, and one call per event."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal
from urllib.parse import urlencode

from overround.bookmakers.base import (
    Ask,
    GlancedEvent,
    GlanceLimits,
    ParsedEvent,
    Request,
    Window,
    nothing,
)
from overround.bookmakers.bet9ja.markets import CODE
from overround.bookmakers.bet9ja.parser import (
    DETAIL,
    LIST,
    TREE,
    EventParser,
    GroupRef,
    read_group,
    read_tree,
)
from overround.bookmakers.together import together
from overround.domain.catalogue import Catalogue
from overround.domain.events import ListedEvent
from overround.errors import ConfigError

HOST = "https://sports.bet9ja.com"
ROOT = "/desktop/feapi/PalimpsestAjax"
HEADERS = {"accept": "application/json"}
CACHE_VERSION = "1.301.2.225"  # v_cache_version, a build number of the site; calls work without it too
MAIN_MARKETS = "1"  # GROUPMARKETID: 1X2, double chance and over/under come with the list


class Bet9ja:
    """Bet9ja, which serves Nigeria only. Implements `Bookmaker` and `Glancing`; a group is a competition."""

    code = CODE
    name = "Bet9ja"
    glance_limits = GlanceLimits(groups=1, events=500)  # no paging
    glance_operation = LIST

    def __init__(self, catalogue: Catalogue, base_url: str = "", country: str = "ng") -> None:
        """
        Read the Nigerian site; `base_url` stands in for the host, the path stays.

        Raises:
            ConfigError: Another country.
        """
        if country != "ng":
            raise ConfigError("OVERROUND_BET9JA_COUNTRY", f"Bet9ja does not serve {country!r}; use 'ng'")
        self._root = (base_url.rstrip("/") or HOST) + ROOT
        self._parser = EventParser(catalogue)

    async def discover(self, ask: Ask, window: Window) -> list[ListedEvent]:
        """
        Return every upcoming football event in the window: one tree, then one list per competition.

        Raises:
            BookmakerError: The tree or one of the lists failed.
        """
        groups = read_tree(await ask(self._request(TREE, "list", {"DISP": "0"})))
        lists = await together(self._listed(ask, group) for group in groups)
        by_id: dict[str, ListedEvent] = {}
        for event in (event for events in lists for event in events):
            if window.holds(event.kickoff_at):
                by_id.setdefault(event.event_id, event)  # listed in two groups: once
        return list(by_id.values())

    def event_request(self, event_id: str) -> Request:
        """Return the request for one event with all its markets; `event_id` is Bet9ja's own."""
        return self._request(DETAIL, "event", {"EVENTID": event_id})

    def parse_event(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read an inflated event detail.

        Raises:
            EventGone, PayloadChanged: As `EventParser.parse`.
        """
        return self._parser.parse(body, on_decoded)

    def glance_request(self, groups: Sequence[str], window: Window) -> Request:
        """Return the list of one group with its main prices; there is no window to ask for."""
        (group,) = groups
        return self._list_request(group)

    def parse_glance(self, body: bytes) -> Iterator[GlancedEvent]:
        """
        Read a list answer with inline prices.

        Raises:
            PayloadChanged: As `EventParser.glances`.
        """
        return self._parser.glances(body)

    async def _listed(self, ask: Ask, group: GroupRef) -> list[ListedEvent]:
        return read_group(await ask(self._list_request(group.group_id)), group)

    def _list_request(self, group_id: str) -> Request:
        query = {"GROUPID": group_id, "DISP": "0", "GROUPMARKETID": MAIN_MARKETS}
        return self._request(LIST, "list", query)

    def _request(self, operation: str, kind: Literal["list", "event"], query: dict[str, str]) -> Request:
        url = f"{self._root}/{operation}?{urlencode({**query, 'v_cache_version': CACHE_VERSION})}"
        return Request(operation=operation, url=url, kind=kind, headers=HEADERS)
