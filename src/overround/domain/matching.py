"""Which listings are the same match: by Sportradar id, never by name."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from overround.domain.events import HEADER_ORDER, EventHeader, ListedEvent, competition

KICKOFF_TOLERANCE = timedelta(minutes=5)


class Matched(msgspec.Struct, frozen=True):
    """Every identified event with its listing per bookmaker, and how many rows had no usable id."""

    events: dict[str, dict[str, ListedEvent]]  # sportradar_id -> bookmaker -> row
    unidentified: dict[str, int]  # bookmaker -> rows left out


def match(lists: Mapping[str, Sequence[ListedEvent]]) -> Matched:
    """
    Group discovery rows by Sportradar id; a Genius id stands in where another bookmaker carries both ids.

    A bookmaker that lists an id twice keeps its first row. Rows with neither id are counted, not stored.
    """
    by_genius = _genius_ids(row for rows in lists.values() for row in rows)
    events: dict[str, dict[str, ListedEvent]] = {}
    unidentified = dict.fromkeys(lists, 0)
    for bookmaker, rows in lists.items():
        for row in rows:
            sportradar_id = row.sportradar_id or by_genius.get(row.genius_id or "")
            if sportradar_id is None:
                unidentified[bookmaker] += 1
            else:
                events.setdefault(sportradar_id, {}).setdefault(bookmaker, row)
    return Matched(events=events, unidentified=unidentified)


def header_of(
    sportradar_id: str, listings: Mapping[str, ListedEvent], elsewhere: Sequence[datetime] = ()
) -> EventHeader:
    """
    Return the event's header from the first bookmaker in `HEADER_ORDER` that lists it.

    `check` is set where two bookmakers' kickoffs differ by more than five minutes.

    Args:
        elsewhere: Kickoffs at bookmakers that are not among `listings`, as last known.
    """
    source = min(listings, key=header_rank)
    row = listings[source]
    kickoffs = [*(listed.kickoff_at for listed in listings.values()), *elsewhere]
    return EventHeader(
        sportradar_id=sportradar_id,
        home=row.home,
        away=row.away,
        kickoff_at=row.kickoff_at,
        competition=competition(row.sport, row.country, row.competition),
        sport=row.sport,
        source=source,
        check=max(kickoffs) - min(kickoffs) > KICKOFF_TOLERANCE,
    )


def header_rank(bookmaker: str) -> tuple[int, str]:
    """Return the sort key of a bookmaker as a source of headers: lower is better."""
    return (HEADER_ORDER.index(bookmaker) if bookmaker in HEADER_ORDER else len(HEADER_ORDER), bookmaker)


def _genius_ids(rows: Iterable[ListedEvent]) -> dict[str, str]:
    """Return genius id -> sportradar id; a genius id that two matches claim identifies none."""
    known: dict[str, str] = {}
    ambiguous: set[str] = set()
    for row in rows:
        if (
            row.genius_id
            and row.sportradar_id
            and known.setdefault(row.genius_id, row.sportradar_id) != row.sportradar_id
        ):
            ambiguous.add(row.genius_id)
    return {genius: sportradar for genius, sportradar in known.items() if genius not in ambiguous}
