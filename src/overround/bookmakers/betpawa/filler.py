"""Market types that nobody else has: what a simulated body holds where its world wants more than the catalogue's."""

from collections.abc import Iterator
from zlib import crc32

from overround.bookmakers.base import Quote
from overround.bookmakers.betpawa.display import Display

_FIRST_ID = 99_900_001  # above every id in the captured answers
_PRIORITY = 3000  # below everything else
_OUTCOMES = (("Yes", "No"), ("A", "B", "C"), tuple("ABCDEFGH"))  # 4.3 a market, as in the captured answers


def further_markets(event_id: str, count: int) -> Iterator[tuple[Display, dict[str, Quote]]]:
    """Return so many market types of one group each, with prices that depend on event and market only."""
    for number in range(count):
        outcomes = _OUTCOMES[number % len(_OUTCOMES)]
        display = Display(
            str(_FIRST_ID + 100 * number), f"House Special {number + 1}", _PRIORITY + number, "specials",
            2 if len(outcomes) == 2 else 3, "",
        )  # fmt: skip
        yield display, _quotes(f"{event_id}|{display.id}", outcomes)


def _quotes(seed: str, outcomes: tuple[str, ...]) -> dict[str, Quote]:
    """Return a book of 107 %."""
    state = crc32(seed.encode())
    weights: list[int] = []
    for _ in outcomes:
        state = (state * 1_103_515_245 + 12_345) & 0x7FFF_FFFF
        weights.append(5 + (state >> 8) % 95)
    whole = sum(weights) / 1.07
    return {
        name: Quote(max(101, round(100 * whole / weight)) * 10)
        for name, weight in zip(outcomes, weights, strict=True)
    }
