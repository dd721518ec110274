"""Players: every bookmaker's spelling ends under one name, and no two men under the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overround.domain.players import MAX_LENGTH, name_words, player_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Kylian Sanmi Mbappe Lottin", "Kylian Sanmi Mbappe Lottin"),
        ("Mbappe, Kylian (France)", "Kylian Mbappe"),
        ("Mbappe, Kylian", "Kylian Mbappe"),
        ("Kylian Mbappe (France) 1+", "Kylian Mbappe"),
        ("Kylian Mbappe 120+", "Kylian Mbappe"),
        ("Pan, Ngan Cheuk (Qingdao Hainiu FC)", "Ngan Cheuk Pan"),
        ("El Messaoudi, Ahmed (Qingdao (W), U21)", "Ahmed El Messaoudi"),
        ("  Carlinhos\u00a0 ", "Carlinhos"),
        ("Carlinhos,", "Carlinhos"),
        ("Jean-Philippe Mateta", "Jean-Philippe Mateta"),
        ("Player 1009385", "Player 1009385"),
    ],
)
def test_a_player_is_read_from_every_bookmakers_text(text, name):
    """First name first, without team and threshold, otherwise as written; reading it again changes nothing."""
    assert player_name(text) == name
    assert player_name(name) == name


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ",", "()", "(France)", "1+", "No Goal", "no  goal", "12345", "2.5", "--", "'", "\u0301",
        "Mbappe, Kylian, Haaland, Erling", "Kylian Mbappe & Erling Haaland", "Mbappe/Haaland",
        "Kylian (Mbappe", "Kylian) Mbappe", "Kylian\u200bMbappe", "Kylian \x00 Mbappe", "<b>Mbappe</b>",
        "x" * (MAX_LENGTH + 1), "(" * MAX_LENGTH, "\ud800",
    ],
)  # fmt: skip
def test_a_text_that_names_no_one_man_is_no_player(text):
    """What can't be one man's name is never joined with anybody."""
    assert player_name(text) == ""


@given(st.text(max_size=150))
def test_any_text_is_read_without_harm(text):
    """A name that comes out has words, is printable, and is read as itself."""
    name = player_name(text)
    assert player_name(name) == name
    assert bool(name) == bool(name_words(name)) and name.isprintable()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Martin Ødegaard", "odegaard martin"),
        ("Kylian Mbappé", "KYLIAN MBAPPE"),
        ("N'Golo Kanté", "N\u2019Golo Kante"),
        ("Vinicius Jr.", "Vinícius Jr"),
        ("Jean-Philippe Mateta", "Jean Philippe Mateta"),
        ("Pierre\u2010Emerick Aubameyang", "Pierre-Emerick Aubameyang"),
        ("Łukasz Fabiański", "Lukasz Fabianski"),
        ("Ragnar Sigurðsson", "Ragnar Sigurdsson"),
        ("Þórir Helgason", "Thorir Helgason"),
        ("Arda İlkay Çalhano\u011flu K\u0131l\u0131ç", "Arda Ilkay Calhanoglu Kilic"),
        ("Novak Đoković", "Novak Dokovic"),
        ("Emil Bergstrǽm", "Emil Bergstraem"),
        ("Ömer Preuß", "Omer Preuss"),
        ("Antonín Œuvre", "Antonin Oeuvre"),
        ("J. R. Smith", "J R Smith"),
        ("J.R. Smith", "JR Smith"),
    ],
)
def test_spelling_does_not_matter(first, second):
    """The same name in other letters, case and order has the same words."""
    assert name_words(first) == name_words(second) != frozenset()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Theo Hernandez", "Lucas Hernandez"),
        ("Jens Hauge", "Jens Petter Hauge"),
        ("Carlos Rodriguez", "Carlos Rodrigues"),
        ("Ronaldo", "Cristiano Ronaldo"),
    ],
)
def test_another_name_has_other_words(first, second):
    """Nothing near is made equal: no edit distance, no surname."""
    assert name_words(first) != name_words(second)
