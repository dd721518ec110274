"""Betway's event detail, a header and pages of markets: bytes in, domain values out, no I/O."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import TypeVar

import msgspec

from overround.bookmakers.base import ParsedEvent, nothing
from overround.bookmakers.betway import wire
from overround.bookmakers.betway.markets import CODE, SEPARATOR
from overround.bookmakers.epoch import from_seconds
from overround.bookmakers.feed import FeedTable
from overround.bookmakers.feed_reading import FeedMemory, FeedReading, FeedRow, Price
from overround.domain.catalogue import Catalogue
from overround.errors import EventGone, PayloadChanged

HEADER = "Feeds/Events/EventAndGameState"
PAGE = "MarketGroupings/MarketGroupNamesAndMarketsForEvent"

_DETAILS = msgspec.json.Decoder(wire.Part | tuple[wire.Part, ...])
_PARTS = msgspec.json.Decoder(wire.Part)
_MATCH_ID = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_SPORTS = {"soccer": "football"}
_MARKET_ID: Callable[[wire.Market], wire.Id] = attrgetter("market_id")
_OUTCOME_ID: Callable[[wire.Outcome | wire.Price], wire.Id] = attrgetter("outcome_id")

Row = TypeVar("Row")


class Detail(msgspec.Struct, frozen=True):
    """An event and what is said of its markets, over all pages."""

    event: wire.SportEvent
    pages: tuple[wire.Part, ...]

    @property
    def has_markets(self) -> bool:
        """Return whether any page holds one."""
        return any(page.markets_in_group for page in self.pages)


class EventParser:
    """Reads event details; keeps price texts, players and unmapped ids it has met, within bounds."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._table = FeedTable(catalogue, CODE, SEPARATOR)
        self._memory = FeedMemory()

    def parse(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read a header and its pages as one JSON array, or one captured document that holds what it holds.

        Source: payloads: betway/prematch.json (header), next_goal_and_team_ou.json (header and a page).

        Raises:
            EventGone: The header says that there is no such event.
            PayloadChanged: Any other shape, a match before kickoff without a single market, or open outcomes of
                which not one has a price.
        """
        detail = read_detail(body)
        on_decoded()
        event, sport = detail.event, sport_of(detail.event.sport_id)
        reading = FeedReading(self._table, sport, self._memory)
        _read_markets(detail, reading)
        if reading.is_unreadable:  # a renamed field is not an empty offer
            raise PayloadChanged(CODE, PAGE, "not one market that we know has a price we can read")
        return ParsedEvent(
            event_id=str(event.event_id),
            sportradar_id=sportradar_id(event.event_id),
            genius_id=None,
            kickoff_at=from_seconds(event.expected_start_epoch),
            home=event.home_team.strip(),
            away=event.away_team.strip(),
            country=(event.region or "").strip(),
            competition=(event.league or "").strip(),
            sport=sport,
            markets=reading.markets(),
            unmapped=reading.unmapped_rows(),
            refused=reading.refused,
            doubtful=frozenset(reading.doubtful),
        )


def read_detail(body: bytes) -> Detail:
    """
    Read an event detail as Betway writes it, and check what we rely on.

    A lone header is read as an event without markets: that is how one is captured, never how one is fetched.

    Raises:
        EventGone, PayloadChanged: As `EventParser.parse`.
    """
    try:
        parts = _DETAILS.decode(body)
    except (ValueError, RecursionError) as exc:  # bad JSON, shape, UTF-8; absurd nesting
        raise PayloadChanged(CODE, HEADER, str(exc)) from exc
    if isinstance(parts, wire.Part):
        header, pages = parts, (parts,) if parts.markets_in_group is not None else None
    else:
        header, pages = parts[0] if parts else wire.Part(), parts[1:]
    detail = Detail(_checked_event(header), pages or ())
    if pages is None:
        return detail
    if any(page.markets_in_group is None for page in pages):
        raise PayloadChanged(CODE, PAGE, "a page without marketsInGroup")
    if not detail.has_markets and not (detail.event.is_live or detail.event.is_finished):
        raise PayloadChanged(CODE, PAGE, "no market in a match that has not started")
    return detail


def read_part(body: bytes, operation: str) -> wire.Part:
    """
    Read one answer of a detail.

    Raises:
        PayloadChanged: Another shape; an empty body is how a country that Betway left answers.
    """
    if not body.strip():
        raise PayloadChanged(CODE, operation, "an empty answer: Betway serves nothing in this country")
    try:
        return _PARTS.decode(body)
    except (ValueError, RecursionError) as exc:
        raise PayloadChanged(CODE, operation, str(exc)) from exc


def _checked_event(header: wire.Part) -> wire.SportEvent:
    event = header.sport_event
    if event is None:
        raise EventGone(CODE, HEADER, "sportEvent is null")
    if event is msgspec.UNSET:
        raise PayloadChanged(CODE, HEADER, "no sportEvent")
    if sportradar_id(event.event_id) is None:
        raise PayloadChanged(CODE, HEADER, f"{str(event.event_id)[:40]!r} is not a match")
    if not event.home_team.strip() or not event.away_team.strip():
        raise PayloadChanged(CODE, HEADER, "a team has no name")
    try:
        from_seconds(event.expected_start_epoch)
    except OverflowError as exc:
        raise PayloadChanged(CODE, HEADER, "the kickoff has no calendar time") from exc
    return event


def _read_markets(detail: Detail, reading: FeedReading) -> None:
    """
    Give every market to the reading, once however many pages repeat it.

    Rows that contradict each other are all given: of two neither is believed.
    """
    event_id = str(detail.event.event_id)
    closed = not detail.event.is_active or detail.event.is_finished
    markets = [
        (str(market.market_id), market)
        for market in _distinct((page.markets_in_group or () for page in detail.pages), _MARKET_ID)
        if not market.is_squashed_parent
    ]
    outcomes = _joined_outcomes(detail.pages, {market_id: [] for market_id, _ in markets}, reading)
    for market_id, market in markets:
        specifier = _specifier(event_id, market_id, str(market.subscription_id))
        if specifier is None:
            reading.refuse("id")
            continue
        locked = closed or not market.is_active or market.is_suspended
        reading.add(market.subscription_id, specifier, market.name or "", outcomes[market_id], locked)


def _specifier(event_id: str, market_id: str, subscription_id: str) -> str | None:
    """
    Return what stands after event and subscription id, without the mark that ends it; None without those ids.

    Never by digits alone: 16 is a prefix of 165.
    """
    known = event_id + subscription_id
    return market_id[len(known) :].removesuffix(SEPARATOR) if market_id.startswith(known) else None


def _joined_outcomes(
    pages: Sequence[wire.Part], by_market: dict[str, list[FeedRow]], reading: FeedReading
) -> Mapping[str, list[FeedRow]]:
    """Fill in the shown outcomes of each market, one row per outcome and price; what has no market is refused."""
    prices: dict[str, Price] = {}
    further: list[tuple[str, Price]] = []  # prices that contradict an earlier one
    for row in _distinct((page.prices for page in pages), _OUTCOME_ID):
        outcome_id = str(row.outcome_id)
        if outcome_id in prices:
            further.append((outcome_id, row.price_decimal))
        else:
            prices[outcome_id] = row.price_decimal
    for outcome in _distinct((page.outcomes for page in pages), _OUTCOME_ID):
        if not outcome.should_display:
            continue
        outcome_id, market_id = str(outcome.outcome_id), str(outcome.original_market_id)
        if market_id not in by_market:
            market_id = str(outcome.market_id)
        feed_id = outcome_id.removeprefix(market_id)
        if market_id not in by_market or feed_id in ("", outcome_id):
            reading.refuse("id")
            continue
        rows, active, text = by_market[market_id], outcome.is_trading_active, outcome.name
        rows.append(FeedRow(feed_id, prices.get(outcome_id), active, text))
        if further:
            rows += [FeedRow(feed_id, price, active, text) for of, price in further if of == outcome_id]
    return by_market


def _distinct(rows_of_pages: Iterable[Sequence[Row]], id_of: Callable[[Row], wire.Id]) -> Iterable[Row]:
    """Return the rows of all pages, equal ones once."""
    rows = [row for rows in rows_of_pages for row in rows]
    # Pages seldom overlap, and hashing ids is much cheaper than hashing rows.
    return rows if len(set(map(id_of, rows))) == len(rows) else dict.fromkeys(rows)


def sportradar_id(event_id: wire.Id) -> str | None:
    """
    Return the digits of a match id, None for anything that is not one.

    >>> sportradar_id(68995116), sportradar_id("68995116"), sportradar_id(0), sportradar_id("x")
    ('68995116', '68995116', None, None)
    """
    text = str(event_id)
    return text if _MATCH_ID.fullmatch(text) else None


def sport_of(sport_id: str) -> str:
    """Return our word for a sport, else theirs in lower case."""
    word = sport_id.strip().lower()
    return _SPORTS.get(word, word)
