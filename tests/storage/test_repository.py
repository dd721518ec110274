"""Reading the database."""

from datetime import timedelta
from pathlib import Path

import pytest

from overround.cache.odds_cache import OddsCache
from overround.domain.current import CurrentListing
from overround.domain.diff import Changes, Confirmation, ListingChanges
from overround.domain.markets import MarketKey
from overround.domain.runs import EventOutcome, run_point
from overround.errors import ConfigError, StorageError
from overround.storage.database import SqliteDatabase
from overround.storage.repository import Repository
from overround.storage.write_handler import apply_waiting
from tests.support.changes import KICKOFF, changed, header, listing, market, registered, run_report
from tests.support.clock import START, FakeClock
from tests.support.storage import Backend, accept, opened

LATER = START + timedelta(minutes=5)


async def test_what_was_written_comes_back_as_it_was(backend: Backend, tmp_path: Path):
    """Warm-up: header, listing, true ages, tombstones and reason codes included."""
    books = (
        market(2410, 3290, 3020, suspended=0b100),
        market(1890, 0, market_id="5000", line="2.5", withdrawn=True),
    )
    async with backend.opened(tmp_path) as store:
        await accept(store, registered(*books))
        await apply_waiting(store.spool, store.writer)
        await store.writer.confirm([Confirmation("69000001", "betpawa", LATER)])
        assert await store.repository.load_current(START) == [
            CurrentListing(header(), listing(), confirmed_at=LATER, changed_at=START, markets=books)
        ]


async def test_only_events_that_kick_off_later_are_loaded(backend: Backend, tmp_path: Path):
    """What is long over stays in the database."""
    async with backend.opened(tmp_path) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        await apply_waiting(store.spool, store.writer)
        assert await store.repository.load_current(KICKOFF) == []
        assert len(await store.repository.load_current(KICKOFF - timedelta(milliseconds=1))) == 1


async def test_a_warm_cache_equals_the_one_that_lived_through_it(backend: Backend, tmp_path: Path):
    """A restart is not visible in prices, whether the batches had reached the database or not."""
    history: list[ListingChanges] = [
        registered(market(2410, 3290, 3020), market(1890, 1910, market_id="5000", line="2.5")),
        registered(market(2400, 3300, 3000), bookmaker="bet9ja"),
        changed(market(2500, 3290, 2900, at=LATER, first_seen_at=START), at=LATER),
        changed(
            market(2400, 3300, 3000, at=LATER, first_seen_at=START, withdrawn=True),
            bookmaker="bet9ja",
            at=LATER,
        ),
    ]
    for written in range(len(history) + 1):
        folder = tmp_path / str(written)
        folder.mkdir()
        lived, warm = OddsCache(), OddsCache()
        async with backend.opened(folder) as store:
            for number, change in enumerate(history):
                await accept(store, change)
                if number < written:
                    await apply_waiting(store.spool, store.writer)
        async with backend.opened(folder) as store:
            warm.load(await store.repository.load_current(START))
            async for changes in store.waiting():
                warm.apply(changes)
            for number, change in enumerate(history):
                lived.apply(Changes(number + 1, None, START, (change,)))
        assert [event.header for event in warm] == [event.header for event in lived]
        assert [event.listings for event in warm] == [event.listings for event in lived]


async def test_equal_values_are_one_object(backend: Backend, tmp_path: Path):
    """Half a million markets fit because keys, names and times are shared."""
    async with backend.opened(tmp_path) as store:
        for code in ("betpawa", "bet9ja"):
            await accept(store, registered(market(2410, 3290, 3020), bookmaker=code))
        await apply_waiting(store.spool, store.writer)
        first, second = await store.repository.load_current(START)
    assert first.header is second.header
    assert first.markets[0].key is second.markets[0].key
    assert first.markets[0].names is second.markets[0].names
    assert first.markets[0].changed_at is second.markets[0].first_seen_at


async def test_history_tells_every_change_oldest_first(backend: Backend, tmp_path: Path):
    """One market of one listing; another bookmaker's and another line's rows are not among them."""
    line = {"market_id": "5000", "line": "2.5"}
    async with backend.opened(tmp_path) as store:
        await accept(
            store, registered(market(1890, 1910, **line), market(1500, 2500, market_id="5000", line="1.5"))
        )
        await accept(store, registered(market(1800, 2000, **line), bookmaker="bet9ja"))
        await accept(store, changed(market(1890, 1910, at=LATER, withdrawn=True, **line), at=LATER))
        # The clock was set back in between: order is by change id.
        await accept(store, changed(market(1700, 2100, suspended=0b01, **line), at=START))
        await apply_waiting(store.spool, store.writer)
        history = await store.repository.history("69000001", "betpawa", MarketKey("5000", "2.5"))
        assert await store.repository.history("69000001", "betpawa", MarketKey("5000", "9.5")) == []
    assert [(row.change_id, row.at, row.odds_milli, row.suspended, row.withdrawn) for row in history] == [
        (1, START, (1890, 1910), 0, False),
        (3, LATER, (1890, 1910), 0, True),
        (4, START, (1700, 2100), 0b01, False),
    ]
    assert {row.names for row in history} == {("Over", "Under")}


async def test_a_run_comes_back_as_it_was_reported(backend: Backend, tmp_path: Path):
    """The report is what REST answers, also after a restart."""
    async with backend.opened(tmp_path) as store:
        for number in range(3):
            report = run_report(f"run-{number}", "partial")
            report.started_at += timedelta(minutes=number)
            await store.spool.accept([store.encoder.run_piece(report)], report.run_id, START)
        await apply_waiting(store.spool, store.writer)
        assert await store.repository.run("run-2") == report
        assert await store.repository.run("run-9") is None
        recent = await store.repository.recent_runs(limit=2)
        assert [run.run_id for run in recent] == ["run-2", "run-1"]
        assert [run.run_id for run in await store.repository.recent_runs(5, offset=2)] == ["run-0"]
        since = START + timedelta(minutes=1)
        assert await store.repository.run_points(since) == [run_point(run) for run in reversed(recent)]


async def test_events_are_loaded_by_their_ids_whenever_they_kick_off(backend: Backend, tmp_path: Path):
    """What returns after it left memory."""
    async with backend.opened(tmp_path) as store:
        for number in (1, 2):
            change = registered(market(2410, 3290, 3020), sportradar_id=str(number))
            await store.spool.accept([store.encoder.listing_piece(change, "football")], None, START)
        await apply_waiting(store.spool, store.writer)
        (current,) = await store.repository.load_events(["2", "3"])
        assert (current.listing.sportradar_id, len(current.markets)) == ("2", 1)
        assert await store.repository.load_events([]) == []


async def test_rows_per_phase_are_read_for_one_run_only(backend: Backend, tmp_path: Path):
    """A list of five hundred runs has no use for twelve thousand of them."""
    async with backend.opened(tmp_path) as store:
        await store.spool.accept([store.encoder.run_piece(run_report())], "run-1", START)
        await apply_waiting(store.spool, store.writer)
        (listed,) = await store.repository.recent_runs(1)
        alone = await store.repository.run("run-1")
        assert (listed.phases, alone and alone.phases) == ([], run_report().phases)


async def test_what_brought_no_prices_is_kept_with_the_run(backend: Backend, tmp_path: Path):
    """Which events failed, where and why: what a retry after a restart goes by."""
    outcomes = [
        EventOutcome("2", "sportybet", "late"),
        EventOutcome("1", "sportybet", "failed", "rate_limited", "HTTP 429"),
        EventOutcome("3", "betpawa", "failed", "gone", "HTTP 404"),
    ]
    async with backend.opened(tmp_path) as store:
        await store.spool.accept([store.encoder.run_piece(run_report(), outcomes)], "run-1", START)
        await apply_waiting(store.spool, store.writer)
        assert await store.repository.run_outcomes("run-1") == [outcomes[2], outcomes[1], outcomes[0]]
        assert await store.repository.run_outcomes("run-2") == []


async def test_settings_outlive_the_process(backend: Backend, tmp_path: Path):
    """A change replaces what was stored; the other keys stay."""
    async with backend.opened(tmp_path) as store:
        assert await store.repository.settings.load() == {}
        await store.repository.settings.save({"batch_size": 20, "enabled_bookmakers": ["betpawa"]})
        await store.repository.settings.save({"batch_size": 30})
        await store.repository.settings.save({})
    async with backend.opened(tmp_path) as store:
        stored = await store.repository.settings.load()
    assert stored == {"batch_size": 30, "enabled_bookmakers": ["betpawa"]}


# --- worlds (I17) --------------------------------------------------------------------------------------------


async def test_another_world_is_refused_naming_both_ways_out(backend: Backend, tmp_path: Path):
    """Simulated prices must never stand among real ones."""
    async with backend.opened(tmp_path) as store:
        with pytest.raises(ConfigError) as refused:
            await store.repository.stamp("live", {"betpawa": "ng"})
        place, another = store.repository.database.place, store.repository.database.another
    assert str(refused.value) == (
        f"OVERROUND_WORLD: {place} holds the world simulated, not live, and the two must not mix; "
        f"choose {another}, or start with OVERROUND_WORLD=simulated"
    )


async def test_another_country_is_refused_and_a_new_bookmaker_is_not(backend: Backend, tmp_path: Path):
    """Betway joins later with its own country; BetPawa's prices of Kenya are another book."""
    async with backend.opened(tmp_path) as store:
        await store.repository.stamp("simulated", {"betpawa": "ng", "betway": "gh"})
        with pytest.raises(ConfigError, match="start with OVERROUND_BETPAWA_COUNTRY=ng"):
            await store.repository.stamp("simulated", {"betpawa": "ke"})
        with pytest.raises(ConfigError, match="start with OVERROUND_BETWAY_COUNTRY=gh"):
            await store.repository.stamp("simulated", {"betpawa": "ng", "betway": "ng"})
    assert backend.rows(tmp_path, "SELECT world, countries FROM meta") == [
        ("simulated", '{"betpawa":"ng","betway":"gh"}')
    ]


# --- errors --------------------------------------------------------------------------------------------------


def test_a_missing_database_is_a_storage_error(tmp_path: Path):
    """It is not made on the way: an empty one would be taken for the truth."""
    with pytest.raises(StorageError, match="there is no database"):
        SqliteDatabase(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


async def test_a_file_that_is_no_database_is_a_storage_error(tmp_path: Path):
    """Damaged, or somebody else's: said in our words, whatever the driver calls it."""
    (tmp_path / "overround.db").write_bytes(b"This is a letter, not a database. " * 100)
    repository = Repository(SqliteDatabase(tmp_path / "overround.db"), FakeClock())
    with pytest.raises(StorageError, match=r"can't be read: .*not a database"):
        await repository.recent_runs(1)
    await repository.close()


async def test_a_reader_can_not_write(tmp_path: Path):
    """Commands that only read take no lock."""
    async with opened(tmp_path):
        reader = Repository(SqliteDatabase(tmp_path / "overround.db", read_only=True), FakeClock())
        assert await reader.recent_runs(1) == []
        with pytest.raises(StorageError, match="readonly"):
            await reader.settings.save({"batch_size": 1})
        await reader.close()
