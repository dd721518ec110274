"""MSport's event detail: bytes in, domain values out, no I/O."""

from collections.abc import Callable

import msgspec

from overround.bookmakers.base import ParsedEvent, nothing
from overround.bookmakers.epoch import from_ms
from overround.bookmakers.facts_center import read_event, sport_word, sportradar_id
from overround.bookmakers.feed import FeedTable
from overround.bookmakers.feed_reading import FeedMemory, FeedReading
from overround.bookmakers.msport import wire
from overround.bookmakers.msport.markets import CODE
from overround.domain.catalogue import Catalogue
from overround.errors import PayloadChanged

DETAIL = "match/detail"

_DETAILS = msgspec.json.Decoder(wire.Detail)


class EventParser:
    """Reads event details; keeps texts it has met, within bounds, never which market they were in."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._table = FeedTable(catalogue, CODE)
        self._memory = FeedMemory()

    def parse(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read one match/detail answer. Source: payloads: msport/prematch.json, live.json, basketball.json.

        Raises:
            EventGone: A bizCode other than 10000.
            PayloadChanged: Any other shape, a match before kickoff without a single market, or open outcomes of
                which not one has a price.
        """
        event = read_detail(body)
        on_decoded()
        sport = sport_word(event.sport_id, event.sport)
        reading = FeedReading(self._table, sport, self._memory)
        for market in event.markets:
            name = market.name or market.description or ""
            reading.add(market.id, market.specifiers, name, market.outcomes, market.status != 0)
        if reading.is_unreadable:  # a renamed field is not an empty offer
            raise PayloadChanged(CODE, DETAIL, "not one market that we know has a price we can read")
        return ParsedEvent(
            event_id=event.event_id,
            sportradar_id=sportradar_id(event.event_id),
            genius_id=None,
            kickoff_at=from_ms(event.start_time),
            home=event.home_team.strip(),
            away=event.away_team.strip(),
            country=(event.category or "").strip(),
            competition=(event.tournament or "").strip(),
            sport=sport,
            markets=reading.markets(),
            unmapped=reading.unmapped_rows(),
            refused=reading.refused,
            doubtful=frozenset(reading.doubtful),
        )


def read_detail(body: bytes) -> wire.Event:
    """
    Read an event detail as MSport writes it, and check what we rely on.

    Raises:
        EventGone, PayloadChanged: As `EventParser.parse`.
    """
    event = read_event(_DETAILS, CODE, DETAIL, body)
    try:
        from_ms(event.start_time)
    except OverflowError as exc:
        raise PayloadChanged(CODE, DETAIL, str(exc)) from exc
    if sportradar_id(event.event_id) is None:
        raise PayloadChanged(CODE, DETAIL, f"{event.event_id[:40]!r} is not a match")
    if not event.home_team.strip() or not event.away_team.strip():
        raise PayloadChanged(CODE, DETAIL, "a team has no name")
    if not event.markets and event.status == 0:
        raise PayloadChanged(CODE, DETAIL, "no market in a match that has not started")
    return event
