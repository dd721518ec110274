"""Bet9ja's server, locally: the tree, the lists and the event detail, from prices that the world gives."""

import random
import re
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from overround.bookmakers.base import (
    PriceSource,
    Quote,
    SimulatedAnswer,
    SimulatedEvent,
    SimulatedRequest,
)
from overround.bookmakers.bet9ja.client import MAIN_MARKETS, ROOT
from overround.bookmakers.bet9ja.filler import (
    TheirMarket,
    categories,
    filler_groups,
    football_markets,
    market_entry,
    priced,
    translations,
)
from overround.bookmakers.bet9ja.markets import CODE, MarketTable, their_ids, their_places
from overround.bookmakers.bet9ja.parser import DETAIL, LIST, TREE, read_detail, read_header, read_odds
from overround.bookmakers.memo import Memo
from overround.config import packaged_catalogue
from overround.domain.catalogue import BookRule, Catalogue
from overround.domain.markets import MAX_ODDS_MILLI, MarketKey
from overround.errors import BookmakerError

# The captured event: 221 groups in 337 kB. Texts make up for what the odds and market names don't fill.
_TEXT_BYTES_PER_GROUP = 1_090
_OWN_ID_OFFSET = 701_000_000
_SPORTS = {"football": ("1", "Soccer"), "basketball": ("2", "Basketball")}  # key in the tree, their word
_INLINE = (MarketKey("3743"), MarketKey("4693"), MarketKey("5000", "2.5"))
_MAIN_KEY = re.compile(r"S_1X2_|S_DC_|S_OU@2\.5_")  # GROUPMARKETID 1
_STARTDATE = re.compile(rb'("STARTDATE"\s*:\s*")[^"]*"')
_GONE = b'{"R":"E"}'


def create() -> "Bet9jaSimulator":
    """Return the server, with the catalogue that comes with the product."""
    return Bet9jaSimulator(packaged_catalogue())


class Bet9jaSimulator:
    """Speaks Bet9ja's wire format. Implements `Simulator`; holds no state between requests."""

    code = CODE

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._places: Memo[tuple[str, MarketKey], dict[str, _Place]] = Memo(self._places_of)
        table = MarketTable(catalogue)
        self._filler = filler_groups(
            market for market in football_markets().values() if not table.knows("football", market.id)
        )

    def own_id(self, sportradar_id: str) -> str:
        """Return the event id of a simulated event; subtracting the offset leads back."""
        return str(int(sportradar_id) + _OWN_ID_OFFSET)

    def answer(self, request: SimulatedRequest, source: PriceSource) -> SimulatedAnswer:
        """Answer the tree, a list or a detail; unknown ids get R "E", unknown paths 404."""
        endpoints: dict[str, Callable[[Mapping[str, str], PriceSource], bytes]] = {
            f"{ROOT}/{TREE}": self._tree,
            f"{ROOT}/{LIST}": self._list,
            f"{ROOT}/{DETAIL}": self._detail,
        }
        endpoint = endpoints.get(request.path)
        if endpoint is None or request.method != "GET":
            return SimulatedAnswer(b"<html><body>Not Found</body></html>", 404, "text/html")
        return SimulatedAnswer(endpoint(request.query, source))

    def read_recorded(self, body: bytes) -> SimulatedEvent | None:
        """Return the event of a captured prematch detail, None for live answers, lists and anything else."""
        try:
            detail = read_detail(body)
            header = read_header(detail)
            read_odds(detail)
        except BookmakerError:
            return None
        if detail.live is not None or header.sportradar_id is None:
            return None
        return SimulatedEvent(
            sportradar_id=header.sportradar_id,
            event_id=header.event_id,
            home=header.home,
            away=header.away,
            kickoff_at=header.kickoff_at,
            country=header.country,
            competition=header.competition,
            sport=header.sport,
            body=body,
        )

    def with_kickoff(self, body: bytes, kickoff_at: datetime) -> bytes:
        """
        Return a captured detail with STARTDATE replaced, all else byte for byte as it was.

        Raises:
            ValueError: The body has no STARTDATE.
        """
        moved, count = _STARTDATE.subn(rb"\g<1>" + _startdate(kickoff_at).encode() + b'"', body, count=1)
        if not count:
            raise ValueError("no STARTDATE in the body")
        return moved

    def _tree(self, query: Mapping[str, str], source: PriceSource) -> bytes:
        sports: dict[str, Any] = {}
        for event in source.events(CODE):
            sport_id, word = _sport(event.sport)
            sport = sports.setdefault(sport_id, {"S_DESC": word, "NUM": 0, "SG": {}})
            country = sport["SG"].setdefault(str(_country_id(event)), {"SG_DESC": event.country, "G": {}})
            group = country["G"].setdefault(str(group_id_of(event)), {"G_DESC": event.competition, "NUM": 0})
            sport["NUM"] += 1
            group["NUM"] += 1
        return _good({"PAL": sports})

    def _list(self, query: Mapping[str, str], source: PriceSource) -> bytes:
        group_id = query.get("GROUPID", "")
        if not group_id.isdigit():
            return _GONE
        listed = [event for event in source.events(CODE) if str(group_id_of(event)) == group_id]
        answer: dict[str, Any] = {
            "E": [self._row(event, source, query.get("GROUPMARKETID", "")) for event in listed]
        }
        if listed:
            answer |= {"GN": listed[0].competition, "SG": listed[0].country}
        return _good(answer | {"MK": [], "TRANS": {}})

    def _row(self, event: SimulatedEvent, source: PriceSource, group_market: str) -> dict[str, Any]:
        inline: Mapping[str, Any] = {}
        if group_market == MAIN_MARKETS:
            inline = self._recorded(event) if event.body else self._main_prices(event, source)
        return {
            "ID": int(event.event_id),
            "EXTID": event.sportradar_id,
            "DS": f"{event.home} - {event.away}",
            "STARTDATE": _startdate(event.kickoff_at),
            "STARTDATEUTC": f"{event.kickoff_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "GID": group_id_of(event),
            "GN": event.competition,
            "SGID": _country_id(event),
            "SID": int(_sport(event.sport)[0]),
            "O": {key: price for key, price in inline.items() if _MAIN_KEY.match(key)},
        }

    def _recorded(self, event: SimulatedEvent) -> Mapping[str, Any]:
        return read_odds(read_detail(event.body or b""))[0]

    def _main_prices(self, event: SimulatedEvent, source: PriceSource) -> Mapping[str, Any]:
        quotes = source.quotes(CODE, event)
        return self._prices(event.sport, {key: quotes[key] for key in _INLINE if key in quotes})[0]

    def _detail(self, query: Mapping[str, str], source: PriceSource) -> bytes:
        event = source.event(CODE, query.get("EVENTID", ""))
        if event is None:
            return _GONE
        return event.body or self._rendered(event, source)

    def _rendered(self, event: SimulatedEvent, source: PriceSource) -> bytes:
        """Return a detail whose keys stand in an order that changes with the content, and only with it."""
        prices, markets, lines = self._prices(event.sport, source.quotes(CODE, event))
        wanted = source.filler_groups(CODE, event) if event.sport == "football" else 0
        filler = self._filler[:wanted]
        for group in filler:
            markets[group.market.id] = group.market
            if group.line:
                lines.setdefault(group.market.id, {})[group.line] = float(group.line)
        odds = [f'"{key}":"{price}"'.encode() for key, price in prices.items()]
        odds += priced(filler, event.event_id)
        entries = [market_entry(market) for market in markets.values()]
        order = random.Random(zlib.crc32(b"".join(odds)))
        order.shuffle(odds)
        order.shuffle(entries)
        groups = len({key.rpartition("_")[0] for key in prices}) + len(filler)
        parts = {
            b"O": b"{" + b",".join(odds) + b"}",
            b"AUX": msgspec.json.encode(lines),
            b"EXCLUDED_BONUS": b"[]",
            b"BOOSTED_ODDS": b"[]",
            b"BOOSTED_MARKETS": b"[]",
            b"MK": b"[" + b",".join(entries) + b"]",
            b"CATMARKET": msgspec.json.encode(categories(markets.values())),
            b"TRANS": translations(groups * _TEXT_BYTES_PER_GROUP),
        }
        body = b",".join(b'"' + name + b'":' + part for name, part in parts.items())
        header = msgspec.json.encode(_header(event, source.volatile()))
        return b'{"R":"OK","D":' + header[:-1] + b"," + body + b"}}"

    def _prices(
        self, sport: str, quotes: Mapping[MarketKey, Mapping[str, Quote]]
    ) -> tuple[dict[str, str], dict[str, TheirMarket], dict[str, dict[str, float]]]:
        """Return quotes in Bet9ja's words: prices by key, markets by id, lines by id."""
        prices: dict[str, str] = {}
        markets: dict[str, TheirMarket] = {}
        lines: dict[str, dict[str, float]] = {}
        for key, outcomes in quotes.items():
            places = self._places[sport, key]
            for name, place in places.items():
                if name not in outcomes:
                    continue
                # One key can be the price of several markets of ours, and then it is the same at all of them.
                prices.setdefault(place.key, _price(outcomes[name]))
                markets[place.market.id] = place.market
                if place.line:
                    lines.setdefault(place.market.id, {})[place.line] = float(place.line)
        return prices, markets, lines

    def _places_of(self, asked: tuple[str, MarketKey]) -> dict[str, "_Place"]:
        """Return how Bet9ja writes each outcome of a market; empty for a market that it does not have."""
        sport, key = asked
        kind = self._catalogue.find(key.market_id, sport)
        rule = kind.books.get(CODE) if kind else None
        if kind is None or rule is None:
            return {}
        seen = football_markets()
        ids = sorted(
            their_ids(rule, key.line),
            key=lambda their_id: their_id in seen and key.line not in seen[their_id].lines,
        )
        places: dict[str, _Place] = {}
        for name, (their_id, suffix) in their_places(rule, ids).items():
            market = _their_market(their_id, rule, kind.name)
            # Some ids that stand for one line still name it.
            line = key.line if market.lines or their_id not in rule.fixed_lines else ""
            stem = f"{their_id}@{line}" if line else their_id
            places[name] = _Place(f"{stem}_{suffix}", market, line)
        return places


class _Place(msgspec.Struct, frozen=True):
    """Where the body says an outcome's price."""

    key: str
    market: TheirMarket
    line: str  # as in the key, "" where it has none


def _their_market(their_id: str, rule: BookRule, name: str) -> TheirMarket:
    known = football_markets().get(their_id)
    return known or TheirMarket(their_id, name, "POPULAR", (), tuple(rule.ids[their_id]))


def _price(quote: Quote) -> str:
    """Return a price as text; "1" for anything that can't be backed, for the site has no suspended state."""
    if quote.suspended or not 1000 < quote.odds_milli <= MAX_ODDS_MILLI:
        return "1"
    whole, thousandths = divmod(quote.odds_milli, 1000)
    return f"{whole}.{thousandths:03}".rstrip("0").rstrip(".")


def _header(event: SimulatedEvent, volatile: str) -> dict[str, Any]:
    sport_id, word = _sport(event.sport)
    header: dict[str, Any] = {
        "INCTYPE": 0,
        "ST": 1,
        "GID": group_id_of(event),
        "SPORTCAST_FIXTURE_ID": "",
        "C": str(1000 + int(event.event_id) % 9000),
        "STARTDATE": _startdate(event.kickoff_at),
        "SGID": _country_id(event),
        "EXTID": event.sportradar_id,
        "PLAYER_EID": 0,
        "DS": f"{event.home} - {event.away}",
        "SID": int(sport_id),
        "P": 0,
        "PRV": 1,
        "IS_BOOSTED": False,
        "IS_BETBUILDER": False,
        "ENDVISIBILITYDATE": _startdate(event.kickoff_at),
        "ID": int(event.event_id),
        "PL": 0,
        "TYPE": 0,
        "ISSTREAMINGVIDEO": False,
        "GN": event.competition,
        "GP": 99,
        "SG": event.country,
        "S": word,
    }
    return header | {"SERVERTIME": volatile} if volatile else header


def _sport(sport: str) -> tuple[str, str]:
    """Return a sport's key in the tree and its word; sports without a known key get one of their own."""
    return _SPORTS.get(sport) or (str(100 + zlib.crc32(sport.encode()) % 900), sport.capitalize())


def _country_id(event: SimulatedEvent) -> int:
    return _place_id(event.sport, event.country)


def group_id_of(event: SimulatedEvent) -> int:
    """Return the GROUPID of an event's competition."""
    return _place_id(event.sport, event.country, event.competition)


@lru_cache(4096)
def _place_id(*names: str) -> int:
    return zlib.crc32("|".join(names).encode())


def _startdate(kickoff_at: datetime) -> str:
    return f"{kickoff_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _good(data: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"R": "OK", "D": data})
