"""
One market's prices as bytes: what `odds_current`, `odds_history` and the spool hold of them.

Odds: one varint (7 bits a byte, lowest first) of `odds_milli` per position, 0 = not offered; most take two bytes.
Masks: little-endian bytes without trailing zeros, so "nothing suspended" takes none and any number of outcomes fits.
"""

from collections.abc import Callable
from functools import cache
from struct import Struct
from typing import cast


def pack_odds(odds_milli: tuple[int, ...]) -> bytes:
    """
    Return the odds of every position as one byte string.

    >>> pack_odds((2410, 0, 3020)).hex()
    'ea1200cc17'
    """
    return b"".join(map(_VARINTS.__getitem__, odds_milli))


def unpack_odds(packed: bytes) -> tuple[int, ...]:
    """
    Return what `pack_odds` packed; equal prices up to 16.383 are one integer object in the whole process.

    Raises:
        ValueError: The bytes end inside a number.
    """
    # Nearly every price takes two bytes: then one table look-up per price, a third of the general way's time.
    # Nearly every market has two or three: spelled out, half of that.
    size = len(packed)
    if size == 4:
        one, two = _TWO(packed)
        odds = (_PAIRS[one], _PAIRS[two])
        if None not in odds:
            return cast(tuple[int, ...], odds)
    elif size == 6:
        one, two, three = _THREE(packed)
        odds = (_PAIRS[one], _PAIRS[two], _PAIRS[three])
        if None not in odds:
            return cast(tuple[int, ...], odds)
    elif not size & 1:
        odds = tuple(map(_PAIRS.__getitem__, _words(size // 2)(packed)))
        if None not in odds:
            return cast(tuple[int, ...], odds)
    return _unpack_any(packed)


def _unpack_any(packed: bytes) -> tuple[int, ...]:
    odds: list[int] = []
    value = shift = 0
    for byte in packed:
        value |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
        else:
            odds.append(value)
            value = shift = 0
    if shift:
        raise ValueError(f"packed odds {packed.hex()} end inside a number")
    return tuple(odds)


@cache
def _words(count: int) -> Callable[[bytes], tuple[int, ...]]:
    return Struct(f"<{count}H").unpack


def _pair(word: int) -> int | None:
    """Return the number that these two bytes are, None when they are not exactly one number."""
    low, high = word & 0xFF, word >> 8
    return low & 0x7F | high << 7 if low & 0x80 and not high & 0x80 else None


_TWO, _THREE = _words(2), _words(3)
_PAIRS = [_pair(word) for word in range(1 << 16)]


def pack_mask(mask: int) -> bytes:
    """Return the bits as bytes; a bit mask of an answer may be longer than a database integer."""
    return mask.to_bytes((mask.bit_length() + 7) // 8, "little") if mask else b""


def unpack_mask(packed: bytes) -> int:
    """Return what `pack_mask` packed."""
    return int.from_bytes(packed, "little") if packed else 0


class _Varints(dict[int, bytes]):
    """Number -> its varint; those of one or two bytes, nearly every price, are kept."""

    def __missing__(self, number: int) -> bytes:
        if number < 0:
            raise ValueError(f"odds {number} are negative")
        out, left = bytearray(), number
        while left > 0x7F:
            out.append(left & 0x7F | 0x80)
            left >>= 7
        out.append(left)
        if len(out) <= 2:
            self[number] = bytes(out)
        return bytes(out)


_VARINTS = _Varints()
