"""Which events and markets a reader of gaps, exposure or movements asks for."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Query, Request

from overround.api.context import Context, context
from overround.api.event_order import search_text
from overround.api.market_choice import MarketChoice, read_choice
from overround.api.parameters import Page, PageSize
from overround.api.problems import BadRequest
from overround.cache.odds_cache import CachedEvent
from overround.config import BOOKMAKERS
from overround.domain.markets import MarketKey


class Selection:
    """The filters that the three lists share, checked."""

    def __init__(
        self,
        request: Request,
        event: Annotated[str, Query(max_length=40, description="Sportradar id of one event")] = "",
        q: Annotated[str, Query(max_length=100, description="Text in home, away or competition")] = "",
        country: Annotated[str, Query(max_length=100, description="Country as shown")] = "",
        competition: Annotated[str, Query(max_length=200, description="Slug of a competition")] = "",
        markets: Annotated[str, Query(max_length=1000, description="Comma list of ids or id:line; default all")] = "",
        page: Page = 1,
        page_size: PageSize = 50,
    ) -> None:  # fmt: skip
        self.api: Context = context(request)
        self.page, self.page_size = page, page_size
        self._event, self._country, self._competition = event, country.casefold(), competition
        self._words = search_text(q).replace("-", " ").split()
        self._markets = _choice(markets)

    def takes_market(self, sportradar_id: str, key: MarketKey) -> bool:
        """Return whether a market of an event is asked for; events that left memory are not."""
        if self._markets is not None and not self._markets.takes(key):
            return False
        event = self.api.services.cache.event(sportradar_id)
        return event is not None and self.takes_event(event)

    def takes_event(self, event: CachedEvent) -> bool:
        """Return whether an event is asked for."""
        header = event.header
        if self._event and header.sportradar_id != self._event:
            return False
        if self._competition and header.competition.id != self._competition:
            return False
        if self._country and header.competition.country.casefold() != self._country:
            return False
        if not self._words:
            return True
        text = self.api.order.text(header)
        return all(word in text for word in self._words)

    @property
    def of_market(self) -> Callable[[MarketKey], bool]:
        """Return the test of a market alone."""
        return self._markets.takes if self._markets is not None else lambda _: True

    @property
    def part(self) -> slice:
        """Return which of all rows the page has."""
        start = (self.page - 1) * self.page_size
        return slice(start, start + self.page_size)


Selected = Annotated[Selection, Depends(Selection)]


def read_codes(name: str, text: str) -> frozenset[str]:
    """
    Return the bookmakers of a comma list.

    Raises:
        BadRequest: An unknown code.
    """
    codes = frozenset(code.strip().lower() for code in text.split(",") if code.strip())
    if unknown := sorted(codes - set(BOOKMAKERS)):
        raise BadRequest(f"{name}: unknown {', '.join(unknown)}; choose from {', '.join(BOOKMAKERS)}")
    return codes


def _choice(markets: str) -> MarketChoice | None:
    try:
        return read_choice(markets.split(",")) if markets else None
    except ValueError as exc:
        raise BadRequest(f"markets: {exc}") from exc
