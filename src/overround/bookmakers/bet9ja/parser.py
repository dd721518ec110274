"""Bet9ja's answers to domain values: bytes in, values out. Pure but for bounded memories of what keys mean."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from overround.bookmakers.base import ParsedEvent, nothing
from overround.bookmakers.bet9ja import wire
from overround.bookmakers.bet9ja.markets import CODE, MarketTable, Meaning, Slot, has_one_reading, split_key
from overround.bookmakers.memo import LIMIT, Memo
from overround.domain.catalogue import Catalogue
from overround.domain.diff import Unmapped
from overround.domain.events import ListedEvent
from overround.domain.markets import MarketKey, ParsedMarket, price_milli
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
_TEXT_ODDS = msgspec.json.Decoder(dict[str, str])
_ANY_ODDS = msgspec.json.Decoder(dict[str, wire.Price])

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
        self._table = MarketTable(catalogue)
        # A run brings a million keys, of which a few thousand differ: each is understood once.
        self._meanings: dict[str, dict[str, Meaning]] = {sport: {} for sport in ("", *self._table.sports)}
        self._prices: Memo[str, int] = Memo(price_milli)
        self._keys: Memo[MarketKey, MarketKey] = Memo(lambda key: key)
        self._unmapped: Memo[tuple[str, str, int], Unmapped] = Memo(lambda row: Unmapped(*row))

    def parse(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read one GetEvent or GetLiveEvent answer. Source: payloads: bet9ja/*.json.

        Raises:
            PayloadChanged: The body no longer has the shape in wire.py, or one outcome has two different prices.
            EventGone: R is "E", or there is no event in a good answer.
        """
        detail = read_detail(body)
        header = read_header(detail)
        odds, doubtful = read_odds(detail)
        on_decoded()
        reading = self._read_markets(header.sport, odds, doubtful, detail.markets)
        names = {market.id: market.name for market in detail.markets}
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
            markets=reading.markets(),
            unmapped=tuple(
                self._unmapped[market, names.get(market) or market, count]
                for market, count in sorted(reading.unmapped.items())
            ),
            refused=reading.refused,
        )

    def _read_markets(
        self,
        sport: str,
        odds: Mapping[str, wire.Price],
        doubtful: frozenset[str],
        markets: tuple[wire.MarketName, ...],
    ) -> "_Reading":
        suffixes = {market.id: market.outcomes for market in markets}
        known = self._meanings[sport if sport in self._meanings else ""]
        reading = _Reading()
        for key, price in odds.items():
            meaning = known.get(key) or self._learn(known, sport, key, suffixes)
            allowed = suffixes.get(meaning.market)
            if meaning.refused:
                reading.refuse(meaning.refused)
            elif allowed and meaning.outcome not in allowed:
                reading.refuse("suffix")  # D.MK does not know it: a schema change, never guessed
                reading.count_unmapped(meaning.market)
            elif meaning.slots:
                reading.put(meaning.slots, self._milli(price), key in doubtful)
            else:
                reading.count_unmapped(meaning.market)
        return reading

    def _learn(
        self, known: dict[str, Meaning], sport: str, key: str, suffixes: Mapping[str, set[str]]
    ) -> Meaning:
        parts = split_key(key, suffixes)
        if parts is None:
            return Meaning(key[:40], "", refused="key")
        meaning = self._table.meaning(sport, parts)
        meaning = msgspec.structs.replace(meaning, slots=tuple(map(self._shared, meaning.slots)))
        if has_one_reading(key):  # else it depends on the event, and the next one may read it otherwise
            if len(known) >= LIMIT:
                known.clear()
            known[key] = meaning
        return meaning

    def _shared(self, slot: Slot) -> Slot:
        """Return the slot with the one key object that all listings share."""
        return msgspec.structs.replace(slot, key=self._keys[slot.key])

    def _milli(self, price: wire.Price) -> int:
        if not isinstance(price, str):
            return price_milli(price.value if isinstance(price, wire.LivePrice) else price)
        return self._prices[price]


class _Reading:
    """What one body has yielded so far."""

    def __init__(self) -> None:
        self.refused: dict[str, int] = {}
        self.unmapped: dict[str, int] = {}  # their market id -> keys without an equal of ours
        self._odds: dict[MarketKey, list[int]] = {}  # -1 where nothing was said yet
        self._names: dict[MarketKey, tuple[str, ...]] = {}

    def put(self, slots: tuple[Slot, ...], milli: int, doubtful: bool) -> None:
        """
        Take one price.

        Raises:
            PayloadChanged: A second, different one for the same outcome: which is right cannot be known.
        """
        if not milli:
            self.refuse("price")
        for slot in slots:
            odds = self._odds.get(slot.key)
            if odds is None:
                odds = self._odds[slot.key] = [-1] * len(slot.names)
                self._names[slot.key] = slot.names
            if doubtful or odds[slot.position] not in (-1, milli):
                where = f"{slot.key.market_id} {slot.key.line}".rstrip()
                raise PayloadChanged(CODE, DETAIL, f"an outcome of market {where} has two different prices")
            odds[slot.position] = milli

    def refuse(self, reason: str) -> None:
        """Count one key that is left out."""
        self.refused[reason] = self.refused.get(reason, 0) + 1

    def count_unmapped(self, market: str) -> None:
        """Count one key without an equal of ours; the lines of one market id make one row."""
        self.unmapped[market] = self.unmapped.get(market, 0) + 1

    def markets(self) -> dict[MarketKey, ParsedMarket]:
        """Return the markets of which anything is offered, in the order of their keys."""
        return {
            key: ParsedMarket(key, self._names[key], tuple(max(milli, 0) for milli in odds))
            for key, odds in sorted(self._odds.items())
            if max(odds) > 0
        }


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
        _listed(_header(row, LIST, row.sport or "soccer"), country, competition)
        for row in answer.data.events
        if _teams(row.teams) is not None
    ]


def _listed(header: Header, country: str, competition: str) -> ListedEvent:
    return ListedEvent(
        event_id=header.event_id,
        sportradar_id=header.sportradar_id,
        kickoff_at=header.kickoff_at,
        home=header.home,
        away=header.away,
        country=header.country or country,
        competition=header.competition or competition,
        sport=header.sport,
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
