"""Reading the database: warm-up, identities, runs, settings, the world stamp, one market's history."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    ColumnElement,
    Select,
    Table,
    func,
    insert,
    select,
    type_coerce,
)
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

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
    RunReport,
)
from overround.errors import ConfigError, StorageError
from overround.storage import schema
from overround.storage.identities import StoredIdentities
from overround.storage.migrations import head
from overround.storage.packing import unpack_mask, unpack_odds
from overround.storage.records import split_codes
from overround.storage.times import from_ms

_ROWS_AT_ONCE = 2000  # turned into records before the loop gets its turn


class HistoryRow(msgspec.Struct, frozen=True, gc=False):
    """One market of one listing after one change."""

    change_id: int
    at: datetime  # when the answer was fetched
    names: tuple[str, ...]
    odds_milli: tuple[int, ...]
    suspended: int
    withdrawn: bool
    suspect: tuple[str, ...]


class Database:
    """Opens connections, and says in our words when that fails."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @classmethod
    def sqlite(cls, path: Path, read_only: bool = False) -> "Database":
        """
        Return the SQLite database at `path`.

        Raises:
            StorageError: There is none; it is not made here, an empty one would be taken for the truth.
        """
        if not path.is_file():
            raise StorageError(None, f"there is no database {path}")
        mode = {"mode": "ro" if read_only else "rw", "uri": "true"}
        url = URL.create("sqlite+aiosqlite", database=path.absolute().as_uri(), query=mode)
        return cls(create_async_engine(url, connect_args={"timeout": 10}))

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection]:
        """Open a connection for queries."""
        try:
            async with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as exc:
            raise StorageError(None, f"the database can't be read: {exc}") from exc

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncConnection]:
        """Open a transaction for the few small things that do not come through the spool."""
        try:
            async with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as exc:
            raise StorageError(None, f"the database can't be written: {exc}") from exc

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


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
        statement = upsert(schema.setting)
        newer = {"value": statement.excluded.value, "changed_at": statement.excluded.changed_at}
        async with self._database.writing() as db:
            await db.execute(statement.on_conflict_do_update(index_elements=["key"], set_=newer), rows)


class Repository:
    """Everything that is asked of the database. Prices are written by the write handler, never here."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self.settings = SettingTable(database, clock)

    async def close(self) -> None:
        """Close every connection."""
        await self._database.close()

    async def stamp(self, world: World, countries: Mapping[str, str]) -> None:
        """
        Mark a new database as of this world and these countries; make sure that an old one is.

        Raises:
            ConfigError: It holds another world, or a bookmaker's prices of another country.
        """
        async with self._database.writing() as db:
            row = (await db.execute(select(schema.meta))).one_or_none()
            if row is None:
                await db.execute(insert(schema.meta).values(_stamp_row(world, countries)))
                return
            stored: dict[str, str] = msgspec.json.decode(row.countries)
            _require("OVERROUND_WORLD", "the world", row.world, world)
            for bookmaker, country in countries.items():
                variable = f"OVERROUND_{bookmaker.upper()}_COUNTRY"
                _require(variable, f"{bookmaker} of country", stored.setdefault(bookmaker, country), country)
            await db.execute(schema.meta.update().values(countries=msgspec.json.encode(stored).decode()))

    async def identities(self) -> StoredIdentities:
        """Return every number the database knows, for `Identities.restore`."""
        listing, key, names = schema.listing.c, schema.market_key.c, schema.outcome_set.c
        used = (listing.id, schema.odds_current.c.listing_id, schema.odds_history.c.listing_id)
        async with self._database.reading() as db:
            listings = await db.execute(select(listing.id, listing.sportradar_id, listing.bookmaker))
            keys = await db.execute(select(key.id, key.sport, key.market_id, key.line))
            sets = await db.execute(select(names.id, names.names))
            last = [(await db.execute(select(func.max(column)))).scalar() or 0 for column in used]
        return StoredIdentities(
            listings=[(row.id, (row.sportradar_id, row.bookmaker)) for row in listings],
            market_keys=[(row.id, (row.sport, MarketKey(row.market_id, row.line))) for row in keys],
            outcome_sets=[(row.id, _names(row.names)) for row in sets],
            last_listing=max(last),
        )

    async def watermarks(self) -> dict[str, int]:
        """Return the newest change id in the database per spool that ever wrote to it."""
        mark = schema.write_watermark.c
        async with self._database.reading() as db:
            return {row.spool_id: row.seq for row in await db.execute(select(mark.spool_id, mark.seq))}

    async def load_current(self, kickoff_after: datetime) -> list[CurrentListing]:
        """Return the newest state of every listing whose event kicks off later, withdrawn markets included."""
        return await self._current(schema.event.c.kickoff_at > kickoff_after)

    async def load_events(self, sportradar_ids: Sequence[str]) -> list[CurrentListing]:
        """Return the newest state of every listing of these events, as `load_current`."""
        return await self._current(schema.event.c.sportradar_id.in_(sportradar_ids))

    async def _current(self, wanted: ColumnElement[bool]) -> list[CurrentListing]:
        async with self._database.reading() as db:
            listings = await _current_listings(db, wanted)
            markets = await _current_markets(db, wanted) if listings else {}
        return [
            msgspec.structs.replace(listing, markets=tuple(markets.get(number, ())))
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
        async with self._database.reading() as db:
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
        async with self._database.reading() as db:
            return [EventOutcome(*values) for values in await db.execute(statement)]

    async def recent_runs(self, limit: int, offset: int = 0) -> list[RunReport]:
        """Return runs, newest first, without their rows per bookmaker and phase."""
        run = schema.scrape_run.c
        newest = select(schema.scrape_run).order_by(run.started_at.desc(), run.run_id.desc())
        return await self._runs(newest.limit(limit).offset(offset))

    async def unfinished_runs(self) -> list[RunReport]:
        """Return runs that have not ended as far as the database knows; the spool may know better."""
        open_states = ("pending", "running")
        unfinished = select(schema.scrape_run).where(schema.scrape_run.c.status.in_(open_states))
        return await self._runs(unfinished, with_phases=True)

    async def _runs(self, statement: Select[Any], with_phases: bool = False) -> list[RunReport]:
        async with self._database.reading() as db:
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


def _require(variable: str, what: str, stored: str, wanted: str) -> None:
    if stored != wanted:
        raise ConfigError(
            variable,
            f"this data directory holds {what} {stored}, not {wanted}, and the two must not mix; "
            f"choose another directory with --data-dir, or start with {variable}={stored}",
        )


def _names(encoded: str) -> tuple[str, ...]:
    return msgspec.json.decode(encoded, type=tuple[str, ...])


def _ms(column: Column[Any]) -> ColumnElement[int]:
    """Read a time as the integer it is: warm-up turns equal ones into one object itself, and faster."""
    return type_coerce(column, BigInteger)


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


async def _current_listings(db: AsyncConnection, wanted: ColumnElement[bool]) -> dict[int, CurrentListing]:
    """Return the listings by number, without markets; headers are shared by an event's listings."""
    listing, event, competition = schema.listing, schema.event, schema.competition
    statement = (
        select(listing, *(column.label(f"event_{column.name}") for column in event.c), competition.c.country,
               competition.c.name)
        .join_from(listing, event, event.c.sportradar_id == listing.c.sportradar_id)
        .join(competition, competition.c.id == event.c.competition_id)
        .where(wanted)
    )  # fmt: skip
    headers: dict[str, EventHeader] = {}
    competitions: dict[str, Competition] = {}
    found: dict[int, CurrentListing] = {}
    for row in (await db.execute(statement)).all():
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


async def _current_markets(db: AsyncConnection, wanted: ColumnElement[bool]) -> dict[int, list[Market]]:
    """Return the markets by listing number; equal keys, names, odds and times are mostly one object each."""
    row, listing, event = schema.odds_current.c, schema.listing.c, schema.event.c
    keys = {
        number: MarketKey(market_id, line)
        for number, market_id, line in await db.execute(
            select(schema.market_key.c.id, schema.market_key.c.market_id, schema.market_key.c.line)
        )
    }
    sets = {number: _names(names) for number, names in await db.execute(select(schema.outcome_set))}
    listings = (
        select(listing.id)
        .join_from(schema.listing, schema.event, event.sportradar_id == listing.sportradar_id)
        .where(wanted)
    )
    statement = select(
        row.listing_id, row.market_key_id, row.outcome_set_id, row.odds, row.suspended,
        _ms(row.changed_at), _ms(row.first_seen_at), _ms(row.withdrawn_at), row.suspect,
    ).where(row.listing_id.in_(listings))  # fmt: skip
    found: dict[int, list[Market]] = {}
    stream = await db.stream(statement)
    async for rows in stream.partitions(_ROWS_AT_ONCE):
        for number, market in _markets(rows, keys, sets):
            found.setdefault(number, []).append(market)
    return found


def _markets(
    rows: Iterable[Sequence[Any]], keys: Mapping[int, MarketKey], sets: Mapping[int, tuple[str, ...]]
) -> Iterable[tuple[int, Market]]:
    for number, key, names, odds, suspended, changed_at, first_seen_at, withdrawn_at, suspect in rows:
        yield (
            number,
            Market(
                keys[key],
                sets[names],
                unpack_odds(odds),
                unpack_mask(suspended),
                from_ms(changed_at),
                from_ms(first_seen_at),
                None if withdrawn_at is None else from_ms(withdrawn_at),
                split_codes(suspect),
            ),
        )
