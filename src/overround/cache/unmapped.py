"""UnmappedIndex: which of the bookmakers' market types our catalogue lacks, counted as listings come and go."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import msgspec

from overround import metrics
from overround.domain.diff import Unmapped

# A full world has some hundreds of types per bookmaker; what a bookmaker invents beyond this is only counted.
TYPES_KEPT = 5000
ID_CHARACTERS, NAME_CHARACTERS = 200, 200


class UnmappedType(msgspec.Struct):
    """
    A market type of one bookmaker that, at least in part, could not be mapped in some listing now in memory.

    The index changes it in place: look at it within one turn of the loop, and never write to it.
    """

    bookmaker: str
    sport: str
    id: str  # theirs
    name: str  # as last written by them
    first_seen_at: datetime  # since when some listing has had it without a break; a restart begins anew
    last_seen_at: datetime  # newest answer that showed it, an unchanged one included
    sample: str = ""  # sportradar id of a listing that has it, the last confirmed if possible
    events: int = 0  # listings that have it now
    outcomes: int = 0  # its unmapped outcomes in those listings
    times_seen: int = 0  # how often a listing came to have it


class UnmappedTotals(msgspec.Struct, frozen=True):
    """What one bookmaker's listings have that could not be mapped."""

    types: int = 0  # different market types in the index
    outcomes: int = 0  # in all listings, those of dropped types included
    dropped: int = 0  # (listing, market type) pairs that the index has no room for


class _Held(msgspec.Struct, frozen=True):
    """What one listing put in: `rows[i]` counts `gaps[i]`, None where it was dropped."""

    sport: str
    gaps: tuple[Unmapped, ...]
    rows: tuple[UnmappedType | None, ...]


_NOTHING = _Held("", (), ())


class UnmappedIndex:
    """
    One row per (bookmaker, sport, their market id), true after every change without a scan.

    A row lives as long as a listing has its type. Of each bookmaker at most `limit` rows are kept: a listing
    whose type found no room is counted as dropped, and tries again when its list changes. A confirmation
    stamps the rows of its listing at once (0.1 us each): a reader who had to walk over all listings for the
    newest time would hold up the loop for tens of milliseconds.
    """

    def __init__(self, limit: int = TYPES_KEPT) -> None:
        self._limit = limit
        self._rows: dict[str, dict[tuple[str, str], UnmappedType]] = {}  # by bookmaker, then (sport, id)
        self._held: dict[tuple[str, str], _Held] = {}  # by (sportradar id, bookmaker)
        self._outcomes: Counter[str] = Counter()
        self._dropped: Counter[str] = Counter()

    def put(self, listing_id: tuple[str, str], sport: str, gaps: tuple[Unmapped, ...], at: datetime) -> None:
        """Take what an answer fetched at `at` left unmapped in a listing in place of what it had before."""
        held = self._held.get(listing_id, _NOTHING)
        if held.gaps is gaps or not (held.gaps or gaps):
            return
        if held.gaps and held.sport != sport:
            self.forget(listing_id)
            held = _NOTHING
        by_id = {gap.id: gap for gap in gaps}
        before = {gap.id: row for gap, row in zip(held.gaps, held.rows, strict=True)}
        self._count(listing_id, held, -1)
        self._leave(listing_id, (row for their_id, row in before.items() if row and their_id not in by_id))
        kept = tuple(by_id.values()) if len(by_id) < len(gaps) else gaps
        rows = tuple(self._row(listing_id[1], sport, gap, before.get(gap.id), at) for gap in kept)
        self._hold(listing_id, _Held(sport, kept, rows))
        self.confirm(listing_id, at)

    def forget(self, listing_id: tuple[str, str]) -> None:
        """Let a listing leave."""
        if held := self._held.get(listing_id):
            self._count(listing_id, held, -1)
            self._leave(listing_id, (row for row in held.rows if row))
            self._hold(listing_id, _NOTHING)

    def confirm(self, listing_id: tuple[str, str], at: datetime) -> None:
        """Note that an answer fetched at `at` still showed everything that the listing has."""
        for row in self._held.get(listing_id, _NOTHING).rows:
            if row is not None and at >= row.last_seen_at:
                row.last_seen_at = at
                row.sample = listing_id[0]

    def rows(self) -> list[UnmappedType]:
        """Return every row, in no order that means anything."""
        found = [row for rows in self._rows.values() for row in rows.values()]
        if not all(row.sample for row in found):
            self._find_samples()
        return found

    def totals(self, bookmaker: str) -> UnmappedTotals:
        """Return one bookmaker's figures, all 0 when nothing of it is unmapped."""
        return UnmappedTotals(
            len(self._rows.get(bookmaker, ())), self._outcomes[bookmaker], self._dropped[bookmaker]
        )

    def _row(
        self, bookmaker: str, sport: str, gap: Unmapped, row: UnmappedType | None, at: datetime
    ) -> UnmappedType | None:
        """Return the row that counts this type, its own one where the listing had it; None without room."""
        if row is None:
            rows = self._rows.setdefault(bookmaker, {})
            row = rows.get((sport, gap.id))
            if row is None:
                if len(rows) >= self._limit or len(gap.id) > ID_CHARACTERS:
                    return None
                row = rows[sport, gap.id] = UnmappedType(bookmaker, sport, gap.id, gap.name, at, at)
            row.events += 1
            row.times_seen += 1
        row.name = gap.name[:NAME_CHARACTERS]
        return row

    def _leave(self, listing_id: tuple[str, str], rows: Iterable[UnmappedType]) -> None:
        for row in rows:
            row.events -= 1
            if row.sample == listing_id[0]:
                row.sample = ""
            if not row.events:
                del self._rows[row.bookmaker][row.sport, row.id]

    def _hold(self, listing_id: tuple[str, str], held: _Held) -> None:
        if held.gaps:
            self._held[listing_id] = held
            self._count(listing_id, held, 1)
        else:
            self._held.pop(listing_id, None)
        bookmaker = listing_id[1]
        metrics.UNMAPPED_TYPES.labels(bookmaker).set(len(self._rows.get(bookmaker, ())))
        metrics.UNMAPPED_OUTCOMES.labels(bookmaker).set(self._outcomes[bookmaker])

    def _count(self, listing_id: tuple[str, str], held: _Held, sign: int) -> None:
        """Add a listing's outcomes and drops to the sums, or take them out again."""
        bookmaker, dropped, outcomes = listing_id[1], 0, 0
        for gap, row in zip(held.gaps, held.rows, strict=True):
            outcomes += gap.outcomes
            if row is None:
                dropped += 1
            else:
                row.outcomes += sign * gap.outcomes
        self._outcomes[bookmaker] += sign * outcomes
        self._dropped[bookmaker] += sign * dropped

    def _find_samples(self) -> None:
        """Give rows whose sample left another one; confirmations do it in passing, so this is rare."""
        for (sportradar_id, _), held in self._held.items():
            for row in held.rows:
                if row is not None and not row.sample:
                    row.sample = sportradar_id
