"""A recording is read as far as it is whole, and says where it is not."""

import msgspec
import pytest
import zstandard

from overround.errors import ConfigError
from overround.scraping.inputs import Evicted, Moved, RunNoted
from overround.scraping.recording_format import MAGIC, Began, Lost, Recording, frame
from tests.support.changes import run_report
from tests.support.clock import START
from tests.support.recorded import BEGAN, answered, entries, inputs_of, read, registered, writer, written


def test_every_kind_of_input_comes_back_as_it_went_in(tmp_path):
    """What was recorded is what is replayed."""
    inputs = [
        registered(),
        answered(b"\x1f\x8b body", changed=False),
        Moved("1", "betpawa", "withdrawn", START),
        Evicted(("1", "2")),
        RunNoted(run_report()),
        Lost(3),
    ]
    written(tmp_path, *inputs)
    expected = [*inputs]
    expected[1] = msgspec.structs.replace(inputs[1], row=None)  # the registration told of the listing
    assert read(tmp_path) == expected


def test_an_equal_body_is_kept_once_per_segment_and_comes_back_whole(tmp_path):
    """Most answers of a run equal those of the run before."""
    body = bytes(range(256)) * 40
    written(tmp_path, answered(body), answered(body), answered(b"other"), answered(body))
    assert [one.answer.body for one in read(tmp_path)] == [body, body, b"other", body]
    (segment,) = Recording(tmp_path).segments()
    assert not any(one.same_body for one in read(tmp_path))
    assert segment.stat().st_size < 2 * len(body)


def test_the_first_answer_of_a_listing_in_a_segment_tells_of_the_listing(tmp_path):
    """Segments before it may be gone."""
    made = writer(tmp_path)
    made.write(entries(answered(), answered()))
    made.close()  # the next write begins a segment
    made.write(entries(answered(), answered()))
    made.close()
    assert [one.row is not None for one in read(tmp_path)] == [True, False, True, False]


def test_a_torn_tail_is_read_up_to_the_tear(tmp_path):
    """Wherever a crash cut the file: every whole frame is there, nothing else, and the tear is named."""
    written(tmp_path, registered(), answered(b"first"), answered(b"second"))
    (segment,) = Recording(tmp_path).segments()
    whole, everything = segment.read_bytes(), read(tmp_path)
    ends = _frame_ends(whole)
    for length in range(len(whole)):
        segment.write_bytes(whole[:length])
        recording = Recording(tmp_path)
        found = list(inputs_of(recording.entries()))
        frames = sum(end <= length for end in ends)
        assert found == everything[: max(0, frames - 1)]  # the first frame says whose recording it is
        assert recording.torn == ([] if length in (len(MAGIC), *ends) else [segment.name])


def _frame_ends(whole: bytes) -> list[int]:
    """Return the file lengths at which a frame ends."""
    ends, at = [], len(MAGIC)
    while at < len(whole):
        at += 12 + int.from_bytes(whole[at : at + 4], "big")
        ends.append(at)
    return ends


def test_a_damaged_frame_ends_its_segment_and_no_other(tmp_path):
    """A flipped bit must not become a price."""
    for number in (1, 2):
        made = writer(tmp_path, session=msgspec.structs.replace(BEGAN, session=f"session-{number}"))
        made.write(entries(registered(number)))
        made.write(entries(answered(number=number)))
        made.close()
    first, _ = Recording(tmp_path).segments()
    damaged = bytearray(first.read_bytes())
    damaged[-3] ^= 0xFF
    first.write_bytes(damaged)
    recording = Recording(tmp_path)
    assert len(list(inputs_of(recording.entries()))) == 3
    assert recording.torn == [first.name]


def test_an_entry_of_another_shape_ends_its_segment(tmp_path):
    """A whole frame may still hold what this version does not know."""
    written(tmp_path, registered())
    (segment,) = Recording(tmp_path).segments()
    unknown = frame([{"at": START, "record": {"type": "rumour"}}], zstandard.ZstdCompressor())  # type: ignore[list-item]
    segment.write_bytes(segment.read_bytes() + unknown)
    recording = Recording(tmp_path)
    assert len(list(inputs_of(recording.entries()))) == 1
    assert recording.torn == [segment.name]


def test_a_frame_that_would_inflate_without_end_is_refused(tmp_path, monkeypatch):
    """A recording may come from somebody else."""
    monkeypatch.setattr("overround.scraping.recording_format.MAX_FRAME_BYTES", 100_000)
    written(tmp_path, registered(), answered(bytes(200_000)))
    recording = Recording(tmp_path)
    assert len(list(inputs_of(recording.entries()))) == 1
    assert recording.torn


def test_a_session_begins_once_however_many_segments_it_has(tmp_path):
    """A new process begins a new session, a new file does not."""
    for session in ("a", "b"):
        made = writer(tmp_path, session=msgspec.structs.replace(BEGAN, session=session))
        for _ in range(2):
            made.write(entries(answered()))
            made.close()
    began = [e.record.session for e in Recording(tmp_path).entries() if isinstance(e.record, Began)]
    assert began == ["a", "b"] == [one.session for one in Recording(tmp_path).sessions()]


@pytest.mark.parametrize("content", [b"OVRREC9\n", b"something else"])
def test_a_file_of_another_version_is_refused(tmp_path, content):
    """Guessing at a format helps nobody."""
    (tmp_path / "x.rec").write_bytes(content)
    with pytest.raises(ConfigError, match="no recording that this version"):
        list(Recording(tmp_path).entries())


def test_an_empty_folder_is_no_recording(tmp_path):
    """A mistyped path is said at once."""
    with pytest.raises(ConfigError, match="holds no recording"):
        Recording(tmp_path / "nowhere").sessions()
