"""
What competitors offer and the reference doesn't, and the reverse, as a queue of work.

Only listings that coverage counts are looked at: neither started nor withdrawn. A suspended market is offered, a
withdrawn one is not. Every gap has a score from 0 up: `offering` bookmakers x urgency of its nearest kickoff x how
often it is offered where it could be; so the first row is what most bookmakers have, soonest and most regularly.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import Literal

import msgspec

from overround.cache.odds_cache import CachedEvent, CachedListing
from overround.config import REFERENCE
from overround.domain.catalogue import Catalogue
from overround.domain.events import Competition, EventHeader, ListingState
from overround.domain.markets import MarketKey

URGENT_HOURS = 24.0  # a gap that far from kickoff weighs half of one at kickoff

GapKind = Literal["event", "competition", "market", "line"]
Side = Literal["here", "there"]
# `unmapped`: the bookmaker shows a type that may be it, but the catalogue can't read it there.
GapStatus = Literal["not_offered", "unmapped"]


class EventCoverage(msgspec.Struct, frozen=True):
    """Who lists one event."""

    header: EventHeader
    listed: dict[str, ListingState]  # by bookmaker, only those that list it
    kickoffs: dict[str, datetime]  # of the listings that say one
    markets: dict[str, int]  # offered and mapped, by bookmaker

    @property
    def is_here(self) -> bool:
        """Return whether the reference lists it."""
        return REFERENCE in self.listed

    @property
    def competitors(self) -> list[str]:
        """Return the competitors that list it."""
        return [code for code in self.listed if code != REFERENCE]


class Gap(msgspec.Struct, frozen=True):
    """Something that is offered on one side and missing on the other."""

    kind: GapKind
    side: Side  # where it is missing: here at the reference, there at competitors
    missing_at: str  # the bookmaker that lacks it
    status: GapStatus
    sport: str
    competition: Competition | None  # None for markets and lines, which span competitions
    market_id: str  # "" for events and competitions
    line: str  # "" unless kind is line
    events: int  # in which it is missing
    could: int  # events in which it could be: those that both sides list, or the competition's
    offering: tuple[str, ...]  # bookmakers that offer it in some of these events
    sample: EventHeader  # the one that kicks off first
    frequency: float  # 0 to 1: how often it is offered where it could be
    urgency: float  # 0 to 1
    score: float


class CoverageReport(msgspec.Struct, frozen=True):
    """One look at everything that is listed."""

    at: datetime
    events: tuple[EventCoverage, ...]  # by kickoff
    gaps: tuple[Gap, ...]  # highest score first


def urgency(kickoff_at: datetime, now: datetime) -> float:
    """
    Return how soon something has to be done: 1 at kickoff, 1/2 a day before, 1/8 a week before.

    >>> from datetime import UTC, timedelta
    >>> now = datetime(2026, 11, 24, tzinfo=UTC)
    >>> urgency(now + timedelta(days=1), now), urgency(now + timedelta(days=7), now)
    (0.5, 0.125)
    """
    hours = max(0.0, (kickoff_at - now).total_seconds() / 3600.0)
    return URGENT_HOURS / (URGENT_HOURS + hours)


class CoverageCount:
    """Takes events one at a time, so that the caller can give up its turn in between, and reports on them."""

    def __init__(self, catalogue: Catalogue, enabled: Sequence[str], now: datetime) -> None:
        self._catalogue, self._enabled, self._now = catalogue, enabled, now
        self._events: list[EventCoverage] = []
        self._tallies: dict[_Missing, _Tally] = {}
        self._listed: Counter[tuple[str, str]] = Counter()  # (sport, bookmaker) -> events
        self._shared: Counter[tuple[str, str]] = Counter()  # of these: listed by the reference too
        self._offered: Counter[tuple[str, str, MarketKey]] = (
            Counter()
        )  # (bookmaker, sport, market or line) -> events

    def add(self, event: CachedEvent) -> None:
        """Count one event; one that has begun counts for nothing."""
        if event.header.kickoff_at <= self._now:
            return
        books = {
            code: entry
            for code in self._enabled
            if (entry := event.listings.get(code)) is not None and entry.is_covered
        }
        if not books:
            return
        offers = {code: _offers(entry) for code, entry in books.items()}
        self._events.append(
            EventCoverage(
                event.header,
                {code: entry.listing.state for code, entry in books.items()},
                {code: at for code, entry in books.items() if (at := entry.listing.kickoff_at) is not None},
                {code: len(keys) for code, keys in offers.items()},
            )
        )
        self._count_offers(event.header.sport, offers)
        if REFERENCE in books and len(books) > 1:
            self._add_markets(event.header, books, offers)

    def report(self) -> CoverageReport:
        """Return everything counted, the work in order."""
        gaps = [*self._event_gaps(), *self._market_gaps()]
        gaps.sort(
            key=lambda gap: (
                -gap.score,
                gap.sample.kickoff_at,
                gap.kind,
                gap.missing_at,
                gap.market_id,
                gap.line,
            )
        )
        events = sorted(self._events, key=lambda row: (row.header.kickoff_at, row.header.sportradar_id))
        return CoverageReport(self._now, tuple(events), tuple(gaps))

    # --- events and competitions ----------------------------------------------------------------------------

    def _event_gaps(self) -> Iterator[Gap]:
        usual = {
            code: median(row.markets[code] for row in self._events if code in row.markets)
            for code in {code for row in self._events for code in row.markets}
        }
        leagues: dict[Competition, list[EventCoverage]] = {}
        for row in self._events:
            leagues.setdefault(row.header.competition, []).append(row)
        for league, rows in leagues.items():
            for code in self._enabled:
                yield from self._league_gaps(code, league, rows, usual)

    def _league_gaps(
        self, code: str, league: Competition, rows: Sequence[EventCoverage], usual: Mapping[str, float]
    ) -> Iterator[Gap]:
        """Yield what one bookmaker lacks of a competition: the whole, or single events of it."""
        missing = [row for row in rows if code not in row.listed and _other_side(code, row)]
        if not missing:
            return
        if not any(code in row.listed for row in rows):
            yield self._gap("competition", code, missing, len(rows), len(missing) / len(rows), league)
            return
        for row in missing:
            deep = [row.markets[other] / usual[other] for other in _other_side(code, row) if usual[other]]
            yield self._gap("event", code, [row], 1, min(1.0, max(deep, default=0.0)), league)

    def _gap(
        self,
        kind: GapKind,
        code: str,
        missing: Sequence[EventCoverage],
        could: int,
        frequency: float,
        league: Competition,
    ) -> Gap:
        first = min(missing, key=lambda row: (row.header.kickoff_at, row.header.sportradar_id)).header
        offering = {other for row in missing for other in _other_side(code, row)}
        return self._scored(
            _Missing(kind, code, first.sport),
            "not_offered",
            league,
            len(missing),
            could,
            offering,
            first,
            frequency,
        )

    # --- markets and lines ----------------------------------------------------------------------------------

    def _count_offers(self, sport: str, offers: Mapping[str, set[MarketKey]]) -> None:
        for code, keys in offers.items():
            self._listed[sport, code] += 1
            self._shared[sport, code] += REFERENCE in offers
            types = {MarketKey(market_id) for market_id in {key.market_id for key in keys}}
            self._offered.update((code, sport, key) for key in keys | types)

    def _add_markets(
        self, header: EventHeader, books: Mapping[str, CachedListing], offers: Mapping[str, set[MarketKey]]
    ) -> None:
        own = offers[REFERENCE]
        rivals = {code: keys for code, keys in offers.items() if code != REFERENCE}
        for code, keys in rivals.items():
            self._compare(header, code, keys, REFERENCE, own, books[REFERENCE])
            self._compare(header, REFERENCE, own, code, keys, books[code])

    def _compare(
        self, header: EventHeader, has: str, offered: set[MarketKey], lacks: str, there: set[MarketKey],
        entry: CachedListing,
    ) -> None:  # fmt: skip
        """Note what one bookmaker offers in an event and the other does not: whole types, or lines of a type."""
        types = {key.market_id for key in there}
        for key in offered - there:
            is_line = key.market_id in types
            name = key if is_line else MarketKey(key.market_id)
            missing = _Missing("line" if is_line else "market", lacks, header.sport, name)
            tally = self._tallies.setdefault(missing, _Tally(header))
            tally.add(header, has, self._is_unmapped(name, header.sport, lacks, entry))

    def _is_unmapped(self, key: MarketKey, sport: str, code: str, entry: CachedListing) -> bool:
        """
        Return whether the bookmaker's answer holds something unread that may be this market.

        By id where the catalogue knows how the bookmaker writes it; where it does not, any unread type may be it.
        """
        if not entry.unmapped:
            return False
        kind = self._catalogue.find(key.market_id, sport)
        rule = kind.books.get(code) if kind else None
        return rule is None or any(gap.id in rule.ids for gap in entry.unmapped)

    def _market_gaps(self) -> Iterator[Gap]:
        for missing, tally in self._tallies.items():
            shares = [
                self._offered[other, missing.sport, missing.key] / self._listed[missing.sport, other]
                for other in tally.offering
            ]
            status: GapStatus = "unmapped" if tally.unmapped else "not_offered"
            partners = tally.offering if missing.code == REFERENCE else (missing.code,)
            could = max(self._shared[missing.sport, code] for code in partners)
            yield self._scored(
                missing, status, None, len(tally.events), max(could, len(tally.events)), set(tally.offering),
                tally.first, sum(shares) / len(shares),
            )  # fmt: skip

    def _scored(
        self, missing: "_Missing", status: GapStatus, league: Competition | None, events: int, could: int,
        offering: Iterable[str], first: EventHeader, frequency: float,
    ) -> Gap:  # fmt: skip
        ordered = tuple(code for code in self._enabled if code in set(offering))
        soon = urgency(first.kickoff_at, self._now)
        return Gap(
            kind=missing.kind,
            side="here" if missing.code == REFERENCE else "there",
            missing_at=missing.code,
            status=status,
            sport=missing.sport,
            competition=league,
            market_id=missing.key.market_id,
            line=missing.key.line,
            events=events,
            could=could,
            offering=ordered,
            sample=first,
            frequency=frequency,
            urgency=soon,
            score=len(ordered) * soon * frequency,
        )


class _Missing(msgspec.Struct, frozen=True):
    """What is missing where."""

    kind: GapKind
    code: str
    sport: str
    key: MarketKey = MarketKey("")


class _Tally:
    """The events in which a market or a line is missing at one bookmaker."""

    def __init__(self, header: EventHeader) -> None:
        self.first, self.unmapped = header, 0
        self.events: set[str] = set()
        self.offering: Counter[str] = Counter()

    def add(self, header: EventHeader, offering: str, unmapped: bool) -> None:
        self.events.add(header.sportradar_id)
        self.offering[offering] += 1
        self.unmapped += unmapped
        if (header.kickoff_at, header.sportradar_id) < (self.first.kickoff_at, self.first.sportradar_id):
            self.first = header


def _offers(entry: CachedListing) -> set[MarketKey]:
    return {key for key, market in entry.markets.items() if market.withdrawn_at is None}


def _other_side(code: str, row: EventCoverage) -> list[str]:
    """Return who lists an event on the other side: competitors seen from the reference, the reference from them."""
    return row.competitors if code == REFERENCE else [REFERENCE] if row.is_here else []
