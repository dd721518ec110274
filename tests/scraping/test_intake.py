"""Intake: answers in any order end in the right price, and nothing is believed that can't be."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from overround.domain.current import CurrentListing
from overround.domain.markets import MarketKey
from overround.errors import PayloadChanged, StorageError
from overround.scraping.inputs import Answer, ScopedAnswer
from tests.support.books import parsed
from tests.support.clock import START
from tests.support.pipeline import KICKOFF, Pipeline

FULL = {"3743|": [2.4, 3.1, 3.0], "5000|2.5": [1.9, 1.9]}


@pytest.fixture
async def pipeline():
    async with Pipeline() as made:
        yield made


async def test_a_new_price_is_durable_visible_and_published_together(pipeline):
    """I4: one change feeds spool, cache, bus and queue."""
    pipeline.messages()
    taken = await pipeline.answer(FULL)
    await pipeline.intake.flush()
    (message,) = pipeline.messages()
    assert (taken.status, taken.markets_changed) == ("changed", 2)
    assert pipeline.odds("3743") == (2400, 3100, 3000)
    assert len(message.listings[0].markets) == 2
    assert pipeline.delivered[-1].change_id == message.change_id == len(pipeline.spool.batches)


async def test_large_listings_of_a_batch_are_published_one_by_one(pipeline):
    """One batch on disk, with one number; but no turn of the loop has to take in several hundred markets twice."""
    pipeline.messages()
    large = {f"5000|{line}.5": [1.9, 1.9] for line in range(200)}
    await pipeline.answer(large)
    await pipeline.answer(large, bookmaker="sportybet")
    await pipeline.intake.flush()
    messages = pipeline.messages()
    assert [[change.bookmaker for change in message.listings] for message in messages] == [
        ["betpawa"],
        ["sportybet"],
    ]
    assert len({message.change_id for message in messages}) == 1
    assert [[each.bookmaker for each in message.confirmed] for message in messages] == [
        ["betpawa"],
        ["sportybet"],
    ]


async def test_a_byte_equal_body_only_confirms(pipeline):
    """I8: unchanged data is one confirmation, no change and no spool row."""
    await pipeline.answer(FULL)
    await pipeline.intake.flush()
    batches = len(pipeline.spool.batches)
    await pipeline.clock.advance(60)
    pipeline.messages()
    assert (await pipeline.answer(FULL)).status == "unchanged"
    await pipeline.intake.flush()
    (message,) = pipeline.messages()
    assert len(pipeline.spool.batches) == batches and message.listings == ()
    assert (
        pipeline.cache.listing("1", "betpawa").confirmed_at == message.confirmed[0].at == pipeline.clock.now()
    )


async def test_a_price_moved_by_a_list_and_back_by_an_equal_body_ends_right(pipeline):
    """The body's hash counts only while the listing is still what that body made it."""
    await pipeline.answer(FULL)
    await pipeline.listed("3743", [2.2, 3.1, 3.2])
    await pipeline.intake.flush()
    assert pipeline.odds("3743") == (2200, 3100, 3200)
    assert (await pipeline.answer(FULL)).status == "changed"
    await pipeline.intake.flush()
    assert pipeline.odds("3743") == (2400, 3100, 3000)


async def test_a_full_answer_that_lost_a_market_to_a_later_list_does_not_hide_the_way_back(pipeline):
    """Its hash is not remembered: the next equal body has to be read again."""
    early = pipeline.intake.number()
    await pipeline.listed("3743", [2.2, 3.1, 3.2])
    await pipeline.answer(FULL, number=early)
    await pipeline.intake.flush()
    assert (pipeline.odds("3743"), pipeline.odds("5000", "2.5")) == ((2200, 3100, 3200), (1900, 1900))
    await pipeline.answer(FULL)
    await pipeline.intake.flush()
    assert pipeline.odds("3743") == (2400, 3100, 3000)


async def test_an_answer_that_arrives_after_a_newer_one_is_dropped(pipeline):
    """The order of asking decides, not the order of arriving."""
    early, late = pipeline.intake.number(), pipeline.intake.number()
    await pipeline.answer({"3743|": [2.3, 3.1, 3.1]}, number=late)
    assert (await pipeline.answer(FULL, number=early)).status == "late"
    await pipeline.intake.flush()
    assert pipeline.odds("3743") == (2300, 3100, 3100)


async def test_a_list_answer_older_than_a_full_one_is_dropped(pipeline):
    """A slow list must not bring an old price back."""
    early = pipeline.intake.number()
    await pipeline.answer(FULL)
    assert (await pipeline.listed("3743", [2.2, 3.1, 3.2], number=early)).status == "late"
    await pipeline.intake.flush()
    assert pipeline.odds("3743") == (2400, 3100, 3000)


async def test_two_changes_before_the_first_is_accepted_are_both_kept(pipeline):
    """The second is compared with the first, though the cache has seen neither."""
    await pipeline.answer(FULL)
    await pipeline.answer({"3743|": [2.3, 3.1, 3.1], "5000|2.5": [1.9, 1.9]})
    await pipeline.intake.flush()
    changes = [
        change
        for message in pipeline.messages()
        for listing in message.listings
        for change in listing.markets
    ]
    moves = [change for change in changes if change.after.key.market_id == "3743"]
    assert [(m.before.odds_milli if m.before else None, m.after.odds_milli) for m in moves] == [
        (None, (2400, 3100, 3000)),
        ((2400, 3100, 3000), (2300, 3100, 3100)),
    ]


async def test_an_answer_is_judged_by_what_is_known_once_it_is_parsed(pipeline):
    """A list answer, a withdrawal or an eviction may come while a body is parsed beside the loop."""
    late = pipeline.intake.number()

    async def list_moves() -> None:
        await pipeline.listed("3743", [2.2, 3.1, 3.2])

    pipeline.while_parsing = list_moves
    await pipeline.answer(FULL, late)
    await pipeline.intake.flush()
    assert (pipeline.odds("3743"), pipeline.odds("5000", "2.5")) == ((2200, 3100, 3200), (1900, 1900))

    async def event_leaves() -> None:
        pipeline.intake.evict(["1"])

    pipeline.while_parsing = event_leaves
    assert (await pipeline.answer({"3743|": [2.0, 3.1, 3.9]})).status == "late"
    await pipeline.intake.flush()
    assert pipeline.cache.event("1") is None


async def test_a_broken_body_changes_nothing_and_does_not_confirm(pipeline):
    """The last prices age instead of looking fresh."""
    await pipeline.answer(FULL)
    await pipeline.intake.flush()
    confirmed = pipeline.cache.listing("1", "betpawa").confirmed_at
    await pipeline.clock.advance(60)
    for body in (b"<html>", b'{"3743|": "x"}', b""):
        with pytest.raises(PayloadChanged):
            await pipeline.answer(body)
    await pipeline.intake.flush()
    assert pipeline.odds("3743") == (2400, 3100, 3000)
    assert pipeline.cache.listing("1", "betpawa").confirmed_at == confirmed


async def test_an_answer_about_another_match_is_refused(pipeline):
    """A bookmaker that reuses an id must not put one match's prices on another."""
    await pipeline.intake.register(
        {"2": {"betpawa": pipeline.row("betpawa", sportradar_id="2")}}, pipeline.clock.now()
    )
    with pytest.raises(PayloadChanged, match="asked for 2, answered 1"):
        await pipeline.intake.take(
            Answer("betpawa", "2", "own", "event", 99, pipeline.clock.now(), b'{"3743|":[2,3,4]}')
        )


async def test_prices_stand_still_after_kickoff(pipeline):
    """The last prematch price is the close; what comes later is dropped."""
    await pipeline.answer(FULL)
    await pipeline.clock.advance((KICKOFF - pipeline.clock.now()).total_seconds())
    assert (await pipeline.answer({"3743|": [1.1, 9.0, 20.0]})).status == "late"
    await pipeline.intake.flush()
    assert pipeline.odds("3743") == (2400, 3100, 3000)


async def test_a_full_disk_stops_intake_with_a_reason_and_loses_nothing(pipeline):
    """The batch is kept and tried again; scraping waits; prices age meanwhile."""
    pipeline.spool.failing = True
    taken = await pipeline.answer(FULL)
    await pipeline.clock.advance(5)
    assert "no space left" in pipeline.intake.blocked and not taken.accepted.done()
    with pytest.raises(StopIteration):
        pipeline.odds("3743")
    pipeline.spool.failing = False
    await pipeline.clock.advance(2)
    assert pipeline.intake.blocked == "" and taken.accepted.done()
    assert pipeline.odds("3743") == (2400, 3100, 3000)


async def test_a_commit_that_hangs_is_named_after_two_seconds(pipeline):
    """A trader sees why nothing moves."""
    pipeline.spool.slow = asyncio.Event()
    await pipeline.answer(FULL)
    await pipeline.clock.advance(3)
    assert "longer than 2 s" in pipeline.intake.blocked
    pipeline.spool.slow.set()
    await pipeline.clock.advance(0.1)
    assert pipeline.intake.blocked == ""


async def test_a_disk_that_begins_to_refuse_during_the_stop_does_not_hold_it_up(pipeline):
    """What it did not take was never accepted; a process that can't end is killed, which is worse."""
    await pipeline.answer(FULL)
    pipeline.spool.failing = True
    stopping = asyncio.create_task(pipeline.intake.stop())
    await pipeline.clock.advance(30)
    assert stopping.done() and pipeline.delivered[1:] == []


async def test_a_fault_of_our_own_in_accepting_is_said_and_does_not_hold_up_the_stop(pipeline):
    """Nothing waits without a word: readiness shows why no price moves any more."""
    pipeline.spool.accept = None  # what is called next raises a TypeError
    await pipeline.answer(FULL)
    await pipeline.clock.advance(1)
    assert "until a restart: TypeError" in pipeline.intake.blocked
    stopping = asyncio.create_task(pipeline.intake.stop())
    await pipeline.clock.advance(0)
    assert stopping.done()


async def test_what_cannot_be_encoded_is_not_shown_either(pipeline):
    """I4: the cache must not hold what will never be on disk."""
    with pytest.raises(UnicodeEncodeError):
        await pipeline.intake.register(
            {"1": {"betpawa": pipeline.row("betpawa", home="\ud800")}}, pipeline.clock.now()
        )
    await pipeline.intake.flush()
    event = pipeline.cache.event("1")
    assert event and event.header.home == "Enyimba"


async def test_a_full_spool_makes_scraping_wait(pipeline):
    """Back-pressure, never a loss: it goes on as soon as the database has taken enough."""
    pipeline.spool.full = True
    taken = await pipeline.answer(FULL)
    await pipeline.clock.advance(5)
    assert "spool is full" in pipeline.intake.blocked and not taken.accepted.done()
    pipeline.spool.full = False
    await pipeline.clock.advance(1)
    assert pipeline.intake.blocked == "" and taken.accepted.done()


async def test_a_batch_closes_by_itself_after_a_tenth_of_a_second(pipeline):
    """One change must not wait for fifty."""
    taken = await pipeline.answer(FULL)
    await pipeline.clock.advance(0.05)
    assert not taken.accepted.done()
    await pipeline.clock.advance(0.06)
    assert taken.accepted.done()


async def test_a_withdrawn_listing_leaves_tombstones_and_returns(pipeline):
    """I16: gone means gone from the list, with the last prices kept; seen again it comes back."""
    await pipeline.answer(FULL)
    await pipeline.intake.set_state([("1", "betpawa")], "withdrawn", pipeline.clock.now())
    await pipeline.intake.flush()
    entry = pipeline.cache.listing("1", "betpawa")
    assert entry.listing.state == "withdrawn" and {m.state for m in entry.markets.values()} == {"withdrawn"}
    await pipeline.intake.register({"1": {"betpawa": pipeline.row("betpawa")}}, pipeline.clock.now())
    assert (await pipeline.answer(FULL)).status == "changed"
    await pipeline.intake.flush()
    entry = pipeline.cache.listing("1", "betpawa")
    assert entry.listing.state == "open" and {m.state for m in entry.markets.values()} == {"open"}


async def test_a_listing_is_unknown_until_its_first_answer(pipeline):
    """Listed is not priced."""
    assert pipeline.cache.listing("1", "betpawa").listing.state == "unknown"
    await pipeline.answer(FULL)
    await pipeline.intake.flush()
    assert pipeline.cache.listing("1", "betpawa").listing.state == "open"
    assert pipeline.cache.listing("1", "sportybet").listing.state == "unknown"


async def test_registering_the_same_list_twice_changes_nothing(pipeline):
    """A discovery every five minutes must not write 3,600 rows."""
    batches = len(pipeline.spool.batches)
    await pipeline.intake.register(
        {"1": {code: pipeline.row(code) for code in ("betpawa", "sportybet")}}, pipeline.clock.now()
    )
    await pipeline.intake.flush()
    assert len(pipeline.spool.batches) == batches


async def test_a_moved_kickoff_is_followed(pipeline):
    """The list says it first; the detail may say it newer."""
    later = KICKOFF + timedelta(hours=1)
    await pipeline.intake.register(
        {"1": {"betpawa": pipeline.row("betpawa", kickoff_at=later)}}, pipeline.clock.now()
    )
    await pipeline.intake.flush()
    assert pipeline.cache.event("1").header.kickoff_at == later
    await pipeline.answer(FULL)  # the detail still says KICKOFF
    await pipeline.intake.flush()
    assert pipeline.cache.event("1").header.kickoff_at == KICKOFF


async def test_a_header_is_not_downgraded_when_its_source_was_not_asked(pipeline):
    """One bookmaker's failed discovery must not rename every team."""
    row = pipeline.row("sportybet", home="Enyimba International")
    await pipeline.intake.register({"1": {"sportybet": row}}, pipeline.clock.now())
    await pipeline.intake.flush()
    assert pipeline.cache.event("1").header.home == "Enyimba"


async def test_an_evicted_event_is_forgotten_and_announced(pipeline):
    """Screens drop it, memory is given back, a late answer for it is dropped."""
    await pipeline.answer(FULL)
    await pipeline.intake.flush()
    pipeline.messages()
    pipeline.intake.evict(["1"])
    assert pipeline.cache.event("1") is None
    assert pipeline.messages()[0].removed == ("1",)
    assert (await pipeline.answer(FULL)).status == "late"


async def test_a_wrong_price_is_marked_in_its_record(pipeline):
    """Stored, cached and published with its code; the next good answer takes it off."""
    await pipeline.answer({"3743|": [2.4, 3.1, 30.0]})
    await pipeline.intake.flush()
    record = pipeline.cache.listing("1", "betpawa").markets[MarketKey("3743")]
    assert (record.suspect, record.odds_milli) == (("sum_low",), (2400, 3100, 30000))
    (message,) = pipeline.messages()[-1:]
    assert message.listings[0].markets[0].after.suspect == ("sum_low",)
    await pipeline.listed("3743", [2.4, 3.1, 3.0])
    await pipeline.intake.flush()
    assert pipeline.cache.listing("1", "betpawa").markets[MarketKey("3743")].suspect == ()


async def test_markets_that_become_suspect_are_counted(pipeline):
    """Per bookmaker and code, once for as long as the code stays."""

    def counted():
        labels = {"bookmaker": "betpawa", "code": "sum_low"}
        return REGISTRY.get_sample_value("overround_suspects_total", labels) or 0

    before = counted()
    for away in (30.0, 31.0, 3.0, 30.0):
        await pipeline.answer({"3743|": [2.4, 3.1, away]})
    await pipeline.intake.flush()
    assert counted() - before == 2


async def test_a_wrong_price_in_a_list_is_marked_too(pipeline):
    """There is one way in, whoever asked."""
    await pipeline.answer(FULL)
    await pipeline.listed("3743", [2.4, 3.1, 30.0])
    await pipeline.intake.flush()
    assert pipeline.cache.listing("1", "betpawa").markets[MarketKey("3743")].suspect == ("sum_low",)


async def test_the_first_answer_judges_what_was_stored(pipeline):
    """Records of an older version have no codes; an unchanged answer gives them theirs, once."""
    await pipeline.answer({"3743|": [2.4, 3.1, 30.0]})
    await pipeline.intake.flush()
    stored = pipeline.cache.listing("1", "betpawa")
    unjudged = {key: msgspec.structs.replace(m, suspect=()) for key, m in stored.markets.items()}
    async with Pipeline() as restarted:
        current = CurrentListing(
            restarted.cache.event("1").header, stored.listing, START, START, tuple(unjudged.values())
        )
        restarted.cache.load([current])
        await restarted.answer({"3743|": [2.4, 3.1, 30.0]})
        await restarted.intake.flush()
        assert restarted.cache.listing("1", "betpawa").markets[MarketKey("3743")].suspect == ("sum_low",)
        taken = await restarted.answer({"3743|": [2.4, 3.1, 30.0], "5000|2.5": [1.9, 1.9]})
        assert taken.markets_changed == 1


async def test_a_doubtful_market_is_locked_until_a_good_answer(pipeline):
    """A line that could not be read is neither withdrawn nor left open at its old price."""
    await pipeline.answer(FULL)
    await pipeline.answer({"3743|": [2.4, 3.1, 3.0], "doubt": ["5000"]})
    await pipeline.intake.flush()
    record = pipeline.cache.listing("1", "betpawa").markets[MarketKey("5000", "2.5")]
    assert (record.state, record.odds_milli) == ("suspended", (1900, 1900))
    await pipeline.answer(FULL)
    await pipeline.intake.flush()
    assert pipeline.cache.listing("1", "betpawa").markets[MarketKey("5000", "2.5")].state == "open"


async def test_outliers_ride_in_the_published_changes(pipeline):
    """I4: whoever reads the batch learns of the other bookmaker's flag from the same object."""
    await pipeline.intake.register(
        {"1": {code: pipeline.row(code) for code in ("betpawa", "sportybet", "bet9ja")}}, pipeline.clock.now()
    )
    for bookmaker, odds in (("betpawa", [1.5, 4.2, 6.5]), ("sportybet", [6.5, 4.2, 1.5])):
        await pipeline.answer({"3743|": odds}, bookmaker=bookmaker)
    await pipeline.intake.flush()
    spooled = len(pipeline.spool.batches)
    pipeline.messages()
    await pipeline.answer({"3743|": [1.5, 4.2, 6.5]}, bookmaker="bet9ja")
    await pipeline.intake.flush()
    (message,) = pipeline.messages()
    assert [(flip.bookmaker, flip.outlier) for flip in message.flagged] == [("sportybet", True)]
    assert [change.bookmaker for change in message.listings] == ["bet9ja"]
    assert len(pipeline.spool.batches) == spooled + 1
    assert pipeline.cache.listing("1", "sportybet").markets[MarketKey("3743")].suspect == ()


# --- what returns ---------------------------------------------------------------------------------------------


def as_stored(pipeline: Pipeline) -> list[CurrentListing]:
    """Return the event as a database would have it."""
    event = pipeline.cache.event("1")
    assert event
    return [
        CurrentListing(
            event.header,
            msgspec.structs.replace(entry.listing, state="unknown"),
            entry.confirmed_at,
            entry.changed_at,
            tuple(entry.markets.values()),
        )
        for entry in event.listings.values()
    ]


async def test_a_postponed_event_returns_with_what_is_stored_of_it(pipeline: Pipeline):
    """Its markets, their ages and who confirmed them; an equal answer is no change, one that lacks a market withdraws it."""
    await pipeline.answer({"3743|": [2.4, 3.1, 3.0], "5000|2.5": [1.9, 1.9]})
    await pipeline.intake.flush()
    rows, before = as_stored(pipeline), pipeline.cache.listing("1", "betpawa")
    assert before

    async def stored(sportradar_ids: Sequence[str]) -> list[CurrentListing]:
        return rows if "1" in sportradar_ids else []

    pipeline.intake._stored = stored
    pipeline.intake.evict(["1"])
    await pipeline.clock.advance(7200)
    pipeline.messages()
    later = KICKOFF + timedelta(days=1)
    await pipeline.intake.register(
        {"1": {"betpawa": pipeline.row("betpawa", kickoff_at=later)}}, pipeline.clock.now()
    )
    await pipeline.intake.flush()
    entry = pipeline.cache.listing("1", "betpawa")
    assert entry and entry.markets == before.markets
    assert (entry.confirmed_at, entry.changed_at) == (before.confirmed_at, before.changed_at)
    assert (entry.listing.state, entry.listing.kickoff_at) == ("unknown", later)
    recalled, *_ = pipeline.messages()
    assert (recalled.change_id, {change.bookmaker for change in recalled.listings}) == (
        0,
        {"betpawa", "sportybet"},
    )
    assert (await pipeline.answer({"3743|": [2.4, 3.1, 3.0]})).markets_changed == 1
    await pipeline.intake.flush()
    entry = pipeline.cache.listing("1", "betpawa")
    assert entry and sorted(market.state for market in entry.markets.values()) == ["open", "withdrawn"]


async def test_without_the_database_what_returns_begins_empty(pipeline: Pipeline):
    """A database lost after the start stops nothing but the writer."""

    async def stored(_: Sequence[str]) -> list[CurrentListing]:
        raise StorageError(None, "the database can't be read")

    pipeline.intake._stored = stored
    with capture_logs() as logs:
        await pipeline.intake.register({"2": {"betpawa": pipeline.row("betpawa")}}, pipeline.clock.now())
    await pipeline.intake.flush()
    assert [entry["event"] for entry in logs if "recalled" in entry["event"]] == ["listings_not_recalled"]
    assert pipeline.cache.listing("2", "betpawa")


async def test_a_list_answer_of_no_scope_speaks_for_the_lines_it_shows(pipeline):
    """Bet9ja lists one line of the total: the others are neither withdrawn nor confirmed."""
    await pipeline.answer({"5000|2.5": [1.9, 1.9], "5000|3.5": [3.0, 1.4]})
    later = pipeline.intake.number()
    await pipeline.clock.advance(10)
    shown = (parsed("5000", [2.0, 1.8], "2.5"),)
    await pipeline.intake.take_scoped(ScopedAnswer("betpawa", "1", later, pipeline.clock.now(), shown))
    await pipeline.intake.flush()
    entry = pipeline.cache.listing("1", "betpawa")
    assert entry.markets[MarketKey("5000", "2.5")].odds_milli == (2000, 1800)
    assert entry.markets[MarketKey("5000", "3.5")].withdrawn_at is None
    assert entry.fresh_at(MarketKey("5000", "2.5")) == pipeline.clock.now()
    assert entry.fresh_at(MarketKey("5000", "3.5")) == entry.confirmed_at < pipeline.clock.now()


async def test_a_list_answer_that_shows_all_lines_confirms_the_market(pipeline):
    """Then its id says so in one word."""
    await pipeline.answer({"5000|2.5": [1.9, 1.9], "3743|": [2.4, 3.1, 3.0]})
    shown = (parsed("5000", [1.9, 1.9], "2.5"),)
    number = pipeline.intake.number()
    await pipeline.intake.take_scoped(ScopedAnswer("betpawa", "1", number, pipeline.clock.now(), shown))
    await pipeline.intake.flush()
    assert pipeline.cache.listing("1", "betpawa").market_confirmed_at.keys() == {"5000"}


async def test_an_earlier_detail_keeps_the_line_that_a_later_list_has_told_of(pipeline):
    """Its own lines it still tells of."""
    await pipeline.answer({"5000|2.5": [1.9, 1.9], "5000|3.5": [3.0, 1.4]})
    early, late = pipeline.intake.number(), pipeline.intake.number()
    shown = (parsed("5000", [2.0, 1.8], "2.5"),)
    await pipeline.intake.take_scoped(ScopedAnswer("betpawa", "1", late, pipeline.clock.now(), shown))
    await pipeline.answer({"5000|2.5": [1.9, 1.9], "5000|3.5": [3.1, 1.35]}, number=early)
    await pipeline.intake.flush()
    assert pipeline.odds("5000", "2.5") == (2000, 1800)
    assert pipeline.odds("5000", "3.5") == (3100, 1350)


async def test_a_list_answer_does_not_bring_back_a_withdrawn_event(pipeline):
    """A list that lags would otherwise undo what two discoveries found."""
    await pipeline.answer({"3743|": [2.4, 3.1, 3.0]})
    await pipeline.intake.set_state([("1", "betpawa")], "withdrawn", pipeline.clock.now())
    assert (await pipeline.listed("3743", [2.4, 3.1, 3.0])).status == "late"
