"""Players: one name for each man of an event, however the bookmakers write him."""

import re
import unicodedata
from functools import lru_cache

MAX_LENGTH = 120  # of a text that names a player with his team; the longest in payloads has 45 characters

# Nine texts in ten are one of these two forms, which need no taking apart: "Kylian Mbappe", "Mbappe, Kylian".
_PLAIN = re.compile(r"([A-Za-z]+(?: [A-Za-z]+)*)(?:, ([A-Za-z]+(?: [A-Za-z]+)*))?")

_BRACKETS = re.compile(r"\([^()]*\)")
_AT_LEAST = re.compile(r" \d{1,3}\+$")
_NO_PLAYER = frozenset({"no goal"})

_REMOVED = dict.fromkeys(map(ord, "'`\u00b4.\u00b7\u2018\u2019\u02b9\u02bb\u02bc\u02bd\u02c8\u2032"))
_SPACED = dict.fromkeys(map(ord, "-\u2010\u2011\u2012\u2013\u2014\u2212"), " ")
_PUNCTUATION = {**_REMOVED, **_SPACED}
# Letters that Unicode does not take apart.
_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)


@lru_cache(4096)
def player_name(text: str) -> str:
    """
    Return the player whom a bookmaker's outcome text names, first name first; "" when it names none.

    What stands in brackets and a trailing "1+" (any number) go, "Last, First" is turned round, spaces are
    collapsed; spelling, accents and case stay the bookmaker's. No player: "No Goal", an empty or overlong text,
    more than one comma, brackets that do not pair, and anything that is not letters, digits, spaces,
    apostrophes, dots and hyphens (two men in one text, control characters). Never raises.

    Source: payloads: msport/prematch.json, sportybet/prematch.json, betway/prematch.json.

    >>> player_name("Mbappe, Kylian (France)"), player_name("Kylian Mbappe (France) 1+"), player_name("No Goal")
    ('Kylian Mbappe', 'Kylian Mbappe', '')
    """
    if len(text) > MAX_LENGTH:
        return ""
    if plain := _PLAIN.fullmatch(text):
        name = f"{plain[2]} {plain[1]}" if plain[2] else text
        return "" if name.lower() in _NO_PLAYER else name
    left = text
    while (shorter := _BRACKETS.sub(" ", left)) != left:
        left = shorter
    left = _AT_LEAST.sub("", " ".join(left.split()))
    parts = [part for part in map(str.strip, left.split(",")) if part]
    if not parts or len(parts) > 2:
        return ""
    name = " ".join(reversed(parts))
    return name if name.lower() not in _NO_PLAYER and name_words(name) else ""


@lru_cache(8192)
def name_words(name: str) -> frozenset[str]:
    """
    Return the words of a player's name in plain letters; empty when it can't be one.

    Safe: it forgets accents, case, apostrophes, dots, hyphens and the order of words, nothing else, so names
    with the same words are the same name. No word is left out or shortened.

    >>> sorted(name_words("Søren O'Brien-Łukasz Jr."))
    ['jr', 'lukasz', 'obrien', 'soren']
    """
    plain = name.translate(_PUNCTUATION)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = plain.lower().translate(_LETTERS).split()
    if not all(map(str.isalnum, words)) or not any(letter.isalpha() for word in words for letter in word):
        return frozenset()
    return frozenset(words)
