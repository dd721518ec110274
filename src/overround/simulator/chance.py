"""Chance that repeats: numbers drawn from names, so the same seed always tells the same world."""

from statistics import NormalDist

import xxhash

_NORMAL = NormalDist()
_SPAN = float(1 << 64)


def uniform(seed: int, name: str) -> float:
    """Return the number in (0, 1) that belongs to this name; other names and seeds give unrelated ones."""
    return (xxhash.xxh3_64_intdigest(name.encode(), seed & 0xFFFF_FFFF_FFFF_FFFF) + 0.5) / _SPAN


def normal(seed: int, name: str) -> float:
    """Return the standard normal number that belongs to this name."""
    return normal_quantile(uniform(seed, name))


def normal_quantile(share: float) -> float:
    """Return the value below which that share of a standard normal lies; 0 < share < 1."""
    return _NORMAL.inv_cdf(min(max(share, 1e-12), 1 - 1e-12))
