"""GET /api/events/{id}/markets/{market}/history."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest

from overround.domain.diff import Confirmation
from overround.storage.write_handler import apply_waiting
from tests.api.conftest import Running
from tests.support.api import World
from tests.support.changes import changed, market, registered
from tests.support.clock import START
from tests.support.storage import accept, opened

PATH = "/api/events/69000001/markets/3743/history"
KICKOFF = START + timedelta(hours=10)


def minute(number: float) -> str:
    at = START + timedelta(minutes=number)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture
async def told(world: World, served: Running, tmp_path: Path) -> AsyncGenerator[Running]:
    """A server whose database has one market of two bookmakers."""
    async with opened(tmp_path, world.clock) as store:
        later, last = START + timedelta(minutes=5), START + timedelta(minutes=9)
        await accept(store, registered(market(2500, 3000, 3000), kickoff_at=KICKOFF))
        await accept(store, registered(market(2400, 3100, 3000), bookmaker="bet9ja", kickoff_at=KICKOFF))
        gone = market(2500, 3000, 3000, at=later, first_seen_at=START, withdrawn=True)
        await accept(store, changed(gone, at=later))
        back = market(2000, 4000, 4000, at=last, first_seen_at=START, suspended=1)
        await accept(store, changed(back, at=last))
        await apply_waiting(store.spool, store.writer)
        at = KICKOFF - timedelta(minutes=3)
        await store.writer.confirm([Confirmation("69000001", "betpawa", at)])
        world.storage.open(store.repository.database, store.writer, store.spool)
        yield served
        world.storage.close()


async def test_one_bookmakers_history_has_the_shape_of_the_design(world: World, told: Running):
    """Outcomes once, then a row per change with odds in their order and the overround."""
    await world.clock.oversleep(11 * 3600)  # type: ignore[attr-defined]
    body = await told.get(f"{PATH}?bookmaker=betpawa")
    assert body["outcomes"] == ["1", "X", "2"]
    assert [(point["at"], point["state"], point["odds"]) for point in body["points"]] == [
        (minute(0), "open", [2.5, 3.0, 3.0]),
        (minute(5), "withdrawn", [2.5, 3.0, 3.0]),
        (minute(9), "open", [2.0, 4.0, 4.0]),
    ]
    assert [point["overround"] for point in body["points"]] == [pytest.approx(0.066667), None, None]
    assert body["points"][2]["suspended"] == ["1"]
    opening = body["opening"]
    assert (opening["at"], opening["odds"], opening["age_s"], opening["reason"]) == (
        minute(0), [2.5, 3.0, 3.0], 36_000.0, None,
    )  # fmt: skip
    closing = body["closing"]
    assert (closing["odds"], closing["age_s"], closing["reason"]) == ([2.0, 4.0, 4.0], 180.0, None)


async def test_several_bookmakers_share_one_list_of_outcomes(told: Running):
    """All prices of a market beside each other; who never offered it has no points."""
    body = await told.get(PATH)
    rows = {row["bookmaker"]: row for row in body["bookmakers"]}
    assert body["outcomes"] == ["1", "X", "2"]
    assert [len(rows[code]["points"]) for code in ("betpawa", "bet9ja", "sportybet")] == [3, 1, 0]
    assert rows["sportybet"]["opening"]["reason"] == "not_offered"
    some = await told.get(f"{PATH}?bookmaker=bet9ja,betpawa")
    assert [row["bookmaker"] for row in some["bookmakers"]] == ["betpawa", "bet9ja"]


async def test_times_bound_the_points_and_not_the_opening(told: Running):
    """From is included, to is not."""
    body = await told.get(f"{PATH}?bookmaker=betpawa&from={minute(5)}&to={minute(9)}")
    assert [point["at"] for point in body["points"]] == [minute(5)]
    assert body["opening"]["at"] == minute(0)
    assert body["closing"]["reason"] == "not_started"


async def test_an_event_that_the_database_has_not_got_yet_has_an_empty_history(world: World, told: Running):
    """Its changes wait in the spool."""
    listed = registered(market(2500, 3000, 3000), sportradar_id="7")
    world.accept([listed])
    body = await told.get("/api/events/7/markets/3743/history?bookmaker=betpawa")
    assert (body["points"], body["outcomes"]) == ([], [])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/events/404/markets/3743/history?bookmaker=betpawa", 404),
        (f"{PATH}?bookmaker=nobody", 422),
        (f"{PATH}?from=2026-11-24T12:00:00", 422),
        (f"{PATH}?from=yesterday", 422),
        (f"{PATH}?points=1", 422),
    ],
)
async def test_what_can_not_be_answered_is_a_problem(told: Running, path: str, status: int):
    """One sentence, no guess."""
    assert (await told.get(path, status=status))["detail"]


async def test_without_a_database_the_answer_is_503(served: Running):
    """The rest of the API goes on."""
    await served.get(f"{PATH}?bookmaker=betpawa", status=503)
