"""Which event is fetched first."""

from datetime import datetime, timedelta

from overround.config import REFERENCE

SOON, NEAR = timedelta(minutes=30), timedelta(hours=2)

Priority = tuple[float, ...]  # the smaller comes first


def event_priority(kickoff_at: datetime, bookmakers: frozenset[str], now: datetime) -> Priority:
    """
    Return the event's place in the queue.

    By urgency tier (kickoff within 30 minutes, within two hours, later), then kickoff, then the number of
    bookmakers that list it (more first), then whether the reference is one of them.
    """
    left = kickoff_at - now
    tier = 0 if left < SOON else 1 if left < NEAR else 2
    return (tier, kickoff_at.timestamp(), -len(bookmakers), REFERENCE not in bookmakers)
