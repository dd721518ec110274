"""Movements from history: the same as those that were watched, once each, whatever comes meanwhile."""

import asyncio
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from overround.analysis.movements import Movements
from overround.analysis.past_movements import MovementReader, MovementRebuild
from overround.errors import StorageError
from overround.storage.changes import StoredChange, Window
from tests.support.api import BOOKMAKERS, CATALOGUE, KICKOFF, header, priced, three_way
from tests.support.clock import FakeClock, settle
from tests.support.desk import EVENT, DeskWorld

BEFORE, AFTER = (2.40, 3.30, 3.00), (2.20, 3.30, 3.40)
OTHER = "69000002"


class Recorded(DeskWorld):
    """A world that keeps what it accepted, as the database does; `window` is its history."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        super().__init__(clock)
        self.stored: list[tuple[str, str, StoredChange]] = []
        self.written = 0
        self.is_away = False

    def accept(self, listings=(), confirmed=(), removed=(), run_id="run-1") -> None:
        listings = list(listings)
        super().accept(listings, confirmed, removed, run_id)
        self.written = self._change_id
        for change in listings:
            for market in change.markets:
                stored = StoredChange(self._change_id, run_id, market.after)
                self.stored.append((change.sportradar_id, change.bookmaker, stored))

    async def newest_change(self) -> int:
        return self.written

    async def window(self, sportradar_id, bookmakers, window: Window, limit: int):
        await asyncio.sleep(0)
        if self.is_away:
            raise StorageError(None, "away")
        found: dict[str, list[StoredChange]] = {}
        for event, code, change in self.stored:
            newest = window.newest is None or change.change_id <= window.newest
            if event == sportradar_id and code in bookmakers and newest:
                if window.since > change.market.changed_at:
                    kept = [each for each in found.get(code, ()) if each.market.key != change.market.key]
                    found[code] = [*kept, change]
                elif change.market.changed_at < window.until:
                    found.setdefault(code, []).append(change)
        return None if sum(map(len, found.values())) > limit else found

    def rebuild(self, newest: int) -> MovementRebuild:
        return MovementRebuild(self, self.cache, self.settings, CATALOGUE, self.clock, newest)

    async def read(self, hours: float = 24) -> Movements:
        now = self.clock.now()
        window = Window(now - timedelta(hours=hours), now + timedelta(milliseconds=1))
        into = Movements(self.settings)
        reader = MovementReader(self, CATALOGUE, self.settings.enabled_bookmakers, window, 10_000)
        assert await reader.read([event.header for event in self.cache], into)
        return into


ANSWER = st.tuples(
    st.sampled_from((EVENT, OTHER)), st.sampled_from(BOOKMAKERS),
    st.sampled_from((BEFORE, AFTER, (2.0, 3.3, 4.2), (2.2, 0, 3.4))), st.sampled_from((0, 0, 0, 7)),
    st.sampled_from(("run-2", "run-3", None)), st.sampled_from((0, 1, 20, 70, 400)),
)  # fmt: skip


def play(world: DeskWorld, answers) -> None:
    """Let bookmakers answer one after the other, some of them nothing."""
    for event in (EVENT, OTHER):
        for code in BOOKMAKERS:
            world.price(code, three_way(*BEFORE), event=event)
    for event, code, odds, suspended, run_id, seconds in answers:
        world.wait(seconds)
        markets = [three_way(*odds, suspended=suspended), priced("5000", odds[:2], "2.5")]
        change = world.answer(event, code, markets[: 1 if seconds == 1 else 2])
        world.accept([change], run_id=run_id)


def kept(movements) -> list:
    """Return movements in an order that does not depend on which event was read first."""
    return sorted(movements, key=lambda each: each.id)


@settings(max_examples=40, deadline=None)
@given(st.lists(ANSWER, max_size=14))
def test_history_gives_what_watching_gave(answers):
    """Moves, groups, flicker, steam, unanswered and their ends."""
    world = Recorded()
    play(world, answers)
    assert kept(asyncio.run(world.read()).newest_first()) == kept(world.movements())


async def started(world: Recorded, newest: int | None = None):
    """Return a desk as the next process starts it, and what it tells; its rebuild has not begun."""
    desk, told = world.new_desk(), []
    desk.on_analysis(told.append)
    await desk.start(world.rebuild(world.written if newest is None else newest))
    return desk, told


async def test_a_start_knows_the_day_before_and_tells_nobody_again():
    """What comes while it reads is taken in behind it, told once, and answers what waited."""
    world = Recorded()
    play(world, [])
    world.accept([world.answer(EVENT, "sportybet", [three_way(*AFTER)])], run_id="run-2")
    desk, told = await started(world)
    world.accept([world.answer(EVENT, "betpawa", [three_way(*AFTER)])], run_id="run-3")
    await settle()
    assert list(desk.movements()) == world.movements()
    (waited,) = [each for movement in desk.movements() for each in movement.unanswered]
    assert waited.answered_by == "followed"
    ids = [movement.id for update in told for movement in update.movements]
    assert len(ids) == len(set(ids)) == 2  # the new one, and the one that it answered
    await desk.stop()


async def test_it_waits_for_what_was_accepted_and_not_written_but_not_for_ever():
    """The earlier process left batches in the spool; a database that stands still keeps nobody."""
    world = Recorded()
    play(world, [])
    world.accept([world.answer(EVENT, "bet9ja", [three_way(*AFTER)])], run_id="run-2")
    world.written -= 1
    desk, _ = await started(world, newest=world.written + 1)
    await world.clock.advance(5)
    assert list(desk.movements()) == []
    world.written += 1
    await world.clock.advance(1)
    assert list(desk.movements()) == world.movements() != []
    await desk.stop()
    behind, _ = await started(world, newest=world.written + 9)
    await world.clock.advance(29)
    assert list(behind.movements()) == []
    await world.clock.advance(2)
    assert list(behind.movements()) == world.movements()
    await behind.stop()


async def test_without_the_database_movements_begin_here():
    """Nothing that comes is lost for it."""
    world = Recorded()
    play(world, [])
    world.is_away = True
    desk, _ = await started(world)
    world.accept([world.answer(EVENT, "bet9ja", [three_way(*AFTER)])], run_id="run-2")
    await settle()
    assert list(desk.movements()) == world.movements() != []
    await desk.stop()


async def test_nothing_waits_in_a_match_that_began_meanwhile():
    """Whether it began while the process was stopped or while it reads."""
    world = Recorded()
    play(world, [])
    world.accept([world.answer(EVENT, "sportybet", [three_way(*AFTER)])], run_id="run-2")
    desk, _ = await started(world)
    world.clock.step_wall((KICKOFF - world.clock.now()).total_seconds())
    await settle()
    (waited,) = [each for movement in desk.movements() for each in movement.unanswered]
    assert waited.answered_by == "started"
    await desk.stop()


async def test_more_than_is_kept_leaves_the_newest():
    """In the order they began, whichever event was read first."""
    world = Recorded()
    for number in range(6):
        event = f"7000000{number}"
        for code, odds in (("betpawa", BEFORE), ("bet9ja", BEFORE), ("bet9ja", AFTER)):
            world.wait(1)
            world.price(code, three_way(*odds), event=event, header=header(event))
    into = Movements(world.settings, kept=2)
    now = world.clock.now()
    window = Window(now - timedelta(hours=1), now + timedelta(seconds=1))
    reader = MovementReader(world, CATALOGUE, BOOKMAKERS, window, 100)
    await reader.read([event.header for event in world.cache][::-1], into)
    assert [each.sportradar_id for each in into.newest_first()] == ["70000005", "70000004"]
    assert into.told() == []
