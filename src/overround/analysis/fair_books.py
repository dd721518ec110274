"""Fair probabilities of whole books, remembered: a market that changes is looked at before and after, and again."""

from functools import lru_cache

from overround.domain.fair import DEFAULT_METHOD, FairMethod, Probabilities, fair
from overround.errors import MarketIncomplete

KEPT = 32_768  # books; about 10 MB


@lru_cache(KEPT)
def fair_book(
    odds_milli: tuple[int, ...], winners: int, method: FairMethod = DEFAULT_METHOD
) -> Probabilities | None:
    """Return what `domain.fair.fair` does, None where it raises MarketIncomplete."""
    try:
        return fair([each / 1000 for each in odds_milli], winners, method)
    except MarketIncomplete:
        return None
