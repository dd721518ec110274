"""Betika's event detail, one answer or several by market type: bytes in, domain values out, no I/O."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, timezone

import msgspec

from overround.bookmakers.base import ParsedEvent, nothing
from overround.bookmakers.betika import wire
from overround.bookmakers.betika.markets import CODE
from overround.bookmakers.feed import FeedTable
from overround.bookmakers.feed_reading import FeedMemory, FeedReading, FeedRow
from overround.domain.catalogue import Catalogue
from overround.errors import EventGone, PayloadChanged

DETAIL = "v1/uo/matches?match_id"  # the list's endpoint, asked for one match

# start_time has no zone. It is East Africa Time: SR 71583282 kicks off 02:00Z elsewhere and 05:00 here; in
# payloads: betika/live.json "NOW" is 16:36:49 where sequence_no is the epoch of 13:36:49Z.
EAST_AFRICA = timezone(timedelta(hours=3))

_DETAILS = msgspec.json.Decoder(wire.Detail | tuple[wire.Detail, ...])
_ANSWERS = msgspec.json.Decoder(wire.Detail)
_MATCH_ID = re.compile(r"[1-9]\d{0,17}", re.ASCII)
_KICKOFF = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_SPORTS = {"14": "football", "28": "tennis", "30": "basketball"}


class EventParser:
    """Reads event details; keeps price texts, players and unmapped ids it has met, within bounds."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._table = FeedTable(catalogue, CODE)
        self._memory = FeedMemory()

    def parse(self, body: bytes, on_decoded: Callable[[], None] = nothing) -> ParsedEvent:
        """
        Read the answers for one match as one JSON array, or one of them alone.

        Source: payloads: betika/markets.json, prematch.json, live.json.

        Raises:
            EventGone: No answer has a match.
            PayloadChanged: Any other shape, two matches, a match before kickoff without a single market, or open
                outcomes of which not one has a price.
        """
        matches = read_detail(body)
        on_decoded()
        match, sport = matches[-1], sport_of(matches[-1])
        reading = FeedReading(self._table, sport, self._memory)
        _read_markets(matches, reading)
        if reading.is_unreadable:  # a renamed field is not an empty offer
            raise PayloadChanged(CODE, DETAIL, "not one market that we know has a price we can read")
        return ParsedEvent(
            event_id=event_id(match),
            sportradar_id=sportradar_id(match.parent_match_id),
            genius_id=None,
            kickoff_at=kickoff_at(match.start_time),
            home=match.home_team.strip(),
            away=match.away_team.strip(),
            country=(match.category or "").strip(),
            competition=(match.competition_name or "").strip(),
            sport=sport,
            markets=reading.markets(),
            unmapped=reading.unmapped_rows(),
            refused=reading.refused,
            doubtful=frozenset(reading.doubtful),
        )


def read_detail(body: bytes) -> Sequence[wire.Match]:
    """
    Read an event detail as Betika writes it, one match per answer, and check what we rely on.

    The last answer's header is the newest.

    Raises:
        EventGone, PayloadChanged: As `EventParser.parse`.
    """
    try:
        answers = _DETAILS.decode(body)
    except (ValueError, RecursionError) as exc:  # bad JSON, shape, UTF-8; absurd nesting
        raise PayloadChanged(CODE, DETAIL, str(exc)) from exc
    if isinstance(answers, wire.Detail):
        answers = (answers,)
    matches = [match for answer in answers for match in answer.data]
    if not matches:
        raise EventGone(CODE, DETAIL, "no match in the answer")
    if len({event_id(match) for match in matches}) > 1:
        raise PayloadChanged(CODE, DETAIL, "more than one match in a detail")
    for match in matches:
        _check(match)
    if not any(match.odds for match in matches) and matches[-1].match_status is None:
        raise PayloadChanged(CODE, DETAIL, "no market in a match that has not started")
    return matches


def read_answer(body: bytes) -> wire.Detail:
    """
    Read one answer of a detail.

    Raises:
        PayloadChanged: Another shape.
    """
    try:
        return _ANSWERS.decode(body)
    except (ValueError, RecursionError) as exc:
        raise PayloadChanged(CODE, DETAIL, str(exc)) from exc


def _check(match: wire.Match) -> None:
    if not match.home_team.strip() or not match.away_team.strip():
        raise PayloadChanged(CODE, DETAIL, "a team has no name")
    try:
        kickoff_at(match.start_time)
    except (ValueError, OverflowError) as exc:
        raise PayloadChanged(CODE, DETAIL, f"start_time {match.start_time[:40]!r} is no time") from exc


def _read_markets(matches: Sequence[wire.Match], reading: FeedReading) -> None:
    """
    Give every market type at every specifier to the reading, once however many answers repeat it.

    Rows that contradict each other are all given: of two neither is believed.
    """
    names: dict[str, str] = {}
    markets: dict[tuple[str, str], dict[FeedRow, None]] = {}
    locked = any(match.match_status not in (None, "ACTIVE") for match in matches)
    for match in matches:
        for sub_type in match.odds or ():
            their_id = str(sub_type.sub_type_id)
            names.setdefault(their_id, (sub_type.name or "").strip())
            for odd in sub_type.odds:
                is_active = odd.odd_active in (None, 1) and odd.market_active in (None, 1)
                row = FeedRow(odd.outcome_id, odd.odd_value, is_active, odd.odd_key)
                markets.setdefault((their_id, odd.special_bet_value or ""), {})[row] = None
    for (their_id, specifier), rows in markets.items():
        reading.add(their_id, specifier, names[their_id], tuple(rows), locked)


def event_id(match: wire.Match | wire.ListedRow) -> str:
    """Return our id of a match at Betika: its own id repeats, with the competition's it does not."""
    return f"{match.match_id}:{match.competition_id}"


def sportradar_id(parent_match_id: wire.Id | None) -> str | None:
    """
    Return the digits of a Sportradar id, None for anything that is not one.

    >>> sportradar_id("70784812"), sportradar_id(71463790), sportradar_id("0"), sportradar_id(None)
    ('70784812', '71463790', None, None)
    """
    text = str(parent_match_id)
    return text if _MATCH_ID.fullmatch(text) else None


def kickoff_at(start_time: str) -> datetime:
    """
    Return a kickoff from East Africa Time without a zone.

    Raises:
        ValueError: Another shape, or no time of the calendar.
        OverflowError: A time that UTC's calendar lacks.

    >>> kickoff_at("2026-05-13 22:00:00").isoformat()
    '2026-05-13T19:00:00+00:00'
    """
    if not _KICKOFF.fullmatch(start_time):
        raise ValueError(f"{start_time!r} is not a time as in 2026-05-13 22:00:00")
    return datetime.fromisoformat(start_time).replace(tzinfo=EAST_AFRICA).astimezone(UTC)


def sport_of(match: wire.Match) -> str:
    """Return our word for a match's sport, else theirs in lower case."""
    return _SPORTS.get(str(match.sport_id)) or (match.sport_name or str(match.sport_id)).strip().lower()
