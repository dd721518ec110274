"""Simulated event details and list rows, written as BetPawa writes them: extra fields, display rows, bytes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from zlib import crc32

import msgspec

from overround.bookmakers.base import PriceSource, Quote, SimulatedEvent
from overround.bookmakers.betpawa.display import Display, display_of
from overround.bookmakers.betpawa.filler import further_markets
from overround.bookmakers.betpawa.markets import CODE, SPORTS
from overround.bookmakers.memo import Memo
from overround.domain.catalogue import Catalogue
from overround.domain.markets import MarketKey, plain_line

Json = dict[str, Any]
Lines = list[tuple[int | None, Mapping[str, Quote]]]  # handicap and quotes of one market type

_CATEGORIES = {sport: category for category, sport in SPORTS.items()}
_MARKETS = '"markets": "@"'  # where the markets go in a body; no text inside of it can look so
_PERIODS = {" - FT": " | Full Time", " - 1H": " | First Half", " - 2H": " | Second Half"}
_LISTED_LINES = ("", *(plain_line(quarters / 4) for quarters in range(-20, 29)))
_LOCKED = '       "suspended": true,\n'
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
        """Speak the catalogue's BetPawa names."""
        self._texts: dict[tuple[str, str], MarketText] = {}  # by sport and our market id
        for (sport, their_id), ((kind, rule), *_) in catalogue.rules(CODE).items():
            theirs: dict[str, str] = {}  # our name -> the preferred one of theirs, in BetPawa's order
            for name, ours in rule.ids[their_id].items():
                theirs.setdefault(ours, name)
            display = display_of(kind, their_id)
            self._texts[sport, kind.id] = MarketText(display, theirs, kind.names_players)

    def detail(self, event: SimulatedEvent, source: PriceSource) -> bytes:
        """Return an event detail: the recorded one, or one that says exactly the source's quotes."""
        if event.body is not None:
            return event.body
        markets = self._quoted(event, source)
        for display, quotes in further_markets(event.event_id, source.filler_groups(CODE, event)):
            text = MarketText(display, dict(zip(quotes, quotes, strict=True)))
            markets.append((text, [(None, quotes)]))
        markets.sort(key=lambda market: market[0].display.priority)
        head = header(event)
        tail = {key: head.pop(key) for key in ("category", "region", "competition")}
        body = {
            **head,
            "markets": "@",
            "totalMarketCount": str(sum(len(lines) for _, lines in markets)),
            **tail,
            "additionalInfo": {"inplayBooked": True, "inplayBookedActual": True},
            "version": source.volatile() or "64",
            "marketCounters": _counters([text.display for text, _ in markets]),
        }
        frame = msgspec.json.format(
            msgspec.json.encode(body), indent=1
        ).decode()  # the captured v4 answer is spaced so
        listed = ",\n".join(text.market(event.event_id, lines) for text, lines in markets)
        written = f"[\n{listed}\n ]" if listed else "[]"
        return frame.replace(_MARKETS, f'"markets": {written}', 1).encode()

    def inline_markets(self, event: SimulatedEvent, source: PriceSource, ids: Sequence[str]) -> list[Any]:
        """Return the asked market types of an event as JSON values, as its detail has them."""
        if not ids:
            return []
        if event.body is not None:
            markets: list[Json] = msgspec.json.decode(event.body)["markets"]
            return [market for market in markets if str(market["marketType"]["id"]) in ids]
        quoted = self._quoted(event, source, self._keys(event.sport, ids))
        quoted.sort(key=lambda market: market[0].display.priority)
        return [msgspec.Raw(text.market(event.event_id, lines).encode()) for text, lines in quoted]

    def _keys(self, sport: str, ids: Sequence[str]) -> Iterator[MarketKey]:
        """Yield what the asked ids may mean; a world prices no more of an event than is looked at."""
        for (kind_sport, market_id), text in self._texts.items():
            if kind_sport == sport and text.display.id in ids:
                yield from (MarketKey(market_id, line) for line in _LISTED_LINES)

    def _quoted(
        self, event: SimulatedEvent, source: PriceSource, only: Iterable[MarketKey] | None = None
    ) -> "list[tuple[MarketText, Lines]]":
        offered = source.quotes(CODE, event)
        lines: dict[str, Lines] = {}
        for key in offered if only is None else only:
            quotes = offered.get(key, {})
            shown = {name: quote for name, quote in quotes.items() if quote.odds_milli or quote.suspended}
            if shown and (event.sport, key.market_id) in self._texts:
                lines.setdefault(key.market_id, []).append((_quarters(key.line), shown))
        for rows in lines.values():
            rows.sort(key=lambda row: row[0] or 0)
        return [(self._texts[event.sport, market_id], rows) for market_id, rows in lines.items()]


class Price(NamedTuple):
    """What never changes of one price, as text: the gaps are its id, its odds, its lock and its probability."""

    place: int  # among the market's outcomes
    named: str
    titled: str
    informed: str
    ended: str


class MarketText:
    """Writes one market type; what the outcomes of a line always say is kept."""

    def __init__(self, display: Display, theirs: Mapping[str, str], names_players: bool = False) -> None:
        """Write the outcomes of `theirs`, our name -> BetPawa's, in that order; players by their own names."""
        self.display = display
        self._theirs, self._names_players = theirs, names_players
        self._opening, self._closing = _frame(display, tuple(theirs.values()))
        self._lines: Memo[int | None, dict[str, Price]] = Memo(self._prices, 4096)

    def market(self, event_id: str, lines: Lines) -> str:
        """Return the market with these lines, spaced as it stands in a body."""
        rows = ",\n".join(row for handicap, quotes in lines for row in self._rows(event_id, handicap, quotes))
        return f"{self._opening}{rows}{self._closing}"

    def _rows(self, event_id: str, handicap: int | None, quotes: Mapping[str, Quote]) -> Iterator[str]:
        """Spread one line's outcomes over display rows; only a line that fits one row has a row id."""
        first_id = crc32(f"{event_id}|{self.display.id}|{handicap}".encode())
        prices = self._players(handicap, quotes) if self._names_players else self._lines[handicap]
        said = [_price(first_id, prices[name], quotes[name]) for name in prices if name in quotes]
        columns = self.display.columns
        opening = "    {\n"
        if len(said) <= columns:
            opening += f'     "id": "{first_id % 1_000_000_000}",\n'
        closing = "\n     ]\n    }"
        if handicap is not None:
            opening += f'     "handicap": {handicap},\n'
            specifier = f'      "{_specifier_key(self.display)}": "{_plain(handicap)}"'
            closing = f'\n     ],\n     "specifier": {{\n{specifier}\n     }}\n    }}'
        for start in range(0, len(said), columns):
            written = ",\n".join(said[start : start + columns])
            yield f'{opening}     "prices": [\n{written}{closing}'

    def _prices(self, handicap: int | None) -> dict[str, Price]:
        return {
            ours: _price_text(self.display, handicap, place, theirs, int(self.display.id) + 1 + place)
            for place, (ours, theirs) in enumerate(self._theirs.items())
        }

    def _players(self, handicap: int | None, quotes: Mapping[str, Quote]) -> dict[str, Price]:
        """Return the outcomes of a list of players in its own order; too many men to keep."""
        return {
            ours: _price_text(
                self.display, handicap, place, self._theirs.get(ours, ours), crc32(ours.encode()) % 10**8
            )
            for place, ours in enumerate(quotes)
        }


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


def _frame(display: Display, outcomes: Sequence[str]) -> tuple[str, str]:
    """Return what stands before and after a market's rows."""
    ending = display.name[-5:]
    kind: Json = {
        "id": display.id,
        "name": display.name,
        "displayName": display.name.removesuffix(ending) + _PERIODS[ending]
        if ending in _PERIODS
        else display.name,
        "explainer": _EXPLAINERS[display.handicap_type],
        "priority": display.priority,
        "tabs": ["all", *display.tabs.split()],
    }
    if display.handicap_type:
        kind["handicapType"] = display.handicap_type
    market: Json = {"marketType": kind, "row": ["@"]}
    if display.handicap_type in ("ASIAN", "EUROPEAN"):
        market["displayNameColumns"] = list(outcomes)
    market["additionalInfo"] = {"cashoutable": True}
    spaced = msgspec.json.format(msgspec.json.encode(market), indent=1).decode().replace("\n", "\n  ")
    opening, _, closing = f"  {spaced}".partition('    "@"')
    return opening, closing


def _price_text(display: Display, handicap: int | None, place: int, name: str, type_id: int) -> Price:
    text = "" if handicap is None else _handicap_text(display.handicap_type, handicap, name)
    own_handicap = f'       "handicap": "{text}",\n' if text else ""
    any_up = "ONE_UP" if display.id == "28000810" and name != "X" else "NO_UP"
    specifier = ""
    if text and display.handicap_type in ("ASIAN", "EUROPEAN"):
        specifier = f',\n       "specifier": {{\n        "hcp": "{text}"\n       }}'
    return Price(
        place,
        f'",\n       "name": {_text(name)},\n       "typeId": "{type_id}",\n       "odds": ',
        f',\n{own_handicap}       "displayName": {_text(_display_name(display.handicap_type, name))},\n',
        f'       "additionalInfo": {{\n        "anyUp": "{any_up}"\n       }},\n'
        '       "probability": {\n        "win": ',
        f',\n        "refund": 0.0\n       }}{specifier}\n      }}',
    )


def _price(first_id: int, price: Price, quote: Quote) -> str:
    odds, win = _NUMBERS[quote.odds_milli]
    odds, locked = ("0.0", _LOCKED) if quote.suspended else (odds, "")
    place, named, titled, informed, ended = price
    return f'      {{\n       "id": "{first_id + place}{named}{odds}{titled}{locked}{informed}{win}{ended}'


def _numbers(milli: int) -> tuple[str, str]:
    """Return a price and the probability beside it as text."""
    return str(milli / 1000), str(round(940 / milli, 6) if milli else 0.9)


_NUMBERS: Memo[int, tuple[str, str]] = Memo(_numbers)


def _text(value: str) -> str:
    return msgspec.json.encode(value).decode()


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


def _specifier_key(display: Display) -> str:
    return {"NORMAL": "total", "NUMBER_SPECIFIER": "number"}.get(display.handicap_type, "hcp")


def _plain(handicap: int) -> str:
    return f"{handicap / 4:g}"


def _signed(handicap: int) -> str:
    return f"{handicap / 4:+g}" if handicap else "0"


def _counters(displays: Sequence[Display]) -> Json:
    by_tab: dict[str, int] = {}
    for display in displays:
        for tab in ("all", *display.tabs.split()):
            by_tab[tab] = by_tab.get(tab, 0) + 1
    return {
        "totalMarketGroupCount": str(len(displays)),
        "marketGroupCountByTab": {tab: str(number) for tab, number in by_tab.items()},
    }
