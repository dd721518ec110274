"""Content encodings: bodies as received -> plain bytes, with a cap that no bomb gets past."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import brotli  # pyright: ignore[reportMissingTypeStubs]
import zstandard
from isal import isal_zlib

MAX_BODY_BYTES = 8 * 1024 * 1024  # inflated, and therefore compressed as well

_STEP_BYTES = 1024 * 1024
# A zstd block of 4 bytes can stand for 128 KiB, so 256 bytes grow to 8 MiB at most.
_ZSTD_STEP_BYTES = 256
_GZIP, _RAW_DEFLATE, _ZLIB = 31, -15, 15  # window bits as zlib counts them

# These two come without usable types.
_isal: Any = isal_zlib
_brotli_library: Any = brotli
_DAMAGED: tuple[type[Exception], ...] = (_isal.error, _brotli_library.error, zstandard.ZstdError)


def inflate(body: bytes, encoding: str, limit: int = MAX_BODY_BYTES) -> bytes:
    """
    Return the body without its content-encoding. Pure; never holds much more than `limit` bytes.

    Raises:
        ValueError: Truncated, damaged, larger than `limit` when inflated, or an encoding we did not ask for.
    """
    plain = body
    for name in reversed(_names(encoding)):
        if name not in _INFLATE:
            raise ValueError(f"unknown content-encoding {name!r}")
        try:
            plain = _INFLATE[name](plain, limit)
        except _DAMAGED as exc:
            raise ValueError(f"damaged {name} body: {exc}") from exc
        if len(plain) > limit:
            break
    if len(plain) > limit:
        raise ValueError(f"the body inflates to more than {limit} bytes")
    return plain


def head(body: bytes, encoding: str) -> bytes:
    """Return the first few inflated bytes, b"" when they can't be had: `inflate` says why."""
    names = _names(encoding)
    if len(names) > 1:
        return b""
    try:
        return _HEAD.get(names[0] if names else "identity", _no_head)(body[:512])
    except _DAMAGED:
        return b""


def _names(encoding: str) -> list[str]:
    return [name for part in encoding.split(",") if (name := part.strip().lower())]


def _identity(body: bytes, limit: int) -> bytes:
    return body


def _gzip(body: bytes, limit: int) -> bytes:
    return _deflated(body, limit, _GZIP)


def _deflate(body: bytes, limit: int) -> bytes:
    return _deflated(body, limit, _deflate_bits(body))


def _deflate_bits(body: bytes) -> int:
    # Some servers send bare deflate under this name, others wrap it in zlib as RFC 9110 says.
    wrapped = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return _ZLIB if wrapped else _RAW_DEFLATE


def _deflated(body: bytes, limit: int, window_bits: int) -> bytes:
    plain = b""
    while True:  # a gzip body may consist of several members
        stream = _isal.decompressobj(window_bits)
        part: bytes = stream.decompress(body, limit + 1 - len(plain))
        plain = plain + part if plain else part
        if len(plain) > limit:
            return plain
        if not stream.eof:
            raise ValueError("truncated body")
        body = stream.unused_data
        if not body:
            return plain


def _brotli(body: bytes, limit: int) -> bytes:
    stream = _brotli_library.Decompressor()
    chunks: list[bytes] = [stream.process(body, output_buffer_limit=_STEP_BYTES)]
    size = len(chunks[0])
    while not stream.is_finished() and size <= limit:
        chunks.append(stream.process(b"", output_buffer_limit=_STEP_BYTES))
        size += len(chunks[-1])
        if not chunks[-1]:
            raise ValueError("truncated body")
    return b"".join(chunks)


def _zstd(body: bytes, limit: int) -> bytes:
    stream = zstandard.ZstdDecompressor(max_window_size=MAX_BODY_BYTES).decompressobj()
    chunks: list[bytes] = []
    size = 0
    for start in range(0, len(body), _ZSTD_STEP_BYTES):
        chunks.append(stream.decompress(body[start : start + _ZSTD_STEP_BYTES]))
        size += len(chunks[-1])
        if stream.eof or size > limit:
            break
    if not stream.eof and size <= limit:
        raise ValueError("truncated body")
    return b"".join(chunks)


def _no_head(body: bytes) -> bytes:
    return b""


_INFLATE: dict[str, Callable[[bytes, int], bytes]] = {
    "identity": _identity, "gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd,
}  # fmt: skip
_HEAD: dict[str, Callable[[bytes], bytes]] = {
    "identity": lambda body: body[:64],
    "gzip": lambda body: _isal.decompressobj(_GZIP).decompress(body, 64),
    "x-gzip": lambda body: _isal.decompressobj(_GZIP).decompress(body, 64),
    "deflate": lambda body: _isal.decompressobj(_deflate_bits(body)).decompress(body, 64),
    "br": lambda body: _brotli_library.Decompressor().process(body, output_buffer_limit=64),
    "zstd": lambda body: zstandard.ZstdDecompressor().stream_reader(BytesIO(body)).read(64),
}
