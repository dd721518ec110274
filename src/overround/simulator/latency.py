"""How long a simulated bookmaker takes to answer: log-normal, from its median and its slowest twentieth."""

import math
from collections.abc import Mapping

import msgspec

from overround.simulator import chance

_SLOWEST_TWENTIETH = chance.normal_quantile(0.95)


class Latency(msgspec.Struct, frozen=True):
    """A bookmaker's time to answer in milliseconds."""

    p50_ms: float
    p95_ms: float

    def quantile_ms(self, share: float) -> float:
        """Return the time that this share of the answers stays below."""
        spread = math.log(self.p95_ms / self.p50_ms) / _SLOWEST_TWENTIETH
        return self.p50_ms * math.exp(spread * chance.normal_quantile(share))


# Source: measured answer times of the three main sites' detail calls; DESIGN.md section 10. The others were not
# measured: they answer like SportyBet.
DEFAULT: Mapping[str, Latency] = {
    "betpawa": Latency(340, 520),
    "sportybet": Latency(505, 980),
    "bet9ja": Latency(600, 840),
    **dict.fromkeys(("msport", "betway", "betika"), Latency(505, 980)),
}


class LatencyPlan:
    """Draws the time of each answer; the same seed gives each bookmaker the same row of times."""

    def __init__(
        self, factor: float = 1.0, seed: int = 1, by_bookmaker: Mapping[str, Latency] = DEFAULT
    ) -> None:
        """Scale every time by `factor`; 0 answers at once."""
        self._factor, self._seed, self._by_bookmaker = factor, seed, by_bookmaker
        self._answers: dict[str, int] = {}

    def next_ms(self, bookmaker: str) -> float:
        """Return how long the bookmaker's next answer takes."""
        if not self._factor or bookmaker not in self._by_bookmaker:
            return 0.0
        count = self._answers[bookmaker] = self._answers.get(bookmaker, 0) + 1
        share = chance.uniform(self._seed, f"latency|{bookmaker}|{count}")
        return self._factor * self._by_bookmaker[bookmaker].quantile_ms(share)


def parse_factor(text: str) -> float:
    """
    Return the factor that `--latency` means: default is 1, a number scales.

    Raises:
        ValueError: One sentence for the person who typed it.
    """
    if text == "default":
        return 1.0
    try:
        factor = float(text)
    except ValueError:
        factor = -1.0
    if not 0 <= factor <= 100:
        raise ValueError(f"--latency {text}: say default, 0 for none, or a factor up to 100")
    return factor
