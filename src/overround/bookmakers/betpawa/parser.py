"""BetPawa's event detail: bytes in, domain values out, no I/O."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from overround.bookmakers.base import GlancedEvent, ParsedEvent, complete, nothing
from overround.bookmakers.betpawa import wire
from overround.bookmakers.betpawa.markets import CODE, SPORTS, UNKNOWN, MarketRule, MarketTable, Slots
from overround.bookmakers.memo import Memo
from overround.bookmakers.prices import UNREADABLE, Price, read_price
from overround.domain.catalogue import Catalogue
from overround.domain.diff import Unmapped
from overround.domain.markets import MarketKey, ParsedMarket, Player
from overround.domain.players import player_name
from overround.errors import PayloadChanged

DETAIL = "events/{id}"

_EVENTS = msgspec.json.Decoder(wire.Event)
_SUPPLIER_ID = re.compile(r"(?:sr:match:)?([1-9]\d{0,17})", re.ASCII)


class EventParser:
    """Reads event details; keeps prices, players and unmapped ids it has met, within bounds, never their meaning."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._table = MarketTable(catalogue)
        self._prices: Memo[Price, int] = Memo(read_price)
        self._players: Memo[str | int, Player | None] = Memo(_player)
        self._unmapped: Memo[tuple[str, str, int], Unmapped] = Memo(lambda row: Unmapped(*row))

    def parse(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read one events/{id} answer. Source: payloads: betpawa/*.json (v4 and the older v3, prematch and live).

        Raises:
            PayloadChanged: Any other shape, no market at all, or not one readable price where we know markets.
        """
        event = read_detail(body)
        on_decoded()
        who = read_header(event, DETAIL)
        reading = self._reading(event, who.sport)
        markets = reading.finished()
        if (reading.offers or reading.doubtful) and not markets:  # a field was renamed: no empty offer
            raise PayloadChanged(CODE, DETAIL, "not one market that we know has a price we can read")
        return ParsedEvent(
            **msgspec.structs.asdict(who),
            markets=markets,
            unmapped=tuple(self._unmapped[row] for row in reading.unmapped_rows()),
            refused=reading.refused,
            doubtful=frozenset(reading.doubtful),
        )

    def glanced(self, row: wire.ListedEvent, operation: str, sport: str) -> GlancedEvent:
        """
        Return what a list row says of its event's prices.

        Raises:
            PayloadChanged: As `read_header`.
        """
        who = read_header(row, operation, sport)
        markets = self._reading(row, who.sport).finished()
        return GlancedEvent(who.event_id, who.kickoff_at, complete(markets.values()))

    def _reading(self, event: wire.Event | wire.ListedEvent, sport: str) -> "_Reading":
        reading = _Reading()
        rules = self._table.of(sport)
        for group in event.markets:
            rule = rules.get(str(group.market_type.id))
            if rule is None:
                reading.count_unmapped(group.market_type, sum(len(row.prices) for row in group.row))
            else:
                self._read(group, rule, reading)
        return reading

    def _read(self, group: wire.MarketGroup, rule: MarketRule, reading: "_Reading") -> None:
        """Add the outcomes of one market type to its lines; rows of one handicap are one line."""
        offers, prices = reading.offers, self._prices
        unknown = 0
        for row in group.row:
            key = rule.key(row.handicap)
            if key is None:
                reading.refuse("line")
                reading.doubtful.add(rule.market_id)
                continue
            offer = offers.get(key)
            if offer is None:
                offer = _PlayerOffer(rule, self._players) if rule.names_players else _Offer(rule)
                offers[key] = offer
            slots, odds, seen = offer.slots, offer.odds, offer.seen
            for price in row.prices:
                slot = slots[price.name]
                if slot < 0:
                    unknown += 1
                    continue
                milli = prices[price.price if price.odds is None else price.odds]
                bit = 1 << slot
                if seen & bit:
                    offer.repeat(slot, milli, bool(price.suspended))
                    continue
                seen |= bit
                if price.suspended:
                    offer.suspended |= bit
                    odds[slot] = max(milli, 0)
                elif milli > 0:
                    odds[slot] = milli
                else:
                    offer.is_unreadable |= milli == UNREADABLE
                    reading.refuse("price")
            offer.seen = seen
        if unknown:
            reading.count_unmapped(group.market_type, unknown)


class _Offer:
    """One market at one line while its rows are read."""

    __slots__ = ("is_twice", "is_unreadable", "names", "odds", "seen", "slots", "suspended")

    def __init__(self, rule: MarketRule) -> None:
        self.names, self.slots = rule.names, rule.slots
        self.odds = [0] * len(rule.names)
        self.seen = self.suspended = 0  # a bit per position
        self.is_twice = self.is_unreadable = False

    def repeat(self, slot: int, milli: int, suspended: bool) -> None:
        """Take an outcome said again: alike it is said once, else neither is believed."""
        if self.odds[slot] != max(milli, 0) or bool(self.suspended >> slot & 1) != suspended:
            self.is_twice = True

    def market(self, key: MarketKey) -> ParsedMarket | None:
        """Return the market, None when nothing of it is on offer or locked."""
        if not self.suspended and not any(self.odds):
            return None
        return ParsedMarket(key, self.names, tuple(self.odds), self.suspended)


class _PlayerOffer(_Offer):
    """A market that names players: an open list, in the order of the body."""

    __slots__ = ("found",)

    def __init__(self, rule: MarketRule, players: Mapping[str | int, Player | None]) -> None:
        super().__init__(rule)
        self.odds: list[int] = []
        self.slots = self.found = _PlayerSlots(rule, players, self.odds)

    def market(self, key: MarketKey) -> ParsedMarket | None:
        """Return the market, None when nothing of it is on offer or locked."""
        if not self.suspended and not any(self.odds):
            return None
        names, players = tuple(self.found.places), tuple(self.found.players)
        return ParsedMarket(key, names, tuple(self.odds), self.suspended, players=players)


class _PlayerSlots(Slots):
    """The positions of one market's players, learned as they are met; each new one adds a price of 0."""

    def __init__(self, rule: MarketRule, players: Mapping[str | int, Player | None], odds: list[int]) -> None:
        super().__init__()
        self.places: dict[str, int] = {}  # our outcome name -> position
        self.players: list[Player | None] = []
        self._rule, self._known, self._odds = rule, players, odds

    def __missing__(self, name: str | int) -> int:
        no_player = self._rule.slots[name]
        player = self._known[name] if no_player == UNKNOWN else None
        if player is None and no_player == UNKNOWN:
            return UNKNOWN
        ours = player.name if player else self._rule.names[no_player]
        slot = self[name] = self.places.setdefault(ours, len(self.places))
        if slot == len(self.players):
            self.players.append(player)
            self._odds.append(0)
        return slot


class _Reading:
    """What one body has yielded so far."""

    def __init__(self) -> None:
        self.offers: dict[MarketKey, _Offer] = {}
        self.refused: dict[str, int] = {}
        self.doubtful: set[str] = set()
        self._unmapped: dict[str, tuple[str, int]] = {}

    def refuse(self, reason: str) -> None:
        """Count a market or an outcome that is left out."""
        self.refused[reason] = self.refused.get(reason, 0) + 1

    def count_unmapped(self, kind: wire.MarketType, outcomes: int) -> None:
        """Count outcomes without an equal of ours; the lines of one market type make one row."""
        market_id = str(kind.id)
        name, before = self._unmapped.get(market_id) or (kind.name or market_id, 0)
        self._unmapped[market_id] = (name, before + outcomes)

    def finished(self) -> dict[MarketKey, ParsedMarket]:
        """Return the markets with at least one outcome shown; one that can't be believed is left out as a whole."""
        markets: dict[MarketKey, ParsedMarket] = {}
        for key, offer in self.offers.items():
            if offer.is_twice or offer.is_unreadable:
                self.doubtful.add(key.market_id)
                if offer.is_twice:
                    self.refuse("twice")
            elif market := offer.market(key):
                markets[key] = market
        return markets

    def unmapped_rows(self) -> list[tuple[str, str, int]]:
        """Return (id, name, outcomes) in the order of the body."""
        return [(market_id, name, count) for market_id, (name, count) in self._unmapped.items()]


class Who(msgspec.Struct, frozen=True):
    """The header of an event in our words; the fields are those of `ParsedEvent` and `ListedEvent`."""

    event_id: str
    sportradar_id: str | None
    genius_id: str | None
    kickoff_at: datetime
    home: str
    away: str
    country: str
    competition: str
    sport: str


def read_detail(body: bytes) -> wire.Event:
    """
    Read an event detail as BetPawa writes it.

    Raises:
        PayloadChanged: Not an event detail, or one without any market.
    """
    try:
        event = _EVENTS.decode(body)
    except (ValueError, RecursionError) as exc:  # bad JSON, shape, UTF-8; absurd nesting
        raise PayloadChanged(CODE, DETAIL, str(exc)) from exc
    if not any(row.prices for group in event.markets for row in group.row):
        raise PayloadChanged(CODE, DETAIL, "no market in the event")
    return event


def read_header(header: wire.Header, operation: str, sport: str = "") -> Who:
    """
    Return who plays when, from a list row or a detail; `sport` where the row itself does not say it.

    Raises:
        PayloadChanged: No id, no calendar time, not exactly one home and one away side, or no sport.
    """
    sides = {str(team.position): team.name.strip() for team in header.participants}
    home, away = sides.get("1"), sides.get("2")
    if not home or not away or len(header.participants) != 2:
        raise PayloadChanged(CODE, operation, "the participants are not a home and an away side")
    event_id, sport = str(header.id), sport_of(header.category) or sport
    if not event_id or not sport:
        raise PayloadChanged(CODE, operation, "the event has no id" if sport else "the event has no sport")
    try:
        kickoff_at = header.start_time.astimezone(UTC).replace(microsecond=0)
    except OverflowError as exc:
        raise PayloadChanged(CODE, operation, "the event starts outside the calendar") from exc
    widgets = header.widgets or ()
    return Who(
        event_id=event_id,
        sportradar_id=_supplier_id(widgets, "SPORTRADAR"),
        genius_id=_supplier_id(widgets, "GENIUSSPORTS"),
        kickoff_at=kickoff_at,
        home=home,
        away=away,
        country=_name(header.region),
        competition=_name(header.competition),
        sport=sport,
    )


def sport_of(category: wire.Named | None) -> str:
    """Return our word for a sport, else BetPawa's in lower case, "" when neither is said."""
    if category is None:
        return ""
    return SPORTS.get(str(category.id)) or _name(category).lower()


def _player(text: str | int) -> Player | None:
    """Return the player whom an outcome names; BetPawa gives no id of his."""
    name = player_name(str(text))
    return Player(name) if name else None


def _name(named: wire.Named | None) -> str:
    return (named.name or "").strip() if named else ""


def _supplier_id(widgets: Iterable[wire.Widget], supplier: str) -> str | None:
    """Return the event's id at a supplier; none when two rows name different ones."""
    found = {_SUPPLIER_ID.fullmatch(str(widget.id)) for widget in widgets if widget.type == supplier}
    ids = {match[1] for match in found if match}
    return ids.pop() if len(ids) == 1 else None
