"""OddsCache: swaps whole entries, keeps true ages, counts what it holds."""

from datetime import timedelta
from itertools import pairwise

import msgspec
from hypothesis import given

from overround.cache.odds_cache import OddsCache
from overround.domain.current import CurrentListing
from overround.domain.diff import Changes, Confirmation, ListingChanges, Unmapped, diff
from overround.domain.events import EventHeader, Listing, competition
from overround.domain.markets import MarketKey
from overround.domain.settle import settle
from tests.support.api import CATALOGUE
from tests.support.books import histories, parsed
from tests.support.clock import START

HEADER = EventHeader(
    "1",
    "Enyimba",
    "Rangers",
    START + timedelta(hours=3),
    competition("football", "Nigeria", "NPFL"),
    "football",
    "betpawa",
)
LISTING = Listing("1", "betpawa", "own-1")
KEY = MarketKey("3743")


def batch(*listings: ListingChanges, confirmed=(), removed=()) -> Changes:
    return Changes(1, None, START, listings, confirmed, removed)


def first(odds=(2.4, 3.1, 3.0), at=START) -> ListingChanges:
    return ListingChanges(
        "1", "betpawa", at, HEADER, LISTING, diff({}, settle({}, [parsed("3743", list(odds))], at))
    )


@given(histories())
def test_the_cache_holds_what_the_changes_say(states):
    """I4: applying every batch in turn ends in the last settled state."""
    cache = OddsCache()
    cache.apply(batch(ListingChanges("1", "betpawa", START, HEADER, LISTING)))
    for old, new in pairwise(states):
        cache.apply(batch(ListingChanges("1", "betpawa", START, markets=diff(old, new))))
    assert cache.listing("1", "betpawa").markets == states[-1]


def test_a_reader_keeps_the_state_it_read():
    """Entries are swapped, never changed in place."""
    cache = OddsCache()
    cache.apply(batch(first()))
    before = cache.event("1")
    moved = settle(
        before.listings["betpawa"].markets, [parsed("3743", [2.3, 3.1, 3.1])], START + timedelta(minutes=1)
    )
    cache.apply(
        batch(
            ListingChanges(
                "1",
                "betpawa",
                START + timedelta(minutes=1),
                markets=diff(before.listings["betpawa"].markets, moved),
            )
        )
    )
    assert before.listings["betpawa"].markets[KEY].odds_milli == (2400, 3100, 3000)
    assert cache.listing("1", "betpawa").markets[KEY].odds_milli == (2300, 3100, 3100)
    assert cache.event("1").revision > before.revision


def test_a_full_confirmation_makes_the_listing_fresh_and_changes_nothing_else():
    """Age and change are two things."""
    cache = OddsCache()
    cache.apply(batch(first()))
    cache.apply(batch(confirmed=(Confirmation("1", "betpawa", START + timedelta(minutes=5)),)))
    entry = cache.listing("1", "betpawa")
    assert (entry.confirmed_at, entry.changed_at) == (START + timedelta(minutes=5), START)


def test_a_scoped_confirmation_makes_only_its_markets_fresh():
    """A list answer says nothing of the other markets' age."""
    cache = OddsCache()
    cache.apply(batch(first(), confirmed=(Confirmation("1", "betpawa", START),)))
    later = START + timedelta(minutes=5)
    cache.apply(batch(confirmed=(Confirmation("1", "betpawa", later, ("3743",)),)))
    entry = cache.listing("1", "betpawa")
    assert (entry.fresh_at(MarketKey("3743")), entry.fresh_at(MarketKey("5000", "2.5"))) == (later, START)


def test_an_older_confirmation_does_not_make_prices_older():
    """Answers may arrive out of order."""
    cache = OddsCache()
    cache.apply(batch(first(), confirmed=(Confirmation("1", "betpawa", START),)))
    cache.apply(batch(confirmed=(Confirmation("1", "betpawa", START - timedelta(minutes=5)),)))
    assert cache.listing("1", "betpawa").confirmed_at == START


def test_a_change_of_an_evicted_event_is_ignored():
    """Its batch may have waited while the event left."""
    cache = OddsCache()
    cache.apply(batch(first()))
    cache.apply(batch(removed=("1",)))
    cache.apply(batch(msgspec.structs.replace(first(), header=None, listing=None)))
    assert cache.event("1") is None and len(cache) == 0


def test_events_leave_after_the_grace():
    """Two hours after kickoff nobody looks at prematch prices."""
    cache = OddsCache()
    cache.apply(batch(first()))
    grace = timedelta(hours=2)
    assert cache.evictable(HEADER.kickoff_at + grace, grace) == []
    assert cache.evictable(HEADER.kickoff_at + grace + timedelta(seconds=1), grace) == ["1"]


def test_warm_up_keeps_true_ages():
    """Old data may never look like new data."""
    cache = OddsCache()
    markets = settle({}, [parsed("3743", [2.4, 3.1, 3.0])], START)
    cache.load(
        [
            CurrentListing(
                HEADER,
                LISTING,
                START - timedelta(hours=1),
                START - timedelta(hours=2),
                tuple(markets.values()),
            )
        ]
    )
    entry = cache.listing("1", "betpawa")
    assert (entry.confirmed_at, entry.changed_at, dict(entry.markets)) == (
        START - timedelta(hours=1),
        START - timedelta(hours=2),
        markets,
    )


def test_unmapped_markets_are_kept_with_the_listing():
    """I15: what could not be mapped is counted and listed."""
    cache = OddsCache()
    cache.apply(batch(first()))
    unmapped = (Unmapped("S_NCORN", "Number Corner", 15),)
    cache.apply(batch(ListingChanges("1", "betpawa", START, unmapped=unmapped)))
    assert cache.listing("1", "betpawa").unmapped == unmapped


def test_of_what_could_not_be_mapped_it_is_known_which_markets_it_may_be():
    """The catalogue's own ids, with the bookmaker's words; what the catalogue does not know may be anything."""
    cache = OddsCache(CATALOGUE)
    cache.apply(batch(first()))
    unmapped = (Unmapped("3743", "1X2 | Full Time, in a new dress", 3), Unmapped("31337", "Dance-off", 2))
    cache.apply(batch(ListingChanges("1", "betpawa", START, unmapped=unmapped)))
    assert cache.listing("1", "betpawa").unread == {"3743": "1X2 | Full Time, in a new dress"}
    cache.apply(batch(ListingChanges("1", "betpawa", START, unmapped=())))
    assert cache.listing("1", "betpawa").unread == {}


def test_statistics_count_and_estimate():
    """An operator sees what the memory is spent on."""
    cache = OddsCache()
    cache.apply(batch(first()))
    stats = cache.stats()
    assert (stats.events, stats.listings, stats.markets) == (1, 1, 1)
    assert stats.estimated_bytes > 100
