"""
How an accepted batch looks on disk, and the way there and back.

payload = format version (1 byte), xxh3 of the rest (8 bytes), then per piece its length (4 bytes) and msgpack.
A piece is what one answer changed of one listing, or one state of a run. Market rows are parallel arrays, in
the order and form of the database's columns; times are milliseconds, those of markets as distance to `at`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from struct import Struct as Layout

import msgspec
import xxhash

from overround.domain.diff import Changes, ListingChanges, MarketChange
from overround.domain.events import Competition, EventHeader, Listing, ListingState
from overround.domain.markets import Market, MarketKey
from overround.domain.runs import EventOutcome, RunReport
from overround.errors import RowRefused, StorageError
from overround.storage.identities import Identities, K, Names, Numbering
from overround.storage.packing import pack_mask, pack_odds, unpack_mask, unpack_odds
from overround.storage.times import from_ms, to_ms

FORMAT = 1  # a higher one still reads every lower one: tests/storage/spool-format-1.db
_HEAD = Layout(">B8s")
_LENGTH = Layout(">I")


class WriteBatch(msgspec.Struct, frozen=True):
    """One accepted batch, the unit of writing: a row of the spool."""

    change_id: int
    run_id: str | None
    at: datetime  # when it was accepted
    pieces: tuple[bytes, ...]


class DeadRow(msgspec.Struct, frozen=True):
    """What was cut out of a batch because the database can't hold it; becomes a row of `dead_letter`."""

    change_id: int
    run_id: str | None
    accepted_at: datetime
    buried_at: datetime
    kind: str  # header, listing, market_key, outcome_set, market, run, piece
    sportradar_id: str
    bookmaker: str
    market: str  # market id, or id:line; "" where it is none
    reason: str
    piece: bytes  # holds this and nothing else


class HeaderRow(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An event's header without its id; the competition is spelled out, for it has no number."""

    home: str
    away: str
    kickoff_at: int
    competition_id: str
    competition: str
    country: str
    sport: str
    source: str
    check: bool


class ListingRow(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A listing without its key."""

    event_id: str
    state: ListingState
    url: str
    genius_id: str | None
    kickoff_at: int | None


class ListingPiece(msgspec.Struct, array_like=True, tag=1, frozen=True, gc=False):
    """What one answer changed of one listing; position i of every market array speaks of the same market."""

    listing_id: int  # 0: a header came before any listing
    sportradar_id: str
    bookmaker: str
    at: int
    header: HeaderRow | None
    listing: ListingRow | None
    new_market_keys: list[tuple[int, str, str, str]]  # number, sport, market id, line
    new_outcome_sets: list[tuple[int, Names]]
    market_keys: list[int]
    outcome_sets: list[int]
    odds: list[bytes]
    suspended: list[bytes]
    changed_ago: list[int]  # at - changed_at
    first_seen_ago: list[int]
    withdrawn_ago: list[int | None]  # None while listed
    suspect: list[str]  # reason codes joined by commas


class RunPiece(msgspec.Struct, array_like=True, tag=2, frozen=True):
    """The state of a run; by field name, so that a report that has grown a field reads old pieces."""

    report: RunReport
    outcomes: list[EventOutcome] = []


Piece = ListingPiece | RunPiece

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Piece).decode


class Encoder:
    """Turns changes into pieces; must be called in the order in which the pieces are accepted."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities

    def listing_piece(self, change: ListingChanges, sport: str) -> bytes:
        """
        Return the stored form of one listing's changes; numbers used for the first time travel with it.

        Raises:
            ValueError: Prices of a listing that was never registered.
        """
        now, at, markets = change.at, to_ms(change.at), [market.after for market in change.markets]
        keys, new_keys = _numbers(self._identities.market_keys, [(sport, market.key) for market in markets])
        sets, new_sets = _numbers(self._identities.outcome_sets, [market.names for market in markets])
        withdrawn = [market.withdrawn_at for market in markets]
        piece = ListingPiece(
            listing_id=self._listing_id(change),
            sportradar_id=change.sportradar_id,
            bookmaker=change.bookmaker,
            at=at,
            header=_header_row(change.header),
            listing=_listing_row(change.listing),
            new_market_keys=[(number, sport, key.market_id, key.line) for number, (_, key) in new_keys],
            new_outcome_sets=new_sets,
            market_keys=keys,
            outcome_sets=sets,
            odds=[pack_odds(market.odds_milli) for market in markets],
            suspended=[pack_mask(mask) if (mask := market.suspended) else b"" for market in markets],
            changed_ago=[
                0 if (since := market.changed_at) is now else at - to_ms(since) for market in markets
            ],
            first_seen_ago=[
                0 if (since := market.first_seen_at) is now else at - to_ms(since) for market in markets
            ],
            withdrawn_ago=[at - to_ms(since) if since else None for since in withdrawn],
            suspect=[",".join(codes) if (codes := market.suspect) else "" for market in markets],
        )
        return _encode(piece)

    def run_piece(self, report: RunReport, outcomes: Sequence[EventOutcome] = ()) -> bytes:
        """Return the stored form of a run's state; its outcomes travel with its end."""
        return _encode(RunPiece(report, list(outcomes)))

    def _listing_id(self, change: ListingChanges) -> int:
        key = (change.sportradar_id, change.bookmaker)
        if change.listing is not None:
            return self._identities.listing_id(key)
        known = self._identities.listings.find(key)
        if known is None and change.markets:
            raise ValueError(f"prices of {key}, which was never registered")
        return known or 0


def _numbers(numbering: Numbering[K], keys: Sequence[K]) -> tuple[list[int], list[tuple[int, K]]]:
    """Return the number of each key, and (number, key) of those that had none before."""
    found = list(map(numbering.find, keys))
    numbers, new = [number for number in found if number is not None], list[tuple[int, K]]()
    if len(numbers) == len(found):
        return numbers, new
    numbers.clear()
    for key in keys:
        number = numbering.find(key)
        if number is None:
            number = numbering.number(key)
            new.append((number, key))
        numbers.append(number)
    return numbers, new


def pack(pieces: Iterable[bytes]) -> bytes:
    """Return the payload of a batch made of these pieces."""
    body = b"".join([part for piece in pieces for part in (_LENGTH.pack(len(piece)), piece)])
    return _HEAD.pack(FORMAT, xxhash.xxh3_64_digest(body)) + body


def unpack(payload: bytes, change_id: int | None = None) -> tuple[bytes, ...]:
    """
    Return the pieces of a payload; `change_id` only names the batch in errors.

    Raises:
        StorageError: Another format version, or bytes that are not those that were written.
    """
    if len(payload) < _HEAD.size:
        raise StorageError(change_id, "the payload ends before its header")
    version, checksum = _HEAD.unpack_from(payload)
    if version != FORMAT:
        raise StorageError(change_id, f"the payload has format {version}; this version reads format {FORMAT}")
    body = memoryview(payload)[_HEAD.size :]
    if xxhash.xxh3_64_digest(body) != checksum:
        raise StorageError(change_id, "the payload is damaged: its checksum does not fit")
    pieces: list[bytes] = []
    offset = 0
    while offset < len(body):
        (length,) = _LENGTH.unpack_from(body, offset)
        offset += _LENGTH.size
        pieces.append(bytes(body[offset : offset + length]))
        offset += length
    return tuple(pieces)


def decode(batch: WriteBatch) -> list[Piece]:
    """
    Return a batch's pieces in order.

    Raises:
        RowRefused: A piece is not of a known shape.
    """
    try:
        return [_decode(piece) for piece in batch.pieces]
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise RowRefused(batch.change_id, f"a piece can't be read: {exc}") from exc


def encode(piece: Piece) -> bytes:
    """Return the stored form of a piece."""
    return _encode(piece)


def restore(identities: Identities, pieces: Iterable[Piece]) -> None:
    """Take over the numbers that travel in these pieces; in order of acceptance, the spool after the database."""
    for piece in pieces:
        if isinstance(piece, RunPiece):
            continue
        if piece.listing_id:
            identities.listings.restore(piece.listing_id, (piece.sportradar_id, piece.bookmaker))
        for number, sport, market_id, line in piece.new_market_keys:
            identities.market_keys.restore(number, (sport, MarketKey(market_id, line)))
        for number, names in piece.new_outcome_sets:
            identities.outcome_sets.restore(number, names)


def to_changes(batch: WriteBatch, pieces: Iterable[Piece], identities: Identities) -> Changes:
    """
    Return a stored batch as the `Changes` it was made of, for the cache.

    What was before a change, and what could not be mapped, is not stored: `before` and `unmapped` are None.

    Raises:
        StorageError: A number that `identities` does not know.
    """
    listings = [_listing_changes(piece, identities) for piece in pieces if isinstance(piece, ListingPiece)]
    return Changes(batch.change_id, batch.run_id, batch.at, tuple(listings))


def split_codes(suspect: str) -> tuple[str, ...]:
    """Return the reason codes of a stored market; empty when it is sane."""
    return tuple(suspect.split(",")) if suspect else ()


def _listing_changes(piece: ListingPiece, identities: Identities) -> ListingChanges:
    return ListingChanges(
        sportradar_id=piece.sportradar_id,
        bookmaker=piece.bookmaker,
        at=from_ms(piece.at),
        header=_header(piece),
        listing=_listing(piece),
        markets=tuple(MarketChange(None, market) for market in _markets(piece, identities)),
    )


def _markets(piece: ListingPiece, identities: Identities) -> Iterable[Market]:
    rows = zip(
        piece.market_keys, piece.outcome_sets, piece.odds, piece.suspended,
        piece.changed_ago, piece.first_seen_ago, piece.withdrawn_ago, piece.suspect,
        strict=True,
    )  # fmt: skip
    for key, names, odds, suspended, changed_ago, first_seen_ago, withdrawn_ago, suspect in rows:
        yield Market(
            key=identities.market_keys.key(key)[1],
            names=identities.outcome_sets.key(names),
            odds_milli=unpack_odds(odds),
            suspended=unpack_mask(suspended),
            changed_at=from_ms(piece.at - changed_ago),
            first_seen_at=from_ms(piece.at - first_seen_ago),
            withdrawn_at=None if withdrawn_ago is None else from_ms(piece.at - withdrawn_ago),
            suspect=split_codes(suspect),
        )


def _header_row(header: EventHeader | None) -> HeaderRow | None:
    if header is None:
        return None
    competition = header.competition
    return HeaderRow(
        header.home, header.away, to_ms(header.kickoff_at), competition.id, competition.name,
        competition.country, header.sport, header.source, header.check,
    )  # fmt: skip


def _header(piece: ListingPiece) -> EventHeader | None:
    row = piece.header
    if row is None:
        return None
    return EventHeader(
        sportradar_id=piece.sportradar_id,
        home=row.home,
        away=row.away,
        kickoff_at=from_ms(row.kickoff_at),
        competition=Competition(row.competition_id, row.competition, row.country),
        sport=row.sport,
        source=row.source,
        check=row.check,
    )


def _listing_row(listing: Listing | None) -> ListingRow | None:
    if listing is None:
        return None
    kickoff_at = None if listing.kickoff_at is None else to_ms(listing.kickoff_at)
    return ListingRow(listing.event_id, listing.state, listing.url, listing.genius_id, kickoff_at)


def _listing(piece: ListingPiece) -> Listing | None:
    row = piece.listing
    if row is None:
        return None
    return Listing(
        sportradar_id=piece.sportradar_id,
        bookmaker=piece.bookmaker,
        event_id=row.event_id,
        state=row.state,
        url=row.url,
        genius_id=row.genius_id,
        kickoff_at=None if row.kickoff_at is None else from_ms(row.kickoff_at),
    )
