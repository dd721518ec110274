"""The cache's outlier flags: kept step by step, always those that comparing everything anew would give."""

from datetime import timedelta

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from overround.cache.odds_cache import OddsCache
from overround.config import packaged_catalogue
from overround.domain.current import CurrentListing
from overround.domain.diff import Changes, ListingChanges, diff
from overround.domain.events import Listing
from overround.domain.markets import MarketKey
from overround.domain.outliers import outliers
from overround.domain.sanity import Sanity
from overround.domain.settle import settle, withdraw
from tests.support.books import parsed
from tests.support.changes import header
from tests.support.clock import START

CATALOGUE = packaged_catalogue()
SANITY = Sanity(CATALOGUE)
EVENTS = ("1", "2")
BOOKMAKERS = ("betpawa", "sportybet", "bet9ja")
BOTH, TOTAL = MarketKey("3795"), MarketKey("5000", "2.5")
BOOKS = {
    BOTH: [[1.9, 1.9], [1.2, 4.0], [4.0, 1.2], [5.0, 5.0], [1.9, 0]],
    TOTAL: [[1.9, 1.9], [1.2, 4.0], [4.0, 1.2]],
}

bookmakers, events = st.sampled_from(BOOKMAKERS), st.sampled_from(EVENTS)
books = st.fixed_dictionaries({}, optional={key: st.sampled_from(odds) for key, odds in BOOKS.items()})
answered = st.fixed_dictionaries({}, optional=dict.fromkeys(BOOKMAKERS, books))


def recomputed(cache: OddsCache) -> dict[tuple[str, str], set[MarketKey]]:
    """Return every flag there should be, from the cache's markets and listing states alone."""
    flags: dict[tuple[str, str], set[MarketKey]] = {}
    for event in cache:
        for key in (BOTH, TOTAL):
            offered = {
                code: entry.markets[key]
                for code, entry in event.listings.items()
                if entry.listing.state == "open" and key in entry.markets
            }
            for code in outliers(offered, CATALOGUE.find(key.market_id)):
                flags.setdefault((event.header.sportradar_id, code), set()).add(key)
    return flags


def flags_of(cache: OddsCache) -> dict[tuple[str, str], set[MarketKey]]:
    return {
        (event.header.sportradar_id, code): set(entry.outliers)
        for event in cache
        for code, entry in event.listings.items()
        if entry.outliers
    }


class Flags(RuleBasedStateMachine):
    """Answers, states and evictions in any order, several listings in one batch or one."""

    def __init__(self) -> None:
        super().__init__()
        self.cache = OddsCache(CATALOGUE)
        self.told: dict[tuple[str, str], set[MarketKey]] = {}  # what a reader of the batches knows
        self.waiting: list[ListingChanges] = []
        self.step = 0

    def known(self, event, bookmaker):
        """Return the listing's newest state."""
        entry = self.cache.listing(event, bookmaker)
        return (entry.listing, entry.markets) if entry else (None, {})

    @initialize(event=events, odd=books)
    def begin_with_an_odd_one_out(self, event, odd):
        for bookmaker in BOOKMAKERS:
            self.answer(
                event, bookmaker, odd if bookmaker == "bet9ja" else {BOTH: [1.9, 1.9], TOTAL: [1.9, 1.9]}
            )

    @rule(event=events, bookmaker=bookmakers, book=books)
    def answer(self, event, bookmaker, book):
        at = START + timedelta(seconds=self.step)
        listing, old = self.known(event, bookmaker)
        answers = [parsed(key.market_id, odds, key.line) for key, odds in book.items()]
        new = SANITY.review("football", old, settle(old, answers, at), at)
        opened = Listing(event, bookmaker, "own", "open")
        self.add(event, bookmaker, opened if opened != listing else None, diff(old, new))

    @rule(
        event=events, bookmaker=bookmakers, state=st.sampled_from(["open", "started", "withdrawn", "unknown"])
    )
    def move(self, event, bookmaker, state):
        listing, old = self.known(event, bookmaker)
        new = withdraw(old, START) if state == "withdrawn" else old
        moved = Listing(event, bookmaker, "own", state)
        if moved != listing:
            self.add(event, bookmaker, moved, diff(old, new))

    @rule(event=events, of=answered)
    def answers_in_one_batch(self, event, of):
        at = START + timedelta(seconds=self.step)
        for bookmaker, book in of.items():
            listing, old = self.known(event, bookmaker)
            if listing is not None:
                answers = [parsed(key.market_id, odds, key.line) for key, odds in book.items()]
                new = SANITY.review("football", old, settle(old, answers, at), at)
                self.waiting.append(self.change(event, bookmaker, None, diff(old, new)))
        self.close()

    @rule(event=events)
    def evict(self, event):
        self.accept(Changes(0, None, START, removed=(event,)))
        self.told = {key: flags for key, flags in self.told.items() if key[0] != event}

    def add(self, event, bookmaker, listing, markets):
        self.waiting.append(self.change(event, bookmaker, listing, markets))
        self.close()

    def change(self, event, bookmaker, listing, markets):
        first = header(event) if self.cache.event(event) is None else None
        return ListingChanges(event, bookmaker, START + timedelta(seconds=self.step), first, listing, markets)

    def close(self):
        if self.waiting:
            self.accept(Changes(1, None, START, tuple(self.waiting)))
            self.waiting = []

    def accept(self, changes):
        self.step += 1
        applied = self.cache.apply(changes)
        assert msgspec.structs.replace(applied, flagged=()) == changes
        for flip in applied.flagged:
            flags = self.told.setdefault((flip.sportradar_id, flip.bookmaker), set())
            assert flip.outlier != (flip.market.key in flags)  # nothing is told twice
            (flags.add if flip.outlier else flags.remove)(flip.market.key)
            assert (
                flip.market is self.cache.listing(flip.sportradar_id, flip.bookmaker).markets[flip.market.key]
            )

    @invariant()
    def the_flags_are_those_of_a_full_comparison(self):
        assert flags_of(self.cache) == recomputed(self.cache)

    @invariant()
    def who_followed_the_batches_knows_them_all(self):
        assert {key: flags for key, flags in self.told.items() if flags} == flags_of(self.cache)

    @invariant()
    def records_know_nothing_of_them(self):
        assert not any(
            "outlier" in market.suspect
            for event in self.cache
            for entry in event.listings.values()
            for market in entry.markets.values()
        )

    @invariant()
    def a_restart_finds_the_same(self):
        warm = OddsCache(CATALOGUE)
        warm.load(
            CurrentListing(event.header, entry.listing, None, None, tuple(entry.markets.values()))
            for event in self.cache
            for entry in event.listings.values()
        )
        assert flags_of(warm) == flags_of(self.cache)


TestFlags = Flags.TestCase
TestFlags.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def accepted(cache: OddsCache, bookmaker: str, odds: list[float]) -> Changes:
    entry = cache.listing("1", bookmaker)
    old = entry.markets if entry else {}
    listing = None if entry else Listing("1", bookmaker, "own")
    first = header("1") if cache.event("1") is None else None
    new = settle(old, [parsed("3795", odds)], START)
    return cache.apply(
        Changes(1, None, START, (ListingChanges("1", bookmaker, START, first, listing, diff(old, new)),))
    )


def test_the_third_bookmaker_makes_an_outlier_of_the_first():
    """Its record stays the very same object; the entry beside it says so, and the event has a new revision."""
    cache = OddsCache(CATALOGUE)
    accepted(cache, "betpawa", [4.0, 1.2])
    accepted(cache, "sportybet", [1.9, 1.9])
    before, revision = cache.listing("1", "betpawa"), cache.event("1").revision
    (flip,) = accepted(cache, "bet9ja", [1.9, 1.9]).flagged
    entry = cache.listing("1", "betpawa")
    assert (flip.bookmaker, flip.outlier, flip.market) == ("betpawa", True, before.markets[BOTH])
    assert entry.markets is before.markets
    assert (entry.suspect(entry.markets[BOTH]), entry.markets[BOTH].suspect) == (("outlier",), ())
    assert cache.event("1").revision > revision
    assert before.suspect(before.markets[BOTH]) == ()  # who read before keeps what was read


def test_a_batch_that_flags_nothing_is_handed_on_as_it_is():
    """Nearly all of them."""
    cache = OddsCache(CATALOGUE)
    assert accepted(cache, "betpawa", [1.9, 1.9]).flagged == ()


def test_without_a_catalogue_nobody_is_compared():
    """There is no telling how many outcomes win."""
    cache = OddsCache()
    for bookmaker, odds in (("betpawa", [4.0, 1.2]), ("sportybet", [1.9, 1.9]), ("bet9ja", [1.9, 1.9])):
        assert accepted(cache, bookmaker, odds).flagged == ()
