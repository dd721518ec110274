"""One market's prices over time: thinned out for a chart, where they began and where they closed. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from overround.domain.markets import Market

OPENING_BEFORE = timedelta(hours=1)  # a price seen later than this before kickoff is not an opening price
CLOSING_AGE = timedelta(hours=1)  # one confirmed earlier than this before kickoff is not a closing price

Reason = Literal["first_seen_late", "not_offered", "source_down", "not_started", "history_deleted"]


class Mark(msgspec.Struct, frozen=True):
    """An opening or closing price, or why there is none."""

    at: datetime | None = None  # when it was first seen, or last confirmed
    market: Market | None = None  # as it was then; None with a reason
    age_s: float | None = None  # from `at` to kickoff
    reason: Reason | None = None


def outcome_names(points: Sequence[Market]) -> tuple[str, ...]:
    """Return every name that occurs, in the order of the longest list, then of appearance."""
    lists = {point.names: None for point in points}
    ordered = sorted(lists, key=len, reverse=True)
    return tuple(dict.fromkeys(name for names in ordered for name in names))


def odds_by_name(market: Market, names: Sequence[str]) -> list[float | None]:
    """Return the decimal odds in the order of `names`, None where an outcome is not offered or unknown."""
    if market.names == names:
        return [milli / 1000 if milli else None for milli in market.odds_milli]
    known = dict(zip(market.names, market.odds_milli, strict=True))
    return [known[name] / 1000 if known.get(name) else None for name in names]


def thin(points: Sequence[Market], wanted: int) -> list[Market]:
    """
    Return about `wanted` of the points, in order: all of them when there are no more.

    Always kept, whatever `wanted` says: the first and the last, both sides of every change of state (withdrawn,
    returned, suspended, reopened), and each outcome's highest and lowest price. What room is left goes to the
    extremes of each outcome in equal parts of the series, so that a spike survives any thinning.
    """
    if len(points) <= wanted:
        return list(points)
    kept = {0, len(points) - 1}
    for after in range(1, len(points)):
        if points[after].state != points[after - 1].state:
            kept |= {after - 1, after}
    rows = [odds_by_name(point, outcome_names(points)) for point in points]
    kept |= _extremes(rows, 0, len(rows))
    width = max(1, len(rows[0])) * 2
    parts = max(0, wanted - len(kept)) // width
    for part in range(parts):
        kept |= _extremes(rows, part * len(rows) // parts, (part + 1) * len(rows) // parts)
    return [points[place] for place in sorted(kept)]


def _extremes(rows: Sequence[Sequence[float | None]], start: int, end: int) -> set[int]:
    """Return where in this part each outcome is highest and lowest, the first place of equals."""
    found: set[int] = set()
    for outcome in range(len(rows[0])):
        priced = [
            (price, place) for place in range(start, end) if (price := rows[place][outcome]) is not None
        ]
        if priced:
            found.add(min(priced)[1])
            found.add(max(priced, key=lambda pair: (pair[0], -pair[1]))[1])
    return found


def opening(points: Sequence[Market], first_seen_at: datetime | None, kickoff_at: datetime) -> Mark:
    """
    Return the first price, if it was seen at least an hour before kickoff.

    Args:
        points: Every stored state of the market at one bookmaker, oldest first.
        first_seen_at: When the market was first seen, None when that is not known.
    """
    first = next((point for point in points if any(point.odds_milli)), None)
    if first is None:
        return Mark(reason="not_offered")
    if first_seen_at is not None and first_seen_at < points[0].changed_at:
        return Mark(first_seen_at, reason="history_deleted")
    if kickoff_at - first.changed_at < OPENING_BEFORE:
        return Mark(first.changed_at, reason="first_seen_late")
    return Mark(first.changed_at, first, (kickoff_at - first.changed_at).total_seconds())


def closing(
    points: Sequence[Market], confirmed_at: datetime | None, kickoff_at: datetime, now: datetime
) -> Mark:
    """
    Return the last price confirmed before kickoff, if that was within the last hour.

    Args:
        points: Every stored state of the market at one bookmaker, oldest first.
        confirmed_at: When the listing was last confirmed.
    """
    if now < kickoff_at:
        return Mark(reason="not_started")
    last = next((point for point in reversed(points) if point.changed_at <= kickoff_at), None)
    if last is None or last.state == "withdrawn" or not any(last.odds_milli):
        return Mark(last.changed_at if last else None, reason="not_offered")
    at = min(max(last.changed_at, confirmed_at or last.changed_at), kickoff_at)
    age = kickoff_at - at
    if age > CLOSING_AGE:
        return Mark(at, None, age.total_seconds(), "source_down")
    return Mark(at, last, age.total_seconds())
