"""Moves, flicker, steam and who has not followed; every figure by hand."""

from datetime import timedelta

import pytest

from overround.analysis.movements import Movements, Source
from overround.config import Settings
from overround.domain.diff import MarketChange
from overround.domain.fair import fair
from overround.domain.markets import MarketKey
from tests.support.api import CATALOGUE, KICKOFF, priced, three_way
from tests.support.changes import market
from tests.support.clock import START
from tests.support.desk import EVENT, DeskWorld

BEFORE = (2.40, 3.30, 3.00)
AFTER = (2.20, 3.30, 3.40)  # 1 rises by some 3.5 points, 2 falls by as much
SMALL = (2.38, 3.30, 3.03)


def world_of(*codes, odds=BEFORE) -> DeskWorld:
    """Return a world in which these bookmakers price the 1X2 alike."""
    world = DeskWorld()
    for code in codes or ("betpawa", "sportybet", "bet9ja"):
        world.price(code, three_way(*odds))
    return world


def move(world, code, odds=AFTER, run_id="run-2", suspended=0) -> None:
    """Let a bookmaker answer another 1X2 in a run."""
    change = world.answer(EVENT, code, [three_way(*odds, suspended=suspended)])
    world.accept([change], [world.confirmation(EVENT, code)], run_id=run_id)


def test_a_first_sight_is_no_move_and_an_equal_answer_neither():
    """Only what was there before can move."""
    world = world_of()
    move(world, "bet9ja", BEFORE)
    assert world.movements() == []


def test_a_move_tells_from_to_percent_and_points():
    """2.40 to 2.20 is -8.3 %, and so many points of fair probability."""
    world = world_of()
    move(world, "bet9ja")
    (movement,) = world.movements()
    (only,) = movement.moves
    first = only.outcomes[0]
    assert (only.kind, only.bookmaker, first.name, first.from_milli, first.to_milli) == (
        "price", "bet9ja", "1", 2400, 2200
    )  # fmt: skip
    assert first.change == pytest.approx(2.2 / 2.4 - 1)
    assert first.points == pytest.approx(fair(AFTER)[0] - fair(BEFORE)[0])
    assert [each.name for each in only.outcomes] == ["1", "2"]


def test_moves_of_one_market_in_one_run_are_one_movement():
    """Who moved first is the first of its moves; the next run begins another."""
    world = world_of()
    move(world, "sportybet")
    world.wait(30)
    move(world, "bet9ja")
    move(world, "betpawa", run_id="run-3")
    newest, older = world.movements()
    assert [each.bookmaker for each in older.moves] == ["sportybet", "bet9ja"]
    assert older.first_mover == "sportybet"
    assert (older.run_id, newest.run_id) == ("run-2", "run-3")


def test_outside_of_runs_a_minute_makes_a_movement():
    """The fast lane has no runs."""
    world = world_of()
    move(world, "sportybet", run_id=None)
    world.wait(60)
    move(world, "bet9ja", run_id=None)
    world.wait(61)
    move(world, "betpawa", run_id=None)
    assert [len(each.moves) for each in world.movements()] == [1, 2]


@pytest.mark.parametrize(
    ("odds", "suspended", "kind"),
    [(BEFORE, 0b111, "suspended"), (BEFORE, 0b001, "suspended"), (AFTER, 0, "price")],
)
def test_kinds_of_moves(odds, suspended, kind):
    """A locked price is a move of its own kind; unlocking is another one."""
    world = world_of()
    move(world, "bet9ja", odds, suspended=suspended)
    assert world.movements()[0].moves[-1].kind == kind
    if suspended:
        world.wait(61)
        move(world, "bet9ja", AFTER)
        assert world.movements()[0].moves[-1].kind == "reopened"


def test_a_withdrawn_market_and_its_return_are_kinds_too():
    """Gone from a complete answer, and back."""
    world = world_of()
    world.price("bet9ja")
    assert world.movements()[0].moves[-1].kind == "withdrawn"
    world.wait(61)
    world.price("bet9ja", three_way(*BEFORE))
    assert world.movements()[0].moves[-1].kind == "returned"


def test_a_flicker_is_folded_and_counted():
    """There and back within a minute, three times: one line `flicker x3`."""
    world = world_of()
    for _ in range(3):
        move(world, "bet9ja", AFTER)
        world.wait(20)
        move(world, "bet9ja", BEFORE)
        world.wait(20)
    (movement,) = world.movements()
    (only,) = movement.moves
    assert (only.kind, only.flickers) == ("flicker", 3)
    assert not movement.is_unanswered


def test_what_comes_back_later_than_a_minute_is_two_moves():
    """Sixty-one seconds are a price that stood."""
    world = world_of()
    move(world, "bet9ja", AFTER)
    world.wait(61)
    move(world, "bet9ja", BEFORE)
    assert [each.kind for each in world.movements()[0].moves] == ["price", "price"]


# --- steam ----------------------------------------------------------------------------------------------------


def test_steam_is_n_minus_1_competitors_the_same_way_within_the_window():
    """Of three competitors two moved 1 down by 1.5 points or more within five minutes."""
    world = world_of("betpawa", "sportybet", "bet9ja", "msport")
    move(world, "sportybet")
    assert world.movements()[0].steam is None
    world.wait(299)
    move(world, "bet9ja")
    steam = world.movements()[0].steam
    assert (steam.name, steam.direction, steam.bookmakers, steam.competitors) == (
        "1", "down", ("sportybet", "bet9ja"), 3
    )  # fmt: skip
    assert (steam.detected_at - steam.started_at).total_seconds() == 299
    move(world, "msport")
    assert world.movements()[0].steam.bookmakers == ("sportybet", "bet9ja", "msport")
    assert world.movements()[0].steam.detected_at == steam.detected_at


@pytest.mark.parametrize(
    "case",
    ["one of three", "too late", "too small", "other way", "only us", "one competitor alone", "locked"],
)
def test_no_steam(case):
    """Everything that is nearly steam."""
    world = world_of("betpawa", "sportybet", "bet9ja", "msport")
    if case == "one of three":
        move(world, "sportybet")
        move(world, "betpawa")
    elif case == "too late":
        move(world, "sportybet")
        world.wait(301)
        move(world, "bet9ja")
    elif case == "too small":
        move(world, "sportybet")
        move(world, "bet9ja", SMALL)
    elif case == "other way":
        move(world, "sportybet")
        move(world, "bet9ja", (2.60, 3.30, 2.70))
    elif case == "only us":
        move(world, "betpawa")
    elif case == "one competitor alone":
        world = world_of("betpawa", "sportybet")
        move(world, "sportybet")
    else:
        move(world, "sportybet", BEFORE, suspended=0b111)
        move(world, "bet9ja", BEFORE, suspended=0b111)
    assert [each.steam for each in world.movements() if each.steam] == []


def test_two_small_steps_within_the_window_count_as_one():
    """What counts is where the price stands, not in how many steps it got there."""
    world = world_of()
    for odds in ((2.33, 3.30, 3.10), (2.26, 3.30, 3.25)):
        for code in ("sportybet", "bet9ja"):
            move(world, code, odds)
        world.wait(100)
    assert [each.steam.bookmakers for each in world.movements() if each.steam] == [("sportybet", "bet9ja")]


def test_a_flicker_takes_its_steam_back():
    """It was noise."""
    world = world_of()
    move(world, "sportybet")
    move(world, "bet9ja")
    assert world.movements()[0].steam is not None
    world.wait(30)
    move(world, "bet9ja", BEFORE)
    assert world.movements()[0].steam is None


def test_threshold_and_window_are_live_settings():
    """Three points within ten seconds are more than two moves of 3.4 points half a minute apart."""
    world = world_of()
    world.settings.apply(world.settings.check({"steam_points_tenths": 50}))
    move(world, "sportybet")
    move(world, "bet9ja")
    assert world.movements()[0].steam is None
    world = world_of()
    world.settings.apply(world.settings.check({"steam_window_s": 10}))
    move(world, "sportybet")
    world.wait(11)
    move(world, "bet9ja")
    assert [each.steam for each in world.movements() if each.steam] == []


# --- unanswered -----------------------------------------------------------------------------------------------


def unanswered(world):
    """Return all entries, oldest first."""
    return [each for movement in reversed(world.movements()) for each in movement.unanswered]


def test_a_competitors_move_waits_for_our_answer_and_is_closed_by_it():
    """Since the first of them moved; the same way counts, however far."""
    world = world_of()
    move(world, "sportybet")
    since = world.clock.now()
    world.wait(120)
    (waiting,) = unanswered(world)
    assert (waiting.name, waiting.direction, waiting.bookmaker, waiting.own_milli) == (
        "1",
        "down",
        "sportybet",
        2400,
    )
    assert (waiting.since, waiting.answered_at) == (since, None)
    move(world, "betpawa", (2.35, 3.30, 3.10))
    (answered,) = unanswered(world)
    assert (answered.answered_by, answered.answered_at) == ("followed", world.clock.now())
    assert not any(each.is_unanswered for each in world.movements())


def closed_here(world):
    move(world, "betpawa", BEFORE, suspended=0b111)


def reverted(world):
    world.wait(90)
    move(world, "sportybet", BEFORE)


def started(world):
    world.wait((KICKOFF - world.clock.now()).total_seconds())


@pytest.mark.parametrize("cause", [closed_here, reverted, started])
def test_other_ends_of_waiting(cause):
    """We closed the market, they took it back, or the match began."""
    world = world_of()
    move(world, "sportybet")
    cause(world)
    assert [each.answered_by for each in unanswered(world)] == [cause.__name__]


def test_one_bookmakers_earlier_kickoff_ends_nothing():
    """The match begins when its header says; a listing that starts before it says so of itself alone."""
    world = world_of()
    move(world, "sportybet")
    world.state("bet9ja", "started")
    assert [each.answered_by for each in unanswered(world)] == [None]
    started(world)
    assert [each.answered_by for each in unanswered(world)] == ["started"]


@pytest.mark.parametrize(
    "case", ["too small", "we moved first", "we do not offer it", "the other way is no answer"]
)
def test_when_nothing_waits_and_when_it_goes_on(case):
    """Small moves ask for nothing; our own move the other way answers nothing."""
    world = world_of()
    if case == "too small":
        move(world, "sportybet", SMALL)
    elif case == "we moved first":
        move(world, "betpawa")
        move(world, "sportybet")
    elif case == "we do not offer it":
        world.price("betpawa")
        move(world, "sportybet")
    else:
        move(world, "sportybet")
        move(world, "betpawa", (2.45, 3.30, 2.95))
    waiting = [each for each in unanswered(world) if each.answered_at is None]
    assert len(waiting) == (1 if case.startswith("the other way") else 0)


# --- bounds ---------------------------------------------------------------------------------------------------


def test_memory_is_bounded_and_the_newest_stay():
    """A ring: the oldest leave, and nothing that points at them keeps them alive."""
    movements = Movements(Settings(), kept=10)
    for number in range(50):
        source = Source(number, "run", START, f"6900{number}", "bet9ja", CATALOGUE.find("3743"), None)
        before, after = market(2400, 3300, 3000), market(2200, 3300, 3400)
        movements.take(MarketChange(before, after), source)
    assert len(movements) == 10
    assert [each.sportradar_id for each in movements.newest_first()][:2] == ["690049", "690048"]
    assert {each.sportradar_id for each in movements.told()} == {f"6900{number}" for number in range(40, 50)}


def test_tidying_does_not_keep_the_loop():
    """One event per turn, whatever a world in which everything moves has left behind."""
    movements = Movements(Settings())
    for number in range(50):
        source = Source(number, "run", START, f"6900{number}", "bet9ja", CATALOGUE.find("3743"), None)
        movements.take(MarketChange(market(2400, 3300, 3000), market(2200, 3300, 3400)), source)
    left = [movements.trails for _ in movements.forget_old(START + timedelta(hours=1))]
    assert left == list(reversed(range(50)))


async def test_trails_end_when_they_can_matter_no_more():
    """A market that stood still longer than the window has none, unless something still waits."""
    world = world_of()
    move(world, "sportybet", SMALL)
    world.wait(301)
    await world.desk.tidy()
    assert world.desk.trails == 0
    move(world, "sportybet")
    world.wait(301)
    await world.desk.tidy()
    assert world.desk.trails == 1


def test_every_difference_is_told():
    """A listener that keeps the newest of each id holds what the desk holds."""
    world = world_of()
    for code in ("sportybet", "bet9ja", "betpawa"):
        world.wait(40)
        move(world, code, run_id=None)
    move(world, "bet9ja", BEFORE, run_id=None)
    told = {movement.id: movement for update in world.told for movement in update.movements}
    assert told == {movement.id: movement for movement in world.movements()}


def test_a_market_without_w_moves_without_points():
    """From, to and percent are known of everything; probability only of complete sets."""
    world = DeskWorld()
    early = next(kind for kind in CATALOGUE.types if kind.kind == "early-payout" and kind.sport == "football")
    for factor in (2.0, 2.2):
        world.price("bet9ja", priced(early.id, (factor,) * len(early.outcomes)))
    (moved, *_) = world.movements()[0].moves[0].outcomes
    assert (moved.points, moved.change) == (None, pytest.approx(0.1))
    assert MarketKey(early.id) == world.movements()[0].key
