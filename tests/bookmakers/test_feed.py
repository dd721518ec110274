"""The shared feed's ids and specifiers to ours."""

import pytest

from overround.bookmakers.feed import UNKNOWN, FeedTable, PlayerOutcome, player_outcome
from overround.config import packaged_catalogue
from overround.domain.catalogue import load
from overround.domain.markets import MarketKey

# One id that several rows share by minute, a second id whose line is fixed, feed variants of one outcome, players.
VARIANTS = b"""
sport = "football"
feed = ["sportybet"]

[[market]]
id = "1096"
canonical = "multi"
name = "Multi"
kind = "exact-number"
winners = 1
complete = true
ids = { sportybet = ["21"] }
outcomes = [
  { name = "0", feed = "68" },
  { name = "1+", feed = ["74", "97"] },
]

[[market]]
id = "2000"
canonical = "total_after_5"
name = "Total after 5 minutes"
kind = "over-under"
param = "total"
grid = 0.5
winners = 1
complete = true
ids = { sportybet = ["900313", "901"] }
only = { sportybet = { minute = "5" } }
lines = { sportybet = { 901 = "2.5" } }
outcomes = [
  { name = "Over", feed = { "900313" = "30", "901" = "1" } },
  { name = "Under", feed = { "900313" = "31", "901" = "2" } },
]

[[market]]
id = "2001"
canonical = "total_after_10"
name = "Total after 10 minutes"
kind = "over-under"
param = "total"
grid = 0.5
winners = 1
complete = true
ids = { sportybet = ["900313"] }
only = { sportybet = { minute = "10" } }
outcomes = [{ name = "Over", feed = "30" }, { name = "Under", feed = "31" }]

[[market]]
id = "40"
canonical = "scorer"
name = "Scorer"
kind = "player"
complete = false
ids = { sportybet = ["40"] }
outcomes = [{ name = "No Goal", feed = "1716" }]

[[market]]
id = "x-shots"
name = "Shots"
kind = "player-ladder"
complete = false
ids = { sportybet = ["776"] }

[[market]]
id = "x-assists"
name = "Assists"
kind = "player"
param = "count"
grid = 1
complete = false
ids = { sportybet = ["1415"] }
"""


@pytest.fixture(scope="module")
def packaged():
    return FeedTable(packaged_catalogue(), "sportybet")


@pytest.fixture(scope="module")
def variants():
    return FeedTable(load(VARIANTS), "sportybet").of("football")


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
        ("40", "type=prematch", MarketKey("129108")),
        ("38", "goalnr=1|type=prematch", MarketKey("129110", "1")),
        ("775", "variant=pre:playerprops:66457014:96538", MarketKey("x-player_goals_ladder")),
    ],
)
def test_an_id_and_its_specifier_name_one_market_and_line(packaged, market_id, specifier, key):
    """The line is the catalogue's param, from the home side; ids may be numbers."""
    assert [target.key for target in packaged.of("football").resolve(market_id, specifier).targets] == [key]


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
def test_a_known_market_at_an_unreadable_line_is_a_bad_line(packaged, market_id, specifier):
    """It stands at no other line, and says which market of ours is in doubt."""
    resolution = packaged.of("football").resolve(market_id, specifier)
    assert resolution.bad_line_of == {{"18": "5000", "16": "3774", "14": "4724"}[market_id]}
    assert resolution.targets == ()


@pytest.mark.parametrize(
    ("sport", "market_id", "specifier"),
    [
        ("football", "18", "minute=5|total=2.5"),
        ("football", "1", "minute=5"),
        ("football", "60300", None),
        ("football", "01", None),
        ("football", "45", "score=1:0"),
        ("tennis", "18", "total=155.5"),
        ("cricket", "1", None),
        ("", "1", None),
    ],
)
def test_another_market_or_sport_is_unmapped(packaged, sport, market_id, specifier):
    """A specifier key beyond the line makes another market; ids hold within a sport."""
    resolution = packaged.of(sport).resolve(market_id, specifier)
    assert (resolution.targets, resolution.bad_line_of) == ((), frozenset())


@pytest.mark.parametrize(
    ("specifier", "key"),
    [
        ("minute=5|total=0.5", MarketKey("2000", "0.5")),
        ("total=0.5|minute=10", MarketKey("2001", "0.5")),
    ],
)
def test_only_chooses_among_the_markets_of_one_id(variants, specifier, key):
    """One id feeds several rows; the specifier's values say which, in any order."""
    assert [target.key for target in variants.resolve("900313", specifier).targets] == [key]


def test_a_value_that_no_rule_names_is_unmapped(variants):
    """Minute 15 is neither of the two rows."""
    assert variants.resolve("900313", "minute=15|total=0.5").targets == ()


def test_a_substitute_may_lack_the_limiting_key(variants, packaged):
    """Correct score 41 counts only from 0:0; where 45 stands in for it there is no such key."""
    assert [t.key for t in variants.resolve("901", None).targets] == [MarketKey("2000", "2.5")]
    assert variants.resolve("901", "minute=10").targets == ()
    targets = packaged.of("football").resolve("45", None).targets
    assert {(t.key.market_id, t.rank) for t in targets} == {("28000869", 0), ("4429", 1)}


def test_betway_joins_its_specifiers_with_a_tilde():
    """The separator is the bookmaker's."""
    table = FeedTable(load(VARIANTS), "sportybet", separator="~").of("football")
    assert [t.key for t in table.resolve("900313", "minute=5~total=0.5").targets] == [
        MarketKey("2000", "0.5")
    ]


def test_a_fixed_line_stands_in_the_id(variants):
    """The specifier needs no total then, and the second id of a rule ranks second."""
    (target,) = variants.resolve("901", "minute=5").targets
    assert target.key == MarketKey("2000", "2.5")
    assert target.rank == 1


def test_the_last_part_of_an_outcome_id_counts(variants):
    """The feed writes its variant before the id; the tail of a player's id is no outcome id."""
    (target,) = variants.resolve("21", "variant=sr:exact_goals:1+").targets
    for _ in range(2):  # as met first, and as learned
        assert [target.slots[spelt] for spelt in ("sr:exact_goals:1+:68", "68", 68)] == [0, 0, 0]
        assert target.slots["sr:exact_goals:1+:74"] == target.slots["97"] == 1
        for unknown in (
            "69",
            69,
            "sr:player:68",
            "pre:playerprops:71583282:1006665:68",
            "sr:exact_goals:1+:",
            ":",
        ):
            assert target.slots[unknown] == UNKNOWN
    assert target.second_choice == {"97"}


def test_what_was_resolved_does_not_depend_on_what_was_asked_before():
    """The memory is bounded and emptied; answers stay the same."""
    table = FeedTable(packaged_catalogue(), "sportybet").of("football")
    before, slots = table.resolve("18", "total=2.5"), table.resolve("1", None).targets[0].slots
    for n in range(70_000):
        table.resolve("18", f"total=x{n}")
        table.resolve("775", f"variant=pre:playerprops:1:{n}")
        assert slots[f"v{n}:1"] == 0
    assert len(table._known) <= 65_536
    assert len(slots) < 2_000
    assert table.resolve("18", "total=2.5") == before


@pytest.mark.parametrize(
    ("outcome_id", "meant"),
    [
        ("sr:player:796046", PlayerOutcome("796046")),
        ("796046", PlayerOutcome("796046")),
        (796046, PlayerOutcome("796046")),
        ("pre:playerprops:66457014:96538:2", PlayerOutcome("96538", "2")),
        ("sr:player:0", None),
        ("sr:player:", None),
        ("sr:player:1x", None),
        ("pre:playerprops:66457014:96538", None),
        ("pre:playerprops:66457014:96538:2:1", None),
        ("sr:competitor:5", None),
        ("", None),
        (0, None),
        (-5, None),
    ],
)
def test_a_player_is_named_by_his_sportradar_id(outcome_id, meant):
    """Three spellings, nothing else."""
    assert player_outcome(outcome_id) == meant
