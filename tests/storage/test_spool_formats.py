"""What an earlier version accepted has to be replayed for ever, whatever the format has become since."""

import shutil
from datetime import timedelta
from pathlib import Path

from overround.storage.packing import pack_odds
from overround.storage.times import to_ms
from overround.storage.write_handler import apply_waiting
from tests.support.changes import run_report
from tests.support.clock import START
from tests.support.storage import opened, rows

FORMAT_1 = Path(__file__).with_name("spool-format-1.db")  # never made anew: it is what version 0.1 wrote
LATER = START + timedelta(minutes=5)


async def test_a_spool_of_format_1_is_replayed_to_the_last_row(tmp_path: Path):
    """Events, listings, prices, withdrawals, suspensions, reasons of doubt and runs."""
    shutil.copy(FORMAT_1, tmp_path / "spool.db")
    async with opened(tmp_path) as store:
        assert [len(changes.listings) for changes in [each async for each in store.waiting()]] == [1, 1, 1]
        assert await apply_waiting(store.spool, store.writer) == 3
        assert await store.repository.run("run-1") == run_report()
    assert rows(tmp_path, "SELECT * FROM write_watermark") == [("0123456789abcdef", 3)]
    assert rows(tmp_path, "SELECT sportradar_id, home, away, source FROM event") == [
        ("69000001", "Kano", "Enyimba", "betpawa")
    ]
    assert rows(tmp_path, "SELECT id, bookmaker, state FROM listing") == [
        (1, "betpawa", "open"),
        (2, "bet9ja", "open"),
    ]
    assert rows(tmp_path, "SELECT market_id, line FROM market_key") == [("3743", ""), ("5000", "2.5")]
    assert rows(tmp_path, "SELECT names FROM outcome_set") == [('["1","X","2"]',), ('["Over","Under"]',)]
    history = "SELECT change_id, listing_id, market_key_id, at, odds, suspended, withdrawn, suspect FROM odds_history"
    assert rows(tmp_path, f"{history} ORDER BY change_id, market_key_id") == [
        (1, 1, 1, to_ms(START), pack_odds((2410, 3290, 0)), b"\x04", 0, ""),
        (1, 1, 2, to_ms(START), pack_odds((1900, 1900)), b"", 0, "booksum"),
        (2, 1, 1, to_ms(LATER), pack_odds((2410, 3290, 0)), b"", 1, ""),
        (3, 2, 1, to_ms(LATER), pack_odds((120000, 1010, 16384)), b"", 0, ""),
    ]
    assert rows(tmp_path, "SELECT withdrawn_at FROM odds_current WHERE version = 2") == [(to_ms(LATER),)]
