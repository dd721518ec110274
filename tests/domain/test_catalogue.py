"""The catalogue: what it must hold, and that a contradiction stops the start."""

import pytest

from overround.config import packaged_catalogue
from overround.domain.catalogue import MAIN_MARKETS, load
from overround.errors import CatalogueError

ROW = """
[[market]]
id = "1"
canonical = "one"
name = "One"
sport = "football"
groups = []
kind = "two-way"
param = ""
winners = 1
complete = true
outcomes = ["1", "2"]
"""


def test_the_packaged_catalogue_covers_the_full_time_main_markets():
    """1X2, double chance, BTTS, totals, draw no bet and both handicaps, at all three bookmakers."""
    catalogue = packaged_catalogue()
    ids = {"3743", "4693", "3795", "5000", "4703", "3774", "4724"}
    assert ids <= {kind.id for kind in catalogue.types}
    for market_id in ids:
        kind = catalogue.find(market_id)
        assert kind and {"betpawa", "sportybet", "bet9ja"} <= set(kind.books)
    assert all(catalogue.find(key.market_id) for key in MAIN_MARKETS)


def test_double_chance_has_two_winners():
    """Its booksum is twice a fair book's."""
    kind = packaged_catalogue().find("4693")
    assert kind and kind.winners == 2


def test_one_bookmaker_id_leads_to_every_market_it_feeds():
    """S_OU and S_OUA are one market with different lines."""
    rules = packaged_catalogue().rules("bet9ja")
    assert (
        [kind.id for kind, _ in rules["football", "S_OU"]]
        == ["5000"]
        == [kind.id for kind, _ in rules["football", "S_OUA"]]
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[market", "Expected"),
        (ROW + ROW, "appears twice"),
        (ROW.replace("winners = 1\n", ""), "needs winners"),
        (ROW.replace("winners = 1", "winners = 2"), "does not fit"),
        (ROW.replace('"1", "2"', '"1", "1"'), "different names"),
        (ROW.replace('"one"', '"123"'), "must be a word"),
        (ROW + '[market.books.bet9ja.ids.S_1]\n"1" = "3"\n', "which is no outcome"),
        (ROW + '[market.books.bet9ja.ids.S_1]\n"1" = "1"\n"A" = "1"\n', "two of its outcomes"),
        (ROW.replace('kind = "two-way"', 'kind = "nonsense"'), "kind"),
        (ROW.replace("param", "parameter"), "parameter"),
    ],
)
def test_a_contradiction_is_named(text, says):
    """The message says which market and what is wrong with it."""
    with pytest.raises(CatalogueError, match=says):
        load(text.encode())


def test_a_row_of_another_sport_may_reuse_an_id():
    """4429 is football's correct score and tennis's set score."""
    tennis = ROW.replace('"football"', '"tennis"')
    assert len(load((ROW + tennis).encode()).types) == 2
