"""What waits for a subscriber: the newest of everything, told from what was last seen."""

import json

from overround.api.rendering import Renderer
from overround.api.ws.batch import Batch, encode_piece
from overround.domain.diff import Confirmation, MarketChange
from overround.domain.markets import Market, ParsedMarket
from tests.support.api import CATALOGUE, header, three_way
from tests.support.clock import START

RENDERER = Renderer(CATALOGUE)


def market(parsed: ParsedMarket) -> Market:
    return Market(parsed.key, parsed.names, parsed.odds_milli, parsed.suspended, START, START)


def changed(before: ParsedMarket | None, after: ParsedMarket) -> Batch:
    batch = Batch("run-1")
    change = MarketChange(None if before is None else market(before), market(after))
    batch.put_change("1", "betpawa", encode_piece(RENDERER, header("1"), "betpawa", change, ()))
    return batch


def test_folding_names_the_outcomes_anew_when_they_differ():
    """A price that vanished in between does not shift the others' previous ones."""
    batch = changed(three_way(2.0, 3.0, 4.0), three_way(2.1, 3.0, 4.0))
    batch.fold(changed(three_way(2.1, 3.0, 4.0), three_way(2.1, 0, 4.1)))
    (change,) = json.loads(batch.data(1))["changes"]
    assert [outcome["name"] for outcome in change["outcomes"]] == ["1", "2"]
    assert change["previous"] == [2.0, 4.0]


def test_empty_parts_are_left_out():
    """A confirmation alone is a short frame, grouped by bookmaker and time."""
    batch = Batch("run-1")
    for number in ("1", "2"):
        batch.confirm(Confirmation(number, "bet9ja", START))
    batch.confirm(Confirmation("1", "betpawa", START, ("3743", "5000")))
    assert json.loads(batch.data(7)) == {
        "first_seq": 7,
        "run_id": "run-1",
        "confirmed": {
            "bet9ja": [{"at": "2026-11-24T12:00:00.000Z", "events": ["1", "2"]}],
            "betpawa": [{"at": "2026-11-24T12:00:00.000Z", "events": ["1"], "markets": ["3743", "5000"]}],
        },
    }


def test_what_was_taken_out_and_what_stays_is_everything():
    """A large batch leaves in pieces without losing or doubling an element."""
    batch = Batch()
    for number in range(50):
        batch.put_event(str(number), b"{}" * 10)
        batch.put_listing(str(number), "betpawa", b"[]" * 10)
        batch.confirm(Confirmation(str(number), "betpawa", START))
    seen: list[str] = []
    rows = confirmed = 0
    while batch:
        part = batch.take(300)
        seen += part.events
        rows, confirmed = rows + len(part.listings), confirmed + len(part.confirmed)
        assert part
    assert seen == [str(number) for number in range(50)]
    assert (rows, confirmed, batch.size) == (50, 50, 0)
