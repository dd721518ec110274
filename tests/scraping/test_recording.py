"""Recording never makes anyone wait: what finds no room or no disk is lost, counted and said."""

import os
import random
import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from overround.scraping.recording import RETRY_S, SEGMENT_AGE, Recorder, SegmentWriter
from overround.scraping.recording_format import Entry, Lost, Recording
from tests.support.clock import START, FakeClock
from tests.support.recorded import BEGAN, answered, entries, read, registered, writer


def noise(kib: int, seed: int = 0) -> bytes:
    """Return bytes that no compressor makes smaller, as bodies are."""
    return random.Random(seed).randbytes(kib * 1024)


def lost(label: str) -> float:
    return REGISTRY.get_sample_value("overround_recording_lost_total", {"recording": label}) or 0.0


class SlowDisk(SegmentWriter):
    """Writes nothing before `go` is set."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.go = threading.Event()

    def write(self, entries: Sequence[Entry]) -> int:
        self.go.wait(30)
        return super().write(entries)


class FullDisk(SegmentWriter):
    """Refuses while `full`."""

    full = True

    def write(self, entries: Sequence[Entry]) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(entries)


# --- files ----------------------------------------------------------------------------------------------------


def test_recordings_are_private(tmp_path):
    """Folder 0700, files 0600, whatever the umask."""
    folder = tmp_path / "new"
    before = os.umask(0)
    try:
        made = writer(folder)
        made.write(entries(registered()))
        made.close()
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_the_oldest_segments_go_when_there_is_no_more_room(tmp_path):
    """The newest answers are worth most; the size stays in bounds all the time."""
    made = writer(tmp_path, max_bytes=600 * 1024)
    for number in range(40):
        made.write(entries(answered(noise(40, number), number)))
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 600 * 1024
    made.close()
    numbers = [int(one.answer.sportradar_id) for one in read(tmp_path)]
    assert numbers == list(range(numbers[0], 40)) and 5 < len(numbers) < 16
    assert all(one.row for one in read(tmp_path))  # what is left is understood without what is gone


def test_segments_of_an_earlier_process_count_and_go_first(tmp_path):
    """A restart does not start the count anew."""
    (tmp_path / "20261123T120000.000-1-00001.rec").write_bytes(noise(500))
    made = writer(tmp_path, max_bytes=600 * 1024)
    for number in range(4):
        made.write(entries(answered(noise(40, number), number)))
    made.close()
    assert min(path.name for path in tmp_path.iterdir()).startswith("20261124")


def test_a_segment_ends_after_an_hour(tmp_path):
    """Whole files leave by age, so a file must not span days."""
    clock = FakeClock()
    made = writer(tmp_path, clock)
    made.write(entries(registered()))
    clock.step_wall(SEGMENT_AGE.total_seconds())
    made.write(entries(answered()))
    made.write(entries(answered()))
    made.close()
    assert len(Recording(tmp_path).segments()) == 2


def test_segments_older_than_wanted_are_removed_and_others_are_not(tmp_path):
    """`record_changed_days` says for how long; 0 removes nothing, it only records nothing."""
    days: list[int] = [0]
    for name, age in (("a", 50), ("b", 20)):
        path = tmp_path / f"{name}.rec"
        path.write_bytes(b"")
        at = (START - timedelta(hours=age)).timestamp()
        os.utime(path, (at, at))
    made = SegmentWriter(
        tmp_path, BEGAN, FakeClock(), 1 << 30, lambda: timedelta(days=days[0]) if days[0] else None
    )
    made.tidy()
    assert len(list(tmp_path.iterdir())) == 2
    days[0] = 1
    made.tidy()
    assert [path.name for path in tmp_path.iterdir()] == ["b.rec"]


# --- the thread -----------------------------------------------------------------------------------------------


def test_everything_noted_is_in_the_recording_in_order(tmp_path):
    """Order is what makes a replay end in the same state."""
    recorder = Recorder(writer(tmp_path), FakeClock(), "order")
    for number in range(500):
        recorder.note(answered(str(number).encode(), number))
    recorder.stop()
    assert [one.answer.body for one in read(tmp_path)] == [str(number).encode() for number in range(500)]


def test_what_finds_no_room_is_lost_and_the_gap_is_recorded(tmp_path):
    """A slow disk costs entries, never a wait; the recording says where it has a hole."""
    disk = SlowDisk(tmp_path, BEGAN, FakeClock(), 1 << 30)
    recorder = Recorder(disk, FakeClock(), "slow", waiting_bytes=100 * 1024)
    before = lost("slow")
    for number in range(5):  # each about 40 KiB: two have room
        recorder.note(answered(noise(40, number), number))
    assert lost("slow") - before == 3
    disk.go.set()
    recorder.stop()
    recorder.note(answered(b"later", 5))
    recorder.stop()
    kinds = [one.inputs if isinstance(one, Lost) else one.answer.sportradar_id for one in read(tmp_path)]
    assert kinds == ["0", "1", 3, "5"]


def test_a_full_disk_is_said_once_and_recording_goes_on_when_there_is_room(tmp_path):
    """Nothing is raised, nothing else is touched."""
    clock = FakeClock()
    disk = FullDisk(tmp_path, BEGAN, clock, 1 << 30)
    recorder = Recorder(disk, clock, "full")
    before = lost("full")
    with capture_logs() as logs:
        for _ in range(2):
            recorder.note(registered())
            recorder.stop()  # returns when it was tried
        disk.full = False
        recorder.note(registered(2))
        recorder.stop()  # not tried again before RETRY_S
        assert read_or_nothing(tmp_path) == []
        clock._elapsed += RETRY_S
        recorder.note(registered(3))
        recorder.stop()
    assert [entry["event"] for entry in logs] == ["recording_failed", "recording_resumed"]
    assert lost("full") - before == 3
    assert read(tmp_path) == [Lost(3), registered(3)]


def read_or_nothing(folder) -> list[object]:
    return read(folder) if list(folder.glob("*.rec")) else []


def test_a_failed_write_leaves_what_was_written_before_readable(tmp_path, monkeypatch):
    """The frame that did not fit is a torn tail; the next write begins another file."""
    made = writer(tmp_path)
    made.write(entries(registered()))
    real_write = os.write

    def half(descriptor: int, data: bytes) -> int:
        if len(data) < 20:
            raise OSError(28, "No space left on device")
        return real_write(descriptor, data[: len(data) // 2])

    monkeypatch.setattr("overround.scraping.recording.os.write", half)
    with pytest.raises(OSError, match="No space"):
        made.write(entries(answered(noise(4))))
    monkeypatch.undo()
    made.write(entries(answered(b"after")))
    made.close()
    recording = Recording(tmp_path)
    found = [entry.record for entry in recording.entries()][1:]
    assert found[0] == registered() and found[1].answer.body == b"after" and found[1].row
    assert len(recording.torn) == 1


def test_only_what_is_wanted_is_recorded(tmp_path):
    """Two recordings may listen at once, each to its own part."""
    recorder = Recorder(
        writer(tmp_path), FakeClock(), "some", wants=lambda one: getattr(one, "changed", False)
    )
    for one in (registered(), answered(b"a", changed=False), answered(b"b")):
        recorder.note(one)
    recorder.stop()
    assert [one.answer.body for one in read(tmp_path)] == [b"b"]
