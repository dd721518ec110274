"""Roll-ups: what an hour of prices amounts to, by series, time to kickoff and price. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from overround.domain.catalogue import MAIN_MARKETS, Catalogue
from overround.domain.events import Competition
from overround.domain.markets import MarketKey

BANDS = ("7d+", "3-7d", "24-72h", "<24h", "<1h")  # time to kickoff
BAND_STARTS = (
    timedelta(days=7),
    timedelta(days=3),
    timedelta(days=1),
    timedelta(hours=1),
)  # of the second and on
PRICE_BANDS = ("<1.3", "1.3-1.6", "1.6-2", "2-3", "3-5", "5-10", "10+")
_PRICE_STARTS = (1300, 1600, 2000, 3000, 5000, 10_000)
ALL = -1  # in place of a band: the sum over all of them

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
Grain = Literal[0, 1, 2]  # hour, day, week from Monday; UTC
GRAINS: dict[Grain, timedelta] = {0: HOUR, 1: DAY, 2: WEEK}
_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)


class SeriesKey(msgspec.Struct, frozen=True):
    """What roll-ups are kept of: one market in one competition; without a competition, the market in all of them."""

    sport: str
    competition: Competition
    key: MarketKey


class MarginSums(msgspec.Struct):
    """One bookmaker's margin over a time: seconds and overround x seconds while its market was complete and counted."""

    seconds: float = 0.0
    weighted: float = 0.0
    low: float | None = None
    high: float | None = None
    up_s: float = 0.0  # open while another bookmaker was
    others_s: float = 0.0  # another bookmaker was open while this one listed the market, open or not


class PositionSums(msgspec.Struct):
    """How the reference's prices stood over a time; each of its open outcomes counts its own seconds."""

    seconds: float = 0.0
    best: float = 0.0  # seconds at the best price, shared included
    rank: float = 0.0  # rank x seconds, 1 is the best
    rivals: float = 0.0  # competitors that priced it x seconds
    gap: float = 0.0  # (own / median - 1) x seconds


def band_of(to_kickoff: timedelta) -> int:
    """
    Return the index in `BANDS` of a time to kickoff; a boundary belongs to the nearer band, which begins there.

    >>> BANDS[band_of(timedelta(days=3))], BANDS[band_of(timedelta(minutes=59))]
    ('24-72h', '<1h')
    """
    return sum(to_kickoff <= start for start in BAND_STARTS)


def price_band_of(odds_milli: int) -> int:
    """
    Return the index in `PRICE_BANDS` of a price.

    >>> PRICE_BANDS[price_band_of(1600)], PRICE_BANDS[price_band_of(12000)]
    ('1.6-2', '10+')
    """
    return sum(odds_milli >= start for start in _PRICE_STARTS)


def start_of(at: datetime, grain: Grain) -> datetime:
    """
    Return when the hour, day or week around a time began.

    >>> start_of(datetime(2026, 11, 25, 9, 8, tzinfo=UTC), 2).isoformat()
    '2026-11-23T00:00:00+00:00'
    """
    return at - (at - _MONDAY) % GRAINS[grain]


def cover(since: datetime, until: datetime) -> list[tuple[Grain, datetime]]:
    """
    Return the days and whole weeks that make up the UTC days from `since`, rounded down, to `until`, rounded up.

    >>> [grain for grain, _ in cover(datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 12, 1, 5, tzinfo=UTC))]
    [1, 1, 2, 1, 1]
    """
    periods: list[tuple[Grain, datetime]] = []
    at = start_of(since, 1)
    while at < until:
        grain: Grain = 2 if start_of(at, 2) == at and at + WEEK <= until else 1
        periods.append((grain, at))
        at += GRAINS[grain]
    return periods


def pieces(since: datetime, until: datetime, kickoff_at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the parts of a time before kickoff, none of which crosses an hour or a band of time to kickoff."""
    until = min(until, kickoff_at)
    cuts = {kickoff_at - start for start in BAND_STARTS}
    while since < until:
        end = min(until, start_of(since, 0) + HOUR, *(cut for cut in cuts if cut > since), until)
        yield since, end
        since = end


def rolled_up(catalogue: Catalogue) -> dict[str, tuple[MarketKey, ...]]:
    """Return per sport the markets that roll-ups are kept of: football's main ones, elsewhere the first complete one."""
    chosen: dict[str, tuple[MarketKey, ...]] = {"football": MAIN_MARKETS}
    for kind in catalogue.types:
        if kind.complete and not kind.param:
            chosen.setdefault(kind.sport, (MarketKey(kind.id),))
    return chosen
