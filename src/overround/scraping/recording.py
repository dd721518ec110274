"""Recording: keeps what goes into intake in files, without ever making anyone wait for a disk."""

import os
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

import msgspec
import xxhash
import zstandard

from overround import metrics
from overround.clock import Clock
from overround.log import get_logger
from overround.scraping.acceptance import ListingId
from overround.scraping.inputs import Answered, Input, Registered, ScopedAnswered
from overround.scraping.recording_format import LEVEL, MAGIC, SUFFIX, Began, Entry, Lost, Record, frame

log = get_logger(__name__)

MIB = 1024 * 1024
SEGMENT_BYTES = 64 * MIB
SEGMENT_AGE = timedelta(hours=1)
GROUP_BYTES, GROUP_S = MIB, 1.0  # a frame holds about so much, and waits no longer for more
WAITING_BYTES = 64 * MIB  # for the disk; what comes on top is lost and counted
ENTRY_BYTES = 600  # of an entry without its body, about
RETRY_S = 30.0  # after a failed write
CHANGED_MAX_BYTES = 16 * 1024 * MIB  # of changed answers, however many days they are wanted for


class RecordTo(msgspec.Struct, frozen=True):
    """Where to record everything, and how much of it to keep."""

    folder: Path
    max_bytes: int


Keep = Callable[[], timedelta | None]  # how long segments are kept; None: until there is no room


class SegmentWriter:
    """Writes entries to segments and removes the oldest ones that are too many or too old. Blocks; not for the loop."""

    def __init__(
        self, folder: Path, began: Began, clock: Clock, max_bytes: int, keep: Keep = lambda: None
    ) -> None:
        self.folder, self._began, self._clock, self._max_bytes, self._keep = (
            folder,
            began,
            clock,
            max_bytes,
            keep,
        )
        self._segment_bytes = max(64 * 1024, min(SEGMENT_BYTES, max_bytes // 8))
        self._compressor = zstandard.ZstdCompressor(level=LEVEL)
        self._serial = self._size = 0
        self._path: Path | None = None
        self._descriptor = -1
        self._opened_at = clock.now()
        self._told: set[ListingId] = set()  # listings whose row this segment holds
        self._bodies: dict[
            tuple[str, str, str], int
        ] = {}  # listing and endpoint -> hash of the last body here

    def write(self, entries: Sequence[Entry]) -> int:
        """
        Append entries, durable against the end of this process; return how many bytes that took.

        Raises:
            OSError: They are not, or not wholly, written; the segment is over, the next call begins another.
        """
        try:
            if self._path is None:
                self._open()
            packed = frame([self._shortened(entry) for entry in entries], self._compressor)
            _write_all(self._descriptor, packed)
        except OSError:
            self.close()
            raise
        self._size += len(packed)
        if self._size >= self._segment_bytes or self._clock.now() - self._opened_at >= SEGMENT_AGE:
            self.close()
        self.tidy()
        return len(packed)

    def close(self) -> None:
        """End the segment that is open."""
        if self._path is not None:
            with suppress(OSError):
                os.close(self._descriptor)
            self._path = None

    def tidy(self) -> None:
        """Remove the oldest segments that are too old, or too many for the room; never the one that is open."""
        sizes: list[tuple[Path, int, float]] = []
        for path in sorted(self.folder.glob(f"*{SUFFIX}")):
            with suppress(OSError):
                found = path.stat()
                sizes.append((path, found.st_size, found.st_mtime))
        total, keep = sum(size for _, size, _ in sizes), self._keep()
        oldest = (self._clock.now() - keep).timestamp() if keep is not None else 0.0
        for path, size, written_at in sizes:
            if path != self._path and (total > self._max_bytes or written_at < oldest):
                with suppress(OSError):
                    path.unlink()
                    total -= size

    def _open(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._serial += 1
        path = self.folder / f"{self._began.session}-{self._serial:05d}{SUFFIX}"
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._path, self._opened_at = path, self._clock.now()
        self._told.clear()
        self._bodies.clear()
        begin = MAGIC + frame([Entry(self._opened_at, self._began)], self._compressor)
        _write_all(self._descriptor, begin)
        self._size = len(begin)

    def _shortened(self, entry: Entry) -> Entry:
        """Leave out what this segment holds already: rows of listings, bodies equal to the last one."""
        record = entry.record
        if isinstance(record, Registered):
            self._told.update((record.sportradar_id, bookmaker) for bookmaker in record.rows)
            return entry
        if not isinstance(record, Answered | ScopedAnswered):
            return entry
        listing_id = (record.answer.sportradar_id, record.answer.bookmaker)
        row = None if listing_id in self._told else record.row
        self._told.add(listing_id)
        if isinstance(record, ScopedAnswered):
            return Entry(entry.at, msgspec.structs.replace(record, row=row))
        answer = record.answer
        key, digest = (*listing_id, answer.endpoint), xxhash.xxh3_128_intdigest(answer.body)
        same = self._bodies.get(key) == digest
        self._bodies[key] = digest
        if same:
            answer = msgspec.structs.replace(answer, body=b"")
        return Entry(entry.at, msgspec.structs.replace(record, answer=answer, row=row, same_body=same))


class Recorder:
    """Hears what goes into intake and hands it to a thread that writes; nobody ever waits for it."""

    def __init__(
        self,
        writer: SegmentWriter,
        clock: Clock,
        label: str,
        wants: Callable[[Input], bool] = lambda _: True,
        waiting_bytes: int = WAITING_BYTES,
    ) -> None:
        """`label` names the recording in metrics; `wants` chooses what is kept."""
        self._writer, self._clock, self._label, self._wants = writer, clock, label, wants
        self._room_bytes = waiting_bytes
        self._waiting: queue.SimpleQueue[tuple[Entry, int] | None] = queue.SimpleQueue()
        self._noted_bytes = self._done_bytes = 0  # each changed by one thread only
        self._unrecorded = 0  # lost for want of room since the last entry that was handed on
        self._failed = 0  # lost because writing failed, since it last worked
        self._failing_until: float | None = None
        self._thread: threading.Thread | None = None

    def note(self, taken_in: Input) -> None:
        """Take one input to be written; what finds no room is lost and counted."""
        if not self._wants(taken_in):
            return
        size = _size(taken_in)
        if self._noted_bytes - self._done_bytes + size > self._room_bytes:
            self._unrecorded += 1
            metrics.RECORDING_LOST.labels(self._label).inc()
            return
        if self._unrecorded:
            self._hand_on(Lost(self._unrecorded), 0)
            self._unrecorded = 0
        self._hand_on(taken_in, size)

    def tidy(self) -> None:
        """Remove what is too old, also when nothing is written; blocks, not for the loop."""
        self._writer.tidy()

    def stop(self) -> None:
        """Write what was noted and end the thread; blocks for as long as the disk takes."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._waiting.put(None)
            thread.join()
        self._writer.close()

    def _hand_on(self, record: Record, size: int) -> None:
        self._noted_bytes += size
        self._waiting.put((Entry(self._clock.now(), record), size))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=f"recording-{self._label}", daemon=True)
            self._thread.start()

    # --- in the thread ------------------------------------------------------------------------------------

    def _work(self) -> None:
        goes_on = True
        while goes_on:
            entries, size, goes_on = self._collect()
            try:
                self._write(entries)
            except Exception:  # our own fault must not end the recording, or anything else
                log.exception("recording_crashed", recording=self._label)
                self._count_lost(entries)
            self._done_bytes += size

    def _collect(self) -> tuple[list[Entry], int, bool]:
        """Return what makes one frame, its size, and whether more is to come."""
        entries: list[Entry] = []
        size, until = 0, None
        while size < GROUP_BYTES:
            try:
                waited = self._waiting.get(timeout=None if until is None else max(0.0, until - monotonic()))
            except queue.Empty:
                break
            if waited is None:
                return entries, size, False
            entries.append(waited[0])
            size += waited[1]
            until = until or monotonic() + GROUP_S
        return entries, size, True

    def _write(self, entries: list[Entry]) -> None:
        if not entries:
            return
        if self._failing_until is not None and self._clock.monotonic() < self._failing_until:
            self._count_lost(entries)
            return
        lost = [Entry(entries[0].at, Lost(self._failed))] if self._failed else []
        try:
            written = self._writer.write([*lost, *entries])
        except OSError as exc:
            self._fail(entries, exc)
            return
        if self._failing_until is not None:
            log.info("recording_resumed", recording=self._label, lost=self._failed)
        self._failing_until, self._failed = None, 0
        metrics.RECORDED_BYTES.labels(self._label).inc(written)
        metrics.RECORDED_INPUTS.labels(self._label).inc(len(entries))

    def _fail(self, entries: list[Entry], exc: OSError) -> None:
        if self._failing_until is None:
            reason = exc.strerror or str(exc)
            log.warning(
                "recording_failed", recording=self._label, folder=str(self._writer.folder), reason=reason
            )
        self._failing_until = self._clock.monotonic() + RETRY_S
        self._count_lost(entries)

    def _count_lost(self, entries: list[Entry]) -> None:
        self._failed += len(entries)
        metrics.RECORDING_LOST.labels(self._label).inc(len(entries))


def session_name(at: datetime, process: int) -> str:
    """
    Return the name of a session, which sorts by its start.

    >>> session_name(datetime(2026, 11, 24, 12, 0, 0, 5000), 42)
    '20261124T120000.005-42'
    """
    return f"{at:%Y%m%dT%H%M%S}.{at.microsecond // 1000:03d}-{process}"


def _size(taken_in: Input) -> int:
    return ENTRY_BYTES + (len(taken_in.answer.body) if isinstance(taken_in, Answered) else 0)


def _write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
