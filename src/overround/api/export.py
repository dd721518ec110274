"""Rows of an export: one per outcome and bookmaker, in view order, as UX.md section 16 has the CSV."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from statistics import median
from typing import Literal
from zoneinfo import ZoneInfo

from overround.api.context import Context
from overround.api.event_query import EventQuery
from overround.api.rendering import overround_of, state_shown
from overround.api.schemas import iso_ms, iso_s, optional_ms
from overround.cache.odds_cache import CachedEvent, CachedListing
from overround.config import REFERENCE
from overround.domain.comparing import open_prices
from overround.domain.markets import Market, MarketKey, shown_outcomes
from overround.storage.changes import StoredChange

What = Literal["current", "history", "movements"]
Cell = str | float | None
Row = tuple[Cell, ...]

EVENT = ("sportradar_id", "kickoff_at", "kickoff_local", "country", "competition", "home", "away")
PLACE = ("market_id", "market", "line", "outcome", "bookmaker")
COLUMNS: dict[What, tuple[str, ...]] = {
    "current": (
        *EVENT, *PLACE, "odds", "state", "changed_at", "confirmed_at", "gap_median_pct", "overround_pct",
    ),
    "history": (*EVENT, *PLACE, "odds", "state", "changed_at", "overround_pct", "suspect", "run_id"),
    "movements": (
        *EVENT, *PLACE, "from_odds", "to_odds", "change_pct", "from_state", "to_state", "changed_at", "run_id",
    ),
}  # fmt: skip
NUMBERS = {"odds", "from_odds", "to_odds", "change_pct", "gap_median_pct", "overround_pct"}
PAST_AT_ONCE = 20  # events read from the database together


class Export:
    """One export: its events are fixed when it begins, each event's prices are read when its turn comes."""

    def __init__(self, api: Context, query: EventQuery, what: What, zone: ZoneInfo) -> None:
        self._api, self._query, self._what, self._zone = api, query, what, zone
        self._catalogue = api.services.catalogue
        self._enabled = api.services.settings.enabled_bookmakers
        self.now = api.services.clock.now()

    async def rows(self) -> AsyncIterator[list[Row]]:
        """
        Yield the rows of one event after another.

        Raises:
            BadRequest: More than 31 days of past events.
            StorageError: The database can't be read.
        """
        past = await self._api.past.headers(self._query, self.now)
        found = self._api.search.run(self._query, self.now, past)
        for start in range(0, len(found), PAST_AT_ONCE):
            some = found[start : start + PAST_AT_ONCE]
            if self._what == "current":
                for event in await self._whole(some):
                    yield list(self._current(event))
                continue
            for event in some:
                yield [row async for row in self._changed(event)]

    async def _whole(self, events: Sequence[CachedEvent]) -> list[CachedEvent]:
        """Return the events with their markets, those not in memory from the database."""
        memory = self._api.services.cache
        held = [memory.event(event.header.sportradar_id) for event in events]
        missing = [event.header.sportradar_id for event, one in zip(events, held, strict=True) if one is None]
        read = {event.header.sportradar_id: event for event in await self._api.past.whole(missing)}
        return [
            one or read.get(event.header.sportradar_id, event)
            for event, one in zip(events, held, strict=True)
        ]

    def _event(self, event: CachedEvent) -> Row:
        header = event.header
        local = header.kickoff_at.astimezone(self._zone).isoformat(timespec="seconds")
        return (
            header.sportradar_id, iso_s(header.kickoff_at), local, header.competition.country,
            header.competition.name, header.home, header.away,
        )  # fmt: skip

    def _current(self, event: CachedEvent) -> Iterator[Row]:
        head, takes = self._event(event), self._query.markets.takes
        listings = [event.listings[code] for code in self._enabled if code in event.listings]
        keys = {key: None for entry in listings for key in entry.markets if takes(key)}
        for key in sorted(keys):
            yield from (
                (*head, *row) for row in self._market(event, key, [e for e in listings if key in e.markets])
            )

    def _market(self, event: CachedEvent, key: MarketKey, listings: Sequence[CachedListing]) -> Iterator[Row]:
        kind = self._catalogue.find(key.market_id, event.header.sport)
        place = (key.market_id, kind.name if kind else key.market_id, key.line)
        shown = [(entry, self._doubt(event, entry, key)) for entry in listings]
        usable = {e.listing.bookmaker: open_prices(e.markets[key]) for e, doubt in shown if not doubt}
        rivals = [book for code, book in usable.items() if code != REFERENCE]
        names = dict.fromkeys(name for entry in listings for name in entry.markets[key].names)
        for name in names:
            middle = median([book[name] for book in rivals if name in book] or [0.0])
            for entry, doubt in shown:
                market = entry.markets[key]
                outcome = next((each for each in shown_outcomes(market) if each[0] == name), None)
                if outcome is None:
                    continue
                price = usable.get(entry.listing.bookmaker, {}).get(name)
                yield (
                    *place, name, entry.listing.bookmaker, outcome[1], self._state(market, outcome[2], doubt),
                    iso_ms(market.changed_at), optional_ms(entry.fresh_at(key)),
                    _percent(price / middle - 1 if price and middle else None),
                    _percent(overround_of(market, kind)),
                )  # fmt: skip

    def _doubt(self, event: CachedEvent, entry: CachedListing, key: MarketKey) -> str:
        """Return in one word why a listing's market does not count, "" where it does."""
        state = state_shown(entry.listing.state, event.header, self.now)
        if state != "open":
            return state
        market, at = entry.markets[key], entry.fresh_at(key)
        if market.withdrawn_at is not None:
            return "withdrawn"
        limit = timedelta(seconds=self._api.services.settings.number("stale_after_s"))
        if at is None or self.now - at > limit:
            return "stale"
        return "suspect" if entry.suspect(market) else ""

    def _state(self, market: Market, outcome: str, doubt: str) -> str:
        if market.withdrawn_at is not None:
            return "withdrawn"
        return outcome if outcome == "suspended" else doubt or outcome

    async def _changed(self, event: CachedEvent) -> AsyncIterator[Row]:
        head, takes = self._event(event), self._query.markets.takes
        rows = self._history if self._what == "history" else self._moved
        stored = self._api.services.storage.changes(event.header.sportradar_id, self._enabled)
        async for bookmaker, changes in stored:
            for key, of_market in groupby(changes, key=lambda change: change.market.key):
                if takes(key):
                    kind = self._catalogue.find(key.market_id, event.header.sport)
                    place = (key.market_id, kind.name if kind else key.market_id, key.line)
                    for name, rest in rows(list(of_market), event.header.sport):
                        yield (*head, *place, name, bookmaker, *rest)

    def _history(self, changes: Sequence[StoredChange], sport: str) -> Iterator[tuple[str, Row]]:
        for change in changes:
            market = change.market
            total = _percent(overround_of(market, self._catalogue.find(market.key.market_id, sport)))
            for name, odds, state in shown_outcomes(market):
                shown = "withdrawn" if market.withdrawn_at else state
                suspect = " ".join(market.suspect)
                yield name, (odds, shown, iso_ms(market.changed_at), total, suspect, change.run_id or "")

    def _moved(self, changes: Sequence[StoredChange], _sport: str) -> Iterator[tuple[str, Row]]:
        for before, after in pairwise(changes):
            was, now = _standing(before.market), _standing(after.market)
            for name in dict.fromkeys((*was, *now)):
                old, new = was.get(name, (None, "absent")), now.get(name, (None, "absent"))
                if old == new:
                    continue
                change = new[0] / old[0] - 1 if old[0] and new[0] else None
                at = iso_ms(after.market.changed_at)
                yield name, (old[0], new[0], _percent(change), old[1], new[1], at, after.run_id or "")


def _standing(market: Market) -> dict[str, tuple[float | None, str]]:
    """Return name -> (odds, state) of what is shown."""
    gone = market.withdrawn_at is not None
    return {name: (odds, "withdrawn" if gone else state) for name, odds, state in shown_outcomes(market)}


def _percent(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio * 100, 2) + 0.0  # never -0


def file_name(what: What, at: datetime, ending: str) -> str:
    """
    Return what a browser saves an export as.

    >>> from datetime import UTC
    >>> file_name("current", datetime(2026, 2, 6, 12, 5, tzinfo=UTC), "csv")
    'overround_board_2026-02-06T1205Z.csv'
    """
    word = "board" if what == "current" else what
    return f"overround_{word}_{at:%Y-%m-%dT%H%M}Z.{ending}"
