"""Damaged bodies: what a parser must survive, and what it may make of them."""

import copy
import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from overround.bookmakers.base import ParsedEvent
from overround.domain.markets import MAX_ODDS_MILLI

JUNK = st.sampled_from(
    [None, True, "", "x", "1.00", "NaN", "2,40", 0, -1, 1, 10**30, 1e300, -0.5, [], {}, [[]], {"v": 1}]
)


def believable(parsed: ParsedEvent) -> None:
    """Check that whatever was read are prices."""
    for market in parsed.markets.values():
        assert len(market.odds_milli) == len(market.names)
        assert all(odds == 0 or 1000 < odds <= MAX_ODDS_MILLI for odds in market.odds_milli)


@st.composite
def with_junk(draw: st.DrawFn, bodies: list[bytes]) -> bytes:
    """Return one of the bodies with up to three values replaced by junk."""
    document = json.loads(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(1, 3))):
        _replace_somewhere(document, lambda below: draw(st.integers(0, below - 1)), draw(JUNK))
    return json.dumps(document).encode()


@st.composite
def with_other_bytes(draw: st.DrawFn, bodies: list[bytes]) -> bytes:
    """Return one of the bodies cut short, or with a few bytes replaced."""
    body = bytearray(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(0, 4))):
        body[draw(st.integers(0, len(body) - 1))] = draw(st.integers(0, 255))
    return bytes(body[: draw(st.sampled_from([len(body), len(body) // 2, 1]))])


def _replace_somewhere(value: Any, choose: Callable[[int], int], junk: Any) -> None:
    """Put junk in place of one value, chosen by descending at random."""
    while isinstance(value, dict | list) and value:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = keys[choose(len(keys))]
        if not isinstance(value[key], dict | list) or choose(6) == 0:
            value[key] = copy.deepcopy(junk)
            return
        value = value[key]
