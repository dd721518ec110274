"""The whole state of a filter at one sequence number, in parts that are encoded when somebody pulls them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from overround.api.rendering import Renderer, header_json, listing_row
from overround.api.schemas import ENCODER, iso_ms
from overround.api.ws.filters import OddsFilter
from overround.cache.odds_cache import CachedEvent

PART_BYTES = 60_000  # of elements; with the envelope a part stays below 64 KiB

_KINDS = ("events", "listings", "markets")
_Element = tuple[str, bytes]


class Snapshot:
    """Cached entries are frozen, so holding on to them is holding on to the state."""

    def __init__(
        self,
        seq: int,
        chosen: OddsFilter,
        events: Sequence[CachedEvent],
        bookmakers: Sequence[str],
        renderer: Renderer,
        now: datetime,
    ) -> None:
        """Take the state of `events` at the enabled `bookmakers`; nothing is encoded yet."""
        self.seq, self.now = seq, now
        self._chosen, self._events, self._bookmakers = chosen, events, bookmakers
        self._renderer = renderer
        self._source = self._parts(self._elements())
        self._made: list[bytes | None] = []
        self._done = False
        # Every market of every event is about 100 MB: each reader makes its own, part by part.
        self.shared = chosen.markets is not None or chosen.events is not None

    def part(self, index: int) -> tuple[bytes, bool]:
        """Return `data` of the part at `index` (0 first) and whether it is the last one."""
        while len(self._made) <= index:
            data, self._done = next(self._source)
            self._made.append(data)
        data = self._made[index]
        assert data is not None
        if not self.shared:
            self._made[index] = None
        return data, self._done and index == len(self._made) - 1

    def _elements(self) -> Iterator[_Element]:
        for event in self._events:
            if self._chosen.takes_event(event.header):
                yield "events", ENCODER.encode(header_json(event.header))
                yield from self._listings(event)

    def _listings(self, event: CachedEvent) -> Iterator[_Element]:
        header = event.header
        for bookmaker in self._bookmakers:
            entry = event.listings.get(bookmaker)
            if entry is None or not self._chosen.takes_bookmaker(bookmaker):
                continue
            yield "listings", listing_row(entry, header, self.now)
            for market in entry.markets.values():
                if self._chosen.markets is None or self._chosen.markets.takes(market.key):
                    change = self._renderer.change(header, bookmaker, market, entry.suspect(market))
                    yield "markets", ENCODER.encode(change)

    def _parts(self, elements: Iterable[_Element]) -> Iterator[tuple[bytes, bool]]:
        number, size = 1, 0
        content = _empty()
        for kind, element in elements:
            if size + len(element) > PART_BYTES:
                yield self._part(number, content, last=False), False
                number, size, content = number + 1, 0, _empty()
            content[kind].append(element)
            size += len(element) + 1
        yield self._part(number, content, last=True), True

    def _part(self, number: int, content: dict[str, list[bytes]], last: bool) -> bytes:
        head = b'{"part":%d,"last":%b,"now":"%b"' % (
            number,
            b"true" if last else b"false",
            iso_ms(self.now).encode(),
        )
        return (
            head
            + b"".join(b',"%b":[%b]' % (kind.encode(), b",".join(content[kind])) for kind in _KINDS)
            + b"}"
        )


def _empty() -> dict[str, list[bytes]]:
    return {kind: [] for kind in _KINDS}
