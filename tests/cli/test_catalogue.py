"""`overround catalogue`: what it checks and what it shows."""

import json

import pytest
from typer.testing import CliRunner

from overround.errors import CatalogueError, ConfigError
from tests.support.cli import app

FILE = """
sport = "curling"
feed = []
[[market]]
id = "x-winner"
name = "Winner"
kind = "two-way"
winners = 1
complete = true
ids = { bet9ja = ["C_12"] }
outcomes = [{ name = "1", bet9ja = "1" }, { name = "2", bet9ja = "2" }]
"""


def said(*arguments: str):
    done = CliRunner().invoke(app, ["catalogue", *arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_check_counts_what_is_mapped():
    made = said("check")
    football = made["sports"]["football"]
    assert made["market_types"] == sum(sport["market_types"] for sport in made["sports"].values())
    assert football["mapped"]["betpawa"] <= football["market_types"]


def test_check_reads_files_of_ones_own(tmp_path):
    """Whoever edits the data checks the copy before the product meets it."""
    file = tmp_path / "curling.toml"
    file.write_text(FILE)
    assert said("check", str(file))["sports"]["curling"]["mapped"]["bet9ja"] == 1


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("winners = 1\n", "", "x-winner.*winners"),
        ('bet9ja = "2"', 'bet9ja = "1"', "x-winner.*gives 1 to two"),
    ],
)
def test_check_names_the_row_and_the_fault(tmp_path, before, after, says):
    file = tmp_path / "curling.toml"
    file.write_text(FILE.replace(before, after))
    with pytest.raises(CatalogueError, match=says):
        CliRunner().invoke(app, ["catalogue", "check", str(file)], catch_exceptions=False)


def test_check_of_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(ConfigError, match="can't be read"):
        CliRunner().invoke(app, ["catalogue", "check", str(tmp_path / "no.toml")], catch_exceptions=False)


@pytest.mark.parametrize("name", ["5000", "over_under_ft", "S_OUA"])
def test_show_finds_a_market_by_any_of_its_names(name):
    """BetPawa's id, our word, or a bookmaker's id."""
    assert "over_under_ft" in {kind["canonical"] for kind in said("show", name)}


def test_show_finds_an_id_in_every_sport():
    """4429 is football's correct score and tennis's set score."""
    assert {kind["sport"] for kind in said("show", "4429")} == {"football", "tennis"}


def test_show_prints_each_bookmakers_ids_and_outcomes():
    printed = CliRunner().invoke(app, ["catalogue", "show", "5000"], catch_exceptions=False).stdout
    assert all(text in printed for text in ("S_OUA", "Over", "sportybet", "multiples of 0.25"))


def test_show_of_an_unknown_name_is_one_sentence():
    with pytest.raises(ConfigError, match="no market type nonsense"):
        CliRunner().invoke(app, ["catalogue", "show", "nonsense"], catch_exceptions=False)
