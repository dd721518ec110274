"""UnmappedIndex: equal to a recount after anything, bounded, and stamped by confirmations."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from overround.cache.odds_cache import OddsCache
from overround.cache.unmapped import UnmappedIndex, UnmappedTotals
from overround.domain.diff import Changes, Confirmation, ListingChanges, Unmapped
from overround.domain.events import Listing, ListingState
from tests.support.changes import header
from tests.support.clock import START

EVENTS, BOOKMAKERS = ("1", "2", "3"), ("betpawa", "bet9ja")
SPORTS = {"1": "football", "2": "football", "3": "basketball"}
COVERED = ("open", "unknown")

gaps = st.lists(
    st.builds(Unmapped, st.sampled_from("abcd"), st.sampled_from(("One", "Two")), st.integers(1, 9)),
    unique_by=lambda gap: gap.id,
    max_size=4,
).map(tuple)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.sampled_from(EVENTS), st.sampled_from(BOOKMAKERS), gaps),
        st.tuples(st.just("confirm"), st.sampled_from(EVENTS), st.sampled_from(BOOKMAKERS), st.none()),
        st.tuples(
            st.just("state"), st.sampled_from(EVENTS), st.sampled_from(BOOKMAKERS),
            st.sampled_from(("open", "started", "withdrawn", "unknown")),
        ),
        st.tuples(st.just("evict"), st.sampled_from(EVENTS), st.none(), st.none()),
    ),
    max_size=25,
)  # fmt: skip


class Book:
    """A cache and the times at which each listing last showed each of its types."""

    def __init__(self, limit: int | None = None) -> None:
        self.cache, self.at = OddsCache(), START
        if limit is not None:
            self.cache.unmapped = UnmappedIndex(limit)

    def do(self, step: str, event: str, bookmaker: str | None, what: object) -> None:
        self.at += timedelta(seconds=1)
        if step == "evict":
            self._apply(removed=(event,))
        elif step == "confirm":
            self._apply(confirmed=(Confirmation(event, bookmaker or "", self.at),))
        elif step == "answer":
            assert isinstance(what, tuple)
            self.answer(event, bookmaker or "", what)
        else:
            self.move(event, bookmaker or "", what)  # type: ignore[arg-type]

    def answer(self, event: str, bookmaker: str, unmapped: tuple[Unmapped, ...]) -> None:
        """Accept an answer as intake does: the list of gaps travels when it changed, the confirmation always."""
        before = self.cache.listing(event, bookmaker)
        listing = None if before else Listing(event, bookmaker, "own")
        top = msgspec.structs.replace(header(event), sport=SPORTS.get(event, "football"))
        told = unmapped if before is None or before.unmapped != unmapped else None
        change = ListingChanges(event, bookmaker, self.at, top, listing, unmapped=told)
        self._apply((change,), (Confirmation(event, bookmaker, self.at),))

    def move(self, event: str, bookmaker: str, state: ListingState) -> None:
        """Put a known listing into a state."""
        if before := self.cache.listing(event, bookmaker):
            listing = msgspec.structs.replace(before.listing, state=state)
            self._apply((ListingChanges(event, bookmaker, self.at, listing=listing),))

    def recount(self) -> dict[tuple[str, str, str], tuple[int, int, datetime]]:
        """Return (bookmaker, sport, id) -> events, outcomes and the newest confirmation, by looking at everything."""
        found: dict[tuple[str, str, str], list[tuple[int, datetime]]] = {}
        for event, bookmaker, entry in self.listings():
            for gap in entry.unmapped:
                key = (bookmaker, event.header.sport, gap.id)
                found.setdefault(key, []).append((gap.outcomes, entry.confirmed_at))
        return {
            key: (len(each), sum(outcomes for outcomes, _ in each), max(at for _, at in each))
            for key, each in found.items()
        }

    def listings(self) -> Sequence[tuple]:
        return [
            (event, bookmaker, entry)
            for event in self.cache
            for bookmaker, entry in event.listings.items()
            if entry.listing.state in COVERED
        ]

    def _apply(self, listings=(), confirmed=(), removed=()) -> None:
        self.cache.apply(Changes(1, None, self.at, listings, confirmed, removed))


@given(steps)
def test_the_index_equals_a_recount(script):
    """I15: after any sequence of answers, confirmations, states and evictions, without looking at everything."""
    book = Book()
    for step in script:
        book.do(*step)
        assert_equals_a_recount(book)


def assert_equals_a_recount(book: Book) -> None:
    rows = {(row.bookmaker, row.sport, row.id): row for row in book.cache.unmapped.rows()}
    expected = book.recount()
    assert {key: (row.events, row.outcomes) for key, row in rows.items()} == {
        key: (events, outcomes) for key, (events, outcomes, _) in expected.items()
    }
    for key, row in rows.items():
        assert START < row.first_seen_at <= row.last_seen_at <= book.at
        assert row.last_seen_at >= expected[key][2]
        assert row.times_seen >= row.events
        sample = book.cache.listing(row.sample, row.bookmaker)
        assert sample is not None and sample.is_covered and row.id in {gap.id for gap in sample.unmapped}
    for bookmaker in BOOKMAKERS:
        kept = [row for row in rows.values() if row.bookmaker == bookmaker]
        outcomes = sum(row.outcomes for row in kept)
        assert book.cache.unmapped.totals(bookmaker) == UnmappedTotals(len(kept), outcomes, 0)


@given(steps, st.integers(0, 3))
def test_a_full_index_drops_and_counts(script, limit):
    """Endless ids don't grow it; what it doesn't show is in `dropped`, and nothing is counted twice."""
    book = Book(limit)
    for step in script:
        book.do(*step)
    rows = book.cache.unmapped.rows()
    for bookmaker in BOOKMAKERS:
        kept = [row for row in rows if row.bookmaker == bookmaker]
        there = [entry.unmapped for _, code, entry in book.listings() if code == bookmaker]
        every = list(chain.from_iterable(there))
        totals = book.cache.unmapped.totals(bookmaker)
        assert len(kept) <= limit and totals.types == len(kept)
        assert sum(row.events for row in kept) + totals.dropped == len(every)
        assert totals.outcomes == sum(gap.outcomes for gap in every)
        assert all(row.events > 0 and row.outcomes > 0 for row in kept)


def types(book: Book) -> dict[str, tuple[int, int]]:
    return {row.id: (row.events, row.outcomes) for row in book.cache.unmapped.rows()}


def test_room_that_becomes_free_is_used():
    """A listing whose type was dropped gets its row when its list changes."""
    book = Book(limit=1)
    book.answer("1", "betpawa", (Unmapped("a", "A", 2),))
    book.answer("2", "betpawa", (Unmapped("b", "B", 3),))
    assert (types(book), book.cache.unmapped.totals("betpawa").dropped) == ({"a": (1, 2)}, 1)
    book.answer("1", "betpawa", ())
    book.answer("2", "betpawa", (Unmapped("b", "B", 4),))
    assert (types(book), book.cache.unmapped.totals("betpawa").dropped) == ({"b": (1, 4)}, 0)


def test_long_texts_take_no_room():
    """An id beyond reason is dropped, a name is cut."""
    book = Book()
    book.answer("1", "betpawa", (Unmapped("a" * 100_000, "A", 2), Unmapped("b", "B" * 100_000, 1)))
    (row,) = book.cache.unmapped.rows()
    assert (row.id, len(row.name), book.cache.unmapped.totals("betpawa").dropped) == ("b", 200, 1)


def test_an_id_that_stands_twice_counts_once():
    """Parsers make one row per id; one that doesn't must not make the sums drift."""
    book = Book()
    book.answer("1", "betpawa", (Unmapped("a", "A", 2), Unmapped("a", "A", 3)))
    assert types(book) == {"a": (1, 3)}
    book.answer("1", "betpawa", (Unmapped("b", "B", 1),))
    assert types(book) == {"b": (1, 1)}


def test_an_unchanged_answer_is_a_sighting():
    """`last_seen_at` follows confirmations of the whole listing; one of a few markets says nothing of the rest."""
    book = Book()
    book.answer("1", "betpawa", (Unmapped("a", "A", 2),))
    book.answer("2", "betpawa", (Unmapped("a", "A", 2),))
    later = START + timedelta(minutes=5)
    book._apply(confirmed=(Confirmation("1", "betpawa", later, ("3743",)),))
    (row,) = book.cache.unmapped.rows()
    assert (row.last_seen_at, row.sample, row.times_seen) == (START, "2", 2)
    book._apply(confirmed=(Confirmation("1", "betpawa", later),))
    assert (row.first_seen_at, row.last_seen_at, row.sample, row.times_seen) == (START, later, "1", 2)


def test_a_sample_that_left_is_replaced():
    """Whoever follows it finds the market."""
    book = Book()
    for event in ("1", "2"):
        book.answer(event, "betpawa", (Unmapped("a", "A", 2),))
    assert [row.sample for row in book.cache.unmapped.rows()] == ["2"]
    book._apply(removed=("2",))
    assert [row.sample for row in book.cache.unmapped.rows()] == ["1"]


@pytest.mark.parametrize("state", ["started", "withdrawn"])
def test_coverage_leaves_out_what_is_over(state):
    """A listing that started or was withdrawn keeps its list but is not counted."""
    book = Book()
    book.answer("1", "betpawa", (Unmapped("a", "A", 2),))
    book.move("1", "betpawa", state)
    assert types(book) == {}
    entry = book.cache.listing("1", "betpawa")
    assert entry and entry.unmapped


def test_a_listing_found_again_by_a_list_was_seen_when_it_last_answered():
    """A discovery doesn't show the markets, so it can't make them look fresh."""
    book = Book()
    book.answer("1", "betpawa", (Unmapped("a", "A", 2),))
    book.move("1", "betpawa", "withdrawn")
    book.at += timedelta(hours=1)
    book.move("1", "betpawa", "unknown")
    (row,) = book.cache.unmapped.rows()
    assert row.last_seen_at == START


def test_the_gauges_follow_every_change():
    """An operator's alarm on unmapped outcomes needs no reader of the API."""

    def gauges() -> tuple[float | None, float | None]:
        types, outcomes = (f"overround_unmapped_{what}" for what in ("types", "outcomes"))
        labels = {"bookmaker": "gauged"}
        return REGISTRY.get_sample_value(types, labels), REGISTRY.get_sample_value(outcomes, labels)

    book = Book()
    book.answer("1", "gauged", (Unmapped("a", "A", 2), Unmapped("b", "B", 3)))
    assert gauges() == (2, 5)
    book.answer("1", "gauged", (Unmapped("b", "B", 1),))
    assert gauges() == (1, 1)
    book._apply(removed=("1",))
    assert gauges() == (0, 0)
