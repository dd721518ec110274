"""
Fair prices: what a bookmaker's odds say about the chances once its overround is taken off, by five methods.

Every method returns probabilities that sum to W, the number of outcomes that pay. They differ in who carries the
overround: `multiplicative` everyone in proportion, `additive` everyone equally, `power`, `odds_ratio` and `shin` the
long shots more. `power` is what the product shows unless asked otherwise. Sources: Clarke, Kovalchik, Ingram,
"Adjusting bookmaker's odds to allow for overround" (2017); Cheung, "Fixed-odds betting and traditional odds" (2015)
for the odds ratio; Shin, "Measuring the incidence of insider trading" (1993).

The equations are solved by Newton's method. Each is convex, and the start lies where the first step can't overshoot
the root more than once, so the steps never miss: no interval to guard, no case that does not converge.
"""

from collections.abc import Callable, Mapping, Sequence
from math import log, sqrt
from statistics import median
from typing import Literal, get_args

from overround.errors import MarketIncomplete

FairMethod = Literal["multiplicative", "additive", "power", "odds_ratio", "shin"]
FAIR_METHODS: tuple[FairMethod, ...] = get_args(FairMethod)
DEFAULT_METHOD: FairMethod = "power"

Probabilities = tuple[float, ...]

_STEP = 1e-6  # Newton's last step; what is left then is about its square
_MOST_STEPS = 100  # of a market that sums to far below W; sane ones take four


def fair(odds: Sequence[float], winners: int = 1, method: FairMethod = DEFAULT_METHOD) -> Probabilities:
    """
    Return each outcome's probability without the overround; they sum to `winners`.

    Args:
        odds: Decimal odds of every outcome of one line, in any order.
        winners: Outcomes that pay whatever the result: 1, or 2 for double chance.
    Raises:
        MarketIncomplete: A price is missing, or 1.0 as Bet9ja prints what it does not offer; or `additive` would
            leave an outcome no chance at all.

    >>> [round(p, 6) for p in fair([2.6, 2.4, 4.3])]
    [0.372984, 0.405107, 0.221908]
    """
    return _METHODS[method](odds, winners)


def multiplicative(odds: Sequence[float], winners: int = 1) -> Probabilities:
    """
    Return probabilities in proportion to 1/odds.

    Only the ratios of `odds` count, so they may as well be odds x 1000. Raises: MarketIncomplete.

    >>> [round(p, 6) for p in multiplicative([2.6, 2.4, 4.3])]
    [0.372026, 0.403028, 0.224946]
    """
    inverse = _inverse(odds)
    share = winners / sum(inverse)
    return tuple([each * share for each in inverse])


def additive(odds: Sequence[float], winners: int = 1) -> Probabilities:
    """
    Return 1/odds, each less the same share of the overround.

    Raises:
        MarketIncomplete: Also where a long shot's 1/odds is not larger than that share.
    """
    inverse = _inverse(odds)
    off = (sum(inverse) - winners) / len(inverse)
    if min(inverse) <= off:
        raise MarketIncomplete(f"the additive method leaves an outcome of {list(odds)} no chance")
    return tuple([each - off for each in inverse])


def power(odds: Sequence[float], winners: int = 1) -> Probabilities:
    """Return (1/odds)^k with the one k that makes them sum to `winners`. Raises: MarketIncomplete."""
    inverse = _inverse(odds)
    logs = [log(each) for each in inverse]
    k = 1.0 if sum(inverse) >= winners else 0.0
    powers = inverse
    for _ in range(_MOST_STEPS):
        powers = [each**k for each in inverse]
        step = (sum(powers) - winners) / sum([p * each for p, each in zip(powers, logs, strict=True)])
        k -= step
        if -_STEP < step < _STEP:
            break
    return tuple([each**k for each in inverse])


def odds_ratio(odds: Sequence[float], winners: int = 1) -> Probabilities:
    """Return p with (1 - p)/p = d (1 - q)/q, q = 1/odds, for the one d that fits. Raises: MarketIncomplete."""
    against = [price - 1.0 for price in _checked(odds)]  # (1 - q) / q
    d = 1.0 if sum(map(_probability, odds)) >= winners else 0.0
    for _ in range(_MOST_STEPS):
        chances = [1.0 / (1.0 + d * each) for each in against]
        slope = sum([p * p * each for p, each in zip(chances, against, strict=True)])
        step = (sum(chances) - winners) / slope
        d += step
        if -_STEP < step < _STEP:
            break
    return tuple([1.0 / (1.0 + d * each) for each in against])


def shin(odds: Sequence[float], winners: int = 1) -> Probabilities:
    """
    Return the probabilities of a bookmaker that guards against a share z of bettors who know the result.

    With several winners the model prices one of them drawn at random, so each outcome at 1/odds/W.
    Raises: MarketIncomplete.
    """
    inverse = _inverse(odds)
    scale = 4.0 / (sum(inverse) * winners)
    squares = [each * each * scale for each in inverse]
    excess = len(squares) - 2.0
    z, roots = 0.0, squares
    # g(z) = sum of roots - (n - 2) z - 2; it is convex, z = 1 is its other root
    for _ in range(_MOST_STEPS):
        rest, square = 1.0 - z, z * z
        roots = [sqrt(square + rest * each) for each in squares]
        slope = sum([(z - each / 2.0) / root for each, root in zip(squares, roots, strict=True)]) - excess
        step = (sum(roots) - excess * z - 2.0) / slope
        z -= step
        if -_STEP < step < _STEP:
            break
    rest, square, share = 1.0 - z, z * z, winners / (2.0 - 2.0 * z)
    return tuple([(sqrt(square + rest * each) - z) * share for each in squares])


def consensus(books: Sequence[Probabilities], winners: int = 1) -> Probabilities | None:
    """
    Return what several bookmakers' fair probabilities agree on: each outcome's median, scaled to sum to `winners`.

    Args:
        books: One per bookmaker, their outcomes in the same order; none gives None.
    """
    if not books:
        return None
    if len(books) == 1:
        return books[0]
    middle = [median(each) for each in zip(*books, strict=True)]
    scale = winners / sum(middle)
    return tuple([each * scale for each in middle])


def house_edge(odds: float, probability: float) -> float:
    """
    Return what the house expects to keep of a stake at these odds, a fraction; below 0 it pays more than it takes.

    >>> round(house_edge(2.0, 0.48), 4), round(house_edge(2.2, 0.48), 4)
    (0.04, -0.056)
    """
    return 1.0 - odds * probability


_probability = (1.0).__truediv__


def _checked(odds: Sequence[float]) -> Sequence[float]:
    if len(odds) < 2 or min(odds) <= 1.0:
        raise MarketIncomplete(f"cannot total {list(odds)}")
    return odds


def _inverse(odds: Sequence[float]) -> list[float]:
    return [1.0 / price for price in _checked(odds)]


_METHODS: Mapping[FairMethod, Callable[[Sequence[float], int], Probabilities]] = {
    "multiplicative": multiplicative,
    "additive": additive,
    "power": power,
    "odds_ratio": odds_ratio,
    "shin": shin,
}
