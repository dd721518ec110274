"""Our markets in the shared feed's words: what is written is what `FeedTable` resolves."""

import pytest

from overround.bookmakers.base import Quote, SimulatedPlayer
from overround.bookmakers.feed import FeedTable
from overround.bookmakers.feed_writing import merged, written_market
from overround.config import packaged_catalogue
from overround.domain.catalogue import load
from overround.domain.markets import MarketKey

CATALOGUE = packaged_catalogue()
KYLIAN = SimulatedPlayer("Kylian Mbappe", "12345", "home")


def written(market_id, line, names, bookmaker="betway", players=(), separator="~"):
    kind = CATALOGUE.find(market_id)
    quotes = {name: Quote(2000) for name in names}
    by_name = {player.name: player for player in players}
    return written_market(kind, kind.books[bookmaker], MarketKey(market_id, line), quotes, by_name, separator)


@pytest.mark.parametrize(
    ("market_id", "line", "their_id", "specifier"),
    [
        ("3743", "", "1", ""),
        ("5000", "2.5", "18", "total=2.5"),
        ("4724", "-1", "14", "hcp=0:1"),
        ("4724", "2", "14", "hcp=2:0"),
        ("3774", "-0.5", "16", "hcp=-0.5"),
        ("28000810", "", "1601", "xup=1"),
        ("28000173", "", "105", "from=1~to=10"),
    ],
)
def test_a_line_and_what_chooses_the_row_stand_in_the_specifier(market_id, line, their_id, specifier):
    """The table that reads the bookmaker resolves them to the same market."""
    market = written(market_id, line, [])
    assert (market.id, market.specifier) == (their_id, specifier)
    targets = FeedTable(CATALOGUE, "betway", "~").of("football").resolve(their_id, specifier).targets
    assert MarketKey(market_id, line) in [target.key for target in targets]


def test_outcomes_stand_under_their_ids_in_the_catalogues_order():
    """Double chance is 1X, X2, 12 with us; what is not quoted is left out."""
    market = written("4693", "", ["12", "1X"])
    assert [(each.id, each.name) for each in market.outcomes] == [("9", "1X"), ("10", "12")]


def test_players_stand_under_their_sportradar_ids():
    """No Goal has an id of the feed."""
    market = written("129108", "", ["Kylian Mbappe", "No Goal"], players=[KYLIAN])
    assert [(each.id, each.name) for each in market.outcomes] == [
        ("1716", "No Goal"),
        ("12345", "Kylian Mbappe"),
    ]


@pytest.mark.parametrize(("market_id", "name"), [("3743", "3"), ("129108", "Nobody")])
def test_a_quote_that_names_nothing_is_an_error(market_id, name):
    """A simulator that drops a quote would make the truth wrong."""
    with pytest.raises(KeyError, match=name):
        written(market_id, "", [name])


def test_of_several_ids_the_one_of_the_line_is_written():
    """An id that is a line needs no specifier; a line that no id has is an error."""
    (kind,) = load(b"""
sport = "football"
feed = ["msport"]
[[market]]
id = "early"
name = "Early goals"
kind = "over-under"
param = "total"
grid = 0.5
winners = 1
complete = true
ids = { msport = ["50", "51"] }
lines = { msport = { 50 = "1.5", 51 = "2.5" } }
outcomes = [{ name = "Over", feed = ["12", "112"] }, { name = "Under", feed = "13" }]
""").types
    quotes = {"Over": Quote(1900), "Under": Quote(1900, suspended=True)}
    market = written_market(kind, kind.books["msport"], MarketKey("early", "2.5"), quotes, {})
    assert (market.id, market.specifier, market.is_locked) == ("51", "", False)
    assert [each.id for each in market.outcomes] == ["12", "13"]
    with pytest.raises(KeyError, match="no id"):
        written_market(kind, kind.books["msport"], MarketKey("early", "3.5"), quotes, {})


def test_two_rows_of_ours_under_one_id_are_written_as_one_market():
    """The feed's correct score says both of ours; lines of one id stand together."""
    markets = [
        written("4429", "", ["0-0", "5-0"]),
        written("5000", "2.5", ["Over"]),
        written("28000869", "", ["0-0", "Other"]),
        written("5000", "3.5", ["Over"]),
    ]
    one, *lines = merged(markets)
    assert (one.id, sorted(each.name for each in one.outcomes)) == ("45", ["0-0", "5-0", "Other"])
    assert [(line.id, line.specifier) for line in lines] == [("18", "total=2.5"), ("18", "total=3.5")]
