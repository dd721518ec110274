"""Bet9ja's answers to domain values: bytes in, values out. Pure but for bounded memories of what keys mean."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import repeat
from typing import Any, TypeVar

import msgspec

from overround.bookmakers.base import GlancedEvent, ParsedEvent, complete, nothing
from overround.bookmakers.bet9ja import wire
from overround.bookmakers.bet9ja.key_memory import NOT_PLAIN, KeyMemory, KnownKey
from overround.bookmakers.bet9ja.markets import CODE, MarketTable
from overround.bookmakers.memo import Memo
from overround.bookmakers.prices import UNREADABLE, read_price
from overround.domain.catalogue import Catalogue
from overround.domain.diff import Unmapped
from overround.domain.events import ListedEvent
from overround.domain.markets import MarketKey, ParsedMarket
from overround.errors import EventGone, PayloadChanged

TREE, LIST, DETAIL = "GetSports", "GetEventsInGroupV2", "GetEvent"  # operations, as the site calls them

_FOOTBALL = "1"  # key of soccer in the tree
_SPORTS = {"soccer": "football"}
_SPORT_IDS = {"1": "football", "2": "basketball", "3000001": "football"}  # live ids begin at 3000001

_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)
_ID = re.compile(r"[1-9]\d{0,17}", re.ASCII)
# STARTDATE has no zone; it is UTC: three matches compared with others' ISO and epoch times. A "T" was seen once.
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)Z?", re.ASCII)

_DETAILS = msgspec.json.Decoder(wire.DetailAnswer)
_TREES = msgspec.json.Decoder(wire.TreeAnswer)
_SPORT = msgspec.json.Decoder(wire.Sport)
_LISTS = msgspec.json.Decoder(wire.GroupAnswer)
_PRICED_LISTS = msgspec.json.Decoder(wire.PricedAnswer)
_PRICED_ROWS = msgspec.json.Decoder(wire.PricedRow)
_TEXT_ODDS = msgspec.json.Decoder(dict[str, str])
_ANY_ODDS = msgspec.json.Decoder(dict[str, wire.Price])

_NOT_OFFERED = repeat(0)

Decoded = TypeVar("Decoded")


class Header(msgspec.Struct, frozen=True, gc=False):
    """Who plays whom where and when, from a detail or a list row."""

    event_id: str
    sportradar_id: str | None
    kickoff_at: datetime
    home: str
    away: str
    country: str
    competition: str
    sport: str


class GroupRef(msgspec.Struct, frozen=True, gc=False):
    """One competition of the tree."""

    group_id: str
    country: str
    competition: str


class EventParser:
    """Reads event details, prematch and live, of every sport."""

    def __init__(self, catalogue: Catalogue) -> None:
        table = MarketTable(catalogue)
        self._keys = {sport: KeyMemory(table, sport) for sport in ("", *table.sports)}
        self._prices: Memo[wire.Price, int] = Memo(_milli)
        self._unmapped: Memo[tuple[str, str, int], Unmapped] = Memo(lambda row: Unmapped(*row))

    def parse(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read one GetEvent or GetLiveEvent answer. Source: payloads: bet9ja/*.json.

        Raises:
            PayloadChanged: The body no longer has the shape in wire.py.
            EventGone: R is "E", or there is no event in a good answer.
        """
        detail = read_detail(body)
        header = read_header(detail)
        odds, contradicted = read_odds(detail)
        on_decoded()
        reading = self._reading(header.sport, detail.markets, odds, contradicted)
        markets = reading.markets()
        return ParsedEvent(
            event_id=header.event_id,
            sportradar_id=header.sportradar_id,
            genius_id=None,
            kickoff_at=header.kickoff_at,
            home=header.home,
            away=header.away,
            country=header.country,
            competition=header.competition,
            sport=header.sport,
            markets=markets,
            unmapped=tuple(
                self._unmapped[market, reading.name(market), count]
                for market, count in sorted(reading.unmapped.items())
            ),
            refused=reading.refused,
            doubtful=frozenset(reading.doubtful),
        )

    def glances(self, body: bytes) -> Iterator[GlancedEvent]:
        """
        Return what a GetEventsInGroupV2 answer says of its matches' prices; rows that can't be read are left out.

        Raises:
            PayloadChanged: Not a list.
        """
        answer = _decode(_PRICED_LISTS, body, LIST)
        if answer.result not in ("OK", "D") or not isinstance(answer.data, wire.PricedEvents):
            raise PayloadChanged(CODE, LIST, f"no list, R is {str(answer.result)[:20]}")
        return self._glanced(answer.data.events)

    def _glanced(self, rows: Iterable[msgspec.Raw]) -> Iterator[GlancedEvent]:
        for raw in rows:
            try:
                row = _decode(_PRICED_ROWS, raw, LIST)
                header = _header(row, LIST, row.sport or "soccer")
                odds, contradicted = _decode_odds(bytes(row.odds) or b"{}")
            except (PayloadChanged, ValueError, RecursionError):
                continue
            markets = self._reading(header.sport, (), odds, contradicted).markets()
            yield GlancedEvent(header.event_id, header.kickoff_at, complete(markets.values()))

    def _reading(
        self,
        sport: str,
        markets: tuple[wire.MarketName, ...],
        odds: Mapping[str, wire.Price],
        contradicted: frozenset[str],
    ) -> "_Reading":
        keys = self._keys.get(sport) or self._keys[""]
        keys.forget_if_full()
        reading = _Reading(keys, markets)
        reading.take(odds, list(map(self._prices.__getitem__, odds.values())), contradicted)
        return reading


class _Reading:
    """What one body has yielded so far; a market that contradicts itself is left out and the rest stands."""

    def __init__(self, keys: KeyMemory, markets: tuple[wire.MarketName, ...]) -> None:
        self._keys = keys
        self._names = {market.id: market.name for market in markets}
        self._suffixes = {market.id: market.outcomes for market in markets}
        self.refused: dict[str, int] = {}
        self.unmapped: dict[str, int] = {}  # their market id -> keys without an equal of ours
        self.doubtful: set[str] = set()
        self._quoted: dict[int, int] = {}  # outcome's number -> odds x 1000, 0 or UNREADABLE
        self._left_out: dict[int, str] = {}  # first number of a line -> why it is not believed

    def take(self, odds: Iterable[str], millis: list[int], contradicted: frozenset[str]) -> None:
        """Take all keys with their prices, and which of them stood in the body at other prices too."""
        numbers = self._keys.numbers(odds)
        self._set_unlisted_aside(odds, numbers)
        quoted = self._quoted = dict(zip(numbers, millis, strict=True))
        quoted.pop(NOT_PLAIN, None)
        aside = numbers.count(NOT_PLAIN)
        if len(quoted) < len(numbers) - aside:  # an outcome under two keys
            for number, milli in zip(numbers, millis, strict=True):
                if number != NOT_PLAIN and quoted[number] != milli:
                    self._leave_out(number, "twice")
        if aside:
            known, suffixes = self._keys.known, self._suffixes
            for key, number, milli in zip(odds, numbers, millis, strict=True):
                if number == NOT_PLAIN:
                    self._take_other(known(key, suffixes), milli)
        for key in contradicted:
            for number in self._keys.known(key, self._suffixes).numbers:
                self._leave_out(number, "twice")

    def markets(self) -> dict[MarketKey, ParsedMarket]:
        """Return the markets of which anything is offered; count what is not believed and not offered."""
        self._judge_prices()
        lines, price_of = self._keys.lines, self._quoted.get
        firsts = dict.fromkeys(map(self._keys.first_of.__getitem__, self._quoted))
        for first in self._left_out:
            firsts.pop(first, None)
        markets: dict[MarketKey, ParsedMarket] = {}
        for first in firsts:
            line = lines[first]
            odds = tuple(map(price_of, line.numbers, _NOT_OFFERED))
            if any(odds):
                markets[line.key] = ParsedMarket(line.key, line.names, odds)
        return markets

    def _judge_prices(self) -> None:
        prices = list(self._quoted.values())
        self._refuse("price", prices.count(0) + prices.count(UNREADABLE))
        if UNREADABLE in prices:
            for number, milli in self._quoted.items():
                if milli == UNREADABLE:
                    self._leave_out(number, "price")
        self._refuse("twice", sum(reason == "twice" for reason in self._left_out.values()))

    def name(self, market: str) -> str:
        """Return what the site calls one of its markets, its id where it does not say."""
        return self._names.get(market) or market

    def _set_unlisted_aside(self, odds: Iterable[str], numbers: list[int]) -> None:
        """Look closer at markets whose own list in D.MK lacks a suffix that we map."""
        mapped, nothing_mapped = self._keys.mapped_suffixes, frozenset[str]()
        short = {
            market
            for market, listed in self._suffixes.items()
            if listed and not mapped.get(market, nothing_mapped) <= listed
        }
        if short:
            for place, key in enumerate(odds):
                if self._keys.known(key, self._suffixes).market in short:
                    numbers[place] = NOT_PLAIN

    def _take_other(self, key: KnownKey, milli: int) -> None:
        """Take a key that is not simply one outcome of ours."""
        listed = self._suffixes.get(key.market)
        if key.refused:
            self._refuse(key.refused)
            self.doubtful |= key.doubtful
        elif listed and key.outcome not in listed:
            self._refuse("suffix")  # D.MK does not know it: a schema change, never guessed
            self._count_unmapped(key.market)
        elif key.numbers:
            for number in key.numbers:
                if self._quoted.setdefault(number, milli) != milli:
                    self._leave_out(number, "twice")
        else:
            self._count_unmapped(key.market)

    def _leave_out(self, number: int, reason: str) -> None:
        line = self._keys.line(number)
        self._left_out.setdefault(line.numbers[0], reason)
        self.doubtful.add(line.key.market_id)

    def _refuse(self, reason: str, count: int = 1) -> None:
        if count:
            self.refused[reason] = self.refused.get(reason, 0) + count

    def _count_unmapped(self, market: str) -> None:
        self.unmapped[market] = self.unmapped.get(market, 0) + 1


def _milli(price: wire.Price) -> int:
    return read_price(price.value if isinstance(price, wire.LivePrice) else price)


def read_detail(body: bytes) -> wire.Detail:
    """
    Return the event of a detail answer.

    Raises:
        PayloadChanged: Not such an answer.
        EventGone: The answer says that there is no such event.
    """
    answer = _decode(_DETAILS, body, DETAIL)
    if answer.result == "E" or (answer.result in ("OK", "D", None) and answer.data is False):
        raise EventGone(CODE, DETAIL, f"R is {answer.result}, no such event")
    if answer.result not in ("OK", "D"):
        raise PayloadChanged(CODE, DETAIL, f"R is {str(answer.result)[:20]}")
    if answer.data is None:
        raise EventGone(CODE, DETAIL, "a good answer without an event")
    if not isinstance(answer.data, wire.Detail):
        raise PayloadChanged(CODE, DETAIL, "D is no event")
    return answer.data


def read_header(detail: wire.Detail) -> Header:
    """
    Return who plays when, before kickoff or in running.

    Raises:
        PayloadChanged: No own id, kickoff, teams or sport.
    """
    live = detail.live
    if live is None:
        return _header(detail, DETAIL, detail.sport)
    header = _header(live, DETAIL, live.sport or live.place.sport)
    # The country stands before the competition's name. Source: payloads: bet9ja/live.json, GN.
    country, dash, competition = header.competition.partition(" - ")
    if dash and not header.country:
        header = msgspec.structs.replace(header, country=country.strip(), competition=competition.strip())
    state = detail.live_state
    if state is not None and header.sportradar_id is None:
        known = _sportradar_id(state.sportradar_id) or _sportradar_id(state.match_id)
        header = msgspec.structs.replace(header, sportradar_id=known)
    return header


def read_tree(body: bytes) -> list[GroupRef]:
    """
    Return the football competitions of a GetSports answer. No real one was captured.

    Raises:
        PayloadChanged: Not a tree, or one without football.
    """
    answer = _decode(_TREES, body, TREE)
    if answer.result not in ("OK", "D") or not isinstance(answer.data, wire.Tree):
        raise PayloadChanged(CODE, TREE, f"no tree, R is {str(answer.result)[:20]}")
    football = answer.data.sports.get(_FOOTBALL)
    if football is None:
        raise PayloadChanged(CODE, TREE, "the tree has no soccer")
    sport = _decode(_SPORT, football, TREE)
    return [
        GroupRef(group_id, (country.name or "").strip(), (group.name or "").strip())
        for country in sport.countries.values()
        for group_id, group in country.groups.items()
    ]


def read_group(body: bytes, group: GroupRef) -> list[ListedEvent]:
    """
    Return the matches of a GetEventsInGroupV2 answer; rows without two teams are outrights and left out.

    No real list was captured, so little is required: id, kickoff and teams of every match.

    Raises:
        PayloadChanged: Not a list, or a match without id or kickoff.
    """
    answer = _decode(_LISTS, body, LIST)
    if answer.result not in ("OK", "D") or not isinstance(answer.data, wire.GroupEvents):
        raise PayloadChanged(CODE, LIST, f"no list of group {group.group_id}, R is {str(answer.result)[:20]}")
    country = answer.data.country or group.country
    competition = answer.data.competition or group.competition
    return [
        _listed(_header(row, LIST, row.sport or "soccer"), country, competition, group.group_id)
        for row in answer.data.events
        if _teams(row.teams) is not None
    ]


def _listed(header: Header, country: str, competition: str, group: str) -> ListedEvent:
    return ListedEvent(
        event_id=header.event_id,
        sportradar_id=header.sportradar_id,
        kickoff_at=header.kickoff_at,
        home=header.home,
        away=header.away,
        country=header.country or country,
        competition=header.competition or competition,
        sport=header.sport,
        group=group,
    )


def _header(fields: wire.Fields, operation: str, sport: str | None) -> Header:
    event_id, teams = str(fields.event_id), _teams(fields.teams)
    if not _ID.fullmatch(event_id):
        raise PayloadChanged(CODE, operation, f"{event_id[:40]} is no event id")
    if teams is None:
        raise PayloadChanged(CODE, operation, f"event {event_id} names no two teams")
    word = (sport or "").strip().lower()
    if not word and str(fields.sport_id) not in _SPORT_IDS:
        raise PayloadChanged(CODE, operation, f"event {event_id} names no sport")
    return Header(
        event_id=event_id,
        sportradar_id=_sportradar_id(fields.sportradar_id),
        kickoff_at=_kickoff_at(fields.kickoff, operation),
        home=teams[0],
        away=teams[1],
        country=(fields.country or "").strip(),
        competition=(fields.competition or "").strip(),
        sport=_SPORTS.get(word, word) or _SPORT_IDS[str(fields.sport_id)],
    )


def _teams(text: str | None) -> tuple[str, str] | None:
    """Return home and away; a name may hold " - " itself, so the text is split once, from the left."""
    home, _, away = (text or "").partition(" - ")
    return (home.strip(), away.strip()) if home.strip() and away.strip() else None


def _sportradar_id(extid: wire.Id | None) -> str | None:
    text = str(extid).removeprefix("sr:match:")
    return text if _ID.fullmatch(text) else None  # missing, 0, or another supplier's


def _kickoff_at(text: str | None, operation: str) -> datetime:
    found = _TIME.fullmatch(text or "")
    try:
        if found is not None:
            return datetime.fromisoformat(f"{found[1]}T{found[2]}+00:00")
    except ValueError:
        pass  # the 31st of June: said below
    raise PayloadChanged(CODE, operation, f"STARTDATE {text!r:.40} is no time")


def read_odds(detail: wire.Detail) -> tuple[Mapping[str, wire.Price], frozenset[str]]:
    """
    Return the prices by key, and the keys that stand twice in the body with different prices.

    Raises:
        PayloadChanged: No odds object, or an empty one before kickoff (in running it is normal at half time).
    """
    try:
        odds, doubtful = _decode_odds(bytes(detail.odds) or b"{}")
    except (ValueError, RecursionError) as exc:
        raise PayloadChanged(CODE, DETAIL, str(exc)[:200]) from exc
    if not odds and detail.live is None:
        raise PayloadChanged(CODE, DETAIL, "no odds in an event before kickoff")
    if odds and not any(map(_is_number, odds.values())):
        raise PayloadChanged(
            CODE, DETAIL, "no price is a decimal number"
        )  # another spelling is not an empty offer
    return odds, doubtful


def _is_number(price: wire.Price) -> bool:
    if isinstance(price, str):
        return _NUMBER.fullmatch(price) is not None
    return (price.value if isinstance(price, wire.LivePrice) else price) >= 0


def _decode_odds(raw: bytes) -> tuple[Mapping[str, wire.Price], frozenset[str]]:
    try:
        odds = _TEXT_ODDS.decode(raw)
    except msgspec.ValidationError:
        return _ANY_ODDS.decode(raw), _contradictions(raw)
    if raw.count(b'"') == 4 * len(odds):  # each key once and nothing escaped
        return odds, frozenset()
    return odds, _contradictions(raw)


def _contradictions(raw: bytes) -> frozenset[str]:
    """Return the keys of a valid JSON object that stand in it with different values."""
    pairs: list[tuple[str, Any]] = json.loads(raw, object_pairs_hook=list)
    first: dict[str, Any] = {}
    return frozenset(key for key, value in pairs if first.setdefault(key, value) != value)


def _decode(decoder: msgspec.json.Decoder[Decoded], body: bytes | msgspec.Raw, operation: str) -> Decoded:
    try:
        return decoder.decode(body)
    except (ValueError, RecursionError) as exc:  # bad JSON, shape, UTF-8; absurd nesting
        raise PayloadChanged(CODE, operation, str(exc)[:200]) from exc
