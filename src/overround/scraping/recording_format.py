"""
How a recording lies on disk, and how it is read back.

A folder holds segments `<start of the session>-<process>-<serial>.rec`, in the order of their names:

    OVRREC1\\n                                    format and version, 8 bytes
    length (4 bytes), xxh3 (8 bytes), zstd       a frame; big endian, the hash is that of the compressed bytes
    length, xxh3, zstd                           ...

A frame inflates to entries, each its length (4 bytes, big endian) and msgpack with field names. Segments are only
appended to, and each is understood alone: its first entry says whose it is, the first answer of a listing carries
the listing's row, and a body is left out only when the same segment holds it. Whatever ends in the middle of a
frame (a crash, a full disk) is read up to there.
"""

from collections.abc import Generator, Iterable
from datetime import datetime
from pathlib import Path
from struct import Struct as Layout
from typing import BinaryIO

import msgspec
import xxhash
import zstandard

from overround.config import World
from overround.errors import ConfigError
from overround.scraping.inputs import Answered, Evicted, Moved, Registered, RunNoted, ScopedAnswered

MAGIC = b"OVRREC1\n"
SUFFIX = ".rec"
LEVEL = 1  # bodies come compressed: a higher level costs time and finds nothing
MAX_FRAME_BYTES = 64 * 1024 * 1024  # inflated; a recording may come from someone else

_FRAME = Layout(">IQ")
_LENGTH = Layout(">I")


class Began(msgspec.Struct, frozen=True, tag="began"):
    """Whose inputs follow: one process, from start to end, is one session."""

    session: str
    world: World
    countries: dict[str, str]  # bookmaker -> the country whose site is read
    build: str = ""


class Lost(msgspec.Struct, frozen=True, tag="lost"):
    """Inputs that are missing here: the disk did not keep up, or refused."""

    inputs: int


Record = Began | Lost | Registered | Answered | ScopedAnswered | Moved | Evicted | RunNoted


class Entry(msgspec.Struct, frozen=True):
    """One record and when it was made."""

    at: datetime
    record: Record


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Entry).decode


def frame(entries: Iterable[Entry], compressor: zstandard.ZstdCompressor) -> bytes:
    """Return entries as one frame."""
    plain = bytearray()
    for entry in entries:
        encoded = _encode(entry)
        plain += _LENGTH.pack(len(encoded))
        plain += encoded
    packed = compressor.compress(plain)
    return _FRAME.pack(len(packed), xxhash.xxh3_64_intdigest(packed)) + packed


class Recording:
    """
    The segments of a folder, read in order.

    `torn` names, once everything was read, the segments that end in the middle.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.torn: list[str] = []

    def segments(self) -> list[Path]:
        """
        Return the files, oldest first.

        Raises:
            ConfigError: There are none.
        """
        found = sorted(self.folder.glob(f"*{SUFFIX}")) if self.folder.is_dir() else []
        if not found:
            raise ConfigError("replay", f"{self.folder} holds no recording")
        return found

    def sessions(self) -> list[Began]:
        """
        Return who recorded here, oldest first, one entry per session.

        Raises:
            ConfigError: No recording, or one of another version.
        """
        began: dict[str, Began] = {}
        for path in self.segments():
            for entry in self._entries(path):
                if isinstance(entry.record, Began):
                    began.setdefault(entry.record.session, entry.record)
                break
        self.torn.clear()
        return list(began.values())

    def entries(self) -> Generator[Entry]:
        """
        Yield every entry with whole bodies, and one `Began` per session.

        Raises:
            ConfigError: No recording, or one of another version.
        """
        session = ""
        for path in self.segments():
            bodies: dict[tuple[str, str, str], bytes] = {}
            for entry in self._entries(path):
                if isinstance(entry.record, Began):
                    if entry.record.session == session:
                        continue
                    session = entry.record.session
                yield _with_body(entry, bodies)

    def _entries(self, path: Path) -> Generator[Entry]:
        with path.open("rb") as file:
            head = file.read(len(MAGIC))
            if head != MAGIC:
                if MAGIC.startswith(head):  # torn in its first bytes
                    self.torn.append(path.name)
                    return
                raise ConfigError("replay", f"{path} is no recording that this version of Overround can read")
            for plain in self._frames(file, path.name):
                try:
                    entries = _unpacked(plain)
                except (msgspec.DecodeError, ValueError):
                    self.torn.append(path.name)
                    return
                yield from entries

    def _frames(self, file: BinaryIO, name: str) -> Generator[bytes]:
        decompressor = zstandard.ZstdDecompressor()
        while head := file.read(_FRAME.size):
            length, digest = _FRAME.unpack(head) if len(head) == _FRAME.size else (0, 0)
            packed = file.read(length) if 0 < length <= MAX_FRAME_BYTES else b""
            try:
                if len(packed) != length or xxhash.xxh3_64_intdigest(packed) != digest:
                    raise ValueError("torn")
                if zstandard.frame_content_size(packed) > MAX_FRAME_BYTES:
                    raise ValueError("too large")
                plain = decompressor.decompress(packed)
            except (ValueError, zstandard.ZstdError):
                self.torn.append(name)
                return
            yield plain


def _unpacked(plain: bytes) -> list[Entry]:
    entries: list[Entry] = []
    start = 0
    while start < len(plain):
        if start + _LENGTH.size > len(plain):
            raise ValueError("an entry ends in its length")
        (length,) = _LENGTH.unpack_from(plain, start)
        start += _LENGTH.size
        entries.append(_decode(plain[start : start + length]))
        start += length
    return entries


def _with_body(entry: Entry, bodies: dict[tuple[str, str, str], bytes]) -> Entry:
    """Return the entry with its body put back where it was left out; remembers bodies of the segment."""
    record = entry.record
    if not isinstance(record, Answered):
        return entry
    answer = record.answer
    key = (answer.sportradar_id, answer.bookmaker, answer.endpoint)
    if not record.same_body:
        bodies[key] = answer.body
        return entry
    whole = msgspec.structs.replace(answer, body=bodies.get(key, b""))
    return Entry(entry.at, msgspec.structs.replace(record, answer=whole, same_body=False))
