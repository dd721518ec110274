"""From the goals model to one bookmaker's prices: its view, its margin, its rounding, its range."""

import math
from collections.abc import Mapping
from functools import lru_cache

from overround.bookmakers.base import Quote
from overround.config import packaged_catalogue
from overround.domain.catalogue import MarketType
from overround.domain.markets import MarketKey, plain_line
from overround.simulator import chance
from overround.simulator.calendar import Match
from overround.simulator.goals import Fair, Intensities, Scores, fair
from overround.simulator.movement import drift, step_at
from overround.simulator.profiles import PROFILES, Profile

MIN_ODDS_MILLI = 1_011  # at 1.01 and below nothing is offered
MAX_ODDS_MILLI = 1_000_000
_OVER_UNDER, _HANDICAP, _THREE_WAY = "5000", "3774", "4724"

Quotes = Mapping[MarketKey, Mapping[str, Quote]]


class Pricer:
    """Every bookmaker's prices of a match at a moment, in seconds of the world's time."""

    def __init__(self, seed: int, moves: float = 0.0, market_moves: float = 0.0) -> None:
        """Move `moves` of the matches and `market_moves` of each bookmaker's markets per minute."""
        self._seed, self._moves, self._market_moves = seed, moves, market_moves
        self._types = {kind.id: kind for kind in packaged_catalogue().types}

    def version(self, bookmaker: str, match: Match, seconds: float) -> int:
        """Return a number that grows with every move of this bookmaker's prices of the match."""
        step = self._event_step(bookmaker, match, seconds)
        if not self._market_moves:
            return step
        keys = market_keys(PROFILES[bookmaker], match.base)
        # no summand ever falls, so an equal sum means that none has moved
        return step + sum(self._market_step(bookmaker, match, key, seconds) for key in keys)

    def quotes(self, bookmaker: str, match: Match, seconds: float) -> Quotes:
        """Return the offered outcomes of every market in the bookmaker's range."""
        profile = PROFILES[bookmaker]
        step = self._event_step(bookmaker, match, seconds)
        scores = Scores(self._intensities(bookmaker, match, step))
        quotes: dict[MarketKey, Mapping[str, Quote]] = {}
        for key in market_keys(profile, match.base):
            market_step = self._market_step(bookmaker, match, key, seconds)
            name = f"{bookmaker}|{match.sportradar_id}|{key.market_id}|{key.line}|{step}|{market_step}"
            if market := self._market(profile, self._types[key.market_id], key.line, scores, name):
                quotes[key] = market
        return quotes

    def _market(
        self, profile: Profile, kind: MarketType, line: str, scores: Scores, name: str
    ) -> dict[str, Quote]:
        tilt = 0.01 * (2 * chance.uniform(self._seed, f"{name}|tilt") - 1)
        odds = {
            outcome: rounded(price, profile.ladder)
            for outcome, price in priced(fair(scores, kind, line), kind, profile.margin, tilt).items()
        }
        offered = [outcome for outcome, milli in odds.items() if milli]
        locked, withheld = self._unavailable(profile, offered, name)
        return {
            outcome: quote(odds[outcome], outcome in locked) for outcome in offered if outcome not in withheld
        }

    def _unavailable(
        self, profile: Profile, offered: list[str], name: str
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Return the locked and the withheld outcomes; in half the cases it is all of the market."""
        draw = chance.uniform(self._seed, f"{name}|lock")
        if not offered or draw >= profile.suspended + profile.withheld:
            return frozenset(), frozenset()
        if draw < profile.suspended:
            which = int(draw / profile.suspended * 2 * len(offered))
            return frozenset(offered[which : which + 1] or offered), frozenset()
        which = int((draw - profile.suspended) / profile.withheld * len(offered))
        return frozenset(), frozenset(offered[which : which + 1])

    def _event_step(self, bookmaker: str, match: Match, seconds: float) -> int:
        if not self._moves:
            return 0
        haste = 0.5 + chance.uniform(self._seed, f"{bookmaker}|{match.sportradar_id}|haste")
        seen_s = seconds - PROFILES[bookmaker].lag_s * haste
        return step_at(self._seed, f"move|{match.sportradar_id}", seen_s, self._moves)

    def _market_step(self, bookmaker: str, match: Match, key: MarketKey, seconds: float) -> int:
        if not self._market_moves:
            return 0
        name = f"move|{bookmaker}|{match.sportradar_id}|{key.market_id}|{key.line}"
        return step_at(self._seed, name, seconds, self._market_moves)

    def _intensities(self, bookmaker: str, match: Match, step: int) -> Intensities:
        view = PROFILES[bookmaker].opinion
        home, away = (
            math.exp(
                drift(self._seed, f"{match.sportradar_id}|{side}", step)
                + view * chance.normal(self._seed, f"{bookmaker}|{match.sportradar_id}|{side}")
            )
            for side in ("home", "away")
        )
        return Intensities(match.base.home * home, match.base.away * away, match.base.rho)


def priced(chances: Fair, kind: MarketType, margin: float, tilt: float = 0.0) -> dict[str, float]:
    """
    Return decimal odds with the bookmaker's margin.

    Every outcome's odds ratio p/(1-p) grows by one factor, the one that gives an even market this
    overround; so a favourite's price stays above 1 and a long shot bears more. `tilt` shifts the
    first outcome up and the last one down, as a single bookmaker's own money does.
    """
    count, winners = len(chances), kind.winners or 1
    factor = (1 + margin) * (count - winners) / (count - winners * (1 + margin))
    shifts = {0: math.exp(tilt), count - 1: math.exp(-tilt)}
    odds: dict[str, float] = {}
    for position, (outcome, chance_) in enumerate(chances.items()):
        if 0 < chance_ < 1:
            ratio = chance_ / (1 - chance_) * factor * shifts.get(position, 1.0)
            odds[outcome] = 1 + 1 / ratio
    return odds


def rounded(odds: float, ladder: tuple[tuple[int, int], ...]) -> int:
    """
    Return odds x 1000 on the bookmaker's ladder, 0 when that is no offer.

    >>> rounded(2.4149, ((4000, 10), (10**6 + 1, 50))), rounded(7.777, ((4000, 10), (10**6 + 1, 50)))
    (2410, 7800)
    """
    milli = min(odds * 1000, MAX_ODDS_MILLI)
    step = next(step for below, step in ladder if milli < below)
    on_ladder = round(milli / step) * step
    return on_ladder if on_ladder >= MIN_ODDS_MILLI else 0


@lru_cache(maxsize=200_000)
def quote(odds_milli: int, suspended: bool) -> Quote:
    """Return the one quote of this price; prices repeat, so they are shared."""
    return Quote(odds_milli, suspended)


def market_keys(profile: Profile, base: Intensities) -> tuple[MarketKey, ...]:
    """Return the markets in a bookmaker's range for a match of these intensities; moves do not change them."""
    return _keys(profile, -round(base.home - base.away))


@lru_cache(maxsize=1_000)
def _keys(profile: Profile, even_handicap: int) -> tuple[MarketKey, ...]:
    return (
        *(MarketKey(market_id) for market_id in profile.plain),
        *(MarketKey(_OVER_UNDER, line) for line in profile.totals),
        *(MarketKey(_HANDICAP, plain_line(even_handicap + off)) for off in profile.handicaps),
        *(MarketKey(_THREE_WAY, line) for line in profile.three_way),
    )
