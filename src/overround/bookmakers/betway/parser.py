"""Betway's event detail, a header and pages of markets: bytes in, domain values out, no I/O."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from overround.bookmakers.base import ParsedEvent, nothing
from overround.bookmakers.betway import wire
from overround.bookmakers.betway.markets import CODE, SEPARATOR
from overround.bookmakers.feed import FeedTable
from overround.bookmakers.feed_reading import FeedMemory, FeedReading, Price
from overround.domain.catalogue import Catalogue
from overround.errors import EventGone, PayloadChanged

HEADER = "Feeds/Events/EventAndGameState"
PAGE = "MarketGroupings/MarketGroupNamesAndMarketsForEvent"

_DETAILS = msgspec.json.Decoder(wire.Part | tuple[wire.Part, ...])
_PARTS = msgspec.json.Decoder(wire.Part)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MATCH_ID = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_SPORTS = {"soccer": "football"}


class Detail(msgspec.Struct, frozen=True):
    """An event and what is said of its markets, over all pages."""

    event: wire.SportEvent
    pages: tuple[wire.Part, ...]

    @property
    def has_markets(self) -> bool:
        """Return whether any page holds one."""
        return any(page.markets_in_group for page in self.pages)


class FeedRow(msgspec.Struct, frozen=True, gc=False):
    """One outcome with its price, joined."""

    id: str  # the feed's outcome id; for players their Sportradar id
    odds: Price
    is_active: bool
    text: str | None


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
            kickoff_at=kickoff_at(event.expected_start_epoch),
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
        kickoff_at(event.expected_start_epoch)
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
    markets = dict.fromkeys(market for page in detail.pages for market in page.markets_in_group or ())
    lines = [market for market in markets if not market.is_squashed_parent]
    outcomes = _outcomes_by_market(detail.pages, {str(market.market_id) for market in lines}, reading)
    for market in lines:
        market_id = str(market.market_id)
        specifier = _specifier(event_id, market_id, str(market.subscription_id))
        if specifier is None:
            reading.refuse("id")
            continue
        locked = closed or not market.is_active or market.is_suspended
        rows = outcomes.get(market_id, ())
        reading.add(market.subscription_id, specifier, (market.name or "").strip(), rows, locked)


def _specifier(event_id: str, market_id: str, subscription_id: str) -> str | None:
    """
    Return what stands after event and subscription id, without the mark that ends it; None without those ids.

    Never by digits alone: 16 is a prefix of 165.
    """
    known = event_id + subscription_id
    return market_id[len(known) :].removesuffix(SEPARATOR) if market_id.startswith(known) else None


def _outcomes_by_market(
    pages: Iterable[wire.Part], market_ids: set[str], reading: FeedReading
) -> dict[str, list[FeedRow]]:
    """Return market id -> its shown outcomes, one row per outcome and price; what has no market is refused."""
    prices = _prices(pages)
    by_market: dict[str, list[FeedRow]] = {}
    shown = (outcome for page in pages for outcome in page.outcomes if outcome.should_display)
    for outcome in dict.fromkeys(shown):
        outcome_id = str(outcome.outcome_id)
        market_id = str(outcome.original_market_id)
        if market_id not in market_ids:
            market_id = str(outcome.market_id)
        feed_id = outcome_id.removeprefix(market_id)
        if market_id not in market_ids or feed_id in ("", outcome_id):
            reading.refuse("id")
            continue
        text = outcome.name.strip() if outcome.name else None
        by_market.setdefault(market_id, []).extend(
            FeedRow(feed_id, price, outcome.is_trading_active, text)
            for price in prices.get(outcome_id, (None,))
        )
    return by_market


def _prices(pages: Iterable[wire.Part]) -> Mapping[str, Sequence[Price]]:
    """Return outcome id -> the different prices that the pages give it."""
    prices: dict[str, list[Price]] = {}
    for page in pages:
        for row in page.prices:
            known = prices.setdefault(str(row.outcome_id), [])
            if row.price_decimal not in known:
                known.append(row.price_decimal)
    return prices


def sportradar_id(event_id: wire.Id) -> str | None:
    """
    Return the digits of a match id, None for anything that is not one.

    >>> sportradar_id(68995116), sportradar_id("68995116"), sportradar_id(0), sportradar_id("x")
    ('68995116', '68995116', None, None)
    """
    text = str(event_id)
    return text if _MATCH_ID.fullmatch(text) else None


def kickoff_at(seconds: int) -> datetime:
    """
    Return a kickoff from seconds UTC.

    Raises:
        OverflowError: No calendar has that time.
    """
    return _EPOCH + timedelta(seconds=seconds)


def sport_of(sport_id: str) -> str:
    """Return our word for a sport, else theirs in lower case."""
    word = sport_id.strip().lower()
    return _SPORTS.get(word, word)
