"""SportPesa has no client: the site is guarded by a bot manager, so nothing is ever asked."""

from collections.abc import Callable
from typing import NoReturn

from overround.bookmakers.base import Ask, ParsedEvent, Window, nothing
from overround.bookmakers.sportpesa.markets import CODE
from overround.bookmakers.sportpesa.parser import EventParser
from overround.domain.catalogue import Catalogue
from overround.domain.events import ListedEvent
from overround.errors import BookmakerRefused

GUARDED = "guarded by a bot manager; Overround does not work around that"


class SportPesa:
    """SportPesa's parser behind the contract `Bookmaker`; every request is refused before it is made."""

    code = CODE
    name = "SportPesa"

    def __init__(self, catalogue: Catalogue, base_url: str = "", country: str = "") -> None:
        """Read answers by this catalogue; address and country are not used, for nothing is asked."""
        self._parser = EventParser(catalogue)

    async def discover(self, ask: Ask, window: Window) -> list[ListedEvent]:
        """
        Ask nothing.

        Raises:
            BookmakerRefused: Always.
        """
        raise BookmakerRefused(CODE, "discover", GUARDED)

    def event_request(self, event_id: str) -> NoReturn:
        """
        Make no request.

        Raises:
            BookmakerRefused: Always.
        """
        raise BookmakerRefused(CODE, "event_request", GUARDED)

    def parse_event(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read a captured event detail.

        Raises:
            EventGone, PayloadChanged: As `EventParser.parse`.
        """
        return self._parser.parse(body, on_decoded)
