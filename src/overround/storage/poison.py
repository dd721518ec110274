"""
Finding what the database refuses to hold: by bisection, first over a batch's pieces, then inside the bad ones.

A part is bad when it is refused although the database is well. Whatever may pass by itself (a lost connection, a
full disk) ends the search instead, so that nothing good is ever cut out.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from overround.errors import DatabaseRefuses, DatabaseUnavailable, RowRefused, SequenceBroken, one_line
from overround.storage.records import DeadRow, ListingPiece, WriteBatch, decode, encode

MarketName = Callable[[int], str]  # a market key's number -> its market id, with its line if it has one
PASSING = (DatabaseUnavailable, DatabaseRefuses, SequenceBroken)  # no fault of any row


class Checks(Protocol):
    """What bisection asks of a write handler."""

    async def check(self, batch: WriteBatch) -> None:
        """Write the batch's pieces and take it all back. Raises: StorageError."""
        ...

    async def probe(self) -> None:
        """Write a row that belongs to nobody and take it back. Raises: StorageError."""
        ...


class Part(msgspec.Struct, frozen=True):
    """A piece that can be left out by itself, and what it is."""

    piece: bytes
    kind: str = "piece"
    sportradar_id: str = ""
    bookmaker: str = ""
    market_key: int = 0


class Refused(msgspec.Struct, frozen=True):
    """A part that can't be written, and what the database says of it."""

    part: Part
    reason: str


async def cut_poison(
    handler: Checks, batch: WriteBatch, at: datetime, market_name: MarketName = str
) -> tuple[WriteBatch, list[DeadRow]]:
    """
    Return the batch without what the database refuses, and that.

    Args:
        at: Now, for the dead rows.
        market_name: Names a market key for people.
    Raises:
        StorageError: The database is not well, so it can't tell.
    """
    search = _Search(handler, batch)
    wholes = [Part(piece) for piece in batch.pieces]
    bad = {id(refused.part) for refused in await search.sift(wholes)}
    parts: list[Part] = []
    refused: list[Refused] = []
    for whole in wholes:
        inside = split(whole.piece) if id(whole) in bad else [whole]
        out = await search.sift(inside) if id(whole) in bad else []
        refused += out
        parts += _without(inside, out)
    if await search.fault(parts):  # each is good by itself, but not beside another
        parts = [part for whole in parts for part in split(whole.piece)]
        out = await search.sift(parts, kept=[])
        refused += out
        parts = _without(parts, out)
    rest = msgspec.structs.replace(batch, pieces=tuple(part.piece for part in parts))
    return rest, [_dead_row(batch, one, at, market_name) for one in refused]


def split(piece: bytes) -> list[Part]:
    """Return the smallest pieces that together say what this one says; itself when it can't be read."""
    try:
        (read,) = decode(WriteBatch(0, None, _NEVER, (piece,)))
    except RowRefused:
        return [Part(piece)]
    if not isinstance(read, ListingPiece):
        return [Part(piece, "run")]
    empty = ListingPiece(
        read.listing_id, read.sportradar_id, read.bookmaker, read.at, None, None, [], [], [], [], [], [], [], [], [], []
    )  # fmt: skip
    parts: list[Part] = []

    def add(kind: str, market_key: int = 0, **said: object) -> None:
        only = msgspec.structs.replace(empty, **said)
        parts.append(Part(encode(only), kind, read.sportradar_id, read.bookmaker, market_key))

    if read.header is not None:
        add("header", header=read.header)
    if read.listing is not None:
        add("listing", listing=read.listing)
    for key in read.new_market_keys:
        add("market_key", key[0], new_market_keys=[key])
    for names in read.new_outcome_sets:
        add("outcome_set", new_outcome_sets=[names])
    for position, number in enumerate(read.market_keys):
        add("market", number, **{name: [getattr(read, name)[position]] for name in _MARKET_ARRAYS})
    return parts


_NEVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MARKET_ARRAYS = (
    "market_keys", "outcome_sets", "odds", "suspended", "changed_ago", "first_seen_ago", "withdrawn_ago", "suspect",
)  # fmt: skip


class _Search:
    """Asks the database about parts of one batch."""

    def __init__(self, handler: Checks, batch: WriteBatch) -> None:
        self._handler, self._batch = handler, batch

    async def sift(self, parts: Sequence[Part], kept: list[Part] | None = None) -> list[Refused]:
        """Return the parts that can't be written; with `kept`, those that can't be written beside it, and fill it."""
        reason = await self.fault([*(kept or ()), *parts])
        if not reason:
            if kept is not None:
                kept += parts
            return []
        if len(parts) == 1:
            return [Refused(parts[0], reason)]
        middle = len(parts) // 2
        return await self.sift(parts[:middle], kept) + await self.sift(parts[middle:], kept)

    async def fault(self, parts: Sequence[Part]) -> str:
        """Return why these can't be written together, "" when they can."""
        if not parts:
            return ""
        batch = msgspec.structs.replace(self._batch, pieces=tuple(part.piece for part in parts))
        reason = ""
        for _ in range(2):  # what nobody knows has to happen twice, on a database that is well
            try:
                await self._handler.check(batch)
            except PASSING:
                raise
            except RowRefused as exc:
                return str(exc)
            except Exception as exc:
                await self._handler.probe()
                reason = str(exc) or repr(exc)
            else:
                return ""
        return reason


def _without(parts: Sequence[Part], refused: Sequence[Refused]) -> list[Part]:
    bad = {id(one.part) for one in refused}
    return [part for part in parts if id(part) not in bad]


def _dead_row(batch: WriteBatch, refused: Refused, at: datetime, market_name: MarketName) -> DeadRow:
    part = refused.part
    return DeadRow(
        change_id=batch.change_id,
        run_id=batch.run_id,
        accepted_at=batch.at,
        buried_at=at,
        kind=part.kind,
        sportradar_id=one_line(part.sportradar_id),
        bookmaker=one_line(part.bookmaker),
        market=one_line(market_name(part.market_key)) if part.market_key else "",
        reason=one_line(refused.reason),
        piece=part.piece,
    )
