"""One price against others: gap, rank, median. Prices are decimal odds x 1000, 0 where there is none. Pure."""

from collections.abc import Sequence

from overround.domain.markets import Market


def gap(own_milli: float, against_milli: float) -> float:
    """
    Return by how much our price is above another, a fraction of that one.

    >>> round(gap(2250, 2200), 4)
    0.0227
    """
    return own_milli / against_milli - 1.0


def net_win_gap(own_milli: float, against_milli: float) -> float:
    """
    Return by how much a winning bet gains more here than there, stakes aside, a fraction.

    At short prices it says more than the gap: 1.10 against 1.08 is 1.9 % in price and 25 % in what is won.

    >>> round(net_win_gap(1100, 1080), 4)
    0.25
    """
    return (own_milli - 1000.0) / (against_milli - 1000.0) - 1.0


def median(prices: Sequence[float]) -> float:
    """
    Return the middle price, of two the mean; 0.0 of none.

    >>> median([2200, 2300]), median([2200, 2500, 2210]), median([])
    (2250.0, 2210.0, 0.0)
    """
    count = len(prices)
    if count <= 2:
        return sum(prices) / count if count else 0.0
    ordered = sorted(prices)
    half = count // 2
    return float(ordered[half]) if count % 2 else (ordered[half - 1] + ordered[half]) / 2


def rank(own_milli: int, others_milli: Sequence[int]) -> int:
    """
    Return our place among the prices, 1 the highest; equal prices share the better place.

    >>> rank(2250, [2300, 2250, 2200])
    2
    """
    return 1 + sum([other > own_milli for other in others_milli])


def open_milli(market: Market) -> tuple[int, ...]:
    """Return the prices that can be backed now, in the order of the market's names; 0 for the others."""
    if market.withdrawn_at is not None:
        return (0,) * len(market.names)
    locked = market.suspended
    if not locked:
        return market.odds_milli
    return tuple([0 if locked >> place & 1 else odds for place, odds in enumerate(market.odds_milli)])


def open_prices(market: Market) -> dict[str, float]:
    """Return name -> decimal odds of the outcomes that can be backed."""
    return {name: milli / 1000 for name, milli in zip(market.names, open_milli(market), strict=True) if milli}


def aligned(market: Market, names: tuple[str, ...]) -> tuple[int, ...]:
    """Return `open_milli` in the order of `names`; 0 for a name that the market lacks."""
    odds = open_milli(market)
    if market.names is names or market.names == names:
        return odds
    known = dict(zip(market.names, odds, strict=True))
    return tuple([known.get(name, 0) for name in names])
