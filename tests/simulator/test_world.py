"""The simulated world: a function of seed and time."""

from collections import Counter
from datetime import timedelta

import pytest

from overround.simulator.profiles import MAIN_BOOKMAKERS, PROFILES
from overround.simulator.world import World, WorldOptions
from tests.support.clock import START, FakeClock
from tests.support.worlds import plain_simulators, small_world


def listed(world: World) -> dict[str, list[str]]:
    return {
        code: [event.sportradar_id for event in world.listing(code, world.now()).events]
        for code in world.bookmakers
    }


@pytest.mark.parametrize(
    ("size", "events", "distinct", "at_all"),
    [("default", (1_125, 1_290, 1_220), 1_331, 1_092), ("full", (1_200, 1_300, 1_300), 1_560, 1_000)],
)
def test_world_sizes(size, events, distinct, at_all):
    """The default world has the real sites' numbers, 82 % of its matches at all three; the full one is larger."""
    world = World(WorldOptions(size=size), FakeClock(), plain_simulators())
    lists = listed(world)
    assert tuple(len(lists[code]) for code in ("betpawa", "sportybet", "bet9ja")) == events
    counts = Counter(sportradar_id for ids in lists.values() for sportradar_id in ids)
    assert (len(counts), sum(count == 3 for count in counts.values())) == (distinct, at_all)


@pytest.mark.parametrize("events", [1, 7, 200])
def test_events_option_keeps_the_proportions(events):
    """`--events` is the number of distinct matches; most are at all three."""
    counts = Counter(key for ids in listed(small_world(events=events)).values() for key in ids)
    assert len(counts) == events
    assert sum(count == 3 for count in counts.values()) == round(events * 1_092 / 1_331)


def test_a_restart_shows_the_same():
    """Events, ids, kickoffs and prices depend on nothing but seed and time."""
    first, second = small_world(moves=0.5, market_moves=0.1), small_world(moves=0.5, market_moves=0.1)
    later = START + timedelta(hours=5)
    first.moment(START).events("betpawa")  # one of them has been running for a while
    for code in first.bookmakers:
        events = first.moment(later).events(code)
        assert events == second.moment(later).events(code)
        for event in events:
            assert first.moment(later).quotes(code, event) == second.moment(later).quotes(code, event)


def test_another_seed_is_another_world():
    """No id in common."""
    first, second = (listed(small_world(seed=seed))["betpawa"] for seed in (1, 2))
    assert not set(first) & set(second)


async def test_the_world_rolls():
    """What has kicked off is gone from lists and details, and the world is as large as before."""
    clock = FakeClock()
    world = small_world(clock, events=60)
    soonest = world.moment().events("sportybet")[0]
    await clock.advance((soonest.kickoff_at - START).total_seconds())
    assert world.moment().event("sportybet", soonest.event_id) is None
    assert all(event.kickoff_at > clock.now() for event in world.moment().events("sportybet"))
    assert len({key for ids in listed(world).values() for key in ids}) == 60


def test_bookmakers_agree_on_the_match_not_on_its_names():
    """One Sportradar id and kickoff everywhere; clubs are spelt differently, so no name would match them."""
    world = small_world(events=200)
    books = {
        code: {e.sportradar_id: e for e in world.moment().events(code)} for code in ("betpawa", "bet9ja")
    }
    shared = books["betpawa"].keys() & books["bet9ja"].keys()
    pairs = [(books["betpawa"][key], books["bet9ja"][key]) for key in shared]
    assert all(a.kickoff_at == b.kickoff_at and a.event_id != b.event_id for a, b in pairs)
    assert 0 < sum(a.home != b.home for a, b in pairs) < len(pairs)


def test_sizes_are_the_real_ones():
    """75, 101 and 68 groups on average; 2 % of the events have the real payloads' full size, one body is huge."""
    world = World(WorldOptions(), FakeClock(), plain_simulators())
    moment = world.moment()
    for code in MAIN_BOOKMAKERS:
        profile = PROFILES[code]
        sizes = [
            moment.filler_groups(code, event) + len(world.market_keys(code, world.match(event)))
            for event in moment.events(code)
        ]
        assert sum(sizes) / len(sizes) == pytest.approx(profile.groups, rel=0.02)
        assert sizes.count(profile.full_groups) == pytest.approx(0.02 * len(sizes), abs=6)
        assert sum(size > profile.full_groups for size in sizes) == (code == "sportybet")


def test_everything_in_the_full_world_has_full_size():
    """118, 360 and 221 groups in every event, of which so many are mapped that all events have 540,000 keys."""
    world = World(WorldOptions(size="full", events=20), FakeClock(), plain_simulators())
    moment = world.moment()
    mapped: dict[str, int] = {}
    for code in MAIN_BOOKMAKERS:
        for event in moment.events(code):
            mapped[code] = len(world.market_keys(code, world.match(event)))
            assert moment.filler_groups(code, event) + mapped[code] == PROFILES[code].full_groups
    full_world = 1_200 * mapped["betpawa"] + 1_300 * mapped["sportybet"] + 1_300 * mapped["bet9ja"]
    assert full_world == pytest.approx(540_000, rel=0.005)


def test_further_bookmakers_join_when_asked():
    """They list a share of the same matches; the first three's lists stay as they are without them."""
    alone, joined = small_world(events=200), small_world(events=200, bookmakers=tuple(PROFILES))
    assert alone.bookmakers == MAIN_BOOKMAKERS
    assert joined.bookmakers == tuple(PROFILES)
    before, after = listed(alone), listed(joined)
    assert all(after[code] == before[code] for code in MAIN_BOOKMAKERS)
    ids = {key for keys in before.values() for key in keys}
    for code in set(PROFILES) - set(MAIN_BOOKMAKERS):
        assert 0.6 < len(set(after[code]) & ids) / len(ids) < 0.97


def test_other_sports_are_listed_when_asked():
    """The world is football's unless more sports are wanted; then a fifth is theirs, priced by their own models."""
    world = small_world(events=100, sports=("football", "basketball", "tennis"))
    moment = world.moment()
    events = moment.events("sportybet")
    sports = Counter(event.sport for event in events)
    assert set(sports) == {"football", "basketball", "tennis"}
    assert sports["football"] > 0.7 * len(events)
    winner = {"basketball": "4791", "tennis": "2043818"}
    for event in events:
        if event.sport != "football":
            assert any(key.market_id == winner[event.sport] for key in moment.quotes("sportybet", event))
            assert not moment.players(event)
    assert {event.sport for event in small_world(events=100).moment().events("sportybet")} == {"football"}


def test_bookmakers_speak_of_the_same_players():
    """A match's squads come from its clubs, whatever a bookmaker calls them; quotes name nobody else."""
    moment = small_world(events=40).moment()
    theirs = {event.sportradar_id: event for event in moment.events("sportybet")}
    for event in moment.events("betpawa"):
        if event.sportradar_id in theirs:
            assert moment.players(event) == moment.players(theirs[event.sportradar_id])
    assert len(moment.players(event)) == 26


def test_only_the_chosen_bookmakers_exist():
    """`--bookmakers` limits the world, in our order."""
    assert small_world(bookmakers=("bet9ja", "betpawa")).bookmakers == ("betpawa", "bet9ja")


def test_volatile_text_is_new_each_time():
    """With `--volatile` two requests never get equal bodies; without it there is nothing volatile."""
    world = small_world(volatile=True)
    assert len({world.moment().volatile() for _ in range(10)}) == 10
    assert small_world().moment().volatile() == ""
