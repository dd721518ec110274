"""
The conditions of markets and events: what holds now, by rule.

Only prices that count are looked at (I14): a stale, suspect, suspended, started or single-sided market never opens
an alert, except where the condition is about just that. Single-sided is a market of which fewer than two outcomes
can be backed.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

import msgspec

from overround.alerting.sight import Sight
from overround.analysis.reading import Book
from overround.analysis.records import Movement
from overround.config import BOOKMAKER_NAMES, REFERENCE
from overround.domain.alerts import Condition, Direction, Rule
from overround.domain.comparing import aligned, gap
from overround.domain.markets import Market, MarketKey
from overround.domain.odds import overround
from overround.domain.sanity import complete_book

MOVED_WITHIN = timedelta(minutes=15)  # a move is news for so long
_EXACT = 1e-9  # what floating point may take off a threshold


class Finding(msgspec.Struct, frozen=True):
    """That a condition holds: `value` in its unit, and what to say."""

    value: float
    says: str  # what stands in the title after the market's name
    outcome: str = ""
    bookmaker: str = ""


Finder = Callable[[Rule, Sight, MarketKey], Finding | None]


def find(rule: Rule, sight: Sight, key: MarketKey) -> Finding | None:
    """Return what a rule about markets finds in one of them, None where its condition does not hold."""
    scope = rule.spec.scope
    if not scope.takes_market(key) or not scope.takes_event(sight.header, sight.now):
        return None
    return MARKET_CONDITIONS[rule.spec.condition](rule, sight, key)


def find_missing(rule: Rule, sight: Sight) -> Finding | None:
    """Return whether an event is missing here that enough competitors list and price now."""
    if sight.reading.own is not None and sight.reading.own.entry.is_covered:
        return None
    if not rule.spec.scope.takes_event(sight.header, sight.now):
        return None
    offering = [book.code for book in _rivals(rule, sight) if not book.listing_excluded and not book.is_stale]
    if len(offering) < rule.threshold:
        return None
    return Finding(float(len(offering)), f"missing here, offered by {_names(offering)}")


def _gap(rule: Rule, sight: Sight, key: MarketKey) -> Finding | None:
    compared = sight.world.analysis.comparison(sight.header.sportradar_id, key)
    if compared is None or compared.gap is None or compared.excluded:
        return None
    if not rule.spec.scope.bookmakers and abs(compared.gap) < rule.threshold - _EXACT:
        return None
    own = compared.own_milli
    if _priced(own) < 2:
        return None
    others: list[tuple[str, Sequence[float]]] = [("", compared.median_milli)]
    if rule.spec.scope.bookmakers:
        others = [
            (book.code, aligned(market, compared.names))
            for book in _rivals(rule, sight)
            if (market := book.market(key)) is not None
        ]
    best: tuple[float, int, str] | None = None
    for code, prices in others:
        if _priced(prices) < 2:
            continue
        for place, (mine, theirs) in enumerate(zip(own, prices, strict=True)):
            difference = gap(mine, theirs) if mine and theirs else 0.0
            if _is_that_way(rule.spec.direction, difference) and (
                best is None or abs(difference) > abs(best[0])
            ):
                best = difference, place, code
    if best is None or abs(best[0]) < rule.threshold - _EXACT:
        return None
    difference, place, code = best
    against = f"{BOOKMAKER_NAMES[code]}'s price" if code else "the competitors' median"
    says = f"{compared.names[place]} {own[place] / 1000:.2f} is {abs(difference):.1%} {'above' if difference > 0 else 'below'} {against}"
    return Finding(difference, says, compared.names[place], code)


def _move(rule: Rule, sight: Sight, key: MarketKey) -> Finding | None:
    best: tuple[float, str, str, int, int] | None = None
    for movement in _fresh(sight, key):
        if _is_answered(movement):
            continue
        for move in movement.moves:
            if move.bookmaker == REFERENCE or move.kind != "price" or sight.now - move.at > MOVED_WITHIN:
                continue
            if not rule.spec.scope.takes_bookmaker(move.bookmaker) or not _counts(sight, move.bookmaker, key):
                continue
            for name, was, now in zip(move.names, move.before_milli, move.after_milli, strict=True):
                change = now / was - 1 if was and now else 0.0
                if _is_that_way(rule.spec.direction, change) and (best is None or abs(change) > abs(best[0])):
                    best = change, name, move.bookmaker, was, now
    if best is None or abs(best[0]) < rule.threshold - _EXACT:
        return None
    change, name, code, was, now = best
    says = f"{BOOKMAKER_NAMES[code]} moved {name} {was / 1000:.2f} → {now / 1000:.2f} ({change:+.1%})"
    return Finding(change, says, name, code)


def _steam(rule: Rule, sight: Sight, key: MarketKey) -> Finding | None:
    for movement in _fresh(sight, key):
        steam = movement.steam
        if steam is None or _is_answered(movement) or sight.now - steam.detected_at > MOVED_WITHIN:
            continue
        price_way = 1.0 if steam.direction == "up" else -1.0
        if abs(steam.points) < rule.threshold - _EXACT or not _is_that_way(rule.spec.direction, price_way):
            continue
        scope = rule.spec.scope
        if not any(scope.takes_bookmaker(code) for code in steam.bookmakers):
            continue
        if sum(_counts(sight, code, key) for code in steam.bookmakers) < 2:
            continue
        says = f"steam on {steam.name}: {_names(steam.bookmakers)} moved it {steam.direction} ({steam.points:+.1%} of probability)"
        return Finding(steam.points, says, steam.name, steam.bookmakers[0])
    return None


def _suspended_here(rule: Rule, sight: Sight, key: MarketKey) -> Finding | None:
    own = sight.reading.own
    market = own.entry.markets.get(key) if own else None
    if own is None or market is None or own.excluded(market) != "suspended":
        return None
    offering = [book.code for book in _rivals(rule, sight) if _counts(sight, book.code, key)]
    if len(offering) < rule.threshold:
        return None
    return Finding(float(len(offering)), f"suspended here, offered by {_names(offering)}")


def _suspended_there(rule: Rule, sight: Sight, key: MarketKey) -> Finding | None:
    if not _counts(sight, REFERENCE, key):
        return None
    locked = [
        book.code
        for book in _rivals(rule, sight)
        if (market := book.entry.markets.get(key)) is not None and book.excluded(market) == "suspended"
    ]
    if len(locked) < rule.threshold:
        return None
    return Finding(float(len(locked)), f"open here, suspended at {_names(locked)}")


def _exposure(rule: Rule, sight: Sight, key: MarketKey) -> Finding | None:
    exposure = sight.exposure(key)
    if exposure is None or exposure.profit < rule.threshold - _EXACT:
        return None
    rivals = [leg.bookmaker for leg in exposure.legs if leg.bookmaker != REFERENCE]
    if not any(rule.spec.scope.takes_bookmaker(code) for code in rivals):
        return None
    legs = ", ".join(
        f"{leg.name} {leg.odds_milli / 1000:.2f} {BOOKMAKER_NAMES[leg.bookmaker]}" for leg in exposure.legs
    )
    mine = next(leg.name for leg in exposure.legs if leg.bookmaker == REFERENCE)
    return Finding(exposure.profit, f"pays {exposure.profit:.2%} whoever wins: {legs}", mine)


def _margin(rule: Rule, sight: Sight, key: MarketKey) -> Finding | None:
    kind, upper = sight.kind(key), rule.upper
    if kind is None or upper is None:
        return None
    watched = rule.spec.scope.bookmakers or (REFERENCE,)
    for book in sight.reading.books:
        market = book.market(key) if book.code in watched else None
        odds = complete_book(market, kind) if market is not None else None
        if odds is None:
            continue
        margin = overround([milli / 1000 for milli in odds], kind.winners or 1)
        if not rule.threshold - _EXACT <= margin <= upper + _EXACT:
            side = "below" if margin < rule.threshold else "above"
            band = f"{rule.threshold:.1%} to {upper:.1%}"
            return Finding(
                margin, f"margin {margin:.1%} at {BOOKMAKER_NAMES[book.code]}, {side} {band}", "", book.code
            )
    return None


MARKET_CONDITIONS: dict[Condition, Finder] = {
    "gap": _gap,
    "move": _move,
    "steam": _steam,
    "suspended_here": _suspended_here,
    "suspended_there": _suspended_there,
    "exposure": _exposure,
    "margin": _margin,
}


def _rivals(rule: Rule, sight: Sight) -> list[Book]:
    return [book for book in sight.reading.competitors if rule.spec.scope.takes_bookmaker(book.code)]


def _counts(sight: Sight, code: str, key: MarketKey) -> bool:
    """Return whether a bookmaker's market counts and two of its outcomes at least can be backed."""
    book = next((each for each in sight.reading.books if each.code == code), None)
    market = book.market(key) if book else None
    return market is not None and _backable(market) >= 2


def _backable(market: Market) -> int:
    return sum(
        1 for place, odds in enumerate(market.odds_milli) if odds and not market.suspended >> place & 1
    )


def _priced(prices: Sequence[float]) -> int:
    return sum(1 for price in prices if price)


def _fresh(sight: Sight, key: MarketKey) -> list[Movement]:
    return [each for each in sight.movements(key) if sight.now - each.changed_at <= MOVED_WITHIN]


def _is_answered(movement: Movement) -> bool:
    """Return whether everything in it that asked for an answer of ours has got one."""
    return bool(movement.unanswered) and not movement.is_unanswered


def _is_that_way(direction: Direction, difference: float) -> bool:
    return direction == "either" or (difference > 0 if direction == "above" else difference < 0)


def _names(codes: Sequence[str]) -> str:
    """
    Return bookmakers as people write them.

    >>> _names(["sportybet", "bet9ja", "msport"])
    'SportyBet, Bet9ja and MSport'
    """
    names = [BOOKMAKER_NAMES[code] for code in codes]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
