"""The board: every event's chosen markets as columns, joined from pieces that are made once per change."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from overround import __version__
from overround.api.event_order import EventOrder
from overround.api.market_choice import MAIN_CHOICE, MarketChoice
from overround.api.rendering import market_times, state_shown
from overround.api.schemas import ENCODER, iso_ms, iso_s, optional_ms
from overround.cache.odds_cache import CachedEvent, CachedListing
from overround.config import BOOKMAKER_NAMES, Settings, World
from overround.domain.catalogue import MAIN_MARKETS, Catalogue
from overround.domain.events import Competition
from overround.domain.markets import Market, MarketKey

CHOICES_KEPT = 4  # sets of markets whose pieces are kept
EVENTS_PER_TURN = 50  # pieces made before the loop gets its turn

_LISTING_COLUMNS = ("bookmaker", "state", "confirmed_at", "changed_at", "market_confirmed_at", "unread")
_PRICE_COLUMNS = ("bookmaker", "market", "odds", "suspended", "changed_at", "state", "suspect")
_FAR = datetime.max.replace(tzinfo=UTC)

_Version = tuple[int, bool, tuple[str, ...]]


class _Columns:
    """One event's cells per column, each already joined by commas."""

    __slots__ = ("header", "listings", "listings_count", "prices", "prices_count")

    def __init__(self, header: list[bytes], listings: list[list[object]], prices: list[list[object]]) -> None:
        self.header = header  # id, home, away, kickoff_at
        self.listings_count, self.listings = _columns(listings, len(_LISTING_COLUMNS))
        self.prices_count, self.prices = _columns(prices, len(_PRICE_COLUMNS))


class Board:
    """Makes board answers; what did not change since the last one is at hand."""

    def __init__(
        self, order: EventOrder, catalogue: Catalogue, settings: Settings, epoch: str, world: World
    ) -> None:
        self._order, self._catalogue, self._settings = order, catalogue, settings
        self._epoch, self._world = epoch, world
        self._kept: OrderedDict[tuple[MarketKey, ...], dict[str, tuple[_Version, _Columns]]] = OrderedDict()
        self._tails: dict[object, tuple[datetime, bytes]] = {}

    def warm(self, event: CachedEvent, now: datetime) -> None:
        """Make the main markets' columns of an event before somebody asks."""
        self._columns_of(event, MAIN_MARKETS, now)

    def forget(self, sportradar_id: str) -> None:
        """Drop the columns of an event that left the cache."""
        for kept in self._kept.values():
            kept.pop(sportradar_id, None)

    def keys(self, choice: MarketChoice) -> tuple[MarketKey, ...]:
        """Return the markets of a choice in column order; a market chosen at all lines has those that exist."""
        if choice is MAIN_CHOICE:
            return MAIN_MARKETS
        keys = set(choice.keys)
        for market_id in choice.whole:
            kind = self._catalogue.find(market_id)
            if kind is not None and not kind.param:
                keys.add(MarketKey(market_id))
            else:
                keys |= self._lines(market_id)
        return tuple(sorted(keys))

    def version(self, now: datetime) -> tuple[object, ...]:
        """Return what a board depends on beside the cache and the markets; equal versions are equal boards."""
        started_until = self._order.next_kickoff(now)
        return (started_until, self._settings.enabled_bookmakers, self._settings.number("stale_after_s"))

    async def body(self, keys: tuple[MarketKey, ...], seq: int, revision: int, now: datetime) -> bytes:
        """Return the answer for the cache's state at `seq`."""
        head = {
            "epoch": self._epoch,
            "seq": seq,
            "revision": seq,
            "version": __version__,
            "world": self._world,
            "now": iso_ms(now),
        }
        return ENCODER.encode(head)[:-1] + await self._tail(keys, revision, now)

    async def _tail(self, keys: tuple[MarketKey, ...], revision: int, now: datetime) -> bytes:
        """Return everything after the head, from the last answer where nothing changed since."""
        version = (revision, keys, *self.version(now))
        kept = self._tails.get(version)
        if kept is not None and now < kept[0]:
            return kept[1]
        events = self._order.all()
        good_until = self._order.next_kickoff(now) or _FAR
        columns: list[_Columns] = []
        for number, event in enumerate(events):
            columns.append(self._columns_of(event, keys, now))
            if number % EVENTS_PER_TURN == EVENTS_PER_TURN - 1:
                await asyncio.sleep(0)
        tail = self._join(events, columns, keys)
        self._tails.clear()
        self._tails[version] = (good_until, tail)
        return tail

    def _join(self, events: list[CachedEvent], columns: list[_Columns], keys: tuple[MarketKey, ...]) -> bytes:
        competitions, positions = _competitions(events)
        header = [b",".join(column.header[i] for column in columns) for i in range(4)]
        parts = {
            "events": _object(("id", "home", "away", "kickoff_at", "competition"), [*header, positions]),
            "competitions": ENCODER.encode(competitions),
            "listings": _object(
                ("event", *_LISTING_COLUMNS),
                [
                    _repeated(column.listings_count for column in columns),
                    *_joined([column.listings for column in columns], len(_LISTING_COLUMNS)),
                ],
            ),
            "prices": _object(
                ("event", *_PRICE_COLUMNS),
                [
                    _repeated(column.prices_count for column in columns),
                    *_joined([column.prices for column in columns], len(_PRICE_COLUMNS)),
                ],
            ),
        }
        body = b"".join(b',"%b":%b' % (name.encode(), part) for name, part in parts.items())
        return b"," + ENCODER.encode(self._legend(keys))[1:-1] + body + b"}"

    def _legend(self, keys: tuple[MarketKey, ...]) -> dict[str, object]:
        kinds = [self._catalogue.find(key.market_id) for key in keys]
        enabled = self._settings.enabled_bookmakers
        return {
            "stale_after_s": self._settings.number("stale_after_s"),
            "bookmakers": enabled,
            "bookmaker_names": [BOOKMAKER_NAMES[code] for code in enabled],
            "markets": [f"{key.market_id}|{key.line}" for key in keys],
            "market_names": [
                kind.column_name(key.line) if kind else key.market_id
                for key, kind in zip(keys, kinds, strict=True)
            ],
            "winners": [kind.winners if kind and kind.complete else None for kind in kinds],
            "outcomes": [kind.outcomes if kind else [] for kind in kinds],
        }

    def _lines(self, market_id: str) -> set[MarketKey]:
        entries = (entry for event in self._order.all() for entry in event.listings.values())
        return {key for entry in entries for key in entry.markets if key.market_id == market_id}

    def _columns_of(self, event: CachedEvent, keys: tuple[MarketKey, ...], now: datetime) -> _Columns:
        enabled = self._settings.enabled_bookmakers
        version = (event.revision, event.header.kickoff_at <= now, enabled)
        kept = self._kept.get(keys)
        if kept is None:
            kept = self._kept[keys] = {}
            if len(self._kept) > CHOICES_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(keys)
        columns = kept.get(event.header.sportradar_id)
        if columns is None or columns[0] != version:
            columns = kept[event.header.sportradar_id] = (version, self._make(event, keys, enabled, now))
        return columns[1]

    def _make(
        self, event: CachedEvent, keys: tuple[MarketKey, ...], enabled: tuple[str, ...], now: datetime
    ) -> _Columns:
        header = event.header
        texts = (header.sportradar_id, header.home, header.away, iso_s(header.kickoff_at))
        listings: list[list[object]] = []
        prices: list[list[object]] = []
        for position, code in enumerate(enabled):
            if (entry := event.listings.get(code)) is None:
                continue
            listings.append([position, state_shown(entry.listing.state, header, now), *_more(entry)])
            for number, key in enumerate(keys):
                if (market := entry.markets.get(key)) is not None:
                    prices.append([position, number, *self._price(market), entry.suspect(market)])
        return _Columns([ENCODER.encode(text) for text in texts], listings, prices)

    def _price(self, market: Market) -> list[object]:
        odds, suspended = market.odds_milli, market.suspended
        kind = self._catalogue.find(market.key.market_id)
        if kind is not None and market.names != kind.outcomes:
            odds, suspended = _in_order(market, kind.outcomes)
        shown = [milli / 1000 if milli else None for milli in odds]
        return [shown, suspended, iso_ms(market.changed_at), market.state]


def _in_order(market: Market, names: tuple[str, ...]) -> tuple[tuple[int, ...], int]:
    """Return odds and mask in the order of the board's outcomes; names the catalogue lacks are left out."""
    places = {name: position for position, name in enumerate(market.names)}
    found = [places.get(name) for name in names]
    odds = tuple(0 if place is None else market.odds_milli[place] for place in found)
    mask = sum(
        1 << position
        for position, place in enumerate(found)
        if place is not None and market.suspended >> place & 1
    )
    return odds, mask


def _more(entry: CachedListing) -> list[object]:
    return [optional_ms(entry.confirmed_at), optional_ms(entry.changed_at), market_times(entry), entry.unread]


def _columns(rows: list[list[object]], width: int) -> tuple[int, list[bytes]]:
    """Return how many rows there are and each column's cells joined by commas."""
    if not rows:
        return 0, [b""] * width
    return len(rows), [ENCODER.encode(list(cells))[1:-1] for cells in zip(*rows, strict=True)]


def _joined(events: list[list[bytes]], width: int) -> list[bytes]:
    """Return each column's cells over all events; events without rows leave no comma."""
    return [b",".join(cells[column] for cells in events if cells[column]) for column in range(width)]


def _repeated(counts: Iterable[int]) -> bytes:
    """Return the `event` column: each event's position as often as it has rows."""
    return b",".join(b",".join([b"%d" % position] * count) for position, count in enumerate(counts) if count)


def _object(names: Iterable[str], columns: Iterable[bytes]) -> bytes:
    cells = (b'"%b":[%b]' % (name.encode(), column) for name, column in zip(names, columns, strict=True))
    return b"{%b}" % b",".join(cells)


def _competitions(events: list[CachedEvent]) -> tuple[list[Competition], bytes]:
    """Return the distinct competitions and the column of each event's position among them."""
    positions: dict[str, int] = {}
    competitions: list[Competition] = []
    column: list[int] = []
    for event in events:
        competition = event.header.competition
        if competition.id not in positions:
            positions[competition.id] = len(competitions)
            competitions.append(competition)
        column.append(positions[competition.id])
    return competitions, msgspec.json.encode(column)[1:-1]
