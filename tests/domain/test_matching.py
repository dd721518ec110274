"""Events are matched by id; names never decide."""

from datetime import timedelta

import msgspec

from overround.domain.events import ListedEvent
from overround.domain.matching import header_of, match
from tests.support.clock import START


def row(
    sportradar_id: str | None, home: str = "Enyimba", genius_id: str | None = None, kickoff_at=START
) -> ListedEvent:
    return ListedEvent(
        "own", sportradar_id, kickoff_at, home, "Rangers", "Nigeria", "NPFL", genius_id=genius_id
    )


def test_equal_names_with_different_ids_are_different_matches():
    """Reserves and first teams carry the same names on the same day."""
    matched = match({"betpawa": [row("1")], "sportybet": [row("2")]})
    assert set(matched.events) == {"1", "2"}


def test_different_names_with_one_id_are_one_match():
    """Every site spells teams its own way."""
    matched = match({"betpawa": [row("1", "Enyimba FC")], "bet9ja": [row("1", "Enyimba Intl")]})
    assert set(matched.events["1"]) == {"betpawa", "bet9ja"}


def test_a_genius_id_stands_in_where_another_carries_both():
    """SportyBet's Genius events still match BetPawa's, which has both ids."""
    matched = match({"betpawa": [row("1", genius_id="77")], "sportybet": [row(None, genius_id="77")]})
    assert set(matched.events["1"]) == {"betpawa", "sportybet"}


def test_a_genius_id_of_two_matches_identifies_none():
    """Better unidentified than on the wrong match."""
    lists = {
        "betpawa": [row("1", genius_id="77"), row("2", genius_id="77")],
        "sportybet": [row(None, genius_id="77")],
    }
    matched = match(lists)
    assert matched.unidentified["sportybet"] == 1
    assert all("sportybet" not in listings for listings in matched.events.values())


def test_rows_without_any_id_are_counted():
    """Hidden losses would look like coverage."""
    assert match({"betpawa": [row(None), row("1")]}).unidentified == {"betpawa": 1}


def test_the_header_comes_from_the_reference_first():
    """One spelling on screen, whatever order the answers came in."""
    header = header_of("1", {"bet9ja": row("1", "Enyimba Intl"), "betpawa": row("1", "Enyimba FC")})
    assert (header.home, header.source, header.competition.id) == (
        "Enyimba FC",
        "betpawa",
        "football-nigeria-npfl",
    )


def test_kickoffs_more_than_five_minutes_apart_are_flagged():
    """Someone has a wrong time or a wrong match."""
    late = msgspec.structs.replace(row("1"), kickoff_at=START + timedelta(minutes=6))
    assert header_of("1", {"betpawa": row("1"), "bet9ja": late}).check
    close = msgspec.structs.replace(row("1"), kickoff_at=START + timedelta(minutes=5))
    assert not header_of("1", {"betpawa": row("1"), "bet9ja": close}).check


def test_kickoffs_known_elsewhere_are_compared_too():
    """A list may come alone; what the others said last still counts."""
    late = START + timedelta(minutes=6)
    assert header_of("1", {"betpawa": row("1")}, [late]).check
    assert not header_of("1", {"betpawa": row("1")}, [START + timedelta(minutes=5)]).check
