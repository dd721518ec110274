"""How a market is settled: a rule says which outcomes a result pays, a table adds up what that is worth."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter, mul
from typing import Any, Protocol

import msgspec

Fair = dict[str, float]  # outcome name -> probability given no void; sums to the market's winners W
Winners = str | Iterable[str] | None  # who is paid; None gives every stake back
Given = Callable[[Any], Iterable[tuple[float, Any]]]


class Chances(Protocol):
    """One match: how likely each state of each of its spaces is."""

    def shares(self, space: str) -> Sequence[float]:
        """Return the probability of every state of the space, in the order of the rule's `states`."""
        ...


class Rule(msgspec.Struct, frozen=True):
    """
    One market type: the space it plays in, and who is paid.

    A space's states say as much as the model needs to know of a match; `given` adds the rest (halves, order,
    minutes) as results with their probability in that state. Results may overlap where several outcomes win.
    """

    space: str
    states: Sequence[Any]
    settle: Callable[[Any, float, tuple[str, ...]], Winners]  # (result, line, the offered outcomes)
    given: Given = lambda state: ((1.0, state),)
    grid: float = 0.0  # lines are multiples of it; 0: the market has none
    measure: Callable[[Any], float] | None = (
        None  # what the line is compared with, where it is a count or a lead
    )


class _Weights(msgspec.Struct, frozen=True, gc=False):
    """What each state is worth to an outcome, made for speed: a sum over those of the shares that count."""

    pick: Callable[[Sequence[float]], Sequence[float]]
    factors: tuple[float, ...] | None  # None: all are 1

    def of(self, shares: Sequence[float]) -> float:
        picked = self.pick(shares)
        return sum(picked) if self.factors is None else sum(map(mul, picked, self.factors))


def _weights(values: Sequence[float]) -> _Weights:
    places = [place for place, value in enumerate(values) if value]
    factors = tuple(values[place] for place in places)
    if len(places) < 2:  # itemgetter gives a tuple from two places on
        places, factors = [*places, 0, 0], (*factors, 0.0, 0.0)
    return _Weights(itemgetter(*places), None if all(factor == 1 for factor in factors) else factors)


class Table:
    """A rule at one line: per outcome the share of its stake that each state pays or gives back."""

    def __init__(self, rule: Rule, line: str, outcomes: tuple[str, ...]) -> None:
        """
        Settle every result once.

        Raises:
            ValueError: The market can't have this line.
        """
        self._space = rule.space
        halves = _halves(line, rule.grid)
        won = {name: [0.0] * len(rule.states) for name in outcomes}
        refunded = [0.0] * len(rule.states)
        for place, state in enumerate(rule.states):
            for share, result in rule.given(state):
                for half in halves:
                    winners = rule.settle(result, half, outcomes)
                    if winners is None:
                        refunded[place] += share / len(halves)
                        continue
                    for name in (winners,) if isinstance(winners, str) else winners:
                        if name in won:  # a bookmaker need not offer every outcome
                            won[name][place] += share / len(halves)
        self._won = [(name, _weights(_whole(values))) for name, values in won.items()]
        self._refunded = _weights(_whole(refunded)) if any(refunded) else None

    def fair(self, chances: Chances) -> Fair:
        """Return won share / share not given back of every outcome; 1/p is its fair price."""
        shares = chances.shares(self._space)
        if self._refunded is None:
            return {name: weights.of(shares) for name, weights in self._won}
        kept = 1 - self._refunded.of(shares)
        return {name: weights.of(shares) / kept if kept > 0 else 0.0 for name, weights in self._won}


def _whole(values: list[float]) -> list[float]:
    return [round(value) if abs(value - round(value)) < 1e-12 else value for value in values]


class Spread:
    """Where a market's lines lie: mean and deviation of what they are compared with."""

    def __init__(self, rule: Rule) -> None:
        """Average the measure in every state."""
        measure = rule.measure
        assert measure is not None
        results = [tuple(rule.given(state)) for state in rule.states]
        self._space = rule.space
        self._mean = _weights([sum(share * measure(result) for share, result in given) for given in results])
        self._square = _weights(
            [sum(share * measure(result) ** 2 for share, result in given) for given in results]
        )

    def of(self, chances: Chances) -> tuple[float, float]:
        """Return mean and standard deviation."""
        shares = chances.shares(self._space)
        mean = self._mean.of(shares)
        return mean, max(self._square.of(shares) - mean * mean, 0.0) ** 0.5


def _halves(line: str, grid: float) -> tuple[float, ...]:
    """Return the lines of the parts of a stake: 2.25 is half on 2 and half on 2.5."""
    if not grid:
        if line:
            raise ValueError(f"this market has no line, not {line!r}")
        return (0.0,)
    number = float(line)
    if not (number / grid).is_integer():
        raise ValueError(f"{line!r} is no line of a market with lines in steps of {grid:g}")
    return (number - 0.25, number + 0.25) if number * 2 % 1 else (number,)


# --- outcomes that many markets share --------------------------------------------------------------------------


def over_under(count: float, line: float) -> Winners:
    """Return who is paid when a count is compared with a line; equal gives the stake back."""
    return "Over" if count > line else "Under" if count < line else None


def one_or_two(lead: float) -> Winners:
    """Return the side in front; level gives the stake back."""
    return "1" if lead > 0 else "2" if lead < 0 else None


def result_of(lead: float) -> str:
    """Return 1, X or 2."""
    return "1" if lead > 0 else "2" if lead < 0 else "X"


def doubles_of(result: str) -> tuple[str, str]:
    """Return the two double chances that a result pays."""
    return _DOUBLES[result]


_DOUBLES: Mapping[str, tuple[str, str]] = {"1": ("1X", "12"), "X": ("1X", "X2"), "2": ("12", "X2")}


def yes_no(happened: bool) -> str:
    """Return Yes or No."""
    return "Yes" if happened else "No"


def odd_even(count: int) -> str:
    """Return Odd or Even."""
    return "Odd" if count % 2 else "Even"


_RANGE = re.compile(r"(\d+)(?:-(\d+))?(\+)?")


@cache
def range_of(outcome: str) -> tuple[int, float]:
    """
    Return the least and the largest count that an outcome pays.

    >>> range_of("2-3"), range_of("4+"), range_of("1-5+"), range_of("0"), range_of("No goal")
    ((2, 3), (4, inf), (1, inf), (0, 0), (0, 0))
    """
    if outcome == "No goal":
        return 0, 0
    match = _RANGE.fullmatch(outcome)
    if match is None:
        raise ValueError(f"{outcome!r} is no range of counts")
    low, high, more = match.groups()
    return int(low), float("inf") if more else int(high or low)


def in_ranges(count: int, outcomes: Iterable[str]) -> list[str]:
    """Return the outcomes whose range holds the count."""
    return [name for name in outcomes if range_of(name)[0] <= count <= range_of(name)[1]]
