"""Acme's server, locally: lists and details of a simulated world in the real site's shapes."""

from datetime import datetime
from typing import Any

import msgspec

from overround.bookmakers.acme.markets import CODE
from overround.bookmakers.acme.parser import kickoff_at as kickoff_of
from overround.bookmakers.acme.parser import read_detail
from overround.bookmakers.base import (
    PriceSource,
    SimulatedAnswer,
    SimulatedEvent,
    SimulatedRequest,
    Simulator,
)
from overround.config import packaged_catalogue
from overround.errors import PayloadChanged

PAGE_SIZE = 100


def create() -> Simulator:
    """Return a new simulator of Acme."""
    return SimulatedAcme()


class SimulatedAcme:
    """Answers as Acme does."""

    code = CODE

    def __init__(self) -> None:
        self._catalogue = packaged_catalogue()

    def own_id(self, sportradar_id: str) -> str:
        """Return the own id of a simulated event."""
        return f"a{sportradar_id}"

    def answer(self, request: SimulatedRequest, source: PriceSource) -> SimulatedAnswer:
        """Answer lists with paging, details, and a 404 for unknown ids and paths."""
        if request.path == "/v1/events":
            first = int(request.query.get("page", "0")) * PAGE_SIZE
            events = source.events(CODE)
            rows = [_row(event) for event in events[first : first + PAGE_SIZE]]
            return _json({"events": rows, "more": len(events) > first + PAGE_SIZE})
        event = source.event(CODE, request.path.removeprefix("/v1/events/"))
        if event is None:
            return SimulatedAnswer(b'{"error":"not found"}', status=404)
        return SimulatedAnswer(event.body) if event.body else _json(self._detail(event, source))

    def read_recorded(self, body: bytes) -> SimulatedEvent | None:
        """Return the event of a captured prematch detail, None for anything else."""
        try:
            event = read_detail(body)
        except PayloadChanged:
            return None
        return SimulatedEvent(
            event.sr or "", str(event.id), event.home, event.away, kickoff_of(event.start), event.country,
            event.competition, event.sport, body=body,
        )  # fmt: skip

    def with_kickoff(self, body: bytes, kickoff_at: datetime) -> bytes:
        """Return a captured detail with its kickoff replaced."""
        before = read_detail(body).start
        return body.replace(b'"start":%d' % before, b'"start":%d' % int(kickoff_at.timestamp()))

    def _detail(self, event: SimulatedEvent, source: PriceSource) -> dict[str, Any]:
        bets: list[dict[str, Any]] = []
        for key, quotes in source.quotes(CODE, event).items():
            kind = self._catalogue.find(key.market_id, event.sport)
            if kind is None or CODE not in kind.books:
                continue
            their_id, names = next(iter(kind.books[CODE].ids.items()))
            theirs = {ours: name for name, ours in names.items()}
            outcomes = [
                {"name": theirs[name], "odds": quote.odds_milli / 1000, "locked": quote.suspended}
                for name, quote in quotes.items()
                if name in theirs
            ]
            bets.append({"id": their_id, "name": kind.name, "line": key.line or "0", "outcomes": outcomes})
        return _row(event) | {"bets": bets}


def _row(event: SimulatedEvent) -> dict[str, Any]:
    return {
        "id": event.event_id, "sr": event.sportradar_id, "start": int(event.kickoff_at.timestamp()),
        "home": event.home, "away": event.away, "sport": event.sport, "country": event.country,
        "competition": event.competition,
    }  # fmt: skip


def _json(value: object) -> SimulatedAnswer:
    return SimulatedAnswer(msgspec.json.encode(value))
