"""BetPawa's event detail: bytes in, domain values out, no I/O."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import msgspec

from overround.bookmakers.base import ParsedEvent, nothing
from overround.bookmakers.betpawa import wire
from overround.bookmakers.betpawa.markets import CODE, SPORTS, MarketRule, MarketTable
from overround.bookmakers.memo import Memo
from overround.domain.catalogue import Catalogue
from overround.domain.diff import Unmapped
from overround.domain.markets import MarketKey, ParsedMarket, price_milli
from overround.errors import PayloadChanged

DETAIL = "events/{id}"

_EVENTS = msgspec.json.Decoder(wire.Event)
_SUPPLIER_ID = re.compile(r"(?:sr:match:)?([1-9]\d{0,17})", re.ASCII)


class EventParser:
    """Reads event details; keeps prices and unmapped ids it has met, within bounds, never their meaning."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._table = MarketTable(catalogue)
        self._prices: Memo[float | str | None, int] = Memo(price_milli)
        self._unmapped: Memo[tuple[str, str, int], Unmapped] = Memo(lambda row: Unmapped(*row))

    def parse(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read one events/{id} answer. Source: payloads: betpawa/*.json (v4 and the older v3, prematch and live).

        Raises:
            PayloadChanged: Any other shape, no market at all, an outcome with two different prices, or not one
                readable price where we know markets.
        """
        event = read_detail(body)
        on_decoded()
        who = read_header(event, DETAIL)
        reading = _Reading()
        rules = self._table.of(who.sport)
        for group in event.markets:
            rule = rules.get(str(group.market_type.id))
            if rule is None:
                reading.count_unmapped(group.market_type, sum(len(row.prices) for row in group.row))
            else:
                self._offer(group, rule, reading)
        markets = reading.finished()
        if reading.offers and not markets:  # a field that was renamed must not pass for "nothing is offered"
            raise PayloadChanged(CODE, DETAIL, "not one market that we know has a price we can read")
        return ParsedEvent(
            **msgspec.structs.asdict(who),
            markets=markets,
            unmapped=tuple(self._unmapped[row] for row in reading.unmapped_rows()),
            refused=reading.refused,
        )

    def _offer(self, group: wire.MarketGroup, rule: MarketRule, reading: "_Reading") -> None:
        """Add the outcomes of one market type to its lines; rows of one handicap are one line."""
        slots, prices = rule.slots, self._prices
        unknown = 0
        for row in group.row:
            key = rule.key(row.handicap)
            if key is None:
                reading.refuse("line")
                continue
            offer = reading.offers.get(key)
            if offer is None:
                offer = reading.offers[key] = _Offer(rule.names)
            for price in row.prices:
                slot = slots.get(price.name if isinstance(price.name, str) else str(price.name))
                if slot is None:
                    unknown += 1
                    continue
                odds = price.price if price.odds is None else price.odds
                offer.put(slot, prices[odds], price.suspended is True)
        if unknown:
            reading.count_unmapped(group.market_type, unknown)


class _Offer:
    """One market at one line while its rows are read."""

    __slots__ = ("names", "odds", "seen", "suspended", "unpriced")

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names, self.odds = names, [0] * len(names)
        self.seen = self.suspended = self.unpriced = 0

    def put(self, slot: int, milli: int, suspended: bool) -> None:
        """
        Take one outcome; said twice alike is said once.

        Raises:
            PayloadChanged: Said twice with two prices, or locked and not: neither is believed.
        """
        bit = 1 << slot
        if self.seen & bit:
            if self.odds[slot] != milli or bool(self.suspended & bit) != suspended:
                raise PayloadChanged(CODE, DETAIL, f"outcome {self.names[slot]} has two prices in one market")
            return
        self.seen |= bit
        self.odds[slot] = milli
        if suspended:
            self.suspended |= bit
        elif not milli:
            self.unpriced += 1


class _Reading:
    """What one body has yielded so far."""

    def __init__(self) -> None:
        self.offers: dict[MarketKey, _Offer] = {}
        self.refused: dict[str, int] = {}
        self._unmapped: dict[str, tuple[str, int]] = {}

    def refuse(self, reason: str, count: int = 1) -> None:
        """Count markets or outcomes that are left out."""
        self.refused[reason] = self.refused.get(reason, 0) + count

    def count_unmapped(self, kind: wire.MarketType, outcomes: int) -> None:
        """Count outcomes without an equal of ours; the lines of one market type make one row."""
        market_id = str(kind.id)
        name, before = self._unmapped.get(market_id) or (kind.name or market_id, 0)
        self._unmapped[market_id] = (name, before + outcomes)

    def finished(self) -> dict[MarketKey, ParsedMarket]:
        """Return the markets with at least one outcome shown, and count what is left out."""
        markets: dict[MarketKey, ParsedMarket] = {}
        for key, offer in self.offers.items():
            if offer.unpriced:
                self.refuse("price", offer.unpriced)
            odds = tuple(offer.odds)
            if offer.suspended or any(odds):
                markets[key] = ParsedMarket(key, offer.names, odds, offer.suspended)
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


def _name(named: wire.Named | None) -> str:
    return (named.name or "").strip() if named else ""


def _supplier_id(widgets: Iterable[wire.Widget], supplier: str) -> str | None:
    """Return the event's id at a supplier; none when two rows name different ones."""
    found = {_SUPPLIER_ID.fullmatch(str(widget.id)) for widget in widgets if widget.type == supplier}
    ids = {match[1] for match in found if match}
    return ids.pop() if len(ids) == 1 else None
