"""From the goals model to one bookmaker's prices: its view, its margin, its rounding, its range."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from overround.bookmakers.base import Quote
from overround.domain.catalogue import MarketType
from overround.domain.markets import MarketKey
from overround.simulator import chance
from overround.simulator.calendar import Match
from overround.simulator.goals import Intensities
from overround.simulator.models import FootballMatch, fair, fair_players, match_of
from overround.simulator.movement import drift, step_at
from overround.simulator.plants import PLANTED_MARKET, Plants, phase_at
from overround.simulator.profiles import PROFILES, Profile
from overround.simulator.ranges import Twin, market_types, offered_outcomes, priced_as
from overround.simulator.settlement import Chances, Fair
from overround.simulator.squads import Member, squads

MIN_ODDS_MILLI = 1_011  # at 1.01 and below nothing is offered
MAX_ODDS_MILLI = 1_000_000
_CAP = MAX_ODDS_MILLI / 1000

Quotes = Mapping[MarketKey, Mapping[str, Quote]]


class LazyQuotes(Mapping[MarketKey, Mapping[str, Quote]]):
    """The markets of one listing, each priced when it is first asked for; a list needs a few of hundreds."""

    def __init__(self, keys: Sequence[MarketKey], price: Callable[[MarketKey], Mapping[str, Quote]]) -> None:
        """Offer those of the keys that `price` gives at least one outcome for."""
        self._unpriced = dict.fromkeys(keys)
        self._price = price
        self._priced: dict[MarketKey, Mapping[str, Quote]] = {}

    def __getitem__(self, key: MarketKey) -> Mapping[str, Quote]:
        known = self._priced.get(key)
        if known is None:
            if key not in self._unpriced:
                raise KeyError(key)
            known = self._priced[key] = self._price(key)
        if not known:
            raise KeyError(key)
        return known

    def __iter__(self) -> Iterator[MarketKey]:
        return (key for key in self._unpriced if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Pricer:
    """Every bookmaker's prices of a match at a moment, in seconds of the world's time."""

    def __init__(
        self, seed: int, moves: float = 0.0, market_moves: float = 0.0, plants: Plants | None = None
    ) -> None:
        """Move `moves` of the matches and `market_moves` of each bookmaker's markets per minute."""
        self._seed, self._moves, self._market_moves = seed, moves, market_moves
        self._plants = plants or Plants(seed)

    def version(self, bookmaker: str, match: Match, keys: Sequence[MarketKey], seconds: float) -> int:
        """Return a number that grows with every move of this bookmaker's prices of the match."""
        step = self._event_step(bookmaker, match, seconds)
        if self._plants.kind_of(match):
            step += phase_at(seconds)
        if not self._market_moves:
            return step
        # no summand ever falls, so an equal sum means that none has moved
        return step + sum(self._market_step(bookmaker, match, key, seconds) for key in keys)

    def quotes(self, bookmaker: str, match: Match, keys: Sequence[MarketKey], seconds: float) -> Quotes:
        """Return the offered outcomes of every one of these markets, as they are at that time."""
        step = self._event_step(bookmaker, match, seconds)
        chances = match_of(match.sport, self._intensities(bookmaker, match, step))

        planted = self._plants.quotes(bookmaker, match, seconds)

        def price(key: MarketKey) -> Mapping[str, Quote]:
            if planted is not None and key == PLANTED_MARKET:
                return planted
            market_step = self._market_step(bookmaker, match, key, seconds)
            name = f"{bookmaker}|{match.sportradar_id}|{key.market_id}|{key.line}|{step}|{market_step}"
            market = self._market(bookmaker, match, key, chances, name)
            if twin := priced_as(bookmaker, match.sport, key.market_id):
                return _under_one_id(market, quotes.get(MarketKey(twin.market_id, key.line), {}), twin)
            return market

        quotes = LazyQuotes(keys, price)
        return quotes

    def squads(self, match: Match) -> tuple[Member, ...]:
        """Return the players of a match; only football's are known."""
        if match.sport != "football":
            return ()
        return squads(self._seed, f"{match.country}|{match.competition}", match.home, match.away)

    def _market(
        self, bookmaker: str, match: Match, key: MarketKey, chances: Chances, name: str
    ) -> dict[str, Quote]:
        profile = PROFILES[bookmaker]
        kind = market_types()[match.sport, key.market_id]
        tilt = 0.01 * (2 * chance.uniform(self._seed, f"{name}|tilt") - 1)
        fair_ = self._fair(bookmaker, match, kind, key.line, chances)
        odds = on_ladder(priced(fair_, kind, profile.margin, tilt), kind, profile.ladder)
        locked, withheld = self._unavailable(profile, list(odds), name)
        return {
            outcome: quote(milli, outcome in locked)
            for outcome, milli in odds.items()
            if outcome not in withheld
        }

    def _fair(self, bookmaker: str, match: Match, kind: MarketType, line: str, chances: Chances) -> Fair:
        outcomes = offered_outcomes(bookmaker, kind.sport, kind.id)
        if not kind.names_players:
            return fair(chances, kind, line, outcomes)
        assert isinstance(chances, FootballMatch)
        players = fair_players(chances, self.squads(match), kind, line)
        return {
            name: share for name, share in players.items() if name in outcomes or name not in kind.outcomes
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


def _under_one_id(market: Mapping[str, Quote], other: Mapping[str, Quote], twin: Twin) -> Mapping[str, Quote]:
    """Return a market's quotes with those that the bookmaker writes once for two of ours as the other has them."""
    own = {name: quote for name, quote in market.items() if name not in twin.names}
    return own | {ours: other[theirs] for ours, theirs in twin.names.items() if theirs in other}


def priced(chances: Fair, kind: MarketType, margin: float, tilt: float = 0.0) -> dict[str, float]:
    """
    Return decimal odds with the bookmaker's margin.

    Every outcome's odds ratio p/(1-p) grows by one factor, the one that gives an even market this
    overround; so a favourite's price stays above 1 and a long shot bears more. Where the number of winners is
    not fixed every outcome is priced like one side of two. `tilt` shifts the first outcome up and the last one
    down, as a single bookmaker's own money does.
    """
    count, winners = (len(kind.outcomes), kind.winners) if kind.winners else (2, 1)
    factor = (1 + margin) * (count - winners) / (count - winners * (1 + margin))
    shifts = {0: math.exp(tilt), len(chances) - 1: math.exp(-tilt)}
    odds: dict[str, float] = {}
    for position, (outcome, chance_) in enumerate(chances.items()):
        if 0 < chance_ < 1:
            ratio = chance_ / (1 - chance_) * factor * shifts.get(position, 1.0)
            odds[outcome] = 1 + 1 / ratio
    return odds


def on_ladder(
    odds: Mapping[str, float], kind: MarketType, ladder: tuple[tuple[int, int], ...]
) -> dict[str, int]:
    """
    Return odds x 1000 on the bookmaker's ladder; what is no offer is left out, as is what only the cap limits.

    No bookmaker rounds its margin away: where the nearest steps would, all prices go to the step below.
    """
    offered: dict[str, int] = {}
    booksum = 0.0
    for outcome, price in odds.items():
        if price <= _CAP and (milli := rounded(price, ladder)):
            offered[outcome] = milli
            booksum += 1000 / milli
    if len(offered) < len(kind.outcomes) or booksum >= (kind.winners or 0):
        return offered
    below = {outcome: rounded(odds[outcome], ladder, down=True) for outcome in offered}
    return {outcome: milli for outcome, milli in below.items() if milli}


def rounded(odds: float, ladder: tuple[tuple[int, int], ...], *, down: bool = False) -> int:
    """
    Return odds x 1000 on the bookmaker's ladder, 0 when that is no offer.

    >>> rounded(2.4149, ((4000, 10), (10**6 + 1, 50))), rounded(7.777, ((4000, 10), (10**6 + 1, 50)))
    (2410, 7800)
    """
    milli = min(odds * 1000, MAX_ODDS_MILLI)
    step = 1
    for below, step in ladder:  # noqa: B007 - the step of the first bound above it
        if milli < below:
            break
    on_step = (math.floor(milli / step) if down else round(milli / step)) * step
    return on_step if on_step >= MIN_ODDS_MILLI else 0


@lru_cache(maxsize=200_000)
def quote(odds_milli: int, suspended: bool) -> Quote:
    """Return the one quote of this price; prices repeat, so they are shared."""
    return Quote(odds_milli, suspended)
