"""Numbers for listings, market keys and outcome sets (I3)."""

import pytest

from overround.domain.markets import MarketKey
from overround.errors import StorageError
from overround.storage.identities import Identities, StoredIdentities


def test_numbers_are_counted_up_from_one():
    """The producer numbers, not the database: it may be away."""
    ids = Identities()
    assert [ids.listing_id(("1", code)) for code in ("betpawa", "bet9ja", "betpawa")] == [1, 2, 1]


def test_a_market_key_means_something_within_its_sport_only():
    """BetPawa's market ids are scoped by sport."""
    ids = Identities()
    key = MarketKey("5000", "2.5")
    assert ids.market_key_id(("football", key)) != ids.market_key_id(("basketball", key))


def test_other_names_make_another_outcome_set():
    """A set is never changed: old history rows must go on meaning what they meant."""
    ids = Identities()
    first = ids.outcome_set_id(("Over", "Under"))
    assert ids.outcome_set_id(("Over", "Under", "Exactly")) != first
    assert ids.outcome_set_id(("Under", "Over")) != first
    assert ids.outcome_sets.key(first) == ("Over", "Under")


def test_counting_goes_on_behind_what_the_database_holds():
    """A number that was used is never used for something else."""
    ids = Identities()
    ids.restore(StoredIdentities(listings=[(7, ("1", "betpawa"))], outcome_sets=[(3, ("Yes", "No"))]))
    assert ids.listing_id(("1", "betpawa")) == 7
    assert ids.listing_id(("2", "betpawa")) == 8
    assert ids.outcome_set_id(("1", "X", "2")) == 4


def test_a_number_that_only_prices_still_mention_is_not_given_again():
    """Retention may have removed a listing before its history."""
    ids = Identities()
    ids.restore(StoredIdentities(listings=[(7, ("1", "betpawa"))], last_listing=20))
    assert ids.listing_id(("2", "betpawa")) == 21


@pytest.mark.parametrize("second", [(7, ("2", "betpawa")), (8, ("1", "betpawa"))])
def test_a_number_that_means_two_things_is_refused(second: tuple[int, tuple[str, str]]):
    """Reading on would show one match's prices under another."""
    ids = Identities()
    with pytest.raises(StorageError, match="stands for two things"):
        ids.restore(StoredIdentities(listings=[(7, ("1", "betpawa")), second]))


def test_an_unknown_number_is_an_error():
    """The spool belongs to another database."""
    with pytest.raises(StorageError, match="market key 5 is in neither"):
        Identities().market_keys.key(5)
