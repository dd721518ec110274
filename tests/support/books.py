"""Random but legal books: what parsers may hand to settle, as hypothesis strategies."""

from datetime import timedelta

from hypothesis import strategies as st

from overround.domain.markets import Market, MarketKey, ParsedMarket, shown_mask
from overround.domain.settle import settle
from tests.support.clock import START

NAMES = {
    "3743": ("1", "X", "2"),
    "5000": ("Over", "Under"),
    "3795": ("Yes", "No"),
    "4693": ("1X", "X2", "12"),
}
KEYS = [
    MarketKey("3743"),
    MarketKey("3795"),
    MarketKey("4693"),
    *(MarketKey("5000", line) for line in ("0.5", "1.5", "2.5")),
]

prices = st.one_of(st.just(0), st.integers(1010, 90_000))


@st.composite
def parsed_markets(draw: st.DrawFn, key: MarketKey) -> ParsedMarket:
    names = NAMES[key.market_id]
    odds = tuple(draw(prices) for _ in names)
    suspended, inactive = (draw(st.integers(0, 2 ** len(names) - 1)) for _ in range(2))
    return ParsedMarket(key, names, odds, suspended, dormant=inactive & ~suspended & ~shown_mask(odds))


@st.composite
def answers(draw: st.DrawFn) -> dict[MarketKey, ParsedMarket]:
    """What one answer says: any of the keys, each once."""
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True))
    return {key: draw(parsed_markets(key)) for key in keys}


@st.composite
def histories(draw: st.DrawFn) -> list[dict[MarketKey, Market]]:
    """Settled states one after the other: each made of the one before and an answer."""
    states: list[dict[MarketKey, Market]] = [{}]
    for step in range(draw(st.integers(1, 4))):
        states.append(settle(states[-1], draw(answers()).values(), START + timedelta(seconds=step)))
    return states


def parsed(market_id: str, odds: list[float], line: str = "", suspended: int = 0) -> ParsedMarket:
    """Return a market of the given decimal odds, 0 for not offered."""
    return ParsedMarket(
        MarketKey(market_id, line), NAMES[market_id], tuple(round(o * 1000) for o in odds), suspended
    )
