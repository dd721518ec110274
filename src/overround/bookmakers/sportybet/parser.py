"""SportyBet's event detail: bytes in, domain values out, no I/O."""

import re
from collections.abc import Callable

import msgspec

from overround.bookmakers.base import GlancedEvent, ParsedEvent, complete, nothing
from overround.bookmakers.epoch import from_ms
from overround.bookmakers.facts_center import read_event, sport_word, sportradar_id
from overround.bookmakers.feed import FeedTable
from overround.bookmakers.feed_reading import FeedMemory, FeedReading
from overround.bookmakers.sportybet import wire
from overround.bookmakers.sportybet.markets import CODE
from overround.domain.catalogue import Catalogue
from overround.errors import PayloadChanged

DETAIL = "factsCenter/event"

_DETAILS = msgspec.json.Decoder(wire.Detail)
_GENIUS_ID = re.compile(r"(?:1111111)?([1-9]\d{0,17})", re.ASCII)  # seven 1s may stand before the id


class EventParser:
    """Reads event details; keeps texts it has met, within bounds, never which market they were in."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._table = FeedTable(catalogue, CODE)
        self._memory = FeedMemory()

    def parse(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read one factsCenter/event answer. Source: payloads: sportybet/prematch.json, live.json.

        Raises:
            EventGone: A bizCode other than 10000.
            PayloadChanged: Any other shape, a match before kickoff without a single market, or open outcomes of
                which not one has a price.
        """
        event = read_detail(body)
        on_decoded()
        sport = sport_of(event.sport)
        reading = self._reading(event, sport)
        if reading.is_unreadable:  # a renamed field is not an empty offer
            raise PayloadChanged(CODE, DETAIL, "not one market that we know has a price we can read")
        return ParsedEvent(
            event_id=event.event_id,
            sportradar_id=sportradar_id(event.event_id),
            genius_id=genius_id(event.event_source),
            kickoff_at=from_ms(event.estimate_start_time),
            home=event.home_team_name.strip(),
            away=event.away_team_name.strip(),
            country=(event.sport.category.name or "").strip(),
            competition=(event.sport.category.tournament.name or "").strip(),
            sport=sport,
            markets=reading.markets(),
            unmapped=reading.unmapped_rows(),
            refused=reading.refused,
            doubtful=frozenset(reading.doubtful),
        )

    def glanced(self, row: wire.PricedRow) -> GlancedEvent | None:
        """Return what a list row says of its event's prices, None for what is no football match before kickoff."""
        football = row.sport is None or sport_of(row.sport) == "football"
        if (
            sportradar_id(row.event_id) is None
            or not football
            or row.status
            or row.estimate_start_time is None
        ):
            return None
        markets = self._reading(row, "football").markets()
        return GlancedEvent(row.event_id, from_ms(row.estimate_start_time), complete(markets.values()))

    def _reading(self, event: wire.Event | wire.PricedRow, sport: str) -> FeedReading:
        reading = FeedReading(self._table, sport, self._memory)
        for market in event.markets:
            locked = bool(event.banned or market.banned or market.status)
            reading.add(
                market.id, market.specifier, market.name or market.desc or "", market.outcomes, locked
            )
        return reading


def read_detail(body: bytes) -> wire.Event:
    """
    Read an event detail as SportyBet writes it, and check what we rely on.

    Raises:
        EventGone, PayloadChanged: As `EventParser.parse`.
    """
    event = read_event(_DETAILS, CODE, DETAIL, body)
    try:
        from_ms(event.estimate_start_time)
    except OverflowError as exc:
        raise PayloadChanged(CODE, DETAIL, str(exc)) from exc
    if sportradar_id(event.event_id) is None:
        raise PayloadChanged(CODE, DETAIL, f"{event.event_id[:40]!r} is not a match")
    if not event.home_team_name.strip() or not event.away_team_name.strip():
        raise PayloadChanged(CODE, DETAIL, "a team has no name")
    if not event.markets and event.status == 0:
        raise PayloadChanged(CODE, DETAIL, "no market in a match that has not started")
    return event


def genius_id(source: wire.EventSource | None) -> str | None:
    """Return the Genius id where Genius supplies the event; before kickoff is asked first."""
    for phase in (source.pre_match_source, source.live_source) if source else ():
        if phase is not None and phase.source_type == "BET_GENIUS":
            found = _GENIUS_ID.fullmatch(str(phase.source_id))
            return found[1] if found else None
    return None


def sport_of(sport: wire.Sport) -> str:
    """Return our word for a sport, else theirs in lower case."""
    return sport_word(sport.id, sport.name)
