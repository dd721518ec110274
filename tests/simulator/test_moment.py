"""The world at one instant, and whether another instant would read the same."""

from datetime import timedelta

from overround.simulator.moment import Moment
from tests.support.clock import START
from tests.support.worlds import small_world

SOON = START + timedelta(seconds=20)


def test_time_stands_still_within_a_moment():
    """A renderer that reads twice sees one state of the world."""
    moment = small_world(moves=60.0).moment(START)
    event = moment.events("betpawa")[0]
    assert moment.now() == START
    assert moment.quotes("betpawa", event) == moment.quotes("betpawa", event)


def test_a_moment_holds_until_what_it_read_changes():
    """Prices that moved end it, other events' prices don't."""
    world = small_world(moves=0.5)
    moment = world.moment(START)
    event = moment.event("betpawa", moment.events("betpawa")[0].event_id)
    assert event is not None
    assert moment.holds(SOON)
    moment.quotes("betpawa", event)
    changes = [second for second in range(0, 280, 10) if not moment.holds(START + timedelta(seconds=second))]
    versions = [
        second
        for second in range(0, 280, 10)
        if world.version("betpawa", event, START + timedelta(seconds=second))
        != world.version("betpawa", event, START)
    ]
    assert changes == versions
    assert versions


def test_a_list_holds_until_the_next_kickoff():
    """An event that leaves changes the list it stood in, and its own detail."""
    world = small_world(events=60)
    listed, found = world.moment(START), world.moment(START)
    soonest = listed.events("betpawa")[0]
    found.event("betpawa", soonest.event_id)
    assert listed.holds(SOON)
    assert found.holds(SOON)
    assert not listed.holds(soonest.kickoff_at)
    assert not found.holds(soonest.kickoff_at)


def test_what_read_the_clock_holds_until_a_kickoff_could_pass():
    """Bodies ask the time to tell running matches from coming ones; kickoffs lie on five minutes."""
    moment = small_world().moment(START)
    moment.now()
    assert moment.holds(SOON)
    assert not moment.holds(START + timedelta(minutes=5))
    assert not moment.holds(START - timedelta(seconds=1))


def test_what_read_volatile_text_never_holds():
    """Such a body is another one each time."""
    moment = small_world(volatile=True).moment(START)
    moment.volatile()
    assert not moment.holds(START)


def test_an_empty_list_is_a_fault_of_the_list_only():
    """The events are there, the list does not say so; the moment knows that a list was read."""
    world = small_world()
    moment = Moment(world, START, nothing_listed=True)
    first = world.moment(START).events("betpawa")[0]
    assert moment.event("betpawa", first.event_id) == first
    assert not moment.listed
    assert moment.events("betpawa") == ()
    assert moment.listed
