"""Reading one market's history."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy.dialects import sqlite

from overround.domain.diff import Confirmation
from overround.domain.markets import MarketKey
from overround.storage.history import event_history, points_statement
from overround.storage.write_handler import apply_waiting
from tests.support.changes import changed, market, registered
from tests.support.clock import START
from tests.support.storage import Backend, accept, opened, rows

LATER = START + timedelta(minutes=5)


async def test_a_market_is_read_after_each_of_its_changes(backend: Backend, tmp_path: Path):
    """Withdrawals and returns included, other markets and bookmakers not."""
    async with backend.opened(tmp_path) as store:
        other = market(1900, 1900, market_id="5000", line="2.5", names=("Over", "Under"))
        await accept(store, registered(market(2410, 3290, 3020), other))
        await accept(store, registered(market(2000, 3000, 3000), bookmaker="bet9ja"))
        await accept(
            store, changed(market(2410, 3290, 3020, at=LATER, first_seen_at=START, withdrawn=True), at=LATER)
        )
        await accept(store, changed(market(2500, 3290, 2900, at=LATER, first_seen_at=START), at=LATER))
        await apply_waiting(store.spool, store.writer)
        await store.writer.confirm([Confirmation("69000001", "betpawa", LATER)])
        found = await event_history(
            store.repository.database, "69000001", MarketKey("3743"), ("betpawa", "sportybet")
        )
    assert found
    (listing,) = found.listings
    assert [(point.odds_milli[0], point.state) for point in listing.points] == [
        (2410, "open"), (2410, "withdrawn"), (2500, "open"),
    ]  # fmt: skip
    assert [point.changed_at for point in listing.points] == [START, LATER, LATER]
    assert (listing.bookmaker, listing.confirmed_at, listing.first_seen_at) == ("betpawa", LATER, START)


async def test_an_event_nobody_listed_is_told_from_a_market_nobody_offered(backend: Backend, tmp_path: Path):
    """The one is an error, the other an answer."""
    async with backend.opened(tmp_path) as store:
        await accept(store, registered(market(2410, 3290, 3020)))
        await apply_waiting(store.spool, store.writer)
        database = store.repository.database
        assert await event_history(database, "1", MarketKey("3743"), ("betpawa",)) is None
        never = await event_history(database, "69000001", MarketKey("9"), ("betpawa",))
    assert never and [listing.points for listing in never.listings] == [()]


async def test_a_market_is_found_through_the_primary_key(tmp_path: Path):
    """Whatever the table's size: a scan would take minutes on 14 days."""
    async with opened(tmp_path):
        pass
    compiled = points_statement(1, 2).compile(
        dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )
    plan = [row[3] for row in rows(tmp_path, f"EXPLAIN QUERY PLAN {compiled}")]
    assert plan == ["SEARCH odds_history USING PRIMARY KEY (listing_id=? AND market_key_id=?)"]
