"""Which markets a reader wants: single lines, or a market at all its lines."""

from collections.abc import Iterable

import msgspec

from overround.domain.catalogue import MAIN_MARKETS
from overround.domain.markets import Market, MarketKey, plain_line

MAX_CHOSEN = 64


class MarketChoice(msgspec.Struct, frozen=True):
    """A set of market keys; an id in `whole` stands for all its lines."""

    keys: frozenset[MarketKey] = frozenset()
    whole: frozenset[str] = frozenset()

    def takes(self, key: MarketKey) -> bool:
        """Return whether the market belongs to the choice."""
        return key in self.keys or key.market_id in self.whole

    def takes_market(self, market: Market) -> bool:
        """Return whether a market record belongs to the choice."""
        return self.takes(market.key)


MAIN_CHOICE = MarketChoice(keys=frozenset(MAIN_MARKETS))


def read_choice(texts: Iterable[str]) -> MarketChoice:
    """
    Read texts like "3743" (all lines) and "5000:2.5" (one line).

    Raises:
        ValueError: A line that is no number, or more than 64 markets.

    >>> sorted(read_choice(["3743", "5000:2.50"]).whole), read_choice(["5000:2.50"]).keys
    (['3743'], frozenset({MarketKey(market_id='5000', line='2.5')}))
    """
    keys: set[MarketKey] = set()
    whole: set[str] = set()
    for text in texts:
        market_id, colon, line = text.strip().partition(":")
        if not market_id:
            raise ValueError("a market is written as its id, or as id:line, as in 3743 or 5000:2.5")
        if colon and line:
            keys.add(MarketKey(market_id, plain_line(line)))
        else:
            whole.add(market_id)
    if len(keys) + len(whole) > MAX_CHOSEN:
        raise ValueError(f"at most {MAX_CHOSEN} markets may be chosen")
    return MarketChoice(frozenset(keys), frozenset(whole))
