"""Bookmakers by code: the one place that knows which folders exist."""

from collections.abc import Callable

from overround.bookmakers.base import Bookmaker
from overround.bookmakers.bet9ja.client import Bet9ja
from overround.bookmakers.betpawa.client import BetPawa
from overround.bookmakers.sportpesa.client import SportPesa
from overround.bookmakers.sportybet.client import SportyBet
from overround.domain.catalogue import Catalogue

# constructor(catalogue, base_url, country); base_url "" means the bookmaker's own hosts
_CREATE: dict[str, Callable[[Catalogue, str, str], Bookmaker]] = {
    "betpawa": BetPawa,
    "sportybet": SportyBet,
    "bet9ja": Bet9ja,
    "sportpesa": SportPesa,  # parsed only: config.PARSED_ONLY keeps it from being enabled
}


def create(code: str, catalogue: Catalogue, base_url: str = "", country: str = "ng") -> Bookmaker:
    """
    Return the bookmaker of this code.

    Raises:
        ConfigError: The bookmaker does not serve that country.
        KeyError: Unknown code; `config` checks codes before.
    """
    return _CREATE[code](catalogue, base_url, country)
