"""Markets, their key and their records: parallel arrays, so they compare, pack and encode directly."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Literal

import msgspec

MAX_ODDS_MILLI = 100_000_000  # 100,000.00; anything above is "not offered" and counted

_LINE = re.compile(r"[+-]?\d{1,4}(\.\d{1,4})?", re.ASCII)
_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)

MarketState = Literal["open", "suspended", "withdrawn"]
OutcomeState = Literal["open", "suspended"]


class MarketKey(msgspec.Struct, frozen=True, gc=False, order=True, cache_hash=True):
    """Join key across bookmakers: one BetPawa market type at one line, within the event's sport."""

    market_id: str  # BetPawa's market type id ("3743" is 1X2 full time), else the catalogue's canonical word
    line: str = ""  # plain decimal text seen from the home side, "2.5"; "" when the market has none


@lru_cache(65_536)
def market_word(key: MarketKey) -> str:
    """
    Return a market at one line as it stands beside whole market ids.

    >>> market_word(MarketKey("5000", "2.5")), market_word(MarketKey("3743"))
    ('5000:2.5', '3743')
    """
    return f"{key.market_id}:{key.line}" if key.line else key.market_id


class Player(msgspec.Struct, frozen=True, gc=False):
    """A player as one bookmaker writes him, first name first."""

    name: str
    sportradar_id: str = ""  # digits; "" where the bookmaker gives none


class ParsedMarket(msgspec.Struct, frozen=True, gc=False):
    """One market as one answer states it: no times, no memory."""

    key: MarketKey
    names: tuple[str, ...]  # outcome names in display order; one tuple shared per catalogue row
    odds_milli: tuple[int, ...]  # decimal odds x 1000 in the order of names, 2.41 -> 2410; 0 when not offered
    suspended: int = 0  # bit i is set while names[i] is shown but locked
    dormant: int = 0  # bit i is set while names[i] is inactive without a price: locked if it ever had one
    players: tuple[Player | None, ...] = ()  # whom names[i] begins with; () unless the market names players


class Market(msgspec.Struct, frozen=True, gc=False):
    """
    One market of one listing, settled: what is known after every answer so far.

    Two records are the same to `diff` when names, odds, mask, suspect and being withdrawn agree;
    the times say when that came about.
    """

    key: MarketKey
    names: tuple[str, ...]
    odds_milli: tuple[int, ...]  # a suspended outcome keeps its last price; a withdrawn market keeps all
    suspended: int
    changed_at: datetime
    first_seen_at: datetime
    withdrawn_at: datetime | None = None  # null while listed
    suspect: tuple[str, ...] = ()  # codes of domain/sanity.py that the listing alone shows; shared, sorted

    @property
    def state(self) -> MarketState:
        """Return open, suspended (every shown outcome is locked) or withdrawn."""
        return market_state(self)


Markets = Mapping[MarketKey, Market]


def shown_mask(odds_milli: tuple[int, ...]) -> int:
    """Return a bit per position that has a price."""
    mask = 0
    for position, odds in enumerate(odds_milli):
        if odds:
            mask |= 1 << position
    return mask


def shown_outcomes(market: Market | ParsedMarket) -> list[tuple[str, float | None, OutcomeState]]:
    """
    Return (name, decimal odds, state) of every outcome on offer or locked; what is not offered is left out.

    Odds are None for an outcome suspended before it ever had a price.
    """
    shown: list[tuple[str, float | None, OutcomeState]] = []
    for position, (name, odds) in enumerate(zip(market.names, market.odds_milli, strict=True)):
        locked = market.suspended >> position & 1
        if odds or locked:
            shown.append((name, odds / 1000 if odds else None, "suspended" if locked else "open"))
    return shown


def market_state(market: Market | ParsedMarket) -> MarketState:
    """Return open, suspended (every shown outcome is locked) or withdrawn."""
    if isinstance(market, Market) and market.withdrawn_at is not None:
        return "withdrawn"
    shown = shown_mask(market.odds_milli) | market.suspended
    return "suspended" if shown and shown == market.suspended else "open"


def price_milli(price: float | str | int | None) -> int:
    """
    Return a decimal price x 1000 as an integer; 0 for anything that is not an offer.

    An offer is a finite number with 1 < odds <= 100,000. Bet9ja prints what it does not offer as "1".

    >>> price_milli("2.42"), price_milli(1.02), price_milli("1"), price_milli("2,5"), price_milli("1e9")
    (2420, 1020, 0, 0, 0)
    """
    if price is None or (isinstance(price, str) and not _DECIMAL.fullmatch(price)):
        return 0
    value = float(price)
    if not 1.0 < value <= MAX_ODDS_MILLI / 1000:  # NaN fails both comparisons
        return 0
    milli = round(value * 1000)
    return milli if milli > 1000 else 0


def plain_line(text: str | float | int) -> str:
    """
    Return a line as plain decimal text: no plus sign, no "-0", no trailing zeros.

    Raises:
        ValueError: The text is not a finite decimal number.

    >>> plain_line("2.50"), plain_line("-0"), plain_line("+1"), plain_line(10.0), plain_line("-0.25")
    ('2.5', '0', '1', '10', '-0.25')
    """
    written = str(text).strip()
    if not _LINE.fullmatch(written):
        raise ValueError(f"{text!r} is not a line")
    number = Decimal(written)
    number = number.normalize()
    return "0" if number == 0 else format(number, "f")
