"""Events and who lists them: one row per match, one listing per bookmaker."""

import unicodedata
from datetime import datetime
from functools import lru_cache
from typing import Literal

import msgspec

# Whose header (teams, kickoff, competition) is shown when several list the event: the first in this order.
HEADER_ORDER = ("betpawa", "sportybet", "msport", "betway", "betika", "bet9ja", "sportpesa")

ListingState = Literal["open", "started", "withdrawn", "unknown"]


class Competition(msgspec.Struct, frozen=True, gc=False):
    """League or cup, identified by a slug made of sport, country and name."""

    id: str  # "football-nigeria-npfl"
    name: str
    country: str  # as shown, never empty


class EventHeader(msgspec.Struct, frozen=True, gc=False):
    """What is shown of an event whoever prices it. Identity: `sportradar_id`, digits as text."""

    sportradar_id: str
    home: str
    away: str
    kickoff_at: datetime  # aware UTC, whole seconds
    competition: Competition
    sport: str  # "football"
    source: str  # bookmaker whose header this is
    check: bool = False  # bookmakers disagree on the kickoff by more than five minutes


class Listing(msgspec.Struct, frozen=True, gc=False):
    """An event at one bookmaker. Identity: (sportradar_id, bookmaker)."""

    sportradar_id: str
    bookmaker: str
    event_id: str  # the bookmaker's own id
    state: ListingState = "open"
    url: str = ""
    genius_id: str | None = None
    kickoff_at: datetime | None = None  # as this bookmaker says


def slug(text: str) -> str:
    """
    Return lower-case ASCII words joined by hyphens.

    >>> slug("Primera División (Women)"), slug("Côte d'Ivoire"), slug("Łódź Øst")
    ('primera-division-women', 'cote-d-ivoire', 'lodz-ost')
    """
    table = str.maketrans(
        {"ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "ß": "ss", "æ": "ae", "Æ": "ae", "đ": "d", "Đ": "d"}
    )
    plain = unicodedata.normalize("NFKD", text.translate(table)).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())


@lru_cache(8192)  # each list names the same few hundred again
def competition(sport: str, country: str, name: str) -> Competition:
    """
    Return the competition of these names; a missing country or name reads "International" or "Unknown".

    >>> competition("football", "Nigeria", "NPFL").id
    'football-nigeria-npfl'
    """
    country, name = country.strip() or "International", name.strip() or "Unknown"
    return Competition(
        id=f"{slug(sport)}-{slug(country) or 'x'}-{slug(name) or 'x'}", name=name, country=country
    )


class ListedEvent(msgspec.Struct, frozen=True, gc=False):
    """One row of a bookmaker's discovery list; what it does not say is empty."""

    event_id: str  # the bookmaker's own id, what its detail call takes
    sportradar_id: str | None  # digits as text
    kickoff_at: datetime
    home: str
    away: str
    country: str = ""
    competition: str = ""
    sport: str = "football"
    genius_id: str | None = None
    url: str = ""
    group: str = ""  # the bookmaker's own list it stands in, which a glance can ask for
