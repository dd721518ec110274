"""The incremental state against a full recomputation, and what makes it look again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overround.domain.markets import MarketKey
from tests.support.api import BOOKMAKERS, KICKOFF, header, priced, three_way
from tests.support.desk import EVENT, DeskWorld

X12 = MarketKey("3743")
EVENTS = (EVENT, "69000002")
PRICES = st.sampled_from((0.0, 1.5, 1.9, 2.1, 2.4, 3.2, 3.6, 4.4, 9.0))


@st.composite
def answers(draw):
    """Return what a bookmaker answers: any of four markets, priced, locked or with an outcome missing."""
    markets = [three_way(*(draw(PRICES) for _ in range(3)), suspended=draw(st.integers(0, 7)))]
    for market_id, line, count in (("5000", "2.5", 2), ("5000", "3.5", 2), ("4693", "", 3)):
        odds = tuple(draw(PRICES) for _ in range(count))
        markets.append(priced(market_id, odds, line, draw(st.sampled_from((0, 0, 0, 1, 3)))))
    return [market for market in markets if draw(st.integers(0, 5))]


BOOK = st.sampled_from(BOOKMAKERS)
OPERATIONS = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from(EVENTS), BOOK, answers()),
    st.tuples(st.just("answer"), st.sampled_from(EVENTS), BOOK, answers()),
    st.tuples(st.just("scoped"), st.sampled_from(EVENTS), BOOK, st.sampled_from(("3743", "5000"))),
    st.tuples(st.just("confirm"), st.sampled_from(EVENTS), BOOK),
    st.tuples(st.just("state"), st.sampled_from(EVENTS), BOOK, st.sampled_from(("open", "withdrawn", "unknown", "started"))),
    st.tuples(st.just("wait"), st.sampled_from((1, 299, 301, 600, 5000))),
    st.tuples(st.just("stale_after"), st.sampled_from((300, 600))),
    st.tuples(st.just("enabled"), st.sampled_from((BOOKMAKERS, BOOKMAKERS[:2], BOOKMAKERS[1:]))),
    st.tuples(st.just("remove"), st.sampled_from(EVENTS)),
    st.tuples(st.just("profit"), st.sampled_from((0, 50, 1000))),
)  # fmt: skip


def perform(world: DeskWorld, operation: tuple) -> None:
    """Let one thing happen; what can't happen now does not."""
    match operation:
        case ("answer", event, code, markets):
            world.price(code, *markets, event=event)
        case ("scoped", event, code, market_id) if world.cache.listing(event, code):
            world.accept(confirmed=[world.confirmation(event, code, frozenset({market_id}))])
        case ("confirm", event, code) if world.cache.listing(event, code):
            world.accept(confirmed=[world.confirmation(event, code)])
        case ("state", event, code, state) if world.cache.listing(event, code):
            world.state(code, state, event)
        case ("wait", seconds):
            world.wait(seconds)
        case ("remove", event) if world.cache.event(event):
            world.accept(removed=[event])
        case ("stale_after", seconds):
            world.settings.apply(world.settings.check({"stale_after_s": seconds}))
        case ("enabled", codes):
            world.settings.apply(world.settings.check({"enabled_bookmakers": list(codes)}))
        case ("profit", basis_points):
            world.settings.apply(world.settings.check({"exposure_min_profit_bp": basis_points}))


def state_of(desk) -> tuple:
    """Return all that a full recomputation must give again: everything but when it came about."""
    compared = {(each.sportradar_id, each.key): each for each in desk.comparisons()}
    exposed = {
        (each.sportradar_id, each.key): (each.mine, each.legs, each.total, each.profit, each.suppressed)
        for each in desk.exposures()
    }
    return compared, exposed


@settings(max_examples=60, deadline=None)
@given(st.lists(OPERATIONS, max_size=12))
def test_the_incremental_state_is_exactly_a_full_recomputation(operations):
    """Whatever changes, is confirmed, grows stale, starts, leaves or is set, in any order."""
    world = DeskWorld()
    world.settings.apply(world.settings.check({"enabled_bookmakers": list(BOOKMAKERS)}))
    for operation in operations:
        perform(world, operation)
        world.desk.catch_up()
        full = world.new_desk()
        full.reload()
        full.catch_up()
        assert state_of(world.desk) == state_of(full)


@settings(max_examples=30, deadline=None)
@given(st.lists(OPERATIONS, max_size=12))
def test_whoever_listens_knows_the_state(operations):
    """Updates carry every difference: a listener that keeps what it is told holds what the desk holds."""
    world = DeskWorld()
    for operation in operations:
        perform(world, operation)
    world.desk.catch_up()
    compared, exposed = {}, {}
    for update in world.told:
        for change in update.comparisons:
            assert compared.get((change.sportradar_id, change.key)) == change.before
            compared[change.sportradar_id, change.key] = change.after
        for exposure in update.exposures:
            exposed[exposure.id] = exposure
    held = {market: after for market, after in compared.items() if after is not None}
    assert held == {(each.sportradar_id, each.key): each for each in world.desk.comparisons()}
    still_open = [each for each in exposed.values() if each.closed_at is None]
    assert sorted(still_open, key=lambda each: (each.opened_at, each.id)) == world.desk.exposures()


def test_only_the_markets_that_changed_are_looked_at_again(monkeypatch):
    """A price that moves costs its own market, a confirmation of what is fresh costs nothing."""
    world = DeskWorld()
    for code in BOOKMAKERS:
        world.price(code, three_way(), priced("5000", (1.9, 1.9), "2.5"))
    looked: list[MarketKey] = []
    import overround.analysis.desk as desk_module

    compare = desk_module.compare
    monkeypatch.setattr(
        desk_module, "compare", lambda reading, key: looked.append(key) or compare(reading, key)
    )
    world.accept(confirmed=[world.confirmation(EVENT, "bet9ja")])
    assert looked == []
    world.price("bet9ja", three_way(2.3), priced("5000", (1.9, 1.9), "2.5"))
    assert looked == [X12]


def test_a_large_event_is_computed_in_parts():
    """No turn of the loop holds more than a few hundred markets, and nothing is left out."""
    world = DeskWorld()
    lines = [priced("5000", (1.9, 1.9), f"{number}.5") for number in range(600)]
    for code in BOOKMAKERS[:2]:
        world.accept([world.answer(EVENT, code, lines)], [world.confirmation(EVENT, code)])
    sizes = [len(update.comparisons) for update in world.told if update.comparisons]
    assert (sum(sizes), max(sizes)) == (600, 60)


def test_time_alone_takes_a_stale_price_out_and_a_confirmation_brings_it_back():
    """600 s to the millisecond; nobody else has to change anything."""
    world = DeskWorld()
    world.price("betpawa", three_way(2.6))
    world.price("bet9ja", three_way(2.4))
    world.wait(300)
    world.accept(confirmed=[world.confirmation(EVENT, "betpawa")])
    world.wait(300)
    assert world.desk.comparison(EVENT, X12) is not None
    world.wait(0.001)
    assert world.desk.comparison(EVENT, X12) is None
    assert world.told[-1].comparisons[0].after is None
    world.accept(confirmed=[world.confirmation(EVENT, "bet9ja")])
    assert world.desk.comparison(EVENT, X12).gap == pytest.approx(2.6 / 2.4 - 1)


def test_an_event_that_begins_is_compared_no_more():
    """From the second of its kickoff, whether or not somebody has marked it started."""
    world = DeskWorld()
    for code in BOOKMAKERS[:2]:
        world.price(code, three_way(), event="69000003") if world.cache.event("69000003") else world.offer(
            "69000003", code, [three_way()], header("69000003")
        )
    for _ in range(36):
        world.wait(299)
        for code in BOOKMAKERS[:2]:
            world.accept(confirmed=[world.confirmation("69000003", code)])
    assert world.desk.comparison("69000003", X12) is not None
    world.wait((KICKOFF - world.clock.now()).total_seconds())
    assert world.desk.comparison("69000003", X12) is None


async def test_a_desk_that_fails_at_one_event_goes_on_with_the_next(monkeypatch):
    """One market that can't be computed may not end the board."""
    world = DeskWorld()
    import overround.analysis.desk as desk_module

    compare = desk_module.compare

    def fails(reading, key):
        if reading.event.header.sportradar_id == EVENT:
            raise ZeroDivisionError
        return compare(reading, key)

    monkeypatch.setattr(desk_module, "compare", fails)
    await world.desk.start()
    for event in EVENTS:
        for code in BOOKMAKERS[:2]:
            changes = world.answer(event, code, [three_way()])
            world.bus.publish(world.cache.apply(batch(world, changes, event, code)))
    await world.clock.advance(1.5)
    assert world.desk.comparison(EVENTS[1], X12) is not None
    await world.desk.stop()


def batch(world, change, event, code):
    """Return an accepted batch of one answer."""
    from overround.domain.diff import Changes

    return Changes(1, "run-1", world.clock.now(), (change,), (world.confirmation(event, code),))
