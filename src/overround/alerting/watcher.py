"""Watcher: looks at what analysis says, and at what time brings, through the eyes of every rule."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Iterable, Sequence
from datetime import datetime

from overround.alerting.conditions import MARKET_CONDITIONS, MOVED_WITHIN, find, find_missing
from overround.alerting.keeper import Keeper
from overround.alerting.open_alerts import About, Target
from overround.alerting.process_conditions import Found, StaleCount, find_down, find_lag, find_stale
from overround.alerting.sight import Sight, World
from overround.analysis.records import AnalysisUpdate, Movement
from overround.config import REFERENCE
from overround.domain.alerts import ResolvedBy, Rule
from overround.domain.markets import MarketKey

TICK_S = 1.0
RECHECK_S = 5.0  # how late an alert may be seen to have ended by time alone
SWEEP_S = 60.0
SURE_MISSING = 2  # sweeps in a row that miss an event: lists come one bookmaker after another


class Watcher:
    """
    What looks, and hands every finding to the keeper.

    Analysis marks markets; a task looks at them, one event per turn of the loop. What time alone brings about
    (an event comes within the hours of a rule, a source stays down) is looked for every second or minute.
    """

    def __init__(self, world: World, keeper: Keeper) -> None:
        self._world = world
        self._keeper, self._clock = keeper, world.clock
        self._moved: dict[str, dict[MarketKey, dict[str, Movement]]] = {}  # of the last minutes, by event
        self._marked: OrderedDict[str, set[MarketKey]] = OrderedDict()
        self._missing: dict[tuple[str, str], int] = {}  # (rule, event) -> sweeps in a row
        self._wake = asyncio.Event()
        self._wants_sweep = asyncio.Event()
        world.analysis.on_analysis(self._take)

    # --- what analysis says ---------------------------------------------------------------------------------

    def read_moves(self) -> None:
        """Take in the movements that analysis has already."""
        for movement in self._world.analysis.movements():
            self._take_movement(movement)

    def _take(self, update: AnalysisUpdate) -> None:
        for movement in update.movements:
            self._take_movement(movement)
        if not self._market_rules():
            return
        for movement in update.movements:
            self._mark(movement.sportradar_id, movement.key)
        for change in update.comparisons:
            self._mark(change.sportradar_id, change.key)
        for exposure in update.exposures:
            self._mark(exposure.sportradar_id, exposure.key)
        self._wake.set()

    def _take_movement(self, movement: Movement) -> None:
        if self._clock.now() - movement.changed_at <= MOVED_WITHIN:
            of_event = self._moved.setdefault(movement.sportradar_id, {})
            of_event.setdefault(movement.key, {})[movement.id] = movement

    def _mark(self, sportradar_id: str, key: MarketKey) -> None:
        self._marked.setdefault(sportradar_id, set()).add(key)

    def _market_rules(self) -> list[Rule]:
        return [
            r for r in self._keeper.rules.values() if r.spec.enabled and r.spec.condition in MARKET_CONDITIONS
        ]

    async def drain(self) -> None:
        """Look at what is marked, as it comes."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._marked:
                self._look_at(*self._marked.popitem(last=False))
                await asyncio.sleep(0)

    def catch_up(self) -> None:
        """Look at everything marked, without giving up the turn."""
        self._world.analysis.catch_up()
        while self._marked:
            self._look_at(*self._marked.popitem(last=False))

    def _look_at(
        self, sportradar_id: str, keys: Iterable[MarketKey] | None, rules: Sequence[Rule] = ()
    ) -> None:
        """Let rules look at markets of an event; one that left memory has nothing any more."""
        rules = rules or self._market_rules()
        sight = self._sight(sportradar_id)
        if sight is None:
            self._end(sportradar_id, rules)
            return
        for rule in rules:
            for key in sight.keys(rule.spec.condition) if keys is None else keys:
                self._look(rule, sight, key)

    def _look(self, rule: Rule, sight: Sight, key: MarketKey) -> None:
        finding, header = find(rule, sight, key), sight.header
        ended: ResolvedBy = "started" if header.kickoff_at <= sight.now else "ended"
        target = Target(header.sportradar_id, key)
        name = sight.column_name(key) if finding else ""
        self._keeper.settle(
            rule, target, finding, About(f"{header.home} – {header.away}, {name}", header, name), ended
        )

    def _sight(self, sportradar_id: str) -> Sight | None:
        event = self._world.cache.event(sportradar_id)
        if event is None:
            return None
        moved = {key: list(some.values()) for key, some in self._moved.get(sportradar_id, {}).items()}
        return Sight(self._world, event, moved)

    def _end(self, sportradar_id: str, rules: Iterable[Rule]) -> None:
        wanted = {rule.id for rule in rules}
        for rule_id, target in self._keeper.open.targets():
            if target.sportradar_id == sportradar_id and rule_id in wanted:
                self._keeper.settle(self._keeper.rules[rule_id], target, None, About(""), "started")

    # --- what time brings -----------------------------------------------------------------------------------

    async def watch(self) -> None:
        """Tick and recheck, as time passes."""
        recheck_at = self._clock.monotonic() + RECHECK_S
        while True:
            await self._clock.sleep(TICK_S)
            self.tick()
            if self._clock.monotonic() >= recheck_at:
                recheck_at = self._clock.monotonic() + RECHECK_S
                await self.recheck()

    def tick(self) -> None:
        """Look at sources and the writer, at what was found in a cooldown that is over, and send what was held."""
        now = self._clock.now()
        for rule in self._keeper.rules.values():
            if rule.spec.enabled and rule.spec.condition in ("source_down", "write_lag"):
                for found in self.process_findings(rule, None):
                    self._keeper.settle(rule, *found)
        for rule_id, target in self._keeper.open.due(now):
            self._recheck(rule_id, target)
        self._keeper.send_held()

    async def recheck(self) -> None:
        """Look again at every open alert, and drop what is too old to matter."""
        for rule_id, target in self._keeper.open.targets():
            self._recheck(rule_id, target)
            await asyncio.sleep(0)
        now = self._clock.now()
        self._forget_moves(now - MOVED_WITHIN)
        self._keeper.open.forget_old(now)

    def _forget_moves(self, before: datetime) -> None:
        for sportradar_id, markets in list(self._moved.items()):
            for key, some in list(markets.items()):
                for movement in [each for each in some.values() if each.changed_at < before]:
                    del some[movement.id]
                if not some:
                    del markets[key]
            if not markets:
                del self._moved[sportradar_id]

    def _recheck(self, rule_id: str, target: Target) -> None:
        rule = self._keeper.rules.get(rule_id)
        if rule is None or not target.sportradar_id:
            return
        if target.key is not None:
            self._look_at(target.sportradar_id, [target.key], [rule])
        elif (sight := self._sight(target.sportradar_id)) is None or find_missing(rule, sight) is None:
            self._keeper.settle(rule, target, None, About(""), "ended")

    async def sweep_often(self) -> None:
        """Sweep every minute, and at once when everything is to be looked at."""
        while True:
            await self.sweep(everything=self._wants_sweep.is_set())
            if not self._wants_sweep.is_set():
                await _either(self._clock.sleep(SWEEP_S), self._wants_sweep.wait())

    def sweep_soon(self) -> None:
        """Have everything looked at, not only what no change tells."""
        self._wants_sweep.set()

    async def sweep(self, everything: bool = False) -> None:
        """Look for what no change tells: events missing here, stale sources, events that come near; or at all."""
        self._wants_sweep.clear()
        rules = [rule for rule in self._keeper.rules.values() if rule.spec.enabled]
        near = [r for r in self._market_rules() if everything or r.spec.scope.depends_on_time]
        missing = [rule for rule in rules if rule.spec.condition == "event_missing"]
        stale = [rule for rule in rules if rule.spec.condition == "source_stale"]
        if not (near or missing or stale):
            return
        counted, seen = StaleCount(self._world), set[tuple[str, str]]()
        for event in list(self._world.cache):
            counted.add(event)
            if near:
                self._look_at(event.header.sportradar_id, None, near)
            if missing:
                self._look_for_missing(event.header.sportradar_id, missing, seen)
            await asyncio.sleep(0)
        self._missing = {key: count for key, count in self._missing.items() if key in seen}
        for rule in stale:
            for found in self.process_findings(rule, counted):
                self._keeper.settle(rule, *found)

    def _look_for_missing(
        self, sportradar_id: str, rules: Sequence[Rule], seen: set[tuple[str, str]]
    ) -> None:
        sight = self._sight(sportradar_id)
        if sight is None or not self._reference_answers():
            return
        for rule in rules:
            finding, pair = find_missing(rule, sight), (rule.id, sportradar_id)
            if finding is not None:
                seen.add(pair)
                self._missing[pair] = self._missing.get(pair, 0) + 1
                if self._missing[pair] < SURE_MISSING:
                    continue
            header = sight.header
            self._keeper.settle(
                rule, Target(sportradar_id), finding, About(f"{header.home} – {header.away}", header)
            )

    def _reference_answers(self) -> bool:
        """Return whether our own prices are collected: else everything would be missing."""
        return any(
            health.bookmaker == REFERENCE and health.state in ("up", "lagging")
            for health in self._world.facts.sources()
        )

    def process_findings(self, rule: Rule, counted: StaleCount | None) -> list[Found]:
        """Return what a rule about sources or the writer finds now; staleness only where it was `counted`."""
        condition = rule.spec.condition
        if condition == "write_lag":
            return [find_lag(rule, self._world.facts.writer())]
        if condition == "source_stale" and counted is not None:
            return list(find_stale(rule, self._world, counted))
        if condition == "source_down":
            is_open = {
                target.bookmaker: True
                for rule_id, target in self._keeper.open.targets()
                if rule_id == rule.id
            }
            return list(find_down(rule, self._world, is_open))
        return []


async def _either(first: Awaitable[object], second: Awaitable[object]) -> None:
    tasks = {asyncio.ensure_future(first), asyncio.ensure_future(second)}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
