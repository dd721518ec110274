"""Competitions get one address whatever a bookmaker writes."""

from hypothesis import given
from hypothesis import strategies as st

from overround.domain.events import competition, slug


def test_missing_names_are_never_empty():
    """Filters and groups need a word."""
    made = competition("football", " ", "")
    assert (made.country, made.name, made.id) == (
        "International",
        "Unknown",
        "football-international-unknown",
    )


@given(st.text())
def test_a_slug_is_safe_in_an_address(text):
    """Lower-case ASCII, no edge hyphens."""
    made = slug(text)
    assert made.isascii() and made == made.lower() and made == made.strip("-") and " " not in made
