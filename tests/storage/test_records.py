"""Batches on disk and back."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overround.domain.diff import ListingChanges
from overround.errors import StorageError
from overround.storage.identities import Identities
from overround.storage.records import (
    Encoder,
    ListingPiece,
    RunPiece,
    WriteBatch,
    decode,
    pack,
    restore,
    to_changes,
    unpack,
)
from tests.support.changes import changed, listing_changes, market, registered, run_report
from tests.support.clock import START


def batch(*pieces: bytes) -> WriteBatch:
    """Return a batch as the spool gives it back."""
    return WriteBatch(1, "run-1", START, unpack(pack(pieces)))


@given(st.lists(listing_changes(), max_size=3))
def test_changes_come_back_as_they_were(changes: list[ListingChanges]):
    """What is replayed into the cache after a crash is what was accepted before it."""
    encoder = Encoder(Identities())
    stored = batch(*[encoder.listing_piece(change, "football") for change in changes])
    fresh = Identities()
    restore(fresh, decode(stored))
    assert to_changes(stored, decode(stored), fresh).listings == tuple(changes)


def test_a_run_stored_by_an_older_version_is_read():
    """A spool outlives an upgrade: what a piece lacks has its default."""
    report = run_report()
    old = msgspec.msgpack.encode(
        [2, {"run_id": "r", "trigger": "manual", "status": "running", "started_at": START}]
    )
    (piece,) = decode(batch(old))
    assert isinstance(piece, RunPiece)
    assert (piece.report.run_id, piece.report.phases, piece.outcomes) == ("r", [], [])
    assert decode(batch(Encoder(Identities()).run_piece(report))) == [RunPiece(report)]


@pytest.mark.parametrize("status", ["running", "completed", "failed"])
def test_a_run_comes_back_as_it_was(status: str):
    """Runs travel through the spool like prices."""
    report = run_report(status=status)
    assert decode(batch(Encoder(Identities()).run_piece(report))) == [RunPiece(report)]


@given(st.data())
def test_a_damaged_payload_is_an_error_never_garbage(data: st.DataObject):
    """Whatever byte the disk has turned, and wherever it cut the payload off."""
    payload = bytearray(
        pack([Encoder(Identities()).listing_piece(registered(market(2410, 3290, 3020)), "football")])
    )
    position = data.draw(st.integers(0, len(payload) - 1))
    if data.draw(st.booleans()):
        payload[position] ^= data.draw(st.integers(1, 255))
    else:
        del payload[position:]
    with pytest.raises(StorageError):
        unpack(bytes(payload))


def test_another_format_version_is_named():
    """A spool written by a later version is not read as if it were ours."""
    payload = b"\x09" + pack([b"x"])[1:]
    with pytest.raises(StorageError, match="batch 12: the payload has format 9; this version reads format 1"):
        unpack(payload, 12)


def test_a_piece_of_an_unknown_kind_is_an_error():
    """The checksum fits, yet nobody knows what it says."""
    with pytest.raises(StorageError, match="can't be read"):
        decode(batch(msgspec.msgpack.encode([99, "?"])))


def test_numbers_travel_with_their_first_use_only():
    """The database learns what a number means with the row that needs it, and not again."""
    encoder = Encoder(Identities())
    change = registered(market(2410, 3290, 3020), market(1890, 1910, market_id="5000", line="2.5"))
    first, second = (encoder.listing_piece(each, "football") for each in (change, change))
    pieces = [piece for piece in decode(batch(first, second)) if isinstance(piece, ListingPiece)]
    assert [len(piece.new_market_keys) for piece in pieces] == [2, 0]
    assert [len(piece.new_outcome_sets) for piece in pieces] == [2, 0]
    assert pieces[0].market_keys == pieces[1].market_keys == [1, 2]


def test_prices_of_an_unregistered_listing_are_refused():
    """Its number would stand for nothing after a restart."""
    with pytest.raises(ValueError, match="never registered"):
        Encoder(Identities()).listing_piece(changed(market(2410, 3290, 3020)), "football")


def test_a_change_takes_few_bytes():
    """A run of 540,000 markets has to fit into memory and disk many times over."""
    encoder = Encoder(Identities())
    book = [market(1890, 1910, market_id="5000", line=f"{number}.5") for number in range(100)]
    encoder.listing_piece(registered(*book), "football")
    assert len(encoder.listing_piece(changed(*book), "football")) < 20 * len(book)
