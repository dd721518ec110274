"""
What a rule would have done in the last 24 hours, from what is in memory.

Moves are kept for 24 hours at most and since the start at most. Moves and steam are counted as they came; for gaps,
margins and suspensions each market is walked back from the prices of now, move by move, and looked at after each.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from statistics import median

import msgspec

from overround.alerting.conditions import find, find_missing
from overround.alerting.sight import Sight, World
from overround.analysis.records import MarketId, Move, Movement
from overround.config import REFERENCE
from overround.domain.alerts import Preview, Rule
from overround.domain.comparing import aligned, gap, open_milli
from overround.domain.markets import MarketKey
from overround.domain.odds import overround

DAY = timedelta(hours=24)
TIMES_SHOWN = 100
EVENTS_AT_ONCE = 5

_KEPT = "Only what is in memory: at most 24 hours, at most 20,000 movements, nothing from before the start."
_TODAY = "Prices of now and the moves in memory; what was stale or suspect at the time is not known any more."
_NO_HISTORY = "No history of this is kept; only what holds now is counted."


_Moved = dict[str, dict[MarketKey, list[Movement]]]  # by event


class _Book(msgspec.Struct):
    """One bookmaker's market while it is walked back."""

    odds: tuple[int, ...]
    is_suspended: bool


async def preview(rule: Rule, world: World) -> Preview:
    """Return what a rule would have opened; gives up its turn now and then."""
    movements = _by_market(world)
    open_now = await _open_now(rule, world, movements)
    since = max(world.clock.now() - DAY, _oldest(world))
    fired = [each for each in await _fired(rule, world, movements) if each >= since]
    condition = rule.spec.condition
    if condition in ("event_missing", "source_down", "source_stale", "write_lag"):
        return Preview(None, None, open_now, "What holds now.", _NO_HISTORY)
    method = {
        "move": "Every move in memory against the threshold, with cooldown.",
        "steam": "Every steam in memory against the threshold, with cooldown.",
        "exposure": "Every exposure that was on the board, by its peak, with cooldown.",
    }.get(
        condition,
        "Each market walked back through its moves from now; every time the condition began, with cooldown.",
    )
    limits = _KEPT if condition in ("move", "steam", "exposure") else f"{_TODAY} {_KEPT}"
    return Preview(
        since, len(fired), open_now, method, limits, tuple(sorted(fired, reverse=True)[:TIMES_SHOWN])
    )


async def _open_now(rule: Rule, world: World, movements: _Moved) -> int:
    spec, found = rule.spec, 0
    if spec.condition in ("source_down", "source_stale", "write_lag"):
        return 0
    for number, event in enumerate(list(world.cache), 1):
        if number % EVENTS_AT_ONCE == 0:
            await asyncio.sleep(0)
        if not spec.scope.takes_event(event.header, world.clock.now()):
            continue
        sight = Sight(world, event, movements.get(event.header.sportradar_id, {}))
        if spec.condition == "event_missing":
            found += find_missing(rule, sight) is not None
        else:
            found += sum(find(rule, sight, key) is not None for key in sight.keys(spec.condition))
    return found


async def _fired(rule: Rule, world: World, movements: _Moved) -> list[datetime]:
    fired: list[datetime] = []
    if rule.spec.condition == "exposure":
        exposures = [*world.analysis.exposures(), *world.analysis.exposures(closed=True)]
        times: defaultdict[MarketId, list[datetime]] = defaultdict(list)
        for each in exposures:
            wanted = each.mine and not each.suppressed and each.peak >= rule.threshold
            if wanted and _in_scope(rule, world, each.sportradar_id, each.key, each.opened_at):
                times[each.sportradar_id, each.key].append(each.opened_at)
        return [at for some in times.values() for at in _cooled(sorted(some), rule)]
    for sportradar_id, markets in movements.items():
        await asyncio.sleep(0)
        for key, moved in markets.items():
            starts = _starts(rule, world, sportradar_id, key, moved)
            kept = [at for at in starts if _in_scope(rule, world, sportradar_id, key, at)]
            fired += _cooled(sorted(kept), rule)
    return fired


def _starts(
    rule: Rule, world: World, sportradar_id: str, key: MarketKey, moved: list[Movement]
) -> Iterable[datetime]:
    spec = rule.spec
    if spec.condition == "steam":
        return [
            each.steam.detected_at
            for each in moved
            if each.steam is not None and abs(each.steam.points) >= rule.threshold
        ]
    if spec.condition == "move":
        return [
            move.at
            for each in moved
            for move in each.moves
            if move.bookmaker != REFERENCE and move.kind == "price"
            and spec.scope.takes_bookmaker(move.bookmaker) and _largest(move, rule) >= rule.threshold
        ]  # fmt: skip
    if spec.condition in ("gap", "margin", "suspended_here", "suspended_there"):
        return _walked(rule, world, sportradar_id, key, moved)
    return ()


def _largest(move: Move, rule: Rule) -> float:
    changes = [
        now / was - 1 for was, now in zip(move.before_milli, move.after_milli, strict=True) if was and now
    ]
    way = rule.spec.direction
    wanted = [abs(each) for each in changes if way == "either" or (each > 0) == (way == "above")]
    return max(wanted, default=0.0)


def _walked(
    rule: Rule, world: World, sportradar_id: str, key: MarketKey, moved: list[Movement]
) -> Iterator[datetime]:
    """Yield when the condition began, newest first; what held already before the first move is not counted."""
    event = world.cache.event(sportradar_id)
    if event is None:
        return
    names: tuple[str, ...] = ()
    books: dict[str, _Book] = {}
    for code in world.settings.enabled_bookmakers:
        entry = event.listings.get(code)
        market = entry.markets.get(key) if entry else None
        if entry is None or market is None or market.withdrawn_at is not None or entry.suspect(market):
            continue
        names = names or market.names
        books[code] = _Book(
            open_milli(market) if market.names == names else aligned(market, names),
            market.state == "suspended",
        )
    held = _holds(rule, world, event.header.sport, key, names, books)
    moves = sorted(
        (move for each in moved for move in each.moves), key=lambda each: each.change_id, reverse=True
    )
    for move in moves:
        if move.names != names or move.kind == "flicker":
            continue
        books[move.bookmaker] = _Book(move.before_milli, move.kind == "reopened")
        before = _holds(rule, world, event.header.sport, key, names, books)
        if held and not before:
            yield move.at
        held = before


def _holds(
    rule: Rule, world: World, sport: str, key: MarketKey, names: tuple[str, ...], books: dict[str, _Book]
) -> bool:
    condition, scope = rule.spec.condition, rule.spec.scope
    own = books.get(REFERENCE)
    rivals = {code: book for code, book in books.items() if code != REFERENCE and scope.takes_bookmaker(code)}
    if condition == "margin":
        kind, upper = world.catalogue.find(key.market_id, sport), rule.upper
        if (
            kind is None
            or not kind.complete
            or kind.winners is None
            or upper is None
            or kind.outcomes != names
        ):
            return False
        watched = [books[code] for code in scope.bookmakers or (REFERENCE,) if code in books]
        margins = [
            overround([milli / 1000 for milli in book.odds], kind.winners)
            for book in watched
            if 0 not in book.odds
        ]
        return any(not rule.threshold <= margin <= upper for margin in margins)
    if own is None:
        return False
    if condition == "suspended_here":
        return own.is_suspended and sum(any(book.odds) for book in rivals.values()) >= rule.threshold
    if condition == "suspended_there":
        return any(own.odds) and sum(book.is_suspended for book in rivals.values()) >= rule.threshold
    return _gap_of(rule, own, [book.odds for book in rivals.values()]) >= rule.threshold


def _gap_of(rule: Rule, own: _Book, rivals: list[tuple[int, ...]]) -> float:
    largest, way = 0.0, rule.spec.direction
    for place, mine in enumerate(own.odds):
        prices = [odds[place] for odds in rivals if odds[place]]
        if not mine or not prices:
            continue
        against = prices if rule.spec.scope.bookmakers else [median(prices)]
        for each in (gap(mine, price) for price in against):
            if way == "either" or (each > 0) == (way == "above"):
                largest = max(largest, abs(each))
    return largest


def _in_scope(rule: Rule, world: World, sportradar_id: str, key: MarketKey, at: datetime) -> bool:
    event = world.cache.event(sportradar_id)
    scope = rule.spec.scope
    return event is not None and scope.takes_market(key) and scope.takes_event(event.header, at)


def _cooled(times: Iterable[datetime], rule: Rule) -> list[datetime]:
    """Return the times, oldest first, without those in the cooldown of one before."""
    kept: list[datetime] = []
    for at in times:
        if not kept or at - kept[-1] >= timedelta(seconds=rule.spec.cooldown_s):
            kept.append(at)
    return kept


def _by_market(world: World) -> _Moved:
    found: _Moved = defaultdict(lambda: defaultdict(list[Movement]))
    for movement in world.analysis.movements():
        found[movement.sportradar_id][movement.key].append(movement)
    return found


def _oldest(world: World) -> datetime:
    oldest = world.clock.now()
    for movement in world.analysis.movements():
        oldest = min(oldest, movement.started_at)
    return oldest
