"""A replay of what went into intake ends in the state that intake had."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overround.cache.odds_cache import CachedEvent
from overround.errors import PayloadChanged
from overround.scraping.inputs import Answered, Input, Registered
from overround.scraping.recording_format import Lost
from overround.scraping.replay import RecordedClock, Replay, ReplayReport
from tests.support.changes import run_report
from tests.support.clock import START
from tests.support.pipeline import KICKOFF, Pipeline

CODES = ("betpawa", "sportybet")
ODDS = st.sampled_from([1.5, 2.0, 2.4, 3.1])
BODIES = st.fixed_dictionaries(
    {"3743|": st.lists(ODDS, min_size=3, max_size=3)},
    optional={"5000|2.5": st.lists(ODDS, min_size=2, max_size=2)},
)


class Noting:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.inputs: list[Input] = []

    def note(self, taken_in: Input) -> None:
        self.inputs.append(taken_in)


def state(pipeline: Pipeline) -> list[CachedEvent]:
    """Return the cache without its counters."""
    return [msgspec.structs.replace(event, revision=0) for event in pipeline.cache]


def history(pipeline: Pipeline) -> list[tuple[object, ...]]:
    """Return every change of a market that was published, in order."""
    return [
        (change.sportradar_id, change.bookmaker, market.before, market.after)
        for message in pipeline.messages()
        for change in message.listings
        for market in change.markets
    ]


async def replayed(inputs: list[Input]) -> tuple[list[CachedEvent], list[tuple[object, ...]], ReplayReport]:
    report = ReplayReport("here")
    async with Pipeline() as pipeline:
        player = Replay(pipeline.intake, report)
        for one in inputs:
            await player.feed(one)
        await pipeline.intake.flush()
        return state(pipeline), history(pipeline), report


async def perform(pipeline: Pipeline, step: tuple[str, object]) -> None:
    kind, value = step
    match kind:
        case "answer":
            await pipeline.answer(value, bookmaker=CODES[value["3743|"][0] > 2])
        case "again":
            await pipeline.answer({"3743|": [2.4, 3.1, 3.0]})
        case "garbage":
            with pytest.raises(PayloadChanged):
                await pipeline.answer(b"<html>")
        case "listed":
            await pipeline.listed("3743", [value, 3.0, 3.0])
        case "late":
            await pipeline.answer({"3743|": [9.0, 9.0, 9.0]}, number=1)
        case "moved":
            await pipeline.intake.set_state([("1", "betpawa")], value, pipeline.clock.now())
        case "register":
            row = pipeline.row("betpawa", kickoff_at=KICKOFF + timedelta(minutes=value))
            await pipeline.intake.register({"1": {"betpawa": row}}, pipeline.clock.now())
        case "evict":
            pipeline.intake.evict(["1"])
    await pipeline.clock.advance(1)
    await pipeline.intake.flush()


STEPS = st.one_of(
    st.tuples(st.just("answer"), BODIES),
    st.tuples(st.sampled_from(["again", "garbage", "late", "evict"]), st.none()),
    st.tuples(st.just("listed"), ODDS),
    st.tuples(st.just("moved"), st.sampled_from(["withdrawn", "unknown", "open"])),
    st.tuples(st.just("register"), st.integers(0, 20)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=12))
async def test_a_replay_ends_in_the_recorded_state_by_the_same_changes(steps):
    """Whatever was taken in, in whatever order: the cache and every change on the way are the same."""
    listener = Noting()
    async with Pipeline() as pipeline:
        pipeline.messages()
        pipeline.intake.listeners.append(listener)
        for step in steps:
            await perform(pipeline, step)
        expected, changes = state(pipeline), history(pipeline)
    again, changes_again, _ = await replayed(listener.inputs)
    assert again == expected
    assert changes_again == changes


async def test_an_answer_whose_registration_is_gone_makes_its_listing_known():
    """The oldest part of a recording goes first, so it may begin in the middle."""
    listener = Noting()
    async with Pipeline() as pipeline:
        row = pipeline.row("bet9ja")
        await pipeline.intake.register({"1": {"bet9ja": row}}, START)
        pipeline.intake.listeners.append(listener)
        await pipeline.answer({"3743|": [2.4, 3.1, 3.0]}, bookmaker="bet9ja")
        await pipeline.intake.flush()
        expected = pipeline.cache.listing("1", "bet9ja")
    (one,) = listener.inputs
    assert isinstance(one, Answered) and one.row == row
    events, _, report = await replayed(listener.inputs)
    assert events[0].listings["bet9ja"].markets == expected.markets
    assert (report.changed, report.inputs) == (1, 1)


async def test_answers_are_counted_by_what_became_of_them_and_losses_by_number():
    """The report says what the recording was worth."""
    listener = Noting()
    async with Pipeline() as pipeline:
        pipeline.intake.listeners.append(listener)
        for step in (("again", None), ("again", None), ("garbage", None)):
            await perform(pipeline, step)
    _, _, report = await replayed([*listener.inputs, Lost(7)])
    assert (report.changed, report.unchanged, report.failed, report.late, report.lost) == (1, 1, 1, 0, 7)


async def test_a_report_that_goes_on_changing_is_recorded_as_it_was():
    """A run's report is one object from start to end."""
    listener = Noting()
    report = run_report(status="running")
    async with Pipeline() as pipeline:
        pipeline.intake.listeners.append(listener)
        await pipeline.intake.record_run(report)
        report.status = "completed"
    assert listener.inputs[0].report.status == "running"


async def test_registrations_are_told_event_by_event():
    """Answers and registrations interleave, so their order is that of each event."""
    listener = Noting()
    async with Pipeline() as pipeline:
        pipeline.intake.listeners.append(listener)
        rows = {number: {"betpawa": pipeline.row("betpawa")} for number in ("1", "2")}
        await pipeline.intake.register(rows, START, "run")
    assert [(one.sportradar_id, one.run_id) for one in listener.inputs if isinstance(one, Registered)] == [
        ("1", "run"),
        ("2", "run"),
    ]


# --- the clock ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("speed", "waited_s"), [(1.0, 60.0), (10.0, 6.0), (None, 0.0)])
async def test_the_clock_follows_the_recording_at_its_speed(speed, waited_s):
    """Kickoffs and ages make sense: now is the time of the input."""
    pauses: list[float] = []
    times = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        times.append(clock.now())

    clock = RecordedClock(START, pause)
    await clock.follow(START + timedelta(seconds=60), speed)
    assert clock.now() == START + timedelta(seconds=60)
    assert sum(pauses) == pytest.approx(waited_s)
    assert times == sorted(set(times))  # it moves while it waits


async def test_a_recorded_clock_that_was_set_back_is_followed_at_once():
    """Wall clocks jump; a replay does not wait for it."""
    clock = RecordedClock(START)
    await clock.follow(START - timedelta(hours=2), 1.0)
    assert clock.now() == START - timedelta(hours=2)
