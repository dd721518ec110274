"""A world of captured answers."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from overround.bookmakers.base import SimulatedEvent
from overround.simulator import recorded, simulators
from tests.support.clock import START, FakeClock
from tests.support.payloads import FOLDER, needs_payloads
from tests.support.worlds import plain_simulators

KICKOFF = datetime(2026, 5, 6, 11, 0, tzinfo=UTC)


def event(number: int = 1) -> bytes:
    return msgspec.json.encode(
        SimulatedEvent(str(number), f"own-{number}", "Home", "Away", KICKOFF, "China", "League")
    )


def folder(tmp_path, files: dict[str, bytes]):
    for name, body in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(body)
    return tmp_path


@pytest.mark.parametrize("minutes", [-90 * 1440, -1, 0, 1, 1439, 1440, 1441, 2879, 2880, 90 * 1440])
def test_kickoffs_move_by_whole_days_to_24_to_48_hours_ahead(minutes):
    """The time of day stays, so a recorded evening match is an evening match."""
    kickoff_at = START + timedelta(minutes=minutes)
    moved = recorded.day_ahead(kickoff_at, START)
    assert timedelta(hours=24) <= moved - START < timedelta(hours=48)
    assert (moved - kickoff_at) % timedelta(days=1) == timedelta()


def test_recorded_events_are_listed_with_their_bodies(tmp_path):
    """Each bookmaker lists what its folder holds; body and listing agree on the moved kickoff."""
    path = folder(
        tmp_path, {"betpawa/a.json": event(1), "betpawa/b.json": event(2), "bet9ja/a.json": event(1)}
    )
    world = recorded.load(path, plain_simulators(), FakeClock(), report=lambda _: None)
    moment = world.moment()
    assert [one.event_id for one in moment.events("betpawa")] == ["own-1", "own-2"]
    assert moment.events("sportybet") == ()
    found = moment.event("bet9ja", "own-1")
    assert found is not None
    assert found.body is not None
    assert found.kickoff_at == datetime(2026, 11, 26, 11, 0, tzinfo=UTC)
    assert msgspec.json.decode(found.body)["kickoff_at"] == "2026-11-26T11:00:00Z"


def test_kept_times_leave_bodies_untouched(tmp_path):
    """With `--keep-times` the answer is the captured one, byte for byte."""
    path = folder(tmp_path, {"betpawa/a.json": event()})
    world = recorded.load(path, plain_simulators(), FakeClock(), report=lambda _: None, keep_times=True)
    (only,) = world.moment().events("betpawa")
    assert (only.kickoff_at, only.body) == (KICKOFF, event())


def test_every_file_that_is_not_served_is_named(tmp_path):
    """Lists, live answers, a second copy, another bookmaker's folder: one sentence each, and the rest is served."""
    path = folder(
        tmp_path,
        {
            "betpawa/a.json": event(),
            "betpawa/copy.json": event(),
            "betpawa/list.json": b"[1]",
            "sportpesa/a.json": b"{}",
        },
    )
    said: list[str] = []
    recorded.load(path, plain_simulators(), FakeClock(), said.append)
    assert [sentence.removeprefix(str(path)) for sentence in said] == [
        "/sportpesa: ignored, no bookmaker of this simulator has that name",
        "/betpawa/copy.json: ignored, a.json holds the same event",
        "/betpawa/list.json: ignored, not a prematch event detail of betpawa",
    ]


@pytest.mark.parametrize("files", [{}, {"betpawa/list.json": b"[]"}])
def test_a_folder_with_nothing_to_serve_is_refused(tmp_path, files):
    """An empty world would look like a day without football."""
    with pytest.raises(ValueError, match="no file in it is a prematch event detail"):
        recorded.load(folder(tmp_path, files), plain_simulators(), FakeClock(), report=lambda _: None)


def test_a_missing_folder_is_refused(tmp_path):
    """A typing error is not an empty world."""
    with pytest.raises(ValueError, match="there is no such folder"):
        recorded.load(tmp_path / "nowhere", plain_simulators(), FakeClock(), report=lambda _: None)


class TestCapturedAnswers:
    """The real folder."""

    pytestmark = needs_payloads

    def test_one_match_stands_at_all_three(self):
        """SR 68995116 with its kickoff a day ahead at every bookmaker; basketball is listed as basketball."""
        world = recorded.load(
            FOLDER, simulators.create(["betpawa", "sportybet", "bet9ja"]), FakeClock(), report=lambda _: None
        )
        for code in world.bookmakers:
            by_id = {one.sportradar_id: one for one in world.moment().events(code)}
            assert by_id["68995116"].kickoff_at == datetime(2026, 11, 26, 11, 0, tzinfo=UTC)
            assert by_id["68995116"].sport == "football"
        sports = {one.sport for code in world.bookmakers for one in world.moment().events(code)}
        assert sports == {"football", "basketball"}

    def test_lists_and_live_answers_are_named(self):
        """What can't be served as a prematch detail is said, file by file."""
        said: list[str] = []
        makers = simulators.create(["betpawa", "sportybet", "bet9ja"])
        recorded.load(FOLDER, makers, FakeClock(), said.append)
        ignored = {sentence.partition(": ignored")[0].removeprefix(f"{FOLDER}/") for sentence in said}
        assert ignored >= {
            "sportybet/live.json",
            "bet9ja/live.json",
            "bet9ja/dc_1x2_1up_catalogue.json",
            "sportpesa",
        }
        assert not ignored & {"betpawa/prematch.json", "sportybet/prematch.json", "bet9ja/basketball.json"}
