"""How BetPawa's market types and handicaps become ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overround.bookmakers.betpawa.markets import UNKNOWN, MarketTable, line
from overround.config import packaged_catalogue
from overround.domain.catalogue import load
from overround.domain.markets import MarketKey
from overround.errors import CatalogueError

TABLE = MarketTable(packaged_catalogue())

HEAD = 'sport = "football"\nfeed = []\n'
ROW = """
[[market]]
id = "{id}"
canonical = "{word}"
name = "Market"
kind = "two-way"
complete = false
ids = {{ betpawa = ["77"] }}
{extra}
outcomes = [{{ name = "1" }}, {{ name = "2" }}]
"""


@pytest.mark.parametrize(
    ("handicap", "text"),
    [
        (2, "0.5"),
        (10, "2.5"),
        (-4, "-1"),
        (4, "1"),
        (0, "0"),
        (-0.0, "0"),
        (5, "1.25"),
        ("-6", "-1.5"),
        ("2.0", "0.5"),
    ],
)
def test_a_line_is_a_quarter_of_the_rows_handicap(handicap: float | str, text: str):
    """Totals, head starts and goal numbers alike, whether sent as number or text."""
    assert line(handicap) == text


@pytest.mark.parametrize(
    "handicap", [None, "", "x", "nan", "inf", "1_0", " 2", "٢", 2.5, 1e300, float("inf"), float("nan")]
)
def test_what_is_no_whole_number_of_quarters_is_no_line(handicap: float | str | None):
    """A line is never guessed."""
    with pytest.raises(ValueError, match=r"\S"):
        line(handicap)


@given(st.integers(-39_000, 39_000))
def test_lines_are_plain_decimals(quarters: int):
    """No plus sign, no exponent, no minus zero, no trailing zero; and the value is exact."""
    text = line(quarters)
    assert float(text) * 4 == quarters
    assert text == text.strip("+") and "e" not in text and text != "-0"
    assert "." not in text or text[-1] != "0"


def test_every_catalogue_market_of_betpawa_can_be_looked_up():
    """The table is the catalogue's BetPawa rows, nothing more."""
    expected = {their_id for _, their_id in packaged_catalogue().rules("betpawa")}
    assert set(TABLE.of("football")) | set(TABLE.of("basketball")) | set(TABLE.of("tennis")) == expected


def test_ids_count_within_their_sport_only():
    """4429 is a football market and a tennis one; a football rule must not read another sport's market."""
    assert "3743" in TABLE.of("football")
    assert TABLE.of("handball") == {}


def test_a_name_is_the_same_as_number_or_text():
    """Outcome "1" may come as a number; what is none of ours has no position."""
    slots = TABLE.of("football")["3743"].slots
    assert (slots["1"], slots[1], slots["2"], slots["Other"], slots[3]) == (0, 0, 2, UNKNOWN, UNKNOWN)


def test_a_market_with_a_line_has_none_without_it():
    """Over/under without a handicap is not a market at line nothing."""
    assert TABLE.of("football")["5000"].key(None) is None
    assert TABLE.of("football")["5000"].key(10) == MarketKey("5000", "2.5")


def test_a_market_without_a_line_ignores_a_handicap():
    """The catalogue's `param` decides, whatever a row holds."""
    assert TABLE.of("football")["3743"].key(4) == MarketKey("3743")


def test_keys_are_shared_between_answers():
    """540,000 market keys are a few thousand objects."""
    rule = TABLE.of("football")["5000"]
    assert rule.key(10) is rule.key(10.0)


def test_a_memo_of_lines_does_not_grow_without_end():
    """Hostile handicaps don't fill the memory, and are read right all the same."""
    rule = MarketTable(packaged_catalogue()).of("football")["5000"]
    for quarters in range(10_000):
        assert rule.key(quarters) == MarketKey("5000", line(quarters))
    assert len(rule._keys) <= 4096


@pytest.mark.parametrize(
    "text",
    [
        ROW.format(id="1", word="one", extra="") + ROW.format(id="2", word="two", extra=""),
        ROW.format(id="1", word="one", extra='only = { betpawa = { minute = "15" } }'),
    ],
)
def test_an_ambiguous_market_type_stops_the_start(text: str):
    """A BetPawa market type is one market of ours; rows have no specifier that could tell two apart."""
    with pytest.raises(CatalogueError, match="77"):
        MarketTable(load((HEAD + text).encode()))
