"""What prices add up to: the overround with W winners. Odds are decimal, ratios are fractions."""

from collections.abc import Sequence

from overround.errors import MarketIncomplete


def overround(odds: Sequence[float], winners: int = 1) -> float:
    """
    Return by how much a market's prices exceed a fair book.

    Args:
        odds: Decimal odds of every outcome of one line, in any order.
        winners: Outcomes that pay whatever the result: 1, or 2 for double chance.
    Returns:
        sum(1/odds)/winners - 1 as a fraction: 0.05 is a 105 % book, below 0 an arbitrage.
    Raises:
        MarketIncomplete: A price is missing, or 1.0 as Bet9ja prints what it does not offer.

    >>> round(overround([2.6, 2.4, 4.3]), 5), round(overround([1.29, 1.73, 1.34], winners=2), 4)
    (0.03384, 0.0497)
    """
    if len(odds) < 2 or min(odds) <= 1.0:
        raise MarketIncomplete(f"cannot total {list(odds)}")
    return sum(1.0 / price for price in odds) / winners - 1.0
