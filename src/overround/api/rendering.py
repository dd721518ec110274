"""From cached records to JSON: one place decides how a market, a listing and a header read."""

from datetime import datetime

import msgspec

from overround.api.schemas import (
    ENCODER,
    ChangeJson,
    HeaderJson,
    ListingJson,
    ListingRow,
    MarketJson,
    OutcomeJson,
    iso_ms,
    iso_s,
    optional_ms,
)
from overround.cache.odds_cache import CachedListing
from overround.domain.catalogue import Catalogue, MarketType
from overround.domain.events import EventHeader, ListingState
from overround.domain.markets import Market
from overround.domain.odds import overround
from overround.domain.sanity import complete_book


def outcomes_of(market: Market) -> list[OutcomeJson]:
    """Return the outcomes that have a price or are shown locked, in display order."""
    outcomes: list[OutcomeJson] = []
    for position, (name, milli) in enumerate(zip(market.names, market.odds_milli, strict=True)):
        locked = market.suspended >> position & 1
        if milli or locked:
            outcomes.append(
                OutcomeJson(name, milli / 1000 if milli else None, "suspended" if locked else "open")
            )
    return outcomes


def shown_names(market: Market) -> list[str]:
    """Return the names of `outcomes_of`."""
    return [
        name
        for position, name in enumerate(market.names)
        if market.odds_milli[position] or market.suspended >> position & 1
    ]


def overround_of(market: Market, kind: MarketType | None) -> float | None:
    """Return the overround as a fraction; None without winners, withdrawn, or unless every outcome is open."""
    book = complete_book(market, kind)
    if book is None or kind is None or kind.winners is None:
        return None
    return round(overround([milli / 1000 for milli in book], kind.winners), 6)


def state_shown(state: ListingState, header: EventHeader, now: datetime) -> ListingState:
    """Return a listing's state as readers see it: once the kickoff has passed it has started."""
    return "started" if state in ("open", "unknown") and header.kickoff_at <= now else state


class Renderer:
    """Knows the catalogue, so it can name a market and total its prices."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def market(self, market: Market, sport: str, suspect: tuple[str, ...]) -> MarketJson:
        """Return a market as REST shows it, with these reasons not to believe it."""
        kind = self._catalogue.find(market.key.market_id, sport)
        shown = MarketJson(
            market_id=market.key.market_id,
            line=market.key.line,
            name=kind.name if kind else market.key.market_id,
            groups=kind.groups if kind else (),
            state=market.state,
            suspect=suspect,
            overround=overround_of(market, kind),
            winners=kind.winners if kind and kind.complete else None,
            changed_at=iso_ms(market.changed_at),
            outcomes=outcomes_of(market),
        )
        if kind is None or not kind.is_handicap or not market.key.line:
            return shown
        head_start = float(market.key.line)
        return msgspec.structs.replace(shown, handicap=head_start, handicap_away=0.0 - head_start)

    def change(
        self, header: EventHeader, bookmaker: str, market: Market, suspect: tuple[str, ...]
    ) -> ChangeJson:
        """Return a market as the WebSocket sends it, with these reasons not to believe it."""
        return ChangeJson(
            sportradar_id=header.sportradar_id,
            bookmaker=bookmaker,
            market_id=market.key.market_id,
            line=market.key.line,
            state=market.state,
            suspect=suspect,
            changed_at=iso_ms(market.changed_at),
            overround=overround_of(market, self._catalogue.find(market.key.market_id, header.sport)),
            outcomes=outcomes_of(market),
        )


def header_json(header: EventHeader) -> HeaderJson:
    """Return an event's header: a REST event without its bookmakers."""
    return HeaderJson(
        sportradar_id=header.sportradar_id,
        home=header.home,
        away=header.away,
        kickoff_at=iso_s(header.kickoff_at),
        competition=header.competition,
        sport=header.sport,
        source=header.source,
        check=header.check,
    )


def listing_json(entry: CachedListing, state: ListingState, markets: list[MarketJson]) -> ListingJson:
    """Return a listing with these of its markets."""
    return ListingJson(
        bookmaker=entry.listing.bookmaker,
        event_id=entry.listing.event_id,
        url=entry.listing.url,
        state=state,
        confirmed_at=optional_ms(entry.confirmed_at),
        changed_at=optional_ms(entry.changed_at),
        market_confirmed_at=market_times(entry),
        unread=entry.unread,
        markets=markets,
    )


def listing_row(entry: CachedListing, header: EventHeader, now: datetime) -> bytes:
    """Return a listing as the WebSocket sends it."""
    row = ListingRow(
        sportradar_id=header.sportradar_id,
        bookmaker=entry.listing.bookmaker,
        state=state_shown(entry.listing.state, header, now),
        confirmed_at=optional_ms(entry.confirmed_at),
        changed_at=optional_ms(entry.changed_at),
        market_confirmed_at=market_times(entry),
        unread=entry.unread,
    )
    return ENCODER.encode(row)


def market_times(entry: CachedListing) -> dict[str, str]:
    """Return when single markets were confirmed by answers that spoke only for them."""
    return {market_id: iso_ms(at) for market_id, at in entry.market_confirmed_at.items()}
