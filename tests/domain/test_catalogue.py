"""The catalogue: what it must hold, and that a contradiction stops the start."""

import csv
import json
from collections import Counter
from typing import Any

import pytest

from overround.config import packaged_catalogue
from overround.domain.catalogue import MAIN_MARKETS, MarketType, load
from overround.errors import CatalogueError
from tests.support.payloads import FOLDER

CATALOGUE = packaged_catalogue()
BOOKMAKERS = ("betpawa", "sportybet", "msport", "betway", "betika", "sportpesa", "bet9ja")

HEAD = """
sport = "football"
feed = ["sportybet", "msport"]
"""
ROW = """
[[market]]
id = "1"
canonical = "one"
name = "One"
kind = "two-way"
param = "total"
grid = 0.25
winners = 1
complete = true
ids = { betpawa = ["1"], sportybet = ["7", "8"], bet9ja = ["S_A", "S_B"] }
lines = { bet9ja = { S_B = "2.5" } }
only = { sportybet = { minute = "15" } }
outcomes = [
  { name = "Over", feed = "12", bet9ja = "O" },
  { name = "Under", feed = ["13", "99"], bet9ja = { S_A = "U", S_B = "UNDER" } },
]
"""


def market(market_id: str, sport: str = "football") -> MarketType:
    kind = CATALOGUE.find(market_id, sport)
    assert kind is not None
    return kind


# --- the packaged catalogue ---------------------------------------------------------------------------------


def test_the_packaged_catalogue_is_whole_and_valid():
    """Loading it checks it; every market type of the three sports is there, most of them with a known W."""
    kinds = CATALOGUE.types
    assert Counter(kind.sport for kind in kinds) == {"football": 247, "basketball": 19, "tennis": 13}
    assert Counter(kind.sport for kind in kinds if "betpawa" in kind.books) == {
        "football": 123,
        "basketball": 10,
        "tennis": 11,
    }
    assert Counter(kind.winners for kind in kinds) == {1: 227, 2: 11, 3: 2, 5: 1, None: 38}


def test_the_main_markets_are_at_every_bookmaker_that_trades():
    """What the board shows first: 1X2, over/under 2.5, both teams to score, double chance."""
    for key in MAIN_MARKETS:
        assert set(market(key.market_id).books) == set(BOOKMAKERS)


def test_double_chance_has_two_winners():
    """Its booksum is twice a fair book's."""
    assert market("4693").winners == 2


def test_a_market_that_only_others_share_goes_by_its_word():
    """BetPawa lacks it; the word is no number, so it can't be mistaken for one of BetPawa's."""
    assert market("x-set_handicap_tennis", "tennis").books.keys() == {
        "sportybet",
        "msport",
        "betway",
        "sportpesa",
        "bet9ja",
    }
    assert not any(kind.id.isdigit() for kind in CATALOGUE.types if "betpawa" not in kind.books)


def test_an_id_of_two_sports_is_two_markets():
    """4429 is football's correct score and tennis's set score."""
    assert "Other" in market("4429").outcomes
    assert market("4429", "tennis").outcomes == ("0-2", "1-2", "2-0", "2-1")
    assert CATALOGUE.find("3743", "tennis") is None


def test_player_markets_list_only_what_is_no_player():
    """Their outcomes are an open list that differs from event to event."""
    kinds = [kind for kind in CATALOGUE.types if kind.names_players]
    assert {kind.id for kind in kinds} >= {"129108", "129109", "129110", "28000815", "28000816"}
    assert {name for kind in kinds for name in kind.outcomes} <= {"No Goal"}
    assert all(kind.winners is None and not kind.complete for kind in kinds)


def test_one_bookmaker_id_leads_to_every_market_it_feeds():
    """S_OU and S_OUA are one market with different lines; S_CSFT feeds the long and the short correct score."""
    rules = CATALOGUE.rules("bet9ja")
    for key in ("S_OU", "S_OUA"):
        assert [kind.id for kind, _ in rules["football", key]] == ["5000"]
    assert {kind.id for kind, _ in rules["football", "S_CSFT"]} == {"4429", "28000869"}


def test_a_market_is_found_by_any_of_its_words():
    """What `overround catalogue show` takes: our id, the canonical word, a bookmaker's id; of every sport."""
    assert [kind.id for kind in CATALOGUE.named("1x2_ft")] == ["3743"]
    assert [kind.id for kind in CATALOGUE.named("S_AH")] == ["3774"]
    assert {kind.sport for kind in CATALOGUE.named("4429")} == {"football", "tennis"}
    assert CATALOGUE.named("nothing") == ()


# --- reading ------------------------------------------------------------------------------------------------


def test_each_bookmakers_ids_lead_to_our_names():
    """`feed` stands for all who share it, a table tells ids apart, BetPawa's names are ours; order is preference."""
    (kind,) = load((HEAD + ROW).encode()).types
    assert kind.outcomes == ("Over", "Under")
    assert kind.books["betpawa"].ids == {"1": {"Over": "Over", "Under": "Under"}}
    assert list(kind.books["sportybet"].ids) == ["7", "8"]
    assert kind.books["sportybet"].ids["8"] == {"12": "Over", "13": "Under", "99": "Under"}
    assert kind.books["sportybet"].only == {"minute": "15"}
    assert kind.books["bet9ja"].ids == {
        "S_A": {"O": "Over", "U": "Under"},
        "S_B": {"O": "Over", "UNDER": "Under"},
    }
    assert kind.books["bet9ja"].fixed_lines == {"S_B": "2.5"}
    assert set(kind.books) == {"betpawa", "sportybet", "bet9ja"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[market", "Expected"),
        ("\xff", "(file)"),
        (ROW, "missing required field `sport`"),
        (HEAD + ROW.replace("param =", "parameter ="), "unknown field `parameter`"),
        (HEAD + ROW.replace('"two-way"', '"nonsense"'), "nonsense"),
        (HEAD + ROW + ROW, "appears twice in football"),
        (HEAD + ROW + ROW.replace('id = "1"', 'id = "one"').replace('"one"\nname', '"two"\nname'), "one appears twice"),
        (HEAD + ROW.replace('canonical = "one"', 'canonical = "123"'), "must be a word"),
        (HEAD + ROW.replace('canonical = "one"\n', ""), "must be a word"),
        (HEAD + ROW.replace("winners = 1\n", ""), "needs winners"),
        (HEAD + ROW.replace("winners = 1", "winners = 2"), "does not fit 2 outcomes"),
        (HEAD + ROW.replace("winners = 1", "winners = 0"), "does not fit 2 outcomes"),
        (HEAD + ROW.replace('name = "Under"', 'name = "Over"'), "two or more different names|to two outcomes"),
        (HEAD + ROW.replace('name = "Under"', 'name = ""'), "needs a name"),
        (HEAD + ROW.replace('name = "Under", ', ""), "needs a name"),
        (HEAD + ROW.replace('name = "Under"', 'name = ["Under"]'), "needs a name"),
        (HEAD + ROW.replace('bet9ja = "O"', 'betway = "O"'), "`ids` lacks"),
        (HEAD + ROW.replace("S_A = ", "S_C = "), "no id"),
        (HEAD + ROW.replace('["13", "99"]', '"12"'), "gives 12 to two outcomes"),
        (HEAD + ROW.replace('["7", "8"]', "[]"), "ids of sportybet must be different"),
        (HEAD + ROW.replace('["7", "8"]', '["7", "7"]'), "ids of sportybet must be different"),
        (HEAD + ROW.replace("only = { sportybet", "only = { msport"), "`only` speaks of"),
        (HEAD + ROW.replace("lines = { bet9ja", "lines = { msport"), "`lines` speaks of"),
        (HEAD + ROW.replace('{ S_B = "2.5" }', '{ S_C = "2.5" }'), "may name only those"),
        (HEAD + ROW.replace('"2.5"', '"2.6"'), "no line of this market"),
        (HEAD + ROW.replace('"2.5"', '"2.50"'), "no line of this market"),
        (HEAD + ROW.replace('"2.5"', '"x"'), "no line of this market"),
        (HEAD + ROW.replace("grid = 0.25\n", ""), "go together"),
        (HEAD + ROW.replace('param = "total"\n', ""), "go together"),
        (
            HEAD + '[[market]]\nid = "x"\nname = "X"\nkind = "other"\ncomplete = false\n',
            "without outcomes",
        ),
    ],
)  # fmt: skip
def test_a_contradiction_is_named(text: str, says: str):
    """The message says which market and what is wrong with it; the product does not start."""
    with pytest.raises(CatalogueError, match=says):
        load(text.encode("latin-1"))


def test_a_row_of_another_sport_may_reuse_an_id():
    """Ids are unique within a sport, over all its files."""
    tennis = HEAD.replace('"football"', '"tennis"') + ROW
    assert len(load((HEAD + ROW).encode(), tennis.encode()).types) == 2
    with pytest.raises(CatalogueError, match="appears twice"):
        load((HEAD + ROW).encode(), (HEAD + ROW).encode())


# --- against the table it was made from ---------------------------------------------------------------------

_TABLE = FOLDER.parent / "markets.csv"
_ID_COLUMNS = {
    "betpawa": "betpawa_id",
    "sportybet": "sportybet_id",
    "msport": "msport_id",
    "betway": "betway_subscription_id",
    "betika": "betika_sub_type_id",
    "sportpesa": "sportpesa_id",
    "bet9ja": "bet9ja_key",
}
_FEED = ("sportybet", "msport", "betway", "betika")
_LADDERS = "x-player_"  # the table calls ladders plain player markets
_CARDS = {"1096766", "1096778", "1096780"}  # yes or no to a red card: no player is named

Row = dict[str, str]


def table() -> list[tuple[Row, MarketType]]:
    if not _TABLE.is_file():
        pytest.skip("markets.csv is not beside the payloads: set OVERROUND_PAYLOADS to their folder")
    with _TABLE.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [(row, market(row["betpawa_id"] or row["canonical"], row["sport"])) for row in rows]


def said(row: Row, column: str) -> dict[str, Any]:
    return json.loads(row[column] or "{}")


@pytest.mark.payloads
def test_every_row_of_the_table_is_a_market_of_the_catalogue():
    """Neither has one that the other lacks, and both say the same of it."""
    rows = table()
    assert {id(kind) for _, kind in rows} == {id(kind) for kind in CATALOGUE.types}
    for row, kind in rows:
        assert kind.canonical == row["canonical"]
        assert (str(kind.winners or ""), kind.complete) == (row["winners"], row["complete"] == "yes"), kind.id
        assert (kind.param, set(kind.groups)) == (row["param"], set(filter(None, row["groups"].split("|"))))
        if kind.id not in _CARDS and not kind.id.startswith(_LADDERS):
            assert kind.kind == row["kind"], kind.id


@pytest.mark.payloads
def test_every_id_of_the_table_is_in_the_catalogue():
    """In the table's order of preference; the catalogue may know further ones."""
    for row, kind in table():
        for code, column in _ID_COLUMNS.items():
            alternatives = said(row, "feed_ids_alt").get(code, [])
            if code == "bet9ja":
                alternatives = row["bet9ja_keys_alt"].replace("|", " ").split()
            expected = [row[column], *map(str, alternatives)] if row[column] else []
            assert list(kind.books[code].ids if code in kind.books else [])[: len(expected)] == expected, (
                kind.id
            )


@pytest.mark.payloads
def test_what_the_table_limits_the_catalogue_limits():
    """Values of the specifier that choose a row, and lines that stand in an id."""
    for row, kind in table():
        lines: dict[str, dict[str, str]] = {}
        for theirs, line in said(row, "fixed_lines").items():
            code, their_id = theirs.split(":")
            lines.setdefault(code, {})[their_id] = line
        rules = kind.books
        assert {code: rule.only for code, rule in rules.items() if rule.only} == said(row, "feed_only"), (
            kind.id
        )
        assert {code: rule.fixed_lines for code, rule in rules.items() if rule.fixed_lines} == lines, kind.id


@pytest.mark.payloads
def test_every_outcome_id_of_the_table_leads_to_its_outcome():
    """Under each bookmaker's first market id; BetPawa's names are ours, in BetPawa's order."""
    checked = 0
    for row, kind in table():
        outcomes = json.loads(row["outcome_map"])
        if kind.names_players:
            continue
        assert len(outcomes) == len(kind.outcomes)
        if row["betpawa_id"]:
            assert kind.outcomes == tuple(outcome["betpawa"] for outcome in outcomes)
        for name, outcome in zip(kind.outcomes, outcomes, strict=True):
            for code, rule in kind.books.items():
                first = next(iter(rule.ids.values()))
                for theirs in _outcome_ids(outcome, code):
                    assert first.get(theirs) == name, (kind.id, code, theirs)
                    checked += 1
    assert checked > 4000


def _outcome_ids(outcome: dict[str, Any], code: str) -> list[str]:
    """Return the ids that the table gives an outcome at a bookmaker, without the variant before the last colon."""
    if code not in _FEED:
        return [outcome[code]] if outcome.get(code) else []
    own = outcome.get(f"{code}_outcome_ids") or outcome.get(f"{code}_outcome_id")
    ids = own or outcome.get("sportybet_outcome_id") or []
    return [text.rpartition(":")[2] for text in ([ids] if isinstance(ids, str) else ids)]
