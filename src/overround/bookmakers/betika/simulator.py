"""Betika's server, locally: one endpoint that lists matches and tells of one, with the market types asked for."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from overround.bookmakers.base import PriceSource, Quote, SimulatedAnswer, SimulatedEvent, SimulatedRequest
from overround.bookmakers.betika.client import ALL_PERIODS, FOOTBALL, LIST
from overround.bookmakers.betika.markets import CODE
from overround.bookmakers.betika.parser import (
    event_id,
    read_detail,
    sport_of,
    sportradar_id,
)
from overround.bookmakers.betika.parser import kickoff_at as kickoff_of
from overround.bookmakers.betika.rendering import (
    SPORT_IDS,
    Json,
    elapsed_s,
    list_meta,
    match_row,
    pretty,
    start_time,
    sub_types_json,
)
from overround.bookmakers.feed_writing import WrittenMarket, merged, written_market
from overround.config import packaged_catalogue
from overround.domain.catalogue import Catalogue
from overround.domain.markets import MarketKey
from overround.errors import EventGone, PayloadChanged

_KICKOFF = re.compile(rb'("start_time"\s*:\s*)"[^"]*"')
_COMPETITIONS = 1_000  # own ids: match id and competition id are quotient and rest of the Sportradar id
_DEFAULT_WINDOW = timedelta(hours=48)  # period_id -2, also where none is given
_DEFAULT_SUB_TYPE = "1"


def create() -> "BetikaSimulator":
    """Return the simulator, writing the markets of the packaged catalogue."""
    return BetikaSimulator(packaged_catalogue())


class BetikaSimulator:
    """One bookmaker's server. Implements `Simulator`."""

    code = CODE

    def __init__(self, catalogue: Catalogue) -> None:
        self._types = {
            (kind.sport, kind.id): (kind, kind.books[CODE]) for kind in catalogue.types if CODE in kind.books
        }
        self._calls: dict[str, Callable[[Mapping[str, str], PriceSource], SimulatedAnswer]] = {
            f"/{LIST}": self._matches,
            "/v1/sports": _sports,
        }

    def own_id(self, sportradar_id: str) -> str:
        """Return Betika's id of a match with its competition's: as at the real site, the former alone repeats."""
        match_id, competition = divmod(int(sportradar_id), _COMPETITIONS)
        return f"{match_id}:{competition + 1}"

    def answer(self, request: SimulatedRequest, source: PriceSource) -> SimulatedAnswer:
        """Answer like the real site; an unknown match is an empty list."""
        call = self._calls.get(request.path)
        if call is None:
            return SimulatedAnswer(pretty({"error": "not found"}), status=404)
        return call(request.query, source)

    def read_recorded(self, body: bytes) -> SimulatedEvent | None:
        """Return the match of a captured detail before kickoff, None for anything else."""
        try:
            match = read_detail(body)[-1]
        except (EventGone, PayloadChanged):
            return None
        digits = sportradar_id(match.parent_match_id)
        if digits is None or match.match_status is not None or not match.odds:
            return None
        return SimulatedEvent(
            sportradar_id=digits,
            event_id=event_id(match),
            home=match.home_team,
            away=match.away_team,
            kickoff_at=kickoff_of(match.start_time),
            country=match.category or "",
            competition=match.competition_name or "",
            sport=sport_of(match),
            body=body,
        )

    def with_kickoff(self, body: bytes, kickoff_at: datetime) -> bytes:
        """Return the detail with its `start_time` replaced."""
        return _KICKOFF.sub(rb'\g<1>"%b"' % start_time(kickoff_at).encode(), body)

    def _matches(self, query: Mapping[str, str], source: PriceSource) -> SimulatedAnswer:
        try:
            page, limit = int(query.get("page", "1")), int(query.get("limit", "10"))
        except ValueError:
            page = limit = 0
        if page < 1 or limit < 1:
            return SimulatedAnswer(pretty({"error": "bad request"}), status=400)
        events = [event for event in source.events(CODE) if _is_asked(event, query, source)]
        shown = events[(page - 1) * limit : page * limit]
        asked = query.get("sub_type_id") or _DEFAULT_SUB_TYPE
        rows = [self._row(event, set(asked.split(",")), source) for event in shown]
        meta = list_meta(len(events), limit, page, source.now())
        return SimulatedAnswer(
            pretty({"data": rows, "meta": meta, "time_elapsed_secs": elapsed_s(source.volatile())})
        )

    def _row(self, event: SimulatedEvent, asked: set[str], source: PriceSource) -> Json:
        if event.body is not None:
            return _recorded_row(event.body, asked)
        main, markets = self._written(event, {"1"}, source), self._written(event, asked, source)
        groups = len(markets) + source.filler_groups(CODE, event)
        row = match_row(event, main[0] if main else None, groups)
        return {**row, "odds": sub_types_json(event, markets)}

    def _written(self, event: SimulatedEvent, asked: set[str], source: PriceSource) -> list[WrittenMarket]:
        """Return what is offered of the market types asked for; what is locked is not listed."""
        players = {player.name: player for player in source.players(event)}
        return merged(
            written_market(*self._types[event.sport, key.market_id], key, offered, players)
            for key, quotes in self._asked_quotes(event, asked, source)
            if (offered := _offered(quotes))
        )

    def _asked_quotes(
        self, event: SimulatedEvent, asked: set[str], source: PriceSource
    ) -> Iterator[tuple[MarketKey, Mapping[str, Quote]]]:
        """Yield the quotes that may be meant; for markets without lines a world prices no others."""
        quotes = source.quotes(CODE, event)
        kinds = [
            kind
            for (sport, _), (kind, rule) in self._types.items()
            if sport == event.sport and not asked.isdisjoint(rule.ids)
        ]
        if any(kind.param for kind in kinds):
            wanted = {kind.id for kind in kinds}
            yield from ((key, offered) for key, offered in quotes.items() if key.market_id in wanted)
            return
        for key in (MarketKey(kind.id) for kind in kinds):
            if offered := quotes.get(key):
                yield key, offered


def _offered(quotes: Mapping[str, Quote]) -> dict[str, Quote]:
    return {name: quote for name, quote in quotes.items() if quote.odds_milli and not quote.suspended}


def _is_asked(event: SimulatedEvent, query: Mapping[str, str], source: PriceSource) -> bool:
    """Return whether an event is upcoming and fits every filter that is given."""
    match_id, _, competition_id = event.event_id.partition(":")
    ahead = event.kickoff_at - source.now()
    return (
        ahead > timedelta(0)
        and (query.get("period_id") == ALL_PERIODS or ahead <= _DEFAULT_WINDOW)
        and query.get("sport_id", FOOTBALL) == SPORT_IDS.get(event.sport)
        and query.get("match_id", match_id) == match_id
        and query.get("competition_id", competition_id) == competition_id
    )


def _recorded_row(body: bytes, asked: set[str]) -> Json:
    """Return a captured match with those of its market types that are asked for."""
    recorded: Json | list[Json] = msgspec.json.decode(body)
    rows: Sequence[Json] = [
        row for answer in (recorded if isinstance(recorded, list) else [recorded]) for row in answer["data"]
    ]
    types = _distinct(sub_type for row in rows for sub_type in row["odds"])
    return {**rows[-1], "odds": [each for each in types if str(each["sub_type_id"]) in asked]}


def _distinct(sub_types: Iterable[Any]) -> list[Json]:
    return list({msgspec.json.encode(each): each for each in sub_types}.values())


def _sports(query: Mapping[str, str], source: PriceSource) -> SimulatedAnswer:
    names = {FOOTBALL: "Soccer", "28": "Tennis", "30": "Basketball"}
    data = [{"sport_id": sport_id, "sport_name": name} for sport_id, name in names.items()]
    return SimulatedAnswer(pretty({"data": data}))
