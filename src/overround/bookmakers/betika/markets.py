"""Betika speaks the shared feed: ids, specifiers and outcome ids are read by `bookmakers/feed.py`."""

from overround.domain.catalogue import Catalogue

CODE = "betika"


def sub_types(catalogue: Catalogue, sport: str) -> list[str]:
    """Return the market types to ask for in a sport, those that the catalogue knows at Betika, in numeric order."""
    return sorted((their_id for of, their_id in catalogue.rules(CODE) if of == sport), key=int)
