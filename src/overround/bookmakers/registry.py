"""Bookmakers by code: the one place that knows which folders exist."""

from collections.abc import Callable

from overround.bookmakers.base import Bookmaker
from overround.bookmakers.bet9ja.client import Bet9ja
from overround.bookmakers.betika.client import Betika
from overround.bookmakers.betpawa.client import BetPawa
from overround.bookmakers.betway.client import Betway
from overround.bookmakers.msport.client import MSport
from overround.bookmakers.sportpesa.client import SportPesa
from overround.bookmakers.sportybet.client import SportyBet
from overround.domain.catalogue import Catalogue

# constructor(catalogue, base_url, country); base_url "" means the bookmaker's own hosts, no country its usual one
_CREATE: dict[str, Callable[..., Bookmaker]] = {
    "betpawa": BetPawa,
    "sportybet": SportyBet,
    "bet9ja": Bet9ja,
    "msport": MSport,
    "betway": Betway,
    "betika": Betika,
    "sportpesa": SportPesa,  # parsed only: config.PARSED_ONLY keeps it from being enabled
}


def create(code: str, catalogue: Catalogue, base_url: str = "", country: str = "") -> Bookmaker:
    """
    Return the bookmaker of this code, in its usual country where none is given.

    Raises:
        ConfigError: The bookmaker does not serve that country.
        KeyError: Unknown code; `config` checks codes before.
    """
    make = _CREATE[code]
    return make(catalogue, base_url, country) if country else make(catalogue, base_url)
