"""Bodies come back as they were sent, and nothing damaged, truncated or endless comes back at all."""

import contextlib
import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from overround.bookmakers.content_encoding import head, inflate
from tests.support.misbehaving_server import DATA, bomb

PACK = {
    "": lambda plain: plain,
    "identity": lambda plain: plain,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}
COMPRESSED = ["gzip", "deflate", "br", "zstd"]


def raw_deflate(plain: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(plain) + packer.flush()


@given(st.sampled_from(sorted(PACK)), st.binary(max_size=5000))
def test_every_encoding_gives_back_what_was_packed(encoding, plain):
    assert inflate(PACK[encoding](plain), encoding) == plain


def test_the_header_may_be_in_any_case_and_name_several_encodings():
    """RFC 9110: encodings are listed in the order in which they were applied."""
    assert inflate(gzip.compress(brotli.compress(DATA), mtime=0), "BR, GZip") == DATA


def test_bare_deflate_is_read_as_well():
    """Some servers send it without the zlib wrapping that the standard asks for."""
    assert inflate(raw_deflate(DATA), "deflate") == DATA


def test_a_gzip_body_may_have_several_members():
    assert inflate(gzip.compress(b"one", mtime=0) + gzip.compress(b"two", mtime=0), "gzip") == b"onetwo"


@given(st.sampled_from(COMPRESSED), st.integers(min_value=0, max_value=10_000))
def test_a_truncated_body_is_an_error_and_never_half_an_answer(encoding, cut):
    packed = PACK[encoding](DATA)
    with pytest.raises(ValueError, match=r"truncated|damaged"):
        inflate(packed[: cut % len(packed)], encoding)


@given(st.sampled_from(COMPRESSED), st.binary(min_size=1, max_size=300))
def test_garbage_is_a_value_error_or_by_chance_a_body(encoding, garbage):
    """Nothing else may come out: the caller counts it as a changed payload."""
    with contextlib.suppress(ValueError):
        inflate(garbage, encoding)
    head(garbage, encoding)


def test_a_damaged_gzip_body_fails_its_checksum():
    packed = bytearray(gzip.compress(DATA, mtime=0))
    packed[-6] ^= 1
    with pytest.raises(ValueError, match="damaged"):
        inflate(bytes(packed), "gzip")


@pytest.mark.parametrize("encoding", COMPRESSED)
def test_a_bomb_is_stopped_at_the_limit(encoding):
    """48 KB may stand for 50 MB; we stop after the first byte too many."""
    packed = bomb() if encoding == "gzip" else PACK[encoding](bytes(50 * 1024 * 1024))
    assert len(packed) < 60_000
    with pytest.raises(ValueError, match="more than 8388608 bytes"):
        inflate(packed, encoding)


@pytest.mark.parametrize("encoding", list(PACK))
def test_the_limit_itself_is_allowed(encoding):
    assert len(inflate(PACK[encoding](bytes(1000)), encoding, limit=1000)) == 1000
    with pytest.raises(ValueError, match="more than 999 bytes"):
        inflate(PACK[encoding](bytes(1000)), encoding, limit=999)


def test_an_unknown_encoding_is_refused():
    with pytest.raises(ValueError, match="unknown content-encoding 'compress'"):
        inflate(DATA, "compress")


@pytest.mark.parametrize("encoding", list(PACK))
def test_the_head_shows_how_a_body_begins(encoding):
    """Enough of it to tell a page from data without inflating it twice."""
    assert head(PACK[encoding](DATA), encoding).startswith(b'{"events":')


def test_the_head_of_a_damaged_body_is_empty():
    assert head(b"no gzip at all", "gzip") == b""
