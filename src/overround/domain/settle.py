"""Join what one answer says with what was known: the answer's silence is given its meaning here."""

from collections.abc import Iterable, Set
from datetime import datetime

import msgspec

from overround.domain.markets import Market, MarketKey, Markets, ParsedMarket, market_word, shown_mask

# Names one market collects. An open list (players) grows from answer to answer and never forgets, for positions
# are never reused; past this it starts anew with what is on offer.
MAX_NAMES = 4096

# What an answer can speak for: market ids with all their lines, or single lines ("5000:2.5"); None: everything.
Scope = frozenset[str] | None


def speaks_for(scope: Scope, key: MarketKey) -> bool:
    """
    Return whether an answer of this scope can speak for a market.

    >>> [speaks_for(frozenset({"3743", "5000:2.5"}), MarketKey("5000", line)) for line in ("2.5", "3.5")]
    [True, False]
    """
    return scope is None or key.market_id in scope or (key.line != "" and market_word(key) in scope)


def settle(
    old: Markets,
    parsed: Iterable[ParsedMarket],
    at: datetime,
    scope: Scope = None,
    doubtful: Set[str] = frozenset(),
) -> dict[MarketKey, Market]:
    """
    Return the listing's markets after an answer fetched at `at`.

    Suspended outcomes without a price keep their last one, dormant ones too and are suspended if there is one,
    first-seen times stay, outcomes that the answer leaves out are not offered but keep their position. Markets
    that it leaves out become withdrawn (and keep their prices) if the answer can speak for them. Records that did
    not change are the same objects as in `old`; a changed one keeps its `suspect` until it is reviewed.

    Args:
        doubtful: Our market ids of which the answer said something that can't be believed: whatever it leaves out
            of them is suspended at its last prices instead of withdrawn.
    """
    new = dict(old)
    gone = set(old) if scope is None else {key for key in old if speaks_for(scope, key)}
    unread = {key for key in gone if key.market_id in doubtful} if doubtful else set[MarketKey]()
    for answer in parsed:
        key = answer.key
        if scope is not None and not speaks_for(scope, key):
            continue
        if unread:
            unread.discard(key)
        before = old.get(key)
        if before is not None and before.names != answer.names:
            answer = _on_positions_of(before.names, answer)
        odds, suspended = answer.odds_milli, answer.suspended
        if suspended or answer.dormant:
            odds = _carried_odds(before, answer)
            suspended |= answer.dormant & shown_mask(odds)
        if not suspended and not any(odds):
            continue  # nothing of it is offered: absent, whatever the answer calls it
        gone.discard(key)
        if before is None or not _same(before, answer, odds, suspended):
            new[key] = Market(
                key=key,
                names=answer.names,
                odds_milli=odds,
                suspended=suspended,
                changed_at=at,
                first_seen_at=at if before is None else before.first_seen_at,
                suspect=() if before is None else before.suspect,
            )
    for key in gone:
        new[key] = _locked(old[key], at) if key in unread else _withdrawn(old[key], at)
    return new


def withdraw(old: Markets, at: datetime) -> dict[MarketKey, Market]:
    """Return the listing's markets after the bookmaker took the whole event off."""
    return settle(old, (), at)


def _on_positions_of(names: tuple[str, ...], answer: ParsedMarket) -> ParsedMarket:
    """Return the answer with every name where it was before, and new names after them."""
    places = {name: place for place, name in enumerate(names)}
    added = tuple(name for name in answer.names if name not in places)
    if len(names) + len(added) > MAX_NAMES:
        return answer
    if added:
        places.update((name, place) for place, name in enumerate(added, len(names)))
        names = names + added
    odds, suspended, dormant = [0] * len(names), 0, 0
    for position, (name, milli) in enumerate(zip(answer.names, answer.odds_milli, strict=True)):
        place = places[name]
        odds[place] = milli
        suspended |= (answer.suspended >> position & 1) << place
        dormant |= (answer.dormant >> position & 1) << place
    return msgspec.structs.replace(
        answer, names=names, odds_milli=tuple(odds), suspended=suspended, dormant=dormant
    )


def _carried_odds(before: Market | None, answer: ParsedMarket) -> tuple[int, ...]:
    """Fill a suspended or dormant outcome's missing price with the last one known under the same name."""
    locked = answer.suspended | answer.dormant
    if before is None:
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
    )


def _withdrawn(market: Market, at: datetime) -> Market:
    return market if market.withdrawn_at else msgspec.structs.replace(market, withdrawn_at=at, changed_at=at)


def _locked(market: Market, at: datetime) -> Market:
    """Return the market with every shown outcome suspended: its last price may not be shown as open."""
    locked = market.suspended | shown_mask(market.odds_milli)
    if market.withdrawn_at or locked == market.suspended:
        return market
    return msgspec.structs.replace(market, suspended=locked, changed_at=at)
