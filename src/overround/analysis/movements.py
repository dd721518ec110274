"""Movements: every change as a move, grouped per market and run; flicker, steam, and who has not followed yet."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from overround.analysis.records import (
    AnsweredBy,
    MarketId,
    Move,
    MoveKind,
    Movement,
    Steam,
    Unanswered,
    fair_of,
)
from overround.cache.odds_cache import CachedEvent
from overround.config import REFERENCE, Settings
from overround.domain.catalogue import MarketType
from overround.domain.comparing import aligned, open_milli
from overround.domain.diff import MarketChange
from overround.domain.markets import Market, MarketKey, market_word

KEPT = 20_000  # movements; about 20 MB
KEPT_FOR = timedelta(hours=24)
FLICKER_WITHIN = timedelta(minutes=1)
GROUP_WITHIN = timedelta(minutes=1)  # moves outside of runs that are one movement
_SURE = (
    1 / 3
)  # of the threshold, in 1/odds: while all move by less, no fair probability moves by the whole of it
_EXACT = 1e-9  # what floating point may take off the threshold


class Source(msgspec.Struct, frozen=True):
    """Where a change comes from."""

    change_id: int
    run_id: str | None
    at: datetime
    sportradar_id: str
    bookmaker: str
    kind: MarketType | None
    event: CachedEvent | None  # says who prices the market while it happens


_Placed = tuple[Move, str]  # a move with the id of its movement


class _Trail(msgspec.Struct, gc=False):
    """What happened lately in one market; half a million of them must neither weigh much nor be collected through."""

    newest: str = ""  # id of its newest movement
    moves: tuple[_Placed, ...] = ()  # of all bookmakers, as they came
    waiting: dict[str, tuple[Unanswered, str]] = {}  # by outcome: unanswered by us, id of its movement
    steam_in: str = ""  # id of the movement that has the market's newest steam

    @property
    def competitors(self) -> list[str]:
        """Return which competitors moved, in the order of their first moves."""
        return list(dict.fromkeys(each.bookmaker for each, _ in self.moves if each.bookmaker != REFERENCE))

    def of(self, bookmaker: str) -> list[_Placed]:
        """Return one bookmaker's moves, oldest first."""
        return [each for each in self.moves if each[0].bookmaker == bookmaker]

    def last(self, bookmaker: str) -> _Placed | None:
        """Return a bookmaker's newest move."""
        return next((each for each in reversed(self.moves) if each[0].bookmaker == bookmaker), None)

    def drop(self, placed: _Placed) -> None:
        """Forget one move."""
        self.moves = tuple([each for each in self.moves if each is not placed])

    def prune(self, before: datetime) -> None:
        """Forget what is older."""
        if self.moves and self.moves[0][0].at < before:
            self.moves = tuple([each for each in self.moves if each[0].at >= before])


class Movements:
    """
    The newest movements, at most 20,000 and of 24 hours; older ones are in the database's history.

    A move that does not touch what can be backed (its reason codes only, a market's first sight) is none.
    """

    def __init__(self, settings: Settings, kept: int = KEPT) -> None:
        self._settings, self._kept = settings, kept
        self._room: int | None = kept  # None while it is filled from history
        self._ring: OrderedDict[str, Movement] = OrderedDict()
        self._trails: dict[MarketId, _Trail] = {}
        self._markets: dict[str, set[MarketId]] = {}  # by event
        self._told: dict[str, Movement] = {}
        self._read_settings({})
        settings.on_change(self._read_settings)

    def __len__(self) -> int:
        return len(self._ring)

    @property
    def trails(self) -> int:
        """Return how many markets are watched for flicker, steam and answers."""
        return len(self._trails)

    def newest_first(self) -> Iterator[Movement]:
        """Return what is in memory, newest beginning first."""
        return reversed(self._ring.values())

    def get(self, movement_id: str) -> Movement | None:
        """Return a movement, None when it is no longer in memory."""
        return self._ring.get(movement_id)

    def take(self, change: MarketChange, source: Source) -> None:
        """Take in one market's change."""
        move = move_of(change, source)
        if move is None:
            return
        market: MarketId = (source.sportradar_id, change.after.key)
        trail = self._trails.get(market)
        if trail is None:
            trail = self._trails[market] = _Trail()
            self._markets.setdefault(source.sportradar_id, set()).add(market)
        if not self._fold(trail, move):
            self._add(market, trail, move, source)
        self._look(trail, move, source, change.after.key)

    def fill(self) -> None:
        """Take in history from here to `settle`: event by event, so that movements do not come as they began."""
        self._room = None

    def cut(self) -> None:
        """Let no more than twice as many stay as are kept; for a filling between two events."""
        if len(self._ring) > 2 * self._kept:
            self._sort()

    def settle(self) -> None:
        """End a filling: movements stand as they began, the newest stay, and nobody is told of them."""
        self._room = self._kept
        self._sort()
        self._told.clear()

    def watched_events(self) -> list[str]:
        """Return the events with markets that are watched."""
        return list(self._markets)

    def told(self) -> list[Movement]:
        """Return every movement that became another since the last call, as it is now."""
        told, self._told = list(self._told.values()), {}
        return told

    def close_event(self, sportradar_id: str, by: AnsweredBy, at: datetime) -> None:
        """Let nothing of an event wait for an answer any longer: it began or left; forget its trails."""
        for market in self._markets.pop(sportradar_id, ()):
            trail = self._trails.pop(market)
            for name in list(trail.waiting):
                self._answer(trail, name, by, at)

    def forget_old(self, now: datetime) -> Iterator[None]:
        """Drop what is older than 24 hours, and trails that can no longer matter; yields where it may pause."""
        while self._ring and next(iter(self._ring.values())).changed_at < now - KEPT_FOR:
            self._ring.popitem(last=False)
        for sportradar_id in list(self._markets):
            self._forget_trails(sportradar_id, now - self._watched)
            yield

    def _forget_trails(self, sportradar_id: str, before: datetime) -> None:
        markets = self._markets.get(sportradar_id, set())
        for market in list(markets):
            trail = self._trails[market]
            trail.prune(before)
            if not trail.moves and not trail.waiting:
                del self._trails[market]
                markets.discard(market)
        if not markets:
            self._markets.pop(sportradar_id, None)

    def _sort(self) -> None:
        began = sorted(self._ring.values(), key=lambda each: (each.started_at, each.moves[0].change_id))
        self._ring = OrderedDict((each.id, each) for each in began[-self._kept :])

    def _read_settings(self, _: object) -> None:
        self._window = timedelta(seconds=self._settings.number("steam_window_s"))
        self._watched = max(self._window, FLICKER_WITHIN, GROUP_WITHIN)
        self._threshold = self._settings.number("steam_points_tenths") / 1000

    def _put(self, movement: Movement) -> None:
        """Let a movement be known as it is now; one that has left the ring stays away."""
        self._ring[movement.id] = movement
        self._told[movement.id] = movement
        if self._room is not None and len(self._ring) > self._room:
            gone, _ = self._ring.popitem(last=False)
            self._told.pop(gone, None)

    def _fold(self, trail: _Trail, move: Move) -> bool:
        """Fold a move that takes back the bookmaker's last one within a minute; return whether it did."""
        placed = trail.last(move.bookmaker)
        if placed is None:
            return False
        last, movement_id = placed
        movement = self._ring.get(movement_id)
        if (
            movement is None
            or last.kind == "flicker"
            or last.names != move.names
            or last.before_milli != move.after_milli
            or last.after_milli != move.before_milli
            or move.at - last.at > FLICKER_WITHIN
        ):
            return False
        trail.drop(placed)
        folded = msgspec.structs.replace(last, at=move.at, kind="flicker", flickers=1)
        rest = [each for each in movement.moves if each is not last]
        before = next((each for each in reversed(rest) if each.bookmaker == move.bookmaker), None)
        if before is not None and before.kind == "flicker" and last.at - before.at <= FLICKER_WITHIN:
            folded = msgspec.structs.replace(folded, flickers=before.flickers + 1)
            rest.remove(before)
        moves = tuple(sorted([*rest, folded], key=lambda each: each.change_id))
        self._put(msgspec.structs.replace(movement, moves=moves, changed_at=move.at))
        self._end_steam(trail, move.at)
        return True

    def _add(self, market: MarketId, trail: _Trail, move: Move, source: Source) -> None:
        movement = self._ring.get(trail.newest)
        if movement is not None and _belongs(movement, move, source.run_id):
            movement = msgspec.structs.replace(movement, moves=(*movement.moves, move), changed_at=move.at)
        else:
            sportradar_id, key = market
            movement = Movement(
                id=f"{sportradar_id}-{market_word(key)}-{move.change_id}",
                sportradar_id=sportradar_id,
                key=key,
                run_id=source.run_id,
                started_at=move.at,
                changed_at=move.at,
                moves=(move,),
            )
            trail.newest = movement.id
        self._put(movement)
        trail.moves = (*trail.moves, (move, movement.id))

    def _look(self, trail: _Trail, move: Move, source: Source, key: MarketKey) -> None:
        """See what a move means: an answer of ours, steam, or something to answer."""
        trail.prune(move.at - self._watched)
        if move.bookmaker == REFERENCE:
            self._answer_all(trail, move)
            return
        if trail.waiting:
            self._revert(trail, move)
        if strong := self._strong(trail, move.bookmaker, move.at):
            offers = _offers(source.event, key)
            self._await_answer(trail, move, *strong[0], offers.get(REFERENCE))
            self._find_steam(trail, move, strong, len(offers.keys() - {REFERENCE}))

    # --- answers --------------------------------------------------------------------------------------------

    def _await_answer(self, trail: _Trail, move: Move, place: int, points: float, own: Market | None) -> None:
        name = move.names[place]
        if name in trail.waiting or own is None:
            return
        own_milli = aligned(own, move.names)[place]
        if not own_milli:
            return
        followed = self._net(trail, REFERENCE, name, move.at)
        if followed is not None and followed * points > 0:
            return  # we moved first, or with them
        first, movement_id = self._first(trail.of(move.bookmaker), move.at) or (move, trail.newest)
        base = first.before_milli[first.names.index(name)] if name in first.names else 0
        unanswered = Unanswered(
            name=name,
            direction="down" if points > 0 else "up",
            bookmaker=move.bookmaker,
            from_milli=base,
            to_milli=move.after_milli[place],
            since=first.at,
            own_milli=own_milli,
        )
        trail.waiting[name] = unanswered, movement_id
        self._write_unanswered(movement_id, unanswered, move.at)

    def _answer_all(self, trail: _Trail, move: Move) -> None:
        for name, (waiting, _) in list(trail.waiting.items()):
            now = move.after_milli[move.names.index(name)] if name in move.names else 0
            if not now:
                self._answer(trail, name, "closed_here", move.at)
            elif (now < waiting.own_milli) if waiting.direction == "down" else (now > waiting.own_milli):
                self._answer(trail, name, "followed", move.at)

    def _revert(self, trail: _Trail, move: Move) -> None:
        """Let nothing wait for us that the competitor who began it has taken back."""
        for name, (waiting, _) in list(trail.waiting.items()):
            if waiting.bookmaker != move.bookmaker or name not in move.names or not waiting.from_milli:
                continue
            now = move.after_milli[move.names.index(name)]
            back = now >= waiting.from_milli if waiting.direction == "down" else now <= waiting.from_milli
            if now and back:
                self._answer(trail, name, "reverted", move.at)

    def _answer(self, trail: _Trail, name: str, by: AnsweredBy, at: datetime) -> None:
        waiting, movement_id = trail.waiting.pop(name)
        answered = msgspec.structs.replace(waiting, answered_at=at, answered_by=by)
        self._write_unanswered(movement_id, answered, at)

    def _write_unanswered(self, movement_id: str, entry: Unanswered, at: datetime) -> None:
        movement = self._ring.get(movement_id)
        if movement is None:
            return
        same = (entry.name, entry.since)
        kept = tuple(each for each in movement.unanswered if (each.name, each.since) != same)
        self._put(msgspec.structs.replace(movement, unanswered=(*kept, entry), changed_at=at))

    # --- steam ----------------------------------------------------------------------------------------------

    def _find_steam(
        self, trail: _Trail, move: Move, strong: Sequence[tuple[int, float]], competitors: int
    ) -> None:
        """Begin steam in the first of these outcomes that enough competitors moved, or go on with what runs."""
        needed = max(2, competitors - 1)
        if len(trail.competitors) < needed:
            return
        running = self._ring.get(trail.steam_in)
        steam = running.steam if running else None
        goes_on = steam is not None and move.at - steam.detected_at <= self._window
        for place, points in strong:
            name = move.names[place]
            if (
                goes_on
                and steam is not None
                and (name, points > 0) != (steam.name, steam.direction == "down")
            ):
                continue
            movers = self._movers(trail, name, points, move.at)
            if len(movers) < needed:
                continue
            if running is None or not goes_on:
                running, steam = self._ring[trail.newest], None
                trail.steam_in = running.id
            found = Steam(
                name=name,
                direction="down" if points > 0 else "up",
                bookmakers=tuple(movers),
                competitors=competitors,
                started_at=min(at for at, _ in movers.values()),
                detected_at=steam.detected_at if steam else move.at,
                points=max((each for _, each in movers.values()), key=abs),
            )
            self._put(msgspec.structs.replace(running, steam=found, changed_at=move.at))
            return

    def _end_steam(self, trail: _Trail, at: datetime) -> None:
        """Take steam back that a flicker made."""
        running = self._ring.get(trail.steam_in)
        if running is None or running.steam is None or at - running.steam.detected_at > FLICKER_WITHIN:
            return
        steam = running.steam
        movers = self._movers(trail, steam.name, steam.points, at)
        if len(movers) < max(2, steam.competitors - 1):
            trail.steam_in = ""
            self._put(msgspec.structs.replace(running, steam=None, changed_at=at))

    def _movers(
        self, trail: _Trail, name: str, points: float, at: datetime
    ) -> dict[str, tuple[datetime, float]]:
        """Return the competitors that moved this outcome that way by the threshold: (first move, points)."""
        movers: list[tuple[datetime, str, float]] = []
        for bookmaker in trail.competitors:
            net = self._net(trail, bookmaker, name, at)
            first = self._first(trail.of(bookmaker), at)
            if first and net is not None and net * points > 0 and abs(net) >= self._threshold - _EXACT:
                movers.append((first[0].at, bookmaker, net))
        movers.sort(key=lambda each: each[0])
        return {bookmaker: (first_at, net) for first_at, bookmaker, net in movers}

    def _strong(self, trail: _Trail, bookmaker: str, at: datetime) -> list[tuple[int, float]]:
        """
        Return (place, points) of what moved by the threshold within the window.

        Prices that fell come first, for that is where money went, then those that moved most.
        """
        past = trail.of(bookmaker)
        found = self._first(past, at)
        if found is None:
            return []
        first, last = found[0], past[-1][0]
        if first.names != last.names or not last.winners:
            return []
        pairs = list(zip(first.before_milli, last.after_milli, strict=True))
        least = _SURE * self._threshold
        if all(was and now and -least < 1000 / now - 1000 / was < least for was, now in pairs):
            return []
        before, after = fair_of(first.before_milli, first.winners), fair_of(last.after_milli, last.winners)
        if before is None or after is None:
            return []
        strong = [
            (place, now - was)
            for place, (was, now) in enumerate(zip(before, after, strict=True))
            if pairs[place][0] != pairs[place][1] and abs(now - was) >= self._threshold - _EXACT
        ]
        return sorted(strong, key=lambda each: (each[1] < 0, -abs(each[1])))

    def _net(self, trail: _Trail, bookmaker: str, name: str, at: datetime) -> float | None:
        """Return by how much a bookmaker moved an outcome's fair probability within the window; None: not at all."""
        past = trail.of(bookmaker)
        found = self._first(past, at)
        if found is None:
            return None
        first, last = found[0], past[-1][0]
        before, after = fair_of(first.before_milli, first.winners), fair_of(last.after_milli, last.winners)
        if before is None or after is None or first.names != last.names or name not in last.names:
            return None
        place = last.names.index(name)
        return after[place] - before[place]

    def _first(self, past: Sequence[_Placed], at: datetime) -> _Placed | None:
        """Return the first of one bookmaker's moves within the window that ends at `at`."""
        since = at - self._window
        return next((each for each in past if each[0].at >= since), None)


def move_of(change: MarketChange, source: Source) -> Move | None:
    """Return a change as a move, None where nothing that can be backed became another."""
    before, after = change.before, change.after
    if before is None:
        return None
    names, now = after.names, open_milli(after)
    was = aligned(before, names)
    kind = _kind(before, after, was, now)
    if kind is None:
        return None
    market_type = source.kind
    is_whole = market_type is not None and market_type.complete and names == market_type.outcomes
    winners = (market_type.winners or 0) if market_type is not None and is_whole else 0
    return Move(source.change_id, source.at, source.bookmaker, kind, names, was, now, winners)


def _kind(before: Market, after: Market, was: tuple[int, ...], now: tuple[int, ...]) -> MoveKind | None:
    if (before.withdrawn_at is None) != (after.withdrawn_at is None):
        return "returned" if after.withdrawn_at is None else "withdrawn"
    if was == now:
        return None
    if any(old and not new and odds for old, new, odds in zip(was, now, after.odds_milli, strict=True)):
        return "suspended"
    if before.suspended and any(new and not old for old, new in zip(was, now, strict=True)):
        return "reopened"
    return "price"


def _belongs(movement: Movement, move: Move, run_id: str | None) -> bool:
    if run_id is not None or movement.run_id is not None:
        return movement.run_id == run_id
    return move.at - movement.changed_at <= GROUP_WITHIN


def _offers(event: CachedEvent | None, key: MarketKey) -> dict[str, Market]:
    """Return the market at every bookmaker that lists it openly."""
    entries = event.listings.items() if event else ()
    return {
        code: market
        for code, entry in entries
        if entry.listing.state == "open"
        and (market := entry.markets.get(key)) is not None
        and market.withdrawn_at is None
    }
