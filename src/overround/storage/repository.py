"""Reading the database: warm-up, identities, runs, settings, the world stamp, one market's history."""

import asyncio
import gc
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, Table, delete, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from overround.clock import Clock
from overround.config import SettingValue, World
from overround.domain.current import CurrentListing
from overround.domain.events import Competition, EventHeader, Listing
from overround.domain.markets import Market, MarketKey
from overround.domain.runs import (
    BookmakerReport,
    EventCounts,
    EventOutcome,
    PhaseProgress,
    RunError,
    RunPoint,
    RunReport,
)
from overround.errors import ConfigError
from overround.storage import schema
from overround.storage.database import Database, Wanted
from overround.storage.identities import StoredIdentities
from overround.storage.memo import Memo
from overround.storage.migrations import head
from overround.storage.packing import unpack_mask, unpack_odds
from overround.storage.records import split_codes

LISTINGS_AT_ONCE = 250  # turned into records before the loop gets its turn


class HistoryRow(msgspec.Struct, frozen=True, gc=False):
    """One market of one listing after one change."""

    change_id: int
    at: datetime  # when the answer was fetched
    names: tuple[str, ...]
    odds_milli: tuple[int, ...]
    suspended: int
    withdrawn: bool
    suspect: tuple[str, ...]


class SettingTable:
    """Live settings as they outlive the process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def load(self) -> dict[str, SettingValue]:
        """Return every stored setting, keys of other versions included."""
        async with self._database.reading() as db:
            rows = (await db.execute(select(schema.setting.c.key, schema.setting.c.value))).all()
        return {key: msgspec.json.decode(value) for key, value in rows}

    async def save(self, changes: Mapping[str, SettingValue]) -> None:
        """Store changed settings, all or none."""
        if not changes:
            return
        at = self._clock.now()
        rows = [
            {"key": key, "value": msgspec.json.encode(value).decode(), "changed_at": at}
            for key, value in changes.items()
        ]
        async with self._database.writing() as db:
            await db.execute(delete(schema.setting).where(schema.setting.c.key.in_(list(changes))))
            await db.execute(insert(schema.setting), rows)


class Repository:
    """Everything that is asked of the database. Prices are written by the write handler, never here."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.settings = SettingTable(database, clock)

    async def close(self) -> None:
        """Close every connection."""
        await self.database.close()

    async def stamp(self, world: World, countries: Mapping[str, str]) -> None:
        """
        Mark a new database as of this world and these countries; make sure that an old one is.

        Raises:
            ConfigError: It holds another world, or a bookmaker's prices of another country.
        """
        async with self.database.writing() as db:
            row = (await db.execute(select(schema.meta))).one_or_none()
            if row is None:
                await db.execute(insert(schema.meta).values(_stamp_row(world, countries)))
                return
            stored: dict[str, str] = msgspec.json.decode(row.countries)
            require = self._require
            require("OVERROUND_WORLD", "the world", row.world, world)
            for bookmaker, country in countries.items():
                variable = f"OVERROUND_{bookmaker.upper()}_COUNTRY"
                require(variable, f"{bookmaker} of country", stored.setdefault(bookmaker, country), country)
            await db.execute(schema.meta.update().values(countries=msgspec.json.encode(stored).decode()))

    def _require(self, variable: str, what: str, stored: str, wanted: str) -> None:
        if stored != wanted:
            raise ConfigError(
                variable,
                f"{self.database.place} holds {what} {stored}, not {wanted}, and the two must not mix; "
                f"choose {self.database.another}, or start with {variable}={stored}",
            )

    async def identities(self) -> StoredIdentities:
        """Return every number the database knows, for `Identities.restore`."""
        listing, key, names = schema.listing.c, schema.market_key.c, schema.outcome_set.c
        async with self.database.reading() as db:
            listings = await db.execute(select(listing.id, listing.sportradar_id, listing.bookmaker))
            keys = await db.execute(select(key.id, key.sport, key.market_id, key.line))
            sets = await db.execute(select(names.id, names.names))
            last = (await db.execute(self.database.last_listing())).scalar_one()
            numbered = (await db.execute(select(func.coalesce(func.max(listing.id), 0)))).scalar_one()
        return StoredIdentities(
            listings=[(row.id, (row.sportradar_id, row.bookmaker)) for row in listings],
            market_keys=[(row.id, (row.sport, MarketKey(row.market_id, row.line))) for row in keys],
            outcome_sets=[(row.id, _names(row.names)) for row in sets],
            last_listing=max(last, numbered),
        )

    async def watermarks(self) -> dict[str, int]:
        """Return the newest change id in the database per spool that ever wrote to it."""
        mark = schema.write_watermark.c
        async with self.database.reading() as db:
            return {row.spool_id: row.seq for row in await db.execute(select(mark.spool_id, mark.seq))}

    async def load_current(self, kickoff_after: datetime) -> list[CurrentListing]:
        """Return the newest state of every listing whose event kicks off later, withdrawn markets included."""
        return await self._current(kickoff_after)

    async def load_events(self, sportradar_ids: Sequence[str]) -> list[CurrentListing]:
        """Return the newest state of every listing of these events, as `load_current`."""
        return await self._current(sportradar_ids)

    async def load_listings(self, since: datetime, until: datetime) -> list[CurrentListing]:
        """Return the listings of events with since <= kickoff < until, without their markets."""
        kickoff_at = schema.event.c.kickoff_at
        async with self.database.reading() as db:
            return list((await _listings(db, (kickoff_at >= since) & (kickoff_at < until))).values())

    async def load_changed(self, since: datetime, until: datetime) -> list[CurrentListing]:
        """Return the listings that changed within a time, of events that had not begun, without their markets."""
        row, listing = schema.odds_history.c, schema.listing.c
        within = exists().where(row.listing_id == listing.id, row.at >= since, row.at < until)
        changed = (listing.last_changed_at >= since) & (schema.event.c.kickoff_at > since) & within
        async with self.database.reading() as db:
            return list((await _listings(db, changed)).values())

    async def _current(self, wanted: Wanted) -> list[CurrentListing]:
        with _collector_off():
            async with self.database.reading() as db:
                listings = await _current_listings(db, wanted)
                dimensions = await _dimensions(db, self.database.instant) if listings else None
            markets: dict[int, list[Market]] = {number: [] for number in listings}
            if dimensions is not None:
                async for rows in self.database.current_markets(wanted):
                    _add_markets(markets, rows, dimensions)
            return [
                msgspec.structs.replace(listing, markets=tuple(markets[number]))
                for number, listing in listings.items()
            ]

    async def history(self, sportradar_id: str, bookmaker: str, key: MarketKey) -> list[HistoryRow]:
        """Return one market of one listing after each of its changes, oldest first; empty when never seen."""
        row, names = schema.odds_history.c, schema.outcome_set.c
        statement = (
            select(
                row.change_id, row.at, names.names, row.odds, row.suspended, row.withdrawn, row.suspect
            )
            .select_from(
                schema.listing.join(
                    schema.event, schema.event.c.sportradar_id == schema.listing.c.sportradar_id
                )
                .join(schema.market_key, schema.market_key.c.sport == schema.event.c.sport)
                .join(
                    schema.odds_history,
                    (row.listing_id == schema.listing.c.id) & (row.market_key_id == schema.market_key.c.id),
                )
                .join(schema.outcome_set, names.id == row.outcome_set_id)
            )
            .where(
                schema.listing.c.sportradar_id == sportradar_id,
                schema.listing.c.bookmaker == bookmaker,
                schema.market_key.c.market_id == key.market_id,
                schema.market_key.c.line == key.line,
            )
            .order_by(row.change_id)
        )  # fmt: skip
        async with self.database.reading() as db:
            rows = (await db.execute(statement)).all()
        return [
            HistoryRow(
                change_id, at, _names(names), unpack_odds(odds), unpack_mask(mask), withdrawn, split_codes(suspect)
            )
            for change_id, at, names, odds, mask, withdrawn, suspect in rows
        ]  # fmt: skip

    async def run(self, run_id: str) -> RunReport | None:
        """Return a run's report, None when the database has none."""
        reports = await self._runs(
            select(schema.scrape_run).where(schema.scrape_run.c.run_id == run_id), with_phases=True
        )
        return reports[0] if reports else None

    async def run_outcomes(self, run_id: str) -> list[EventOutcome]:
        """Return what brought no prices in a run, by bookmaker and event; empty for runs long past."""
        row = schema.scrape_run_event.c
        statement = (
            select(row.sportradar_id, row.bookmaker, row.status, row.kind, row.detail)
            .where(row.run_id == run_id)
            .order_by(row.bookmaker, row.sportradar_id)
        )
        async with self.database.reading() as db:
            return [EventOutcome(*values) for values in await db.execute(statement)]

    async def recent_runs(self, limit: int, offset: int = 0) -> list[RunReport]:
        """Return runs, newest first, without their rows per bookmaker and phase."""
        run = schema.scrape_run.c
        newest = select(schema.scrape_run).order_by(run.started_at.desc(), run.run_id.desc())
        return await self._runs(newest.limit(limit).offset(offset))

    async def run_points(self, since: datetime) -> list[RunPoint]:
        """Return runs that started since then and ended, oldest first, as points of a chart."""
        run = schema.scrape_run.c
        columns = (run.run_id, run.started_at, run.status, run.duration_ms, run.changes, run.ok, run.failed)
        ended = (run.started_at >= since) & run.finished_at.is_not(None)
        statement = select(*columns).where(ended).order_by(run.started_at, run.run_id)
        async with self.database.reading() as db:
            return [RunPoint(*values) for values in await db.execute(statement)]

    async def unfinished_runs(self) -> list[RunReport]:
        """Return runs that have not ended as far as the database knows; the spool may know better."""
        open_states = ("pending", "running")
        unfinished = select(schema.scrape_run).where(schema.scrape_run.c.status.in_(open_states))
        return await self._runs(unfinished, with_phases=True)

    async def _runs(self, statement: Select[Any], with_phases: bool = False) -> list[RunReport]:
        async with self.database.reading() as db:
            runs = (await db.execute(statement)).all()
            run_ids = [run.run_id for run in runs]
            books = await _children(db, schema.scrape_run_bookmaker, run_ids)
            phases = await _children(db, schema.scrape_run_phase, run_ids if with_phases else [])
            errors = await _children(db, schema.scrape_run_error, run_ids)
        return [
            RunReport(
                run_id=run.run_id,
                trigger=run.trigger,
                status=run.status,
                started_at=run.started_at,
                finished_at=run.finished_at,
                events=EventCounts(run.total, run.ok, run.unchanged, run.failed, run.late),
                changes=run.changes,
                matched=run.matched,
                bookmakers=[BookmakerReport(**row) for row in books.get(run.run_id, ())],
                phases_ms=msgspec.json.decode(run.phases_ms),
                errors=[RunError(**row) for row in errors.get(run.run_id, ())],
                reason=run.reason,
                heartbeat_at=run.heartbeat_at,
                duration_ms=run.duration_ms,
                phases=[PhaseProgress(**row) for row in phases.get(run.run_id, ())],
            )
            for run in runs
        ]


def _stamp_row(world: str, countries: Mapping[str, str]) -> dict[str, Any]:
    encoded = msgspec.json.encode(dict(countries)).decode()
    return {"id": 1, "world": world, "countries": encoded, "schema": head()}


def _names(encoded: str) -> tuple[str, ...]:
    return msgspec.json.decode(encoded, type=tuple[str, ...])


async def _children(
    db: AsyncConnection, table: Table, run_ids: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of some runs in order, as keyword arguments of their struct."""
    children: dict[str, list[dict[str, Any]]] = {}
    for row in await db.execute(select(table).where(table.c.run_id.in_(run_ids)).order_by(table.c.position)):
        values = dict(row._mapping)  # pyright: ignore[reportPrivateUsage]  # public API despite its name
        del values["position"]
        children.setdefault(values.pop("run_id"), []).append(values)
    return children


async def _current_listings(db: AsyncConnection, wanted: Wanted) -> dict[int, CurrentListing]:
    event = schema.event.c
    return await _listings(
        db,
        event.kickoff_at > wanted if isinstance(wanted, datetime) else event.sportradar_id.in_(wanted),
    )


async def _listings(db: AsyncConnection, condition: ColumnElement[bool]) -> dict[int, CurrentListing]:
    """Return the listings by number, without markets; headers are shared by an event's listings."""
    listing, event, competition = schema.listing, schema.event, schema.competition
    statement = (
        select(listing, *(column.label(f"event_{column.name}") for column in event.c), competition.c.country,
               competition.c.name)
        .join_from(listing, event, event.c.sportradar_id == listing.c.sportradar_id)
        .join(competition, competition.c.id == event.c.competition_id)
        .where(condition)
    )  # fmt: skip
    headers: dict[str, EventHeader] = {}
    competitions: dict[str, Competition] = {}
    found: dict[int, CurrentListing] = {}
    for number, row in enumerate((await db.execute(statement)), 1):
        if number % LISTINGS_AT_ONCE == 0:
            await asyncio.sleep(0)
        if row.sportradar_id not in headers:
            slug = row.event_competition_id
            shared = competitions.setdefault(slug, Competition(slug, row.name, row.country))
            headers[row.sportradar_id] = EventHeader(
                row.sportradar_id, row.event_home, row.event_away, row.event_kickoff_at, shared,
                row.event_sport, row.event_source, row.event_check,
            )  # fmt: skip
        own = Listing(
            row.sportradar_id, row.bookmaker, row.event_id, row.state, row.url, row.genius_id, row.kickoff_at
        )  # fmt: skip
        found[row.id] = CurrentListing(
            headers[row.sportradar_id], own, row.last_confirmed_at, row.last_changed_at, ()
        )
    return found


class _Dimensions(msgspec.Struct, frozen=True):
    """What the numbers and bytes of a price row stand for; equal times, masks and codes become one object."""

    keys: dict[int, MarketKey]
    sets: dict[int, tuple[str, ...]]
    masks: Memo[bytes, int]
    times: Memo[Any, datetime]
    codes: Memo[str, tuple[str, ...]]


async def _dimensions(db: AsyncConnection, instant: Callable[[Any], datetime]) -> _Dimensions:
    key = schema.market_key.c
    return _Dimensions(
        keys={
            number: MarketKey(market_id, line)
            for number, market_id, line in await db.execute(select(key.id, key.market_id, key.line))
        },
        sets={number: _names(names) for number, names in await db.execute(select(schema.outcome_set))},
        masks=Memo(unpack_mask),
        times=Memo(instant),
        codes=Memo(split_codes),
    )


def _add_markets(found: dict[int, list[Market]], rows: Sequence[Sequence[Any]], known: _Dimensions) -> None:
    # One loop without calls of our own but one: half a million rows have to be here in a second.
    keys, sets, masks, times, codes = known.keys, known.sets, known.masks, known.times, known.codes
    for number, key, names, odds, suspended, changed_at, first_seen_at, withdrawn_at, suspect in rows:
        try:
            found[number].append(
                Market(
                    keys[key], sets[names], unpack_odds(odds), masks[suspended], times[changed_at],
                    times[first_seen_at], None if withdrawn_at is None else times[withdrawn_at], codes[suspect],
                )
            )  # fmt: skip
        except (
            KeyError
        ):  # a missing dimension's own row is a dead letter; `overround verify` names the prices
            continue


@contextmanager
def _collector_off() -> Generator[None]:
    """Keep the garbage collector from walking through what is being loaded again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
