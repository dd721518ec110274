"""Join what one answer says with what was known: the answer's silence is given its meaning here."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from overround.domain.markets import Market, MarketKey, Markets, ParsedMarket, shown_mask

Scope = frozenset[str] | None  # market ids an answer can speak for; None: all of the listing's markets


def settle(
    old: Markets, parsed: Iterable[ParsedMarket], at: datetime, scope: Scope = None
) -> dict[MarketKey, Market]:
    """
    Return the listing's markets after an answer fetched at `at`.

    Suspended outcomes without a price keep their last one, dormant ones too and are suspended if there is one,
    first-seen times stay, markets that the answer leaves out become withdrawn (and keep their prices) if the
    answer can speak for them. Records that did not change are the same objects as in `old`.
    """
    new = dict(old)
    gone = {key for key in old if scope is None or key.market_id in scope}
    for answer in parsed:
        if scope is not None and answer.key.market_id not in scope:
            continue
        before = old.get(answer.key)
        odds = _carried_odds(before, answer)
        suspended = answer.suspended | answer.dormant & shown_mask(odds)
        if not any(odds) and not suspended:
            continue  # nothing of it is offered: absent, whatever the answer calls it
        gone.discard(answer.key)
        if before is None or not _same(before, answer, odds, suspended):
            new[answer.key] = Market(
                key=answer.key,
                names=answer.names,
                odds_milli=odds,
                suspended=suspended,
                changed_at=at,
                first_seen_at=at if before is None else before.first_seen_at,
                suspect=answer.suspect,
            )
    for key in gone:
        if old[key].withdrawn_at is None:
            new[key] = msgspec.structs.replace(old[key], withdrawn_at=at, changed_at=at)
    return new


def withdraw(old: Markets, at: datetime) -> dict[MarketKey, Market]:
    """Return the listing's markets after the bookmaker took the whole event off."""
    return settle(old, (), at)


def _carried_odds(before: Market | None, answer: ParsedMarket) -> tuple[int, ...]:
    """Fill a suspended or dormant outcome's missing price with the last one known under the same name."""
    locked = answer.suspended | answer.dormant
    if before is None or not locked:
        return answer.odds_milli
    last = dict(zip(before.names, before.odds_milli, strict=True))
    return tuple(
        odds or (last.get(name, 0) if locked >> i & 1 else 0)
        for i, (name, odds) in enumerate(zip(answer.names, answer.odds_milli, strict=True))
    )


def _same(before: Market, answer: ParsedMarket, odds: tuple[int, ...], suspended: int) -> bool:
    return (
        before.odds_milli == odds
        and before.suspended == suspended
        and before.withdrawn_at is None
        and before.names == answer.names
        and before.suspect == answer.suspect
    )
