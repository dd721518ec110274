"""What one subscriber still has to be told: keyed by what changed, so the newest wins and the size stays bounded."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self, TypeVar

import msgspec

from overround.api.rendering import Renderer, shown_names
from overround.api.schemas import ENCODER, iso_ms
from overround.domain.diff import Confirmation, MarketChange
from overround.domain.events import EventHeader
from overround.domain.markets import MarketKey

K = TypeVar("K")
V = TypeVar("V")

_CONFIRMED_SIZE = 60  # bytes of one confirmation on the wire, about


class Piece(msgspec.Struct, frozen=True, gc=False):
    """One changed market, encoded: everything but `previous`, and `previous`."""

    change: MarketChange
    body: bytes
    previous: bytes

    def joined(self) -> bytes:
        """Return the element of `changes`."""
        return b'%b,"previous":%b}' % (self.body[:-1], self.previous)

    def after(self, older: "Piece") -> "Piece":
        """Return this piece telling what held before `older`: the two were never seen apart."""
        before = older.change.before
        change = MarketChange(before, self.change.after)
        if shown_names(older.change.after) == shown_names(self.change.after):
            return Piece(change, self.body, older.previous)
        return Piece(change, self.body, encode_previous(change))


def encode_piece(
    renderer: Renderer, header: EventHeader, bookmaker: str, change: MarketChange, suspect: tuple[str, ...]
) -> Piece:
    """Return the change ready to be joined; `suspect` is why its market is not to be believed."""
    body = ENCODER.encode(renderer.change(header, bookmaker, change.after, suspect))
    return Piece(change, body, encode_previous(change))


def encode_previous(change: MarketChange) -> bytes:
    """Return the odds before, one per element of `outcomes`; null where there was none."""
    after = change.after
    previous = [
        before / 1000 if before else None
        for position, before in enumerate(change.previous)
        if after.odds_milli[position] or after.suspended >> position & 1
    ]
    return ENCODER.encode(previous)


class Batch:
    """
    Content of one `odds_update`. A reader applies `removed` first, then events, listings, changes, confirmed.
    """

    __slots__ = (
        "_frame",
        "changes",
        "confirmed",
        "events",
        "listings",
        "removed",
        "run_id",
        "scoped",
        "size",
    )

    def __init__(self, run_id: str | None = None) -> None:
        self.run_id = run_id
        self.removed: dict[str, None] = {}
        self.events: dict[str, bytes] = {}
        self.listings: dict[tuple[str, str], bytes] = {}
        self.changes: dict[tuple[str, str, MarketKey], Piece] = {}
        self.confirmed: dict[tuple[str, str], datetime] = {}
        self.scoped: dict[tuple[str, str, str], datetime] = {}
        self.size = 0  # bytes on the wire, about
        self._frame: tuple[object, str] | None = None

    def __bool__(self) -> bool:
        return bool(
            self.removed or self.events or self.listings or self.changes or self.confirmed or self.scoped
        )

    def remove(self, sportradar_id: str) -> None:
        """Note that the event is gone, and with it all that waited of it."""
        self.removed[sportradar_id] = None
        self.events.pop(sportradar_id, None)
        for part in (self.listings, self.changes, self.confirmed, self.scoped):
            for key in [key for key in part if key[0] == sportradar_id]:
                del part[key]  # type: ignore[arg-type]
        self._measure()

    def put_event(self, sportradar_id: str, header: bytes) -> None:
        """Note an event's header."""
        self.size += len(header) - len(self.events.get(sportradar_id, b""))
        self.events[sportradar_id] = header

    def put_listing(self, sportradar_id: str, bookmaker: str, row: bytes) -> None:
        """Note a listing's row."""
        key = (sportradar_id, bookmaker)
        self.size += len(row) - len(self.listings.get(key, b""))
        self.listings[key] = row

    def put_change(self, sportradar_id: str, bookmaker: str, piece: Piece) -> None:
        """Note a market; `previous` stays what the reader last saw."""
        key = (sportradar_id, bookmaker, piece.change.after.key)
        if older := self.changes.get(key):
            piece = piece.after(older)
            self.size -= _size(older)
        self.size += _size(piece)
        self.changes[key] = piece

    def confirm(self, confirmation: Confirmation) -> None:
        """Note that a listing, or markets of it, were seen again."""
        sportradar_id, bookmaker = confirmation.sportradar_id, confirmation.bookmaker
        before = len(self.confirmed) + len(self.scoped)
        if confirmation.markets is None:
            key = (sportradar_id, bookmaker)
            self.confirmed[key] = max(confirmation.at, self.confirmed.get(key, confirmation.at))
        else:
            for market_id in confirmation.markets:
                self.scoped[sportradar_id, bookmaker, market_id] = confirmation.at
        self.size += (len(self.confirmed) + len(self.scoped) - before) * _CONFIRMED_SIZE

    def fold(self, later: "Batch") -> None:
        """Take over what `later` tells; where both tell of one thing, the later one wins."""
        self._frame = None
        self.run_id = later.run_id or self.run_id
        for sportradar_id in later.removed:
            self.remove(sportradar_id)
        for sportradar_id, header in later.events.items():
            self.put_event(sportradar_id, header)
        for (sportradar_id, bookmaker), row in later.listings.items():
            self.put_listing(sportradar_id, bookmaker, row)
        for (sportradar_id, bookmaker, _), piece in later.changes.items():
            self.put_change(sportradar_id, bookmaker, piece)
        for key, at in later.confirmed.items():
            self.confirmed[key] = max(at, self.confirmed.get(key, at))
        self.scoped.update(later.scoped)
        self.size += (len(later.confirmed) + len(later.scoped)) * _CONFIRMED_SIZE

    def copy(self) -> Self:
        """Return a batch of the same content that may be folded into without changing this one."""
        twin = type(self)(self.run_id)
        twin.removed = dict(self.removed)
        twin.events, twin.listings = dict(self.events), dict(self.listings)
        twin.changes = dict(self.changes)
        twin.confirmed, twin.scoped = dict(self.confirmed), dict(self.scoped)
        twin.size = self.size
        return twin

    def take(self, limit: int) -> "Batch":
        """Move up to `limit` bytes out, in the order a reader applies them, and return them as a batch."""
        self._frame = None
        taken = type(self)(self.run_id)
        taken.removed, self.removed = self.removed, {}
        while self.events and taken.size < limit:
            taken.put_event(*_pop(self.events))
        while self.listings and taken.size < limit:
            (sportradar_id, bookmaker), row = _pop(self.listings)
            taken.put_listing(sportradar_id, bookmaker, row)
        while self.changes and taken.size < limit:
            (sportradar_id, bookmaker, _), piece = _pop(self.changes)
            taken.put_change(sportradar_id, bookmaker, piece)
        if not (self.events or self.listings or self.changes):
            taken.confirmed, self.confirmed = self.confirmed, {}
            taken.scoped, self.scoped = self.scoped, {}
        self._measure()
        return taken

    def data(self, first_seq: int) -> bytes:
        """Return `data` of an odds_update that accounts for everything from `first_seq` on; empty parts left out."""
        parts = [b'{"first_seq":%d,"run_id":%b' % (first_seq, ENCODER.encode(self.run_id))]
        if self.removed:
            parts.append(b',"removed":' + ENCODER.encode(list(self.removed)))
        for name, elements in (
            (b"events", self.events.values()),
            (b"listings", self.listings.values()),
            (b"changes", [piece.joined() for piece in self.changes.values()]),
        ):
            if elements:
                parts.append(b',"%b":[%b]' % (name, b",".join(elements)))
        if self.confirmed or self.scoped:
            parts.append(b',"confirmed":' + ENCODER.encode(self._confirmed_json()))
        return b"".join(parts) + b"}"

    def kept_frame(self, key: object) -> str | None:
        """Return the frame that `keep_frame` kept: readers of one filter that are level share it."""
        return self._frame[1] if self._frame and self._frame[0] == key else None

    def keep_frame(self, key: object, frame: str) -> None:
        """Keep a whole frame of this content until it changes or is dropped."""
        self._frame = (key, frame)

    def drop_frame(self) -> None:
        """Keep no frame any longer."""
        self._frame = None

    def _confirmed_json(self) -> dict[str, list[dict[str, object]]]:
        groups: dict[tuple[str, datetime, tuple[str, ...]], list[str]] = {}
        for (sportradar_id, bookmaker), at in self.confirmed.items():
            groups.setdefault((bookmaker, at, ()), []).append(sportradar_id)
        for (sportradar_id, bookmaker), by_time in _scopes(self.scoped.items()).items():
            for at, market_ids in by_time.items():
                groups.setdefault((bookmaker, at, tuple(market_ids)), []).append(sportradar_id)
        answer: dict[str, list[dict[str, object]]] = {}
        for (bookmaker, at, market_ids), events in groups.items():
            entry: dict[str, object] = {"at": iso_ms(at), "events": events}
            if market_ids:
                entry["markets"] = market_ids
            answer.setdefault(bookmaker, []).append(entry)
        return answer

    def _measure(self) -> None:
        self.size = sum(map(len, self.events.values())) + sum(map(len, self.listings.values()))
        self.size += sum(map(_size, self.changes.values()))
        self.size += (len(self.confirmed) + len(self.scoped)) * _CONFIRMED_SIZE


def _pop(part: dict[K, V]) -> tuple[K, V]:
    """Take the oldest entry out."""
    key = next(iter(part))
    return key, part.pop(key)


def _size(piece: Piece) -> int:
    return len(piece.body) + len(piece.previous) + 12


def _scopes(
    scoped: Iterable[tuple[tuple[str, str, str], datetime]],
) -> dict[tuple[str, str], dict[datetime, list[str]]]:
    """Return (event, bookmaker) -> time -> the market ids confirmed then."""
    scopes: dict[tuple[str, str], dict[datetime, list[str]]] = {}
    for (sportradar_id, bookmaker, market_id), at in scoped:
        scopes.setdefault((sportradar_id, bookmaker), {}).setdefault(at, []).append(market_id)
    return scopes
