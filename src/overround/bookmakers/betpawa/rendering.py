"""Simulated event details and list rows, written as BetPawa writes them: extra fields, display rows, bytes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import count, islice
from typing import Any
from zlib import crc32

import msgspec

from overround.bookmakers.base import PriceSource, Quote, SimulatedEvent
from overround.bookmakers.betpawa.filler import OFFERED, OfferedType
from overround.bookmakers.betpawa.markets import CODE, SPORTS
from overround.domain.catalogue import Catalogue, MarketType
from overround.domain.markets import MarketKey

Json = dict[str, Any]
Said = tuple[str, Quote]  # BetPawa's outcome name and its quote

_HANDICAP_TYPES = {"over-under": "NORMAL", "handicap-2way": "ASIAN", "handicap-3way": "EUROPEAN"}
_CATEGORIES = {sport: category for category, sport in SPORTS.items()}
_LOCKED_RANGES = ("1-5", "1-6")  # of 28000047: suspended with odds 0 in both captured football answers
_EXPLAINERS = {
    "": "Choose one of the outcomes below for the period that the market names. Stoppage time counts, extra "
    "time and penalties do not.",
    "NORMAL": "Choose whether the number in the market ends above the line or below it, counted over the named "
    "period. Extra time does not count.",
    "ASIAN": "The head start beside your side is added to its goals before the bet is settled; choose the side "
    "that is then ahead. Regular time only, a level score returns the stake.",
    "EUROPEAN": "The head start beside your side is added to its goals before the bet is settled; choose home, "
    "level or away on the score that results. Regular time only.",
    "NUMBER_SPECIFIER": "Choose which side scores the goal of the number in brackets, or that it is not scored.",
}


class BodyWriter:
    """Renders a world's events; holds only how BetPawa names things."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Speak the catalogue's BetPawa names; what the catalogue knows is never filler."""
        self._kinds: dict[
            str, tuple[OfferedType, dict[str, str]]
        ] = {}  # our id -> theirs, our name -> theirs
        for (sport, their_id), ((kind, rule), *_) in catalogue.rules(CODE).items():
            if sport == "football":
                names = {ours: theirs for theirs, ours in rule.ids[their_id].items()}
                self._kinds[kind.id] = (OFFERED.get(their_id) or _offered(kind, their_id), names)
        mapped = {offered.id for offered, _ in self._kinds.values()}
        self._fillers = sorted(
            (offered for offered in OFFERED.values() if offered.id not in mapped),
            key=lambda offered: crc32(offered.id.encode()),  # mixed, so that any number has the usual size
        )

    def detail(self, event: SimulatedEvent, source: PriceSource) -> bytes:
        """Return an event detail: the recorded one, or one that says exactly the source's quotes."""
        if event.body is not None:
            return event.body
        markets = self._markets(event, source)
        groups = {
            (market["marketType"]["id"], row.get("handicap")) for market in markets for row in market["row"]
        }
        head = header(event)
        tail = {key: head.pop(key) for key in ("category", "region", "competition")}
        body = {
            **head,
            "markets": markets,
            "totalMarketCount": str(len(groups)),
            **tail,
            "additionalInfo": {"inplayBooked": True, "inplayBookedActual": True},
            "version": source.volatile() or "64",
            "marketCounters": _counters(markets),
        }
        return msgspec.json.format(msgspec.json.encode(body), indent=1)  # the captured v4 answer is spaced so

    def inline_markets(self, event: SimulatedEvent, source: PriceSource, ids: Sequence[str]) -> list[Json]:
        """Return the asked market types of an event, as its detail has them."""
        if not ids:
            return []
        if event.body is not None:
            markets: list[Json] = msgspec.json.decode(event.body)["markets"]
        else:
            markets = self._quoted(event, source)
        return [market for market in markets if str(market["marketType"]["id"]) in ids]

    def _markets(self, event: SimulatedEvent, source: PriceSource) -> list[Json]:
        quoted = self._quoted(event, source)
        fillers = self._filled(event, source.filler_groups(CODE, event)) if event.sport == "football" else []
        return sorted(quoted + fillers, key=lambda market: market["marketType"]["priority"])

    def _quoted(self, event: SimulatedEvent, source: PriceSource) -> list[Json]:
        lines: dict[str, list[tuple[int | None, list[Said]]]] = {}
        for key, quotes in source.quotes(CODE, event).items():
            if key.market_id in self._kinds and (said := self._said(key, quotes)):
                lines.setdefault(key.market_id, []).append((_quarters(key.line), said))
        return [
            _market(event, self._kinds[market_id][0], sorted(rows, key=lambda row: row[0] or 0))
            for market_id, rows in lines.items()
        ]

    def _said(self, key: MarketKey, quotes: Mapping[str, Quote]) -> list[Said]:
        """Return the outcomes shown, in BetPawa's order: those with a price and those locked."""
        names = self._kinds[key.market_id][1]
        shown = ((theirs, quotes.get(ours)) for ours, theirs in names.items())
        return [(theirs, quote) for theirs, quote in shown if quote and (quote.odds_milli or quote.suspended)]

    def _filled(self, event: SimulatedEvent, groups: int) -> list[Json]:
        lines: dict[str, list[tuple[int | None, list[Said]]]] = {}
        for offered, handicap in islice(_filler_lines(self._fillers), groups):
            said = _filler_quotes(event.event_id, offered, handicap)
            lines.setdefault(offered.id, []).append((handicap, said))
        return [_market(event, OFFERED[their_id], rows) for their_id, rows in lines.items()]


def header(event: SimulatedEvent) -> Json:
    """Return an event's JSON without its markets, in BetPawa's order of fields; a recorded one as recorded."""
    if event.body is not None:
        return dict(_recorded_header(event.body))
    prematch, inplay = ({"id": event.sportradar_id, "type": "SPORTRADAR", "retention": phase} for phase in ("PREMATCH", "INPLAY"))  # fmt: skip
    genius = [{"id": event.genius_id, "type": "GENIUSSPORTS"}] if event.genius_id else []
    place = f"{event.sport}|{event.country}"
    return {
        "id": event.event_id,
        "name": f"{event.home} - {event.away}",
        "widgets": [prematch, *genius, inplay],
        "participants": [
            {"id": _number(f"team|{event.home}"), "name": event.home, "position": 1},
            {"id": _number(f"team|{event.away}"), "name": event.away, "position": 2},
        ],
        "startTime": f"{event.kickoff_at:%Y-%m-%dT%H:%M:%SZ}",
        "category": {"id": category_id(event), "name": event.sport.capitalize()},
        "region": {"id": _number(place), "name": event.country},
        "competition": {"id": competition_id(event), "name": event.competition},
    }


def category_id(event: SimulatedEvent) -> str:
    """Return BetPawa's id of the event's sport."""
    if event.body is not None:
        return str(_recorded_header(event.body)["category"]["id"])
    return _CATEGORIES.get(event.sport) or _number(event.sport)


def competition_id(event: SimulatedEvent) -> str:
    """Return BetPawa's id of the event's competition."""
    if event.body is not None:
        return str(_recorded_header(event.body)["competition"]["id"])
    return _number(f"{event.sport}|{event.country}|{event.competition}")


@lru_cache(maxsize=64)
def _recorded_header(body: bytes) -> Json:
    fields: Json = msgspec.json.decode(body)
    return {key: value for key, value in fields.items() if key != "markets"}


def _number(text: str) -> str:
    return str(crc32(text.encode()))


def _quarters(line: str) -> int | None:
    return int(Decimal(line) * 4) if line else None


def _offered(kind: MarketType, their_id: str) -> OfferedType:
    """Return how a market that no captured answer holds would be shown."""
    columns = 3 if len(kind.outcomes) % 3 == 0 else 2
    handicap_type = _HANDICAP_TYPES.get(kind.kind, "NORMAL" if kind.param else "")
    return OfferedType(
        their_id, kind.name, 2000, " ".join(kind.groups), columns, handicap_type, (), kind.outcomes
    )


def _market(
    event: SimulatedEvent, offered: OfferedType, lines: Iterable[tuple[int | None, list[Said]]]
) -> Json:
    period = {" - FT": " | Full Time", " - 1H": " | First Half", " - 2H": " | Second Half"}
    ending = offered.name[-5:]
    kind = {
        "id": offered.id,
        "name": offered.name,
        "displayName": offered.name.removesuffix(ending) + period[ending]
        if ending in period
        else offered.name,
        "explainer": _EXPLAINERS[offered.handicap_type],
        "priority": offered.priority,
        "tabs": ["all", *offered.tabs.split()],
    }
    if offered.handicap_type:
        kind["handicapType"] = offered.handicap_type
    market: Json = {
        "marketType": kind,
        "row": [row for handicap, said in lines for row in _rows(event, offered, handicap, said)],
    }
    if offered.handicap_type in ("ASIAN", "EUROPEAN"):
        market["displayNameColumns"] = list(offered.outcomes)
    market["additionalInfo"] = {"cashoutable": True}
    return market


def _rows(
    event: SimulatedEvent, offered: OfferedType, handicap: int | None, said: list[Said]
) -> Iterator[Json]:
    """Spread one line's outcomes over display rows; only a line that fits one row has a row id."""
    first_id = crc32(f"{event.event_id}|{offered.id}|{handicap}".encode())
    places = {name: place for place, name in enumerate(offered.outcomes)}
    for start in range(0, len(said), offered.columns):
        row: Json = {} if len(said) > offered.columns else {"id": str(first_id % 1_000_000_000)}
        if handicap is not None:
            row["handicap"] = handicap
        row["prices"] = [
            _price(offered, handicap, places[name], first_id, name, quote)
            for name, quote in said[start : start + offered.columns]
        ]
        if handicap is not None:
            row["specifier"] = {_specifier_key(offered): _plain(handicap)}
        yield row


def _price(
    offered: OfferedType, handicap: int | None, place: int, first_id: int, name: str, quote: Quote
) -> Json:
    price: Json = {
        "id": str(first_id + place),
        "name": name,
        "typeId": str(int(offered.id) + 1 + place),
        "odds": 0.0 if quote.suspended else quote.odds_milli / 1000,
    }
    text = "" if handicap is None else _handicap_text(offered.handicap_type, handicap, name)
    if text:
        price["handicap"] = text
    price["displayName"] = _display_name(offered.handicap_type, name)
    if quote.suspended:
        price["suspended"] = True
    price["additionalInfo"] = {"anyUp": "ONE_UP" if offered.id == "28000810" and name != "X" else "NO_UP"}
    win = round(940 / quote.odds_milli, 6) if quote.odds_milli else 0.9
    price["probability"] = {"win": win, "refund": 0.0}
    if text and offered.handicap_type in ("ASIAN", "EUROPEAN"):
        price["specifier"] = {"hcp": text}
    return price


def _handicap_text(handicap_type: str, handicap: int, name: str) -> str:
    """Return a price's own handicap text: the away side's has the opposite sign, X flips with the sign."""
    if handicap_type == "NORMAL":
        return _plain(handicap)
    if handicap_type == "ASIAN":
        return _signed(-handicap if name == "2" else handicap)
    if handicap_type == "EUROPEAN":
        away = name == "2" or (name == "X" and handicap > 0)
        return f"Away {_signed(-handicap)}" if away else f"Home {_signed(handicap)}"
    return ""


def _display_name(handicap_type: str, name: str) -> str:
    if handicap_type in ("ASIAN", "EUROPEAN"):
        return "{formattedHandicap}"
    if handicap_type == "NORMAL":
        return f"{name.rpartition(' ')[2]} {{formattedHandicap}}"
    return name.removesuffix(" - Yes").removesuffix(" - No")


def _specifier_key(offered: OfferedType) -> str:
    return {"NORMAL": "total", "NUMBER_SPECIFIER": "number"}.get(offered.handicap_type, "hcp")


def _plain(handicap: int) -> str:
    return f"{handicap / 4:g}"


def _signed(handicap: int) -> str:
    return f"{handicap / 4:+g}" if handicap else "0"


def _counters(markets: Sequence[Json]) -> Json:
    by_tab: dict[str, int] = {}
    for market in markets:
        for tab in market["marketType"]["tabs"]:
            by_tab[tab] = by_tab.get(tab, 0) + 1
    return {
        "totalMarketGroupCount": str(len(markets)),
        "marketGroupCountByTab": {tab: str(number) for tab, number in by_tab.items()},
    }


def _filler_lines(offered: Sequence[OfferedType]) -> Iterator[tuple[OfferedType, int | None]]:
    """Return the captured types with their captured lines, then ever higher lines of those that have some."""
    for kind in offered:
        for handicap in kind.handicaps or (None,):
            yield kind, handicap
    parameterised = [kind for kind in offered if kind.handicaps]
    for step in count(1) if parameterised else ():
        for kind in parameterised:
            yield kind, kind.handicaps[-1] + 4 * step


def _filler_quotes(event_id: str, offered: OfferedType, handicap: int | None) -> list[Said]:
    """Return prices that depend on nothing but the event and the market: a book of 107 %."""
    state = crc32(f"{event_id}|{offered.id}|{handicap}|price".encode())
    weights: list[int] = []
    for _ in offered.outcomes:
        state = (state * 1_103_515_245 + 12_345) & 0x7FFF_FFFF
        weights.append(5 + (state >> 8) % 95)
    whole = sum(weights) / 1.07
    return [
        (
            name,
            Quote(
                max(101, round(100 * whole / weight)) * 10,
                offered.id == "28000047" and name in _LOCKED_RANGES,
            ),
        )
        for name, weight in zip(offered.outcomes, weights, strict=True)
    ]
