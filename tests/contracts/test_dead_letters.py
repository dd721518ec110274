"""Rows that a database can't hold: cut out, kept, written after all; the same on every database."""

from datetime import timedelta
from pathlib import Path

import msgspec

from overround.storage.dead_letters import DeadLetters
from overround.storage.records import ListingPiece, WriteBatch, decode, encode
from overround.storage.store import Store
from overround.storage.write_handler import apply_waiting
from tests.support.changes import changed, market, registered
from tests.support.clock import START, FakeClock
from tests.support.storage import Backend, accept

LATER = START + timedelta(minutes=5)


async def accept_poisoned(store: Store, count: int, *positions: int) -> None:
    """Accept a batch of that many markets, some of them with a time that no database can hold."""
    markets = [market(2000 + number, 3000, market_id="5000", line=f"{number}.5") for number in range(count)]
    piece = store.encoder.listing_piece(registered(*markets), "football")
    (read,) = decode(WriteBatch(0, None, START, (piece,)))
    assert isinstance(read, ListingPiece)
    for position in positions:
        read.changed_ago[position] = -(2**63)
    await store.spool.accept((encode(read),), None, START)


async def test_poison_rows_are_cut_out_and_the_rest_is_written_once(backend: Backend, tmp_path: Path):
    """First, last and neighbours; the watermark is behind the batch, and the one after it is in too."""
    async with backend.opened(tmp_path) as store:
        await accept_poisoned(store, 13, 0, 6, 7, 12)
        await accept(store, changed(market(2500, 3290, 3020, at=LATER), at=LATER))
        assert await apply_waiting(store.spool, store.writer, FakeClock(), store.market_name) == 2
        letters, total = await DeadLetters(store.repository.database).page()
    assert backend.rows(tmp_path, "SELECT count(*) FROM odds_history WHERE change_id = 1") == [(9,)]
    assert backend.rows(tmp_path, "SELECT seq FROM write_watermark") == [(2,)]
    assert (total, {letter.kind for letter in letters}) == (4, {"market"})
    assert sorted(letter.market for letter in letters) == ["5000:0.5", "5000:12.5", "5000:6.5", "5000:7.5"]
    assert all(letter.reason and letter.bookmaker == "betpawa" for letter in letters)


async def test_a_letter_is_revived_once_and_never_over_a_newer_price(backend: Backend, tmp_path: Path):
    """The history gets its row, the current price stays the newer one."""
    async with backend.opened(tmp_path) as store:
        await accept_poisoned(store, 2, 1)
        await apply_waiting(store.spool, store.writer)
        newer = market(9000, 1100, market_id="5000", line="1.5", at=LATER)
        await accept(store, changed(newer, at=LATER))
        await apply_waiting(store.spool, store.writer)
        letters = DeadLetters(store.repository.database)
        (letter,), _ = await letters.page()
        (refused,) = await letters.replay(store.writer, [letter.id], LATER)
        assert (refused.ok, bool(refused.detail)) == (False, True)
        _mend(backend, tmp_path, letter.id)
        outcomes = await letters.replay(store.writer, [letter.id, letter.id], LATER)
        assert [outcome.ok for outcome in outcomes] == [
            True, False,
        ], outcomes  # fmt: skip
    current = "SELECT version FROM odds_current WHERE market_key_id = 2"
    assert backend.rows(tmp_path, current) == [(2,)]
    history = "SELECT change_id FROM odds_history WHERE market_key_id = 2 ORDER BY 1"
    assert backend.rows(tmp_path, history) == [(1,), (2,)]


def _mend(backend: Backend, folder: Path, letter_id: int) -> None:
    """Give the letter a time that can be held, as a corrected version of ours would read it."""
    ((piece,),) = backend.rows(folder, f"SELECT piece FROM dead_letter WHERE id = {letter_id}")
    (read,) = decode(WriteBatch(0, None, START, (bytes(piece),)))
    mended = encode(msgspec.structs.replace(read, changed_ago=[0]))
    literal = f"x'{mended.hex()}'" if backend.name == "sqlite" else f"'\\x{mended.hex()}'::bytea"
    backend.execute(folder, f"UPDATE dead_letter SET piece = {literal} WHERE id = {letter_id}")


async def test_check_and_probe_leave_nothing_behind(backend: Backend, tmp_path: Path):
    """They only ask."""
    async with backend.opened(tmp_path) as store:
        batch = await accept(store, registered(market(2410, 3290, 3020)))
        await store.writer.check(batch)
        await store.writer.probe()
        assert await store.writer.watermark() == 0
    for table in ("odds_history", "odds_current", "event", "write_batch"):
        assert backend.rows(tmp_path, f"SELECT count(*) FROM {table}") == [(0,)], table
