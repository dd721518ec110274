"""What fills a simulated body to real size: football markets that only SportyBet has, at prices of no meaning."""

import random
from collections.abc import Iterator
from functools import lru_cache
from itertools import count

import msgspec

from overround.bookmakers.sportybet.rendering import market_fields, market_json, outcome_fields

VARIANTS = 8  # sets of prices per market: an event's id chooses one

Outcomes = tuple[tuple[str, str], ...]


class FurtherMarket(msgspec.Struct, frozen=True):
    """A market type at SportyBet. Source: payloads: sportybet/prematch.json."""

    id: str
    group: str
    name: str
    outcomes: Outcomes  # outcome id, text; {line} stands for the specifier's last value
    specifiers: tuple[str, ...] = ("",)
    source: str = "BET_RADAR"


_YES: Outcomes = (("74", "Yes"), ("76", "No"))
_WIN: Outcomes = (("1", "Home"), ("2", "Draw"), ("3", "Away"))
_GENIUS_TOTAL: Outcomes = (("30", "Over {line}"), ("31", "Under {line}"))
_BOUNDS = ("0", "0-1", "0-2", "1", "1-2", "1-3+", "2", "2-3+", "3+")
_BOUND_IDS = ("0", "1", "2", "11", "12", "13", "22", "23", "33")
_MINUTES = range(5, 90, 5)
_LEADS = ("Any Team", "Home Team", "Away Team")

FURTHER: tuple[FurtherMarket, ...] = (
    *(
        FurtherMarket(str(60_300 + 3 * place + goals - 1), "Main", f"{who} to lead by {goals} Goals", _YES)
        for place, who in enumerate(_LEADS)
        for goals in (1, 2, 3)
    ),
    FurtherMarket("810001", "Half", "Goal Bounds - 1st Half", tuple(zip(_BOUND_IDS, _BOUNDS, strict=True))),
    FurtherMarket("810002", "Half", "Excluded Goals - 1st Half", tuple((n, n) for n in ("0", "1", "2", "3"))),
    FurtherMarket("900069", "Minutes", "Match Result after X Minutes", _WIN, tuple(f"minute={minute}" for minute in _MINUTES), "BET_GENIUS"),
)  # fmt: skip
_FIRST_MINUTES = FurtherMarket(
    "900313", "Minutes", "Total Goals from 1 to X min", _GENIUS_TOTAL, (), "BET_GENIUS"
)


def further_markets() -> Iterator[tuple[FurtherMarket, str]]:
    """Yield (market, specifier) in a fixed order without end; some of them may be of the catalogue."""
    for market in FURTHER:
        yield from ((market, specifier) for specifier in market.specifiers)
    for goals in count():
        for minute in _MINUTES:
            yield _FIRST_MINUTES, f"minute={minute}|total={goals}.5"


@lru_cache(maxsize=16_384)
def fragment(market: FurtherMarket, specifier: str, variant: int) -> bytes:
    """Return the market as JSON with prices that depend on `variant` only."""
    dice = random.Random(f"{market.id}|{specifier}|{variant}")
    weights = [dice.uniform(0.15, 1.0) for _ in market.outcomes]
    shares = [weight / sum(weights) for weight in weights]
    line = specifier.rpartition("=")[2]
    outcomes = [
        outcome_fields(outcome_id, max(101, round(94 / share)) * 10, share, text.format(line=line))
        for (outcome_id, text), share in zip(market.outcomes, shares, strict=True)
    ]
    return market_json(
        market_fields(market.id, specifier, market.name, market.group, outcomes, source=market.source)
    )
