"""SportyBet's ids and specifiers to ours."""

import pytest

from overround.bookmakers.sportybet.markets import MarketTable
from overround.config import packaged_catalogue
from overround.domain.catalogue import load
from overround.domain.markets import MarketKey

VARIANTS = b"""
[[market]]
id = "1096"
canonical = "multi"
name = "Multi"
sport = "football"
groups = []
kind = "exact-number"
param = ""
winners = 1
complete = true
outcomes = ["0", "1+"]
[market.books.sportybet]
only = { variant = "sr:exact_goals:1+" }
[market.books.sportybet.ids.21]
"68" = "0"
"sr:exact_goals:1+:69" = "1+"

[[market]]
id = "2000"
canonical = "total_after_five"
name = "Total after 5 minutes"
sport = "football"
groups = []
kind = "over-under"
param = "total"
winners = 1
complete = true
outcomes = ["Over", "Under"]
[market.books.sportybet]
only = { minute = "5" }
fixed_lines = { 901 = "2.5" }
[market.books.sportybet.ids.900313]
"30" = "Over"
"31" = "Under"
[market.books.sportybet.ids.901]
"1" = "Over"
"2" = "Under"

[[market]]
id = "2001"
canonical = "total_after_ten"
name = "Total after 10 minutes"
sport = "football"
groups = []
kind = "over-under"
param = "total"
winners = 1
complete = true
outcomes = ["Over", "Under"]
[market.books.sportybet]
only = { minute = "10" }
[market.books.sportybet.ids.900313]
"30" = "Over"
"31" = "Under"
"""


@pytest.fixture(scope="module")
def table():
    return MarketTable(packaged_catalogue())


@pytest.fixture(scope="module")
def variants():
    return MarketTable(load(VARIANTS))


@pytest.mark.parametrize(
    ("market_id", "specifier", "key"),
    [
        ("1", None, MarketKey("3743")),
        ("1", "", MarketKey("3743")),
        (1, None, MarketKey("3743")),
        ("18", "total=2.5", MarketKey("5000", "2.5")),
        ("18", "total=2.50", MarketKey("5000", "2.5")),
        ("18", "total=3", MarketKey("5000", "3")),
        ("16", "hcp=-0.5", MarketKey("3774", "-0.5")),
        ("16", "hcp=+1", MarketKey("3774", "1")),
        ("16", "hcp=-0", MarketKey("3774", "0")),
        ("14", "hcp=0:1", MarketKey("4724", "-1")),
        ("14", "hcp=2:0", MarketKey("4724", "2")),
        ("14", "hcp=1:1", MarketKey("4724", "0")),
    ],
)
def test_an_id_and_its_specifier_name_one_market_and_line(table, market_id, specifier, key):
    """The line is the catalogue's param, from the home side; ids may be numbers."""
    assert [target.key for target in table.resolve("football", market_id, specifier).targets] == [key]


@pytest.mark.parametrize(
    ("market_id", "specifier"),
    [
        ("18", None),
        ("18", "total="),
        ("18", "total=many"),
        ("18", "total=1_0"),
        ("18", "total=\u0662.\u0665"),
        ("18", "total=1e3"),
        ("18", "total=NaN"),
        ("18", "total=2.5|total=3.5"),
        ("18", "2.5"),
        ("16", "hcp=0:1"),
        ("14", "hcp=-1"),
        ("14", "hcp=0:1:2"),
    ],
)
def test_a_known_market_at_an_unreadable_line_is_a_bad_line(table, market_id, specifier):
    """It is refused and counted, and stands at no other line."""
    resolution = table.resolve("football", market_id, specifier)
    assert resolution.bad_line
    assert resolution.targets == ()


@pytest.mark.parametrize(
    ("sport", "market_id", "specifier"),
    [
        ("football", "18", "minute=5|total=2.5"),
        ("football", "1", "minute=5"),
        ("football", "60200", None),
        ("football", "01", None),
        ("basketball", "18", "total=155.5"),
        ("", "1", None),
    ],
)
def test_another_market_or_sport_is_unmapped(table, sport, market_id, specifier):
    """A specifier key beyond the line makes another market; ids hold within a sport."""
    resolution = table.resolve(sport, market_id, specifier)
    assert resolution.targets == ()
    assert not resolution.bad_line


@pytest.mark.parametrize(
    ("specifier", "key"),
    [
        ("minute=5|total=0.5", MarketKey("2000", "0.5")),
        ("total=0.5|minute=10", MarketKey("2001", "0.5")),
    ],
)
def test_only_chooses_among_the_markets_of_one_id(variants, specifier, key):
    """One id feeds several rows; the specifier's values say which, in any order."""
    assert [target.key for target in variants.resolve("football", "900313", specifier).targets] == [key]


def test_a_value_that_no_rule_names_is_unmapped(variants):
    """Minute 15 is neither of the two rows."""
    assert variants.resolve("football", "900313", "minute=15|total=0.5").targets == ()


def test_a_fixed_line_stands_in_the_id(variants):
    """The specifier needs no total then, and the second id of a rule ranks second."""
    (target,) = variants.resolve("football", "901", "minute=5").targets
    assert target.key == MarketKey("2000", "2.5")
    assert target.rank == 1


def test_the_last_part_of_an_outcome_id_counts_where_the_catalogue_has_no_prefix(variants):
    """The feed writes its variant before the id; the tail of a player's id is no outcome id."""
    (target,) = variants.resolve("football", "21", "variant=sr:exact_goals:1+").targets
    assert target.slot("sr:exact_goals:1+:68") == 0
    assert target.slot("68") == target.slot(68) == 0
    assert target.slot("sr:exact_goals:1+:69") == 1
    assert target.slot("69") is None
    assert target.slot("sr:player:68") is None
    assert target.slot("pre:playerprops:71583282:1006665:68") is None


def test_what_was_resolved_does_not_depend_on_what_was_asked_before():
    """The memo is bounded and emptied; answers stay the same."""
    table = MarketTable(packaged_catalogue())
    before = table.resolve("football", "18", "total=2.5")
    for n in range(70_000):
        table.resolve("football", "18", f"total=x{n}")
    assert len(table._known) <= 65_536
    assert table.resolve("football", "18", "total=2.5") == before
